"""A request as Python: pyfixest where its options have Stata's convention, linearmodels and statsmodels for the rest."""

from __future__ import annotations

from parity.stata_language.dataset import Panel
from parity.stata_language.reading import NO_PANEL
from parity.stata_language.request import Declined, Request
from parity.stata_language.varlist import Factor
from parity.study.models import CATEGORICAL, CENSORED, JOINT, LIKELIHOODS, OF_DYNAMIC, OF_INSTRUMENTS, SERIES
from parity.translate.descriptive import descriptive, py_descriptive
from parity.translate.names import (
    COUNTED,
    check_series,
    dates_said,
    in_columns,
    py_condition,
    shift,
    subset_of,
)
from parity.translate.python_instruments import iv_lines, within_iv_lines
from parity.translate.python_terms import cell_columns, lag_columns, right_side, write_term


def py_lines(request: Request, panel: Panel = NO_PANEL, exact: bool = False) -> list[str]:
    """Lines that give the command's coefficients and standard errors for a data frame `d`.

    exact: without cross-products of the columns, for a request that `digits.has_exact_form`. Raises `Declined`.
    """
    lines = _lines(request, panel, exact)
    return [*dates_said(request), *lines]


def _lines(request: Request, panel: Panel, exact: bool) -> list[str]:
    lines, made = lag_columns(request, panel)
    if subset := subset_of(request, py_condition):
        lines.append(f"d = d[{subset}]")
    if descriptive(request):
        return [*lines, *py_descriptive(request)]
    lines += cell_columns(request)
    if request.model in CATEGORICAL:
        return [*lines, *_multinomial(request)]
    if request.model in CENSORED:
        raise Declined("no package of Python that is asked here has censored outcomes")
    if request.model in SERIES:
        raise Declined("arima as Python has no short form with Stata's errors")
    if request.model in JOINT:
        raise Declined(f"no package of Python that is asked here has {request.model}")
    if request.model in OF_DYNAMIC:
        raise Declined("no package of Python that is asked here has dynamic panels")
    if request.kind == "conley":
        raise Declined(f"{request.command}'s spatial errors have no package in Python")
    if request.model in LIKELIHOODS:
        return [*lines, *_likelihood(request)]
    if request.model in ("random_effects", "between"):
        return [*lines, *_random(request, panel, made)]
    if request.model in OF_INSTRUMENTS and request.absorb:
        raise Declined(f"{request.model} with absorbed effects has no short form in Python")
    if request.kind == "NW":
        check_series(request, panel)
        if panel.time:  # neighbours in time, in whatever order the rows stand
            lines.insert(0, f"d = d.sort_values({panel.time!r})")
        return [*lines, *_statsmodels(request, made)]
    if request.kind in ("CR2", "HC2", "HC3") and request.absorb:
        raise Declined(f"{request.kind} with absorbed effects has no short form in Python")
    if request.profile in ("ivregress", "ivreg2") and not request.absorb:
        return [*lines, *iv_lines(request, made)]
    if request.command == "xtivreg2":
        return [*lines, *within_iv_lines(request, made)]
    return [*lines, *(_exact(request, made) if exact else _feols(request, made))]


#: Newton's steps until nothing changes.
STEPS = "tol=1e-14, maxiter=100"


def _multinomial(request: Request) -> list[str]:
    """statsmodels' MNLogit, whose base is the smallest code; the most frequent outcome, of several the smallest, by hand."""
    if request.model != "mlogit":
        said = "OrderedModel has its covariance by differences; `parity export --to python` writes it out"
        raise Declined(f"{request.model} has no short form in Python: {said}")
    if request.kind != "iid" or request.weight or not request.intercept:
        raise Declined("MNLogit has no weights and no robust covariance")
    if any(len(t.factors) > 1 or f.kind == "factor" or f.operator for t in request.regressors for f in t.factors):
        raise Declined("levels, lags and interactions of a likelihood need columns of their own")
    names = [t.factors[0].name for t in request.regressors]
    y = request.outcome.factors[0].name
    base = request.keys.get("base", f"d[{y!r}].value_counts().sort_index().idxmax()")
    return [
        "import statsmodels.api as sm",
        f"d = d.dropna(subset={[y, *names]!r})",
        f"outcomes = [base := {base}, *sorted(set(d[{y!r}]) - {{base}})]  # the first is the base",
        f"fit = sm.MNLogit(d[{y!r}].map(outcomes.index), sm.add_constant(d[{names!r}])).fit({STEPS})",
        "fit.summary()",
    ]


