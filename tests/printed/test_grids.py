"""Grids of cells from other people's markup: what belongs to the environment is no cell."""

from __future__ import annotations

import pytest

from parity.printed.grids import read_grid, without_columns


@pytest.mark.parametrize(
    ("body", "environment", "left"),
    [
        ("{lcc} a & b", "tabular", " a & b"), ("[t]{l*{2}{c}} a & b", "tabular", " a & b"), ("a & b", "tabular", "a & b"),
        ("{lcc}{a} & b", "tabular", "{a} & b"), (r"{\textwidth}{lcc} a & b", "tabularx", " a & b"),
        (r" [b] {0.9\textwidth} {l@{\extracolsep{\fill}}c} a", "tabular*", " a"), ("{lcc} a", "tabularx", "a"),
    ],
)  # fmt: skip
def test_the_arguments_of_an_environment_are_no_cells(body, environment, left):
    assert without_columns(body, environment) == left


def test_a_table_that_never_ends_hides_none_that_does():
    r"""`\begin{tabularx}` without its end, quoted before the table itself; the first that ends is read."""
    text = "\\begin{tabularx} and \\begin{tabular}\n\\begin{array}{lc}\nx & 0.31 \\\\\n\\end{array}\nNotes"
    assert read_grid(text)[0] == ["x", "0.31"]
    assert len(read_grid("\\begin{tabular}{lc} x & 0.31 \\\\ \\end{tabular}")) == 1
    assert len(read_grid("\\begin{tabular}" * 200_000)) < 2  # at once
