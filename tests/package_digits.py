"""Numbers called *reproduced*, held against other digits that the same logs print, without any estimate of parity's.

    PYTHONPATH=tests python -m package_digits PACKAGE [--sample 200] [--seed 1]

A number of a table must be what the window of its command in a log rounds to. A number of a window must follow from the
others of its row or head: b = t se, the middle of the interval, p of t, R2 = SS of the model over the total, F, the root of
MS. Each printed number stands for an interval; two ways to it must meet. A package without logs has nothing to be held
against.
"""

from __future__ import annotations

import argparse
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scipy import special

from package_faults import spots
from parity.logs.exhibit import Cell
from parity.package.document import CellOf, ExhibitOf
from parity.package.estimates import Estimated
from parity.package.matched import Beside
from planted_package import Bed

Interval = tuple[float, float]
#: Relative width that sums of rounded numbers get beyond their digits.
WIDER = 1e-9


@dataclass(frozen=True)
class Check:
    """agrees: None where the logs have no other digits for the number"""

    exhibit: ExhibitOf
    cell: CellOf
    by: str = ""
    agrees: bool | None = None


def of(cell: Cell | None) -> Interval | None:
    if cell is None or cell.number is None:
        return None
    return cell.number.value - cell.number.half_unit, cell.number.value + cell.number.half_unit


def meet(a: Interval, b: Interval) -> bool:
    room = WIDER * max(map(abs, (*a, *b)))
    return a[0] - room <= b[1] and b[0] - room <= a[1]


def product(a: Interval, b: Interval) -> Interval:
    every = [x * y for x in a for y in b]
    return min(every), max(every)


def quotient(a: Interval, b: Interval) -> Interval | None:
    return None if b[0] <= 0 <= b[1] else product(a, (1 / b[1], 1 / b[0]))


def less(a: Interval, b: Interval) -> Interval:
    return a[0] - b[1], a[1] - b[0]


def root(a: Interval) -> Interval:
    return math.sqrt(max(a[0], 0.0)), math.sqrt(max(a[1], 0.0))


def p_of(t: Interval, df: float) -> Interval:
    ends = [abs(x) for x in t]
    least = 0.0 if t[0] <= 0 <= t[1] else min(ends)

    def p(x: float) -> float:
        return 2 * float(special.stdtr(df, -x)) if math.isfinite(df) else 2 * float(special.ndtr(-x))

    return p(max(ends)), p(least)


# ---------------------------------------------------------------- windows


def by_row(row: Mapping[str, Interval], quantity: str, df: float) -> tuple[str, Interval] | None:
    """What the other numbers of a row make of one of them."""
    b, se, t, low, high = (row.get(k) for k in ("coef", "se", "t", "ci_low", "ci_high"))
    if quantity == "coef" and se and t:
        return "t se", product(t, se)
    if quantity == "se" and b and t and (value := quotient(b, t)):
        return "b / t", value
    if quantity == "t" and b and se and (value := quotient(b, se)):
        return "b / se", value
    if quantity == "p" and t:
        return "p of t", p_of(t, df)
    if quantity in ("ci_low", "ci_high") and b and low and high:
        other = high if quantity == "ci_low" else low
        return "2 b less the other end", less((2 * b[0], 2 * b[1]), other)
    return None


def by_head(held: Mapping[str, Interval], name: str) -> tuple[str, Interval] | None:
    """What the table of sums of squares makes of a statistic of regress."""
    m, r, total = (held.get(f"{k} SS") for k in ("Model", "Residual", "Total"))
    ms, rs = held.get("Model MS"), held.get("Residual MS")
    if name == "r2" and m and total and (value := quotient(m, total)):
        return "SS of the model / total", value
    if name == "r2_a" and rs and (t := held.get("Total MS")) and (value := quotient(rs, t)):
        return "1 - MS of residuals / total", less((1.0, 1.0), value)
    if name == "f" and ms and rs and (value := quotient(ms, rs)):
        return "MS of the model / residuals", value
    if name == "rmse" and rs:
        return "root of MS", root(rs)
    if name == "nobs" and (df := held.get("Total df")):
        return "df + 1", (df[0] + 1, df[1] + 1)
    for k, ss in (("Model", m), ("Residual", r), ("Total", total)):
        if name == f"{k} MS" and ss and (df := held.get(f"{k} df")) and (value := quotient(ss, df)):
            return "SS / df", value
    if name == "Total SS" and m and r:
        return "sum of both", (m[0] + r[0], m[1] + r[1])
    return None


