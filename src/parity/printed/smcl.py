"""SMCL, the markup of Stata's own logs, as the text that its viewer shows: columns, rules and box characters kept.

Source: Stata 19 manual [P] smcl. What says only how text looks (`{res}`, `{bf:x}`) leaves the text; what places text
(`{col 26}`, `{space 2}`, `{hline 13}`, `{ralign 12:x}`) is carried out, by width on the screen.
"""

from __future__ import annotations

import re

import wcwidth

#: A log file's own head, or directives that plain text has no reason to hold.
_SMCL = re.compile(r"\{smcl\}|\{(?:txt|res|com|text|result|hline|c \||space \d|col \d)[ }\d]")
_DIRECTIVE = re.compile(r"\{([^{}\n]*)\}")
#: `{c TT}` and the like are corners and crosses of rules; `{c -(}` is a brace.
_CHARACTERS = {
    "|": "|", "-": "-", "+": "+", "-(": "{", ")-": "}", "S|": "$", "g": "`", "TT": "-", "BT": "-", "LT": "|", "RT": "|",
    "TLC": "+", "TRC": "+", "BLC": "+", "BRC": "+",
}  # fmt: skip
#: What ends a line that goes on with the next, and how many may be one.
_GOES_ON, _MOST_JOINED = "{...}", 60
#: Width of a rule of no given length.
_LINE = 78
#: Braces of text, hidden while directives are carried out from the innermost outwards.
_HIDDEN = str.maketrans({"{": "\ue000", "}": "\ue001"})
_SHOWN = str.maketrans({"\ue000": "{", "\ue001": "}"})
#: Directives nested deeper than this are left as they stand.
_DEPTH = 6


def is_smcl(text: str) -> bool:
    return bool(_SMCL.search(text))


def shown_lines(text: str) -> list[tuple[int, str]]:
    """The lines that the viewer shows, each with the number of its first in the file: `{...}` goes on with the next.

    A directive that isn't known leaves the text behind its colon.
    """
    out: list[tuple[int, str]] = []
    begun: list[str] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        begun.append(line)
        if line.endswith(_GOES_ON) and len(begun) < _MOST_JOINED and number < len(lines):
            continue
        out.append((number - len(begun) + 1, _line("".join(begun))))
        begun = []
    return out


def _line(line: str) -> str:
    """One line: inner directives first, then from left to right, because `{col}` depends on what stands before it."""
    for _ in range(_DEPTH):
        inner = re.sub(r"\{([^{}:\n]*):([^{}\n]*)\}", _around, line)
        if inner == line:
            break
        line = inner
    out, at, width = [], 0, 0
    for found in _DIRECTIVE.finditer(line):
        before = line[at : found.start()]
        width += _width(before)
        piece = _alone(found[1], width)
        width += _width(piece)
        out += [before, piece]
        at = found.end()
    return "".join([*out, line[at:]]).translate(_SHOWN)


def _around(found: re.Match) -> str:
    """`{res:200}`, `{ralign 12:x}`: a directive about the text behind its colon."""
    words, text = found[1].split(), found[2]
    name, size = (words[0] if words else ""), _number(words[1:])
    room = max(0, size - _width(text))
    if name in ("ralign", "right") and size:
        return " " * room + text
    if name == "lalign" and size:
        return text + " " * room
    if name in ("center", "centre", "rcenter") and size:
        left = (room + (name == "rcenter")) // 2
        return " " * left + text + " " * (room - left)
    if name == "dup":
        return text * min(size, 1000)
    return text


def _alone(directive: str, width: int) -> str:
    """`{hline 13}`, `{c |}`, `{col 26}`, `{space 2}`: what stands where the directive stood. width: of the line so far."""
    words = directive.split()
    name, size = (words[0] if words else ""), min(_number(words[1:]), 1000)
    if name == "hline":
        return "-" * (size if len(words) > 1 else max(0, _LINE - width))
    if name == ".-":
        return "-" * max(0, _LINE - width)
    if name in ("c", "char") and len(words) == 2:
        code = words[1]
        plain = chr(int(code)) if code.isdecimal() and len(code) < 5 and int(code) >= 32 else ""
        return (_CHARACTERS.get(code) or plain).translate(_HIDDEN)
    if name == "space":
        return " " * size
    if name == "col":
        return " " * max(0, size - 1 - width)
    return ""


def _width(text: str) -> int:
    return wcwidth.width(text)


def _number(words: list[str]) -> int:
    return int(words[0]) if words and words[0].isdecimal() and len(words[0]) < 5 else 0
