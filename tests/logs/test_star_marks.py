"""Marks of significance other than asterisks: letters, plus signs and daggers, by what the note says of them."""

from __future__ import annotations

import pytest

from parity.logs.claims import claims
from parity.logs.exhibit import Place
from parity.logs.sheet import Item
from parity.logs.tables import read_table

LETTERS = (("c", 0.1), ("b", 0.05), ("a", 0.01))
PLUS = (("+", 0.1), ("*", 0.05), ("**", 0.01))


def _tsv(cell: str, note: str) -> str:
    rows = [["", "(1)", "(2)"], ["", "wage", "wage"], ["union", cell, "0.30"], ["", "(0.05)", "(0.04)"]]
    return "\n".join("\t".join(row) for row in [*rows, ["Observations", "100", "100"]]) + f"\n{note}\n"


def _tex(cell: str, note: str) -> str:
    rows = ["& (1) & (2)", "& wage & wage", f"union & {cell} & 0.30", "& (0.05) & (0.04)", "Observations & 100 & 100"]
    body = "\n".join(rf"{row} \\" for row in rows)
    return rf"\begin{{tabular}}{{lcc}}{body}\multicolumn{{3}}{{l}}{{{note}}}\\ \end{{tabular}}"


@pytest.mark.parametrize(
    ("cell", "note", "stars"),
    [
        ("0.15$^b$", "$^a$ p<0.01, $^b$ p<0.05, $^c$ p<0.1", 2),
        ("0.15b", "a p<0.01, b p<0.05, c p<0.1", 2),
        ("0.15^a", "a significant at 1%; b significant at 5%; c significant at 10%", 3),
        ("0.15 c", "Significance levels: c: 10%, b: 5%, a: 1%", 1),
        ("0.15+", "+ p<0.10, * p<0.05, ** p<0.01", 1),
        ("0.15*", "+ p<0.10, * p<0.05, ** p<0.01", 2),
        ("0.15*", "* p<0.05, ** p<0.01, *** p<0.001", 1),
        ("0.15a", "Standard errors in parentheses", 0),
    ],
)
def test_marks_in_text(cell, note, stars):
    (exhibit,) = read_table(_tsv(cell, note).encode(), "t.txt")
    estimate, error = exhibit.rows[0].cells[0]
    assert (estimate.number.value, estimate.kind, estimate.stars) == (0.15, "coef", stars)
    assert (error.number.value, error.stars) == (0.05, 0)
    assert exhibit.columns[0].heads == ("(1)", "wage")


@pytest.mark.parametrize(
    ("cell", "note", "stars"),
    [
        ("0.15$^{b}$", "$^{a}$ p<0.01, $^{b}$ p<0.05, $^{c}$ p<0.1", 2),
        (r"0.15\sym{a}", r"\sym{c} \(p<0.10\), \sym{b} \(p<0.05\), \sym{a} \(p<0.01\)", 3),
        (r"0.15\textsuperscript{b}", "a, b and c denote significance at the 1, 5 and 10 percent levels.", 2),
        (r"0.15$^{\dagger}$", r"$^{\dagger}$ p<0.10, $^{*}$ p<0.05, $^{**}$ p<0.01", 1),
        (r"0.15\sym{+}", r"\sym{+} \(p<0.10\), \sym{*} \(p<0.05\), \sym{**} \(p<0.01\)", 1),
        ("0.15$^{a}$", r"$^{a}$ Measured in 1990.", 0),
    ],
)
def test_marks_in_latex(cell, note, stars):
    (exhibit,) = read_table(_tex(cell, note).encode(), "t.tex")
    estimate = exhibit.rows[0].cell(0)
    assert (estimate.number.value, estimate.stars) == (0.15, stars)


def test_reversed_asterisks_are_no_ranks():
    (exhibit,) = read_table(_tsv("0.15***", "*** p<0.1, ** p<0.05, * p<0.01").encode(), "t.txt")
    assert exhibit.rows[0].cell(0).stars == 3


@pytest.mark.parametrize(
    ("note", "levels"),
    [
        ("***, ** and * denote significance at the 1, 5 and 10 percent level", (("*", 0.1), ("**", 0.05), ("***", 0.01))),
        ("a, b, c: significant at the 1%, 5% and 10% level", LETTERS),
        ("c p<0.1, b p<0.05, a p<0.01", LETTERS),
        ("+ p < 0.1, * p < 0.05, ** p < 0.01", PLUS),
        ("A firm has a 10% chance", None),
        ("We show a, b and c below", None),
    ],
)
def test_levels_announced(note, levels):
    stars = claims([Item(note, Place("t.txt"))]).stars
    assert (stars.levels if stars is not None else None) == levels
