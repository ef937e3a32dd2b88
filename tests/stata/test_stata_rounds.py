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
    done = run_do(source, tmp_path, file="a.do", seconds=2.0)
    (found,) = (f for f in done.findings if f.id == "too-much")
    assert found.line == 5 and "it came no nearer to its end" in found.text and "is run" in found.text
    assert done.data["z"].values.tolist() == [7, 7] and time.process_time() - began < 2.0


#: Conditions that hang on data, macros and scalars, and bodies that bring none of them nearer to its end.
ENDLESS = {
    "data that stay": ("x[1] > 0", "replace x = 1"),
    "away from it": ("`i' > 0", "local ++i"),
    "a flag": ("!`done'", "local done 0"),
    "to and fro": ("held != 3", "scalar held = 3 - held"),
    "texts": ('"`word\'" != ""', 'local word = reverse("`word\'")'),
    "a loop inside": ("_N == 3", "foreach k of numlist 1/5 {\nlocal j = `k'\n}"),
    "ever smaller steps": ("`h' > 0", "local h = 1 / (1 / `h' + 1)"),
    "to a limit above": ("`c' > 1", "local c = 1.5 + 1 / (1 / (`c' - 1.5) + 1)"),
    "inside a loop": ("`n' > 0", "foreach k of numlist 1/5 {\nwhile `k' > 0 {\nlocal j = `k'\n}\n}"),
}


def test_endless_loops_take_little_more_than_twice_the_first_one_s_time_in_all(tmp_path, monkeypatch):
    """Each that is given up leaves the next half of its time; whatever seconds the run may have."""
    patience = 0.5
    monkeypatch.setattr("parity.stata.interpreter.PATIENCE", patience)
    monkeypatch.setattr("parity.stata.interpreter.SHARE", 0.0)
    start = "clear\nset obs 3\ngenerate x = _n\nscalar held = 1\nlocal i 1\nlocal n 1\nlocal done 0\nlocal word ab\n"
    start += "local h 1\nlocal c 2.5\n"
    source = start + "\n".join(f"while {condition} {{\n{body}\n}}" for condition, body in ENDLESS.values())
    began = time.process_time()
    done = run_do(source + "\nglobal after 1\n", tmp_path, seconds=600.0)
    assert time.process_time() - began < 5 * patience  # nine times without halving
    given_up = [f for f in done.findings if f.id == "too-much"]
    assert len(given_up) == len(ENDLESS) and all("no nearer to its end" in f.text for f in given_up)
    assert done.session.macros.globals["after"] == "1"


@pytest.mark.parametrize(
    ("condition", "body", "ends"),
    [
        ("`i' <= 40", "local ++i", 41),
        ("held > 1e-6", "scalar held = held * 0.7", 1),
        ('"`list\'" != ""', "gettoken first list : list", 1),
        ("x[1] < 30 & `i' < 1000", "quietly replace x = x + 1", 1),
    ],
)
def test_a_slow_while_that_comes_nearer_is_run_whole(condition, body, ends, tmp_path, monkeypatch):
    """A `while` may come no nearer for four looks at the clock, and all take many more."""
    now = [0.0]

    def later() -> float:
        now[0] += 0.05
        return now[0]

    monkeypatch.setattr("parity.stata.nearing.time.thread_time", later)
    monkeypatch.setattr("parity.stata.interpreter.PATIENCE", 0.2)
    monkeypatch.setattr("parity.stata.interpreter.SHARE", 0.0)
    start = "clear\nset obs 2\ngenerate x = _n\nscalar held = 1\nlocal i 1\nlocal list a b c d e f g h i j k l m n o p q\n"
    done = run_do(f"{start}while {condition} {{\n{body}\n}}\nglobal after `i'\n", tmp_path, seconds=3600.0)
    assert not [f.text for f in done.findings if f.id == "too-much"]
    assert done.session.macros.globals["after"] == str(ends)


def test_more_seconds_for_a_run_give_a_while_more(tmp_path, monkeypatch):
    from parity.stata.files import Files
    from parity.stata.interpreter import Interpreter
    from parity.stata.session import Session

    session = Session(Files(tmp_path, tmp_path))
    assert [Interpreter(session, seconds=s).rounds.patience for s in (60.0, 600.0, 6000.0)] == [4.0, 4.0, 40.0]


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
forvalues i = 1/1900000 {
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


def test_a_range_of_more_rounds_than_a_run_has_is_told_by_its_own_line(tmp_path):
    found = run_do("clear\nset obs 3\n\nforvalues i = 1/3000000 {\n  gen x`i' = 1\n}\ndisplay 3\n", tmp_path)
    assert [(f.id, f.line) for f in found.findings] == [("too-much", 4)]
    assert "a loop of 3,000,000 rounds" in found.findings[0].text
