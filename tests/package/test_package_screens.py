"""Tables of estimates that a log shows: each number held against the estimate that its command puts there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from parity.package.verify import verify
from parity.stata.do import run_do

CODE = "import delimited d.csv, clear\neststo ols: regress y x\neststo long: regress y x w, robust\n"
TABLE = "estimates table ols long, b(%9.4f) se stats(N r2)"
ESTTAB = "esttab ols long, se r2"


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(4)
    x, w = rng.normal(size=50), rng.normal(size=50)
    y = 2 * x - w + rng.normal(size=50)
    rows = "\n".join(f"{a:.8f},{b:.8f},{c:.8f}" for a, b, c in zip(y, x, w, strict=True))
    (tmp_path / "d.csv").write_text(f"y,x,w\n{rows}\n")
    return tmp_path


def estimates(folder: Path):
    done = run_do(CODE, folder).estimations
    return [({c.term: c for c in e.coefficients}, e.estimated.numbers) for e in done]


def of(column: dict, term: str, name: str, form: str) -> str:
    return format(getattr(column[term], name), form) if term in column else ""


def on_screen(folder: Path) -> str:
    """As `estimates table` shows it."""
    (a, na), (b, nb) = estimates(folder)
    rule = "-" * 40
    lines = [f". {TABLE}", "", rule, "    Variable |    ols         long      ", "-------------+--------------------------"]
    for term in ("x", "w", "_cons"):
        for label, name in ((term, "b"), ("", "se")):
            cells = [of(column, term, name, ".4f") for column in (a, b)]
            lines.append(f"{label:>12} | {cells[0]:>10}  {cells[1]:>10}  ".rstrip() if any(cells) else "")
    lines += [
        lines[4],
        f"           N | {na['N']:>10.0f}  {nb['N']:>10.0f}  ",
        f"          r2 | {na['r2']:>10.4f}  {nb['r2']:>10.4f}  ",
    ]
    return "\n".join([*lines, rule, "                            legend: b/se", ""])


def esttab(folder: Path) -> str:
    (a, na), (b, nb) = estimates(folder)
    rule = "-" * 44
    lines = [f". {ESTTAB}", "", rule, f"{'':12}{'(1)':>16}{'(2)':>16}", f"{'':12}{'y':>16}{'y':>16}", rule]
    for term in ("x", "w", "_cons"):
        marks = ["*" * sum(c[term].p < cut for cut in (0.05, 0.01, 0.001)) if term in c else "" for c in (a, b)]
        cells = [of(c, term, "b", ".3f") + f"{m:<3}" for c, m in zip((a, b), marks, strict=True)]
        lines.append(f"{term:<12}{cells[0]:>16}{cells[1]:>16}")
        errors = [f"({of(c, term, 'se', '.3f')})   " if term in c else "" for c in (a, b)]
        lines += [f"{'':12}{errors[0]:>16}{errors[1]:>16}", ""]
    lines += [rule, f"{'N':<12}{na['N']:>13.0f}{'':3}{nb['N']:>13.0f}"]
    lines += [f"{'R-sq':<12}{na['r2']:>13.3f}{'':3}{nb['r2']:>13.3f}", rule]
    lines += ["Standard errors in parentheses", "* p<0.05, ** p<0.01, *** p<0.001", ""]
    return "\n".join(lines)


def log(folder: Path, *shown: str) -> None:
    head = "\n\n".join(f". {line}" for line in CODE.splitlines())
    name = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"
    closed = f". log close\n{name} closed on:   1 Jan 2024, 10:00:00\n"
    (folder / "main.log").write_text(f"{name}\n{head}\n\n" + "\n".join(shown) + f"\n{closed}")


@pytest.mark.parametrize(("command", "shown", "cells"), [(TABLE, on_screen, 14), (ESTTAB, esttab, 14)])
@pytest.mark.parametrize("alone", [False, True])
def test_a_table_in_a_log_is_verified(folder, command, shown, cells, alone):
    if not alone:
        (folder / "main.do").write_text(f"{CODE}{command}\n")
    text = shown(folder)
    log(folder, text)
    report = verify(folder)
    (exhibit,) = report.exhibits
    assert [(c.verdict, c.reason) for c in exhibit.cells] == [("reproduced", "")] * cells
    assert [c.how for c in exhibit.columns] == ["call", "call"]
    assert [c.command.line for c in exhibit.columns] == ([2, 3] if not alone else [7, 9])
    (b, _) = estimates(folder)[1]
    due = f"{b['w'].b:.4f}" if command == TABLE else f"{b['w'].b:.3f}"
    wrong = due[:-2] + str((int(due[-2]) + 3) % 10) + due[-1]
    assert text.count(due) == 1
    log(folder, text.replace(due, wrong))
    (cell,) = [c for e in verify(folder).exhibits for c in e.cells if c.verdict != "reproduced"]
    assert (cell.column, cell.label, cell.quantity, cell.verdict) == (2, "w", "coef", "differs")


def test_two_tables_of_one_text_are_told_by_their_order(folder):
    (folder / "main.do").write_text(f"{CODE}estimates table ols\neststo ols: regress y w\nestimates table ols\n")
    tables = []
    for code in ("regress y x", "regress y w"):
        (e,) = run_do(f"import delimited d.csv, clear\n{code}", folder).estimations
        rows = "\n".join(f"{c.term:>12} | {c.b:>12.7f}  " for c in e.coefficients)
        rule = "-" * 28
        tables.append(
            f". estimates table ols\n\n{rule}\n    Variable |    ols       \n-------------+--------------\n{rows}\n{rule}\n"
        )
    log(folder, tables[0], ". eststo ols: regress y w\n", tables[1])
    found = verify(folder).exhibits
    assert [[c.command.line for c in e.columns] for e in found] == [[2], [5]]
    assert {c.verdict for e in found for c in e.cells} == {"reproduced"}
    log(folder, tables[0], ". eststo ols: regress y w\n", tables[0])
    assert "reproduced" not in {c.verdict for c in verify(folder).exhibits[1].cells}


def test_levels_of_one_label_and_names_of_models(folder):
    """`yes` stands below two variables; a heading is the name that the code stores under, whatever it is called."""
    code = ("import delimited d.csv, clear", "gen hi = y > 0", "gen a = x > 0.3", "gen b = w > 0",
            'label define yn 0 "no" 1 "yes"',
            "label values a b yn", 'label variable a "Is it so?"', 'label variable b "Or so?"', "quietly logit hi i.a i.b",
            "estimates store Mlogit", "estimates table Mlogit, b(%9.4f) varlabel varwidth(12)")  # fmt: skip
    (e,) = run_do("\n".join(code), folder).estimations
    b = {c.term: c.b for c in e.coefficients}
    rule = "-" * 28
    rows = [("Is it so?", ""), ("yes ", f"{b['1.a']:.4f}"), ("", ""), ("Or so?", ""), ("yes ", f"{b['1.b']:.4f}"), ("", ""),
            ("Constant", f"{b['_cons']:.4f}")]  # fmt: skip
    body = "\n".join(f"{label:>12} | {number:>10}  " for label, number in rows)
    shown = f"\n{rule}\n    Variable |   Mlogit   \n-------------+--------------\n{body}\n{rule}\n"
    name = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"
    (folder / "main.log").write_text(f"{name}\n" + "\n\n".join(f". {line}" for line in code) + f"\n{shown}\n. log close\n")
    report = verify(folder)
    assert [c.verdict for c in report.exhibits[0].cells] == ["reproduced"] * 3
    assert [f.id for f in report.findings] == ["log-without-code"]
