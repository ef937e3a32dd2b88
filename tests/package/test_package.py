"""`parity package`: what is taken for what, and every number of the made package with its verdict."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import FIXTURES, ROOT
from parity.base.errors import InputError
from parity.cli import main
from parity.package.document import Package, summary_of, to_json
from parity.package.folder import File, Listing, listing
from parity.package.inventory import inventory
from parity.package.read_back import from_json
from parity.package.verify import Asked, verify

MADE = FIXTURES / "packages" / "made"


@pytest.fixture(scope="session")
def made() -> Package:
    return verify(MADE)


@pytest.fixture
def copy(tmp_path) -> Path:
    shutil.copytree(MADE, tmp_path / "made")
    return tmp_path / "made"


def edited(folder: Path, file: str, before: str, after: str, *, count: int = 1) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text, (file, before)
    path.write_text(text.replace(before, after, count), encoding="utf-8")


def exhibit(package: Package, id: str):
    return next(e for e in package.exhibits if e.id == id)


def off(package: Package) -> list:
    """Cells that aren't reproduced, with their exhibit's id."""
    return [(e.id, c) for e in package.exhibits for c in e.cells if c.verdict in ("differs", "explained")]


# ---------------------------------------------------------------- what is taken for what


def listed(**files: bytes) -> Listing:
    return Listing(tuple(File(p, len(h), 0.0, h) for p, h in files.items()))


def test_roles_are_told_by_content_where_names_are_silent():
    found = inventory(
        Listing(
            (
                File("a.do", 1), File("d.dta", 1), File("x.csv", 1, head=b'="",="(1)"\n="",="y"'),
                File("raw.csv", 1, head=b"a,b\n1,2\n3,4\n"), File("l.log", 1, head=b"      name:  <unnamed>\n"),
                File("paper.log", 1, head=b"This is pdfTeX, Version 3"), File("t.tex", 1, head=b"\\begin{tabular}{l}\na&b"),
                File("p.tex", 1, head=b"\\documentclass{article}"), File("o.xls", 1, head=b'<?xml version="1.0"?>'),
                File("README.md", 1), File("log.txt", 1, head=b". use x\n. reg y x\n"),
            )
        ),
        {"a.do": ""},
    )  # fmt: skip
    assert dict(found.roles) == {
        "a.do": "do-file", "d.dta": "data", "x.csv": "table", "raw.csv": "data", "l.log": "log", "paper.log": "other",
        "t.tex": "table", "p.tex": "paper", "o.xls": "table", "README.md": "readme", "log.txt": "log",
    }  # fmt: skip


def test_what_a_do_file_writes_is_a_table_whatever_it_looks_like():
    text = 'esttab a b using "$out/Results", replace\noutreg2 using res.doc\n'
    found = inventory(listed(**{"a.do": b"", "Results.csv": b"1,2\n", "res.doc": b"?"}), {"a.do": text})
    assert found.roles["Results.csv"] == "table" and found.roles["res.doc"] == "table"


def test_the_master_runs_the_others():
    texts = {"0_run.do": 'do "code/a.do"\ndo code/b\n', "code/a.do": "", "code/b.do": "* do 0_run.do"}
    found = inventory(listed(**dict.fromkeys(texts, b"")), texts)
    assert found.master.path == "0_run.do" and found.master.calls == ("code/a.do", "code/b.do")
    assert "it runs 2 of the 3 do-files" in found.master.reasons


def test_without_a_master_do_files_run_in_the_order_of_their_numbers():
    texts = dict.fromkeys(("10_tables.do", "2_clean.do", "1_read.do"), "")
    found = inventory(listed(**dict.fromkeys(texts, b"")), texts)
    assert found.master is None and found.order == ("1_read.do", "2_clean.do", "10_tables.do")


def test_several_masters_are_asked_about(tmp_path):
    """Of two that run mostly the same others one may be meant; where each runs its own, all are."""
    files = {"one.do": "do a.do\ndo b.do", "two.do": "do b.do", "a.do": "display 1", "b.do": "display 2"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=r"--do FILE: .*one.do.*two.do"):
        verify(tmp_path)
    (tmp_path / "two.do").write_text("do c.do\ndo b.do\ndo d.do")
    (tmp_path / "c.do").write_text("display 3")
    (tmp_path / "d.do").write_text("display 4")
    package = verify(tmp_path)
    assert set(package.programs.do_files) == {f"{n}.do" for n in ("one", "a", "b", "two", "c", "d")}
    assert "do-files run others, each its own: run in the order of their names, one.do first" in package.said


def test_a_link_out_of_the_package_is_refused(tmp_path):
    (tmp_path / "secret.dta").write_bytes(b"x")
    package = tmp_path / "package"
    package.mkdir()
    (package / "a.do").write_text("display 1")
    os.symlink(tmp_path / "secret.dta", package / "data.dta")
    os.symlink(tmp_path, package / "up")
    found = listing(package)
    assert [f.path for f in found.files] == ["a.do"]
    assert {path for path, _ in found.refused} == {"data.dta", "up"}
    assert "data.dta" in {n.file for n in verify(package).not_verified}


def test_two_thousand_files_are_listed_fast(tmp_path):
    import time

    for i in range(2000):
        folder = tmp_path / f"数据 {i % 20}"
        folder.mkdir(exist_ok=True)
        (folder / f"a {i}.csv").write_text("a,b\n1,2\n")
    (tmp_path / "run.do").write_text("display 1")
    start = time.monotonic()
    found = inventory(listing(tmp_path), {"run.do": ""})
    assert len(found.of("data")) == 2000
    assert time.monotonic() - start < 5


# ---------------------------------------------------------------- the made package


def test_every_estimate_of_the_made_package_is_reproduced(made):
    estimates = [e for e in made.exhibits if e.kind == "estimates"]
    assert len(estimates) == 23
    assert {c.verdict for e in estimates if e.origin == "table" for c in e.cells} == {"reproduced"}
    assert not off(made)
    assert made.exit_code == 0


def test_every_cell_has_a_verdict_and_the_sums_hold(made):
    assert made.summary == summary_of(made.exhibits)
    assert made.summary.cells == sum(len(e.cells) for e in made.exhibits) > 700
    assert all(c.reason for e in made.exhibits for c in e.cells if c.verdict == "not verified")


def test_columns_are_mapped_by_the_call_that_wrote_them(made):
    assert [c.how for c in exhibit(made, "tables/table1.tex").columns] == ["call"] * 3
    assert [c.command.line for c in exhibit(made, "tables/table4.txt").columns] == [16, 18]
    assert [c.how for c in exhibit(made, "tables/table5.md").columns] == ["numbers"] * 2
    assert {c.how for e in made.exhibits if e.origin == "log" and e.kind == "estimates" for c in e.columns} == {"echo"}


def test_somebodys_path_is_mapped_and_said(made):
    assert made.master == "master.do" and made.programs.failed == 0
    assert [(f.file, f.line) for f in made.findings if f.id == "absolute-path"] == [("master.do", 5)]


def test_the_report_is_of_its_schema_and_comes_back(made):
    text = to_json(made)
    schema = json.loads((ROOT / "schemas" / "package.json").read_text(encoding="utf-8"))
    assert json.loads(text)["schema"] == schema["properties"]["schema"]["const"] == "parity-package/1"
    assert set(json.loads(text)) == set(schema["properties"])
    assert set(json.loads(text)["exhibits"][0]["cells"][0]) == set(schema["$defs"]["CellOf"]["properties"])
    assert from_json(text, "x") == made
    held = json.loads(text)
    held["summary"]["reproduced"] += 1
    with pytest.raises(InputError, match="altered"):
        from_json(json.dumps(held), "x")


def test_hashes_are_of_the_files_that_were_used(made):
    import hashlib

    by_path = {f.path: f for f in made.files}
    assert by_path["data/wages.dta"].sha256 == hashlib.sha256((MADE / "data/wages.dta").read_bytes()).hexdigest()
    assert by_path["logs/main.log"].sha256 and by_path["tables/table1.tex"].sha256
    assert not by_path["data/occupations.csv"].sha256  # nothing reads it


# ---------------------------------------------------------------- the verb


def test_the_verb_prints_80_columns_and_writes_nothing_into_the_package(copy, tmp_path):
    before = {p: p.stat().st_mtime_ns for p in copy.rglob("*")}
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        done = CliRunner().invoke(main, ["package", str(copy), "--json", str(tmp_path / "r.json")])
    finally:
        for path in [copy, *copy.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert done.exit_code == 0, done.output
    first = " ".join(done.output.split("\n\n")[0].split())
    summary = from_json((tmp_path / "r.json").read_text(), "r").summary
    assert first.startswith(f"{summary.reproduced} of {summary.cells} printed numbers reproduced")
    assert max(map(len, done.output.splitlines())) <= 80
    assert {p: p.stat().st_mtime_ns for p in copy.rglob("*")} == before
    again = CliRunner().invoke(main, ["package", str(copy), "--json", str(copy / "r.json")])
    assert again.exit_code == 2 and "nothing is ever written" in again.output


def test_nothing_to_verify_is_wrong_input_and_nothing_compared_is_red(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert CliRunner().invoke(main, ["package", str(empty)]).exit_code == 2
    assert CliRunner().invoke(main, ["package", str(tmp_path / "nowhere")]).exit_code == 2
    (empty / "a.do").write_text("display 1")
    done = CliRunner().invoke(main, ["package", str(empty)])
    assert done.exit_code == 1 and "nothing was verified" in done.output
    missing = CliRunner().invoke(main, ["package", str(empty), "--do", "b.do"])
    assert missing.exit_code == 2 and "b.do" in missing.output


def test_a_green_exit_needs_most_numbers_compared(copy, tmp_path):
    """One table of many can be verified: green only where that is asked for."""
    for file in (copy / "data").iterdir():
        if file.name != "wages.dta":
            file.unlink()
    (copy / "tables" / "table9.md").write_text(
        "Table 9: of data that are not there\n\n| | (1) |\n|---|---|\n"
        + "".join(f"| x{i} | {0.1 * i:.3f} |\n|  | ({0.01 * i:.3f}) |\n" for i in range(1, 400))
        + "| N | 100 |\n",
        encoding="utf-8",
    )

    def asked(*more):
        return CliRunner().invoke(main, ["package", str(copy), "--json", str(tmp_path / "r.json"), *more])

    default = asked()
    summary = from_json((tmp_path / "r.json").read_text(), "r").summary
    compared = summary.cells - summary.not_verified
    assert 0 < compared < summary.cells / 2 and not summary.differs
    assert default.exit_code == 1
    assert f"{compared} of {summary.cells} printed numbers were compared, and at least one and 75 %" in default.stderr
    assert asked("--require-share", "5").exit_code == 0
    assert asked("--require-share", "100").exit_code == 1
    (copy / "data" / "wages.dta").unlink()
    nothing = asked("--require-share", "0")
    assert nothing.exit_code == 1 and nothing.stderr.startswith("parity: 0 of ")


# ---------------------------------------------------------------- planted


def test_a_changed_digit_differs_in_its_cell_alone(copy):
    edited(copy, "tables/table1.tex", "(0.00450)", "(0.00540)")
    found = off(verify(copy, Asked(tables=("tables/table1.tex",))))
    assert [(i, c.column, c.label, c.quantity, c.verdict) for i, c in found] == [
        ("tables/table1.tex", 2, "Schooling", "se", "differs")
    ]
    assert found[0][1].causes[0].id == "misprint" and "exchanged" in found[0][1].causes[0].text
    assert found[0][1].distance == pytest.approx(0.0054 - 0.0044955, abs=2e-5)


def test_a_log_of_other_data_is_verified_by_its_own_commands(copy):
    """A log whose `use` no do-file has is of another run; what it echoes is run instead, and that is said."""
    shutil.copy(copy / "data/wages.dta", copy / "data/other.dta")
    log = copy / "logs/main.log"
    kept = log.read_text(encoding="utf-8").split('. do "$root/code/3_tables.do"')[0]
    head, _, rest = kept.partition('. use "$root/data/wages.dta", clear')
    rest = rest.split("end of do-file")[0].split(". save")[0] + rest.split('. use "$root/data/panel.dta", clear')[1]
    log.write_text(f'{head}. use "$root/data/other.dta", clear{rest}', encoding="utf-8")
    found = verify(copy, Asked(logs=("logs/main.log",)))
    assert [f.file for f in found.findings if f.id == "log-of-other-code"] == ["logs/main.log"]
    assert found.summary.reproduced == found.summary.cells > 200
    commands = [c.command.file for e in found.exhibits for c in e.columns if c.command is not None]
    assert set(commands) == {"logs/main.log"}


def test_absent_data_are_the_reason_of_every_number_that_needs_them(copy):
    (copy / "data/wages.dta").unlink()
    found = verify(copy)
    assert found.exit_code == 1 and found.classification == "not able to reproduce"
    window = next(e for e in found.exhibits if e.id == "logs/main.log:57")
    assert {c.verdict for c in window.cells} == {"not verified"}
    assert all("wages.dta" in c.reason for c in window.cells)


def test_a_macro_that_asks_absent_data_ends_no_run(tmp_path):
    (tmp_path / "a.do").write_text('use nowhere, clear\nlocal l : variable label y\ndisplay "`l\'"\n')
    assert verify(tmp_path).programs.statements == 3


def test_planted_mistakes_are_found_named_and_nothing_else_is_called_wrong():
    """A mistake of each kind; the script plants as many as it is told."""
    from planted_package import KINDS, planted

    results = planted(MADE, 10, 5)
    assert {r.fault.kind for r in results} >= set(KINDS) - {"column", "label"}
    assert len(results) >= 8
    missed = [(r.fault, r.said) for r in results if not r.found or not r.named]
    assert not missed
    assert not [r.fault for r in results if r.wrong]


@pytest.mark.needs_r
def test_other_engines_are_asked_about_the_columns_estimates():
    found = verify(MADE, Asked(tables=("tables/table5.md",), engines="all"))
    said = [c.engines for c in found.exhibits[0].columns]
    assert len(said) == 2 and all("engines agree to at least 1" in text for text in said)


def test_a_summary_of_data_in_doubt_is_called_wrong_only_beside_what_is_right(copy):
    """A command that isn't known may have changed the rows. Where the rest of a variable's line is as printed, it didn't."""
    edited(copy, "code/1_data.do", "xtset nr year", "xtset nr year\nsomething_unknown nr")
    edited(copy, "logs/main.log", "       lwage |      4,360", "       lwage |      4,350")
    found = exhibit(verify(copy, Asked(logs=("logs/main.log",))), "logs/main.log:47")
    assert (found.count("differs"), found.count("reproduced")) == (1, 24)
    for number in ("1.649147", ".5326094"):
        edited(copy, "logs/main.log", number, number[:-4] + "9999")
    found = exhibit(verify(copy, Asked(logs=("logs/main.log",))), "logs/main.log:47")
    assert (found.count("not verified"), found.count("reproduced")) == (3, 22)
    assert "unknown-command" in next(c.reason for c in found.cells if c.verdict == "not verified")


