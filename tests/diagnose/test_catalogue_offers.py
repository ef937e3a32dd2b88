"""What the catalogue offers of a small panel: for each cause, the variants that apply to a spec and no others."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice, product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from parity.conventions.settings import SETTINGS
from parity.diagnose.catalogue import BY_ID, CAUSES
from parity.diagnose.catalogue import edits as e
from parity.diagnose.catalogue.common import on_large_data
from parity.diagnose.catalogue.derived import MadeAnew
from parity.diagnose.catalogue.rows import BalancedOnly, RowLost, RowsTwice, ShiftedByRows
from parity.diagnose.catalogue.transformation import Standardised, Tails
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.derived import Lead, Standardise, Trim, Winsorise
from parity.study.formula import Column
from parity.study.spec import Spec
from small_panel import SPECS, fitter_of

EVERY = set(SPECS)
CLUSTERED = {"fe", "three", "times", "re"}


@pytest.fixture(scope="module")
def fitter() -> Fitter:
    return fitter_of()


def steps(fitter: Fitter, id: str, spec: str, **more) -> list:
    return list(BY_ID[id].steps(replace(Scenario(fitter.study.spec(spec)), **more), fitter))


def offered(fitter: Fitter, id: str, spec: str, **more) -> list[tuple]:
    """The values of each variant's parameters."""
    return [tuple(v for _, v in s.parameters) for s in steps(fitter, id, spec, **more)]


def of_specs(fitter: Fitter, id: str) -> dict[str, list[tuple]]:
    return {spec: found for spec in SPECS if (found := offered(fitter, id, spec))}


# ---------------------------------------------------------------- to which specs a cause applies

#: Causes without a parameter -> the specs to which they apply.
APPLIES = {
    "counts-nested-effects": CLUSTERED, "leaves-nested-effects-out": {"re"}, "counts-no-effects": CLUSTERED,
    "drops-all-effects-when-nested": CLUSTERED, "uncounts-a-sole-nested-effect": {"times"},
    "further-effects-are-dummies": CLUSTERED - {"re"}, "redundant-levels-counted": {"three"},
    "constant-not-counted": {"fe", "three"}, "iid-counts-no-effects": set(), "divides-by-n-minus-1": {"iid"},
    "n-over-n-minus-k": CLUSTERED, "n-minus-1-over-n-minus-k": set(), "no-size-factor": CLUSTERED,
    "no-cluster-factor": CLUSTERED, "per-component-clusters": CLUSTERED, "smallest-cluster-factor": set(),
    "psd-repair": {"three"}, "psd-repair-standardised": set(), "psd-not-repaired": {"three"},
    "normal-distribution": EVERY, "residual-degrees-of-freedom": EVERY,
    "cluster-degrees-of-freedom": CLUSTERED, "smaller-degrees-of-freedom": CLUSTERED,
    "nested-decides-degrees-of-freedom": CLUSTERED, "period-degrees-of-freedom": {"nw", "dk"},
    "satterthwaite-degrees-of-freedom": CLUSTERED - {"three"}, "iid-for-cluster": CLUSTERED,
    "robust-for-cluster": CLUSTERED, "iid-for-robust": EVERY - CLUSTERED - {"iid"}, "robust-for-iid": {"iid", "nw", "dk"},
    "hc1-for-other-robust": {"weighted", "some"}, "hc0-for-hc1": EVERY, "hc2": EVERY - {"weighted"}, "hc3": EVERY - {"some"},
    "hc4": EVERY, "cr0": CLUSTERED, "cr1": set(), "cr2": CLUSTERED - {"three"}, "cr3": CLUSTERED - {"three"},
    "leverage-kind-with-factor": {"weighted", "some"}, "jackknife-factor": set(), "newey-west-by-rows": {"nw"},
    "newey-west-gaps-kept": {"nw"}, "newey-west-gaps-closed": set(), "driscoll-kraay-gaps-kept": {"dk"},
    "driscoll-kraay-gaps-closed": set(), "large-sample-iv": {"iv"}, "small-sample-iv": set(), "large-sample": EVERY - {"iv"},
    "small-sample": set(), "ols-for-iv": {"iv"}, "second-stage-by-hand": {"iv"},
    "singletons-kept": {"fe", "three", "iv", "times", "dk"}, "singletons-dropped": {"lagged", "made"},
    "rows-duplicated": EVERY, "balanced-panel-only": EVERY, "first-row-missing": EVERY, "last-row-missing": EVERY,
    "pooled-for-within": {"fe", "three", "iv", "times", "lagged", "dk", "made"},
    "intercept-left-out": {"plain", "iid", "weighted", "re", "some", "nw", "shifted"},
    "random-for-within": {"fe", "three", "times", "lagged", "dk", "made"},
    "first-differences-for-within": {"fe", "three", "times", "lagged", "dk", "made"}, "within-for-random": {"re"},
    "pooled-for-panel-model": {"re"}, "another-base-level": set(), "least-squares-for-likelihood": set(),
    "marginal-effects-for-coefficients": set(), "interactions-left-out": {"some"}, "variance-components-exact": {"re"},
    "variance-components-harmonic": set(), "rounded-twice": set(), "leverage-loses-a-dummy": set(),
    "absorption-tolerance": set(), "ill-conditioned-columns": set(), "singular-cluster-blocks": set(),
    "minimiser-tolerance": set(),
}  # fmt: skip


