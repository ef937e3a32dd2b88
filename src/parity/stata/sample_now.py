"""Where the rows of an estimation stand now: e(sample) is the rows', whatever order they are in, and whichever are left."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from parity.stata.results import Results

if TYPE_CHECKING:
    from parity.stata.session import Session

_TOKENS = itertools.count(1)


def marked(session: Session) -> int:
    """A token under which the data know from here on where each row stands now; that of before where none has moved."""
    data = session.there
    for token, at in data.places.items():
        if len(at) == data.rows and np.array_equal(at, np.arange(data.rows)):
            return token
    token = next(_TOKENS)
    session.data = replace(data, places={**data.places, token: np.arange(data.rows)})
    return token


def places(session: Session, e: Results) -> NDArray[np.int64] | None:
    """Of each row of the data its place at the estimation, -1 where it wasn't there; None where the data are others."""
    if session.data is None or e.sample is None:
        return None
    at = session.data.places.get(e.token)
    if at is not None and len(at) == session.data.rows:
        return at
    return np.arange(len(e.sample)) if len(e.sample) == session.data.rows else None


def sample(session: Session, e: Results) -> NDArray[np.bool_] | None:
    """e(sample) of the rows as they stand now; None where the data are others than those of the estimation."""
    at = places(session, e)
    return None if at is None else carried(e.sample, at, absent=False)


def carried(values: NDArray, at: NDArray[np.int64], *, absent: object) -> NDArray:
    """Values by their rows at the estimation, in today's order; `absent` where a row wasn't there."""
    if not len(values):
        return np.full(len(at), absent)
    return np.where(at >= 0, values[np.maximum(at, 0)], absent)
