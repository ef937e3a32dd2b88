"""Freezing without R: which engines are asked, what is written, and when nothing is. Engines are miniatures."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import miniatures as m
from parity.base.errors import InputError
from parity.base.pool import Lost
from parity.engines import frozen as f
from parity.engines.shipped import BASIS
from parity.results.estimate import Declined, Failed, Unavailable
from parity.runs import ask
from parity.runs import freeze as z
from parity.study.load import load_study

STUDY = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[spec.two_way]
formula = "inv ~ value + capital | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.hc2]
formula = "inv ~ value"
vcov = "HC2"
convention = "regress"

[spec.plain]
formula = "inv ~ value"
vcov = "iid"
convention = "regress"

[spec.lagged]
formula = "inv ~ 0 + l(inv, 1)"
model = "difference_gmm"
dynamic = { gmm = { inv = [2, 3] }, collapse = true }
"""


class Shipped(m.Miniature):
    """As shipped it iterates, and asked again it says what it avoids."""

    def shipped(self, spec, design, tight):
        accuracy = "iterative" if design.effects else "exact"
        answer = m.right(self.info.id, spec, design).model_copy(update={"accuracy": accuracy})
        return answer.model_copy(update={"avoids": "absorption-tolerance"}) if tight else answer


class Away(m.Miniature):
    def availability(self):
        return Unavailable(engine="away", reason="not here", remedy="install it")


def engine(name: str, defect=None, language="recorded", kind=m.Miniature):
    one = m.miniature(name, defect)
    return kind(replace(one.info, language=language), defect)


@pytest.fixture
def frozen(make_study, monkeypatch):
    """Freeze a study by these engines, in this process; the study and what was yielded."""

    def run(calls, *, jobs, timeout, done):
        assert jobs >= 1 and timeout > 0
        for call in calls:
            assert call.lane == "python"
            done(call.key, call.function(*call.args))

    monkeypatch.setattr(ask, "run_calls", run)

    def made(*engines, ids=None, **options):
        study = load_study(make_study(STUDY))
        known = {e.info.id: e for e in engines}
        monkeypatch.setattr(z.registry, "registry", lambda: known)
        monkeypatch.setattr(z.registry, "engine", known.__getitem__)
        return study, list(z.freeze_study(study, ids, **options))

    return made


def test_every_engine_but_pythons_is_frozen(frozen):
    away = engine("away", kind=Away)
    study, written = frozen(engine("ref"), engine("own", language="python"), away)
    path = f.reference_path(study, "ref")
    assert path == study.folder / "references" / "ref.json" and written == [(path, 3)]  # HC2 is declined before it is asked
    held = f.read_reference(path)
    assert set(held.answers) == {"two_way", "plain", "lagged"} and held.engine == "ref" and held.study == study.id
    assert held.command == f"parity freeze {study.id} --engine ref" and held.versions == {"miniature": "1"}
    assert held.data_hash == study.data_hash()
    assert held.answers["plain"].spec_hash == study.spec_hash(study.spec("plain"))
    assert list((study.folder / "references").iterdir()) == [path]
    # by name, Python's own too
    study, written = frozen(engine("own", language="python"), ids=["own"])
    assert [p.name for p, _ in written] == ["own.json"]
    with pytest.raises(InputError, match="not here; install it"):
        frozen(away, ids=["away"])


def test_nothing_is_written_where_an_answer_failed(frozen):
    broken = engine("ref", lambda e, spec, d: Failed(engine="ref", reason="it broke") if spec.id == "plain" else e)
    with pytest.raises(InputError, match="ref failed and nothing was recorded: it broke"):
        frozen(broken)


def test_a_lost_call_is_a_failure(frozen, monkeypatch, make_study):
    study = load_study(make_study(STUDY))
    monkeypatch.setattr(ask, "run_calls", lambda calls, *, done, **more: [done(c.key, Lost("it died")) for c in calls])
    with pytest.raises(InputError, match="it died"):
        list(z.freeze_study(study, ["py-moments"]))


