"""Printed numbers that a run finds to differ get their cause in the record; right ones stay as they are."""

from __future__ import annotations

import pytest

from conftest import FIXTURES
from parity.compare.harmonise import harmonise
from parity.compare.printed import compare_printed, read_number
from parity.data.load import load_frame
from parity.diagnose.questions.records import _slips, with_causes
from parity.engines.own import fit
from parity.report.words import headline
from parity.results.record import Difference, Record
from parity.sample.build import build_design
from parity.study.load import load_study
from parity.study.published import Published

STUDY = load_study(FIXTURES / "grunfeld")
FRAME = load_frame(STUDY)


def records(study) -> tuple[Record, ...]:
    """The printed records of a study, against parity's own estimator."""
    out = []
    for spec_id in dict.fromkeys(e.spec for e in study.published):
        spec = study.spec(spec_id)
        design = build_design(study, spec, FRAME)
        side = harmonise(fit.estimate(spec, design), design.facts, spec)
        for entry in (e for e in study.published if e.spec == spec_id):
            result = compare_printed(entry, side)
            out.append(
                Record(
                    study=study.id, spec=spec_id, kind="printed", reference=entry.engine, candidate="own",
                    verdict=result.verdict, checked=result.checked, digits=result.digits, differences=result.differences,
                    note=entry.source,
                )
            )  # fmt: skip
    return tuple(out)


def printed(*entries: dict) -> list[Record]:
    """Records of made-up entries of one column, with their causes."""
    made = tuple(Published(**{"spec": "pooled", "source": "table 1"} | e) for e in entries)
    study = STUDY.model_copy(update={"published": made})
    return list(with_causes(study, records(study)))


RIGHT = (
    {"term": "value", "estimate": "0.1156***", "stars": (0.1, 0.05, 0.01), "parentheses": "(0.0159)"},
    {"term": "capital", "estimate": "0.2307**", "stars": (0.1, 0.05, 0.01), "parentheses": "(0.0850)"},
)


def test_right_numbers_have_no_cause():
    assert [r.verdict for r in printed(*RIGHT)] == ["agree", "agree"]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"parentheses": "(0.0880)"}, "digit-misprinted"),
        ({"parentheses": "(0.0805)"}, "digits-transposed"),
        ({"parentheses": "(2.7149)"}, "t-printed-as-se"),
        ({"estimate": "-0.2307**"}, "sign-flipped"),
        ({"estimate": "2.307**"}, "decimal-point-moved"),
        ({"estimate": "0.2307***"}, "stars-misprinted"),
    ],
)
def test_one_wrong_number_of_few_digits_has_a_cause_that_chance_would_be_too(change, cause):
    """Named, and the number differs: in a package it would, too."""
    ours, theirs = printed(RIGHT[0], RIGHT[1] | change)
    assert ours.verdict == "agree" and not ours.causes
    assert theirs.verdict == "disagree" and cause in [c.id for c in theirs.causes], theirs
    assert theirs.differences and not any(c.certain for c in theirs.causes)
    assert "perhaps by " in headline(theirs) and cause in headline(theirs)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"estimate": "-0.2306785"}, "sign-flipped"),
        ({"estimate": "0.2306785", "parentheses": "(2.7149150)"}, "t-printed-as-se"),
    ],
)
def test_one_wrong_number_of_many_digits_is_explained(change, cause):
    theirs = printed(RIGHT[0], {"term": "capital"} | change)[1]
    assert theirs.verdict == "explained" and [c.id for c in theirs.causes] == [cause] and theirs.causes[0].certain
    assert "perhaps" not in headline(theirs)


def test_stars_on_parentheses_are_explained_too():
    below = {"term": "capital", "stars": (0.1, 0.05, 0.01), "kind": "t"}
    assert [r.verdict for r in printed(RIGHT[0], below | {"parentheses": "(2.71)**"})] == ["agree", "agree"]
    record = printed(RIGHT[0], below | {"parentheses": "(2.71)***"})[1]
    assert record.verdict == "disagree" and "stars-misprinted" in [c.id for c in record.causes], record


