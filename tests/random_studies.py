"""Random studies: panels with gaps, singletons, nested clusters, weights and instruments, and a few valid specs of each."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import ValidationError

from parity.conventions.profiles import PROFILES
from parity.data.derive.study_columns import add_columns
from parity.study.derived import Lag, Standardise, Trim, Winsorise
from parity.study.header import Header
from parity.study.index import Index
from parity.study.spec import Spec
from parity.study.study import Study

SPECS = 4
CONTROLS = (
    "log(x1)", "x1", "x2", "x3", "l(x2, 1)", "x2:south", "south", "x1_cut", "x3_z", "x2_last", "score",
)  # fmt: skip


def random_study(seed: int, models: bool = False) -> tuple[Study, pd.DataFrame]:
    """A study of some 60 to 400 rows; nothing of it lies on disk. models: of likelihoods, k-class estimators and GMM."""
    rng = random.Random(seed)
    frame = _panel(rng, np.random.default_rng(seed))
    if models:
        frame = _with_choices(frame, np.random.default_rng([seed, 1]))
    specs: list[Spec] = []
    while len(specs) < SPECS:
        try:
            specs.append(Spec(id=f"s{len(specs) + 1}", **(_model if models else _spec)(rng)))
        except ValidationError:
            continue
    header = Header(title=f"Random panel {seed}", unit="unit", time="year", made=True)
    study = Study(
        folder=Path(f"random-{seed}"), header=header, derive=_derive(rng), index={"score": _index(rng)}, specs=tuple(specs),
        published=(),
    )  # fmt: skip
    return study, add_columns(study, frame).frame


def _derive(rng: random.Random) -> dict:
    tails = rng.choice((Winsorise(winsorise="x1", cuts=(5, 95)), Trim(trim="x1"), Winsorise(winsorise="x1", by="year")))
    return {
        "x1_cut": tails.model_copy(update={"percentiles": rng.choice(("stata", "type7"))}),
        "x3_z": Standardise(standardise="x3", ddof=rng.choice((0, 1)), by=rng.choice(((), ("year",)))),
        "x2_last": Lag(lag="x2"),
    }


def _index(rng: random.Random) -> Index:
    parts = [{"column": c, "direction": d, "dimension": i} for c, d, i in (
        ("x1", "+", "a"), ("pop", "-", "a"), ("sales", "+", "b"), ("times", "+", "b"))]  # fmt: skip
    return Index.model_validate({
        "method": rng.choice(("entropy", "entropy", "critic", "equal", "topsis")), "indicators": parts,
        "levels": rng.choice(("one", "two")), "over": rng.choice(("pooled", "pooled", "year")),
    })  # fmt: skip


def _panel(rng: random.Random, draw: np.random.Generator) -> pd.DataFrame:
    """unit and year; `state` nests units, `sector` doesn't, no unit moves between the two halves of teams; x3 has holes;
    some units have one row, some have gaps."""
    units, periods = rng.randint(10, 32), rng.randint(5, 12)
    unit, year = np.repeat(np.arange(units), periods), np.tile(2000 + np.arange(periods), units)
    share = rng.choice((1.0, 0.95, 0.8))
    keep = draw.random(len(unit)) < share
    if rng.random() < 0.6:  # singletons
        for alone in draw.choice(units, size=2, replace=False):
            keep &= (unit != alone) | (year == 2000 + int(draw.integers(periods)))
    unit, year = unit[keep], year[keep]
    n = len(unit)
    level, shock = draw.standard_normal(units)[unit], draw.standard_normal(periods)[year - 2000]
    z1, z2, u = draw.standard_normal((3, n))
    x1 = np.exp(0.4 * draw.standard_normal(n) + 0.3 * level + 2)
    x2 = draw.standard_normal(n) + 0.5 * level + 0.5 * shock
    x3 = 3 + 2 * draw.standard_normal(n)
    w = 0.7 * z1 - 0.5 * z2 + 0.4 * level + 0.6 * u + draw.standard_normal(n)
    spread = 0.5 + 0.5 * (unit % 3) + 0.2 * np.abs(x2)
    y = 5 + 0.02 * x1 + 0.4 * x2 - 0.3 * x3 + 0.5 * w + level + shock + spread * (0.8 * u + draw.standard_normal(n))
    if rng.random() < 0.5:
        x3[draw.random(n) < 0.06] = np.nan
    frame = pd.DataFrame({"unit": unit, "year": year, "state": unit // 3, "sector": (unit + year // 3) % 4})
    return frame.assign(
        y=y, sales=np.exp(0.3 * y), x1=x1, x2=x2, x3=x3, w=w, z1=z1, z2=z2,
        south=(unit % 4 == 0).astype(int), pop=np.round(np.exp(draw.standard_normal(n) + 3), 2),
        times=draw.integers(1, 5, n), team=3 * (unit > units // 2) + draw.integers(0, 3, n),
    )  # fmt: skip


def _spec(rng: random.Random) -> dict:
    """Ingredients of one spec at random; some don't go together, which `Spec` refuses."""
    outcome = rng.choice(("y", "y", "log(sales)"))
    controls = rng.sample(CONTROLS, rng.randint(1, 3))
    effects = rng.choice((
        "", "unit", "unit + year", "unit + year", "unit + year + sector", "sector + year", "state", "unit + team",
        "unit + team + year",
    ))  # fmt: skip
    instruments = rng.choice(("", "", "", "z1", "z1 + z2"))
    model = rng.choice(("ols",) * 8 + ("random_effects", "first_difference"))
    formula = f"{outcome} ~ {' + '.join(controls)}"
    if model == "ols" and (effects or instruments):
        formula += f" | {effects or 0}" + (f" | w ~ {instruments}" if instruments else "")
    clusters = rng.choice((["unit"], ["state"], ["unit", "year"], ["sector"], ["year"]))
    vcov = rng.choice((
        "iid", "HC1", {"cluster": clusters}, {"cluster": clusters}, {"cluster": clusters[:1], "type": "CR2"}, "HC3",
        {"driscoll_kraay": rng.randint(1, 3)},
    ))  # fmt: skip
    weights = rng.choice((None, None, None, {"analytic": "pop"}, {"analytic": "times"}, {"frequency": "times"}))
    where = rng.choice((None, None, "south == 0", "year > 2001"))
    return {
        "formula": formula, "model": model, "vcov": vcov, "weights": weights, "where": where,
        "convention": rng.choice(tuple(PROFILES)),
    }  # fmt: skip


