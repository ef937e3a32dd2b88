"""Names of variables: rename and its groups, renvars. [D] rename, rename group."""

from __future__ import annotations

import re
from collections import Counter

from parity.stata.commands import command
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem

_WILD = re.compile(r"[*?#=]")


@command("rename", "renvars")
def rename(session: Session, given: Command) -> None:
    """`rename old new`, `rename (a b) (c d)`, `rename x* y*`, `rename (a* b) old_=`, `rename * (a b)`, `rename *, lower`."""
    case = next((c for c in ("lower", "upper", "proper") if given.has(c, least=1)), "")
    if case:
        names = session.names(given.about or "_all")
        change = {"lower": str.lower, "upper": str.upper, "proper": str.capitalize}[case]
        _renamed(session, {n: change(n) for n in names})
        return
    match = re.fullmatch(r"(\([^()]*+\)|[^\s()]++)\s*+(\([^()]*+\)|[^\s()]++)", given.about.strip())
    if match is None:
        raise DataProblem("syntax error in rename", 198)
    old, new = (side.strip("()").split() for side in match.groups())
    if len(new) > len(old) == 1 and _WILD.search(old[0]):  # rename * (a b c)
        old = list(_patterned(session, old[0], old[0]))
    elif len(old) > len(new) == 1 and _WILD.search(new[0]):  # rename (a* b*) old_=
        new = new * len(old)
    if len(old) != len(new):
        raise DataProblem("as many new names as old ones are needed", 198)
    changes: dict[str, str] = {}
    for a, b in zip(old, new, strict=True):
        changes |= _patterned(session, a, b)
    _renamed(session, changes)


def _renamed(session: Session, changes: dict[str, str]) -> None:
    """Raises `DataProblem` for a name that is none, or that two columns would have."""
    data = session.there
    given = Counter(changes.values())
    for name, times in given.items():
        if not name.isidentifier() or len(name) > 32:
            raise DataProblem(f"{name} invalid name", 198)
        if times > 1 or (name in data.columns and name not in changes):
            raise DataProblem(f"variable {name} already defined", 110)
    session.data = data.renamed(changes)


def _patterned(session: Session, old: str, new: str) -> dict[str, str]:
    if "*" not in old and "?" not in old and "#" not in old:
        return {(name := session.name(old)): new.replace("=", name)}
    pattern = "".join("(.*)" if c == "*" else "(.)" if c == "?" else r"(\d+)" if c == "#" else re.escape(c) for c in old)
    out = {}
    for name in session.there.columns:
        found = re.fullmatch(pattern, name)
        if found:
            pieces = iter(found.groups())
            out[name] = "".join(next(pieces, "") if c in "*?#" else name if c == "=" else c for c in new)
    if not out:
        raise DataProblem(f"no variables match {old}", 111)
    return out
