"""linearmodels' instrumental variables beyond IV2SLS: IVLIML, IVGMM and IVGMMCUE."""

from __future__ import annotations

from typing import Any

from parity.base.tolerance import MOMENT_STEP
from parity.engines.linearmodels.models import Model, columns_of_instruments
from parity.sample.design import Design
from parity.study.models import K_CLASS
from parity.study.spec import Spec

#: Its names of what moments are weighted by.
WEIGHTS = {"iid": "unadjusted", "robust": "robust", "cluster": "clustered"}
#: Steps of IVGMM at most. It ends earlier where the squared distance of two steps is below its tolerance.
MOST_STEPS = 2_000
#: Of IVGMMCUE's minimiser, whose slopes are differences of the statistic.
MINIMISER = {"method": "BFGS", "jac": "3-point", "options": {"gtol": 1e-9, "maxiter": 2_000}}


def model(spec: Spec, design: Design) -> Model:
    """The unfitted model of a spec that `OF_INSTRUMENTS` names."""
    from linearmodels.iv import IVGMM, IVGMMCUE, IVLIML

    columns = columns_of_instruments(design)
    clusters = lambda codes: {"clusters": codes}  # noqa: E731
    dummies = " and dummies" if design.effects else ""
    if spec.model in K_CLASS:
        given = {"kappa": spec.kappa} if spec.model == "kclass" else {"fuller": spec.fuller_alpha}
        unfitted = IVLIML(*columns, weights=design.weights, **given)
        shown = ", ".join(f"{name}={value}" for name, value in given.items())
        return Model(unfitted, f"IVLIML(y, x{dummies}, d, z, {shown})", clusters, defaults=False)
    weight: dict[str, Any] = {"weight_type": WEIGHTS[spec.moment_weight], "center": spec.convention.centred == "yes"}
    if spec.moment_weight == "cluster":
        weight["clusters"] = design.clusters[spec.vcov.cluster[0]]
    shown = ", ".join(f"{name}={'...' if name == 'clusters' else repr(value)}" for name, value in weight.items())
    if spec.model == "cue":
        unfitted = IVGMMCUE(*columns, weights=design.weights, **weight)
        return Model(
            unfitted, f"IVGMMCUE(y, x, d, z, {shown})", clusters, {"opt_options": MINIMISER}, defaults=False,
            accuracy="iterative",
        )  # fmt: skip
    steps = spec.moment_steps
    limits = {"iter_limit": MOST_STEPS if steps == "iterated" else steps, "tol": MOMENT_STEP**2}
    return Model(
        IVGMM(*columns, weights=design.weights, **weight), f"IVGMM(y, x, d, z, {shown})", clusters, limits, defaults=False,
        accuracy="iterative" if steps == "iterated" else "normal-equations",
    )  # fmt: skip


def statistics(fit: Any, spec: Spec) -> dict[str, float]:
    """kappa; or J, its degrees of freedom and p, but of one step, whose weight isn't that of its moments."""
    if spec.model in K_CLASS:
        return {"kappa": float(fit.kappa)}
    if spec.model == "gmm" and spec.moment_steps == 1:
        return {}
    j = fit.j_stat
    if not j.df:
        return {"j": 0.0, "j_df": 0.0}
    return {"j": float(j.stat), "j_df": float(j.df), "j_p": float(j.pval)}
