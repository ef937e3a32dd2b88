"""Judging one spec's answers, made by hand: which is the reference, what a floor excuses, what stays vacuous."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import miniatures as m
from parity.base.errors import some_of
from parity.base.tolerance import EXACT, MOST_FLOOR
from parity.compare.floor import Floor
from parity.compare.harmonise import harmonise
from parity.compare.other_profiles import outcomes
from parity.conventions.facts import Facts
from parity.engines.base import Arithmetic
from parity.results.estimate import Declined, Estimate, Failed, Part, Printed, Reported
from parity.results.record import Record
from parity.runs.judge import _beyond, declined_by_choice, judge_spec
from parity.runs.plan import Entry
from parity.runs.shipped.judge import held_against, loses_digits, reference_of, shipped_record
from parity.runs.worker import SpecFacts
from parity.sample.conditioning import Conditioning
from parity.study.published import Published
from parity.study.spec import Spec

FACTS = Facts(nobs=50, nobs_weighted=50, n_slopes=3, intercept=True, clusters={}, n_missing=4, dropped=("z",))
SPEC = Spec(id="s", formula="y ~ a + b", vcov="iid", convention="regress", reference="one")
TERMS = ("(Intercept)", "a", "b")
COVARIANCE = np.array([[0.25, 0.1, 0.0], [0.1, 0.36, 0.3], [0.0, 0.3, 1.0]])
#: Of columns that leave cross-products about three digits, and a decomposition ten.
BAD = Conditioning(whole=1e5, net=1e5, fit=2.0, nobs=50, far=("a",))
#: The same with eight digits for cross-products.
MILD = Conditioning(whole=1e3, net=1e3, fit=2.0, nobs=50, far=("a",))


def estimate(name: str = "e", **update) -> Estimate:
    given = {"engine": name, "terms": TERMS, "coef": (0.3, 2.0, -40.0), "parts": (Part(matrix=COVARIANCE.tolist()),),
             "basis": "uncorrected", "reported": Reported(nobs=50)}  # fmt: skip
    return Estimate(**given | update)


def entry(name: str, squares: bool = False, **more) -> Entry:
    one = m.miniature(name)
    if squares:
        one = replace(one, info=replace(one.info, arithmetic=Arithmetic(coefficients=True)))
    return Entry(SPEC, one, more.pop("transport", "live"), **more)


def scaled(share: float) -> tuple[Part, ...]:
    return (Part(matrix=(COVARIANCE * (1 + share) ** 2).tolist()),)


def judged(*answers, counted=None, published=()):
    return judge_spec("study", SPEC, counted or SpecFacts(FACTS), answers, published)


def test_the_declared_reference_is_held_against_every_other_and_says_what_was_left_out():
    two, three = judged(
        (entry("two"), estimate("two")), (entry("one"), estimate("one")), (entry("three"), estimate("three"))
    )
    assert [(r.reference, r.candidate, r.verdict) for r in (two, three)] == [
        ("one", "two", "agree"),
        ("one", "three", "agree"),
    ]
    assert two.note == "4 rows left out (missing values); left out as absorbed or collinear: z"
    assert (two.checked > 20, two.floor, two.how, two.transport) == (True, 0.0, "by factor", "live")


def test_the_first_answer_stands_in_for_a_reference_that_has_none():
    failed, record = judged((entry("one"), Failed(engine="one", reason="it broke")), (entry("two"), estimate("two")),
                            (entry("three"), estimate("three")))  # fmt: skip
    assert (failed.verdict, failed.candidate) == ("failed", "one")
    assert (record.reference, record.candidate) == ("two", "three")
    assert record.note.startswith("reference two because one has none (it broke); 4 rows")
    (record,) = judged((entry("two"), estimate("two")), (entry("three"), estimate("three")))
    assert record.note.startswith("reference two because one has none (not asked)")


def test_a_spec_that_one_engine_answers_is_vacuous():
    (record,) = judged((entry("one"), estimate("one")))
    assert (record.kind, record.verdict, record.note) == ("spec", "vacuous", "no two engines have an estimate of it")
    (record,) = judged((entry("one"), estimate("one")), counted=SpecFacts(FACTS, conditioning=BAD))
    assert record.note == "no two engines have an estimate of it"
    (*_, record) = judged((entry("one"), Declined(engine="one", gap="never", reason="no")),
                          counted=SpecFacts(None, unestimable="no row is left", conditioning=BAD))  # fmt: skip
    assert (record.verdict, record.note) == ("vacuous", "no row is left")


def test_a_frozen_answer_that_moved_is_stale_whatever_it_says():
    stale, *_ = judged((entry("one", transport="frozen", stale="the data have changed"), estimate("one")),
                       (entry("two"), estimate("two")), (entry("three"), estimate("three")))  # fmt: skip
    assert (stale.candidate, stale.verdict) == ("one", "stale") and "the data have changed; run parity freeze" in stale.note
    # a live engine beside a stale answer of its own is compared all the same
    records = judged((entry("one"), estimate("one")), (entry("two", frozen=estimate("two"), stale="moved"), estimate("two")))
    assert [(r.kind, r.verdict) for r in records] == [("recorded", "stale"), ("estimate", "agree")]


def test_what_cross_products_lose_is_excused_and_said():
    counted = SpecFacts(FACTS, conditioning=MILD)
    off = estimate("two", parts=scaled(4e-9))
    (record,) = judged((entry("one"), estimate("one")), (entry("two"), off))
    assert record.verdict == "disagree"
    (record,) = judged((entry("one"), estimate("one")), (entry("two", True), off), counted=counted)
    assert record.verdict == "agree" and EXACT < record.floor < MOST_FLOOR and "these columns leave" in record.note
    # stable engines have no such excuse
    (record,) = judged((entry("one"), estimate("one")), (entry("two"), off), counted=counted)
    assert record.verdict == "disagree" and record.floor == 0.0 and "digits" not in record.note


@pytest.mark.parametrize(("share", "verdict"), [(1e-9, "agree"), (1e-5, "declined"), (0.1, "disagree")])
def test_an_engine_that_arithmetic_leaves_nothing_says_nothing_until_it_is_farther_off(share, verdict):
    counted = SpecFacts(FACTS, conditioning=BAD)
    answers = (
        (entry("one"), estimate("one")),
        (entry("two"), estimate("two")),
        (entry("three", True), estimate("three", parts=scaled(share))),
    )
    records = {r.candidate: r for r in judged(*answers, counted=counted)}
    assert (records["two"].verdict, records["three"].verdict) == ("agree", verdict)
    if verdict == "declined":
        assert "these columns leave three" in records["three"].note and "it is no farther off" in records["three"].note


def test_a_reference_whose_arithmetic_says_nothing_gives_way():
    counted = SpecFacts(FACTS, conditioning=BAD)
    answers = ((entry("one", True), estimate("one")), (entry("two"), estimate("two")), (entry("three"), estimate("three")))
    records = judged(*answers, counted=counted)
    assert {r.reference for r in records} == {"two"}
    assert all(r.note.startswith("reference two because one has none (these columns leave one") for r in records)
    only = judged((entry("one", True), estimate("one")), (entry("two", True), estimate("two", parts=scaled(1e-5))),
                  counted=counted)  # fmt: skip
    assert [r.verdict for r in only] == ["declined", "vacuous"]
    assert only[-1].note.startswith("no two engines have an estimate that says anything: these columns leave")


def test_where_no_digit_is_kept_only_terms_and_counts_tell():
    one = harmonise(estimate(), FACTS, SPEC)
    other = harmonise(estimate(coef=(0.4, 3.0, -50.0), parts=scaled(0.5)), FACTS, SPEC)
    fewer = harmonise(estimate(reported=Reported(nobs=49)), FACTS, SPEC)
    less = harmonise(estimate(reported=Reported(nobs=50, df_resid=48)), FACTS, SPEC)
    nothing, some = Floor(1.0, 1.0, 1e-6), Floor(1e-3, 1.0, 1e-6)
    assert not _beyond(nothing, one, one) and not _beyond(nothing, one, other) and _beyond(some, one, other)
    assert _beyond(nothing, one, fewer) and _beyond(some, one, fewer)
    assert not _beyond(nothing, one, less)  # it left a term out, as it may
    assert _beyond(some, one, less)
    assert _beyond(Floor(1e-3, 1e-3, 1e-6), one, other)
    near = harmonise(estimate(parts=scaled(1e-4)), FACTS, SPEC)
    assert not _beyond(Floor(1e-3, 1e-3, 1e-6), one, near)


def test_an_upgrade_that_moves_a_number_shows():
    answers = (
        (entry("one", frozen=estimate("one")), estimate("one")),
        (entry("two", frozen=estimate("two")), estimate("two", parts=scaled(1e-6))),
    )
    records = [r for r in judged(*answers) if r.kind == "recorded"]
    assert [(r.reference, r.candidate, r.verdict, r.floor) for r in records] == [
        ("one", "one", "agree", 0.0),
        ("two", "two", "disagree", 0.0),
    ]
    # of columns on which that is rounding it is none, and the record says how much
    squared = (
        (entry("one"), estimate("one")),
        (entry("two", True, frozen=estimate("two")), estimate("two", parts=scaled(1e-6))),
    )
    (record,) = [r for r in judged(*squared, counted=SpecFacts(FACTS, conditioning=BAD)) if r.kind == "recorded"]
    assert record.verdict == "agree" and record.floor > EXACT
    (record,) = [r for r in judged(*answers[:1], counted=SpecFacts(FACTS, conditioning=MILD)) if r.kind == "recorded"]
    assert (record.verdict, record.floor) == ("agree", 0.0)
    unusable = (entry("one", frozen=estimate("one", basis="stata")), estimate("one"))
    (record,) = [r for r in judged(unusable) if r.kind == "recorded"]
    assert record.verdict == "failed" and "the frozen answer can't be used" in record.note


def test_stars_and_statistics_in_print_are_said():
    def printed(**given) -> Record:
        given = {"spec": "s", "source": "table 1"} | given
        records = judged((entry("one"), estimate("one")), (entry("two"), estimate("two")), published=(Published(**given),))
        (record,) = [r for r in records if r.kind == "printed"]
        return record

    assert printed(term="a", estimate="2.00").note == "table 1" and printed(term="a", estimate="2.00").verdict == "agree"
    assert (
        printed(term="q", estimate="2.00").note.startswith("no term `q`") or "`q`" in printed(term="q", estimate="2.00").note
    )
    missing = printed(statistic={"theta": "0.5"})
    assert "theta" in missing.note and missing.note.endswith("(table 1)") and missing.verdict != "agree"


def of(candidate: str, verdict: str, kind: str = "estimate") -> Record:
    return Record(study="s", spec="a", kind=kind, reference="", candidate=candidate, verdict=verdict)


def test_a_spec_that_every_chosen_engine_declines_is_declined():
    vacuous = of("", "vacuous", "spec")

    def last(*records: Record, ends=("declined",)) -> str:
        return declined_by_choice((*records, vacuous), ends)[-1].verdict

    assert last(of("one", "declined")) == last(of("one", "declined"), of("two", "declined")) == "declined"
    assert last() == "vacuous" and last(of("one", "declined"), of("two", "failed")) == "vacuous"
    both = (of("one", "declined"), of("two", "unavailable"))
    assert last(*both) == "vacuous" and last(*both, ends=("declined", "unavailable")) == "unavailable"
    assert last(of("one", "declined"), of("", "failed", "printed")) == "declined"  # a printed number is no engine
    kept = declined_by_choice((of("one", "declined"), of("two", "declined")))
    assert [r.verdict for r in kept] == ["declined", "declined"]


def test_twelve_names_are_said_and_no_more():
    names = [f"n{i}" for i in range(13)]
    assert some_of(names[:12]).endswith("n11") and some_of(names).endswith("n11 and 1 more") and some_of([""]) == '""'


# ---------------------------------------------------------------- as shipped


def held(answer, reference=True, counted=None, **more):
    counted = counted or SpecFacts(FACTS)
    of = reference_of(SPEC, counted, [(entry("one"), estimate("one"))]) if reference else None
    return held_against(of, counted, entry("two", **more), answer)


def test_the_first_answer_that_the_convention_can_take_is_the_reference():
    counted = SpecFacts(FACTS)
    answers = [(entry("one"), Failed(engine="one", reason="no")), (entry("two"), estimate("two", basis="stata")),
               (entry("three"), estimate("three")), (entry("four"), estimate("four"))]  # fmt: skip
    assert reference_of(SPEC, counted, answers).entry.engine.info.id == "three"
    assert reference_of(SPEC, counted, answers[:2]) is None
    assert reference_of(SPEC, SpecFacts(None), answers) is None


def test_an_engine_as_shipped_is_held_to_closed_form():
    shipped = estimate("two", basis="as shipped", df_t=47.0, parts=(Part(matrix=(COVARIANCE * 50 / 47).tolist()),))
    assert not held(shipped).differs and held(shipped).ended is None
    loose = shipped.model_copy(update={"accuracy": "iterative", "coef": (0.3, 2.0 + 1e-8, -40.0)})
    assert held(loose).differs and held(loose).may_lose_digits and not held(shipped).may_lose_digits
    record = shipped_record(
        "study", SPEC, reference_of(SPEC, SpecFacts(FACTS), [(entry("one"), estimate("one"))]), held(shipped), None
    )
    assert (record.verdict, record.mode, record.reference, record.candidate) == ("agree", "as-shipped", "one", "two")


@pytest.mark.parametrize(
    ("answer", "more", "ended"),
    [
        (Declined(engine="two", gap="never", reason="no"), {}, ("declined", "never: no")),
        (Failed(engine="two", reason="it broke"), {}, ("failed", "it broke")),
        (estimate("two"), {"transport": "frozen", "stale": "moved"}, ("stale", "moved; run parity freeze --as-shipped")),
        (estimate("two"), {"reference": False}, ("declined", "never: there is no reference to hold it against")),
        (estimate("two"), {"counted": SpecFacts(None, unestimable="no row")},
         ("failed", "an estimate of what can't be estimated: no row")),
        (estimate("two", parts=(Part(matrix=COVARIANCE.tolist()),) * 2), {}, ("failed", "2 covariances")),
    ],
)  # fmt: skip
def test_what_cannot_be_held_as_shipped_says_why(answer, more, ended):
    counted = more.pop("counted", None)
    found = held(answer, counted=counted, **more)
    assert found.ended[0] == ended[0] and found.ended[1].startswith(ended[1]) and not found.differs


def test_who_is_asked_again_in_another_way():
    fe = SPEC.model_copy(update={"formula": Spec(id="x", formula="y ~ a | f").formula})
    iv = SPEC.model_copy(update={"formula": Spec(id="x", formula="y ~ a | f | b ~ z").formula})
    plain_iv = SPEC.model_copy(update={"formula": Spec(id="x", formula="y ~ a | 0 | b ~ z").formula})
    normal = estimate(accuracy="normal-equations")
    assert loses_digits(SPEC, estimate(accuracy="iterative")) and not loses_digits(SPEC, normal)
    assert loses_digits(iv, normal) and not loses_digits(plain_iv, normal) and not loses_digits(fe, normal)
    assert not loses_digits(iv, estimate())
    cr3 = Spec(id="x", formula="y ~ a | f", vcov={"cluster": ["g"], "type": "CR3"})
    assert loses_digits(cr3, estimate()) and not loses_digits(cr3.model_copy(update={"formula": SPEC.formula}), estimate())


def test_stars_of_a_statistic_without_p_value_are_said():
    given = Published(spec="s", source="table 1", statistic={"r2": "0.40**"}, stars=(0.1, 0.05, 0.01))
    answers = [(entry(name), estimate(name, stats={"r2": 0.4})) for name in ("one", "two")]
    (record,) = [r for r in judged(*answers, published=(given,)) if r.kind == "printed"]
    assert record.note == "`r2` has no p-value that its stars could follow from; write it without stars (table 1)"
    assert record.verdict == "disagree"


def test_under_the_declared_convention_a_page_shows_what_the_engine_printed():
    """Its own standard error where that is declared; under others the covariance rescaled."""
    printed = {"a": Printed(se=0.7)}
    own = estimate("two", basis="regress", parts=(Part(matrix=(COVARIANCE * 50 / 47).tolist()),), printed=printed)
    plain = estimate("one")
    answers = [(e, harmonise(e, FACTS, SPEC)) for e in (plain, own)]
    declared, *others = outcomes(SPEC, FACTS, TERMS, answers)[0]
    assert declared.declared and not any(o.declared for o in others) and others
    assert declared.se["two"] == pytest.approx((math.sqrt(0.25 * 50 / 47), 0.7, math.sqrt(50 / 47)))
    assert declared.se["one"] == pytest.approx([math.sqrt(v * 50 / 47) for v in (0.25, 0.36, 1.0)])
    large = next(o for o in others if "ivregress" in o.profiles)
    assert large.se["one"] == pytest.approx((0.5, 0.6, 1.0)) == large.se["two"]
