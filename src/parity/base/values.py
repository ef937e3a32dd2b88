"""The base of every value that is read from or written to a file: frozen, closed, exact."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict

#: For adapters of unions and tuples of values: the outermost serializer decides how NaN is written.
EXACT_JSON = ConfigDict(ser_json_inf_nan="strings")


def several(value: object) -> object:
    """Before validation: one text as a list of it, so that one or several may be written."""
    return [value] if isinstance(value, str) else value


class Value(BaseModel):
    """Immutable; unknown keys are errors; NaN and infinities survive JSON as strings."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings", allow_inf_nan=True)


def plain(value: float) -> float | None:
    """As JSON has it: no number where it is undetermined or infinite."""
    return float(value) if math.isfinite(value) else None


def name_of(value: object) -> str:
    """The name of a unit, cluster, period or group: whole floats as the integers they are, so that no two share a name."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
