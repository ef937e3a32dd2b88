r"""LaTeX tables: every tabular of a file, or a fragment of rows, as a grid with line numbers.

Rows end at `\\` outside braces, cells at `&`. A table within a cell (a heading of two lines) is its text. What stands
between the table and the next one is title or notes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from parity.logs.decimal_columns import joined, joints, specification
from parity.logs.exhibit import Place
from parity.logs.sheet import Grid, Item, Sheet
from parity.printed.grids import LAYOUT, untexed, without_columns

_ENVIRONMENT = (
    r"(?:tabular[*xy]?|longtable\*?|array|tabu|tblr|longtblr|talltblr|supertabular|xltabular|longtabu|NiceTabular\*?)"
)
_EDGE = re.compile(rf"\\(begin|end)\{{({_ENVIRONMENT})\}}")
_CAPTION = re.compile(r"\\caption(?:of\{[^{}]*\})?\*?(?:\[[^\[\]]*\])?\s*\{")
_ENTITLED = re.compile(r"caption\s*=\s*\{")
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
#: What a paper holds and doesn't print: environments of comments, branches that are never taken, all behind its end.
_UNSEEN = (
    (re.compile(r"\\begin\{comment\}"), re.compile(r"\\end\{comment\}")),
    (re.compile(r"\\iffalse(?![a-zA-Z])"), re.compile(r"\\(?:fi|else)(?![a-zA-Z])")),
)
_MACRO = re.compile(
    r"\\(?:(?:re|provide)?newcommand\*?|providecommand\*?|def|gdef)\s{0,9}\{?\\([a-zA-Z]{1,60})\}?\s{0,9}\{([^{}\n]{0,80})\}"
)
#: A cell that is one command by name; and those that print nothing.
_NAME = re.compile(r"[\s{}$]*+(\\[a-zA-Z]++)[\s{}$]*+")
_BLANK = frozenset(f"\\{name}" for name in ("quad", "qquad", "hfill", "relax", "par", "newline", "strut", "null", "empty",
                   "enspace", "enskip", "hskip", "bf", "it", "em", "bfseries", "itshape", "centering", "raggedright",
                   "raggedleft", "arraybackslash", "hspace", "vspace", "noalign", "nobreakspace", "hphantom", "phantom",
                   "normalsize", "large", "Large", "sym", "ldots", "dots", "cdots", "textemdash"))  # fmt: skip
_WRITERS = (("stargazer", r"stargazer"), ("esttab", r"\\def\\sym#1|\\sym\{"), ("outreg2", r"outreg2|VARIABLES\s*&"),
            ("modelsummary", r"tinytableDefineColor|\\begin\{(?:tblr|talltblr)\}|modelsummary"),
            ("etable", r"Fixed-effects\}|Variables\}\s*&|standard-errors in parentheses|\\emph\{Fit statistics"),
            ("texreg", r"texreg|\\multicolumn\{\d+\}\{l\}\{\\scriptsize\{\$\^\{\*\*\*\}p<"), ("huxtable", r"huxtable|"
                r"\\hhline"),
            ("outreg", r"frmttable"), ("pyfixest", r"\\emph\{Fixed effects\}|\\midrule[^\S\n]*+\n\s*+R\$\^2"))  # fmt: skip


def sheets(text: str, file: str) -> Iterator[Sheet]:
    """Every table of a LaTeX text. Raises `TooLarge`."""
    writer = next((name for name, pattern in _WRITERS if re.search(pattern, text[:200_000])), "")
    text = _with_macros(_printed(_COMMENT.sub(lambda m: " " * len(m[0]), text)))
    lines = [0, *(m.end() for m in re.finditer("\n", text))]

    def line(offset: int) -> int:
        return bisect_right(lines, offset)

    spans = list(_tables(text))
    if not spans and re.search(r"(?<!\\)&", text) and re.search(r"\\\\|\\tabularnewline", text):
        spans = [(0, 0, len(text), len(text), "")]
    behind = 0
    for i, (start, first, last, end, name) in enumerate(spans):
        following = spans[i + 1][0] if i + 1 < len(spans) else len(text)
        above = text[behind:start]
        cut = _border(text, end, following)
        title = _caption(above) or _caption(text[end:cut]) or _caption(text[start:first], _ENTITLED)
        skipped = first + len(text[first:last]) - len(without_columns(text[first:last], name)) if name else first
        grid, signs = Grid(), joints(specification(text[first:skipped]))
        for at, row in _split(text, skipped, last, _ROW_ENDS):
            items = [
                item for begin, part in _split(text, at, at + len(row), "&") for item in _cell(text, begin, part, file, line)
            ]
            grid.add(joined(items, signs) if any(signs) else items)
        yield Sheet(
            rows=grid.done(), format="tex", place=Place(file, line(start)), title=title, writer=writer,
            above=tuple(_prose(above, behind, file, line)), below=tuple(_prose(text[end:cut], end, file, line)),
        )  # fmt: skip
        behind = cut


def _printed(text: str) -> str:
    """With blanks for what is never printed, so that lines keep their numbers."""
    text = text.partition("\\end{document}")[0]
    for opens, closes in _UNSEEN:
        pieces, at = [], 0
        for begin in opens.finditer(text):
            if begin.start() < at:
                continue
            closed = closes.search(text, begin.end())
            if closed is None:
                break
            pieces += [text[at : begin.start()], re.sub(r"[^\n]", " ", text[begin.start() : closed.end()])]
            at = closed.end()
        text = "".join([*pieces, text[at:]])
    return text


def _with_macros(text: str) -> str:
    r"""With the numbers that the text itself calls by a name: `\newcommand{\effect}{0.352}`."""
    values: dict[str, set[str]] = {}
    for m in _MACRO.finditer(text):
        values.setdefault(m[1], set()).add(m[2])
    # a name with two values stays a name, which no number stands for
    named = {name: next(iter(v)) for name, v in values.items() if len(v) == 1 and re.search(r"\d", next(iter(v)))}
    if not named:
        return text
    used = re.compile(rf"{_MACRO.pattern}|\\(?P<name>[a-zA-Z]+)(?:\{{\}})?")
    return used.sub(lambda m: named.get(m["name"] or "", m[0]), text)


def _tables(text: str) -> Iterator[tuple[int, int, int, int, str]]:
    """Outermost tables: start, first and last of the body, end, name of the environment."""
    depth, opened = 0, None
    for found in _EDGE.finditer(text):
        if found[1] == "begin":
            depth += 1
            opened = opened or found
        elif depth:
            depth -= 1
            if depth == 0 and opened is not None:
                yield opened.start(), opened.end(), found.start(), found.end(), opened[2]
                opened = None
    if depth and opened is not None:  # never closed: the file is cut, or the end stands in another
        yield opened.start(), opened.end(), len(text), len(text), opened[2]


def _border(text: str, end: int, following: int) -> int:
    """Where what belongs to a table ends: at the end of its float, at most where the next begins."""
    closed = re.compile(r"\\end\{(?:side(?:ways)?)?(?:long)?table\*?\}").search(text, end, following)
    opened = re.compile(r"\\begin\{(?:side(?:ways)?)?table\*?\}|\\caption|\\clearpage|\\newpage").search(
        text, end, following
    )
    return closed.end() if closed else opened.start() if opened and following < len(text) else following


def _caption(text: str, pattern: re.Pattern = _CAPTION) -> str:
    found = None
    for found in pattern.finditer(text):  # noqa: B007  the last one before the table is its own
        pass
    return untexed(_braced(text, found.end())) if found else ""


def _braced(text: str, start: int) -> str:
    """What stands behind an opened brace up to the one that closes it."""
    depth = 1
    for i in range(start, min(len(text), start + 5000)):
        depth += (text[i] == "{") - (text[i] == "}")
        if depth == 0:
            return text[start:i]
    return text[start : start + 300]


_ROW_ENDS = r"\\\\(?:\s*\[[^\]\n]{0,20}\])?\*?|\\tabularnewline|\\cr(?![a-zA-Z])"


def _split(text: str, start: int, end: int, mark: str) -> Iterator[tuple[int, str]]:
    """Pieces between marks (ends of rows or `&`) outside braces and inner tables, each with its offset."""
    tokens = re.compile(
        rf"(?P<mark>{mark})|\\(?P<edge>begin|end)\{{{_ENVIRONMENT}\}}|\\.|(?P<brace>[{{}}])", re.DOTALL
    )  # fmt: skip
    depth, inner, at = 0, 0, start
    for found in tokens.finditer(text, start, end):
        if found["edge"]:
            inner += 1 if found["edge"] == "begin" else -1
        elif found["brace"]:
            depth = max(0, depth + (1 if found["brace"] == "{" else -1))
        elif found["mark"] and inner <= 0 and depth == 0:
            yield at, text[at : found.start()]
            at = found.end()
    yield at, text[at:end]


def _cell(text: str, begin: int, part: str, file: str, line) -> Iterator[Item]:
    bare = LAYOUT.sub(lambda m: " " * len(m[0]), part)
    lead = len(bare) - len(bare.lstrip())
    place = Place(file, line(begin + lead))
    many = re.match(r"\s*+(?:\{\s*+)?+\\multicolumn\s*+\{\s*+(\d++)\s*+\}\s*+", bare)
    if many:
        rest = bare[many.end() :]
        inner = _braced(rest, 1) if rest.startswith("{") else ""
        yield Item(_seen(rest[len(inner) + 2 :]), place, int(many[1][:3]))
        return
    setcell = re.match(r"\s*+\\SetCell\s*+\[\s*+c\s*+=\s*+(\d++)[^\]]*+\]\s*+\{[^{}]*\}", bare)
    yield Item(_seen(bare[setcell.end() :] if setcell else bare), place, 1)


def _seen(cell: str) -> str:
    """A cell's text; a command that is the whole of it, and may print a number, by its name."""
    text = untexed(_flat(cell))
    alone = None if text else _NAME.fullmatch(cell)
    return alone[1] if alone and alone[1] not in _BLANK else text


