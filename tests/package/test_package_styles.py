"""Packages of five styles, a wrong number of every sort planted into each: all of them end red, and the right one green.

The tables are those of `exporters`, which knows nothing of how parity reads; three are written by a call, two are typed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace

import pytest

from estimates_table import READ, data_into
from exporters import EXPORTERS, Made
from package_altered import bed_of
from parity.package.matched import rematched
from parity.package.verify import EVERYTHING
from parity.stata.do import run_do

COMMANDS = ["regress y x w z", "regress y x w z, vce(robust)", "regress y x w z, vce(cluster h)", "areg y x w z, absorb(g)"]
STYLES = {"esttab.tex": True, "outreg2.xls": True, "outreg2.doc": True, "esttab.csv": False, "word.docx": False}
CUTS = (0.1, 0.05, 0.01)


def made(folder) -> Made:
    es = run_do(READ + "\n".join(COMMANDS), folder).estimations
    rows = []
    for term in ("x", "w", "z", "_cons"):
        held = [next(c for c in e.coefficients if c.term == term) for e in es]
        rows.append((term, tuple((f"{c.b:.3f}{'*' * sum(c.p < cut for cut in CUTS)}", f"{c.se:.3f}") for c in held)))
    numbers = [e.results.numbers for e in es]
    n, r2 = tuple(f"{m['N']:.0f}" for m in numbers), tuple(f"{m['r2']:.3f}" for m in numbers)
    k = len(es)
    models = tuple(f"({i + 1})" for i in range(k))
    return Made("Determinants of y", models, ("y",) * k, tuple(rows), (("Observations", n), ("R-squared", r2)))


def cell(m: Made, row: int, column: int, b: Callable[[str], str] = str, se: Callable[[str], str] = str) -> Made:
    label, pairs = m.rows[row]
    new = tuple((b(p[0]), se(p[1])) if i == column else p for i, p in enumerate(pairs))
    return replace(m, rows=(*m.rows[:row], (label, new), *m.rows[row + 1 :]))


def statistic(m: Made, row: int, column: int, value: Callable[[str], str]) -> Made:
    label, values = m.statistics[row]
    new = tuple(value(v) if i == column else v for i, v in enumerate(values))
    return replace(m, statistics=(*m.statistics[:row], (label, new), *m.statistics[row + 1 :]))


def digit(text: str) -> str:
    """Another last digit, stars as they are."""
    at = re.search(r"\d(?=\D*$)", text).start()
    return text[:at] + str((int(text[at]) + 4) % 10) + text[at + 1 :]


def starred(text: str) -> str:
    return text.rstrip("*") + "*" * ((text.count("*") + 2) % 4)


def point(text: str) -> str:
    return f"{10 * float(text.rstrip('*')):.3f}" + "*" * text.count("*")


def exchanged(m: Made, a: int, b: int) -> Made:
    def of(values: tuple) -> tuple:
        out = list(values)
        out[a], out[b] = out[b], out[a]
        return tuple(out)

    rows = tuple((label, of(pairs)) for label, pairs in m.rows)
    return replace(m, rows=rows, statistics=tuple((label, of(v)) for label, v in m.statistics))


#: Kind -> the table with the mistake; those of `CALLED` are mistakes by what a call says alone.
FAULTS: dict[str, Callable[[Made], Made]] = {
    "digit": lambda m: cell(m, 0, 1, b=digit),
    "digit of an error": lambda m: cell(m, 1, 2, se=digit),
    "sign": lambda m: cell(m, 1, 0, b=lambda t: t[1:] if t[0] == "-" else f"-{t}"),
    "stars": lambda m: cell(m, 0, 3, b=starred),
    "error of another column": lambda m: cell(m, 0, 1, se=lambda _: m.rows[0][1][3][1]),
    "decimal point": lambda m: cell(m, 2, 2, b=point),
    "N": lambda m: statistic(m, 0, 3, lambda _: "1,002"),
    "R2": lambda m: statistic(m, 1, 1, digit),
    "labels exchanged": lambda m: replace(m, rows=((m.rows[1][0], m.rows[0][1]), (m.rows[0][0], m.rows[1][1]), *m.rows[2:])),
    "label of another variable": lambda m: replace(m, rows=(("v", m.rows[0][1]), *m.rows[1:])),
    "outcome of another command": lambda m: replace(m, outcomes=("v",) * m.width),
    "what is in parentheses": lambda m: replace(m, inside="t statistics"),
    "blank coefficient": lambda m: cell(m, 0, 1, b=lambda _: ""),
    "columns exchanged": lambda m: exchanged(m, 0, 3),
}
CALLED = ("columns exchanged",)


def do_file(style: str) -> str:
    if not STYLES[style]:
        return READ + "\n".join(COMMANDS) + "\n"
    file = f"t.{style.rpartition('.')[2]}"
    if style.startswith("esttab"):
        kept = "".join(f"eststo: {c}\n" for c in COMMANDS)
        return f"{READ}{kept}esttab using {file}, replace se r2 star(* 0.10 ** 0.05 *** 0.01)\n"
    return READ + "".join(
        f"{c}\noutreg2 using {file}, {'append' if i else 'replace'} dec(3)\n" for i, c in enumerate(COMMANDS)
    )


@pytest.fixture(scope="module", params=STYLES)
def style(request, tmp_path_factory):
    """Style, table, and the package with the right one, known once."""
    folder = tmp_path_factory.mktemp("style") / "package"
    folder.mkdir()
    data_into(folder)
    (folder / "main.do").write_text(do_file(request.param))
    table = made(folder)
    write(folder, request.param, table)
    return request.param, table, bed_of(folder)


def write(folder, style: str, table: Made) -> None:
    text = EXPORTERS[style](table)
    (folder / f"t.{style.rpartition('.')[2]}").write_bytes(text.encode() if isinstance(text, str) else text)


def test_the_right_table_is_green(style):
    _, _, bed = style
    assert bed.report.exit_code == 0 and bed.report.summary.reproduced == bed.report.summary.cells == 40


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_one_is_red(style, fault, tmp_path):
    name, table, bed = style
    if fault in CALLED and not STYLES[name]:
        pytest.skip("columns of like heads that somebody typed may stand in any order")
    folder = tmp_path / "package"
    shutil.copytree(bed.folder, folder)
    wrong = FAULTS[fault](table)
    assert wrong != table
    write(folder, name, wrong)
    report = bed.assembled(folder, rematched(folder, bed.found, bed.have, EVERYTHING))
    assert report.exit_code == 1 and report.why_red()
    if fault in ("digit", "digit of an error", "sign", "decimal point", "N", "error of another column"):
        assert report.summary.differs == 1 and not report.summary.explained, "one number, and no other"
