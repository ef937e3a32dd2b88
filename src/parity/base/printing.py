"""Text of files, studies and engines made safe to show: one place for what must never reach a terminal, a page or a cell."""

from __future__ import annotations


def printing(text: str, instead: str = "?", keep: str = "\n") -> str:
    """The text without characters that don't print: controls, escapes, marks that turn the direction of writing, halves of
    surrogate pairs, characters that XML has not.

    instead: what stands for each; white space of any kind is a blank. keep: those that stay, lines by default.
    """
    if text.isprintable():
        return text
    return "".join(c if c in keep or c.isprintable() else " " if c.isspace() else instead for c in text)


def one_line(text: str, instead: str = "?") -> str:
    """The same with every run of white space as one blank."""
    return printing(" ".join(text.split()), instead, keep="")