def _likelihood(request: Request) -> list[str]:
    """statsmodels' Logit, Probit and Poisson, which have the observed information; Stata's factors by hand."""
    if request.weight or request.absorb or any(len(t.factors) > 1 for t in request.regressors):
        raise Declined("weights and interactions of a likelihood have no short form in Python")
    if any(f.kind == "factor" or f.operator for t in request.regressors for f in t.factors):
        raise Declined("levels and lags of a likelihood need columns of their own")
    names = [t.factors[0].name for t in request.regressors]
    x = f"sm.add_constant(d[{names!r}])" if request.intercept else f"d[{names!r}]"
    used = list(dict.fromkeys([request.outcome.factors[0].name, *names, *request.cluster]))
    model = {"logit": "Logit", "probit": "Probit", "poisson": "Poisson"}[request.model]
    used += [request.offset] if request.offset and request.offset not in used else []
    beside = f"np.log(d[{request.offset!r}])" if request.exposure else f"d[{request.offset!r}]"
    fit = f"fit = sm.{model}(d[{used[0]!r}], {x}{f', offset={beside}' if request.offset else ''})"
    lines = [
        *(["import numpy as np"] if request.exposure else []),
        "import statsmodels.api as sm",
        f"d = d.dropna(subset={used!r})",
    ]
    if request.kind == "iid":
        return [*lines, f"{fit}.fit({STEPS})", "fit.summary()"]
    if request.cluster:
        asked = f'cov_type="cluster", cov_kwds={{"groups": d[{request.cluster[0]!r}], "use_correction": False}}'
        return [
            *lines,
            f"{fit}.fit({STEPS}, {asked})",
            f"fit.cov_params() * (G := d[{request.cluster[0]!r}].nunique()) / (G - 1)",
        ]
    return [*lines, f'{fit}.fit({STEPS}, cov_type="HC0")', "fit.cov_params() * fit.nobs / (fit.nobs - 1)"]


def _feols(request: Request, made: dict[Factor, str]) -> list[str]:
    formula = f"{write_term(request.outcome, made)} ~ {right_side(request, made)}"
    if request.absorb:
        formula += " | " + " + ".join("^".join(f.name for f in t.factors) for t in request.absorb)
    if request.endogenous:
        if len(request.endogenous) > 1:
            raise Declined("pyfixest takes one endogenous column")
        instruments = " + ".join(write_term(t, made) for t in request.instruments)
        formula += f" | {write_term(request.endogenous[0], made)} ~ {instruments}"
    options = [repr(formula), "data=d", f"vcov={_vcov(request)}"]
    if request.weight:
        kind = "fweights" if request.weight.kind == "fweight" else "aweights"
        options.append(f"weights={request.weight.expression!r}")
        options += [f'weights_type="{kind}"'] if kind == "fweights" else []
    if request.kind in ("HC2", "HC3"):  # pyfixest multiplies them by N / (N - K), Stata doesn't
        options.append("ssc=pf.ssc(k_adj=False, G_adj=False)")
    if request.cluster and (request.profile == "areg" or request.settings.get("count_fixef") == "full"):
        options.append('ssc=pf.ssc(k_fixef="full")')
    if request.settings.get("cluster_groups") == "each":
        options.append('ssc=pf.ssc(G_df="conventional")')
    if request.profile == "ivreghdfe" and request.cluster:
        raise Declined(COUNTED)
    if (request.absorb and request.profile not in ("reghdfe", "ivreghdfe")) or request.settings.get("singletons") == "keep":
        options.append('fixef_rm="none"')
    if (
        len(request.absorb) > 1
    ):  # one is demeaned exactly, several to 1e-6 unless told: relative to the column, else large ones never are
        off = ', preconditioner="off"' if request.endogenous else ""  # its first stage fails where a singleton is kept
        options.append(f"demeaner=pf.LsmrDemeaner(fixef_atol=1e-12, fixef_btol=1e-12{off})")
    whole = f"pf.feols({', '.join(options)}).summary()"
    head = ["import pyfixest as pf", *_told(request)]
    if len(whole) <= 76:
        return [*head, whole]
    return [*head, "pf.feols(", *(f"    {option}," for option in options), ").summary()"]


