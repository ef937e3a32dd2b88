"""A grid of texts as an exhibit: heads, rows of terms with what stands below them, rows about whole columns, panels, notes.

Every text of the body with a digit ends in a cell, in a statistic, or in `not_understood`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from parity.logs.aligned import TextLine, pasted_sheet
from parity.logs.claims import claims
from parity.logs.exhibit import Cell, CellKind, Exhibit, Notes, NotUnderstood, Place, StatisticRow, TermRow
from parity.logs.grid_cells import Content, decimal_comma
from parity.logs.heads import Heads, heads_of
from parity.logs.labels import SURE, heads_effects, is_panel, is_yes_no, row_statistic
from parity.logs.numbers import table_cell
from parity.logs.parts import TITLE, body_start, headings, parts
from parity.logs.row import NO_HEAD, Line, label_columns, line_of, unread_heads
from parity.logs.sheet import Item, Sheet, is_note
from parity.logs.star_marks import all_ranked
from parity.printed.cells import CLOSING, Token
from parity.printed.table import kind_of_row

#: Words that are meant as numbers: `8 / 26 (31%)`, `0.3x2`, `0'57**`; not `2SLS`.
_MEANT = re.compile(
    r"[-+(\[]*\.?\d[\d.,]*\s*(?:[/(%,;:<>-].*)?|[-+(\[]*\d*\.\d.*|[-+(\[]*\d(?:\d|[^\w])*|[-+(\[]*[OolI]\.\d.*"
)
#: What a bracket that nothing announces is called.
#: Numbers that a grid without named rows has at least to be worth saying.
_LEAST = 2
_OPEN: dict[str, CellKind] = {"[": "["}


@dataclass
class _Row:
    label: str
    heading: str
    panel: str
    place: Place
    cells: list[list[Cell]]
    below: bool = False


@dataclass
class _Reading:
    """An exhibit while its rows are read."""

    groups: list[list[int]]
    notes: Notes
    kinds: list[str]
    estimates: bool
    file: str
    rows: list[_Row] = field(default_factory=list)
    statistics: list[StatisticRow] = field(default_factory=list)
    lost: list[NotUnderstood] = field(default_factory=list)
    panels: list[str] = field(default_factory=list)
    panel: str = ""
    heading: str = ""
    used: bool = False
    open: str = ""


def exhibits(sheet: Sheet, file: str, first: int = 1) -> Iterator[Exhibit]:
    """The tables of a grid: one, or one for each heading that begins anew below the notes of another."""
    if sheet.width == 1:  # a table whose cells are only apart by blanks
        lines = [TextLine(row[0].place.line, row[0].text) for row in sheet.rows if row[0] is not None]
        pasted = pasted_sheet(lines, file)
        if pasted is None:
            return
        sheet = replace(
            pasted, format=sheet.format, place=sheet.place, title=sheet.title, below=(*pasted.below, *sheet.below)
        )
    comma = decimal_comma(sheet)
    labels = label_columns(sheet, comma)
    lines = [line_of(row, labels, comma, sheet.place) for row in sheet.rows]
    lines = [line for line in lines if line.text]
    tables = list(parts(lines))
    for k, part in enumerate(tables):
        noted = next((held for held in tables[k + 1 :] if any(line.note for line in held)), [])  # of the next alone
        below = [Item(line.text, line.place) for line in noted if line.note]
        if any(line.note for line in part):
            below = []
        last = k + 1 == len(tables) or not (below or any(line.note for line in part))
        made = _exhibit(
            part, sheet, file, first + k, sheet.above if k == 0 else (), [*below, *(sheet.below if last else ())]
        )
        if made is not None:
            yield made


# ---------------------------------------------------------------- one exhibit


def _exhibit(
    lines: Sequence[Line], sheet: Sheet, file: str, number: int, above: Sequence[Item], below: Sequence[Item]
) -> Exhibit | None:
    start = body_start(lines)
    if start is None:
        return _nothing(lines, sheet, file, number, [*above, *below])
    head, body = lines[:start], list(lines[start:])
    noted = [Item(line.text, line.place) for line in lines if line.note]
    last = max(i for i, line in enumerate(body) if (line.numbers or line.words) and not line.note)
    trailing = [Item(line.text, line.place) for line in body[last + 1 :] if not is_note(line.text)]
    notes = claims([*(item for item in above if is_note(item.text)), *noted, *trailing, *below])
    heads = heads_of(head, body)
    starred = any(t.text.endswith("*") or c.stars for line in body for c in line.cells for t in (c.tokens or [Token("")]))
    brackets = any(t.bracket for line in body for c in line.cells for t in c.tokens)
    estimates = heads.wide or starred or brackets or bool(notes.brackets)
    read = _Reading(heads.groups, notes, heads.kinds, estimates, file)
    # what heads columns is no title: below it a lone text heads rows, as an equation of the first of several
    named = next((i for i, line in enumerate(head) if not line.alone or (not line.label and line.spans == 1)), len(head))
    for line in head[named:]:
        if line.alone and (line.label or line.spans > 1) and not line.numbers and not is_note(line.text):
            _worded(read, line)
    numbered = headings(lines)
    for i, line in enumerate(body):
        if i > last or line.note or i + start in numbered:  # or columns numbered again at a new panel
            continue
        _take(read, line, body[i + 1 :], heads)
    title = sheet.title
    titled = next(
        (line.text for line in head if line.alone and (TITLE.match(line.text) or line is head[0]) and len(line.text) > 3),
        "",
    )
    rows = tuple(
        TermRow(r.label, tuple(all_ranked(c, notes.stars) for c in r.cells), r.place, r.panel, r.heading) for r in read.rows
    )  # fmt: skip
    made = Exhibit(
        file=file, format=sheet.format, number=number, place=lines[0].place, kind="estimates" if estimates else "values",
        columns=heads.columns, rows=rows, statistics=tuple(read.statistics), title=title or _entitled(titled, heads),
        panels=tuple(dict.fromkeys(read.panels)), notes=notes, writer=sheet.writer, not_understood=tuple(read.lost),
    )  # fmt: skip
    return replace(made, not_understood=(*made.not_understood, *unread_heads(head), *_unheld(lines, made)))


def _nothing(lines: Sequence[Line], sheet: Sheet, file: str, number: int, around: Sequence[Item]) -> Exhibit | None:
    """A grid with numbers of which none has a name: an exhibit without rows, that says so; None for one without numbers."""
    cells = [c for line in lines for c in line.cells if c.tokens]
    if len(cells) < _LEAST:
        return None
    lost = [NotUnderstood(c.text, "numbers without a name at their left", c.place or sheet.place) for c in cells]
    return Exhibit(
        file=file, format=sheet.format, number=number, place=lines[0].place, kind="values", columns=(), rows=(),
        title=sheet.title, notes=claims([item for item in around if is_note(item.text)]), writer=sheet.writer,
        not_understood=tuple(lost),
    )  # fmt: skip


def _unheld(lines: Sequence[Line], made: Exhibit) -> Iterator[NotUnderstood]:
    """Texts with a digit that got nowhere: such as heads within the table, words behind its numbers."""
    held = {made.title, *made.panels, *made.notes.lines, *(h for c in made.columns for h in c.heads)}
    held |= {text for row in made.rows for text in (row.label, row.heading)}
    held |= {row.label for row in made.statistics}
    places = {(c.place, c.text) for row in made.rows for cells in row.cells for c in cells}
    places |= {(c.place, c.text) for row in made.statistics for c in row.cells if c}
    places |= {(u.place, u.text) for u in made.not_understood}
    words = " ".join(held)
    for line in lines:
        cells = [(text, c.place or line.place) for c in line.cells for text in _texts(c)]
        for text, place in ((line.label, line.place), *cells):
            if re.search(r"\d", text) and text not in held and (place, text) not in places and text not in words:
                yield NotUnderstood(text, "stands in no row or head that is known", place)


def _texts(content: Content) -> list[str]:
    """The texts that the numbers of a cell have as cells of an exhibit; of words, the words."""
    if (len(content.tokens) == 1 and not content.tokens[0].upper) or not content.tokens:
        return [content.text]
    return [_shown(t, upper) for t in content.tokens for upper in (False, True) if not upper or t.upper]


def _entitled(text: str, heads: Heads) -> str:
    """The first line of a table is its title, unless it is the head of a column."""
    return "" if any(text in column.heads for column in heads.columns) and not TITLE.match(text) else text


def _take(read: _Reading, line: Line, following: Sequence[Line], heads: Heads) -> None:
    """One row of the body."""
    _broken(read, line)
    if not line.numbers:
        _worded(read, line)
        return
    kind = kind_of_row(line.label)
    below = read.open and (
        not line.label or (kind and (line.bracketed or len(line.label) > 1)) or (line.bracketed and not _done(read))
    )
    if heads.wide and line.words and line.label and _paired(read, line):
        return
    if below and read.open == "term":
        _below(read, line, kind)
        return
    name, about = row_statistic(line.label)
    if read.open == "statistic" and not line.label:
        _statistic(read, line, read.statistics[-1].label, "")
        return
    if not line.label:
        _lose(read, line, "numbers without a name at their left, below no row they could belong to")
        return
    under = next((row for row in following if row.text), None)
    joined = under is not None and under.bracketed and (not under.label or bool(kind_of_row(under.label)))
    stars = any("*" in t.text for c in line.cells for t in c.tokens)
    if (
        read.estimates
        and about
        and (name in SURE or not (joined or line.bracketed or _inline(line)))
        and not (stars and not name)
    ):
        _statistic(read, line, line.label, name)
        read.open = "statistic"
        return
    _term(read, line)


def _paired(read: _Reading, line: Line) -> bool:
    """`Mean dependent var  12.04  SD dependent var  2.19`: statistics beside each other. Whether the row is such."""
    label, found = line.label, []
    for content in line.cells:
        if content.tokens and label:
            cell = _cell(content.tokens[0], content, "value", line.place)
            found.append(
                StatisticRow(
                    label, row_statistic(label)[0], (cell, *[None] * (len(read.groups) - 1)), line.place, read.panel
                )
            )
            label = ""
        elif content.text and not content.tokens and not content.stars:
            label = content.text
    if len(found) < 2:
        return False
    read.statistics += found
    read.open = ""
    return True


def _done(read: _Reading) -> bool:
    return bool(read.rows) and read.rows[-1].below


def _inline(line: Line) -> bool:
    """An estimate with its brackets in one cell."""
    return any(len(c.tokens) > 1 and c.tokens[1].bracket for c in line.cells)


def _broken(read: _Reading, line: Line) -> None:
    """Cells with digits that are no numbers, in rows that have numbers: said, because nobody compares them."""
    for content in line.cells:
        macro = content.text.startswith("\\")
        if content.problem or (
            line.numbers and content.text and not content.tokens and (macro or re.search(r"\d", content.text))
        ):
            why = content.problem or ("is a macro of another file" if macro else "is no number")
            read.lost.append(NotUnderstood(content.text, f"row `{line.label}`: {why}", content.place or line.place, True))


def _lose(read: _Reading, line: Line, why: str) -> None:
    for content in line.cells:
        if content.tokens:
            read.lost.append(NotUnderstood(content.text, why, content.place or line.place, True))


def _worded(read: _Reading, line: Line) -> None:
    """A row without numbers: a panel, a heading of rows, or words about columns."""
    words = [c for c in line.cells if c.text]
    if any(c.problem for c in line.cells):
        read.open = ""
        return
    below = bool(read.rows) and not line.label
    if line.alone:
        text = line.text
        if number := below and NO_HEAD.match(text) and re.search(r"\d", text):
            read.lost.append(NotUnderstood(text, "is no number", line.place, True))
        if number or not re.search(r"\w", text):  # `(.)` below the zero of a base
            read.open = ""
            return
        if heads_effects(text):
            read.heading, read.used = text, False
        elif is_panel(text) or (line.spans > 1 and line.spans >= len(line.cells)):
            read.panel, read.heading = text, ""
            read.panels.append(text)
        elif text.startswith("o."):  # outreg2's omitted variable, without a cell
            read.rows.append(_Row(text, "", read.panel, line.place, [[] for _ in read.groups]))
        else:
            above = read.heading if read.heading and not read.used else ""
            read.heading, read.used = f"{above}: {text}" if above else text, False
        read.open = ""
        return
    if not line.label:
        if any(re.search(r"\d", c.text) and not c.problem for c in words):
            for c in words:
                number = below and NO_HEAD.match(c.text) is not None
                why = "is no number" if number else "heads within the table"
                read.lost.append(NotUnderstood(c.text, why, c.place or line.place, number))
        read.open = ""
        return
    for content in words:  # such as `8 / 26 (31%)`
        if _MEANT.fullmatch(content.text):
            why = f"row `{line.label}`: is no number"
            read.lost.append(NotUnderstood(content.text, why, content.place or line.place, True))
    cells = tuple(_worded_cell(line, group) for group in read.groups)
    name = "yes_no" if words and all(is_yes_no(c.text) or not re.search(r"\d", c.text) for c in words) else ""
    read.statistics.append(StatisticRow(line.label, name, cells, line.place, read.panel, read.heading))
    read.open, read.used = "", True


def _worded_cell(line: Line, group: Sequence[int]) -> Cell | None:
    said = next((line.cells[j] for j in group if line.cells[j].text), None)
    return Cell(said.text, None, "value", said.place or line.place) if said else None


def _term(read: _Reading, line: Line) -> None:
    cells: list[list[Cell]] = []
    for group in read.groups:
        mine: list[Cell] = []
        for j in group:
            for k, token in enumerate(line.cells[j].tokens):
                first = not mine and not token.bracket and not line.cells[j].kind
                if mine and not token.bracket and not read.kinds[j] and not line.cells[j].kind:
                    why = f"row `{line.label}`: two numbers in one cell"
                    read.lost.append(NotUnderstood(_shown(token, False), why, line.cells[j].place or line.place, True))
                    continue
                kind = (read.kinds[j] if k == 0 else "") or line.cells[j].kind
                if kind or not first:
                    mine += _inside(read, token, line.cells[j], kind, line.place, mine)
                else:
                    mine.append(_cell(token, line.cells[j], "coef" if read.estimates else "value", line.place))
        cells.append(_starred(mine) if any(read.kinds) else mine)
    read.rows.append(_Row(line.label, read.heading, read.panel, line.place, cells))
    read.open, read.used = "term", True


def _starred(mine: list[Cell]) -> list[Cell]:
    """Stars in a column of their own, at the end of a row of quantities, are the estimate's."""
    last = next((c for c in mine[1:] if c.stars and "*" not in c.text), None)
    if last is None or mine[0].kind != "coef" or mine[0].stars:
        return mine
    first = replace(mine[0], stars=last.stars, mark=last.mark)
    return [first, *(replace(c, stars=0, mark="") if c is last else c for c in mine[1:])]


