"""The bundled studies: they load, hold what their notes say, ask every feature, and cite every number known in print."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from conftest import FIXTURES
from parity.analyses.registry import analyses
from parity.analyses.run import records_of
from parity.compare.printed import read_number, stated
from parity.conventions.profiles import PROFILES
from parity.data.load import load_frame
from parity.engines.base import FEATURES, features
from parity.sample.build import build_design, singletons_dropped
from parity.sample.design import Design
from parity.study.load import load_study
from parity.study.spec import Vcov
from parity.study.study import Study

STUDIES = sorted(path.parent.name for path in FIXTURES.glob("*/study.toml"))
KINDS = ("iid", "HC0", "HC1", "HC2", "HC3", "HC4", "CR0", "CR1", "CR2", "CR3", "DK", "NW")

#: Derived columns with missing values, and how many; all others are finite in every row.
MISSING = (
    {("fatalities", "punish"): 1}
    | {("digital_trade", column): 31 for column in ("dt_l1", "nqp_means_f1", "nqp_f1", "res_growth", "res_d", "dt_d")}
    | {("digital_trade", "res_trim1"): 4}
)


@cache
def study(name: str) -> Study:
    return load_study(FIXTURES / name)


@cache
def frame(name: str):
    return load_frame(study(name))


def design(name: str, spec: str) -> Design:
    return build_design(study(name), study(name).spec(spec), frame(name))


ALL_SPECS = [(name, spec.id) for name in STUDIES for spec in study(name).specs]


def test_at_least_sixty_specs_in_nine_studies():
    assert len(STUDIES) >= 9
    assert len(ALL_SPECS) >= 60


@pytest.mark.parametrize("name", STUDIES)
def test_every_spec_says_what_it_shows(name):
    titles = [spec.title for spec in study(name).specs]
    assert all(titles)
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", STUDIES)
def test_data_passes_its_checks_and_derived_columns_are_finite(name):
    data = frame(name)  # raises where a column is unknown, or a unit and period stand twice
    for column in study(name).derive:
        values = data[column].to_numpy(dtype=float)
        assert int((~np.isfinite(values)).sum()) == MISSING.get((name, column), 0), column


@pytest.mark.parametrize("name", STUDIES)
def test_readme_names_source_and_licence(name):
    text = (FIXTURES / name / "README.md").read_text(encoding="utf-8")
    for heading in ("**Source.**", "**Licence.**", "**Rebuild.**", "**Why it is here.**"):
        assert heading in text
    for column in frame(name).columns:
        made = {*study(name).derive, *(c for i in study(name).index for c in study(name).index[i].columns(i))}
        if column not in made and not column[-1].isdigit():
            assert column in text, column


@pytest.mark.parametrize(("name", "spec"), ALL_SPECS)
def test_every_spec_can_be_estimated(name, spec):
    built = design(name, spec)
    assert built.nobs > built.facts.rank


def test_every_profile_kind_and_feature_is_asked():
    profiles, kinds, asked, altered = Counter(), Counter(), Counter(), 0
    for name in STUDIES:
        header = study(name).header
        for spec in study(name).specs:
            profiles[spec.convention.profile] += 1
            kinds[spec.vcov.kind] += 1
            asked.update(features(spec, header.unit, header.time))
            altered += spec.convention != PROFILES[spec.convention.profile]
    assert {p: n for p, n in profiles.items() if n >= 3}.keys() == PROFILES.keys()
    assert set(kinds) == set(KINDS)
    assert set(asked) == set(FEATURES)
    assert altered >= 3
    assert set(KINDS) == set(Vcov.model_fields["kind"].annotation.__args__)


# ---------------------------------------------------------------- numbers in print

#: Reference values by study: (coefficients and standard errors) that some [[published]] entry must state.
#: Not here: plm's two-way random effects (Amemiya), a model that a study can't ask for.
PRINTED = {
    "petersen": "1.0348 0.0286 0.0284 0.0506 0.0334 0.0536",
    "grunfeld": """0.11556215606596 0.01589433647768 0.23067848754982 0.08496711264 0.08496711097464
                   -42.714369016733 20.425202580078 51.59060716590177 0.4138018 0.06328129
                   0.109781 0.010493 0.308113 0.017180 -57.834415 28.898935""",
    "fatalities": "-0.64 0.36",
    "cigarettes": "-1.08359 0.31892",
    "card": "0.13295 0.05138 0.074009 0.003505",
    "mroz": "0.0591735 0.0351418 0.1086487 0.0143998 0.2694416 0.0285863 88.84",
    "mtcars": "0.00021845 0.00020435651 0.1245913 0.1286774",
}


@pytest.mark.parametrize("name", PRINTED)
def test_known_printed_values_are_cited(name):
    numbers = [number for entry in study(name).published for number in stated(entry).values()]
    for text in PRINTED[name].split():
        known = read_number(text)
        # to as many digits as printed, or to nine where it has more
        enough = max(known.half_unit, 1e-9 * abs(known.value)) * 1.000001
        assert any(x.half_unit <= enough and abs(x.value - known.value) <= enough for x in numbers), text


def test_every_published_entry_says_where_it_is_from():
    entries = [(name, entry) for name in STUDIES for entry in study(name).published]
    assert sum(len(stated(entry)) for _, entry in entries) >= 400
    assert {entry.engine for _, entry in entries} == {"published", "stata"}
    for _, entry in entries:
        assert len(entry.source) > 15


@pytest.mark.parametrize("name", STUDIES)
def test_published_terms_are_terms_of_the_spec(name):
    for entry in study(name).published:
        if entry.term:
            assert entry.term in design(name, entry.spec).terms, (entry.spec, entry.term)


# ---------------------------------------------------------------- facts of the samples


def n(name: str, spec: str) -> int:
    return design(name, spec).nobs


def test_cascade_of_singletons():
    kept = design("hard_cases", "cascade_kept")
    assert kept.nobs == 406
    effects, rounds = dict(kept.effects), 0
    while True:
        alone = np.any([np.bincount(code)[code] == 1 for code in effects.values()], axis=0)
        if not alone.any():
            break
        rounds += 1
        assert alone.sum() == 1
        effects = {name: code[~alone] for name, code in effects.items()}
    assert rounds == 8
    assert singletons_dropped(kept.effects).sum() == 398
    facts = design("hard_cases", "cascade").facts
    assert (facts.nobs, facts.n_singletons, facts.n_missing) == (398, 8, 3)


def test_islands_lose_two_levels():
    facts = design("hard_cases", "islands").facts
    assert facts.components == {(0, 1): 2}
    assert [a.levels for a in facts.absorbed] == [68, 10]
    assert facts.absorbed_rank == 76


def test_regions_by_year_hang_together_in_three_parts():
    assert design("hard_cases", "by_region").facts.components == {(0, 1): 3}


def test_columns_left_out_are_named():
    assert design("hard_cases", "absorbed").facts.dropped == ("x_fixed", "x_year")
    assert design("hard_cases", "absorbed").terms == ("x1",)
    assert design("hard_cases", "collinear").facts.dropped == ("x1_twice",)
    for spec in ("near_collinear", "badly_scaled"):
        assert design("hard_cases", spec).facts.dropped == ()


def test_lags_and_differences_go_by_time():
    assert n("hard_cases", "gaps") == 366
    assert n("hard_cases", "gaps_differences") == 363
    assert n("fatalities", "iv") == 48 * 6
    assert n("grunfeld", "differences") == 190
    assert n("job_training", "differences") == n("job_training", "differences_by_hand") == 108
    assert n("cigarettes", "table_1") == 48


def test_weights_of_zero_and_sums_of_frequencies():
    assert design("hard_cases", "analytic").facts.n_zero_weight == 14
    frequency = design("hard_cases", "frequency").facts
    assert frequency.n_zero_weight == 63
    assert frequency.nobs == 343 < frequency.nobs_weighted
    assert design("card", "ivreg2_frequency").facts.nobs_weighted > 9e8


def test_nesting_is_counted_per_cluster_variable():
    (unit,) = design("hard_cases", "nesting").facts.absorbed
    assert unit.nested_in == ("大区",)
    unit, year = design("hard_cases", "two_clusters").facts.absorbed
    assert (unit.nested_in, year.nested_in) == (("unit",), ())
    (cells,) = design("mtcars", "cells").facts.absorbed
    assert (cells.levels, cells.nested_in) == (6, ("cyl",))


@pytest.mark.parametrize(
    ("name", "spec", "rows"),
    [
        ("fatalities", "table_4", 335),
        ("fatalities", "table_7", 95),
        ("mroz", "iv_15_1", 428),
        ("mroz", "participation", 753),
        ("card", "ability", 2060),
        ("hard_cases", "lost_clusters", 400),
        ("hard_cases", "chinese", 408),
        ("job_training", "hours_singletons", 386),
        ("job_training", "iv", 45),
        ("mtcars", "areg", 32),
        ("mtcars", "singletons_dropped", 30),
        ("wage_panel", "within", 4360),
    ],
)
def test_rows_used(name, spec, rows):
    assert n(name, spec) == rows


@pytest.mark.parametrize("name", ["digital_trade", "petersen"])
def test_frozen_answers_of_analyses_are_of_today(name):
    """A run with R asks R and never looks at them: without this they grow stale unseen."""
    study = load_study(FIXTURES / name)
    for one in analyses().values():
        assert {r.verdict for r in records_of(one, study, transport="frozen")} <= {"agree"}
