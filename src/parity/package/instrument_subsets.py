"""Difference-in-Hansen tests below a window of xtabond2: J without some instruments, and what they add to it.

J without them is at the coefficients where it is smallest, under its part of the moments' covariance by the residuals of the
full model's first step (Eichenbaum, Hansen and Singleton 1988; Roodman 2009, Stata Journal 9(1), section 3.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from scipy import special

from parity.package.estimates import Estimated

if TYPE_CHECKING:
    from parity.algebra.dynamic_panel import Panel
    from parity.stata_language.request import Instrument
    from parity.stata_language.varlist import Term

_LABEL = re.compile(
    r"(?P<what>Hansen test excluding group|Difference \(null H = exogenous\)), (?P<group>.{1,2000}) (?P<part>chi2|df|p)"
)
_GROUP = re.compile(r"(?P<kind>gmm|iv)\((?P<about>.*)\)")
_OF_LEVELS = "GMM instruments for levels"


def subset_tests(labels: Iterable[str], e: Estimated) -> dict[str, float]:
    """Labels of an estimate's window that are of such tests -> their numbers. Of groups that aren't told apart, and after
    one step without robust errors, none."""
    asked = [(label, found) for label in labels if (found := _LABEL.fullmatch(label))] if e.name == "xtabond2" else []
    whole, over = e.statistics.get("Hansen chi2"), e.statistics.get("Hansen df")
    if not asked or whole is None or over is None:
        return {}
    without = {group: _without(group, e) for group in dict.fromkeys(found["group"] for _, found in asked)}
    out: dict[str, float] = {}
    for label, found in asked:
        rest = without[found["group"]]
        if rest is None:
            continue
        value, df = rest if found["what"].startswith("Hansen") else (whole - rest[0], over - rest[1])
        out |= _part(label, found["part"], value, df)
    return out


def _part(label: str, part: str, value: float, df: float) -> dict[str, float]:

    p = {"p": float(special.chdtrc(df, max(value, 0.0)))} if df > 0 else {}
    held = {"chi2": value, "df": df, **p}
    return {label: held[part]} if part in held else {}


def _without(group: str, e: Estimated) -> tuple[float, float] | None:
    """J without a group of instruments, and its degrees of freedom."""
    from parity.algebra import dynamic_panel as algebra
    from parity.sample import lagged

    found = e.source.estimated
    panel = lagged.panel(found.solved.design, found.resolved.spec)
    fewer = _fewer(group, panel, e)
    if fewer is None:
        return None
    try:
        return algebra.restricted(panel, fewer)
    except algebra.NoEstimate:
        return None


def _fewer(group: str, panel: Panel, e: Estimated) -> Panel | None:
    """The panel without the instruments that a printed group names; None where they aren't told apart."""
    if group == _OF_LEVELS:
        return replace(panel, lags=tuple(replace(one, level=None) for one in panel.lags if one.equation != "level"))
    said = _GROUP.fullmatch(group)
    names = _terms(said["about"].partition(",")[0], e) if said else frozenset()
    if said is None or not names:
        return None
    of: list[Instrument] = [m for m in e.source.request.moments if bool(m.lags) == (said["kind"] == "gmm")]
    own = [_named(m.term) for m in of]
    if names - set(own):
        return None
    if said["kind"] == "iv":  # names of several iv() aren't in the order of the columns
        return replace(panel, standard=()) if names == set(own) else None
    if len(own) != len(panel.lags):
        return None
    return replace(panel, lags=tuple(one for name, one in zip(own, panel.lags, strict=True) if name not in names))


def _named(term: Term) -> tuple[tuple[str, str, str], ...]:
    """`L0.x` is `x`, and `L1.x` `L.x`."""
    bare = [(f.kind, re.sub(r"(?<=[LFDS])1(?!\d)|[LFDS]0(?!\d)", "", f.operator), f.name) for f in term.factors]
    return tuple(bare)


def _terms(text: str, e: Estimated) -> frozenset:
    from parity.stata_language.dataset import DataProblem
    from parity.stata_language.varlist import Resolver, terms

    try:
        return frozenset(map(_named, terms(text, Resolver(e.source.data))))
    except DataProblem:
        return frozenset()


def earlier_sargan(label: str, e: Estimated) -> float | None:
    """Sargan's chi-squared of a system as xtabond2 had it in 2009 (Roodman's article): the errors' variance has the rows of
    the levels below it, and no longer those of the differences. None for any other number."""
    request = e.source.request if e.source is not None else None
    chi2 = e.statistics.get("Sargan chi2")
    if label != "Sargan chi2" or chi2 is None or e.name != "xtabond2" or request.model != "system_gmm":
        return None
    design = e.source.estimated.solved.design
    if design.levels is None or request.keys["dynamic"]["weight"] == "identity":
        return None
    levels = set(zip(design.levels.unit.tolist(), design.levels.time.tolist(), strict=True))
    differences = sum((unit, time - 1) in levels for unit, time in levels)
    return chi2 * len(levels) / differences if differences else None


def of_all_columns(label: str, e: Estimated) -> float | None:
    """Degrees of freedom of a test of instruments below xtabond2, or its p, where columns that are left out count as
    parameters: in a log of Stata 15 they do, in the article of 2009 they don't. None of any other number."""
    test, _, what = label.rpartition(" ")
    chi2, df = e.number(f"{test} chi2"), e.number(f"{test} df")
    if e.name != "xtabond2" or not e.omitted or what not in ("df", "p") or chi2 is None or df is None:
        return None
    due = df - len(e.omitted)
    return None if due < 1 else due if what == "df" else float(special.chdtrc(due, chi2))
