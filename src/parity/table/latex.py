"""A grid as LaTeX, with booktabs; pieces are as wide as a page of A4 or Letter takes at its usual margins.

Type has a size of its own, whatever the document's is: what fits a page then fits it in a thesis of 12 points, too.
"""

from __future__ import annotations

import re

from parity.report.latex import escape
from parity.table.grid import Cell, Grid, Row, blocks
from parity.table.measure import heading, widths

MOST_COLUMNS = 8
#: Type of a table and of its notes: 9 and 8 points.
SIZE, SMALL = r"\fontsize{9}{11}\selectfont", r"\fontsize{8}{9.5}\selectfont"
#: Points: text of a page with margins of an inch, half an em of SIZE, and what stands between columns.
PAGE, HALF_EM, GAP = 450.0, 4.6, 9.0


def to_latex(grids: list[Grid]) -> str:
    text = "\n\n".join(_table(grid) for grid in grids)
    head = r"% \usepackage{booktabs}"
    if any(ord(c) > 0x2E7F for c in text):  # CJK and beyond
        head += "\n" + r"% Names are not Latin: compile with XeLaTeX or LuaLaTeX and \usepackage{ctex}"
    return f"{head}\n{text}\n"


def _table(grid: Grid) -> str:
    tables = []
    pieces = blocks(grid, _fits)
    for i, piece in enumerate(pieces):
        last = i == len(pieces) - 1
        caption = escape(grid.continued if i else grid.title)
        label = re.sub(r"[^A-Za-z0-9-]+", "-", grid.name).strip("-")
        tables.append("\n".join([
            r"\begin{table}[htbp]",
            rf"\centering{SIZE}",
            r"\setlength{\tabcolsep}{4.5pt}",
            *([r"\addtocounter{table}{-1}"] if i else []),
            rf"\caption{{{caption}}}",
            *([rf"\label{{tab:{label}}}"] if not i else []),
            rf"\begin{{tabular}}{{l*{{{piece.width}}}{{c}}}}",
            r"\toprule",
            *(line for row in piece.heads for line in _head(row)),
            r"\midrule",
            *(line for row in piece.body for line in _row(row)),
            r"\bottomrule",
            r"\end{tabular}",
            *(_notes(grid.notes) if last else []),
            r"\end{table}",
        ]))  # fmt: skip
    return "\n\n".join(tables)


def _fits(piece: Grid) -> bool:
    label, columns = widths(piece)
    return piece.width <= MOST_COLUMNS and HALF_EM * (label + sum(columns)) + GAP * (1 + piece.width) <= PAGE


def _notes(notes: tuple[str, ...]) -> list[str]:
    return [r"\par\smallskip", rf"\begin{{minipage}}{{\linewidth}}{SMALL}",
            "\n\n".join(_superscript(escape(note)) for note in notes), r"\end{minipage}"]  # fmt: skip


def _head(row: Row) -> list[str]:
    lines = [" & ".join([_label(row.label), *_cells(row, _heading)]) + r" \\"]
    rules = [rf"\cmidrule(lr){{{i + 2}-{i + 1 + c.span}}}" for i, c in enumerate(row.cells) if c.span > 1 and c.text]
    return lines + ([" ".join(rules)] if rules else [])


def _row(row: Row) -> list[str]:
    lines = [r"\addlinespace"] if row.rule else []
    lines.append(" & ".join([_label(row.label), *_cells(row, _number)]) + r" \\")
    if any(c.below for c in row.cells):
        lines.append(" & ".join(["", *_cells(row, lambda c: _minus(escape(c.below)))]) + r" \\")
    return lines


def _heading(cell: Cell) -> str:
    lines = r" \\ ".join(escape(line) for line in heading(cell))
    return rf"\shortstack{{{lines}}}" if r"\\" in lines else lines


def _cells(row: Row, shown) -> list[str]:
    return [
        rf"\multicolumn{{{c.span}}}{{c}}{{{_superscript(shown(c))}}}" if c.span > 1 else _superscript(shown(c))
        for c in row.cells
        if c.span
    ]


def _label(text: str) -> str:
    r"""After \\ a bracket would be read as an option of it, and a star too."""
    return ("{}" if text[:1] in ("[", "*") else "") + escape(text)


def _number(cell: Cell) -> str:
    stars = rf"$^{{{cell.stars}}}$" if cell.stars else ""
    return _minus(escape(cell.text)) + stars


def _minus(text: str) -> str:
    """A minus before a digit is a sign, not a hyphen; an exponent keeps its own."""
    return re.sub(r"(?<![\w.])-(?=\d)", "$-$", text)


def _superscript(text: str) -> str:
    return text.replace("†", r"$^{\dagger}$")
