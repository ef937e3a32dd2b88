"""What a package's notes, headings and labels say of its numbers, held against the commands that the columns are.

Pure. What stands in brackets, and at which levels stars stand, is told by the numbers: in `verdict`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from parity.package.estimates import Estimated, plain
from parity.package.fit import Fit
from parity.package.mapping import Match
from parity.package.printed import Column, Printed
from parity.stata_language.request import EACH_ROW


@dataclass(frozen=True)
class Note:
    """A finding about an exhibit: a note that is wrong about its numbers, a table of the run before."""

    id: str
    line: int
    text: str


#: A note that speaks of some columns says nothing of the others.
_OF_SOME = re.compile(
    r"\b(?:columns?|models?|specifications?|panels?|except|unless)\b|\b[Cc]ols?\.|第 ?\d{1,2} ?列", re.IGNORECASE
)
#: `Panel A: wages` is headed by what stands behind the colon.
_PANEL = re.compile(r"^\s*panel\s+\w{1,3}\s*[.:)–—-]+\s*", re.IGNORECASE)
#: What joins the variables of clusters in two ways.
_JOINED = re.compile(r"\band\b|[,&/×+]|\bby\b", re.IGNORECASE)


def alike(exhibit: Printed, matches: Sequence[Match]) -> list[Note]:
    """Columns with the numbers of one command: one of them may be a copy."""
    seen: dict[int, int] = {}
    out = []
    for column, match in zip(exhibit.columns, matches, strict=True):
        if match.fit is None or match.how not in ("numbers", "likely"):
            continue
        first = seen.setdefault(match.fit.estimate.index, column.number)
        if first != column.number:
            said = f"columns {first} and {column.number} have the same numbers, those of {match.fit.estimate.place}"
            out.append(Note("another-column", exhibit.line, said))
    return out


#: `(2)` above a column.
_NUMBERED = re.compile(r"[(\[]?(\d{1,2})[)\]]?")


def of_order(exhibit: Printed) -> list[Note]:
    """Numbers above columns that don't go up.

    They may begin at any number, and anew with 1, or where each part goes up by ones to the same end."""
    for panel in dict.fromkeys(c.panel for c in exhibit.columns):
        heads = [
            [m[1] for h in c.heads if (m := _NUMBERED.fullmatch(h.strip()))] for c in exhibit.columns if c.panel == panel
        ]
        if not heads or any(len(found) != 1 for found in heads):
            continue
        numbers = [int(found[0]) for found in heads]
        begun = [i for i, n in enumerate(numbers) if i and n <= numbers[i - 1]]
        parts = [numbers[i:j] for i, j in pairwise([0, *begun, len(numbers)])]
        anew = all(p[0] == 1 for p in parts) or all(len(p) > 1 and p == [*range(p[0], numbers[-1] + 1)] for p in parts)
        if begun and not anew:
            said = ", ".join(f"({n})" for n in numbers)
            return [Note("note-columns", exhibit.line, f"the columns are numbered {said} from left to right")]
    return []


# ---------------------------------------------------------------- standard errors


@dataclass(frozen=True)
class _Asked:
    """A column and its command, where it is known what that asks for."""

    column: Column
    estimate: Estimated

    @property
    def request(self):
        return self.estimate.source.request

    @property
    def clusters(self) -> list[str]:
        """Variables that it clusters by."""
        return [part for c in self.request.cluster for part in c.split("#")]


def of_covariance(exhibit: Printed, fits: Sequence[Fit | None], place: int) -> list[Note]:
    """A note, or the heading of a window, that names other clusters than the commands, or robust errors where none are."""
    known = [
        _Asked(c, f.estimate) for c, f in zip(exhibit.columns, fits, strict=True)
        if f is not None and f.estimate.source is not None and f.estimate.source.request is not None and not f.estimate.drawn
    ]  # fmt: skip
    if not known:
        return []
    if exhibit.origin != "table":
        return _of_heading(exhibit, known[0].estimate)
    notes = exhibit.notes
    every = not any(_OF_SOME.search(line) for line in notes.lines)  # else it isn't said of which columns
    if notes.clusters:
        said = f"the note says clustered by {', '.join(notes.clusters)}"
        without = [a for a in known if not a.clusters]
        if len(without) == len(known):
            return [Note("note-clusters", place, f"{said}; no command of this table clusters ({known[0].estimate.place})")]
        out = []
        if without and every:
            out.append(Note("note-clusters", place, f"{said}; {_columns(without)}: by nothing"))
        return out + list(_by_others(known, notes.clusters, said, place, every))
    without = [a for a in known if a.request.kind == "iid"]
    if notes.robust and without and (every or len(without) == len(known)):
        where = known[0].estimate.place if len(without) == len(known) else _columns(without)
        return [Note("note-robust", place, f"the note says robust; the commands don't ask for it ({where})")]
    return []


def _by_others(known: Sequence[_Asked], claims: Sequence[str], said: str, place: int, every: bool) -> Iterator[Note]:
    """Commands that cluster by another variable of their data than the note names, or by one of two."""
    clustered = [a for a in known if a.clusters]
    union = [name for a in clustered for name in a.clusters]
    off = []
    for a in clustered:
        own = a.clusters if every and len(claims) == 1 else union
        if any(lacking(part, own, a.estimate) for claim in claims for part in _JOINED.split(claim)):
            off.append(a)
    if off and (every or len(off) == len(clustered)):
        where = "the commands cluster" if len(off) == len(clustered) else f"{_columns(off)}:"
        yield Note("note-clusters", place, f"{said}; {where} by {', '.join(off[0].request.cluster)}")


def lacking(part: str, own: Sequence[str], e: Estimated) -> bool:
    """Whether a part of a claim is a variable of the data, by name or label, whose groups are those of none of these."""
    claimed, columns = plain(part), e.source.data.columns
    held = {n: {plain(n), plain(columns[n].label or n)} for n in own if n in columns}
    if not claimed or any(s and (s in claimed or claimed in s) for spelled in held.values() for s in spelled):
        return False
    meant = [n for n, column in columns.items() if claimed in (plain(n), plain(column.label or n))]
    return bool(meant) and not any(_same_groups(m, n, e) for m in meant for n in held)


def _same_groups(one: str, other: str, e: Estimated) -> bool:
    """Whether two variables part the rows of the estimate alike."""
    rows = np.flatnonzero(e.source.fit.sample)
    codes = [np.unique(e.source.data[name].values[rows].astype(str), return_inverse=True)[1] for name in (one, other)]
    both = np.unique(np.column_stack(codes), axis=0)
    return len(both) == len(np.unique(codes[0])) == len(np.unique(codes[1]))


def _columns(asked: Sequence[_Asked]) -> str:
    """`columns 1, 3 (main.do:4)`"""
    numbers = list(dict.fromkeys(f"{a.column.panel}:{a.column.number}".removeprefix(":") for a in asked))
    return f"column{'s' * (len(numbers) > 1)} {', '.join(numbers)} ({asked[0].estimate.place})"


def _of_heading(exhibit: Printed, e: Estimated) -> list[Note]:
    """A window that says `adjusted for 10 clusters in state` of a command that clusters by another variable of its data, or
    that has Robust above its standard errors where the command asks for none, or the other way round."""
    request = e.source.request
    robust = request.kind[:2] in ("HC", "CR")
    if EACH_ROW in request.cluster or e.name == "cluster2":  # whose windows name no kind, as those of means over groups
        return []
    if exhibit.vcov in ("", "Robust") and (robust or request.kind == "iid") and robust != (exhibit.vcov == "Robust"):
        text = ("the window has no `Robust` above its standard errors; its command asks for robust ones" if robust else
                "the window says `Robust`; its command doesn't ask for robust standard errors")  # fmt: skip
        return [Note("note-robust", exhibit.line, f"{text} ({e.place})")]
    said = exhibit.clusters.split()
    commanded = [part for c in request.cluster for part in c.split("#")]
    others = [n for n in said if n.isidentifier() and not n.startswith("__") and n not in commanded]
    if not commanded or not others:
        return []
    return [Note("note-clusters", exhibit.line, f"the window says clusters in {', '.join(others)}; its command clusters by "
                 f"{', '.join(commanded)} ({e.place})")]  # fmt: skip


# ---------------------------------------------------------------- what a column and a row are said to be of


def panel_of(column: Column) -> tuple[str, ...]:
    """What stands behind `Panel A:` above all rows of a column; () where nothing does, or more than one panel."""
    said = {column.panel} if column.panel else {r.equation for r in column.rows}
    named = {_PANEL.sub("", text) for text in said if _PANEL.match(text)}
    return tuple(named) if len(said) == len(named) == 1 else ()


def of_outcome(column: Column, found: Fit, outcomes: Sequence[Estimated]) -> str:
    """What is wrong with a heading that names another outcome than the command's; "" where nothing is.

    A heading that isn't said to be an outcome counts only where it is that of another command of the package; a regressor
    that stands above its columns is none. outcomes: estimates whose outcomes may stand there
    """
    e = found.estimate
    heads = {plain(h) for h in (column.outcome, *column.heads, _PANEL.sub("", column.panel))} - {""}
    its_own = {*e.outcome_aliases, *(plain(n) for n in e.names)}
    if not heads or not e.outcome or e.source is None or heads & its_own or _shortened(column.outcome, e.outcome):
        return ""
    columns = e.source.data.columns
    others = {alias: o.outcome for o in outcomes for alias in o.outcome_aliases if o.outcome != e.outcome}
    named = next((others[h] for h in sorted(heads) if h in others), "")
    if not named and column.outcome in columns:
        named = column.outcome
    if not named:  # programs that write tables head them with names or labels, as they are spelled
        labelled = {c.label: n for n, c in columns.items() if c.label and not c.text and np.any(c.values % 1 > 0)}
        named = next(
            (
                n
                for h in (*column.heads, *panel_of(column))
                if (n := h if h in columns else labelled.get(h, "")) and _measured(n, e)
            ),
            "",
        )
    if not named or named in variables(e.terms):
        return ""
    return f"column {column.number} is headed `{named}`; its command's outcome is `{e.outcome}` ({e.place})"


def of_sample(column: Column, found: Fit) -> str:
    """What is wrong with a heading that names another group than the one that the sample is of; "" where nothing is.

    `Women` above a regression of rows that are all `Men`, both being labels of one variable's values.
    """
    e = found.estimate
    heads = {plain(h): h for h in (*column.heads, _PANEL.sub("", column.panel)) if re.search(r"[^\W\d_]{2}", h)}
    if not heads or e.source is None:
        return ""
    data, rows = e.source.data, np.flatnonzero(e.source.fit.sample)
    wrong = ""
    for name, variable in data.columns.items():
        labels = {} if variable.text else data.labels_of(name)
        named = [level for level, label in labels.items() if plain(str(label)) in heads]
        if len(named) != 1 or not len(rows):
            continue
        here = np.unique(variable.values[rows])
        if named[0] in here:
            return ""  # of some variable it is right
        if len(here) == 1 and here[0] in labels:
            head = heads[plain(str(labels[named[0]]))]
            wrong = wrong or (
                f"column {column.number} is headed `{head}`; in its sample `{name}` is `{labels[here[0]]}` ({e.place})"
            )
    return wrong


def _measured(name: str, e: Estimated) -> bool:
    """Whether a variable may be an outcome that is headed so: a number with more than two values, named nowhere in the
    command, which would be a sample, a group or a regressor."""
    column = e.source.data.columns[name]
    named = re.findall(r"[^\W\d]\w*", e.command)
    return not column.text and name not in named and len(np.unique(column.values[e.source.fit.sample])) > 2


def _shortened(printed: str, name: str) -> bool:
    """`abc~xyz`, as windows shorten names."""
    head, tilde, tail = printed.partition("~")
    return bool(tilde) and name.startswith(head) and name.endswith(tail)


def variables(terms) -> set[str]:
    """Variables in names of terms: `1.g#c.x` has g and x."""
    return {part.rpartition(".")[2] for term in terms for part in term.split("#")}


def other_variable(label: str, term: str, e: Estimated) -> str:
    """The variable of the data that a row is called after though its numbers are another's; "" where it isn't.

    A label that several variables share names none.
    """
    if e.source is None or not term:
        return ""
    columns = e.source.data.columns
    if label in columns:
        named = label
    else:
        alike = [n for n, c in columns.items() if c.label and plain(c.label) == plain(label)]
        named = alike[0] if len(alike) == 1 else ""
    return named if named and named not in variables([term]) else ""