def test_stars_of_a_statistic_have_no_cause():
    (record,) = (r for r in printed(*RIGHT, {"statistic": {"f": "51.59*"}, "stars": (0.1, 0.05)}) if r.differences)
    assert record.verdict == "disagree" and [d.quantity for d in record.differences] == ["stars"]


def test_two_wrong_rows_are_asked_about_one_by_one():
    records = printed(RIGHT[0] | {"estimate": "0.1165***"}, RIGHT[1] | {"parentheses": "(0.0880)"}, {
        "term": "(Intercept)", "estimate": "-42.71", "parentheses": "(20.43)"})  # fmt: skip
    assert [r.verdict for r in records] == ["disagree", "disagree", "agree"]
    assert "digits-transposed" in [c.id for c in records[0].causes]
    assert "digit-misprinted" in [c.id for c in records[1].causes]


def test_seven_digits_and_zeros_behind_them_are_named():
    """What stargazer writes of 0.115562156 with ten decimals; the right numbers of the pooled spec, to 9 digits."""
    right = {"value": (0.115562156, 0.0158943365), "capital": (0.230678488, 0.0849671115)}
    kept = lambda x: f"{float(f'{x:.7g}'):.9f}"  # noqa: E731
    page = [{"term": t, "estimate": kept(b), "parentheses": kept(se)} for t, (b, se) in right.items()]
    found = printed(*page)
    named = ("explained", ["seven-digits-padded"])
    assert [(r.verdict, [c.id for c in r.causes]) for r in found] == [named] * 2
    assert [r.verdict for r in printed(page[0] | {"estimate": "0.115562300"}, page[1])] == ["disagree", "disagree"]


def test_what_nothing_explains_stays_a_disagreement():
    records = printed(RIGHT[0] | {"estimate": "0.987654", "parentheses": "(0.123456)"}, RIGHT[1])
    assert records[0].verdict == "disagree" and not records[0].causes


def test_a_term_that_is_not_there_stays_a_disagreement():
    assert printed(*RIGHT, {"term": "no_such", "estimate": "0.1"})[2].verdict == "disagree"


def test_a_statistic_of_the_whole_model():
    (record,) = (r for r in printed(*RIGHT, {"statistic": {"f": "51.95"}}) if any(d.quantity == "f" for d in r.differences))
    assert record.verdict == "disagree" and "digits-transposed" in [c.id for c in record.causes]


def test_a_statistic_that_the_diagnosis_does_not_compute():
    off = Difference(quantity="r2", reference=0.8214, candidate=0.81241, digits=1, allowed=0.00005)
    assert [c.id for c in _slips(off, read_number("0.8214"))] == ["digits-transposed"]
    assert [c.id for c in _slips(off, read_number("0.9134"))] == []


def test_many_last_digits_are_not_as_many_misprints():
    """Every number of a column a unit or two off in its last digit: one cause for all, or none."""
    rows = [
        {"term": "value", "estimate": "0.1158", "parentheses": "(0.0157)"},
        {"term": "capital", "estimate": "0.2305", "parentheses": "(0.0852)"},
        {"term": "(Intercept)", "estimate": "-42.73", "parentheses": "(20.41)"},
    ]
    assert [r.verdict for r in printed(*rows)] == ["disagree"] * 3


def test_a_printed_number_of_full_precision_agrees_to_what_double_precision_gives():
    (right,) = (r for r in printed({"term": "value", "estimate": "0.115562156"}))
    digits = 0.11556215636055205
    assert right.verdict == "agree"
    (close,) = printed({"term": "value", "estimate": f"{digits * (1 + 3e-10):.16f}"})
    (far,) = printed({"term": "value", "estimate": f"{digits * (1 + 3e-8):.16f}"})
    assert (close.verdict, far.verdict) == ("agree", "disagree")
