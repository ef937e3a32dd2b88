"""An index or a derived column as named numbers, and the comparison of two sides' numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from parity.base.tolerance import COUNT, INDEX, TIE
from parity.compare.agree import Held, comparison, hold, known
from parity.data.derive.index import IndexScores, Rows
from parity.data.derive.ranks import ranks
from parity.results.record import Comparison

#: quantity -> what it is of -> values. `score`, `rank`, `dimension`, `column` have one value per row; `weight`,
#: `entropy`, `between` one per group of rows that fixes weights (one if pooled, one per year).
Numbers = Mapping[str, Mapping[str, np.ndarray]]

#: Quantities with a value per row of the data.
BY_ROW = ("score", "rank", "dimension", "column")
#: What is made with the weights.
WEIGHTED = ("weight", "between", "score", "dimension")


def index_numbers(made: IndexScores, rows: Rows) -> Numbers:
    """What is compared of an index."""
    return {
        "score": {"": made.scores},
        "rank": {"": ranks(made.scores, rows.time, TIE)},
        "dimension": made.dimensions,
        "weight": by_name(made.weights),
        "entropy": by_name(made.entropies),
        "between": by_name(made.between),
    }


def weights_of(made: IndexScores) -> dict[str, dict[str, float]]:
    """weight, entropy, between -> indicator or dimension -> number; `NAME:LABEL` where each year has its own."""
    kinds = {"weight": made.weights, "entropy": made.entropies, "between": made.between}
    return {
        quantity: {
            f"{name}:{label}" if len(by_label) > 1 else name: value
            for label, values in by_label.items()
            for name, value in values.items()
        }
        for quantity, by_label in kinds.items()
    }


def by_name(by_label: Mapping[str, Mapping[str, float]]) -> dict[str, np.ndarray]:
    """label -> name -> value as name -> values in the order of labels."""
    labels = sorted(by_label)
    names = by_label[labels[0]] if labels else ()
    return {name: np.array([by_label[label][name] for label in labels]) for name in names}


def compare_numbers(reference: Numbers, candidate: Numbers, rows: Sequence[str]) -> Comparison:
    """Every number on the scale of its kind; what only one side has is a difference. rows: a name for each row."""
    held: list[tuple[str, str, float | None, float | None, Held]] = []
    cancelled = _cancelled(reference)
    for quantity in dict.fromkeys([*reference, *candidate]):
        ours, theirs = reference.get(quantity, {}), candidate.get(quantity, {})
        for term in dict.fromkeys([*ours, *theirs]):
            a, b = ours.get(term), theirs.get(term)
            if a is None or b is None or len(a) != len(b):
                held.append((quantity, term, _first(a), _first(b), Held(False, 0.0, 0.0)))
                continue
            scale = max(_largest(a), _largest(b)) if quantity in BY_ROW else max(1.0, _largest(a), _largest(b))
            if quantity == "dimension":  # a part of the score, in which opposite signs may nearly cancel
                scale = max(scale, *(_largest(x) for x in reference.get("score", {}).values()), 0.0)
            if quantity in WEIGHTED:
                scale *= cancelled
            limit = COUNT if quantity == "rank" else INDEX * scale
            for place, (x, y) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
                name = f"{term} {rows[place]}".strip() if quantity in BY_ROW else term
                found = hold(known(x), known(y), limit, scale if scale > 0 else 1.0, infinite=False)
                held.append((quantity, name, x, y, found))
    result = comparison(held)
    return result if held else result.model_copy(update={"digits": 0.0})


def _cancelled(numbers: Numbers) -> float:
    """Sum of the absolute weights where they sum to one; above one only if some are negative.

    A floor below shares gives entropies above one, hence negative dispersions. Weights are dispersions over their sum, and
    where these cancel in it, its rounding error grows by this factor, and with it that of every weight and score.
    """
    below = [np.minimum(w, 0.0) for w in numbers.get("weight", {}).values()]
    return 1.0 - 2.0 * float(np.min(np.nansum(below, axis=0), initial=0.0)) if below else 1.0


def _largest(x: np.ndarray) -> float:
    known = np.abs(x[~np.isnan(x)])
    return float(known.max()) if len(known) else 0.0


def _first(x: np.ndarray | None) -> float | None:
    return None if x is None else float(x[0]) if len(x) else float("nan")
