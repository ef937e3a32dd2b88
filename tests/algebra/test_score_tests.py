"""Wooldridge's score tests against linearmodels' own, with weights and without, and as `estat` gives them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from linearmodels.iv import IV2SLS

from parity.algebra import score_tests
from parity.stata.do import run_do


def made(seed: int, n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 4))
    u = rng.normal(size=n) * (1 + z[:, 0] ** 2)
    x = rng.normal(size=(n, 2))
    d = z @ rng.normal(size=(4, 2)) + x @ rng.normal(size=(2, 2)) + rng.normal(size=(n, 2)) + 0.4 * u[:, None]
    y = 1 + d @ [0.5, -1] + x @ [1, 2] + u + 0.1 * z[:, 3]
    columns = {"y": y, "w": rng.uniform(0.5, 2, size=n)}
    for name, of in (("x", x), ("d", d), ("z", z)):
        columns |= {f"{name}{i + 1}": of[:, i] for i in range(of.shape[1])}
    return pd.DataFrame(columns)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weighted", [False, True])
def test_as_in_linearmodels(seed, weighted):
    data = made(seed)
    x = data[["x1", "x2"]].assign(one=1.0)[["one", "x1", "x2"]]
    d, z, w = data[["d1", "d2"]], data[["z1", "z2", "z3", "z4"]], data["w"] if weighted else None
    fit = IV2SLS(data["y"], x, d, z, weights=w).fit(cov_type="robust")
    root = np.sqrt(data["w"].to_numpy() / data["w"].mean()) if weighted else np.ones(len(data))
    columns = data["y"].to_numpy() * root, *(part.to_numpy() * root[:, None] for part in (x, d, z))
    value, df = score_tests.overidentified(*columns)
    assert value == pytest.approx(fit.wooldridge_overid.stat, rel=1e-9) and df == fit.wooldridge_overid.df == 2
    if not weighted:  # linearmodels' score of exogeneity leaves weights out of its last regression
        value, df = score_tests.endogenous(*columns)
        assert value == pytest.approx(fit.wooldridge_score.stat, rel=1e-9) and df == 2


def test_which_instruments_stand_in_the_test_moves_nothing():
    data = made(9)
    x = np.column_stack([np.ones(len(data)), data[["x1", "x2"]]])
    values = [
        score_tests.overidentified(data["y"].to_numpy(), x, data[["d1"]].to_numpy(), data[z].to_numpy())
        for z in (["z1", "z2", "z3"], ["z3", "z1", "z2"], ["z2", "z3", "z1"])
    ]
    np.testing.assert_allclose([v for v, _ in values], values[0][0], rtol=1e-9)


def test_estat_after_robust_errors(tmp_path):
    data = made(4)
    data.to_csv(tmp_path / "d.csv", index=False)
    code = ("import delimited d.csv, asdouble\nivregress 2sls y x1 x2 (d1 d2 = z1 z2 z3 z4), vce(robust)\nestat overid\n"
            "display r(score)\nestat endogenous\ndisplay r(r_score)\nestat firststage\n"
            "ivregress 2sls y x1 x2 (d1 d2 = z1 z2), r\nestat overid\n"
            "ivregress 2sls y x1 x2 (d1 d2 = z1 z2 z3), vce(cluster x1)\nestat overid\n")  # fmt: skip
    done = run_do(code, tmp_path)
    x = np.column_stack([np.ones(len(data)), data[["x1", "x2"]]])
    columns = data["y"].to_numpy(), x, data[["d1", "d2"]].to_numpy(), data[["z1", "z2", "z3", "z4"]].to_numpy()
    shown = {p.kind: p.numbers for p in done.printed if p.kind.startswith("estat")}
    assert shown["estat overid"]["score"] == pytest.approx(score_tests.overidentified(*columns)[0], rel=1e-8)
    assert shown["estat endogenous"]["r_score"] == pytest.approx(score_tests.endogenous(*columns)[0], rel=1e-8)
    assert [(f.line, f.text.partition(";")[0]) for f in done.findings if f.id == "stata-error"] == [
        (9, "no overidentifying restrictions"), (11, "estat overid after CR1 errors is not computed here"),
    ]  # fmt: skip
