"""An option in fewer letters is that option or none: what is typed short may not be left out of the numbers.

The least letters: [R] ivregress, regress; `syntax` of ivreg2.ado 4.1 (SMall, Kclass, NOConstant, CLuster), xtivreg2.ado
1.0.17 (GMM for GMM2s) and reghdfe.ado 6.12 (KEEPSINgletons, CLuster).
"""

from __future__ import annotations

import pytest

from parity.stata_language.options import KNOWN
from parity.study.command import spec_of

IV = "y w (x = z1 z2)"
BASE = {
    "regress": "regress y x w,", "areg": "areg y x w, absorb(g)", "xtreg": "xtreg y x w, fe",
    "reghdfe": "reghdfe y x w, absorb(g year)", "ivreghdfe": f"ivreghdfe {IV}, absorb(id)",
    "ivregress": f"ivregress gmm {IV},", "ivreg2": f"ivreg2 {IV}, robust", "ivreg": f"ivreg {IV},",
    "xtivreg2": f"xtivreg2 {IV}, fe", "newey": "newey y x, lag(2)", "xtscc": "xtscc y x, fe", "logit": "logit y x,",
    "logistic": "logistic y x,", "probit": "probit y x,", "poisson": "poisson y x,",
}  # fmt: skip
#: Options that bear on the numbers, with a value where they take one.
TYPED = {
    "small": "", "noconstant": "", "robust": "", "hc2": "", "hc3": "", "dfadj": "", "keepsingletons": "", "gmm2s": "",
    "liml": "", "cue": "", "center": "", "igmm": "", "force": "", "vce": "(cluster g)", "cluster": "(g)", "fuller": "(1)",
    "kclass": "(.5)", "bw": "(3)", "dkraay": "(3)", "partial": "(w)", "wmatrix": "(cluster g)", "dofadjustments": "(none)",
}  # fmt: skip


def answer(command: str):
    try:
        return spec_of(command, "id", "year")
    except ValueError:
        return None


@pytest.mark.parametrize("name", BASE)
def test_an_option_in_fewer_letters_is_that_option_or_none(name):
    said = [
        option for option in TYPED if option in KNOWN[name] or option in ("vce", "cluster", "robust", "noconstant", "small")
    ]
    wrong = []
    for option in said:
        whole = answer(f"{BASE[name]} {option}{TYPED[option]}")
        if whole == answer(BASE[name]):
            continue  # bears on no number of this command
        # `no`, `b`, `r`: of noheader, beta, robust
        for length in range(3 if option == "noconstant" else 2, len(option)):
            short = answer(f"{BASE[name]} {option[:length]}{TYPED[option]}")
            if short not in (whole, None):
                wrong.append(option[:length])
    assert not wrong


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        (f"ivreg2 {IV}, sm", f"ivreg2 {IV}, small"), (f"ivregress 2sls {IV}, sm r", f"ivregress 2sls {IV}, small robust"),
        (f"ivreg2 {IV}, k(.5)", f"ivreg2 {IV}, kclass(.5)"), (f"xtivreg2 {IV}, fe gmm r", f"xtivreg2 {IV}, fe gmm2s robust"),
        (f"ivreg2 {IV}, noc", f"ivreg2 {IV}, noconstant"), ("xtreg y x, fe r", "xtreg y x, fe robust"),
        ("reghdfe y x, a(id) cl(g) keepsin", "reghdfe y x, absorb(id) cluster(g) keepsingletons"),
    ],
)  # fmt: skip
def test_the_short_word_is_read(short, whole):
    assert answer(short) == answer(whole) is not None


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("newey y x, lag(2) vce(cluster g)", "not allowed"), ("newey y x, lag(2) r", "not allowed"),
        ("xtscc y x, fe cluster(g)", "not allowed"), ("areg y x, absorb(g) noconstant", "not allowed"),
        ("xtreg y x, fe nocons", "not allowed"), (f"ivreg2 {IV}, kernel(par)", "needs bw"),
        (f"ivreg2 {IV}, cluster(year) bw(3)", "lags of clusters"),
        (f"ivreg2 {IV}, cluster(g) dkraay(3)", "lags of clusters"),
        (f"ivreg2 {IV}, robust bw(0)", "from 1 on"), (f"ivreghdfe {IV}, absorb(g) ke(par)", "not known"),
    ],
)  # fmt: skip
def test_an_option_that_the_command_has_not_is_refused(command, word):
    with pytest.raises(ValueError, match=word):
        spec_of(command, "id", "year")


def test_newey_forced_over_gaps_keeps_them():
    """newey.ado 1.6.0: lags are those of tsset, `l2.x`; force is about the check of the periods alone."""
    assert spec_of("newey y x, lag(2) force", "id", "year")["convention"] == {"profile": "regress", "kernel_gaps": "kept"}
