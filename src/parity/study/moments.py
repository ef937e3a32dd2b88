"""How a GMM weighs its moments, as study.toml writes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, field_validator

from parity.base.values import Value

Steps = Annotated[Literal[1, 2, "iterated"], PlainSerializer(lambda steps: steps)]


class Moments(Value):
    """How the moment conditions of a GMM are weighted.

    weight  by the inverse of their covariance if errors are `"iid"`, `"robust"` (of each row), of each `"cluster"`, or of
            neighbouring periods, `"newey_west"`; by default as the spec's covariance has them
    steps   1: by (Z'Z)^-1 alone; 2: once more with the residuals of the first; `"iterated"`: until nothing moves
    """

    weight: Literal["iid", "robust", "cluster", "newey_west"] | None = None
    steps: Steps = Field(default=2, description='1, 2 or "iterated"')

    @field_validator("steps", mode="before")
    @classmethod
    def _counted(cls, value: Any) -> Any:
        if value in (1, 2, "iterated") and not isinstance(value, bool):
            return value
        raise ValueError(f'steps = 1, 2 or "iterated", not `{value}`')
