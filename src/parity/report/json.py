"""Report <-> JSON (`parity-report/1`). Numbers keep 17 significant digits; NaN and infinities are strings."""

from __future__ import annotations

from parity.record import Report


def to_json(report: Report) -> str:
    """Without the key `details` where the run collected none."""
    left_out = {"details"} if report.details is None else None
    return report.model_dump_json(by_alias=True, indent=1, exclude=left_out) + "\n"


def from_json(text: str | bytes) -> Report:
    return Report.model_validate_json(text)
