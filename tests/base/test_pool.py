"""Workers that are kept from one run to the next: the same answers, in the environment of each run, and none left."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from parity.base.pool import Call, Lost, kept, run_calls, unkept
from told_of_worker import where


def asked(*functions, lane="python", jobs=1, timeout=60.0, args=()) -> list:
    found: dict = {}
    calls = [Call(place, lane, function, args) for place, function in enumerate(functions)]
    run_calls(calls, jobs=jobs, timeout=timeout, done=found.__setitem__)
    return [found[place] for place in range(len(functions))]


@pytest.fixture
def mine():
    """Kept workers of this test alone."""
    with unkept(), kept(1, frozenset({"APART"})):
        yield


def test_without_being_kept_each_run_has_workers_of_its_own(fresh_workers):
    first, second = asked(where)[0], asked(where)[0]
    assert first[0] != second[0] and not psutil.pid_exists(first[0])


def test_the_next_run_is_answered_by_the_same_worker_in_its_own_folder(mine, tmp_path, monkeypatch):
    first = asked(where)[0]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("APART", "nothing to a worker")
    second = asked(where)[0]
    assert first[0] == second[0]
    assert Path(first[1]) != Path(second[1]) == tmp_path.resolve()


@pytest.mark.parametrize("what", ["TOLD", "PYTHONPATH"])
def test_another_environment_has_another_worker(mine, monkeypatch, what):
    monkeypatch.delenv(what, raising=False)
    first = asked(where)[0]
    monkeypatch.setenv(what, "other")
    second = asked(where)[0]
    assert first[0] != second[0] and second[2] == ("other" if what == "TOLD" else "")
    monkeypatch.delenv(what)
    assert asked(where)[0] == first


def test_workers_of_more_than_two_environments_are_not_kept(mine, monkeypatch):
    pids = []
    for value in ("one", "two", "one", "three"):
        monkeypatch.setenv("TOLD", value)
        pids.append(asked(where)[0][0])
    assert pids[0] == pids[2] and [psutil.pid_exists(pid) for pid in pids] == [True, False, True, True]


def test_another_path_of_imports_has_another_worker(mine, monkeypatch, tmp_path):
    first = asked(where)[0]
    monkeypatch.syspath_prepend(tmp_path)
    assert asked(where)[0][0] != first[0]


def test_a_worker_that_was_lost_is_not_kept(mine):
    first = asked(where)[0]
    (fallen,) = asked(os._exit, args=(3,))
    assert isinstance(fallen, Lost) and "status 3" in fallen.reason
    (late,) = asked(time.sleep, args=(60,), timeout=0.5)
    assert isinstance(late, Lost) and "no answer within 0.5 s" in late.reason
    assert asked(where)[0][0] != first[0]


def test_what_a_call_raises_loses_no_worker(mine):
    first = asked(where)[0]
    (refused,) = asked(int, args=("no number",))
    assert isinstance(refused, Lost) and refused.reason.startswith("ValueError")
    assert asked(where)[0][0] == first[0]


def test_there_are_no_more_workers_than_may_be_kept(mine):
    assert len({pid for pid, *_ in asked(where, where, where, jobs=3)}) == 1


def test_lanes_are_apart_and_share_the_memory_of_this_run_alone(mine):
    alone = asked(where)[0]
    found: dict = {}
    run_calls([Call(lane, lane, where, ()) for lane in ("python", "r")], jobs=2, timeout=60, done=found.__setitem__)
    assert found["python"][0] == alone[0] != found["r"][0]
    assert (alone[3], found["python"][3], found["r"][3]) == (1, 2, 2)


def test_what_a_call_found_is_asked_of_in_the_lane_of_python(mine):
    """`then` makes the call that answers the key, also of a loss; a limit of a call's own is its own alone."""
    found: dict = {}
    length = lambda result: Call("", "python", len, (str(result),))  # noqa: E731
    calls = [
        Call("text", "r", str.upper, ("three",), then=lambda result: Call("text", "python", len, (result,))),
        Call("late", "r", time.sleep, (60,), timeout=0.5, then=length),
        Call("after", "r", where, ()),
    ]
    run_calls(calls, jobs=2, timeout=60, done=found.__setitem__)
    assert found["text"] == 5 and found["late"] == len(str(Lost("no answer within 0.5 s; its worker was stopped")))
    assert psutil.pid_exists(asked(where)[0][0]) and found["after"][3] == 2


def test_when_it_ends_no_worker_is_left():
    with unkept():
        with kept(1):
            found = asked(where)[0]
            assert psutil.pid_exists(found[0])
        assert not psutil.pid_exists(found[0])


def test_an_interruption_ends_those_that_were_kept(mine):
    first = asked(where)[0]

    def interrupted(key, result):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_calls([Call("a", "python", where, ())], jobs=1, timeout=60, done=interrupted)
    assert not psutil.pid_exists(first[0])
    assert asked(where)[0][0] != first[0]
