"""Tests between groups, models and equations: ttest, hausman, suest, estat; and those that draw or aren't known here.

[R] ttest, hausman, suest, ivregress postestimation, regress postestimation: Methods and formulas.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.after import active
from parity.stata.commands.specification import OF_ESTAT
from parity.stata.commands.stored import named
from parity.stata.estimates.inference import row, tail
from parity.stata.groups import ranked
from parity.stata.results import Matrix, Results
from parity.stata.session import Lost, Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem

if TYPE_CHECKING:
    from parity.sample.design import Design

#: Commands whose numbers are drawn, so that no two runs give the same.
DRAWN = {"boottest": "draws its own wild bootstrap", "ritest": "draws permutations", "bdiff": "draws permutations"}


@command(*DRAWN, "oneway", "sgmediation", "sgmediation2", "xtunitroot", "xttest3", "vif",
         "prtest", "swilk", "sktest", "robvar", "xtcsd", "pca", "alpha", "bacondecomp", "spmatrix", "irf",
         "stset", "svyset", "simulate",
         changes_data=False)  # fmt: skip
def unknown(session: Session, given: Command) -> None:
    """A test that isn't computed here: r() is unknown, and what reads it says so."""
    if given.name == "vif":
        return _vif(session)
    drawn = DRAWN.get(given.name)
    if drawn is not None:
        finding = session.note(
            "random", f"`{given.typed}` {drawn}: its numbers can't be reproduced", command=given.text[:200]
        )
    else:
        finding = session.note("no-test", f"`{given.typed}` is not computed here: its results are unknown",
                               command=given.text[:200])  # fmt: skip
    session.r = Results(texts={"parity_unknown": finding.doubt})
    session.show("test", command=given.text)


# ---------------------------------------------------------------- t test


@command("ttest", changes_data=False)
def ttest(session: Session, given: Command) -> None:
    """`ttest x, by(g) [unequal] [welch]`, `ttest x == 5`, `ttest x == z [, unpaired]`."""
    used, data = session.used(given), session.there
    by = given.option("by", least=1)
    about, sign, other = given.about.partition("==")
    name = session.name(about.strip())
    x = data[name].numbers
    if by is not None and by.value:
        group = data[session.name(by.value)]
        rows = used & ~np.isnan(x) & ((group.values != "") if group.text else ~np.isnan(group.values))
        rank = ranked(group)
        levels = np.unique(rank[rows])
        if len(levels) != 2:
            raise DataProblem(f"{'more than 2' if len(levels) > 2 else 'fewer than 2'} groups found, only 2 allowed", 420)
        numbers = two_samples(*(x[rows & (rank == level)] for level in levels), given)
    elif sign:
        try:
            numbers = _one_sample(x[used & ~np.isnan(x)], float(other))
        except ValueError:
            z = data[session.name(other.strip())].values
            if given.has("unpaired", least=5):
                numbers = two_samples(x[used & ~np.isnan(x)], z[used & ~np.isnan(z)], given)
            else:
                both = used & ~np.isnan(x) & ~np.isnan(z)
                numbers = _one_sample(x[both] - z[both], 0.0)
                numbers |= {"N_1": numbers["N_1"], "N_2": numbers["N_1"], "mu_1": float(x[both].mean()),
                            "mu_2": float(z[both].mean()), "sd_1": float(x[both].std(ddof=1)),
                            "sd_2": float(z[both].std(ddof=1))}  # fmt: skip
    else:
        raise DataProblem("ttest needs by() or ==", 198)
    session.r = Results(numbers=numbers)
    session.show("ttest", variable=name, **numbers)


def _one_sample(x: np.ndarray, mean: float) -> dict[str, float]:
    n, mu, sd = len(x), float(x.mean()), float(x.std(ddof=1))
    se = sd / math.sqrt(n)
    return {"N_1": float(n), "mu_1": mu, "sd_1": sd, "se": se} | _tails((mu - mean) / se, n - 1.0)


