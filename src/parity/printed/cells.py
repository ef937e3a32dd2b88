"""One cell of a printed table: its numbers, freed from all that typesetting adds to them.

`"−０.352***"`, `"(1,234.5)"`, `"$0.35^{**}$"`, `"0.358*** (0.048)"` become numbers in plain ASCII, each with the bracket it
stands in. Their digits and stars are kept as text, because they say how precise the number is.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass


class TableProblem(ValueError):
    """What a table holds that can't be read without guessing."""


@dataclass(frozen=True)
class Number:
    """One number of a cell. kind: "coef", "se", "t", "p", "ci_low", "ci_high", or a bracket, "(" or "[", not yet read."""

    kind: str
    text: str


@dataclass(frozen=True)
class Token:
    """A number as text, stars included, and the bracket around it: "", "(", "[", "{" or "|".

    upper: the second number of an interval, as text
    """

    text: str
    bracket: str = ""
    upper: str = ""


_MINUS = str.maketrans(dict.fromkeys("−–‐‑‒—﹣－", "-"))
_STARS = str.maketrans(dict.fromkeys("∗⁎✱✲٭⋆★﹡＊", "*"))
#: The decimal point of British print, in the middle of the line.
_MIDPOINT = re.compile(r"(?<=\d)[·∙⋅‧](?=\d)")
#: Characters without width, which nobody sees: between words, joining, a soft hyphen.
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_TAGS = re.compile(r"<br\s*/?>|</?(?:sup|sub|b|i|em|strong|span|p)(?:\s[^<>]*)?>", re.IGNORECASE)
#: A raised letter or digit behind a number points to a footnote.
_RAISED = r"[⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ]"
_FOOTNOTE = re.compile(rf"(?<=[\d*)\]]){_RAISED}+|(?<=[\d*)\]])\s*<sup>\s*[a-z\d]\s*</sup>", re.IGNORECASE)

#: `0.15$^b$`, `0.15^{***}`: LaTeX in a file of another kind, as programs write it whatever the file is.
_TEXED = re.compile(
    r"(?<=[\d.*)\]])\s?(?:\$\^|\$\{\}\^|\^(?=[{a-d*]))\{?\s?(?P<mark>[a-d+†‡#]|\*{1,4}|\\d?dagger(?![a-z]))\s?\}?\$?(?=\s*(?:$|[(\[]))"
)

_THOUSANDS = re.compile(r"(?<![\d.,])([1-9]\d{0,2})((?:[,' ]\d{3})+)(?![\d,])")
_NUMBER = r"[-+]?(?:(?<!\d)\d++(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?\d{1,2})?(?![\d.])"
_MARKS = r"[*†‡§#]*+"
#: Bracket -> the one that closes it.
CLOSING = {"(": ")", "[": "]", "{": "}", "|": "|"}
_TOKEN = re.compile(
    rf"(?P<open>[(\[{{|])\s*+(?P<low>{_NUMBER})\s*+(?P<in>{_MARKS})\s*+"
    rf"(?:(?:,|;|\bto\b)\s*+(?P<high>{_NUMBER})\s*+)?(?P<close>[)\]}}|])\s*+(?P<after>{_MARKS})"
    rf"|(?P<bare>{_NUMBER})\s*(?P<marks>{_MARKS})"
)
#: `- 0.352`: a sign that typesetting sets apart from its number.
_APART = re.compile(r"^([(\[{|]?[-+]) (?=\.?\d)")
_FILLER = re.compile(r"[\s;/±+]*|[a-eA-E]")


def texed(text: str) -> str:
    r"""Marks in LaTeX's spelling behind a number as raised ones: `0.15$^b$` is `0.15<sup>b</sup>`; with tags as they are."""
    if "^" not in text or len(text) > 300:
        return text
    return _TEXED.sub(lambda m: f"<sup>{_DAGGERS.get(m['mark'], m['mark'])}</sup>", text)


_DAGGERS = {"\\dagger": "†", "\\ddagger": "‡"}


def plain(text: str) -> str:
    """A cell without markup: full-width forms, kinds of minus and star, tags and footnote marks are brought to ASCII."""
    text = html.unescape(_FOOTNOTE.sub("", texed(text))).translate(_UNSEEN)
    text = _TAGS.sub(" ", text).translate(_MINUS).translate(_STARS)
    text = unicodedata.normalize("NFKC", text).translate(_MINUS)
    return " ".join(_MIDPOINT.sub(".", text).split())


def tokens(text: str, decimal_comma: bool = False) -> tuple[Token, ...]:
    """The numbers of a cell; none if it holds anything else, such as a word.

    Raises `TableProblem` for a decimal comma, unless it is announced: `0,352` could be two numbers.
    """
    bare = _APART.sub(r"\1", _points(plain(text), decimal_comma))
    found, at = [], 0
    for match in _TOKEN.finditer(bare):
        if not _FILLER.fullmatch(bare[at : match.start()]):
            return ()
        at = match.end()
        token = _token(match)
        if token is None:
            return ()
        found.append(token)
    rest = bare[at:]
    return tuple(found) if found and _FILLER.fullmatch(rest) else ()


def _token(match: re.Match) -> Token | None:
    if match["bare"]:
        return Token(match["bare"] + "*" * match["marks"].count("*"))
    if CLOSING[match["open"]] != match["close"]:
        return None
    stars = "*" * (match["in"] + match["after"]).count("*")
    return Token(match["low"] + stars, match["open"], match["high"] or "")


def _points(text: str, decimal_comma: bool) -> str:
    """Thousands separators taken out, and the decimal sign as a point."""
    if decimal_comma:
        text = re.sub(r"(?<=\d)[.' ](?=\d{3}(?!\d))", "", text)
        return re.sub(r"(?<=\d),(?=\d)|(?<!\d),(?=\d)", ".", text)
    text = re.sub(r"(?<=\d)\{,\}(?=\d)", ",", text)
    text = _THOUSANDS.sub(lambda m: m[1] + re.sub(r"\D", "", m[2]), text)
    comma = re.search(r"(?<![\d.])\d+,\d+(?![\d,.])", text)
    if comma and not re.search(r"[A-Za-z]", text):
        raise TableProblem(f"`{comma[0]}` seems to have a decimal comma; say so with --decimal-comma, or write points")
    return text
