"""Tables that Stata prints with a bar behind their labels: summarize, tabulate, tabstat, ttest, correlate, xtsum and their
kin.

A heading stands above a rule with a cross (`---+---`), rows below it. Numbers stand in columns by where they end; a column
is called what stands above it. A row may have more bars, and words beside its numbers (`N =   200`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parity.base.patterns import in_order
from parity.logs.exhibit import NotUnderstood, Place, Statistic, Window, WindowRow
from parity.logs.numbers import NUMBER, cell
from parity.logs.window_words import Said
from parity.printed.lines import Line

CROSSED = re.compile(r"\s*+-++\+-++[-+|]*+\s*+")
RULE = re.compile(r"\s*+[-+|=]{5,}+\s*+")
_TOKEN = re.compile(rf"(?<![\w.,])(?P<number>{NUMBER}|\.)(?P<mark>\*{{0,4}}|%)(?![\w.])")
_WORD = re.compile(r"\S+(?: \S+)*")
#: Most lines of a heading.
_HEAD = 6
#: What a heading is the heading of. In order.
_KINDS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("absorbed", r"Absorbed FE"), ("xtsum", in_order("Mean", "Std", "Min", "Max", "Observations")),
        ("ttest", in_order(r"(?:Variable|Group) +\|", "Obs", "Mean", r"Std\. err", r"Std\. dev")),
        ("summarize", in_order(r"Variable +\|", "Obs", "Mean", r"Std\. ?dev", "Min", "Max")),
        ("tabulate", r"\|\s++Freq\.\s++Percent\s++Cum"), ("hausman", in_order(r"\(b\)", r"\(B\)", r"\(b-B\)")),
        ("vif", in_order(r"\bVIF\b", "1/VIF")), ("anova", r"Partial SS|Source \|\s++SS"),
        ("ranksum", in_order(r"\bobs\b", "rank sum", "expected")),
        ("coefficients", "active|" + in_order(r"Variable +\|", r"(?:ols|model|m\d|est\d)")),
    )
)  # fmt: skip
#: Rows whose label goes on with the one above, as in xtsum.
_PARTS = ("between", "within")


@dataclass(frozen=True)
class _Row:
    line: Line
    label: str
    tokens: tuple[re.Match, ...]
    rest: str
    offset: int


def bar_table(lines: Sequence[Line], at: int, behind: int, file: str, command: str) -> tuple[Window, int, int] | None:
    """The table whose rule with a cross stands at `at`: window, first line, the position behind it. None where none does.

    command: canonical name of the command above, which says what a table is that its heading doesn't tell
    """
    if not CROSSED.fullmatch(lines[at].text):
        return None
    top = at
    while top > behind and at - top < _HEAD and lines[top - 1].text.strip() and not RULE.fullmatch(lines[top - 1].text):
        top -= 1
    heading = lines[top:at]
    body, end = _body(lines, at + 1)
    if not heading or not body or not any("|" in line.text for line in heading):
        return None
    rows = [row for line in body if (row := _row(line))]
    columns = _columns(rows)
    names, level = _ends(_named(heading, columns))
    kind = next((k for k, p in _KINDS if any(p.search(line.text) for line in heading)), command or "table")
    done, lost, above = [], [], ""
    for row in rows:
        label = f"{above.split()[0]} {row.label}" if row.label in _PARTS and above else row.label
        label = " ".join(label.split())
        note = "continued" if not label and above else ""
        label = above = label or above
        if problem := _lost(row):
            lost.append(NotUnderstood(row.line.text.strip(), problem, Place(file, row.line.number)))
        cells = tuple(
            cell(t[0], Place(file, row.line.number, row.offset + t.start() + 1), "value", names[_place(columns, t.end())])
            for t in row.tokens
        )
        if cells or not note:
            done.append(WindowRow(label, cells, Place(file, row.line.number), note=note))
    statistics, top = _counted(lines, top, behind, file)
    outcome = heading[-1].text.split("|", 1)[0].strip() if "|" in heading[-1].text else ""
    outcome = "" if outcome in ("Variable", "variable") else outcome
    last = lines[end - 1].number
    window = Window(
        kind=kind, place=Place(file, lines[top].number), rows=tuple(done), outcome=outcome, columns=tuple(names),
        statistics=statistics, not_understood=tuple(lost), first=lines[top].number, last=last, level=level,
        words=_headed(heading),
    )  # fmt: skip
    return window, top, end


_INTERVAL = re.compile(r"\[ {0,4}(\d+(?:\.\d+)?)% conf(?:\.|idence)? int(?:\.|erval) {0,4}\]", re.IGNORECASE)


def _ends(names: Sequence[str]) -> tuple[list[str], float]:
    """Two columns below the heading of an interval are its ends; and its level, in percent."""
    found = [(i, m) for i, name in enumerate(names) if (m := _INTERVAL.fullmatch(name))]
    if len(found) != 2:
        return list(names), 0.0
    ends = {found[0][0]: "ci_low", found[1][0]: "ci_high"}
    return [ends.get(i, name) for i, name in enumerate(names)], float(found[0][1][1])


def _headed(heading: Sequence[Line]) -> tuple[Said, ...]:
    """What stands above the labels, all of its lines; and alone above the columns, of a table of two variables."""
    parts = [line.text.partition("|") for line in heading if "|" in line.text]
    left = " ".join(" ".join(left.split()) for left, _, _ in parts if left.strip())
    above = parts[0][2].strip() if len(parts) > 1 and not parts[0][0].strip() else ""
    number = heading[-1].number
    return (
        *([Said("row variable", left, number)] if left else []),
        *([Said("column variable", above, number)] if above else []),
    )


_OBS = re.compile(r"\s*\(obs\s*=\s*([\d,]+)\)\s*")


def _counted(lines: Sequence[Line], top: int, behind: int, file: str) -> tuple[tuple[Statistic, ...], int]:
    """`(obs=200)` above a table of correlations, and the first line with it."""
    for i in range(top - 1, max(behind, top - 3) - 1, -1):
        if found := _OBS.fullmatch(lines[i].text):
            return (Statistic("obs", "nobs", cell(found[1], Place(file, lines[i].number))),), i
    return (), top


def _body(lines: Sequence[Line], at: int) -> tuple[list[Line], int]:
    """Rows up to the rule that ends the table, or up to text without a bar; a rule with a cross goes on."""
    body: list[Line] = []
    while at < len(lines):
        text = lines[at].text
        if CROSSED.fullmatch(text):
            at += 1
        elif RULE.fullmatch(text):
            if any("|" in line.text for line in lines[at + 1 : at + 2]):  # a rule within the table, without a cross
                at += 1
                continue
            return body, at + 1
        elif "|" in text:
            body.append(lines[at])
            at += 1
        else:
            break
    return body, at


def _row(line: Line) -> _Row | None:
    label, bar, rest = line.text.partition("|")
    if not bar:
        return None
    return _Row(line, label.strip(), tuple(_TOKEN.finditer(rest)), rest, len(label) + 1)


def _lost(row: _Row) -> str:
    """Why a row has digits that are in no cell; "" where it has none. A word with digits is a word (`Q1`, `x2`)."""
    rest = _TOKEN.sub(" ", row.rest)
    left = [word for word in rest.replace("|", " ").split() if re.match(r"[-+(\[]*\.?\d", word)]
    return f"`{left[0]}` is no number" if left else ""


def _columns(rows: Sequence[_Row]) -> list[int]:
    """Where the numbers of each column end, measured from behind the first bar."""
    ends: list[int] = []
    for end in sorted({t.end("number") for row in rows for t in row.tokens}):
        if not ends or end - ends[-1] > 2:
            ends.append(end)
        else:
            ends[-1] = end
    return ends


def _place(columns: Sequence[int], end: int) -> int:
    return min(range(len(columns)), key=lambda i: abs(columns[i] - end))


def _named(heading: Sequence[Line], columns: Sequence[int]) -> list[str]:
    """What stands above each column, from the top down; a heading over two columns names both."""
    names = [""] * len(columns)
    if not columns:
        return names
    for line in heading:
        _, bar, rest = line.text.partition("|")
        if not bar:
            continue
        for word in _WORD.finditer(rest.replace("|", " ")):
            under = [i for i, end in enumerate(columns) if word.start() < end <= word.end() + 1]
            for i in under or [_place(columns, word.end())]:
                names[i] = f"{names[i]} {word[0]}".strip()
    return names
