"""Random draws, made once and written to a file that every language reads: replicates then agree draw by draw.

The file is plain text, in UTF-8 and with tabs: a line that says what it holds, a line with the names of the clusters,
and one line a draw. Clusters are numbered from 1 in the order of the second line. In R:
`matrix(scan(file, skip = 2), nrow = draws, byrow = TRUE)`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from parity.base.errors import Unestimable

Kind = Literal["bootstrap", "groups", "wild", "normal"]
FORMAT = "parity-draws/1"

#: Webb's six points (Webb 2014): a wild bootstrap of few clusters with more than two values each.
WEBB = (-math.sqrt(1.5), -1.0, -math.sqrt(0.5), math.sqrt(0.5), 1.0, math.sqrt(1.5))


@dataclass(frozen=True)
class Draws:
    """Draws of one kind; B draws of G clusters.

    kind     bootstrap: (B, G) clusters drawn with replacement; groups: (B, k) clusters that make up the first group;
             wild: (B, G) factors of the residuals; normal: (B, k) standard normal numbers
    labels   names of the clusters
    values   clusters count from 0 here and from 1 in the file
    seed     None where all possible draws are enumerated
    """

    kind: Kind
    labels: tuple[str, ...]
    values: np.ndarray
    seed: int | None


def bootstrap_draws(labels: Sequence[object], draws: int, seed: int) -> Draws:
    """Whole clusters with replacement, as many as there are."""
    g = len(labels)
    return Draws("bootstrap", _texts(labels), _generator(seed).integers(0, g, (draws, g)), seed)


def group_draws(labels: Sequence[object], size: int, draws: int, seed: int) -> Draws:
    """Which `size` clusters make up the first of two groups (Fisher's permutation); all ways where they are no more
    than `draws`."""
    g = len(labels)
    if not 0 < size < g:
        raise ValueError(f"a group of {size} of {g} clusters leaves nothing to compare")
    if math.comb(g, size) <= draws:
        return Draws("groups", _texts(labels), np.array(list(itertools.combinations(range(g), size))), None)
    order = _generator(seed).permuted(np.tile(np.arange(g), (draws, 1)), axis=1)
    return Draws("groups", _texts(labels), np.sort(order[:, :size], axis=1), seed)


def wild_draws(
    labels: Sequence[object], draws: int, seed: int, points: Literal["rademacher", "webb"] = "rademacher"
) -> Draws:
    """Factors of the clusters' residuals; all 2^G combinations of signs where they are no more than `draws`."""
    g = len(labels)
    if points == "rademacher" and 2**g <= draws:
        signs = np.array(list(itertools.product((1.0, -1.0), repeat=g)))
        return Draws("wild", _texts(labels), signs, None)
    values = np.array((-1.0, 1.0) if points == "rademacher" else WEBB)
    return Draws("wild", _texts(labels), values[_generator(seed).integers(0, len(values), (draws, g))], seed)


def normal_draws(names: Sequence[object], draws: int, seed: int) -> Draws:
    """Independent standard normal numbers, for Monte Carlo intervals."""
    return Draws("normal", _texts(names), _generator(seed).standard_normal((draws, len(names))), seed)


def _generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def _texts(labels: Sequence[object]) -> tuple[str, ...]:
    texts = tuple(map(str, labels))
    if len(set(texts)) != len(texts):
        raise Unestimable("two clusters have one name")
    wrong = next((t for t in texts if any(c in t for c in "\t\r\n")), None)
    if wrong is not None:
        raise Unestimable(f"the name {wrong!r} holds a tab or a line break")
    return texts


# ---------------------------------------------------------------- the file


def write_draws(draws: Draws, file: Path) -> None:
    """Write the file that all sides read."""
    seed = "enumerated" if draws.seed is None else f"seed {draws.seed}, PCG64"
    if draws.kind in ("bootstrap", "groups"):
        rows = ["\t".join(map(str, row)) for row in (draws.values + 1).tolist()]
    else:
        rows = ["\t".join(map(repr, row)) for row in draws.values.tolist()]
    text = "\n".join([f"{FORMAT}\t{draws.kind}\t{seed}", "\t".join(draws.labels), *rows])
    file.write_bytes((text + "\n").encode())