def _exact(request: Request, made: dict[Factor, str]) -> list[str]:
    """pyfixest chooses the rows and columns, statsmodels fits them: its pseudo-inverse squares no condition number."""
    formula = f"{write_term(request.outcome, made)} ~ {right_side(request, made)}"
    options, rows = {"iid": "", "HC1": 'cov_type="HC1", use_t=True'}.get(request.kind), []
    if options is None:
        (by,) = request.cluster
        rows = [f"d = d.dropna(subset=[{by!r}])"]
        options = f'cov_type="cluster", cov_kwds={{"groups": d.loc[y.index, {by!r}]}}, use_t=True'
    return [
        "import pyfixest as pf, statsmodels.api as sm",
        "from formulaic import model_matrix",
        *rows,
        f"formula = {formula!r}",
        "# pyfixest leaves collinear columns out, but its cross-products lose digits on those",
        "# that are left: statsmodels has none",
        "kept = pf.feols(formula, d).coef().index",
        "y, x = model_matrix(formula, d)",
        f"sm.OLS(y, x[kept]).fit({options}).summary()",
    ]


def _told(request: Request) -> list[str]:
    """Where pyfixest's errors are others than the command's, which only the data know."""
    if request.settings.get("cluster_groups") == "each":
        return ["# t has one less than the fewest clusters here, N - K in cluster2"]
    if request.profile != "reghdfe":
        return []
    if len(request.cluster) > 1:
        return ["# a covariance with a negative eigenvalue stays as it is here; reghdfe repairs it"]
    if len(request.absorb) > 1 and not request.cluster:
        return [
            "# all levels are counted: where one effect lies within another, larger errors than",
            "# reghdfe's, by one factor",
        ]
    return []


def _vcov(request: Request) -> str:
    in_columns(request)
    if request.cluster:
        if (
            len(request.cluster) > 1
            and request.absorb
            and {f.name for t in request.absorb for f in t.factors} & set(request.cluster)
        ):
            raise Declined("pyfixest 0.60 may count these effects by PYTHONHASHSEED: use R, or parity's own engine")
        kind = {"CR1": "CRV1", "CR3": "CRV3"}.get(request.kind)
        if kind is None:
            raise Declined(f"{request.kind} has no option in pyfixest")
        return f"{{{kind!r}: {' + '.join(request.cluster)!r}}}"
    if request.kind == "DK":
        raise Declined("Driscoll-Kraay's factor of this command has no option in pyfixest")
    return repr({"iid": "iid", "HC1": "HC1", "HC2": "HC2", "HC3": "HC3"}[request.kind])


def _random(request: Request, panel: Panel, made: dict[Factor, str]) -> list[str]:
    if request.kind != "iid":
        raise Declined("clustered random effects of xtreg have no option with Stata's factor")
    formula = f"{write_term(request.outcome, made)} ~ 1 + {right_side(request, made)}"
    index = [panel.unit, panel.time]
    if request.model == "between":
        weighted = "reweight=True" if request.settings.get("between_weights") == "rows" else ""
        return ["from linearmodels import BetweenOLS",
                f"print(BetweenOLS.from_formula({formula!r}, d.set_index({index!r})).fit({weighted}))"]  # fmt: skip
    return ["from linearmodels import RandomEffects",
            f"print(RandomEffects.from_formula({formula!r}, d.set_index({index!r})).fit())"]  # fmt: skip


def _statsmodels(request: Request, made: dict[Factor, str]) -> list[str]:
    formula = f"{write_term(request.outcome, made)} ~ {right_side(request, made)}"
    options = f'cov_type="HAC", cov_kwds={{"maxlags": {request.lags}, "use_correction": True}}, use_t=True'
    if not any(shift(f)[0] for t in request.regressors for f in t.factors):
        return ["import statsmodels.formula.api as smf", f"smf.ols({formula!r}, d).fit({options}).summary()"]
    return [  # (X'X)^-1 on both sides of the scores' products costs the square of the columns' condition
        "import numpy as np, pandas as pd, statsmodels.api as sm, statsmodels.formula.api as smf",
        f"fit = smf.ols({formula!r}, d).fit({options})",
        "# V is fit.cov_params(), without the digits that it loses to levels beside their",
        "# lags: the same fit on orthonormal columns, and back",
        "q, r = np.linalg.qr(fit.model.exog)",
        "back = np.linalg.inv(r)",
        f"V = back @ sm.OLS(fit.model.endog, q).fit({options}).cov_params() @ back.T",
        'pd.DataFrame({"b": fit.params, "se": np.sqrt(np.diag(V))})',
    ]
