"""Packages as they come: other encodings, line ends, names with blanks and Chinese, logs cut short, large files."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pandas as pd

from parity.package.verify import verify
from parity.report.package.terminal import package_text

WINDOW = """
------------------------------------------------------------------------------
        工资 |      Coef.   Std. Err.      t    P>|t|     [95% Conf. Interval]
-------------+----------------------------------------------------------------
        教育 |   1.300000   .1732051     7.51   0.017     .5547587    2.045241
       _cons |         .5   .4743416     1.05   0.402    -1.540927    2.540927
------------------------------------------------------------------------------
"""


def rough(folder: Path, codec: str, ends: str) -> Path:
    """A package of five rows, its names and its texts in Chinese."""
    inner = folder / "数据 与 代码"
    inner.mkdir(parents=True)

    def put(name: str, text: str) -> None:
        (inner / name).write_bytes(text.replace("\n", ends).encode(codec))

    put("工资 数据.csv", "工资,教育\n2,1\n3,2\n4,3\n6,4\n")
    put("分析 1.do", '* 读入数据\nimport delimited "工资 数据.csv", clear\nlabel var 教育 "教育年限"\nregress 工资 教育\n')
    put("日志 1.log", f'. import delimited "工资 数据.csv", clear\n(2 vars, 4 obs)\n\n. regress 工资 教育\n{WINDOW}\n')
    return folder


def test_a_package_in_chinese_of_another_encoding_and_line_end(tmp_path):
    for i, (codec, ends) in enumerate((("gb18030", "\r\n"), ("utf-8", "\n"), ("utf-8-sig", "\r\n"))):
        found = verify(rough(tmp_path / f"包 {i}", codec, ends))
        (exhibit,) = found.exhibits
        assert len(exhibit.cells) == 12
        assert {c.verdict for c in exhibit.cells} == {"reproduced"}, codec
        assert "数据 与 代码/日志 1.log" in package_text(found)
        assert not found.not_verified


def test_a_log_that_breaks_off_says_so_and_keeps_what_it_has(tmp_path):
    folder = rough(tmp_path / "p", "utf-8", "\n")
    log = folder / "数据 与 代码" / "日志 1.log"
    whole = log.read_text(encoding="utf-8")
    log.write_text(whole + "\n. regress 工资 教育\n" + "\n".join(WINDOW.split("\n")[:5]), encoding="utf-8")
    found = verify(folder)
    assert [c.verdict for c in found.exhibits[0].cells] == ["reproduced"] * 12
    assert any("isn't whole" in n.reason for n in found.not_verified)


def large(path: Path, rows: int) -> None:
    """A .dta of one column of zeros, sparse on disk: a small file's head with another number of rows."""
    pd.DataFrame({"x": [0.0]}).to_stata(path, write_index=False, version=114)
    head = path.read_bytes()
    order = "<" if head[1] == 2 else ">"
    path.write_bytes(head[:6] + struct.pack(f"{order}i", rows) + head[10:-8])
    with path.open("r+b") as file:
        file.truncate(len(head) - 8 + 8 * rows)


def test_data_of_two_hundred_megabytes(tmp_path):
    """Read where a do-file uses them; else listed only, however large."""
    rows = 25 * 2**20
    large(tmp_path / "large.dta", rows)
    assert (tmp_path / "large.dta").stat().st_size > 200_000_000
    (tmp_path / "d.csv").write_text("x\n1\n2\n", encoding="utf-8")
    (tmp_path / "main.do").write_text("import delimited d.csv\ncount\n", encoding="utf-8")
    (tmp_path / "main.log").write_text(". import delimited d.csv\n\n. count\n  2\n\n", encoding="utf-8")
    start = time.process_time()
    found = verify(tmp_path)
    assert time.process_time() - start < 10
    assert [c.verdict for e in found.exhibits for c in e.cells] == ["reproduced"]
    (tmp_path / "main.do").write_text("use large.dta\ncount\n", encoding="utf-8")
    (tmp_path / "main.log").write_text(f". use large.dta\n\n. count\n  {rows:,}\n\n", encoding="utf-8")
    start = time.process_time()
    found = verify(tmp_path)
    assert time.process_time() - start < 60
    assert [(c.printed, c.verdict) for e in found.exhibits for c in e.cells] == [(f"{rows:,}", "reproduced")]


BANNER = """
  ___  ____  ____  ____  ____ (R)
 /__    /   ____/   /   ____/
___/   /   /___/   /   /___/   15.1   Copyright 1985-2017 StataCorp LLC

Single-user Stata perpetual license:
       Serial number:  501512345678
         Licensed to:  Somebody

Notes:
      1.  Unicode is supported; see help unicode_advice.

"""


def test_a_licence_is_nobodys_business(tmp_path):
    (tmp_path / "d.csv").write_text("x\n1\n", encoding="utf-8")
    (tmp_path / "main.log").write_text(f"{BANNER}. import delimited d.csv\n\n. count\n  1\n\n", encoding="utf-8")
    found = verify(tmp_path)
    assert [c.verdict for e in found.exhibits for c in e.cells] == ["reproduced"]
    assert not found.not_verified
    assert "501512345678" not in package_text(found, verbose=True)


def test_an_old_workbook_is_called_what_it_is(tmp_path):
    (tmp_path / "d.xls").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600)
    (tmp_path / "main.do").write_text('import excel "d.xls", firstrow\nreg y x\n', encoding="utf-8")
    assert "save it as .xlsx" in package_text(verify(tmp_path))


def test_findings_and_reasons_that_differ_by_their_line_are_one(tmp_path):
    (tmp_path / "d.csv").write_text("x,y\n1,2\n2,3\n3,5\n", encoding="utf-8")
    lines = ["import delimited d.csv"]
    log = [". import delimited d.csv\n\n"]
    for _ in range(5):
        lines += ["mystery x", "count"]
        log += [". mystery x\n\n. count\n  3\n\n"]
    (tmp_path / "main.do").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "main.log").write_text("".join(log), encoding="utf-8")
    shown = package_text(verify(tmp_path))
    assert shown.count("unknown-command") == 1
    assert "main.do:2, 4, 6 and 2 more lines unknown-command" in shown
