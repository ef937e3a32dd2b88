"""A small panel with a spec of every kind: six units over five years, unit 6 without 2003, states of two units each.

29 rows; three of them miss `h`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from parity.data.derive.study_columns import add_columns
from parity.diagnose.fitter import Fitter
from parity.study.derived import Lag, Standardise, Trim, Winsorise
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study

SPECS = {
    "plain": {"formula": "y ~ x + c", "vcov": "HC1", "convention": "regress"},
    "iid": {"formula": "y ~ log(x) + h", "vcov": "iid", "convention": "regress"},
    "fe": {"formula": "y ~ x + c | unit + year", "vcov": {"cluster": ["unit"]}, "convention": "reghdfe"},
    "three": {"formula": "y ~ x | unit + year + state", "vcov": {"cluster": ["unit", "year"]}, "convention": "reghdfe"},
    "iv": {"formula": "y ~ c | unit | w ~ z + z2", "vcov": "HC1", "convention": "ivreghdfe"},
    "weighted": {"formula": "y ~ x + c", "vcov": "HC2", "convention": "regress", "weights": {"analytic": "pop"}},
    "times": {"formula": "y ~ x | unit", "vcov": {"cluster": ["state"]}, "convention": "reghdfe",
              "weights": {"frequency": "times"}},
    "re": {"formula": "y ~ x + c", "vcov": {"cluster": ["unit"]}, "convention": "xtreg", "model": "random_effects"},
    "lagged": {"formula": "y ~ l(x, 1) + d(c, 1) | unit", "vcov": "HC1", "convention": "areg"},
    "some": {"formula": "y ~ x + c + x:c", "vcov": "HC3", "convention": "lm", "where": "state == 1"},
    "nw": {"formula": "y ~ x", "vcov": {"newey_west": 2}, "convention": "fixest"},
    "dk": {"formula": "y ~ x | unit", "vcov": {"driscoll_kraay": 1}, "convention": "fixest"},
    "made": {"formula": "y ~ cut + score | unit", "vcov": "HC1", "convention": "areg"},
    "shifted": {"formula": "y ~ before + kept", "vcov": "HC1", "convention": "lm"},
}  # fmt: skip
DERIVE = {
    "cut": Winsorise(winsorise="x", cuts=(5, 95)), "score": Standardise(standardise="c", by=("year",)),
    "before": Lag(lag="x", periods=2), "kept": Trim(trim="c", cuts=(1, 99), percentiles="type7"),
}  # fmt: skip


def data() -> pd.DataFrame:
    rng, n = np.random.default_rng(3), 30
    unit, year = np.repeat(np.arange(1, 7), 5), np.tile(np.arange(2001, 2006), 6)
    x, c, z, z2 = rng.uniform(1, 2, n), *rng.normal(size=(3, n))
    w = z + z2 + rng.normal(size=n)
    frame = pd.DataFrame({
        "unit": unit, "year": year, "y": x + c + w + rng.normal(size=n), "x": x, "c": c, "w": w, "z": z, "z2": z2,
        "h": np.where(np.arange(n) % 9 == 4, np.nan, rng.normal(size=n)), "state": (unit + 1) // 2,
        "pop": np.round(rng.uniform(1, 9, n), 1), "times": rng.integers(1, 4, n),
    })  # fmt: skip
    return frame[(unit < 6) | (year != 2003)].reset_index(drop=True)


def fitter_of(**header) -> Fitter:
    specs = tuple(Spec(id=id, **text) for id, text in SPECS.items())
    named = {"title": "t", "unit": "unit", "time": "year", "made": True} | header
    study = Study(
        folder=Path("by-hand"), header=Header(**named), derive=DERIVE if named["time"] else {}, index={}, specs=specs,
        published=(),
    )  # fmt: skip
    return Fitter(study, add_columns(study, data()).frame)
