"""Formulas with parts exchanged: a transformed regressor stands under the name the other side knows it by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from parity.diagnose.scenario import Scenario
from parity.study.formula import Call, Formula, Interaction, Operation

Exchange = Callable[[Any], Any]


def exchanged(node: Any, change: Exchange) -> Any:
    """A tree with `change` applied to every node, innermost first."""
    match node:
        case Call(function, args):
            node = Call(function, tuple(exchanged(a, change) for a in args))
        case Operation(op, args):
            node = Operation(op, tuple(exchanged(a, change) for a in args))
        case Interaction(factors):
            node = Interaction(tuple(exchanged(f, change) for f in factors))
    return change(node)


def with_items(scenario: Scenario, change: Exchange) -> Scenario:
    """The scenario whose outcome, regressors and instruments are exchanged; terms keep their old names."""
    f = scenario.spec.formula
    new = replace(
        f,
        outcome=exchanged(f.outcome, change),
        exog=tuple(exchanged(i, change) for i in f.exog),
        endog=tuple(exchanged(i, change) for i in f.endog),
        instruments=tuple(exchanged(i, change) for i in f.instruments),
    )
    if new == f or not distinct(new):
        return scenario
    changed = scenario.with_spec(formula=new)
    for old, now in zip((*f.exog, *f.endog), (*new.exog, *new.endog), strict=True):
        changed = changed.renamed(str(now), str(old))
    return changed


def distinct(formula: Formula) -> bool:
    items = [str(i) for i in (formula.outcome, *formula.exog, *formula.endog, *formula.instruments)]
    return len(set(items)) == len(items)


def found(scenario: Scenario, wanted: Callable[[Any], bool]) -> tuple[Any, ...]:
    """Distinct nodes of the formula's outcome, regressors and instruments that are wanted."""
    seen: dict[Any, None] = {}

    def look(node: Any) -> Any:
        if wanted(node):
            seen[node] = None
        return node

    f = scenario.spec.formula
    for item in (f.outcome, *f.exog, *f.endog, *f.instruments):
        exchanged(item, look)
    return tuple(seen)


def found_in(node: Any) -> tuple[Any, ...]:
    """All nodes of a tree below its root."""
    seen: dict[Any, None] = {}

    def look(inner: Any) -> Any:
        seen[inner] = None
        return inner

    exchanged(node, look)
    return tuple(n for n in seen if n != node)
