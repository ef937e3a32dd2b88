"""What goes wrong inside a package, in words that need no knowledge of it: each kind by the texts packages have for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.results.estimate import Declined, Failed

if TYPE_CHECKING:
    from parity.sample.design import Design

#: Kind -> what packages say of it, in Python and in R.
KINDS: dict[str, re.Pattern[str]] = {
    "singular": re.compile(
        r"singular|Lapack routine|leading minor|positive[- ](semi-?)?definite|full (column )?rank|rank[- ]deficient"
        r"|collinear|fully absorbed|have been absorbed|covariance has no row for|SVD did not converge|LinAlgError",
        re.IGNORECASE,
    ),
    "memory": re.compile(
        r"cannot allocate|unable to allocate|bad_alloc|MemoryError|memory exhausted|out of memory", re.IGNORECASE
    ),
    "cells": re.compile(
        r"integer overflow|long vectors? not supported|negative length vectors|too many elements|2\^31", re.IGNORECASE
    ),
    "not finite": re.compile(
        r"NA/NaN/Inf|infinite or missing values|infs or NaNs|non-finite|missing value where TRUE/FALSE|division by zero"
        r"|ZeroDivisionError|NaN value|contains? (inf|nan)",
        re.IGNORECASE,
    ),
}  # fmt: skip
#: Condition numbers from which a package that finds columns collinear goes by its own tolerance, and is not broken.
COLLINEAR_TO_SOME = 1e3


def in_words(engine: str, error: BaseException, design: Design | None, place: str = "") -> Declined | Failed | None:
    """The answer that an exception stands for, or None where it is of no known kind.

    What the package said goes with it as a warning. place: where in the engine it arose
    """
    text = " ".join(f"{type(error).__name__}: {error}".split())
    kind = next((kind for kind, pattern in KINDS.items() if pattern.search(text)), None)
    said = (*map(str, getattr(error, "warnings", ())), f"{text[:400]}{place}")
    if kind == "singular":
        return _singular(engine, design, said)
    rows = f" on {design.nobs:,} rows" if design is not None else ""
    if kind == "memory":
        return Failed(engine=engine, reason=f"out of memory{rows}", warnings=said)
    if kind == "cells":
        return Declined(engine=engine, gap="never", reason=f"its code counts cells in 32 bits, and there are more{rows}")
    if kind == "not finite":
        reason = f"a number in its arithmetic over- or underflowed, or was divided by zero{rows}"
        return Failed(engine=engine, reason=reason, warnings=said)
    return None


def _singular(engine: str, design: Design | None, said: tuple[str, ...]) -> Declined | Failed:
    """Its own tolerance for collinear columns, or a defect: parity's columns are independent."""
    from parity.sample.conditioning import conditioning
    from parity.sample.partialled_out import partial_out

    if design is None:
        return Failed(engine=engine, reason="its arithmetic found a matrix singular", warnings=said)
    known = conditioning(design, partial_out(design))
    most = max(known.whole, known.net)
    if most < COLLINEAR_TO_SOME:
        reason = f"its arithmetic found a matrix singular, and these columns are far from that (condition number {most:.0f})"
        return Failed(engine=engine, reason=reason, warnings=said)
    why = known.why()
    reason = f"by its own tolerance these columns are collinear (condition number {most:.0e})" + (f": {why}" if why else "")
    return Declined(engine=engine, gap="never", reason=reason)
