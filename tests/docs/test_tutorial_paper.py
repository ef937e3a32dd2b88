"""The tutorial in Chinese, from a yearbook to tables: its file is written, its commands run, its output compared."""

from __future__ import annotations

import runpy

import docx
import pytest

from conftest import ROOT
from test_tutorial import STEP, lasting, parity

PAGE = ROOT / "docs" / "tutorial-paper.zh.md"


@pytest.mark.needs_r
def test_every_step(tmp_path):
    runpy.run_path(str(ROOT / "docs" / "examples" / "yearbook" / "make_book.py"))["write"](tmp_path / "年鉴.xlsx")
    ran = []
    for step in STEP.finditer(PAGE.read_text(encoding="utf-8")):
        if step["file"]:
            (tmp_path / step["file"]).write_text(step["content"], encoding="utf-8")
            continue
        for command in step["commands"].splitlines():
            done = parity(command, tmp_path)
            ran.append(command)
            assert done.exit_code == 0, (command, done.stdout, done.stderr)
            printed = f" {lasting(done.stdout)} "
            shown = [lasting(line) for line in (step["output"] or "").splitlines() if line != "..."]
            assert not [line for line in shown if line and f" {line} " not in printed], (command, done.stdout)
    assert len(ran) == 5
    tables = docx.Document(str(tmp_path / "表格.docx")).tables
    texts = [" ".join(cell.text for row in table.rows for cell in row.cells) for table in tables]
    assert len(tables) == 5 and all(word in texts[4] for word in ("指数", "维度", "信息熵", "长途光缆线路长度", "公里"))
    assert texts[2].count("数字贸易") == 1 and "否" not in texts[2]  # one row for both forms; the controls are there
