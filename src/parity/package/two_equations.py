"""What windows print of the errors of two equations beside /athrho and /lnsigma: their correlation, the second's deviation.

[R] ivprobit: `rho` and `sigma` up to Stata 14, `corr(e.d,e.y)` and `sd(e.d)` from 15 on; errors by the delta method, ends of
intervals those of /athrho and /lnsigma.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from parity.base.quantities import OF_TERMS
from parity.base.terms import ATHRHO, LNSIGMA

CORRELATION, DEVIATION = "corr(e.", "sd(e."
#: What the two parameters are called from version 14.1 on.
NUMBERED = {ATHRHO: "/athrho2_1", LNSIGMA: "/lnsigma2"}
#: In e(), and in the line below the window, whose hypothesis has a nought.
TEST_OF_ERRORS = "chi2 of the effects"
_TEST = {TEST_OF_ERRORS: "chi2_exog", "p of the effects": "p_exog"}
_HYPOTHESES = ("Wald test of exogeneity (/athrho", "Wald test of exogeneity (/athrho2_1", "Wald test of exogeneity (corr")


def rows_of(terms: Mapping[str, Mapping[str, float]], outcome: str) -> dict[str, dict[str, float]]:
    """Of an estimate with /athrho, the rows that follow from it and /lnsigma."""
    if ATHRHO not in terms:
        return {}
    of = next(term.partition(":")[0] for term in terms if ":" in term)
    rho, sigma = math.tanh(terms[ATHRHO]["coef"]), math.exp(terms[LNSIGMA]["coef"])
    made = {
        f"{CORRELATION}{of},e.{outcome})": (ATHRHO, math.tanh, rho, 1 - rho * rho),
        f"{DEVIATION}{of})": (LNSIGMA, math.exp, sigma, sigma),
    }
    out = {}
    for name, (parameter, change, value, slope) in made.items():
        q = terms[parameter]
        numbers = (value, q["se"] * slope, math.nan, math.nan, change(q["ci_low"]), change(q["ci_high"]))
        out[name] = dict(zip(OF_TERMS, numbers, strict=True))
    return out


def names_of(term: str) -> list[str]:
    """What a window may call such a row, or one of the two parameters; [] for another term."""
    if term in NUMBERED:
        return [term, NUMBERED[term], term.removeprefix("/")]
    if term.startswith(CORRELATION):  # too long for a line, and parted at the comma
        return [term, "rho", term.partition(",")[2]]
    return [term, "sigma"] if term.startswith(DEVIATION) else []


def test_of(numbers: Mapping[str, float]) -> dict[str, float]:
    """What the line below the window says: chi-squared and p of no correlation."""
    if "chi2_exog" not in numbers:
        return {}
    return {label: numbers[name] for label, name in _TEST.items()} | dict.fromkeys(_HYPOTHESES, 0.0)
