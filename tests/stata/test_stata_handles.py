"""file and postfile: what is written is read again, in the scratch folder alone; rows that are posted are a data set."""

from __future__ import annotations

import pytest

from parity.stata.do import run_do
from small_do import run


def test_what_is_written_is_read_again(tmp_path):
    source = (
        'file open h using "out/t.tex", write replace\nfile write h "a & b" _tab %4.2f (1/3) _n\n'
        'file write h `"say "x""\' _col(10) (2+2) _n(2)\nfile close h\n'
        'file open g using "out/t.tex", read\nlocal n 0\nfile read g line\nwhile r(eof) == 0 {\n  local ++n\n'
        "  display `\"`n': `line'\"'\n  file read g line\n}\nfile close g"
    )
    found = run_do(source, tmp_path)
    assert [s.values["text"] for s in found.printed] == ["1: a & b\t0.33", '2: say "x"  4', "3: "]
    assert not found.findings and not list(tmp_path.rglob("*.tex"))  # nothing beside the do-file


def test_a_file_of_the_package_is_read(tmp_path):
    (tmp_path / "names.txt").write_text("one\ntwo\n")
    found = run_do("file open h using names.txt, read\nfile read h a\nfile read h b\nfile read h c\n"
                   'local e = r(eof)\ndisplay "`a' + "' `b' `e'\"", tmp_path)  # fmt: skip
    assert found.printed[-1].values["text"] == "one two 1"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("file write h 3", "file handle h not found; r(111)"),
        ("file open h using nosuch.txt, read", "the file `nosuch.txt` isn't there"),
        ("file open h using ../../../etc/passwd, read", "isn't there"),
        ("file open h using a.txt, write\nfile write h oops", "neither text, expression nor directive"),
        ("post p (1)", "post p not found"),
        ("tempname p\npostfile `p' a b using x\npost `p' (1)", "number of expressions"),
    ],
)
def test_what_is_wrong_is_said(source, said, tmp_path):
    assert any(said in f.text for f in run_do(source, tmp_path).findings)


def test_posted_rows_are_a_data_set(tmp_path):
    source = (
        "tempname p\ntempfile f\npostfile `p' i str5 s double half using `f'\nforvalues i = 1/3 {\n"
        "  post `p' (`i') (\"r`i'\") (`i'/2)\n}\npostclose `p'\nuse `f', clear\nsummarize half\ndescribe"
    )
    found = run_do(source, tmp_path)
    assert found.data["s"].values.tolist() == ["r1", "r2", "r3"] and found.data["half"].values.tolist() == [0.5, 1.0, 1.5]
    kinds = {n: c[0] for n, c in found.printed[-1].values["columns"].items()}
    assert kinds["i"] == "float" and kinds["half"] == "double" and not found.findings


def test_a_table_of_a_matrix_is_of_no_estimates(tmp_path):
    found = run_do(
        "matrix C = (1, 2)\nesttab matrix(C, fmt(3)) using t.tex, replace\nesttab matrix(D) using t.tex", tmp_path
    )
    assert [(f.line, f.text) for f in found.findings] == [(3, "matrix D not found; r(111)")] and not found.tables


@pytest.mark.parametrize("name", ["in", "using", "h"])
def test_a_handle_may_be_called_like_a_qualifier(name, tmp_path):
    (tmp_path / "t.txt").write_text("one\ntwo\n")
    text = f"file open {name} using t.txt, read text\nfile read {name} line\nlocal said `line'\nfile close {name}"
    session = run(text, tmp_path)
    assert [f.text for f in session.findings] == [] and session.macros.locals["said"] == "one"


def test_a_row_that_could_not_be_posted_leaves_the_file_in_doubt(tmp_path):
    """The data set has fewer rows than Stata's: whatever is made of it, too."""
    source = (
        "tempname p\ntempfile t\npostfile `p' b using `t'\npost `p' (1)\nmystery x\npost `p' (r(mean))\npostclose `p'\n"
        "use `t', clear\nsummarize b"
    )
    found = run_do(source, tmp_path)
    assert any(d.startswith("lost-rows") for d in found.data.doubts)
    assert any(d.startswith("lost-rows") for d in found.printed[-1].doubts)
