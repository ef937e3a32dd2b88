"""Which variant of an index gives these numbers: scores or weights that somebody printed, or another program's in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from parity.derive.index import IndexScores, Rows, index_scores
from parity.derive.index_settings import IndexSettings
from parity.derive.problem import DeriveProblem
from parity.derive.variants import FAMILIES, VARIANTS, Variant, changed
from parity.tolerance import INDEX, ROUNDING


@dataclass(frozen=True)
class Target:
    """A number to be reached: `half_unit` is half a unit of its last printed digit, 0 for a number in full."""

    value: float
    half_unit: float = 0.0


@dataclass(frozen=True)
class Targets:
    """weights: indicator -> number. scores: row -> number."""

    weights: Mapping[str, Target]
    scores: Mapping[int, Target]

    def __len__(self) -> int:
        return len(self.weights) + len(self.scores)


@dataclass(frozen=True)
class Match:
    """Variants that together turn the index at hand into the numbers; none where it has them as it stands.

    residual: the largest difference that is left. where: the year whose weights they are, where each has its own.
    """

    variants: tuple[Variant, ...]
    residual: float
    where: str = ""

    @property
    def text(self) -> str:
        said = " and ".join(v.text for v in self.variants) or "as the study says"
        return f"{said} (weights of {self.where})" if self.where else said


@dataclass(frozen=True)
class IndexExplanation:
    """matches: every variant, closest first, that gives all the numbers to their printed digits; they can't be told apart
    by them. nearest: where there is none, the closest that was tried, with how many of the numbers it meets."""

    checked: int
    matches: tuple[Match, ...]
    nearest: Match | None = None
    met: int = 0


def explain_index(main: IndexSettings, columns: dict[str, np.ndarray], rows: Rows, targets: Targets) -> IndexExplanation:
    """Search the settings as they are, then every single variant; two at once only where no single one does."""
    nearest: tuple[int, float, Match] | None = None
    for candidates in (_singles(main, rows), _pairs(main, rows)):
        matches = []
        for variants, form in candidates:
            try:
                made = index_scores(form, columns, rows)
            except DeriveProblem:
                continue
            for label, found in _labelled(made, targets):
                apart = np.array([abs(found[k] - t.value) for k, t in enumerate(_in_order(targets))])
                allowed = np.array([_allowed(t) for t in _in_order(targets)])
                match = Match(variants, float(apart.max()), label)
                met = int((apart <= allowed).sum())
                if met == len(targets):
                    matches.append(match)
                elif nearest is None or (-met, match.residual) < nearest[:2]:
                    nearest = (-met, match.residual, match)
        if matches:
            return IndexExplanation(len(targets), tuple(sorted(matches, key=lambda m: (len(m.variants), m.residual))))
    return IndexExplanation(len(targets), (), nearest[2] if nearest else None, -nearest[0] if nearest else 0)


def _in_order(targets: Targets) -> list[Target]:
    return [*targets.weights.values(), *targets.scores.values()]


def _allowed(target: Target) -> float:
    """Half a unit of the last digit, with room for how the number itself is stored."""
    return target.half_unit * (1 + ROUNDING) + INDEX * max(1.0, abs(target.value))


def _labelled(made: IndexScores, targets: Targets) -> Iterator[tuple[str, np.ndarray]]:
    """The index's numbers in the order of the targets, once for every set of weights it has."""
    scores = [made.scores[row] for row in targets.scores]
    for label in made.weights if targets.weights else [""]:
        weights = [made.weights[label][name] for name in targets.weights]
        found = np.array([*weights, *scores])
        if not np.isnan(found).any():
            yield label if targets.weights else "", found


def _singles(main: IndexSettings, rows: Rows) -> Iterator[tuple[tuple[Variant, ...], IndexSettings]]:
    first = float(rows.time.min())
    yield (), main
    for variant in VARIANTS:
        form = changed(main, variant, first_year=first)
        if form is not None and form != main:
            yield (variant,), form


def _pairs(main: IndexSettings, rows: Rows) -> Iterator[tuple[tuple[Variant, ...], IndexSettings]]:
    first = float(rows.time.min())
    for one, other in combinations(FAMILIES, 2):
        for a in one:
            for b in other:
                both = changed(main, a, b, first_year=first)
                alone = (changed(main, a, first_year=first), changed(main, b, first_year=first))
                if both is not None and both != main and both not in alone:
                    yield (a, b), both
