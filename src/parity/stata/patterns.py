"""regexm() and regexs(): whether a pattern is found in a text, and pieces of what was found last. [FN] String functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.stata_language.dataset import DataProblem, UnknownFunction


@dataclass
class LastMatch:
    """What the last regexm() found. rows: a match or None for each row, for one text a single one; text: the statement."""

    rows: list[re.Match | None] | None = None
    one: re.Match | None = None
    text: str = ""


def matched(values: list[Any], text: str, last: LastMatch) -> Any:
    """1 where the pattern is found in the text. values: text, pattern[, ignore case]. Raises `DataProblem`."""
    if not 2 <= len(values) <= 3:
        raise DataProblem("regexm() takes a text and a pattern", 198)
    ignoring = len(values) == 3 and bool(np.any(values[2]))
    words = values[:2]
    if any(not isinstance(w, str) and np.asarray(w).dtype.kind != "O" for w in words):
        raise DataProblem("type mismatch", 109)

    def search(subject: str, pattern: str) -> re.Match | None:
        return re.search(pattern, subject, re.IGNORECASE if ignoring else 0)

    try:
        if all(isinstance(w, str) for w in words):
            last.rows, last.one, last.text = None, search(*words), text
            return np.float64(last.one is not None)
        subjects, patterns = np.broadcast_arrays(*(np.asarray(w, dtype=object) for w in words))
        last.rows = [search(*row) for row in zip(subjects.tolist(), patterns.tolist(), strict=True)]
    except re.error as error:
        raise DataProblem(f"regexm() can't read its pattern: {error}", 198) from None
    last.one, last.text = None, text
    return np.array([found is not None for found in last.rows], dtype=float)


def piece(which: Any, rows: int, text: str, last: LastMatch) -> Any:
    """The n-th group of what was found, 0 for all of it; "" where nothing was. Of rows in the same statement alone: behind
    it Stata has the last row's. Raises `DataProblem`."""
    if np.size(which) != 1 or not 0 <= float(which) <= 99:
        raise DataProblem("regexs() takes one number", 198)
    n = int(which)

    def group(found: re.Match | None) -> str:
        return (found.group(n) or "") if found is not None and n <= (found.re.groups or 0) else ""

    if last.rows is None:
        return group(last.one)
    if last.text != text or len(last.rows) != rows:
        raise UnknownFunction("regexs() of another statement's rows is not known here", 133)
    out = np.empty(rows, dtype=object)
    out[:] = [group(found) for found in last.rows]
    return out