def test_a_unit_of_the_last_digit_is_no_slip_of_the_pen(copy):
    """So near, another convention is likelier than a misprint; what no convention gives differs, and no pen is blamed."""
    edited(copy, "logs/main.log", ".0170652", ".0170653")
    ((where, cell),) = off(verify(copy, Asked(logs=("logs/main.log",))))
    assert (where, cell.label, cell.quantity, cell.verdict, cell.causes) == (
        "logs/main.log:57",
        "union",
        "se",
        "differs",
        (),
    )


def test_a_column_of_another_convention_differs_and_the_convention_is_said(copy):
    """t statistics as areg counts them, in a table of xtreg: of three digits each, all by one factor, which is no proof."""
    for before, after in (("(3.48)", "(3.25)"), ("(4.92)", "(4.60)"), ("(15.63)", "(14.62)"), ("(96.47)", "(90.25)")):
        edited(copy, "tables/table3.rtf", before, after)
    found = exhibit(verify(copy, Asked(tables=("tables/table3.rtf",))), "tables/table3.rtf")
    off = [c for c in found.cells if c.verdict != "reproduced"]
    assert [(c.quantity, c.verdict, c.column) for c in off] == [("t", "differs", 1)] * 4
    assert all("perhaps: " in c.reason and [x.id for x in c.causes] == ["counts-nested-effects"] for c in off)


def test_a_heading_that_names_other_clusters_is_no_green_run(copy):
    """The numbers are those of clusters in nr, of which there are as many as the window says."""
    edited(copy, "logs/main.log", "545 clusters in nr)", "545 clusters in year)")
    found = verify(copy, Asked(logs=("logs/main.log",)))
    (denied,) = found.denied
    assert (denied.id, denied.file) == ("note-clusters", "logs/main.log") and "clusters in year" in denied.text
    assert found.summary.differs == 0 and found.exit_code == 1
    done = CliRunner().invoke(main, ["package", str(copy), "--log", "logs/main.log", "--no-cache"])
    assert done.exit_code == 1 and "a note is wrong about its numbers: logs/main.log:" in done.output
