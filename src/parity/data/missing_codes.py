"""Numbers that look like codes for "no answer": -999 far outside all others of its column, which would be estimated with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parity.base.values import name_of
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

#: Numbers that surveys and statistical offices write for what they don't know.
CODES = (-9.0, -99.0, -999.0, -9999.0, -99999.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0)
#: A code lies at least so many ranges of the other values away from them.
RANGES = 1.0


def missing_codes(study: Study, frame: pd.DataFrame) -> tuple[str, ...]:
    """A sentence for every column of numbers that a spec reads and that holds such a code."""
    import pandas as pd

    names = dict.fromkeys(column for spec in study.specs for column in spec.columns())
    said = []
    for name in names:
        if name not in frame or not pd.api.types.is_numeric_dtype(frame[name]) or pd.api.types.is_bool_dtype(frame[name]):
            continue
        values = frame[name].to_numpy(dtype=float, na_value=np.nan)
        values = values[np.isfinite(values)]
        for code in CODES:
            others = values[values != code]
            n = len(values) - len(others)
            if not n or len(others) < 2:
                continue
            low, high = float(others.min()), float(others.max())
            if (low - code if code < low else code - high) > RANGES * (high - low) > 0:
                times, span = f"{n:,} time{'s' * (n > 1)}", f"{name_of(low)} to {name_of(high)}"
                said.append(
                    f"`{name}` holds {name_of(code)} {times}, far from its other values ({span}), and it is estimated with: "
                    f'if it means missing, leave the cell empty, or missing = ["{name_of(code)}"] under [study]'
                )
    return tuple(said)
