"""Conditional effects asked of R, which fits both equations with dummies for the effects: see r_scripts/lib/moderation.R."""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.analyses.moderation.effects import SHARES, degrees
from parity.analyses.moderation.sample import Sample, Stage
from parity.conventions.facts import combine, subsets
from parity.conventions.formulas import factor
from parity.engines.safe import numbered
from parity.r.frame import Column, Frame
from parity.r.session import get_session


def moderation_in_r(s: Sample) -> dict[str, dict[str, float]]:
    """quantity -> term -> number, under our side's names. Raises `RuntimeError`, `NoR`."""
    t = s.settings
    at = list(t.at) if isinstance(t.at, tuple) else list(SHARES[t.at].values()) if t.at in SHARES else []
    names = [f"{w:g}" for w in at] if isinstance(t.at, tuple) else list(SHARES.get(t.at, ()))
    answer: dict[str, Any] = get_session().call("moderation_analysis", {
        **_stage(s.of, "one"), "q": Column.double(np.ascontiguousarray(s.q)), "term": s.of.place + 1,
        "product": s.product + 1, "df": float(degrees(s.of)), "ddof": t.ddof, "level": t.level, "names": Column.text(names),
        "at": Column.double(np.array(at, dtype=float)), "form": t.at if isinstance(t.at, str) else "values",
        **(_stage(s.through, "two") | {"path": s.through.place + 1} if s.through else {}),
    })  # fmt: skip
    out: dict[str, dict[str, float]] = {}
    for quantity, value in answer.items():
        if isinstance(value, Column) and value.names is not None:
            terms = [s.path] if quantity.startswith("path") else value.names
            out[quantity] = dict(zip(terms, np.asarray(value.values, dtype=float).tolist(), strict=True))
    return out


def _stage(stage: Stage, name: str) -> dict[str, Any]:
    """A design under safe names: y, x1 .., f1 .. codes of effects, g1 .. codes of each part of the covariance."""
    design, vcov = stage.design, stage.spec.vcov
    columns = dict(zip(numbered("x", design.x.shape[1]), design.x.T, strict=True)) | {"y": design.y}
    data = {key: Column.double(np.ascontiguousarray(column, dtype=float)) for key, column in columns.items()}
    effects = dict(zip(numbered("f", len(design.effects)), design.effects.values(), strict=True))
    parts = [()] if not vcov.cluster else list(subsets(vcov.cluster))
    codes = effects | {f"g{i + 1}": combine([design.clusters[c] for c in part]) for i, part in enumerate(parts) if part}
    data |= {key: Column.whole(code + 1) for key, code in codes.items()}
    signs = [-1.0 if part and len(part) % 2 == 0 else 1.0 for part in parts]
    scale = [factor(design.facts, stage.spec.convention, vcov.kind, vcov.cluster, part, iv=False) for part in parts]
    return {
        name: Frame(data), f"{name}_effects": Column.text(list(effects)), f"{name}_regressors": design.x.shape[1],
        f"{name}_intercept": design.intercept, f"{name}_kind": vcov.kind,
        f"{name}_repaired": len(vcov.cluster) > 1 and stage.spec.convention.psd != "kept",
        f"{name}_factor": Column.double(np.array(scale) * np.array(signs)),
    }  # fmt: skip
