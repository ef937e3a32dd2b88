"""Every kind of analysis that a study may ask for: `ASKED` of each module beside this one, in their places."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from pydantic import create_model

from parity.base.values import Value
from parity.study.analyses.contract import Asked, lacking

_OWN = ("__init__", "contract", "registry")
V = TypeVar("V", bound=Value)


def in_places(declared: Iterable[Asked]) -> tuple[Asked, ...]:
    """In their order. Raises `TypeError` that says of each what was forgotten."""
    kinds = sorted(declared, key=lambda one: one.place)
    wrong = [problem for one in kinds for problem in lacking(one)]
    for before, one in pairwise(kinds):
        if one.place == before.place:
            free = kinds[-1].place + 1
            wrong.append(f"Asked({one.kind!r}): place {one.place} is that of {before.kind!r}; the next free one is {free}")
    if wrong:
        raise TypeError("; ".join(wrong))
    return tuple(kinds)


def _declared() -> Iterable[Asked]:
    for name in sorted(path.stem for path in Path(__file__).parent.glob("*.py")):
        if name not in _OWN:
            module = import_module(f"parity.study.analyses.{name}")
            if not hasattr(module, "ASKED"):
                raise TypeError(f"study/analyses/{name}.py declares no analysis: give it ASKED, a tuple of `contract.Asked`")
            yield from module.ASKED


#: All kinds, and those with a section of study.toml.
KINDS = in_places(_declared())
SECTIONS = tuple(one for one in KINDS if one.settings is not None)
BY_KIND = {one.kind: one for one in KINDS}
#: Heads of columns that only analyses have, in Chinese.
CHINESE = {english: chinese for one in KINDS for english, chinese in one.chinese.items()}


def with_sections(base: type[V]) -> type[V]:
    """A type that has, after the fields of `base`, one for every section: name -> settings."""
    fields = {one.kind: (dict[str, one.settings], {}) for one in SECTIONS}
    return create_model(base.__name__, __base__=base, __module__=base.__module__, **fields)


def called(*kinds: str) -> dict[str, str]:
    """Kind -> what its records are called, in the plural. Raises `KeyError` for a kind that no module declares."""
    return {kind: BY_KIND[kind].called for kind in kinds}
