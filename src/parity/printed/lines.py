"""The lines of pasted output with their numbers: markup, prompts, comment marks and wrapped ends taken off."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from parity.printed import smcl

#: Box characters that some viewers copy in place of bars and dashes.
_BOXES = str.maketrans(
    {**dict.fromkeys("│┃║", "|"), **dict.fromkeys("─━═┬┴", "-"), **dict.fromkeys("┼╋├┤", "+"), "\u00a0": " ", "−": "-"}
)
#: What a document puts before every line of output: a comment mark, R's `#>`, a prompt, a mark of quotation.
_MARK = re.compile(r"\s*(#>|#'|//|[#*>%;.])(?: |$)")
#: Share of the lines from which on such a mark is the document's, and not the output's own.
_MOST = 0.8


class Line(NamedTuple):
    """One line of output; a wrapped one is a single line with the number of its first."""

    number: int
    text: str


def output_lines(text: str) -> list[Line]:
    """All lines, blank ones included: SMCL carried out, tabs and box characters as blanks, bars and dashes."""
    return _unwrapped(_unmarked(physical_lines(text)))


def physical_lines(text: str) -> list[Line]:
    """The same with marks and wrapped ends as they stand."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    lines = smcl.shown_lines(text) if smcl.is_smcl(text) else enumerate(text.split("\n"), 1)
    return [Line(i, (line if line.isascii() else line.translate(_BOXES)).expandtabs().rstrip()) for i, line in lines]


def _unmarked(lines: list[Line]) -> list[Line]:
    """Without the mark that nearly every line begins with."""
    marks = [_MARK.match(line.text) for line in lines if line.text.strip()]
    common = Counter(m[1] for m in marks if m).most_common(1)
    if not common or common[0][1] < _MOST * len(marks):
        return lines
    mark = re.compile(rf"\s*+{re.escape(common[0][0])} ?")
    return [Line(line.number, line.text[len(m[0]) if (m := mark.match(line.text)) else 0 :]) for line in lines]


def _unwrapped(lines: list[Line]) -> list[Line]:
    """`> ` at the start of a line goes on with the line before."""
    out: list[Line] = []
    for line in lines:
        if line.text.startswith("> ") and out and out[-1].text:
            out[-1] = Line(out[-1].number, out[-1].text + line.text[2:])
        else:
            out.append(line)
    return out
