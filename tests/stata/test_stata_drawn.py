"""`bootstrap:` and vce(bootstrap): coefficients, N and R-squared are the command's; what is drawn is nobody's here."""

from __future__ import annotations

import numpy as np
import pytest

from parity.translate.dofile import specs_of
from parity.translate.page import translation
from small_do import run

DATA = """
clear
set obs 40
gen id = ceil(_n / 4)
gen t = mod(_n, 4)
gen z = mod(_n * 5, 13)
gen x = mod(_n * 7, 11) + z
gen y = 2 * x + mod(_n * 3, 5) + id
xtset id t
"""
DRAWN = [
    ("bootstrap, reps(20) seed(1) nodots: regress y x", "regress y x"),
    ("bs, reps(20): regress y x, robust", "regress y x, robust"),
    ("bootstrap _b, reps(20) cluster(id): ivregress 2sls y (x = z)", "ivregress 2sls y (x = z)"),
    ("eststo m: bootstrap, reps(20): areg y x, absorb(id)", "areg y x, absorb(id)"),
    ("regress y x, vce(bootstrap, reps(20))", "regress y x"),
    ("xtreg y x, fe vce(boot)", "xtreg y x, fe"),
]


@pytest.mark.parametrize(("drawn", "plain"), DRAWN)
def test_what_is_of_no_draw_is_the_command_s(drawn, plain, tmp_path):
    one, two = (run(DATA + typed, tmp_path).fits[-1].results.filled() for typed in (drawn, plain))
    assert one.matrices["b"].columns == two.matrices["b"].columns
    assert np.array_equal(one.matrices["b"].values, two.matrices["b"].values)
    kept = {"N", "r2", "r2_a", "rmse", "rss", "rank", "df_m"} & set(two.numbers)
    assert len(kept) >= 5 and {k: one.numbers[k] for k in kept} == {k: two.numbers[k] for k in kept}
    assert "V" not in one.matrices and not {"F", "chi2", "p", "df_r"} & set(one.numbers)
    assert np.isnan(one.estimated.V).all() and one.texts["vce"] == "bootstrap"


@pytest.mark.parametrize("reads", ["scalar s = _se[x]", "test x\nscalar s = r(p)", "lincom x\nscalar s = r(estimate)",
                                   "matrix v = e(V)\nscalar s = v[1,1]", "scalar s = e(F)", "scalar s = e(df_r)",
                                   "matrix tab = r(table)\nscalar s = tab[2,1]", "predict p, stdp\nscalar s = p[1]",
                                   "nlcom _b[x]^2\nmatrix v = r(V)\nscalar s = v[1,1]"])  # fmt: skip
def test_whoever_reads_what_was_drawn_is_lost(reads, tmp_path):
    session = run(DATA + "bootstrap, reps(20): regress y x\n" + reads, tmp_path)
    assert np.isnan(session.scalars.get("s", np.nan))
    assert session.done[-1].status == "lost" or any(f.id == "prediction" for f in session.findings)


def test_coefficients_and_what_is_made_of_them_go_on(tmp_path):
    session = run(DATA + "bootstrap, reps(20): regress y x\nscalar s = _b[x]\npredict p\npredict r, residuals", tmp_path)
    assert [f.id for f in session.findings] == ["trap"] and "drawn by a bootstrap" in session.findings[0].text
    assert session.scalars["s"] == session.fits[0].results.matrices["b"].values[0, 0]
    assert not np.isnan(session.data["r"].values).all()


@pytest.mark.parametrize(("typed", "word"), [
    ("bootstrap r2=e(r2), reps(9): regress y x", "other numbers than the coefficients"),
    ("bootstrap, reps(9): regress y x [aw=z]", "no weights"), ("regress y x [aw=z], vce(bootstrap)", "no weights"),
    ("bootstrap, reps(9) sead(1): regress y x", "did you mean `seed`"), ("jackknife: regress y x", "jackknife"),
    ("regress y x, vce(jackknife)", "drawn or computed")])  # fmt: skip
def test_other_draws_are_declined(typed, word, tmp_path):
    session = run(DATA + typed, tmp_path)
    assert [f.id for f in session.findings] == ["no-engine"] and word in session.findings[0].text


def test_lines_and_specs_say_whose_standard_errors_theirs_are(tmp_path):
    (fit,) = run(DATA + "bootstrap, reps(20) seed(1): regress y x", tmp_path).fits
    found = translation(fit.command.text, 1, fit.request, fit.data.panel)
    said = "# the bootstrap is not repeated: these standard errors are regress's own"
    assert found.r[0] == found.python[0] == said and "not reproducible here" in found.notes[0]
    lines = specs_of([fit]).lines
    assert "not reproducible here" in lines[0] and "the standard errors are regress's without the bootstrap" in lines[2]
