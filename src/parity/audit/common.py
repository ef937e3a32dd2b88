"""`common_sample`: the rows that miss nothing that any specification of an audit reads.

A control, an outcome or an instrument that is missing in places takes its rows with it, so that specifications with and
without it differ in rows too. On the rows that all of them have, what differs is the choice alone. Conditions on rows
(`where`, `leave_out`) are choices themselves and choose among these rows; singletons go as each convention has it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.audit.same import Choice, Rows
from parity.audit.trees import joined, renamed
from parity.base.errors import ColumnProblem
from parity.data.evaluate import condition
from parity.study.formula import Call, Column, Constant, Dummies, Expr, Interaction, Item, Operation, columns_of
from parity.study.spec import Spec


@dataclass(frozen=True)
class Common:
    """condition   of the rows that miss nothing, None where none of the audited spec's misses anything
    rows, lost     of those that the audited spec's own columns leave: how many are in, and out
    why            what is missing where -> in how many of these rows, the most first
    printed        the audited spec without the condition
    """

    condition: Expr | None
    rows: int
    lost: int
    why: tuple[tuple[str, int], ...]
    printed: Spec

    def said(self) -> str:
        """What it does to the audited specification."""
        if not self.lost:
            return f"`common_sample`: every specification has the {self.rows:,} rows of the audited one to choose from."
        why = ", ".join(f"{name} is missing in {count:,}" for name, count in self.why)
        return (
            "`common_sample`: every specification, the audited one too, is on rows that miss nothing that any one reads, "
            f"{self.rows:,} without {self.lost:,} that the audited one has of its own ({why})."
        )


def common(spec: Spec, fixed: Sequence[Item], choices: Sequence[Choice], rows: Rows) -> Common:
    """fixed: controls that are always in; rows: those of the audited spec's own condition."""
    formula = spec.formula
    by_role: dict[str, list[Any]] = {}
    for choice in choices:
        by_role.setdefault(choice.role, []).extend(choice.of if choice.role == "control" else choice.values)
    trees = [formula.outcome, *formula.exog, *formula.endog, *formula.instruments, *fixed]
    trees += [*by_role.get("outcome", ()), *by_role.get("treatment", ()), *by_role.get("control", ())]
    trees += [item for option in by_role.get("instruments", ()) for item in option]
    exchanged = {c.of: c.values for c in choices if c.role == "column"}
    every = [t for tree in trees for t in _exchanged(tree, exchanged)]
    effects = [e for option in (formula.effects, *by_role.get("absorb", ())) for e in option]
    columns = [c for e in effects for c in e.columns]
    columns += [c for vcov in (spec.vcov, *by_role.get("vcov", ())) for c in vcov.cluster]
    weights = [w for w in (spec.weights, *by_role.get("weights", ())) if w is not None]
    read = [*(e for tree in every for e in _expressions(tree)), *map(Column, columns)]
    wanted: list[Expr] = [Operation("not", (Call("is_missing", (e,)),)) for e in dict.fromkeys(read)]
    wanted += [Operation(">", (Column(w.column), Constant(0))) for w in dict.fromkeys(weights)]

    own = rows.complete(
        [formula.outcome, *formula.exog, *formula.endog, *formula.instruments], formula.effects, spec.weights
    )
    kept, missing, held = own.copy(), {}, []
    for one in wanted:
        mask = _mask(one, rows)
        if mask is None or not (rows.own & ~mask).any():
            continue
        held.append(one)
        kept &= mask
        if count := int((own & ~mask).sum()):
            of = one.args[0].args[0] if one.op == "not" else one.args[0]
            missing[f"`{str(of).strip('`')}`"] = count
    why = tuple(sorted(missing.items(), key=lambda item: -item[1]))
    return Common(joined(held), int(kept.sum()), int((own & ~kept).sum()), why, spec)


def _mask(one: Expr, rows: Rows) -> np.ndarray | None:
    """None where it can't be evaluated: what is wrong with it is said of its specifications."""
    try:
        return condition(one, rows.frame, rows.panel)
    except ColumnProblem:
        return None


def _exchanged(tree: Item | Expr, by: Mapping[str, Sequence[str]]) -> Iterator[Item | Expr]:
    """A tree with each column as every option of the choice about it has it."""
    mine = [c for c in dict.fromkeys(columns_of(tree)) if c in by]
    for values in itertools.product(*(by[c] for c in mine)):
        yield renamed(tree, dict(zip(mine, values, strict=True)))


def _expressions(item: Item | Expr) -> Iterable[Expr]:
    """What an item is missing where these are."""
    match item:
        case Dummies(group, by):
            return [group] if by is None else [group, by]
        case Interaction(factors):
            return [e for factor in factors for e in _expressions(factor)]
    return [item] if any(columns_of(item)) else []
