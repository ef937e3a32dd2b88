"""What a title or note says that the coefficients are: odds ratios, marginal effects, standardised coefficients.

Held against columns whose coefficients are reproduced as the command gives them, or as exp(b). Only a clause that is about
the whole table is read: `Odds ratios; standard errors in parentheses`, `The table reports average marginal effects`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from parity.package.estimates import Estimated, constant
from parity.package.fit import Fit
from parity.package.model_words import OF_SOME
from parity.package.notes import Note
from parity.package.printed import Printed
from parity.package.verdict import Judged
from parity.stata_language.vce import CATEGORICAL, CENSORED, JOINT, LIKELIHOODS, SERIES

_LEAD = r"(?:the |all |average |mean |estimated )?"
_KINDS = {
    "odds ratios": r"(?:odds|hazard|incidence[ -]rate|relative[ -]risk|risk|rate)[ -]ratios?|irrs?\b|"
                   r"exponentiated coefficients|优势比|几率比|发生率比",
    "marginal effects": r"(?:average |mean )?(?:marginal|partial) effects?|边际效应",
    "standardised coefficients": r"(?:fully )?standardi[sz]ed (?:beta )?coefficients?|"
                                 r"(?:standardi[sz]ed )?beta coefficients?|标准化(?:回归)?系数",
    "coefficients": r"(?:logit|probit|poisson|raw) coefficients?|log[ -]odds",
}  # fmt: skip
_SAYS = r"(?:reports?|shows?|presents?|displays?|gives?|lists?|contains?|are|is) "
#: At the head of a clause, or what the table is said to report; and said of in the passive.
_CLAIMS = {
    kind: re.compile(
        rf"^{_LEAD}(?:{words})(?=$|[,:;.]| (?:are|is|from|with|and standard|reported|shown|of)\b)|"
        rf"\b(?:tables?|columns?|cells?|entries|estimates?|coefficients|we|numbers) {_SAYS}{_LEAD}(?:{words})|"
        rf"(?:本表|表中)(?:结果|数字|系数)?(?:报告|汇报|为|是)(?:的是|了)?(?:平均)?(?:{words})|"
        rf"\b(?:{words}) (?:are |is )?(?:reported|shown|presented|displayed)\b",
        re.IGNORECASE,
    )
    for kind, words in _KINDS.items()
}
#: Words by which a clause is of something else beside the coefficients.
_OTHERWISE = re.compile(
    r"\b(?:not|no|rather|instead|available|appendix|see|than|without|brackets?|before|computed|calculated|implied|divided|"
    r"bottom|last|below|equal|mean of|if|request)\b",
    re.IGNORECASE,
)
#: `The coefficients are standardised`, `All variables were standardised`.
_MADE_STANDARD = re.compile(
    r"^(?:the |all |all the )?(?:coefficients|estimates|(?:in)?(?:dependent )?variables|regressors) "
    r"(?:are|were|have been) (?:all )?standardi[sz]ed(?:$| to )",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;。；()（）]|\.(?!\d)")
#: A variable whose mean is this near to 0, and standard deviation to 1, was standardised.
_STANDARD = 0.02


def of_kinds(exhibit: Printed, fits: Sequence[Fit | None], judged: Sequence[Sequence[Judged]], place: int) -> list[Note]:
    """fits: None where a column's command isn't certain; judged: the cells of each column."""
    known = [(f.estimate, _held(cells)) for f, cells in zip(fits, judged, strict=True) if f is not None]
    known = [(e, held) for e, held in known if held and e.source is not None and e.source.request is not None]
    if exhibit.origin != "table" or not known or len(known) < len(fits):
        return []
    out: list[Note] = []
    for where, line, text in [("title", exhibit.line, exhibit.title), *(("note", place, n) for n in exhibit.notes.lines)]:
        for kind in () if OF_SOME.search(text) else _claimed(text):
            e = known[0][0]
            if not any(_may_be(kind, e, held) for e, held in known):
                out.append(Note("note-kind", line, f"the {where} says {kind}; its numbers are {_are(known)} ({e.place})"))
    return list(dict.fromkeys(out))


def _held(cells: Sequence[Judged]) -> str:
    """What most of a column's coefficients are known to be: "exp", "standardised" or "plain"; "" where none is."""
    coefs = [c for c in cells if c.cell.kind == "coef" and c.cell.number is not None and not constant(c.term)]
    counts = {"exp": 0, "standardised": 0, "plain": 0}
    for c in coefs:
        by = {x.id.partition("-")[0] for x in c.causes} if c.verdict == "explained" else set()
        counts["exp"] += any(x.id == "coefficients-exponentiated" for x in c.causes)
        counts["standardised"] += "standardised" in by
        counts["plain"] += c.verdict == "reproduced"
    return next((kind for kind, n in counts.items() if 2 * n > len(coefs)), "")


def _claimed(text: str) -> Iterator[str]:
    for clause in _CLAUSE.split(text):
        clause = clause.strip(" \t*†-–:,")
        if len(clause) < 400 and not _OTHERWISE.search(clause):
            yield from (kind for kind, pattern in _CLAIMS.items() if pattern.search(clause))
            if _MADE_STANDARD.search(clause):
                yield "standardised coefficients"


def _may_be(kind: str, e: Estimated, held: str) -> bool:
    """Whether a column's numbers may be called so."""
    ratios = e.ratios or held == "exp"
    likelihood = e.source.request.model in (*LIKELIHOODS.values(), *CATEGORICAL, *CENSORED, *JOINT, *SERIES)
    if kind == "odds ratios":
        return ratios
    if kind == "coefficients":
        return not ratios
    if kind == "marginal effects":  # of least squares they are the coefficients
        return not ratios and not (likelihood and _own_coefficients(e))
    return held == "standardised" or _standardised(e)


def _own_coefficients(e: Estimated) -> bool:
    """Whether the numbers are the model's coefficients, which have a constant that effects have not."""
    return any(constant(t) for t in e.terms) or not e.source.request.intercept


def _standardised(e: Estimated) -> bool:
    """Whether the outcome or a regressor has mean 0 and standard deviation 1 in the data or the sample."""
    request = e.source.request
    names = {f.name for t in (request.outcome, *request.regressors) for f in t.factors}
    for name in names:
        column = e.source.data.columns.get(name)
        for rows in (slice(None), e.source.fit.sample):
            values = np.array([]) if column is None or column.text else column.values[rows]
            values = values[~np.isnan(values)] if len(values) else values
            if len(values) > 1 and abs(values.mean()) < _STANDARD and abs(values.std(ddof=1) - 1) < _STANDARD:
                return True
    return False


def _are(known: Sequence[tuple[Estimated, str]]) -> str:
    held = dict.fromkeys("exp(b)" if e.ratios or h == "exp" else "the commands' coefficients" for e, h in known)
    return " and ".join(held)
