"""Spread by period: by hand, by other packages, in R, and engines that get a formula subtly wrong."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from conftest import FIXTURES
from parity.analyses.distribution import analysis, statistics
from parity.analyses.distribution.analysis import ANALYSIS, compare_distributions, distribution
from parity.analyses.distribution.statistics import bandwidth, dagum, density, gini, spread
from parity.analyses.in_parts import Nothing
from parity.analyses.run import records_of
from parity.base.errors import InputError, Unestimable
from parity.r.session import missing_r
from parity.study.load import parse_study
from parity.table.formats import grid_of
from parity.table.verified import Verified

needs_r = pytest.mark.skipif(missing_r() is not None, reason="needs R")
TOML = """
[study]
title = "Munnell"
unit = "firm"
time = "year"

[spec.s]
formula = "inv ~ value"

[derive]
big = "firm <= 3"

[distribution.inv]
of = "inv"
groups = "big"

[distribution.stata]
of = "value"
ddof = 0
bandwidth = "stata"
kernel = "epanechnikov"
where = "year >= 1940"

[distribution.change]
of = "inv - l(inv, 1)"
bandwidth = "matlab"

[table.t]
kind = "analysis"
analysis = "distribution.inv"
rows = ["1935", "1954"]
"""


def study(text: str = TOML):
    return parse_study(text, FIXTURES / "grunfeld" / "study.toml")


def drawn(n: int = 40, seed: int = 1):
    rng = np.random.default_rng(seed)
    return np.exp(rng.normal(0, 0.6, n)), [("a", "b", "c")[i] for i in rng.integers(0, 3, n)]


def test_gini_and_its_parts_by_all_pairs():
    v, groups = drawn()
    g = np.array(groups)
    whole = sum(abs(a - b) for a in v for b in v) / (2 * len(v) ** 2 * v.mean())
    found = dagum(v, groups)
    assert (gini(v), found["gini"]) == pytest.approx((whole, whole), rel=1e-12)
    within = net = over = 0.0
    for j, h in itertools.product("abc", "abc"):
        x, y = v[g == j], v[g == h]
        gap = np.subtract.outer(x, y)
        part = np.abs(gap).mean() / (x.mean() + y.mean()) * len(x) / len(v) * y.sum() / v.sum()
        if j == h:
            within += part
        else:
            rich = gap if x.mean() >= y.mean() else -gap
            d, p = np.where(rich > 0, rich, 0).mean(), np.where(rich < 0, -rich, 0).mean()
            net += part * (d - p) / (d + p)
            over += part * 2 * p / (d + p)
    assert [found[f"gini {k}"] for k in ("within", "between", "transvariation")] == pytest.approx([within, net, over])
    assert within + net + over == pytest.approx(found["gini"], rel=1e-12)
    assert found["share within"] + found["share between"] + found["share transvariation"] == pytest.approx(1)


def test_groups_that_do_not_overlap_have_no_transvariation_and_equal_ones_no_net_difference():
    apart = dagum(np.array([1.0, 2, 3, 10, 11, 12]), list("aaabbb"))
    assert apart["gini transvariation"] == pytest.approx(0, abs=1e-15) and apart["gini between"] > 0
    same = dagum(np.array([1.0, 2, 3, 1, 2, 3]), list("aaabbb"))
    assert same["gini between"] == pytest.approx(0, abs=1e-15) and same["gini transvariation"] > 0
    assert "gini within" not in dagum(np.array([1.0, 2]), ["a", "a"])
    with pytest.raises(Unestimable):
        dagum(np.array([-1.0, 2]), ["a", "b"])


def test_bandwidths_and_densities_are_those_of_the_packages_they_are_named_after():
    v, _ = drawn()
    kernel = stats.gaussian_kde(v, "scott")
    assert bandwidth(v, "scott") == pytest.approx(kernel.factor * v.std(ddof=1), rel=1e-12)
    silverman = stats.gaussian_kde(v, "silverman")
    assert bandwidth(v, "silverman") == pytest.approx(silverman.factor * v.std(ddof=1), rel=1e-12)
    at = np.linspace(0, 4, 7)
    assert density(v, at, bandwidth(v, "scott"), "gaussian") == pytest.approx(kernel(at), rel=1e-12)
    fine = np.linspace(-5, 10, 30_001)
    for name in ("gaussian", "epanechnikov"):
        curve = density(v, fine, 0.3, name)
        mean = np.trapezoid(curve * fine, fine)
        assert np.trapezoid(curve, fine) == pytest.approx(1, abs=1e-6)
        assert np.trapezoid(curve * (fine - mean) ** 2, fine) == pytest.approx(v.var() + 0.09, abs=1e-5)  # sd one
    assert bandwidth(v, "nrd") / bandwidth(v, "nrd0") == pytest.approx(1.06 / 0.9, rel=1e-12)
    with pytest.raises(Unestimable):
        bandwidth(np.ones(5), "nrd0")


def test_standard_deviations():
    v, _ = drawn()
    assert spread(v, 0)["sd"] == pytest.approx(np.std(v), rel=1e-12)
    assert spread(v, 1)["cv"] == pytest.approx(stats.variation(v, ddof=1), rel=1e-12)
    assert spread(v, 1)["sd of log"] == pytest.approx(np.log(v).std(ddof=1), rel=1e-12)
    assert "sd of log" not in spread(np.append(v, 0.0), 1) and "sd" not in spread(np.ones(1), 1)


@needs_r
def test_r_finds_the_same():
    records = records_of(ANALYSIS, study(), "live")
    assert {r.spec: r.verdict for r in records} == {f"distribution.{n}": "agree" for n in ("inv", "stata", "change")}
    assert all(r.digits > 10 and r.checked > 800 for r in records), [(r.digits, r.checked) for r in records]


def parts():
    return {name: part for name, part in ANALYSIS.parts(study()) if not isinstance(part, Nothing)}


#: What a program may get wrong: a name of `statistics` -> the function in its place.
WRONG = {
    "a Gini over n(n - 1) pairs": ("gini", lambda v: gini(v) * len(v) / (len(v) - 1)),
    "pairs that leave out the last": ("distance", lambda a, b: np.abs(np.subtract.outer(a, b[:-1])).mean()),
    "the sd of n in place of n - 1": ("_sd", lambda v, ddof: float(np.std(v, ddof=1 - ddof))),
    "Scott's factor": ("bandwidth", lambda v, rule: bandwidth(v, "nrd")),
    "quartiles of another type": ("bandwidth", lambda v, rule: bandwidth(v, {"nrd0": "stata", "stata": "nrd0"}[rule])),
    "a bandwidth off in the eighth digit": ("density", lambda v, at, h, k: density(v, at, h * (1 + 1e-8), k)),
    "a grid of two bandwidths": ("grid", lambda v, w, n: statistics.grid(v, {k: h * 2 / 3 for k, h in w.items()}, n)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_formula_that_is_subtly_wrong_turns_it_red(name, monkeypatch):
    of = [part for key, part in parts().items() if key != "distribution.change"]
    right = [distribution(part) for part in of]
    place, wrong = WRONG[name]
    home = analysis if place in ("bandwidth", "density", "grid") else statistics
    monkeypatch.setattr(home, place, wrong)
    for part, (numbers, curves) in zip(of, right, strict=True):
        off, other = distribution(part)
        assert compare_distributions(numbers | curves, numbers | curves).verdict == "agree"
        if part.groups or (place != "gini" and name != "pairs that leave out the last"):
            assert compare_distributions(numbers | curves, off | other).verdict == "disagree", name


def test_the_richer_group_by_name_and_not_by_mean_is_seen():
    """D_jh without the groups in the order of their means is negative: net between and transvariation move."""
    (numbers, curves), off = distribution(parts()["distribution.inv"]), {}
    off = {q: dict(of) for q, of in numbers.items()}
    for period in off["gini"]:
        off["gini between"][period] *= -1
        off["gini transvariation"][period] = off["gini"][period] - off["gini within"][period] - off["gini between"][period]
    assert compare_distributions(numbers | curves, off | curves).verdict == "disagree"


def test_the_order_of_the_file_moves_nothing_and_a_table_shows_it():
    from parity.results.record import Record, named

    found = distribution(parts()["distribution.inv"])[0]
    record = Record(study="grunfeld", spec="distribution.inv", kind="distribution", reference="base-r", candidate="python",
                    verdict="agree", checked=9, numbers=named(found))  # fmt: skip
    grid = grid_of("t", study().tables["t"], Verified(study(), (), (record,)))
    assert [r.label for r in grid.body] == ["1935", "1954"] and grid.body[0].cells[0].text == "10"
    assert [c.text for c in grid.heads[0].cells][-3:] == ["Within", "Net between", "Transvariation"]
    marked = grid_of("t", study().tables["t"], Verified(study(), (), ()))
    assert not marked.verified and "†" in marked.title
    with pytest.raises(InputError, match="quantities"):
        table = study().tables["t"].model_copy(update={"quantities": ("theil",)})
        grid_of("t", table, Verified(study(), (), (record,)))


def test_what_is_wrong_with_one_is_said():
    for change, said in (
        ('of = "inv"\n', "of"), ('analysis = "distribution.inv"', "there is no analysis `distribution.no`"),
        ('bandwidth = "matlab"', "bandwidth"),
    ):  # fmt: skip
        text = TOML.replace(change, {"o": "", "a": 'analysis = "distribution.no"', "b": 'bandwidth = "wide"'}[change[0]], 1)
        with pytest.raises(InputError) as error:
            study(text)
        assert said in str(error.value)
    from parity.data.load import load_frame

    with pytest.raises(InputError, match=r"distribution.inv.groups"):
        load_frame(study(TOML.replace('groups = "big"', 'groups = "bigger"')))
