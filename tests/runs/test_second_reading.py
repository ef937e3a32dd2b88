"""R reads file and study for itself: what it finds is what parity found, and a mistake of either side alone is red."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import parity.data.evaluate
import parity.data.load
import parity.runs.worker
import parity.sample.build
from conftest import FIXTURES, ROOT
from parity.base.cache import AnswerCache
from parity.data.load import load_frame
from parity.engines import engine
from parity.r.scripts import scripts_folder
from parity.report.words import headline, last_line
from parity.runs.runner import run
from parity.runs.second_reading.planned import freeze_second_reading, second_reading_of
from parity.runs.second_reading.records import DATA_FILE, RECORDS, read_again, second_reading
from parity.runs.second_reading.sample import of_design
from parity.sample.build import build_design
from parity.study.load import load_study

needs_r = pytest.mark.needs_r
BUNDLED = sorted(p.parent.name for p in FIXTURES.glob("*/study.toml"))
PANEL = """
[study]
title = "Grunfeld"
language = "zh"
unit = "firm"
time = "year"

[derive]
ratio = "inv / capital"
value_w = { winsorise = "value", cuts = [5, 95] }

[spec.lagged]
formula = "log(inv) ~ l(value, 1) + ratio | firm + year"
where = "year > 1936 and firm not in [3, 7]"
vcov = { cluster = ["firm"] }

[spec.cut]
formula = "inv ~ value_w + i(year)"

