"""Tables of numbers that no estimation gives: of a matrix, and the summary that asdoc writes."""

from __future__ import annotations

import pytest

from parity.package.verify import verify

CODE = """import delimited d.csv
summarize y
matrix A = (r(mean), r(sd) \\ 2.5, 4)
matrix rownames A = "Outcome" "Other one"
matrix colnames A = mean(y) s-d
esttab matrix(A) using a.tex, replace
label variable x "Width"
quietly asdoc sum y x, save(s.csv) replace label
"""
MATRIX = r"""\begin{tabular}{lcc}
\hline
 & A & \\
 & mean(y) & s-d\\
\hline
Outcome & 2.5 & 1.290994\\
Other one & 2.5 & 4\\
\hline
\end{tabular}
"""
SUMMARY = "Variable,Obs,Mean,Std. Dev.,Min,Max\ny,4,2.5,1.291,1,4\nWidth,4,5,2.582,2,8\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "d.csv").write_text("y,x\n1,2\n2,4\n3,6\n4,8\n")
    (tmp_path / "main.do").write_text(CODE)
    return tmp_path


def found(folder, matrix=MATRIX, summary=SUMMARY):
    (folder / "a.tex").write_text(matrix)
    (folder / "s.csv").write_text(summary)
    return {(e.file, c.label, c.printed): c.verdict for e in verify(folder).exhibits for c in e.cells}


def test_numbers_of_a_matrix_and_of_a_summary_are_held_against_the_data(folder):
    cells = found(folder)
    assert len(cells) == 13 and set(cells.values()) == {"reproduced"}  # `4` stands twice in a row


def test_wrong_ones_differ(folder):
    cells = found(folder, MATRIX.replace("1.290994", "1.290995"), SUMMARY.replace("2.582", "2.583"))
    off = {(file, label) for (file, label, _), verdict in cells.items() if verdict == "differs"}
    assert off == {("a.tex", "Outcome"), ("s.csv", "Width")}


def test_a_file_with_other_rows_is_not_the_commands(folder):
    cells = found(folder, summary=SUMMARY.replace("Width", "Depth").replace("\ny,", "\nHeight,") + "z,4,5,2.5,2,8\n")
    assert {v for (file, *_), v in cells.items() if file == "s.csv"} == {"not verified"}
