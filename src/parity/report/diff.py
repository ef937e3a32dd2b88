"""What changed between two runs, as text for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable

import wcwidth

from parity.base.printing import printing
from parity.compare.changed_numbers import NumberChange
from parity.compare.changes import RecordChange, ReportDiff, VersionChange
from parity.report.words import number

WIDTH = 80
#: Numbers listed one by one; the JSON has them all.
LISTED = 40


def diff_text(diff: ReportDiff) -> str:
    """Versions first: they are what most changes come from. The last line says whether anything got worse."""
    blocks = [
        _block("versions", [_version(v) for v in (*diff.versions, *diff.transports)]),
        _block("verdicts that got worse", [_verdict(c) for c in diff.verdicts if c.worse]),
        _block("other verdicts", [_verdict(c) for c in diff.verdicts if not c.worse]),
        _block("digits of agreement", [_digits(c) for c in diff.digits]),
        _block("numbers that moved beyond their accuracy", _numbers(diff.numbers)),
    ]
    text = "\n\n".join(b for b in [*blocks, _last(diff)] if b) + "\n"
    return printing(text)


def _block(title: str, lines: Iterable[str]) -> str:
    lines = list(lines)
    return "\n".join([f"{title}:", *(_wrap(line) for line in lines)]) if lines else ""


def _version(change: VersionChange) -> str:
    return f"{change.name}: {change.old or 'none'} -> {change.new or 'none'}"


def _place(change: RecordChange | NumberChange) -> str:
    mode = "" if change.mode == "harmonised" else f" ({change.mode})"
    return f"{change.study}/{change.spec}{mode}" if change.spec else f"{change.study}{mode}"


def _verdict(change: RecordChange) -> str:
    who = " against ".join(w for w in (change.candidate, change.reference) if w) or change.kind
    note = f": {change.note}" if change.note and (change.worse or change.old == change.new) else ""
    return f"{_place(change)}, {who}: {change.old or 'absent'} -> {change.new or 'absent'}{note}"


def _digits(change: RecordChange) -> str:
    return f"{_place(change)}, {change.candidate}: {change.old_digits:.1f} -> {change.new_digits:.1f}"


def _numbers(changes: tuple[NumberChange, ...]) -> list[str]:
    ranked = sorted(changes, key=lambda c: c.digits)
    lines = [
        f"{_place(c)}, {c.engine}: {f'{c.quantity} {c.term}'.strip()}: {number(c.old)} -> {number(c.new)}, "
        f"{c.digits:.1f} digits shared"
        for c in ranked[:LISTED]
    ]
    return lines + ([f"and {len(ranked) - LISTED} more"] if len(ranked) > LISTED else [])


def _last(diff: ReportDiff) -> str:
    changed = len(diff.verdicts) + len(diff.digits)
    total = diff.unchanged + changed
    numbers = (
        "numbers not compared (a report holds none)" if diff.numbers_compared is None
        else f"{len(diff.numbers):,} of {diff.numbers_compared:,} numbers moved"
    )  # fmt: skip
    if diff.not_compared and diff.numbers_compared is not None:
        numbers += f", those of {' and '.join(diff.not_compared)} not compared (a report holds none)"
    worse = f"{diff.worse:,} got worse" if diff.worse else "none got worse"
    return _wrap(f"{changed:,} of {total:,} comparisons changed, {worse}; {numbers}.", indent="")


def _wrap(text: str, indent: str = "  ") -> str:
    lines = wcwidth.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)
    return "\n".join(lines)
