"""`total` in R's and Python's own words: the sum, and s sqrt(N). [R] total, Methods and formulas."""

from __future__ import annotations

from parity.stata_language.request import Declined, Request
from parity.translate.names import r_name
from parity.translate.r_terms import kept_rows


def _name(request: Request) -> str:
    """Raises `Declined` for what is no column."""
    factor = request.outcome.factors[0]
    if factor.operator:
        raise Declined(f"{factor.operator}.{factor.name} needs a column of its own")
    if request.weight is not None:
        raise Declined("the error of a weighted total is that of the sum of weight times value")
    return factor.name


def r_total(request: Request) -> list[str]:
    """For a data frame `d`. Raises `Declined`."""
    rows = kept_rows(request)
    return [f"y <- na.omit({rows}${r_name(_name(request))})", "c(total = sum(y), se = sd(y) * sqrt(length(y)))"]


def py_total(request: Request) -> list[str]:
    """For a data frame `d` without the rows that the command leaves out. Raises `Declined`."""
    return [f"y = d[{_name(request)!r}].dropna()", "print(y.sum(), y.std() * len(y) ** 0.5)"]