@pytest.mark.parametrize("id", APPLIES)
def test_a_cause_applies_to_these_specs_once(fitter, id):
    assert of_specs(fitter, id) == {spec: [()] for spec in SPECS if spec in APPLIES[id]}


UNITS, YEARS = [(f"unit {u}",) for u in range(1, 7)], [(f"year {y}",) for y in range(2001, 2006)]
_OTHERS = {  # clusters that a panel offers: its own columns, then few-valued ones of the data
    "fe": ["year", "state", "times"], "times": ["unit", "year", "times"], "re": ["year", "state", "times"],
}  # fmt: skip
_PLAIN = ("plain", "iid", "iv", "lagged", "made", "shifted")
_CONSTANT = "the constant beside the fixed effects"
#: Causes with parameters -> by spec the values of each variant.
VARIANTS = {
    "nested-flag-on-wrong-effect": {"fe": [("unit", "year")], "three": [("unit", "state")]},
    "constant-counted": {
        "fe": [(f"{_CONSTANT}, or the redundant level of the second effect",)],
        **{s: [(_CONSTANT,)] for s in ("three", "iv", "times", "lagged", "dk", "made")},
    },
    "cluster-other-variable": {
        s: [(name, "state" if s == "times" else "unit") for name in names] for s, names in _OTHERS.items()
    },
    "two-way-for-one-way": {
        s: [(f"{'state' if s == 'times' else 'unit'} and {name}",) for name in names] for s, names in _OTHERS.items()
    },
    "one-way-for-two-way": {"three": [("unit",), ("year",)]},
    "cluster-for-robust": {s: [("unit",), ("year",), ("state",), ("times",)] for s in _PLAIN},
    "leverage-without-weights": {}, "leverage-without-raw-weights": {"weighted": [("pop",)]},
    "leverage-with-weights": {"weighted": [("pop",)]}, "instrument-left-out": {"iv": [("z",), ("z2",)]},
    "weights-ignored": {"weighted": [("pop",)], "times": [("times",)]}, "frequency-for-analytic": {"weighted": [("pop",)]},
    "analytic-for-frequency": {"times": [("times",)]}, "weights-as-roots": {"weighted": [("pop",)]},
    "weights-squared": {"weighted": [("pop",)]}, "singletons-by-rows": {"times": [("times",)]},
    "weights-added": {s: [("pop",), ("times",)] for s in EVERY - {"weighted", "times", "re"}},
    "filter-ignored": {"some": [("(state) == (1)",)]}, "filter-reversed": {"some": [("(state) == (1)",)]},
    "filter-added": {s: [("(state) == (1)",)] for s in EVERY - {"some"}},
    "unit-twice": dict.fromkeys(EVERY, UNITS), "period-twice": dict.fromkeys(EVERY, YEARS),
    "unit-missing": dict.fromkeys(EVERY, UNITS), "period-missing": dict.fromkeys(EVERY, YEARS),
    "lag-across-gaps": {"lagged": [("l(x, 1), d(c, 1)",)], "shifted": [("before",)]},
    "lag-across-units": {"lagged": [("l(x, 1), d(c, 1)",)], "shifted": [("before",)]},
    "missing-as-zero": {"iid": [("h",)], "shifted": [("before, kept",)]},
    "missing-as-mean": {"iid": [("h",)], "shifted": [("before, kept",)]},
    "year-effects-left-out": {"fe": [("year",)], "three": [("year",)]},
    "fixed-effect-left-out": {"fe": [("unit",)], "three": [("unit",), ("state",)]},
    "unit-effects-added": {s: [("unit",)] for s in ("plain", "iid", "weighted", "some", "nw", "shifted")},
    "year-effects-added": {s: [("year",)] for s in EVERY - {"fe", "three", "re"}},
    "level-for-lag": {"lagged": [("l(x, 1)",)]},
    "lag-for-level": {
        **{s: [("x",), ("c",)] for s in ("plain", "fe", "weighted", "re", "some")}, "iid": [("h",)], "iv": [("c",)],
        **{s: [("x",)] for s in ("three", "times", "nw", "dk")}, "made": [("cut",), ("score",)],
        "shifted": [("before",), ("kept",)],
    },
    "control-left-out": {
        **{s: [("x",), ("c",)] for s in ("plain", "fe", "weighted", "re")}, "iid": [("log(x)",), ("h",)], "iv": [("c",)],
        "lagged": [("l(x, 1)",), ("d(c, 1)",)], "some": [("x",), ("c",), ("x:c",)], "nw": [("x",)],
        "made": [("cut",), ("score",)], "shifted": [("before",), ("kept",)],
    },
    "log-base-10": {"iid": [("log(x)",)]}, "log-of-one-plus": {"iid": [("log(x)",)]}, "log-left-out": {"iid": [("log(x)",)]},
    "log-added": {**{s: [("x",)] for s in EVERY - {"iid", "iv", "lagged", "made", "shifted"}}, "made": [("cut",)],
                  "shifted": [("before",)]},
    "other-cuts": {
        "made": [("cut", cuts, "5 and 95") for cuts in ("1 and 99", "0.5 and 99.5", "10 and 90", "2.5 and 97.5",
                                                        "2 and 98")],
        "shifted": [("kept", cuts, "1 and 99") for cuts in ("5 and 95", "0.5 and 99.5", "10 and 90", "2.5 and 97.5",
                                                            "2 and 98")],
    },
    "other-percentile-rule": {"made": [("cut", "type 7", 7)], "shifted": [("kept", "Stata's (type 2)", 2)]},
    "trimmed-for-winsorised": {"made": [("cut",)]}, "winsorised-for-trimmed": {"shifted": [("kept",)]},
    "cuts-left-out": {"made": [("cut", "x")], "shifted": [("kept", "c")]},
    "groups-of-a-transformation-ignored": {"made": [("score", "year")]},
    "standardised-with-other-ddof": {"made": [("score", 0)]}, "derived-lag-left-out": {"shifted": [("before", "x")]},
    "shift-reversed": {"lagged": [("l(x, 1)",)], "shifted": [("before",)]},
    "unit-missing-before-derived": {"made": UNITS, "shifted": UNITS},
    "period-missing-before-derived": {"made": YEARS, "shifted": YEARS}, "index-made-otherwise": {},
}  # fmt: skip


