"""newey refuses periods that don't follow one another: a spec of it has no number then, as the command has none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from parity.engines import engine
from parity.runs.runner import run
from parity.sample.build import uneven
from parity.study.load import load_study

HEAD = '[study]\ntitle = "A series"\ndata = "d.csv"\n{unit}time = "t"\n[spec.main]\n'
FORMULA = 'formula = "y ~ x"\nvcov = {{ newey_west = {lags} }}\nconvention = {convention}\n'
ENGINES = ("r-stata", "r-lm", "py-pyfixest", "py-statsmodels")
REGRESS, FORCED = '"regress"', '{ profile = "regress", kernel_gaps = "kept" }'


def verdicts(folder, text: str, rows: slice | list[int], units: int = 1) -> dict[str, str]:
    t = np.tile(np.arange(1, 41), units)
    d = pd.DataFrame(
        {"i": np.repeat(np.arange(units), 40), "t": t, "x": np.sin(np.arange(len(t))), "y": np.cos(3.0 * t) + t / 9}
    )
    d.iloc[rows].to_csv(folder / "d.csv", index=False)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    report = run([load_study(folder)], engines=[engine(name) for name in ENGINES])
    return {r.candidate or r.kind: f"{r.verdict}: {r.note}" for r in report.records}


GAP, WHOLE, ODD = [i for i in range(40) if i != 17], slice(None), slice(None, None, 2)


def ends(found: dict[str, str]) -> str:
    """How the engines came out: one that agrees with the reference, or what newey would say."""
    said = [v for k, v in found.items() if k in ENGINES]
    if any(v.startswith("agree") for v in said):
        return "agree"
    assert found["spec"].startswith("vacuous")
    (refused,) = {v for v in said if "newey refuses" in v} or {""}
    return refused


@pytest.mark.needs_r
@pytest.mark.parametrize(("lags", "convention", "rows", "units", "what"), [
    (2, REGRESS, GAP, 1, "its rows are not one period apart"), (2, REGRESS, ODD, 1, "regular steps, but not of one"),
    (0, REGRESS, ODD, 1, "regular steps, but not of one"), (0, REGRESS, GAP, 1, "agree"),
    (2, FORCED, [*GAP, *range(40, 80)], 2, "agree"),
])  # fmt: skip
def test_a_spec_of_newey_over_gaps_has_no_number(lags, convention, rows, units, what, tmp_path):
    text = HEAD.format(unit='unit = "i"\n') + FORMULA.format(lags=lags, convention=convention)
    assert what in ends(verdicts(tmp_path, text, rows, units))


@pytest.mark.parametrize(("convention", "rows", "units", "what"), [
    (REGRESS, WHOLE, 2, "its rows are not one period apart"), (REGRESS, slice(5, None), 1, "agree"),
    (FORCED, WHOLE, 2, "agree"),
])  # fmt: skip
def test_nor_has_one_of_several_units_unless_forced(convention, rows, units, what, tmp_path):
    text = HEAD.format(unit='unit = "i"\n') + FORMULA.format(lags=2, convention=convention)
    assert what in ends(verdicts(tmp_path, text, rows, units))


def test_the_command_of_a_spec_is_refused_and_forced_it_is_not(tmp_path):
    head = HEAD.format(unit='unit = "i"\n')
    assert "newey refuses" in ends(verdicts(tmp_path, head + 'stata = "newey y x, lag(2)"\n', WHOLE, 2))
    assert ends(verdicts(tmp_path, head + 'stata = "newey y x, lag(2) force"\n', WHOLE, 2)) == "agree"


def test_steps_of_one_are_even_wherever_they_begin():
    assert not uneven(np.array([7, 5, 6]), 3) and not uneven(np.array([4]), 1)
    assert uneven(np.array([1, 2, 4]), 1) and not uneven(np.array([1, 2, 4]), 0) and uneven(np.array([1, 3, 5]), 0)
