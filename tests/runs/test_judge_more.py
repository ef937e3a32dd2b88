"""Judging one spec, case by case: what ends before a comparison, what counts as agreement at its very edge, what is said."""

from __future__ import annotations

import pytest

from parity.base.tolerance import EXACT, MOST_FLOOR, NORMAL_EQUATIONS
from parity.compare.floor import Floor, digits_left
from parity.conventions.facts import Absorbed
from parity.conventions.formulas import Refused
from parity.results.estimate import Declined, Failed, Part, Reported, Unavailable
from parity.results.record import Record
from parity.runs import judge
from parity.runs.judge import declined_by_choice, judge_spec, uncounted
from parity.runs.worker import SpecFacts
from parity.study.published import Published
from parity.study.spec import Spec
from test_judge import BAD, COVARIANCE, FACTS, MILD, SPEC, entry, estimate, judged, scaled


def first(answer, **more) -> Record:
    """The record of an engine `odd` beside two that agree."""
    found = judged((entry("odd", **more), answer), (entry("one"), estimate("one")), (entry("two"), estimate("two")))
    return next(r for r in found if r.candidate == "odd")


@pytest.mark.parametrize(
    ("answer", "more", "verdict", "note"),
    [
        (Declined(engine="odd", gap="notyet", reason="no HC4"), {}, "declined", "notyet: no HC4"),
        (Unavailable(engine="odd", reason="not here"), {}, "unavailable", "not here"),
        (Unavailable(engine="odd", reason="not here", remedy="install it"), {}, "unavailable", "not here; install it"),
        (Failed(engine="odd", reason="it broke", warnings=("w",)), {}, "failed", "it broke"),
        (estimate("odd", basis="stata"), {}, "failed", "its covariance carries `stata`"),
        (estimate("odd"), {"transport": "frozen", "stale": "moved"}, "stale",
         "moved; run parity freeze where odd is live"),
    ],
)  # fmt: skip
def test_what_ends_before_a_comparison(answer, more, verdict, note):
    found = first(answer, **more)
    assert found.verdict == verdict and found.note.startswith(note)
    assert (found.kind, found.reference, found.checked) == ("estimate", "", 0)
    assert found.transport == more.get("transport", "live")
    assert found.warnings == getattr(answer, "warnings", ())


def test_a_frozen_answer_is_compared_as_any_other_and_a_live_one_is_never_stale():
    frozen = first(estimate("odd"), transport="frozen")
    assert (frozen.verdict, frozen.transport, frozen.reference) == ("agree", "frozen", "one")
    off = first(estimate("odd", parts=scaled(1e-6), warnings=("careful",)), transport="frozen")
    assert (off.verdict, off.warnings) == ("disagree", ("careful",))
    live = first(estimate("odd"), stale="moved")  # without a frozen answer there is none to renew
    assert (live.verdict, live.kind) == ("agree", "estimate")


def test_a_convention_that_refuses_declines(monkeypatch):
    def refuses(*args):
        raise Refused("panels are not nested")

    monkeypatch.setattr(judge, "harmonise", refuses)
    one, two, spec = judged((entry("one"), estimate("one")), (entry("two"), estimate("two")))
    assert [(r.verdict, r.note) for r in (one, two)] == [("declined", "never: panels are not nested")] * 2
    assert spec.verdict == "vacuous"


def test_an_estimate_of_what_cannot_be_estimated_fails():
    found = judged((entry("one"), estimate("one")), counted=SpecFacts(None, unestimable="no row is left"))
    assert [(r.verdict, r.note) for r in found] == [
        ("failed", "an estimate of what can't be estimated: no row is left"), ("vacuous", "no row is left"),
    ]  # fmt: skip


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_where_nothing_says_anything_the_one_that_says_most_is_named(order):
    """Cross-products in the covariance alone leave more digits than normal equations; neither leaves enough."""
    from dataclasses import replace

    from parity.engines.base import Arithmetic

    mild = entry("two")
    mild = replace(mild, engine=replace(mild.engine, info=replace(mild.engine.info, arithmetic=Arithmetic(("iid",)))))
    answers = {"one": (entry("one", True), estimate("one")), "two": (mild, estimate("two", parts=scaled(1e-5)))}
    counted = SpecFacts(FACTS, conditioning=BAD)
    *_, last = judged(*(answers[name] for name in order), counted=counted)
    sides = [judge.Judged(*answers[name], judge.harmonise(answers[name][1], FACTS, SPEC), None) for name in order]
    least, most = sorted(judge._floor(SPEC, counted, side).largest for side in sides)
    assert f"{digits_left(least):.1f}" != f"{digits_left(most):.1f}"
    assert last.verdict == "vacuous" and f"leave {digits_left(least):.1f} digits" in last.note


