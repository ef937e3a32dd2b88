"""`[derive]` lines that are tables: `value_w = { winsorise = "value", cuts = [1, 99] }`. Types only."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator

from parity.base.errors import suggest
from parity.base.values import Value, several
from parity.study.spec import ExprText

Percentiles = Literal["stata", "type7"]
Edges = Literal["missing", "nearest", "extrapolate"]
_PERCENTILES = Field(default="stata", description="Stata's percentiles (type 2), or R's and numpy's default (type 7)")


Columns = Annotated[tuple[str, ...], BeforeValidator(several)]


class Step(Value):
    """One transformation. The key that names it holds the column it is of."""

    def reads(self) -> tuple[str, ...]:
        """Columns it needs."""
        named = getattr(self, KEYS[type(self)])
        of = named if isinstance(named, tuple) else (named,)
        by = getattr(self, "by", ())
        return tuple(dict.fromkeys((*of, *by)))

    def panel(self) -> tuple[str, ...]:
        """Which of the study's unit and time it needs."""
        return ()


class _Shift(Step):
    periods: int = Field(default=1, ge=1, strict=True)

    def panel(self) -> tuple[str, ...]:
        return ("time",)


class Lag(_Shift):
    """The unit's value `periods` earlier on the time scale; missing across a gap, as Stata's `L.`"""

    lag: str


class Lead(_Shift):
    """The unit's value `periods` later."""

    lead: str


class Change(_Shift):
    """x less its lag."""

    difference: str


class Growth(_Shift):
    """x over its lag less one, or the difference of logs. Missing where the lag is zero (or a log has no value)."""

    growth: str
    form: Literal["ratio", "log"] = "ratio"


class _Tails(Step):
    cuts: tuple[float, float] = Field(default=(1.0, 99.0), description="percentiles of the lower and upper tail")
    percentiles: Percentiles = _PERCENTILES
    by: Columns = Field(default=(), description="columns; percentiles within each of their combinations")

    @field_validator("cuts")
    @classmethod
    def _rising(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not 0 <= value[0] < value[1] <= 100:
            raise ValueError("cuts are two percentiles such as [1, 99]")
        return value


class Winsorise(_Tails):
    """Values beyond the percentiles become the percentiles, as `winsor2, cuts(1 99)`."""

    winsorise: str


class Trim(_Tails):
    """Values beyond the percentiles become missing, as `winsor2, cuts(1 99) trim`."""

    trim: str


class Log(Step):
    """Natural log; missing for zero and below, as Stata's."""

    log: str


class Log1p(Step):
    """log(1 + x); missing at and below -1."""

    log1p: str


class Standardise(Step):
    """(x - mean)/sd; missing where the sd is zero."""

    standardise: str
    ddof: Literal[0, 1] = Field(default=1, description="the sd divides by n - ddof; 1 as Stata's std() and R's scale()")
    by: Columns = ()


class Interact(Step):
    """The product of columns; `centre` takes each one's mean over the rows in which none is missing out first."""

    interact: Columns
    centre: bool = Field(default=False, strict=True)

    @field_validator("interact")
    @classmethod
    def _two(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) < 2:
            raise ValueError("two columns or more")
        return value


class Dummy(Step):
    """1 where the column is one of `values`, 0 where it is another, missing where it is missing."""

    dummy: str
    values: tuple[str | float, ...] = Field(min_length=1)

    @field_validator("values", mode="before")
    @classmethod
    def _list(cls, value: Any) -> Any:
        return value if isinstance(value, list | tuple) else [value]


class MedianSplit(Step):
    """1 above the median, 0 below; ties, values at the median, go where `ties` says.

    at: every row counts, or each unit's mean over its rows (then a unit is wholly in one group).
    """

    median_split: str
    ties: Literal["low", "high", "missing"] = Field(
        default="low", description="a value equal to the median: low as in `gen high = x > r(p50)`"
    )
    at: Literal["rows", "units"] = Field(default="rows", description="the median of rows, or of the units' means")
    by: Columns = ()

    def panel(self) -> tuple[str, ...]:
        return ("unit",) if self.at == "units" else ()


class PerHead(Step):
    """x over population, times `times`; missing where the population is not positive."""

    per_head: str
    population: str
    times: float = Field(default=1.0, gt=0, allow_inf_nan=False)

    def reads(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.per_head, self.population)))


class Interpolate(Step):
    """Missing values on the line between the unit's known ones over time, as Stata's `ipolate` by unit."""

    interpolate: str
    edges: Edges = Field(default="missing", description="outside the known values: missing, nearest, or on the outer line")

    def panel(self) -> tuple[str, ...]:
        return ("unit", "time")


#: Type -> the key that names it and holds its column.
KEYS: dict[type[Step], str] = {
    Lag: "lag", Lead: "lead", Change: "difference", Growth: "growth", Winsorise: "winsorise", Trim: "trim", Log: "log",
    Log1p: "log1p", Standardise: "standardise", Interact: "interact", Dummy: "dummy", MedianSplit: "median_split",
    PerHead: "per_head", Interpolate: "interpolate",
}  # fmt: skip
ACTIONS = tuple(KEYS.values())


def _kind(value: Any) -> str:
    if isinstance(value, Step):
        return KEYS[type(value)]
    if isinstance(value, dict):
        return next(key for key in value if key in ACTIONS)
    return "function-expression"


def _one_action(value: Any) -> Any:
    if isinstance(value, dict):
        named = [key for key in value if key in ACTIONS]
        if len(named) > 1:
            raise ValueError(f"one transformation a line, not {' and '.join(named)}")
        if not named:
            near = next((s for key in value if (s := suggest(str(key), ACTIONS))), f"; known: {', '.join(ACTIONS)}")
            wrong = next(iter(value), "")
            raise ValueError(
                f"there is no transformation `{wrong}`{near}" if value else f"is empty; known: {', '.join(ACTIONS)}"
            )
    return value


#: A line of `[derive]`: an expression in quotes, or a table with one transformation.
Derived = Annotated[
    Annotated[ExprText, Tag("function-expression")]
    | Annotated[Lag, Tag("lag")] | Annotated[Lead, Tag("lead")] | Annotated[Change, Tag("difference")]
    | Annotated[Growth, Tag("growth")] | Annotated[Winsorise, Tag("winsorise")] | Annotated[Trim, Tag("trim")]
    | Annotated[Log, Tag("log")] | Annotated[Log1p, Tag("log1p")] | Annotated[Standardise, Tag("standardise")]
    | Annotated[Interact, Tag("interact")] | Annotated[Dummy, Tag("dummy")]
    | Annotated[MedianSplit, Tag("median_split")] | Annotated[PerHead, Tag("per_head")]
    | Annotated[Interpolate, Tag("interpolate")],
    Discriminator(_kind),
    BeforeValidator(_one_action),
]  # fmt: skip
