"""The AEA's code-check table as CSV: data preparation programs, tables and figures, numbers in the text."""

from __future__ import annotations

import csv
import io

from parity.package.document import Package
from parity.report.package.markdown import reproduced, where
from parity.report.package.words import called, in_order, needing_a_look, programs

HEAD = ("Data Preparation Program", "Dataset created", "Figure/Table #", "Program", "Line Number", "In-text numbers",
        "Reproduced?")  # fmt: skip


def code_check(package: Package) -> str:
    """A row a program, an exhibit, a number of the text. Cells that a spreadsheet would compute are kept as text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    bad = needing_a_look(package)
    for name in programs(package):
        n = bad[name]
        said = f"No: {n} statement{'s' * (n > 1)} need{'s' * (n == 1)} a look, see the findings" if n else "Yes"
        writer.writerow([_safe(name), "", "", "", "", "", said])
    for e in in_order(package.exhibits):
        file, line = where(e)
        if e.origin == "text":
            for c in e.cells:
                command = e.columns[c.column - 1].command
                place = (command.file, command.line) if command is not None else ("", "")
                said = {"reproduced": "Yes", "not verified": "Not verified"}.get(c.verdict, "No")
                writer.writerow(["", "", "", _safe(place[0]), place[1], _safe(e.columns[c.column - 1].head), said])
        else:
            writer.writerow(["", "", _safe(called(e, package)), _safe(file), line, "", _safe(reproduced(e))])
    return out.getvalue()


def _safe(text: str) -> str:
    clean = "".join(c if c.isprintable() else " " for c in text)
    return f"'{clean}" if clean[:1] in "=+-@\t" and clean else clean
