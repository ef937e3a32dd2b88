"""Covariance and weights of a spec, as study.toml writes them."""

from __future__ import annotations

import math
from typing import Any

from pydantic import Field, model_validator

from parity.base.errors import suggest
from parity.base.values import Value
from parity.conventions.kinds import CLUSTERED, CONLEY, IN_TIME, KERNELS, LEVERAGE, Kind
from parity.study import hints


class Vcov(Value):
    """A covariance: `"HC1"`, `{ cluster = ["firm"], type = "CR1" }`, `{ driscoll_kraay = 2 }`, `{ newey_west = 2 }`,
    `{ conley = 500, coordinates = ["lat", "lon"] }`.

    cutoff: of each coordinate one, or one for all; a number, or a column that holds one number.
    """

    kind: Kind = "iid"
    cluster: tuple[str, ...] = ()
    lags: int | None = Field(
        default=None, strict=True, ge=0, description="lags of the Bartlett kernel; weights 1 - l/(lags+1)"
    )
    coordinates: tuple[str, ...] = Field(default=(), description="columns of the place; latitude first in kilometres")
    cutoff: tuple[float | str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _spellings(cls, value: Any) -> Any:
        if isinstance(value, str):
            if habit := hints.in_vcov(value):
                raise ValueError(f"`{value}` is no covariance here; {habit}")
            return {"kind": value}
        if not isinstance(value, dict) or "kind" in value:
            return value
        every = ("cluster", *KERNELS, CONLEY)
        chosen = [key for key in every if key in value]
        if len(chosen) != 1:
            wrong = [key for key in value if key not in ("type", "coordinates", "lags", *every)]
            if wrong:
                return value  # an unknown key is said as such
            both = " and ".join(chosen) if chosen else "nothing"
            raise ValueError(f"give one of {', '.join(every)}, not {both}")
        given = dict(value)
        if "cluster" in given:
            cluster = given.pop("cluster")
            kind = given.pop("type", "CR1")
            if kind not in CLUSTERED:
                raise ValueError(f"type `{kind}` is none of {', '.join(CLUSTERED)}{suggest(str(kind), CLUSTERED)}")
            return {"kind": kind, "cluster": [cluster] if isinstance(cluster, str) else cluster, **given}
        if CONLEY in given:
            cutoff = given.pop(CONLEY)
            return {"kind": CONLEY, "cutoff": cutoff if isinstance(cutoff, list | tuple) else [cutoff], **given}
        return {"kind": KERNELS[chosen[0]], "lags": given.pop(chosen[0]), **given}

    @model_validator(mode="after")
    def _complete(self) -> Vcov:
        if (self.kind in CLUSTERED) != bool(self.cluster):
            raise ValueError(f"cluster = [...] and a type {', '.join(CLUSTERED[:-1])} or {CLUSTERED[-1]} go together")
        if len(set(self.cluster)) != len(self.cluster):
            raise ValueError("a cluster variable is named twice")
        if self.kind in LEVERAGE and len(self.cluster) > 1:
            raise ValueError(f"{self.kind} is defined for one cluster variable")
        if self.kind == CONLEY:
            self._check_places()
        elif self.coordinates or self.cutoff:
            raise ValueError("coordinates belong to { conley = CUTOFF, coordinates = [...] }")
        elif self.in_time != (self.lags is not None):
            keys = " or ".join(f"{{ {key} = LAGS }}" for key in KERNELS)
            raise ValueError(f"write {keys}; other kinds have no lags")
        return self

    def _check_places(self) -> None:
        """Raises `ValueError`."""
        if not self.coordinates or len(set(self.coordinates)) != len(self.coordinates):
            raise ValueError('coordinates = ["lat", "lon"] are needed: the columns of each row\'s place, each once')
        if len(self.cutoff) not in (1, len(self.coordinates)):
            raise ValueError(f"give one cutoff, or one for each of {len(self.coordinates)} coordinates")
        for cutoff in self.cutoff:
            if not isinstance(cutoff, str) and not 0 < cutoff < math.inf:
                raise ValueError(f"conley = {cutoff:g} is no cutoff: it is above zero")

    def check_distance(self, distance: str) -> None:
        """Raises `ValueError` where this distance of a convention can't be that of its coordinates."""
        if self.kind == CONLEY and distance != "axes" and (len(self.coordinates) != 2 or len(self.cutoff) != 1):
            raise ValueError(
                f'conley_distance = "{distance}" takes coordinates = [LATITUDE, LONGITUDE] and one cutoff, in kilometres'
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the data that it reads."""
        return (*self.cluster, *self.coordinates, *(c for c in self.cutoff if isinstance(c, str)))

    @property
    def in_time(self) -> bool:
        """Whether it reads which period follows which."""
        return self.kind in IN_TIME or (self.kind == CONLEY and self.lags is not None)

    def __str__(self) -> str:
        if self.cluster:
            return f"{self.kind} by {' and '.join(self.cluster)}"
        if self.kind == CONLEY:
            cutoffs = ", ".join(c if isinstance(c, str) else f"{c:.15g}" for c in self.cutoff)
            within = "" if self.lags is None else f", {self.lags} lags"
            return f"conley({cutoffs}{within}) by {' and '.join(self.coordinates)}"
        return f"{self.kind}({self.lags})" if self.lags is not None else self.kind


#: Stata's names of weights -> the key; pweight, sampling weights, has aweight's estimate and needs robust errors.
STATA_WEIGHTS = {"aweight": "analytic", "fweight": "frequency", "pweight": "analytic"}


class Weights(Value):
    """`{ analytic = "w" }` (precision, N stays the number of rows) or `{ frequency = "w" }` (N is their sum).

    Stata's names do too: `aweight`, `fweight`, and `pweight`, analytic weights whose errors must be robust or clustered.
    """

    analytic: str | None = None
    frequency: str | None = None
    sampling: bool = Field(default=False, exclude=True, description="they were written as pweight")

    @model_validator(mode="before")
    @classmethod
    def _stata_names(cls, value: Any) -> Any:
        if not isinstance(value, dict) or not value.keys() & STATA_WEIGHTS.keys():
            return value
        if len(value) > 1:
            raise ValueError("give one kind of weights: analytic, frequency, aweight, fweight or pweight")
        ((name, column),) = value.items()
        return {STATA_WEIGHTS[name]: column, "sampling": name == "pweight"}

    @model_validator(mode="after")
    def _one(self) -> Weights:
        if (self.analytic is None) == (self.frequency is None):
            raise ValueError('give one of analytic = "column", frequency = "column"')
        return self

    @property
    def column(self) -> str:
        return self.analytic or self.frequency  # type: ignore[return-value]
