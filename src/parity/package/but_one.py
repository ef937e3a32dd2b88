"""A column of which one estimate has every number but one: it is that estimate's, and the one number differs.

Of commands that differ in little, such as the same regression under other standard errors, several share most of a column.
Those that are other columns of the table are no candidates for it, and of the rest the one with a single number off is taken
where each other lacks more, or the same one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from parity.base.tolerance import RIGHT_NUMBERS
from parity.package.calls import RowsAsked
from parity.package.estimates import Estimated, unlike
from parity.package.fit import Fit, missed
from parity.package.printed import Column


def without(fits: Sequence[Fit], taken: Collection[Estimated]) -> list[Fit]:
    """Fits of estimates that are no column of the table yet, nor have the numbers of one."""
    known = list(taken)
    return [f for f in fits if len(unlike([*known, f.estimate])) > len(unlike(known))]


def but_one(column: Column, fits: Sequence[Fit]) -> Fit | None:
    """The estimate that has all of a column's numbers, four at least, but one; None where several have, each another one.

    Where a bootstrap has the coefficients, its standard errors aren't known here, and it may be the column's.
    """
    drawn = any(f.estimate.drawn and f.of_coefs and f.coefs == f.of_coefs for f in fits)
    off = [(f, missed(column, f)) for f in fits]
    least = [(f, places) for f, places in off if len(places) <= 1 and f.of - len(places) >= RIGHT_NUMBERS]
    if drawn or not least or len({tuple(places) for _, places in least}) > 1:
        return None
    return min((f for f, _ in least), key=lambda f: (-f.by_label, f.estimate.index))


#: Words of rows that hold what is computed of several coefficients, or belong to no term.
NO_TERM = re.compile(r"\b(?:sum|total|diff\w*|effects?|test|mean|ratio|net|joint|average|p-?val\w*)\b|[+=−]", re.IGNORECASE)


def left_over(column: Column, found: Fit, asked: RowsAsked) -> dict[str, str]:
    """The one row that no term is known for, as the one term that the call puts there and no row has, where all others are
    the command's: whatever somebody calls it, its numbers are meant to be that term's. Empty where it isn't so."""
    rows = [i for i, (row, t) in enumerate(zip(column.rows, found.terms, strict=True)) if not t and row.cells]
    terms = [t for t in found.expected if t not in found.terms and asked.asks(t)]
    if len(rows) != 1 or len(terms) != 1:
        return {}
    row = column.rows[rows[0]]
    numbers = [c for c in row.cells if c.number is not None]
    others = found.of - len(numbers)
    right = found.hits == others >= RIGHT_NUMBERS and found.nobs is not False
    pair = len(numbers) >= 2 and numbers[0].kind == "coef"
    return {row.label: terms[0]} if right and pair and not NO_TERM.search(row.label) else {}
