"""`parity explain` on printed tables and on two engines."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

import miniatures as m
from conftest import FIXTURES, ROOT
from parity import engines
from parity.base.pool import Lost
from parity.cli import main

EXAMPLE = str(ROOT / "docs" / "examples" / "one_digit")
TABLE = """\
| | (1) pooled | (2) within |
|---|---|---|
| capital | 0.477*** | 0.414*** |
| | (0.039) | (0.063) |
| Constant | 14.24 | |
| | (15.6) | |
| N | 200 | 200 |
Standard errors in parentheses. * p<0.1, ** p<0.05, *** p<0.01
"""


@pytest.fixture
def explain(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*options: str, table: str | None = None, stdin: str | None = None, study=EXAMPLE, spec="baseline"):
        if table is not None:
            (tmp_path / "table.txt").write_text(table, encoding="utf-8")
            options = ("--table", "table.txt", *options)
        return CliRunner().invoke(main, ["explain", study, spec, *options], input=stdin)

    return run


# ---------------------------------------------------------------- printed tables


def test_the_column_is_found_by_its_numbers(explain):
    result = explain(table=TABLE)
    assert result.exit_code == 0, result.output
    assert "column 2 `(2) within`" in result.output and "nothing to explain" in result.output
    assert "standard errors (as the table says)" in result.output


RULE, CROSS = "-" * 78, "-" * 13 + "+" + "-" * 64
WINDOW = f"""\
. regress inv value capital, vce(cluster firm)

Linear regression                               Number of obs     =        200
                                                F(2, 9)           =      51.59
                                                R-squared         =     0.8124

                                   (Std. err. adjusted for 10 clusters in firm)
{RULE}
             |               Robust
         inv | Coefficient  std. err.      t    P>|t|     [95% conf. interval]
{CROSS}
       value |   .1155622   .0158943     7.27   0.000     .0796067    .1515176
     capital |   .2306785   .0849671     2.71   0.024     .0384695    .4228875
       _cons |  -42.71437    20.4252    -2.09   0.066    -88.91939     3.49065
{RULE}
"""


def of_window(explain, text: str):
    return explain(table=text, study=str(FIXTURES / "grunfeld"), spec="pooled")


def test_a_window_is_read_whole_and_says_what_it_saw(explain):
    result = of_window(explain, WINDOW)
    assert result.exit_code == 0 and "numbers seen: 22; 22 read, 20 compared, 20 as the declared spec gives" in result.output
    assert "not compared: R-squared 0.8124; clusters in firm 10" in result.output and "All 20 numbers" in result.output
    uncut = of_window(explain, WINDOW.removesuffix(RULE + "\n"))
    assert uncut.exit_code == 0 and "every term of the spec stands above" in uncut.output and "All 20" in uncut.output


def test_a_window_read_in_part_is_no_clean_answer(explain):
    cut = of_window(explain, WINDOW.split("       _cons")[0])
    assert cut.exit_code == 1 and "14 compared" in cut.output and "READ IN PART" in cut.output
    assert "missing behind line 13: (Intercept) may have stood there" in cut.output.replace("\n    ", " ")
    assert "All 14" not in cut.output
    broken = of_window(explain, WINDOW.replace(".0849671", ".08A9671"))
    assert broken.exit_code == 1 and "`.08A9671` is no number" in broken.output.replace("\n    ", " "), broken.output
    assert "numbers seen: 22; 16 read, 14 compared" in broken.output
    explained = of_window(
        explain, WINDOW.replace(".08A9671", "").replace("  .0849671", "  .0900000").split("       _cons")[0]
    )
    assert explained.exit_code == 1


def test_a_wrong_number_of_a_window_is_found_behind_a_missing_rule(explain):
    result = of_window(explain, WINDOW.removesuffix(RULE + "\n").replace("     3.49065", "     3.59065"))
    assert "ci_high (Intercept): printed 3.59065" in result.output


def test_levels_of_absorbed_effects_are_left_out_and_said(explain):
    rows = """\
        year |
       1936  |   .2306785   .0849671     2.71   0.024     .0384695    .4228875
       1937  |   .2306785   .0849671     2.71   0.024     .0384695    .4228875
             |
     capital |   .4138018   .0632813     6.54   0.000     .2706496    .5569541
