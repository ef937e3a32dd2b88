"""Tests between groups, models and equations: ttest, hausman, suest; and those that draw or aren't known here.

[R] ttest, hausman, suest: Methods and formulas.
"""

from __future__ import annotations

import math

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.after import active
from parity.stata.commands.estat import linear_estimate, vif
from parity.stata.commands.stored import named
from parity.stata.estimates.inference import row, tail
from parity.stata.formats import spellings
from parity.stata.groups import ranked
from parity.stata.results import Matrix, Results
from parity.stata.session import Lost, Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem

#: Commands whose numbers are drawn, so that no two runs give the same.
DRAWN = {"boottest": "draws its own wild bootstrap", "ritest": "draws permutations", "bdiff": "draws permutations"}


@command(*DRAWN, "oneway", "sgmediation", "sgmediation2", "xtunitroot", "xttest3", "vif",
         "prtest", "swilk", "sktest", "robvar", "xtcsd", "pca", "alpha", "bacondecomp", "spmatrix", "irf",
         "stset", "svyset", "simulate",
         changes_data=False)  # fmt: skip
def unknown(session: Session, given: Command) -> None:
    """A test that isn't computed here: r() is unknown, and what reads it says so."""
    if given.name == "vif":
        return vif(session)
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
    unequal = "Welch's" if given.has("welch", least=1) else "Satterthwaite's" if given.has("unequal", least=3) else ""
    told: dict[str, object] = {"title": "Two-sample", "unequal": unequal}
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
        told["names"] = [spellings(data, by.value, group.values[rows & (rank == level)][0]) for level in levels]
    elif sign:
        try:
            numbers = _one_sample(x[used & ~np.isnan(x)], float(other))
            told |= {"title": "One-sample", "names": [(name,)], "mean": float(other)}
        except ValueError:
            z = data[second := session.name(other.strip())].values
            told["names"] = [(name,), (second,)]
            if given.has("unpaired", least=5):
                numbers = two_samples(x[used & ~np.isnan(x)], z[used & ~np.isnan(z)], given)
            else:
                both = used & ~np.isnan(x) & ~np.isnan(z)
                told["title"] = "Paired"
                numbers = _one_sample(x[both] - z[both], 0.0)
                numbers |= {"N_1": numbers["N_1"], "N_2": numbers["N_1"], "mu_1": float(x[both].mean()),
                            "mu_2": float(z[both].mean()), "sd_1": float(x[both].std(ddof=1)),
                            "sd_2": float(z[both].std(ddof=1))}  # fmt: skip
    else:
        raise DataProblem("ttest needs by() or ==", 198)
    session.r = Results(numbers=numbers)
    session.show("ttest", variable=name, told=told, **numbers)


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
    told = {
        "names": [words[0], words[1] if len(words) > 1 else "."],
        "commands": [r.texts.get("cmd", "") for r in (first, second)],
    }
    session.show("hausman", **numbers, rows=rows, told=told)


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
    if (
        session.e.texts.get("cmd") != "xtreg"
        or linear_estimate(session.e) is None
        or e.resolved.spec.model != "random_effects"
    ):
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
    panel = session.there.panel
    told = {"outcome": session.e.texts["depvar"], "panel": [name for name in (panel.unit, panel.time) if name]}
    session.show("xttest0", **numbers, outcome=session.e.texts["depvar"], variances=variances, told=told)


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
        if linear_estimate(results) is None:
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
