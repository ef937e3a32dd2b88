"""Codes of units, periods, clusters and fixed effects that are one number in two spellings: `01` and `1`.

Readers of CSV and Excel take a column of digits for numbers, and two codes become one group without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from parity.base.errors import InputError, Problem
from parity.data.provinces import bare
from parity.study.analyses.registry import SECTIONS
from parity.study.formula import Dummies, Interaction
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


def check_spellings(study: Study, frame: pd.DataFrame, as_text: Callable[[Sequence[str]], pd.DataFrame]) -> None:
    """Raises `InputError` with every column of codes in which leading zeros tell apart what is one number.

    frame: as read; as_text: names of columns -> the same columns as they are written in the file.
    """
    import pandas as pd

    names = [n for n in dict.fromkeys(code_columns(study)) if n in frame and pd.api.types.is_numeric_dtype(frame[n])]
    if not names:
        return
    written = as_text(names)
    problems = []
    for name in names:
        twice = list(_twice(written[name].dropna().str.strip().unique()))
        if twice:
            (one, other), more = twice[0], f" (and {len(twice) - 1} more such pairs)" if len(twice) > 1 else ""
            problems.append(Problem(
                str(study.data_path), name,
                f"`{one}` and `{other}` are one number in two spellings{more}, and would be one group: if they mean "
                f"the same, write them alike; if they don't, put letters before them (`c{one}`, `c{other}`)",
            ))  # fmt: skip
    if problems:
        raise InputError(problems)


def alike(study: Study, frame: pd.DataFrame) -> tuple[str, ...]:
    """A sentence for every column of codes with two texts that look alike: by blanks, wide letters, capitals."""
    import pandas as pd

    said = []
    for name in dict.fromkeys(code_columns(study)):
        if name not in frame or pd.api.types.is_numeric_dtype(frame[name]):
            continue
        seen: dict[str, str] = {}
        capitals: dict[str, str] = {}
        for text in sorted(v for v in frame[name].dropna().unique() if isinstance(v, str)):
            other = seen.setdefault(bare(text), text)
            if other != text:
                said.append(
                    f"`{name}` holds `{other}` and `{text}`, two groups that differ by blanks or the width of letters"
                )
                break
            other = capitals.setdefault(text.casefold(), text)
            if other != text:
                said.append(f"`{name}` holds `{other}` and `{text}`, two groups that differ by capitals")
                break
    return tuple(said)


def code_columns(study: Study) -> Iterator[str]:
    """Columns whose values are names of groups."""
    yield from filter(None, (study.header.unit, study.header.time))
    for spec in study.specs:
        yield from spec.vcov.cluster
        yield from (column for effect in spec.formula.effects for column in effect.columns)
        yield from _grouping(spec.formula.exog)
    for one in SECTIONS:
        for asked in getattr(study, one.kind).values():
            yield from (c for key, names in asked.columns().items() if key in one.codes for c in names)
    for step in study.derive.values():
        yield from getattr(step, "by", ())


def _grouping(items: Iterable[object]) -> Iterator[str]:
    """Columns inside `i()`."""
    for item in items:
        if isinstance(item, Interaction):
            yield from _grouping(item.factors)
        elif isinstance(item, Dummies):
            yield from (column.name for column in (item.group, item.by) if column is not None)


def _twice(spellings: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of codes of digits that differ by leading zeros only."""
    seen: dict[str, str] = {}
    for text in sorted(spellings):
        head, _, tail = text.partition(".")
        if not head.isdecimal() or tail.strip("0"):  # 1.0 is what a program makes of 1, and no other code
            continue
        other = seen.setdefault(head.lstrip("0") or "0", head)
        if other != head:
            yield other, head
