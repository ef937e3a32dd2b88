"""Whose row of a window it is: labels as windows shorten them, against the names of what stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from parity.compare.printed import read_number
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


#: Longer labels than so are cut in windows of tests.
_CUT = 7


def is_called(shown: str, names: Sequence[str]) -> bool:
    """Whether a level or variable may be printed so: its label or value, whole, shortened, or cut where its column ends."""
    shown = " ".join(shown.split())
    for name in names:
        own = " ".join(name.split())
        if (
            shown == own
            or ("~" in shown and spells(shown, own))
            or (len(shown) >= _CUT and own.startswith(shown.rstrip(".")))
        ):
            return True
    try:
        printed, value = read_number(shown), float(names[-1])
    except (ArithmeticError, ValueError, IndexError):
        return False
    return abs(printed.value - value) <= printed.rounding


def in_its_row(shown: str, row: int, called: Sequence[Sequence[str]], value: float | None) -> float | None:
    """A number by the place of its row, where that is called as it must be; else one that is `OfAnother`, or None.

    called: names of each row, label and value
    """
    if value is None or is_called(shown, called[row]):
        return value
    bare = " ".join(shown.split())
    another = any(bare == " ".join(n.split()) for i, names in enumerate(called) if i != row for n in names)
    return OfAnother.of(value, called[row][0]) if another else None


class OfAnother(float):
    """A number that is due in a row which is called by the label of another row of its window. due: its own"""

    due: str = ""

    @classmethod
    def of(cls, value: float, due: str) -> OfAnother:
        out = cls(value)
        out.due = due
        return out
