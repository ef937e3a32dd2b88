"""Which variant of an index gives these numbers: scores or weights that somebody printed, or another program's in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, combinations

import numpy as np

from parity.base.tolerance import CERTAIN_CHANCE, INDEX, ROUNDING
from parity.base.watching import Stopped, Watch, unwatched
from parity.data.derive.changes import Beside, of_other_indicators, of_other_rows
from parity.data.derive.index import IndexScores, Rows, index_scores
from parity.data.derive.problem import DeriveProblem
from parity.data.derive.variants import FAMILIES, VARIANTS, Variant, changed
from parity.study.index import IndexSettings


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
    by them. by_chance: two at once that do, but of so few digits that about `chance` of all would; it is said of single
    variants too, which are named nevertheless.
    nearest: where there is none, the closest that was tried, with how many of the numbers it meets.
    stopped: why the search ended before everything was tried."""

    checked: int
    matches: tuple[Match, ...]
    nearest: Match | None = None
    met: int = 0
    by_chance: tuple[Match, ...] = ()
    chance: float = 0.0
    stopped: str = ""


NOTHING = Beside()

#: Variants crowd about the index as it stands, most within a fifth of its numbers, up or down.
CROWDED = 0.4


def explain_index(
    main: IndexSettings, columns: dict[str, np.ndarray], rows: Rows, targets: Targets, watch: Watch = unwatched,
    beside: Beside = NOTHING,
) -> IndexExplanation:  # fmt: skip
    """Search the settings as they are, then every single variant, other indicators and other rows among them; two at once
    only where no single one does, and of settings alone.

    watch: see `parity.base.watching`; a search that it stops answers with what was found so far
    """
    nearest: tuple[int, float, Match] | None = None
    allowed, weighed, stopped = np.array([_allowed(t) for t in _in_order(targets)]), 0, ""
    singles = chain(_singles(main, rows), of_other_indicators(main, columns, beside), of_other_rows(main, beside))
    for at_once, candidates in enumerate((singles, _pairs(main, rows)), start=1):
        matches, tried = [], 0
        try:
            for variants, form, *other in candidates:
                weighed, tried = weighed + 1, tried + 1
                watch(at_once, weighed)
                try:
                    made = _made(form, columns, rows, *other)
                except DeriveProblem:
                    continue
                for label, found in _labelled(made, targets):
                    apart = np.array([abs(found[k] - t.value) for k, t in enumerate(_in_order(targets))])
                    match = Match(variants, float(apart.max()), label)
                    met = int((apart <= allowed).sum())
                    if met == len(targets):
                        matches.append(match)
                    elif nearest is None or (-met, match.residual) < nearest[:2]:
                        nearest = (-met, match.residual, match)
        except Stopped as reason:
            stopped = str(reason)
        ordered = tuple(sorted(matches, key=lambda m: (len(m.variants), m.residual)))
        chance = tried * _of_one(targets, allowed, len(columns))
        too_many = at_once > 1 and chance >= CERTAIN_CHANCE
        if too_many or stopped or ordered:
            named, perhaps = ((), ordered) if too_many else (ordered, ())
            break
    else:
        named, perhaps = (), ()
    declared = bool(named) and not named[0].variants
    near = () if named or nearest is None else (nearest[2], -nearest[0])
    return IndexExplanation(
        len(targets),
        named,
        *near,
        by_chance=perhaps,
        chance=chance if (named or perhaps) and not declared else 0.0,
        stopped=stopped,
    )


def _made(
    form: IndexSettings, columns: dict[str, np.ndarray], rows: Rows,
    other: Mapping[str, np.ndarray] | None = None, keep: np.ndarray | None = None,
) -> IndexScores:  # fmt: skip
    """An index, of other columns (`other`) or of some rows alone (`keep`, a mask); the rest have no score then."""
    columns = {**columns, **(other or {})}
    if keep is None:
        return index_scores(form, columns, rows)
    places = np.flatnonzero(keep)
    made = index_scores(form, {name: values[places] for name, values in columns.items()}, rows.take(places))
    scores = np.full(len(keep), np.nan)
    scores[places] = made.scores
    return replace(made, scores=scores)


def _of_one(targets: Targets, allowed: np.ndarray, indicators: int) -> float:
    """Probability that one pair of variants gives all numbers, were they drawn anew near where they are. Scores and weights
    follow from as many weights as there are indicators, so no more numbers than that count, the most precise ones."""
    shares = sorted(
        min(1.0, 2 * width / (CROWDED * abs(t.value))) if t.value else 1.0
        for t, width in zip(_in_order(targets), allowed, strict=True)
    )
    return float(np.prod(shares[:indicators]))


def _in_order(targets: Targets) -> list[Target]:
    return [*targets.weights.values(), *targets.scores.values()]


def _allowed(target: Target) -> float:
    """Half a unit of the last digit, with room for how the number itself is stored."""
    return target.half_unit * (1 + ROUNDING) + INDEX * max(1.0, abs(target.value))


def _labelled(made: IndexScores, targets: Targets) -> Iterator[tuple[str, np.ndarray]]:
    """The index's numbers in the order of the targets, once for every set of weights it has."""
    scores = [made.scores[row] for row in targets.scores]
    for label in made.weights if targets.weights else [""]:
        weights = [made.weights[label].get(name, np.nan) for name in targets.weights]
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
