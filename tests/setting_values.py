"""The values that a setting of a convention may have, read off its type."""

from __future__ import annotations

from typing import get_args

from parity.conventions.settings import Convention


def values_of(setting: str) -> tuple[str, ...]:
    """As text; of a flag, True and False."""
    return tuple(map(str, get_args(Convention.model_fields[setting].annotation))) or ("True", "False")
