"""What a report carries beside its verdicts: the numbers of every engine, and those under every convention profile."""

from __future__ import annotations

import math

import pytest

from conftest import ROOT
from parity.base.cache import AnswerCache
from parity.engines import engine
from parity.report.json import from_json, to_json
from parity.runs import runner
from parity.study.load import load_study

TWO_WAY = """
[study]
title = "Two cluster variables"
unit = "firm"
time = "year"

[spec.two]
formula = "inv ~ value + capital | firm"
vcov = { cluster = ["firm", "year"] }
convention = "regress"

[spec.split]
formula = "inv ~ value | firm"
vcov = { cluster = ["year"] }
convention = "areg"
"""


def run(folder, tmp_path, **options):
    engines = [engine(name) for name in ("r-stata", "py-statsmodels", "py-linearmodels")]
    options = {"engines": engines, "jobs": 1, "cache": AnswerCache(tmp_path / "kept"), "details": True} | options
    return runner.run([load_study(folder)], **options)


@pytest.fixture(scope="module")
def one_digit(tmp_path_factory):
    return run(ROOT / "docs" / "examples" / "one_digit", tmp_path_factory.mktemp("details"))


def test_a_run_collects_details_only_where_asked(tmp_path):
    folder = ROOT / "docs" / "examples" / "one_digit"
    bare, rich = run(folder, tmp_path, details=False), run(folder, tmp_path)
    assert bare.details is None and '"details"' not in to_json(bare)
    assert [d.spec for d in rich.details] == ["baseline"]
    assert rich.records == bare.records
    assert run(folder, tmp_path).details == rich.details  # from the cache


def test_details_survive_json(one_digit):
    assert from_json(to_json(one_digit)) == one_digit
    assert to_json(from_json(to_json(one_digit))) == to_json(one_digit)


def test_values_are_those_compared(one_digit):
    detail = one_digit.details[0]
    at = detail.quantities.index(("se", "capital"))
    printed = next(r for r in one_digit.records if r.kind == "printed")
    assert printed.differences[0].candidate == detail.engines[0].values[at]
    assert detail.sample.nobs == 200 and detail.sample.nested == {"firm": ("firm",)}
    assert {(p.quantity, p.text) for p in detail.published} == {("coef", "0.414***"), ("se", "(0.062)")}


def test_profiles_give_their_own_numbers(one_digit):
    detail = one_digit.details[0]
    found = {profile: outcome for outcome in detail.outcomes for profile in outcome.profiles}
    declared = detail.outcomes[0]
    assert declared.declared and "reghdfe" in declared.profiles
    # felm on this regression prints .0601685 (see README); areg counts K = 1 + 10 + 20 - 1
    assert found["lfe"].se["py-statsmodels"][0] == pytest.approx(0.0601685, abs=5e-8)
    assert (found["lfe"].k, found["reghdfe"].k, found["areg"].k) == (2, 21, 30)
    assert found["areg"].df == 9 and math.isinf(found["statsmodels"].df)
    for outcome in detail.outcomes:
        ratio = math.sqrt(outcome.factors["firm"] / declared.factors["firm"])
        for engine_id, se in outcome.se.items():
            assert se[0] == pytest.approx(declared.se[engine_id][0] * ratio, rel=1e-12)


def test_a_finished_two_way_covariance_is_not_rescaled_where_components_move_apart(make_study, tmp_path):
    report = run(make_study(TWO_WAY), tmp_path)
    two = next(d for d in report.details if d.spec == "two")
    how = {e.engine: e.how for e in two.engines}
    each = next(o for o in two.outcomes if "lm" in o.profiles)  # G/(G-1) of each component
    assert set(each.se) == {name for name, way in how.items() if way == "by factor"}
    assert set(two.outcomes[0].se) == set(how)


def test_a_profile_that_refuses_says_so(make_study, tmp_path):
    split = next(d for d in run(make_study(TWO_WAY), tmp_path).details if d.spec == "split")
    assert "not nested" in split.refused["xtreg"]
    assert all("xtreg" not in o.profiles for o in split.outcomes)
