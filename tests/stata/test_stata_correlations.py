"""pcorr, xttest2, gstats, and what e() lacks: against their definitions, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from parity.stata.do import run_do

HEAD = """clear
set obs 60
set type double
gen i = 1 + int((_n - 1) / 10)
gen t = mod(_n - 1, 10)
xtset i t
gen z = sin(3 * _n)
gen w = cos(5 * _n)
gen x = z + w / 2 + sin(_n)
gen y = x + cos(2 * _n)
"""


def printed(folder, text: str, kind: str) -> list:
    found = run_do(HEAD + text, folder)
    assert not [f for f in found.findings if f.id != "trap"], found.findings
    return [p.values for p in found.printed if p.kind == kind]


def values():
    n = np.arange(1.0, 61)
    z, w = np.sin(3 * n), np.cos(5 * n)
    x = z + w / 2 + np.sin(n)
    return {"z": z, "w": w, "x": x, "y": x + np.cos(2 * n)}


def net(of: np.ndarray, others: list[np.ndarray]) -> np.ndarray:
    a = np.column_stack([*others, np.ones(len(of))])
    return of - a @ np.linalg.lstsq(a, of, rcond=None)[0]


def test_pcorr_correlates_what_the_others_leave(tmp_path):
    from scipy import stats

    d, rows = values(), printed(tmp_path, "pcorr y x z w\n", "pcorr")
    assert [r["variable"] for r in rows] == ["x", "z", "w"]
    for row in rows:
        others = [d[n] for n in "xzw" if n != row["variable"]]
        mine = net(d[row["variable"]], others)
        partial = np.corrcoef(net(d["y"], others), mine)[0, 1]
        assert row["partial"] == pytest.approx(partial, rel=1e-10)
        assert row["semipartial"] == pytest.approx(np.corrcoef(d["y"], mine)[0, 1], rel=1e-10)
        t = partial * np.sqrt(56 / (1 - partial**2))
        assert row["p"] == pytest.approx(2 * stats.t.sf(abs(t), 56), rel=1e-8)
    found = run_do(HEAD + "pcorr y x z w if t > 2\nmatrix p = r(p_corr)\nscalar n = r(N)\npcorr y x\n", tmp_path)
    assert found.session.matrices["p"].values.shape == (3, 1) and found.session.scalars["n"] == 42
    assert "too few variables specified; r(102)" in found.findings[-1].text


def test_xttest2_sums_the_squared_correlations_of_units(tmp_path):
    d = values()
    (got,) = printed(tmp_path, "xtreg y x, fe\nsort w\nxttest2\n", "xttest2")
    x, y = (d[n].reshape(6, 10) - d[n].reshape(6, 10).mean(axis=1, keepdims=True) for n in "xy")
    r = np.corrcoef(y - x * (x * y).sum() / (x * x).sum())
    wanted = 10 * sum(r[a, b] ** 2 for a in range(6) for b in range(a))
    assert (got["chi2_bp"], got["df_bp"], got["n_bp"]) == pytest.approx((wanted, 15, 10), rel=1e-10)
    refused = run_do(HEAD + "regress y x\nxttest2\n", tmp_path)
    assert "r(301)" in refused.findings[-1].text


def test_gstats_has_the_numbers_of_winsor2_summarize_and_tabstat(tmp_path):
    text = "gstats winsor x y, cuts(5 95) suffix(_g)\nwinsor2 x y, cuts(5 95) suffix(_w)\nassert x_g == x_w & y_g == y_w\n"
    text += "gstats sum x if t > 1\nsummarize x if t > 1, detail\ngstats tab x y, by(i) statistics(mean sd)\n"
    ours, theirs = printed(tmp_path, text, "summarize")
    assert ours == theirs and "p50" in ours
    lost = run_do(HEAD + "gstats tab x y\ndisplay r(mean)\n", tmp_path)
    assert not [p for p in lost.printed if p.kind == "display"]
    unknown = run_do(HEAD + "gen byte k = i\ngstats winsor k\ngstats hdfe x, absorb(i)\n", tmp_path)
    assert [f.id for f in unknown.findings] == ["unknown-command"] * 2


@pytest.mark.parametrize(("command", "name", "shown"), [
    ("ivreg2 y (x = z w), endog(x)", "estat", False), ("ivreg2 y (x = z w), orthog(z)", "cstat", False),
    ("ivreg2 y (x = z w)", "widstat", True), ("ivreg2 y (x = z w)", "nonsense", True), ("xtreg y x, re", "theta", False),
    ("newey y x if i == 1, lag(1)", "lag", False), ("reghdfe y x, absorb(i)", "df_a_nested", False),
])  # fmt: skip
def test_what_a_command_leaves_and_nobody_computes_is_lost_and_no_missing_value(command, name, shown, tmp_path):
    found = run_do(f"{HEAD}{command}\ndisplay e({name})\n", tmp_path)
    assert bool([p for p in found.printed if p.kind == "display"]) == shown


def test_newey_leaves_no_r_squared(tmp_path):
    (got,) = printed(tmp_path, "newey y x if i == 1, lag(1)\ndisplay e(r2)\n", "display")
    assert got["text"] == "."
