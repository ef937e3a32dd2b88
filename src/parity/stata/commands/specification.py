"""Tests of a model as it stands: ovtest, linktest, lrtest, goodness of fit, serial correlation, a unit root.

[R] regress postestimation, linktest, lrtest, logit postestimation, poisson postestimation; [TS] dfuller, regress
postestimation time series: Methods and formulas. What a test here leaves in r() has the names of these manuals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from parity.stata import sample_now
from parity.stata.commands import command
from parity.stata.commands.after import active
from parity.stata.commands.predicted import kept_residuals
from parity.stata.commands.stored import named
from parity.stata.estimates.inference import tail
from parity.stata.mishaps import NotRun
from parity.stata.results import Matrix, Results
from parity.stata.session import Lost, Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem
from parity.stata_language.request import Declined
from parity.stata_language.varlist import Factor, Term


def _left(
    session: Session, word: str, numbers: dict[str, float], told: Mapping[str, object] | None = None, **matrices: Matrix
) -> None:
    """told: what its window says in words"""
    session.r = Results(numbers=numbers, matrices=matrices)
    session.show(word, **numbers, told=told or {})


def _upper(chi2: float, df: float) -> float:
    from scipy import special

    return float(special.chdtrc(df, max(chi2, 0.0)))


def _ordinary(session: Session, word: str):
    """The estimate of `regress` without weights, whose covariance moves no number of the test. Raises `DataProblem`."""
    active(session)
    e = session.e.estimated
    if not hasattr(e, "solved") or e.solved.design.effects or e.resolved.spec.iv or session.e.texts.get("cmd") != "regress":
        raise DataProblem(f"{word} is not appropriate after this command", 301)
    if e.solved.design.weights is not None or e.solved.design.clusters:
        raise NotRun(f"{word} after weights or clusters is not known here")
    return e


def _columns(design) -> np.ndarray:
    return np.column_stack([design.x, np.ones(design.nobs)]) if design.intercept else design.x


def _fitted(y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """b, V and degrees of freedom of least squares with equal variances."""
    q, r = np.linalg.qr(x)
    b = np.linalg.solve(r, q.T @ y)
    e, df = y - x @ b, float(len(y) - x.shape[1])
    half = np.linalg.inv(r)
    return b, half @ half.T * float(e @ e) / df, df


# ---------------------------------------------------------------- functional form


def ovtest(session: Session, given: Command) -> None:
    """Ramsey's: F of the powers 2 to 4 of the fitted values, these put between 0 and 1, beside the regressors."""
    e = _ordinary(session, "ovtest")
    if not e.solved.design.intercept:
        raise DataProblem("not appropriate after regress, nocons", 301)
    if given.has("rhs", least=1):
        raise NotRun("`estat ovtest, rhs` is not known here")
    from scipy import special

    design = e.solved.design
    fitted = design.y - e.solved.resid
    span = float(np.ptp(fitted))
    if span == 0:
        raise DataProblem("the fitted values don't vary", 498)
    between = (fitted - fitted.min()) / span
    powers = (_single(between**power) for power in (2, 3, 4))
    x = _columns(design)
    before, after = (_ssr(design.y, columns) for columns in (x, np.column_stack([x, *powers])))
    df_r = after[1]
    df = before[1] - df_r
    if df == 0 or df_r <= 0:
        raise DataProblem("powers of the fitted values are collinear with the regressors", 498)
    f = (before[0] - after[0]) / df / (after[0] / df_r)
    numbers = {"F": f, "df": df, "df_r": df_r, "p": float(special.fdtrc(df, df_r, f))}
    _left(session, "ovtest", numbers, {"outcome": session.e.texts.get("depvar", "")})