def test_at_what_is_allowed_anyway_no_floor_is_said(monkeypatch):
    counted = SpecFacts(FACTS, conditioning=MILD)
    answers = ((entry("one"), estimate("one")), (entry("two"), estimate("two")))

    def floor(share: float, most: float = MOST_FLOOR, **more) -> Record:
        monkeypatch.setattr(judge, "_floor", lambda *args: Floor(share, share, most))
        (record,) = judged(answers[0], (entry("two"), estimate("two", **more)), counted=counted)
        return record

    at = floor(EXACT)
    assert at.floor == 0.0 and "digits" not in at.note
    beyond = floor(2 * EXACT)
    assert beyond.floor == 2 * EXACT and "these columns leave 8.7 digits" in beyond.note
    assert floor(1e-3).floor == MOST_FLOOR  # it never passes the most
    loose = floor(NORMAL_EQUATIONS, accuracy="normal-equations")
    assert loose.floor == 0.0 and loose.accuracy == "normal-equations"
    assert floor(2 * NORMAL_EQUATIONS, accuracy="normal-equations").floor == 2 * NORMAL_EQUATIONS


def test_an_answer_of_other_terms_alone_is_compared_with_nothing():
    other = estimate("two", terms=("(Intercept)", "q", "r"), stats={"theta": 0.5})
    third = estimate("three", stats={"theta": 0.5})
    records = judged((entry("one"), estimate("one")), (entry("two"), other), (entry("three"), third))
    assert [(r.candidate, r.verdict) for r in records][1] == ("three", "agree")
    two = records[0]
    assert two.verdict == "disagree" and two.checked > 0  # the intercept is shared, its covariance too
    none = estimate("two", terms=("p", "q", "r"), stats={"theta": 0.5})
    two, three = judged((entry("one"), estimate("one")), (entry("two"), none), (entry("three"), third))
    assert two.verdict == "vacuous" and two.checked == 0 and two.digits == 0.0
    assert three.verdict == "agree"


def test_what_no_one_else_reports_is_said_of_its_engine():
    records = judged((entry("one"), estimate("one")), (entry("two"), estimate("two", stats={"theta": 0.5})))
    assert [(u.quantity, u.engine) for u in records[0].uncompared] == [("theta", "two")]


def printed_record(answers, **given) -> Record:
    records = judged(*answers, published=(Published(**({"spec": "s", "source": "table 1"} | given)),))
    (record,) = [r for r in records if r.kind == "printed"]
    return record


ANSWERS = ((entry("one"), estimate("one")), (entry("two"), estimate("two")), (entry("three"), estimate("three")))


def test_a_statistic_is_lent_by_the_first_engine_that_has_it():
    lent = (*ANSWERS[:1], (entry("two"), estimate("two", stats={"theta": 0.5})),
            (entry("three"), estimate("three", stats={"theta": 0.6, "r2": 0.4})))  # fmt: skip
    record = printed_record(lent, statistic={"theta": "0.50"})
    assert (record.verdict, record.candidate, record.how) == ("agree", "one", "by factor; theta of two")
    assert record.accuracy == "printed" and record.reference == "published"
    own = ((entry("one"), estimate("one", stats={"theta": 0.7})), *lent[1:])
    record = printed_record(own, statistic={"theta": "0.70", "r2": "0.40"})
    assert (record.verdict, record.how) == ("agree", "by factor; r2 of three")
    assert printed_record(own, statistic={"theta": "0.70"}).how == "by factor"


def test_entries_of_other_specs_are_another_matter():
    entries = (Published(spec="other", source="t", term="a", estimate="9"), Published(spec="s", source="t", term="a",
                                                                                      estimate="2.0"))  # fmt: skip
    records = [r for r in judged(*ANSWERS, published=entries) if r.kind == "printed"]
    assert [(r.verdict, r.spec) for r in records] == [("agree", "s")]


