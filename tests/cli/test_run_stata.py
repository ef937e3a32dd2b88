"""`parity run --stata "COMMAND" --data FILE`: one line is a study; wrong input is said in Stata's words with exit 2."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner

from conftest import ROOT
from parity.cli import main
from parity.study.load import load_study
from parity.translate.one_line import one_line

DATA = ROOT / "docs/examples/do_file/data.csv"
#: Two engines that are there without R: one alone is compared with nothing.
TWO = ("--engine", "py-moments", "--engine", "py-statsmodels")


def run(*arguments: str):
    return CliRunner().invoke(main, ["run", *arguments])


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("reg inv value capital, vce(cluster firm)", ()),
        ("xtreg inv value i.year if year > 1940, fe vce(robust)", ("--panel", "firm", "--time", "year")),
    ],
)
def test_its_output_is_that_of_a_study(command, more, tmp_path):
    given = dict(zip(more[::2], more[1::2], strict=True))
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(DATA, folder)
    lines = ["[study]", 'title = "x"', 'data = "data.csv"']
    lines += [f'unit = "{given["--panel"]}"', f'time = "{given["--time"]}"'] if given else []
    (folder / "study.toml").write_text("\n".join([*lines, "[spec.line_0_1]", f"stata = '''{command}'''"]))
    reports = []
    for arguments in ((str(folder),), ("--stata", command, "--data", str(DATA), *more)):
        out = tmp_path / f"{len(reports)}.json"
        done = run(*arguments, "--json", str(out), "--engine", "py-statsmodels", "--engine", "py-linearmodels")
        assert done.exit_code == 0, done.output
        report = json.loads(out.read_text())
        records = [r for r in report["records"] if r["candidate"].startswith("py-")]
        reports.append([{k: r[k] for k in ("study", "candidate", "verdict", "checked", "digits")} for r in records])
    assert reports[0] == reports[1] and any(r["checked"] for r in reports[0])


@pytest.mark.needs_r  # the reference
def test_the_window_of_the_command_stands_first():
    done = run("--stata", "reg inv value capital, vce(cluster firm)", "--data", str(DATA), "--engine", "py-statsmodels")
    assert done.exit_code == 0 and done.output.startswith("data/line_1_1")
    window, verdicts = done.output.split("1 of 1 specification agrees", 1)
    assert "Number of obs" in window and "_cons" in window and "agree " in verdicts


@pytest.mark.needs_r  # the reference
def test_a_name_taken_for_another_is_said():
    done = run("--stata", "reg inv valu", "--data", str(DATA), "--engine", "py-statsmodels")
    assert done.exit_code == 0 and "`valu` is no variable: Stata takes `value`" in done.stderr


def test_abbreviations_factors_and_rows_need_no_words_of_the_grammar(tmp_path):
    study = one_line("reg inv c.val##i.year 1937.year#c.capital in 1/150, r", DATA, tmp_path, "firm", "year")
    spec = study.specs[0]
    assert "_1954_year_c_value" in str(spec.formula) and str(spec.where) == "(sample_1) == (1)"
    assert "1936.year#c.value" in (study.folder / "study.toml").read_text()
    assert load_study(study.folder) == study


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--stata", "reg inv vlaue", "--data", str(DATA)), "variable vlaue not found; r(111)"),
        (("--stata", "reg inv value if yaer > 3", "--data", str(DATA)), "variable yaer not found; r(111)"),
        (("--stata", "regession inv value", "--data", str(DATA)), "command regession is unrecognized"),
        (("--stata", "xtreg inv value, fe", "--data", str(DATA)), "give --panel UNIT"),
        (("--stata", "reg inv L.value", "--data", str(DATA)), "give --time TIME"),
        (("--stata", "reg inv value if", "--data", str(DATA)), "nothing stands behind `if`; r(198)"),
        (("--stata", "reg inv value if year > 9999", "--data", str(DATA)), "no observations; r(2000)"),
        (("--stata", "reg inv value if year > 1940 if firm > 3", "--data", str(DATA)), "`if` is given twice; r(198)"),
        (("--stata", "reg inv value in 1/9 in 3/40", "--data", str(DATA)), "`in` is given twice; r(198)"),
        (("--stata", "reg inv value [aw=capital] [aw=year]", "--data", str(DATA)), "weights are given twice; r(198)"),
        (("--stata", "reg inv value, vce(robust) vce(cluster firm)", "--data", str(DATA)), "vce() is given twice"),
        (("--stata", "reg inv value, vce(robust) cluster(firm)", "--data", str(DATA)), "may not be combined; r(198)"),
        (("--stata", "reg inv value, vce(ols) robust", "--data", str(DATA)), "may not be combined; r(198)"),
        (("--stata", "areg inv value, a(firm) absorb(year)", "--data", str(DATA)), "absorb() is given twice"),
        (("--stata", "xtreg inv value, fe re", "--data", str(DATA), "--panel", "firm"), "fe and re may not be combined"),
        (("--stata", "nbreg inv value", "--data", str(DATA)), "negative binomial has no engine here"),
        (("--stata", "reg inv `x'", "--data", str(DATA)), "without macros"),
        (("--stata", "!rm -r /", "--data", str(DATA)), "unrecognized"),
        (("--stata", "reg inv value", "--data", "nowhere.csv"), "file nowhere.csv not found; r(601)"),
        (("--stata", "reg inv value", "--data", str(DATA), "--panel", "frim"), "variable frim not found"),
        (("--stata", "reg inv value"), "go together"),
        (("--data", str(DATA)), "go together"),
        (("fixtures", "--stata", "reg inv value", "--data", str(DATA)), "not both"),
    ],
)
def test_wrong_input_is_said_and_exits_2(arguments, said):
    done = run(*arguments)
    assert done.exit_code == 2 and said in done.output and "Traceback" not in done.output, done.output


def test_what_the_study_of_a_command_refuses_is_said_of_the_command():
    command = "tobit hours educ, ll(0) ul(-5)"
    done = run("--stata", command, "--data", str(ROOT / "fixtures/mroz/data.csv"))
    assert done.exit_code == 2 and done.output == f"parity: --stata: {command}: lower = 0 is not below upper = -5\n"


def test_sigma_stands_below_the_constant():
    data = str(ROOT / "fixtures/mroz/data.csv")
    shown = run("--stata", "tobit hours educ, ll(0)", "--data", data, "--engine", "py-moments").output
    assert 0 < shown.index("educ |") < shown.index("_cons |") < shown.index("/sigma |")


def test_an_omitted_variable_has_no_term():
    """`o.x` keeps a variable's place in the output and takes it out of the model."""
    plain, omitted = (
        run("--stata", f"reg inv value{more}", "--data", str(DATA), "--json", "-", *TWO)
        for more in ("", " o.capital co.capital#c.value")
    )
    assert plain.exit_code == omitted.exit_code == 0
    ours, theirs = (json.loads(done.stdout)["details"][0] for done in (plain, omitted))
    assert ours["terms"] == theirs["terms"] and ours["engines"][0]["values"] == theirs["engines"][0]["values"]


def test_a_level_of_the_intervals_is_said():
    done = run("--stata", "reg inv value, level(90)", "--data", str(DATA), *TWO)
    assert done.exit_code == 0 and "level(90) is of the intervals alone, and theirs are of 95 % here" in done.output
    usual = run("--stata", "reg inv value, level(95)", "--data", str(DATA), *TWO)
    assert usual.exit_code == 0 and "theirs are of" not in usual.output


def test_options_that_say_the_same_twice_are_one():
    for options in ("vce(cluster firm) cluster(firm)", "vce(robust) robust", "vce(cluster firm) robust"):
        assert run("--stata", f"reg inv value, {options}", "--data", str(DATA), *TWO).exit_code == 0
