"""Engines as shipped: every difference from the declared convention is named, or it is a disagreement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest

import miniatures as m
from conftest import ROOT
from parity.base.errors import InputError
from parity.base.tolerance import EXACT
from parity.conventions.formulas import df_t, factor
from parity.conventions.profiles import PROFILES, Convention
from parity.data.load import load_frame
from parity.diagnose import explain_estimate
from parity.diagnose.catalogue import CAUSES
from parity.diagnose.fitter import Fitter
from parity.engines import engine
from parity.engines.own import fit
from parity.engines.shipped import BASIS, AsShipped
from parity.report.badge import to_badge
from parity.report.files import renderer
from parity.report.junit import to_junit
from parity.report.terminal import to_terminal
from parity.results.estimate import Estimate, Part
from parity.results.record import Cause, Record, summarise
from parity.runs.runner import run
from parity.sample.build import build_design
from parity.study.load import load_study

GRUNFELD = load_study(ROOT / "fixtures" / "grunfeld").model_copy(update={"expect": {}})
LINEARMODELS = ["counts-nested-effects", "n-over-n-minus-k", "no-cluster-factor", "residual-degrees-of-freedom"]


def shipped_run(study=GRUNFELD, names=("py-linearmodels",), specs=("one_reghdfe",)):
    engines = [engine("r-stata"), *map(engine, names)]
    return run([study], engines=engines, specs=list(specs), transport="frozen", as_shipped=True, jobs=1)


def only(report, candidate):
    (record,) = [r for r in report.records if r.candidate == candidate and r.kind == "estimate"]
    return record


@pytest.fixture(scope="module")
def linearmodels():
    return shipped_run()


def test_a_difference_is_explained_with_its_causes(linearmodels):
    record = only(linearmodels, "py-linearmodels")
    assert (record.mode, record.verdict) == ("as-shipped", "explained")
    assert [c.id for c in record.causes] == LINEARMODELS
    assert all(c.residual <= EXACT and c.text and c.source for c in record.causes)
    assert "K = 30 instead of 21" in record.causes[0].formula
    se = next(d for d in record.differences if d.quantity == "se")
    assert abs(se.candidate - 0.0617571323) < 1e-9 and abs(se.reference - 0.0632812941) < 1e-9


def test_an_explained_difference_fails_the_run_unless_it_is_expected(linearmodels):
    assert linearmodels.exit_code == 1
    expecting = GRUNFELD.model_copy(update={"expect": {"py-linearmodels": tuple(LINEARMODELS)}})
    report = shipped_run(expecting)
    assert report.exit_code == 0 and only(report, "py-linearmodels").expected


def test_an_expected_cause_that_does_not_occur_is_reported_and_fails(make_study):
    folder = make_study(STUDY + '\n[expect]\nleft = ["normal-distribution"]\nright = ["cr2"]\n')
    study = load_study(folder)
    engines = [shipped("left", profile="lm", t_cluster="normal"), shipped("right", profile="lm")]
    report = run([study], engines=engines, as_shipped=True, jobs=1)
    (absent,) = [r for r in report.records if r.kind == "expectation"]
    assert (absent.candidate, absent.verdict) == ("right", "stale") and "cr2" in absent.note
    assert only(report, "left").expected and report.exit_code == 1


def test_expectations_are_checked(make_study):
    study = load_study(make_study(STUDY + '\n[expect]\nleft = ["normal-distribtion"]\nnobody = ["cr2"]\n'))
    with pytest.raises(InputError) as caught:
        run([study], engines=[shipped("left", profile="lm")], as_shipped=True)
    assert "did you mean `normal-distribution`" in str(caught.value) and "`nobody`" in str(caught.value)


def test_reports_show_the_causes(linearmodels):
    text, xml = to_terminal(linearmodels), to_junit(linearmodels)
    for cause in LINEARMODELS:
        assert cause in text and cause in xml
    assert "1 are explained" in text.replace("\n ", "")


# ---------------------------------------------------------------- miniature engines as shipped

STUDY = """
[study]
title = "x"
data = "data.csv"
unit = "firm"
time = "year"

