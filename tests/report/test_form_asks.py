"""What the AEA's form asks an author for, and which reasons it ticks: each follows from the report, and none is a guess."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import ROOT
from parity.cli import main
from parity.compare.printed import read_number
from parity.logs.exhibit import Cell, Place
from parity.package.document import CellOf, ColumnOf, ExhibitOf, FileUsed, FindingOf, Package, Programs, summary_of
from parity.package.explained import _nearest
from parity.package.verdict import Judged
from parity.package.verify import verify
from parity.report.package.markdown import MOST_FINDINGS, MOST_NUMBERS, incomplete, package_markdown
from parity.report.package.terminal import package_text

LOGGED = (
    ". summarize value\n\n    Variable |        Obs        Mean    Std. dev.       Min        Max\n"
    + "-" * 13
    + "+"
    + ("-" * 57 + "\n       value |        200    1081.681     1314.47      58.12     6241.7\n\n")
)


def package(*exhibits: ExhibitOf, findings=(), files=("main.do",)) -> Package:
    return Package(versions={"parity": "0"}, package="p", programs=Programs(do_files=("main.do",), statements=9, run=9),
                   files=tuple(FileUsed(path=f, role="do-file") for f in files), exhibits=exhibits, findings=tuple(findings),
                   summary=summary_of(exhibits), classification="partial")  # fmt: skip


def exhibit(*cells: CellOf, columns: int = 1) -> ExhibitOf:
    return ExhibitOf(id="main.log:76", file="main.log", line=76, kind="estimates", origin="log",
                     columns=tuple(ColumnOf(number=n + 1) for n in range(columns)), cells=cells)  # fmt: skip


def cell(verdict="differs", line=88, **more) -> CellOf:
    said = {"term": "successful_transactions", "label": "successful~s", "reason": "printed .0000746: .0000745 is due"} | more
    return CellOf(
        column=1, row=2, quantity="se", printed=".0000746", estimated=7.4456e-05, verdict=verdict, line=line, **said
    )


def requests(found: Package) -> list[str]:
    section = package_markdown(found).partition("### Action Items\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line]


def ticked(found: Package) -> set[str]:
    return {said.split("`")[1] for held, said in incomplete(found) if held}


def finding(id: str, text: str = "x", line: int = 3, file: str = "main.do") -> FindingOf:
    return FindingOf(id=id, file=file, line=line, text=text)


def test_numbers_that_differ_are_asked_for_at_their_own_lines():
    asked = requests(package(exhibit(cell(), cell("reproduced", line=87)), files=("README.md",)))
    assert asked == [
        "- [ ] [REQUIRED] Please correct the numbers that the data don't give, or the code.",
        "  - `main.log`, line 88, successful~s, successful\\_transactions, se: printed .0000746: .0000745 is due",
    ]
    assert requests(package(exhibit(cell("reproduced")), files=("README.md",))) == []
    many = requests(package(exhibit(*[cell()] * (MOST_NUMBERS + 7)), files=("README.md",)))
    assert len(many) == MOST_NUMBERS + 2 and many[-1] == "  - and 7 more"
    (placed,) = requests(package(exhibit(cell(line=0), columns=2), files=("README.md",)))[1:]
    assert "line 76, column 1, successful~s" in placed


@pytest.mark.parametrize(
    ("files", "asked"),
    [(("main.do", "LICENSE"), True), (("main.do", "docs/READ_ME.pdf"), False), (("main.do", "0 - ReadMe.docx"), False)],
)
def test_a_readme_that_is_not_there_is_the_first_request(files, asked):
    found = package(exhibit(cell()), files=files)
    assert requests(found)[0].startswith("- [ ] [REQUIRED] Please add a README") == asked
    assert ("There is no README: none is declared." in package_markdown(found)) == asked


@pytest.mark.parametrize("guess", ["`agora-vendors.csv`", "`a.csv` or `b.csv`"])
def test_guesses_stay_on_the_terminal(guess):
    found = package(findings=[finding("file-absent", f"the file `agora-reviews.csv` isn't there: did you mean {guess}?")])
    assert "did you mean" in package_text(found)
    text = package_markdown(found)
    assert "did you mean" not in text and text.count("the file \\`agora-reviews.csv\\` isn't there") == 2


def test_the_findings_that_are_referred_to_are_there():
    look = [finding("stata-error", "variable x not found; r(111)", 9), finding("abbreviated-name", "`a|b`", 12)]
    found = package(findings=[finding("kept-file", "the package's own is read", 4), *look])
    text = package_markdown(found)
    assert "2 statements that need a look (see the findings)" in text
    rows = [line for line in text.splitlines() if line.startswith("| main.do:")]
    assert [r.split(" | ")[0] for r in rows] == [
        "| main.do:9",
        "| main.do:12",
        "| main.do:4",
    ]  # those that need a look first
    assert "stata-error | variable x not found; r(111) |" in rows[0] and "\\`a\\|b\\`" in rows[1]
    many = package_markdown(package(findings=[finding("trap", f"trap {n}", n) for n in range(MOST_FINDINGS + 5)]))
    assert many.count("| trap |") == MOST_FINDINGS and "| and 5 more |" in many
    assert "Findings of the Code" not in package_markdown(package())


@pytest.mark.parametrize(
    ("findings", "reasons"),
    [
        ([finding("unknown-command", "the command `table` is not known here")], set()),
        (
            [finding("never-run", "`python` is never run here: it is another language")],
            {"Software not available to replicator"},
        ),
        ([finding("never-run", "`mata` is never run here: it is another language")], set()),
        ([finding("never-run", "`erase` is never run here: it deletes files")], set()),
        ([finding("abbreviated-name"), finding("unstable-sort")], set()),
        ([finding("file-elsewhere")], {"Bugs in code"}),
        ([finding("stata-error", "variable x not found; r(111)")], {"Code not functional"}),
        ([finding("stata-error", "what it takes isn't known")], set()),
        ([finding("unbalanced-braces")], {"Code not functional"}),
        ([finding("file-absent")], {"Code not functional", "Data missing"}),
        # the command that isn't known here may have made x
        ([finding("unknown-command"), finding("stata-error", "variable x not found; r(111)")], set()),
    ],
)
def test_reasons_are_ticked_for_what_is_the_packages(findings, reasons):
    assert ticked(package(exhibit(cell("reproduced")), findings=findings)) == reasons


def test_what_parity_lacks_is_said_as_its_own():
    why = "what `table` prints is not held against the data"
    known = finding("unknown-command", "the command `table` is not known here: did you mean `tabel`?")
    text = package_markdown(package(exhibit(cell("not verified", reason=why)), findings=[known]))
    section = text.partition("Not checked for want of parity's own support")[2].partition("## Appendix")[0]
    assert "- the command \\`table\\` is not known here\n" in section
    assert "- what \\`table\\` prints is not held against the data\n" in section
    assert "parity's own support" not in package_markdown(package(exhibit(cell("reproduced"))))


@pytest.mark.parametrize(
    ("printed", "estimated", "said"),
    [
        (".0000746", 7.44561459e-05, ".0000745 is due"),
        ("(-0.13)", -0.1178, "-0.12 is due"),
        ("1,504", 1503.0, "1503 is due"),
        ("0.14", 0.125, "outside"),  # 0.12 and 0.13 are as near: nobody can say which is due
        ("1.2e-3", 0.00131, "outside"),
    ],
)
def test_what_is_due_is_said_where_one_number_is(printed, estimated, said):
    number = read_number(printed.replace(",", ""))
    judged = Judged(0, 0, "x", "x", "se", Cell(printed, number, "se", Place("t.log", 3)), estimated, "differs", 0.005)
    assert _nearest(judged).reason.endswith(said if "due" in said else "outside what it stands for")


# ---------------------------------------------------------------- right by commands that only a log has


def logged(folder: Path, code: dict[str, str]) -> Path:
    text = (ROOT / "docs" / "examples" / "package" / "investment.csv").read_text()
    (folder / "investment.csv").write_text(text)
    for name, statements in code.items():
        (folder / name).write_text(statements)
    head = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"
    (folder / "main.log").write_text(f"{head}\n. import delimited using investment.csv, clear\n\n{LOGGED}. log close\n")
    return folder


OTHER = {"a.do": "import delimited using other.csv\n", "b.do": "import delimited using third.csv\n"}


@pytest.mark.parametrize(("code", "options", "exit_code"), [({}, [], 0), (OTHER, [], 1), (OTHER, ["--own-commands"], 0)])
def test_numbers_that_only_a_log_gives_are_no_green_run(tmp_path, code, options, exit_code):
    """However right they are: the do-files that were delivered don't give them. A package of logs alone is as it was."""
    done = CliRunner().invoke(main, ["package", str(logged(tmp_path, code)), *options])
    assert done.exit_code == exit_code, done.output
    said = "5 of 5 numbers reproduced are so by commands that only a log has, not by the do-files"
    assert (said in " ".join(done.output.split())) == (exit_code == 1)
    assert verify(tmp_path).exit_code == (1 if code else 0)


@pytest.mark.parametrize(("options", "code"), [([], 1), (["--parity-own-commands"], 0)])
def test_pytest_says_so_too(tmp_path, options, code):
    (tmp_path / "p").mkdir()
    (tmp_path / "tests").mkdir()
    folder = logged(tmp_path / "p", OTHER)
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "-q", "--parity-package", str(folder), *options, "tests"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == code, done.stdout
    assert ("by commands that only a log has" in done.stdout) == (code == 1)
