"""The counts that tobit printed below its window up to Stata 14, as the heads of later windows name them."""

from __future__ import annotations

import re

from parity.logs.exhibit import Place, Statistic
from parity.logs.numbers import NUMBER, cell
from parity.printed.lines import Line

_COUNT = re.compile(
    rf"\s*(?:Obs\. summary:\s*)?(?P<count>{NUMBER})\s+(?P<of>left-censored|uncensored|right-censored) observations?"
    rf"(?:\s+at\s+\S+?\s*[<>]=\s*(?P<limit>{NUMBER}))?\s*"
)
_LONGEST = 300
_LIMITS = {"left-censored": "Limits: Lower", "right-censored": "Upper"}


def censored_counts(line: Line, file: str) -> list[Statistic]:
    """`Obs. summary:  325  left-censored observations at hours<=0`: the count, and the limit where one is named."""
    found = _COUNT.fullmatch(line.text) if len(line.text) <= _LONGEST else None
    if found is None:
        return []
    out = [Statistic(found["of"].capitalize(), "", cell(found["count"], Place(file, line.number, found.start("count") + 1)))]
    if found["limit"] and (label := _LIMITS.get(found["of"])):
        out.append(Statistic(label, "", cell(found["limit"], Place(file, line.number, found.start("limit") + 1))))
    return out