def _below(read: _Reading, line: Line, kind: str) -> None:
    """Numbers below a row: its standard errors, t, p or intervals."""
    row = read.rows[-1]
    for mine, group in zip(row.cells, read.groups, strict=True):
        for j in group:
            for token in line.cells[j].tokens:
                mine += _inside(read, token, line.cells[j], kind or line.cells[j].kind, line.place, mine)
    if line.label and not kind:
        row.label = f"{row.label} {line.label}"
    row.below = True


def _inside(read: _Reading, token: Token, content: Content, kind: str, place: Place, before: Sequence[Cell]) -> list[Cell]:
    """A number in brackets, or of a column that says what it holds; two of an interval."""
    said = dict(read.notes.brackets)
    if token.upper:
        return [_cell(token, content, "ci_low", place), _cell(token, content, "ci_high", place, upper=True)]
    if kind == "ci":
        kind = "ci_high" if any(c.kind == "ci_low" for c in before) else "ci_low"
    if kind == "coef" and not read.estimates:
        kind = "value"
    bracket = "[" if token.bracket == "[" else "("
    told = kind or (said.get(bracket, "") if token.bracket else "")
    if told == "ci":
        told = "ci_high" if before and before[-1].kind == "ci_low" else "ci_low"
    return [_cell(token, content, told or _OPEN.get(bracket, "("), place)]  # type: ignore[arg-type]


