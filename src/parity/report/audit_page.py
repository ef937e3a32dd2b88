"""An audit as one HTML file: what the result hangs on, the specification curve to explore, and all that was found.

No request leaves it, and its own script is the only one that may run. Without one, and on paper, the curve is a drawing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

import numpy as np

from parity.report.audit_block import Block, percent
from parity.report.audit_drawing import Line, drawing, lines_of
from parity.report.audit_first import caveat, sentences
from parity.report.audit_sentence import audit_sentence
from parity.report.audit_words import ABOUT, MOVED, blocks, changed, moved_shares
from parity.report.figures import short
from parity.report.html import environment, policy, template_text
from parity.results.audit import Audit, AuditAxis, AuditChange
from parity.results.audit_curve import Curve

#: Rows of the table beside the curve: so many at even ranks, the audited one among them.
ROWS = 21
#: Sections in order, and their titles; what each is about is said below (`ABOUT`).
PARTS = {
    "by option": "Under each option of it", "range": "All of them", "moved": "What moves it",
    "overturned": "The fewest choices that overturn it", "instruments": "Strength of the instruments",
    "joint": "All at once", "unobserved": "What was not observed", "left out": "One left out at a time",
    "removed": "The fewest units, periods or rows that overturn it",
    "wild": "With few clusters", "again": "Estimated again", "notes": "Notes",
}  # fmt: skip


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    about: str
    blocks: tuple[Block, ...]


def audit_page(audit: Audit, curve: Curve, *, made: bool = False) -> str:
    """The whole page; everything from data is escaped. made: whether the data are made, not observed."""
    script = template_text("theme.js") + template_text("audit.js")
    style = template_text("report.css") + template_text("audit.css")
    lines = lines_of(audit.axes, curve, _spoken(audit))
    first, *more = map(_together, sentences(audit) or ("",))
    but, second = (_together(said(audit)) for said in (caveat, audit_sentence))
    return environment().get_template("audit.html.j2").render(
        audit=audit, curve=curve, title=first or second, hangs=" ".join(more), caveat=but, second=second if first else "",
        made=made, lines=lines, data=_data(audit, curve, lines) if len(curve) else "", drawing=drawing(audit, curve, lines),
        rows=_rows(audit, curve), sections=_sections(audit), moved=_bars(audit), heads=MOVED, script=script, style=style,
        policy=policy(script), version=version("parity"), interval=f"{100 * (1 - audit.level):g} %",
    )  # fmt: skip


def _spoken(audit: Audit) -> set[tuple[str, str]]:
    """(choice, option) of the first sentence, and of the clearest change that overturns each claim."""
    first = {(audit.hangs.axis, audit.hangs.worst)} if audit.hangs is not None else set()
    return first | {(c.axis, c.after) for o in audit.overturned for s in o.sets[:1] for c in s.changes}


def _sections(audit: Audit) -> tuple[Section, ...]:
    every = [replace(b, before=tuple(map(_together, b.before)), after=tuple(map(_together, b.after))) for b in blocks(audit)]
    found = [(key, tuple(b for b in every if b.part == key)) for key in PARTS]
    return tuple(Section(key.replace(" ", "-"), PARTS[key], ABOUT.get(key, ""), held) for key, held in found if held)


def _together(text: str) -> str:
    """A number stays beside its percent sign."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def _bars(audit: Audit) -> list[tuple[str, list[tuple[str, float]]]]:
    """Choice -> (share in words, per cent) of coefficient, standard error and p."""
    if not any(m.variance for m in audit.decomposition):
        return []
    return [
        (axis, [(percent(by[w]) if w in by else "–", round(100 * max(by.get(w, 0.0), 0.0), 1)) for w in MOVED])
        for axis, by in moved_shares(audit)
    ]


def _rows(audit: Audit, curve: Curve) -> list[tuple[str, ...]]:
    """Specifications at even ranks of the curve, and the audited one: rank, coefficient, interval, p, what is changed."""
    if not len(curve):
        return []
    base = audit.summary.base.spec if audit.summary.base else -1
    at = set(np.linspace(0, len(curve) - 1, ROWS).round().astype(int).tolist())
    at |= set(np.flatnonzero(curve.number == base).tolist())
    return [
        (
            f"{i + 1:,}", short(float(curve.coef[i])),
            f"{short(float(curve.low[i]), 4)} to {short(float(curve.high[i]), 4)}",
            short(float(curve.p[i]), 3),
            *([] if curve.first_stage is None else [short(float(curve.first_stage[i]), 3)]),
            "audited" if curve.number[i] == base else changed(_changes(audit.axes, curve.choices[i])),
        )
        for i in sorted(at)
    ]  # fmt: skip


def _changes(axes: Sequence[AuditAxis], choices: np.ndarray) -> list[AuditChange]:
    return [
        AuditChange(axis=a.name, before=a.options[a.base], after=a.options[int(o)])
        for a, o in zip(axes, choices, strict=True)
        if int(o) != a.base
    ]


def _data(audit: Audit, curve: Curve, lines: Sequence[Line]) -> str:
    """JSON for the page's script, which no text in it can end. Arrays are base 64, choices axis by axis."""

    def packed(values: np.ndarray, kind: str) -> str:
        return base64.b64encode(np.ascontiguousarray(values).astype(kind).tobytes()).decode()

    base = audit.summary.base.spec if audit.summary.base else -1
    numbers = {name: packed(getattr(curve, name), "<f4") for name in ("coef", "low", "high", "se", "p", "nobs")}
    numbers |= {} if curve.first_stage is None else {"first": packed(curve.first_stage, "<f4")}
    found = {
        "n": len(curve), "total": curve.total, "level": audit.level,
        "base": int(np.flatnonzero(curve.number == base)[0]) if (curve.number == base).any() else -1,
        "axes": [{"name": a.name, "options": a.options, "base": a.base} for a in audit.axes],
        "choices": packed(curve.choices.T, "<u2"), "number": packed(curve.number, "<i4"),
        "lines": [{"axis": line.axis, "options": line.options} for line in lines], **numbers,
    }  # fmt: skip
    return json.dumps(found, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
