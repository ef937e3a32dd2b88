"""Tests by ranks: ranksum, signrank. [R] ranksum, signrank: Methods and formulas."""

from __future__ import annotations

import math

import numpy as np

from parity.stata.commands import command
from parity.stata.estimates.inference import tail
from parity.stata.groups import ranked
from parity.stata.mishaps import NotRun
from parity.stata.results import Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem

#: Exact p, which Stata 16 and later leave for small samples and nobody computes here: who reads one is lost.
_EXACT = frozenset({"p_exact", "p_l_exact", "p_u_exact", "p_l", "p_u"})


@command("ranksum", changes_data=False)
def ranksum(session: Session, given: Command) -> None:
    """`ranksum x, by(g)`: z of the first group's ranks, their variance that of the ranks as tied."""
    from scipy import stats

    by = given.option("by", least=2)
    if by is None or not by.value:
        raise DataProblem("option by() required", 198)
    used, group = session.used(given), session.there[session.name(by.value)]
    name = session.name(given.about.strip())
    x = session.there[name].numbers
    rows = used & ~np.isnan(x) & ((group.values != "") if group.text else ~np.isnan(group.values))
    rank = ranked(group)
    levels = np.unique(rank[rows])
    if len(levels) != 2:  # ranksum.ado 2.5.1; ttest's is r(420)
        if not len(levels):
            raise DataProblem("no observations", 2000)
        said = "more than 2 groups found, only 2 allowed" if len(levels) > 2 else "1 group found, 2 required"
        raise DataProblem(said, 499)
    ranks, first = stats.rankdata(x[rows]), rank[rows] == levels[0]
    n, n1 = len(ranks), int(first.sum())
    total, expected = float(ranks[first].sum()), n1 * (n + 1) / 2
    variance = n1 * (n - n1) / n * float(np.var(ranks, ddof=1))
    z = (total - expected) / math.sqrt(variance) if variance > 0 else math.nan
    numbers = {"N": float(n), "N_1": float(n1), "N_2": float(n - n1), "z": z, "Var_a": variance, "sum_obs": total,
               "sum_exp": expected, "p": tail(z, math.inf)}  # fmt: skip
    if not group.text:
        low, high = (float(group.values[rows & (rank == level)][0]) for level in levels)
        numbers |= {"group1": low, "group2": high}
    if given.has("porder"):
        u = total - n1 * (n1 + 1) / 2
        numbers["porder"] = u / (n1 * (n - n1))
    session.r = Results(numbers=numbers, drawn=_EXACT)
    session.show("ranksum", variable=name, **numbers)


@command("signrank", changes_data=False)
def signrank(session: Session, given: Command) -> None:
    """`signrank x = exp`: z of the positive ranks of the differences, zeros ranked and then left out."""
    from scipy import stats

    name, sign, other = given.about.partition("=")
    if given.assigned is not None:
        name, sign, other = given.about, "=", given.assigned
    if not sign:
        raise NotRun("signrank needs `variable = expression`")
    away = session.there[session.name(name.strip())].numbers - session.numbers(other.strip().lstrip("="))
    d = away[session.used(given) & ~np.isnan(away)]
    ranks = np.where(d == 0, 0.0, stats.rankdata(np.abs(d)))
    positive, negative = float(ranks[d > 0].sum()), float(ranks[d < 0].sum())
    variance = float(np.sum(ranks**2)) / 4
    z = (positive - (positive + negative) / 2) / math.sqrt(variance) if variance > 0 else math.nan
    numbers = {"N": float(len(d)), "N_pos": float((d > 0).sum()), "N_neg": float((d < 0).sum()),
               "N_tie": float((d == 0).sum()), "sum_pos": positive, "sum_neg": negative, "z": z, "Var_a": variance,
               "p": tail(z, math.inf)}  # fmt: skip
    session.r = Results(numbers=numbers, drawn=_EXACT)
    session.show("signrank", **numbers)
