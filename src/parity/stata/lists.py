"""Lists of words in macros."""

from __future__ import annotations

import re

from parity.stata_language.expression import unquoted


def split_words(text: str) -> list[str]:
    """Words of a list, quoted ones whole and without their quotes."""
    end = text.rfind("\"'") + 2 if "\"'" in text else 0  # no compound quote is closed behind it, and none looked for
    words = re.findall(r'`"(?:[^"\']|"(?!\')|\')*+"\'|"[^"]*"|[^\s"]+', text[:end])
    return [unquoted(w) for w in (*words, *re.findall(r'"[^"]*"|[^\s"]+', text[end:]))]


def added_statistics(text: str) -> list[tuple[str, str]]:
    """Labels and expressions of outreg2's `addstat("Mean of y", r(mean), F, e(F))`."""
    parts, depth, quoted = [""], 0, False
    for letter in text:
        quoted ^= letter == '"'
        depth += (letter == "(") - (letter == ")") if not quoted else 0
        if letter == "," and not quoted and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    held = [p.strip() for p in parts]
    return [(unquoted(label), value) for label, value in zip(held[::2], held[1::2], strict=False) if label and value]
