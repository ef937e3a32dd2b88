"""Printed numbers of an analysis against made-up ones: names, terms, stars, and analyses that have no number."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest

from conftest import FIXTURES
from parity.base.errors import Unestimable
from parity.results.cause import Cause
from parity.results.record import Number, Record
from parity.runs import judge_analyses as j
from parity.study.load import load_study
from parity.study.published import Published

STUDY = load_study(FIXTURES / "grunfeld")
NUMBERS = {
    ("weak_f", ""): 12.3456, ("underidentified", ""): 7.5, ("underidentified p", ""): 0.02,
    ("effect", "indirect m"): -0.25, ("effect", "direct"): 0.5, ("p", "direct"): 0.004, ("weight", "gdp"): 0.125,
}  # fmt: skip


def judged(term: str = "", numbers=NUMBERS, **given) -> Record:
    return j._record(STUDY, Published(analysis="index.one", term=term, source="table 1", **given), numbers)


@pytest.mark.parametrize(
    ("term", "statistic", "verdict"),
    [
        ("", {"weak_f": "12.35"}, "agree"), ("", {"weak_f": "12.34"}, "disagree"), ("", {"kp_f": "12.35"}, "agree"),
        ("direct", {"effect": "0.50", "p": "0.004"}, "agree"), ("direct", {"effect": "0.50", "p": "0.005"}, "disagree"),
        ("indirect m", {"effect": "-0.25"}, "agree"), ("indirect  m", {"effect": "-0.25"}, "agree"),
        ("indirectm", {"effect": "-0.25"}, "agree"), ("gdp", {"weight": ".125"}, "agree"),
    ],
)  # fmt: skip
def test_numbers_by_their_names(term, statistic, verdict):
    record = judged(term, statistic=statistic)
    assert (record.verdict, record.checked) == (verdict, len(statistic))
    assert (record.kind, record.spec, record.candidate, record.accuracy) == ("printed", "index.one", "python", "printed")
    assert record.reference == "published" and record.study == STUDY.id and record.note == "table 1"


@pytest.mark.parametrize(
    ("term", "statistic", "note"),
    [
        ("", {"weakf": "1"}, "index.one has no `weakf`: did you mean `weak_f`? (table 1)"),
        ("", {"qqqq": "1"}, "index.one has no `qqqq`; known: weak_f, underidentified, underidentified p, effect, p, weight"),
        ("dirct", {"effect": "1"}, "index.one has no `effect` of `dirct`: did you mean `direct`? (table 1)"),
        ("zzzz", {"effect": "1"}, "index.one has no `effect` of `zzzz`; terms: indirect m, direct (table 1)"),
        ("", {"weight": "1"}, "index.one has no a `weight` without a term; terms: gdp (table 1)"),
    ],
)  # fmt: skip
def test_names_that_there_are_not(term, statistic, note):
    record = judged(term, statistic=statistic)
    assert record.verdict == "disagree" and record.note.startswith(note), record.note


def test_a_name_of_its_own_is_no_other_name_of_anything():
    """`sargan` is what some call `overidentified`; where an analysis has both, each is itself."""
    both = {("sargan", ""): 1.5, ("overidentified", ""): 2.5}
    for name, text in (("sargan", "1.5"), ("overidentified", "2.5"), ("hansen_j", "2.5")):
        assert judged(numbers=both, statistic={name: text}).verdict == "agree", name
    unknown = judged(numbers={("weak_f", ""): 1.0}, statistic={"sargan": "1.5"})
    assert unknown.note.startswith("index.one has no `sargan`; known: weak_f")


def test_stars_of_an_analysis():
    cuts = (0.1, 0.05, 0.01)
    assert judged(statistic={"underidentified": "7.50**"}, stars=cuts).verdict == "agree"
    assert judged(statistic={"underidentified": "7.50*"}, stars=cuts).verdict == "disagree"
    assert judged("direct", statistic={"effect": "0.50***"}, stars=cuts).verdict == "agree"
    nothing = judged(statistic={"weak_f": "12.35*"}, stars=cuts)
    assert (
        nothing.verdict == "disagree" and nothing.note.startswith("`weak_f` has no p-value") and "(table 1)" in nothing.note
    )
    unsaid = judged(statistic={"weak_f": "12.35*"})
    assert unsaid.verdict == "agree" and unsaid.note.startswith("table 1; the stars of weak_f are not compared")
    assert [(u.quantity, u.term) for u in unsaid.uncompared] == [("stars", "weak_f")]
    # of an unknown name that alone is said
    assert "stars" not in judged(statistic={"weakf": "12.35*"}).note


def test_an_analysis_without_numbers_fails():
    record = judged(numbers="too few rows", statistic={"weak_f": "1"})
    assert (record.verdict, record.note, record.checked) == ("failed", "too few rows (table 1)", 0)


# ---------------------------------------------------------------- what Python finds


@dataclass
class Fake:
    """An analysis that says what it is asked."""

    kinds: tuple[str, ...] = ("magic", "trick")
    asked: list = field(default_factory=list)

    def conventions(self, study, name):
        return ()

    def found(self, study, name):
        self.asked.append(name)
        if name == "magic.none":
            raise Unestimable("nothing up the sleeve")
        if name == "magic.gone":
            raise KeyError("the rabbit is gone")
        if name == "magic.mute":
            raise Unestimable
        yield "a", {"x": 1, "y": None, "z": math.nan}
        yield "b", {"": 2.5}


@pytest.fixture
def fake(monkeypatch):
    one = Fake()
    monkeypatch.setattr(j, "analyses", lambda: {"one": one, "two": Fake(kinds=("other",))})
    return one


def test_numbers_are_those_that_are_known(fake):
    assert j.numbers_of(STUDY, "magic.hat") == {("a", "x"): 1.0, ("b", ""): 2.5}
    assert j.numbers_of(STUDY, "magic.none") == "nothing up the sleeve"
    assert j.numbers_of(STUDY, "magic.gone") == "the rabbit is gone" and j.numbers_of(STUDY, "magic.mute") == ""
    said = j.numbers_of(STUDY, "nosuch.hat")
    assert said == "there is no analysis `nosuch.hat`; names start with magic, trick, other"


def test_each_analysis_is_made_once_and_not_at_all_where_a_record_keeps_it(fake):
    entries = [
        Published(analysis=name, term=term, source="t", statistic={"a": text})
        for name, term, text in (("magic.hat", "x", "1"), ("magic.hat", "x", "2"), ("trick.kept", "x", "7"))
    ]
    entries.append(Published(spec=STUDY.specs[0].id, source="t", term="value", estimate="1"))
    kept = Record(study=STUDY.id, spec="trick.kept", kind="index", reference="", candidate="", verdict="agree",
                  numbers=(Number(quantity="a", term="x", value=7.0),))  # fmt: skip
    bare = kept.model_copy(update={"spec": "magic.hat", "numbers": ()})
    records = j.printed_records(STUDY.model_copy(update={"published": tuple(entries)}), (kept, bare))
    assert [(r.spec, r.verdict) for r in records] == [
        ("magic.hat", "agree"), ("magic.hat", "disagree"), ("trick.kept", "agree"),
    ]  # fmt: skip
    assert fake.asked == ["magic.hat"]


def test_causes_are_sought_once_of_an_analysis_for_all_that_is_printed_of_it(fake, monkeypatch):
    """It is explained where each of its causes is certain; what agrees, or has no number, has no cause."""
    sure, chance = Cause(id="sure", text="", residual=0.0), Cause(id="luck", text="", residual=0.0, chance=0.5)
    found = {"magic.hat": (sure,), "trick.hat": (sure, chance), "magic.other": ()}
    asked = []

    def causes_of(study, one, name, numbers, differing):
        asked.append((name, one is fake, len(differing(numbers))))
        return found[name]

    monkeypatch.setattr(j, "causes_of", causes_of)
    printed = [("magic.hat", "1"), ("magic.hat", "2"), ("trick.hat", "2"), ("magic.hat", "3"), ("magic.other", "4"),
               ("magic.none", "1")]  # fmt: skip
    entries = [Published(analysis=name, term="x", source="t", statistic={"a": text}) for name, text in printed]
    records = j.printed_records(STUDY.model_copy(update={"published": tuple(entries)}), ())
    assert [(r.verdict, r.causes) for r in records] == [
        ("agree", ()), ("explained", (sure,)), ("disagree", (sure, chance)), ("explained", (sure,)), ("disagree", ()),
        ("failed", ()),
    ]  # fmt: skip
    assert asked == [("magic.hat", True, 2), ("trick.hat", True, 1), ("magic.other", True, 1)]
