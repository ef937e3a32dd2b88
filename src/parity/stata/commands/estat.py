"""estat: what a model's own tests say of its instruments, its collinearity, its fit and its variance; and vif.

[R] ivregress postestimation, regress postestimation, estat ic: Methods and formulas.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from parity.stata.commands import command, dynamic_tests, specification
from parity.stata.commands.after import active
from parity.stata.results import Matrix, Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem

if TYPE_CHECKING:
    from parity.sample.design import Design


@command("estat", changes_data=False)
def estat(session: Session, given: Command) -> None:
    """`estat firststage|overid|endogenous|vif|ic|hettest`, those of `specification` and of `dynamic_tests`; others are a
    finding."""
    word = given.about.split()[0].lower() if given.about.split() else ""
    for full, least, run in (
        ("firststage", 5, _instruments), ("overid", 4, _instruments), ("endogenous", 5, _instruments),
        ("vif", 3, lambda s, _: vif(s)), ("ic", 2, lambda s, _: _criteria(s)),
        ("hettest", 4, lambda s, _: _hettest(s, given)),
    ):  # fmt: skip
        if len(word) >= least and full.startswith(word):
            run(session, full)
            return
    for full, (least, test) in (specification.OF_ESTAT | dynamic_tests.OF_ESTAT).items():
        if len(word) >= least and full.startswith(word):
            test(session, given)
            return
    if word in ("summarize", "sum", "su", "vce", "bootstrap"):
        return
    finding = session.note("no-test", f"`estat {word}` is not computed here: its results are unknown",
                           command=given.text[:200])  # fmt: skip
    session.r = Results(texts={"parity_unknown": finding.doubt})


def linear_estimate(results: Results):
    """The estimate of a linear model; None for one whose likelihood was maximised, or none."""
    return results.estimated if hasattr(results.estimated, "solved") else None


def _instruments(session: Session, which: str) -> None:
    from parity.analyses.instruments.statistics import diagnose
    from parity.base.errors import Unestimable

    active(session)
    e = session.e
    if linear_estimate(e) is None or not e.estimated.resolved.spec.iv:
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


def vif(session: Session) -> None:
    """Variance inflation factors of the regressors, centred."""
    active(session)
    e = linear_estimate(session.e)
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
    e = linear_estimate(session.e)
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
    names = [e.resolved.names.get(n, n) for n in design.x_names] if "rhs" in said else []
    told = {"outcome": session.e.texts.get("depvar", ""), "names": names, "iid": bool(said & {"iid", "fstat"})}
    session.show("hettest", **numbers, told=told)
