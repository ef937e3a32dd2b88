"""Spatial models asked of R, with dummies, dense matrices and complex steps: see r_scripts/lib/spatial.R."""

from __future__ import annotations

import numpy as np

from parity.analyses.spatial.sample import Sample
from parity.r.frame import Column
from parity.r.session import get_session


def spatial_in_r(s: Sample) -> dict[str, dict[str, float]]:
    """quantity -> term -> number, under our side's names. Raises `RuntimeError`, `NoR`."""
    t = s.settings
    answer = get_session().call("spatial_analysis", {
        "y": Column.double(s.y), "x": Column.double(np.ascontiguousarray(s.x)), "of": Column.double(s.z),
        "w": Column.double(np.ascontiguousarray(s.given)), "lagged": Column.whole(np.array(s.lagged, dtype=int) + 1),
        "standardise": t.standardise, "diagonal": t.diagonal, "model": t.model, "effects": s.effects,
        "transformation": t.transformation, "information": t.information, "moran": t.moran, "local": t.local,
    })  # fmt: skip
    lagged = [s.names[i] for i in s.lagged] if t.model == "durbin" else []
    names = {f"x{i + 1}": name for i, name in enumerate(s.names)} | {f"w{i + 1}": f"W {n}" for i, n in enumerate(lagged)}
    names |= {f"t{i + 1}": period for i, period in enumerate(s.periods)}
    names |= {f"t{j + 1}u{i + 1}": f"{u}:{p}" for j, p in enumerate(s.periods) for i, u in enumerate(s.units)}
    out: dict[str, dict[str, float]] = {}
    for quantity, value in answer.items():
        if not (isinstance(value, Column) and value.names is not None):  # what R said on the way
            continue
        numbers = np.asarray(value.values, dtype=float).ravel().tolist()
        out[quantity] = {names.get(n, n): x for n, x in zip(value.names, numbers, strict=True) if not np.isnan(x)}
    likelihood = out.pop("likelihood")
    return {**out, "likelihood": {"": likelihood["all"]}}
