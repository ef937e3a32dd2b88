"""Estimation commands: kept as requests; e() is computed by parity's own estimator when something first reads it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from parity.stata import sample_now
from parity.stata.commands import command, left
from parity.stata.commands.indicators import with_bases
from parity.stata.results import Fit, Matrix, Results
from parity.stata.session import Lost, Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Dataset, Panel
from parity.stata_language.reading import OTHER_MODELS, READERS, request
from parity.stata_language.request import Declined, Request
from parity.stata_language.spec import beyond_terms
from parity.stata_language.vce import CENSORED, SERIES


@command(*READERS, *OTHER_MODELS, changes_data=False)
def estimate(session: Session, given: Command) -> None:
    """Any estimation: its request with the rows that it names; e(sample) leaves out rows with a missing value."""
    from parity.stata.estimates.censored import unreached
    from parity.stata.estimates.panel import check_spacing
    from parity.stata.estimates.resolved import one_row_each, sample

    if not given.about.strip() and not given.condition and given.name in READERS:
        _replay(session, given)
        return
    given = with_bases(session, given)
    data, used = session.there, session.used(given)
    doubts = set(data.doubts)
    asked: Request | None = None
    declined, kept, weights = "", used, None
    resolver = session.resolver
    try:
        asked = request(given, resolver, data.panel)
        if session.only is not None:  # one group of `by`, which no condition of the command says
            asked = replace(asked, rows=asked.rows or "a group of by")
        if asked.weight is not None:
            weights = session.numbers(asked.weight.expression)
        if asked.group:
            asked, used = replace(asked, rows=f"one row of each {asked.group}"), one_row_each(asked, data, used, weights)
        kept = sample(asked, data, used, weights)
        left.check_new(session, given)
        asked = _with_lags(asked, data, kept)
        time = data.panel.time
        if given.name == "newey" and time and not (doubts | session.read | data[time].doubts):
            check_spacing(data, kept, lagged=bool(asked.lags), forced=given.has("force"))
    except Declined as error:
        asked, declined = None, str(error)
    if declined:
        finding = session.note("no-engine", f"`{given.typed}` is not estimated here: {declined}", command=given.text[:200])
        left.unknown(session, given, finding.doubt)
        data = session.there
    session.abbreviated(resolver)
    if asked is not None:
        doubts |= {d for name in columns_of(asked, data.panel) if name in data.columns for d in data[name].doubts}
        doubts |= session.read  # of the condition, the weights and what stands in macros
        for trap in asked.traps:
            session.note("trap", trap)
        if asked.model in CENSORED and not doubts:
            for said in unreached(asked, data, kept):
                session.note("trap", said)
        if not kept.any() and not doubts:  # draws are missing here, and hold values in Stata
            raise DataProblem("no observations", 2000)
    fit = Fit(
        given, session.file, session.line, asked, data, used, kept, frozenset(doubts), declined, weights=weights,
        quietly=session.quiet > 0,
    )  # fmt: skip
    session.active = replace_results(session, fit)
    session.active.doubts = fit.doubts
    fit = replace(fit, results=session.active)
    session.fits.append(fit)
    held = session.active
    session.r = Results(pending=lambda into: _table(held, into))
    if asked is not None:
        left.of_effects(session, given, fit)
        left.of_x_ols(session, given, fit)


def _replay(session: Session, given: Command) -> None:
    """The command without a varlist shows its estimates again: no estimation. Raises `DataProblem` 301, `Lost`."""
    if "parity_unknown" in session.active.texts:
        raise Lost
    if session.active.texts.get("cmd") != given.name:
        raise DataProblem("last estimates not found", 301)


def _with_lags(asked: Request, data: Dataset, kept: np.ndarray) -> Request:
    """xtscc without lag(): the whole part of 4 (T/100)^(2/9), T the periods of its sample. xtscc's help"""
    if asked.kind != "DK" or asked.lags is not None:
        return asked
    periods = len(np.unique(data[data.panel.time].values[kept]))
    return replace(asked, lags=int(4 * (periods / 100) ** (2 / 9)))


