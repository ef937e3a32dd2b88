"""The AEA's code-check table as CSV: data preparation programs, tables and figures, numbers in the text."""

from __future__ import annotations

import csv
import io

from parity.package.document import Package
from parity.report.package.markdown import reproduced, where

HEAD = ("Data Preparation Program", "Dataset created", "Figure/Table #", "Program", "Line Number", "In-text numbers",
        "Reproduced?")  # fmt: skip


def code_check(package: Package) -> str:
    """A row a program, an exhibit, a number of the text. Cells that a spreadsheet would compute are kept as text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    made = {e.file for e in package.exhibits}
    bad = {
        f.file
        for f in package.findings
        if f.id in ("file-absent", "unknown-command", "unknown-function", "stata-error", "syntax")
    }
    for name in package.programs.do_files:
        writer.writerow([_safe(name), "", "", "", "", "", "No: see the findings" if name in bad - made else "Yes"])
    for e in package.exhibits:
        file, line = where(e)
        if e.origin == "text":
            for c in e.cells:
                command = e.columns[c.column - 1].command
                place = (command.file, command.line) if command is not None else ("", "")
                said = {"reproduced": "Yes", "not verified": "Not verified"}.get(c.verdict, "No")
                writer.writerow(["", "", "", _safe(place[0]), place[1], _safe(e.columns[c.column - 1].head), said])
        else:
            writer.writerow(["", "", _safe(e.title or e.id), _safe(file), line, "", _safe(reproduced(e))])
    return out.getvalue()


def _safe(text: str) -> str:
    clean = "".join(c if c.isprintable() else " " for c in text)
    return f"'{clean}" if clean[:1] in "=+-@\t" and clean else clean
