"""The two walks of docs/architecture.md, walked: each function that they name runs, and values go from step to step."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conftest import ROOT
from parity.base.pool import Lost
from parity.cli import main
from structure import SOURCE
from test_architecture import walks

SPEC, NUMBER = (head for head in walks())
ASKED = {
    SPEC: [
        "run",
        "fixtures/mtcars",
        "--spec",
        "singletons_dropped",
        "--engine",
        "py-moments",
        "--engine",
        "py-statsmodels",
        "--no-cache",
    ],
    NUMBER: ["explain", "docs/examples/one_digit", "baseline", "--table", "docs/examples/one_digit/table.md"],
}


def here(calls, *, jobs: int, timeout: float, done: Callable[[Any, Any], None]) -> None:
    """What workers do, in this process; nothing of R."""
    for call in calls:
        done(call.key, call.function(*call.args) if call.lane == "python" else Lost("not asked here"))


def walked(line: list[str]) -> dict[tuple[str, str], int]:
    """(file, function) -> when it first returned."""
    ended: dict[tuple[str, str], int] = {}

    def watch(frame, event: str, _: object) -> None:
        if event == "return" and frame.f_code.co_filename.startswith(str(SOURCE)):
            file = Path(frame.f_code.co_filename).relative_to(SOURCE).as_posix()
            ended.setdefault((file, frame.f_code.co_qualname), len(ended))

    sys.setprofile(watch)
    try:
        done = CliRunner().invoke(main, line)
    finally:
        sys.setprofile(None)
    assert done.exit_code in (0, 1), done.output
    return ended


def named(file: str, function: str, ran: dict[tuple[str, str], int]) -> list[int]:
    """When a step ended; of a contract, when those that keep it did; of a type, nothing, as it is only held."""
    if (file, function) == ("engines/base.py", "Engine.estimate"):
        return [t for (f, name), t in ran.items() if f.startswith("engines/") and name.endswith(".estimate")]
    return [t for place, t in ran.items() if place == (file, function)]


@pytest.mark.parametrize("head", [SPEC, NUMBER])
def test_a_walk_goes_as_the_page_says(head, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("parity.runs.ask.run_calls", here)
    monkeypatch.setattr("parity.runs.worker._frames", {})  # what another test read in this process is read again
    monkeypatch.setattr("parity.runs.worker._designs", OrderedDict())
    ran = walked(ASKED[head])
    steps = [step for step in walks()[head] if not step[1][0].isupper() or "." in step[1]]
    missed = [f"{file}:{function}" for file, function in steps if not named(file, function, ran)]
    assert not missed, f"docs/architecture.md, {head.lower()}: {missed} didn't run in `parity {' '.join(ASKED[head])}`"
    if head == SPEC:
        steps = [step for step in steps if step[1] != "evaluate"]  # it serves derived columns, too, before a design's
        ends = [min(named(file, function, ran)) for file, function in steps]
        assert ends == sorted(ends), (
            f"docs/architecture.md: its steps end in another order: {list(zip(steps, ends, strict=True))}"
        )