def _flat(cell: str) -> str:
    r"""A cell without tables, boxes and broken lines in it: `\shortstack{A \\ B}` is `{A B}`."""
    cell = re.sub(rf"\\(?:begin|end)\{{{_ENVIRONMENT}\}}(?:\[[^\[\]]*\])?(?:\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}})?", " ", cell)
    cell = re.sub(r"\\multirow\s*(?:\[[^\[\]]*\])?\{[^{}]*\}\s*(?:\[[^\[\]]*\])?\{[^{}]*\}", "", cell)
    cell = re.sub(
        r"\\(?:parbox|makebox|raisebox|multirowcell|rotatebox|cellcolor|textcolor|color|"
        r"num)(?:\[[^\[\]]*\])*\{[^{}]*\}(?=\s*\{)",
        "",
        cell,
    )
    cell = re.sub(r"\\rule(?:\[[^\[\]]*\])?\{[^{}]*\}\{[^{}]*\}", "", cell)
    cell = re.sub(r"\\(?:begin|end)\{[^{}]*\}(?:\[[^\[\]]*\])?", " ", cell)
    cell = re.sub(r"\{\s*+-?[\d.]*+\s*+(?:cm|em|ex|pt|in|mm|\\(?:text|line|column)width)\s*\}(?=\s*\{)", "", cell)
    cell = re.sub(r"\\(?:cellcolor|rowcolor|definecolor)(?:\[[^\[\]]*\])?\{[^{}]*\}", "", cell)
    return re.sub(r"\\\\(?:\[[^\[\]]*\])?|\\newline", " ", cell)


_OPENS = re.compile(r"\\(?:begin|end)\{[^{}]*\}(?:\[[^\[\]]*\])?")


def _prose(text: str, start: int, file: str, line) -> Iterator[Item]:
    r"""Sentences around a table: paragraphs and lines with anything but layout in them."""
    at = start
    for part in re.split(r"(\n\s*\n|\\\\|\\item(?![a-z])|\\par(?![a-z])|\\(?:begin|end)\{[^{}]*\}(?:\[[^\[\]]*\])?)", text):
        said = "" if _OPENS.fullmatch(part) else _said(part)
        if re.search(r"\w{2}", said):
            lead = len(part) - len(part.lstrip())
            yield Item(said, Place(file, line(at + lead)))
        at += len(part)


def _said(part: str) -> str:
    part = re.sub(r"\\(?:begin|end|label|vspace|hspace|setlength|resizebox|scalebox|usepackage|documentclass|input|"
                  r"renewcommand|"
                  r"newcommand|fontsize|linespread|sisetup|caption|centering|newcolumntype|"
                  r"def)\*?(?:\[[^\[\]]*\])?(?:\{[^{}]*\})*", " ", part)  # fmt: skip
    return untexed(LAYOUT.sub(" ", _flat(part)))
