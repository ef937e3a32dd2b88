"""The first page's estimates: of each spec its main terms, with the standard error below the declared convention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parity.report.figures import short
from parity.results.spec_page import SpecDetail

#: Terms shown of one spec, and digits of their numbers.
MOST, DIGITS = 3, 4


@dataclass(frozen=True)
class KeyEstimate:
    """One coefficient as tables print it: the estimate, its standard error in parentheses."""

    term: str
    estimate: str
    se: str


@dataclass(frozen=True)
class SpecEstimates:
    """A spec's main terms; more: how many others it has."""

    id: str
    spec: str
    verdict: str
    search: str
    verdicts: str
    terms: tuple[KeyEstimate, ...]
    more: int


def printed(value: float | None) -> str:
    """To four digits, zeros at the end kept: `0.0800`, `−5.100`."""
    if value is None or not 0.0001 <= abs(value) < 10**DIGITS:
        return short(value, DIGITS)
    return f"{value:#.{DIGITS}g}".rstrip(".").replace("-", "−")


def main_terms(detail: SpecDetail) -> list[str]:
    """What is instrumented first, then regressors in the formula's order, levels of groups after them; no constant."""
    instrumented = detail.formula.rsplit("|", 1)[-1].partition("~")[0] if detail.formula.count("~") > 1 else ""
    first = [part.strip() for part in instrumented.split("+")]
    terms = [term for term in detail.terms if term != "(Intercept)"]
    return sorted(terms, key=lambda term: (term not in first, "::" in term))


def key_estimates(detail: SpecDetail | None) -> tuple[tuple[KeyEstimate, ...], int]:
    """The main terms of the reference's answer, and how many terms are left; nothing where no engine has an estimate."""
    if detail is None or not detail.engines:
        return (), 0
    values = dict(zip(detail.quantities, detail.engines[0].values, strict=True))
    terms = main_terms(detail)
    shown = tuple(
        KeyEstimate(term, printed(values.get(("coef", term))), printed(values.get(("se", term)))) for term in terms[:MOST]
    )
    return shown, max(0, len(terms) - MOST)


def estimates_of(rows: Sequence, details: dict) -> tuple[SpecEstimates, ...]:
    """Of the rows that are specifications under the declared convention."""
    found = []
    for row in rows:
        shown, more = key_estimates(details.get((row.study, row.spec, row.mode)))
        if shown and not row.kind and row.mode == "harmonised":
            found.append(SpecEstimates(row.id, row.name, row.verdict, row.search, row.verdicts, shown, more))
    return tuple(found)
