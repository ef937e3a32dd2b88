"""Whose numbers they are: the name that a source goes by, as the catalogue spells it."""

from __future__ import annotations

from collections.abc import Iterable

from parity.diagnose.cause import Cause


def of(source: str, catalogue: Iterable[Cause]) -> str:
    """The software that an engine's id or a source's name speaks of ("stata", "r-fixest"), as causes name it; "" where none
    does, or more than one.
    """
    words = source.casefold().replace("_", "-").split("-")
    names = {name for cause in catalogue for texts in (cause.how, cause.avoids) for name in texts}
    spoken = sorted(name for name in names if name.casefold() in words and (len(words) == 1 or len(name) > 1))
    return spoken[0] if len(spoken) == 1 else ""
