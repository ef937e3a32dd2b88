"""What a cause is said for: numbers too many, or too precise, for chance. What chance would give too is only said."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import ROOT
from parity.logs.exhibit import Place
from parity.logs.numbers import cell
from parity.package.by_chance import Told, of_one_change
from parity.package.causes import by_itself, cut_digits
from parity.package.estimates import Estimated
from parity.package.explained import _settle
from parity.package.fit import Fit
from parity.package.verdict import Cause, Judged, judged
from parity.package.verify import verify

EXAMPLE = ROOT / "docs" / "examples" / "package"
TERMS = {
    "x": {"coef": 28.529462, "se": 2.3456789, "t": 12.162561, "p": 1e-9},
    "z": {"coef": 7.2345678, "se": 0.5345678, "t": 13.533489, "p": 1e-9},
}
E = Estimated(0, "a.do", 1, "reg y x z", "reg", terms=TERMS, statistics={"nobs": 100.0}, df=97.0)


def of(quantity: str, text: str, term: str = "x", column: int = 0) -> Judged:
    printed = cell(text, Place("a.log", 1), quantity)
    base = Judged(column, 0, term, term, quantity, printed, None, "not verified")
    return judged(base, E.number(quantity, term))


RIGHT = [of("se", "2.345679"), of("coef", "7.234568", "z"), of("se", ".5345678", "z"), of("t", "12.16256")]


def verdict(first: Judged, *others: Judged) -> str:
    return by_itself([first, *others], Fit(E, ("x", "z"), 2, 0, 0, 0, 0, None))[0].verdict


def test_the_last_of_seven_digits_is_no_float_among_numbers_right_to_as_many():
    assert verdict(of("coef", "28.52945"), *RIGHT) == "differs"
    assert verdict(of("coef", "28.52945")) == "explained"
    assert verdict(of("coef", "28.52945"), of("se", "2.35"), of("coef", "7.23", "z"), of("t", "12.2")) == "explained"
    coarser = of("coef", "7.23457", "z")  # a shift by as much would leave its interval once in six
    assert [verdict(of("coef", "28.52945"), *[coarser] * n) for n in (5, 20)] == ["explained", "differs"]


def test_an_end_of_an_interval_moves_as_what_it_is_the_difference_of():
    """Off its interval by 2e-7 of itself, it is by 1e-8 of the coefficient and its margin."""
    held = {"coef": 2.0, "se": 0.9069, "ci_low": 0.2000001}
    e = Estimated(0, "a.do", 1, "reg y w", "reg", terms={"w": held}, statistics={}, df=97.0)
    low = Judged(0, 0, "w", "w", "ci_low", of("coef", ".2000002").cell, 0.20000011, "differs", distance=4e-8)
    assert by_itself([low, *RIGHT], Fit(e, ("w",), 1, 0, 0, 0, 0, None))[0].verdict == "explained"
    alone = replace(low, quantity="se")
    assert by_itself([alone, *RIGHT], Fit(e, ("w",), 1, 0, 0, 0, 0, None))[0].verdict == "differs"


CUT = [of("se", "2.345678"), of("se", "2.34567"), of("se", "2.3456"), of("se", "2.345", column=1),
           of("coef", "7.234567", "z")]  # fmt: skip


def test_one_cut_number_is_a_slip_and_many_are_a_way_to_print():
    assert [c.verdict for c in cut_digits(CUT)] == ["explained"] * 5
    assert [c.verdict for c in cut_digits(CUT[:2])] == ["differs"] * 2
    rounded = of("se", "2.35")
    assert [c.verdict for c in cut_digits([*CUT, rounded])] == ["differs"] * 5 + ["reproduced"]


def told(chance: float, column: int) -> Told:
    cause = Cause("other-covariance", "these are classical ones")
    return Told((of("se", "2.1", column=column).explained(cause),), (cause,), chance)


@pytest.mark.parametrize(("chances", "said"), [
    ((0.02, 0.02), ("explained", "these are classical ones")),
    ((0.0009,), ("explained", "these are classical ones")),
    ((0.005,), ("differs", "these are classical ones")),
    ((0.05, 0.05), ("differs", "these are classical ones")),
])  # fmt: skip
def test_columns_that_one_cause_explains_are_certain_together(chances, said):
    judged_columns = [[of("se", "2.1", column=i)] for i in range(len(chances))]
    _settle(judged_columns, {i: told(c, i) for i, c in enumerate(chances)})
    assert {(c.verdict, c.causes[0].text) for cells in judged_columns for c in cells} == {said}


def test_more_numbers_leave_less_to_chance():
    """Of few digits each: one is hit by many, all of them by none."""
    off = [of("coef", "28.6"), of("coef", "7.26", "z"), of("se", "2.39")]
    chances = [of_one_change(off[:n], E) for n in (1, 2, 3)]
    assert chances[0] > 0.001 > chances[2] and chances == sorted(chances, reverse=True)


NOTE = '"* p<0.05, ** p<0.01, *** p<0.001"'


def package(folder: Path, options: str, *rows: str) -> list:
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    shutil.rmtree(folder / "tables")
    (folder / "tables").mkdir()
    (folder / "main.do").write_text(
        "import delimited using investment.csv, clear\neststo: regress inv value capital\n"
        f'esttab using "tables/table1.csv", replace {options}\n'
    )
    (folder / "tables" / "table1.csv").write_text(
        "\n".join(
            (
                '"","(1)"',
                '"","inv"',
                *[r for r in rows if "p<" not in r],
                '"N","200"',
                next((r for r in rows if "p<" in r), NOTE),
            )
        )
        + "\n"
    )
    return [c for e in verify(folder).exhibits for c in e.cells]


def test_a_star_that_is_missing_names_no_other_standard_errors(tmp_path):
    """Where coefficients stand alone every covariance gives them."""
    cells = package(tmp_path, "not", '"value","0.1156***"', '"capital","0.2307**"', '"_cons","-42.71***"')
    off = [c for c in cells if c.verdict != "reproduced"]
    assert [(c.label, c.verdict, [x.id for x in c.causes]) for c in off] == [("capital", "differs", ["stars"])]


def test_standard_errors_of_another_kind_are_named_though_the_stars_are_of_the_right_ones(tmp_path):
    """Robust ones, with which the constant has two stars; the three printed are those that classical ones give."""
    rows = ['"value","0.11556***"', '"","(0.00681)"', '"capital","0.23068***"', '"","(0.04887)"', '"_cons","-42.71437***"',
            '"","(11.57470)"', '"* p<0.05, ** p<0.001, *** p<0.0001"']  # fmt: skip
    cells = package(tmp_path, "se b(5) se(5) star(* 0.05 ** 0.001 *** 0.0001)", *rows)
    off = {(c.label, c.quantity): (c.verdict, [x.id for x in c.causes]) for c in cells if c.verdict != "reproduced"}
    assert off == {(name, "se"): ("explained", ["other-covariance"]) for name in ("value", "capital", "_cons")}
