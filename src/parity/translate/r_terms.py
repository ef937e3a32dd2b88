"""Rows, lags and terms of a request in R, as base R and fixest write them."""

from __future__ import annotations

from collections.abc import Mapping

from parity.stata_language.dataset import Panel
from parity.stata_language.request import Declined, Request
from parity.stata_language.spec import crossed, margins_of
from parity.stata_language.varlist import Factor, Term
from parity.translate.names import (
    by_periods,
    check_cells,
    is_cells,
    lag_name,
    powers,
    r_condition,
    r_name,
    shift,
    subset_of,
    terms_of,
)


def lag_columns(request: Request, panel: Panel) -> tuple[list[str], dict[Factor, str]]:
    """Lags as columns found by unit and time, which obeys gaps."""
    lines: list[str] = []
    made: dict[Factor, str] = {}
    for factor in dict.fromkeys(f for t in terms_of(request) for f in t.factors):
        letter, n = shift(factor)
        if not letter:
            continue
        name = lag_name(letter, n, factor, panel)
        time = f"d${r_name(panel.time)}"
        unit = f"d${r_name(panel.unit)}" if panel.unit else ""
        moved = f"{time} {'+' if letter == 'f' else '-'} {by_periods(n, panel)}"
        at = f"match(paste({unit}, {moved}), paste({unit}, {time}))" if unit else f"match({moved}, {time})"
        value = f"d${r_name(factor.name)}"
        made[factor] = name
        lines.append(f"d${r_name(name)} <- {value + ' - ' if letter == 'd' else ''}{value}[{at}]")
    return lines, made


def kept_rows(request: Request) -> str:
    """The data frame `d` without the rows that the command leaves out."""
    subset = subset_of(request, r_condition)
    return f"subset(d, {subset})" if subset else "d"


def right_side(request: Request, write) -> str:
    """The regressors of a formula, each as `write(term, margins)` has it. Raises `Declined`."""
    margins = margins_of(request.regressors)
    check_cells(request, margins)
    items = [write(t, margins) for t in request.regressors]
    if not request.intercept and not request.absorb:
        items.insert(0, "0")
    return " + ".join(items) or "1"


def cells_of(term: Term) -> str:
    """A factor of the cells of `a#b`."""
    return f"interaction({', '.join(r_name(f.name) for f in term.factors)})"


def base_factor(factor: Factor) -> str:
    """A factor of base R, its base first. Raises `Declined`."""
    fixest_levels(factor)
    name = r_name(factor.name)
    return f"factor({name})" if factor.base in ("", "first") else f'relevel(factor({name}), ref = "{factor.base}")'


def fixest_levels(factor: Factor) -> str:
    """A factor as `i()` of fixest. Raises `Declined` for levels that were chosen, and for a base that the data decide."""
    if factor.levels or factor.omit:
        raise Declined(f"chosen levels of {factor.name} need columns of their own")
    if factor.base in ("", "first"):
        return f"i({r_name(factor.name)})"
    if factor.base.lstrip("-").isdigit():
        return f"i({r_name(factor.name)}, ref = {factor.base})"
    raise Declined(f"the base `{factor.base}` of {factor.name} depends on the data")


def base_term(term: Term, margins: frozenset = frozenset(), made: Mapping[Factor, str] | None = None) -> str:
    """A term in base R. made: columns of lags, which base R doesn't know by unit and time."""
    out = []
    if is_cells(term, margins):
        return cells_of(term)
    if len(term.factors) > 1 and any(f.kind == "factor" for f in term.factors):
        crossed(term, margins)
    for factor in term.factors:
        name = r_name((made or {}).get(factor, factor.name))
        out.append(base_factor(factor) if factor.kind == "factor" else name)
    return powers(out, "^")
