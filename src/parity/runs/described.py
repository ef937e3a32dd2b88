"""What pages say of a spec in words: its formula, sample, weights, covariance, convention."""

from __future__ import annotations

from parity.conventions.profiles import PROFILES
from parity.study.spec import Spec


def described(spec: Spec) -> dict[str, str]:
    """Fields of `parity.results.spec_page.SpecDetail`."""
    chosen, profile = spec.convention, PROFILES[spec.convention.profile]
    changed = [f"{k} = {v}" for k, v in chosen.model_dump().items() if v != getattr(profile, k)]
    return {
        "title": spec.title, "formula": str(spec.formula), "model": "iv" if spec.iv and spec.additive else spec.model,
        "where": str(spec.where) if spec.where else "",
        "offset": str(spec.offset) if spec.offset else "",
        "weights": f"{'analytic' if spec.weights.analytic else 'frequency'}: {spec.weights.column}" if spec.weights else "",
        "vcov": str(spec.vcov), "convention": ", ".join([chosen.profile, *changed]),
    }  # fmt: skip
