"""A log whose command isn't the one that gave the numbers below it: its line was edited, or its window pasted.

Told only where the echo can be estimated on the data that the numbers' own command had, and gives other numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from parity.package.estimates import Estimated, plain
from parity.package.fit import fit
from parity.package.mapping import Match, bare
from parity.package.notes import Note
from parity.package.printed import Printed
from parity.package.siblings import estimated_as
from parity.package.verdict import Cause, Judged
from parity.stata_language.descriptive import OF_VARIABLES

if TYPE_CHECKING:
    from parity.stata_language.request import Request

#: How a window is known by its numbers, though it stands below the echo of a command.
_BY_NUMBERS = ("numbers", "likely")


def of_echo(exhibit: Printed, match: Match) -> str:
    """What is wrong with the command above a window: "" where nothing is, or where nobody can say."""
    found, echo = match.fit, exhibit.command
    if exhibit.origin != "log" or not echo or found is None or match.how not in _BY_NUMBERS or match.meant is not None:
        return ""
    e = found.estimate
    if "`" in echo or "$" in echo or bare(echo) in (bare(e.command), bare(e.raw)):
        return ""  # whatever stands in macros may be this very command
    other = _estimated(echo, e)
    if other is None or fit(exhibit.columns[0], other).perfect:
        return ""
    return f"the log shows `{echo[:70]}` above these numbers; they are those of `{e.command[:70]}` ({e.place})"


def of_echo_unknown(exhibit: Printed, match: Match) -> str:
    """Why a window's numbers, those of a command of the code, aren't verified below another echo: it asks for something else
    that gives no numbers here; "" where it doesn't, or where nobody can say what it asks for."""
    found, echo = match.fit, exhibit.command
    if exhibit.origin != "log" or not echo or found is None or match.how not in _BY_NUMBERS or match.meant is not None:
        return ""
    e = found.estimate
    if "`" in echo or "$" in echo or bare(echo) in (bare(e.command), bare(e.raw)) or e.source is None:
        return ""
    asked = _asked(echo, e)
    if asked is None or _same(asked, e.source.request) or _estimated(echo, e) is not None:
        return ""
    return f"the log shows `{echo[:70]}` above the numbers of `{e.command[:70]}` ({e.place}), and that gives none here"


def unverified_below(cells: list[Judged], reason: str) -> list[Judged]:
    return [
        replace(c, verdict="not verified", estimated=None).because(reason) if c.verdict == "reproduced" else c for c in cells
    ]


def below_another(cells: list[Judged], wrong: str) -> list[Judged]:
    return [c.explained(Cause("another-estimate", wrong)) if c.verdict == "reproduced" else c for c in cells]


def note_of(exhibit: Printed, wrong: str) -> Note:
    return Note("note-command", exhibit.line, wrong)


def _asked(echo: str, e: Estimated) -> Request | None:
    """What an echo asks for of the data of an estimate; None where its text, its names or its model aren't known."""
    from parity.stata_language.command import SyntaxProblem, read
    from parity.stata_language.dataset import DataProblem
    from parity.stata_language.expression import ExpressionError
    from parity.stata_language.reading import request
    from parity.stata_language.request import Declined
    from parity.stata_language.varlist import Resolver

    if e.source is None or e.source.request is None:
        return None
    try:
        return request(read(echo), Resolver(e.source.data), e.source.data.panel)
    except (SyntaxProblem, DataProblem, Declined, ExpressionError, KeyError, ValueError, TypeError):
        return None


def _estimated(echo: str, e: Estimated) -> Estimated | None:
    """The echoed command on the data of an estimate; None where it asks for the same, or gives nothing here."""
    from parity.stata.evaluate import Context, kept, rows
    from parity.stata_language.dataset import DataProblem
    from parity.stata_language.expression import ExpressionError, parse
    from parity.stata_language.varlist import Resolver

    source, asked = e.source, _asked(echo, e)
    if source is None or asked is None or asked.rows or _same(asked, source.request):
        return None
    data = source.data
    resolver = Resolver(data)
    try:
        used = np.ones(data.rows, dtype=bool)
        if asked.condition:
            used &= kept(parse(asked.condition), Context(data, resolver.one, used=used))
        weights = None
        if asked.weight is not None:
            weights = np.asarray(rows(parse(asked.weight.expression), Context(data, resolver.one)), dtype=float)
    except (DataProblem, ExpressionError, KeyError, ValueError, TypeError):
        return None
    return estimated_as(e, asked, used, weights=weights)


def _same(one: Request, other: Request) -> bool:
    """Whether two commands ask for the same but for what they are called."""
    return replace(one, command="", profile="", settings={}, traps=()) == replace(
        other, command="", profile="", settings={}, traps=()
    )


# ---------------------------------------------------------------- what the window itself says


def of_window(exhibit: Printed, e: Estimated, said: Sequence[Note]) -> list[Note]:
    """A window headed by another outcome than its command's. said: what was found already"""
    outcome = exhibit.columns[0].outcome
    over = outcome == "Over" and e.name in OF_VARIABLES  # above the levels of over(), before Stata 16
    known = over or not e.outcome or plain(outcome) in e.outcome_aliases or any(n.id == "note-outcome" for n in said)
    if known or not outcome.isidentifier() or outcome.startswith("_"):
        return []
    return [
        Note(
            "note-outcome", exhibit.line, f"the window is of `{outcome}`; its command's outcome is `{e.outcome}` ({e.place})"
        )
    ]
