"""A mediation analysis asked of R, which refits every equation of every draw: see r_scripts/lib/mediation.R."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from parity.analyses.mediation.effects import Model
from parity.base.tolerance import REPLICATE_TIE
from parity.r.frame import Column, Frame, RequestValue
from parity.r.session import get_session


@dataclass(frozen=True)
class RMediation:
    """The same numbers as `parity.analyses.mediation.effects.Mediation`, under the same names, as R found them.

    effects, se, tests   "total" ..; "total", "direct", "first M", "second M"; mediator -> sobel, aroian, goodman
    se_delta             of the total effect, direct and indirect together, by the delta method
    replicates           effect -> (B,)
    intervals            effect -> method -> (low, high)
    """

    effects: Mapping[str, float]
    se: Mapping[str, float]
    se_delta: float
    tests: Mapping[str, Mapping[str, float]]
    replicates: Mapping[str, np.ndarray]
    boot_se: Mapping[str, float]
    intervals: Mapping[str, Mapping[str, tuple[float, float]]]
    monte_carlo: Mapping[str, tuple[float, float]]


def request(
    columns: Mapping[str, np.ndarray], model: Model, effects: Mapping[str, np.ndarray], code: np.ndarray,
    draws: Path | None = None, normals: Path | None = None, vcov: str = "CR1", level: float = 0.95,
    scheme: Literal["keep", "new"] = "keep", first_draws: int | None = None, percentiles: str = "stata",
) -> dict[str, RequestValue]:  # fmt: skip
    """What the R functions take: columns under safe names, codes from 1, and the files of the draws."""
    controls = [f"c{i + 1}" for i in range(len(model.controls))]
    mediators = [f"m{i + 1}" for i in range(len(model.mediators))]
    numbers = dict(zip(controls, model.controls, strict=True)) | dict(zip(mediators, model.mediators, strict=True))
    numbers |= {"x": model.treatment, "y": model.outcome}
    codes = {f"f{i + 1}": effect for i, effect in enumerate(effects.values())} | {"g": code}
    data = {safe: Column.double(np.ascontiguousarray(columns[name], dtype=float)) for safe, name in numbers.items()}
    data |= {safe: Column.whole(values + 1) for safe, values in codes.items()}
    return {
        "data": Frame(data), "outcome": "y", "treatment": "x", "mediators": Column.text(mediators),
        "controls": Column.text(controls), "effects": Column.text([c for c in codes if c != "g"]), "cluster": "g",
        "draws": None if draws is None else str(draws), "normals": None if normals is None else str(normals),
        "vcov": vcov, "level": level, "scheme": scheme, "first_draws": first_draws,
        "percentiles": percentiles, "tie": REPLICATE_TIE,
    }  # fmt: skip


def analyse(
    columns: Mapping[str, np.ndarray], model: Model, effects: Mapping[str, np.ndarray], code: np.ndarray, **options
) -> RMediation:
    """Ask R for the whole analysis; options as of `request`. Raises `RuntimeError`, `NoR`."""
    answer = get_session().call("mediation_analysis", request(columns, model, effects, code, **options))
    k, numbers = len(model.mediators), names(model)
    rows = ["total", "direct", *(f"first {m}" for m in model.mediators), *(f"second {m}" for m in model.mediators)]
    found = dict(zip(rows, answer["coefficients"].values.tolist(), strict=True))
    effect = found | dict(zip(numbers, answer["effects"].values.tolist(), strict=True))
    tests = {
        m: {test: float(answer[test].values[j]) for test in ("sobel", "aroian", "goodman")}
        for j, m in enumerate(model.mediators)
    }
    boot = answer.get("replicates")
    monte = answer.get("monte_carlo")
    methods = ("percentile", "bias-corrected", "bca")
    return RMediation(
        effect, dict(zip(rows, answer["se"].values.tolist(), strict=True)), float(answer["se_delta"].one()), tests,
        {} if boot is None else dict(zip(numbers, boot.values.T, strict=True)),
        {} if boot is None else dict(zip(numbers, answer["boot_se"].values.tolist(), strict=True)),
        {} if boot is None else {
            name: {method: (float(c[2 * i]), float(c[2 * i + 1])) for i, method in enumerate(methods)}
            for name, c in zip(numbers, answer["intervals"].values.reshape(6, -1).T, strict=True)
        },
        {} if monte is None else {
            m: (float(c[0]), float(c[1])) for m, c in zip(model.mediators, monte.values.reshape(2, k).T, strict=True)
        },
    )  # fmt: skip


def names(model: Model) -> list[str]:
    """The effects in the order of R's columns."""
    return [
        "total",
        "direct",
        *(f"indirect {m}" for m in model.mediators),
        "indirect",
        "total less direct",
        "share",
        "ratio",
    ]
