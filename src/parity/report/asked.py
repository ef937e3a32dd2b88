"""What a kept report says of its specs, held to the text of the studies that it keeps."""

from __future__ import annotations

from pathlib import Path

from parity.base.errors import InputError, Problem
from parity.results.record import Report
from parity.results.spec_page import SpecDetail
from parity.runs.described import described
from parity.study.load import parse_readable
from parity.study.study import Study


def hold_to_studies(report: Report, file: str) -> None:
    """Raises `InputError` where a spec is described otherwise than its study's text has it.

    A text that this version of parity can't read any more is passed over: the report was made by another one.
    """
    problems = []
    for kept in report.studies or ():
        try:
            study, _ = parse_readable(kept.text, Path(kept.study) / "study.toml")
        except InputError:
            continue
        for i, detail in enumerate(report.details or ()):
            if detail.study == kept.study and detail.mode == "harmonised":
                problems += [Problem(file, f"details.{i}.{key}", said) for key, said in _otherwise(study, detail)]
    if problems:
        raise InputError(problems)


def _otherwise(study: Study, detail: SpecDetail) -> list[tuple[str, str]]:
    spec = next((s for s in study.specs if s.id == detail.spec), None)
    if spec is None:
        return [("spec", f"the text of {study.id} has no spec `{detail.spec}`; it was edited")]
    return [
        (key, f"{detail.study}/{detail.spec}: `{getattr(detail, key)}`, and `{text}` in the study's text; it was edited")
        for key, text in described(spec).items()
        if getattr(detail, key) != text
    ]
