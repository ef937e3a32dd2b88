"""What a page and a verdict say of a spatial model: its weights, its tables, and p judged as other p-values are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from parity.analyses.spatial.about import in_a_line, in_words
from parity.analyses.spatial.analysis import ANALYSIS, compare_spatial, spatial
from parity.analyses.spatial.likelihood import ends
from parity.report.found import found_tables
from parity.results.record import Record, named
from parity.study.load import load_study

SPATIAL = Path(__file__).parents[2] / "docs" / "examples" / "spatial"


@pytest.fixture(scope="module")
def part():
    return dict(ANALYSIS.parts(load_study(SPATIAL)))["spatial.durbin"]


@pytest.fixture(scope="module")
def found(part):
    return spatial(part)


def record(found) -> Record:
    return Record(study="spatial", spec="spatial.durbin", kind="spatial", reference="base-r", candidate="python",
                  verdict="agree", numbers=named(found))  # fmt: skip


def test_a_page_says_what_the_weights_are(part):
    said = in_words(part, ends(part.w)[1:])
    assert said["Model"] == "spatial Durbin, of spec output, effects of units"
    links = int((part.given > 0).sum())
    assert f"48 units, {links} links, 1 to 8 neighbours each, {links / 48:.1f} on average" in said["Weights"]
    assert "symmetric as given" in said["Weights"] and "all units linked" in said["Weights"]
    assert "sums of its rows from 1 to 1; rho lies between -" in said["Matrix W"] and said["Matrix W"].endswith("and 1")
    assert ANALYSIS.find(part).about == said
    assert in_a_line(part) == "spatial Durbin model, 48 x 17, effects of units, rows of W sum to one"


def test_weights_that_fall_apart_are_named(part):
    from dataclasses import replace

    given = np.zeros_like(part.given)
    given[0, 1] = given[2, 3] = 2.0
    w = given / 2.0
    said = in_words(replace(part, given=given, w=w), (-1.0, 1.0))["Weights"]
    assert "48 units, 2 links, 0 to 1 neighbours each" in said and "not symmetric as given" in said
    assert "46 parts that no link joins" in said and "without neighbours: " in said
    assert not replace(part, w=w).rows_sum_to_one and part.rows_sum_to_one


def test_a_page_has_each_number_beside_its_error(found):
    tables = {t.title.partition(" in ")[0].partition(":")[0]: t for t in found_tables([record(found)])}
    assert list(tables) == ["Coefficients", "Effects of a regressor", "Tests", "Moran's I by period", "Local Moran's I",
                            "Counts and likelihood"]  # fmt: skip
    coefficients = dict(tables["Coefficients"].rows)
    assert list(coefficients)[-2:] == ["rho", "sigma2"] and tables["Coefficients"].head == ("coef", "se", "z", "p")
    assert float(coefficients["rho"][0]) == pytest.approx(found["coef"]["rho"], rel=1e-5)
    effects = tables["Effects of a regressor"]
    assert effects.head[3:6] == ("indirect", "indirect se", "indirect p") and len(effects.rows) == 4
    own = dict(effects.rows)["unemp"]
    a, b, whole = (float(own[i].replace("−", "-")) for i in (0, 3, 6))
    assert a + b == pytest.approx(whole, abs=1e-6)
    assert [name for name, _ in tables["Tests"].rows] == [
        "LM, lag", "LM, error", "Robust LM, lag", "Robust LM, error", "Wald: reduces to the lag model",
        "Wald: reduces to the error model", "LR: reduces to the lag model", "LR: reduces to the error model",
    ]  # fmt: skip
    local = tables["Local Moran's I"]
    assert local.title == "Local Moran's I in 1986, the 10 largest |z| of 48" and len(local.rows) == 10
    z = [abs(float(cells[1].replace("−", "-"))) for _, cells in local.rows]
    assert z == sorted(z, reverse=True)


SMALL = [("p", "z", True), ("moran p", "moran z", True), ("lr p", "lr", False), ("direct p", "direct z", True)]


@pytest.mark.parametrize(("quantity", "statistic", "square"), SMALL)
def test_a_small_p_is_judged_on_its_own_size(found, quantity, statistic, square):
    """One that is off in its third digit is another p, however small; one that is off as its statistic may be is not."""
    term, p = min(found[quantity].items(), key=lambda item: abs(np.log10(max(item[1], 1e-300)) + 6))
    assert p < 0.1
    off = {q: dict(v) for q, v in found.items()}
    off[quantity][term] = p * (1 + 1e-3)
    assert p * 1e-3 > 1e-15
    made = compare_spatial(off, found)
    assert [(d.quantity, d.term) for d in made.differences] == [(quantity, term)]
    by = found[statistic][term] ** 2 if square else found[statistic][term]
    off[quantity][term] = p * (1 + 0.5e-9 * max(1.0, by))
    assert not compare_spatial(off, found).differences