[spec.within]
formula = "inv ~ value | firm"
"""


def records_of(study):
    frame = load_frame(study)
    return tuple(second_reading(study, frame, lambda spec: of_design(build_design(study, spec, frame))))


def verdicts(records):
    return {r.spec: r.verdict for r in records}


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_studies_are_what_r_read_when_they_were_frozen(name, monkeypatch):
    monkeypatch.setenv("PARITY_R", "none")
    study = load_study(FIXTURES / name)
    asked = second_reading_of(study, study.data_hash(), "frozen")
    assert asked.question, asked.records
    again = asked.question.read(read_again(*asked.question.call.args))
    assert {r.verdict for r in again} == {"agree"}, [r.note for r in again if r.verdict != "agree"]
    assert {r.spec for r in again} == {*(s.id for s in study.specs), DATA_FILE}
    assert {r.transport for r in again} == {"frozen"}


@needs_r
@pytest.mark.parametrize("name", ["grunfeld", "hard_cases", "mtcars", "fatalities"])
def test_bundled_studies_are_what_r_reads_now(name):
    study = load_study(FIXTURES / name)
    found = records_of(study)
    assert {r.verdict for r in found} == {"agree"}, [r.note for r in found if r.verdict != "agree"]
    assert min(r.digits for r in found) > 12


def mistaken_logs(monkeypatch):
    original = parity.data.evaluate._call
    monkeypatch.setattr(parity.data.evaluate, "_call", lambda f, *rest: original(f, *rest) * (1 + 1e-9 if f == "log" else 1))


def leading_lags(monkeypatch):
    original = parity.data.evaluate._shift
    monkeypatch.setattr(parity.data.evaluate, "_shift", lambda x, frame, panel, k: original(x, frame, panel, -k))


def filters_ignored(monkeypatch):
    monkeypatch.setattr(parity.data.evaluate, "condition", lambda expr, frame, panel: np.ones(len(frame), dtype=bool))


def singletons_stay(monkeypatch):
    def all_stay(effects, frequency=None):
        return np.ones(len(next(iter(effects.values()))), dtype=bool)

    monkeypatch.setattr(parity.sample.build, "singletons_dropped", all_stay)


def a_digit_misread(monkeypatch):
    original = parity.data.load.read_frame
    monkeypatch.setattr(parity.data.load, "read_frame", lambda *a: original(*a).replace({"value": {3078.5: 3078.6}}))


def firms_merged(monkeypatch):
    original = parity.data.evaluate.codes
    monkeypatch.setattr(parity.data.evaluate, "codes", lambda f, c: np.where(original(f, c) == 5, 4, original(f, c)))


SAID = {
    mistaken_logs: ("lagged", "the outcome: 144 of 144 values differ, first in row "),
    leading_lags: ("lagged", "rows"),
    filters_ignored: ("lagged", "only parity's sample has"),
    a_digit_misread: (
        DATA_FILE,
        "column `value`: 1 of 200 values differ, first in row 2: 3078.5 by R's reading, 3078.6 here",
    ),
    firms_merged: ("within", "fixed effect firm: row 82 and row 102 are in one group by parity's sample alone"),
}


@needs_r
@pytest.mark.parametrize("mistake", SAID, ids=lambda f: f.__name__)
def test_a_mistake_on_our_side_alone_is_red(make_study, monkeypatch, mistake):
    study = load_study(make_study(PANEL))
    assert set(verdicts(records_of(study)).values()) == {"agree"}
    mistake(monkeypatch)
    found = {r.spec: r for r in records_of(study)}
    spec, said = SAID[mistake]
    assert found[spec].verdict == "disagree"
    assert said in found[spec].note, found[spec].note
    assert found[spec].note in headline(found[spec])


@needs_r
def test_singletons_are_dropped_by_both(make_study, monkeypatch):
    toml = PANEL + '\n[spec.alone]\nformula = "inv ~ value + capital | firm"\nwhere = "firm > 1 or year == 1935"\n'
    study = load_study(make_study(toml))
    assert verdicts(records_of(study))["alone"] == "agree"
    singletons_stay(monkeypatch)
    assert verdicts(records_of(study))["alone"] == "disagree"


@needs_r
def test_a_run_says_that_r_reads_the_same_and_fails_where_it_does_not(make_study, monkeypatch):
    study = load_study(make_study(PANEL))
    engines = [engine("py-moments"), engine("py-statsmodels")]
    report = run([study], engines=engines, cache=AnswerCache(None))
    assert report.exit_code == 0
    assert "R, reading for itself, has the same data and samples of 3 specifications" in last_line(report)
    freeze_second_reading(study)
    firms_merged(monkeypatch)  # in this process alone: the workers of a run are fresh ones
    monkeypatch.setattr(parity.runs.worker, "_designs", {})
    kept = second_reading_of(study, study.data_hash(), "frozen").question.call.args[-1]
    found = {r.spec: r for r in RECORDS.validate_json(read_again(study, study.data_hash(), kept))}
    assert found["within"].verdict == "disagree"
    assert "fixed effect firm is not what R read when the answers were frozen" in found["within"].note


@needs_r
def test_frozen_readings_of_other_data_are_stale(make_study, monkeypatch):
    folder = make_study(PANEL)
    freeze_second_reading(load_study(folder))
    (folder / "study.toml").write_text(PANEL.replace("Grunfeld", "A title moves nothing"), encoding="utf-8")
    assert second_reading_of(load_study(folder), load_study(folder).data_hash(), "frozen").question is not None
    moved = PANEL.replace("1936", "1937") + '[spec.new]\nformula = "inv ~ capital"\n'
    (folder / "study.toml").write_text(moved, encoding="utf-8")
    study = load_study(folder)
    kept = second_reading_of(study, study.data_hash(), "frozen").question.call.args[-1]
    found = verdicts(RECORDS.validate_json(read_again(study, study.data_hash(), kept)))
    assert found == {"lagged": "stale", "cut": "agree", "within": "agree", "new": "unavailable", DATA_FILE: "agree"}
    (folder / "study.toml").write_text(PANEL.replace("[5, 95]", "[1, 99]"), encoding="utf-8")
    study = load_study(folder)
    (record,) = second_reading_of(study, study.data_hash(), "frozen").records
    assert (record.verdict, record.harmless) == ("stale", False)


def test_without_r_and_without_frozen_answers_it_is_said(make_study, monkeypatch):
    monkeypatch.setenv("PARITY_R", "none")
    study = load_study(make_study(PANEL))
    report = run([study], engines=[engine("py-moments"), engine("py-statsmodels")], cache=AnswerCache(None))
    (record,) = [r for r in report.records if r.kind == "reading"]
    assert record.verdict == "unavailable"
    assert "not read a second time: R is switched off" in last_line(report)


@needs_r
def test_what_r_cannot_read_is_said(tmp_path):
    import pandas as pd

    pd.read_csv(FIXTURES / "grunfeld" / "data.csv").to_parquet(tmp_path / "data.parquet")
    (tmp_path / "study.toml").write_text(PANEL.replace("[derive]", 'data = "data.parquet"\n\n[derive]', 1), encoding="utf-8")
    (record,) = records_of(load_study(tmp_path))
    assert record.verdict == "declined"
    assert record.note == "not read a second time: R has no reader of .parquet files here"


@needs_r
def test_the_words_of_the_grammar_are_read_alike():
    """Names of columns are written from the tree, so the same name is the same tree."""
    from parity.study.grammar import parse_expression, parse_formula

    texts = [
        "a + b * c ^ 2 - -d / 3", "not a == 1 and b != 'x' or c >= .5e-3", "a in [1, -2, 'b']", "a not in ['x']",
        "`人均 GDP` / income", "l(log(x), 2) + f(x) - d(y, 1)", "is_missing(notes) or android > 2", "-2 ^ 2 ^ -1",
        '"it\'s" == x', "(a - b) - (c - d)", "x.1 + _y * 1e5", "not (not a > 0)",
    ]  # fmt: skip
    code = f'source("{scripts_folder() / "sample" / "grammar.R"}"); given <- readLines(file("stdin"), encoding = "UTF-8"); '
    code += f'n <- {len(texts)}; for (text in given[seq_len(n)]) cat(reading_label(reading_expression(text)), "\\n"); '
    code += 'for (text in given[-seq_len(n)]) for (item in reading_formula(text)$exog) cat(reading_label(item), "\\n")'
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    formulas = [
        "y ~ I(x^2) + I(x / 100) + I((a + b) * c) + I(-x^2) + I((-x)^3) + I(a - (b - c)) + I(x > 5) + I(a / (b * c)) + I(z)",
        "y ~ C(g) + factor(h) + poly(x, 3, raw = TRUE) + I(x^2):i(g) + a*I(b * c)",
    ]
    given = "\n".join([*texts, *formulas])
    out = subprocess.run(["Rscript", "-e", code], input=given, capture_output=True, text=True, check=True, env=environment)
    assert [line.strip() for line in out.stdout.splitlines()] == [
        *(str(parse_expression(t)) for t in texts),
        *(str(item) for text in formulas for item in parse_formula(text).exog),
    ]


def test_r_s_side_evaluates_no_text():
    """No word of a study reaches R's own parser, and nothing that Python parsed reaches R."""
    for file in sorted((ROOT / "r_scripts" / "sample").glob("*.R")):
        text = file.read_text(encoding="utf-8")
        assert not any(word in text for word in ("eval(", "parse(", "as.formula", "str2lang")), file.name
    asking = (Path(parity.__file__).parent / "runs" / "second_reading" / "asking.py").read_text(encoding="utf-8")
    assert "parity.study.grammar" not in asking and "parity.data.evaluate" not in asking


@needs_r
def test_freezing_passes_over_what_cannot_be_estimated(make_study):
    """R refuses an order that ours refuses too: the other samples are recorded, and a frozen run says nothing of it."""
    months = "\n".join(
        f"{firm},{month},{firm + i},{firm * i}" for firm in range(6) for i, month in enumerate(["Jan", "m10", "Q"])
    )
    text = '[study]\ntitle = "t"\nunit = "firm"\ntime = "m"\n[spec.fine]\nformula = "y ~ x"\n'
    text += '[spec.lag]\nformula = "y ~ l(x, 1)"\n'
    study = load_study(make_study(text, f"firm,m,y,x\n{months}\n".encode()))
    file, n = freeze_second_reading(study)
    kept = json.loads(file.read_text())["answers"]
    assert n == 1 and "spec fine" in kept and "spec lag" not in kept
    held = second_reading_of(study, study.data_hash(), "frozen").question.call.args[-1]
    found = RECORDS.validate_json(read_again(study, study.data_hash(), held))
    assert {r.spec for r in found} == {"fine", "data file"} and all(r.verdict == "agree" for r in found)
