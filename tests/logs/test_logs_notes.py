"""A note that is wrong about its numbers is told from the numbers; a right one never is."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from conftest import TESTS
from exporters import EXPORTERS, Made
from parity.logs.note_findings import note_findings
from parity.logs.tables import read_table

HERE = TESTS / "logs"
CUTS = (0.1, 0.05, 0.01)


def p_of(t: float) -> float:
    from scipy.stats import t as student

    return float(2 * student.sf(abs(t), 60))


def table(seed: int, inside: str = "se", cuts: tuple[float, ...] = CUTS, size: int = 8) -> Made:
    """Estimates with 60 degrees of freedom, starred by their own p at the levels given. inside: "se", "t" or "p"."""
    rng = random.Random(seed)
    rows = []
    for i in range(size):
        pairs = []
        for _ in range(3):
            se = rng.uniform(0.05, 2)
            b = se * rng.uniform(-5, 5)
            p = p_of(round(b, 3) / round(se, 3))
            stars = "*" * sum(p < cut for cut in cuts)
            value = {"se": se, "t": b / se, "p": p}[inside]
            pairs.append((f"{b:.3f}{stars}", f"{value:.3f}"))
        rows.append((f"x{i}", tuple(pairs)))
    return Made("Table 1: Made", ("OLS",) * 3, ("y",) * 3, tuple(rows), (("Observations", ("64", "64", "64")),))


def findings(made: Made, exporter: str = "esttab.tex"):
    raw = EXPORTERS[exporter](made)
    (exhibit,) = read_table(raw.encode() if isinstance(raw, str) else raw, exporter)
    return note_findings(exhibit)


WORDS = {"se": "Standard errors", "t": "t statistics", "p": "p-values"}


@pytest.mark.parametrize("inside", WORDS)
@pytest.mark.parametrize("seed", range(15))
def test_a_right_note_is_never_denied(seed, inside):
    assert not findings(replace(table(seed, inside), inside=WORDS[inside]))


@pytest.mark.parametrize(("said", "inside"), [("se", "t"), ("t", "se"), ("se", "p"), ("p", "se"), ("t", "p"), ("p", "t")])
@pytest.mark.parametrize("seed", range(10))
def test_a_wrong_note_is_found_with_what_the_numbers_are(seed, said, inside):
    found = findings(replace(table(seed, inside), inside=WORDS[said]))
    assert [(f.id, f.found) for f in found if f.id == "note-brackets"] == [("note-brackets", WORDS[inside].lower())]


@pytest.mark.parametrize("seed", range(8))
def test_stars_at_other_levels_than_announced_are_found(seed):
    found = findings(table(seed, cuts=(0.05, 0.01, 0.001), size=20))
    assert [(f.id, f.found) for f in found] == [("note-stars", "* p < 0.05, ** p < 0.01, *** p < 0.001")]


def test_one_estimate_with_a_star_too_many_is_found_at_its_place():
    made = table(1)
    label, pairs = made.rows[2]
    spoiled = [("0.010***", "0.500"), *pairs[1:]]
    found = findings(replace(made, rows=(*made.rows[:2], (label, tuple(spoiled)), *made.rows[3:])))
    assert [(f.id, f.cells[0].text, f.place.line) for f in found] == [
        ("row-stars", "0.010***", found[0].cells[0].place.line)
    ]


def test_a_table_without_stars_is_not_judged_by_them():
    made = table(2, "t")
    bare = tuple((label, tuple((b.rstrip("*"), s.lstrip("-")) for b, s in pairs)) for label, pairs in made.rows)
    assert not [f for f in findings(replace(made, rows=bare)) if f.id != "note-brackets"]


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_the_kept_examples_are_read_and_their_wrong_notes_found(exporter):
    """Files of `tests/logs/`: t statistics under a note of standard errors, a blank cell, a lone row of words."""
    exhibits = read_table(HERE / f"wrong_note_{exporter}")
    assert [f.id for e in exhibits for f in note_findings(e)] == ["note-brackets"]
    assert sum(len(e.rows) for e in exhibits) == 4 and not any(e.not_understood for e in exhibits)
