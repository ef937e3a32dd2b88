"""Sentences around a window of estimates, held against its command.

Which errors its statistics are robust to, its estimator, what a test below it is of, which variables it leaves out.

[R] areg; ivreg2, reghdfe: their help files and output.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from parity.logs.lines_around import PIECE
from parity.package.window_labels import spelled
from parity.stata_language.vce import CATEGORICAL, CENSORED, JOINT, LIKELIHOODS, SERIES

if TYPE_CHECKING:
    from parity.package.estimates import Estimated
    from parity.package.printed import Printed

_ROBUST = re.compile(
    r"Statistics robust to (?:arbitrary )?(?P<h>heteroske?dasticity)?(?P<rest>.*)|"
    r"Statistics (?:consistent|efficient) for (?P<only>homoske?dasticity only)",
    re.IGNORECASE,
)
_CLUSTERING = re.compile(r"clustering on ([\w~]+)(?: and ([\w~]+))?", re.IGNORECASE)
_EFFICIENT = re.compile(r"Estimates efficient for (arbitrary|homoske?dasticity)", re.IGNORECASE)
#: Titles of ivreg2 -> what its command must ask for; without any of these it is two-stage least squares.
_IVREG2 = {"LIML estimation": r"\bliml\b", "2-Step GMM estimation": r"\bgmm2?s?\b", "CUE estimation": r"\bcue\b"}
_OTHER_K = re.compile(r"\b(?:fuller|kclass|coviv)\b")
_F_TEST = re.compile(r"F[ -]test (?P<of>of absorbed indicators|that all u_i ?= ?0)\b.*", re.IGNORECASE)
_ANY_F_TEST = re.compile(r"F[ -]test (?:of|that)\b.*", re.IGNORECASE)
_LEFT = re.compile(r"(?:note: )?(?P<name>[\w.#~]+) omitted because of collinearity\.?", re.IGNORECASE)
_SINGLETONS = re.compile(r"\(dropped (?P<n>[\d,]+) singleton observations?\)", re.IGNORECASE)
_CLUSTERS = re.compile(r"Number of clusters \((?P<name>[\w~]+)\)")
_SQUARES = re.compile(r"(R-sq[\w. ]{0,20}:)(?: Obs per group:)?", re.IGNORECASE)
_LR = re.compile(r"LR chi2\(\d+\)")


def of_phrases(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    yield from _of_robust(exhibit, e)
    yield from _of_instruments(exhibit, e)
    yield from _of_tests(exhibit, e)
    yield from _of_left_out(exhibit, e)
    yield from _of_labels(exhibit, e)


def _pieces(exhibit: Printed) -> Iterator[tuple[int, str]]:
    return ((s.line, " ".join(s.text.split())) for s in exhibit.words if s.name == PIECE)


def _of_robust(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    request = e.source.request
    kind, clusters = request.kind, [part for c in request.cluster for part in c.split("#")]
    serial = kind in ("NW", "DK") or re.search(r"\b(?:bw|dkraay|kernel)\b", e.command) is not None
    for line, text in _pieces(exhibit):
        found = _ROBUST.fullmatch(text)
        if found is None or e.drawn:
            continue
        if found["only"] and kind != "iid":
            yield line, f"the window says `{text[:70]}`; its command asks for {kind} errors"
        elif not found["only"] and kind == "iid" and not serial:
            yield line, f"the window says `{text[:70]}`; its command asks for no robust errors"
        elif "autocorrelation" in text.lower() and not serial:
            yield line, f"the window says `{text[:70]}`; its command's errors are robust to no autocorrelation"
        by = _CLUSTERING.search(text)
        for named in by.groups() if by else ():
            if named and not any(spelled(named, name) for name in clusters):
                yield line, f"the window says `{text[:70]}`; its command clusters by {', '.join(clusters) or 'nothing'}"


def _of_instruments(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """The estimator of ivreg2, and what its estimates are efficient for."""
    if e.name != "ivreg2" or _OTHER_K.search(e.command):
        return
    options = e.command.partition(",")[2]
    asked = [title for title, word in _IVREG2.items() if re.search(word, options)]
    due = asked[0] if asked else "IV (2SLS) estimation" if e.source.request.endogenous else "OLS estimation"
    known = (*_IVREG2, "IV (2SLS) estimation", "OLS estimation")
    moments = due in ("2-Step GMM estimation", "CUE estimation") and e.source.request.kind != "iid"
    for line, text in _pieces(exhibit):
        if text in known and text != due and len(asked) < 2 and not (text == "OLS estimation" and "first" in options):
            yield line, f"the window is headed `{text}`; its command gives {due}"
        found = _EFFICIENT.match(text)
        if found and (found[1].lower() == "arbitrary") != moments:
            yield line, f"the window says `{text[:70]}`; its command gives {due}"


def _of_tests(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    due = {"areg": "of absorbed indicators", "xtreg": "that all u_i=0"}.get(e.name, "")
    for line, text in _pieces(exhibit):
        found = _F_TEST.fullmatch(text)
        if due and _ANY_F_TEST.fullmatch(text) and (found is None or found["of"].lower().replace(" =", "=") != due):
            yield line, f"the window says `{text[:60]}`; its command prints the F test {due}"
        squares = _SQUARES.fullmatch(text)
        if squares and squares[1].lower() not in ("r-sq:", "r-squared:"):
            yield line, f"the window says `{text}` above R-squared within, between and overall"


def _of_left_out(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """A variable that is said to be left out and has its coefficient; another number of singletons."""
    for line, text in _pieces(exhibit):
        found = _LEFT.fullmatch(text)
        if found and any(spelled(found["name"], term) for term in e.terms) and not e.omitted:
            yield line, f"the window says that `{found['name']}` is omitted; its command has its coefficient"
        number, singles = _SINGLETONS.fullmatch(text), e.number("singletons")
        if number and singles is not None and int(number["n"].replace(",", "")) != singles:
            yield line, f"the window says `{text}`; its command drops {singles:.0f}"


def _of_labels(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """Clusters by another variable, `LR chi2` of no likelihood, `Std. dev.` above standard errors."""
    request = e.source.request
    clusters = [part for c in request.cluster for part in c.split("#")]
    likely = (*LIKELIHOODS.values(), *CATEGORICAL, *CENSORED, *JOINT, *SERIES)
    for s in exhibit.columns[0].statistics if exhibit.columns else ():
        found = _CLUSTERS.fullmatch(s.label)
        if found and clusters and not any(spelled(found["name"], name) for name in clusters):
            yield (
                s.cell.place.line,
                f"the window says clusters of `{found['name']}`; its command's are {', '.join(clusters)}",
            )
        if _LR.fullmatch(s.label) and request.model not in likely and not re.search(r"\bmle\b", e.command):
            yield s.cell.place.line, f"the window says `{s.label}`; its command gives a Wald test"
    for s in exhibit.words:
        if s.name == "errors" and "dev" in s.text.lower():
            yield s.line, f"the window's columns say `{s.text}`; they are standard errors"
