"""What ivreg2 and ivreghdfe say of their instruments: e(widstat), e(cdf), e(idstat), e(j) and the like. Their help files."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parity.sample.design import Design
    from parity.stata_language.request import Request

#: Commands that report them in e().
REPORTING = ("ivreg2", "ivreghdfe", "xtivreg2", "ivreg28", "ivreg29")


def instruments(request: Request, design: Design) -> dict[str, float]:
    """Empty where the command reports none, or its errors are of a kind that has none here."""
    from parity.analyses.instruments.statistics import diagnose
    from parity.base.errors import Unestimable

    if request.command not in REPORTING or request.kind not in ("iid", "HC1", "CR1") or len(design.clusters) > 1:
        return {}
    cluster = next(iter(design.clusters), None)
    try:
        found = diagnose(design, "cluster" if cluster else "robust" if request.kind == "HC1" else "iid", cluster)
    except (Unestimable, ValueError, ArithmeticError):
        return {}
    counted = _counted(request, design, cluster)
    if counted is None:
        return {}
    out = {"cdf": found.cragg_donald_f, "widstat": found.weak_f * counted, "idstat": found.underidentified.value,
           "idp": found.underidentified.p, "archi2": found.anderson_rubin_chi2.value}  # fmt: skip
    if cluster or request.kind == "HC1":
        out["rkf"] = out["widstat"]
    if found.overidentified is not None:
        out |= {"j": found.overidentified.value, "jp": found.overidentified.p}
        if request.kind == "iid":
            out |= {"sargan": out["j"], "sarganp": out["jp"]}
    return {name: value for name, value in out.items() if not math.isnan(value)}


def _counted(request: Request, design: Design, cluster: str | None) -> float | None:
    """What F is multiplied by where an absorbed effect lies within the clusters. None for several such effects.

    ivreg2.ado divides by N less instruments less sdofminus, and ivreghdfe.ado gives it max(1, df_a) for that, df_a being
    reghdfe's count: nothing for the nested effect, all levels of the first of the others. A public package's tables agree.
    """
    facts = design.facts
    nested = [a.levels for a in facts.absorbed if cluster in a.nested_in]
    if not nested or cluster is None:
        return 1.0
    free = design.nobs - design.x.shape[1] - facts.absorbed_rank - design.z.shape[1]
    kept = {"ivreghdfe": 1, "xtivreg2": 0}.get(request.command)  # xtivreg2.ado has no sdofminus, and no constant
    if len(nested) > 1 or kept is None or free <= 0:
        return None
    return (free + nested[0] - kept) / free
