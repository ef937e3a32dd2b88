"""Answers of R about a study, kept or asked, where R itself is not needed: a stand-in says whether it is here."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from conftest import FIXTURES
from parity.analyses import frozen as f
from parity.base.errors import InputError
from parity.study.load import load_study

TOML = '[study]\ntitle = "Means"\nunit = "firm"\ntime = "year"\n\n[spec.one]\nformula = "inv ~ value | firm"\n'


@pytest.fixture
def study(make_study, monkeypatch):
    monkeypatch.setattr("parity.r.probe.probe", lambda: SimpleNamespace(version="4.5.1"))
    return load_study(make_study(TOML))


def here(monkeypatch, missing) -> None:
    monkeypatch.setattr(f, "missing_r", lambda: missing)


def asked(study, transport="auto", content="h", **more) -> f.Held:
    return f.answers_of(study, "means", content, transport, lambda: {"asked": {}}, **more)


ANSWERS = {"inv": {"mean": 2.0}, "价值": {"mean": 1.5}}


def test_r_is_asked_where_it_is_and_may_be(study, monkeypatch):
    here(monkeypatch, None)
    assert asked(study) == asked(study, "live") == f.Held({"asked": {}}, "live")
    assert asked(study, "frozen") == f.Held(verdict="unavailable", note="not frozen")
    here(monkeypatch, ("R is not here", "install it"))
    for transport in ("auto", "live", "frozen"):
        assert asked(study, transport) == f.Held(verdict="unavailable", note="R is not here; install it")


def test_what_was_frozen_stands_in_until_it_is_stale(study, monkeypatch):
    here(monkeypatch, ("R is not here", "install it"))
    path = f.freeze_answers(study, "means", "h", ANSWERS)
    assert path == f.answers_path(study, "means") == study.kept_as("means")
    assert asked(study) == asked(study, "frozen") == f.Held(ANSWERS, "frozen")
    assert asked(study, "live").verdict == "unavailable"
    stale = asked(study, content="another")
    assert (stale.answers, stale.how, stale.verdict) == ({}, "frozen", "stale") and "run parity freeze" in stale.note
    here(monkeypatch, None)
    assert asked(study) == f.Held({"asked": {}}, "live") and asked(study, "frozen").answers == ANSWERS


def test_the_file_says_what_made_it(study, monkeypatch):
    path = f.freeze_answers(study, "means", "h", ANSWERS, keep=lambda a: {"inv": a["inv"]})
    held = json.loads(path.read_text(encoding="utf-8"))
    assert held["answers"] == {"inv": ANSWERS["inv"]} and held["schema"] == "parity-answers/1" and held["hash"] == "h"
    assert (
        held["versions"] == {"R": "4.5.1"} and held["command"] == f"parity freeze {study.id}" and held["study"] == study.id
    )
    f.freeze_answers(study, "means", "h", ANSWERS)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert '"inv": {"mean": 2.0},' in lines and '"价值": {"mean": 1.5}' in lines  # a line per answer, as it is written
    monkeypatch.setattr("parity.r.probe.probe", lambda: None)
    f.freeze_answers(study, "means", "h", ANSWERS)
    assert json.loads(path.read_text(encoding="utf-8"))["versions"] == {"R": ""}
    # frozen again without a change it keeps its date
    body = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(body | {"recorded": "2020-01-01"}), encoding="utf-8")
    f.freeze_answers(study, "means", "h", ANSWERS)
    assert json.loads(path.read_text(encoding="utf-8"))["recorded"] == "2020-01-01"
    f.freeze_answers(study, "means", "i", ANSWERS)
    assert json.loads(path.read_text(encoding="utf-8"))["recorded"] != "2020-01-01"


def test_an_answer_with_a_hole_is_not_frozen(study):
    with pytest.raises(InputError, match="R failed and nothing was recorded: it stopped"):
        f.freeze_answers(study, "means", "h", ANSWERS | {"x": {"failed": "it stopped"}})
    assert not f.answers_path(study, "means").exists()


@pytest.mark.parametrize(
    "change", [{"schema": "parity-other/1"}, {"study": "another"}, {"answers": []}, {"hash": None}, None]
)
def test_a_file_of_something_else_is_refused(study, monkeypatch, change):
    here(monkeypatch, ("R is not here", "install it"))
    path = f.freeze_answers(study, "means", "h", ANSWERS)
    body = json.loads(path.read_text(encoding="utf-8"))
    if change == {"hash": None}:
        del body["hash"]
    path.write_text("no JSON" if change is None else json.dumps(body | (change if change != {"hash": None} else {})))
    with pytest.raises(InputError, match="can't be read as frozen answers"):
        asked(study)


def test_a_schema_of_its_own(study, monkeypatch):
    here(monkeypatch, ("R is not here", "install it"))
    f.freeze_answers(study, "means", "h", ANSWERS, "parity-means/1")
    assert asked(study, schema="parity-means/1").answers == ANSWERS
    with pytest.raises(InputError):
        asked(study)


def test_the_bundled_study_has_its_answers(monkeypatch):
    here(monkeypatch, ("R is not here", "install it"))
    bundled = load_study(FIXTURES / "digital_trade")
    assert f._read(bundled, "no-such-analysis", f.FORMAT) is None
