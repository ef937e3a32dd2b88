"""Markers follow from what a test calls, and skip with a reason that says what to install."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import browser
import marks
from browser import browser as open_browser
from conftest import ROOT


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
    assert marks.lacking(("AER",)) == ["R", "AER"]


def test_without_r_its_tests_are_skipped_and_say_so():
    """In a process of its own: a real file, with R switched off."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-rs", "-k", "r_prints and grunfeld",
         "tests/fixtures/test_reference_scripts.py"],
        cwd=ROOT, env=os.environ | {"PARITY_R": "none"}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert re.search(r"SKIPPED \[3\] .*not installed: R, AER, clubSandwich", done.stdout), done.stdout
