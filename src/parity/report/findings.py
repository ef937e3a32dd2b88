"""Findings about data as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import wcwidth

from parity.base.printing import printing
from parity.report.chinese import Told, as_it_is
from parity.report.text import lines_of

_MARKS = {"fine": "ok", "note": "note", "wrong": "WRONG"}


class _Finding(Protocol):
    level: str
    text: str


def finding_lines(findings: Iterable[_Finding], told: Told = as_it_is) -> list[str]:
    """A line per finding, wrapped, with its mark in front. told: in which language."""
    lines = []
    for finding in findings:
        clean = printing(told(finding.text), keep="")
        first = "  " + wcwidth.ljust(told(_MARKS[finding.level]), 6)
        lines += lines_of(clean, initial=first, subsequent=" " * wcwidth.width(first))
    return lines
