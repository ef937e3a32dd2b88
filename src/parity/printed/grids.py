"""The text of a table as rows of cells: CSV, Markdown, LaTeX, or columns of spaces as statistical programs print them."""

from __future__ import annotations

import csv
import io
import re

import wcwidth

Grid = list[list[str]]

RULE = re.compile(r"[\s|+:=\-─━—_]*")


def read_grid(text: str) -> Grid:
    """Rows of cells, of one length each, the label first; a line of prose is a row of one cell.

    The format is read from the text: LaTeX has `&` and `\\\\`, Markdown lines begin with `|`, CSV has the same
    number of separators in most lines.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if re.search(r"(?<!\\)&", text) and re.search(r"\\\\|\\tabularnewline", text):
        rows = _latex(text)
    elif sum(bool(re.match(r"\s*\|", line)) for line in text.split("\n")) >= 2:
        rows = _markdown(text)
    elif separator := separator_of(text):
        rows = _csv(text, separator)
    else:
        rows = _aligned(text)
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


# ---------------------------------------------------------------- CSV


def separator_of(text: str) -> str:
    """The separator of a CSV text: tab, semicolon or comma, if more lines than not have it outside numbers."""
    lines = [line for line in text.split("\n") if line.strip() and not RULE.fullmatch(line)]
    for separator, pattern in (("\t", r"\t"), (";", r";"), (",", r",")):
        having = [line for line in lines if re.search(pattern, line)]
        if separator == "," and any(re.search(r" {3,}", line) for line in lines):
            continue  # columns of spaces whose numbers or notes have commas
        if len(having) * 2 > len(lines) and len(having) > 1:
            return separator
    return ""


def _csv(text: str, separator: str) -> Grid:
    rows = list(csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True))
    return [[unquoted(cell) for cell in row] for row in rows if row]


def unquoted(cell: str) -> str:
    """`="0.35"`, which keeps a spreadsheet from reading a number as a date or a formula, is 0.35."""
    bare = cell.strip()
    if bare.startswith("="):
        bare = bare[1:].removeprefix('"').removesuffix('"')
    return bare.replace("\n", " ").strip()


# ---------------------------------------------------------------- Markdown


def _markdown(text: str) -> Grid:
    rows = []
    for line in text.split("\n"):
        if not line.strip() or RULE.fullmatch(line):
            continue
        if not line.strip().startswith("|"):
            rows.append([unmarked(line)])
            continue
        cells = re.split(r"(?<!\\)\|", line.strip().strip("|") if not line.rstrip().endswith("\\|") else line.strip()[1:])
        rows.append([unmarked(cell) for cell in cells])
    return rows


def unmarked(cell: str) -> str:
    """A cell without emphasis and escapes; stars behind a number stay."""
    cell = cell.strip()
    cell = re.sub(r"^(\*{1,3}|_{1,3}|`)(?=\S)(.+?)(?<=\S)\1$", r"\2", cell)
    cell = re.sub(r"\^([^\^\s]+)\^", r"<sup>\1</sup>", cell)
    return re.sub(r"\\([\\*_|#`~\[\]()])", r"\1", cell)


# ---------------------------------------------------------------- LaTeX

LAYOUT = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|addlinespace|centering|noindent|small|footnotesize|fontsize|selectfont|scriptsize|tiny|"
    r"(?:cmidrule|cline|specialrule|vspace|hspace\*?))(?![a-zA-Z])(?:\([^()]*\))?(?:\[[^\[\]]*\])?(?:\{[^{}]*\})*"
)


def _latex(text: str) -> Grid:
    text = re.sub(r"(?<!\\)%.*", "", text)
    found = _environment(text)
    outside = text.replace(found[0], "") if found else ""
    inside = without_columns(found[2], found[1]) if found else text
    rows = []
    for line in re.split(r"\\\\(?:\s*\[[^\[\]]*\])?|\\tabularnewline", LAYOUT.sub(" ", inside)):
        cells = re.split(r"(?<!\\)&", line)
        if any(cell.strip() for cell in cells):
            rows.append([part for cell in cells for part in _spread(cell)])
    notes = [untexed(LAYOUT.sub(" ", line)) for line in outside.split("\n")]
    return rows + [[note] for note in notes if note]


_BEGINS = re.compile(r"\\begin\{(tabular\*?|tabularx|longtable|array|tabu)\}")


def _environment(text: str) -> tuple[str, str, str] | None:
    """The first table that ends: as it stands, its environment, and what is in it."""
    endless: set[str] = set()  # each name is looked for to the end of the text once
    for begin in _BEGINS.finditer(text):
        if begin[1] in endless:
            continue
        closing = f"\\end{{{begin[1]}}}"
        end = text.find(closing, begin.end())
        if end >= 0:
            return text[begin.start() : end + len(closing)], begin[1], text[begin.end() : end]
        endless.add(begin[1])
    return None


def without_columns(body: str, environment: str) -> str:
    """The body behind the arguments of its environment: `{l*{2}{c}}`, and a width before it in some."""
    body = re.sub(r"^\s*\[[^\]]*\]", "", body)
    for _ in range(2 if environment in ("tabular*", "tabularx", "tabulary", "xltabular") else 1):
        depth, body = 0, body.lstrip()
        if not body.startswith("{"):
            break
        for i, c in enumerate(body):
            depth += (c == "{") - (c == "}")
            if depth == 0:
                body = body[i + 1 :]
                break
    return body


def _spread(cell: str) -> list[str]:
    r"""A `\multicolumn{3}{c}{text}` is its text in the first of three cells."""
    many = re.match(r"\s*\\multicolumn\s*\{\s*(\d+)\s*\}\s*\{(?:[^{}]|\{[^{}]*\})*\}(.*)", cell, re.DOTALL)
    if many:
        return [untexed(many[2]), *[""] * (min(int(many[1]), 100) - 1)]
    return [untexed(re.sub(r"\\multirow\s*(?:\[[^\[\]]*\])?\{[^{}]*\}\s*(?:\[[^\[\]]*\])?\{[^{}]*\}", "", cell))]


def untexed(cell: str) -> str:
    r"""LaTeX as text: `$-0.35^{\ast\ast}$`, `0.352\sym{***}`, `Capital\_stock`, `1{,}234`."""
    cell = re.sub(r"\\(?:h?phantom|vphantom|label|tablefootnote|footnote|tnote)\{[^{}]*\}", "", cell)
    for shown, names in _SHOWN:
        cell = names.sub(shown, cell)
    cell = re.sub(r"\\dagger(?![a-zA-Z])\s*", "†", re.sub(r"\\ddagger(?![a-zA-Z])\s*", "‡", cell))
    cell = re.sub(r"\\(?:times|cdot)(?![a-zA-Z])\s*", " x ", cell)
    cell = re.sub(r"\\([_%&#${}])", lambda m: _HELD[m[1]], cell)
    cell = cell.replace("{,}", ",").replace("$", "").replace("~", " ")
    cell = re.sub(r"\\[()]", "", cell)
    cell = re.sub(r"\\[,;:! ]|\\q?quad(?![a-zA-Z])", " ", cell)
    for _ in range(6):
        cell = re.sub(r"(?:\^|\\textsuperscript\s*)\{([^{}]*)\}", r"<sup>\1</sup>", cell)
        cell = re.sub(r"\\[a-zA-Z]+\*?\s*\{([^{}]*)\}|\{([^{}]*)\}", lambda m: m[1] or m[2] or "", cell)
    cell = re.sub(r"\^(\*+|[a-z\d+†‡])", r"<sup>\1</sup>", cell)
    cell = re.sub(r"\\[a-zA-Z]+\*?\s?", "", cell).replace("--", "-")
    for name, held in _HELD.items():
        cell = cell.replace(held, name)
    return " ".join(cell.split())


#: Commands that print a sign, and no word: minus signs, stars, the ticks and crosses of rows of yes and no. Numbers of
#: pifont's signs are those of its table of dingbats.
_SHOWN = tuple(
    (shown, re.compile(rf"\\(?:{names})(?![a-zA-Z])\s*(?:\{{\}})?"))
    for shown, names in (
        ("-", r"(?:text)?minus|textendash|textemdash"),
        ("*", r"ast|star|textasteriskcentered"),
        ("✓", r"[Cc]heckmark(?:Bold)?|cmark|surd|faCheck[A-Za-z]*|ding\s*\{5[12]\}"),
        ("✗", r"xmark|[Xx]Solid(?:Bold|Brush)?|[Cc]rossmark|faTimes[A-Za-z]*|faXmark|ding\s*\{5[3-6]\}"),
        ("●", r"bullet|textbullet|CIRCLE"),
    )
)

#: Escaped characters, kept apart while braces are taken off.
_HELD = {name: chr(0xE000 + i) for i, name in enumerate("_%&#${}")}

# ---------------------------------------------------------------- columns of spaces


PIECE = re.compile(r"\S+(?: \S+)*")
NUMERIC = re.compile(r"[-+−–(\[{|.*†\s,;)\]}eE]*+\d[-+−–(\[{|.*†\s\d,;)\]}eE]*+")


def _aligned(text: str) -> Grid:
    """Columns of spaces. A cell belongs to the column of numbers it stands above, so that blank cells stay blank."""
    lines = [re.sub(r"(?<=\s)\|(?=\s)", " ", line.expandtabs()) for line in text.split("\n")]
    lines = [line for line in lines if line.strip() and not RULE.fullmatch(line)]
    at = screen_column
    pieces = [[(at(line, m.start()), at(line, m.end()), m[0]) for m in PIECE.finditer(line)] for line in lines]
    columns = columns_of_spans([(a, b) for row in pieces for a, b, piece in row if a > 1 and NUMERIC.fullmatch(piece)])
    if not columns:
        return [[piece for _, _, piece in row] for row in pieces]
    grid = []
    for row in pieces:
        cells = [""] * (len(columns) + 1)
        for a, b, piece in row:
            label = a <= 1 or (b <= columns[0][0] and (a, b, piece) == row[0] and not NUMERIC.fullmatch(piece))
            place = 0 if label else 1 + max(range(len(columns)), key=lambda i: nearness(columns[i], a, b))
            cells[place] = f"{cells[place]} {piece}".strip()
        grid.append(cells)
    return grid


def screen_column(line: str, position: int) -> int:
    """Column on the screen: a Chinese character takes two."""
    return position if line.isascii() else wcwidth.width(line[:position])


def columns_of_spans(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that overlap, as one."""
    columns: list[tuple[int, int]] = []
    for a, b in sorted(spans):
        if columns and a < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], b))
        else:
            columns.append((a, b))
    return columns


def nearness(column: tuple[int, int], a: int, b: int) -> tuple[int, float]:
    """Characters shared by a column and a piece; then how near their middles are."""
    return max(0, min(b, column[1]) - max(a, column[0])), -abs((a + b) / 2 - sum(column) / 2)
