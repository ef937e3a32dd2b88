"""How strongly the instruments of a specification move what they stand for: F of their first stage, as the errors are.

With one endogenous column it is the F of the excluded instruments in its first stage, with more of them the Kleibergen-Paap
rk Wald F (Cragg and Donald's of iid errors): what `parity run` has as `weak_f` where a spec asks for its diagnostics, as
ivreg2 counts, whatever the convention of the coefficients.
"""

from __future__ import annotations

import math

import numpy as np

from parity.algebra.first_stage import FirstStage
from parity.algebra.subsets import Meat
from parity.analyses.instruments.analysis import errors_of, why_none
from parity.analyses.instruments.statistics import diagnose
from parity.base.errors import Unestimable
from parity.conventions.facts import Facts
from parity.sample.design import Design
from parity.study.spec import Spec


def weak_f(spec: Spec, design: Design) -> float:
    """Of one specification by itself. NaN where it has none: no instruments, weights, several cluster variables, or
    instruments that determine the column."""
    errors = errors_of(spec)
    if why_none(spec) or errors is None:
        return math.nan
    try:
        return diagnose(design, *errors).weak_f
    except (Unestimable, ValueError, np.linalg.LinAlgError):
        return math.nan


def wald(first: FirstStage | None, meat: Meat | None) -> np.ndarray | None:
    """(b,) chi-squared of a batch, of iid errors over N."""
    if first is None:
        return None
    return first.of_iid() if meat is None else first.of_meat(meat)


def weak_fs(spec: Spec, facts: Facts, chi2: np.ndarray, tools: int) -> np.ndarray:
    """(b,) F of specifications that have so many excluded instruments, from `wald`."""
    errors = errors_of(spec)
    if why_none(spec) or errors is None:
        return np.full(len(chi2), np.nan)
    n, free = float(facts.nobs), float(facts.nobs - (facts.rank - 1 + tools))
    scale = {"iid": free, "robust": free / n}.get(errors[0])
    if scale is None:
        groups = facts.min_clusters
        scale = free / (n - 1) * (groups - 1) / groups
    return chi2 / tools * scale
