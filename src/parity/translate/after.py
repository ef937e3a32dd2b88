"""What a do-file prints of its estimates and data: tests, combinations, margins, means, one line each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from parity.stata.formats import shown
from parity.stata.results import Printed
from parity.stata.session import Session

#: Kinds that are shown, and their numbers as Stata's windows name them; several lines of one command stand below it.
WINDOWS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "test": (("F", "F"), ("chi2", "chi2"), ("df", "df"), ("df_r", "df_r"), ("p", "p")),
    "lincom": (("estimate", "coef."), ("se", "se"), ("t", "t"), ("z", "z"), ("p", "p"), ("lb", "95% from"), ("ub", "to")),
    "nlcom": (("estimate", "coef."), ("se", "se"), ("z", "z"), ("p", "p"), ("lb", "95% from"), ("ub", "to")),
    "margins": (("estimate", "margin"), ("se", "se"), ("t", "t"), ("z", "z"), ("p", "p"), ("lb", "95% from"), ("ub", "to")),
    "hausman": (("chi2", "chi2"), ("df", "df"), ("p", "p")),
    "ttest": (("mu_1", "mean 1"), ("mu_2", "mean 2"), ("t", "t"), ("df_t", "df"), ("p", "p")),
    "xttest0": (("lm", "chibar2"), ("p", "p")),
    "hettest": (("chi2", "chi2"), ("df", "df"), ("p", "p")),
    "vif": (("mean", "mean VIF"),),
}  # fmt: skip


def lines(session: Session) -> Iterator[str]:
    """Each command that printed such a window, with file and line, and its numbers below it, 80 characters wide."""
    told = None
    for s in session.shown:
        if s.quietly or not (numbers := _numbers(s)):
            continue
        if (s.file, s.line, s.turn) != told:
            told = (s.file, s.line, s.turn)
            text = session.done[s.turn].text if s.turn < len(session.done) else s.kind
            yield from wrap(f"{s.file}:{s.line} {text}", 80, initial_indent="  ", subsequent_indent="      ")
        term = str(s.values.get("term", s.values.get("name", ""))) if s.kind in ("margins", "nlcom", "suest") else ""
        said = ", ".join(numbers)
        yield from wrap(f"{term}: {said}" if term else said, 80, initial_indent="    ", subsequent_indent="      ")
        for doubt in sorted(s.doubts):
            yield from wrap(f"in doubt: {doubt}", 80, initial_indent="    ", subsequent_indent="      ")


def _numbers(s: Printed) -> list[str]:
    kind = "hettest" if s.kind.startswith("estat ") and "chi2" in s.values else s.kind
    return [f"{name} {_number(key, s.values[key])}" for key, name in WINDOWS.get(kind, ()) if _known(s.values.get(key))]


def _known(value: Any) -> bool:
    return isinstance(value, int | float) and not math.isnan(value)


def _number(key: str, value: float) -> str:
    return shown(float(value), "%5.3f" if key == "p" else "%9.0g")
