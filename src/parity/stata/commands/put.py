"""`putexcel`: which number it puts into which cell of which workbook. Nothing is written. [P] putexcel"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from parity.stata.commands import command
from parity.stata.session import Lost, Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem

#: What it is called among the things that were printed.
PUT = "putexcel"
_SET = re.compile(r'\s*set\s+(?:"([^"]+)"|([^\s,"]+))\s*(?:,(.*))?\Z', re.DOTALL)
_SHEET = re.compile(r'\bsheet\(\s*"?([^",()]+)')
_CELL = re.compile(r"(?<![\w.])([A-Z]{1,3}[1-9]\d{0,6})\s{0,9}=\s{0,9}")


@command("putexcel", changes_data=False)
def putexcel(session: Session, given: Command) -> None:
    """Of `putexcel B2 = (_b[x])` the number; texts, matrices and pictures aren't followed."""
    text = re.split(r"\bputexcel\b", given.text, maxsplit=1)[-1]
    found = _SET.match(text)
    if found is not None:
        sheet = _SHEET.search(found[3] or "")
        session.workbook = (found[1] or found[2], sheet[1].strip() if sheet is not None else "")
        return
    for cell, expression in _assigned(text):
        try:
            value = session.value(expression)
        except (DataProblem, Lost):
            continue
        if isinstance(value, float) and math.isfinite(value):
            book, sheet_name = session.workbook
            session.show(PUT, variable="", book=book, sheet=sheet_name, cell=cell, value=value)


def _assigned(text: str) -> Iterator[tuple[str, str]]:
    """`A1 = (x)`, or a bare expression without blanks: cells with what is put there."""
    at = 0
    while (found := _CELL.search(text, at)) is not None:
        at = found.end()
        if text[at : at + 1] == "(":
            end = _closed(text, at)
            yield found[1].upper(), text[at:end]
            at = end
        elif text[at : at + 1] not in ('"', "`"):
            end = next((i for i in range(at, len(text)) if text[i] in " \t,"), len(text))
            if not re.match(r"mat(?:rix)?\(|image\(|picture\(|formula\(", text[at:end]):
                yield found[1].upper(), text[at:end]
            at = end


def _closed(text: str, at: int) -> int:
    """Behind the parenthesis that closes the one that opens here."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i + 1
    return len(text)
