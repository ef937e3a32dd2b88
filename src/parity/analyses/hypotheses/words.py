"""A question about coefficients in words: what is tested, under which covariance, and what p is of."""

from __future__ import annotations

import math
from collections.abc import Mapping

from parity.analyses.hypotheses.sample import Asked

_RULES = {"convention": "", "resid": ", N - K", "groups": ", G - 1", "normal": ""}
_FORMS = {
    "full": "each covariance with its own error variance",
    "sigmamore": "both covariances with the error variance of the efficient estimate",
    "sigmaless": "both covariances with the error variance of the consistent estimate",
}  # fmt: skip


def about(asked: Asked, numbers: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """What a page says: name -> text."""
    s, side = asked.settings, asked.side
    covariance = f"{side.spec.vcov}, as {side.spec.convention.profile} has it"
    if asked.other is not None:
        other = asked.other.spec
        return {
            "Consistent": f"spec {side.spec.id}, {covariance}",
            "Efficient": f"spec {other.id}, {other.vcov}, as {other.convention.profile} has it",
            "Coefficients": ", ".join(asked.common),
            "Covariances": _FORMS[s.form],
            "p": f"of chi-squared with {numbers['df']['']:g} degrees of freedom, the rank of their difference",
        }  # fmt: skip
    out = {"Spec": f"{side.spec.id}: {side.spec.formula}", "Covariance": covariance}
    df = asked.df
    if s.test:
        q = numbers["df"][""]
        free = (
            f"F with {q:g} and {df:g} degrees of freedom"
            if math.isfinite(df)
            else f"chi-squared with {q:g} degrees of freedom"
        )
        return {"Hypotheses": "; ".join(s.test), **out, "p": f"of {free}{_rule(asked)}"}
    of = f"t with {df:g} degrees of freedom" if math.isfinite(df) else "the normal distribution"
    kind = "Combinations" if s.lincom else "Functions, by the delta method"
    return {kind: "; ".join(asked.functions), **out, "p and intervals": f"of {of}{_rule(asked)}"}


def _covariance(asked: Asked) -> str:
    vcov = asked.side.spec.vcov
    return "homoskedastic" if vcov.kind == "iid" else str(vcov)


def in_a_line(asked: Asked) -> str:
    """Below a table, and beside a verdict."""
    s = asked.settings
    if asked.other is not None:
        return f"Hausman's test of {asked.side.spec.id} against {asked.other.spec.id}, {_FORMS[s.form]}"
    df = asked.df
    rule = "normal" if math.isinf(df) else f"{df:g} degrees of freedom{_rule(asked)}"
    return f"{_covariance(asked)}, {rule}"


def _rule(asked: Asked) -> str:
    """Which count the degrees of freedom are, where the convention's are one of the two."""
    rule, df = asked.settings.df_rule, asked.df
    if rule != "convention" or math.isinf(df):
        return _RULES[rule]
    facts = asked.side.design.facts
    return ", G - 1" if asked.side.spec.vcov.cluster and df == facts.min_clusters - 1 else ", N - K"
