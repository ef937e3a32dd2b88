"""Windows of a likelihood that Stata left just before its maximum: explained where they hold together, else not."""

from __future__ import annotations

import math

import pytest
from scipy.stats import norm

from parity.logs.exhibit import Place
from parity.logs.numbers import cell
from parity.package.stopped_early import LEAST, stopped_early
from parity.package.verdict import Judged, judged

REACH = norm.ppf(0.975)
TRUE = {"a": (0.8952339, 0.1012184), "b": (0.5278838, 0.0389214)}


def numbers(b: float, se: float) -> dict[str, float]:
    return {"coef": b, "se": se, "t": b / se, "p": 2 * norm.sf(abs(b / se)), "ci_low": b - REACH * se,
            "ci_high": b + REACH * se}  # fmt: skip


def window(printed: dict[str, dict[str, float]]) -> list[Judged]:
    """Each number printed to seven decimals beside what the maximum gives."""
    out = []
    for i, (term, row) in enumerate(printed.items()):
        for kind, value in row.items():
            shown = cell(f"{value:.7f}", Place("log", i + 1), kind)
            out.append(judged(Judged(0, i, term, term, kind, shown, None, "not verified"), numbers(*TRUE[term])[kind]))
    return out


def verdicts(cells: list[Judged]) -> set[str]:
    return {c.verdict for c in cells}


@pytest.mark.parametrize(("share", "due"), [(1e-4, "explained"), (-1e-4, "explained"), (1e-2, "differs")])
def test_a_point_before_the_maximum(share, due):
    (b, se), other = TRUE["a"], numbers(*TRUE["b"])
    cells = stopped_early(window({"a": numbers(b + share * se, se), "b": other}))
    assert verdicts(cells) == {"reproduced", due}
    assert {c.causes[0].id for c in cells if c.verdict == "explained"} <= {"newton-stops-early"}


def test_ratios():
    """exp(b) and the ends as exponentials, the standard error by the delta method."""

    def ratios(b: float, se: float) -> dict[str, float]:
        row = numbers(b, se)
        return {**row, **{k: math.exp(row[k]) for k in ("coef", "ci_low", "ci_high")}, "se": math.exp(b) * se}

    (b, se), cells = TRUE["a"], []
    for kind, value in ratios(b + 1e-4 * se, se).items():
        shown = cell(f"{value:.7f}", Place("log", 1), kind)
        cells.append(judged(Judged(0, 0, "a", "a", kind, shown, None, "not verified"), ratios(b, se)[kind]))
    assert verdicts(stopped_early(cells, ratios=True)) == {"reproduced", "explained"}
    assert verdicts(stopped_early(cells)) == {"reproduced", "differs"}


@pytest.mark.parametrize("kind", ["coef", "se", "ci_low", "ci_high", "p"])
def test_a_number_that_the_others_of_its_row_deny(kind):
    """The row that was altered differs; the other one is explained still."""
    moved = {t: numbers(b + 1e-4 * se, se) for t, (b, se) in TRUE.items()}
    moved["a"][kind] += 2e-6
    cells = stopped_early(window(moved))
    assert {c.term for c in cells if c.verdict == "explained"} == {"b"}
    assert kind in {c.quantity for c in cells if c.verdict == "differs"} and {
        c.term for c in cells if c.verdict == "differs"
    } == {"a"}


def test_single_digits_are_no_steps():
    """So few numbers that are off by a unit may have been typed wrong."""
    printed = {t: numbers(*of) for t, of in TRUE.items()}
    printed["a"]["ci_low"] += 1e-7
    cells = stopped_early(window(printed))
    assert sum(c.verdict == "differs" for c in cells) < LEAST and "explained" not in verdicts(cells)
