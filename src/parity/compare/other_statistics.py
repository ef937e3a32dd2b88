"""A printed statistic that is another of the same model: within R2 for R2, Wald's chi-squared for the likelihood ratio's.

Sources: Stata [XT] xtreg (e(r2_w)), [R] glm and [P] e(chi2type); reghdfe 6.12, e(r2_a_within); plm 2.6, r.squared();
AER 1.2, summary.tobit (Wald); fixest 0.14, fitstat (wr2, awr2, apr2); ivreg2 4.1 (F of small samples).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from parity.base.quantities import BY_NAME
from parity.base.terms import constant
from parity.compare.agree import hold
from parity.compare.harmonise import Key, Quantity
from parity.compare.printed import PrintedNumber
from parity.results.cause import Cause

#: The cause, and under which of its parameters the statistic stands.
ID, STATISTIC = "statistic-of-another-name", "statistic"
SOURCE = "Stored results of Stata's commands; fixest, fitstat; plm, r.squared"
#: Shares of one, whose chance of being met is over a range of one; all others' is over their own size.
_SHARES = ("r2", "r2_a", "r2_within", "r2_p", "theta")
_R2 = ("r2", "r2_within", "r2_a", "r2_p")
_KIN = (_R2, ("ll", "ll_0"), ("hausman", "hausman_sigmamore"), ("sargan", "j"))


def other_statistics(name: str, printed: PrintedNumber, quantities: Mapping[Key, Quantity]) -> Iterator[Cause]:
    """Which other statistics of the estimate have the printed digits. name: under which they were entered."""
    known = {quantity: found.value for (quantity, term), found in quantities.items() if not term}
    others = {said: v for said, v in _others(name, known, quantities).items() if math.isfinite(v)}
    size = 1.0 if name in _SHARES else max(abs(printed.value), printed.half_unit)
    chance = len(others) * min(1.0, 2 * printed.half_unit / size) if size else 1.0
    for said, value in others.items():
        if hold(printed.value, value, printed.allowed, size).agree:
            yield Cause(
                id=ID, text=f"The number entered as {name} is the {said}.", residual=0.0, source=SOURCE,
                formula=f"{said} {value:.6g}", parameters={STATISTIC: name}, chance=chance,
            )  # fmt: skip


def wald_chi2(quantities: Mapping[Key, Quantity]) -> dict[Key, Quantity]:
    """Wald's chi-squared of all slopes, q F, as commands without `small` and of random effects print it."""
    f = quantities.get(("f", ""))
    value = f.value * len(_slopes(quantities)) if f else math.nan
    return {("chi2", ""): Quantity.of(("chi2", ""), value)} if math.isfinite(value) else {}


def _others(name: str, known: Mapping[str, float], quantities: Mapping[Key, Quantity]) -> dict[str, float]:
    kin = next((names for names in _KIN if name in names), ())
    out = {BY_NAME[other].label: known[other] for other in kin if other != name and other in known}
    if name in _R2:
        out |= _of_fit(known, _slopes(quantities))
    if name in ("chi2", "f"):
        out |= {said: v for said, v in _tests(known, quantities).items() if not math.isclose(v, known.get(name, math.nan))}
    if name == "ll" and name in known:
        out["deviance, -2 times the log likelihood"] = -2 * known["ll"]
    if name in ("sigma_u2", "sigma_e2") and known.get(name, -1.0) >= 0:
        out["standard deviation, the root of the variance"] = math.sqrt(known[name])
    return out


def _slopes(quantities: Mapping[Key, Quantity]) -> list[str]:
    return [term for quantity, term in quantities if quantity == "coef" and not constant(term)]


def _of_fit(known: Mapping[str, float], slopes: list[str]) -> dict[str, float]:
    """Adjusted R2s that are no statistic of their own. df: N - K with all effects in K."""
    out, df, n = {}, known.get("df_resid", 0.0), known.get("nobs", math.nan)
    if "r2_within" in known and df > 0:
        lack = 1 - known["r2_within"]
        out["within R², adjusted by (N - 1)/(N - K)"] = 1 - lack * (n - 1) / df
        out["adjusted within R²"] = 1 - lack * (df + len(slopes)) / df
    ll, null = known.get("ll"), known.get("ll_0")
    if ll is not None and null:
        shrunk = -math.expm1(2 * (null - ll) / n)
        out["adjusted pseudo R², 1 - (ll - K)/ll_0"] = 1 - (ll - len(slopes)) / null
        out["R² of Cox and Snell"] = shrunk
        out["R² of Nagelkerke"] = shrunk / -math.expm1(2 * null / n) if null < 0 else math.nan
    return out


def _tests(known: Mapping[str, float], quantities: Mapping[Key, Quantity]) -> dict[str, float]:
    """Of all slopes: Wald's and the likelihood ratio, as chi-squared and as F, with the factor of small samples or not."""
    terms = _slopes(quantities)
    q, df, n = len(terms), known.get("df_resid", math.nan), known.get("nobs", math.nan)
    if not q:
        return {}
    f = known.get("f", _wald(quantities, terms) / q)
    out = {"Wald chi-squared": f * q, "F": f, "F without the factor of small samples": f * n / df if df > 0 else math.nan,
           "F with the factor of small samples, (N - K)/N": f * df / n}  # fmt: skip
    if {"ll", "ll_0"} <= known.keys():
        out["chi-squared of the likelihood ratio"] = 2 * (known["ll"] - known["ll_0"])
    return out


def _wald(quantities: Mapping[Key, Quantity], terms: list[str]) -> float:
    """b'V^-1 b of these terms; NaN where V is not known or singular."""
    v = np.array([[_entry(quantities, a, b) for b in terms] for a in terms])
    b = np.array([quantities["coef", term].value for term in terms])
    try:
        return float(b @ np.linalg.solve(v, b)) if np.isfinite(v).all() else math.nan
    except np.linalg.LinAlgError:
        return math.nan


def _entry(quantities: Mapping[Key, Quantity], a: str, b: str) -> float:
    found = quantities.get(("vcov", " x ".join(sorted((a, b)))))
    return found.value if found else math.nan
