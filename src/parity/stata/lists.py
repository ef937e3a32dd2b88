"""Lists of words in macros."""

from __future__ import annotations

import re

from parity.stata_language.expression import unquoted


def split_words(text: str) -> list[str]:
    """Words of a list, quoted ones whole and without their quotes."""
    end = text.rfind("\"'") + 2 if "\"'" in text else 0  # no compound quote is closed behind it, and none looked for
    words = re.findall(r'`"(?:[^"\']|"(?!\')|\')*+"\'|"[^"]*"|[^\s"]+', text[:end])
    return [unquoted(w) for w in (*words, *re.findall(r'"[^"]*"|[^\s"]+', text[end:]))]
