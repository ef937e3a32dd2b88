"""What `estat overid` and `estat endogenous` print below their heading: `Sargan (score) chi2(1) =  11.2877  (p = 0.0008)`.

[R] ivregress postestimation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity.logs.exhibit import NotUnderstood, Place, Statistic, Window
from parity.logs.numbers import NUMBER, cell
from parity.printed.lines import Line

_HEADS = (
    ("estat overid", re.compile(r"\s*+Tests? of (?:the )?overidentifying restrictions?:?\s*+", re.IGNORECASE)),
    ("estat endogenous", re.compile(r"\s*+Tests? of endogeneity(?: \(orthogonality conditions\))?:?\s*+", re.IGNORECASE)),
)
_LINE = re.compile(
    rf"\s*+(?P<name>[A-Z][A-Za-z'()–-]*+(?: [A-Za-z()]++){{0,3}}) (?P<law>chi2|F)\((?P<df>\d++)(?:, ?(?P<free>\d++))?\)"
    rf" *= *(?P<value>{NUMBER}) {{1,4}}\(p = (?P<p>{NUMBER})\)\s*+"
)
#: Between the heading and the tests.
_HYPOTHESIS = re.compile(r"\s*+H[0o]: .*")


def iv_tests(lines: Sequence[Line], at: int, stop: int, file: str) -> tuple[Window, int] | None:
    """The window whose heading stands at `at`, and the position behind it."""
    kind = next((kind for kind, head in _HEADS if head.fullmatch(lines[at].text)), "")
    if not kind:
        return None
    first, statistics, lost = at, [], []
    at += 1
    while at < stop:
        text = lines[at].text
        found = _LINE.fullmatch(text)
        if found is not None:
            name, place = found["name"], Place(file, lines[at].number)
            parts = (("", "value"), (" df", "df"), (" df_r", "free"), (" p", "p"))
            statistics += [
                Statistic(f"{name}{tail}", "", cell(found[part], place)) for tail, part in parts if found[part] is not None
            ]
        elif text.strip() and not _HYPOTHESIS.fullmatch(text):
            if not re.search(r"\d", text):
                break
            lost.append(NotUnderstood(text.strip(), "no test that is known", Place(file, lines[at].number)))
        at += 1
    if not statistics and not lost:
        return None
    window = Window(
        kind=kind, place=Place(file, lines[first].number), rows=(), statistics=tuple(statistics),
        not_understood=tuple(lost), first=lines[first].number, last=lines[at - 1].number,
    )  # fmt: skip
    return window, at
