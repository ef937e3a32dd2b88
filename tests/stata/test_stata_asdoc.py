"""asdoc runs the command behind it, and its file is a table of estimates."""

from __future__ import annotations

from parity.stata.do import run_do

DATA = "y,x,w\n" + "\n".join(f"{i * i % 7},{i},{i * 3 % 5}" for i in range(20)) + "\n"
CODE = """import delimited d.csv
asdoc reg y x, nest replace save(t.doc) dec(2)
asdoc reg y x w, robust nest save(t.doc)
quietly asdoc sum y
asdoc wmat, matrix(A)
eststo a: reg y x
asdoc esttab a, r2 replace
"""


def test_asdoc_runs_what_stands_behind_it(tmp_path):
    (tmp_path / "d.csv").write_text(DATA)
    done = run_do(CODE, tmp_path)
    assert not done.findings and [e.command.strip() for e in done.estimations] == [
        "reg y x", "reg y x w, robust", "eststo a: reg y x",
    ]  # fmt: skip
    assert done.estimations[1].request.kind == "HC1"
    assert [s.kind for s in done.printed] == ["summarize", "written"]
    assert [(t.command, t.target, t.append, [c.estimation for c in t.columns]) for t in done.tables] == [
        ("asdoc nest", "t.doc", False, [0]), ("asdoc nest", "t.doc", True, [1]), ("esttab", "Myfile.doc", False, [2]),
    ]  # fmt: skip
    assert "r2" in done.tables[2].options and "robust" in done.tables[1].options


def test_nested_regressions_are_columns_of_one_table(tmp_path):
    from parity.package.calls import tables_written

    (tmp_path / "d.csv").write_text(DATA)
    tables = tables_written(run_do(CODE, tmp_path).tables)
    assert [(w.target, w.columns) for w in tables] == [("t.doc", (0, 1)), ("myfile.doc", (2,))]
