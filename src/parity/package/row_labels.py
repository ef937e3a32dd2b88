"""Whose row of a window it is: labels as windows shorten them, against the names of what stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from parity.package.estimates import plain

#: (row's place, row's label, name of the column or statistic) -> the value that is due; None where it isn't known.
Lookup = Callable[[int | None, str, str], float | None]


def spells(label: str, name: str) -> bool:
    """Whether a row's label is a variable's name: whole, `abc~xyz`, or cut as `abc..`."""
    if "~" in label:
        head, _, tail = label.partition("~")
        return name.startswith(head) and name.endswith(tail)
    if label.endswith(".."):
        return name.startswith(label.rstrip("."))
    return plain(label) == plain(name)


def near(label: str, names: Sequence[str]) -> int | None:
    """The place of the one name that a label is, or can stand for."""
    found = [i for i, n in enumerate(names) if n == label] or [i for i, n in enumerate(names) if spells(label, n)]
    return found[0] if len(found) == 1 else None


#: A shorter part of a value label may be of any.
_LEAST = 3


def part_of(printed: str, own: str, others: Iterable[str]) -> bool:
    """Whether a printed text is a part of a value label, which windows cut and wrap, and no other level's label."""
    part = plain(printed)  # `male` is a part of `female`
    return len(part) >= _LEAST and part in plain(own) and part not in {plain(other) for other in others}
