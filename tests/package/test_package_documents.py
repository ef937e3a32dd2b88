"""Tables that somebody typed into Word or a workbook are read without being named; data in a workbook are none."""

from __future__ import annotations

import dataclasses
import re

import openpyxl
import pytest

from estimates_table import READ, data_into
from exporters import EXPORTERS, Made
from parity.package.verify import verify
from parity.stata.do import run_do

CODE = READ + "regress y x w\nregress y x w z, vce(cluster g)\n"


def made(folder) -> Made:
    es = run_do(CODE, folder).estimations
    rows = []
    for term in ("x", "w", "z"):
        held = [next((c for c in e.coefficients if c.term == term), None) for e in es]
        stars = ["*" * sum(c.p < cut for cut in (0.1, 0.05, 0.01)) if c else "" for c in held]
        pairs = [(f"{c.b:.3f}{s}", f"{c.se:.3f}") if c else ("", "") for c, s in zip(held, stars, strict=True)]
        rows.append((term, tuple(pairs)))
    n = tuple(f"{e.estimated.numbers['N']:.0f}" for e in es)
    r2 = tuple(f"{e.results.numbers['r2']:.3f}" for e in es)
    return Made("Table 2", ("(1)", "(2)"), ("y", "y"), tuple(rows), (("Observations", n), ("R-squared", r2)))


@pytest.mark.parametrize("name", ["word.docx", "book.xlsx"])
def test_a_typed_table_is_read(tmp_path, name):
    data_into(tmp_path)
    (tmp_path / "main.do").write_text(CODE)
    table = made(tmp_path)
    path = tmp_path / f"paper.{name.rpartition('.')[2]}"
    path.write_bytes(EXPORTERS[name](table))
    report = verify(tmp_path)
    assert report.summary.reproduced == report.summary.cells == 14 and report.exit_code == 0
    assert {f.role for f in report.files if f.path == path.name} == {"table"}
    label, pairs = table.rows[0]
    wrong = ((pairs[0][0], "0.999"), pairs[1])
    path.write_bytes(EXPORTERS[name](dataclasses.replace(table, rows=((label, wrong), *table.rows[1:]))))
    report = verify(tmp_path)
    assert [c.verdict for e in report.exhibits for c in e.cells if c.printed == "(0.999)"] == ["differs"]
    assert report.exit_code == 1


def test_data_in_a_workbook_are_no_table(tmp_path):
    """Read by a do-file or not."""
    data_into(tmp_path)
    book = openpyxl.Workbook()
    for line in (tmp_path / "d.csv").read_text().splitlines():
        book.active.append(line.split(","))
    book.save(tmp_path / "d.xlsx")
    book.active.cell(1, 1, "(1)")
    book.save(tmp_path / "other.xlsx")
    (tmp_path / "main.do").write_text("import excel using d.xlsx, firstrow clear\nregress y x w\n")
    report = verify(tmp_path)
    assert not report.exhibits and {f.role for f in report.files if f.path.endswith("xlsx")} == {"data"}


LATEX = r"""\documentclass{article}
\begin{document}
%s
The coefficient is 0.6.
\begin{table}\caption{Main results}
\begin{tabular}{lcc}
%s
\end{tabular}

Standard errors in parentheses. * p<0.1, ** p<0.05, *** p<0.01
\end{table}
\begin{tabular}{lc}
Variable & Mean \\
x & 0.12 \\
w & 0.34 \\
\end{tabular}
\end{document}
"""


def in_latex(table: Made) -> str:
    lines = [["", *table.models]]
    for label, pairs in table.rows:
        lines += [[label, *(b for b, _ in pairs)], ["", *(f"({se})" if se else "" for _, se in pairs)]]
    return "\n".join(" & ".join(line) + r" \\" for line in [*lines, *([label, *texts] for label, texts in table.statistics)])


@pytest.mark.parametrize("part", ["", "A paragraph of the introduction.\n" * 200])
def test_a_table_typed_into_a_paper_of_latex_is_read(tmp_path, part):
    """In a file of its own, or far down in a section without a preamble."""
    data_into(tmp_path)
    (tmp_path / "main.do").write_text(CODE)
    text = LATEX % (part, in_latex(made(tmp_path)))
    text = text.partition("\n")[2] if part else text
    for after, verdicts, code in ((r"\1", {"reproduced"}, 0), ("0.999", {"reproduced", "differs"}, 1)):
        (tmp_path / "paper.tex").write_text(re.sub(r"(0\.\d+)(?=\*\*\*)", after, text, count=1))
        report = verify(tmp_path)
        assert {c.verdict for e in report.exhibits for c in e.cells} == verdicts and report.exit_code == code
        assert [n.reason[:23] for n in report.not_verified] == ["1 other table of it is "]


def test_what_no_one_reads_is_said(tmp_path):
    data_into(tmp_path)
    (tmp_path / "main.do").write_text(CODE)
    for name in ("paper.pdf", "a/appendix.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"%PDF-1.7")
    (said,) = verify(tmp_path).not_verified
    assert (
        said.file == "a/appendix.pdf"
        and said.reason == "and 1 more aren't read: no number printed in papers or figures of PDF is verified"
    )


def test_a_table_that_the_code_writes_line_by_line_is_one(tmp_path):
    """Though it is a document of its own."""
    data_into(tmp_path)
    (tmp_path / "main.do").write_text(CODE + 'file open h using "means.tex", write replace\n')
    (tmp_path / "means.tex").write_text(LATEX % ("", "x & 0.1 & 0.2"))
    assert {f.role for f in verify(tmp_path).files if f.path == "means.tex"} == {"table"}