def two_samples(a: np.ndarray, b: np.ndarray, given: Command) -> dict[str, float]:
    """Equal variances, or Satterthwaite's (unequal) and Welch's degrees of freedom. [R] ttest."""
    n1, n2, v1, v2 = len(a), len(b), float(a.var(ddof=1)), float(b.var(ddof=1))
    welch = given.has("welch", least=1)
    if given.has("unequal", least=3) or welch:
        s1, s2 = v1 / n1, v2 / n2
        se = math.sqrt(s1 + s2)
        if welch:
            df = -2 + (s1 + s2) ** 2 / (s1**2 / (n1 + 1) + s2**2 / (n2 + 1))
        else:
            df = (s1 + s2) ** 2 / (s1**2 / (n1 - 1) + s2**2 / (n2 - 1))
    else:
        df = n1 + n2 - 2.0
        se = math.sqrt(((n1 - 1) * v1 + (n2 - 1) * v2) / df * (1 / n1 + 1 / n2))
    both = np.concatenate([a, b])
    return {
        "N_1": float(n1), "N_2": float(n2), "mu_1": float(a.mean()), "mu_2": float(b.mean()), "sd_1": math.sqrt(v1),
        "sd_2": math.sqrt(v2), "sd": float(both.std(ddof=1)), "se": se,
    } | _tails(float(a.mean() - b.mean()) / se, df)  # fmt: skip


def _tails(t: float, df: float) -> dict[str, float]:
    from scipy import special

    low = float(special.stdtr(df, t))
    return {"t": t, "df_t": df, "p": tail(t, df), "p_l": low, "p_u": 1 - low}


# ---------------------------------------------------------------- hausman


@command("hausman", changes_data=False)
def hausman(session: Session, given: Command) -> None:
    """`hausman consistent [efficient] [, sigmamore sigmaless constant]`: r(chi2), r(df), r(p). [R] hausman.

    (b - B)' (V_b - V_B)^-1 (b - B) over the common coefficients, a generalised inverse where the difference is singular.
    """
    words = given.about.split()
    if not words:
        raise DataProblem("the name of stored estimates is needed", 198)
    first, second = named(session, words[0]).filled(), named(session, words[1] if len(words) > 1 else ".").filled()
    for results in (first, second):
        if "b" not in results.matrices:
            raise DataProblem(f"one of them has no numbers here ({results.texts.get('parity_unknown', 'none')})", 198)
        if "V" not in results.matrices:  # of draws
            raise Lost
    b, big = first.matrices["b"], second.matrices["b"]
    common = [n for n in b.columns if n in big.columns and (n != "_cons" or given.has("constant", least=1))]
    i, j = [b.columns.index(n) for n in common], [big.columns.index(n) for n in common]
    v, w = first.matrices["V"].values[np.ix_(i, i)], second.matrices["V"].values[np.ix_(j, j)]
    if given.has("sigmamore", "sigmaless"):
        sigmas = [_sigma(r) for r in (first, second)]
        chosen = sigmas[1] if given.has("sigmamore") else sigmas[0]
        v, w = v * (chosen / sigmas[0]) ** 2, w * (chosen / sigmas[1]) ** 2
    difference = b.values[0, i] - big.values[0, j]
    numbers = _quadratic(difference, v - w)
    session.r = Results(numbers=numbers)
    spread = np.diag(v - w)
    rows = {"names": common, "b": b.values[0, i].tolist(), "B": big.values[0, j].tolist(), "difference": difference.tolist(),
            "se": [math.sqrt(x) if x > 0 else math.nan for x in spread.tolist()]}  # fmt: skip
    session.show("hausman", **numbers, rows=rows)


def _sigma(results: Results) -> float:
    return results.numbers.get("sigma_e", results.numbers.get("rmse", math.nan))


def _quadratic(d: np.ndarray, v: np.ndarray) -> dict[str, float]:
    from scipy import special

    rank = int(np.linalg.matrix_rank(v, hermitian=True))
    chi2 = float(d @ np.linalg.pinv(v, hermitian=True) @ d)
    return {"chi2": chi2, "df": float(rank), "p": float(special.chdtrc(rank, chi2)) if chi2 >= 0 else math.nan,
            "rank": float(rank)}  # fmt: skip


