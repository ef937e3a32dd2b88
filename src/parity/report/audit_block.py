"""A part of what an audit says, and shares in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """Sentences, a table under its heads, sentences. part: which section of a page it belongs to."""

    part: str
    before: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    after: tuple[str, ...] = ()


def percent(share: float) -> str:
    """`62 %`; `<1 %` of what is there but small."""
    if 0 < share < 0.01:
        return "<1 %"
    digits = 1 if share < 0.0995 and round(100 * share) != 100 * share else 0
    return f"{100 * share:.{digits}f} %"
