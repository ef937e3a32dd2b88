"""Lists of words in macros."""

from __future__ import annotations

import re

from parity.stata_language.expression import unquoted


def split_words(text: str) -> list[str]:
    """Words of a list, quoted ones whole and without their quotes."""
    return [unquoted(w) for w in re.findall(r'`"(?:[^"\']|"(?!\')|\')*"\'|"[^"]*"|[^\s"]+', text)]
