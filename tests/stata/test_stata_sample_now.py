"""e(sample), residuals and tests after the rows were put in another order, left out or added to."""

from __future__ import annotations

import pytest

from small_do import column, run

MADE = """clear
set obs 12
gen t = _n
gen x = mod(t * 7, 5)
gen y = x + mod(t * 3, 4)
gen u = mod(t * 5, 12)
gen g = mod(t, 3)
tsset t
"""


@pytest.mark.parametrize(
    "moved",
    [
        "sort u",
        "gsort -u",
        "bysort g (u): gen n = _n",
        "drop if mod(t, 4) == 0\nsort u",
        "expand 2 if t == 9",
        "sort u\nkeep if u > 3",
    ],
)
def test_the_sample_is_that_of_its_rows(moved, tmp_path):
    session = run(MADE + f"regress y x if t > 6\n{moved}\ngen wrong = e(sample) != (t > 6)", tmp_path)
    assert not any(column(session, "wrong"))


def test_a_stored_estimate_keeps_its_rows(tmp_path):
    text = "regress y x if t > 6\nestimates store m\nsort u\nregress y x if t < 4\nestimates restore m\n"
    text += "gen wrong = e(sample) != (t > 6)"
    assert not any(column(run(MADE + text, tmp_path), "wrong"))


def test_residuals_of_absorbed_effects_follow_their_rows(tmp_path):
    text = "reghdfe y x if t != 5, absorb(g) resid(r)\nsort u\npredict e, resid\n"
    text += "gen off = abs(e - r)\ngen none = missing(e) != (t == 5)"
    session = run(MADE + text, tmp_path)
    assert max(v for v in column(session, "off") if v == v) < 1e-6 and not any(column(session, "none"))


def test_a_test_of_serial_correlation_is_of_the_periods(tmp_path):
    text = "regress y x if t > 2\nestat dwatson\nscalar a = r(dw)\nsort u\nestat dwatson\ngen off = abs(r(dw) - a)"
    assert not any(column(run(MADE + text, tmp_path), "off"))


def test_xtivreg2_has_rows_alone_in_their_group_in_its_sample_again(tmp_path):
    """xtivreg2.ado 1.0.17 leaves them out between preserve and restore, and posts e(sample) after that."""
    text = "gen unit = cond(t == 12, 9, g)\nxtset unit t\nxtivreg2 y (x = u), fe\ngen n = e(N)\ngen kept = e(sample)"
    session = run(MADE + text, tmp_path)
    assert column(session, "n") == [11] * 12 and all(column(session, "kept"))
