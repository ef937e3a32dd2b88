"""Sentences of a note about some columns, `Column 3 includes firm fixed effects`: each is a note of a table of these alone.

Only a sentence that names its columns once, and that nothing turns to others, is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from parity.logs.claims import claims
from parity.logs.sheet import Item
from parity.package.fit import Fit
from parity.package.printed import Column, Printed

_N = r"\(?\d{1,2}\)?"
_NAMED = re.compile(
    rf"\b(?:the )?(?:columns?|cols?\.) ?(?P<list>{_N}(?:(?: ?(?:-|–|to|through|,|and|&|, and) ?){_N}){{0,8}})(?![\d.])|"
    rf"第 ?(?P<one>\d{{1,2}}) ?列|列 ?(?P<two>[(（]\d{{1,2}}[)）])",
    re.IGNORECASE,
)
#: What turns a sentence to other columns, or to a part of them.
_TURNS = re.compile(
    r"\b(?:columns?|cols?|panels?|respectively|except|unless|but|while|whereas|remaining|others?|rest|odd|even|also|adds?|"
    r"first|last|second|third|same|compared?|relative|instead|not|no|without|than|unlike|like|see|table|appendix|if)\b|\d|"
    r"其余|其他|除|分别|而",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[;。；]|\.(?!\d)(?: |$)")
_HEADED = re.compile(r"[(\[]?(\d{1,2})[)\]]?")
#: In place of the columns: words that are read as of all of a table.
_ALL = "all regressions"


def of_some(exhibit: Printed, fits: Sequence[Fit | None]) -> Iterator[tuple[Printed, list[Fit | None]]]:
    """The columns that each such sentence is about, as a table with that one note, and their commands."""
    if exhibit.origin != "table" or exhibit.notes.place is None:
        return
    for line in exhibit.notes.lines:
        for sentence in _SENTENCE.split(line) if len(line) < 2000 else ():
            found = list(_NAMED.finditer(sentence))
            if len(found) != 1:
                continue
            rest = f"{sentence[: found[0].start()]}{_ALL}{sentence[found[0].end() :]}".strip()
            at = _places(found[0], exhibit.columns)
            if at and not _TURNS.search(rest):
                rest = rest[:1].upper() + rest[1:]
                notes = claims([Item(rest, exhibit.notes.place)])
                columns = tuple(exhibit.columns[i] for i in at)
                yield replace(exhibit, title="", columns=columns, notes=notes), [fits[i] for i in at]


def _places(found: re.Match, columns: Sequence[Column]) -> list[int]:
    """Places of the columns that are named: by the numbers above them, else by their order; [] where one isn't there."""
    text = found["list"] or found["one"] or found["two"]
    numbers: list[int] = []
    for part in re.split(r",|and|&", text):
        ends = [int(n) for n in re.findall(r"\d+", part)]
        numbers += range(ends[0], ends[-1] + 1) if ends else []
    heads = [[int(m[1]) for h in c.heads if (m := _HEADED.fullmatch(h.strip()))] for c in columns]
    shown = [h[0] if len(h) == 1 else 0 for h in heads] if all(heads) else [c.number for c in columns]
    out = [i for i, n in enumerate(shown) if n in numbers]
    return out if {shown[i] for i in out} == set(numbers) else []