[spec.a]
formula = "inv ~ value + capital | firm"
vcov = { cluster = ["firm"] }
convention = "lm"
reference = "left"
"""


@dataclass(frozen=True)
class Shipped(m.Miniature):
    """A miniature whose defaults are a convention of its own, worked out here from factor and covariance."""

    own: Convention = PROFILES["lm"]
    wrong: Callable[[Estimate, bool], Estimate] | None = None

    def shipped(self, spec, design, tight=False):
        plain, asked = fit.estimate(spec, design), (spec.vcov.kind, spec.vcov.cluster)
        (part,) = plain.parts
        scale = factor(design.facts, self.own, *asked, part.cluster, spec.iv)
        matrix = scale * np.array(part.matrix)
        estimate = plain.model_copy(update={
            "engine": self.info.id, "basis": BASIS, "df_t": df_t(design.facts, self.own, *asked, iv=spec.iv, random=False),
            "parts": (Part(cluster=part.cluster, matrix=matrix.tolist()),),
        })  # fmt: skip
        return estimate if self.wrong is None else self.wrong(estimate, tight)


def shipped(name: str, wrong=None, **convention) -> Shipped:
    own = PROFILES["lm"].model_copy(update=convention)
    return Shipped(m.miniature(name).info, own=own, wrong=wrong)


def scaled(estimate: Estimate, tight: bool, share: float) -> Estimate:
    matrix = np.array(estimate.parts[0].matrix) * (1 + share) ** 2
    return estimate.model_copy(update={"parts": (Part(cluster=estimate.parts[0].cluster, matrix=matrix.tolist()),)})


def scaled_by(share: float):
    return partial(scaled, share=share)


def loose(estimate: Estimate, tight: bool) -> Estimate:
    if tight:
        return estimate.model_copy(update={"accuracy": "iterative", "avoids": "absorption-tolerance"})
    coef = tuple(b * (1 + 1e-6) for b in estimate.coef)
    return estimate.model_copy(update={"accuracy": "iterative", "coef": coef})


@pytest.fixture(scope="module")
def scenario():
    frame = load_frame(GRUNFELD)
    return GRUNFELD, frame, Fitter(GRUNFELD, frame)


def answers(scenario, spec, one):
    study, frame, _ = scenario
    design = build_design(study, spec, frame)
    asked = AsShipped(one)
    return fit.estimate(spec, design), asked.estimate(spec, build_design(study, asked.sample(spec), frame))


def why(scenario, spec, one, catalogue=CAUSES):
    study, frame, fitter = scenario
    reference, candidate = answers(scenario, spec, one)
    return explain_estimate(study, spec, frame, reference, candidate, catalogue=catalogue, fitter=fitter)


#: A default that each cause is needed for: settings of the miniature's convention, against the spec named.
NEEDED = {
    "counts-nested-effects": ("one_reghdfe", {"profile": "reghdfe", "count_fixef": "full"}),
    "leaves-nested-effects-out": ("one_lfe", {"profile": "lfe", "count_fixef": "nonnested"}),
    "counts-no-effects": ("one_reghdfe", {"profile": "reghdfe", "count_fixef": "none"}),
    "drops-all-effects-when-nested": ("one_reghdfe", {"profile": "reghdfe", "count_fixef": "lfe"}),
    "n-over-n-minus-k": ("one_reghdfe", {"profile": "reghdfe", "cluster_scale": "n/(n-k)"}),
    "no-cluster-factor": ("one_reghdfe", {"profile": "reghdfe", "cluster_groups": "none"}),
    "no-size-factor": ("one_reghdfe", {"profile": "reghdfe", "cluster_scale": "none"}),
    "normal-distribution": ("one_reghdfe", {"profile": "reghdfe", "t_cluster": "normal"}),
    "residual-degrees-of-freedom": ("one_reghdfe", {"profile": "reghdfe", "t_cluster": "resid"}),
}  # fmt: skip


@pytest.mark.parametrize("cause", NEEDED)
def test_without_its_cause_a_default_is_a_disagreement(scenario, cause):
    spec_id, changes = NEEDED[cause]
    spec = scenario[0].spec(spec_id)
    one = shipped("other", **(PROFILES[changes["profile"]].model_dump() | changes))
    with_it = why(scenario, spec, one)
    assert with_it.verdict == "explained" and (cause,) in [s.ids for s in with_it.causes]
    alike = {s.ids for s in with_it.causes} - {(cause,)}  # indistinguishable on these data: they would be named instead
    without = why(scenario, spec, one, tuple(c for c in CAUSES if c.id not in {cause, *(i for ids in alike for i in ids)}))
    named = [s.ids for s in without.causes]
    assert without.verdict == "disagree" or all(len(ids) > 1 for ids in named), named


@pytest.mark.parametrize("share", [1e-6, 0.003, 0.37])
def test_a_default_beyond_any_convention_disagrees(scenario, share):
    spec = scenario[0].spec("one_reghdfe")
    assert why(scenario, spec, shipped("wrong", scaled_by(share), **PROFILES["reghdfe"].model_dump())).verdict == "disagree"


def test_a_wrong_engine_fails_the_run(make_study):
    study = load_study(make_study(STUDY))
    engines = [shipped("left", profile="lm"), shipped("wrong", scaled_by(0.013), profile="lm")]
    report = run([study], engines=engines, as_shipped=True, jobs=1)
    record = only(report, "wrong")
    assert record.verdict == "disagree" and not record.causes and report.exit_code == 1
    assert only(report, "left").verdict == "agree"


def test_an_engine_that_does_not_know_its_defaults_declines(make_study):
    study = load_study(make_study(STUDY))
    report = run([study], engines=[shipped("left", profile="lm"), m.miniature("plain")], as_shipped=True, jobs=1)
    assert only(report, "plain").verdict == "declined"


def test_a_loose_tolerance_is_a_cause_and_no_excuse(scenario):
    from parity.runs.shipped.explain import explain

    study, frame, fitter = scenario
    spec, one = study.spec("one_reghdfe"), shipped("loose", loose, **PROFILES["reghdfe"].model_dump())
    reference, candidate = answers(scenario, spec, one)
    tight = replace(AsShipped(one), tight=True).estimate(spec, build_design(study, spec, frame))
    found = explain(study, spec, frame, reference, candidate, tight, fitter=fitter)
    assert [s.ids for s in found.causes] == [("absorption-tolerance",)] and "1.0e-06" in found.causes[0].causes[0].formula
    assert 0 < found.causes[0].residual <= EXACT
    other = tight.model_copy(update={"avoids": ""})  # asked again, but not without the tolerance: nothing is proven
    assert explain(study, spec, frame, reference, candidate, other, fitter=fitter).verdict == "disagree"
    without = tuple(c for c in CAUSES if c.id != "absorption-tolerance")
    assert explain(study, spec, frame, reference, candidate, tight, catalogue=without, fitter=fitter).verdict == "disagree"
    assert explain(study, spec, frame, reference, candidate, None, fitter=fitter).verdict == "disagree"


def test_a_minimiser_that_ends_early_is_a_cause():
    """linearmodels' own objective is lower where its slope is nought, and that is where parity's Newton steps end, too."""
    from parity.engines.linearmodels.beyond import model
    from parity.runs.shipped.explain import explain

    study = load_study(ROOT / "fixtures" / "mroz")
    spec, frame = study.spec("cue"), load_frame(study)
    design = build_design(study, spec, frame)
    reference, one = fit.estimate(spec, design), engine("py-linearmodels")
    loose, tight = (AsShipped(one, tight=again).estimate(spec, design) for again in (False, True))
    unfitted = model(spec, design).unfitted

    def objective(estimate):
        return unfitted.j(np.array(estimate.coef), unfitted._wx, unfitted._wy, unfitted._wz)

    above, size = objective(loose) - objective(tight), np.sqrt(np.diag(np.array(reference.parts[0].matrix)))
    assert above == pytest.approx(5.2e-7, rel=0.5) and objective(reference) == pytest.approx(objective(tight), abs=1e-12)
    assert np.max(np.abs(np.array(tight.coef) - reference.coef) / size) < EXACT
    few = tuple(c for c in CAUSES if c.layer == "convention" or c.id == "minimiser-tolerance")
    found = explain(study, spec, frame, reference, loose, tight, catalogue=few)
    assert found.verdict == "explained" and all(s.ids[0] == "minimiser-tolerance" for s in found.causes)
    assert "of a standard error" in found.causes[0].causes[0].formula


def test_satterthwaite_is_exact(scenario):
    """Against clubSandwich 0.5.11: coef_test(fit, "CR2", cluster = firm) has 1.6448 degrees of freedom for capital."""
    study, frame, _ = scenario
    spec = study.spec("one_cr2")
    solved = fit.solve(build_design(study, spec, frame), spec)
    assert fit.satterthwaite(solved, spec.vcov, solved.design.clusters)[0] == pytest.approx(1.6448, abs=5e-5)


# ---------------------------------------------------------------- what is expected does no harm, in any format


@pytest.fixture(scope="module")
def expected(linearmodels):
    """The run of one engine whose only difference the study expects; the same where it expects one cause more."""
    from parity.runs.shipped.expect import with_expectations

    def expecting(*causes):
        study = GRUNFELD.model_copy(update={"expect": {"py-linearmodels": causes}})
        records = with_expectations(study, linearmodels.records, complete=True)
        return linearmodels.model_copy(update={"records": records, "summary": summarise(records)})

    return expecting(*LINEARMODELS), expecting(*LINEARMODELS, "cr2")


@pytest.mark.parametrize("form", ["terminal", "markdown", "html", "badge", "junit", "latex"])
def test_formats_tell_what_is_expected_from_what_is_not(linearmodels, expected, form):
    write = to_terminal if form == "terminal" else renderer(form)
    unforeseen, calm, stale = write(linearmodels), write(expected[0]), write(expected[1])
    alarm = {"terminal": "EXPLAINED grunfeld", "markdown": "### What differs", "html": 'id="trouble"', "badge": "#8a6100",
             "junit": 'failures="1"', "latex": "explained"}[form]  # fmt: skip
    assert expected[0].exit_code == 0 and expected[1].exit_code == 1
    if form != "html" and form != "latex":
        assert alarm in unforeseen and alarm not in calm
    assert calm != stale
    if form != "badge":
        assert "cr2" in stale and "cr2" not in calm


def test_the_badge_of_a_run_as_shipped_says_expected(expected):
    assert "1 of 1 as expected" in to_badge(expected[0]) and "#a8320b" in to_badge(expected[1])


def test_a_defect_that_comes_and_goes_masks_causes_of_its_group():
    from parity.runs.shipped.expect import with_expectations

    causes = ("leaves-nested-effects-out", "nested-flag-on-wrong-effect", "normal-distribution")
    study = GRUNFELD.model_copy(update={"expect": {"py-pyfixest": causes}})
    seen = Record(study="grunfeld", spec="a", kind="estimate", reference="r-lm", candidate="py-pyfixest", checked=9,
                  mode="as-shipped", verdict="explained", causes=(Cause(id=causes[1], text="", residual=0.0),))  # fmt: skip
    absent = [r for r in with_expectations(study, [seen], complete=True) if r.kind == "expectation"]
    assert [r.spec for r in absent] == ["expect.py-pyfixest"] and "normal-distribution" in absent[0].note


def test_a_defect_that_is_expected_and_stays_away_masks_them_too():
    from parity.runs.shipped.expect import with_expectations

    causes = ("drops-all-effects-when-nested", "nested-flag-on-wrong-effect", "normal-distribution")
    study = GRUNFELD.model_copy(update={"expect": {"py-pyfixest": causes}})
    seen = Record(study="grunfeld", spec="a", kind="estimate", reference="r-lm", candidate="py-pyfixest", checked=9,
                  mode="as-shipped", verdict="agree")  # fmt: skip
    absent = [r for r in with_expectations(study, [seen], complete=True) if r.kind == "expectation"]
    assert len(absent) == 1 and "normal-distribution" in absent[0].note


def test_a_cause_with_a_free_parameter_is_expected_with_it(make_study):
    from parity.runs.shipped.expect import with_expectations

    study = load_study(make_study(STUDY + '\n[expect]\nleft = ["unit-missing"]\n'))
    with pytest.raises(InputError, match=r"`unit-missing` would excuse too much"):
        run([study], engines=[shipped("left", profile="lm")], as_shipped=True)
    lost = Cause(id="unit-missing", text="", residual=0.0, parameters={"unit": "firm 2"})
    seen = Record(study="grunfeld", spec="a", kind="estimate", reference="r-lm", candidate="left", checked=9,
                  mode="as-shipped", verdict="explained", causes=(lost,))  # fmt: skip
    for unit, met in (("firm 2", True), ("firm 7", False)):
        expecting = GRUNFELD.model_copy(update={"expect": {"left": (f"unit-missing(unit={unit})",)}})
        first, *absent = with_expectations(expecting, [seen], complete=True)
        assert first.expected == met and bool(absent) != met
