"""Subsets of regressors from one fit, against fitting them afresh."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from brute import near, random_design
from parity.engines.own.fit import Refit, covariances, solve
from parity.study.spec import Vcov


@pytest.mark.parametrize("seed", range(60))
def test_subsets_of_regressors_without_the_rows(seed):
    design = random_design(seed)
    design = replace(design, endog=design.endog[:, :0], endog_names=(), z=design.z[:, :0], z_names=())
    extra = np.random.default_rng(seed).normal(size=(design.nobs, 2)) + 1e3
    design = replace(design, x=np.hstack([design.x, extra]), x_names=(*design.x_names, "more", "most"))
    refit = Refit(solve(design))
    chosen = np.array([0, len(design.x_names) - 1])
    alone = solve(replace(design, x=design.x[:, chosen], x_names=tuple(design.x_names[i] for i in chosen)))
    subset = refit.subset(alone.terms)
    assert subset.terms == alone.terms and subset.ssr == pytest.approx(alone.ssr, rel=1e-12)
    se = np.sqrt(np.diag(alone.bread) * alone.ssr)
    assert np.max(np.abs(subset.coef - alone.coef) / np.maximum(se, np.abs(alone.coef))) < 1e-11
    for vcov in (Vcov(kind="iid"), Vcov(kind="HC0"), Vcov(kind="CR0", cluster=("unit", "time"))):
        for name, want in covariances(alone, vcov).items():
            near(refit.covariances(subset, vcov)[name], want, 1e-11)


def test_subsets_say_what_they_cannot_do():
    refit = Refit(solve(random_design(2)))
    with pytest.raises(ValueError, match="no term `nobody`"):
        refit.subset(["nobody"])
    with pytest.raises(ValueError, match="HC3 needs the rows"):
        refit.covariances(refit.subset(["x0"]), Vcov(kind="HC3"))
    with pytest.raises(ValueError, match="first stage"):
        Refit(solve(random_design(6)))
