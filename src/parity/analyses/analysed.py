"""What an analysis that is no spec came to, kept by content."""

from __future__ import annotations

from collections.abc import Callable

from parity.base.cache import AnswerCache
from parity.results.record import Analysed


def kept(cache: AnswerCache | None, key: str, make: Callable[[], Analysed]) -> Analysed:
    """From the cache, or made and kept, unless something failed: a failure may be of the day, not of the content."""
    held = cache.get(key) if cache is not None else None
    if held is not None:
        return Analysed.model_validate_json(held)
    made = make()
    if cache is not None and all(r.checked for r in made.records):
        cache.put(key, made.model_dump_json().encode())
    return made
