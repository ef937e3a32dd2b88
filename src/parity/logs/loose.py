"""Output without bars: percentiles of `summarize, detail`, rows of a label and a number, data listed, a lone number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity.base.patterns import in_order
from parity.logs.exhibit import Message, Place, Statistic, Window, WindowRow
from parity.logs.numbers import NUMBER, cell, is_number
from parity.printed.lines import Line

_PERCENTILES = re.compile(r"\s*Percentiles\s+Smallest")
_PERCENT = re.compile(rf"\s*(?P<share>\d{{1,2}}%)\s+(?P<value>{NUMBER}|\.)(?:\s+(?P<extreme>{NUMBER}|\.))?")
_NAMED = re.compile(
    rf"(?P<name>Obs|Sum of [Ww]gt\.|Mean|Std\. [Dd]ev\.|Variance|Skewness|Kurtosis)\s+(?P<value>{NUMBER}|\.)"
)
_EXTREME = re.compile(rf"\s*(?P<value>{NUMBER})\s*")
_MERGED = re.compile(r"\s*Result +(?:Number of obs|# of obs\.?)")
_SPACED = re.compile(rf"\s*(?P<label>[^\W\d][^|=]*?)(?<! ) {{2,}}+(?P<value>{NUMBER})(?:\s+\(.*\)| *)")
_LISTED = re.compile(r"\s*(\d[\d,]*)\. (?:\|(.*)\||(.*))")
_VALUES = re.compile(rf"(?<![\w.,])({NUMBER})(?![\w.])")

Read = tuple[Window, int]


def percentiles(lines: Sequence[Line], at: int, stop: int, file: str) -> Read | None:
    """`summarize x, detail`: a row a percentile, the smallest and largest values beside, moments at the right."""
    if not _PERCENTILES.match(lines[at].text):
        return None
    first = at
    above = next((line for line in reversed(lines[max(0, at - 3) : at]) if re.search(r"\w", line.text)), None)
    rows, statistics = [], []
    at += 1
    while at < stop:
        line = lines[at]
        share = _PERCENT.match(line.text)
        named = _NAMED.search(line.text)
        other = line.text.strip() and not re.match(r"\s*Largest", line.text) and not _EXTREME.fullmatch(line.text)
        if not share and not named and other:
            break
        if not line.text.strip() and any(s.label == "Kurtosis" for s in statistics):
            break
        place = Place(file, line.number)
        if share:
            cells = [cell(share["value"], place, "value", share["share"])]
            if share["extreme"] and not (named and named.start("value") <= share.start("extreme")):
                cells.append(cell(share["extreme"], place, "value", "extreme"))
            rows.append(WindowRow(share["share"], tuple(cells), place))
        if named:
            statistics.append(
                Statistic(named["name"], "nobs" if named["name"] == "Obs" else "", cell(named["value"], place))
            )
        at += 1
    window = Window(
        kind="summarize", place=Place(file, lines[first].number), rows=tuple(rows),
        outcome=above.text.strip() if above else "",
        columns=("Percentiles", "Extremes"), statistics=tuple(statistics),
        first=lines[first].number, last=lines[at - 1].number,
    )  # fmt: skip
    return window, at


def spaced(lines: Sequence[Line], at: int, stop: int, file: str) -> Read | None:
    """The counts of `merge`: a label, blanks, a number."""
    if not _MERGED.match(lines[at].text):
        return None
    first, rows = at, []
    at += 1
    while at < stop:
        text = lines[at].text
        found = _SPACED.fullmatch(text)
        if not found and text.strip() and not re.fullmatch(r"\s*-+", text):
            break
        if found:
            place = Place(file, lines[at].number, found.start("value") + 1)
            rows.append(WindowRow(found["label"].strip(), (cell(found["value"], place),), place))
        elif rows and re.fullmatch(r"\s*-+", text):
            at += 1
            break
        at += 1
    place = Place(file, lines[first].number)
    return Window("merge", place, tuple(rows), first=lines[first].number, last=lines[at - 1].number), at


def _heads(lines: Sequence[Line], first: int) -> list[re.Match[str]]:
    """Names of variables above data that are listed, where they stand; none where there is no heading."""
    at = first - 1
    at -= at >= 0 and re.fullmatch(r"\s*+\|-++\|\s*+", lines[at].text) is not None
    return list(re.finditer(r"[^\s|]++", lines[at].text)) if at >= 0 and not _LISTED.fullmatch(lines[at].text) else []


def _below(heads: Sequence[re.Match[str]], start: int, end: int) -> str:
    """The heading of a number, which ends where it does; else the one that it stands below."""
    ends = [h[0] for h in heads if h.end() == end]
    over = [h[0] for h in heads if h.start() < end and start < h.end()]
    return ends[0] if ends else over[0] if len(over) == 1 else ""


def listed(lines: Sequence[Line], at: int, stop: int, file: str) -> Read | None:
    """Data shown by `list`: `  1. | AMC   4,099 |`, from any number on; two rows, or one with bars."""
    first, heads = at, _heads(lines, at)
    rows = []
    while at < stop:
        found = _LISTED.fullmatch(lines[at].text)
        if found is None:
            if rows and re.fullmatch(r"\s*+[|+]?-*+[|+]?\s*+", lines[at].text) and at + 1 < stop:
                at += 1
                continue
            break
        text = found[2] if found[2] is not None else found[3]
        offset = found.start(2) if found[2] is not None else found.start(3)
        place = Place(file, lines[at].number)
        cells = tuple(
            cell(m[1], Place(file, lines[at].number, offset + m.start() + 1), "value",
                 _below(heads, offset + m.start(), offset + m.end()))
            for m in _VALUES.finditer(text)
        )  # fmt: skip
        rows.append(WindowRow(found[1], cells, place))
        at += 1
    if not rows or (len(rows) == 1 and "|" not in lines[first].text):
        return None
    place = Place(file, lines[first].number)
    return Window("list", place, tuple(rows), first=lines[first].number, last=lines[at - 1].number), at


def lone(line: Line, file: str, command: str) -> Window | None:
    """A line of nothing but numbers: what `display` or `count` prints."""
    words = line.text.split()
    if not words or not all(is_number(word) for word in words):
        return None
    place = Place(file, line.number)
    row = WindowRow("", tuple(cell(word, place) for word in words), place)
    return Window(command or "display", place, (row,), first=line.number, last=line.number)


_MATRIX = re.compile(r"(?:symmetric )?[\w().]+\[\d+,\d+\]|[\w()]+ : \S+.*")


def matrix(lines: Sequence[Line], at: int, stop: int, file: str) -> Read | None:
    """`matrix list`: names of columns, rows of a name and numbers; a wide one goes on below with other columns."""
    if not _MATRIX.fullmatch(lines[at].text.strip()):
        return None
    first, rows, names, columns = at, [], [], []
    at += 1
    while at < stop and (lines[at].text.strip() or (at + 1 < stop and _continues(lines[at + 1].text))):
        words = lines[at].text.split()
        numbers = [i for i, word in enumerate(words) if is_number(word) or word in (".", ".z")]
        if words and len(numbers) and numbers == list(range(numbers[0], len(words))) and numbers[0] > 0:
            place = Place(file, lines[at].number)
            given = names[-len(numbers) :] if len(names) >= len(numbers) else [""] * len(numbers)
            cells = [cell(words[i], place, "value", name) for i, name in zip(numbers, given, strict=True)]
            rows.append(WindowRow(" ".join(words[: numbers[0]]), tuple(cells), place))
        elif words and numbers:
            break
        elif words:
            names = words
            columns += words
        at += 1
    if not rows:
        return None
    place = Place(file, lines[first].number)
    window = Window(
        "matrix", place, tuple(rows), outcome=lines[first].text.strip(), columns=tuple(columns), first=lines[first].number,
        last=lines[at - 1].number,
    )  # fmt: skip
    return window, at


def _continues(text: str) -> bool:
    """Whether a line names columns, so that a matrix goes on behind a blank line."""
    words = text.split()
    return bool(words) and text.startswith(" ") and not any(is_number(word) for word in words)


STORED = re.compile(r"(?P<name>\S+)\s+(?P<type>byte|int|long|float|double|str[\dL]+)\s+(?P<rest>%\S+.*)")


def described(lines: Sequence[Line], at: int, stop: int, file: str) -> Read | None:
    """`describe`: a variable a row, with its storage type, format and label as a note; it has no numbers of results."""
    if not STORED.fullmatch(lines[at].text.strip()):
        return None
    first, rows = at, []
    while at < stop and (
        (found := STORED.fullmatch(lines[at].text.strip())) or (rows and lines[at].text.startswith("    "))
    ):
        place = Place(file, lines[at].number)
        if found:
            rows.append(WindowRow(found["name"], (), place, note=f"{found['type']} {found['rest']}"))
        elif lines[at].text.strip():
            rows[-1] = WindowRow(rows[-1].term, (), rows[-1].place, note=f"{rows[-1].note} {lines[at].text.strip()}")
        at += 1
    place = Place(file, lines[first].number)
    return Window("describe", place, tuple(rows), first=lines[first].number, last=lines[at - 1].number), at


_WILD = re.compile(
    in_order(r"\bbootstrap", r"\d replications") + "|" + in_order("overridden", "replications"), re.IGNORECASE
)
_SET = re.compile(r"(?P<level>\d+(?:\.\d+)?)% confidence (?:set|interval).*?:\s*(?P<set>[\[(].*)")
_PAIRED = re.compile(
    rf"\s*(?P<label>(?:Prob ?> ?\|?[A-Za-z]\w*\|?(?: \(.*\))?|[A-Za-z]\w*\(.*\)|[A-Za-z]))\s*=\s*(?P<value>{NUMBER}|\.)\s*"
)


def wild(lines: Sequence[Line], at: int, stop: int, file: str) -> Read | None:
    """`boottest`: what was drawn, the hypotheses, the statistic with its p, and the ends of the confidence set."""
    if len(lines[at].text) > 400 or not _WILD.match(lines[at].text.strip()):
        return None
    first, statistics, said = at, [], []
    draws = re.search(r"(?<![\d,])([\d,]++) replications", lines[at].text)
    assert draws is not None
    place = Place(file, lines[at].number, draws.start(1) + 1)
    statistics.append(Statistic("replications", "replications", cell(draws[1], place)))
    at += 1
    while at < stop:
        text, place = lines[at].text, Place(file, lines[at].number)
        if found := _PAIRED.fullmatch(text):
            name = "p" if found["label"].startswith("Prob") else "t" if found["label"].startswith(("t", "z")) else ""
            statistics.append(Statistic(found["label"], name, cell(found["value"], place)))
        elif found := _SET.fullmatch(text.strip()):
            ends = _VALUES.findall(found["set"])
            for label, value in zip(("ci_low", "ci_high"), (ends[0], ends[-1]) if len(ends) == 2 else (), strict=False):
                statistics.append(Statistic(f"{found['level']}% confidence set", label, cell(value, place, label)))
            at += 1
            break
        elif text.strip() and any(s.name == "p" for s in statistics):
            break
        elif text.strip():
            said.append(text.strip())
        at += 1
    if not any(s.name == "p" for s in statistics):
        return None
    window = Window(
        "boottest", Place(file, lines[first].number), (), outcome="; ".join(said), statistics=tuple(statistics),
        messages=(Message(lines[first].text.strip(), "note", Place(file, lines[first].number)),),
        first=lines[first].number, last=lines[at - 1].number,
    )  # fmt: skip
    return window, at
