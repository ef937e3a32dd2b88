"""Trees of a study's text with other columns in them, and conditions joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from parity.study.formula import Call, Column, Dummies, Expr, Interaction, Member, Operation


def renamed(node: Any, named: Mapping[str, str]) -> Any:
    """A tree with columns exchanged by name."""
    if not named:
        return node
    match node:
        case Column(name):
            return Column(named.get(name, name))
        case Call(function, args):
            return Call(function, tuple(renamed(a, named) for a in args))
        case Operation(op, args):
            return Operation(op, tuple(renamed(a, named) for a in args))
        case Member(arg, values, negated):
            return Member(renamed(arg, named), values, negated)
        case Dummies(group, by, ref):
            return Dummies(renamed(group, named), renamed(by, named), ref)
        case Interaction(factors):
            return Interaction(tuple(renamed(f, named) for f in factors))
    return node


def joined(conditions: Sequence[Expr]) -> Expr | None:
    """All of the conditions at once."""
    whole: Expr | None = None
    for condition in conditions:
        whole = condition if whole is None else Operation("and", (whole, condition))
    return whole
