"""Report <-> JSON (`parity-report/1`). Numbers keep 17 significant digits; NaN and infinities are strings."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from parity.base.errors import InputError, Problem
from parity.report.contradictions import contradictions
from parity.results.record import Report


def to_json(report: Report) -> str:
    """Without the keys `details`, `analyses` and `studies` where the run collected none."""
    left_out = {key for key in ("details", "analyses", "studies") if getattr(report, key) is None}
    return report.model_dump_json(by_alias=True, indent=1, exclude=left_out) + "\n"


def from_json(text: str | bytes) -> Report:
    return Report.model_validate_json(text)


def read_report(file: str | Path) -> Report:
    """A report kept by `parity run --json`. Raises `InputError` where the file isn't one."""
    path = Path(file)
    if not path.is_file():
        raise InputError.at(str(file), "", "there is no such file")
    try:
        raw = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InputError.at(str(file), "", f"not JSON: {str(error)[:200]}") from None
    form = raw.get("schema") if isinstance(raw, dict) else None
    if form != "parity-report/1":
        what = f"its schema is `{str(form)[:60]}`" if form else "it has no schema"
        raise InputError.at(str(file), "schema", f"not a report of `parity run --json` (parity-report/1): {what}")
    try:
        report = Report.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError.at(str(file), place, f"not a report of this version: {first['msg'].lower()}") from None
    problems = [Problem(str(file), place, message) for place, message in contradictions(report)]
    if problems:
        raise InputError(problems)
    return report
