"""Samples that a title or note names, held against those of the columns: `women only`, `sample: 1980-1984`.

A group is known by a label of a variable's values, or by a variable of two values that is called after it. What no variable
of the data tells is said to be unverified; where one of several variables makes the words right, they are right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.package.estimates import Estimated, plain
from parity.package.fit import Fit
from parity.package.model_words import OF_SOME
from parity.package.notes import Note
from parity.package.printed import Column, Printed

if TYPE_CHECKING:
    from parity.stata_language.dataset import Dataset

_GROUP = r"(?P<group>[^\W\d_][\w-]*(?: [^\W\d_][\w-]*)?)"
_NAMED = (
    re.compile(rf"(?<![\w-]){_GROUP} only\b(?! (?:for|in|if|when|with|to))", re.IGNORECASE),
    re.compile(r"\bonly (?:the )?(?P<group>[^\W\d_][\w-]*)\b(?=$|[.,;:)])", re.IGNORECASE),
    re.compile(
        rf"\bsamples?(?: of|:| is| are| restricted to| limited to| includes only)(?: the| all)? {_GROUP}", re.IGNORECASE
    ),
    re.compile(rf"\b(?:restricted|limited) to(?: the| all)? {_GROUP}", re.IGNORECASE),
    re.compile(r"(?<![\w-])(?P<group>[^\W\d_][\w-]*)(?:'s)? (?:sub-?)?samples?\b", re.IGNORECASE),
    re.compile(r"(?:仅|只含|限于)(?P<group>女性|男性)|(?P<group2>女性|男性)样本"),
)
_WOMEN = ("women", "woman", "female", "females", "girl", "girls", "女性")
_MEN = ("men", "man", "male", "males", "boy", "boys", "男性")
#: Groups of which somebody who reads the words will think, though no variable is called so.
_KNOWN = (*_WOMEN, *_MEN)
_YEARS = re.compile(r"(?<!\d)(?P<first>(?:19|20)\d\d) ?(?:-|–|—|to|至) ?(?P<last>(?:19|20)\d\d)(?!\d)")
_PERIOD = re.compile(r"\b(?:sample|periods?|years|observations|data)\b|样本|时期|年份", re.IGNORECASE)
_CLAUSE = re.compile(r"[;。；]|\.(?!\d)")


@dataclass(frozen=True)
class Sampled:
    """A sample that words are held against: its data set and rows, the command's place, the panel's time."""

    data: Dataset
    rows: np.ndarray
    place: str
    time: str = ""


def sampled(e: Estimated) -> Sampled:
    return Sampled(e.source.data, np.flatnonzero(e.source.fit.sample), e.place, e.source.panel.time)


def of_sample_words(exhibit: Printed, place: int, known: Sequence[Sampled]) -> list[Note]:
    """What the title and the notes of a table say of its sample."""
    texts = [("title", exhibit.line, exhibit.title)]
    texts += [("note", place, line) for line in exhibit.notes.lines if not OF_SOME.search(line)]
    return [note for where, line, text in texts for note in _of_text(where, line, text, known)]


def of_named_samples(exhibit: Printed, fits: Sequence[Fit | None], place: int) -> list[Note]:
    """fits: None where a column's command isn't certain"""
    known = [f.estimate for f in fits if f is not None and f.estimate.source is not None]
    if exhibit.origin != "table" or not known:
        return []
    out = [
        note
        for c, f in zip(exhibit.columns, fits, strict=True)
        if f is not None
        for note in _of_heads(exhibit, c, f.estimate)
    ]
    out += of_full_samples(exhibit, fits)
    return out + of_sample_words(exhibit, place, [sampled(e) for e in known])


_FULL = re.compile(
    r"\(?(?:full|whole|entire|complete|all) (?:estimation )?sample\)?|all observations|全样本|全部样本|整体样本",
    re.IGNORECASE,
)


def of_full_samples(exhibit: Printed, fits: Sequence[Fit | None]) -> list[Note]:
    """A column headed `Full sample` whose command leaves rows out by `if` or `in` that another column has: it isn't; where
    all columns leave rows out, nothing tells."""
    out = []
    held = [f.estimate.source.fit if f is not None and f.estimate.source is not None else None for f in fits]
    for column, f, own in zip(exhibit.columns, fits, held, strict=True):
        head = next((h for h in column.heads if _FULL.fullmatch(h.strip())), "")
        if not head or f is None or own is None or own.used.all():
            continue
        number = f"{column.panel}:{column.number}".removeprefix(":")
        wider = [
            c for c, o in zip(exhibit.columns, held, strict=True)
            if o is not None and o is not own and len(o.used) == len(own.used) and np.all(o.used[own.used])
            and np.any(o.sample & ~own.used)
        ]  # fmt: skip
        said = f"column {number} is headed `{head}`; its command leaves rows out ({f.estimate.place})"
        if wider:
            said = f"{said.removesuffix(f' ({f.estimate.place})')} that column {wider[0].number} has ({f.estimate.place})"
        out.append(Note("note-sample" if wider else "sample-unverified", exhibit.line, said))
    return out


def _of_heads(exhibit: Printed, column: Column, e: Estimated) -> Iterator[Note]:
    """A column headed by one group whose sample is another group of the same variable: `Men` above women.

    A head that may be the outcome's, or of a variable of the command, is of that.
    """
    request = e.source.request if e.source is not None else None
    used = {f.name for t in (request.outcome, *request.regressors) for f in t.factors} if request is not None else set()
    held = e.source.data.columns if e.source is not None else {}
    called = {*e.outcome_aliases, *(plain(n) for n in used), *(plain(held[n].label) for n in used if n in held)}
    for head in column.heads:
        group = re.sub(r" (?:only|(?:sub-?)?sample)$", "", " ".join(head.lower().split()))
        if not group or plain(group) in called:
            continue
        told = [(name, here) for name, here in _levels(group, e) if name not in used]
        if told and all(len(here) == 1 for _, here in told) and (denied := _of_group(group, sampled(e))):
            name, levels = denied
            number = f"{column.panel}:{column.number}".removeprefix(":")
            text = f"column {number} is headed `{head}`; in its sample `{name}` is {levels[0]} ({e.place})"
            yield Note("note-sample", exhibit.line, text)
            return


def _levels(group: str, e: Estimated) -> Iterator[tuple[str, list[float]]]:
    """Each variable that may tell a group and varies in the data: the levels in the sample."""
    rows = np.flatnonzero(e.source.fit.sample)
    for name, _ in _candidates(group, e.source.data):
        values = e.source.data.columns[name].values
        if len(np.unique(values[~np.isnan(values)])) > 1:
            yield name, [v for v in np.unique(values[rows]).tolist() if v == v]


def _of_text(where: str, line: int, text: str, known: Sequence[Sampled]) -> Iterator[Note]:
    for clause in _CLAUSE.split(text):
        if len(clause) > 400:
            continue
        for group, shown in _groups(clause):
            said = [_of_group(group, e) for e in known]
            wrong = next(((e, w) for e, w in zip(known, said, strict=True) if w), None)
            if wrong is not None:
                e, (name, levels) = wrong
                there = ", ".join(levels)
                yield Note("note-sample", line, f"the {where} says `{shown}`; in its sample `{name}` is {there} ({e.place})")
            elif all(w is None for w in said) and group in _KNOWN:
                text = f"the {where} says `{shown}`; no variable of the data tells who they are ({known[0].place})"
                yield Note("sample-unverified", line, text)
        yield from _of_years(where, line, clause, known)


def _groups(clause: str) -> Iterator[tuple[str, str]]:
    """Groups that a clause names as its sample, each with the words that do."""
    seen: set[str] = set()
    for pattern in _NAMED:
        for found in pattern.finditer(clause):
            group = (found.groupdict().get("group") or found.groupdict().get("group2") or "").lower()
            for name in (group, *group.split(" ")):
                if name and name not in seen:
                    seen.add(name)
                    yield name, " ".join(found[0].split())


def _of_group(group: str, e: Sampled) -> tuple[str, tuple[str, ...]] | tuple[()] | None:
    """The variable and the levels of the sample that deny a group; () where one affirms it, None where none tells."""
    denied: tuple[str, tuple[str, ...]] | None = None
    for name, level in _candidates(group, e.data):
        values = e.data.columns[name].values
        here = [v for v in np.unique(values[e.rows]).tolist() if v == v]
        if here == [level]:
            return ()
        labels = e.data.labels_of(name)
        denied = denied or (name, tuple(str(labels.get(v, f"{v:g}")) for v in here[:4]))
    return denied


def _candidates(group: str, data: Dataset) -> Iterator[tuple[str, float]]:
    """Variables with the level that is the group: by labels of values, by names and labels of variables of two values."""
    spelled, sexes = _spelled(group), (_WOMEN, _MEN)
    for name, column in data.columns.items():
        if column.text:
            continue
        for level, label in data.labels_of(name).items():
            if spelled in (_spelled(str(label)),) or _same_sex(group, str(label)):
                yield name, float(level)
        for side, own in enumerate(sexes):
            if name.lower() in own and group in (*_WOMEN, *_MEN) and _is_dummy(column.values):
                yield name, float(group in sexes[side])
        called = {_spelled(name), _spelled(column.label or name)}
        if spelled in called and group not in _KNOWN and _is_dummy(column.values):
            yield name, 1.0


def _same_sex(group: str, label: str) -> bool:
    return any(group in own and label.strip().lower() in own for own in (_WOMEN, _MEN))


def _spelled(text: str) -> str:
    """Without what spelling changes, and in the singular."""
    bare = plain(text)
    return bare[:-1] if len(bare) > 3 and bare.endswith("s") else bare


def _is_dummy(values: np.ndarray) -> bool:
    return set(np.unique(values[~np.isnan(values)]).tolist()) <= {0.0, 1.0}


def _of_years(where: str, line: int, clause: str, known: Sequence[Sampled]) -> Iterator[Note]:
    """`Sample: 1980-1984` of commands whose rows are of years outside; shorter periods may be those of lags."""
    found = _YEARS.search(clause)
    if found is None or not _PERIOD.search(clause) or len(_YEARS.findall(clause)) > 1:
        return
    first, last = float(found["first"]), float(found["last"])
    for e in known:
        spans = [span for span in _spans(e) if span is not None]
        if spans and first < last and all(low < first or high > last for low, high in spans):
            low, high = spans[0]
            text = f"the {where} says `{found[0]}`; its sample has years from {low:g} to {high:g} ({e.place})"
            yield Note("note-sample", line, text)
            return


def _spans(e: Sampled) -> Iterator[tuple[float, float] | None]:
    """First and last year of each variable of the sample that holds years."""
    for name, column in e.data.columns.items():
        if column.text or not len(e.rows) or not (name == e.time or re.match(r"ye?a?r", name.lower())):
            continue
        values = column.values[e.rows]
        values = values[~np.isnan(values)]
        if len(values) and np.all(values % 1 == 0) and values.min() > 1800 and values.max() < 2100:
            yield float(values.min()), float(values.max())
