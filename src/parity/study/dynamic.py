"""Instruments and steps of a dynamic panel's GMM, as study.toml writes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, StrictBool, field_validator

from parity.base.values import Value

Steps = Annotated[Literal[1, 2], PlainSerializer(lambda steps: steps)]


class Dynamic(Value):
    """What instruments the equations of a dynamic panel have, and in how many steps its moments are weighted.

    gmm       column -> [first, last] lags of its levels that are instruments of the differences, or [first] for all there
              are; of a system its difference first - 1 periods ago is one of the levels. Default: the outcome's from 2 on
    collapse  one instrument a lag, in place of one a lag and period
    standard  regressors, as they are called among the coefficients, that are instruments of themselves; by default all
              that are made of no column of `gmm`
    weight    of the first step, the inverse of Z'HZ: H of differenced independent errors and, of levels, the identity
              ("differences": xtabond, xtdpdsys, xtdpd), with what both share ("joint": xtabond2, pgmm), or "identity"
    levels    where standard instruments of a system's levels stand: "none" (xtdpdsys), in one column with those of the
              differences ("both": xtabond2), or beside them ("separate": pgmm)
    variance  of errors: half the squared differences over their number, "n" (xtabond2), or that less the coefficients
    steps     1: under the weights that independent errors of one variance have; 2: once more with the first one's residuals
    """

    gmm: dict[str, tuple[int, ...]] = Field(default={}, description="column -> [first, last] lags, or [first]")
    collapse: StrictBool = False
    standard: tuple[str, ...] | None = None
    weight: Literal["differences", "joint", "identity"] = "differences"
    levels: Literal["none", "both", "separate"] = "none"
    variance: Literal["n-k", "n"] = "n-k"
    steps: Steps = Field(default=1, description="1 or 2")

    @field_validator("gmm", mode="before")
    @classmethod
    def _lagged(cls, gmm: Any) -> Any:
        if not isinstance(gmm, dict):
            raise ValueError(f"a table of columns, {{ n = [2, 4] }}, is needed, not `{gmm}`")
        for column, lags in gmm.items():
            whole = isinstance(lags, list | tuple) and all(type(lag) is int for lag in lags)
            if not whole or not 1 <= len(lags) <= 2 or lags[0] < 1 or lags[-1] < lags[0]:
                said = list(lags) if isinstance(lags, tuple) else lags
                raise ValueError(f"`{column} = [first]` or `[first, last]`, lags from 1 on, is needed, not `{said}`")
        return gmm

    @field_validator("steps", mode="before")
    @classmethod
    def _counted(cls, value: Any) -> Any:
        if value in (1, 2) and not isinstance(value, bool):
            return value
        raise ValueError(f"steps = 1 or 2, not `{value}`")
