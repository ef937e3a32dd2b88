"""The diagnosis asked about a printed column: which convention, sample or model gives its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from parity.base.quantities import OF_TERMS
from parity.base.terms import of_equation
from parity.base.tolerance import PRINTED_RATIO
from parity.package.by_chance import Told
from parity.package.verdict import Cause, Judged

if TYPE_CHECKING:
    from parity.diagnose import Explanation
    from parity.package.estimates import Estimated
    from parity.package.work import Search

#: Columns of the data set beside those of the model that a cause may take, and rows above which none is searched.
MOST_COLUMNS, MOST_ROWS = 40, 200_000
#: Levels of stars are a whole table's, which are known before (`stars.stars_of`): one column has none of its own.
LEVELS = "stars-at-other-levels"


def diagnosed(cells: Sequence[Judged], e: Estimated, cuts: tuple[float, ...] | None, search: Search) -> Told | None:
    """One column, explained by causes of the catalogue that give every number of it together; None where none do.

    Stars count as numbers first; where nothing gives them too, they are asked about no more, and those that are wrong stay.
    A solution that needs a slip of a single number is none here.
    """
    found = _asked(cells, e, cuts, search)
    if found is None and cuts and not search.over:
        found = _asked(cells, e, None, search)
    return found


def _asked(cells: Sequence[Judged], e: Estimated, cuts: tuple[float, ...] | None, search: Search) -> Told | None:
    """None where nothing explains them."""
    from parity.base.errors import InputError
    from parity.diagnose import TargetNumber, explain_targets
    from parity.stata_language.request import Declined

    try:
        resolved = e.source.resolved
    except (Declined, AttributeError):
        return None
    if not hasattr(e.source.estimated, "outcomes") and any(":" in c.term for c in cells):
        return None  # of several equations that are no outcomes: a spec's terms aren't told by these names
    back = {stata: parity for parity, stata in resolved.names.items()}
    targets: list[TargetNumber] = []
    held: list[Judged] = []
    hidden = {"_cons"} if resolved.spec.formula.effects else set()  # the constant beside absorbed effects is no term there
    for c in cells:
        if c.verdict == "not verified" or c.term in hidden:
            continue
        if c.row is not None and c.quantity in OF_TERMS:
            text = c.cell.number.text if c.cell.number else ""
            text = _bare(text) + "*" * (c.cell.stars if cuts and c.quantity == "coef" else 0)
            targets.append(TargetNumber(c.quantity, _of_spec(c.term, e, back), text))  # type: ignore[arg-type]
            held.append(c)
        elif c.row is None and c.quantity == "nobs":
            targets.append(TargetNumber("nobs", "", _bare(c.cell.number.text if c.cell.number else "")))
    if not targets or resolved.frame.shape[0] > MOST_ROWS:
        return None

    def watch(causes: int, scenarios: int) -> None:
        search.step()

    def ask() -> Explanation | None:
        try:
            return explain_targets(
                resolved.study, resolved.spec, _frame(e, resolved), targets, stars=cuts or (0.1, 0.05, 0.01), most=2,
                printed_by="stata", watch=watch,
            )  # fmt: skip
        except (InputError, ValueError, KeyError, ArithmeticError):
            return None

    found = search.once((id(e.source), tuple(targets), cuts), ask)
    if found is None or not found.causes:
        return None
    solution = found.causes[0]
    if any(c.id in _SLIPS() or c.id == LEVELS for c in solution.causes):
        return None
    others = len(found.causes) - 1
    causes = tuple(
        Cause(
            c.id, c.sentence + (f" ({others} other cause{'s' * (others > 1)} would give the same digits)" if others else "")
        )
        for c in solution.causes
    )
    ratio = _ratio(held)
    told = tuple(
        c.explained(*causes)
        if c.verdict == "differs" and (c.term not in hidden or _scaled(c, ratio)) and (cuts or "stars" not in _ids(c))
        else c
        for c in cells
    )
    return Told(told, causes, solution.chance)


def _of_spec(term: str, e: Estimated, back: Mapping[str, str]) -> str:
    """A Stata name as the spec's: `Prepaid:age` is `2:age`. back: of columns"""
    equation, several, name = term.rpartition(":")
    if not several:
        return back.get(term, term)
    held = e.source.estimated
    value = held.outcomes[held.equations.index(equation)]
    return of_equation(f"{value:.15g}", back.get(name, name))


def _ids(cell: Judged) -> set[str]:
    return {c.id for c in cell.causes}


def _ratio(cells: Sequence[Judged]) -> dict[str, float]:
    """By how much a convention multiplies what it moves: of each quantity, of the number with most digits."""
    best: dict[str, tuple[float, float]] = {}
    for c in cells:
        if c.verdict == "differs" and c.quantity in ("se", "t") and c.estimated and c.cell.number is not None:
            precision = abs(c.cell.number.value) / (2 * c.cell.number.half_unit)
            if precision > best.get(c.quantity, (0.0, 0.0))[0]:
                best[c.quantity] = (precision, abs(c.cell.number.value / c.estimated))
    return {quantity: ratio for quantity, (_, ratio) in best.items()}


def _scaled(cell: Judged, ratio: dict[str, float]) -> bool:
    """Whether a number is its estimate times that, within the digits of both."""
    if cell.quantity not in ratio or cell.estimated is None or cell.cell.number is None:
        return False
    allowed = cell.cell.number.allowed + abs(cell.estimated) * PRINTED_RATIO
    return abs(abs(cell.estimated) * ratio[cell.quantity] - abs(cell.cell.number.value)) <= allowed


def _SLIPS() -> frozenset[str]:
    from parity.diagnose.catalogue import CAUSES

    return frozenset(c.id for c in CAUSES if c.one_number)


def _bare(text: str) -> str:
    kept = "".join(ch for ch in text if ch.isdigit() or ch in "-−.eE+")
    return kept.replace("−", "-")


def _frame(e: Estimated, resolved):
    """The spec's frame with the data set's other numeric columns, which a cause may take in a regressor's place."""
    frame = resolved.frame
    data = e.source.data
    more = {}
    for name, column in data.columns.items():
        if name not in frame.columns and not column.text and len(more) < MOST_COLUMNS:
            more[name] = column.values[resolved.rows]
    if not more:
        return frame
    import pandas as pd

    return pd.concat([frame, pd.DataFrame(more, index=frame.index)], axis=1)
