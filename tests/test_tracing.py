"""A disagreement shows its cause where pages are wanted: a printed number under another convention, an engine that slips."""

from __future__ import annotations

import pytest

from conftest import ROOT
from miniatures import miniature
from parity import runner
from parity.cache import AnswerCache
from parity.design import Design
from parity.engines import engine
from parity.estimate import Estimate
from parity.record import Report
from parity.report.html import to_html
from parity.report.markdown import to_markdown
from parity.report.sentence import main_sentence
from parity.report.traced import with_causes
from parity.study import Spec, load_study

PRINTED = (ROOT / "docs" / "examples" / "one_digit" / "study.toml").read_text(encoding="utf-8")


def unscaled(answer: Estimate, spec: Spec, design: Design) -> Estimate:
    """It says that the declared factor is in its covariance, and it isn't."""
    return answer.model_copy(update={"basis": spec.convention.profile})


def run(folder, tmp_path, engines, **options) -> Report:
    return runner.run(
        [load_study(folder)], engines=engines, jobs=1, cache=AnswerCache(tmp_path / "c"), details=True, **options
    )


def python(*names):
    return [engine(f"py-{name}") for name in names]


@pytest.fixture
def report(make_study, tmp_path):
    """The printed standard error is felm's."""
    folder = make_study(PRINTED.replace("(0.062)", "(0.0601685)").replace("0.414***", "0.4138018"))
    return run(folder, tmp_path, python("statsmodels", "linearmodels"))


def test_a_printed_number_is_traced_to_its_convention(report):
    traced = report.details[0].traced
    assert [(t.kind, t.entry, [c.id for c in t.causes]) for t in traced] == [
        ("printed", 0, ["drops-all-effects-when-nested"])
    ]  # fmt: skip
    assert report.records[-1].causes == ()  # the record says what was compared, and only that
    shown = with_causes(report).records[-1]
    assert shown.causes[0].how["lfe"] and "K = 2 instead of 21" in shown.causes[0].formula
    assert main_sentence(with_causes(report)).startswith("0 of 1 specification agrees in 2 engines; one differs")
    assert "because one fixed effect lies within the clusters" in main_sentence(with_causes(report))
    for text in (to_html(report), to_markdown(report)):
        assert "K = 2 instead of 21" in text


def test_what_agrees_is_not_searched(make_study, tmp_path):
    folder = make_study(PRINTED.replace("(0.062)", "(0.063)"))
    report = run(folder, tmp_path, python("statsmodels", "linearmodels"))
    assert report.details[0].traced == () and with_causes(report) is report


def test_what_may_be_chance_is_called_so(make_study, tmp_path):
    report = run(make_study(PRINTED), tmp_path, python("statsmodels", "linearmodels"))
    (traced,) = report.details[0].traced
    assert not traced.proven and traced.chance > 1  # two digits fit by chance
    assert with_causes(report).records[-1].causes == ()
    assert f"of {traced.worlds:,} combinations" in to_html(report) and "chance alone" in to_html(report)


def test_an_engine_that_slips_is_explained(make_study, tmp_path):
    folder = make_study(PRINTED.split("[[published]]")[0])
    report = run(folder, tmp_path, [*python("statsmodels"), miniature("slips", unscaled)])
    assert [r.verdict for r in report.records if r.candidate == "slips"] == ["disagree"]
    (traced,) = report.details[0].traced
    assert (traced.kind, traced.candidate) == ("estimate", "slips") and traced.causes
    assert max(c.residual for c in traced.causes) < 1e-9
