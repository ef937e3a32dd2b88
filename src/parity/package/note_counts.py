"""Numbers of observations and clusters that a title or note says, held against those of the table: `999 observations`.

A count is right if it is that of any column, of the data that a command had, or of several columns together. Words that make
it a count of something else (`12 observations were dropped`, `at least 30 observations per cell`) leave it alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parity.package.estimates import Estimated
from parity.package.fit import Fit
from parity.package.notes import Note
from parity.package.printed import Printed

_NUMBER = r"(?<![A-Za-z0-9_.,$€£])(?P<n>\d{1,3}(?:,\d{3})+|\d{1,9})(?![\d%]|[.,]\d)"
_OBSERVATIONS = (
    re.compile(rf"{_NUMBER} (?:[a-z]+[- ]){{0,3}}(?:observations?|obs\b|data points)", re.IGNORECASE),
    re.compile(
        r"(?<!\w)(?:N|number of (?:observations|obs\.?)|observations|sample size)(?: is| of|:| =|=) ?" + _NUMBER,
        re.IGNORECASE,
    ),
    re.compile(rf"(?<!sub)\bsample (?:of|has|contains|consists of|includes) {_NUMBER}", re.IGNORECASE),
    re.compile(
        r"(?:样本量|样本数|观测值数?|观测数|观察值)(?:为|是|=|:|：)? ?"
        + _NUMBER
        + r"|(?<![\w.,])(?P<m>\d{1,9}) ?个?(?:观测|样本|观察)"
    ),
)
_CLUSTERS = (re.compile(rf"{_NUMBER} (?:[a-z]+[- ]){{0,2}}clusters\b", re.IGNORECASE),)
#: A count of rows that were not used, of a part, or of a bound.
_OTHERWISE = re.compile(
    r"\b(?:exclud\w*|drop\w*|omit\w*|miss\w*|remov\w*|delet\w*|singletons?|trim\w*|los[et]\w*|least|most|fewer|less|more|over|"
    r"under|per|each|every|averages?|mean|median|out|which|between|range\w*|var(?:y|ies)|minimum|maximum|additional|other|"
    r"remain\w*|cells?|bins?|replications?|draws?|simulat\w*|bootstrap\w*|about|around|approximately|roughly|nearly|almost|"
    r"original\w*|full|raw|initial\w*|before|up to|first|last|top|bottom|treated|controls?|matched)\b|"
    r"~|≈|[<>≤≥]|剔除|删除|约|超过|以上",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;()。；（）]|\.(?!\d)|,(?= )")


def of_counts(exhibit: Printed, fits: Sequence[Fit | None], place: int) -> list[Note]:
    """fits: None where a column's command isn't certain; then nothing is said, as a count may be of that column."""
    known = [f.estimate for f in fits if f is not None]
    if exhibit.origin != "table" or len(known) < len(fits) or not known:
        return []
    out = []
    for where, line, text in [("title", exhibit.line, exhibit.title), *(("note", place, n) for n in exhibit.notes.lines)]:
        for what, n, shown in _counts(text):
            due = _observations(exhibit, known) if what == "observations" else _clusters(known)
            first = [round(v) for e in known for v in [e.number("nobs" if what == "observations" else "clusters")] if v]
            if due and n not in due and first:
                listed = ", ".join(f"{v:,}" for v in list(dict.fromkeys(first))[:4])
                said = f"the {where} says `{shown}`; its columns have {listed} ({known[0].place})"
                out.append(Note("note-count", line, said))
    return list(dict.fromkeys(out))


def _counts(text: str) -> Iterator[tuple[str, int, str]]:
    """What, how many and the words, of each clause that says a count and nothing that turns it."""
    for clause in _CLAUSE.split(text):
        if len(clause) > 400 or _OTHERWISE.search(clause):
            continue
        for what, patterns in (("observations", _OBSERVATIONS), ("clusters", _CLUSTERS)):
            found = next((m for p in patterns if (m := p.search(clause))), None)
            if found is not None:
                digits = found["n"] or found.groupdict().get("m") or ""
                yield what, int(digits.replace(",", "")), " ".join(found[0].split())


def _observations(exhibit: Printed, known: Sequence[Estimated]) -> set[int]:
    """Numbers of rows that a table may speak of: of samples, of data, of units and periods, of columns together."""
    ns = [round(n) for e in known for n in [e.number("nobs")] if n]
    printed = [round(c.number.value) for col in exhibit.columns if (c := col.statistic("nobs")) is not None and c.number]
    out = {*ns, *printed, sum(ns), sum(set(ns)), *(a + b for i, a in enumerate(ns[:20]) for b in ns[i + 1 : 20])}
    for e in known:
        out |= {round(v) for name in ("clusters", "groups") for v in [e.number(name)] if v}
        if e.source is not None:
            used = e.source.fit.sample
            out |= {len(used), int(used.sum())}
    return out


def _clusters(known: Sequence[Estimated]) -> set[int]:
    held = {round(v) for e in known for v in [e.number("clusters")] if v}
    for e in known:
        request = e.source.request if e.source is not None else None
        for name in {part for c in (request.cluster if request is not None else ()) for part in c.split("#")}:
            column = e.source.data.columns.get(name)
            if column is not None:
                held |= {len(set(column.values[e.source.fit.sample].tolist())), len(set(column.values.tolist()))}
    return held