@pytest.mark.parametrize("id", VARIANTS)
def test_a_cause_has_these_variants(fitter, id):
    found = of_specs(fitter, id)
    assert {s: sorted(v, key=str) for s, v in found.items()} == {s: sorted(v, key=str) for s, v in VARIANTS[id].items()}


def test_how_many_variants_a_family_has(fitter):
    families = (
        "winsorised",
        "trimmed",
        "standardised-all",
        "standardised",
        "outcome-standardised",
        "units",
        "outcome-units",
    )
    number = {id: {s: len(v) for s, v in of_specs(fitter, id).items()} for id in families}
    columns = {s: 3 for s in EVERY} | {"three": 2, "times": 2, "nw": 2, "dk": 2, "iv": 5}
    # five cuts by two rules of all columns, and of the outcome with each other one of several; two by two of each
    pairs = {s: n - 1 if n > 2 else 0 for s, n in columns.items()}
    assert number["winsorised"] == number["trimmed"] == {s: 10 + 10 * pairs[s] + 4 * n for s, n in columns.items()}
    slopes = {s: 2 for s in EVERY} | {"three": 1, "times": 1, "nw": 1, "dk": 1, "some": 3}
    assert number["units"] == {s: 10 * n for s, n in slopes.items()} and set(number["outcome-units"].values()) == {10}
    slopes.pop("re")
    assert number["standardised"] == {s: 2 * n for s, n in slopes.items()}
    assert set(number["standardised-all"].values()) == {4} and set(number["outcome-standardised"].values()) == {2}


def test_lags_of_a_kernel_are_fewer_than_periods(fitter):
    for id, own, lags in (("driscoll-kraay", "dk", 1), ("newey-west", "nw", 2)):
        found = of_specs(fitter, id)
        assert found.keys() == EVERY and found["plain"] == [(lag,) for lag in range(5)]
        assert found[own] == [(lag,) for lag in range(5) if lag != lags]
        assert found["lagged"] == [(lag,) for lag in range(4)]  # a lag costs the first year
    years = fitter_of(unit=None, time=None)
    assert not steps(years, "driscoll-kraay", "plain") and not steps(years, "newey-west", "plain")


def test_columns_stored_as_floats(fitter):
    found = of_specs(fitter, "single-precision-data")
    assert found["plain"] == [("y, x, c",), ("y, x",), ("y, c",), ("x, c",), ("y",), ("x",), ("c",)]
    assert found["iv"] == [("y, c, w, z, z2",), ("c, w, z, z2",), ("y",), ("c",), ("w",), ("z",), ("z2",)]  # of many fewer
    assert found["iid"][-1] == ("log(x)",) and found["lagged"][-1] == ("l(x, 1), d(c, 1)",) and len(found["lagged"]) == 8


def test_controls_of_other_specs_and_of_the_data(fitter):
    found = [name for (name,) in offered(fitter, "control-added", "plain")]
    assert found == ["log(x)", "h", "l(x, 1)", "d(c, 1)", "x:c", "cut", "score", "before", "kept", "w", "z", "z2", "state",
                     "pop", "times"]  # fmt: skip
    iv = [name for (name,) in offered(fitter, "control-added", "iv")]
    assert not {"c", "w", "z", "z2", "y", "unit", "year"} & set(iv) and {"x", "state"} <= set(iv)


def test_a_row_is_named_by_its_place_in_the_file(fitter):
    found = offered(fitter, "row-twice", "iid")
    assert len(found) == 26 and found[4] == ("row 6 of the data (unit 2, year 2001)",)  # the fifth lacks h
    assert [s.scenario.edits[-1].place for s in steps(fitter, "row-twice", "iid")] == list(range(26))
    twice = steps(fitter, "row-twice", "plain")[0].scenario
    assert not list(BY_ID["row-twice"].steps(twice, fitter))


def test_other_columns_of_the_table(fitter):
    found = offered(fitter, "another-column", "plain")
    assert found == [(s,) for s in SPECS if s != "plain"]
    assert [s.scenario.spec.id for s in steps(fitter, "another-column", "nw")][:2] == ["plain", "iid"]


def test_nothing_applies_twice(fitter):
    """A cause that is at work already is offered no second time."""
    of_spec = {
        "rows-duplicated": "plain", "unit-twice": "plain", "period-twice": "plain", "singletons-by-rows": "times",
        "satterthwaite-degrees-of-freedom": "fe", "no-size-factor": "fe", "divides-by-n-minus-1": "iid",
        "unit-missing-before-derived": "made", "weights-ignored": "weighted", "ols-for-iv": "iv", "filter-ignored": "some",
    }  # fmt: skip
    for id, spec in of_spec.items():
        assert not list(BY_ID[id].steps(steps(fitter, id, spec)[0].scenario, fitter)), id


