"""A request as Python: pyfixest where its options have Stata's convention, linearmodels and statsmodels for the rest."""

from __future__ import annotations

import keyword
import re

from parity.stata_language.dataset import Panel
from parity.stata_language.reading import NO_PANEL
from parity.stata_language.request import Declined, Request
from parity.stata_language.spec import crossed, margins_of
from parity.stata_language.varlist import Factor, Term
from parity.study.models import CATEGORICAL, CENSORED, LIKELIHOODS, OF_DYNAMIC, OF_INSTRUMENTS, OF_MOMENTS
from parity.translate.names import (
    COUNTED,
    by_periods,
    check_cells,
    check_series,
    dates_said,
    in_columns,
    is_cells,
    lag_name,
    powers,
    py_condition,
    shift,
    subset_of,
    terms_of,
)


def py_lines(request: Request, panel: Panel = NO_PANEL, exact: bool = False) -> list[str]:
    """Lines that give the command's coefficients and standard errors for a data frame `d`.

    exact: without cross-products of the columns, for a request that `digits.has_exact_form`. Raises `Declined`.
    """
    lines = _lines(request, panel, exact)
    return [*dates_said(request), *lines]


def _lines(request: Request, panel: Panel, exact: bool) -> list[str]:
    lines, made = _columns(request, panel)
    if subset := subset_of(request, py_condition):
        lines.append(f"d = d[{subset}]")
    lines += _cell_columns(request)
    if request.model in CATEGORICAL:
        return [*lines, *_multinomial(request)]
    if request.model in CENSORED:
        raise Declined("no package of Python that is asked here has censored outcomes")
    if request.model in OF_DYNAMIC:
        raise Declined("no package of Python that is asked here has dynamic panels")
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
        return [*lines, *_iv(request, made)]
    if request.command == "xtivreg2":
        return [*lines, *_within_iv(request, made)]
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


def _columns(request: Request, panel: Panel) -> tuple[list[str], dict[Factor, str]]:
    """Lags as columns made by a merge on unit and time, which obeys gaps."""
    made: dict[Factor, str] = {}
    lines: list[str] = []
    for factor in dict.fromkeys(f for t in terms_of(request) for f in t.factors):
        letter, n = shift(factor)
        if not letter:
            continue
        name = lag_name(letter, n, factor, panel)
        made[factor] = name
        move = f"{'+' if letter in 'ld' else '-'} {by_periods(n, panel)}"
        keys = [key for key in (panel.unit, panel.time) if key]
        lines += [
            f"past = d[{[*keys, factor.name]!r}].assign(**{{{panel.time!r}: d[{panel.time!r}] {move}}})",
            f'd = d.merge(past.rename(columns={{{factor.name!r}: {name!r}}}), on={keys!r}, how="left")',
        ]
        if letter == "d":
            lines.append(f"d[{name!r}] = d[{factor.name!r}] - d[{name!r}]")
    return lines, made


def _cell_columns(request: Request) -> list[str]:
    """Columns of the cells of `a#b`, which formulaic would code as differences within each other's levels."""
    margins = margins_of(request.regressors)
    lines: list[str] = []
    for term in request.regressors:
        if is_cells(term, margins):
            names = [f.name for f in term.factors]
            cells = f"list(zip({', '.join(f'd[{n!r}]' for n in names)}))"
            lines += [f"d = d.dropna(subset={names!r})", f"d[{_cell(term)!r}] = pd.Categorical({cells})"]
    return ["import pandas as pd", *lines] if lines else []


def _cell(term: Term) -> str:
    return "_".join(f.name for f in term.factors)


