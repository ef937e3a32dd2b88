"""Characters of a Chinese keyboard or of a word processor where the grammar has those of ASCII."""

from __future__ import annotations

import re

#: Character -> what is typed here.
TYPED = {
    "～": "~", "｜": "|", "＋": "+", "－": "-", "＊": "*", "／": "/", "＝": "=", "＜": "<", "＞": ">", "！": "!",
    "＆": "and", "＾": "^", "（": "(", "）": ")", "［": "[", "］": "]", "【": "[", "】": "]", "，": ",", "、": ",",
    "；": ";", "：": ":", "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "＂": '"', "＇": "'", "｀": "`",
    "．": ".", "。": ".", "％": "%", "＃": "#", "≥": ">=", "≤": "<=", "≧": ">=", "≦": "<=", "≠": "!=", "×": "*",
    "÷": "/", "−": "-", "–": "-", "—": "-", "∼": "~", "˜": "~", "│": "|", "∣": "|", "·": "*",
}  # fmt: skip
#: Where a character is part of a text or a name.
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")


def in_wide(text: str) -> str:
    """Which characters to type instead, and the whole text so; empty if there are none outside quotes."""
    inside = {i for found in _QUOTED.finditer(text) for i in range(*found.span())}
    wrong = [c for i, c in enumerate(text) if c in TYPED and i not in inside]
    if not wrong:
        return ""
    named = ", ".join(f"{TYPED[c]} for {c}" for c in dict.fromkeys(wrong))
    whole = "".join(f" {TYPED[c]} " if c == "＆" and i not in inside else TYPED[c] if c in wrong and i not in inside else c
                    for i, c in enumerate(text))  # fmt: skip
    return f"type {named}: `{' '.join(whole.split())}`"
