"""Loops that would not end in the time of a run are given up at once, and what doesn't hang on them is run."""

from __future__ import annotations

import time

from parity.stata.do import run_do
from parity.stata.rounds import Hopeless, Rounds

SIMULATION = """clear
set obs 4
generate x = _n
local kept 1
forvalues i = 1/4000 {
    foreach k of numlist 1/20000 {
        preserve
        quietly replace x = x + `k'
        local sum = `i' + `k'
        scalar held = `sum'
        restore
    }
}
display held
generate y = x * 2
clear
set obs 3
generate z = _n
"""


def test_a_simulation_that_never_ends_is_given_up_and_the_rest_is_run(tmp_path, monkeypatch):
    monkeypatch.setattr("parity.stata.rounds.LOOK_AFTER", 1 / 6000)
    began = time.process_time()
    done = run_do(SIMULATION, tmp_path, file="a.do", seconds=600.0)
    assert time.process_time() - began < 5.0
    (found,) = (f for f in done.findings if f.id == "too-much")
    assert (found.file, found.line, found.taints) == ("a.do", 5, True)
    assert "forvalues i = 1/4000" in found.text and "given up" in found.text
    statuses = {s.line: s.status for s in done.statements}
    assert statuses[14] == "lost"  # a scalar that it set isn't known
    assert statuses[15] == statuses[18] == "run"
    assert done.data is not None and done.data["z"].values.tolist() == [1, 2, 3] and not done.data["z"].doubts


def told(monkeypatch, seconds_of_rounds: list[list[float]], seconds: float) -> float | None:
    """After how much time loops are given up whose innermost rounds take so long; None where they are run whole."""
    spent = [0.0]
    monkeypatch.setattr("parity.stata.rounds.time.process_time", lambda: spent[0])
    rounds = Rounds()
    rounds.enter(len(seconds_of_rounds))
    try:
        for inner in seconds_of_rounds:
            rounds.next(seconds)
            rounds.enter(len(inner))
            for one in inner:
                rounds.next(seconds)
                spent[0] += one
            rounds.leave()
    except Hopeless:
        return spent[0]
    return None


def test_a_loop_that_takes_long_and_ends_is_run_whole(monkeypatch):
    """Also where the first of thirty rounds takes four times as long as the others."""
    assert told(monkeypatch, [[40.0, 20.0], *[[10.0, 5.0]] * 29], 600.0) is None
    assert told(monkeypatch, [[0.02] * 10_000] * 3, 600.0) is None


def test_a_loop_of_days_is_given_up_after_seconds_however_deep_its_rounds_are(monkeypatch):
    assert told(monkeypatch, [[0.02] * 10_000] * 36, 600.0) < 11.0


def test_what_a_loop_saved_or_set_elsewhere_is_in_doubt_where_it_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr("parity.stata.rounds.LOOK_AFTER", 1 / 6000)
    source = """clear
set obs 5
generate x = _n
generate y = x^2
save kept
program told
    global told = `1'
    scalar held = `1'
    quietly regress y x
    estimates store m
end
forvalues i = 1/900000 {
    replace x = x + `i'
    save kept, replace
    told `i'
}
use kept, clear
display held
display $told
estimates restore m
"""
    done = run_do(source, tmp_path, file="a.do", seconds=600.0)
    assert [f.line for f in done.findings if f.id == "too-much"] == [12]
    assert {s.line: s.status for s in done.statements}[18] == "lost"
    assert {s.line: s.status for s in done.statements}[19] == "lost"
    assert any(s.line == 20 and s.status in ("lost", "finding") for s in done.statements)
    assert done.data.doubts
