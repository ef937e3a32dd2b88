"""Grids of cells from other people's markup: what belongs to the environment is no cell."""

from __future__ import annotations

import pytest

from parity.printed.grids import without_columns


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
