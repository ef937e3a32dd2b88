"""Design -> Fit at the maximum of a likelihood, where it is a weighted least-squares fit (McCullagh and Nelder 1989, 2.5).

The regressors are weighted by the root of weight and curvature, the residuals are scores over that root: so every covariance
of `parity.engines.own.fit` is what it is called, and the homoskedastic one is the inverse information.
"""

from __future__ import annotations

import math

import numpy as np

from parity.algebra import categorical, censored
from parity.algebra.absorb import absorber
from parity.algebra.likelihood import null
from parity.engines.own.least_squares import Fit
from parity.sample.design import Design
from parity.sample.separated import maximum
from parity.study.spec import Spec


def maximum_likelihood(design: Design, spec: Spec) -> Fit:
    """Raises `Unestimable` where the likelihood has no maximum."""
    found = maximum(design, spec)
    if isinstance(found, categorical.Maximum):
        return _of_categories(found, design)
    w = np.ones(design.nobs) if design.weights is None else design.weights
    root = np.sqrt(np.maximum(found.curvature, np.finfo(float).tiny))
    return Fit(
        design.terms, found.b, w * found.at.slope / root, found.basis, found.half,
        ssr=design.observations, tss=math.nan, tss_within=math.nan, design=design,
        absorbed=absorber(list(design.effects.values()), found.curvature) if design.effects else None,
        likelihood={"ll": found.ll, "ll_0": _null_of(design, spec.model)},
    )  # fmt: skip


def _of_categories(found: categorical.Maximum, design: Design) -> Fit:
    """Of several outcomes, a censored one, one with another equation or of a series, a row has a vector of scores, no
    residual: it stands in the place of regressors, with residuals of one, so that every covariance is what it is called."""
    w = np.ones(design.nobs) if design.weights is None else design.weights
    return Fit(
        design.terms, found.b, w, found.scores @ found.half, found.half,
        ssr=design.observations, tss=math.nan, tss_within=math.nan, design=design,
        likelihood={"ll": found.ll} | ({} if design.joint or design.arma else {"ll_0": _null(design)}),
    )  # fmt: skip


def _null_of(design: Design, model: str) -> float:
    return null(design.y, model, design.weights, constant=has_constant(design), offset=design.offset)


def _null(design: Design) -> float:
    if design.limits is not None:
        return censored.null(design.y, *design.limits, design.weights)
    return categorical.null(design.places, design.weights)


def has_constant(design: Design) -> bool:
    return design.intercept or bool(design.effects)
