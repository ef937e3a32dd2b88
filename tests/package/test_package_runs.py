"""Windows that are another run's: of the same command on other data, of another log, of a command that was refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from parity.package.verify import verify
from parity.stata.do import run_do

RULE = "-" * 78


@pytest.fixture
def folder(tmp_path):
    """Two files of the same columns, with clusters of two kinds."""
    rng = np.random.default_rng(8)
    for name in ("one", "two"):
        x, w = rng.normal(size=60), rng.normal(size=60)
        y = x + 0.3 * w + rng.normal(size=60)
        rows = "\n".join(
            f"{a:.8f},{b:.8f},{c:.8f},{i % 12},{i // 6}" for i, (a, b, c) in enumerate(zip(y, x, w, strict=True))
        )
        (tmp_path / f"{name}.csv").write_text(f"y,x,w,g,h\n{rows}\n")
    return tmp_path


def windows(folder: Path, code: str) -> list[str]:
    """Each estimation of a do-file as its window."""
    out = []
    for e in run_do(code, folder).estimations:
        robust = "Robust" if e.request.kind != "iid" else ""
        groups = len(set(e.data[e.request.cluster[0]].values.tolist())) if e.request.cluster else 0
        said = f"({f'Std. err. adjusted for {groups} clusters in {e.request.cluster[0]}':>70})" if groups else ""
        lines = [f"{'':>49}Number of obs     = {e.estimated.numbers['N']:>10.0f}", "", said, RULE,
                 f"{'':>13}|{robust:>21}".rstrip(),
                 "           y | Coefficient  std. err.      t    P>|t|     [95% conf. interval]",
                 "-------------+" + "-" * 64]  # fmt: skip
        for c in e.coefficients:
            lines.append(f"{c.term:>12} | {c.b:10.7f}  {c.se:9.7f} {c.t:8.2f} {c.p:7.3f}   {c.low:10.7f}  {c.high:10.7f}")
        out.append("\n".join([*lines, RULE]))
    return out


def log(folder: Path, name: str, *said: str) -> None:
    """said: commands, each perhaps with what it printed below it"""
    head = f"      name:  <unnamed>\n       log:  {name}\n  log type:  text\n\n"
    body = "\n\n".join(f". {text}" for text in said)
    (folder / name).write_text(f"{head}{body}\n\n. log close\n      name:  <unnamed>\n       log:  {name}\n"
                               "  log type:  text\n closed on:   1 Jan 2024, 10:00:00\n")  # fmt: skip


def verdicts(report) -> list[set[str]]:
    return [{c.verdict for c in e.cells} for e in report.exhibits]


ONE, TWO = "import delimited one.csv, clear", "import delimited two.csv, clear"
REG = "regress y x w"


def test_each_run_of_a_command_prints_one_window(folder):
    """The second data's numbers stand below the first data's command, and below their own."""
    code = f"{ONE}\n{REG}\n{TWO}\n{REG}\n"
    (folder / "main.do").write_text(code)
    first, second = windows(folder, code)
    log(folder, "main.log", ONE, f"{REG}\n\n{first}", TWO, f"{REG}\n\n{second}")
    assert verdicts(verify(folder)) == [{"reproduced"}] * 2
    log(folder, "main.log", ONE, f"{REG}\n\n{second}", TWO, f"{REG}\n\n{second}")
    report = verify(folder)
    assert verdicts(report) == [{"explained"}, {"reproduced"}]
    assert {c.id for x in report.exhibits[0].cells for c in x.causes} == {"another-estimate"}
    log(folder, "main.log", TWO, f"{REG}\n\n{second}", ONE, f"{REG}\n\n{first}")  # the do-file was run in another order
    assert verdicts(verify(folder)) == [{"reproduced"}] * 2


def test_a_log_of_the_code_has_no_numbers_of_another_log(folder):
    """Another log of the folder, verified by its own commands, has the same command on other data."""
    (folder / "main.do").write_text(f"{ONE}\n{REG}\n")
    (first,) = windows(folder, f"{ONE}\n{REG}")
    (second,) = windows(folder, f"{TWO}\n{REG}")
    log(folder, "other.log", TWO, f"{REG}\n\n{second}")
    log(folder, "main.log", ONE, f"{REG}\n\n{first}")
    assert verdicts(verify(folder)) == [{"reproduced"}] * 2
    log(folder, "main.log", ONE, f"{REG}\n\n{second}")
    report = verify(folder)
    found = {e.file: {c.verdict for c in e.cells} for e in report.exhibits}
    assert found == {"main.log": {"explained"}, "other.log": {"reproduced"}}
    assert ("another-column", "main.log") in {(f.id, f.file) for f in report.findings}


def test_a_window_has_the_numbers_of_another_command(folder):
    code = f"{ONE}\nregress y x\n{REG}, robust\n"
    (folder / "main.do").write_text(code)
    short, long = windows(folder, code)
    without = "\n".join(line for line in long.split("\n") if not line.lstrip().startswith("w |"))
    log(folder, "main.log", ONE, f"regress y x\n\n{without}", f"{REG}, robust\n\n{long}")
    report = verify(folder)
    assert verdicts(report) == [{"explained"}, {"reproduced"}]
    assert "main.do:3" in report.exhibits[0].cells[0].causes[0].text
    assert short != without


def test_a_window_below_another_command_is_not_held_against_one_that_is_like_it(folder):
    """A log older than its code: `qreg` gave numbers that are near those of regress, which are not called wrong by it."""
    code = f"{ONE}\nregress y x\n{REG}\n"
    (folder / "main.do").write_text(code)
    short, long = windows(folder, code)
    (row,) = (line for line in long.split("\n") if line.lstrip().startswith("w |"))
    near = long.replace(row, row.replace(row[15:24], f"{float(row[15:24]) * 1.001:9.7f}"))
    log(folder, "main.log", ONE, f"regress y x\n\n{short}", f"qreg y x w\n\n{near}")
    assert verdicts(verify(folder)) == [{"reproduced"}, {"not verified"}]
    log(folder, "main.log", ONE, f"regress y x\n\n{short}", f"regress y w x\n\n{near}")
    assert "differs" in verdicts(verify(folder))[1]


def test_a_command_that_stata_refused_leaves_no_doubt(folder):
    """What the log shows as refused changed nothing, whatever it would do here; a number that is off differs."""
    (window,) = windows(folder, f"{ONE}\n{REG}")
    refused = "winsorise2 y, cuts(1 99)\ncommand winsorise2 is unrecognized\nr(199);"
    lines = window.split("\n")
    wrong = "\n".join([*lines[:7], *(line.translate(str.maketrans("123456", "234561")) for line in lines[7:])])
    for said in (refused, "#the sample is known now\nUnknown #command"):
        log(folder, "main.log", ONE, said, f"{REG}\n\n{wrong}")
        verdicts = {c.quantity: c.verdict for c in verify(folder).exhibits[0].cells}
        assert verdicts["coef"] == verdicts["se"] == "differs", said
    log(folder, "main.log", ONE, "winsorise2 y, cuts(1 99)", f"{REG}\n\n{wrong}")
    verdicts = {c.quantity: c.verdict for c in verify(folder).exhibits[0].cells}
    assert verdicts["coef"] == verdicts["se"] == "not verified"


def test_other_clusters_are_told_of_data_in_doubt(folder):
    """Every number is that of another covariance: that is no accident, whatever an unknown command did to the data."""
    code = f"{ONE}\nthinout w\n{REG}, cluster(g)\nregress y x, cluster(h)\n"
    (folder / "main.do").write_text(code)
    _, other = windows(folder, code)
    (first, _) = windows(folder, code.replace(f"{REG}, cluster(g)", f"{REG}, cluster(h)"))
    said = first.replace("clusters in h", "clusters in g").replace("for 10", "for 12")
    log(folder, "main.log", ONE, "thinout w", f"{REG}, cluster(g)\n\n{said}", f"regress y x, cluster(h)\n\n{other}")
    report = verify(folder)
    assert verdicts(report)[0] <= {"reproduced", "explained"}, report.exhibits[0].cells
    assert "other-cluster" in {c.id for x in report.exhibits[0].cells for c in x.causes}


@pytest.mark.parametrize(("option", "robust", "said"), [("", True, "says `Robust`"), (", robust", False, "has no `Robust`")])
def test_a_heading_is_wrong_about_its_standard_errors(folder, option, robust, said):
    code = f"{ONE}\n{REG}{option}\n"
    (folder / "main.do").write_text(code)
    (window,) = windows(folder, code)
    log(folder, "main.log", ONE, f"{REG}{option}\n\n{window}")
    assert not [f for f in verify(folder).findings if f.id.startswith("note")]
    lines = window.split("\n")
    lines[4] = f"{'':>13}|{'Robust' if robust else '':>21}".rstrip()
    log(folder, "main.log", ONE, f"{REG}{option}\n\n" + "\n".join(lines))
    (finding,) = [f for f in verify(folder).findings if f.id == "note-robust"]
    assert said in finding.text


def test_other_data_of_the_same_name_are_said(folder):
    """Nearly no number behind one load is right, while those of the other file are."""
    code = f"{ONE}\n{REG}\nregress y x\n{TWO}\n{REG}\n"
    (folder / "main.do").write_text(code)
    shown = windows(folder, code)
    log(folder, "main.log", ONE, f"{REG}\n\n{shown[0]}", f"regress y x\n\n{shown[1]}", TWO, f"{REG}\n\n{shown[2]}")
    assert "other-data" not in {f.id for f in verify(folder).findings}
    rng = np.random.default_rng(99)
    rows = "\n".join(f"{a:.8f},{b:.8f},{c:.8f},1,1" for a, b, c in rng.normal(size=(55, 3)))
    (folder / "one.csv").write_text(f"y,x,w,g,h\n{rows}\n")
    report = verify(folder)
    (finding,) = [f for f in report.findings if f.id == "other-data"]
    assert (finding.file, finding.line) == ("main.do", 1) and "one.csv" in finding.text
    assert verdicts(report)[2] == {"reproduced"} and report.exit_code == 1
    (folder / "main.do").write_text(code.replace(TWO, f"regress y w\n{TWO}"))
    log(folder, "old.log", ONE, f"{REG}\n\n{shown[0]}", f"regress y x\n\n{shown[1]}", f"regress y w\n\n{shown[1]}")
    said = {(f.file, f.line): f.text for f in verify(folder).findings if f.id == "other-data"}
    assert {file for file, _ in said} == {"main.do", "old.log"}
    assert any("none of its 3 estimations has the N" in text and "60 for 55" in text for text in said.values())


def test_margins_are_held_against_the_data(folder):
    """Average effects of a linear model: those of its coefficients, each row by its name."""
    code = f"{ONE}\n{REG}, robust\nmargins, dydx(x w)\n"
    (folder / "main.do").write_text(code)
    (window,) = windows(folder, code)
    rows = [line for line in window.split("\n") if line.strip().startswith(("x |", "w |"))]
    effects = "\n".join([
        f"{'Average marginal effects':<49}Number of obs     = {60:>10}", "", "Expression   : Linear prediction, predict()",
        "dy/dx w.r.t. : x w", "", RULE, "             |            Delta-method",
        "             |      dy/dx   Std. Err.      t    P>|t|     [95% Conf. Interval]", "-------------+" + "-" * 64,
        *rows, RULE,
    ])  # fmt: skip
    log(folder, "main.log", ONE, f"{REG}, robust\n\n{window}", f"margins, dydx(x w)\n\n{effects}")
    shown = verify(folder).exhibits[1]
    assert shown.kind == "margins"
    found = [(c.label, c.quantity, c.verdict) for c in shown.cells if c.row >= 0]
    assert len(found) == 12 and {v for _, _, v in found} == {"reproduced"}, found
    b = rows[0].split("|")[1].split()[0]
    log(folder, "main.log", ONE, f"{REG}, robust\n\n{window}", f"margins, dydx(x w)\n\n{effects.replace(b, b[:-3] + '999')}")
    off = [(c.label, c.quantity) for c in verify(folder).exhibits[1].cells if c.verdict == "differs"]
    assert off == [("x", "dy/dx")]


def test_data_that_are_listed_are_held_against_the_data(folder):
    """By row and heading; dates, labels and what a sort left in any order are not."""
    made = f'{ONE}\ngen n = g * 1000\ngen d = g\nformat d %td\nlabel define l 0 "7" 1 "8"\ngen k = g > 5\nlabel values k l\n'
    code = f"{made}list n d k in 3/4\nsort h\nlist n in 1/2\n"
    (folder / "main.do").write_text(code)
    box = "     +----------------------+\n     |    n           d   k |\n     |----------------------|"
    rows = ["  3. | 2000   03jan1960   7 |", "  4. | 3000   04jan1960   7 |"]
    tied = "     +------+\n     |    n |\n     |------|\n  1. | 4000 |\n  2. | 9000 |\n     +------+"
    shown = "\n".join([box, *rows, "     +----------------------+"])
    log(folder, "main.log", *made.strip().split("\n"), f"list n d k in 3/4\n\n{shown}", "sort h", f"list n in 1/2\n\n{tied}")
    first, second = verify(folder).exhibits
    assert [(c.label, c.quantity, c.verdict) for c in first.cells if c.quantity == "n"] == [
        ("3", "n", "reproduced"), ("4", "n", "reproduced"),
    ]  # fmt: skip
    assert {c.verdict for c in first.cells if c.quantity != "n"} == {"not verified"}
    assert {c.verdict for c in second.cells} == {"not verified"}
    log(folder, "main.log", *made.strip().split("\n"), f"list n d k in 3/4\n\n{shown.replace('3000', '3001')}")
    assert [c.verdict for e in verify(folder).exhibits for c in e.cells if c.quantity == "n"] == ["reproduced", "differs"]


@pytest.mark.parametrize(
    ("options", "rows", "off"),
    [
        ("", ("12 0 12", "10 2 8"), 0),  # the graph of both has two parts
        (" cluster(g)", ("12 12 0 *", "10 0 10"), 0),
        (" cluster(g)", ("12 12 0 *", "10 1 9"), 0),  # as reghdfe 5 counts
        ("", ("12 0 12", "10 1 9"), 2),
        ("", ("13 0 13", "10 2 8"), 2),
    ],
)
def test_absorbed_effects_are_counted_below_their_window(folder, options, rows, off):
    call = f"reghdfe y x w, absorb(g h){options}"
    (folder / "main.do").write_text(f"{ONE}\n{call}\n")
    (window,) = windows(folder, f"{ONE}\n{call}")
    held = [(name, *f"{row}  ".split(" ")[:4]) for name, row in zip("gh", rows, strict=True)]
    lines = [f"{name:>12} |{a:>10}{b:>12}{c:>12}{mark:>5}|" for name, a, b, c, mark in held]
    head = ["Absorbed degrees of freedom:", "-" * 53 + "+", " Absorbed FE | Categories  - Redundant  = Num. Coefs |"]
    table = "\n".join([*head, "-------------+---------------------------------------|", *lines, "-" * 53 + "+"])
    log(folder, "main.log", ONE, f"{call}\n\n{window}\n\n{table}")
    _, counted = verify(folder).exhibits
    assert [c.verdict for c in counted.cells].count("differs") == off and len(counted.cells) == 6
    assert {c.verdict for c in counted.cells} <= {"reproduced", "differs"}
