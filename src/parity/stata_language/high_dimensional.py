"""What only reghdfe and ivreghdfe can be told: how absorbed effects are counted, how periods weigh.

reghdfe 6.13, src/reghdfe.ado (`ParseDOF`) and src/reghdfe.mata (`estimate_dof`); ivreghdfe 1.1.4, src/ivreghdfe.ado.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from parity.stata_language.command import Command, Option
from parity.stata_language.dataset import DataProblem
from parity.stata_language.request import Declined
from parity.stata_language.varlist import Resolver, Term, terms

#: Words of dofadjustments(), and the fewest letters that stand for each.
_COUNTING = {"all": 3, "none": 4, "firstpair": 5, "pairwise": 4, "clusters": 2, "continuous": 4}


def absorbed(option: Option | None, resolver: Resolver) -> tuple[Term, ...]:
    """`absorb(a b c#d, savefe)`; a name before `=` saves the effect and changes nothing."""
    if option is None or not option.value:
        return ()
    text = re.sub(r"\b\w+\s*=\s*", "", option.value.partition(",")[0])
    found = terms(text, resolver)
    plain = [t for t in found if not any(f.kind == "continuous" for f in t.factors)]
    # i.a##c.x names c.x alone too, which the slopes by group hold
    slopes = [t for t in found if len(t.factors) > 1 and any(f.kind == "continuous" for f in t.factors)]
    return (*(Term(tuple(replace(f, kind="plain") for f in t.factors)) for t in plain), *slopes)


def one_row_of(command: Command, resolver: Resolver) -> str:
    """The variable of `group()`, of each of whose values one row stands for all; "" without it.

    src/reghdfe.ado, `ValidateGroups`. Raises `Declined` for `individual()`: the effects of members add up, which no engine
    here does. Raises `DataProblem` for it alone.
    """
    group, individual = command.option("group_id", least=1), command.option("individual_id", least=1)
    if individual is not None:
        if group is None:
            raise DataProblem("cannot set the individual() identifiers without the group() identifiers", 198)
        raise Declined("individual() adds up the effects of all members of a group: no engine here does")
    if group is None and command.has("aggregation", least=2):
        raise Declined("the option aggregation() of reghdfe is of group() and individual()")
    return resolver.one((group.value or "").strip()) if group is not None else ""


def counted(command: Command, effects: Sequence[Term]) -> dict[str, object]:
    """Settings that `dofadjustments()` asks for, {} for what the command does anyway. Raises `Declined`, `DataProblem`.

    Without `clusters` no effect is left out because it lies within the clusters; without `pairwise` or `firstpair` one
    coefficient is lost to each effect after the first; without `continuous` slopes that others hold are counted, which is
    declined where slopes are absorbed.
    """
    option = command.option("dofadjustments", least=3)
    if option is None:
        return {}
    asked = {_word(typed) for typed in (option.value or "").lower().split()} or {"all"}
    if ({"all", "none"} & asked and len(asked) > 1) or {"firstpair", "pairwise"} <= asked:
        raise DataProblem(f"dofadjustments({option.value}): these may not be combined", 198)
    if "all" in asked:
        asked = {"pairwise", "clusters", "continuous"}
    if "continuous" not in asked and any(f.kind == "continuous" for t in effects for f in t.factors):
        raise Declined(f"dofadjustments({option.value}) counts absorbed slopes that others hold: no engine here does")
    redundant = "pairwise" if "pairwise" in asked else "first_pair" if "firstpair" in asked else "levels"
    usual = {"redundant": "pairwise", "count_fixef": "nonnested"}
    found = {"redundant": redundant, "count_fixef": "nonnested" if "clusters" in asked else "full"}
    return {key: value for key, value in found.items() if value != usual[key]}


def _word(typed: str) -> str:
    for word, least in _COUNTING.items():
        if len(typed) >= least and word.startswith(typed):
            return word
    raise DataProblem(f"option dofadjustments(): {typed} is none of {', '.join(_COUNTING)}", 198)


def bandwidth_of_ivreghdfe(command: Command, kind: str, clusters: Sequence[str], time: str) -> int | None:
    """Lags of `dkraay(m)`: a bandwidth of m weighs lags up to m - 1. None where it isn't asked for.

    Raises `DataProblem`, and `Declined` for a bandwidth without it.
    """
    option, bandwidth, kernel = command.option("dkraay"), command.option("bw"), command.option("kernel")
    value = (option.value or "").strip() if option is not None else "0"
    if not value.isdigit():
        raise DataProblem("option dkraay() takes a whole number", 198)
    if int(value) == 0:
        if bandwidth is not None or kernel is not None:
            raise Declined("the option bw() or kernel() of ivreghdfe has an engine here beside dkraay() alone")
        return None
    if bandwidth is not None and (bandwidth.value or "").strip() != value:
        raise DataProblem("cannot use dkraay(.) and bw(.) options together", 198)
    if kernel is not None and kernel.value and not "bartlett".startswith(kernel.value.lower()[:3]):
        raise Declined(f"kernel({kernel.value}) has no engine here")
    if not time:
        raise DataProblem("invalid use of dkraay option - must use tsset panel data", 5)
    if kind not in ("iid", "HC1") and tuple(clusters) != (time,):
        raise DataProblem(f"invalid use of dkraay option - must cluster on {time} (or omit cluster option)", 198)
    return int(value) - 1
