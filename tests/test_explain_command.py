"""`parity explain`: the seven standard errors of one coefficient are named, nonsense is not."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from conftest import ROOT
from parity.cli import main

EXAMPLE = str(ROOT / "docs" / "examples" / "one_digit")


def explain(*options: str):
    return CliRunner().invoke(main, ["explain", EXAMPLE, "baseline", *options])


@pytest.mark.parametrize(
    ("se", "cause"),
    [
        (".0569372626", "cr0"),
        (".0600171446", "counts-no-effects"),
        (".0601685121", "drops-all-effects-when-nested"),
        (".0617571323", "counts-nested-effects"),
        (".0649347850", "counts-nested-effects"),
        (".1314479111", "cr2"),
    ],
)
def test_each_standard_error_is_named(se, cause):
    result = explain("--target-se", f"capital={se}")
    assert result.exit_code == 0, result.output
    assert "EXPLAINED" in result.output and f"cause: {cause}\n" in result.output


def test_the_declared_one_needs_no_explanation():
    result = explain("--target-se", "capital=.0632812941")
    assert result.exit_code == 0 and "nothing to explain" in result.output


def test_nonsense_is_not_explained():
    result = explain("--target-se", "capital=.0777777777")
    assert result.exit_code == 1 and "NOT EXPLAINED" in result.output


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--target-se", "capitl=.06", "did you mean `capital`?"),
        ("--target-se", "capital", "is not TERM=VALUE"),
        ("--target-se", "capital=six", "is not TERM=VALUE"),
        ("--target-n", "many", "is no number of observations"),
    ],
)
def test_wrong_targets_exit_2_with_one_message(option, value, says):
    result = explain(option, value)
    assert result.exit_code == 2 and says in result.output


@pytest.mark.parametrize("few", [".09", ".08", ".067"])
def test_one_cause_that_so_few_digits_fit_is_not_said_for_certain(few):
    said = " ".join(explain("--target-se", f"capital={few}").output.split())
    assert "EXPLAINED, but not for certain: about" in said and "More printed digits" in said


def test_many_digits_are_said_for_certain():
    assert "EXPLAINED:" in explain("--target-se", "capital=.1314479111").output


def test_a_zero_proves_no_units():
    assert "outcome-units, outcome-units" not in explain("--target-coef", "capital=0.0").output


def test_few_digits_leave_more_and_say_which():
    few, many = explain("--target-se", "capital=.062", "--json"), explain("--target-se", "capital=.0617571", "--json")

    def remain(result) -> set:
        body = json.loads(result.output)
        named = [tuple(c["id"] for c in s["causes"]) for s in (*body["causes"], *body["possible"])]
        return {*named, *body["defaults"]}

    assert len(remain(few)) > len(remain(many)) and "linearmodels" in remain(few) & remain(many)
    text = " ".join(explain("--target-se", "capital=.062").output.split())
    assert "under the whole convention of: linearmodels" in text and "would tell them apart" in text


def test_without_a_spec_those_of_the_study_are_named():
    done = CliRunner().invoke(main, ["explain", EXAMPLE])
    assert done.exit_code == 2 and done.stdout == "" and "Specs: baseline" in done.output
