"""The page of settings: one declared table, complete, and told as it is written."""

from __future__ import annotations

import sys

import pytest

from conftest import ROOT
from parity.conventions.meanings import PROGRAMS, SETTINGS, profiles_with, values_of
from parity.conventions.profiles import Convention


def test_every_setting_and_value_has_its_words():
    assert list(SETTINGS) == [name for name in Convention.model_fields if name != "profile"]
    for name, setting in SETTINGS.items():
        assert tuple(setting.values) == values_of(name), name
        assert all(says and set(typed) <= set(PROGRAMS) for says, typed in setting.values.values())
        assert f"{name}" in (Convention.__doc__ or ""), name


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_s_own_spelling_is_in_the_table(program):
    known = {"fixest": "K.fixef", "plm": '"sss"', "lfe": "exactDOF", "clubSandwich": '"CR1S"', "Stata": "dfadj"}
    assert any(known[program] in typed.get(program, "") for s in SETTINGS.values() for _, typed in s.values.values())


def test_the_page_is_what_the_table_says():
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        from build_settings import PAGE, page
    finally:
        sys.path.pop(0)
    assert PAGE.read_text(encoding="utf-8") == page(), "run python docs/build_settings.py"
    assert profiles_with("count_fixef", "nonnested") == ["fixest", "reghdfe", "ivreghdfe"]
