"""`[study]` and `[data.NAME]`: where the data lie and how they are read."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, field_validator, model_validator

from parity.base.errors import suggest
from parity.base.values import Value
from parity.study.data_formats import FORMATS
from parity.study.words_of_tables import Language

#: Cells of CSV and Excel that hold no value, beside empty ones, unless a study says otherwise.
MISSING = ("NA", "NaN", "nan", ".")


DATA_FORMATS = tuple(FORMATS)


Storage = Literal["float", "double"]
TimeUnit = Literal["year", "half-year", "quarter", "month", "week", "day", "hour", "minute", "second"]


def _step(value: Any) -> Any:
    if isinstance(value, str) and value not in get_args(TimeUnit):
        known = get_args(TimeUnit)
        raise ValueError(f"`{value[:40]}` is no unit of time{suggest(value, known)}; known: {', '.join(known)}, or a number")
    if not isinstance(value, str) and value is not None and (isinstance(value, bool) or not 0 < value < math.inf):
        raise ValueError('a positive number, or a unit such as "month"')
    return value


class Header(Value):
    """`[study]`."""

    title: str
    data: str = "data.csv"
    unit: str | None = None
    time: str | None = None
    time_order: tuple[str | float, ...] = Field(
        default=(), description="every period in its place, one apart, where the time column itself has no certain order"
    )
    time_step: Annotated[TimeUnit | float | None, BeforeValidator(_step)] = Field(
        default=None,
        description='what is from one period to the next: a number (2: every other year), or a unit such as "month"',
    )
    language: Language = Field(default="en", description='of the words in tables: "en" or "zh"')
    made: bool = Field(
        default=False, strict=True, description="the data are made, not observed; said wherever they are shown"
    )
    encoding: str = "utf-8"
    missing: tuple[str, ...] = Field(
        default=MISSING, description="cells of CSV and Excel that hold no value, beside empty ones; [] if NA is a code"
    )
    storage: Storage | dict[str, Storage] = Field(
        default="double", description='"float": columns are rounded to 24 bits as Stata\'s; or a table of columns'
    )
    layout: Literal["rows", "sheets"] = Field(
        default="rows", description="a row per unit and time; or an Excel sheet per indicator, units down and years across"
    )

    @field_validator("data")
    @classmethod
    def _format(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("a file name without control characters")
        if Path(value).suffix.lower() not in DATA_FORMATS:
            raise ValueError(f"`{value}` is none of {', '.join(DATA_FORMATS)}")
        if Path(value).is_absolute() or ".." in Path(value).parts:
            raise ValueError(f"`{value}` lies outside the study's folder; give a path inside it")
        return value

    @model_validator(mode="after")
    def _panel(self) -> Header:
        if self.unit is not None and self.unit == self.time:
            raise ValueError(f"unit and time are both `{self.unit}`")
        for key in ("time_order", "time_step"):
            if getattr(self, key) and self.time is None:
                raise ValueError(f'{key} needs time = "column"')
        if self.time_order and self.time_step:
            raise ValueError("give time_order or time_step, not both")
        if len(set(self.time_order)) < len(self.time_order):
            raise ValueError("a period stands twice in time_order")
        if self.layout == "sheets" and not (self.unit and self.time and Path(self.data).suffix.lower() == ".xlsx"):
            raise ValueError('layout = "sheets" needs an .xlsx file, and unit and time to name the columns that it makes')
        return self


class DataFile(Value):
    """`[data.NAME]`: another data file; what isn't said is as in `[study]`."""

    file: str
    unit: str | None = None
    time: str | None = None
    time_order: tuple[str | float, ...] | None = None
    time_step: Annotated[TimeUnit | float | None, BeforeValidator(_step)] = None
    encoding: str | None = None
    missing: tuple[str, ...] | None = None
    storage: Storage | dict[str, Storage] | None = None
    layout: Literal["rows", "sheets"] | None = None

    def header(self, study: Header) -> Header:
        """The header of a study with this file alone. Raises pydantic's `ValidationError`."""
        said = {name: value for name, value in self.model_dump(exclude={"file"}).items() if value is not None}
        if said.get("time_order"):
            said.setdefault("time_step", None)
        elif said.get("time_step"):
            said.setdefault("time_order", ())
        return Header.model_validate(study.model_dump() | said | {"data": self.file})
