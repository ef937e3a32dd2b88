"""A slice of the planted cases of docs/evidence/planted.md, with seeds that page doesn't use."""

from __future__ import annotations

import planted

FIRST = 7_000_000


def some(make: str, n: int) -> list[planted.Outcome]:
    found: list[planted.Outcome] = []
    seed = FIRST
    while len(found) < n:
        outcome = planted.judged(seed, make)
        found += [outcome] if outcome is not None else []
        seed += 1
    return found


def test_planted_causes_are_named():
    found = some("case", 6)
    missed = [str(o) for o in found if o.result not in planted.FOUND]
    assert len(missed) <= 1, missed  # a search of few pairs
    assert not [m for m in missed if m.startswith("wrong")]


def test_noise_and_nonsense_are_not_named():
    assert [str(o) for o in some("noise", 2) if o.result != "not named"] == []


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
