"""Pages that show a session of Stata: Markdown with fenced blocks, HTML of notebooks, dyndoc and markstat, as text of a log.

Lines keep their numbers. What stands in no block is left blank; code without an echo gets one (`. `, and `> ` where a line
goes on); code of another program is left out. In Markdown as nbconvert writes it, and many by hand, code is fenced and its
output is indented: there a fence that names no language is code too.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

#: Pages are looked at up to here.
MOST_BYTES = 8 * 2**20
#: The heading of a window, in text or in HTML.
_WINDOW = re.compile(r"\bP ?(?:>|&gt;) ?\|[tz]\|")
_FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,}) {0,3}(?:\{?\.?(?P<language>\w*)[^`]*)?")
_PRE = re.compile(r"<pre\b[^>]*>|</pre>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
#: How the element around a block, or the block itself, says what its language is.
_LANGUAGE = re.compile(r"""\b(?:hl-|language-|sourceCode |class="?)(\w+)""")
#: An item of a list: what is indented below it is its own.
_LISTED = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])\s")
#: `<newvar>`, which stands for a name.
_PLACEHOLDER = re.compile(r"<[a-z][a-z ]{0,40}>")
#: Behind it the line goes on, whatever else stands there.
_GOES_ON = re.compile(r"(?<!\S)///")
_ECHO = re.compile(r"\. \S")
#: How much of a page in front of a block may say what it holds.
_BEFORE = 120


def is_page(text: str) -> bool:
    """Whether a text is a page with a window of Stata in one of its blocks."""
    marked = text.lstrip("\ufeff \t\r\n").startswith("<") or "```" in text or "~~~" in text
    return marked and bool(_WINDOW.search(text)) and any(_WINDOW.search(line) for line in shown(text).split("\n"))


def shown(text: str) -> str:
    """The text of its blocks, each line where it stood."""
    lines = text.split("\n")
    out = [""] * len(lines)
    of_html = text.lstrip("\ufeff \t\r\n").startswith("<")
    blocks = list(_of_html(text) if of_html else _fenced(lines))
    beside = [] if of_html else _indented(lines, blocks)
    for i, block in beside:
        out[i : i + len(block)] = block
    coded = ("stata", "") if beside else ("stata",)
    for first, block, language in blocks:
        if language.lower() in ("", "stata", "text", "txt", "output", "none"):
            code = language.lower() in coded and not any(map(_ECHO.match, block)) and not _holds_window(block)
            if code and any(map(_PLACEHOLDER.search, block)):  # of a command's form, not a command
                continue
            for i, line in enumerate(_echoed(block) if code else ["", *block], first - 1):
                if i >= 0:
                    out[i] = line or out[i]
    return "\n".join(out)


def _holds_window(block: list[str]) -> bool:
    return any(_WINDOW.search(line) for line in block)


def _fenced(lines: list[str]) -> Iterator[tuple[int, list[str], str]]:
    """(place of its first line, lines, language) of each block between fences."""
    start, language = -1, ""
    for i, line in enumerate(lines):
        if not line.lstrip().startswith(("```", "~~~")) or (found := _FENCE.fullmatch(line.rstrip())) is None:
            continue
        if start < 0:
            start, language = i + 1, found["language"] or ""
        else:
            yield start, [held.rstrip("\r") for held in lines[start:i]], language
            start = -1


def _indented(lines: list[str], fenced: list[tuple[int, list[str], str]]) -> list[tuple[int, list[str]]]:
    """(place of its first line, lines without their indent) of the blocks that four blanks make code, as Markdown has it.
    None where no such block holds a window, since lists and paragraphs below them are indented as well."""
    inside = {i for first, block, _ in fenced for i in range(first - 1, first + len(block) + 1)}
    out, start, above = list[tuple[int, list[str]]](), -1, ""
    for i, line in enumerate([*lines, "end"]):
        if i not in inside and not line.strip():
            continue
        above, listed = line, bool(_LISTED.match(above))
        deep = i not in inside and line.startswith(("    ", "\t"))
        if deep and start < 0 and not listed and (not i or i - 1 in inside or not lines[i - 1].strip()):
            start = i
        elif not deep and start >= 0:
            block = [held.rstrip("\r").expandtabs(4) for held in lines[start:i]]
            depth = min(len(held) - len(held.lstrip()) for held in block if held.strip()) // 4 * 4
            out.append((start, [held[depth:] for held in block]))
            start = -1
    return out if any(_holds_window(block) for _, block in out) else []


def _of_html(text: str) -> Iterator[tuple[int, list[str], str]]:
    """The same of what stands in `<pre>`, its tags taken off; an inner one belongs to the outer."""
    opened, line, at = 0, 0, 0
    start: re.Match | None = None
    for found in _PRE.finditer(text):
        if not found[0].startswith("</"):
            start = found if not opened else start
            opened += 1
            continue
        opened = max(opened - 1, 0)
        if opened or start is None:
            continue
        line, at = line + text.count("\n", at, start.end()), start.end()
        block = html.unescape(_TAG.sub(lambda tag: "\n" * tag[0].count("\n"), text[start.end() : found.start()]))
        said = _LANGUAGE.findall(text[max(0, start.start() - _BEFORE) : start.end()].rpartition("</")[2])
        yield line, block.split("\n"), next((word for word in reversed(said) if word in _LANGUAGES), "")
        start = None


#: Names of languages that classes of HTML give.
_LANGUAGES = ("stata", "r", "python", "ipython3", "julia", "bash", "sas", "matlab", "latex", "mata", "sql")


def _echoed(block: list[str]) -> Iterator[str]:
    """Lines of code as Stata echoes them, and one more before them: what goes on a statement or a comment stands behind
    `> `; several statements, whose output follows all of them, are lines of a block, which an empty line would end."""
    begins, more, inside = list[bool](), False, False
    for line in block:
        begins.append(not more and bool(line.strip()))
        for mark in re.findall(r"/\*|\*/", line):
            inside = mark == "/*"
        more = inside or bool(_GOES_ON.search(line))
    number = 1 if sum(begins) > 1 else 0
    yield ". {" if number else ""
    for line, first in zip(block, begins, strict=True):
        if first and number:
            number += 1
        prompt = ">" if not first else f"{number:3}." if number else "."
        yield f"{prompt} {line}".rstrip() if first or number else f"{prompt} {line}" if line.strip() else ""
