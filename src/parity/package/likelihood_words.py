"""What stands above a window of a likelihood, or of margins, and its command denies: the steps, the legend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from parity.compare.printed import PrintedNumber, read_number
from parity.package.estimates import Estimated, plain
from parity.package.notes import Note
from parity.package.printed import Printed
from parity.stata_language.vce import CATEGORICAL, LIKELIHOODS

if TYPE_CHECKING:
    from parity.package.values import Group

#: With these the first step is no model of the constant alone.
_ELSEWHERE = re.compile(r"\b(?:nocons\w*|noc|off\w*|exp\w*|from|const\w*|init)\b")
#: How the expression of margins begins, and after which commands.
_RESPONSES = {"Pr(": ("logit", "logistic", "probit", *CATEGORICAL), "Predicted number of events": ("poisson",)}


def of_steps(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """The last step must be at the log likelihood, the first of a binary outcome at the constant's; none goes down."""
    said = [(s.line, s.text.split(maxsplit=2)) for s in exhibit.words if s.name == "iteration"]
    ll, null = e.number("ll"), e.number("ll_0")
    if not said or ll is None or e.name not in (*LIKELIHOODS, *CATEGORICAL):
        return
    steps = [(line, read_number(parts[1].replace(",", "")), len(parts) > 2) for line, parts in said]
    line, last, remark = steps[-1]
    if not _holds(last, ll) and not remark:
        yield line, f"the last step above the window is at log likelihood {last.text}; its command's is {ll:.9g}"
    line, first, _ = steps[0]
    binary = e.name != "poisson" and said[0][1][0] == "0" and not _ELSEWHERE.search(e.command.partition(",")[2])
    if binary and null is not None and len(steps) > 1 and not _holds(first, null):
        yield (
            line,
            f"the first step above the window is at log likelihood {first.text}; that of the constant alone is {null:.9g}",
        )
    for (_, before, _), (line, after, remark) in pairwise(steps):
        if before.value - before.half_unit > after.value + after.half_unit and not remark:
            yield line, f"the log likelihood above the window falls from {before.text} to {after.text}"


def _holds(number: PrintedNumber, value: float) -> bool:
    return abs(value - number.value) <= number.allowed


def of_legend(exhibit: Printed, group: Group | None) -> list[Note]:
    """The covariance, the response, the variables and the kind of average that a window of margins says, and its command
    has not."""
    of = group.said[-1].values.get("of") if group and group.kind == "margins" else None
    if not of:
        return []
    at = f"({group.file}:{group.line})"
    found = [
        *_covariance(exhibit, of),
        *_response(exhibit, of, group),
        *_variables(exhibit, group),
        *_average(exhibit, group),
    ]
    return [Note("note-window", line, f"{text} {at}") for line, text in dict.fromkeys(found)]


def _said(exhibit: Printed, *names: str) -> list[tuple[int, str]]:
    return [(s.line, s.text) for s in exhibit.words if s.name in names]


def _covariance(exhibit: Printed, of: dict[str, str]) -> Iterator[tuple[int, str]]:
    vce = of.get("vce", "")
    due = vce.upper() if vce in ("oim", "ols") else "Robust" if vce in ("robust", "cluster") else ""
    for line, text in _said(exhibit, "model vce"):
        if due and text.split()[0].split("-")[0] != due:
            yield line, f"the window says model VCE `{text}`; its model has {due}"


def _response(exhibit: Printed, of: dict[str, str], group: Group) -> Iterator[tuple[int, str]]:
    after = str(group.said[-1].values.get("after", ""))
    for line, text in _said(exhibit, "expression"):
        begins = next((b for b in _RESPONSES if text.startswith(b)), "")
        named = re.match(r"Pr\(([^\W\d]\w*)[)=]", text)
        if begins and after not in _RESPONSES[begins]:
            yield line, f"the window is of `{text[:40]}`; its model is of `{after}`"
        elif named and named[1] != of.get("depvar"):
            yield line, f"the window is of `{text[:40]}`; the outcome of its model is `{of.get('depvar')}`"


def _variables(exhibit: Printed, group: Group) -> Iterator[tuple[int, str]]:
    terms = [str(s.values.get("term", "")) for s in group.said]
    if any("#" in t for t in terms):
        return
    for line, text in _said(exhibit, "dy/dx wrt", "ey/ex wrt", "dy/ex wrt", "ey/dx wrt"):
        strange = [n for n in text.split() if not any(plain(n) == plain(t) for t in terms)]
        if strange and "~" not in text:
            yield line, f"the window names `{strange[0]}` among its variables; its command doesn't"
        elif len(text.split()) < len(terms) and not strange:
            yield line, f"the window names {len(text.split())} of the {len(terms)} variables of its command"


def _average(exhibit: Printed, group: Group) -> Iterator[tuple[int, str]]:
    texts = " ".join(group.texts)
    if "at(" in texts:
        return
    for line, text in _said(exhibit, "title"):
        kind = re.match(r"(Average|Conditional) marginal effects", text)
        if kind and (kind[1] == "Conditional") != ("atmean" in texts):
            yield line, f"the window has `{text[:40]}`; its command takes {'means' if 'atmean' in texts else 'every row'}"
