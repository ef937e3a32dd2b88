"""Numbers printed in a paper or a log, compared by what their last digit can say.

`0.352***` stands for every number between 0.3515 and 0.3525. A comparison asks whether the estimate lies there; stars are
compared where the entry says which levels of p they stand for.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from parity.base.terms import constant
from parity.base.tolerance import NINTH_DIGIT, TYPED
from parity.compare.agree import comparison, hold
from parity.compare.harmonise import Harmonised, Key
from parity.results.record import Comparison, Uncompared
from parity.study.published import Published


@dataclass(frozen=True)
class PrintedNumber:
    """A number as printed: its value and half a unit of its last digit."""

    text: str
    value: float
    half_unit: float

    @property
    def rounding(self) -> float:
        """What its digits hide; they are decimal, so with the binary rounding of a difference."""
        return self.half_unit + 4 * math.ulp(self.value)

    @property
    def allowed(self) -> float:
        """How far an estimate may be off it: what its digits hide, or what double precision gives of as many digits.

        The ninth digit of another closed-form solution may round the other way, so there the one is added to the other.
        """
        closed_form = TYPED * abs(self.value)
        return self.rounding + (closed_form if self.half_unit <= NINTH_DIGIT * closed_form else 0.0)

    @property
    def decimals(self) -> int:
        return max(0, -round(math.log10(2 * self.half_unit))) if self.half_unit else 0


def read_number(text: str) -> PrintedNumber:
    """`"(0.048)"`, `"0.352***"`, `"1.2e-3"`, `"−.64"` -> value and half a unit of the last digit."""
    bare = re.sub(r"[\s()\[\]*†‡]", "", text).replace("−", "-")
    number = Decimal(bare)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return PrintedNumber(text, float(number), float(Decimal((0, (5,), exponent - 1))))


def stated(entry: Published) -> dict[Key, PrintedNumber]:
    """What a published entry says, as (quantity, term) -> printed number."""
    out: dict[Key, PrintedNumber] = {(quantity, term): read_number(text) for quantity, term, text in entry.numbers()}
    for name, text in entry.starred().items() if entry.stars else ():
        out["stars", name] = PrintedNumber(text, float(text.count("*")), 0.0)
    return out


def without_levels(entry: Published) -> tuple[Uncompared, ...]:
    """The stars that an entry prints without saying what they stand for, each by its term or statistic."""
    printed = () if entry.stars else [name for name, text in entry.starred().items() if "*" in text]
    return tuple(Uncompared(quantity="stars", term=name, engine=entry.engine) for name in printed)


def uncompared_stars(entry: Published) -> str:
    """What to add where an entry prints stars and doesn't say what they stand for; empty if all is compared."""
    printed = [stars.term for stars in without_levels(entry)]
    if not printed:
        return ""
    return f"the stars of {', '.join(printed)} are not compared: say what they stand for, such as stars = [0.1, 0.05, 0.01]"


def stars_of_nothing(entry: Published, result: Comparison) -> str:
    """Which statistic prints stars though it has no p-value to follow them from; empty if none does."""
    missing = [d.term for d in result.differences if d.quantity == "stars" and d.candidate is None]
    names = [name for name in missing if name in entry.statistic]
    return f"`{names[0]}` has no p-value that its stars could follow from; write it without stars" if names else ""


def _p(name: str, candidate: Harmonised, term: str = "") -> float:
    """The p-value that the stars of a term or a statistic are about; NaN where there is none. term: of an analysis."""
    found = candidate.quantities
    near = ("p", name), (f"{name}_p", ""), (f"{name} p", term), *((("p", term),) if name in ("effect", "t") else ())
    own = next((found[key] for key in near if key in found), None)
    if own:
        return own.value
    if name != "f" or not {("f", ""), ("df_t", "")} <= set(found):
        return math.nan
    from scipy.special import chdtrc, fdtrc

    f, df = found["f", ""].value, found["df_t", ""].value
    slopes = sum(1 for quantity, term in found if quantity == "coef" and not constant(term))
    return float(fdtrc(slopes, df, f) if math.isfinite(df) else chdtrc(slopes, slopes * f))


def compare_printed(entry: Published, candidate: Harmonised) -> Comparison:
    """Whether the estimate lies in the rounding interval of every printed number.

    A printed number that the estimate has no counterpart for is a difference. Parenthesised t statistics are
    compared without their sign if they are printed without one.
    """
    rows = []
    for (quantity, term), printed in stated(entry).items():
        if quantity == "stars":
            p = _p(term, candidate, entry.term if entry.analysis else "")
            value = float(sum(p < cut for cut in entry.stars)) if math.isfinite(p) else None
        else:
            found = candidate.quantities.get((quantity, term))
            value = found.value if found else None
        if quantity == "t" and printed.value > 0 and value is not None:
            value = abs(value)
        held = hold(printed.value, value, printed.allowed if quantity != "stars" else 0.0,
                    abs(printed.value) or printed.half_unit, rounding=printed.half_unit)  # fmt: skip
        rows.append((quantity, term, printed.value, value, held._replace(allowed=printed.half_unit)))
    result = comparison(rows)
    return result if rows else result.model_copy(update={"digits": 0.0})
