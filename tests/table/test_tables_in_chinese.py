"""Tables in Chinese: every label and note that the project writes, and none that a study replaces or leaves out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import FIXTURES
from parity.analyses.registry import analyses
from parity.base.quantities import QUANTITIES
from parity.engines import engine
from parity.runs.second_reading.words import shared_words
from parity.study.analyses.registry import CHINESE, KINDS
from parity.study.load import parse_study
from parity.study.table import TableSettings
from parity.study.words_of_tables import LABELS_ZH, TEXTS
from parity.table import analysis, differences, index, mediation, summary, tests, wild
from parity.table.csv import to_csv
from parity.table.formats import grid_of
from parity.table.gather import gather
from parity.table.text import to_text
from parity.table.verified import Verified

PYTHON = ("py-moments", "py-statsmodels")
STUDY = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"
language = "zh"

[labels]
inv = "投资"
value = "市值"
capital = "资本"
firm = "企业"
year = "年份"
"(2)" = "x"

[spec.one]
formula = "inv ~ value | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.two]
formula = "inv ~ value + capital"
vcov = "HC1"
convention = "regress"

[spec.heavy]
formula = "inv ~ value + capital"
weights = { analytic = "capital" }
convention = "regress"

[table.main]
title = "基准回归"
columns = ["one", "two", "heavy"]
controls = ["capital"]
statistics = ["nobs", "clusters", "r2"]

[table.english]
language = "en"
columns = ["one"]

[table.own]
columns = ["one"]
labels = { "note.engines" = "", "note.stars" = "注：{*} 见正文。", nobs = "N" }
"""
#: Latin letters that stand in a Chinese table too.
LATIN = re.compile(r"CR1|HC1|reghdfe|regress|R²|Python|\bR\b|†")


@pytest.fixture(scope="module")
def study():
    return parse_study(STUDY, FIXTURES / "grunfeld" / "study.toml")


@pytest.fixture(scope="module")
def verified(study):
    return gather(study, list(study.tables.values()), engines=[engine(e) for e in PYTHON], transport="frozen", jobs=1)


def test_no_english_is_left(study, verified):
    made = grid_of("main", study.tables["main"], verified)
    text = to_csv([made])
    assert not re.search("[A-Za-z]{2,}", LATIN.sub("", text)), text
    body = {r.label: [c.text for c in r.cells] for r in made.body}
    assert body["控制变量"] == ["否", "是", "是"] and body["企业固定效应"] == ["是", "否", "否"]
    assert {"观测值", "聚类数", "R²", "常数项"} <= set(body)
    assert made.notes[0].startswith("括号内为标准误：(1) 按企业聚类（CR1）；(2) 异方差稳健（HC1）；(3) 同方差。计算口径：")
    assert "*、**、*** 分别表示在 10%、5%、1% 的水平上显著。" in made.notes
    assert any("分析权重：资本" in note for note in made.notes) and any("个程序分别估计" in note for note in made.notes)
    assert "基准回归" in to_text([made])


def test_a_table_may_have_its_own_language_and_its_own_notes(study, verified):
    english = grid_of("english", study.tables["english"], verified)
    assert english.notes[0].startswith("Standard errors in parentheses: clustered by 企业 (CR1).")
    own = grid_of("own", study.tables["own"], verified)
    assert "注：{*} 见正文。" in own.notes and not any("程序" in note for note in own.notes)
    assert next(r for r in own.body if r.label == "N").cells[0].text == "200"


def test_a_column_that_is_not_verified_says_so_in_chinese(study):
    (note,) = [n for n in grid_of("own", study.tables["own"], Verified(study, (), ())).notes if "†" in n]
    assert note.startswith("† 第 (1) 列：未经验证")


def test_every_label_and_note_is_in_both_languages():
    rows = [q.row for q in QUANTITIES if q.table]
    labels = {t for row in rows for t in ((row,) if isinstance(row, str) else row)}
    labels |= {label for label, *_ in differences.ROWS.values()} | set(wild.LABELS.values())
    labels |= set(mediation.LABELS.values()) | set(summary.LABELS.values())
    labels |= {head for one in analyses().values() for head in one.columns.values()}
    labels |= set(analysis.HEADS.values()) | {head for one in KINDS for head in one.named.values()}
    labels |= {*index.LABELS.values(), *index.METHODS.values(), *tests.LABELS.values()}
    assert labels <= {*LABELS_ZH, *CHINESE}, labels - {*LABELS_ZH, *CHINESE}
    for key, (english, chinese) in TEXTS.items():
        if key not in ("note.stars", "note.weights", "wild"):
            assert english.count("{") == len(re.findall(r"\{\d?\}", chinese)) and english != chinese, key
    used = {
        key
        for file in (Path(summary.__file__).parent).glob("*.py")
        for key in TEXTS
        if f'"{key}"' in file.read_text("utf-8")
    }
    assert {k for k in TEXTS if k.startswith("note.")} <= used


def test_no_number_hangs_on_the_language(study):
    english = parse_study(STUDY.replace('language = "zh"\n', ""), FIXTURES / "grunfeld" / "study.toml")
    assert [study.spec_hash(s) for s in study.specs] == [english.spec_hash(s) for s in english.specs]
    assert shared_words(study) == shared_words(english)


@pytest.mark.parametrize("key", ["note.engines by column", "note.analyses with", "note.index by year"])
def test_a_form_of_a_note_is_replaced_with_it(key):
    """One key says nothing of engines, in however many columns they differ."""
    whole = key.rpartition(" by ")[0] or key.removesuffix(" with")
    table = TableSettings(columns=("one",), labels={whole: ""})
    assert table.says(key, "a", "b") == "" != TableSettings(columns=("one",)).says(key, "a", "b")
    assert TableSettings(columns=("one",), labels={whole: "", key: "so"}).says(key, "a", "b") == "so"
