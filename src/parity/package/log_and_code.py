"""Windows of a log with commands of its own that the do-files give all the same: their command has come back into the code.

A log is run by its own commands where most of them aren't the do-files'. What a do-file has, as expanded, on data that a
do-file loads, is the do-file's, and verified by it: else a corrected do-file would stay without what it was corrected for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.package.assumed import LOADS
from parity.package.estimates import Estimated
from parity.package.fit import Fit, fit
from parity.package.mapping import Match, bare
from parity.package.printed import Column, Printed
from parity.package.values import Group, value_cells

if TYPE_CHECKING:
    from parity.logs.exhibit import Command
    from parity.stata.do import DoResult


class Code:
    """What the do-files have: their statements as typed and as expanded, and their estimates."""

    def __init__(self, runs: Sequence[tuple[DoResult, Mapping[tuple[str, int], str]]], estimates: Sequence[Estimated]):
        """runs, estimates: of the do-files alone."""
        self.texts = {bare(t) for _, raws in runs for t in raws.values()}
        self.texts |= {bare(s.text) for done, _ in runs for s in done.statements}
        self._by_text: dict[str, list[Estimated]] = {}
        self._by_request: dict[str, list[Estimated]] = {}
        for e in estimates:
            if e.known:
                self._by_text.setdefault(bare(e.command), []).append(e)
                self._by_request.setdefault(_asked(e), []).append(e)

    def same(self, e: Estimated) -> list[Estimated]:
        """The do-files' estimations that are this one: its text as expanded, or another spelling that asks for the same."""
        asked = _asked(e)
        return [*self._by_text.get(bare(e.command), ()), *(self._by_request.get(asked, ()) if asked else ())]

    def match(self, column: Column, match: Match, terms: Mapping[str, str], at: LastLoad) -> Match:
        """A match with the do-file's estimate in place of the log's own, where that gives as many of its numbers.

        Where it gives fewer, other data steps stand before it: the numbers are the log's own.
        """
        own = match.fit
        if own is None or match.meant is not None or not at.of_code(own.estimate.line, self):
            return match
        fits = [fit(column, e, terms) for e in self.same(own.estimate)]
        best = max(fits, key=_holds, default=None)
        return replace(match, fit=best, candidates=()) if best is not None and _holds(best) >= _holds(own) else match

    def group(self, exhibit: Printed, own: Group | None, theirs: Group | None, at: LastLoad) -> Group | None:
        """What a do-file's data step printed in place of the log's own, by the same rule."""
        if own is None or theirs is None or not set(own.texts) & set(theirs.texts) or not at.of_code(own.line, self):
            return own
        return theirs if _right(exhibit, theirs) >= _right(exhibit, own) else own


class LastLoad:
    """Which command of a log loaded the data of a line."""

    def __init__(self, commands: Sequence[Command]):
        from parity.logs.command_names import command_name

        self._loads = [(c.place.line, bare(c.text)) for c in commands if command_name(c.text) in LOADS]

    def of_code(self, line: int, code: Code) -> bool:
        """Whether a do-file has the command that loaded them, or none of the log's did."""
        last = [text for at, text in self._loads if at <= line]
        return not last or last[-1] in code.texts


def _asked(e: Estimated) -> str:
    """What an estimation asks for, however it is spelled; "" where that isn't known."""
    asked = e.source.request if e.source is not None else None
    return repr(replace(asked, traps=())) if asked is not None else ""


def _holds(found: Fit) -> tuple[int, bool]:
    return found.hits, found.nobs is not False


def _right(exhibit: Printed, group: Group) -> int:
    return sum(c.verdict == "reproduced" for c in value_cells(exhibit, group)[0])
