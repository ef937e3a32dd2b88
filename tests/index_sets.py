"""Random indicator sets with what breaks index code: ties, zeros, constant columns, negatives, gaps, one year, one unit."""

from __future__ import annotations

import numpy as np

from parity.data.derive.index import Rows
from parity.data.derive.variants import VARIANTS, changed
from parity.study.index import IndexSettings


def random_set(seed: int) -> tuple[IndexSettings, dict[str, np.ndarray], Rows]:
    """Main settings, indicators and keys of one set."""
    rng = np.random.default_rng(seed)
    units, years, m = int(rng.integers(2, 32)), int(rng.integers(1, 10)), int(rng.integers(2, 13))
    n = units * years
    columns, indicators = {}, []
    trait = rng.normal(size=n)
    for j in range(m):
        x = trait * rng.uniform(-0.5, 1.5) + rng.normal(size=n) + 4
        kind = rng.choice(
            ["plain", "ties", "zeros", "negative", "large", "constant", "copy"], p=[0.3, 0.2, 0.15, 0.1, 0.1, 0.1, 0.05]
        )
        match kind:
            case "ties":
                x = np.round(x)
            case "zeros":
                x = np.where(rng.random(n) < 0.3, 0.0, np.abs(x))
            case "negative":
                x = x - 4
            case "large":
                x = np.exp(x) * 1e6
            case "constant":
                x = np.full(n, float(rng.integers(-1, 3)))
            case "copy" if j:
                x = 2 * columns["x0"] + 1
        columns[f"x{j}"] = x
        indicators.append(
            {"column": f"x{j}", "direction": "+-"[int(rng.random() < 0.25)], "dimension": "abc"[int(rng.integers(0, 3))]}
        )
    if seed % 3 == 0:
        for _ in range(max(1, n // 40)):
            columns[f"x{rng.integers(m)}"][rng.integers(n)] = np.nan
    keep = rng.random(n) > (0.1 if seed % 2 else 0.0)
    keep[:2] = True
    unit, time = np.repeat(np.arange(units), years)[keep], np.tile(np.arange(2015.0, 2015 + years), units)[keep]
    main = IndexSettings(indicators=indicators, missing="interpolate")
    names = tuple(f"{u} {t:g}" for u, t in zip(unit, time, strict=True))
    return main, {k: v[keep] for k, v in columns.items()}, Rows(unit, time, names)


def forms(main: IndexSettings, rows: Rows) -> dict[str, IndexSettings]:
    """The main form, every variant of the catalogue, and the methods again in two levels and by year."""
    first = float(rows.time.min())
    out = {"main": main}
    for v in VARIANTS:
        form = changed(main, v, first_year=first)
        if form is not None:
            out[v.id] = form
    crossed = [v for v in VARIANTS if v.id in ("two_levels", "by_year", "gaps_extrapolated", "zscore", "base_year")]
    for method in (v for v in VARIANTS if "method" in v.settings):
        for other in crossed:
            form = changed(main, method, other, first_year=first)
            if form is not None:
                out[f"{method.id}+{other.id}"] = form
    weights = {i.column: float(k + 1) for k, i in enumerate(main.indicators)}
    given = main.model_dump() | {"method": "given", "weights": weights}
    out["given"] = IndexSettings(**given)
    out["given+two_levels"] = IndexSettings(**given | {"levels": "two"})
    return out
