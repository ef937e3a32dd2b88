"""Titles of tables that name another outcome than that of their regressions: `Table 2: Effect of training on wages`.

A title is an author's own words. It is held against the commands only where its words are the name or label of a variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parity.base.patterns import BLANKS
from parity.package.effects import two_valued
from parity.package.estimates import Estimated, plain
from parity.package.fit import Fit
from parity.package.notes import Note
from parity.package.printed import Printed

#: What stands before the outcome in a title.
_BEFORE = re.compile(
    r"(?:dep(?:endent)?\.? var(?:iable)?s?|dep\. ?vars?|outcomes?(?: variables?)?|因变量|被解释变量)\.?"
    r"(?: is| are)?\s?[:=：(]\s?|"
    r"\b(?:effects?|impacts?|influence|consequences) of [^:;()]{1,90}? on |"
    r"\b(?:effects?|impacts?) on |\b(?:determinants?|predictors?|drivers?|correlates) of |"
    r"\b(?:predicting|explaining) |\b(?:regressions?|models?|analysis) of |\b(?:results?|estimates|models?|equations?) for |"
    r"对(?!数)",
    re.IGNORECASE,
)
#: What ends it.
_AFTER = re.compile(
    r"[.:;()（）。；：]|, | (?:by|in|for|among|across|using|with|from|at|during|between|within|over|under|on|after|before)\b"
    r"|的|影响"
)
_LISTED = re.compile(r" and | or |[,/&]|和|与|、")
_SCALED = re.compile(r"^(?:the |a |an |\(?ln\)? |\(?log\)? |log of |logged |logarithm of |change in |changes in )+")
#: A name of fewer letters may stand in any title.
LETTERS = 4
#: Words of a label that say nothing of what is measured.
_COMMON = frozenset(("total", "mean", "average", "rate", "index", "number", "share", "level", "dummy", "real"))


def of_caption(exhibit: Printed, fits: Sequence[Fit | None], estimates: Sequence[Estimated]) -> list[Note]:
    """A note where the title's place for the outcome holds another variable of the data, or where it names the outcome of
    another command and neither outcome nor variable of its own. fits: None where a column's command isn't certain"""
    known = [f.estimate for f in fits if f is not None and f.estimate.source is not None and f.estimate.outcome]
    if not exhibit.title or not known or len(known) < len(fits):
        return []
    title = " ".join(exhibit.title.split())
    own = [spelled for e in known for spelled in (e.outcome, *_labels(e, e.outcome))]
    if any(_mentions(text, name) for name in own for text in (title, *(c.panel for c in exhibit.columns))):
        return []
    found = next(_in_its_place(title, known, own), "") or next(_named(title, known, own, estimates), "")
    if not found:
        return []
    outcomes = ", ".join(dict.fromkeys(f"`{e.outcome}`" for e in known))
    text = f"the title names `{found}`; the outcome of its commands is {outcomes} ({known[0].place})"
    return [Note("note-outcome", exhibit.line, text)]


def _labels(e: Estimated, name: str) -> tuple[str, ...]:
    column = e.source.data.columns.get(name)
    return (column.label,) if column is not None and column.label else ()


def _in_its_place(title: str, known: Sequence[Estimated], own: Sequence[str]) -> Iterator[str]:
    """Variables of the data where the title has its outcome."""
    there = {name for e in known for name in _variables(e)}
    for match in _BEFORE.finditer(title):
        text = _AFTER.split(title[match.end() :], maxsplit=1)[0]
        parts = [_SCALED.sub("", p.strip().lower()) for p in _LISTED.split(text)]
        if any(_alike(p, name) for p in parts for name in own):
            return
        for part in parts:
            e = known[0]
            for name, column in e.source.data.columns.items():
                called = plain(part) in {plain(name), plain(column.label or name)}
                if called and not (name in there and two_valued(name, e)):  # an effect on women is no effect on a dummy
                    yield name


def _named(title: str, known: Sequence[Estimated], own: Sequence[str], estimates: Sequence[Estimated]) -> Iterator[str]:
    """Outcomes of other commands of the package that the title names, and that are no variables of these."""
    there = {name for e in known for name in _variables(e)}
    if any(_alike(word, name) for word in re.findall(r"[^\W\d_]{4,}", title) for name in own):
        return
    for e in estimates:
        if e.source is None or not e.outcome or e.outcome in there:
            continue
        for spelled in (e.outcome, *_labels(e, e.outcome)):
            telling = len(plain(spelled)) >= LETTERS and _mentions(title, spelled)
            if telling and not any(_alike(spelled, name) for name in own):
                yield e.outcome


def _variables(e: Estimated) -> Iterator[str]:
    """All that a command names."""
    yield from re.findall(r"[^\W\d]\w*", e.command)
    request = e.source.request
    if request is not None:
        for term in (request.outcome, *request.regressors, *request.endogenous, *request.instruments, *request.absorb):
            yield from (f.name for f in term.factors)
        yield from (part for c in request.cluster for part in c.split("#"))


def _mentions(text: str, name: str) -> bool:
    """Whether a name or label stands in a text as words of its own."""
    pattern = BLANKS.join(re.escape(w) for w in name.lower().split())
    return bool(pattern) and re.search(rf"(?<![^\W_]){pattern}(?:s|es)?(?![^\W_])", text.lower()) is not None


def _alike(one: str, other: str) -> bool:
    """Whether two spellings may be of one thing: one is in the other, or they share a word that says something."""
    a, b = plain(one), plain(other)
    if min(len(a), len(b)) >= 3 and (a in b or b in a):
        return True
    if a == b:
        return True
    words = [{w for w in re.split(r"[\W_\d]+", s.lower()) if len(w) >= LETTERS and w not in _COMMON} for s in (one, other)]
    return bool(words[0] & words[1]) or any(x[:5] == y[:5] and len(x) > 4 < len(y) for x in words[0] for y in words[1])
