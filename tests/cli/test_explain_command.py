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
        ("--target-se", "capital=0,0618", 'decimals are written with a point: "0.0618"'),
        ("--target-n", "many", "is no number of observations"),
    ],
)
def test_wrong_targets_exit_2_with_one_message(option, value, says):
    result = explain(option, value)
    assert result.exit_code == 2 and says in result.output


@pytest.mark.parametrize("few", [".09", ".08", ".067"])
def test_one_cause_that_so_few_digits_fit_is_not_said_for_certain(few):
    said = " ".join(explain("--target-se", f"capital={few}").output.split())
    assert "NOT EXPLAINED FOR CERTAIN: " in said and "and about" in said and "More printed digits" in said


def test_many_digits_are_said_for_certain():
    assert "\nEXPLAINED:" in explain("--target-se", "capital=.1314479111").output


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


def test_n_is_said_first():
    text = explain("--target-coef", "capital=.4138", "--target-se", "capital=.0711", "--target-n", "201").output
    assert text.startswith("N DIFFERS: printed 201, declared 200. Other rows enter"), text
    assert "N DIFFERS" not in explain("--target-se", "capital=.0711", "--target-n", "200").output


def test_what_stata_prints_ends_in_one_certain_cause():
    """Coefficient, standard error of six digits, N. A digit less is named too, but six in a thousand random numbers are."""
    doubt = "NOT EXPLAINED FOR CERTAIN: this fits, and about 0.0056 of "
    for se, said, code in ((".0649348", " EXPLAINED: ", 0), (".064935", doubt, 1)):
        result = explain("--target-coef", "capital=.4138", "--target-se", f"capital={se}", "--target-n", "200")
        assert result.exit_code == code and said in " ".join(result.output.split())
        assert "cause: counts-nested-effects\n" in result.output


def test_the_search_ends_after_so_many_seconds():
    noise = ("--target-coef", "capital=.7654321", "--target-se", "capital=.0123456")
    done = explain(*noise, "--seconds", "0.000001")
    assert done.exit_code == 1 and "STOPPED before all was tried, after" in done.output, done.output
    assert "(--seconds 1e-06)" in done.output and "NOT EXPLAINED" not in done.output
    assert json.loads(explain(*noise, "--seconds", "0.000001", "--json").output)["stopped"] == "--seconds 1e-06"
    assert explain(*noise, "--seconds", "0").exit_code == 2


def test_the_first_interrupt_ends_the_search_with_what_it_has(monkeypatch):
    import os
    import signal

    from parity.diagnose import search

    weigh = search.Search._watched

    def interrupted(self, size):
        if size == 2:
            os.kill(os.getpid(), signal.SIGINT)
        weigh(self, size)

    monkeypatch.setattr(search.Search, "_watched", interrupted)
    before = signal.getsignal(signal.SIGINT)
    done = explain("--target-coef", "capital=.7654321", "--target-se", "capital=.0123456")
    assert done.exit_code == 130 and "(interrupted)" in done.output and "nearest miss" in done.output, done.output
    assert signal.getsignal(signal.SIGINT) is before


def test_a_long_search_says_how_far_it_is(monkeypatch, capsys):
    from parity.report import progress

    monkeypatch.setattr(progress, "QUIET", 0.0)
    with progress.search_watch() as watch:
        watch(2, 12_345)
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("searching: 2 causes at once, 12,345 variants weighed"), said


def test_what_stata_cannot_give_is_said():
    plain, stata = (explain("--target-se", "capital=.0600171446", *more).output for more in ((), ("--from", "stata")))
    assert "cause: counts-no-effects" in plain and "has no option for it" not in plain
    assert "Stata, whose numbers these are, has no option for it" in stata
