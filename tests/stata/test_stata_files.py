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


def test_input_takes_rows_that_can_be_read_and_new_variables_alone(tmp_path):
    """As a public log has it: a word where a number is due refuses the row; a variable that is there is no new one."""
    found = run_do('clear\ninput id age name\n1 13 kwame\n2 19 abrefi\nend\ninput id age\n1 13\n2 .\nend\n'
                   'input id\n7\nend\ninput str4 z\n"a"\nend\ninput\n3 14 "q"\nend\nlist', tmp_path)  # fmt: skip
    assert [f.text for f in found.findings] == [
        "`kwame` cannot be read as a number: `input` takes no such row",
        "`abrefi` cannot be read as a number: `input` takes no such row", "variable id already defined; r(110)",
    ]  # fmt: skip
    assert found.printed[-1].values["rows"] == [["1", "13", "a"], ["2", ".", ""], ["3", "14", "q"]]


def test_files_of_a_folder_that_is_not_there_are_no_empty_list(tmp_path):
    found = run_do('local f : dir "raw" files "*.csv"\nforeach x of local f {\nimport delimited using "`x\'"\n}', tmp_path)
    assert [(f.id, f.line) for f in found.findings] == [("file-absent", 1)]
    assert found.statements[1].status == "lost" or found.statements[2].status == "lost"
