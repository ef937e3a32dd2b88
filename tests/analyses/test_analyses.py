"""The contract of analyses: one registry, one runner, and what it makes of an analysis that nobody listed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from conftest import FIXTURES
from parity.analyses import registry, run
from parity.analyses.frozen import answers_path
from parity.analyses.in_parts import Found, InParts, Nothing, refitted
from parity.base.cache import AnswerCache
from parity.base.errors import InputError, Unestimable
from parity.compare.lists import compare_numbers
from parity.study.load import load_study

needs_r = pytest.mark.needs_r
TOML = """
[study]
title = "Means"
unit = "firm"
time = "year"

[spec.one]
formula = "inv ~ value | firm"
"""


@dataclass
class Means(InParts):
    """Means of columns: an analysis that only this file knows."""

    answers: dict[str, Any]
    asked_r: int = 0
    name = "means"
    counted = "means"

    def asked(self, study) -> bool:
        return True

    def names(self, study):
        return ["inv", "value"]

    def content(self, study) -> str:
        return study.data_hash()

    def in_tables(self, study, tables) -> bool:
        return False

    def kind(self, name):
        return "index"

    def spec(self, name):
        return f"mean.{name}"

    def parts(self, study):
        yield "inv", 2.0
        yield "value", Nothing("never: no such mean", "declined")
        yield "capital", 0.0

    def find(self, part):
        if not part:
            raise Unestimable("nothing to take a mean of")
        return Found(part, {"mean": {"": part}}, notes=("by hand",), about={"Of": "a column"})

    def ask_r(self, part, folder):
        self.find(part)
        self.asked_r += 1
        return self.answers["inv"]

    def compare(self, part, answer, found):
        return compare_numbers(answer, {"mean": {"": found.own}}, {})


@pytest.fixture
def means(monkeypatch):
    """An analysis whose R answers as it is told, in this process."""

    def made(**answers) -> Means:
        one = Means(answers)
        monkeypatch.setattr("parity.analyses.run.ask", lambda which, study, timeout: which.in_r(study))
        return one

    return made


def test_the_registry_holds_every_folder_with_an_analysis():
    folders = sorted(p.parent.name for p in (registry.Path(registry.__file__).parent).glob("*/analysis.py"))
    assert {"index", "instruments", "mediation", "resampling", "summary"} <= set(folders)
    found = registry.analyses()
    assert [type(one).__module__.split(".")[2] for one in found.values()] == folders
    assert [name for name, one in found.items() if one.name != name] == []
    assert all(one.counted and one.schema.startswith("parity-") for one in registry.analyses().values())


@needs_r
def test_a_part_ends_in_a_record_whatever_becomes_of_it(make_study, means):
    study = load_study(make_study(TOML))
    found = run.analysed(means(inv={"mean": {"": 2.0}}), study)
    said = {r.spec: (r.verdict, r.note) for r in found.records}
    assert said == {
        "mean.inv": ("agree", "by hand"),
        "mean.value": ("declined", "never: no such mean"),
        "mean.capital": ("vacuous", "nothing to take a mean of"),
    }
    assert [d.spec for d in found.details] == ["mean.inv"] and found.details[0].about == {"Of": "a column"}


@needs_r
def test_what_differs_and_what_failed_is_said_of_the_right_side(make_study, means):
    study = load_study(make_study(TOML))
    (record, *_) = run.records_of(means(inv={"mean": {"": 2.5}}), study)
    assert (record.verdict, record.reference, record.candidate) == ("disagree", "base-r", "python")
    (record, *_) = run.records_of(means(inv={"failed": "R stopped"}), study)
    assert (record.verdict, record.reference, record.candidate, record.note) == ("failed", "", "base-r", "R stopped")


@needs_r
def test_it_is_asked_once_and_kept_unless_something_failed(make_study, means, tmp_path):
    study, cache = load_study(make_study(TOML)), AnswerCache(tmp_path / "kept")
    one = means(inv={"mean": {"": 2.0}})
    one.parts = lambda study: [("inv", 2.0), ("value", Nothing("never: no such mean", "declined"))]
    first = run.analysed(one, study, cache=cache)
    assert run.analysed(one, study, cache=cache) == first and one.asked_r == 1
    broken = means(inv={"failed": "R stopped"})
    broken.name = "broken"
    for times in (1, 2):
        run.analysed(broken, study, cache=cache)
        assert broken.asked_r == times


@needs_r
def test_answers_are_frozen_and_grow_stale(make_study, means, monkeypatch):
    folder = make_study(TOML)
    study, one = load_study(folder), means(inv={"mean": {"": 2.0}})
    assert run.freeze(one, study) == (answers_path(study, "means"), 1)
    monkeypatch.setenv("PARITY_R", "none")
    (record, *_) = run.records_of(one, study)
    assert (record.verdict, record.transport) == ("agree", "frozen")
    one.content = lambda study: "another"
    assert run.records_of(one, study)[0].verdict == "stale"
    held = json.loads(answers_path(study, "means").read_text())
    answers_path(study, "means").write_text(json.dumps(held | {"schema": "parity-columns/1"}))
    with pytest.raises(InputError, match="frozen answers"):
        run.records_of(one, study)


@needs_r
def test_an_answer_with_a_hole_is_not_frozen(make_study, means):
    with pytest.raises(InputError, match="R failed and nothing was recorded"):
        run.freeze(means(inv={"failed": "R stopped"}), load_study(make_study(TOML)))


def test_without_r_every_part_says_so(make_study, means, monkeypatch):
    monkeypatch.setenv("PARITY_R", "none")
    (record, *_) = run.records_of(means(), load_study(make_study(TOML)))
    assert record.verdict == "unavailable" and record.note


def test_each_question_has_the_patience_of_one(monkeypatch):
    """A study of many analyses is no slower engine."""
    given = []
    monkeypatch.setattr("parity.analyses.run.ask_r", lambda answer, study, timeout, names: given.append(timeout) or {})
    run.ask(Means({}), load_study(FIXTURES / "grunfeld"), 10.0)
    assert given == [20.0]


def test_how_many_draws_were_refitted_is_said():
    assert refitted(10, 100) == ("R refitted the first 10 of 100 draws",)
    assert refitted(100, 100) == ("R refitted all 100 of 100 draws",) and refitted(10, 0) == ()
