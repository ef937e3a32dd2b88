"""Below the column of an outcome on treatment and mediator: the test of the indirect effect, its intervals, its share.

Papers print the three equations of a mediation side by side: outcome on treatment, mediator on treatment, outcome on both.
What is said of the product stands under the third, whose coefficient of the mediator must be the analysis's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from parity.base.errors import InputError
from parity.base.tolerance import allowed
from parity.compare.agree import hold
from parity.study.spec import Spec
from parity.study.table import OF_PRODUCT, TableSettings
from parity.table.grid import EMPTY, Row
from parity.table.mediation import LABELS, MediationColumn, columns_of, statistic_cell
from parity.table.verified import Verified


def through_rows(name: str, table: TableSettings, specs: Sequence[Spec], verified: Verified) -> list[Row]:
    """A row a statistic; of two mediators in one column a row each. Raises `InputError` where no column is of both."""
    placed = [(_place(name, column, table, specs, verified), column) for column in _columns(table, verified)]
    for at, column in placed:
        _hold(name, column, specs[at], verified)
    rows = []
    for statistic in (s for s in table.shown if s in OF_PRODUCT):
        label = table.label(statistic, LABELS[statistic])
        for alike in _apart(placed):
            cells = {at: statistic_cell(statistic, column, table) for at, column in alike}
            of = f" ({table.label(alike[0][1].mediator)})" if len(alike) < len(placed) else ""
            rows.append(Row(f"{label}{of}", tuple(cells.get(i, EMPTY) for i in range(len(specs)))))
    return [Row(row.label, row.cells, rule=i == 0) for i, row in enumerate(rows)]


def analyses_of(spec: Spec, table: TableSettings, verified: Verified) -> list[str]:
    """Names of the records that stand behind what is below a column."""
    return [c.name for c in _columns(table, verified) if _is_of(c, spec)]


def _columns(table: TableSettings, verified: Verified) -> Iterator[MediationColumn]:
    for key in table.through:
        yield from columns_of(key, verified)


def _apart(placed: Sequence[tuple[int, MediationColumn]]) -> list[list[tuple[int, MediationColumn]]]:
    """Those that can share a row: all, unless two are of one column."""
    if len({at for at, _ in placed}) == len(placed):
        return [list(placed)] if placed else []
    return [[one] for one in placed]


def _is_of(column: MediationColumn, spec: Spec) -> bool:
    exog = {str(item) for item in spec.formula.exog}
    whose = str(spec.formula.outcome) == str(column.settings.outcome)
    return whose and {str(column.settings.treatment), column.mediator} <= exog


def _place(name: str, column: MediationColumn, table: TableSettings, specs: Sequence[Spec], verified: Verified) -> int:
    found = [i for i, spec in enumerate(specs) if _is_of(column, spec)]
    if len(found) != 1:
        settings = column.settings
        which = "no column is" if not found else f"{len(found)} columns are"
        message = f"{which} of `{settings.outcome}` on `{settings.treatment}` and `{column.mediator}`, under which it stands"
        raise InputError.at(str(verified.study.file), f"table.{name}.through", message)
    return found[0]


def _hold(name: str, column: MediationColumn, spec: Spec, verified: Verified) -> None:
    """Columns and analyses that are not verified are marked as such, and pass here."""
    if column.standing.trouble or verified.standing(spec).trouble:
        return
    values = verified.values(spec.id)
    theirs, own = values.get(("coef", column.mediator)), column.found.get(("effect", f"second {column.mediator}"))
    if theirs is not None and own is not None:
        size = max(abs(theirs), abs(own), values.get(("se", column.mediator)) or 0.0)
        if hold(theirs, own, allowed("exact", verified.accuracy(spec.id)) * size, size).agree:
            return
    shown = " and ".join("none" if b is None else f"{b:.6g}" for b in (own, theirs))
    message = f"`{column.mediator}` in `{column.name}` and in `{spec.id}` are other estimates: {shown}"
    raise InputError.at(str(verified.study.file), f"table.{name}.through", message)