def test_what_is_declined_is_no_answer_and_an_engine_without_any_has_no_file(frozen):
    declines = engine(
        "ref", lambda e, spec, d: Declined(engine="ref", gap="never", reason="no") if spec.id == "plain" else e
    )
    study, written = frozen(declines)
    assert [n for _, n in written] == [2] and set(f.read_reference(written[0][0]).answers) == {"two_way", "lagged"}
    study, written = frozen(engine("none", lambda e, spec, d: Declined(engine="none", gap="never", reason="no")))
    assert written == [] and not f.reference_path(study, "none").exists()


def test_as_shipped_what_loses_digits_is_asked_again(frozen):
    study, written = frozen(engine("ref", kind=Shipped), as_shipped=True)
    path = f.reference_path(study, "ref", shipped=True)
    assert path.name == "ref.shipped.json" and written == [(path, 3)]
    held = f.read_reference(path)
    again = [name for name in held.answers if name not in ("two_way", "plain")]
    assert len(again) == 1 and again[0].startswith("two_way#")
    assert held.answers[again[0]].answer.avoids == "absorption-tolerance" and held.answers["plain"].answer.basis == BASIS
    assert held.answers[again[0]].spec_hash == held.answers["two_way"].spec_hash
    assert held.command.endswith("--engine ref --as-shipped")


def test_a_folder_that_leads_elsewhere_is_not_written(frozen, tmp_path, monkeypatch, make_study):
    study = load_study(make_study(STUDY))
    (tmp_path / "elsewhere").mkdir()
    (study.folder / "references").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setattr(z.registry, "registry", lambda: {"ref": engine("ref")})
    monkeypatch.setattr(ask, "run_calls", lambda calls, *, done, **more: [done(c.key, c.function(*c.args)) for c in calls])
    with pytest.raises(InputError, match="lies outside the study's folder"):
        list(z.freeze_study(study))
    assert not list((tmp_path / "elsewhere").iterdir())


# ---------------------------------------------------------------- the file


def test_a_file_that_is_not_there_holds_nothing(tmp_path):
    assert f.read_reference(tmp_path / "none.json") is None


def test_what_is_no_reference_of_this_engine_and_study_is_refused(frozen):
    _, ((path, _),) = frozen(engine("ref"))
    text = path.read_text()

    def says(body: str, message: str, name: str = "ref.json") -> None:
        other = path.with_name(name)
        other.write_text(body)
        with pytest.raises(InputError, match=message):
            f.read_reference(other)

    says(text, "these are the answers of `ref`, not of `two`", "two.json")
    body = json.loads(text)
    body["answers"]["plain"]["answer"]["engine"] = "another"
    says(json.dumps(body), "these are the answers of `another`, not of `ref`")
    says(text, "answers as shipped and under a declared convention are kept apart", "ref.shipped.json")
    shipped = json.loads(text)
    shipped["answers"]["plain"]["answer"]["basis"] = BASIS
    says(json.dumps(shipped), "are kept apart")
    says(json.dumps(json.loads(text) | {"study": "elsewhere"}), "recorded for the study `elsewhere`")
    says("[]", "not a frozen reference")
    says("{}", "study: not a frozen reference: field required")


def test_numbers_are_text_and_a_date_moves_only_with_what_it_dates(tmp_path):
    assert f._text_numbers({"a": [0.1, (1.0, 2)], "b": "x", "c": True}) == {
        "a": ["0.10000000000000001", ["1", 2]], "b": "x", "c": True,
    }  # fmt: skip
    file = tmp_path / "a.json"
    new = {"recorded": "2027-01-01", "a": [1, 2]}
    assert f.dated(new, file) == new
    for before, kept in (
        ({"recorded": "2026-01-01", "a": [1, 2]}, "2026-01-01"), ({"recorded": "2026-01-01", "a": [1, 3]}, "2027-01-01"),
        ({"a": [1, 2]}, "2027-01-01"), ([1, 2], "2027-01-01"),
    ):  # fmt: skip
        file.write_text(json.dumps(before))
        assert f.dated(new, file) == new | {"recorded": kept}
    file.write_text("no JSON")
    assert f.dated(new, file) == new