def _ssr(y: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    """Sum of squared residuals, and N less the rank of the columns, each of length one."""
    scaled = x / np.linalg.norm(x, axis=0)
    u, s, _ = np.linalg.svd(scaled, full_matrices=False)
    basis = u[:, s > 1e-10 * s[0]]
    e = y - basis @ (basis.T @ y)
    return float(e @ e), float(len(y) - basis.shape[1])


def _single(values: np.ndarray) -> np.ndarray:
    """As a column of type float holds them: ovtest.ado 2.6.1 and linktest.ado 3.3.5 make no doubles."""
    return values.astype(np.float32).astype(float)


@command("linktest", changes_data=False)
def linktest(session: Session, given: Command) -> None:
    """t or z of the square of the linear prediction beside it, by the same command without its options; e() stays.

    linktest.ado 3.3.5; after regress, logit, probit and poisson.
    """
    active(session)
    if given.options or given.condition or given.about.strip():
        raise NotRun("linktest with options or a sample of its own is not known here")
    cmd = str(session.e.texts.get("cmd", ""))
    if cmd[:2] in ("iv", "xt") or cmd == "mlogit":
        raise DataProblem(f"not possible after {cmd}", 131)
    if link := getattr(session.e.estimated, "link", ""):
        numbers, b = _linked(session, link)
    elif cmd == "regress":
        design = (e := _ordinary(session, "linktest")).solved.design
        hat = _single(design.y - e.solved.resid)
        b, v, df = _fitted(design.y, np.column_stack([hat, _single(hat**2), np.ones(design.nobs)]))
        numbers = {"t": float(b[1] / math.sqrt(v[1, 1])), "df": df}
    else:
        raise NotRun(f"linktest after {cmd} is not known here")
    session.r = Results(numbers=numbers)
    shown = numbers if "df" in numbers else {"z": numbers["t"]}
    p = tail(numbers["t"], numbers.get("df", math.inf))
    session.show("linktest", **shown, _hat=float(b[0]), _hatsq=float(b[1]), p=p)


def _linked(session: Session, link: str) -> tuple[dict[str, float], np.ndarray]:
    """z of the square, and the coefficients, of the likelihood of `link` on the linear prediction and its square."""
    from parity.stata.estimates import likelihoods

    fit, e = session.fits[-1] if session.fits else None, session.e.estimated
    if fit is None or fit.results is not session.active or fit.weights is not None:
        raise NotRun("linktest of restored estimates or with weights is not known here")
    kept, x = _regressors_of(fit, e)
    hat = np.full(fit.data.rows, np.nan)
    hat[kept] = _single(x @ e.b)
    made = {"_hat": Column(hat, "float"), "_hatsq": Column(_single(hat**2), "float")}
    data = replace(fit.data, columns={**fit.data.columns, **made})
    asked = replace(fit.request, regressors=tuple(Term((Factor(name),)) for name in made), intercept=True, condition=None,
                    rows=None, kind="iid", cluster=(), drawn="")  # fmt: skip
    try:
        found = likelihoods.estimate(asked, data, kept, None)
    except Declined as error:
        raise NotRun(f"linktest after {link}: {error}") from None
    at = found.names.index("_hatsq")
    return {"t": float(found.b[at] / math.sqrt(found.V[at, at]))}, found.b


def _regressors_of(fit, e) -> tuple[np.ndarray, np.ndarray]:
    """Rows that a likelihood used, as a mask, and its columns on them, the constant last."""
    design, kept = _design_of(fit, e)
    order = np.argsort(design.rows, kind="stable")
    return kept, _columns(design)[order]


# ---------------------------------------------------------------- likelihoods


@command("lrtest", changes_data=False)
def lrtest(session: Session, given: Command) -> None:
    """`lrtest A [B] [, force]`: twice the distance of the log likelihoods, the larger model first or second."""
    words = given.about.replace("(", " ").replace(")", " ").split()
    if not 1 <= len(words) <= 2:
        raise NotRun("lrtest of more than two models is not known here")
    words = [*words, "."][:2]
    found = [named(session, word).filled() for word in words]
    for each in found:
        session.read |= each.doubts
        if "parity_unknown" in each.texts:
            raise Lost
        if "ll" not in each.numbers:
            raise DataProblem("likelihood information not found in estimation results", 498)
        if each.texts.get("vcetype") == "Robust" and not given.has("force"):
            raise DataProblem("LR test likely invalid for models with robust vce", 498)
    if found[0].texts.get("cmd") != found[1].texts.get("cmd") and not given.has("force"):
        raise DataProblem("test involves different estimators", 498)
    if found[0].numbers["N"] != found[1].numbers["N"] and not given.has("force"):
        raise DataProblem("observations differ", 498)
    order = sorted((0, 1), key=lambda i: found[i].numbers["rank"])
    less, more = (found[i] for i in order)
    option = given.option("df")
    df = float(option.value) if option and option.value else more.numbers["rank"] - less.numbers["rank"]
    if df <= 0:
        raise DataProblem("df(unrestricted) = df(restricted)", 498)
    chi2 = 2 * (more.numbers["ll"] - less.numbers["ll"])
    _left(session, "lrtest", {"chi2": chi2, "df": df, "p": _upper(chi2, df)}, {"names": [words[i] for i in order]})


def _design_of(fit, e):
    """The columns of a likelihood as those of a regression on the rows that it used, and these as a mask."""
    if fit.request.offset:
        raise NotRun(f"this is not computed beside the offset {fit.request.offset}")
    from parity.sample.build import build_design
    from parity.stata.estimates.resolved import resolve

    linear = replace(fit.request, command="regress", profile="regress", model="ols")
    kept = np.zeros(fit.data.rows, dtype=bool)
    kept[e.rows] = True
    resolved = resolve(linear, fit.data, kept, None)
    return build_design(resolved.study, resolved.spec, resolved.frame), kept


def gof(session: Session, given: Command) -> None:
    """Pearson's after logit and probit, by patterns of the regressors; deviance and Pearson's after poisson."""
    active(session)
    e = session.e.estimated
    link = getattr(e, "link", "")
    fit = session.fits[-1] if session.fits else None
    if not link:
        raise DataProblem("estat gof is not appropriate after this command", 321)
    if fit is None or fit.results is not session.active:
        raise NotRun("`estat gof` of restored estimates is not known here")
    if fit.weights is not None or given.has("group", least=1) or given.has("table", least=1):
        raise NotRun("`estat gof` with weights or groups is not known here")
    design, _ = _design_of(fit, e)
    x = _columns(design)
    index = x @ e.b
    k = float(len(e.b))
    if link == "poisson":
        mean, y = np.exp(index), design.y
        with np.errstate(all="ignore"):
            parts = np.where(y > 0, y * np.log(y / mean), 0.0) - (y - mean)
        deviance, pearson = 2 * float(parts.sum()), float(((y - mean) ** 2 / mean).sum())
        df = float(len(y)) - k
        _left(session, "estat gof", {"chi2_d": deviance, "p_d": _upper(deviance, df), "chi2_p": pearson,
                                     "p_p": _upper(pearson, df), "df": df})  # fmt: skip
        return
    from scipy import special

    p = special.expit(index) if link == "logit" else special.ndtr(index)
    patterns, at = np.unique(design.x, axis=0, return_inverse=True)
    m = len(patterns)
    count, ones = np.bincount(at.ravel(), minlength=m), np.bincount(at.ravel(), (design.y != 0).astype(float), minlength=m)
    share = np.bincount(at.ravel(), p, minlength=m) / count
    chi2 = float(((ones - count * share) ** 2 / (count * share * (1 - share))).sum())
    df = m - k
    _left(session, "estat gof", {"N": float(len(p)), "m": float(m), "chi2": chi2, "df": df, "p": _upper(chi2, df)})


# ---------------------------------------------------------------- series


def _in_time(session: Session) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows used, by their places at the estimation, in the order of their periods; these, one apart; the residuals.

    Raises `DataProblem`.
    """
    panel = session.there.panel
    if not panel.time or panel.unit:
        raise DataProblem("time variable not set, or several panels", 111 if not panel.time else 459)
    resid = kept_residuals(session)
    time = session.there[panel.time].numbers / panel.delta
    rows = np.flatnonzero(~np.isnan(resid))
    rows = rows[np.argsort(time[rows], kind="stable")]
    return sample_now.places(session.there, session.e)[rows], time[rows], resid[rows]


def dwatson(session: Session, given: Command) -> None:
    """Durbin and Watson's d: squared steps of neighbours in time over squared residuals."""
    e = _ordinary(session, "dwatson")
    _, time, resid = _in_time(session)
    steps = np.diff(resid)[np.diff(time) == 1]
    gaps = float((np.diff(time) != 1).sum())
    _left(session, "dwatson", {"N": float(len(resid)), "N_gaps": gaps, "k": float(len(e.b)),
                               "dw": float(steps @ steps / (resid @ resid))})  # fmt: skip


def bgodfrey(session: Session, given: Command) -> None:
    """Breusch and Godfrey's: N R2 of the residuals on the regressors and their own lags, those before the first as zero."""
    active(session)
    if session.e.texts.get("vcetype") == "Robust":
        raise DataProblem("This command does not work after regress, robust", 198)
    e = _ordinary(session, "bgodfrey")
    if given.has("nomiss0") or given.has("small", least=1):
        raise NotRun("`estat bgodfrey` with nomiss0 or small is not known here")
    option = given.option("lags", least=3)
    from parity.stata_language.varlist import numbers as listed

    orders = sorted(int(p) for p in (listed(option.value) if option and option.value else (1,)))
    rows, time, resid = _in_time(session)
    if np.any(np.diff(time) != 1):
        raise NotRun("`estat bgodfrey` with gaps in time is not known here")
    design = e.solved.design
    place = {int(row): i for i, row in enumerate(e.resolved.frame.index.to_numpy()[design.rows])}
    x = _columns(design)[[place[int(row)] for row in rows]]
    found = []
    for p in orders:
        lags = np.column_stack([np.concatenate([np.zeros(lag), resid[: len(resid) - lag]]) for lag in range(1, p + 1)])
        ssr, _ = _ssr(resid, np.column_stack([x, lags]))
        chi2 = len(resid) * (1 - ssr / float(resid @ resid))
        found.append((chi2, float(p), _upper(chi2, p)))
    names = tuple(str(p) for p in orders)
    matrices = {
        key: Matrix(np.array([[row[i] for row in found]]), ("r1",), names) for i, key in enumerate(("chi2", "df", "p"))
    }
    session.r = Results(numbers={"N": float(len(resid)), "k": float(len(e.b))}, matrices=matrices)
    session.show("bgodfrey", chi2=found[0][0], df=found[0][1], p=found[0][2])


@command("dfuller", changes_data=False)
def dfuller(session: Session, given: Command) -> None:
    """`dfuller y [, lags(p) trend drift noconstant]`: t of the lagged level; p by MacKinnon (1994), with drift that of t."""
    data, panel = session.there, session.there.panel
    if not panel.time:
        raise DataProblem("time variable not set", 111)
    name, option = session.name(given.about.strip()), given.option("lags", least=3)
    p = int(float(option.value)) if option and option.value else 0
    trend, drift, none = given.has("trend", least=2), given.has("drift"), given.has("noconstant", least=5)
    if trend + drift + none > 1:
        raise DataProblem("only one of noconstant, trend and drift may be asked for", 198)
    columns = [session.numbers(f"{word}.{name}") for word in ("D", "L", *(f"L{i}D" for i in range(1, p + 1)))]
    rows = session.used(given) & ~np.isnan(np.column_stack(columns)).any(axis=1)
    if panel.unit and len(np.unique(data[panel.unit].values[rows])) > 1:
        raise DataProblem("sample may not include multiple panels", 459)
    if not rows.any():
        raise DataProblem("no observations", 2000)
    y, *x = (column[rows] for column in columns)
    if trend:
        x.append(data[panel.time].numbers[rows] / panel.delta)
    if not none:
        x.append(np.ones(len(y)))
    b, v, df = _fitted(y, np.column_stack(x))
    t = float(b[0] / math.sqrt(v[0, 0]))
    numbers = {"N": float(len(y)), "lags": float(p), "Zt": t}
    if drift:
        from scipy import special

        numbers["p"] = float(special.stdtr(df, t))
    elif not none:
        numbers["p"] = _mackinnon(t, "trend" if trend else "constant")
    _left(session, "dfuller", numbers)


@command("ovtest", "bgodfrey", "dwstat", changes_data=False)
def as_before(session: Session, given: Command) -> None:
    """estat's words as commands, which they were before it."""
    {"ovtest": ovtest, "bgodfrey": bgodfrey, "dwstat": dwatson}[given.name](session, given)


#: MacKinnon (1994), tables 3 and 4, one series: least and largest t, the t between both polynomials, and these, by
#: ascending powers of t: the left tail's and the rest's.
_MACKINNON = {
    "constant": (-18.83, 2.74, -1.61, (2.1659, 1.4412, 0.038269), (1.7339, 0.93202, -0.12745, -0.010368)),
    "trend": (-16.18, 0.7, -2.89, (3.2512, 1.6047, 0.049588), (2.5261, 0.61654, -0.37956, -0.060285)),
}  # fmt: skip


def _mackinnon(t: float, terms: str) -> float:
    """Approximate p of a unit root: the normal distribution of a polynomial of t."""
    from scipy import special

    least, most, between, left, rest = _MACKINNON[terms]
    if not least <= t <= most:
        return 0.0 if t < least else 1.0
    return float(special.ndtr(np.polynomial.polynomial.polyval(t, left if t <= between else rest)))


#: Word of estat -> the fewest letters that it may be cut to, and what runs it.
OF_ESTAT = {"ovtest": (3, ovtest), "gof": (3, gof), "dwatson": (3, dwatson), "bgodfrey": (3, bgodfrey)}
