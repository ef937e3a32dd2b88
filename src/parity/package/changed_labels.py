"""Labels that say a variable in another form than its command has it: `Log wages` of wages, `Lagged trade` of trade.

A label is held against the variable that it is otherwise called after. Where its name or label says the form by itself
(`lgdp`, `d_trade`), the words are right; so they are where it was made so, which its values tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from parity.package.estimates import Estimated, plain
from parity.package.fit import Fit
from parity.package.notes import Note
from parity.package.printed import Printed
from parity.stata_language.varlist import Term

_X = r"(?P<x>[^\n]{1,80}?)"
_BARE, _BEHIND = r"(?P<bare>[^\n]{1,80})", r"(?P<behind>[^\n]{1,80}?)"
#: Form -> how labels say it of a variable; how a variable's own name or label says that it is of this form.
_SPELLED = {
    "the logarithm": (
        rf"(?:natural )?(?:log(?:arithm)?(?:ged)?|ln)(?: of|\.)?(?: ?\({_X}\)|[ -]{_BARE})|"
        rf"{_BEHIND}(?:,? ?\((?:in )?(?:logs?|ln)\)|, (?:in )?logs?|的?对数)",
        r"^l|log|ln|对数",
    ),
    "a lag": (
        rf"L\d{{0,2}}\. ?{_X}|(?:first |one-year |1-year )?lag(?:ged)?(?: of)?[ -]{_BARE}|"
        r"滞后(?:[一二三\d]期)?的?(?P<chinese>[^\n]{1,80})|"
        rf"{_BEHIND}(?:,? ?\(?lag(?:ged)?\)?|,? ?_?[({{]?t ?[-–] ?\d\)?\}}?)",
        r"lag|prev|past|initial|base|^l|l\d?$|\d$|滞后",
    ),
    "a difference": (
        rf"D\d?\. ?{_X}|[Δ∆] ?{_BARE}|(?:change|difference|increase)s? (?:in|of) {_BEHIND}",
        r"^d|_d\d?$|diff|delta|[Δ∆]|chang|growth|increase|chg|变化|差分",
    ),
    "the square": (
        rf"{_X}(?:,? ?squared?|\^\{{?2\}}?|²|,? sq\.?|的?平方)|squared? (?:of )?{_BARE}",
        r"sq|2|²|平方",
    ),
}
_FORMS = {f: tuple(re.compile(p, re.IGNORECASE) for p in both) for f, both in _SPELLED.items()}
_PRODUCT = re.compile(r" ?(?:[×*#]| x | X |\\times) ?")


def form_said(text: str) -> Iterator[tuple[str, str]]:
    """Each form that a text says, and of what: `Log wages` -> the logarithm, `wages`."""
    for form, (said, _) in _FORMS.items():
        found = said.fullmatch(" ".join(text.split())) if len(text) < 120 else None
        if found is not None:
            yield form, next(v for v in found.groupdict().values() if v)


@dataclass(frozen=True)
class _Variable:
    """A variable of a command: its values on the sample, and what it may be called."""

    name: str
    label: str
    values: np.ndarray

    @property
    def called(self) -> set[str]:
        return {plain(self.name), plain(self.label or self.name)}

    def is_of(self, form: str) -> bool:
        own = _FORMS[form][1]
        if own.search(self.name) or own.search(self.label):
            return True
        values = self.values[~np.isnan(self.values)] if not np.issubdtype(self.values.dtype, np.object_) else self.values[:0]
        if form == "the square":
            roots = np.sqrt(np.abs(values))
            return bool(len(values)) and bool(np.allclose(roots, np.round(roots)))
        return not len(values)


def of_labels(exhibit: Printed, fits: Sequence[Fit | None]) -> list[Note]:
    """A note for each row of a table that says another form of its variable. fits: None where a command isn't certain"""
    found: dict[str, list[str]] = {}
    for column, fit in zip(exhibit.columns, fits, strict=True):
        if fit is None or fit.estimate.source is None or fit.estimate.source.request is None:
            continue
        if exhibit.origin == "table":
            for row, term in zip(column.rows, fit.terms, strict=True):
                if why := _denied(row.label, term, fit.estimate):
                    found.setdefault(f"the row `{row.label}` {why}", []).append(str(column.number))
            for head in (*column.heads, *([column.outcome] if column.outcome not in column.heads else [])):
                outcome = fit.estimate.source.request.outcome
                if why := _of_term(head, outcome, fit.estimate):
                    found.setdefault(f"the heading `{head}` {why}", []).append(str(column.number))
    return [Note("note-labels", exhibit.line, f"{text} (column {', '.join(at)})") for text, at in found.items()]


def outcome_denied(text: str, e: Estimated) -> str:
    """Why words for the outcome say another form of it than the command has; "" where they don't."""
    return _of_term(text, e.source.request.outcome, e)


def _denied(label: str, name: str, e: Estimated) -> str:
    request = e.source.request
    alone = [t for t in (*request.regressors, *request.endogenous) if len(t.factors) == 1 and t.factors[0].name == name]
    return _of_term(label, alone[0], e) if len(alone) == 1 else ""


def _of_term(text: str, term: Term, e: Estimated) -> str:
    """Why a text that names a term's variable says more of it than is true."""
    (factor,), columns = term.factors[:1], e.source.data.columns
    if len(term.factors) > 1 or factor.operator or factor.kind == "factor" or factor.name not in columns:
        return ""
    column = columns[factor.name]
    variable = _Variable(factor.name, column.label or "", np.asarray(column.values)[np.flatnonzero(e.source.fit.sample)])
    if plain(text) in variable.called or column.text:
        return ""
    for form, of in form_said(text):
        if plain(of) in variable.called and not variable.is_of(form):
            return f"says {form}; its command has `{factor.name}` as it is ({e.place})"
    parts = _PRODUCT.split(text)
    others = [n for p in parts for n, c in columns.items() if plain(p) in (plain(n), plain(c.label or n))]
    if len(parts) == 2 and factor.name in others and len({*others}) > 1:
        return f"says a product; its command has `{factor.name}` alone ({e.place})"
    return ""