@command("xttest0", changes_data=False)
def xttest0(session: Session, given: Command) -> None:
    """Breusch and Pagan's Lagrange multiplier test after random effects: r(lm), r(p). [XT] xtreg postestimation."""
    from dataclasses import replace

    from scipy import special

    from parity.engines.own.least_squares import least_squares
    from parity.sample.build import build_design

    active(session)
    e = session.e.estimated
    if session.e.texts.get("cmd") != "xtreg" or _linear(session.e) is None or e.resolved.spec.model != "random_effects":
        raise DataProblem("last estimates are no random effects of xtreg", 301)
    design = build_design(e.resolved.study, e.resolved.spec, e.resolved.frame)
    pooled = least_squares(replace(design, effects={}, intercept=True))
    code = np.unique(design.unit, return_inverse=True)[1]
    size, sums = np.bincount(code), np.bincount(code, pooled.resid)
    n = design.nobs
    a = 1 - float(sums @ sums) / pooled.ssr
    lm = n**2 / 2 * a**2 / (float(size @ size) - n)
    u2, e2 = session.e.numbers["sigma_u"] ** 2, session.e.numbers["sigma_e"] ** 2
    lm = lm if u2 > 0 else 0.0
    numbers = {"lm": lm, "p": float(special.chdtrc(1, lm)) / 2 if lm else 1.0, "df": 1.0}
    session.r = Results(numbers=numbers)
    variances = {"y": float(np.var(design.y, ddof=1)), "e": e2, "u": u2}
    session.show("xttest0", **numbers, outcome=session.e.texts["depvar"], variances=variances)


# ---------------------------------------------------------------- suest


@command("suest", changes_data=False)
def suest(session: Session, given: Command) -> None:
    """`suest m1 m2 [, vce(cluster x)]`: regressions side by side with one robust covariance. [R] suest.

    Blocks of scores of all models, summed by row or cluster; N/(N - 1), or G/(G - 1).
    """
    names = given.about.split()
    models = []
    for name in names:
        results = named(session, name).filled()
        if _linear(results) is None:
            raise DataProblem(f"{name} has no numbers here ({results.texts.get('parity_unknown', 'none')})", 198)
        if results.texts.get("cmd") not in ("regress", "areg") or results.texts.get("vce") != "ols":
            raise DataProblem(f"{name} was estimated with {results.texts.get('cmd')} or a robust vce: suest refuses it", 322)
        models.append((name, results.estimated))
    rows = np.unique(np.concatenate([e.rows for _, e in models]))
    if len(rows) and rows[-1] >= session.there.rows:
        raise DataProblem("the data are others than those of the estimations", 459)
    labels = [f"{name}_mean:{term}" for name, e in models for term in e.names]
    scores = np.zeros((len(rows), len(labels)))
    start = 0
    for _, e in models:
        scores[np.searchsorted(rows, e.rows), start : start + len(e.names)] = e.scores
        start += len(e.names)
    groups = len(rows)
    option = given.option("vce", "cluster")
    word = "" if option is None or not option.value else option.value.replace("cluster", "").replace("cl ", "").strip()
    if word not in ("", "robust", "r"):
        column = session.there[session.name(word)]
        _, code = np.unique(column.values[rows], return_inverse=True)
        groups = int(code.max()) + 1
        summed = np.zeros((groups, len(labels)))
        np.add.at(summed, code, scores)
        scores = summed
    covariance = groups / (groups - 1) * scores.T @ scores
    b = np.concatenate([e.b for _, e in models])
    columns = tuple(labels)
    session.e = Results(
        numbers={"N": float(len(rows))} | ({"N_clust": float(groups)} if groups != len(rows) else {}),
        texts={"cmd": "suest", "properties": "b V", "vcetype": "Robust"}, sample=None,
        matrices={"b": Matrix(b[None, :], ("y1",), columns), "V": Matrix(covariance, columns, columns)},
    )  # fmt: skip
    for label, value, variance in zip(labels, b, np.diag(covariance), strict=True):
        z, p, low, high = row(float(value), math.sqrt(variance), math.inf)
        session.show("suest", term=label, estimate=float(value), se=math.sqrt(variance), z=z, p=p, lb=low, ub=high)


# ---------------------------------------------------------------- estat


@command("estat", changes_data=False)
def estat(session: Session, given: Command) -> None:
    """`estat firststage|overid|endogenous|vif|ic|hettest`, and those of `specification`; others are a finding."""
    word = given.about.split()[0].lower() if given.about.split() else ""
    for full, least, run in (
        ("firststage", 5, _instruments), ("overid", 4, _instruments), ("endogenous", 5, _instruments),
        ("vif", 3, lambda s, _: _vif(s)), ("ic", 2, lambda s, _: _criteria(s)),
        ("hettest", 4, lambda s, _: _hettest(s, given)),
    ):  # fmt: skip
        if len(word) >= least and full.startswith(word):
            run(session, full)
            return
    for full, (least, test) in OF_ESTAT.items():
        if len(word) >= least and full.startswith(word):
            test(session, given)
            return
    if word in ("summarize", "sum", "su", "vce", "bootstrap"):
        return
    finding = session.note("no-test", f"`estat {word}` is not computed here: its results are unknown",
                           command=given.text[:200])  # fmt: skip
    session.r = Results(texts={"parity_unknown": finding.doubt})