def _table(held: Results, into: Results) -> None:
    """r(table): b, se, t, pvalue, ll, ul, df, crit, eform, a column a coefficient."""
    from parity.stata.estimates.inference import coefficients, critical

    b = held.filled().matrices.get("b")
    if b is None or "V" not in held.matrices:
        into.texts["parity_unknown"] = held.texts.get("parity_unknown", "no estimates")
        return
    df = held.numbers.get("df_r", np.inf)
    rows = coefficients(b.columns, b.values[0], held.matrices["V"].values, df)
    values = np.array([row[1:] for row in rows]).T
    more = [np.full(len(rows), df if np.isfinite(df) else np.nan), np.full(len(rows), critical(df)), np.zeros(len(rows))]
    names = ("b", "se", "t" if np.isfinite(df) else "z", "pvalue", "ll", "ul", "df", "crit", "eform")
    into.matrices["table"] = Matrix(np.vstack([values, *more]), names, b.columns)
    into.numbers["level"] = 95.0


def replace_results(session: Session, fit: Fit) -> Results:
    """e() of a fit, its numbers to be computed when they are read."""
    asked = fit.request
    results = Results(sample=fit.sample)
    if fit.data.rows == session.there.rows:
        results.token, session.data = sample_now.marked(session.there)
    results.texts = {
        "cmd": fit.command.name, "cmdline": fit.command.text, "depvar": asked.outcome.factors[0].name if asked else "",
    }  # fmt: skip
    if asked is None:
        results.texts["parity_unknown"] = fit.declined
    else:
        results.pending = lambda into: _fill(session, fit, into)
    return results


def _fill(session: Session, fit: Fit, into: Results) -> None:
    """Estimate now; what can't be estimated is a finding at the command's own line."""
    from parity.stata.estimates import drawn, not_given
    from parity.stata.estimates.by_model import estimate
    from parity.stata.estimates.categorical import Categorical

    try:
        found = estimate(fit.request, fit.data, fit.used, fit.weights)
    except (Declined, DataProblem) as error:
        into.texts["parity_unknown"] = str(error)
        session.note_at(fit.file, fit.line, "not-estimated", f"`{fit.command.typed}` has no estimate here: {error}")
        return
    if getattr(found, "repaired", False):
        said = "its covariance has a negative eigenvalue, which reghdfe sets to zero, and warns; so is it here and in a run"
        session.note_at(fit.file, fit.line, "trap", said)
    into.numbers |= not_given.left(fit.command.name, found.numbers)
    into.drawn |= not_given.unknown(fit.command.name, into.numbers)
    into.texts |= dict(found.texts)
    names, b, v = found.kept if isinstance(found, Categorical) else (found.names, found.b, found.V)
    into.matrices["b"] = Matrix(b[None, :], ("y1",), names)
    if fit.request.drawn or fit.request.command == "x_ols":  # whose e(V) is that of `regress, noconstant`
        into.drawn |= drawn.NAMES
    else:
        into.matrices["V"] = Matrix(v, names, names)
    used = np.zeros(fit.data.rows, dtype=bool)
    used[found.rows] = True
    # xtivreg2.ado 1.0.17 drops rows alone in their group between preserve and restore: e(sample) has them again
    into.sample, into.estimated = fit.sample if fit.request.command == "xtivreg2" else used, found


def columns_of(asked: Request, panel: Panel) -> tuple[str, ...]:
    """Variables that the model reads."""
    every = (asked.outcome, *asked.outcomes, *asked.regressors, *asked.absorb, *asked.endogenous, *asked.instruments)
    factors = [f for term in every for f in term.factors]
    names = [f.name for f in factors]
    ordered = asked.kind in ("NW", "DK") or any(f.operator for f in factors)
    if ordered or asked.model in ("random_effects", "between", *SERIES):
        names += [name for name in (panel.unit, panel.time) if name]
    names += [*beyond_terms(asked), *(name for name in (asked.unit, asked.time) if name)]
    return tuple(dict.fromkeys([*names, *(part for name in asked.cluster for part in name.split("#"))]))