"""
    head = "         inv | Coefficient  std. err.      t    P>|t|     [95% conf. interval]"
    result = explain(table=f"{RULE}\n{head}\n{CROSS}\n{rows}{RULE}\n")
    assert result.exit_code == 0, result.output
    assert "18; 18 read, 6 compared, 6 as the declared" in result.output and "not compared: 1936.year" in result.output


def test_cells_that_cannot_be_read_are_no_clean_answer(explain):
    result = explain("--column", "2", table=TABLE.replace("(0.063)", "(0.063"))
    assert result.exit_code == 1 and "READ IN PART" in result.output and "row `capital`: `(0.063`" in result.output
    other = explain("--column", "1", table=TABLE.replace("14.24", "14.2.4"))
    assert "READ IN PART" not in other.output and "row `Constant`: `14.2.4`" in other.output


def test_every_table_says_what_it_left(explain):
    result = explain(table=TABLE.replace("| N |", "| R² | 0.8 | 0.9124 |\n| N |"))
    assert result.exit_code == 0
    assert "numbers seen: 4 in column 2 (of 10 in 2 columns); 4 read, 3 compared, 3 as the declared" in " ".join(
        result.output.split()
    )
    assert "not compared: R2 0.9124" in result.output
    body = json.loads(explain("--json", table=TABLE).output)
    assert body["reading"]["seen"] == 3 and body["reading"]["lost"] == []


def test_windows_of_a_log_are_columns(explain):
    other = (
        WINDOW.replace("         inv |", "       other |").replace(".1155622", ".9155622").replace(".2306785", ".9306785")
    )
    result = of_window(explain, other + WINDOW + "mean of x is 12.5\n")
    assert result.exit_code == 0 and "column 2 `inv, line 16`" in result.output, result.output
    assert "lines outside of the window, not read: 31" in result.output


def test_a_table_from_standard_input(explain):
    result = explain("--table", "-", stdin=TABLE)
    assert result.exit_code == 0 and "All 4 numbers" in result.output


def test_what_differs_is_shown_and_named(explain):
    result = explain(table=TABLE.replace("(0.063)", "(0.065)"))
    assert result.exit_code == 1 and "NOT EXPLAINED FOR CERTAIN: " in result.output, result.output
    assert "1 of 4 printed numbers" in result.output
    assert "se capital: printed 0.065, declared 0.06328129409" in result.output
    assert "cause: counts-nested-effects" in result.output


def test_a_column_of_another_model(explain):
    result = explain("--column", "pooled", "--term", "Constant=", table=TABLE)
    assert "coef capital: printed 0.477***" in result.output and "not compared: Constant 14.24 15.6" in result.output


def test_t_statistics_are_detected_and_said(explain):
    unannounced = TABLE.replace("(0.063)", "(6.54)").replace("Standard errors in parentheses. ", "")
    result = explain("--column", "2", table=unannounced)
    assert result.exit_code == 0 and "in parentheses: t statistics (1 of 1 are this spec's" in result.output
    told = explain("--column", "2", "--parentheses", "se", table=unannounced)
    assert "cause: t-printed-as-se" in told.output and "(as told)" in told.output


def test_announced_standard_errors_that_are_t_statistics(explain):
    result = explain("--column", "2", table=TABLE.replace("(0.063)", "(6.54)"))
    assert result.exit_code == 1 and "cause: t-printed-as-se" in result.output  # three digits


def test_stars_at_other_levels(explain):
    result = explain("--column", "2", table=TABLE.replace("0.414***", "0.414**"))
    assert "stars capital: printed **, declared ***" in result.output and "stars-at-other-levels" in result.output


def test_the_levels_of_stars_are_told(explain):
    bare = TABLE.split("Standard")[0].replace("0.414***", "0.414**")
    assert explain("--column", "2", "--stars", "0.05,0.01", table=bare).exit_code == 0
    assert "for want of a note" in explain("--column", "2", table=bare).output


def test_json_says_how_it_was_read(explain):
    body = json.loads(explain("--json", table=TABLE.replace("(0.063)", "(0.065)")).output)
    assert body["verdict"] == "disagree" and body["causes"] and body["read"]
    off = [a for a in body["asked"] if not a["agrees"]]
    assert [(a["quantity"], a["term"], a["text"]) for a in off] == [("se", "capital", "0.065")]


@pytest.mark.parametrize(
    ("old", "new", "options", "says"),
    [
        ("capital", "Capital stock", (), 'Then say --term "Capital stock=capital"'),
        ("capital", "资本存量", (), 'say --term "资本存量=TERM"'),
        ("0.414***", "0,414***", (), "--decimal-comma"),
        ("", "", ("--column", "3"), "columns: 1 `(1) pooled`, 2 `(2) within`"),
        ("", "", ("--term", "x=capital"), "the table has no row `x`"),
        ("", "", ("--target-se", "capital=.06"), "one of them at a time"),
        ("0.414", "0.99", (), "did you mean"),
        ("|", " ", ("--stars", "1,2"), "falling levels"),
    ],
)
def test_tables_that_cannot_be_read_exit_2(explain, old, new, options, says):
    table = TABLE.replace(old, new) if old else TABLE
    if old == "0.414":  # neither column is this spec's
        table, says = table.replace("0.063", "0.99").replace("| 200 | 200 |", "| 199 | 199 |"), "which column is `baseline`?"
        table = (
            table.replace("0.477", "0.98").replace("0.039", "0.98").replace("| Constant | 14.24 | |\n| | (15.6) | |\n", "")
        )
    result = explain(*options, table=table)
    assert result.exit_code == 2 and says in result.output.replace("\n", " "), result.output
    assert "Traceback" not in result.output


def test_no_table_and_no_number(explain):
    assert explain("--table", "missing.csv").exit_code == 2
    assert explain("--column", "2", "--target-se", "capital=.06").exit_code == 2
    result = explain("--table", "-", stdin="hello")
    assert result.exit_code == 2 and "no row of it has a name and numbers" in result.output


def test_chinese_rows_are_mapped(explain):
    result = explain("--term", "资本存量=capital", "--column", "2", table=TABLE.replace("capital", "资本存量"))
    assert result.exit_code == 0, result.output


# ---------------------------------------------------------------- two engines


def counting_all(estimate, spec, design):
    """An engine that applies the declared convention itself, wrongly: it counts all fixed effects, K = 1 + 10 + 20 - 1."""
    wrong = m.with_matrices(estimate, [x * 10 / 9 * 199 / (200 - 30) for x in m.matrices(estimate)])
    return wrong.model_copy(update={"basis": "reghdfe", "df_t": 9.0})


class Shipped(m.Miniature):
    """A miniature whose defaults count every fixed effect."""

    def shipped(self, spec, design, tight):
        return counting_all(self.estimate(spec, design), spec, design)


@pytest.fixture
def two(monkeypatch, explain):
    shipped = m.miniature("ships")
    made = {
        "ships": Shipped(shipped.info),
        "r-stata": m.miniature("r-stata"),
        "same": m.miniature("same"),
        "counts": m.miniature("counts", counting_all),
        "refuses": m.miniature("refuses", refuses=True),
        "fails": m.miniature("fails", lambda *_: 1 / 0),
    }
    missing = m.miniature("missing")
    made["missing"] = replace(missing, info=replace(missing.info, packages=("no-such-package-at-all",)))
    monkeypatch.setattr(engines, "registry", lambda: made)
    monkeypatch.setattr(m.Miniature, "availability", lambda self: _missing(self))

    def inline(calls, *, jobs, timeout, done):
        for call in calls:
            try:
                result = call.function(*call.args)
            except Exception as error:
                result = Lost(repr(error))
            done(call.key, result)

    monkeypatch.setattr("parity.runs.ask.run_calls", inline)
    return explain


def _missing(engine):
    from parity.results.estimate import Unavailable

    if engine.info.id == "missing":
        return Unavailable(engine="missing", reason="it is not installed", remedy="install it")
    return None


def test_engines_that_agree_say_with_how_many_digits(two):
    result = two("--candidate", "same")
    assert result.exit_code == 0, result.output
    assert "They agree in" in result.output and "16.0 digits" in result.output


def test_engines_that_differ_are_explained(two):
    result = two("--candidate", "counts")
    assert result.exit_code == 0, result.output
    assert "They differ in" in result.output and "cause: counts-nested-effects" in result.output
    assert "reference: r-stata (live)" in result.output and "candidate: counts (live)" in result.output
    body = json.loads(two("--candidate", "counts", "--json").output)
    assert body["verdict"] == "explained" and body["differences"] and body["compared"] > 5


def test_the_reference_is_chosen(two):
    result = two("--reference", "counts", "--candidate", "r-stata")
    assert result.exit_code == 0 and "reference: counts (live)" in result.output


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--candidate", "sam"), 2, "did you mean `same`?"),
        (("--reference", "x", "--candidate", "same"), 2, "there is no engine `x`"),
        (("--candidate", "r-stata"), 2, "is the spec's reference"),
        (("--candidate", "same", "--reference", "same"), 2, "stands on both sides"),
        (("--reference", "same"), 2, "Give --candidate ENGINE"),
        (("--as-shipped", "--candidate", "same"), 2, "same declines `baseline`: notimpl"),
        (("--as-shipped", "--target-se", "capital=.06"), 2, "one of them at a time"),
        (("--candidate", "refuses"), 2, "refuses declines `baseline`: never: it declines everything"),
        (("--candidate", "missing"), 2, "missing is unavailable: it is not installed; install it"),
        (("--candidate", "fails"), 1, "fails failed on `baseline`: a number in its arithmetic over- or underflowed"),
        (("--candidate", "same", "--target-se", "capital=.06"), 2, "one of them at a time"),
        (("--candidate", "same", "--column", "1"), 2, "give one with --table FILE"),
    ],
)
def test_engines_without_an_estimate_say_so_once(two, options, code, says):
    result = two(*options)
    assert result.exit_code == code and says in result.output, result.output
    assert "Traceback" not in result.output and len(result.output.strip().split("\n")) == 1


# ---------------------------------------------------------------- as shipped


def test_an_engine_as_shipped_is_explained_though_it_agrees_as_declared(two):
    assert "They agree" in two("--candidate", "ships").output
    result = two("--candidate", "ships", "--as-shipped")
    assert result.exit_code == 0, result.output
    assert "candidate: ships as shipped (live)" in result.output and "cause: counts-nested-effects" in result.output


def test_without_a_question_every_engine_as_shipped_is_explained(two):
    result = two()
    assert result.exit_code == 0, result.output
    assert result.output.startswith("ships\n=====\n") and "cause: counts-nested-effects" in result.output
    body = json.loads(two("--as-shipped", "--json").output)
    assert list(body) == ["ships"] and body["ships"]["verdict"] == "explained"


def test_a_stata_window_is_stata_s_and_a_table_is_nobody_s():
    from parity.printed.table import read_table

    assert read_table(WINDOW).printed_by == "stata" and read_table(TABLE).printed_by == ""
