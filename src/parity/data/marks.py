"""What must be said of a file that was read, and the value labels of its columns; both ride with the frame.

`frame.attrs` is what pandas carries along when rows or columns are taken. Where it gets lost a label is an unknown text: an
error, never another number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

#: Columns named in a note, and values shown of one.
MOST, SHOWN = 6, 3
_KEY = "read"


#: How a line below the data begins that is no row of them: a firm may be called `注册公司`, or `Source One`.
NOTE = re.compile(
    r"\s*+(?:注释|数据来源|资料来源|(?:注|说明|备注|来源|notes?|sources?)(?:\s*+\d*+\s*+(?:[:：.．]|\Z)|\s++that\b))",
    re.IGNORECASE,
)


class Malformed(ValueError):
    """The file is of its format, but not a table; the message says where."""


def check_header(names: Sequence[str]) -> None:
    """Each name once. Raises `Malformed`."""
    if any("\0" in name for name in names):
        raise Malformed('holds null bytes; if it is UTF-16, say encoding = "utf-16" under [study]')
    repeated = sorted(name for name, times in Counter(names).items() if name and times > 1)
    if repeated:
        raise Malformed(f"the column `{repeated[0]}` stands twice in the header")


@dataclass(frozen=True)
class Marks:
    """notes: sentences; labels: column -> code -> its value label.

    places: (n,) the row of its sheet in which each row of the frame stands; empty where the format has no sheet
    """

    notes: tuple[str, ...] = ()
    labels: Mapping[str, Mapping[float, str]] = field(default_factory=dict)
    places: Sequence[int] = ()

    def __deepcopy__(self, memo: Any) -> Marks:  # pandas copies attrs deeply with every frame
        return self


def marked(frame: pd.DataFrame, marks: Marks) -> pd.DataFrame:
    """The frame with its marks."""
    frame.attrs[_KEY] = marks
    return frame


def marks_of(frame: pd.DataFrame) -> Marks:
    """What was said when the frame was read."""
    return frame.attrs.get(_KEY, Marks())


@dataclass
class Words:
    """Words that were taken for missing: (column, word) -> how often."""

    times: Counter[tuple[str, str]] = field(default_factory=Counter)

    def of_row(self, header: Sequence[str], row: Sequence[str], words: frozenset[str]) -> None:
        """Counts the cells of one row that are such words."""
        self.times.update((name, cell) for name, cell in zip(header, row, strict=True) if cell in words)

    def notes(self, frame: pd.DataFrame) -> tuple[str, ...]:
        """Sentences; a word among codes of its own kind first."""
        if not self.times:
            return ()
        by_column: dict[str, list[str]] = {}
        for (column, word), times in self.times.items():
            by_column.setdefault(column, []).append(f"`{word}` {times:,} times")
        parts = [f"{', '.join(found)} in `{column}`" for column, found in list(by_column.items())[:MOST]]
        more = len(by_column) - MOST
        listed = "; ".join(parts) + (f"; and in {more} more columns" if more > 0 else "")
        return (*self._among_codes(frame), f"taken for missing: {listed}")

    def _among_codes(self, frame: pd.DataFrame) -> list[str]:
        """Columns in which `NA` may be a code, such as Namibia's, for the others are of two capital letters too."""
        said = []
        for column, word in self.times:
            if word != "NA" or column not in frame:
                continue
            codes = [v for v in frame[column].dropna().unique() if isinstance(v, str)]
            if codes and all(len(v) == 2 and v.isascii() and v.isalpha() and v.isupper() for v in codes):
                said.append(
                    f"`{column}` holds codes of two letters ({', '.join(codes[:SHOWN])}), and its `NA` was taken "
                    "for missing: if it is a code, Namibia's say, write missing = [] under [study]"
                )
        return said
