"""Prefixes: statsby's results a group, and what makes something else of a command is never run as if it weren't there."""

from __future__ import annotations

import pytest

from small_do import PANEL, column, run

nan = float("nan")
#: x and y of group 1 have the means 2 and 14/3, of group 2 3 and 10/3; group 3 has one row, and one row has no group.
LINES = """
clear
input g x y
2 1 1
1 1 3
1 2 5
2 4 4
1 3 6
2 4 5
3 5 5
. 6 6
end
"""


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (
            "statsby, by(g) clear: regress y x if g < 3",
            {"g": [1, 2, 3], "_b_x": [1.5, 7 / 6, nan], "_b_cons": [5 / 3, -1 / 6, nan]},
        ),
        (
            "statsby b=_b[x] n=e(N), by(g) clear nodots: regress y x if g < 3",
            {"g": [1, 2, 3], "b": [1.5, 7 / 6, nan], "n": [3, 3, nan]},
        ),
        (
            "statsby m=r(mean) s=(r(sd)*2), by(g) clear: summarize x",
            {"g": [1, 2, 3], "m": [2, 3, 5], "s": [2, 2 * 3**0.5, nan]},
        ),
        ("statsby r(N), by(g, missing) clear: summarize x", {"g": [1, 2, 3, nan], "_stat_1": [3, 3, 1, 1]}),
        ("statsby r(N), clear: quietly summarize x if x > 1", {"_stat_1": [6]}),
        (
            "qui statsby n=r(N), by(g) saving(kept): count\nmerge m:1 g using kept, nogen keep(match)\n"
            "keep n\nduplicates drop",
            {"n": [3, 1]},
        ),
        (
            "program p, rclass\nsummarize x\nreturn scalar top = r(max)\nend\nstatsby t=r(top), by(g) clear: p",
            {"g": [1, 2, 3], "t": [3, 4, 5]},
        ),
    ],
)
def test_results_a_group(typed, wanted, tmp_path):
    session = run(LINES + typed, tmp_path)
    assert [f.text for f in session.findings] == []
    assert list(session.data.columns) == list(wanted)
    for name, values in wanted.items():
        assert column(session, name) == pytest.approx(values, nan_ok=True, rel=1e-6), name


def test_each_group_is_an_estimation_of_its_rows(tmp_path):
    fits = run(LINES + "statsby, by(g) clear: regress y x if g < 3", tmp_path).fits
    assert [fit.data.rows for fit in fits] == [3, 3]


@pytest.mark.parametrize("typed", ["statsby, by(g): summarize x", "statsby, by(nosuch) clear: summarize x",
                                   "statsby r(N), by(g) clear: summarize nosuch"])  # fmt: skip
def test_what_statsby_refuses(typed, tmp_path):
    session = run(LINES + typed, tmp_path)
    assert [f.id for f in session.findings] == ["stata-error"]


@pytest.mark.parametrize(("typed", "left"), [("macro drop a1", "-2-3"), ("macro drop a*", "--3"), ("macro drop _all", "--"),
                                             ("macro list", "1-2-3"), ("macro drop a1 b", "-2-")])  # fmt: skip
def test_a_dropped_macro_is_empty(typed, left, tmp_path):
    text = f"global a1 1\nglobal a2 2\nglobal b 3\n{typed}\nlocal said $a1-$a2-$b"
    assert run(LINES + text, tmp_path).macros.locals["said"] == left


@pytest.mark.parametrize(("step", "wanted"), [("macro shift", "a b c"), ("mac shift 2", "a c")])
def test_arguments_are_shifted(step, wanted, tmp_path):
    text = f'program p\nwhile "`1\'" != "" {{\nglobal seen $seen `1\'\n{step}\n}}\nend\nglobal seen\np a b c'
    session = run(text, tmp_path)
    assert session.macros.globals["seen"].split() == wanted.split()


def test_estimates_in_the_place_of_the_data_lose_them(tmp_path):
    session = run(LINES + "regress y x\nregsave\ngen z = coef", tmp_path)
    assert [f.id for f in session.findings] == ["unknown-command"] and session.data is None
    assert run(LINES + "regress y x\nregsave using f, replace\ngen z = x", tmp_path).findings == []


PROGRAM = "program p, rclass\nreplace x = 7\nreturn scalar b = 1\nend\n"


@pytest.mark.parametrize("typed", ["simulate b=r(b), reps(9): p", "simulate b=_b[t], reps(9): regress x t",
                                   "simulate b=r(mean), reps(9): summarize x",
                                   "statsby, by(id) clear total: summarize x",
                                   "statsby, by(id) clear: nosuchcommand x",
                                   "rolling m=r(mean), window(2) clear: summarize x",
                                   "bootstrap r(mean), reps(9) clear: summarize x"])  # fmt: skip
def test_results_that_would_replace_the_data_lose_them(typed, tmp_path):
    session = run(PROGRAM + PANEL + typed + "\ngen y = x", tmp_path)
    assert [f.id for f in session.findings] == ["unknown-command"]
    assert session.data is None and session.done[-1].status == "lost"


@pytest.mark.parametrize("typed", ["bootstrap r(b), reps(9): p", "bootstrap r(mean), reps(9): summarize x",
                                   "permute x r(mean), reps(9): summarize x", "jackknife r(mean): summarize x",
                                   "svy: tabulate s", "mi xeq: replace x = 1",
                                   "simulate b=r(b), reps(9) saving(f): p"])  # fmt: skip
def test_a_command_behind_a_prefix_that_changes_it_is_not_run_without_it(typed, tmp_path):
    session = run(PROGRAM + PANEL + typed + "\nscalar s = r(mean)", tmp_path)
    assert [f.id for f in session.findings] == ["unknown-command"] and "prefix" in session.findings[0].text
    assert column(session, "x")[:2] == [1, 4] and "s" not in session.scalars


@pytest.mark.parametrize("prefix", ["jackknife", "svy", "nestreg", "fp <t>", "stepwise, pr(.1)"])
def test_an_estimation_behind_a_prefix_that_changes_it_is_declined(prefix, tmp_path):
    session = run(PANEL + f"{prefix}: regress x t\nscalar s = _b[t]", tmp_path)
    assert [f.id for f in session.findings] == ["no-engine"] and len(session.fits) == 1
    assert "s" not in session.scalars
