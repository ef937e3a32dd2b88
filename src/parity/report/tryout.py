"""Try it in the page: every number a reader may switch to, as text, and where its interval stands in the plot.

Conventions, levels and parentheses are all computed here by `parity.conventions.formulas`; the page only picks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from parity.base.quantities import PRINTED
from parity.conventions.formulas import critical_value, p_value
from parity.report.figures import short
from parity.report.forest import Forest
from parity.report.why import listed, reasons, rules
from parity.results.spec_page import Outcome, PrintedDetail, SpecDetail
from parity.study.formula import FormulaError
from parity.study.grammar import parse_formula

LEVELS = (0.90, 0.95, 0.99)
FIRST = LEVELS.index(0.95)
#: Coefficients with a plot: more than any table of a paper prints of one column. The table of all quantities has every term.
TERMS = 12


@dataclass(frozen=True)
class TermView:
    """One coefficient: its plot, and rows of text: coef, se, t, p, then the ends of the interval at each level."""

    term: str
    svg: str
    rows: tuple[tuple[str, ...], ...]
    places: tuple[tuple[float | None, ...], ...]
    at: tuple[tuple[int, ...], ...]  # outcome -> engine -> row; the declared row where it can't move
    printed: tuple[tuple[str, tuple[bool, ...]], ...]  # text, and for each outcome whether it is in the rounding interval


@dataclass(frozen=True)
class OutcomeView:
    """One convention: profiles, its rules, and why it differs from the declared one."""

    label: str
    rules: str
    why: str
    stays: tuple[int, ...]  # engines that can't be brought here


@dataclass(frozen=True)
class TryView:
    engines: tuple[str, ...]
    outcomes: tuple[OutcomeView, ...]
    terms: tuple[TermView, ...]
    refused: tuple[tuple[str, str], ...] = ()
    refit: tuple[tuple[str, str], ...] = ()
    more: int = 0
    data: dict[str, Any] = field(default_factory=dict)


def try_view(detail: SpecDetail, key: str, reference: str) -> TryView | None:
    """None where there is no estimate to try anything on. reference: the engine printed numbers are held against."""
    engines = tuple(e.engine for e in detail.engines)
    if not detail.outcomes or not engines:
        return None
    chosen = _terms(detail)
    at = engines.index(reference) if reference in engines else 0
    terms = tuple(_term(detail, engines, term, f"{key}-{i}", at) for i, term in enumerate(chosen))
    outcomes = tuple(_outcome(o, detail, engines) for o in detail.outcomes)
    data = {
        "o": [{"rules": o.rules, "why": o.why, "stays": o.stays} for o in outcomes],
        "t": [{"rows": t.rows, "x": t.places, "at": t.at, "in": [inside for _, inside in t.printed]} for t in terms],
    }
    by_reason: dict[str, list[str]] = {}
    for name, reason in detail.refit.items():
        by_reason.setdefault(reason, []).append(name)
    refit = tuple((", ".join(names), reason) for reason, names in by_reason.items())
    said = tuple(detail.refused.items()), refit
    return TryView(engines, outcomes, terms, *said, len(detail.terms) - len(chosen), data)


def _terms(detail: SpecDetail) -> list[str]:
    """The endogenous first, then those with a printed number, then in the order of the formula; the intercept last."""
    printed, endogenous = {p.term for p in detail.published}, _endogenous(detail.formula)
    return sorted(detail.terms, key=lambda t: (t == "(Intercept)", t not in endogenous, t not in printed))[:TERMS]


def _endogenous(formula: str) -> set[str]:
    try:
        return {str(item) for item in parse_formula(formula).endog}
    except FormulaError:
        return set()


def _outcome(outcome: Outcome, detail: SpecDetail, engines: Sequence[str]) -> OutcomeView:
    declared = detail.outcomes[0]
    stays = tuple(i for i, e in enumerate(engines) if e not in outcome.se)
    own = detail.convention.split(",")[0]
    profiles = sorted(outcome.profiles, key=lambda name: name != own)
    if outcome.declared and own not in profiles:  # a profile with settings of its own
        profiles.insert(0, f"{own}, adjusted")
    label = " · ".join(profiles)
    if outcome.declared:
        return OutcomeView(label, rules(outcome, detail), "", stays)
    why = listed(reasons(outcome, declared, detail)) or "its rules come to the same here"
    ratio = _ratio(outcome, declared)
    moved = "" if ratio is None else "standard errors stay" if ratio == 1 else f"standard errors × {short(ratio)}"
    movers = len(engines) - len(stays)
    who = f"all {movers} engines move" if not stays else f"{movers} of {len(engines)} engines move"
    text = "; ".join(part for part in (moved, who) if part) + f", because {why}."
    if stays:
        named = listed([engines[i] for i in stays])
        text += f" {named} can't be brought here without estimating again: one finished covariance, components scaled apart."
    return OutcomeView(label, rules(outcome, detail), text[0].upper() + text[1:], stays)


def _ratio(outcome: Outcome, declared: Outcome) -> float | None:
    """What standard errors are multiplied by, where all components are scaled alike."""
    ratios = {round(outcome.factors[s] / declared.factors[s], 14) for s in outcome.factors if declared.factors[s]}
    return math.sqrt(ratios.pop()) if len(ratios) == 1 else None


def _term(detail: SpecDetail, engines: Sequence[str], term: str, key: str, reference: int) -> TermView:
    position = detail.terms.index(term)
    value = {q: i for i, q in enumerate(detail.quantities)}
    coefs = [e.values[value["coef", term]] for e in detail.engines]
    numbers = [
        [
            _numbers(b, o.se[e][position] if e in o.se else None, o.own_df.get(term, o.df))
            for e, b in zip(engines, coefs, strict=True)
        ]
        for o in detail.outcomes
    ]
    numbers[0] = [_printed(declared, detail, i, value, term) for i, declared in enumerate(numbers[0])]
    every = [n for row in numbers for found in row for n in found[4:]]
    intervals = [(n[4 + 2 * FIRST], n[5 + 2 * FIRST]) for n in numbers[0]]
    forest = Forest(
        key, list(engines), coefs, [i if all(map(math.isfinite, i)) else None for i in intervals], every,
        f"Forest plot of {term}: {_spoken(engines, numbers[0])}",
    )  # fmt: skip
    rows: dict[tuple[str, ...], int] = {}
    places: list[tuple[float | None, ...]] = []
    at = []
    for o, outcome in enumerate(detail.outcomes):
        line = []
        for e, engine in enumerate(engines):
            found = numbers[o][e] if engine in outcome.se else numbers[0][e]
            text = tuple(map(short, found))
            if text not in rows:
                rows[text] = len(rows)
                places.append(tuple(forest.place(n) for n in found[4:]))
            line.append(rows[text])
        at.append(tuple(line))
    published = [p for p in detail.published if p.term == term and p.quantity in ("se", "t")]
    printed = tuple((p.text, tuple(_inside(p, n[reference]) for n in numbers)) for p in published)
    return TermView(term, forest.svg, tuple(rows), tuple(places), tuple(at), printed)


def _numbers(coef: float | None, se: float | None, df: float) -> tuple[float, ...]:
    """coef, se, t, p, then low and high at each level."""
    b, s = math.nan if coef is None else coef, math.nan if se is None else se
    t = b / s if s else math.nan
    p = math.nan if math.isnan(t) or not df > 0 else p_value(t, df)
    ends = [end for level in LEVELS for end in _ends(b, s, df, level)]
    return (b, s, t, p, *ends)


def _ends(b: float, se: float, df: float, level: float) -> tuple[float, float]:
    half = critical_value(df, level) * se if df > 0 else math.nan
    return b - half, b + half


def _printed(found: tuple[float, ...], detail: SpecDetail, engine: int, value: dict, term: str) -> tuple[float, ...]:
    """Under the declared convention the numbers are those that were compared: the engine's own where it has them."""
    values = detail.engines[engine].values
    own = [values[value[q, term]] if (q, term) in value else None for q in PRINTED]
    out = list(found)
    for place, number in zip((1, 2, 3, 4 + 2 * FIRST, 5 + 2 * FIRST), own, strict=True):
        if number is not None:
            out[place] = number
    return tuple(out)


def _inside(printed: PrintedDetail, numbers: Sequence[float]) -> bool:
    """Whether a printed standard error or t stands for this one."""
    from parity.compare.agree import hold
    from parity.compare.printed import read_number

    said = read_number(printed.text)
    value = numbers[1] if printed.quantity == "se" else numbers[2]
    if printed.quantity == "t" and said.value > 0:
        value = abs(value)
    return hold(said.value, value, said.rounding, 1.0).agree


def _spoken(engines: Sequence[str], numbers: Sequence[Sequence[float]]) -> str:
    """All engines in one clause where they say the same, else one by one."""
    said = [f"{short(n[0], 4)}, 95 percent interval {short(n[6], 4)} to {short(n[7], 4)}" for n in numbers]
    if len(set(said)) == 1:
        return f"in all {len(engines)} engines {said[0]}"
    return "; ".join(f"{engine} {text}" for engine, text in zip(engines, said, strict=True))
