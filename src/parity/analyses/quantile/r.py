"""Quantile regressions asked of R, which walks from corner to corner by itself: see r_scripts/lib/quantile.R."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from parity.analyses.quantile.errors import SAME
from parity.analyses.quantile.found import Found, terms
from parity.analyses.quantile.sample import Sample
from parity.analyses.replicates.draws import write_draws
from parity.engines.safe import numbered
from parity.r.frame import Column, Frame
from parity.r.session import get_session
from parity.sample.design import INTERCEPT
from parity.study.analyses.quantile import quartiles_of


def quantile_in_r(s: Sample, found: Found, folder: Path) -> dict[str, dict[str, float]]:
    """quantity -> term -> number, under our side's names, for the quantiles and draws that have one solution; draws are
    written to `folder`. Raises `RuntimeError`, `NoR`."""
    k = len(s.names)
    data = {"y": s.y} | dict(zip(numbered("x", k), s.x.T, strict=True))
    frame = {name: Column.double(np.ascontiguousarray(v)) for name, v in data.items()}
    effects = dict(zip(numbered("f", len(s.effects)), s.effects.values(), strict=True))
    frame |= {name: Column.whole(code + 1) for name, code in (effects | {"g": s.code}).items()}
    t = s.settings
    request: dict[str, Any] = {
        "data": Frame(frame), "regressors": k, "effects": Column.text(list(effects)), "method": s.method,
        "intercept": INTERCEPT in terms(s), "errors": s.errors, "at": Column.double(np.array(found.at)),
        "names": Column.text([f"{q:g}" for q in found.at]),
        "density": t.density, "bandwidth": t.bandwidth, "kernel": t.kernel, "same": SAME,
        "quartiles": {"linear": 7, "averaged": 2}[quartiles_of(t)],
    }  # fmt: skip
    if s.errors == "bootstrap":
        write_draws(s.draws(), folder / "draws.tsv")
        request |= {"draws": str(folder / "draws.tsv"), "used": Column.whole(np.array(found.used) + 1)}
    answer = get_session().call("quantile_analysis", request)
    called = dict(zip(["b0", *numbered("x", k)], [INTERCEPT, *s.names], strict=True))
    out: dict[str, dict[str, float]] = {}
    for quantity, value in answer.items():
        if isinstance(value, Column) and value.names is not None:
            names = [called.get(name, name) for name in value.names]
            out[quantity] = dict(zip(names, np.asarray(value.values, dtype=float).tolist(), strict=True))
    return out
