"""Other ways to compute an analysis that papers and programs have: what `[[published]]` numbers are held against in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: (quantity, term) -> number.
Shown = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Convention:
    """settings: of the analysis in place of its own, or edit: what becomes of its numbers; one of them.

    text, formula, source   as causes have them
    """

    id: str
    text: str
    formula: str = ""
    source: str = ""
    settings: Any = None
    edit: Callable[[Shown], Shown] | None = None


def other_values(settings: Any, key: str, said: Mapping[Any, tuple[str, str]]) -> Iterator[Convention]:
    """One for every other value of a setting: value -> text and source."""
    for value, (text, source) in said.items():
        if value != getattr(settings, key):
            name = f"{key}-{value}".lower().replace(" ", "-")
            yield Convention(name, text, f"{key} = {value!r}", source, settings.model_copy(update={key: value}))


def scaled(quantities: tuple[str, ...], factor: Callable[[Shown, str], float]) -> Callable[[Shown], Shown]:
    """An edit that multiplies some quantities by a number that may hang on the others of their term."""

    def edit(numbers: Shown) -> Shown:
        return {k: v * factor(numbers, k[1]) if k[0] in quantities else v for k, v in numbers.items()}

    return edit
