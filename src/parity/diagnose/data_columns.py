"""What the catalogue asks of the columns of a data set: their values, and which are numbers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from parity.data.evaluate import Panel, evaluate
from parity.study.formula import Column

if TYPE_CHECKING:
    import pandas as pd

#: A column with no more distinct values than this is a group or a dummy.
FEW_VALUES = 10


def shown(value: object) -> str:
    """A value as a person writes it."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


class DataColumns:
    """Of one data set; each answer is kept."""

    def __init__(self, frame: pd.DataFrame, panel: Panel):
        self.frame, self.panel = frame, panel
        self._levels: dict[str, tuple[Any, ...]] = {}

    def levels(self, name: str) -> tuple[Any, ...]:
        """Distinct values of a column as a condition on it would write them: text, or numbers."""
        if name not in self._levels:
            values = evaluate(Column(name), self.frame, self.panel)
            known = {v for v in values.tolist() if v is not None and v == v}
            self._levels[name] = tuple(sorted(known))
        return self._levels[name]

    @cached_property
    def names_of_rows(self) -> tuple[str, ...]:
        """Unit and period of every row, as `unit 3, year 1994`; empty texts of a study that has neither."""
        named = [[f"{k} {shown(v)}" for v in self.frame[k].tolist()] for k in (self.panel.unit, self.panel.time) if k]
        return tuple(", ".join(pair) for pair in zip(*named, strict=True)) if named else ("",) * len(self.frame)

    def is_text(self, name: str) -> bool:
        import pandas as pd

        return not pd.api.types.is_numeric_dtype(self.frame[name])

    @cached_property
    def holding_zeros(self) -> tuple[str, ...]:
        """Of the many-valued ones, those that are zero somewhere and negative nowhere."""
        return tuple(c for c in self.many_valued if (self.frame[c] == 0).any() and (self.frame[c].dropna() >= 0).all())

    @cached_property
    def many_valued(self) -> tuple[str, ...]:
        """Numeric columns that take more than a few values."""
        return tuple(c for c in self.numeric if self.frame[c].nunique() > FEW_VALUES)

    @cached_property
    def positive(self) -> tuple[str, ...]:
        """Those of them that are never zero or negative."""
        return tuple(c for c in self.many_valued if (self.frame[c].dropna() > 0).all())

    @cached_property
    def numeric(self) -> tuple[str, ...]:
        import pandas as pd

        return tuple(c for c in self.frame.columns if pd.api.types.is_numeric_dtype(self.frame[c]))
