"""What a window of lincom, nlcom or margins says of the function that its numbers are of, and its command doesn't.

The heads of its columns, the expression, the groups, the response and the kind of effect in its legend.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from parity.logs.lines_around import PIECE
from parity.package.notes import Note
from parity.package.printed import Printed
from parity.package.row_labels import spells
from parity.printed.window_head import COEFFICIENT
from parity.stata_language.vce import CATEGORICAL

if TYPE_CHECKING:
    from parity.package.values import Group

#: Options of lincom -> heads of a column of exponentials.
_RATIOS = {"or": "Odds ratio", "hr": "Haz. ratio", "irr": "IRR", "rrr": "RRR", "eform": "exp(b)"}
_EFFECTS = {"dydx": "dy/dx", "eyex": "ey/ex", "dyex": "dy/ex", "eydx": "ey/dx"}
#: How margins titles averages of a response and of effects. [R] margins
_RESPONSES = ("Predictive margins", "Adjusted predictions", "Average predictions", "Predictions at")
_AVERAGES = ("Average marginal effects", "Conditional marginal effects", "Marginal effects", "Average")
_EXPRESSION = re.compile(r"([A-Za-z_]\w*) ?: ?(.+)")
_OVER = re.compile(r"over ?: ?(.+)", re.IGNORECASE)

Told = Mapping[str, Any]


def of_functions(exhibit: Printed, group: Group | None) -> list[Note]:
    told = (group.said[-1].values.get("told") or {}) if group is not None else {}
    if not told or group is None or exhibit.kind not in ("lincom", "nlcom", "margins"):
        return []
    found = [*_outcome(exhibit, told), *_first(exhibit, told), *_letters(exhibit, told, group)]
    if exhibit.kind == "nlcom":
        found += _expressions(exhibit, told)
    elif exhibit.kind == "margins":
        found += [*_title(exhibit, told), *_legend(exhibit, told)]
    at = f"({group.file}:{group.line})"
    return [Note("note-window", line, f"{text} {at}") for line, text in dict.fromkeys(found)]


def _said(exhibit: Printed, *names: str) -> Iterator[tuple[int, str]]:
    return ((s.line, s.text) for s in exhibit.words if s.name in names)


def _outcome(exhibit: Printed, told: Told) -> Iterator[tuple[int, str]]:
    """Above the rows of a function of coefficients stands the outcome of their command."""
    shown, due = exhibit.columns[0].outcome, told.get("outcome", "")
    if exhibit.kind != "margins" and due and shown.isidentifier() and not spells(shown, due):
        yield exhibit.line, f"the window is of `{shown}`; its command's outcome is `{due}`"


def _first(exhibit: Printed, told: Told) -> Iterator[tuple[int, str]]:
    """The head of the first column: a coefficient or a ratio, an effect or a margin."""
    heads = {c.name for column in exhibit.columns for row in column.rows for c in row.cells if c.kind == "coef" and c.name}
    for head in sorted(heads):
        if exhibit.kind == "margins":
            due = _EFFECTS.get(told["effect"], "Margin")
            right = head.lower() == due.lower()
        else:
            due = _RATIOS.get(told.get("ratio", ""), "Coefficient")
            right = bool(COEFFICIENT.fullmatch(head)) if due == "Coefficient" else head.lower() == due.lower()
        if not right:
            yield exhibit.line, f"the window's first column is headed `{head}`; its command gives `{due}`"
    if exhibit.kind == "margins" and exhibit.vcov not in ("", "Delta-method", "Delta-Method"):
        yield exhibit.line, f"the window says `{exhibit.vcov}` above its standard errors; they are by the delta method"


def _letters(exhibit: Printed, told: Told, group: Group) -> Iterator[tuple[int, str]]:
    """`t` above statistics of a model that has no degrees of freedom; `z` for lincom's t. Others went from z to t, or back,
    with a version of Stata."""
    v = group.said[-1].numbers
    normal = not told["t"] if exhibit.kind == "nlcom" else "df" not in v if exhibit.kind == "lincom" else told["normal"]
    for line, text in _said(exhibit, "distribution"):
        if normal and text == "t":
            yield line, "the window's columns say `t`; its command gives z"
        elif exhibit.kind == "lincom" and not normal and text == "z" and math.isfinite(v["df"]):
            yield line, "the window's columns say `z`; its command gives t"


def _expressions(exhibit: Printed, told: Told) -> Iterator[tuple[int, str]]:
    """`_nl_1: _b[x]/_b[w]`, as it is typed; a long one may go on in lines of its own."""
    due = {name: re.sub(r"\s", "", text) for name, text in told["texts"].items()}
    for line, text in _said(exhibit, PIECE):
        found = _EXPRESSION.fullmatch(text)
        shown = re.sub(r"\s", "", found[2]) if found else ""
        if found and found[1] in due and not due[found[1]].startswith(shown):
            yield line, f"the window says `{text[:60]}`; its command has `{told['texts'][found[1]][:60]}`"


def _title(exhibit: Printed, told: Told) -> Iterator[tuple[int, str]]:
    for line, text in _said(exhibit, "title"):
        of_effects = text.startswith(_AVERAGES) and "predictions" not in text
        of_response = text.startswith(_RESPONSES)
        if (of_effects and not told["effect"]) or (of_response and told["effect"]):
            yield line, f"the window has `{text[:40]}`; its command asks for {told['effect'] or 'no effects'}"
        elif text.startswith("Adjusted predictions") and not (told["factors"] or told["at"]):
            yield line, f"the window has `{text[:40]}`; its command sets no values"


def _legend(exhibit: Printed, told: Told) -> Iterator[tuple[int, str]]:
    """`Over: h`, `ey/ex wrt: x`, `Expression: Pr(b), predict()`."""
    for line, text in _said(exhibit, PIECE):
        found = _OVER.fullmatch(text)
        if found and not (len(found[1].split()) == len(told["over"]) and all(map(spells, found[1].split(), told["over"]))):
            due = f"over({' '.join(told['over'])})" if told["over"] else "no groups"
            yield line, f"the window says `{text[:60]}`; its command has {due}"
    for line, text in _said(exhibit, *(f"{head} wrt" for head in _EFFECTS.values())):
        name = next(s.name for s in exhibit.words if s.line == line and s.text == text and s.name.endswith(" wrt"))
        due = _EFFECTS.get(told["effect"], "")
        if name.removesuffix(" wrt") != due:
            yield line, f"the window says `{name}: {text[:40]}`; its command gives {due or 'no effects'}"
    for line, text in _said(exhibit, "expression"):
        response, linear = told["response"], re.match(r"linear prediction|fitted values|xb\b", text, re.IGNORECASE)
        if linear and response and not told["expression"]:
            yield line, f"the window is of `{text[:40]}`; its command averages the response of {response}"
        elif not response and not told["expression"] and re.match(r"Pr\(|Predicted number", text):
            yield line, f"the window is of `{text[:40]}`; its command averages the linear prediction"
        elif text.startswith("Predicted number") and response in ("logit", "probit", *CATEGORICAL):
            yield line, f"the window is of `{text[:40]}`; its command averages a probability"
