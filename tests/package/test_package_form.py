"""What a data editor reads first: the class where code is missing, programs that need a look, the page on a telephone."""

from __future__ import annotations

import csv
import re

import pytest

from browser import browser
from conftest import ROOT
from parity.logs.log import read_log
from parity.package.classify import classified
from parity.package.document import CellOf, ColumnOf, ExhibitOf, FindingOf, Package, Programs, Summary, summary_of
from parity.report.package.code_check import code_check
from parity.report.package.markdown import ASKED, package_markdown
from parity.report.package.page import package_page

RIGHT = Summary(cells=100, reproduced=100, explained=0, differs=0, not_verified=0)
CODE = Programs(do_files=("a.do", "b.do"), statements=20, run=20)


@pytest.mark.parametrize(
    ("programs", "codeless", "kind", "why"),
    [
        (CODE, 0, "full", "every number"),
        (CODE, 26, "partial", "the code of 26% of the numbers is missing"),
        (CODE, 24, "full", ""),
        (Programs(), 100, "partial", "holds no code"),
    ],
)
def test_numbers_without_their_code_are_no_full_reproduction(programs, codeless, kind, why):
    """However right they are by the commands that a log echoes."""
    found, said = classified(RIGHT, programs, [], codeless)
    assert found == kind and why in said


def test_a_package_of_a_log_and_data_alone_is_partial(tmp_path):
    from parity.package.verify import verify

    (tmp_path / "d.csv").write_text("x\n1\n2\n3\n")
    (tmp_path / "main.log").write_text(". import delimited d.csv\n\n. count\n  3\n\n")
    found = verify(tmp_path)
    assert found.summary.reproduced == found.summary.cells == 1
    assert (found.classification, "no code" in found.classification_why) == ("partial", True)


def package(*exhibits: ExhibitOf, findings=()) -> Package:
    return Package(versions={"parity": "0"}, package="p", programs=CODE, exhibits=exhibits, findings=findings,
                   summary=summary_of(exhibits), classification="partial")  # fmt: skip


@pytest.mark.parametrize(
    "id",
    [
        "merge-m-m",
        "unstable-sort",
        "failed-here",
        "too-much",
        "outside-folder",
        "unknown-branch",
        "unknown-block",
        "stata-error",
    ],
)
def test_the_code_check_and_the_markdown_name_the_same_programs(id):
    found = package(findings=tuple(FindingOf(id=id, file="b.do", line=n, text="x") for n in (3, 3, 7)))
    rows = {r["Data Preparation Program"]: r["Reproduced?"] for r in csv.DictReader(code_check(found).splitlines())}
    assert rows["a.do"] == "Yes" and rows["b.do"].startswith("No: 2 statements need a look")
    text = package_markdown(found)
    assert "`a.do` ran without error." in text and "`b.do` has 2 statements that need a look" in text


def test_every_finding_on_a_note_is_asked_for_once():
    """A note that is wrong about its numbers ends a check with 1, so the form must ask for its correction."""
    given = {
        id for file in (ROOT / "src/parity/package").rglob("*.py") for id in re.findall(r'"(note-[a-z]+)"', file.read_text())
    }
    asked = [id for ids in ASKED.values() for id in ids]
    assert given and given <= set(asked) and len(asked) == len(set(asked))
    findings = [FindingOf(id=id, file="t.tex", line=n, text=f"finding {n}") for n, id in enumerate(sorted(given))]
    text = package_markdown(package(findings=tuple(findings)))
    items = [line for line in text.splitlines() if line.startswith("- [ ] [")]
    assert len(items) == len(set(items)) and all(f"  - `t.tex`, line {n}: finding {n}" in text for n in range(len(given)))


def test_what_help_shows_is_no_result(tmp_path):
    shown = "Title\n\n    [R] regress   10.5  22.25 in a paragraph of 3 lines\n\n        1.  Coefficients 3 4 5\n"
    others = ". which reghdfe\n*! version 6.12.3 08aug2023\n\n. oddcommand\nit says 5 and 7\n"
    log = read_log(f". help regress\n{shown}\n{others}".encode(), "a.log")
    assert [line.text.strip() for line in log.outside] == ["it says 5 and 7"]


def test_all_verdicts_of_an_exhibit_are_in_sight_on_a_telephone(tmp_path):
    """The last columns are the ones that matter most: no long path pushes them out."""
    verdicts = ["reproduced"] * 900 + ["explained"] * 90 + ["differs"] * 80 + ["not verified"] * 70
    cells = tuple(
        CellOf(column=1, row=i, term="x", quantity="coef", printed="0.1", verdict=v) for i, v in enumerate(verdicts)
    )
    name = "replication_of_the_main_results/output/tables/table_a1_robustness_of_the_first_stage.tex"
    shown = ExhibitOf(
        id=name, file=name, line=1, kind="estimates", origin="table", columns=(ColumnOf(number=1),), cells=cells
    )
    file = tmp_path / "page.html"
    file.write_text(package_page(package(shown)), encoding="utf-8")
    assert len(re.findall('<span class="word">', file.read_text(encoding="utf-8"))) == 4
    with browser(tmp_path / "profile", width=390, height=800) as phone:
        phone.get(file.as_uri())
        hidden = """return [...document.querySelectorAll('.listed th, .listed td')]
                    .filter(e => e.getBoundingClientRect().right > window.innerWidth).length"""
        assert phone.execute_script(hidden) == 0
        phone.save_screenshot(str(tmp_path / "phone.png"))


def test_branches_that_hang_on_one_cause_are_one_line_a_do_file():
    from parity.report.package.page import package_page
    from parity.report.package.terminal import package_text

    why = "` hangs on what can't be known (unstable-sort (a.do:{at})): it may go the other way"
    asked = [f"`if `v{n}' > 0{why.format(at=9 if n < 200 else 5)}" for n in range(203)]
    found = package(
        findings=tuple(FindingOf(id="unknown-branch", file="b.do", line=n + 1, text=t) for n, t in enumerate(asked))
    )
    text, page = package_text(found), package_page(found)
    assert text.count("unknown-branch") == 1 + 3  # three of another cause are each named
    assert "b.do:1, 2, 3 and 197 more lines" in text and "(the first of 200 such)" in " ".join(text.split())
    assert all(len(line) <= 80 for line in text.splitlines())
    assert page.count("unknown-branch") == 4 and "203 findings; the JSON lists each" in page
