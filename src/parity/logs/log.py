"""A log, whole: its commands, the windows below each, errors, and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from parity.base.encoding import decoded
from parity.base.errors import InputError
from parity.logs import endings, pages, stlog
from parity.logs.command_names import command_name, command_text, estimates_by
from parity.logs.decode import read_bytes
from parity.logs.echoes import Chunk, echoed, linesize_of
from parity.logs.exhibit import Command, Log, LogHeader, Message, NotUnderstood, Shown, Window
from parity.logs.recognise import no_text
from parity.logs.windows import omitted, windows_of
from parity.printed.lines import Line, physical_lines
from parity.printed.smcl import is_smcl

_HEADER = re.compile(r"\s*(name|log|log type|opened on|closed on|paused on|resumed on):\s*(.*)")

#: Commands that show what is known of Stata, not of data: nothing below them is a result.
READING = frozenset({
    "help", "chelp", "whelp", "man", "search", "findit", "net", "ssc", "ado", "adoupdate", "which", "viewsource", "view",
    "news", "update", "query", "about", "memory", "hsearch", "sysdir", "creturn",
})  # fmt: skip


def read_log(source: Path | str | bytes, file: str = "") -> Log:
    """A log of Stata, text or SMCL, in any encoding. source: a path, or the bytes. Raises `InputError` for no readable
    file."""
    raw = source if isinstance(source, bytes) else read_bytes(Path(source))
    name = file or ("log" if isinstance(source, bytes) else str(source))
    if wrong := no_text(raw):
        raise InputError.at(name, "", wrong)
    text, encoding = decoded(raw)
    lines = physical_lines(_plain(text))
    headers, body = _headers(lines)
    linesize = linesize_of(lines)
    commands, chunks = echoed(body, name, linesize)
    windows: list[Window] = []
    messages: list[Message] = []
    outside: list[NotUnderstood] = []
    shown: list[Shown] = []
    for chunk in chunks:
        typed = command_name(commands[chunk.command].text) if chunk.command is not None else ""
        banner = any("StataCorp" in line.text for line in chunk.lines)  # with somebody's licence, and numbered notes
        if banner and chunk.command is None:
            continue
        found = windows_of(chunk.lines, name, "" if chunk.block else typed, mixed=chunk.block)
        windows += _owned(found.windows, found.messages, chunk, commands)
        messages += [
            m for m in found.messages if not any(m in w.messages for w in windows[-len(found.windows) or len(windows) :])
        ]
        if not banner and typed not in READING:
            outside += found.outside
        shown += [Shown(exhibit, chunk.command) for exhibit in found.exhibits]
    return Log(
        file=name, format="smcl" if is_smcl(text[:20_000]) else "text", encoding=encoding, commands=commands,
        windows=tuple(windows), messages=tuple(messages), outside=tuple(outside),
        shown=tuple(shown), headers=headers, linesize=linesize,
        cut=endings.cut(lines, headers, windows, commands, chunks),
    )  # fmt: skip


def _plain(text: str) -> str:
    """The text of a log that stands in LaTeX, Markdown or HTML."""
    if stlog.is_stlog(text):
        return stlog.shown(text)
    return pages.shown(text) if pages.is_page(text) else text


# ---------------------------------------------------------------- heads


def _headers(lines: Sequence[Line]) -> tuple[tuple[LogHeader, ...], list[Line]]:
    """What `log using` and `log close` write, and the lines without it."""
    headers: list[LogHeader] = []
    body: list[Line] = []
    fields = {"name": "name", "log": "path", "log type": "log_type", "opened on": "opened", "closed on": "closed"}
    key = ""
    for line in lines:
        found = _HEADER.fullmatch(line.text)
        if found and (found[1] != "name" or found[2]) and (found[1] != "log" or headers):
            key = fields.get(found[1], "")
            if key == "name" or not headers:
                headers.append(LogHeader())
            if key:
                headers[-1] = replace(headers[-1], **{key: found[2].strip()})
            continue
        if key == "path" and line.text.startswith("> "):
            headers[-1] = replace(headers[-1], path=headers[-1].path + line.text[2:])
            continue
        key = ""
        body.append(line)
    return tuple(endings.paired(headers)), body


# ---------------------------------------------------------------- whose window


def _owned(
    windows: Sequence[Window], messages: Sequence[Message], chunk: Chunk, commands: Sequence[Command]
) -> Iterator[Window]:
    """Windows with the command they came from, and the messages above them."""
    behind = chunk.lines[0].number - 1
    for window in windows:
        mine = tuple(m for m in omitted(messages) if behind < m.place.line <= window.last)
        behind = window.last
        command, candidates = chunk.command, ()
        if chunk.block and chunk.command is not None:
            command, candidates = _of_block(window, chunk.command, commands)
        yield replace(window, command=command, candidates=candidates, messages=(*mine, *window.messages))


def _of_block(window: Window, block: int, commands: Sequence[Command]) -> tuple[int | None, tuple[int, ...]]:
    """Which command of a loop printed a window: the only one of its kind, and with its outcome where that is written out."""
    last = next((i for i in range(block + 1, len(commands)) if commands[i].block != block), len(commands))
    fit = [i for i in range(block + 1, last) if not commands[i].quiet and _prints(commands[i].text, window)]
    if len(fit) > 1:
        named = [i for i in fit if window.outcome and re.search(rf"\b{re.escape(window.outcome)}\b", commands[i].text)]
        fit = named or fit
    if len(fit) > 1:
        fit = [i for i in fit if _names(commands[i].text, window)] or fit
    return (fit[0], ()) if len(fit) == 1 else (None, tuple(fit))


def _names(text: str, window: Window) -> bool:
    """Whether the variables that a command writes out are the window's: all there, no other where it has no macro."""
    typed = re.split(r",| if | in |\[", command_text(text), maxsplit=1)[0]
    written = {word for word in typed.split()[1:] if re.fullmatch(r"[A-Za-z_]\w*", word)} - {window.outcome}
    there = {part for row in window.rows for part in re.split(r"[.#]", row.term)} - {"_cons"}
    return written <= there if any(sign in typed for sign in "`$*?-#.(") else written == there


def _prints(text: str, window: Window) -> bool:
    name = command_name(text)
    if window.kind == "estimates":
        return estimates_by(name)
    return name == window.kind or (window.kind == "test" and name in ("test", "testparm"))
