"""Columns headed by groups that exclude each other, `Men` and `Women`, though their commands have the same rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from parity.package.estimates import Estimated
from parity.package.fit import Fit
from parity.package.notes import Note
from parity.package.printed import Column, Printed

#: Sets of groups; each group by the words that it is called by.
_WHEN = r"(?:[- ](?:period|reform|crisis|treatment|policy|war))?"
_GROUPS = (
    (r"(?:wo|fe)m(?:[ae]n|ales?)|girls?|女性?", r"m(?:[ae]n|ales?)|boys?|男性?"),
    (r"urban|cities|城(?:市|镇)", r"rural|农村"),
    (rf"(?:before|pre){_WHEN}|之前", rf"(?:after|post){_WHEN}|之后"),
    (r"east(?:ern)?|东部(?:地区)?", r"central|中部(?:地区)?", r"west(?:ern)?|西部(?:地区)?"),
    (r"north(?:ern)?", r"south(?:ern)?"),
    (r"state[- ]owned|soes?|国有(?:企业)?", r"(?:non-?state|private)(?:[- ]owned)?|non-?soes?|(?:非国有|民营)(?:企业)?"),
    (r"young(?:er)?", r"old(?:er)?"), (r"small firms|小企业", r"large firms|大企业"),
)  # fmt: skip
_SETS = [[re.compile(p, re.IGNORECASE) for p in group] for group in _GROUPS]
_YEARS = re.compile(r"(?P<first>(?:19|20)\d\d) ?(?:-|–|—|to|至) ?(?P<last>(?:19|20)\d\d)")


def of_opposites(exhibit: Printed, fits: Sequence[Fit | None]) -> list[Note]:
    """A note for the first two columns of one outcome that share rows and whose headings exclude it."""
    known = [
        (c, f.estimate) for c, f in zip(exhibit.columns, fits, strict=True)
        if f is not None and f.estimate.source is not None and f.estimate.source.request is not None
    ]  # fmt: skip
    if exhibit.origin != "table":
        return []
    for (a, one), (b, other) in combinations(known, 2):
        if a.panel != b.panel or one.outcome != other.outcome or not _share_rows(one, other):
            continue
        for said in _exclusive(a, b):
            text = f"columns {a.number} and {b.number} are headed {said}; their commands have rows in common"
            return [Note("note-sample", exhibit.line, f"{text} ({one.place}, {other.place})")]
    return []


def _exclusive(a: Column, b: Column) -> Iterator[str]:
    for one in a.heads:
        for other in b.heads:
            years = [_YEARS.fullmatch(h.strip()) for h in (one, other)]
            apart = all(years) and (years[0]["last"] < years[1]["first"] or years[1]["last"] < years[0]["first"])  # type: ignore[index]
            if apart or any(_group(one, s) != _group(other, s) >= 0 <= _group(one, s) for s in _SETS):
                yield f"`{one}` and `{other}`"


def _group(head: str, patterns: Sequence[re.Pattern]) -> int:
    """Which group of a set a heading is, and nothing else; -1 for none."""
    return next((i for i, p in enumerate(patterns) if p.fullmatch(head.strip(" .:"))), -1)


def _share_rows(one: Estimated, other: Estimated) -> bool:
    """Whether two commands surely have rows in common: the same data, of the same length and outcome, are looked at."""
    a, b = (e.source.fit.sample for e in (one, other))
    if len(a) != len(b) or not np.any(a & b):
        return False
    x, y = (np.asarray(e.source.data[e.source.request.outcome.factors[0].name].values) for e in (one, other))
    return x is y or bool(np.array_equal(x[a & b], y[a & b]))
