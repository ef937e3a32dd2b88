"""Rounding: numbers that are off by no more than arithmetic leaves on a design's columns, whoever computed them.

Two causes give no other number that could be computed, only a reach within which it lies: columns whose cross-products keep
few digits, and an absorber that stops at a tolerance. So they are no scenarios, and stand behind every cause that gives the
numbers themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from parity.algebra.absorb import sums
from parity.base.errors import Unestimable
from parity.base.quantities import OF_THE_DESIGN, is_count, scale_of
from parity.base.tolerance import ABSORBERS, EXACT, STOPPING_MARGIN, TYPED, most_floor
from parity.compare.floor import ANYTHING, NOTHING_LEFT, digits_left
from parity.diagnose.cause import Cause
from parity.diagnose.explanation import NamedCause
from parity.diagnose.fitter import Fitter
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import Observed
from parity.diagnose.scenario import Scenario
from parity.engines.own import fit as estimator
from parity.sample.conditioning import Conditioning, CrossProducts, conditioning
from parity.sample.design import Design
from parity.sample.partialled_out import partial_out

#: Sweeps over the fixed effects after which an absorber is left as it is.
MOST_SWEEPS = 10_000
#: Rows above which no absorber is run for its reach.
MOST_ROWS = 200_000


@dataclass(frozen=True)
class Reach:
    """Relative differences of coefficients, and of all other quantities, that a cause may leave; words about it.

    most: below this no convention, and no defect worth the name, hides in it (`tolerance.most_floor`)
    """

    cause: str
    coefficients: float
    others: float
    most: float
    said: str
    source: str = ""
    parameters: tuple[tuple[str, str], ...] = ()

    def _shares(self, observed: Observed) -> np.ndarray:
        return np.array([self.coefficients if t.quantity in OF_THE_DESIGN else self.others for t in observed.targets])

    def certain(self, observed: Observed, numbers: Numbers) -> bool:
        """Whether it is so small, of the numbers that are off, that nothing else is worth looking for."""
        return bool(np.all(self._shares(observed)[observed.failing(numbers)] <= self.most))

    def holds(self, observed: Observed, numbers: Numbers) -> bool:
        """Whether every number is what its digits allow, or off by no more than this."""
        failing = observed.failing(numbers)
        gaps = np.abs(observed.predicted(numbers) - observed.values)
        counts = np.array([is_count(t.quantity, t.term) for t in observed.targets])
        scales = np.array([_scale(t.quantity, t.term, t.scale, numbers) for t in observed.targets])
        return bool(np.all(~failing | (~counts & (gaps <= self._shares(observed) * scales + observed.roundings))))

    def named(self, cause: Cause) -> NamedCause:
        return NamedCause(
            id=cause.id, group=cause.group, source=self.source or cause.source, sentence=self.said, how=dict(cause.how),
            formula=cause.formula.format(coef=f"{self.coefficients:.1e}", se=f"{self.others:.1e}"),
            avoids={} if self.source else dict(cause.avoids), parameters=dict(self.parameters),
        )  # fmt: skip


def _scale(quantity: str, term: str, scale: float, numbers: Numbers) -> float:
    """On what a number is judged, as in `parity.compare.harmonise`."""
    if term not in numbers.terms:
        return scale
    i = numbers.terms.index(term)
    se, t = float(numbers.se[i]), abs(float(numbers.t[i]))
    return scale_of(quantity, term, scale, se=se, t=t)


def reaches(fitter: Fitter, scenario: Scenario) -> Iterator[Reach]:
    """The reach of each cause on a scenario's design, the smallest first."""
    design = fitter.design(scenario)
    if design is None:
        return
    known = conditioning(design, partial_out(design))
    yield from _of_columns(known, design)
    if len(design.effects) > 1 and design.nobs <= MOST_ROWS:
        yield from _of_absorbers(scenario, design)


