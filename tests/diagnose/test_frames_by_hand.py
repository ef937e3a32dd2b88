"""Data of a scenario: edits one after the other, whatever was kept of fewer of them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from parity.diagnose.frames import Frames
from parity.diagnose.scenario import Scenario
from small_panel import fitter_of


class Plus:
    """Adds to a column; then squares it, so that no two orders are alike and none can be left out."""

    def __init__(self, by: float):
        self.by = by

    def frame(self, frame: pd.DataFrame, study) -> pd.DataFrame:
        return frame.assign(x=(frame["x"] + self.by) ** 2)


def test_edits_are_applied_once_each_in_their_order_also_from_what_was_kept():
    fitter = fitter_of()
    frames = Frames(fitter.study, pd.DataFrame({"x": [1.0, 2.0]}), fitter.panel)
    one, two, three = Plus(1.0), Plus(2.0), Plus(3.0)
    declared = Scenario(fitter.study.spec("plain"))
    wanted = {(one,): [4.0, 9.0], (one, two): [36.0, 121.0], (one, two, three): [39.0**2, 124.0**2],
              (two, three): [12.0**2, 19.0**2], (three,): [16.0, 25.0]}  # fmt: skip
    for edits, values in wanted.items():  # each from the one before, where that is its beginning
        assert frames.of(replace(declared, edits=edits))[0]["x"].tolist() == values
    fresh = Frames(fitter.study, pd.DataFrame({"x": [1.0, 2.0]}), fitter.panel)
    assert fresh.of(replace(declared, edits=(one, two, three)))[0]["x"].tolist() == [39.0**2, 124.0**2]
    assert frames.of(declared)[0] is frames.original
