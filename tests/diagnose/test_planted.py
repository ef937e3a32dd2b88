"""A slice of the planted cases of docs/evidence/planted.md, with seeds that page doesn't use."""

from __future__ import annotations

import pytest

import planted
from parity.data.load import load_frame
from parity.diagnose import pairs
from parity.diagnose.catalogue import BY_ID, dynamic
from parity.diagnose.scenario import Scenario
from parity.study.load import load_study
from parity.study.spec import Spec

FIRST = 7_000_000


def some(make: str, n: int, first: int) -> list[planted.Outcome]:
    found: list[planted.Outcome] = []
    seed = first
    while len(found) < n:
        outcome = planted.judged(seed, make)
        found += [outcome] if outcome is not None else []
        seed += 1
    return found


def test_planted_causes_are_named():
    """Of linear models, one of the likelihoods among them; pairs that are tried late are in test_two_causes.py."""
    assert [str(o) for o in some("case", 6, FIRST + 17) if o.result not in planted.FOUND] == []


def test_noise_and_nonsense_are_not_named():
    assert [str(o) for o in some("noise", 2, FIRST + 3) if o.result != "not named"] == []


@pytest.fixture
def few_firms(monkeypatch):
    """Dynamic panels of thirty firms, in place of the bundled study that `--dynamic` draws from."""
    study = load_study(planted.FIXTURES / planted.DYNAMIC)
    keys = {"formula": "n ~ 0 + l(n, 1) + w", "model": "difference_gmm", "vcov": {"cluster": ["firm"]}}
    few = {"gmm": {"n": [2, 3]}}
    specs = (Spec(id="one", **keys, dynamic=few), Spec(id="two", **keys, dynamic=few | {"steps": 2, "collapse": True}))
    frame = load_frame(study)[["firm", "year", "n", "w", "k"]]
    found = planted.Fitter(study.model_copy(update={"specs": specs}), frame[frame["firm"] <= 30].reset_index(drop=True))
    monkeypatch.setattr(planted, "fitter_of", lambda name: found)
    return found


def test_causes_of_dynamic_panels_are_named(few_firms, few_pairs):
    seeds, found = iter(range(FIRST, FIRST + 100)), []
    while len(found) < 2:
        outcome = planted.judged(next(seeds), "case", "dynamic")
        found += [outcome] if outcome is not None and len(outcome.planted) == 1 else []
    assert [str(o) for o in found if o.result not in planted.FOUND] == []


def test_two_settings_of_a_dynamic_panel_come_before_other_pairs(few_firms, monkeypatch):
    """They move coefficients far and by no sum, so that pairs with a period left out would look likelier."""
    monkeypatch.setattr("parity.diagnose.pairs.MOST", 20 * pairs.DEARER)
    base = Scenario(few_firms.study.spec("one"))
    (system,) = BY_ID["levels-added"].steps(base, few_firms)
    lags = next(s for s in BY_ID["other-lags"].steps(system.scenario, few_firms) if ("begin", 3) in s.parameters)
    observed = planted.from_numbers(few_firms.numbers(lags.scenario), planted.EXACT, planted.FULL)
    catalogue = (*dynamic.CAUSES, BY_ID["unit-missing"], BY_ID["period-missing"], BY_ID["control-left-out"])
    found = planted.Search(few_firms, observed, base, catalogue).run(2)
    assert [[s.cause.id for s in f.path.steps] for f in found.solutions] == [["levels-added", "other-lags"]]


def test_no_row_stands_twice_in_a_dynamic_panel(few_firms):
    """Of a unit's two rows of one period every package makes nothing; the differences would be none the wiser."""
    twice = ("row-twice", "unit-twice", "period-twice", "rows-duplicated")
    steps = [step for id in twice for step in BY_ID[id].steps(Scenario(few_firms.study.spec("one")), few_firms)]
    assert steps == []
    pooled = Spec(id="pooled", formula="n ~ w")
    assert all(any(True for _ in BY_ID[id].steps(Scenario(pooled), few_firms)) for id in twice)


def test_each_coefficient_may_have_its_own_degrees_of_freedom():
    fitter = planted.fitter_of("grunfeld")
    scenario = planted.Scenario(fitter.study.spec("one_cr2"), scaling=("satterthwaite",))
    observed = planted.from_numbers(fitter.numbers(scenario), planted.EXACT, planted.FULL)
    assert observed.has("p", "ci_low") and not observed.has("df_t") and not observed.failing(fitter.numbers(scenario)).any()


def test_a_run_that_was_stopped_goes_on(tmp_path):
    kept = planted.Kept(tmp_path / "kept")
    outcome = planted.judged(FIRST + 1) or planted.Outcome(
        FIRST + 1, "s", "a", "table", ("cr0",), (("k", 1),), "missed", (), 0.1
    )
    kept.add("case", FIRST, None)
    kept.add("case", FIRST + 1, outcome)
    assert planted.Kept(tmp_path / "kept").of("case") == {FIRST: None, FIRST + 1: outcome}
    (tmp_path / "kept").write_text('"other code"\n["case", 1, null]\n')
    assert planted.Kept(tmp_path / "kept").of("case") == {}
