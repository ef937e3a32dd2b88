"""What Python's side finds in the rows of a group difference or a wild bootstrap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from parity.algebra.moments import TooMany, Undetermined, nested, products, sample
from parity.analyses.replicates.draws import Draws
from parity.analyses.resampling.difference import OUTCOME, find_difference
from parity.analyses.resampling.sample import Rows
from parity.analyses.resampling.wild import confidence_set, wild_bootstrap
from parity.base.errors import Unestimable
from parity.base.values import plain
from parity.study.analyses.resampling import DifferenceSettings, WildSettings


def find(rows: Rows, first_draws: int | None = None) -> dict[str, Any]:
    """quantity -> number, or list of replicates; with the first so many draws only, where that is asked.

    Raises `Unestimable`.
    """
    if isinstance(rows.settings, DifferenceSettings):
        draws = rows.group_draws()
        return find_difference(rows, None if draws is None else _first(draws, first_draws))
    return find_wild(rows, _first(rows.wild_draws(), first_draws))


def find_wild(rows: Rows, draws: Draws) -> dict[str, Any]:
    """t (without small-sample factor), its replicates, p, and the ends of the interval by inverting the test.

    See `parity.analyses.resampling.wild`; an end is None where the interval has none.
    """
    settings = rows.settings
    assert isinstance(settings, WildSettings)
    columns = {**rows.columns, OUTCOME: rows.y}
    # what a factor multiplies as a whole may be projected out once
    whole = rows.code if rows.clustering is None else rows.clustering.boot[rows.code]
    try:
        of = products(sample(columns, effects=rows.effects, intercept=not rows.effects,
                             within=nested(rows.effects, whole)), rows.code)  # fmt: skip
        asked = (of, OUTCOME, rows.regressors, rows.term, draws.values)
        found = wild_bootstrap(*asked, settings.null, settings.restricted, rows.clustering)
        low, high = confidence_set(*asked, settings.level, settings.restricted, rows.clustering)
    except (Undetermined, TooMany) as error:
        raise Unestimable(str(error)) from None
    return {"t": found.t, "replicate": found.replicates.tolist(), "p": found.p, "p equal": found.p_equal,
            "low": plain(low), "high": plain(high)}  # fmt: skip


def _first(draws: Draws, number: int | None) -> Draws:
    return replace(draws, values=draws.values[:number])
