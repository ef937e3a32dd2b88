"""Text that a user wrote as R source: strings, names, comments. Nothing that passes here can become code."""

from __future__ import annotations

import re
import textwrap

WIDTH = 120
#: Words that are no names in R; T and F are, but stand for TRUE and FALSE to a reader.
R_WORDS = frozenset({
    "if", "else", "repeat", "while", "function", "for", "next", "break", "in", "TRUE", "FALSE", "NULL", "Inf", "NaN", "NA",
    "NA_integer_", "NA_real_", "NA_character_", "NA_complex_", "T", "F",
})  # fmt: skip


def r_string(text: str) -> str:
    """A string constant. Quotes and backslashes are escaped, and every character that doesn't print."""
    return '"' + "".join("\\ufffd" if c == "\0" else escaped(c) for c in text) + '"'  # R has no character 0


def escaped(c: str) -> str:
    """A character between double quotes, of R or Python."""
    if c in '"\\':
        return "\\" + c
    if c.isprintable():
        return c
    return f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"


def is_plain(name: str) -> bool:
    """Whether R reads the name without quotes in every locale."""
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9._]*", name)) and name not in R_WORDS


def r_name(name: str) -> str:
    """A column inside `with(data, ...)`: bare, in backticks, or by string where backticks can't hold it."""
    if is_plain(name):
        return name
    if name and name.isprintable() and not set(name) & set("`\\"):
        return f"`{name}`"
    return f"data[[{r_string(name)}]]"


def r_element(frame: str, name: str) -> str:
    """One column of a data frame: `data$price`, or `data[["人均 GDP"]]`."""
    return f"{frame}${name}" if is_plain(name) else f"{frame}[[{r_string(name)}]]"


def r_number(value: float | int) -> str:
    """A numeric constant that R reads back as the same number."""
    text = repr(value)
    return {"inf": "Inf", "-inf": "-Inf", "nan": "NaN"}.get(text, text.removesuffix(".0"))


def one_line(text: str) -> str:
    """Text for a comment: one line, and no character that could hide what follows."""
    text = " ".join(text.split())
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def comment(text: str, first: str = "", further: str = "") -> list[str]:
    """Comment lines; `first` and `further` stand before the text of the first and of the other lines."""
    return textwrap.wrap(
        one_line(text), WIDTH, initial_indent=f"# {first}", subsequent_indent=f"# {further}",
        break_long_words=False, break_on_hyphens=False,
    ) or ["#"]  # fmt: skip


def call(before: str, args: list[str], after: str) -> list[str]:
    """`before` args `after` on one line, or the arguments filled into indented lines where that is too long."""
    line = before + ", ".join(args) + after
    if len(line) <= WIDTH:
        return [line]
    lines, current = [before], " "
    for position, arg in enumerate(args):
        piece = f" {arg}" + ("," if position < len(args) - 1 else "")
        if current.strip() and len(current) + len(piece) > WIDTH:
            lines.append(current)
            current = " "
        current += piece
    return [*lines, current, after]