def _linear(results: Results):
    """The estimate of a linear model; None for one whose likelihood was maximised, or none."""
    return results.estimated if hasattr(results.estimated, "solved") else None


def _instruments(session: Session, which: str) -> None:
    from parity.analyses.instruments.statistics import diagnose
    from parity.base.errors import Unestimable

    active(session)
    e = session.e
    if _linear(e) is None or not e.estimated.resolved.spec.iv:
        raise DataProblem("last estimates are no instrumental variables", 301)
    design, kind = e.estimated.solved.design, e.estimated.resolved.spec.vcov.kind
    robust = kind != "iid"
    model = e.estimated.resolved.spec.model
    if which != "firststage" and model != "ols":
        _of_moments(session, which, model)
        return
    if which != "firststage" and robust:
        _score_test(session, which, design, kind)
        return
    cluster = next(iter(design.clusters), None)
    try:
        found = diagnose(design, "cluster" if cluster else "robust" if robust else "iid", cluster)
    except (Unestimable, ValueError) as error:
        raise DataProblem(str(error), 498) from None
    numbers: dict[str, float] = {}
    if which == "firststage":
        numbers["mineig"] = found.cragg_donald_f
        for i, statistic in enumerate(found.first_stage.values(), 1):
            numbers |= {f"F{i}": statistic.value, f"F{i}_df": statistic.df[0], f"F{i}_p": statistic.p}
    elif which == "overid":
        if found.overidentified is None:
            raise DataProblem("no overidentifying restrictions", 498)
        numbers = {"sargan": found.overidentified.value, "p_sargan": found.overidentified.p,
                   "df": found.overidentified.df[0]}  # fmt: skip
        numbers |= _basmann(design, numbers)
    else:
        numbers = {"wu": found.wu_hausman.value, "p_wu": found.wu_hausman.p, "df": found.wu_hausman.df[0]}
        numbers |= {"df_r": found.wu_hausman.df[1]}
        numbers |= {"durbin": found.endogeneity.value, "p_durbin": found.endogeneity.p}
    session.r = Results(numbers=numbers)
    session.show(f"estat {which}", **numbers)


def _of_moments(session: Session, which: str, model: str) -> None:
    """After GMM Hansen's J; Anderson and Rubin's of LIML, and the C statistic, aren't computed here."""
    from scipy import special

    e = session.e
    j, df = (
        e.filled().numbers.get("J"),
        float(e.estimated.solved.design.z.shape[1] - e.estimated.solved.design.endog.shape[1]),
    )
    if which != "overid" or model != "gmm" or j is None:
        raise DataProblem(f"estat {which} after {model} is not computed here", 198)
    if df == 0:
        raise DataProblem("no overidentifying restrictions", 498)
    numbers = {"HansenJ": j, "p_HansenJ": float(special.chdtrc(df, j)), "HansenJ_df": df, "df": df}
    session.r = Results(numbers=numbers)
    session.show(f"estat {which}", **numbers)


def _basmann(design: Design, found: dict[str, float]) -> dict[str, float]:
    """Basmann's chi2, S (n - k) / (n - S), k the columns of all exogenous variables. [R] ivregress postestimation"""
    from scipy import special

    s, n = found["sargan"], float(design.nobs)
    value = s * (n - design.x.shape[1] - design.intercept - design.z.shape[1]) / (n - s)
    return {"basmann": value, "p_basmann": float(special.chdtrc(found["df"], value))}


