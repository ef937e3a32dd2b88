"""Arithmetic: how far an implementation goes before it stops, and where rounding is seen."""

from __future__ import annotations

from collections.abc import Iterable

from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario


def _by_experiment(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """No scenario: only the engine itself, asked again with a tight tolerance, can show it (`runs.shipped.explain`)."""
    return ()


CAUSES = (
    Cause(
        "absorption-tolerance", "arithmetic", "design", "tolerance",
        "It absorbs its fixed effects to a tolerance that is seen in the numbers; asked again with a tight one, the same "
        "engine has what the other causes predict.",
        "coefficients move by up to {coef} of themselves, standard errors by up to {se}",
        "pyfixest 0.60, demeaners.py: fixef_tol = 1e-6; fixest 0.14: fixef.tol = 1e-6; linearmodels 7: 1e-8",
        {},
        _by_experiment, unstable=True,
        avoids={"pyfixest": "feols(demeaner=MapDemeaner(fixef_tol=1e-12))", "fixest": "feols(fixef.tol = 1e-11)",
                "Stata": "reghdfe, tolerance(1e-12)",
                "linearmodels": 'PanelOLS.fit(use_lsdv=True); AbsorbingLS.fit(method="lsmr", absorb_options={"atol": 1e-14, '
                                '"btol": 1e-14})'},
    ),
    Cause(
        "minimiser-tolerance", "arithmetic", "design", "tolerance",
        "It ends its minimiser where the objective is flat, before the minimum; taken on until the slope is nought, the "
        "same engine has what the other causes predict.",
        "coefficients move by up to {coef} of themselves and {off} of a standard error, standard errors by up to {se}",
        "linearmodels 7, iv/model.py, IVGMMCUE.fit: scipy.optimize.minimize, whose gtol is 1e-5 of slopes by differences",
        {},
        _by_experiment, unstable=True,
        avoids={"linearmodels": 'IVGMMCUE.fit(opt_options={"method": ...}), a minimiser in units of standard errors'},
    ),
    Cause(
        "ill-conditioned-columns", "arithmetic", "design", "tolerance",
        "It solves through cross-products of columns that stand beside dummies, which squares their condition number, and "
        "rounding is seen; asked again with the effects taken out of the columns first, the same engine has what the other "
        "causes predict.",
        "coefficients move by up to {coef} of themselves, standard errors by up to {se}",
        "linearmodels 7, iv/model.py and iv/covariance.py: (X'Z (Z'Z)^-1 Z'X)^-1 by inv(); Higham (2002), section 20.4",
        {},
        _by_experiment, unstable=True,
        avoids={"linearmodels": "IV2SLS on columns less their projection on the fixed effects, without dummies"},
    ),
    Cause(
        "singular-cluster-blocks", "arithmetic", "covariance", "tolerance",
        "Its CR3 inverts I - H_gg of each cluster, which is singular where an effect lies within the clusters: what it has "
        "is rounding error over rounding error. Asked again with that effect taken out of the columns first, the same "
        "package has what the other causes predict.",
        "standard errors move by up to {se} of themselves",
        "clubSandwich 0.5.11, CR3: lapply(IH_jj, solve); Pustejovsky and Tipton (2018), section 2.3, on the pseudo-inverse",
        {},
        _by_experiment, unstable=True,
        avoids={"clubSandwich": "lm() on columns less their means by the effect, or CR2, whose root leaves such "
                                "directions out"},
    ),
)  # fmt: skip
