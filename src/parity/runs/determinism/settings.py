"""What is changed between two runs that must give the same numbers, and a design in another order."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import numpy as np

from parity.sample.design import Design

#: Chosen so that a set of the names f1, f2, f3 comes in every order of each pair (tests/runs/test_determinism.py).
SEEDS = (0, 1, 3)
#: Order of rows and order of columns of each design; the first is how the engine gets it in any other run.
ORDERS = (("as given", "as given"), ("reversed", "as given"), ("shuffled", "as given"), ("as given", "reversed"))


@dataclass(frozen=True)
class Setting:
    """Of a fresh interpreter: PYTHONHASHSEED and the number of threads of every numerical library."""

    seed: int
    threads: int

    def name(self, rows: str, columns: str) -> str:
        """What differs from the first run, in words."""
        if columns != "as given":
            return f"columns {columns}"
        if rows != "as given":
            return f"rows {rows}"
        more = f" and {self.threads} threads" if self.threads > 1 else ""
        return f"hash seed {self.seed}{more}"


def interpreters(language: str) -> tuple[Setting, ...]:
    """The interpreters to start; the first one is the reference. R knows no hash seed.

    Starting one costs seconds, so the last seed and more threads are tried in one: where nothing moves, neither moves it.
    """
    many = max(2, os.cpu_count() or 1)
    if language == "r":
        return Setting(SEEDS[0], 1), Setting(SEEDS[0], many)
    *seeds, last = SEEDS
    return (*(Setting(seed, 1) for seed in seeds), Setting(last, many))


def orders(setting: Setting) -> tuple[tuple[str, str], ...]:
    """Orders tried inside an interpreter: all in the first one, where nothing else is changed."""
    return ORDERS if (setting.seed, setting.threads) == (SEEDS[0], 1) else ORDERS[:1]


def reordered(design: Design, rows: str, columns: str) -> Design:
    """The same sample with its rows, or its regressors and instruments, in another order. Facts stay as they are."""
    if columns == "reversed":
        levels = design.levels
        design = replace(
            design, x=design.x[:, ::-1], x_names=design.x_names[::-1], z=design.z[:, ::-1], z_names=design.z_names[::-1],
            levels=None if levels is None else replace(levels, x=levels.x[:, ::-1], x_names=levels.x_names[::-1]),
        )  # fmt: skip
    if rows == "as given":
        return design
    moved = design.take(_order(design.nobs, rows))
    return moved if design.levels is None else replace(moved, levels=design.levels.take(_order(design.levels.nobs, rows)))


def _order(n: int, rows: str) -> np.ndarray:
    return np.arange(n)[::-1] if rows == "reversed" else np.random.default_rng(n).permutation(n)


def in_words() -> str:
    """One line on what is changed."""
    many = interpreters("python")[-1].threads
    seeds = ", ".join(map(str, SEEDS))
    return (
        f"hash seed ({seeds}; R has none), threads (1, {many}), rows (as given, reversed, shuffled), "
        "regressors and instruments (as given, reversed)"
    )
