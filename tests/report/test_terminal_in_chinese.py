"""`parity run --language zh`: nothing that the project says is left in English, and the counts are those of the English."""

from __future__ import annotations

import re
from itertools import product

import pytest
from click.testing import CliRunner

from parity.cli import main
from parity.diagnose.catalogue import CAUSES
from parity.report.chinese.forms import has_chinese, in_chinese
from parity.report.terminal import HEADS, to_terminal
from parity.report.words import beside, other_kinds
from parity.results.record import VERDICTS, Cause, Difference
from test_formats import MIXED, RUN, record, report

OFF = Difference(quantity="se", term="x", reference=0.5, candidate=0.25, digits=0.3, allowed=1e-9)
NAMED, OTHER = (
    Cause(id=one.id, text=one.sentence, residual=1e-12) for one in CAUSES
    if one.id in ("normal-distribution", "residual-degrees-of-freedom")
)  # fmt: skip
ENGLISH = re.compile(r"[a-z]{3,} [a-z]{3,}")


def test_every_verdict_head_and_kind_has_its_chinese():
    said = (*VERDICTS, *HEADS, "as shipped", "cause", "specs")
    assert not [word for word in said if not has_chinese(word)]
    of_kinds = report(*(record(f"{k}{i}", "agree", kind=k) for k, i in product(other_kinds(), range(2))))
    assert not [clause for clause in beside(of_kinds) if not has_chinese(clause)]


def test_a_mixed_report():
    text = to_terminal(MIXED, "zh", verbose=True)
    assert "8 个设定中有 2 个在 3 个程序中一致" in text and "5 个未得到证实" in text
    assert not [word for word in VERDICTS if in_chinese(word) not in text]
    assert to_terminal(report(), "zh").strip().startswith("没有比较任何数值。")


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("specs", [1, 2])
@pytest.mark.parametrize("causes", [(NAMED,), (NAMED.model_copy(update={"certain": False}),), (NAMED, OTHER)])
def test_no_sentence_about_one_verdict_stays_english(verdict, specs, causes):
    there = {"differences": (OFF,)} if verdict == "disagree" else {}
    known = causes if verdict in ("explained", "disagree") else ()
    records = [record(f"s{i}", verdict, note="说明", causes=known, **there) for i in range(specs)]
    text = to_terminal(report(record("good", "agree"), *records), "zh", verbose=True)
    assert not ENGLISH.search(text), text


def test_differences_are_told_with_their_numbers():
    text = to_terminal(report(record("a", "disagree", differences=(OFF,) * 6), record("b", "agree")), "zh")
    assert "se x：0.5 与 0.25" in text and "前 0.3 位一致" in text and "另有 2 " in text
    assert "two 对照 one：9 个数值中有 6 个不同" in text and "（study/a）" in text
    only = OFF.model_copy(update={"reference": None})
    assert "（0.25）" in to_terminal(report(record("a", "disagree", differences=(only,))), "zh")


@pytest.mark.parametrize(
    ("said", "environment", "chinese"),
    [((), {"LANG": "zh_CN.UTF-8"}, True), ((), {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
     (("--language", "zh"), {"LANG": "C"}, True), (("--language", "en"), {"LANG": "zh_CN.UTF-8"}, False)],
)  # fmt: skip
def test_a_run_is_told_in_the_language_asked_for(said, environment, chinese):
    env = {"LC_ALL": None, "LC_MESSAGES": None} | environment
    result = CliRunner().invoke(main, [*map(str, RUN), *said], env=env)
    text = "".join(result.output.split())  # lines end anywhere
    assert ("数值" in text) is chinese and ("compared" in text) is not chinese


def test_what_was_read_of_a_workbook_is_said_in_chinese():
    read = {"study": ("names matched: 北京市 = 北京, Guangxi = 广西 and 3 more", "what nobody has said")}
    text = to_terminal(report(record("a", "agree")).model_copy(update={"read": read}), "zh")
    assert "study 的数据：名称对应：北京市 = 北京、Guangxi = 广西 等，另有 3 个" in text
    assert "study 的数据：what nobody has said" in text
