"""A printed number that the estimate doesn't give: the two numbers by their names, and what to ask next."""

from __future__ import annotations

import math
import shlex

from parity.results.record import Difference, Record


def no_such(record: Record) -> bool:
    """Whether something is printed that the estimate doesn't have; the record's note then says so."""
    return record.kind == "printed" and any(d.candidate is None for d in record.differences)


def printed_text(difference: Difference) -> str:
    """The printed number with the decimals it was printed with, `0.0330`."""
    value, half_unit = difference.reference, difference.allowed
    if value is None or not half_unit:
        return "absent" if value is None else f"{value:g}"
    decimals = round(-math.log10(2 * half_unit))
    return f"{value:.{decimals}f}" if decimals >= 0 else f"{value:g}"


def printed_line(difference: Difference) -> str:
    """`se capital: 0.062 in print, 0.0632812940898 estimated; 1.9 digits agree`"""
    name, printed = f"{difference.quantity} {difference.term}".strip(), printed_text(difference)
    if difference.candidate is None:
        return f"{name}: {printed} in print, nothing estimated"
    if difference.quantity == "stars":
        return f"{name}: {printed} in print, {difference.candidate:g} by the estimated p-value"
    return f"{name}: {printed} in print, {difference.candidate:.12g} estimated; {difference.digits:.1f} digits agree"


def next_question(record: Record) -> str:
    """The command that looks for a cause where a run found none; empty where there is nothing to ask."""
    if record.kind != "printed" or record.verdict != "disagree" or record.causes or no_such(record):
        return ""
    kind, _, name = record.spec.partition(".")
    if record.about_analysis:
        if kind != "index" or "." in name:
            return ""
        asked = [d for d in record.differences if d.quantity in ("weight", "score")]
        options = [f"--target-{d.quantity} {shlex.quote(f'{d.term}={printed_text(d)}')}" for d in asked]
        return f"parity explain {shlex.quote(record.study)} {shlex.quote(name)} {' '.join(options)}" if options else ""
    targets = [
        f"--target-{d.quantity} {shlex.quote(f'{d.term}={printed_text(d)}')}"
        for d in record.differences if d.quantity in ("coef", "se", "t")
    ]  # fmt: skip
    return f"parity explain {shlex.quote(record.study)} {shlex.quote(record.spec)} {' '.join(targets)}" if targets else ""


def searched(record: Record) -> str:
    """What a run's search for a cause came to, where it found none."""
    command = next_question(record)
    if command and record.about_analysis:
        return f"Which variant of the index gives it: {command}"
    return f"Causes were tried one by one, and none gives what is printed. Several at once: {command}" if command else ""
