"""Marginal effects asked of R, which fits the model and moves each row itself: r_scripts/lib/margins.R and _outcomes.R."""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.analyses.margins.effects import degrees, outcomes
from parity.analyses.margins.sample import Sample
from parity.base.terms import of_equation
from parity.conventions.facts import combine, subsets
from parity.conventions.formulas import factor
from parity.engines.safe import numbered
from parity.r.frame import Column, Frame
from parity.r.session import get_session


def margins_in_r(s: Sample) -> dict[str, dict[str, float]]:
    """quantity -> variable -> number, under our side's names. Raises `RuntimeError`, `NoR`."""
    spec, design = s.spec, s.design
    safe = dict(zip(s.factors, numbered("f", len(s.factors)), strict=True))
    data = {"y": Column.double(design.y)} | {
        safe[name]: Column.double(np.ascontiguousarray(column, dtype=float)) for name, column in s.factors.items()
    }
    if design.weights is not None:
        data["w"] = Column.double(design.weights)
    parts = [()] if not spec.vcov.cluster else list(subsets(spec.vcov.cluster))
    for i, part in enumerate(p for p in parts if p):
        data[f"g{i + 1}"] = Column.whole(combine([design.clusters[c] for c in part]) + 1)
    signs = [-1.0 if part and len(part) % 2 == 0 else 1.0 for part in parts]
    factors = [factor(design.facts, spec.convention, spec.vcov.kind, spec.vcov.cluster, part, iv=False) for part in parts]
    one_outcome = [level for one in s.moved for level in (one.levels or (one.name,))]
    names = [of_equation(o, name) for o in outcomes(design) for name in one_outcome] or one_outcome
    answer: dict[str, Any] = get_session().call("margins_analysis", {
        "data": Frame(data), "model": spec.model, "intercept": design.intercept, "information": spec.convention.information,
        "products": Column.text([" ".join(safe[f] for f in factors) for factors in s.products.values()]),
        "moved": Column.text([" ".join(safe[f] for f in one.factors) for one in s.moved]),
        "levels": Column.text([" ".join(safe[m] for m in one.levels) for one in s.moved]),
        "base": Column.text([safe.get(one.base, "") for one in s.moved]),
        "base_outcome": float(design.outcomes[design.base]) if design.equations else None,
        "means": s.settings.at == "means", "kind": spec.vcov.kind, "counts": design.weight_kind == "frequency",
        "factor": Column.double(np.array(factors) * np.array(signs)), "df": float(degrees(s)),
    })  # fmt: skip
    return {
        quantity: dict(zip(names, np.asarray(value.values, dtype=float).tolist(), strict=True))
        for quantity, value in answer.items()
        if isinstance(value, Column)
    }
