"""Windows of xtabond and xtabond2 held against the data: what Stata printed of abdata.dta (fixtures/employment)."""

from __future__ import annotations

import shutil

import pytest

from conftest import FIXTURES
from parity.package.verify import verify
from parity.stata.do import run_do
from test_package_likelihoods import log, row, window

LOGS = {"n": "emp", "w": "wage", "k": "capital", "ys": "output"}
DATA = "import delimited data.csv, clear"
MADE = "\n".join(f"gen {old}_ = {old}\ngen {new} = log({old}_)" for new, old in LOGS.items()) + "\nxtset firm year"
#: [XT] xtabond, and xtabond2 of Stata 18 as StatsPAI recorded it: N, groups, rows a group, instruments, chi-squared.
XTABOND = (
    "xtabond n l(0/1).w l(0/2).(k ys) year i.year, lags(2) vce(robust) noconstant",
    """Arellano-Bond dynamic panel-data estimation     Number of obs     =        611
Group variable: firm                            Number of groups  =        140
Time variable: year
                                                Obs per group:
                                                              min =          4
                                                              avg =   4.364286
                                                              max =          6

Number of instruments =     41                  Wald chi2(16)     =    1727.45
                                                Prob > chi2       =     0.0000
One-step results
                                   (Std. err. adjusted for clustering on firm)""",
)
XTABOND2 = (
    "xtabond2 n L.n w k, gmm(L.n, lag(1 .)) iv(w k) orthogonal twostep robust",
    """Dynamic panel-data estimation, two-step system GMM
------------------------------------------------------------------------------
Group variable: firm                            Number of obs      =       891
Time variable : year                            Number of groups   =       140
Number of instruments = 38                      Obs per group: min =         6
Wald chi2(3)  =   8892.67                                      avg =      6.36
Prob > chi2   =     0.000                                      max =         8""",
)


@pytest.mark.parametrize(("line", "head"), [XTABOND, XTABOND2])
def test_a_window_of_a_dynamic_panel(tmp_path, line, head):
    shutil.copy(FIXTURES / "employment" / "data.csv", tmp_path)
    (tmp_path / "main.do").write_text(f"{DATA}\n{MADE}\n{line}\n")
    (e,) = run_do(f"{DATA}\n{MADE}\n{line}\n", tmp_path).estimations
    rows = [row(c.term, c.b, c.se, c.t, c.p, c.low, c.high) for c in e.coefficients]
    shown = window(head, "Coefficient", "Robust" if line.startswith("xtabond ") else "Corrected", rows)

    def seen(text: str) -> tuple[int, list[str]]:
        log(tmp_path, DATA, f"{line}\n\n{text}")
        exhibits = verify(tmp_path).exhibits
        cells = [c for exhibit in exhibits for c in exhibit.cells]
        return len(cells), [f"{c.label}: {c.verdict}" for c in cells if c.verdict != "reproduced"]

    assert seen(shown) == (8 + 6 * len(rows), [])
    wrong = {"max": ("=         8", "=         9"), "Number of instruments": ("instruments = ", "instruments = 1")}
    for label, (old, new) in wrong.items():
        if old in shown:
            assert seen(shown.replace(old, new))[1] == [f"{label}: differs"]
