"""A log as what was typed and what came out: prompts, continued lines, loops, do-files, and the lines below each command.

Source of the forms: Stata 19 manual [U] 15, [P] foreach, and recorded logs. A command follows `. `; lines of a loop or
program follow their number, `  2.`; `> ` goes on with the line before, at a line that is full without a blank.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import wcwidth

from parity.logs.exhibit import Command, Place
from parity.printed.lines import Line

_PROMPT = re.compile(r"\.(?: +(.*))?")
_NUMBERED = re.compile(r" {0,3}(\d{1,5})\.(?: (.*))?")
_MATA = re.compile(r": (.*)")
#: What `set rmsg on` prints behind every command that ran.
_TIMED = re.compile(r"r; t=[\d.]+ [\d:]+")
_ENDED = re.compile(r"end of do-file\b")
_DO = re.compile(r"""(?:do|run|include)\s+(?:"([^"]+)"|(\S+))""")
_QUIET = re.compile(r"(?:qui(?:e(?:t(?:ly?)?)?)?|cap(?:t(?:u(?:re?)?)?)?)(?![\w.])\s*:?\s*(.*)", re.DOTALL)
_NOISY = re.compile(r"n(?:o(?:i(?:s(?:i(?:ly?)?)?)?)?)?(?![\w.])")
#: Lines that the rule at the head of a log stands among.
_HEAD_LINES = 4
#: Opens a block whose lines are echoed under numbers.
_OPENS = re.compile(r"(?:foreach|forv\w*|while|program|pr|prog|progr|progra|if|else|input|python|mata)\b")


@dataclass(frozen=True)
class Chunk:
    """Lines of output. command: position of the command above them, None for those above all; block: whether it is the first
    of a loop or program, so that the lines may be of any command in it."""

    command: int | None
    lines: tuple[Line, ...]
    block: bool = False


@dataclass
class _Echo:
    """A command while its lines come."""

    parts: list[str]
    place: Line
    number: int = 0
    block: int | None = None


@dataclass
class _Reading:
    linesize: int
    file: str
    commands: list[Command] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    output: list[Line] = field(default_factory=list)
    open: _Echo | None = None
    owner: int | None = None
    block: int | None = None
    do_files: list[str] = field(default_factory=list)
    mata: bool = False


def echoed(lines: Sequence[Line], file: str, linesize: int) -> tuple[tuple[Command, ...], tuple[Chunk, ...]]:
    """Commands in order, and the lines of output below each. lines: as they stand, none joined."""
    read = _Reading(linesize, file)
    inside = _inside_blocks(lines)
    for i, line in enumerate(lines):
        _take(read, line, inside.get(i))
    _close(read)
    _flush(read)
    return tuple(read.commands), tuple(read.chunks)


def _inside_blocks(lines: Sequence[Line]) -> dict[int, tuple[int, str]]:
    """Lines of loops and programs: position -> number and text.

    They stand under numbers from 2 on (a program's from 1); comments and blanks between them, and what follows an empty
    number, keep the prompt. Output ends a block.
    """
    found: dict[int, tuple[int, str]] = {}
    opener, expected, waiting = "", 0, []
    for i, line in enumerate(lines):
        text = line.text
        if text[:1] == "." and (prompt := _PROMPT.fullmatch(text)):
            said = _uncommented(prompt[1] or "")
            if said and not expected:
                opener, waiting = said, []
            elif said and _opens(said):
                opener = said
            waiting.append((i, prompt[1] or ""))
            continue
        if text[:1] == ">" and text[1:2] in ("", " "):
            opener += text[1:]
            continue
        if text.startswith("delimiter now"):
            continue
        numbered = _NUMBERED.fullmatch(text)
        number = int(numbered[1]) if numbered else 0
        if number and number == expected:
            found.update({at: (number - 1, said) for at, said in waiting})
        elif not (numbered and number in (1, 2) and (waiting or expected) and _opens(opener, first=number)):
            opener, expected, waiting = "", 0, []
            continue
        found[i] = (number, numbered[2] or "")
        expected, waiting = number + 1, []
    return found


def _opens(text: str, first: int = 2) -> bool:
    """Whether lines of a block follow a command. first: number of its first line."""
    bare = _QUIET.sub(lambda m: m[1], text)
    if first == 1:
        return bool(re.match(r"(?:pr|prog|progr|progra|program|inp|inpu|input|mata|python)\b", bare))
    return text.rstrip().endswith("{") or bool(_OPENS.match(bare))


