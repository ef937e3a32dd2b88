"""What a do-file does that a reader must know: commands that aren't known, and traps, each with file and line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """id: of the kind, such as "unknown-command"; text: one sentence; taints: what was made here can't be trusted.

    goes_on: an error at which Stata doesn't stop, in what `do ..., nostop` runs. [R] do
    """

    id: str
    file: str
    line: int
    text: str
    command: str = ""
    taints: bool = False
    goes_on: bool = False

    @property
    def doubt(self) -> str:
        """How columns and estimates name it."""
        return f"{self.id} ({self.file}:{self.line})"
