"""The pairs cluster bootstrap of a spec: whole clusters drawn with replacement, all coefficients estimated again.

Cameron, Gelbach and Miller (2008), who call it pairs cluster bootstrap; Stata's `bootstrap, cluster()`. Draws come from
cross-products, by least squares or two-stage least squares; those that cross-products can't give exactly are refitted
from their rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from parity.algebra.moments import Products, Sample, TooMany, Undetermined, nested, products, sample, solve
from parity.analyses.replicates.draws import Draws
from parity.analyses.replicates.intervals import Summary, summarise
from parity.analyses.replicates.refitting import refit_rows
from parity.analyses.replicates.replicate import left_out, replicate, thin, weights_of
from parity.analyses.replicates.two_stage import replicate_two_stage
from parity.analyses.resampling.pairs import Pairs
from parity.base.errors import Unestimable
from parity.base.tolerance import EXACT

OUTCOME = "\0outcome"
#: Share of the draws in which every coefficient must be determined: the others are not left out at random.
DETERMINED = 0.9
METHODS = ("percentile", "bias-corrected", "bca")


@dataclass(frozen=True)
class Bootstrap:
    """By term: the estimate, and what its replicates (B,) say.

    notes, doubts   what a reader must know of the draws, and why standard errors and intervals are not to be relied on
    """

    estimates: Mapping[str, float]
    summaries: Mapping[str, Summary]
    replicates: Mapping[str, np.ndarray]
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def used(self) -> int:
        """Draws in which every coefficient is determined."""
        return max((s.used for s in self.summaries.values()), default=0)


def bootstrap(pairs: Pairs, draws: Draws) -> Bootstrap:
    """Raises `Unestimable` where a coefficient is undetermined in the sample itself.

    A draw in which any coefficient is undetermined has none: it is left out and counted, as Stata does.
    """
    groups = len(pairs.labels)
    columns = {**pairs.exog, **pairs.z, **pairs.endog, OUTCOME: pairs.y}
    model = (OUTCOME, tuple(pairs.exog), tuple(pairs.endog), tuple(pairs.z))

    def absorbed(within: Sequence[str]) -> Sample:
        return sample(columns, effects=pairs.effects, intercept=pairs.intercept, weights=pairs.weights, within=within)

    def refit(drawn: Sequence[np.ndarray]) -> np.ndarray:
        return refit_rows(columns, pairs.effects, pairs.code, drawn, *model, pairs.intercept, pairs.weights)

    notes: tuple[str, ...] = ()
    try:
        try:
            of = absorbed(nested(pairs.effects, pairs.code))
            kept = products(of, pairs.code)
        except TooMany as error:
            own = solve(absorbed(tuple(pairs.effects)), *model).coef
            notes = (f"{error}: every draw was absorbed again",)
            drawn = refit(draws.values)
            without = refit([np.delete(np.arange(groups), g) for g in range(groups)])
        else:
            own = solve(of, *model).coef
            drawn, without = (
                _estimated(kept, model, weights, refit) for weights in (weights_of(draws.values, groups), left_out(groups))
            )
    except Undetermined as error:
        raise Unestimable(str(error)) from None
    s, lost = pairs.settings, int(np.isnan(drawn[:, 0]).sum())
    if lost:
        notes = (*notes, f"{lost} of {len(drawn)} draws leave a coefficient undetermined")
    summaries = {
        term: summarise(float(own[i]), drawn[:, i], without[:, i], s.level, s.percentiles)
        for i, term in enumerate(pairs.terms)
    }
    estimates = dict(zip(pairs.terms, own.tolist(), strict=True))
    doubts = tuple(_doubts(summaries, lost, groups))
    return Bootstrap(estimates, summaries, dict(zip(pairs.terms, drawn.T, strict=True)), notes, doubts)


def _doubts(summaries: Mapping[str, Summary], lost: int, groups: int) -> Iterator[str]:
    """Replicates that don't show how an estimate varies: too many are lost, or those that are left are all the same."""
    drawn = max(s.used + s.undefined for s in summaries.values())
    if drawn - lost < DETERMINED * drawn:
        yield (f"every coefficient is determined in {drawn - lost:,} of {drawn:,} draws, fewer than {100 * DETERMINED:g} %: "
               f"the {groups} clusters are too few, or a regressor varies in too few of them")  # fmt: skip
    still = [term for term, s in summaries.items() if s.used > 1 and not s.se > EXACT * abs(s.estimate)]
    if still:
        yield f"the replicates of {', '.join(still)} differ by rounding alone: the draws hold one and the same sample"


def _estimated(of: Products, model, weights: np.ndarray, refit) -> np.ndarray:
    """(B, s) coefficients under weights (B, G) of the clusters."""
    outcome, exog, endog, z = model
    least = np.ones(len(weights))
    if endog:
        found = replicate_two_stage(of, weights, outcome, exog, endog, z, least)
    else:
        found = replicate(of, weights, exog, [outcome], [len(exog)], least)[0][:, :, 0]
    few = thin(least)
    if len(few):
        found[few] = refit([np.repeat(np.arange(of.clusters), w.astype(int)) for w in weights[few]])
    return found


def numbers(found: Bootstrap) -> dict[str, dict[str, object]]:
    """quantity -> term -> number, or list of replicates: all that is compared."""
    out: dict[str, dict[str, object]] = {
        "estimate": dict(found.estimates),
        "bootstrap se": {t: s.se for t, s in found.summaries.items()},
        "replicate": {t: v.tolist() for t, v in found.replicates.items()},
    }
    for method in METHODS:
        for end in ("low", "high"):
            out[f"{method} {end}"] = {t: getattr(s.interval(method), end) for t, s in found.summaries.items() if s.intervals}
    return out
