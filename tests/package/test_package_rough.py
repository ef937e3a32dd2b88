"""Packages as they come: other encodings, line ends, names with blanks and Chinese, logs cut short, large files."""

from __future__ import annotations

import shutil
import struct
import time
from pathlib import Path

import pandas as pd
import pytest

from conftest import ROOT
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


def test_a_package_in_latin_1(tmp_path):
    """Accents in names of files and folders, in comments and in labels that a window shows."""
    folder = tmp_path / "Müller & Söhne"
    folder.mkdir()

    def put(name: str, text: str) -> None:
        (folder / name).write_bytes(text.replace("\n", "\r\n").encode("latin-1"))

    put("données.csv", "salaire,âge\n2,1\n3,2\n4,3\n6,4\n")
    put("régression.do", '* les données\nimport delimited "données.csv", clear\nregress salaire âge\n')
    window = WINDOW.replace("        工资", "     salaire").replace("        教育", "         âge")
    put("résultats.log", f'. import delimited "données.csv", clear\n(2 vars, 4 obs)\n\n. regress salaire âge\n{window}\n')
    found = verify(folder)
    (exhibit,) = found.exhibits
    assert {c.label for c in exhibit.cells} == {"âge", "_cons"} and len(exhibit.cells) == 12
    assert {c.verdict for c in exhibit.cells} == {"reproduced"}
    assert "régression.do" in found.exhibits[0].columns[0].command.file and not found.not_verified


@pytest.mark.parametrize(("label", "codec"), [("教育年限", "gb18030"), ("Années d'école", "latin-1"), ("教育", "utf-8")])
def test_labels_in_data_of_an_old_stata_are_those_of_its_tables(tmp_path, label, codec):
    """Formats before 118 don't say what their texts are written in."""
    from parity.stata import dta

    raw = label.encode(codec).decode("latin-1")
    frame = pd.DataFrame({"wage": [2.0, 3.0, 4.0, 6.0], "educ": [1.0, 2.0, 3.0, 4.0], "place": [raw] * 4})
    frame.to_stata(
        tmp_path / "d.dta", write_index=False, version=114, variable_labels={"educ": raw}, data_label=raw,
        value_labels={"educ": {1: raw}},
    )  # fmt: skip
    data = dta.read(tmp_path / "d.dta")
    assert data.columns["educ"].label == label == data.columns["place"].values[0] == data.label
    assert [list(held.values()) for held in data.value_labels.values()] == [[label]]
    (tmp_path / "main.do").write_text('use d.dta\neststo: regress wage educ\nesttab using "t.csv", label\n')
    rows = ['"","(1)"', '"","wage"', f'"{label}","1.300*"', '"","(7.51)"', '"Constant","0.500"', '"","(1.05)"', '"N","4"']
    (tmp_path / "t.csv").write_bytes("\n".join(rows).encode(codec))
    cells = [c for e in verify(tmp_path).exhibits for c in e.cells]
    assert [c.verdict for c in cells] == ["reproduced"] * 5 and cells[0].term == "educ"


MERGED = {
    "t.html": """<table><tr><td rowspan="2"></td><td colspan="2">inv</td></tr><tr><td>(1)</td><td>(2)</td></tr>
<tr><td rowspan="2">value</td><td>0.1156</td><td>0.1414</td></tr><tr><td>(0.0058)</td><td>(0.0060)</td></tr>
<tr><td rowspan="2">capital</td><td>0.2307</td><td rowspan="2"></td></tr><tr><td>(0.0255)</td></tr>
<tr><td>Observations</td><td colspan="2">200</td></tr>
<tr><td colspan="3">Standard errors in parentheses</td></tr></table>""",
    "t.tex": r"""\begin{tabular}{lcc} \hline
 & \multicolumn{2}{c}{inv} \\ \cline{2-3}
 & (1) & (2) \\ \hline
\multirow{2}{*}{value} & 0.1156 & 0.1414 \\
 & (0.0058) & (0.0060) \\
\multirow{2}{*}{capital} & 0.2307 & \multirow{2}{*}{} \\
 & (0.0255) & \\
Observations & \multicolumn{2}{c}{200} \\ \hline
\multicolumn{3}{l}{Standard errors in parentheses} \\
\end{tabular}
""",
}


@pytest.mark.parametrize("name", MERGED)
def test_cells_merged_over_rows_and_columns_keep_every_number_at_its_place(tmp_path, name):
    shutil.copytree(ROOT / "docs" / "examples" / "package", tmp_path, dirs_exist_ok=True)
    shutil.rmtree(tmp_path / "tables")
    (tmp_path / "main.do").write_text(
        "import delimited using investment.csv, clear\neststo: regress inv value capital\neststo: regress inv value\n"
        f"esttab using {name}, replace se\n"
    )
    (tmp_path / name).write_text(MERGED[name])
    (exhibit,) = verify(tmp_path).exhibits
    assert [(c.column, c.label, c.printed, c.verdict) for c in exhibit.cells] == [
        (1, "value", "0.1156", "reproduced"), (1, "value", "(0.0058)", "reproduced"),
        (1, "capital", "0.2307", "reproduced"), (1, "capital", "(0.0255)", "reproduced"),
        (1, "Observations", "200", "reproduced"),
        (2, "value", "0.1414", "reproduced"), (2, "value", "(0.0060)", "reproduced"),
    ]  # fmt: skip


def test_a_folder_of_two_thousand_files_is_verified_whole(tmp_path):
    """Data, figures and tables that nothing makes, beside a package of one log."""
    folder = rough(tmp_path / "p", "utf-8", "\n")
    for i in range(2000):
        inner = folder / f"部分 {i % 25}"
        inner.mkdir(exist_ok=True)
        (inner / f"a {i}.{('csv', 'png', 'txt', 'pdf')[i % 4]}").write_bytes(b"a,b\n1,2\n3,4\n")
    start = time.process_time()
    found = verify(folder)
    assert time.process_time() - start < 10
    assert len(found.files) == 2003 and "2003 files" in found.said[0]
    (exhibit,) = found.exhibits
    assert {c.verdict for c in exhibit.cells} == {"reproduced"}


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


def test_a_log_that_is_a_word_file_is_called_what_it_is(tmp_path):
    (tmp_path / "main.log").write_bytes(b"PK\3\4" + b"\0" * 26 + b"word/document.xml" + b"\0" * 600)
    said = package_text(verify(tmp_path))
    assert "NOT READ main.log: is a Word document: save it as plain text" in said and "PK" not in said


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
