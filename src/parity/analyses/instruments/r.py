"""The diagnostics of `parity.analyses.instruments.statistics`, asked of R: see r_scripts/lib/iv_diagnostics.R."""

from __future__ import annotations

import numpy as np

from parity.analyses.instruments.statistics import Errors
from parity.engines.safe import effect_names, numbered
from parity.r.frame import Column, Frame
from parity.r.session import get_session
from parity.sample.design import Design


def diagnose_in_r(
    design: Design, errors: Errors = "iid", cluster: str | None = None
) -> dict[str, float | list[float] | None]:
    """Statistic -> value, under the names of `Diagnostics`; `first_stage` is a list. Raises `RuntimeError`, `NoR`."""
    if design.weights is not None:
        raise ValueError("R's diagnostics take no weights")
    columns = {"y": design.y}
    for letter, block in (("x", design.x), ("d", design.endog), ("z", design.z)):
        columns |= dict(zip(numbered(letter, block.shape[1]), block.T, strict=True))
    data = {name: Column.double(np.ascontiguousarray(v)) for name, v in columns.items()}
    effects = effect_names(design)
    data |= {safe: Column.whole(design.effects[name] + 1) for safe, name in effects.items()}
    if cluster is not None:
        data["g"] = Column.whole(design.clusters[cluster] + 1)
    answer = get_session().call("iv_diagnostics", {
        "data": Frame(data), "n_x": design.x.shape[1], "n_d": design.endog.shape[1], "n_z": design.z.shape[1],
        "intercept": design.intercept, "effects": Column.text(effects), "errors": errors,
    })  # fmt: skip
    out: dict[str, float | list[float] | None] = {}
    for name, value in answer.items():
        if name == "first_stage":
            out[name] = [float(v) for v in value.values]
        elif isinstance(value, Column):
            out[name] = value.one()
    return out
