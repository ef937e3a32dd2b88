"""Spatial weights W of a study: a CSV file as a square or as pairs, brought to the units of a sample."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import connected_components

from parity.base.errors import InputError, Unestimable, some_of, suggest
from parity.study.analyses.spatial import SpatialSettings


def read_weights(path: Path, settings: SpatialSettings, units: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """(N, N), neighbours of a unit in its row, as in the file; and notes. Units beside those of the sample are left out.

    Raises `InputError` where the file can't be read, or lacks a unit of the sample.
    """
    lines = _lines(path)
    head, body = lines[0][1], lines[1:]
    square = len(head) == len(body) + 1 and [row[0] for _, row in body] == head[1:]
    entries = _of_square(path, head, body) if square else _of_pairs(path, head, body, settings.symmetric)
    there = dict.fromkeys(u for pair in entries for u in pair) if not square else dict.fromkeys(head[1:])
    missing = [u for u in units if u not in there]
    if missing and (square or len(missing) == len(units)):
        near = suggest(missing[0], there)
        raise InputError.at(
            str(path), "", f"it has no weights of {some_of(missing)}{near or f'; it has {some_of(list(there))}'}"
        )
    at = {u: i for i, u in enumerate(units)}
    w = np.zeros((len(units), len(units)))
    for (one, other), weight in entries.items():
        if one in at and other in at:
            w[at[one], at[other]] = weight
    beside = [u for u in there if u not in at]
    notes = (f"weights of {some_of(beside)} left out: not in the sample",) if beside else ()
    return w, notes


def standardised(w: np.ndarray, settings: SpatialSettings, units: Sequence[str]) -> np.ndarray:
    """With the diagonal and the sums that the settings say.

    Raises `Unestimable` where the diagonal holds what it mustn't, or nothing comes back to any unit, so that rho has no end.
    """
    own = [u for u, x in zip(units, np.diag(w), strict=True) if x != 0.0]
    if own and settings.diagonal == "none":
        raise Unestimable(f'weights: {some_of(own)} would be own neighbours; say diagonal = "dropped" or "kept"')
    w = w.copy()
    if settings.diagonal == "dropped":
        np.fill_diagonal(w, 0.0)
    elif settings.diagonal == "ones":
        np.fill_diagonal(w, 1.0)
    if connected_components(w != 0, connection="strong")[0] == len(w) and not np.diag(w).any():
        raise Unestimable("weights: no unit is a neighbour of its neighbours, over whatever way; W has no eigenvalue but 0")
    if settings.standardise == "row":
        sums = w.sum(axis=1)
        return w / np.where(sums > 0.0, sums, 1.0)[:, None]
    if settings.standardise == "spectral":
        return w / np.abs(np.linalg.eigvals(w)).max()
    return w


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Rows that hold anything, with their numbers in the file."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError.at(str(path), "", f"not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise InputError.at(str(path), "", f"can't be read: {error.strerror}") from None
    try:
        rows = [(i, [c.strip() for c in row]) for i, row in enumerate(csv.reader(text.splitlines()), 1)]
    except csv.Error as error:
        raise InputError.at(str(path), "", f"not CSV: {error}") from None
    rows = [(i, row) for i, row in rows if any(row)]
    if len(rows) < 2 or len(rows[0][1]) < 2:
        shape = "a square with units in the first line and column, or lines of unit, neighbour"
        raise InputError.at(str(path), "", f"no weights in it; write {shape}")
    return rows


def _of_square(path: Path, head: list[str], body: list[tuple[int, list[str]]]) -> dict[tuple[str, str], float]:
    names = head[1:]
    double = next((n for n in names if names.count(n) > 1), None)
    if double is not None:
        raise InputError.at(str(path), "", f"`{double}` has two columns")
    out = {}
    for i, row in body:
        if len(row) != len(head):
            raise InputError.at(str(path), f"line {i}", f"{len(row)} cells, the first line has {len(head)}")
        for other, cell in zip(names, row[1:], strict=True):
            out[row[0], other] = _weight(path, i, cell)
    return out


def _of_pairs(
    path: Path, head: list[str], body: list[tuple[int, list[str]]], symmetric: bool
) -> dict[tuple[str, str], float]:
    if len(head) not in (2, 3):
        why = "it is no square: the units of the first line and those of the first column differ"
        raise InputError.at(str(path), "", f"{why}; pairs have two or three columns")
    out: dict[tuple[str, str], float] = {}
    for i, row in body:
        if len(row) != len(head) or not (row[0] and row[1]):
            raise InputError.at(str(path), f"line {i}", f"{len(head)} cells are needed, units in the first two")
        weight = _weight(path, i, row[2]) if len(row) == 3 else 1.0
        for pair in [(row[0], row[1]), (row[1], row[0])][: 1 + symmetric]:
            if out.get(pair, weight) != weight:
                raise InputError.at(str(path), f"line {i}", f"{pair[0]} and {pair[1]} have another weight above")
            out[pair] = weight
    return out


def _weight(path: Path, line: int, cell: str) -> float:
    try:
        weight = float(cell)
    except ValueError:
        weight = math.nan
    if not (math.isfinite(weight) and weight >= 0.0):
        raise InputError.at(str(path), f"line {line}", f"`{cell}` is no weight: a number, not below zero")
    return weight
