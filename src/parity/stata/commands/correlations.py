"""Correlations net of others: pcorr; of residuals between units: xttest2. [R] pcorr, Methods and formulas; xttest2 1.0.7."""

from __future__ import annotations

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.after import active
from parity.stata.commands.output import weights_of
from parity.stata.commands.predicted import kept_residuals
from parity.stata.estimates.inference import tail
from parity.stata.mishaps import NotRun
from parity.stata.results import Matrix, Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem


@command("pcorr", changes_data=False)
def pcorr(session: Session, given: Command) -> None:
    """`pcorr y x z [if] [fweight aweight]`: of each variable with the first, net of the others; squares are of t."""
    if "." in given.about or "#" in given.about:
        raise NotRun("pcorr of factor variables and lags is not known here")
    names, used, weights = session.names(given.about), session.used(given), weights_of(session, given)
    if weights is not None:
        raise NotRun("pcorr with weights is not known here")
    columns = np.column_stack([session.there[name].numbers for name in names])
    columns = columns[used & ~np.isnan(columns).any(axis=1)]
    n, k = columns.shape
    if k < 3:
        raise DataProblem("too few variables specified", 102)
    if not n:
        raise DataProblem("no observations", 2000)
    y, x = columns[:, 0], np.column_stack([columns[:, 1:], np.ones(n)])
    df = n - k
    if np.linalg.matrix_rank(x / np.linalg.norm(x, axis=0)) < k or df <= 0:
        raise NotRun("pcorr of collinear variables is not known here")
    q, r = np.linalg.qr(x)
    b = np.linalg.solve(r, q.T @ y)
    e = y - x @ b
    size = np.linalg.norm(np.linalg.inv(r), axis=1) * np.sqrt(e @ e / df)
    t = (b / size)[:-1]
    left = float(e @ e / np.sum((y - y.mean()) ** 2))
    partial, semi = np.sign(t) * np.sqrt(t**2 / (t**2 + df)), np.sign(t) * np.sqrt(t**2 * left / df)
    matrices = {key: Matrix(values[:, None], names[1:], (title,)) for key, values, title in (
        ("p_corr", partial, "Partial Correlation"), ("sp_corr", semi, "Semipartial Correlation"))}  # fmt: skip
    session.r = Results(numbers={"N": float(n), "df": float(df)}, matrices=matrices)
    for name, *row in zip(names[1:], partial, semi, t, strict=True):
        p, sp, ratio = map(float, row)
        session.show("pcorr", variable=name, partial=p, semipartial=sp, partial2=p**2, semipartial2=sp**2, p=tail(ratio, df))


@command("xttest2", changes_data=False)
def xttest2(session: Session, given: Command) -> None:
    """Breusch and Pagan's LM of independence: the squared correlations of residuals between units, times periods.

    As xttest2 1.0.7 has it: correlations over periods in which every unit has a residual, times a unit's fewest periods.
    """
    from scipy import special

    active(session)
    if session.e.texts.get("cmd") != "xtreg":
        raise DataProblem("last estimates not found", 301)
    if "df_r" not in session.e.numbers or "sigma_u" not in session.e.numbers:
        raise NotRun("xttest2 after other than fixed effects is not known here")
    panel = session.there.panel
    if not panel.unit or not panel.time:
        raise DataProblem("time variable not set", 111)
    resid = kept_residuals(session)
    rows = ~np.isnan(resid)
    units, at = np.unique(session.there[panel.unit].numbers[rows], return_inverse=True)
    times, when = np.unique(session.there[panel.time].numbers[rows], return_inverse=True)
    wide = np.full((len(times), len(units)), np.nan)
    wide[when, at] = resid[rows]
    whole = wide[~np.isnan(wide).any(axis=1)]
    if len(whole) < 2:
        raise DataProblem("too few common observations across panel to compute full rank VCE", 2001)
    correlation = np.corrcoef(whole, rowvar=False)
    n = len(units)
    fewest = float(session.e.numbers["g_min"])
    chi2, df = (float(np.sum(correlation**2)) - n) * fewest / 2, n * (n - 1) / 2
    numbers = {"chi2_bp": chi2, "df_bp": df, "n_bp": float(len(whole))}
    session.r = Results(numbers=numbers)
    session.show("xttest2", **numbers, p=float(special.chdtrc(df, chi2)))
