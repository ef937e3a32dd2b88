"""The harness tested by wrong engines: every planted defect is caught, the right engine passes."""

from __future__ import annotations

import shutil

import pytest

import miniatures as m
from conftest import FIXTURES
from parity.results.record import HARMLESS, OF_DATA
from parity.runs.runner import run
from parity.study.load import load_study

STUDY = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[spec.two_way]
formula = "inv ~ value + capital | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.pooled]
formula = "inv ~ value + capital"
weights = { analytic = "value" }
vcov = "HC1"
convention = "regress"

[spec.two_clusters]
formula = "inv ~ value + capital | firm"
vcov = { cluster = ["firm", "year"] }
convention = "lm"

[spec.iv]
formula = "inv ~ capital | firm | value ~ l(value, 1)"
convention = "lfe"

[spec.series]
formula = "inv ~ value"
where = "firm == 1"
model = "arima"
arma = [1, 0]
"""

MODELS = """
[study]
title = "Mroz: labour supply"

[derive]
full_time = "hours >= 1250"
work = "inlf + full_time"

[spec.two_way]
formula = "inlf ~ educ + exper + age + kidslt6 | kidsge6"
model = "logit"
vcov = { cluster = ["age"] }

[spec.probit]
formula = "inlf ~ educ + exper + age + kidslt6"
model = "probit"

[spec.poisson]
formula = "kidsge6 ~ educ + exper + age | city"
model = "poisson"
vcov = { cluster = ["age", "kidslt6"] }
weights = { pweight = "huseduc" }

[spec.mlogit]
formula = "work ~ educ + exper + age"
model = "mlogit"
vcov = "HC1"

[spec.ologit]
formula = "work ~ educ + exper + age + kidslt6"
model = "ologit"
vcov = { cluster = ["age"] }

[spec.tobit]
formula = "hours ~ educ + exper + age + kidslt6"
model = "tobit"
lower = 0
upper = 3000
vcov = { cluster = ["age"] }

[spec.ivprobit]
formula = "inlf ~ exper + age | 0 | educ ~ motheduc + fatheduc"
model = "ivprobit"
vcov = { cluster = ["age"] }

[spec.liml]
formula = "lwage ~ exper + age | 0 | educ ~ motheduc + fatheduc"
where = "inlf == 1"
model = "liml"
vcov = "HC1"
convention = "fixest"

[spec.gmm]
formula = "lwage ~ exper + age | kidsge6 | educ ~ motheduc + fatheduc + huseduc"
where = "inlf == 1"
model = "gmm"
vcov = { cluster = ["age"] }
convention = "ivregress"
"""

#: Seconds a miniature may take; the one that hangs is stopped then.
TIMEOUT = 8.0


@pytest.fixture(scope="module", params=[(STUDY, "grunfeld"), (MODELS, "mroz")], ids=["linear", "models"])
def study(request, tmp_path_factory):
    text, data = request.param
    folder = tmp_path_factory.mktemp(data)
    (folder / "study.toml").write_text(text)
    shutil.copy(FIXTURES / data / "data.csv", folder)
    return load_study(folder)


@pytest.fixture(scope="module")
def report(study):
    """One run of every miniature beside two right ones; the defects share nothing but the harness."""
    engines = [m.miniature("right"), m.miniature("also-right"), m.miniature("declining", refuses=True)]
    engines += [m.miniature(defect.__name__, defect) for defect in m.DEFECTS]
    return run([study], engines=engines, jobs=2, timeout=TIMEOUT)


def of(report, engine: str) -> list:
    return [r for r in report.records if r.candidate == engine]


def test_there_are_at_least_thirty_defects():
    assert len(m.DEFECTS) >= 30


def test_the_right_engine_passes(study, report):
    records = of(report, "also-right")
    assert [r.verdict for r in records] == ["agree"] * len(study.specs)
    assert all(r.checked > 10 for r in records)
    assert min(r.digits for r in records) > 12


def test_an_engine_that_declines_everything_is_visible_and_harmless(study, report):
    assert [r.verdict for r in of(report, "declining")] == ["declined"] * len(study.specs)


@pytest.mark.parametrize("defect", m.DEFECTS, ids=lambda d: d.__name__)
def test_defect_is_caught(study, report, defect):
    records = of(report, defect.__name__)
    assert len(records) == len(study.specs), "every spec has a record of every engine"
    verdicts = [r.verdict for r in records]
    assert m.DEFECTS[defect] in verdicts
    assert "explained" not in verdicts
    if m.DEFECTS[defect] != "declined":
        assert any(v not in HARMLESS for v in verdicts)


@pytest.mark.parametrize("defect", [d for d in m.DEFECTS if m.DEFECTS[d] == "disagree"], ids=lambda d: d.__name__)
def test_a_disagreement_names_the_quantity(report, defect):
    for record in of(report, defect.__name__):
        if record.verdict == "disagree":
            assert record.differences
            assert all(d.quantity for d in record.differences)


def test_each_way_to_end_a_worker_is_met_and_said(study, report):
    """In one spec of one study: where its worker hangs or dies, the reason is that, and not what the other specs say."""
    ends = (m.hangs, m.crashes, m.killed_as_if_out_of_memory, m.exits)
    said = ("no answer within", "killed by signal 11", "killed by signal 9", "its worker")
    for defect, words in zip(ends, said, strict=True):
        notes = {r.spec: r.note for r in of(report, defect.__name__)}
        linear = not study.specs[0].likelihood
        assert (words in notes.pop("two_way")) == linear
        assert all("would hang or die" in note for note in notes.values())


def test_neighbours_of_a_crash_are_unharmed(study, report):
    assert sum(r.verdict == "agree" for r in of(report, "also-right")) == len(study.specs)
    assert report.exit_code == 1


def test_a_run_of_right_engines_alone_is_green(make_study):
    report = run([load_study(make_study(STUDY))], engines=[m.miniature("right"), m.miniature("also-right")], jobs=1)
    assert report.exit_code == 0
    assert sum(r.verdict == "agree" for r in report.records if r.kind not in OF_DATA) == 5


def test_one_engine_alone_is_vacuous(make_study):
    report = run([load_study(make_study(STUDY))], engines=[m.miniature("right")], jobs=1)
    assert report.exit_code == 1
    assert {r.verdict for r in report.records if r.kind not in OF_DATA} == {"vacuous"}


def test_only_declining_engines_are_vacuous(make_study):
    engines = [m.miniature("a", refuses=True), m.miniature("b", refuses=True)]
    report = run([load_study(make_study(STUDY))], engines=engines, jobs=1)
    assert report.exit_code == 1
    assert report.summary["vacuous"] == 5
