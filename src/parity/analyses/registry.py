"""The registry of analyses: every folder beside this file that has an `analysis.py`, by name."""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from pathlib import Path

from parity.analyses.contract import Analysis
from parity.study.study import Study


@cache
def analyses() -> dict[str, Analysis]:
    """All of them by the name of their frozen answers, in the order of their folders."""
    folders = sorted(path.parent.name for path in Path(__file__).parent.glob("*/analysis.py"))
    found: list[Analysis] = [import_module(f"parity.analyses.{folder}.analysis").ANALYSIS for folder in folders]
    return {one.name: one for one in found}


def answer_in_r(name: str, study: Study) -> bytes:
    """JSON of an analysis' `in_r`, for a worker process: what crosses to it is a name."""
    return json.dumps(analyses()[name].in_r(study)).encode()
