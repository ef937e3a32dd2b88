"""Controls by Yes and No, and regressors that a column's formula names but its sample can't tell from others."""

from __future__ import annotations

from collections.abc import Sequence

from parity.study.formula import Dummies, Item, has_dummies
from parity.study.spec import Spec
from parity.study.table import TableSettings
from parity.table.numbers import listed, ranges
from parity.table.verified import Verified


def written(controls: Sequence[str], spec: Spec, verified: Verified) -> list[str]:
    """Terms of a spec that the controls name, also as `i(year)` or as one of the terms that it makes."""
    items = _items(spec)
    terms = verified.terms(spec.id)
    return [t for c in controls for t in terms if t == c or (c in items and _made_by(items[c], t))]


def control_word(controls: Sequence[str], spec: Spec, table: TableSettings, verified: Verified) -> str:
    """Yes, No, Partly, or Absorbed where fixed effects or other regressors leave nothing of those that it has.

    Controls of one label, as one and its winsorised form, are one control.
    """
    there = [c for c in controls if c in _items(spec) or c in verified.terms(spec.id)]
    if not there:
        return "No"
    if len(there) == len(controls):
        return "Absorbed" if all(_lost(c, spec, verified) for c in there) else "Yes"
    if all(_lost(c, spec, verified) for c in there):
        return "Absorbed"
    own, every = ({table.labels.get(c, f"term {c}") for c in of} for of in (there, controls))
    return "Yes" if own == every and not _apart(controls, table, verified) else "Partly"


def _apart(controls: Sequence[str], table: TableSettings, verified: Verified) -> bool:
    """Whether a column has two controls of one label, so that they are not two forms of one."""
    for spec in (verified.study.spec(name) for name in table.specs):
        labels = [table.labels.get(c, c) for c in controls if c in _items(spec) or c in verified.terms(spec.id)]
        if len(labels) > len(set(labels)):
            return True
    return False


def lost_notes(table: TableSettings, terms: Sequence[str], specs: Sequence[Spec], verified: Verified) -> list[str]:
    """What the columns' formulas name and their estimates lack; terms: those shown."""
    named = dict.fromkeys([*terms, *(c for controls in table.controls.values() for c in controls)])
    at = {c: [i for i, spec in enumerate(specs, 1) if _lost(c, spec, verified)] for c in named}
    said = [table.says("in", table.label(c), ranges(columns, table.language)) for c, columns in at.items() if columns]
    return [table.says("note.lost", listed(said, table.language))] if said else []


def _lost(name: str, spec: Spec, verified: Verified) -> bool:
    """Whether the spec has the regressor and an estimate, and all that it makes was left out of that."""
    item = _items(spec).get(name)
    if item is None or written([name], spec, verified):
        return False
    out = any(t == name or _made_by(item, t) for t in verified.dropped(spec.id))
    return out or bool(verified.terms(spec.id) and not has_dummies(item))


def _items(spec: Spec) -> dict[str, Item]:
    return {str(item): item for item in (*spec.formula.exog, *spec.formula.endog)}


def _made_by(item: Item, term: str) -> bool:
    if not isinstance(item, Dummies):
        return False
    return term.startswith(f"{item.group}::") and (item.by is None or term.endswith(f":{item.by}"))
