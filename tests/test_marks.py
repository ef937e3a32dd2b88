"""Markers follow from what a test calls, and skip with a reason that says what to install."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import browser
import marks
import slow
from browser import browser as open_browser
from conftest import ROOT, TESTS


def by_itself(tmp_path):
    with browser.browser(tmp_path):
        pass


def imported(tmp_path):
    with open_browser(tmp_path):
        pass


def deep(tmp_path):
    return [imported(path) for path in (tmp_path,)]


def other(tmp_path):
    return str(tmp_path)


def opens(function) -> bool:
    return browser.browser in marks.called(function, set())


def test_a_function_that_opens_a_browser_is_found_through_those_it_calls():
    assert opens(imported) and opens(deep) and opens(by_itself)
    assert not opens(other)


def test_what_is_lacking_is_named(monkeypatch):
    monkeypatch.setenv("PARITY_R", "none")
    assert marks.lacking.__wrapped__(("AER",)) == ["R", "AER"]  # what the process found first is kept


def test_without_r_its_tests_are_skipped_and_say_so():
    """In a process of its own: a real file, with R switched off."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-rs", "-k", "r_prints and grunfeld",
         "tests/fixtures/test_reference_scripts.py"],
        cwd=ROOT, env=os.environ | {"PARITY_R": "none"}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert re.search(r"SKIPPED \[3\] .*not installed: R, AER, clubSandwich", done.stdout), done.stdout


def test_slow_functions_are_listed_by_what_they_took():
    assert slow.name_of("tests/study/test_a.py::test_x[a/b-1]") == "test_a.py::test_x"
    before = {"test_a.py::test_x": 2.0, "test_a.py::test_y": 3.0}
    measured = {"test_a.py::test_x": slow.LEAST / 2, "test_b.py::test_z": 2.5, "test_b.py::test_q": slow.LEAST}
    assert list(slow.updated(before, measured)) == ["test_b.py::test_q", "test_b.py::test_z", "test_a.py::test_y"]


def test_the_cheapest_are_quick_and_one_of_each_file():
    share = slow.QUICK / 4
    seconds = {"a::x": share, "a::y": share, "b::x": 2 * share, "b::y": 3 * share, "c::x": 4 * share, "c::y": 5 * share}
    assert slow.slow(seconds, seconds) == {"b::y", "c::x", "c::y"}, "a and b::x fill it; c has nothing that is cheap"
    many = {f"a::{i}": slow.ALONE / 2 for i in range(int(2 * slow.QUICK / slow.ALONE))}
    seconds = many | {"c::x": slow.ALONE, "c::y": 2 * slow.ALONE, "d::x": 2 * slow.ALONE}
    assert slow.slow(seconds, seconds) == {"c::y", "d::x"}, "a fills it; c has its cheapest"
    assert slow.slow(seconds, [*seconds, "d::unlisted"]) == {"c::y", "d::x"}


def test_what_a_module_shares_counts_for_each_that_asks_for_it(tmp_path):
    (tmp_path / "test_m.py").write_text(
        "import pytest, time\n"
        "def work(seconds):\n"
        "    start = time.process_time()\n"
        "    while time.process_time() - start < seconds: pass\n"
        "@pytest.fixture(scope='module')\n"
        "def dear(): work(0.3)\n"
        "def test_a(dear): pass\n"
        "def test_b(dear): work(0.3)\n"
        "def test_c(): pass\n"
    )
    script = (
        "import json, sys, pytest, slow\n"
        "meter = slow.Meter()\n"
        "pytest.main(['-q', '-p', 'no:cacheprovider', sys.argv[1]], plugins=[meter])\n"
        "print(json.dumps(meter.seconds))\n"
    )
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")} | {"PYTHONPATH": str(TESTS)}
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "test_m.py")], capture_output=True, text=True,
                          cwd=tmp_path, env=env)  # fmt: skip
    a, b, c = (json.loads(done.stdout.strip().splitlines()[-1])[f"test_m.py::test_{name}"] for name in "abc")
    assert b > a > c and b - a > 0.25 and a - c > 0.25, (a, b, c)


def test_workers_take_the_dearest_files_first_and_each_as_it_stands():
    names = ["a::x", "a::y", "b::x", "b::y", "c::x", "c::y"]
    assert slow.dearest_first(names, {"b::y": 1.0, "c::x": 3.0, "c::y": 0.5, "d::x": 9.0}) == [4, 5, 2, 3, 0, 1]


def test_every_function_that_is_listed_as_slow_is_there():
    files = {path.name: path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")}
    gone = [n for n in slow.listed() if f"def {n.partition('::')[2]}(" not in files.get(n.partition("::")[0], "")]
    assert not gone, f"renamed or taken out: mend {slow.LIST.name}, or measure their files again by `python -m slow FILE`"
    assert len(slow.listed()) > 50
