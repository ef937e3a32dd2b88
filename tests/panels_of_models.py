"""Random panels for what a spec is needed for: moderated effects, mediation, beta convergence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from parity.analyses.mediation.sample import Prepared, prepare
from parity.analyses.moderation.sample import Sample as ModerationSample
from parity.analyses.moderation.sample import sample_of
from parity.base.errors import Unestimable
from parity.data.derive.study_columns import add_columns
from parity.sample.build import build_design
from parity.sample.design import Design
from parity.study.analyses.mediation import MediationSettings
from parity.study.analyses.moderation import KINDS, ModerationSettings
from parity.study.header import Header
from parity.study.load import parse_study
from parity.study.spec import Spec
from parity.study.study import Study

EFFECTS = ("", " | u", " | t", " | u + t")


def panel(rng: np.random.Generator, *, gaps: bool = True) -> pd.DataFrame:
    """Units u in groups g, periods t; regressor x, moderator w, mediators m and k, controls c and d, outcome y.

    Any scale, levels far from zero, few values, zeros; rows that are missing.
    """
    units, periods = int(rng.integers(6, 16)), int(rng.integers(4, 9))
    u, t = np.repeat(np.arange(units), periods), np.tile(np.arange(periods) + 2000, units)
    n = len(u)
    own = rng.normal(size=units)[u]
    columns = rng.normal(size=(n, 5)) + 0.5 * own[:, None]
    for j in range(5):
        if rng.integers(4) == 0:
            columns[:, j] = np.floor(rng.uniform(0, 4, n))
        columns[:, j] += rng.choice([0.0, 0.0, 10.0])
    x, w, k, c, d = columns.T
    m = 0.6 * x + 0.2 * x * w + 0.3 * c + own + rng.normal(size=n)
    y = 0.4 * x + 0.5 * m - 0.3 * k + 0.2 * m * w + own + 0.1 * (t - 2000) + rng.normal(size=n) * (0.5 + 0.5 * (u % 3))
    frame = pd.DataFrame({"u": [f"u{i:02}" for i in u], "t": t, "g": [f"g{i // 2}" for i in u]})
    for name, values in {"x": x, "w": w, "m": m, "k": k, "c": c, "d": d, "y": y}.items():
        frame[name] = values * 10.0 ** int(rng.integers(-3, 4))
    if gaps and rng.integers(3) == 0:
        frame.loc[rng.uniform(size=n) < 0.08, str(rng.choice(["x", "w", "m", "c", "y"]))] = np.nan
    keep = rng.uniform(size=n) < (rng.choice([1.0, 0.9]) if gaps else 1.0)
    return frame[keep].reset_index(drop=True)


def study_of(specs: Mapping[str, Mapping[str, Any]], **more: Any) -> Study:
    """Of the columns of `panel`; nothing of it lies on disk."""
    header = Header(title="Random panel", data="data.csv", unit="u", time="t", made=True)
    made = tuple(Spec(id=name, **keys) for name, keys in specs.items())
    return Study(folder=Path("random"), header=header, derive={}, specs=made, published=(), **more)


def _errors(rng: np.random.Generator, effects: str) -> dict[str, Any]:
    """Covariance and convention of a spec."""
    kind = str(rng.choice(KINDS))
    cluster = [["u"], ["g"], ["u", "t"]][int(rng.integers(3))]
    vcov: Any = {"cluster": cluster, "type": kind} if kind.startswith("CR") else kind
    return {"vcov": vcov, "convention": str(rng.choice(_conventions(effects, "cluster" in vcov)))}


def _conventions(effects: str, clustered: bool) -> list[str]:
    """Those that a spec may have: xtreg's robust errors are clustered ones."""
    if not effects:
        return ["regress", "lm", "fixest", "statsmodels"]
    return ["fixest", "reghdfe", "areg", "plm", "lm", "lfe"] + ["xtreg"] * clustered


# ---------------------------------------------------------------- moderation


