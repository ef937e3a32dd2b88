"""Report -> an SVG badge: how many specifications agree, or in a run as shipped are as the study expects."""

from __future__ import annotations

from parity.report.html import environment
from parity.report.sentence import specs_of, worst
from parity.report.words import other_kinds
from parity.results.record import Record, Report

#: Width of a character of the badge's font at 11 pixels, near enough: the text is fitted to its box.
CHARACTER = 6.4


def to_badge(report: Report) -> str:
    """Green where the run passes, amber where all that differs is explained, red otherwise."""
    groups = specs_of(report).values()
    analyses = [records for records in groups if _beside(records[0])]
    specs = [records for records in groups if not _beside(records[0]) and records[0].kind != "expectation"]
    shipped = any(r.mode == "as-shipped" for r in report.records)
    # a spec that every engine declines harms nothing, and agrees with nothing
    good = sum(all(r.harmless for r in records) and (shipped or worst(records) == "agree") for records in specs)
    others = sum(any(not r.harmless for r in records) for records in analyses)
    beside = f", {others} other{'s' if others > 1 else ''} not" if others else ""
    what = "as expected" if shipped else "agree"
    text = f"{good} of {len(specs)} {what}{beside}" if report.compared else "nothing compared"
    known = all(r.harmless or r.verdict == "explained" for r in report.records)
    colour = "#1a6e4a" if report.exit_code == 0 else "#8a6100" if report.compared and known else "#a8320b"
    width = round(CHARACTER * len(text)) + 12
    return environment().get_template("badge.svg.j2").render(text=text, left=49, right=width, colour=colour) + "\n"


def _beside(record: Record) -> bool:
    return record.kind in other_kinds() or record.about_analysis