def _of_columns(known: Conditioning, design: Design) -> Iterator[Reach]:
    """Of whoever forms cross-products of the columns as they are; and of that far only as counts for agreement."""
    whole = [known.loss(CrossProducts(covariance=True, coefficients=True), of) for of in (True, False)]
    most = most_floor(design.nobs)
    if max(whole) <= TYPED or not known.why():
        return
    digits = "no digit" if max(whole) >= NOTHING_LEFT else f"{digits_left(max(whole)):.1f} digits"
    said = (
        f"Rounding: whoever forms cross-products of these columns keeps about {digits} of the numbers at worst, and what is "
        f"printed is off by no more. {known.why()[:1].upper()}{known.why()[1:]}."
    )
    for capped in (True, False) if max(whole) > most else (True,):
        of_coefficients, others = ((min(w, most) if capped else w if w < NOTHING_LEFT else ANYTHING) for w in whole)
        yield Reach("ill-conditioned-columns", of_coefficients, others, most, said, "Higham (2002), sections 20.4 and 20.10")


def _of_absorbers(scenario: Scenario, design: Design) -> Iterator[Reach]:
    """Of absorbers that stop at a tolerance, found by running one; none where they are done in one sweep."""
    exact = _fitted(scenario, design)
    if exact is None:
        return
    for stops in ABSORBERS:
        near = _fitted(scenario, _absorbed(design, stops))
        if near is None:
            return
        scale = np.maximum(np.abs(exact[0]), exact[1])
        moved = [float(np.max(np.abs(n - e) / s)) for n, e, s in ((near[0], exact[0], scale), (near[1], exact[1], exact[1]))]
        of_coefficients, others = (STOPPING_MARGIN * m for m in moved)
        if max(of_coefficients, others) <= EXACT:
            continue
        said = (
            f"The fixed effects were absorbed until a step was below {stops:.0e}, or about that: on these data that leaves "
            f"the numbers off by up to some {max(of_coefficients, others):.0e} of themselves, and they are off by no more."
        )
        most, tolerance = most_floor(design.nobs), (("tolerance", f"{stops:.0e}"),)
        yield Reach("absorption-tolerance", of_coefficients, others, most, said, parameters=tolerance)


def _fitted(scenario: Scenario, design: Design) -> tuple[np.ndarray, np.ndarray] | None:
    """Coefficients and root diagonal of the uncorrected covariance; of another kind where it reads leverage."""
    vcov = scenario.spec.vcov
    kind = {"CR2": "CR0", "CR3": "CR0", "HC2": "HC0", "HC3": "HC0", "HC4": "HC0"}.get(vcov.kind, vcov.kind)
    try:
        fit = estimator.solve(design)
        parts = estimator.covariances(fit, vcov.model_copy(update={"kind": kind}), design.clusters, scenario.spec.convention)
    except (Unestimable, ValueError, np.linalg.LinAlgError):
        return None
    variances = np.diag(next(iter(parts.values())))
    return (fit.coef, np.sqrt(variances)) if np.all(variances > 0) else None


def _absorbed(design: Design, stops: float) -> Design:
    """Columns less their means by each effect in turn, until a sweep moves none by more than `stops` of its spread."""
    columns = np.column_stack([design.y, design.x, design.endog, design.z])
    weights = np.ones(design.nobs) if design.weights is None else design.weights
    spread = np.sqrt(np.average((columns - np.average(columns, axis=0, weights=weights)) ** 2, axis=0, weights=weights))
    codes = [(code, np.bincount(code, weights=weights)) for code in design.effects.values()]
    for _ in range(MOST_SWEEPS):
        before = columns
        for code, size in codes:
            means = sums(columns * weights[:, None], code, len(size)) / np.where(size > 0, size, 1.0)[:, None]
            columns = columns - means[code]
        if np.max(np.abs(columns - before) / np.where(spread > 0, spread, 1.0)) < stops:
            break
    n_x, n_d = design.x.shape[1], design.endog.shape[1]
    return replace(
        design, y=columns[:, 0], x=columns[:, 1 : 1 + n_x], endog=columns[:, 1 + n_x : 1 + n_x + n_d],
        z=columns[:, 1 + n_x + n_d :], effects={}, intercept=False,
    )  # fmt: skip