def moderation_panel(rng: np.random.Generator, through: bool = False) -> ModerationSample:
    """A product that is there or is added; of moderated mediation either stage is moderated.

    Raises `Unestimable`.
    """
    frame, effects = panel(rng), str(rng.choice(EFFECTS))
    errors = _errors(rng, effects)
    product = str(rng.choice(["", " + w", " + w + x:w", " + w:x + w"]))
    at: Any = [("sd", "quartiles", "percentiles")[int(rng.integers(3))], (-1.0, 0.0, 2.5)][int(rng.integers(4) == 0)]
    keys: dict[str, Any] = {"by": "w", "at": at, "ddof": int(rng.integers(2)), "level": float(rng.choice([0.9, 0.95, 0.99]))}
    if not through:
        specs = {"one": {"formula": f"y ~ x{product} + c{effects}", **errors}}
        keys |= {"spec": "one"} | ({"term": "x"} if product or rng.integers(2) else {})
    elif rng.integers(2):  # Hayes' model 7
        specs = {"first": {"formula": f"m ~ x{product} + c{effects}", **errors},
                 "second": {"formula": f"y ~ c + m + x{effects}", **errors}}  # fmt: skip
        keys |= {"spec": "first", "term": "x", "through": "second"} | ({"path": "m"} if rng.integers(2) else {})
    else:  # 14
        specs = {"first": {"formula": f"m ~ x + c{effects}", **errors},
                 "second": {"formula": f"y ~ x + m{product.replace('x', 'm')} + c{effects}", **errors}}  # fmt: skip
        keys |= {"spec": "second", "term": "m", "through": "first"} | ({"path": "x"} if rng.integers(2) else {})
    return sample_of(study_of(specs), frame, ModerationSettings.model_validate(keys))


# ---------------------------------------------------------------- mediation


def mediation_panel(rng: np.random.Generator) -> Prepared:
    """One mediator or two, with and without effects and clusters. Raises `Unestimable`."""
    cluster = [None, "u", "g"][int(rng.integers(3))]
    s = MediationSettings(
        outcome="y", treatment="x", mediators=("m", "k")[: int(rng.integers(1, 3))],
        controls=("c", "d")[: int(rng.integers(0, 3))], absorb=[(), ("u",), ("t",), ("u", "t")][int(rng.integers(4))],
        cluster=cluster, vcov=str(rng.choice(["robust", "iid"] + ["cluster"] * 2 * (cluster is not None))),
        where="t > 2000" if rng.integers(3) == 0 else None, draws=30, refits=12, seed=int(rng.integers(1_000)),
        level=float(rng.choice([0.9, 0.95])), percentiles=str(rng.choice(["stata", "type7"])),
    )  # fmt: skip
    ((_, part),) = prepare(study_of({}, mediation={"one": s}), panel(rng))
    if isinstance(part, str):
        raise Unestimable(part)
    return part


# ---------------------------------------------------------------- beta convergence


@dataclass(frozen=True)
class Convergence:
    """A study whose one spec is growth on the level before, and its data without the growth."""

    study: Study
    data: pd.DataFrame

    @property
    def settings(self) -> Spec:
        return self.study.spec("beta")

    @cached_property
    def frame(self) -> pd.DataFrame:
        """With the growth."""
        return add_columns(self.study, self.data).frame

    @cached_property
    def design(self) -> Design:
        return build_design(self.study, self.settings, self.frame)


def convergence_panel(rng: np.random.Generator) -> Convergence:
    """Absolute or conditional, of ratios or of logs, gaps in the periods; levels of any scale that converge or not."""
    data, effects = panel(rng), str(rng.choice(EFFECTS))
    places = data.groupby("u").cumcount().to_numpy()
    start = rng.uniform(0.5, 3.0, data.u.nunique())[data.u.astype("category").cat.codes.to_numpy()]
    pace = float(rng.choice([0.2, 0.02, -0.02]))
    data["y"] = np.exp(start * np.exp(-pace * places) + 0.05 * rng.normal(size=len(data))) * 10.0 ** int(rng.integers(-3, 4))
    if rng.integers(4) == 0:
        data.loc[rng.uniform(size=len(data)) < 0.1, "y"] = np.nan
    form = str(rng.choice(["ratio", "log"]))
    controls = ["", " + c", " + c + x"][int(rng.integers(3))]
    errors = ['"iid"', '"HC1"', '{ cluster = ["u"] }', '{ cluster = ["g"] }'][int(rng.integers(4))]
    rules = _conventions(effects, "cluster" in errors)
    text = (
        '[study]\ntitle = "Convergence"\ndata = "data.csv"\nunit = "u"\ntime = "t"\nmade = true\n'
        f'[derive]\ngrowth = {{ growth = "y", form = "{form}" }}\n'
        f'[spec.beta]\nformula = "growth ~ l(log(y)){controls}{effects}"\nvcov = {errors}\n'
        f'convention = "{rng.choice(rules)}"\n'
    )
    return Convergence(parse_study(text, Path("random") / "study.toml"), data)
