"""What newey asks of the periods: steps of one from row to row, in order of time alone. newey.ado 1.6.0, `Checkt`."""

from __future__ import annotations

import numpy as np
import pytest

from parity.translate.python import py_lines
from parity.translate.r import r_lines
from small_do import run

SERIES = """
clear
set obs 30
gen t = _n
gen x = mod(_n * 7, 11)
gen y = 2 * x + mod(_n * 3, 5)
"""
PANEL = (
    SERIES.replace("obs 30", "obs 60").replace("gen t = _n", "gen id = 1 + (_n > 30)\ngen t = _n - 30 * (id == 2)")
    + "xtset id t\n"
)
SERIES += "tsset t\n"


@pytest.mark.parametrize(("typed", "word"), [
    ("newey y x if t != 5, lag(2)", "t is not regularly spaced; r(198)"),
    ("replace x = . in 9\nnewey y x, lag(1)", "t is not regularly spaced; r(198)"),
    ("newey y x if mod(t, 2), lag(2)", "does not have intervals of 1; r(198)"),
    ("newey y x if mod(t, 2), lag(2) force", "does not have intervals of 1; r(198)"),
    ("newey y x if mod(t, 2), lag(0)", "does not have intervals of 1; r(198)")])  # fmt: skip
def test_periods_with_gaps_are_refused(typed, word, tmp_path):
    session = run(SERIES + typed, tmp_path)
    assert [f.id for f in session.findings] == ["stata-error"] and word in session.findings[0].text and not session.fits


def test_several_units_are_no_regular_series_unless_forced(tmp_path):
    session = run(PANEL + "newey y x, lag(2)", tmp_path)
    assert "t is not regularly spaced" in session.findings[0].text and not session.fits


@pytest.mark.parametrize("typed", ["newey y x, lag(2)", "newey y x if t > 4, lag(2)", "newey y x if t != 5, lag(0)"])
def test_regular_periods_are_estimated(typed, tmp_path):
    session = run(SERIES + typed, tmp_path)
    assert not session.findings and session.fits[0].results.filled().matrices["V"].values[0, 0] > 0


def test_forced_lags_stay_within_units_and_stop_at_gaps(tmp_path):
    """Against the sums by hand, period by period."""
    session = run(PANEL + "newey y x if t != 5 & !(id == 2 & t == 20), lag(2) force", tmp_path)
    (fit,) = session.fits
    found = fit.results.filled()
    rows = np.flatnonzero(fit.sample)
    x = np.column_stack([fit.data["x"].values[rows], np.ones(len(rows))])
    scores = x * (fit.data["y"].values[rows] - x @ found.matrices["b"].values[0])[:, None]
    at = {(i, t): k for k, (i, t) in enumerate(zip(fit.data["id"].values[rows], fit.data["t"].values[rows], strict=True))}
    meat = scores.T @ scores
    for (i, t), k in at.items():
        for lag in (1, 2):
            if (i, t - lag) in at:
                cross = np.outer(scores[k], scores[at[i, t - lag]]) * (1 - lag / 3)
                meat = meat + cross + cross.T
    bread = np.linalg.inv(x.T @ x)
    np.testing.assert_allclose(found.matrices["V"].values, bread @ meat @ bread * len(x) / (len(x) - 2), rtol=1e-10)
    for lines in (r_lines, py_lines):
        with pytest.raises(Exception, match="within several units"):
            lines(fit.request, fit.data.panel)


def test_a_forced_series_with_gaps_is_declined(tmp_path):
    session = run(SERIES + "newey y x if t != 5, lag(2) force", tmp_path)
    assert [f.id for f in session.findings] == ["no-engine"] and session.fits[0].request is None
