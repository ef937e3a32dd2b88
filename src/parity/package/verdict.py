"""The verdict of each printed number: whether its estimate lies in its rounding interval, and what is said where it doesn't.

Here only what a number and its estimate say by themselves; causes are `causes`' and the diagnosis'.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from parity.logs.exhibit import Cell
from parity.package.degrees import of_effects, of_the_model
from parity.package.effects import means_of_outcome
from parity.package.estimates import Estimated, of_call, plain
from parity.package.fit import IN_BRACKETS, Fit, holds, left_out
from parity.package.instrument_subsets import earlier_sargan, of_all_columns, subset_tests
from parity.package.judged import Cause, Judged
from parity.package.printed import Column, Printed, Row
from parity.package.stars import in_brackets, wrong_stars


def distance(cell: Cell, value: float, quantity: str = "") -> float:
    """How far a value is off the interval that a printed number stands for."""
    assert cell.number is not None
    given = abs(value) if quantity == "t" and cell.number.value >= 0 else value
    return max(0.0, abs(given - cell.number.value) - cell.number.half_unit)


def brackets(columns: Sequence[Column], fits: Sequence[Fit | None], announced: Mapping[str, str]) -> dict[str, str]:
    """What each bracket of an exhibit holds: what is announced, unless most of its numbers are something else."""
    hits: dict[str, Counter[str]] = {}
    for column, found in zip(columns, fits, strict=True):
        if found is None:
            continue
        for row, term in zip(column.rows, found.terms, strict=True):
            for cell in row.cells:
                if cell.bracket in ("(", "[") and cell.number is not None and cell.kind in ("(", "[", "se", "t", "p"):
                    counted = hits.setdefault(cell.bracket, Counter())
                    counted["seen"] += 1
                    counted.update(k for k in IN_BRACKETS if term and holds(cell, found.estimate.number(k, term), k))
    out = {}
    for bracket, counted in hits.items():
        kind = announced.get(bracket, "")
        best = max(IN_BRACKETS, key=lambda k: counted[k])
        if kind not in IN_BRACKETS or (counted[kind] * 4 < counted[best] and counted[best] * 2 > counted["seen"]):
            kind = best if counted[best] else kind or "se"
        out[bracket] = kind
    return out


def signed(cells: Sequence[Judged], origin: str, given: bool) -> list[Judged]:
    """A t without the sign of its estimate differs where others of the exhibit have theirs; in a window, which always gives
    it; and where it is the only one below zero of a table whose program gives it: several may be meant as absolute values.

    given: whether the program that wrote a table prints signs
    """
    every = [c for c in cells if c.quantity == "t" and c.cell.number is not None]
    off = [c for c in every if c.verdict == "reproduced" and c.estimated is not None and not c.cell.holds(c.estimated)]
    others = any(c.cell.number.value < 0 for c in every)  # type: ignore[union-attr]
    if origin != "log" and not others and not (given and len(off) == 1):
        return list(cells)
    return [
        replace(c, verdict="differs", distance=distance(c.cell, c.estimated)).because("its sign is dropped")
        if c in off and c.estimated is not None
        else c
        for c in cells
    ]


def judge(exhibit: Printed, at: int, found: Fit | None, why: str, kinds: Mapping[str, str], cuts) -> list[Judged]:
    """Every cell of a column. why: the reason where it has no estimate; cuts: levels of stars, None where unknown."""
    column = exhibit.columns[at]
    out: list[Judged] = []
    beside = in_brackets(exhibit.columns)
    for i, row in enumerate(column.rows):
        term = found.terms[i] if found is not None else ""
        for cell in row.cells:
            if cell.number is None:
                continue
            quantity = (
                kinds.get(cell.bracket, cell.kind) if cell.kind in ("(", "[", "se", "t", "p") and cell.bracket else cell.kind
            )
            if quantity == "value" and term and found is not None and cell.name in found.estimate.terms[term]:
                quantity = cell.name  # of a window that has columns of its own
            base = Judged(at, i, term or row.label, row.label, quantity, cell, None, "not verified")
            zero = found is not None and left_out(row, found.estimate)
            out.append(_of_row(base, found, term, why, cuts, zero=zero, beside=beside))
        out += _missing(exhibit, at, i, row, found, term)
    subsets = subset_tests([s.label for s in column.statistics], found.estimate) if found is not None else {}
    for statistic in column.statistics:
        quantity = statistic.name or statistic.label
        base = Judged(at, None, "", statistic.label, quantity, statistic.cell, None, "not verified")
        if statistic.cell.number is None:
            known = found is not None and exhibit.origin == "log" and found.estimate.number(quantity) is not None
            out += [point(base, never=_never_missing(quantity))] if known and statistic.cell.text.strip() == "." else []
            continue
        if statistic.label in subsets:
            out.append(judged(base, subsets[statistic.label]))
            continue
        cell = of_effects(_of_statistic(base, found, why), found, statistic.printed)
        earlier = earlier_sargan(cell.label, found.estimate) if found is not None and cell.verdict == "differs" else None
        if earlier is not None and cell.cell.holds(earlier):
            cell = replace(cell, verdict="not verified", distance=0.0, estimated=None).because(
                "it is what an earlier xtabond2 printed, which divided the errors' variance by the rows of the levels"
            )
        counted = of_all_columns(cell.label, found.estimate) if found is not None and cell.verdict == "differs" else None
        if counted is not None and holds(cell.cell, counted):
            cell = replace(cell, verdict="not verified", distance=0.0, estimated=None).because(
                "it counts the columns that are left out as parameters, as some xtabond2 do and others don't"
            )
        out.append(cell)
    return out


def _of_row(base: Judged, found: Fit | None, term: str, why: str, cuts, *, zero: bool, beside: bool) -> Judged:
    """zero: whether the row says by a zero that its term is left out, as it is; beside: whether stars stand in brackets."""
    if found is None:
        return base.because(why)
    e = found.estimate
    if not e.known:
        return base.because(unknown(e))
    if not term and (value := e.number(of_call(base.label))) is not None:
        return judged(replace(base, term="", quantity=base.label, row=None), value)
    if not term and zero:
        return replace(base, estimated=0.0, verdict="reproduced")
    if not term and (meant := e.aliases.get(plain(base.label))):
        if e.hanging.intersection(meant):
            return base.because(_hangs(e))
        if not any(t in e.terms for t in meant):
            return base.because(f"`{e.command[:60]}` leaves `{base.label}` out: it has no numbers")
        return base.because(f"`{base.label}` stands twice in this column: its other row has the numbers of the term")
    if not term:
        return base.because(f"`{base.label}` is no term of `{e.command[:60]}`: name it in a map")
    if base.quantity == "value":
        return base.because("what this number is isn't said")
    value = e.number(base.quantity, term)
    if value is None and e.drawn:
        return base.because(f"it is of a {e.drawn}: random draws, which no other program repeats")
    if value is None:
        return base.because(f"the command gives no {base.quantity} of {term}")
    out = judged(base, value, e, cuts, beside)
    if out.verdict == "differs" and term in e.hanging:
        return replace(base, estimated=value).because(_hangs(e))
    return out


def _missing(exhibit: Printed, at: int, i: int, row: Row, found: Fit | None, term: str) -> list[Judged]:
    """What a row of a window lacks of what its heading announces, where the command has it: Stata has a point for nothing
    else. A coefficient is never missing, nor is what follows from it and a standard error that is printed."""
    if exhibit.origin != "log" or found is None or not term or term.startswith("/") or not row.cells:
        return []
    e, column = found.estimate, exhibit.columns[at]
    kinds = {c.kind for r, t in zip(column.rows, found.terms, strict=True) if t for c in r.cells}
    kinds |= {s.text for s in exhibit.words if s.name == "column"}
    here = {c.kind: c.number for c in row.cells}
    lacking = sorted(kind for kind in kinds - set(here) if e.number(kind, term) is not None)
    spread = here.get("se")
    b = here.get("coef")
    wide = spread is not None and b is not None and abs(b.value) >= WIDE * spread.value
    follows = spread is not None and spread.value > 0
    return [
        point(Judged(at, i, term, row.label, kind, Cell(".", None, kind, row.cells[0].place), None, "not verified"),  # type: ignore[arg-type]
              never=kind == "coef" or (follows and kind != "se" and not (kind == "t" and wide)))
        for kind in lacking
    ]  # fmt: skip


#: A t from here on may be too wide for its column, which then has a point.
WIDE = 1e4


def point(base: Judged, *, never: bool) -> Judged:
    """A point where a command has a number. never: whether Stata never has one there"""
    out = base.because(_POINT)
    return replace(out, verdict="differs") if never else out


def _never_missing(quantity: str) -> bool:
    """Statistics of a window that every estimation has; F and chi-squared it may lack, and their p."""
    return quantity in ("nobs", "rmse", "ll", "groups", "clusters") or quantity.startswith("r2")


_POINT = "no number is printed, and the command has one"


def _hangs(e: Estimated) -> str:
    here = ", ".join(t for t in e.omitted if t in e.hanging)
    return f"{e.name} leaves one of several collinear columns out, and which isn't known: it is {here} here"


def judged(base: Judged, value: float, e: Estimated | None = None, cuts=None, beside: bool = False) -> Judged:
    """A number beside its estimate."""
    cell = base.cell
    if not holds(cell, value, base.quantity):
        off = distance(cell, value, base.quantity)
        return replace(base, estimated=value, verdict="differs", distance=off)
    wrong = wrong_stars(cell, base.quantity, e, base.term, cuts, beside) if e is not None else ""
    if wrong:
        return replace(base, estimated=value, verdict="differs", reason=wrong, causes=(Cause("stars", wrong),))
    return replace(base, estimated=value, verdict="reproduced")


#: Statistics whose names leave nothing open, whatever a call puts there; `R2` and `F` stand for several.
_NAMED_WHOLLY = ("r2_a", "r2_a_within", "r2_within", "r2_between", "r2_overall", "r2_pseudo", "clusters")


#: Statistics that have no p, so that stars at them mean nothing; F and chi2 have one.
_WITHOUT_P = ("nobs", "clusters", "groups", "singletons", "rmse", "ll", "aic", "bic")


def _starless(cell: Judged) -> Judged:
    """A count or an R² that is right and has stars."""
    bare = cell.quantity in _WITHOUT_P or cell.quantity.startswith("r2")
    if cell.verdict != "reproduced" or not bare or not cell.cell.stars:
        return cell
    many = "s" * (cell.cell.stars != 1)
    return replace(cell, verdict="differs").because(f"{cell.cell.stars} star{many} printed at a number that has no p")


def _of_statistic(base: Judged, found: Fit | None, why: str) -> Judged:
    if found is None:
        return base.because(why)
    e = found.estimate
    name = "cdf" if base.quantity == "f_first" and "cragg" in base.label.lower() else base.quantity
    value = e.number(of_call(base.label))
    own = e.number(name) if name in _NAMED_WHOLLY else None
    if value is not None and own is not None and not holds(base.cell, own):
        value = own  # the call puts another number under the name of this one
    if value is None and base.quantity == "j" and _is_its_p(base, e):
        base = replace(base, quantity="j_p")
        value = e.number("j_p")
    if value is None:
        value = e.number(base.label) if base.label in e.statistics else e.number(name)
    if value is None and e.known and base.quantity == "mean" and _OF_OUTCOME.fullmatch(base.label.strip(" .:")):
        return _of_mean(base, e)
    if value is None:
        return base.because(unknown(e) if not e.known else f"`{base.label}` of this command is not computed here")
    return _starless(of_the_model(judged(base, value), e))


def _is_its_p(base: Judged, e: Estimated) -> bool:
    """Whether `Hansen J` or `Overid` stands beside the p of the test, as in most tables, and not beside the statistic."""
    j, p = e.number("j"), e.number("j_p")
    told = re.search(r"stat|chi|\d", base.label, re.IGNORECASE) is not None
    digits = re.search(r"\.(\d*)", base.cell.text)  # a J that is printed as `0.3` rounds from many p
    told = told or digits is None or len(digits[1]) < 2
    return p is not None and not told and holds(base.cell, p, "p") and not (j is not None and holds(base.cell, j, "j"))


#: A mean that is said to be the outcome's, and of no group.
_OF_OUTCOME = re.compile(
    r"mean(?: of)?(?: the)? (?:dep(?:endent)?\.? ?var(?:iable)?s?|outcome|y)\.?|"
    r"(?:dep(?:endent)?\.? ?var(?:iable)?s?|outcome|y)\.?[ -]means?|mean dep\.? var\.?",
    re.IGNORECASE,
)


def _of_mean(base: Judged, e: Estimated) -> Judged:
    """The mean of the outcome, which no command gives: reproduced where it is that of the sample, else perhaps another's."""
    means = means_of_outcome(e) if e.source is not None and e.source.request is not None else ()
    found = next((m for m in means if base.cell.holds(m)), None)
    if found is not None:
        return judged(base, found)
    said = f"; that of {e.outcome} in its sample is {means[0]:.6g}" if means else ""
    return base.because(f"the command gives no mean{said}")


def unknown(e: Estimated) -> str:
    """Why an estimation has no numbers here."""
    return e.why_not or "the command has no estimate here"


def share(cells: Sequence[Judged]) -> float:
    """Share of the compared numbers that are reproduced; NaN where none is compared."""
    compared = [c for c in cells if c.verdict != "not verified"]
    return sum(c.verdict == "reproduced" for c in compared) / len(compared) if compared else math.nan