@pytest.mark.parametrize(
    ("given", "verdict", "note"),
    [
        ({"term": "a", "estimate": "2.00"}, "agree", "table 1"),
        ({"term": "a", "estimate": "2.01"}, "disagree", "table 1"),
        ({"term": "a", "estimate": "2.00**"}, "agree", "table 1; the stars of a are not compared"),
        ({"term": "a", "estimate": "2.00***", "stars": (0.1, 0.05, 0.01)}, "agree", "table 1"),
        ({"term": "a", "estimate": "2.00**", "stars": (0.1, 0.05, 0.01)}, "disagree", "table 1"),
        ({"term": "z", "estimate": "2.00"}, "disagree", "there is no term `z`: `z` is left out of s as absorbed or"),
        ({"term": "", "statistic": {"nobs": "50"}}, "agree", "table 1"),
        ({"term": "", "statistic": {"nobs": "51"}}, "disagree", "table 1"),
        ({"term": "q", "statistic": {"theta": "5"}}, "disagree", "there is no term `q`"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_printed_number(given, verdict, note):
    record = printed_record(ANSWERS, **given)
    assert record.verdict == verdict and record.note.startswith(note), record.note
    assert record.note == "table 1" if note == "table 1" else "table 1" in record.note
    assert [(u.quantity, u.term) for u in record.uncompared] == [("stars", "a")] * ("are not compared" in note)


def test_of_a_live_answer_and_its_frozen_one():
    def kept(frozen, live, **more) -> list[Record]:
        return [r for r in judged((entry("one", frozen=frozen, **more), live)) if r.kind == "recorded"]

    (same,) = kept(estimate("one"), estimate("one"))
    assert (same.verdict, same.reference, same.candidate, same.transport) == ("agree", "one", "one", "live")
    (moved,) = kept(estimate("one"), estimate("one", reported=Reported(nobs=49)))
    assert moved.verdict == "disagree"
    assert not kept(None, estimate("one")) and not kept(estimate("one"), estimate("one"), transport="frozen")
    assert not kept(estimate("one"), Failed(engine="one", reason="no"))
    assert not kept(Failed(engine="one", reason="no"), estimate("one"))
    (stale,) = kept(estimate("one"), estimate("one"), stale="moved")
    assert (stale.verdict, stale.note, stale.transport) == ("stale", "moved; run parity freeze", "live")
    (unusable,) = kept(estimate("one", basis="stata"), estimate("one"))
    assert (unusable.verdict, unusable.transport) == ("failed", "live")
    # one engine and its own frozen answer are no two implementations
    records = judged((entry("one", frozen=estimate("one")), estimate("one")))
    assert [(r.kind, r.verdict) for r in records] == [("recorded", "agree"), ("spec", "vacuous")]


def test_every_row_that_was_left_out_is_said():
    from dataclasses import replace

    counted = SpecFacts(replace(FACTS, n_missing=0, n_zero_weight=3, n_singletons=2, dropped=("u", "v")))
    (record,) = judged(*ANSWERS[:2], counted=counted)
    assert record.note == (
        "3 rows left out (weight zero); 2 rows left out (singletons); left out as absorbed or collinear: u, v"
    )
    (separated,) = judged(*ANSWERS[:2], counted=SpecFacts(replace(FACTS, n_missing=0, n_separated=7, dropped=())))
    assert separated.note == "7 rows left out (predicted perfectly)"
    (silent,) = judged(*ANSWERS[:2], counted=SpecFacts(replace(FACTS, n_missing=0, dropped=())))
    assert silent.note == ""


def test_clustered_effects_are_judged_too():
    from dataclasses import replace

    facts = replace(FACTS, absorbed=(Absorbed("f", 9),), absorbed_rank=9, clusters={("f",): 9}, intercept=False)
    spec = Spec(id="s", formula="y ~ a + b | f", vcov={"cluster": ["f"]}, convention="regress", reference="one")
    part = (Part(cluster=("f",), matrix=COVARIANCE.tolist()),)
    answers = [(entry(name), estimate(name, parts=part)) for name in ("one", "two")]
    (record,) = judge_spec("study", spec, SpecFacts(facts), answers, ())
    assert record.verdict == "agree"


def of(candidate: str, verdict: str, kind: str = "estimate", spec: str = "a") -> Record:
    return Record(study="s", spec=spec, kind=kind, reference="", candidate=candidate, verdict=verdict)


def test_of_several_ends_the_worst_is_the_specs():
    ends = ("declined", "unavailable")
    both = (of("one", "unavailable"), of("two", "declined"), of("", "vacuous", "spec"))
    for records in (both, (both[1], both[0], both[2])):
        assert declined_by_choice(records, ends)[-1].verdict == "unavailable"
    noted = declined_by_choice(both, ends)[-1]
    assert noted.note.startswith("none of the engines that were chosen has an estimate")
    # what is said of another spec, or of the data, is no engine's answer
    other = (of("one", "declined"), of("two", "failed", spec="b"), of("", "vacuous", "spec"))
    assert declined_by_choice(other)[-1].verdict == "declined"
    assert declined_by_choice((of("one", "declined"), of("", "failed", "reading"), of("", "vacuous", "spec")))[
        -1
    ].verdict == ("declined")
    # only a vacuous record of the spec itself changes
    failed = of("", "failed", "spec")
    assert declined_by_choice((of("one", "declined"), failed))[-1] == failed


def test_a_sample_that_cannot_be_counted_fails():
    found = uncounted("study", "s", Failed(engine="parity", reason="no memory"))
    assert (found.verdict, found.kind, found.note) == ("failed", "spec", "its sample could not be counted: no memory")


def test_what_the_reference_lacks_is_compared_between_the_others():
    theta = [(entry(name), estimate(name, stats={"theta": value})) for name, value in (("two", 0.5), ("three", 0.6))]
    two, three = judged((entry("one"), estimate("one")), *theta)
    assert (two.verdict, three.verdict) == ("agree", "disagree") and three.checked == two.checked + 1
    (difference,) = three.differences
    assert (difference.quantity, difference.against) == ("theta", "two")


def test_an_engine_is_silent_only_where_rounding_hides_more_than_is_allowed(monkeypatch):
    """On very many rows a degree of freedom is less than what engines may differ by anyway: there a difference is one."""
    counted = SpecFacts(FACTS, conditioning=BAD)
    answers = ((entry("one"), estimate("one")), (entry("two"), estimate("two")))
    off = (entry("three"), estimate("three", parts=scaled(1e-5)))

    def verdict(most: float) -> str:
        shares = {"three": Floor(1e-3, 1e-3, most)}
        monkeypatch.setattr(
            judge, "_floor", lambda spec, counted, *sides: next(
                (shares[s.entry.engine.info.id] for s in sides if s.entry.engine.info.id in shares), Floor(0.0, 0.0, most))
        )  # fmt: skip
        return {r.candidate: r.verdict for r in judged(*answers, off, counted=counted)}["three"]

    assert [verdict(most) for most in (1e-6, 2 * EXACT, EXACT, 1e-12)] == ["declined", "declined", "disagree", "disagree"]


def test_half_of_itself_leaves_no_digit():
    """A relative error of half: of the others only terms and counts tell; of coefficients, not even degrees of freedom."""
    one = judge.harmonise(estimate(), FACTS, SPEC)
    less = judge.harmonise(estimate(reported=Reported(nobs=50, df_resid=46)), FACTS, SPEC)
    assert not judge._beyond(Floor(0.5, 0.5, 1e-6), one, less) and not judge._beyond(Floor(0.5, 1.0, 1e-6), one, less)
    assert judge._beyond(Floor(0.49, 0.5, 1e-6), one, less) and judge._beyond(Floor(0.49, 0.49, 1e-6), one, less)


def test_terms_of_a_printed_number_are_those_of_coefficients():
    spelled = printed_record(ANSWERS, term="(Int ercept)", estimate="0.30")
    assert (spelled.verdict, spelled.note) == ("agree", "table 1")
    assert printed_record(ANSWERS, term="q", estimate="1").note == "there is no term `q`; terms: (Intercept), a, b (table 1)"


def test_a_floor_of_what_is_allowed_is_not_said_of_a_frozen_answer(monkeypatch):
    def floor(share: float) -> float:
        monkeypatch.setattr(judge, "_floor", lambda *args: Floor(share, share, MOST_FLOOR))
        records = judged((entry("one", frozen=estimate("one")), estimate("one")))
        return next(r.floor for r in records if r.kind == "recorded")

    assert floor(EXACT) == 0.0 and floor(2 * EXACT) == 2 * EXACT and floor(1e-3) == 1e-3
