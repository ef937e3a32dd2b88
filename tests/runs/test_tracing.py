"""Where pages are wanted, an engine that differs is traced to its cause; one that chance would fit is not claimed."""

from __future__ import annotations

from conftest import ROOT
from miniatures import miniature
from parity.base.cache import AnswerCache
from parity.engines import engine
from parity.report.html import to_html
from parity.report.markdown import to_markdown
from parity.report.traced import with_causes
from parity.results.estimate import Estimate
from parity.results.record import Report
from parity.runs import runner
from parity.sample.design import Design
from parity.study.load import load_study
from parity.study.spec import Spec

BARE = (ROOT / "docs" / "examples" / "one_digit" / "study.toml").read_text(encoding="utf-8").split("[[published]]")[0]


def unscaled(answer: Estimate, spec: Spec, design: Design) -> Estimate:
    """It says that the declared factor is in its covariance, and it isn't."""
    return answer.model_copy(update={"basis": spec.convention.profile})


def run(folder, tmp_path, engines, **options) -> Report:
    return runner.run(
        [load_study(folder)], engines=engines, jobs=1, cache=AnswerCache(tmp_path / "c"), details=True, **options
    )


def python(*names):
    return [engine(f"py-{name}") for name in names]


def test_what_agrees_is_not_searched(make_study, tmp_path):
    report = run(make_study(BARE), tmp_path, python("statsmodels", "linearmodels"))
    assert report.details[0].traced == () and with_causes(report) is report


def test_an_engine_that_slips_is_explained_in_the_page(make_study, tmp_path):
    report = run(make_study(BARE), tmp_path, [*python("statsmodels"), miniature("slips", unscaled)])
    record = next(r for r in report.records if r.candidate == "slips")
    assert record.verdict == "disagree" and record.causes == ()  # the record says what was compared, and only that
    (traced,) = report.details[0].traced
    assert (traced.kind, traced.candidate) == ("estimate", "slips") and traced.proven
    assert max(c.residual for c in traced.causes) < 1e-9
    shown = next(r for r in with_causes(report).records if r.candidate == "slips")
    assert [c.id for c in shown.causes] == [c.id for c in traced.causes]
    assert traced.causes[0].id in to_markdown(report) and f"<code>{traced.causes[0].id}</code>" in to_html(report)


def test_a_cause_that_chance_would_fit_is_not_claimed(make_study, tmp_path):
    report = run(make_study(BARE), tmp_path, [*python("statsmodels"), miniature("slips", unscaled)])
    detail = report.details[0]
    doubtful = detail.model_copy(update={"traced": (detail.traced[0].model_copy(update={"chance": 2.0}),)})
    changed = report.model_copy(update={"details": (doubtful,)})
    assert with_causes(changed) is changed and "chance alone would fit 2" in to_html(changed)


def test_a_cause_is_handed_to_a_record_with_all_that_is_known_of_it():
    """One type and one way there: a field that the diagnosis fills in reaches records and pages alike."""
    from parity.diagnose.explanation import NamedCause, Solution
    from parity.results.cause import Cause
    from parity.results.spec_page import Traced

    named = NamedCause(id="a", group="g", sentence="It is so.", formula="f", source="s", how={"x": "1"}, avoids={"x": "2"},
                       parameters={"unit": "firm 2"})  # fmt: skip
    (cause,) = Solution(causes=(named,), residual=1e-9, reproduced=("se value",), chance=0.0001).as_causes(alternative=2)
    assert cause == Cause(id="a", text="It is so.", residual=1e-9, formula="f", source="s", how={"x": "1"},
                          avoids={"x": "2"}, parameters={"unit": "firm 2"}, alternative=2, chance=0.0001)  # fmt: skip
    assert not set(NamedCause.model_fields) - {"group", "sentence"} - set(Cause.model_fields)
    kept = Traced(kind="estimate", reference="one", candidate="other", causes=(cause,), chance=0.0001)
    assert Traced.model_validate_json(kept.model_dump_json()).causes == (cause,) and kept.proven
