"""Where variables stand: `last`, `before(x)`, `after(x)`, of order and generate. [D] order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem


def placed(session: Session, names: Sequence[str], given: Command) -> None:
    """Puts variables first, or where the options say."""
    data = session.there
    rest = [n for n in data.columns if n not in names]
    at = 0
    if given.has("last"):
        at = len(rest)
    elif option := given.option("before") or given.option("after"):
        beside = session.name(option.value or "")
        if beside not in rest:
            raise DataProblem(f"{beside} can't stand {option.name} itself", 198)
        at = rest.index(beside) + (option.name == "after")
    session.data = replace(data, columns={n: data.columns[n] for n in (*rest[:at], *names, *rest[at:])})
