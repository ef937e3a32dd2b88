"""Bytes of a text as text: byte-order marks, UTF-8, Chinese, Western; nothing fails."""

from __future__ import annotations

import codecs
import re

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_HIGH = re.compile(rb"[\x80-\xff]+")
#: A character of GB2312 is two bytes of which the first is a row in use and both have the high bit.
_CHINESE = re.compile(rb"(?:[\xa1-\xa9\xb0-\xf7][\xa1-\xfe])+")
#: How much of a file tells its encoding.
_SAMPLE = 2**20


def decoded(raw: bytes) -> tuple[str, str]:
    """Text and the encoding it was read in, "utf-8", "utf-16", "gb18030" or "cp1252"; nothing fails.

    A file that isn't UTF-8 is Chinese if its high bytes come in pairs as GB2312 has them, else Western.
    """
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            return raw.decode(codec, "replace"), codec.removesuffix("-sig")
    if wide := _without_mark(raw[:2000]):
        return raw.decode(wide, "replace"), "utf-16"
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if error.start >= len(raw) - 3:  # a log that stops inside a character
            return raw.decode("utf-8", "replace"), "utf-8"
    codec = "gb18030" if _chinese(raw[:_SAMPLE]) else "cp1252"
    if codec == "cp1252" and _nearly(raw[:_SAMPLE]):
        codec = "utf-8"
    return raw.decode(codec, "replace"), codec


def _without_mark(head: bytes) -> str:
    """UTF-16 without its mark: every other byte of the text is zero."""
    if len(head) < 20 or b"\0" not in head:
        return ""
    even, odd = head[::2].count(0) / len(head[::2]), head[1::2].count(0) / len(head[1::2])
    return "utf-16-le" if odd > 0.7 > 0.3 > even else "utf-16-be" if even > 0.7 > 0.3 > odd else ""


def _chinese(raw: bytes) -> bool:
    runs = _HIGH.findall(raw)
    pairs = sum(bool(_CHINESE.fullmatch(run)) for run in runs)
    return bool(runs) and pairs > 0.7 * len(runs)


def _nearly(raw: bytes) -> bool:
    """Whether it is UTF-8 but for single damaged characters."""
    wrong = raw.decode("utf-8", "replace").count("\ufffd")
    high = sum(map(len, _HIGH.findall(raw)))
    return wrong * 10 < high
