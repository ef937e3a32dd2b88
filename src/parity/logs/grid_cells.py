"""What one cell of a table holds: numbers with their brackets and stars, stars alone, or words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from parity.logs.exhibit import Place
from parity.logs.sheet import Item, Sheet
from parity.logs.star_marks import raised
from parity.printed.cells import TableProblem, Token, plain, texed, tokens

#: `t = 2.31`, `p = 0.02`, `s.e. = 0.1`, `p<0.001`: what the number is stands before it.
#: A longer cell is no number with its name.
_LONGEST = 300
_NAMED = re.compile(
    r"\(?\s*(?P<kind>t|z|p|s\.?e\.?|se)\s*[=:]\s*(?P<rest>[-+(\[]?\.?\d.*?)\)?\s*(?P<stars>\**)", re.IGNORECASE
)
_DEGREES = re.compile(r"\(\s*df\s*+=[\s\d;,.]++\)|\bdf\s*=\s*\d+", re.IGNORECASE)
_STARS = re.compile(r"[*]{1,4}|[+†]")
_MARKED = re.compile(
    r"(?P<number>[-+]?(?:\d[\d,]*+\.?+\d*+|\.\d++))\s*(?P<mark>[+†‡§#^]|<sup>[+†a-d]</sup>|\s[a-c])(?P<rest>\s*[(\[].*)?"
)
_INTERVAL_WORDS = re.compile(r"(?:95|90|99) ?% ?CI[:\s]*", re.IGNORECASE)
_COMMA = re.compile(r"[-(\[]*\d*,\d{1,2}(?!\d)|[-(\[]*0?,\d+|[-(\[]*\d+,\d{4,}")
_POINT = re.compile(r"\d?\.\d")
_BEGINS = re.compile(r"[(\[{|]*[-+]?\.?\d")


@dataclass(frozen=True)
class Content:
    """text: plain; tokens: its numbers, none for words; stars: marks without a number, or behind one in another cell;
    raised: a mark behind a number, a footnote's or of significance; kind: "t", "p" or "se" where the cell says so;
    problem: why it is no number though it is meant as one; span: how many columns it covers"""

    text: str = ""
    tokens: tuple[Token, ...] = ()
    place: Place | None = None
    stars: str = ""
    raised: str = ""
    kind: str = ""
    problem: str = ""
    span: int = 1


def contents(items: Sequence[Item | None], comma: bool = False) -> tuple[Content, ...]:
    """What each cell of a row holds; stars in a cell of their own stand at the number before them."""
    found = [replace(_content(item, comma), span=item.span if item is not None else 1) for item in items]
    for j, content in enumerate(found):
        if content.stars and not content.tokens and j and found[j - 1].tokens and "*" not in found[j - 1].text:
            found[j - 1] = replace(found[j - 1], stars=content.stars)
    return tuple(found)


def _content(item: Item | None, comma: bool) -> Content:
    if item is None or not item.text:
        return Content()
    text = plain(item.text)
    if not text:
        return Content(place=item.place)
    if _STARS.fullmatch(text):
        return Content(text, (), item.place, text)
    try:
        found = tokens(item.text, comma)
    except TableProblem as problem:
        one = _with_comma(text)
        if one:
            return Content(text, one, item.place)
        return Content(text, (), item.place, problem=str(problem).split(";")[0])
    if found and item.span > 1 and len({t.bracket for t in found}) < len(found):
        return Content(text, (), item.place, problem=f"{len(found)} numbers over {item.span} columns")
    if found:
        return Content(text, found, item.place, raised=raised(texed(item.text)))
    return _other(item, text, comma)


#: One number with a decimal comma: what stands behind it is no group of thousands, and it is no interval.
_ONE_COMMA = re.compile(r"[-+]?\d+,\d+\s?\**|\([-+]?0?,\d+\)\**")


def _with_comma(text: str) -> tuple[Token, ...]:
    """A number whose comma can only be a decimal one, in a table of points; none where it could be two."""
    return _tokens(text, True) if _ONE_COMMA.fullmatch(text) else ()


def _other(item: Item, text: str, comma: bool) -> Content:
    """Numbers with words around them that are known: degrees of freedom, `t = 2.3`, marks other than stars."""
    named = _NAMED.fullmatch(text) if len(text) <= _LONGEST else None
    if named and (inner := _tokens(named["rest"] + named["stars"], comma)):
        kind = {"t": "t", "z": "t", "p": "p"}.get(named["kind"].lower(), "se")
        return Content(text, inner, item.place, kind=kind)
    bare = _INTERVAL_WORDS.sub("", _DEGREES.sub("", text)).strip()
    if bare != text and (inner := _tokens(bare, comma)):
        return Content(text, inner, item.place)
    if (marked := _MARKED.fullmatch(text)) and (inner := _tokens(marked["number"] + (marked["rest"] or ""), comma)):
        return Content(text, inner, item.place, stars=re.sub(r"</?sup>|\s", "", marked["mark"]))
    if re.fullmatch(r"[(\[]?[<>≤≥]\s*\.?\d[\d.]*[)\]]?\**", text):
        return Content(text, (), item.place, problem="is an inequality")
    if text.endswith("%") and (inner := _tokens(text[:-1].strip(), comma)):
        return Content(text, inner, item.place)
    return Content(text, (), item.place)


def _tokens(text: str, comma: bool) -> tuple[Token, ...]:
    try:
        return tokens(text.strip(), comma)
    except TableProblem:
        return ()


def decimal_comma(sheet: Sheet) -> bool:
    """Whether the numbers of a table have decimal commas: several do, and none has a point."""
    cells = [plain(item.text) for row in sheet.rows for item in row[1:] if item is not None and item.text]
    numeric = [text for text in cells if _BEGINS.match(text) or text.startswith(("-,", ",", "(,", "(-,"))]
    commas = sum(bool(_COMMA.match(text)) for text in numeric)
    points = sum(bool(_POINT.search(text)) for text in numeric)
    return commas >= 3 and points == 0
