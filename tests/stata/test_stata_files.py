"""`copy` within the package's folder, into the scratch folder alone; names made of texts; `_new` of `file write`."""

from __future__ import annotations

import pytest

from parity.stata.do import run_do


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "a.csv").write_text("x,y\n1,2\n3,5\n")
    return tmp_path


@pytest.mark.parametrize(
    "code",
    [
        "copy inputs/a.csv temp/b.csv, replace\nimport delimited temp/b.csv, clear",
        'copy "inputs/a.csv" temp/\nimport delimited temp/a.csv, clear',
        "import delimited inputs/a.csv, clear\nsave k\ncopy k.dta m.dta\nreplace x = 9\nuse m, clear",
        "import delimited inputs/a.csv, clear\ntempfile t\nsave `t'\ncopy `t' n.dta\nclear\nuse n",
        "import delimited inputs/a.csv, clear\nsave k\ntempfile t\ncopy k.dta `t'\nclear\nuse `t'",
        "import delimited inputs/a.csv, clear\nsave k\nreplace x = 7\nsave m\ncopy k.dta m.dta, replace\nuse m, clear",
    ],
)
def test_a_copy_is_read_like_its_original(folder, code):
    done = run_do(code, folder)
    assert done.data["x"].values.tolist() == [1, 3] and not done.findings
    assert sorted(p.name for p in folder.rglob("*")) == ["a.csv", "inputs"]  # nothing is written there


def test_what_is_copied_from_elsewhere_is_said(folder):
    (folder.parent / "out.csv").write_text("x\n1\n")
    done = run_do('copy "http://127.0.0.1:9/x" z\ncopy ../out.csv z\ncopy inputs/a.csv\n', folder)
    assert [(f.line, f.id) for f in done.findings] == [(1, "never-run"), (2, "file-absent"), (3, "stata-error")]


def test_names_of_texts(folder):
    said = ' "|" '.join(['strtoname("1 a-b%c")', 'strtoname("1a", 0)', 'ustrtoname("é x")'])
    (shown,) = run_do(f"display {said}", folder).printed
    assert shown.values["text"] == "_1_a_b_c|1a|é_x"


def test_new_is_short_for_newline(folder):
    code = 'file open f using a.csv, write replace\nfile write f "x" _new "4" _newline\nfile close f\nimport delimited a.csv'
    assert run_do(code, folder).data["x"].values.tolist() == [4]
