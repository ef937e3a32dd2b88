"""Errors of input: everything a user can mend by editing a file or a command.

An `InputError` carries one or more `Problem`s, each with the file, the key and what was expected, so that one run
of the validator reports all of them. Errors of an *engine* are not exceptions but values (`parity.results.estimate.Failed`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with what the user wrote: where it stands, and what was expected there."""

    where: str  # file
    key: str  # dotted path inside the file, "" for the file itself
    message: str
    places: tuple[str, ...] = ()  # every key, where the one problem is that of several

    def __str__(self) -> str:
        place = f"{self.where}: {self.key}" if self.key else self.where
        return _printable(f"{place}: {self.message}")


def _printable(text: str) -> str:
    """One line: control characters that a file smuggles in are written out, so none reaches the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class InputError(Exception):
    """The input is wrong; the command exits 2 and prints every problem."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))

    def __reduce__(self) -> tuple:
        """From one process to another an error is rebuilt of its problems; by default of its text, letter by letter."""
        return type(self), (self.problems,)

    @classmethod
    def at(cls, where: str, key: str, message: str) -> InputError:
        return cls([Problem(where, key, message)])


def suggest(name: str, known: Iterable[str]) -> str:
    """A near miss as a ready half-sentence, `: did you mean `value`?`, or an empty string.

    Of two that are as near both are named; of more none, for then it is a guess: `HC9` is no slip for `HC4`.
    """
    near = difflib.get_close_matches(name, dict.fromkeys(map(str, known)), n=3, cutoff=0.6)
    nearest = [k for k in near if _likeness(name, k) == _likeness(name, near[0])]
    return f": did you mean {' or '.join(f'`{k}`' for k in nearest)}?" if 0 < len(nearest) < 3 else ""


def _likeness(name: str, other: str) -> float:
    return difflib.SequenceMatcher(None, other, name).ratio()


def suggest_same_digits(name: str, known: Iterable[str]) -> str:
    """`suggest` among names with the same digits: `wave6.dta` is no slip for `wave7.dta`."""
    return suggest(name, [k for k in known if _digits(k) == _digits(name)])


def _digits(name: str) -> str:
    return "".join(c for c in name if c.isdigit())


def some_of(names: Iterable[str]) -> str:
    """The first of them, and how many more."""
    known = [name or '""' for name in names]
    return ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")


def unknown_column(where: str, key: str, name: str, known: list[str], hint: str = "") -> Problem:
    """There is no such column; a hint if there is one, else a near miss, or the first of those that there are."""
    advice = f"; {hint}" if hint else suggest(name, known) or f"; columns: {some_of(known)}"
    return Problem(where, key, f"there is no column `{name}`{advice}")


class Unestimable(ValueError):
    """This spec has no estimate on this data, in any engine; the message says why."""


class ColumnProblem(ValueError):
    """A column can't be used as asked; the message says which and why."""