def _score_test(session: Session, which: str, design: Design, kind: str) -> None:
    """After robust errors: `r(score)` of overidentification, `r(r_score)` of endogeneity; the F that Stata prints beside the
    latter, by a regression, is not computed here."""
    from scipy import special

    from parity.algebra import score_tests

    if not kind.startswith("HC") or design.effects:
        raise DataProblem(f"estat {which} after {kind} errors is not computed here", 198)
    if which == "overid" and design.z.shape[1] == design.endog.shape[1]:
        raise DataProblem("no overidentifying restrictions", 498)
    root = np.ones(design.nobs) if design.weights is None else np.sqrt(design.weights)
    exogenous = np.column_stack([np.ones(design.nobs), design.x]) if design.intercept else design.x
    columns = design.y * root, *(part * root[:, None] for part in (exogenous, design.endog, design.z))
    test, name = (score_tests.overidentified, "score") if which == "overid" else (score_tests.endogenous, "r_score")
    value, df = test(*columns)
    numbers = {name: value, f"p_{name}": float(special.chdtrc(df, value)), "df": float(df)}
    session.r = Results(numbers=numbers)
    session.show(f"estat {which}", **numbers)


def _vif(session: Session) -> None:
    """Variance inflation factors of the regressors, centred."""
    active(session)
    e = _linear(session.e)
    if e is None or e.solved.design.effects or e.resolved.spec.iv:
        raise DataProblem("vif is not appropriate after this command", 321)
    design = e.solved.design
    w = np.ones(design.nobs) if design.weights is None else design.weights
    centred = (design.x - np.average(design.x, axis=0, weights=w)) * np.sqrt(w)[:, None]
    inverse = np.linalg.inv(centred.T @ centred)
    values = np.diag(inverse) * np.sum(centred**2, axis=0)
    names = [e.resolved.names.get(n, n) for n in design.x_names]
    order = np.argsort(-values, kind="stable")
    numbers = {f"vif_{i}": float(values[at]) for i, at in enumerate(order, 1)}
    session.r = Results(numbers=numbers, texts={f"name_{i}": names[at] for i, at in enumerate(order, 1)})
    session.show("vif", mean=float(values.mean()), **{names[at]: float(values[at]) for at in order})


def _criteria(session: Session) -> None:
    """Akaike's and Schwarz's criteria: -2 ll + 2 rank, -2 ll + rank ln N."""
    active(session)
    numbers = session.e.numbers
    if "ll" not in numbers:
        raise DataProblem("likelihood information not found in last estimation results", 321)
    k, n, ll = numbers["rank"], numbers["N"], numbers["ll"]
    found = {"N": n, "ll": ll, "df": k, "AIC": -2 * ll + 2 * k, "BIC": -2 * ll + k * math.log(n)}
    session.r = Results(matrices={"S": Matrix(np.array([list(found.values())]), (".",), tuple(found))})
    session.show("estat ic", **found)


def _hettest(session: Session, given: Command) -> None:
    """Breusch and Pagan's test against the fitted values, or with `rhs` the regressors: half the explained sum of squares of
    e^2/s^2, with `iid` N R^2, with `fstat` the F of that regression. [R] regress postestimation"""
    active(session)
    e = _linear(session.e)
    if e is None or e.solved.design.effects or e.resolved.spec.iv or e.resolved.spec.weights:
        raise DataProblem("hettest is not appropriate after this command", 321)
    known = {"rhs": 3, "iid": 3, "fstat": 1, "normal": 4}
    said = {full for full, least in known.items() if given.has(full, least=least)}
    if len(given.about.split()) > 1 or len(said) != len(given.options):
        raise DataProblem(f"`{given.typed} {given.about}` with these variables or options is not computed here", 198)
    design = e.solved.design
    n = len(design.y)
    g = e.solved.resid**2 / np.mean(e.solved.resid**2)
    x = design.x if "rhs" in said else (design.y - e.solved.resid)[:, None]
    x = x - x.mean(axis=0)
    fitted = x @ np.linalg.lstsq(x, g, rcond=None)[0]
    explained, total, df = float(fitted @ fitted), float(np.sum((g - 1.0) ** 2)), float(x.shape[1])
    from scipy import special

    if "fstat" in said:
        df_r = n - df - 1
        f = explained / df / ((total - explained) / df_r)
        numbers = {"F": f, "df_m": df, "df_r": df_r, "df": df, "p": float(special.fdtrc(df, df_r, f))}
    else:
        chi2 = n * explained / total if "iid" in said else explained / 2
        numbers = {"chi2": chi2, "df": df, "p": float(special.chdtrc(df, chi2))}
    session.r = Results(numbers=numbers)
    session.show("hettest", **numbers)
