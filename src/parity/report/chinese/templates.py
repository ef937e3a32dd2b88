"""The text of templates in Chinese: what stands in them literally, never what is put into them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token

from parity.report.chinese.forms import in_chinese

#: A tag, or the rest of one that a value stands in; attributes that are read to a person.
_TAG = re.compile(r"(<[^<>]*>|<[^<>]*$)")
SPOKEN = re.compile(r'((?:aria-label|title|placeholder)=")([^"<>]+)(")')

#: Text of a drawing that is a sentence of the project's, no name.
TOLD = re.compile(r'( data-told=""[^<>]*>)([^<>]+)(<)')


class InChinese(Extension):
    """Text between tags, and labels, by the catalogue."""

    def filter_stream(self, stream: Iterable[Token]) -> Iterator[Token]:
        inside = False  # a tag that began before a value
        for token in stream:
            if token.type == "data":
                text, inside = told_markup(token.value, inside)
                token = Token(token.lineno, "data", text)
            yield token


def told_markup(text: str, inside: bool = False) -> tuple[str, bool]:
    """The text in Chinese, and whether it ends inside of a tag. inside: whether it begins in one."""
    head = ""
    if inside:
        cut = text.find(">") + 1
        if not cut:
            return text, True
        head, text = text[:cut], text[cut:]
    parts = _TAG.split(text)
    told = [SPOKEN.sub(lambda m: m[1] + in_chinese(m[2]) + m[3], p) if p.startswith("<") else _told(p) for p in parts]
    return head + "".join(told), bool(parts) and parts[-1] == "" and len(parts) > 1 and not parts[-2].endswith(">")


def _told(text: str) -> str:
    """The words of a piece; blanks around it stay, but for one between two pieces of Chinese."""
    words = text.strip()
    said = in_chinese(words) if re.search(r"[A-Za-z]{2}", words) else words
    return text.replace(words, said, 1) if words else text


def pieces(text: str) -> Iterator[str]:
    """What of a template's literal text a person reads."""
    for part in _TAG.split(text):
        if part.startswith("<"):
            yield from (m[2] for m in SPOKEN.finditer(part))
        elif re.search(r"[A-Za-z]{2}", part):
            yield part.strip()
