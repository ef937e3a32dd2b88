"""Tables and bases of commands that pass as harmless or as estimates: outreg2's rows, estpost, estfe, fvset."""

from __future__ import annotations

import pytest

from small_do import run

DATA = """
clear
set obs 40
gen g = mod(_n, 4)
gen x = mod(_n * 7, 11)
gen y = x + g^2 + mod(_n * 5, 7)
"""


def coefficients(session) -> dict[str, float]:
    b = session.e.matrices["b"]
    return dict(zip(b.columns, b.values[0].tolist(), strict=True))


@pytest.mark.parametrize("words", ["x", "x g", "x*", "_cons"])
def test_words_of_outreg2_that_are_variables_are_rows_of_its_table(words, tmp_path):
    session = run(DATA + f"regress y x g\noutreg2 {words} using t.xls, replace", tmp_path)
    assert [f.text for f in session.findings] == []
    assert [name for name, _, _ in session.tables[0].columns] == [""]


def test_words_of_tables_that_are_nothing_are_said(tmp_path):
    for command in ("outreg2 nosuch using t.xls", "esttab x"):
        assert "estimation result" in run(DATA + f"regress y x\n{command}", tmp_path).findings[0].text


def test_estpost_runs_what_it_posts_and_its_e_is_not_known(tmp_path):
    session = run(DATA + "estpost summarize x\nscalar m = r(mean)\nscalar s = e(mean)", tmp_path)
    assert [f.text for f in session.findings] == []
    assert session.scalars["m"] == pytest.approx(5, abs=1) and "s" not in session.scalars
    assert [f.id for f in run(DATA + "estpost nosuch x", tmp_path).findings] == ["unknown-command"]
    assert [f.id for f in run(DATA + "regress y x\nestfe , labels(g G)\ndi _b[x]", tmp_path).findings] == []


@pytest.mark.parametrize(
    ("typed", "left_out"),
    [("fvset base 2 g", 2), ("fvset base last g", 3), ("fvset base 2 g\nfvset clear g", 0),
     ("fvset base 2 g\nfvset base default g", 0), ("fvset base 1 g\nrename g h\nrename h g", 1)],
)  # fmt: skip
def test_the_base_that_fvset_sets_is_that_of_later_estimations(typed, left_out, tmp_path):
    session = run(DATA + f"{typed}\nregress y x i.g", tmp_path)
    wanted = run(DATA + f"regress y x ib{left_out}.g", tmp_path)
    assert [f.text for f in session.findings] == []
    assert coefficients(session) == pytest.approx(coefficients(wanted))


@pytest.mark.parametrize("typed", ["fvset design asbalanced g", "fvset base none g", "fvset base -1 g"])
def test_what_fvset_sets_beyond_a_base_is_not_passed_over(typed, tmp_path):
    assert [f.id for f in run(DATA + typed, tmp_path).findings] == ["unknown-command"]


@pytest.mark.parametrize(
    ("command", "statistics"),
    [
        ("estpost summarize x y", ("mean", "sd", "count", "min", "max", "sum")),
        ("qui estpost sum x y, detail", ("mean", "p50")),
        ("estpost tabstat x y, s(mean sd n) c(statistics)", ("mean", "sd", "count")),
    ],
)
def test_estpost_leaves_statistics_by_variable_in_e(command, statistics, tmp_path):
    for statistic in statistics:
        source = f"{DATA}{command}\nmatrix A = e({statistic})\nsummarize y, detail\nscalar d = A[1,2] - r({statistic})\n"
        session = run(source.replace("r(count)", "r(N)"), tmp_path)
        assert [f.text for f in session.findings] == [] and session.matrices["A"].columns == ("x", "y")
        assert session.scalars["d"] == pytest.approx(0, abs=1e-12)


def test_estpost_leaves_groups_of_tabstat_side_by_side(tmp_path):
    session = run(f"{DATA}estpost tabstat x y, s(mean) by(g) c(s)\nmatrix A = e(mean)\nsum y if g == 2\n", tmp_path)
    a = session.matrices["A"]
    assert a.columns == tuple(f"{g}:{x}" for g in ("0", "1", "2", "3", "Total") for x in "xy")
    assert a.values[0, a.columns.index("2:y")] == pytest.approx(session.r.numbers["mean"], rel=1e-12)


@pytest.mark.parametrize("command", ["estpost tabstat x y, s(mean)", "estpost tab g"])
def test_what_estpost_calls_otherwise_is_not_known(command, tmp_path):
    assert "A" not in run(f"{DATA}{command}\nmatrix A = e(mean)", tmp_path).matrices
