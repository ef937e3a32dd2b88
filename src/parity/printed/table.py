"""A printed regression table as a value: rows of terms, columns of specifications, each cell with the numbers it holds.

Coefficients stand with what is in parentheses below them, beside them or in the same cell; or every quantity has a
column of its own, as statistical programs print them; Stata's windows have a reader of their own (`window`). Nothing is
matched to a study here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from parity.printed.cells import CLOSING, Number, TableProblem, Token, plain, tokens
from parity.printed.grids import read_grid
from parity.printed.notes import announced, falling, star_cuts, star_levels
from parity.printed.printed_table import STATISTIC, UNKNOWN, Leftover, PrintedTable, Row
from parity.printed.window import read_output
from parity.printed.window_table import headless, window_table

#: Rows about a whole column: the number of observations, and statistics that are not read.
_NOBS = re.compile(
    r"(n|obs\.?|observations|no\.? (of )?obs\.?|no\.? of observations|number of obs(ervations|\.)?|num\.? ?obs\.?|n obs\.?|"
    r"sample size|样本量|样本数|观测值|观测数|观测值数|样本容量)",
    re.IGNORECASE,
)
_STATISTIC = re.compile(
    r"(.*\br[- ]?(2|squared?|sq)\b.*|(r2|adj).*|f|f[- ]?(stat.*|test.*)|.*\bf[- ]stat.*|.*log[- ]?lik.*|aic|bic|.*rmse|"
    r"root mse|sigma.*|rho|theta|(number of|no\.? of|n\.?|#)? ?(groups?|clusters?|firms|units|individuals|countries|states)|"
    r".*chi-?2.*|wald.*|hausman.*|prob ?>.*|.*mean of dep.*|mean dep.*|.*\bmean\b.*|std\. ?dev.*|"
    r".*kleibergen.*|.*cragg.*|.*sargan.*|.*hansen.*|p[- ]values?( .*)?|df|degrees of freedom|"
    r".*拟合优度.*|.*r平方.*|F值|F统计量)",
    re.IGNORECASE,
)
#: What a column or a row holds, by its name.
HEADS = {
    "coef": r"coef(s|\.|f\.?|ficients?)?|estimates?|b|beta|point estimate|系数|估计值|回归系数",
    "se": r"((robust|clustered|cluster|cl\.) )?(se|s\.e\.|std?\.? ?err(\.|ors?)?|standard errors?|std\.error)|标准误差?",
    "t": r"[tz]|[tz][- .]?(stat(istics?|\.)?|values?|ratio)|statistic|t值|z值|t统计量|z统计量",
    "p": r"p|p ?> ?\|?[tz]\|?|pr ?\( ?> ?\|[tz]\| ?\)|p[-. ]?values?|sig\.?|p值",
    "ci": r"\[? ?95 ?% ?(conf\.?|confidence)? ?(interval|int\.?|ci)? ?\]?|95% ci|ci|置信区间",
    "ci_low": r"conf\.low|\[?0?\.025|2\.5 ?%|lower( 95%?| ci| bound)?|ci[ _]low(er)?",
    "ci_high": r"conf\.high|0?\.975\]?|97\.5 ?%|upper( 95%?| ci| bound)?|ci[ _](upp|high)(er)?",
}


@dataclass
class _Line:
    """A row of the grid. broken: position -> text of a cell that begins like a number and is none."""

    label: str
    cells: list[tuple[Token, ...]]
    broken: dict[int, str] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        return any(self.cells)

    @property
    def bracketed(self) -> bool:
        return self.any and all(t.bracket for cell in self.cells for t in cell)


def read_table(text: str, decimal_comma: bool = False, levels_told: bool = False) -> PrintedTable:
    """Read a table in any format that `parity.printed.grids` knows. Raises `TableProblem` where that takes a guess.

    levels_told: whether somebody said at which levels its stars stand, whatever its note says
    """
    output = read_output(text, decimal_comma)
    if output.windows:
        return window_table(output)
    if headless(text):
        raise TableProblem("rows of a Stata window without their heading: paste `| Coefficient  std. err. ...` with them")
    grid = [[plain(cell) for cell in row] for row in read_grid(text)]
    lines = [_line(row, decimal_comma) for row in grid if row]
    words = "; ".join(cell for row in grid for cell in row if not _only_numbers(cell, decimal_comma))
    levels = star_levels(words)
    if levels and not falling(levels) and not levels_told:
        said = ", ".join(f"{'*' * i} {level:g}" for i, level in enumerate(levels, 1))
        raise TableProblem(f"its note gives more stars to larger p, {said}: say --stars")
    first = next((i for i, line in enumerate(lines) if line.label and line.any and not line.bracketed), None)
    if first is None or not lines[first].cells:
        raise TableProblem("no row of it has a name and numbers; is it a regression table, with the terms on the left?")
    heads = [" ".join(filter(None, (row[j] for row in grid[:first]))) for j in range(1, len(grid[0]))]
    kinds = _wide(grid[:first])
    if kinds:
        return _read_wide(lines[first:], kinds, announced(words), star_cuts(words))
    return _read_tall(lines[first:], heads, announced(words), star_cuts(words))


#: A cell that begins so is meant as a number.
_BEGINS = re.compile(r"[(\[{|]*[-+]?\.?\d")


def _line(row: list[str], decimal_comma: bool) -> _Line:
    cells = [tokens(cell, decimal_comma) for cell in row[1:]]
    broken = {j: text for j, text in enumerate(row[1:]) if not cells[j] and _BEGINS.match(text)}
    return _Line(row[0], cells, broken)


def _only_numbers(cell: str, decimal_comma: bool) -> bool:
    return bool(cell) and bool(tokens(cell, decimal_comma))


# ---------------------------------------------------------------- a column for each quantity


def _wide(heads: list[list[str]]) -> list[str] | None:
    """What each column holds, if the heading says so: a coefficient and at least one quantity more."""
    for head in heads:
        kinds = [
            next((k for k, p in HEADS.items() if re.fullmatch(p, cell.strip(), re.IGNORECASE)), "") for cell in head[1:]
        ]
        if kinds[-2:] == ["", "ci"]:
            kinds[-2:] = ["ci", ""]  # one heading over the two ends stands nearer to either
        if kinds.count("coef") == 1 and len(set(kinds) - {"coef", ""}) >= 1:
            return kinds
    return None


def _read_wide(lines: list[_Line], kinds: list[str], said: dict, stars) -> PrintedTable:
    rows, nobs, leftovers = [], "", []
    for line in lines:
        leftovers += [Leftover(line.label, ((text,),), UNKNOWN) for text in line.broken.values() if line.label]
        if not line.label or not line.any:
            continue
        if _NOBS.fullmatch(line.label):
            nobs = next(t.text for cell in line.cells for t in cell)
            continue
        if _STATISTIC.fullmatch(line.label) and sum(map(bool, line.cells)) == 1:
            leftovers.append(Leftover(line.label, (_texts(t for cell in line.cells for t in cell),)))
            continue
        numbers: list[Number] = []
        for kind, cell in zip(kinds, line.cells, strict=True):
            more = cell[1:]
            if kind == "ci" or (not kind and numbers and numbers[-1].kind == "ci_low"):
                low_high = [x for t in cell for x in (t.text, t.upper) if x]
                missing = [k for k in ("ci_low", "ci_high") if k not in [n.kind for n in numbers]]
                numbers += [Number(k, x) for k, x in zip(missing, low_high, strict=False)]
                more = ()
            elif kind and cell:
                numbers.append(Number(kind, cell[0].text))
            else:
                more = cell
            if more:
                why = UNKNOWN if kind else STATISTIC
                leftovers.append(Leftover(line.label, (_texts(more),), why))
        rows.append(Row(line.label, (tuple(numbers),)))
    return PrintedTable(("",), tuple(rows), (nobs,), said, stars, tuple(leftovers))


def _texts(found: Iterable[Token]) -> tuple[str, ...]:
    """Numbers as they stand, brackets and all."""
    return tuple(
        f"{t.bracket}{t.text}{', ' + t.upper if t.upper else ''}{CLOSING.get(t.bracket, '')}" for t in found
    )  # fmt: skip


# ---------------------------------------------------------------- coefficients over or beside parentheses


def _read_tall(lines: list[_Line], heads: list[str], said: dict, stars) -> PrintedTable:
    columns = _coefficient_columns(lines, len(heads))
    rows: list[tuple[str, list[list[Number]]]] = []
    nobs, leftovers, open_row, last = [""] * len(columns), [], False, ""
    labels = [line.label for line in lines]

    def kind_row(line: _Line) -> bool:
        """A lone `t` or `z` may be a variable; of several, or with brackets, it is a statistic."""
        sure = len(line.label) > 1 or line.bracketed or labels.count(line.label) > 1
        return sure and bool(kind_of_row(line.label))

    for line in lines:
        last = line.label or last
        if line.broken:
            torn = tuple(tuple(line.broken[j] for j in group if j in line.broken) for group in columns)
            leftovers.append(Leftover(last, torn, UNKNOWN))
        if not line.any:
            open_row = open_row and not line.label
            continue
        cells = [[t for j in group for t in line.cells[j]] for group in columns]
        below = not line.label or kind_row(line) or (line.bracketed and open_row)
        if below and not open_row:  # numbers below a statistic, or of a heading
            leftovers.append(Leftover(last, tuple(map(_texts, cells))))
        elif below:
            kind = kind_of_row(line.label) if line.label else ""
            for mine, more in zip(rows[-1][1], cells, strict=True):
                mine += [n for t in more for n in _inside(t, kind)]
        elif _NOBS.fullmatch(line.label):
            nobs, open_row = [c[0].text if c else "" for c in cells], False
        elif _STATISTIC.fullmatch(line.label):
            leftovers.append(Leftover(line.label, tuple(map(_texts, cells))))
            open_row = False
        else:
            rows.append((line.label, [_own(cell) for cell in cells]))
            open_row = True
    done = tuple(Row(label, tuple(tuple(c) for c in cells)) for label, cells in rows)
    heads = [" ".join(filter(None, (heads[j] for j in group))) for group in columns]
    return PrintedTable(tuple(heads), done, tuple(nobs), said, stars, tuple(leftovers))


def _coefficient_columns(lines: list[_Line], width: int) -> list[list[int]]:
    """Positions of each column: that of its coefficients, and those of parentheses beside them."""
    groups: list[list[int]] = []
    for j in range(width):
        found = [t for line in lines for t in line.cells[j] if line.label]
        beside = bool(found) and all(t.bracket for t in found)
        if groups and beside:
            groups[-1].append(j)
        elif found:
            groups.append([j])
    return groups


def kind_of_row(label: str) -> str:
    """`t` for a row that is named "t statistic" or "(t)", else ""."""
    bare = label.strip(" ()[]:")
    return next((k for k in ("se", "t", "p") if bare and re.fullmatch(HEADS[k], bare, re.IGNORECASE)), "")


def _own(cell: list[Token]) -> list[Number]:
    """Numbers of a labelled row: the coefficient, then what stands in brackets behind it."""
    numbers: list[Number] = []
    for token in cell:
        if not token.bracket and not numbers:
            numbers.append(Number("coef", token.text))
        else:
            numbers += _inside(token, "")
    return numbers


def _inside(token: Token, kind: str) -> list[Number]:
    if token.upper:
        return [Number("ci_low", token.text), Number("ci_high", token.upper)]
    return [Number(kind or {"": "(", "{": "(", "|": "("}.get(token.bracket, token.bracket), token.text)]
