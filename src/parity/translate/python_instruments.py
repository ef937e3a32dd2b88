"""Instrumental variables of ivregress, ivreg2 and xtivreg2 as Python: linearmodels, and what it lacks by hand."""

from __future__ import annotations

from parity.stata_language.request import Declined, Request
from parity.stata_language.varlist import Factor, Term
from parity.study.models import OF_MOMENTS
from parity.translate.names import shift, terms_of
from parity.translate.python_terms import right_side, write_term


def iv_lines(request: Request, made: dict[Factor, str]) -> list[str]:
    """ivregress and ivreg2. made: columns of lags. Raises `Declined`."""
    small = bool(request.settings.get("small"))
    right = right_side(request, made)
    exog = "1" if right == "1" else right if not request.intercept else f"1 + {right}"
    if not request.endogenous:
        raise Declined("without an endogenous column this is regress in large samples: see statsmodels")
    sides = (request.endogenous, request.instruments)
    endogenous, instruments = (" + ".join(write_term(t, made) for t in side) for side in sides)
    formula = f"{write_term(request.outcome, made)} ~ {exog} + [{endogenous} ~ {instruments}]"
    options = {"iid": 'cov_type="unadjusted"', "HC1": 'cov_type="robust"'}.get(request.kind)
    if request.kind == "CR1":
        if len(request.cluster) > 1:
            raise Declined("two-way clusters of ivreg2 take the smaller number of clusters, linearmodels each its own")
        options = f'cov_type="clustered", clusters=d[{request.cluster[0]!r}]'
    if options is None or request.weight:
        raise Declined(f"{request.kind} of this command has no short form in Python")
    debiased = ", debiased=True" if small else ""
    # rows that lack a value of this command, not of any column: clusters must be of the rows that are used
    used = list(dict.fromkeys([*(made.get(f, f.name) for t in terms_of(request) for f in t.factors), *request.cluster]))
    estimator, of, more = _estimator(request)
    plain = all(map(_is_plain, (*request.regressors, *request.endogenous, *request.instruments)))
    lagged = any(shift(f)[0] for t in request.regressors for f in t.factors)
    if plain and lagged and request.model == "ols" and request.intercept:
        return _orthonormal_iv(request, made, used, f"{options}{debiased}")
    return [
        f"from linearmodels import {estimator}" if estimator != "IVGMM" else "from linearmodels.iv import IVGMM",
        f"d = d.dropna(subset={used!r})",
        f"print({estimator}.from_formula({formula!r}, d{of}).fit({options}{debiased}{more}))",
    ]


def _is_plain(term: Term) -> bool:
    return len(term.factors) == 1 and term.factors[0].kind != "factor"


def _orthonormal_iv(request: Request, made: dict[Factor, str], used: list[str], options: str) -> list[str]:
    """Two-stage least squares whose exogenous columns are made orthonormal: linearmodels' cross-products square their
    condition, and levels beside their lags have one of thousands."""
    sides = (request.regressors, request.endogenous, request.instruments)
    x, endogenous, z = ([made.get(t.factors[0], t.factors[0].name) for t in side] for side in sides)
    outcome = made.get(request.outcome.factors[0], request.outcome.factors[0].name)
    return [
        "import numpy as np, pandas as pd",
        "from linearmodels import IV2SLS",
        f"d = d.dropna(subset={used!r})",
        "# levels beside their lags cost digits: their columns made orthonormal, and back",
        f"x = d[{x!r}].assign(Intercept=1.0)",
        "q, r = np.linalg.qr(x)",
        f"fit = IV2SLS(d[{outcome!r}], q, d[{endogenous!r}], d[{z!r}]).fit({options})",
        "back = np.eye(len(fit.params))",
        "back[:len(r), :len(r)] = np.linalg.inv(r)",
        "se = np.sqrt(np.diag(back @ fit.cov @ back.T))",
        f'pd.DataFrame({{"b": back @ fit.params, "se": se}}, [*x, {", ".join(map(repr, endogenous))}])',
    ]


def within_iv_lines(request: Request, made: dict[Factor, str]) -> list[str]:
    """xtivreg2: linearmodels on the columns within the groups, N less the groups by hand. Raises `Declined`."""
    (group,) = (f.name for f in request.absorb[0].factors)
    sides = [[request.outcome], request.regressors, request.endogenous, request.instruments]
    if any(len(t.factors) > 1 or f.kind == "factor" for side in sides for t in side for f in t.factors) or request.weight:
        raise Declined("levels, interactions and weights of xtivreg2 have no short form in Python")
    (y,), x, endogenous, z = ([made.get(t.factors[0], t.factors[0].name) for t in side] for side in sides)
    options = {"iid": 'cov_type="unadjusted"', "HC1": 'cov_type="robust"'}.get(request.kind)
    if request.kind == "CR1" and len(request.cluster) == 1:
        options = f'cov_type="clustered", clusters=d[{request.cluster[0]!r}]'
    small = request.settings.get("iid") != "n/(n-a)"
    if options is None or (small and request.cluster):
        raise Declined(f"{request.kind} of this command has no short form in Python")
    columns = list(dict.fromkeys([y, *x, *endogenous, *z]))
    parts = ", ".join(f"w[{side!r}]" if side else "None" for side in (x, endogenous, z))
    lines = [
        "from linearmodels import IV2SLS",
        f"d = d.dropna(subset={list(dict.fromkeys([*columns, group, *request.cluster]))!r})",
        f"d = d[d.groupby({group!r})[{group!r}].transform('size') > 1]",
        f"w = d[{columns!r}] - d.groupby({group!r})[{columns!r}].transform('mean')",
        f"fit = IV2SLS(w[{y!r}], {parts}).fit({options})",
    ]
    if request.cluster:
        return [*lines, "print(fit)"]
    more = (" and K", " - len(fit.params)") if small else ("", "")
    divided = f"fit.cov * fit.nobs / (fit.nobs - d[{group!r}].nunique(){more[1]})"
    return [*lines, f"# divided by N less the groups{more[0]}", divided]


def _estimator(request: Request) -> tuple[str, str, str]:
    """linearmodels' class, what it is given beside the formula, and what its fit is. Raises `Declined`."""
    if request.model == "ols":
        return "IV2SLS", "", ""
    if request.model not in OF_MOMENTS:
        return "IVLIML", "".join(f", {name}={value!r}" for name, value in request.keys.items()), ""
    if request.profile != "ivregress":
        raise Declined("ivreg2's covariance is that of the weight matrix, linearmodels' a sandwich")
    moments = request.keys.get("moments", {})
    assert isinstance(moments, dict)
    weight = moments.get("weight") or {"iid": "unadjusted", "HC1": "robust", "CR1": "clustered"}[request.kind]
    clusters = f", clusters=d[{request.cluster[0]!r}]" if weight == "clustered" else ""
    centre = ", center=True" if request.settings.get("centred") == "yes" else ""
    steps = ", iter_limit=1000, tol=1e-12" if moments.get("steps") == "iterated" else ""
    return "IVGMM", f", weight_type={weight.replace('iid', 'unadjusted')!r}{clusters}{centre}", steps