# ---------------------------------------------------------------- likelihoods, k-class estimators, GMM


def _with_choices(frame: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """A choice of 0 and 1 and a count, of what `y` depends on; a third instrument."""
    n = len(frame)
    index = 0.5 * frame["x2"] - 0.1 * (frame["x1"] - 7) + 0.4 * frame["south"] + 0.5 * draw.standard_normal(n)
    return frame.assign(
        works=(draw.logistic(size=n) < index).astype(int), visits=draw.poisson(np.exp(1 + 0.4 * index)),
        z3=0.3 * frame["w"] + draw.standard_normal(n), band=1 + (frame["year"] - 2000) % 3,
    )  # fmt: skip


#: Regressors of a likelihood: less that a choice could follow without error.
OF_LIKELIHOODS = ("x1", "log(x1)", "x2", "x3", "l(x2, 1)", "x1_cut", "x3_z", "south", "i(band)", "score")


def _model(rng: random.Random) -> dict:
    """Ingredients of one spec at random, as `_spec`'s."""
    model = rng.choice(("logit", "logit", "probit", "poisson", "poisson", "liml", "fuller", "kclass", "gmm", "gmm"))
    clusters = rng.choice((["unit"], ["state"], ["sector"], ["year"], ["unit", "year"]))
    vcov = rng.choice(("iid", "HC1", "HC1", {"cluster": clusters}, {"cluster": clusters}))
    where = rng.choice((None, None, None, "south == 0", "year > 2001"))
    common = {"model": model, "vcov": vcov, "where": where}
    if model in ("logit", "probit", "poisson"):
        effects = rng.choice(("", "", "", "state", "unit", "unit + year", "sector"))
        controls = " + ".join(rng.sample(OF_LIKELIHOODS, rng.randint(1, 3)))
        outcome = "visits" if model == "poisson" else "works"
        weights = rng.choice((None, None, None, {"frequency": "times"}, {"pweight": "pop"}))
        formula = f"{outcome} ~ {controls}" + (f" | {effects}" if effects else "")
        return common | {"formula": formula, "weights": weights, "convention": rng.choice(("ml", "ml", "glm", "feglm"))}
    instruments = rng.choice(("z1 + z2", "z1 + z2 + z3"))
    effects = rng.choice(("0", "0", "unit", "year", "state"))
    controls = " + ".join(rng.sample(CONTROLS, rng.randint(1, 2)))
    moments = rng.choice((None, None, {"weight": "robust"}, {"weight": "iid"}, {"steps": 1}, {"steps": "iterated"}))
    of = {
        "kclass": {"kappa": rng.choice((0.5, 0.9))}, "fuller": {"fuller": rng.choice((None, 4.0))},
        "gmm": {"moments": moments},
    }.get(model, {})  # fmt: skip
    weights = rng.choice((None, None, None, {"analytic": "pop"}, {"frequency": "times"}))
    profile = rng.choice(("ivregress", "ivreg2", "fixest", "linearmodels"))
    return common | of | {
        "formula": f"y ~ {controls} | {effects} | w ~ {instruments}", "weights": weights, "convention": profile,
    }  # fmt: skip
