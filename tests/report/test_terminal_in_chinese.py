"""`parity run --language zh`: no phrase is missing, and the counts are those of the English summary."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from click.testing import CliRunner

from parity.cli import main
from parity.report import terminal_zh
from parity.report.phrases_zh import KINDS_ZH, PHRASES_ZH, VERDICTS_ZH
from parity.report.terminal_zh import to_terminal_zh
from parity.report.words import other_kinds
from parity.results.record import VERDICTS, Difference
from test_formats import MIXED, RUN, record, report


def test_every_verdict_and_kind_has_a_phrase_and_every_phrase_is_used():
    assert set(VERDICTS_ZH) == set(VERDICTS)
    assert set(KINDS_ZH) == set(other_kinds())
    source = Path(terminal_zh.__file__).read_text(encoding="utf-8")
    heads = {key for key in PHRASES_ZH if key.startswith("head ")}
    used = {key for key in PHRASES_ZH if f'"{key}"' in source} | heads
    assert used == set(PHRASES_ZH)
    asked = set(re.findall(r'said\(\s*"([^"]+)"', source))
    assert asked <= set(PHRASES_ZH)
    for text in [*PHRASES_ZH.values(), *VERDICTS_ZH.values(), *KINDS_ZH.values()]:
        assert any("\u4e00" <= c <= "\u9fff" or c == "：" for c in "".join(part for part, *_ in Formatter().parse(text)))


def test_a_mixed_report():
    text = to_terminal_zh(MIXED, verbose=True)
    assert "8 个回归设定中有" in text and "存在问题" in text
    for word in VERDICTS_ZH.values():
        assert word in text
    assert "原因 a-cause：Because clusters are few. G = 3" in " ".join(text.split())
    assert to_terminal_zh(report()).strip().startswith(PHRASES_ZH["nothing"])


def test_differences_are_told_with_their_numbers():
    off = Difference(quantity="se", term="x", reference=0.5, candidate=0.25, digits=0.3, allowed=1e-9)
    text = to_terminal_zh(report(record("a", "disagree", differences=(off,) * 6), record("b", "agree")))
    assert "se x：0.5 与 0.25，前 0.3 位一致" in text and "另有 2 处" in text
    assert "two 对照 one：9 个数值中有 6 个不同" in text and "（study/a）" in text
    only = off.model_copy(update={"reference": None})
    assert "仅一方有此数值（0.25）" in to_terminal_zh(report(record("a", "disagree", differences=(only,))))


@pytest.mark.parametrize(
    ("said", "environment", "chinese"),
    [((), {"LANG": "zh_CN.UTF-8"}, True), ((), {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
     (("--language", "zh"), {"LANG": "C"}, True), (("--language", "en"), {"LANG": "zh_CN.UTF-8"}, False)],
)  # fmt: skip
def test_a_run_is_told_in_the_language_asked_for(said, environment, chinese):
    env = {"LC_ALL": None, "LC_MESSAGES": None} | environment
    result = CliRunner().invoke(main, [*map(str, RUN), *said], env=env)
    assert ("共比较" in result.output) is chinese and ("compared" in result.output) is not chinese


def test_what_was_read_of_a_workbook_is_said_in_chinese():
    read = {"study": ("names matched: 北京市 = 北京, Guangxi = 广西 and 3 more", "what nobody has said")}
    text = to_terminal_zh(report(record("a", "agree")).model_copy(update={"read": read}))
    assert "study 的数据：名称对应：北京市 = 北京、Guangxi = 广西 等，另有 3 个" in text
    assert "study 的数据：what nobody has said" in text