def _cell(token: Token, content: Content, kind: CellKind, place: Place, *, upper: bool = False) -> Cell:
    text = content.text if len(content.tokens) == 1 and not token.upper else _shown(token, upper)
    made = table_cell(token, text, kind, content.place or place, upper=upper)
    if content.stars and not made.stars:
        made = replace(made, stars=content.stars.count("*"), mark=content.stars)
    if content.raised and not made.mark and not token.bracket:
        made = replace(made, mark=content.raised)
    return made


def _shown(token: Token, upper: bool) -> str:
    """One of several numbers of a cell, as it stands there."""
    if token.upper:
        return token.upper if upper else token.text
    return f"{token.bracket}{token.text}{CLOSING.get(token.bracket, '')}"


def _statistic(read: _Reading, line: Line, label: str, name: str) -> None:
    """A row about whole columns; a second number of a cell (`12.3 [0.01]`) is a row of its own."""
    most = max(sum(len(line.cells[j].tokens) for j in group) for group in read.groups)
    for k in range(most):
        cells: list[Cell | None] = []
        for group in read.groups:
            tokens = [(t, line.cells[j]) for j in group for t in line.cells[j].tokens]
            cells.append(_cell(*tokens[k], "value", line.place) if k < len(tokens) else None)
        read.statistics.append(
            StatisticRow(
                label if k == 0 else f"{label} (in brackets)", name if k == 0 else "", tuple(cells), line.place, read.panel
            )
        )
