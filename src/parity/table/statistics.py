"""The rows at the foot of a table of specs: counts, fit, diagnostics of instruments. Those of wild bootstraps: `wild`."""

from __future__ import annotations

from collections.abc import Sequence

from parity.base.quantities import QUANTITIES
from parity.study.spec import Spec
from parity.study.table import OF_INSTRUMENTS, Statistic, TableSettings
from parity.table.grid import EMPTY, Cell, Row
from parity.table.numbers import decimals, probability, whole
from parity.table.verified import Verified

#: Statistic -> its quantity.
ROWS = {q.table: q for q in QUANTITIES if q.table}


def statistic_row(name: Statistic, table: TableSettings, specs: Sequence[Spec], verified: Verified) -> Row:
    cells = tuple(_cell(name, table, spec, verified) for spec in specs)
    return Row(table.label(name, label_of(name, specs)), cells)


def label_of(name: Statistic, specs: Sequence[Spec]) -> str:
    """Of a row, as the errors of the specs are."""
    given = ROWS[name].row
    if isinstance(given, str):
        return given
    kinds = {spec.vcov.kind == "iid" for spec in specs if spec.diagnostics}
    return given[2] if len(kinds) > 1 else given[0] if kinds == {True} else given[1]


def _cell(name: Statistic, table: TableSettings, spec: Spec, verified: Verified) -> Cell:
    if name in OF_INSTRUMENTS:
        return _diagnostic(name, table, spec, verified)
    values = verified.values(spec.id)
    if name in ("nobs", "df_resid"):
        return Cell(whole(values.get((name, ""))))
    if name == "clusters":
        return Cell(" × ".join(whole(values.get((name, c))) for c in spec.vcov.cluster))
    value = Cell(decimals(values.get((name, "")), table.digits))
    if name == "hausman" and value.text:
        return Cell(value.text, below=f"[{probability(values.get(('hausman_p', '')), table.digits)}]")
    return value


def _diagnostic(name: Statistic, table: TableSettings, spec: Spec, verified: Verified) -> Cell:
    found = verified.numbers(f"diagnostics.{spec.id}")
    if not found:
        return EMPTY
    if name == "stock_yogo":
        return Cell(decimals(found.get((name, "size 10%")), 2))
    quantity = ROWS[name].name
    if name == "first_stage_f":
        values = [v for (q, _), v in found.items() if q == quantity]
        return Cell("; ".join(decimals(v, table.digits) for v in values))
    p = found.get((f"{quantity} p", ""))
    return Cell(decimals(found.get((quantity, "")), table.digits),
                below=f"[{probability(p, table.digits)}]" if p is not None else "")  # fmt: skip
