"""Findings about data as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import wcwidth

from parity.base.printing import printing

WIDTH = 80
_MARKS = {"fine": "ok", "note": "note", "wrong": "WRONG"}


class _Finding(Protocol):
    level: str
    text: str


def finding_lines(findings: Iterable[_Finding]) -> list[str]:
    """A line per finding, wrapped, with its mark in front."""
    lines = []
    for finding in findings:
        clean = printing(finding.text, keep="")
        first = f"  {_MARKS[finding.level]:<6}"
        lines += wcwidth.wrap(clean, WIDTH, initial_indent=first, subsequent_indent=" " * len(first))
    return lines
