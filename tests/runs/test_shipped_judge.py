"""The record of an engine as shipped, case by case."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from parity.results.estimate import Declined, Failed, Part, Unavailable
from parity.results.record import Record
from parity.runs.shipped.judge import Held, held_against, reference_of, shipped_record
from parity.runs.worker import SpecFacts
from test_judge import COVARIANCE, FACTS, SPEC, entry, estimate

COUNTED = SpecFacts(FACTS)
REFERENCE = reference_of(SPEC, COUNTED, [(entry("one"), estimate("one"))])
RIGHT = (Part(matrix=(COVARIANCE * 50 / 47).tolist()),)


def answer(**update):
    return estimate("two", **({"basis": "as shipped", "df_t": 47.0, "parts": RIGHT, "command": "two(y ~ a + b)"} | update))


def record(given, why=None, **more) -> Record:
    return shipped_record("study", SPEC, REFERENCE, held_against(REFERENCE, COUNTED, entry("two", **more), given), why)


@pytest.mark.parametrize(
    ("given", "more", "verdict", "note", "warnings"),
    [
        (Declined(engine="two", gap="never", reason="no"), {}, "declined", "never: no", ()),
        (Unavailable(engine="two", reason="not here"), {}, "unavailable", "not here", ()),
        (Unavailable(engine="two", reason="not here", remedy="install it"), {}, "unavailable", "not here; install it", ()),
        (Failed(engine="two", reason="it broke", warnings=("w",)), {}, "failed", "it broke", ("w",)),
        (answer(warnings=("v",)), {"transport": "frozen", "stale": "moved"}, "stale",
         "moved; run parity freeze --as-shipped", ("v",)),
    ],
)  # fmt: skip
def test_what_ends_before_a_comparison(given, more, verdict, note, warnings):
    found = record(given, **more)
    assert (found.verdict, found.note, found.warnings) == (verdict, note, warnings)
    assert (found.kind, found.mode, found.candidate, found.reference) == ("estimate", "as-shipped", "two", "")
    assert found.transport == more.get("transport", "live") and found.checked == 0


def test_an_answer_that_agrees():
    for more in ({}, {"transport": "frozen"}, {"stale": "moved"}):
        found = record(answer(warnings=("v",)), **more)
        assert (found.verdict, found.reference, found.note, found.causes) == ("agree", "one", "", ())
        assert found.how == "two(y ~ a + b)" and found.warnings == ("v",) and found.accuracy == "exact"
        assert found.checked > 20 and found.digits > 9
    loose = record(answer(accuracy="iterative"))
    assert (loose.verdict, loose.accuracy) == ("agree", "iterative")
    assert record(answer(accuracy="normal-equations")).accuracy == "normal-equations"


def test_without_a_reference_it_is_held_against_nothing():
    held = held_against(None, COUNTED, entry("two"), answer())
    assert held.side is not None and not held.differs and held.result is None
    found = shipped_record("study", SPEC, None, held, None)
    assert (found.verdict, found.note) == ("declined", "never: there is no reference to hold it against")


@pytest.mark.parametrize(
    ("why", "verdict", "note"),
    [
        (Failed(engine="two", reason="no memory"), "failed", "the difference could not be explained: no memory"),
        (SimpleNamespace(verdict="agree"), "disagree", "it is what the declared convention gives; the reference is not"),
        (SimpleNamespace(verdict="disagree", nearest=None, worlds=12), "disagree",
         "no cause explains it, 12 combinations were tried"),
        (SimpleNamespace(verdict="disagree", nearest=SimpleNamespace(id="hc4", residual=0.0123), worlds=12), "disagree",
         "no cause explains it, 12 combinations were tried; nearest: hc4, which leaves 1.2e-02"),
        (SimpleNamespace(verdict="explained", causes=()), "explained", ""),
    ],
)  # fmt: skip
def test_why_an_answer_differs(why, verdict, note):
    found = record(answer(df_t=46.0), why)
    assert (found.verdict, found.note) == (verdict, note) and found.differences


def test_causes_are_counted_by_the_explanation_they_belong_to():
    from parity.runs.shipped.judge import _explained

    why = SimpleNamespace(verdict="explained", causes=[
        SimpleNamespace(as_causes=lambda i: (("a", i), ("b", i))), SimpleNamespace(as_causes=lambda i: (("c", i),)),
    ])  # fmt: skip
    assert _explained(why) == ("explained", "", (("a", 0), ("b", 0), ("c", 1)))


def test_only_what_was_compared_can_differ():
    assert (
        not Held(entry("two"), answer()).differs and not Held(entry("two"), Failed(engine="two", reason="x")).may_lose_digits
    )