def test_an_uncorrected_covariance_has_no_convention(fitter):
    for cause in CAUSES:
        if cause.layer == "convention":
            for spec in SPECS:
                assert not offered(fitter, cause.id, spec, raw=True), cause.id


def test_a_study_without_a_panel(fitter):
    plain = fitter_of(unit=None, time=None)
    for id in ("unit-missing", "period-missing", "unit-twice", "period-twice", "balanced-panel-only", "unit-effects-added",
               "year-effects-added", "random-for-within", "lag-for-level", "year-effects-left-out"):  # fmt: skip
        assert not offered(plain, id, "plain") and not offered(plain, id, "fe"), id
    assert offered(plain, "row-twice", "plain")[0] == ("row 1 of the data",)
    assert [n for (n,) in offered(plain, "cluster-for-robust", "plain")] == ["unit", "year", "state", "times"]
    assert not fitter_of(unit=None).study.header.unit and not offered(fitter_of(unit=None), "random-for-within", "fe")


# ---------------------------------------------------------------- what a variant does


def test_settings_of_a_variant(fitter):
    def convention(id: str, spec: str):
        return steps(fitter, id, spec)[0].scenario.spec.convention

    assert convention("counts-nested-effects", "fe").count_fixef == "full"
    assert convention("robust-counts-no-effects", "fe").count_robust == "none"
    assert convention("redundant-exact-rank", "fe").redundant == "exact"
    assert convention("no-cluster-factor", "fe").cluster_groups == "none"
    assert convention("kernel-factor-none", "dk").kernel == "none"
    large = convention("large-sample-iv", "iv")
    assert (large.small, large.iv_small) == (False, False)
    assert (
        convention("normal-distribution", "fe").t_cluster == "normal"
        and convention("normal-distribution", "re").t_random == "normal"
    )
    resid = convention("residual-degrees-of-freedom", "re")
    assert (resid.t_random, resid.t_cluster) == ("resid", "resid")
    flagged = steps(fitter, "nested-flag-on-wrong-effect", "fe")[0].scenario
    assert flagged.scaling == ("nested flag on year",) and flagged.spec.convention.count_fixef == "nonnested"


def test_kinds_of_covariance(fitter):
    def vcov(id: str, spec: str, place: int = 0):
        found = steps(fitter, id, spec)[place].scenario.spec.vcov
        return found.kind, found.cluster, found.lags

    assert vcov("cr2", "fe")[:2] == ("CR2", ("unit",))
    assert vcov("robust-for-cluster", "fe")[:2] == ("HC1", ()) and vcov("iid-for-cluster", "three")[:2] == ("iid", ())
    assert vcov("cluster-for-robust", "plain", 2)[:2] == ("CR1", ("state",))
    assert vcov("two-way-for-one-way", "fe")[:2] == ("CR1", ("unit", "year"))
    assert vcov("one-way-for-two-way", "three", 1)[:2] == ("CR1", ("year",)) and vcov("driscoll-kraay", "plain", 3)[2] == 3


def test_equations_of_a_variant(fitter):
    def formula(id: str, spec: str, place: int = 0) -> str:
        return str(steps(fitter, id, spec)[place].scenario.spec.formula)

    assert formula("pooled-for-within", "fe") == "y ~ x + c"
    assert (
        formula("fixed-effect-left-out", "fe") == "y ~ x + c | year"
        and formula("year-effects-left-out", "fe") == "y ~ x + c | unit"
    )
    assert (
        formula("unit-effects-added", "plain") == "y ~ x + c | unit"
        and formula("year-effects-added", "iv").count("year") == 1
    )
    assert (
        formula("ols-for-iv", "iv") == "y ~ c + w | unit" and formula("instrument-left-out", "iv") == "y ~ c | unit | w ~ z2"
    )
    assert formula("intercept-left-out", "plain") == "y ~ 0 + x + c"
    assert (
        formula("interactions-left-out", "some") == "y ~ x + c" and formula("control-left-out", "some", 1) == "y ~ x + x:c"
    )
    assert (
        formula("level-for-lag", "lagged") == "y ~ x + d(c, 1) | unit"
        and formula("lag-for-level", "plain") == "y ~ l(x, 1) + c"
    )
    assert (
        formula("random-for-within", "fe") == "y ~ x + c + i(year)"
        and formula("first-differences-for-within", "fe") == "y ~ 0 + x + c + i(year)"
    )
    assert steps(fitter, "first-differences-for-within", "fe")[0].scenario.spec.model == "first_difference"
    assert (
        formula("within-for-random", "re") == "y ~ x + c | unit"
        and steps(fitter, "within-for-random", "re")[0].scenario.spec.model == "ols"
    )
    assert formula("log-left-out", "iid") == "y ~ x + h" and formula("log-of-one-plus", "iid") == "y ~ log1p(x) + h"
    assert formula("shift-reversed", "lagged") == "y ~ f(x, 1) + d(c, 1) | unit"
    assert str(steps(fitter, "filter-reversed", "some")[0].scenario.spec.where) == "not ((state) == (1))"
    left_out = fitter.numbers(steps(fitter, "unit-missing", "re")[2].scenario)
    assert left_out.nobs == 24 and fitter.numbers(steps(fitter, "unit-missing", "fe")[5].scenario).nobs == 25