def _written(term: Term, made: dict[Factor, str], margins: frozenset = frozenset()) -> str:
    out = []
    groups = [f for f in term.factors if f.kind == "factor"]
    if is_cells(term, margins):
        name = _cell(term)
        return f"C({name})" if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) else f"C(`{name}`)"
    if len(term.factors) > 1 and groups and crossed(term, margins) == "levels":
        other = next(f for f in term.factors if f.kind != "factor")
        return f"i({groups[0].name}, {made.get(other, other.name)})"
    for factor in term.factors:
        name = made.get(factor, factor.name)
        if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) or keyword.iskeyword(name):
            name = f"`{name}`"
        if factor.kind == "factor":
            if factor.levels or factor.omit or (factor.base not in ("", "first") and not factor.base.lstrip("-").isdigit()):
                raise Declined(f"chosen levels of {factor.name} need columns of their own")
            chosen = f", contr.treatment(base={factor.base})" if factor.base.lstrip("-").isdigit() else ""
            out.append(f"C({name}{chosen})")
        else:
            out.append(name)
    return powers(out, "**")


def _right(request: Request, made: dict[Factor, str]) -> str:
    margins = margins_of(request.regressors)
    check_cells(request, margins)
    items = [_written(t, made, margins) for t in request.regressors]
    if not request.intercept and not request.absorb:
        items.insert(0, "0")
    return " + ".join(items) or "1"


def _feols(request: Request, made: dict[Factor, str]) -> list[str]:
    formula = f"{_written(request.outcome, made)} ~ {_right(request, made)}"
    if request.absorb:
        formula += " | " + " + ".join("^".join(f.name for f in t.factors) for t in request.absorb)
    if request.endogenous:
        if len(request.endogenous) > 1:
            raise Declined("pyfixest takes one endogenous column")
        formula += (
            f" | {_written(request.endogenous[0], made)} ~ {' + '.join(_written(t, made) for t in request.instruments)}"
        )
    options = [repr(formula), "data=d", f"vcov={_vcov(request)}"]
    if request.weight:
        kind = "fweights" if request.weight.kind == "fweight" else "aweights"
        options.append(f"weights={request.weight.expression!r}")
        options += [f'weights_type="{kind}"'] if kind == "fweights" else []
    if request.kind in ("HC2", "HC3"):  # pyfixest multiplies them by N / (N - K), Stata doesn't
        options.append("ssc=pf.ssc(k_adj=False, G_adj=False)")
    if request.cluster and (request.profile == "areg" or request.settings.get("count_fixef") == "full"):
        options.append('ssc=pf.ssc(k_fixef="full")')
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
    formula = f"{_written(request.outcome, made)} ~ {_right(request, made)}"
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


def _iv(request: Request, made: dict[Factor, str]) -> list[str]:
    small = bool(request.settings.get("small"))
    right = _right(request, made)
    exog = "1" if right == "1" else right if not request.intercept else f"1 + {right}"
    if not request.endogenous:
        raise Declined("without an endogenous column this is regress in large samples: see statsmodels")
    sides = (request.endogenous, request.instruments)
    endogenous, instruments = (" + ".join(_written(t, made) for t in side) for side in sides)
    formula = f"{_written(request.outcome, made)} ~ {exog} + [{endogenous} ~ {instruments}]"
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


def _within_iv(request: Request, made: dict[Factor, str]) -> list[str]:
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


def _random(request: Request, panel: Panel, made: dict[Factor, str]) -> list[str]:
    if request.kind != "iid":
        raise Declined("clustered random effects of xtreg have no option with Stata's factor")
    formula = f"{_written(request.outcome, made)} ~ 1 + {_right(request, made)}"
    index = [panel.unit, panel.time]
    if request.model == "between":
        weighted = "reweight=True" if request.settings.get("between_weights") == "rows" else ""
        return ["from linearmodels import BetweenOLS",
                f"print(BetweenOLS.from_formula({formula!r}, d.set_index({index!r})).fit({weighted}))"]  # fmt: skip
    return ["from linearmodels import RandomEffects",
            f"print(RandomEffects.from_formula({formula!r}, d.set_index({index!r})).fit())"]  # fmt: skip


def _statsmodels(request: Request, made: dict[Factor, str]) -> list[str]:
    formula = f"{_written(request.outcome, made)} ~ {_right(request, made)}"
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
