"""A table whose columns get other heads half-way down is two tables, each with its own models and both with the notes."""

from __future__ import annotations

from parity.logs.tables import read_table

TOP = r"""\begin{tabular}{lcc}
 & \multicolumn{2}{c}{Cities in 1910} \\
 & \makecell{Area \\ (1)} & \makecell{People \\ (2)} \\
Rail & 0.357*** & -3.993 \\
 & (0.088) & (1.986) \\
N & 121 & 58 \\
"""
SECOND = r""" & \multicolumn{2}{c}{Cities in 1920} \\
 & \makecell{Wage \\ (3)} & \makecell{Rent \\ (4)} \\
Rail & 0.013 & 0.053* \\
 & (0.009) & (0.030) \\
N & 120 & 57 \\
"""
END = r"""\multicolumn{3}{l}{Robust standard errors in parentheses}\\
\end{tabular}
"""


def _read(text: str):
    return read_table(text.encode(), "t.tex")


def test_other_heads_below_the_observations_begin_another_table():
    first, second = _read(TOP + SECOND + END)
    assert [c.heads[-1] for c in (*first.columns, *second.columns)] == ["Area (1)", "People (2)", "Wage (3)", "Rent (4)"]
    assert [c.heads[0] for c in second.columns] == ["Cities in 1920"] * 2
    assert [e.nobs(0).number.value for e in (first, second)] == [121, 120]
    assert [len(e.rows) for e in (first, second)] == [1, 1] and not first.not_understood and not second.not_understood
    assert [e.notes.inside("(") for e in (first, second)] == ["se", "se"]


def test_heads_within_a_table_with_one_count_of_observations_are_no_other_table():
    (only,) = _read(TOP.replace("N & 121 & 58 \\\\\n", "") + SECOND + END)
    assert len(only.rows) == 2


def test_a_panel_below_the_observations_is_no_other_table():
    panel = SECOND.replace(r" & \makecell{Wage \\ (3)} & \makecell{Rent \\ (4)} \\" + "\n", "")
    (only,) = _read(TOP + panel + END)
    assert len(only.rows) == 2
