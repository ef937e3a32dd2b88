"""A spatial model in words: what was estimated, and what its weights are like, which a reader checks before all else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parity.base.errors import some_of

if TYPE_CHECKING:
    from parity.analyses.spatial.sample import Sample

_MODELS = {"lag": "spatial lag", "error": "spatial error", "durbin": "spatial Durbin"}
_EFFECTS = {"none": "no effects", "unit": "effects of units", "time": "effects of periods",
            "both": "effects of units and periods"}  # fmt: skip
_ROWS = {"row": "rows of W sum to one", "spectral": "W over its largest eigenvalue", "none": "W as given"}
_TRANSFORMATIONS = {
    "within": "of all demeaned rows, N T",
    "orthonormal": "of the rows that the effects leave (Lee and Yu 2010)",
}
_INFORMATION = {"expected": "of the expected information", "observed": "of the Hessian at the maximum"}


def in_a_line(s: Sample) -> str:
    """Below a table."""
    model, rows = _MODELS[s.settings.model], _ROWS[s.settings.standardise]
    return f"{model} model, {len(s.units)} x {len(s.periods)}, {_EFFECTS[s.effects]}, {rows}"


def in_words(s: Sample, space: tuple[float, float]) -> dict[str, str]:
    """What a page says: name -> text. space: the ends between which rho or lambda lies."""
    links = s.given > 0.0
    np.fill_diagonal(links, False)
    of_unit = links.sum(axis=1)
    alone = [unit for unit, n in zip(s.units, of_unit, strict=True) if not n]
    same = np.array_equal(s.given, s.given.T)
    said = [
        f"{len(s.units)} units, {int(links.sum())} links",
        f"{of_unit.min()} to {of_unit.max()} neighbours each, {of_unit.mean():.1f} on average",
        "symmetric as given" if same else "not symmetric as given",
        f"{len(_parts(links))} parts that no link joins" if len(_parts(links)) > 1 else "all units linked, directly or not",
    ]
    said += [f"without neighbours: {some_of(alone)}"] if alone else []
    own = "lambda" if s.settings.model == "error" else "rho"
    sums = s.w.sum(axis=1)
    rows = f"{_ROWS[s.settings.standardise]}; sums of its rows from {sums.min():.4g} to {sums.max():.4g}"
    return {
        "Model": f"{_MODELS[s.settings.model]}, of spec {s.settings.spec}, {_EFFECTS[s.effects]}",
        "Weights": f"{s.settings.weights}: {', '.join(said)}",
        "Matrix W": f"{rows}; {own} lies between {space[0]:.4g} and {space[1]:.4g}",
        "Likelihood": _TRANSFORMATIONS[s.settings.transformation],
        "Standard errors": _INFORMATION[s.settings.information],
    }


def _parts(links: np.ndarray) -> list[set[int]]:
    """Units that links join, whichever way they go."""
    left, parts = set(range(len(links))), []
    both = links | links.T
    while left:
        part, new = set(), {left.pop()}
        while new:
            part |= new
            new = {int(j) for i in new for j in np.flatnonzero(both[i])} - part
        left -= part
        parts.append(part)
    return parts
