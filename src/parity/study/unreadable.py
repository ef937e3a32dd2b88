"""What is said of a text that the grammar can't read: where reading stopped, and what is written there."""

from __future__ import annotations

import re

import lark

from parity.study import hints

_READABLE = {
    "NAME": "a column", "QUOTED": "a `quoted column`", "NUMBER": "a number", "STRING": "a 'text'", "FUNCTION": "a function",
    "PLUS": "+", "MINUS": "-", "STAR": "*", "SLASH": "/", "POW": "^", "COMPARE": "a comparison", "TILDE": "~", "VBAR": "|",
    "RPAR": ")", "LPAR": "(", "COMMA": ",", "COLON": ":", "$END": "the end", "CIRCUMFLEX": "^", "RSQB": "]", "LSQB": "[",
    "_OR": "or", "_AND": "and", "_NOT": "not", "_IN": "in", "FLAG": "TRUE or FALSE",
}  # fmt: skip
#: What people write from habit in other languages -> what is written here.
_ELSEWHERE = {"&": "and", "|": "or", "!": "not", "=": "==", "**": "^", "AND": "and", "OR": "or", "NOT": "not", "IN": "in"}


def unreadable(text: str, error: lark.exceptions.UnexpectedInput, start: str) -> str:
    """Where reading stopped, what stood there and what was expected."""
    token = getattr(error, "token", None)
    at = len(text) if token is not None and token.type == "$END" else error.pos_in_stream or 0
    accepted = getattr(error, "accepts", None) or getattr(error, "expected", None) or ()
    expected = sorted({_READABLE.get(e, e.lower()) for e in accepted})
    hint = f"; expected {', '.join(expected)}" if 0 < len(expected) <= 9 else ""
    rest = " ".join(text[at:].split())
    for theirs, ours in _ELSEWHERE.items():
        whole = re.escape(theirs) + (r"\b" if theirs.isalpha() else "")
        if start == "condition" and re.match(whole, rest) and not rest.startswith("=="):
            hint = f"; write `{ours}`"
    if rest.startswith("**") or (rest.startswith("*") and text[:at].endswith("*")):
        hint = "; a power is written ^"
    if start == "formula" and text[:at].rstrip().endswith("^"):
        hint = "; ^ combines fixed effects, and a power is written I(x^2)"
    if habit := (hints.in_formula if start == "formula" else hints.in_condition)(text):
        hint = f"; {habit}"
    if start == "formula" and "**" in text[max(at - 1, 0) : at + 2] and text[:at].count("(") > text[:at].count(")"):
        hint = "; a power is written ^"
    found = f"`{clip(rest, 20)}` at character {at + 1}" if rest else "the end"
    return f"can't read {found} of `{clip(' '.join(text.split()), 80)}`{hint}"


def clip(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
