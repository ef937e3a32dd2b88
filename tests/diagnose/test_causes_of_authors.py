"""Mistakes of authors of panels, by numbers from elsewhere: indices, logs, divisors and filters written in `authors_recipe`
and here, which share no line with the diagnosis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import test_causes_by_hand as hand
from authors_recipe import cut, scores, shifted
from parity.data.derive.study_columns import add_columns
from parity.diagnose import explain_targets
from parity.diagnose.fitter import Fitter
from parity.study.derived import Lag, PerHead, Standardise
from parity.study.grammar import parse_expression
from parity.study.header import Header
from parity.study.index import Index
from parity.study.spec import Spec
from parity.study.study import Study
from test_causes_by_hand import HC, Ols, hc1, shown

NAMES = ("北京", "天津", "河北", "山西", "上海", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南", "湖北", "重庆")
INDICATORS = (("sales", "+"), ("pop", "+"), ("x", "-"))
DERIVE = {
    "ln_one": parse_expression("log1p(none)"), "ln_none": parse_expression("log(none)"),
    "ln_added": parse_expression("log(1 + none)"),
    "head": PerHead(per_head="x", population="pop"), "real": parse_expression("log(x / price_index * 100)"),
    "ratio": parse_expression("x / price_index"), "z": Standardise(standardise="x"), "before": Lag(lag="x"),
}  # fmt: skip
SINCE, SOME = "year >= 2003", "unit not in ['北京', '江苏', '河南']"


def _data() -> pd.DataFrame:
    d = hand._data()
    rng = np.random.default_rng(3)
    return d.assign(
        unit=np.array(NAMES)[d["unit"]], time=d["year"], none=rng.poisson(2.5, len(d)).astype(float) * d["times"],
        price_index=np.round(100 * np.exp(0.03 * (d["year"] - 2001) + rng.normal(0, 0.02, len(d))), 2),
    )  # fmt: skip


@pytest.fixture(scope="module")
def fitter() -> Fitter:
    header = Header(title="by hand", unit="unit", time="year", made=True)
    index = {"score": Index.model_validate({"indicators": [{"column": c, "direction": s} for c, s in INDICATORS]})}
    study = Study(folder=Path("by-hand"), header=header, derive=DERIVE, index=index, specs=(), published=())
    return Fitter(study, add_columns(study, _data()).frame)


def of(column: str, **more) -> dict:
    return HC | {"formula": f"y ~ {column} + c"} | more


def on(d: pd.DataFrame, x: np.ndarray, term: str):
    """y on x and c, HC1; rows without x are left out."""
    d = d.assign(x=x).dropna(subset=["x"])
    fit = Ols(d)
    return shown(fit, hc1(fit), term=term)


def score(d: pd.DataFrame, indicators=INDICATORS, cuts=None, keep=None):
    d = d if keep is None else d[keep].reset_index(drop=True)
    return on(d, scores(d, indicators, "pooled", cuts), "score")


def ln(x):
    return np.log(np.where(x > 0, x, np.nan))


#: id -> (declared spec, numbers by hand)
BY_HAND = {
    "indicator-reversed": (of("score"), lambda d: score(d, (("sales", "+"), ("pop", "-"), ("x", "-")))),
    "indicator-left-out": (of("score"), lambda d: score(d, (("sales", "+"), ("x", "-")))),
    "indicator-added": (of("score"), lambda d: score(d, (*INDICATORS, ("w", "-")))),
    "outcome-in-index": (of("score"), lambda d: score(d, (*INDICATORS, ("y", "+")))),
    "indicators-winsorised": (of("score"), lambda d: score(d, cuts=(5, 95))),
    "filtered-before-derived": (of("score", where=SINCE), lambda d: score(d, keep=d["year"] >= 2003)),
    "lag-after-filter": (of("before", where=SINCE), lambda d: (
        lambda d: on(d, shifted(d, d["x"].to_numpy(), 1, "time"), "before"))(d[d["year"] >= 2003])),
    "made-within-groups": (of("z"), lambda d: on(
        d, d.groupby("year")["x"].transform(lambda v: (v - v.mean()) / v.std()).to_numpy(), "z")),
    "log-of-value": (of("ln_one"), lambda d: on(d, ln(d["none"]), "ln_one")),
    "zeros-as-small": (of("ln_one"), lambda d: on(d, np.log(d["none"].replace(0, 0.01)), "ln_one")),
    "zeros-as-missing": (of("ln_one"), lambda d: on(d, np.log1p(d["none"].replace(0, np.nan)), "ln_one")),
    "divisor-of-another-year": (of("head"), lambda d: on(d, d["x"] / shifted(d, d["pop"].to_numpy(), 1, "time"), "head")),
    "current-prices": (of("real"), lambda d: on(d, np.log(d["x"]), "real")),
    "divisor-left-out": (of("head"), lambda d: on(d, d["x"], "head")),
    "constant-prices": (of("head"), lambda d: on(d, d["x"] / d["price_index"] * 100 / d["pop"], "head")),
    "filter-misses-a-value": (of("x", where=SOME), lambda d: on(d[~d["unit"].isin(["北京", "河南"])], d["x"], "x")),
    "municipalities-left-out": (HC, lambda d: (
        lambda d: on(d, d["x"], "x"))(d[~d["unit"].isin(["北京", "天津", "上海", "重庆"])])),
}  # fmt: skip
#: What causes of before say of derived columns too: id, declared spec, numbers, and what the answer's parameters hold.
ALSO = {
    "lag across units": ("lag-across-units", of("before"), lambda d: on(d, d["x"].shift(), "before"), "before"),
    "population of one year": ("divisor-of-another-year", of("head"), lambda d: on(
        d, d["x"] / d["unit"].map(d[d["year"] == 2002].set_index("unit")["pop"]), "head"), "2002"),
    "price at the end": ("current-prices", of("ratio"), lambda d: on(d, d["x"], "ratio"), "price_index"),
    "one added by hand": ("log-of-value", of("ln_added"), lambda d: on(d, ln(d["none"]), "ln_added"), "ln_added"),
    "one added in the formula": ("log-of-value", of("log(none + 1)"), lambda d: on(
        d, ln(d["none"]), "log((none) + (1))"), "none"),
    "derived log": ("log-of-one-plus", of("ln_none"), lambda d: on(d, np.log1p(d["none"]), "ln_none"), "ln_none"),
    "part of a filter": ("filter-ignored", of("x", where=f"{SINCE} and {SOME}"), lambda d: on(
        d[d["year"] >= 2003], d["x"][d["year"] >= 2003], "x"), "unit"),
    "in full, the index cut at both": ("winsorised", HC, lambda d: (
        lambda d: on(d, cut(d["x"].to_numpy(), (5, 95)), "x"))(d.assign(y=cut(d["y"].to_numpy(), (5, 95)))), "y, x"),
}  # fmt: skip


@pytest.mark.parametrize("id", BY_HAND)
def test_numbers_by_hand_name_their_cause(fitter, id):
    declared, numbers = BY_HAND[id]
    _names(fitter, id, declared, numbers(fitter.original))


@pytest.mark.parametrize("what", ALSO)
def test_what_older_causes_say_of_derived_columns(fitter, what):
    id, declared, numbers, held = ALSO[what]
    answer = _names(fitter, id, declared, numbers(fitter.original))
    assert any(held in " ".join(s.causes[0].parameters.values()) for s in answer.causes if s.ids == (id,))


def _names(fitter, id, declared, targets):
    spec = Spec(id="declared", **declared)
    answer = explain_targets(fitter.study, spec, fitter.original, targets, fitter=fitter, most=1)
    named = [s.ids for s in answer.causes]
    assert (id,) in named, (named, answer.nearest, [t.text for t in targets])
    assert len(named) <= 3 and all(s.residual < 1e-9 for s in answer.causes)
    return answer


def test_a_cause_is_where_the_study_has_what_it_is_of(fitter):
    """Without a filter, a log, an index or a quotient none of them is offered."""
    from parity.diagnose.catalogue import BY_ID
    from parity.diagnose.scenario import Scenario

    plain = Scenario(Spec(id="plain", **HC))
    offered = {id for id in BY_HAND if any(True for _ in BY_ID[id].steps(plain, fitter))}
    assert offered == {"constant-prices", "municipalities-left-out"}
