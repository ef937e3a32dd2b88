"""Report <-> JSON (`parity-report/1`). Numbers keep 17 significant digits; NaN and infinities are strings."""

from __future__ import annotations

from parity.record import Report


def to_json(report: Report) -> str:
    return report.model_dump_json(by_alias=True, indent=1) + "\n"


def from_json(text: str | bytes) -> Report:
    return Report.model_validate_json(text)
