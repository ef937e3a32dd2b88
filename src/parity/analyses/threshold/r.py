"""Threshold regressions asked of R, which fits every candidate with all regimes: see r_scripts/lib/threshold.R."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from parity.analyses.replicates.draws import write_draws
from parity.analyses.threshold.sample import Sample
from parity.base.tolerance import COLLINEAR, TIED_DRAWS, WHOLE
from parity.engines.safe import numbered
from parity.r.frame import Column, Frame
from parity.r.session import get_session


def threshold_in_r(s: Sample, folder: Path) -> dict[str, dict[str, float]]:
    """quantity -> term -> number, under our side's names; draws are written to `folder`. Raises `RuntimeError`, `NoR`."""
    write_draws(s.draws(), folder / "draws.tsv")
    data = {"y": s.y, "x": s.x, "q": s.q} | dict(zip(numbered("c", len(s.controls)), s.controls.values(), strict=True))
    frame = {name: Column.double(np.ascontiguousarray(v)) for name, v in data.items()}
    effects = dict(zip(numbered("f", len(s.effects)), s.effects.values(), strict=True))
    codes = effects | {"unit": s.unit, "period": s.period}
    frame |= {name: Column.whole(v + 1) for name, v in codes.items()}
    t = s.settings
    answer: dict[str, Any] = get_session().call("threshold_analysis", {
        "data": Frame(frame), "controls": Column.text(numbered("c", len(s.controls))), "effects": Column.text(list(effects)),
        "intercept": s.intercept, "thresholds": t.thresholds, "trim": t.trim, "grid": t.grid, "level": t.level,
        "closed": t.closed, "apart": t.apart, "residuals": t.residuals, "last_period": t.last_period,
        "draws": str(folder / "draws.tsv"), "rounded": WHOLE, "tie": TIED_DRAWS, "least": COLLINEAR**2,
    })  # fmt: skip
    names = {f"regime {i + 1}": f"{s.term}, regime {i + 1}" for i in range(t.thresholds + 1)}
    names |= dict(zip(numbered("c", len(s.controls)), s.controls, strict=True))
    out: dict[str, dict[str, float]] = {}
    for quantity, value in answer.items():
        if isinstance(value, Column) and value.names is not None:
            terms = value.names if quantity not in ("coef", "se") else [names[n] for n in value.names]
            out[quantity] = dict(zip(terms, np.asarray(value.values, dtype=float).tolist(), strict=True))
    out["factor"] = {"": float(answer["factor"].one())}
    tried = answer["tried_at"], answer["tried_squares"], answer["tried_model"]
    out["tried"] = {f"{m}, {v:.17g}": float(x) for v, x, m in zip(*(c.values.tolist() for c in tried), strict=True)}
    return out