def test_terms_keep_the_name_they_are_known_by(fitter):
    renames = dict(steps(fitter, "lag-for-level", "plain")[0].scenario.renames)
    assert renames == {"l(x, 1)": "x"}
    found = fitter.numbers(steps(fitter, "lag-for-level", "plain")[0].scenario)
    assert found.terms == ("(Intercept)", "x", "c") and found.nobs == 22  # six first years, and 2004 of unit 6


def test_edits_of_rows(fitter):
    frame, study = fitter.original, fitter.study
    assert list(RowLost(False).frame(frame, study).index) == list(range(1, 29))
    assert list(RowLost(True).frame(frame, study).index) == list(range(28))
    balanced = BalancedOnly().frame(frame, study)
    assert set(balanced["unit"]) == {1, 2, 3, 4, 5} and list(balanced.index) == list(range(25))
    design = fitter.design(Scenario(study.spec("plain")))
    assert RowsTwice().design(design, frame).nobs == 58
    full = frame[frame["unit"] < 6]
    assert not list(BY_ID["balanced-panel-only"].steps(Scenario(study.spec("plain")), Fitter(study, full)))
    none = frame[~((frame["unit"] < 6) & (frame["year"] == frame["unit"] % 5 + 2001))]
    assert not list(BY_ID["balanced-panel-only"].steps(Scenario(study.spec("plain")), Fitter(study, none)))


