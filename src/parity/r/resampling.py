"""Group differences and wild bootstraps asked of R, which refits every draw: see r_scripts/lib/differences.R and wild.R."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from parity.engines.safe import numbered
from parity.mediation import Model
from parity.r.frame import Column, Frame
from parity.r.mediation import request
from parity.r.session import get_session
from parity.resample.draws import write_draws
from parity.resample.prepared import Rows
from parity.resample.settings import DifferenceSettings, WildSettings
from parity.resample.wild import TIE


def analyse(rows: Rows, folder: Path) -> dict[str, Any]:
    """quantity -> number, or list of replicates, under the names of Python's side. folder: where the draws are written.

    Raises `RuntimeError`, `NoR`.
    """
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
    return get_session().call("wild_analysis", asked | {"null": s.null, "restricted": s.restricted, "level": s.level, "tie": TIE})


def _plain(value: Column) -> Any:
    numbers = [None if np.isnan(v) else float(v) for v in np.asarray(value.values, dtype=float).ravel()]
    return numbers if len(numbers) > 1 else numbers[0]