def of_window(beside: Beside, exhibit: ExhibitOf) -> Iterator[Check]:
    (column,) = beside.printed.columns
    e = estimate(beside, 0)
    df = e.df if e is not None else math.inf
    head = {s.name or s.label: i for s in column.statistics if (i := of(s.cell))}
    head |= {s.label: i for s in column.statistics if (i := of(s.cell))}
    head |= {k: (sum(i) / 2, sum(i) / 2) for k, i in head.items() if k.endswith(" df")}  # counts are exact
    for spot in spots(beside, exhibit):
        if spot.cell.verdict != "reproduced":
            continue
        mine = of(spot.printed)
        if spot.cell.row >= 0:
            row = {c.kind: i for c in column.rows[spot.cell.row].cells if (i := of(c))}
            other = None if e is not None and e.ratios else by_row(row, spot.cell.quantity, df)
        else:
            other = by_head(head, spot.cell.quantity)
        yield Check(exhibit, spot.cell, *((other[0], meet(mine, other[1])) if mine and other else ()))


# ---------------------------------------------------------------- tables


def estimate(beside: Beside, i: int) -> Estimated | None:
    match = beside.matches[i] if i < len(beside.matches) else None
    return match.fit.estimate if match is not None and match.fit is not None else None


def logged(bed: Bed) -> dict[tuple[int, str, str], Interval]:
    """Place of an estimate, term, quantity -> what its window in a log prints. Statistics have no term."""
    out: dict[tuple[int, str, str], Interval] = {}
    for beside in bed.have.exhibits:
        e = estimate(beside, 0)
        if beside.printed.origin != "log" or e is None or e.ratios or len(beside.printed.columns) != 1:
            continue
        (column,) = beside.printed.columns
        fit = beside.matches[0].fit
        for row, term in zip(column.rows, fit.terms if fit is not None else (), strict=True):
            out |= {(e.index, term, c.kind): i for c in row.cells if term and (i := of(c))}
        out |= {(e.index, "", s.name): i for s in column.statistics if s.name and (i := of(s.cell))}
    return out


def of_table(beside: Beside, exhibit: ExhibitOf, known: Mapping[tuple[int, str, str], Interval]) -> Iterator[Check]:
    places = {c.number: i for i, c in enumerate(beside.printed.columns) if not c.panel}
    for spot in spots(beside, exhibit):
        i = places.get(spot.cell.column)
        e = estimate(beside, i) if i is not None else None
        if spot.cell.verdict != "reproduced" or e is None:
            continue
        other = known.get((e.index, spot.cell.term if spot.cell.row >= 0 else "", spot.cell.quantity))
        mine = of(spot.printed)
        if other and mine and spot.cell.quantity == "t" and mine[0] >= 0:
            other = (min(map(abs, other)), max(map(abs, other)))
        agrees = meet(mine, other) if mine and other and not e.ratios else None
        yield Check(exhibit, spot.cell, "its window in the log" if agrees is not None else "", agrees)


def checked(bed: Bed) -> list[Check]:
    known = logged(bed)
    out: list[Check] = []
    for beside, exhibit in zip(bed.have.exhibits, bed.report.exhibits, strict=True):
        if exhibit.kind == "estimates":
            out += of_window(beside, exhibit) if exhibit.origin == "log" and len(exhibit.columns) == 1 else of_table(
                beside, exhibit, known)  # fmt: skip
    return out


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("package")
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    every = checked(Bed(Path(given.package)))
    held = [c for c in every if c.agrees is not None]
    drawn = random.Random(given.seed).sample(held, min(given.sample, len(held)))
    print(f"{len(every)} numbers reproduced, {len(held)} with other digits in the logs, {len(drawn)} drawn")
    for by, n in sorted(Counter(c.by for c in drawn).items()):
        print(f"{by:<30}{n:>6}{sum(bool(c.agrees) for c in drawn if c.by == by):>6} agree")
    for c in drawn:
        if not c.agrees:
            print(f"DENIED {c.exhibit.id}, line {c.cell.line}, {c.cell.label} {c.cell.quantity} {c.cell.printed}: by {c.by}")


if __name__ == "__main__":
    main()