@pytest.mark.parametrize(
    ("periods", "within", "difference", "wanted"),
    [
        (1, True, False, [None, 1, 2, None, 4, 5]), (2, True, False, [None, None, 1, None, None, 4]),
        (-1, True, False, [2, 3, None, 5, 6, None]), (1, False, False, [None, 1, 2, 3, 4, 5]),
        (-2, False, False, [3, 4, 5, 6, None, None]), (1, True, True, [None, 1, 1, None, 1, 1]),
    ],
)  # fmt: skip
def test_columns_shifted_by_rows(fitter, periods, within, difference, wanted):
    frame = pd.DataFrame({"unit": [1, 1, 1, 2, 2, 2], "year": [1, 2, 5, 1, 2, 3], "v": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    shifted = ShiftedByRows("s", Column("v"), periods, within, difference)
    found = shifted.frame(frame, fitter.study)["s"]
    assert [None if np.isnan(v) else v for v in found] == wanted
    if within:  # by time, whatever the order of the file
        mixed = frame.iloc[[5, 0, 3, 2, 4, 1]]
        assert shifted.frame(mixed, fitter.study)["s"].sort_index().equals(found)


def test_shifts_of_lags_leads_and_differences(fitter):
    edits = steps(fitter, "lag-across-units", "lagged")[0].scenario.edits
    assert [(x.name, str(x.inner), x.periods, x.within_units, x.difference) for x in edits] == [
        ("l(x, 1) by rows", "x", 1, False, False), ("d(c, 1) by rows", "c", 1, False, True),
    ]  # fmt: skip
    spec = Spec(id="f", formula="y ~ f(x, 2)", vcov="HC1", convention="lm")
    (step,) = BY_ID["lag-across-gaps"].steps(Scenario(spec), fitter)
    assert step.scenario.edits[0].periods == -2 and step.scenario.edits[0].within_units


def test_tails_and_scores(fitter):
    frame = pd.DataFrame({"v": [*map(float, range(1, 100)), 1000.0]})
    clipped = Tails(("v",), (5, 95), "linear", False).frame(frame, None)["v"]
    # type 7: at 1 + .05 * 99 = 5.95 of the ordered values, and 95.05
    assert (clipped.min(), clipped.max()) == (pytest.approx(5.95), pytest.approx(95.05)) and clipped[49] == 50.0
    trimmed = Tails(("v",), (5, 95), "averaged_inverted_cdf", True).frame(frame, None)["v"]
    # Stata: the mean of the 5th and the 6th value, and of the 95th and the 96th
    assert trimmed.isna().sum() == 10 and (trimmed.min(), trimmed.max()) == (6.0, 95.0)
    design = fitter.design(Scenario(fitter.study.spec("plain")))
    both = Standardised(("", "x"), 0).design(design, fitter.original)
    assert (both.y.mean(), both.y.std()) == (pytest.approx(0, abs=1e-12), pytest.approx(1.0))
    assert both.x[:, 0].std() == pytest.approx(1.0) and (both.x[:, 1] == design.x[:, 1]).all()
    assert Standardised(("c",), 1).design(design, fitter.original).x[:, 1].std(ddof=1) == pytest.approx(1.0)


def test_lines_made_anew(fitter):
    def line(id: str, spec: str):
        edit = steps(fitter, id, spec)[0].scenario.edits[-1]
        assert isinstance(edit, MadeAnew) and not edit.index
        return edit.name, edit.line

    assert line("trimmed-for-winsorised", "made") == ("cut", Trim(trim="x", cuts=(5, 95)))
    assert line("winsorised-for-trimmed", "shifted") == ("kept", Winsorise(winsorise="c", cuts=(1, 99), percentiles="type7"))
    assert line("groups-of-a-transformation-ignored", "made") == ("score", Standardise(standardise="c"))
    assert line("standardised-with-other-ddof", "made") == ("score", Standardise(standardise="c", by=("year",), ddof=0))
    assert line("shift-reversed", "shifted") == ("before", Lead(lead="x", periods=2))
    assert line("derived-lag-left-out", "shifted") == ("before", Column("x"))
    assert line("cuts-left-out", "made") == ("cut", Column("x"))
    made = fitter.frame(steps(fitter, "cuts-left-out", "made")[0].scenario)
    assert (made["cut"] == made["x"]).all() and len(made) == 29 and set(made.columns) == set(fitter.original.columns)


def test_cuts_left_out_alone_and_together(fitter):
    spec = Spec(id="two", formula="y ~ cut + kept", vcov="HC1", convention="lm")
    found = list(BY_ID["cuts-left-out"].steps(Scenario(spec), fitter))
    assert [dict(s.parameters) for s in found] == [
        {"column": "cut", "of": "x"}, {"column": "kept", "of": "c"}, {"column": "cut`, `kept", "of": "x`, `c"},
    ]  # fmt: skip
    assert [len(s.scenario.edits) for s in found] == [1, 1, 2]


# ---------------------------------------------------------------- the page

PAGE = {"decimals": ((("coef", "x"), 3), (("se", "x"), 3), (("coef", "c"), 2), (("se", "c"), 2), (("stars", "x"), 0),
                     (("nobs", ""), 0))}  # fmt: skip


def test_exchanged_columns_as_a_whole_or_one_number(fitter):
    for id, column, statistics in (("se-printed-as-t", "t", ["se"]), ("t-printed-as-se", "se", ["t", "signed t"]),
                                   ("variance-printed-as-se", "se", ["variance"]), ("p-printed-as-se", "se", ["p"]),
                                   ("one-sided-p", "p", ["one-sided p"])):  # fmt: skip
        edits = [s.scenario.prints[-1] for s in steps(fitter, id, "plain")]
        assert edits == [e.Exchanged(column, s) for s in statistics], id
    one_by_one = offered(fitter, "p-printed-as-se", "plain", **PAGE)
    assert one_by_one == [("",), (" in the row of `x`",), (" in the row of `c`",)]
    lone = {"decimals": ((("se", "x"), 3),)}
    assert offered(fitter, "p-printed-as-se", "plain", **lone) == [("",)]  # of one number both are the same


def test_numbers_cut_off_by_column_or_one_by_one(fitter):
    assert offered(fitter, "cut-not-rounded", "plain", **PAGE) == [
        ("",), (" in the column of coef",), (" in the column of se",), (": the coef of `x`",), (": the se of `x`",),
        (": the coef of `c`",), (": the se of `c`",),
    ]  # fmt: skip
    lone = {"decimals": ((("se", "x"), 3), (("stars", "x"), 0), (("nobs", ""), 0))}
    assert offered(fitter, "cut-not-rounded", "plain", **lone) == [("",)]
    (edit,) = [s.scenario.prints[-1] for s in steps(fitter, "cut-not-rounded", "plain", **lone)]
    assert edit == e.CutOff(((("se", "x"), 3),))
    assert not offered(fitter, "cut-not-rounded", "plain", decimals=((("nobs", ""), 0),))
    (twice,) = steps(fitter, "rounded-twice", "plain", **PAGE)
    assert twice.scenario.prints[-1] == e.CutOff(PAGE["decimals"][:4], twice=True)
    assert not offered(fitter, "seven-digits-padded", "plain", **PAGE)  # no number has more than seven
    for place, decimals in ((("coef", "x"), 9), (("f", ""), 9)):
        (padded,) = steps(fitter, "seven-digits-padded", "plain", decimals=((place, decimals),))
        assert padded.scenario.prints[-1] == e.Padded(((place, decimals),))


def test_levels_and_stars_of_a_page(fitter):
    assert offered(fitter, "interval-of-another-level", "plain") == [("90%",), ("99%",)]
    announced = "0.1, 0.05, 0.01"
    assert offered(fitter, "stars-at-other-levels", "plain") == [
        (levels, announced) for levels in ("0.05, 0.01, 0.001", "0.1, 0.05, 0.001", "0.05, 0.01", "0.1, 0.05", "0.01, 0.001",
                                           "0.1, 0.01")
    ]  # fmt: skip
    assert offered(fitter, "stars-misprinted", "plain", **PAGE) == [
        ("x", 0, "no star"), ("x", 1, "1 star"), ("x", 2, "2 stars"), ("x", 3, "3 stars"),
    ]  # fmt: skip
    assert len(offered(fitter, "stars-misprinted", "plain", stars=(0.05,), **PAGE)) == 2


def test_rounded_numbers_in_full_precision_alone(fitter):
    rows = ("coef", "se", "coef, se", ", ".join(e.ROW))
    assert offered(fitter, "rounded", "plain") == [(digits, columns) for columns in rows for digits in range(3, 9)]
    assert not offered(fitter, "rounded", "plain", **PAGE)
    floats = [("coef",), ("coef, se",), (", ".join(e.ROW),)]
    assert offered(fitter, "single-precision-numbers", "plain") == floats
    assert not offered(fitter, "single-precision-numbers", "plain", **PAGE)
    for most, shown in ((6, []), (7, floats)):
        decimals = ((("coef", "x"), 2), (("coef", "c"), most))
        assert offered(fitter, "single-precision-numbers", "plain", decimals=decimals) == shown


def test_counts_that_may_stand_for_n(fitter):
    found = {s: dict(v) for s, v in of_specs(fitter, "another-count-for-n").items()}
    assert found["plain"] == {"levels of unit": 6}
    missing = {
        f"rows before {what}": 29 for what in ("those with missing values are left out", "missing values and singletons")
    }
    assert found["iid"] == {"rows of the file": 29, **missing, "levels of unit": 6}
    assert found["three"] == {"levels of unit": 6, "levels of year": 5, "levels of state": 3, "clusters of unit": 6,
                              "clusters of year": 5}  # fmt: skip
    total = int(fitter.original["times"].sum())
    assert found["times"] == {
        "rows of the file": 29,
        "rows, weights left out": 29,
        "levels of unit": 6,
        "clusters of state": 3,
    }
    assert fitter.numbers(Scenario(fitter.study.spec("times"))).nobs == total
    assert found["some"] == {"rows of the file": 29, "levels of unit": 6}


def test_terms_of_a_page(fitter):
    assert offered(fitter, "sign-flipped", "plain") == [("(Intercept)",), ("x",), ("c",)]
    assert offered(fitter, "rows-swapped", "plain") == [("(Intercept)", "x"), ("x", "c")]
    rows = Counter(offered(fitter, "row-of-another-term", "plain"))
    assert rows == {("(Intercept)", "x"): 3, ("x", "(Intercept)"): 3, ("x", "c"): 3, ("c", "x"): 3}
    assert [s.scenario.prints[-1].quantities for s in steps(fitter, "row-of-another-term", "plain")][:3] == [
        e.ROW, ("se",), ("coef",),
    ]  # fmt: skip


def test_slips_of_what_a_page_shows(fitter):
    shown = {
        "decimals": ((("coef", "x"), 2), (("stars", "x"), 0), (("nobs", ""), 0), (("vcov", "x x c"), 3), (("f", ""), 1))
    }
    points = offered(fitter, "decimal-point-moved", "plain", **shown)
    assert points == [(q, t, n) for q, t in (("coef", "x"), ("nobs", ""), ("f", "")) for n in (-1, 0, 2, 3)]
    assert Counter(q for q, *_ in offered(fitter, "digits-transposed", "plain", **shown)) == {"coef": 7, "nobs": 9, "f": 6}
    assert Counter(q for q, *_ in offered(fitter, "digit-misprinted", "plain", **shown)) == {"coef": 70, "nobs": 90, "f": 60}


def test_numbers_of_another_column(fitter):
    """Of a row alone no column of the same model: a convention says as much."""
    found = offered(fitter, "column-of-another-spec", "plain", decimals=((("coef", "x"), 3), (("se", "x"), 3)))
    of = {column: [what for what, c in found if c == column] for column in dict.fromkeys(c for _, c in found)}
    assert of["fe"] == ["coef of `x`", "se of `x`", "row of `x`"] and "iid" not in of and "plain" not in of
    both = offered(fitter, "column-of-another-spec", "plain", **PAGE)
    names = [what for what, column in both if column == "fe"]
    assert names == [
        "coef of `x`", "se of `x`", "coef of `c`", "se of `c`", "row of `x`", "coefficient and standard error of `x`",
        "row of `c`", "whole column of coef", "whole column of se", "whole column of stars", "whole column",
    ]  # fmt: skip
    of_fe = [s for s in steps(fitter, "column-of-another-spec", "plain", **PAGE) if s.parameters[1][1] == "fe"]
    values = {s.parameters[0][1]: s.scenario.prints[-1].values for s in of_fe}
    other = fitter.numbers(Scenario(fitter.study.spec("fe")))
    assert values["se of `c`"] == (("se", "c", float(other.se[1])),) and len(values["whole column"]) == 5
    assert [v[:2] for v in values["coefficient and standard error of `x`"]] == [("coef", "x"), ("se", "x")]


# ---------------------------------------------------------------- what a cause is said to be


def flagged(name: str) -> set[str]:
    return {c.id for c in CAUSES if getattr(c, name)}


def test_families_with_a_free_parameter():
    """What may fit by chance: a term, a column, a unit, a level, a number of lags or a digit is chosen."""
    assert flagged("parametrised") == {
        "driscoll-kraay", "newey-west", "weights-added", "row-twice", "unit-twice", "period-twice", "filter-added",
        "period-missing", "unit-missing", "lag-for-level", "control-left-out", "control-added", "another-column",
        "log-added", "winsorised", "trimmed", "standardised", "units", "outcome-units", "other-cuts",
        "unit-missing-before-derived", "period-missing-before-derived", "index-made-otherwise", "stars-misprinted",
        "sign-flipped", "rows-swapped", "row-of-another-term", "column-of-another-spec", "digits-transposed",
        "decimal-point-moved", "digit-misprinted", "made-within-groups", "indicator-reversed", "indicator-left-out",
        "indicator-added", "outcome-in-index", "indicators-winsorised", "zeros-as-small", "zeros-as-missing",
        "divisor-of-another-year", "constant-prices", "filter-misses-a-value", "conley-cutoff", "conley-pairs",
        "other-lags",
    }  # fmt: skip


def test_slips_of_one_number_and_causes_of_each_row():
    assert flagged("one_number") == {"stars-misprinted", "digits-transposed", "decimal-point-moved", "digit-misprinted"}
    assert flagged("many") == {"row-twice"} and {c.id for c in CAUSES if c.cost != 1} == {"another-column"}
    assert BY_ID["another-column"].cost == 2


def test_defects_that_come_and_go():
    assert flagged("unstable") == {
        "nested-flag-on-wrong-effect", "absorption-tolerance", "ill-conditioned-columns", "singular-cluster-blocks",
        "leverage-loses-a-dummy", "minimiser-tolerance",
    }  # fmt: skip


def test_what_keeps_coefficients_keeps_them(fitter):
    """Of the causes that change the design: told apart by the coefficients of every spec to which they apply."""
    assert flagged("keeps_coefficients") == {
        "frequency-for-analytic", "analytic-for-frequency", "second-stage-by-hand", "singletons-kept", "singletons-dropped",
        "rows-duplicated", "newey-west-gaps-closed", "newey-west-by-rows", "newey-west-gaps-kept",
        "windmeijer-left-out", "windmeijer-corrected", "errors-over-n", "errors-over-n-minus-k",
    }  # fmt: skip
    compared = 0
    for cause in CAUSES:
        if cause.layer == "design" and cause.keeps_coefficients:
            for spec in (s for s in fitter.study.specs if s.model == "ols"):  # more periods move random effects
                before = fitter.core(Scenario(spec))
                for step in cause.steps(Scenario(spec), fitter):
                    after = fitter.core(step.scenario)  # None of weights that are no whole numbers, as frequencies
                    assert after is None or after.coef == pytest.approx(before.coef, rel=1e-9), cause.id
                    compared += after is not None
    assert compared >= 20


def test_what_is_left_out_on_large_data(fitter):
    rows = SimpleNamespace(original=range(20_000)), SimpleNamespace(original=range(20_001))
    assert [on_large_data(None, f) for f in rows] == [False, True]
    scenario, costly = Scenario(fitter.study.spec("plain")), SimpleNamespace(
        original=range(20_001), own_df_is_costly=lambda s: True, study=SimpleNamespace(index={}))  # fmt: skip
    always = {
        "cr2", "cr3", "leverage-loses-a-dummy", "satterthwaite-degrees-of-freedom", "unit-missing-before-derived",
        "period-missing-before-derived", "index-made-otherwise",
    }  # fmt: skip
    assert {c.id for c in CAUSES if c.costly(scenario, costly)} == always
    costly.study.index["score"] = "of a study that has one"
    assert {c.id for c in CAUSES if c.costly(scenario, costly)} == always | {
        "indicator-reversed", "indicator-left-out", "indicator-added", "outcome-in-index", "indicators-winsorised",
        "filtered-before-derived", "lag-after-filter",
    }  # fmt: skip
    assert not any(c.costly(scenario, fitter) for c in CAUSES)


@pytest.mark.parametrize(("rows", "units", "wanted"), [(50_000, 100, set()), (50_000, 101, {"unit-missing", "unit-twice"})])
def test_a_likelihood_is_not_fitted_without_each_of_many_units(rows, units, wanted):
    """Least squares has a formula for what each unit does: it tries all of them."""
    header = SimpleNamespace(unit="person", time="year")
    levels = {"person": range(units), "year": range(10)}
    many = SimpleNamespace(
        original=range(rows), study=SimpleNamespace(header=header), columns=SimpleNamespace(levels=levels.get)
    )
    logit = Scenario(Spec(id="s", formula="y ~ x", model="logit"))
    some = [c for c in CAUSES if c.id in ("unit-missing", "unit-twice", "period-missing", "period-twice")]
    assert {c.id for c in some if c.costly(logit, many)} == wanted
    assert not any(c.costly(Scenario(Spec(id="s", formula="y ~ x")), many) for c in some)


# ---------------------------------------------------------------- settings of a convention


def test_every_setting_of_a_convention_is_a_suspect(fitter):
    """A setting that no cause changes is never named; a column of another spec brings that spec's convention along."""
    bases = [Scenario(fitter.study.spec(name)) for name in SPECS]
    bases.append(Scenario(Spec(id="s", formula="y ~ x", model="probit", vcov="HC1", convention="ml")))
    bases.append(Scenario(Spec(id="s", formula="y ~ x | 0 | c ~ z + z2", model="gmm", convention="ivregress")))
    bases.append(Scenario(Spec(id="s", formula="y ~ x", model="between", convention="xtreg")))
    bases.append(Scenario(Spec(id="s", formula="y ~ x", vcov={"conley": 1, "coordinates": ["x", "c"]})))
    changed = set()
    for cause, base in product((c for c in CAUSES if c.id != "another-column" and not c.many), bases):
        now = base.spec.convention
        for step in islice(cause.steps(base, fitter), 20):
            other = step.scenario.spec.convention
            changed |= {name for name in SETTINGS if getattr(other, name) != getattr(now, name)}
    # that of a multinomial logit is a key of its spec, whose cause says which base the numbers have
    changed |= {"base_outcome"} if any(c.id == "other-base-outcome" for c in CAUSES) else set()
    never = sorted(SETTINGS.keys() - changed)
    assert not never, (
        f"{never}: no cause changes it. In src/parity/diagnose/catalogue, in the file of its kind (counting, clusters, "
        "distribution ...), a Cause with convention(VALUE, SETTING), as `n-over-n-minus-k` of counting.py"
    )