def _uncommented(text: str) -> str:
    text = re.sub(r"(?:^|(?<=\s))//.*|/\*.*?(?:\*/|$)", "", text).strip()
    return "" if text.startswith("*") else text


def _take(read: _Reading, line: Line, inside: tuple[int, str] | None) -> None:
    text = line.text
    if inside is not None:
        _begin(read, line, inside[1], inside[0])
    elif text[:1] == "." and (found := _PROMPT.fullmatch(text)):
        _begin(read, line, found[1] or "", 0)
    elif text[:1] == ">" and text[1:2] in ("", " "):
        _go_on(read, text[2:])
    elif read.mata and (found := _MATA.fullmatch(text)):
        _begin(read, line, found[1], 0)
    else:
        _close(read)
        if _ENDED.match(text) and read.do_files:
            read.do_files.pop()
        if not _TIMED.fullmatch(text) and not text.startswith("delimiter now"):
            read.output.append(line)


def _go_on(read: _Reading, rest: str) -> None:
    """A continued line: of the command, or of the output above."""
    if read.open is not None:
        read.open.parts.append(rest)
    elif read.output and read.output[-1].text:
        above = read.output[-1]  # a row cut at the width of the log, without the blanks it ended in
        read.output[-1] = Line(above.number, above.text + " " * (read.linesize - _width(above.text)) + rest)


def _begin(read: _Reading, line: Line, text: str, number: int) -> None:
    _close(read)
    if not number:
        _flush(read)
        read.block = None
    read.open = _Echo([text], line, number, read.block if number else None)


def _close(read: _Reading) -> None:
    """The open echo is whole: keep it as a command, unless it is a comment."""
    echo, read.open = read.open, None
    if echo is None:
        return
    text = joined(echo.parts, read.linesize)
    if not text:
        if not echo.number:
            read.owner, read.block = None, None
        return
    within = read.commands[echo.block] if echo.block is not None else None
    at = len(read.commands)
    quiet = is_quiet(text) or bool(within and within.quiet and opens_quiet_block(within.text))
    do_file = read.do_files[-1] if read.do_files else ""
    read.commands.append(
        Command(text, Place(read.file, echo.place.number), echo.number, echo.block, quiet, do_file)
    )  # fmt: skip
    if not echo.number:
        read.owner = at
        read.block = at
    if (found := _DO.match(text)) and not echo.number:
        read.do_files.append(found[1] or found[2])
    read.mata = text.rstrip(":") == "mata" or (read.mata and text != "end")


def _flush(read: _Reading) -> None:
    if any(line.text.strip() for line in read.output):
        block = read.owner is not None and any(c.block == read.owner for c in read.commands[read.owner + 1 : read.owner + 2])
        read.chunks.append(Chunk(read.owner, tuple(read.output), block))
    read.output = []


# ---------------------------------------------------------------- the text of a command


def joined(parts: Sequence[str], linesize: int) -> str:
    """A command from its lines: `///` goes on with a blank, a line cut at the width of the log without one; no comments."""
    text, rest = "", list(parts)
    for i, part in enumerate(rest):
        last = i == len(rest) - 1
        bare = re.sub(r"(?:^|(?<=\s))//.*", "", part)
        full = not last and bare == part and _width(part) + 2 >= linesize
        text += bare if full or last else f"{bare.rstrip()} "
    text = re.sub(r"/\*.*?(?:\*/|$)", " ", text, flags=re.DOTALL).strip().rstrip("; ")  # as `#delimit ;` ends it
    return "" if text.startswith("*") else " ".join(text.split()) if '"' not in text else text.strip()


def _width(text: str) -> int:
    return len(text) if text.isascii() else wcwidth.width(text)


def is_quiet(text: str) -> bool:
    """Whether a command prints nothing: under `quietly` or `capture`, and not `noisily` again."""
    found, quiet = _QUIET.match(text), False
    while found:
        quiet, text = True, found[1]
        found = _QUIET.match(text)
    return quiet and not _NOISY.match(text)


def opens_quiet_block(text: str) -> bool:
    return is_quiet(text) and text.endswith("{")


def linesize_of(lines: Iterable[Line]) -> int:
    """The width of a log: that of the rule at its head, else of most lines that the next goes on with."""
    widths: Counter[int] = Counter()
    before = ""
    for i, line in enumerate(lines):
        if i < _HEAD_LINES and re.fullmatch(r"-{40,255}", line.text):
            return len(line.text)
        if line.text.startswith("> ") and len(before) >= 40:
            widths[_width(before)] += 1
        before = line.text
    return min(255, max(widths, key=lambda w: (widths[w], w))) if widths else 80
