"""`parity run` holds indices and derived columns against R, live or frozen, and says when it can't."""

from __future__ import annotations

import json

import pytest

from parity.analyses.frozen import answers_path
from parity.analyses.index.analysis import judged
from parity.analyses.registry import analyses
from parity.analyses.run import analysed, freeze, records_of
from parity.base.errors import InputError
from parity.study.load import load_study

needs_r = pytest.mark.needs_r

STUDY = """
[study]
title = "an index"
unit = "firm"
time = "year"
[derive]
value_l1 = { lag = "value" }
size_l1 = { lag = "size" }
[index.size]
indicators = [{ column = "value", direction = "+" }, { column = "capital", direction = "+" }]
[index.size.variants]
pca = { method = "pca" }
year = { over = "year" }
[spec.a]
formula = "inv ~ size + value_l1 | firm"
"""


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    """A study with frozen numbers, as text of the file."""
    import shutil

    from conftest import FIXTURES

    folder = tmp_path_factory.mktemp("held") / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    shutil.copy(FIXTURES / "grunfeld" / "data.csv", folder / "data.csv")
    study = load_study(folder)
    live = records_of(analyses()["columns"], study)
    path, n = freeze(analyses()["columns"], study)
    assert n == 4
    return folder, live, path.read_text(encoding="utf-8")


@needs_r
def test_live_and_frozen_records(frozen, make_study, monkeypatch):
    folder, live, text = frozen
    assert [(r.spec, r.kind, r.verdict, r.transport) for r in live] == [
        (name, "index", "agree", "live") for name in ("derived columns", "index.size", "index.size.pca", "index.size.year")
    ]
    assert live[0].checked == 2 * 200
    monkeypatch.setenv("PARITY_R", "none")
    study = load_study(folder)
    held = records_of(analyses()["columns"], study)
    assert {(r.verdict, r.transport) for r in held} == {("agree", "frozen")}
    assert held[1].checked == 200 + 2 + 2
    other = json.loads(text)
    other["answers"]["index.size"]["numbers"]["score"][""][3] += 1e-8
    answers_path(study, "columns").write_text(json.dumps(other), encoding="utf-8")
    assert [r.verdict for r in records_of(analyses()["columns"], study)] == ["agree", "disagree", "agree", "agree"]
    answers_path(study, "columns").write_text(text.replace(other["hash"], "0"), encoding="utf-8")
    assert [r.verdict for r in records_of(analyses()["columns"], study)] == ["stale"]
    answers_path(study, "columns").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="can't be read as frozen answers"):
        records_of(analyses()["columns"], study)
    answers_path(study, "columns").write_text(text, encoding="utf-8")


def test_without_r_and_without_frozen_numbers_it_is_said(make_study, monkeypatch):
    monkeypatch.setenv("PARITY_R", "none")
    records = records_of(analyses()["columns"], load_study(make_study(STUDY)))
    assert [r.verdict for r in records] == ["unavailable"] * 4
    assert "PARITY_R=none" in records[0].note


def test_a_refusal_of_the_other_side_fails(make_study):
    study = load_study(make_study(STUDY))
    records = judged(study, {"derived columns": {"failed": "out of memory"}}, "live").records
    assert [(r.verdict, r.note) for r in records[:2]] == [("failed", "out of memory"), ("failed", "no answer")]


def test_a_study_without_columns_has_no_such_record(make_study):
    text = '[study]\ntitle = "plain"\n[derive]\na = "value * 2"\n[spec.a]\nformula = "inv ~ a"\n'
    assert records_of(analyses()["columns"], load_study(make_study(text))) == ()


DAYS = """
[study]
title = "days as numbers"
unit = "u"
time = "day"
[index.each]
indicators = [{ column = "a", direction = "+" }, { column = "b", direction = "-" }]
over = "year"
[spec.a]
formula = "a ~ b"
"""


@needs_r
def test_periods_with_long_numbers_keep_their_names(make_study):
    """20200101 and 20200102 are no 2.02001e+07 both."""
    rows = [f"{u},{day},{1 + u * k % 7},{2 + u * u * k % 5}" for u in range(1, 8)
            for k, day in enumerate((20200101, 20200102, 20200201), 1)]  # fmt: skip
    study = load_study(make_study(DAYS, "\n".join(["u,day,a,b", *rows]).encode()))
    found = analysed(analyses()["columns"], study)
    assert [r.verdict for r in found.records] == ["agree"]
    assert found.details[0].index.labels == ("20200101", "20200102", "20200201")
