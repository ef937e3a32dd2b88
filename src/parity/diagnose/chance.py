"""How likely is it that a random number fits some scenario of the catalogue? The guard against naming noise.

The numbers that are explained are thought to be drawn anew, log-uniformly within a range of what they are. A scenario
hits one with the share of that range which its rounding interval covers; many have many chances. Every one that was
weighed counts, also those that were never computed because their coefficients, N or digits could not be the observed ones;
but none can hit whose coefficients lie outside that range. Scenarios of one cause crowd about the declared one, so a number
is drawn from a narrower range the nearer it is to the declared one.
"""

from __future__ import annotations

import math

import numpy as np

from parity.base.tolerance import CROWDING, EXACT, LIKELY_CHANCE, MOST_CHANCE, NO_DENSER
from parity.diagnose.combinations import Path
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import Observed

#: Combinations of causes are offered only below this expected number of chance hits.
LIMIT = MOST_CHANCE
#: A single family with a free parameter is offered below this one, though not for certain.
FAMILY = LIKELY_CHANCE
#: A factor of two up or down.
_RANGE = math.log(4.0)
#: Of several causes at once: scenarios crowd about the declared one, most within a tenth of its numbers, up or down.
_CROWDED = math.log(1.1 / 0.9)
#: Share of scenarios that have a count which was drawn anew.
OF_A_COUNT = 0.1
#: Numbers that one slip of the page moves: a coefficient and what stands below it.
MOST_SLIPS = 2
#: A unit of the last digit, in what rounding may move a number by.
LAST_DIGIT = 2


def of_one_scenario(
    observed: Observed, failing: np.ndarray, causes: int = 1, declared: Numbers | None = None
) -> float:  # fmt: skip
    """Probability that one scenario of so many causes hits all numbers that the declared one misses, if these were random.

    declared: where given, scenarios of one cause crowd about its numbers
    Numbers that follow from others are counted once: of a column of standard errors only the most precise one, because
    one wrong scalar moves them all together; t, p and intervals only where no standard error is given.
    """
    chosen = [t for t, bad in zip(observed.targets, failing, strict=True) if bad]
    wide = _wide(causes)
    near = {} if declared is None or causes > 1 else _near(observed, failing, declared)
    shares = [(t.quantity, _log_share(t.allowed / t.scale, near.get((t.quantity, t.term), wide))) for t in chosen]
    log = sum(share for quantity, share in shares if quantity == "coef")
    for quantities in (("se", "vcov", "variance"), ("t",), ("p", "ci_low", "ci_high"), ("f",)):
        own = [share for quantity, share in shares if quantity in quantities]
        if own:
            log += min(own)
            break
    else:
        if any(t.quantity == "stars" for t in chosen):
            log += math.log(0.25)  # none to three
    log += sum(math.log(OF_A_COUNT) for t in chosen if t.quantity in ("nobs", "df_t"))
    return math.exp(log)


def _near(observed: Observed, failing: np.ndarray, declared: Numbers) -> dict[tuple[str, str], float]:
    """(quantity, term) of numbers that are off -> the range, on the logarithm's scale, that all scenarios would fill if they
    were as dense as they are so far from the declared one; only where it is narrower than for others.
    """
    out = {}
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.abs(np.log(observed.values / observed.predicted(declared)))
    for t, bad, d in zip(observed.targets, failing, away.tolist(), strict=True):
        if bad and math.isfinite(d) and CROWDING * d < _RANGE:
            out[t.quantity, t.term] = CROWDING * max(d, NO_DENSER)
    return out


def of_other_factors(observed: Observed, failing: np.ndarray, declared: Numbers | None) -> float:
    """Probability that what hits the most precise standard error hits the others too, where it is no scalar of the
    one that is right: each by itself.

    What a standard error was multiplied by is told net of its coefficient, which a change of units moves alike. Scenarios
    move standard errors apart by about as much, one way or the other, as the observed ones were moved at all.
    """
    moved = [] if declared is None else _moved(observed, failing, declared)
    if len(moved) < 2:
        return 1.0
    wide = min(_CROWDED, 2 * max(abs(at) for at, _ in moved))
    if not wide:  # each is off as its coefficient is
        return 1.0
    return math.exp(sum(_log_share(width, wide) for width in sorted(width for _, width in moved)[1:]))


def _moved(observed: Observed, failing: np.ndarray, declared: Numbers) -> list[tuple[float, float]]:
    """Of each standard error that is off: the logarithm of what t was divided by, and by how much that may be off."""
    shown = {(t.quantity, t.term): t for t in observed.targets if t.quantity in ("coef", "se") and t.value}
    off = {t.term for t, bad in zip(observed.targets, failing, strict=True) if bad and t.quantity == "se"}
    out = []
    for i, term in enumerate(declared.terms):
        se, coef = shown.get(("se", term)), shown.get(("coef", term))
        if term not in off or se is None or not (se.value > 0 and declared.se[i] > 0):
            continue
        at, width = math.log(se.value / declared.se[i]), se.allowed / se.scale
        if coef is not None and declared.coef[i]:
            at, width = at - math.log(abs(coef.value / declared.coef[i])), width + coef.allowed / coef.scale
        out.append((at, width))
    return out


def may_hit(observed: Observed, moved: np.ndarray, failing: np.ndarray, numbers: Numbers, causes: int) -> bool:
    """Whether a scenario has the observed N, and coefficients in the range from which the observed ones are drawn.

    moved: mask of the numbers that the declared one misses; failing: of the coefficients and counts that this one misses
    """
    index, value, allowed = observed.coefficients(numbers.terms)
    if (failing & ~(moved & observed.of_coefficients)).any():
        return False
    found = numbers.coef[index]
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.abs(np.log(found / value)) <= _wide(causes) / 2
    return bool((near | (np.abs(found - value) <= allowed)).all())


def of_slip(observed: Observed, failing: np.ndarray, path: Path) -> bool:
    """Whether a slip of single numbers stands among numbers that are right, so that a slip is what is to be expected.

    A short number is fitted by some slip more often than not, so alone it names none. But where all others of the
    page agree, no convention is at work that would move them too, and what is left is the page.
    """
    return (
        len(path.steps) == 1
        and path.steps[0].cause.layer == "printing"
        and int(failing.sum()) <= MOST_SLIPS
        and int((~failing).sum()) >= int(failing.sum())
    )


def of_last_digits(observed: Observed, failing: np.ndarray, declared: Numbers | None) -> bool:
    """Whether the numbers that are off are as few as a slip moves, each by two units of its last digit at most.

    So little may also come of another design that moves no digit of the coefficients.
    """
    if declared is None or int(failing.sum()) > MOST_SLIPS:
        return False
    off = np.abs(observed.values - observed.predicted(declared))
    return all(d <= 2 * LAST_DIGIT * t.allowed for d, t, bad in zip(off, observed.targets, failing, strict=True) if bad)


def _wide(causes: int) -> float:
    """Of the range from which a number is drawn, on the logarithm's scale."""
    return _RANGE if causes == 1 else _CROWDED


def _log_share(relative: float, wide: float) -> float:
    return math.log(min(1.0, 2 * max(relative, EXACT / 10) / wide))
