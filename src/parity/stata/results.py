"""What commands leave behind, as values: r() and e(), estimates that were asked for, tables, what was printed and done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.stata_language.command import Command, Option
from parity.stata_language.dataset import Dataset


@dataclass(frozen=True)
class Matrix:
    """Numbers with the names of their rows and columns."""

    values: NDArray[np.float64]
    rows: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass
class Results:
    """What a command leaves in r() or e(): numbers and texts, matrices; for e() also which rows were used.

    estimated: of an estimation, `parity.stata.estimates.own.Estimated`. pending: fills it in when it is first read, so that
    a do-file whose estimates nobody reads estimates nothing. doubts: of all that it was made of; labels: of variables that
    estpost was asked about; drawn: names in e() that are of draws: whoever reads one of them is lost. token: of the rows'
    places, see `parity.stata.sample_now`. about: the data set that estpost's numbers are of, and which of its rows
    """

    numbers: dict[str, float] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    matrices: dict[str, Matrix] = field(default_factory=dict)
    sample: NDArray[np.bool_] | None = None
    estimated: Any = None
    pending: Callable[[Results], None] | None = None
    doubts: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    drawn: frozenset[str] = frozenset()
    token: int = 0
    about: tuple[Dataset, NDArray[np.bool_]] | None = None

    def get(self, name: str) -> float | str | None:
        return self.numbers.get(name, self.texts.get(name))

    def filled(self) -> Results:
        """Itself, its numbers computed where nobody had asked for them yet."""
        if self.pending is not None:
            fill, self.pending = self.pending, None
            fill(self)
        return self


@dataclass(frozen=True)
class Fit:
    """What an estimation command asks for: its line, the request (a spec of parity, where it is one), and doubts.

    used: rows that `if`, `in` and the group at hand leave; sample: those of them with every value; weights: a value a row
    names: under which it was stored, in order; quietly: nothing was printed.
    """

    command: Command
    file: str
    line: int
    request: Any
    data: Dataset
    used: NDArray[np.bool_]
    sample: NDArray[np.bool_]
    doubts: frozenset[str]
    declined: str = ""
    names: tuple[str, ...] = ()
    weights: NDArray[np.float64] | None = None
    quietly: bool = False
    results: Results | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The name it was stored under last."""
        return self.names[-1] if self.names else ""


@dataclass(frozen=True)
class Called:
    """A table of estimates that was asked for. columns: (name or "", place among the fits or None, results); here: the
    working folder."""

    command: str
    file: str
    line: int
    text: str
    columns: tuple[tuple[str, int | None, Results], ...]
    options: tuple[Option, ...]
    using: str
    here: str = ""


@dataclass(frozen=True)
class Printed:
    """Numbers that a command prints: summarize, tabulate, tabstat, count, correlate, ttest, display ...

    values: name -> number, text or list, such as {"variable": "x", "N": 5.0, "mean": 2.5}
    turn: the same for all that one run of a statement prints; doubts: findings that make the values uncertain, in order
    """

    kind: str
    file: str
    line: int
    values: Mapping[str, Any]
    quietly: bool = False
    turn: int = 0
    doubts: tuple[str, ...] = ()

    @property
    def numbers(self) -> dict[str, float]:
        return {k: float(v) for k, v in self.values.items() if isinstance(v, int | float) and not isinstance(v, bool)}


@dataclass(frozen=True)
class Done:
    """One statement that was run, or why it wasn't. status: "run", "finding", "lost" (its data aren't there)."""

    file: str
    line: int
    name: str
    text: str
    status: str
