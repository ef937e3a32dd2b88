"""Lags, cells and terms of a request in Python, as pyfixest's, statsmodels' and linearmodels' formulas have them."""

from __future__ import annotations

import keyword
import re

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
    shift,
    terms_of,
)


def lag_columns(request: Request, panel: Panel) -> tuple[list[str], dict[Factor, str]]:
    """Lags as columns made by a merge on unit and time, which obeys gaps."""
    made: dict[Factor, str] = {}
    lines: list[str] = []
    for factor in dict.fromkeys(f for t in terms_of(request) for f in t.factors):
        letter, n = shift(factor)
        if not letter:
            continue
        name = lag_name(letter, n, factor, panel)
        made[factor] = name
        move = f"{'+' if letter in 'ld' else '-'} {by_periods(n, panel)}"
        keys = [key for key in (panel.unit, panel.time) if key]
        lines += [
            f"past = d[{[*keys, factor.name]!r}].assign(**{{{panel.time!r}: d[{panel.time!r}] {move}}})",
            f'd = d.merge(past.rename(columns={{{factor.name!r}: {name!r}}}), on={keys!r}, how="left")',
        ]
        if letter == "d":
            lines.append(f"d[{name!r}] = d[{factor.name!r}] - d[{name!r}]")
    return lines, made


def cell_columns(request: Request) -> list[str]:
    """Columns of the cells of `a#b`, which formulaic would code as differences within each other's levels."""
    margins = margins_of(request.regressors)
    lines: list[str] = []
    for term in request.regressors:
        if is_cells(term, margins):
            names = [f.name for f in term.factors]
            cells = f"list(zip({', '.join(f'd[{n!r}]' for n in names)}))"
            lines += [f"d = d.dropna(subset={names!r})", f"d[{_cell(term)!r}] = pd.Categorical({cells})"]
    return ["import pandas as pd", *lines] if lines else []


def _cell(term: Term) -> str:
    return "_".join(f.name for f in term.factors)


def write_term(term: Term, made: dict[Factor, str], margins: frozenset = frozenset()) -> str:
    """A term of a formula. made: columns of lags. Raises `Declined` for levels that were chosen."""
    out = []
    groups = [f for f in term.factors if f.kind == "factor"]
    if is_cells(term, margins):
        name = _cell(term)
        return f"C({name})" if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) else f"C(`{name}`)"
    if len(term.factors) > 1 and groups and crossed(term, margins) == "levels":
        other = next(f for f in term.factors if f.kind != "factor")
        return f"i({groups[0].name}, {made.get(other, other.name)})"
    for factor in term.factors:
        name = made.get(factor, factor.name)
        if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) or keyword.iskeyword(name):
            name = f"`{name}`"
        if factor.kind == "factor":
            if factor.levels or factor.omit or (factor.base not in ("", "first") and not factor.base.lstrip("-").isdigit()):
                raise Declined(f"chosen levels of {factor.name} need columns of their own")
            chosen = f", contr.treatment(base={factor.base})" if factor.base.lstrip("-").isdigit() else ""
            out.append(f"C({name}{chosen})")
        else:
            out.append(name)
    return powers(out, "**")


def right_side(request: Request, made: dict[Factor, str]) -> str:
    """The regressors of a formula. made: columns of lags. Raises `Declined`."""
    margins = margins_of(request.regressors)
    check_cells(request, margins)
    items = [write_term(t, made, margins) for t in request.regressors]
    if not request.intercept and not request.absorb:
        items.insert(0, "0")
    return " + ".join(items) or "1"
