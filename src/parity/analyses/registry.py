"""The registry of analyses: every folder beside this file that has an `analysis.py`, by name.

Together they answer every kind that a study may ask for (`parity.study.analyses.registry`), each of them once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

from parity.analyses.contract import Analysis
from parity.study.analyses.registry import BY_KIND
from parity.study.study import Study


@cache
def analyses() -> dict[str, Analysis]:
    """All of them by the name of their frozen answers, in the order of their folders."""
    folders = sorted(path.parent.name for path in Path(__file__).parent.glob("*/analysis.py"))
    found: list[Analysis] = [import_module(f"parity.analyses.{folder}.analysis").ANALYSIS for folder in folders]
    wrong = list(unanswered(found, BY_KIND))
    if wrong:
        raise TypeError("; ".join(wrong))
    return {one.name: one for one in found}


def unanswered(found: Sequence[Analysis], kinds: Collection[str]) -> Iterator[str]:
    """What must be written so that every kind is answered by one analysis, and every analysis asked for."""
    answered = [kind for one in found for kind in one.kinds]
    for kind in kinds:
        if answered.count(kind) != 1:
            by = [one.name for one in found if kind in one.kinds]
            said = f"several answer it: {', '.join(by)}" if by else "nothing answers it"
            yield f"`{kind}`: {said}; `kinds` of one ANALYSIS name it, in parity/analyses/{kind}/analysis.py, say"
    for one in found:
        yield from (f"`{one.name}` answers `{kind}`, which no module of parity/study/analyses declares: give it ASKED"
                    for kind in one.kinds if kind not in kinds)  # fmt: skip


def answer_in_r(name: str, study: Study) -> bytes:
    """JSON of an analysis' `in_r`, for a worker process: what crosses to it is a name."""
    return json.dumps(analyses()[name].in_r(study)).encode()
