"""A data file that isn't where the do-file looks, and lies in another folder of the package."""

from __future__ import annotations

import pytest

from parity.stata.do import run_do


def package(tmp_path, **files: str):
    for path, text in files.items():
        place = tmp_path / path.replace("__", "/").replace("_csv", ".csv")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    "code",
    [
        "import delimited a.csv",
        "insheet using A.CSV, clear",
        "import delimited other/a.csv",
        'copy "a.csv" b.csv\nimport delimited b.csv',
    ],
)
def test_the_only_file_of_its_name_is_read_and_said(tmp_path, code):
    done = run_do(code, package(tmp_path, Data_sets__a_csv="x\n1\n3\n"))
    assert done.data["x"].values.tolist() == [1, 3]
    (finding,) = done.findings
    assert (finding.id, finding.line, finding.taints) == ("file-elsewhere", 1, False)
    assert finding.text.endswith("the package's only file of that name is read: Data_sets/a.csv")


def test_what_stands_where_it_is_looked_for_goes_before(tmp_path):
    done = run_do("import delimited a.csv", package(tmp_path, a_csv="x\n1\n", old__a_csv="x\n2\n"))
    assert done.data["x"].values.tolist() == [1] and not done.findings


def test_of_several_none_is_taken_unless_they_are_copies(tmp_path):
    both = package(tmp_path, one__a_csv="x\n1\n", two__a_csv="x\n2\n")
    (finding,) = run_do("import delimited a.csv", both).findings
    assert finding.id == "file-absent"
    assert finding.text.endswith("several files are called so, and which is meant isn't known: one/a.csv, two/a.csv")
    (both / "two" / "a.csv").write_text("x\n1\n")
    assert run_do("import delimited a.csv", both).data["x"].values.tolist() == [1]


@pytest.mark.parametrize("save", ["save a", 'save "a.dta", replace', "export delimited a.csv", "copy b.csv a.csv"])
def test_what_the_do_file_would_have_made_is_no_other_file(tmp_path, save):
    """Its raw data are absent: a file of the result's name in another folder is somebody else's."""
    folder = package(tmp_path, old__a_csv="x\n1\n")
    (folder / "old" / "a.dta").write_bytes(b"")
    read = "use a, clear" if "export" not in save and "copy" not in save else "import delimited a.csv, clear"
    done = run_do(f"import delimited raw.csv\n{save}\n{read}", folder)
    assert [f.id for f in done.findings if f.line == 3] == ["file-absent"] and done.data is None


def test_hidden_folders_and_links_out_hold_no_data(tmp_path):
    outside, folder = package(tmp_path / "outside", a_csv="x\n9\n"), package(tmp_path / "in", b_csv="y\n1\n")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "a.csv").write_text("x\n2\n")
    (folder / "link").symlink_to(outside, target_is_directory=True)
    (folder / "one.csv").symlink_to(outside / "a.csv")
    assert [f.id for f in run_do("import delimited a.csv", folder).findings] == ["file-absent"]
