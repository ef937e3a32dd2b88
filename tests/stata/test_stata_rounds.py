"""Loops that would not end in the time of a run are given up at once, and what doesn't hang on them is run."""

from __future__ import annotations

import time

import pytest

from parity.stata.do import run_do
from parity.stata.rounds import Hopeless, Rounds, most

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
    monkeypatch.setattr("parity.stata.rounds.time.thread_time", lambda: spent[0])
    rounds = Rounds()
    rounds.enter(len(seconds_of_rounds), seconds)
    try:
        for inner in seconds_of_rounds:
            rounds.next()
            rounds.enter(len(inner), 0.0)
            for one in inner:
                rounds.next()
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


@pytest.mark.parametrize("times", [1.7, 3.0])
def test_a_loop_of_hundreds_of_regressions_gets_half_of_what_is_left_at_most(monkeypatch, times):
    """Foretold to take somewhat longer than the run has left: it never ended, and took all that stood behind it along."""
    each = 600.0 * times / 400
    spent = told(monkeypatch, [[each]] * 400, 600.0)
    assert spent is not None and 10.0 < spent <= 300.0 + each
    assert told(monkeypatch, [[each / times * 0.9]] * 400, 600.0) is None  # one that ends in time is run


def test_most_shrinks_to_a_quarter_more_than_the_time_itself():
    assert [most(s, 600.0) for s in (0.0, 150.0, 300.0, 599.0)] == [4.0, 4.0, 1.25, 1.25]
    assert most(225.0, 600.0) == pytest.approx(2.625)


def test_a_while_that_goes_on_gets_half_too(tmp_path):
    source = """clear
set obs 3
generate x = _n
local i 0
while x[1] > 0 {
    local i = `i' + 1
    quietly replace x = x + 1
}
display x[1]
clear
set obs 2
generate z = 7
"""
    began = time.process_time()
    done = run_do(source, tmp_path, file="a.do", seconds=6.0)
    (found,) = (f for f in done.findings if f.id == "too-much")
    assert (
        found.line == 5 and "was given up after a part" in found.text and "what stands behind it is run, too" in found.text
    )
    assert done.data["z"].values.tolist() == [7, 7] and time.process_time() - began < 40.0


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
