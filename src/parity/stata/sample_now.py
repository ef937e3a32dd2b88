"""Where the rows of an estimation stand now: e(sample) is the rows', whatever order they are in, and whichever are left."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from parity.stata.results import Results
from parity.stata_language.dataset import Dataset

_TOKENS = itertools.count(1)


def marked(data: Dataset) -> tuple[int, Dataset]:
    """A token under which the data know from here on where each row stands now; that of before where none has moved."""
    for token, at in data.places.items():
        if len(at) == data.rows and np.array_equal(at, np.arange(data.rows)):
            return token, data
    token = next(_TOKENS)
    return token, replace(data, places={**data.places, token: np.arange(data.rows)})


def places(data: Dataset | None, e: Results) -> NDArray[np.int64] | None:
    """Of each row of the data its place at the estimation, -1 where it wasn't there; None where the data are others."""
    if data is None or e.sample is None:
        return None
    at = data.places.get(e.token)
    if at is not None and len(at) == data.rows:
        return at
    return np.arange(len(e.sample)) if len(e.sample) == data.rows else None


def sample(data: Dataset | None, e: Results) -> NDArray[np.bool_] | None:
    """e(sample) of the rows as they stand now; None where the data are others than those of the estimation."""
    at = places(data, e)
    return None if at is None else carried(e.sample, at, absent=False)


def carried(values: NDArray, at: NDArray[np.int64], *, absent: object) -> NDArray:
    """Values by their rows at the estimation, in today's order; `absent` where a row wasn't there."""
    if not len(values):
        return np.full(len(at), absent)
    return np.where(at >= 0, values[np.maximum(at, 0)], absent)
