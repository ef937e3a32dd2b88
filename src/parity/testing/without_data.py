"""What two tables of coefficients say of each other without data: a common factor of the variances, another distribution."""

from __future__ import annotations

import itertools
import math

from parity.base.tolerance import ITERATIVE
from parity.conventions.formulas import p_value
from parity.testing.read import Given


def pattern(candidate: Given, reference: Given) -> str:
    """A sentence on what the differences have in common; empty where they have nothing."""
    ours, theirs = candidate.column("se"), reference.column("se")
    shared = [t for t in ours if t in theirs and ours[t] > 0 and theirs[t] > 0]
    if not _same(candidate.column("coef"), reference.column("coef")):
        return (
            "The coefficients differ, so no covariance or small-sample factor is the cause: look at sample, weights, model."
        )
    ratios = [(ours[t] / theirs[t]) ** 2 for t in shared]
    counts = reference.counts | candidate.counts
    if ratios and max(ratios) - min(ratios) <= 10 * ITERATIVE * max(ratios):
        ratio = ratios[0]
        if abs(ratio - 1) <= 10 * ITERATIVE:
            return _distribution(candidate, reference, counts)
        named = _named(ratio, counts)
        said = f"Every variance of the candidate is {ratio:.9g} times the reference's: a factor, not another estimator."
        return f"{said} {named}" if named else said
    if len(ratios) > 1:
        return (
            f"The ratio of the variances varies by term, from {min(ratios):.6g} to {max(ratios):.6g}: another kind of"
            " covariance (robust, clustered, by other clusters) or other weights, not a factor."
        )
    return ""


def _same(ours: dict[str, float], theirs: dict[str, float]) -> bool:
    return all(abs(ours[t] - theirs[t]) <= 10 * ITERATIVE * max(abs(ours[t]), abs(theirs[t])) for t in ours if t in theirs)


def _factors(counts: dict[str, float]) -> dict[str, float]:
    """Factors that the counts allow, by formula."""
    n, k, g = counts.get("nobs"), None, counts.get("clusters")
    if n and "df_resid" in counts:
        k = n - counts["df_resid"]
    single: dict[str, float] = {}
    if n and n > 1:
        single["(N - 1)/N"] = (n - 1) / n
    if n and k and n > k:
        single["N/(N - K)"] = n / (n - k)
        single["(N - 1)/(N - K)"] = (n - 1) / (n - k)
    if g and g > 1:
        single["G/(G - 1)"] = g / (g - 1)
    both = {f"{a} {b}": x * y for (a, x), (b, y) in itertools.combinations(single.items(), 2) if a[0] != b[0] or "G" in b}
    return single | both


def _named(ratio: float, counts: dict[str, float]) -> str:
    values = {"N": counts.get("nobs"), "G": counts.get("clusters")}
    if values["N"] and "df_resid" in counts:
        values["K"] = values["N"] - counts["df_resid"]
    shown = ", ".join(f"{name} = {value:g}" for name, value in values.items() if value)
    for text, factor in _factors(counts).items():
        if abs(ratio - factor) <= 10 * ITERATIVE * factor:
            return f"It is {text} with {shown}: the candidate applies it and the reference doesn't."
        if abs(ratio - 1 / factor) <= 10 * ITERATIVE / factor:
            return f"It is 1/({text}) with {shown}: the reference applies it and the candidate doesn't."
    return ""


def _distribution(candidate: Given, reference: Given, counts: dict[str, float]) -> str:
    """Where only p differs: the degrees of freedom that give each side's."""
    known = {"the normal distribution": math.inf}
    n, g = counts.get("nobs"), counts.get("clusters")
    if "df_resid" in counts:
        known[f"t with N - K = {counts['df_resid']:g}"] = counts["df_resid"]
    if g:
        known[f"t with G - 1 = {g - 1:g}"] = g - 1
    if n:
        known.setdefault(f"t with N - 1 = {n - 1:g}", n - 1)
    for side in (candidate, reference):
        if "df_t" in side.counts:
            known.setdefault(f"t with {side.counts['df_t']:g}", side.counts["df_t"])

    def of(side: Given) -> str:
        coef, se, p = side.column("coef"), side.column("se"), side.column("p")
        terms = [t for t in p if t in coef and se.get(t) and p[t] > 0]
        for text, df in known.items():
            made = [p_value(coef[t] / se[t], df) for t in terms]
            if terms and all(
                abs(a - p[t]) <= 10 * ITERATIVE * p[t] * max(1, (coef[t] / se[t]) ** 2)
                for a, t in zip(made, terms, strict=True)
            ):
                return text
        return ""

    ours, theirs = of(candidate), of(reference)
    if ours and theirs and ours != theirs:
        return f"Standard errors agree; the candidate's p-values come from {ours}, the reference's from {theirs}."
    return "Standard errors agree; what differs is the distribution behind p and the interval."
