"""A request as feols() of fixest: its formula, and the options that have the command's convention."""

from __future__ import annotations

from parity.stata_language.dataset import Panel
from parity.stata_language.request import Declined, Request
from parity.stata_language.spec import crossed
from parity.stata_language.varlist import Factor, Term
from parity.translate.names import (
    COUNTED,
    in_columns,
    is_cells,
    powers,
    r_condition,
    r_name,
    shift,
    subset_of,
    terms_of,
)
from parity.translate.r_terms import base_factor, cells_of, fixest_levels, right_side


def feols_lines(request: Request, panel: Panel) -> list[str]:
    """Lines that print the command's numbers for a data frame `d`. Raises `Declined`."""
    shifted = any(shift(f)[0] for t in terms_of(request) for f in t.factors)
    formula = f"{_fixest(request.outcome)} ~ {right_side(request, _fixest)}"
    if request.absorb:
        formula += " | " + " + ".join("^".join(r_name(f.name) for f in t.factors) for t in request.absorb)
    if request.endogenous:
        formula += f" | {' + '.join(map(_fixest, request.endogenous))} ~ {' + '.join(map(_fixest, request.instruments))}"
    options = ["d", f"vcov = {_vcov(request)}"]
    if ssc := _ssc(request):
        options.append(f"ssc = ssc({ssc})")
    drops = request.settings.get("singletons", "drop" if request.profile in ("reghdfe", "ivreghdfe") else "keep") == "drop"
    if not drops and (request.absorb or "singletons" in request.settings):
        options.append('fixef.rm = "none"')
    if len(request.absorb) > 1:  # they are demeaned to 1e-6 unless told, which is seen in the 8th digit
        options += ["fixef.tol = 1e-11", "fixef.iter = 1e6"]
    if subset := subset_of(request, r_condition):
        options.append(f"subset = ~ {subset}")
    if request.weight:
        options.append(f"weights = ~ {r_name(request.weight.expression)}")
        if request.weight.kind == "fweight":
            raise Declined("feols has no frequency weights: repeat the rows")
    if shifted:
        if not panel.time or panel.delta != 1:
            raise Declined("a lag needs xtset" if not panel.time else "fixest's lags are of one step")
        options.append(f"panel.id = ~ {' + '.join(r_name(n) for n in (panel.unit, panel.time) if n)}")
    name = "m <- " if _less_groups(request) else ""
    whole = f"{name}feols({formula}, {', '.join(options)})"
    written = [whole]
    if len(whole) > 76:
        written = [f"{name}feols({formula},", *(f"  {option}," for option in options[:-1]), f"  {options[-1]})"]
    if name:
        written += ["# divided by N less the groups, not less K as well:",
                    "summary(m, vcov = vcov(m) * (m$nobs - m$nparams) / (m$nobs - m$fixef_sizes))"]  # fmt: skip
    if len(request.cluster) > 1 and request.profile == "reghdfe":
        written.insert(
            0, "# a covariance with a negative eigenvalue is repaired on columns as they are, by reghdfe on scaled ones"
        )
    return ["library(fixest)", *written]


def _less_groups(request: Request) -> bool:
    """Whether the variance is divided by N less the groups alone: xtivreg2 without small and without clusters."""
    return request.profile == "ivreg2" and request.settings.get("iid") == "n/(n-a)" and not request.cluster


def _fixest(term: Term, margins: frozenset = frozenset()) -> str:
    groups = [f for f in term.factors if f.kind == "factor"]
    if not groups:
        return powers([_shifted(f) for f in term.factors], "^")
    if len(term.factors) == 1:
        # beside an interaction of contrasts R must know it as the same factor
        return base_factor(groups[0]) if _is_crossed(groups[0], margins) else fixest_levels(groups[0])
    if is_cells(term, margins):
        return cells_of(term)
    numbers = [_shifted(f) for f in term.factors if f.kind != "factor"]
    if crossed(term, margins) == "contrasts":
        return ":".join([*numbers, *map(base_factor, groups)])
    return f"i({r_name(groups[0].name)}, {numbers[0]})"


def _is_crossed(group: Factor, margins: frozenset) -> bool:
    return any(len(m) > 1 and any(f.name == group.name for f in m) for m in margins)


def _shifted(factor: Factor) -> str:
    letter, n = shift(factor)
    return f"{letter}({r_name(factor.name)}, {n})" if letter else r_name(factor.name)


def _vcov(request: Request) -> str:
    in_columns(request)
    if request.cluster:
        return f"~ {' + '.join(map(r_name, request.cluster))}"
    if request.kind == "DK":
        return f"vcov_DK(lag = {request.lags})"
    return {"iid": '"iid"', "HC1": '"hetero"'}[request.kind]


def _ssc(request: Request) -> str:
    """fixest's options for the command's factor; "" where its defaults have it."""
    if request.settings.get("cluster_groups") == "each":
        return 'G.df = "conventional", t.df = "conventional"'
    if request.profile == "areg" and request.cluster:
        return 'K.fixef = "full"'
    if request.profile == "ivreghdfe" and request.cluster:
        raise Declined(COUNTED)
    if request.profile in ("reghdfe", "ivreghdfe"):
        full = bool(request.cluster) and request.settings.get("count_fixef") == "full"
        said = ['K.fixef = "full"'] if full else []
        exact = len(request.absorb) > 1 and (full or not request.cluster) and request.settings.get("redundant") != "levels"
        return ", ".join([*said, *(["K.exact = TRUE"] if exact else [])])
    if request.profile == "ivreg2":  # of xtivreg2: ivreg2 absorbs nothing
        if request.settings.get("iid") != "n/(n-a)":
            return 'K.fixef = "none"' if request.cluster else ""
        return "K.adj = FALSE, G.adj = FALSE" if request.cluster else ""
    return ""
