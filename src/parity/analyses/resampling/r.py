"""Group differences and bootstraps asked of R, which refits every draw: see r_scripts/lib."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from parity.analyses.mediation.effects import Model
from parity.analyses.mediation.r import request
from parity.analyses.replicates.draws import write_draws
from parity.analyses.resampling.bootstrap import METHODS
from parity.analyses.resampling.pairs import Pairs
from parity.analyses.resampling.sample import Rows
from parity.analyses.resampling.wild import TIE
from parity.base.tolerance import REPLICATE_TIE
from parity.base.values import plain
from parity.engines.safe import numbered
from parity.r.frame import Column, Frame
from parity.r.session import get_session
from parity.study.analyses.resampling import DifferenceSettings, WildSettings


def analyse(rows: Rows | Pairs, folder: Path) -> dict[str, Any]:
    """quantity -> number, or list of replicates, under the names of Python's side; of a bootstrap by term.

    folder: where the draws are written.

    Raises `RuntimeError`, `NoR`.
    """
    if isinstance(rows, Pairs):
        return _bootstrap(rows, folder)
    answer = _difference(rows, folder) if isinstance(rows.settings, DifferenceSettings) else _wild(rows, folder)
    return {name.replace("_", " "): _plain(value) for name, value in answer.items() if isinstance(value, Column)}


def _difference(rows: Rows, folder: Path) -> dict[str, Any]:
    s = rows.settings
    assert isinstance(s, DifferenceSettings)
    draws = rows.group_draws()
    if draws is not None:
        write_draws(draws, folder / "draws.tsv")
    xs, fs = numbered("x", len(rows.columns)), numbered("f", len(rows.effects))
    data = {"y": Column.double(np.ascontiguousarray(rows.y))}
    data |= {x: Column.double(np.ascontiguousarray(c)) for x, c in zip(xs, rows.columns.values(), strict=True)}
    data |= {f: Column.whole(c + 1) for f, c in zip(fs, rows.effects.values(), strict=True)}
    data |= {"g": Column.whole(rows.code + 1), "h": Column.whole(rows.first.astype(np.int64))}
    return get_session().call("difference_analysis", {
        "data": Frame(data), "regressors": Column.text(xs), "effects": Column.text(fs), "methods": Column.text(s.method),
        "interact": s.interact, "permute": s.permute, "draws": None if draws is None else str(folder / "draws.tsv"),
        "first_draws": s.refits, "tie": TIE,
    })  # fmt: skip


def _wild(rows: Rows, folder: Path) -> dict[str, Any]:
    s = rows.settings
    assert isinstance(s, WildSettings)
    write_draws(rows.wild_draws(), folder / "factors.tsv")
    model = Model("\0outcome", rows.term, (), rows.regressors[:-1])
    asked = request({**rows.columns, "\0outcome": rows.y}, model, rows.effects, rows.code, draws=folder / "factors.tsv",
                    first_draws=s.refits)  # fmt: skip
    asked |= {"null": s.null, "restricted": s.restricted, "level": s.level, "tie": TIE}
    if rows.clustering is not None:
        parts = {f"p{i}": Column.whole(code + 1) for i, (_, code) in enumerate(rows.clustering.parts, 1)}
        asked |= {
            "boot": Column.whole(rows.clustering.boot + 1), "parts": Frame(parts),
            "weights_of_parts": Column.double(np.array([weight for weight, _ in rows.clustering.parts])),
        }  # fmt: skip
    return get_session().call("wild_analysis", asked)


def _bootstrap(pairs: Pairs, folder: Path) -> dict[str, dict[str, Any]]:
    """quantity -> term -> number, or list of replicates."""
    s = pairs.settings
    write_draws(pairs.draws(), folder / "draws.tsv")
    blocks = {"x": pairs.exog, "d": pairs.endog, "z": pairs.z}
    codes = {f: c + 1 for f, c in zip(numbered("f", len(pairs.effects)), pairs.effects.values(), strict=True)}
    weights = np.ones(len(pairs.y)) if pairs.weights is None else pairs.weights
    data = {"y": pairs.y, "w": weights} | {
        safe: column for letter, block in blocks.items()
        for safe, column in zip(numbered(letter, len(block)), block.values(), strict=True)
    }  # fmt: skip
    frame = {name: Column.double(np.ascontiguousarray(column, dtype=float)) for name, column in data.items()}
    frame |= {name: Column.whole(code) for name, code in (codes | {"g": pairs.code + 1}).items()}
    answer = get_session().call("bootstrap_analysis", {
        "data": Frame(frame), **{f"n_{letter}": len(block) for letter, block in blocks.items()},
        "intercept": pairs.intercept, "effects": Column.text(list(codes)), "draws": str(folder / "draws.tsv"),
        "first_draws": s.refits, "level": s.level, "percentiles": s.percentiles, "tie": REPLICATE_TIE,
    })  # fmt: skip
    drawn, ends = answer["replicates"].values, answer["intervals"].values.reshape(2 * len(METHODS), -1)
    out = {"estimate": answer["estimate"].values, "bootstrap se": answer["bootstrap_se"].values}
    out |= {f"{method} {end}": ends[2 * i + j] for i, method in enumerate(METHODS) for j, end in enumerate(("low", "high"))}
    named = {q: {t: plain(v) for t, v in zip(pairs.terms, values, strict=True)} for q, values in out.items()}
    return named | {"replicate": {t: [plain(v) for v in drawn[:, i]] for i, t in enumerate(pairs.terms)}}


def _plain(value: Column) -> Any:
    numbers = [None if np.isnan(v) else float(v) for v in np.asarray(value.values, dtype=float).ravel()]
    return numbers if len(numbers) > 1 else numbers[0]
