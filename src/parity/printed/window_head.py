"""The heading of a Stata window: what its columns hold, and the statistics that stand above it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from parity.printed.lines import Line

#: What the first column may be called; only the first group are coefficients.
COEFFICIENT = re.compile(r"coef(\.|f\.?|ficients?)?|estimate", re.IGNORECASE)
_FIRST = (
    r"coefficients?|coeff?\.|estimate|odds ratio|haz\. ratio|risk ratio|rate ratio|irr|rrr|shr|tm\. ratio|exp\(b\)|"
    r"[de][fyx]/[de]x|margin|contrast|mean|proportion|total|diff\."
)
#: In a narrow log, whose lines were wrapped in the midst of the heading, with what fills the line that was.
_WRAPPED = " {0,99}".join(r"\." if letter == "." else letter for letter in "conf.interval")
_KINDS = (
    (
        "ci",
        r"\[ {0,8}(?P<level>\d+(?:\.\d+)?)% (?:(?:conf(?:\.|idence)?|cred\.?|eq\.?) (?:interval|int\.?|ci)|c\.i\.|"
        rf"{_WRAPPED}) {{0,8}}\]",
    ),
    ("se", r"(?:robust |clustered |delta-method |bootstrap )?std\. ?err\.|standard error|std\. dev\."),
    ("p", r"p ?> ?\|[tz]\|"),
    ("coef", _FIRST),
    ("t", r"[tz]"),
)
_HEADS = re.compile("|".join(f"(?P<{kind}>(?<![^\\s]){pattern}(?![^\\s|]))" for kind, pattern in _KINDS), re.IGNORECASE)
#: Kinds of standard errors that a line above the heading names.
_VCOV = re.compile(
    r"(HC[0-3]|WC-robust|robust|bootstrap|jackknife|delta-method|newey-west|drisc/kraay|semirobust|corrected|linearized|opg|oim|"
    r"conley)",
    re.IGNORECASE,
)
#: Width of a number of Stata's interval, which has one heading over two columns.
_HALF = 9

#: A decimal comma as a point, and points between thousands as commas.
SWAPPED = str.maketrans(",.", ".,")
_NUMBER = re.compile(r"-?(?:\d[\d,]*+\.?+\d*+|\.\d++)(?:[eE][-+]?\d{1,3})?")
_FUNCTION = re.compile(r"(?:wald |lr |)(?:F|chi2|t)\( *\d[\d, ]*\)$", re.IGNORECASE)
_ADJUSTED = re.compile(r"\bstd\. err\. adjusted for ([\d,]+) clusters in ([^)]+)", re.IGNORECASE)
_ANALYSIS = re.compile(r"\s*(?P<label>[A-Z]\w{0,20}) \|(?P<numbers>(?: +[-\d.,e+]+)+)(?: {2,}|$)")
SOURCES = ("Model", "Residual", "Total")
#: Above it: what its columns are, `Source |       SS           df       MS`.
_SOURCES = re.compile(r"\s*Source \| +(?P<first>[A-Za-z]\w?) +(?P<second>[A-Za-z]\w?) +(?P<third>[A-Za-z]\w?)(?: {2,}|$)")


@dataclass(frozen=True)
class Statistic:
    """A number about the whole window by the name that stands before it, "R-squared", "Number of obs", "F(2, 71)"."""

    name: str
    text: str
    line: int = 0


@dataclass(frozen=True)
class Columns:
    """kinds of the columns behind the bar, with the first and last character of each; first: what the coefficients are
    called; level: of the interval, in percent; vcov: what a line above says of the standard errors."""

    kinds: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    first: str
    level: str = ""
    vcov: str = ""

    def below(self, line: str) -> Columns:
        """The same with what the line above the heading says; it may name the coefficients, too."""
        said = " ".join(found[0] for found in _VCOV.finditer(line))
        return replace(self, vcov=said) if said and not self.vcov else self


def columns_of(line: str) -> Columns | None:
    """The columns of a heading, `y | Coefficient  Std. err.  t  P>|t|  [95% conf. interval]`; None for other lines."""
    outcome, bar, heads = line.partition("|")
    if not bar or ("std" not in heads.lower() and "coef" not in heads.lower()) or outcome.count("-") > 8:
        return None
    kinds: list[str] = []
    spans: list[tuple[int, int]] = []
    first, level, vcov, at = "", "", "", 0
    for found in _HEADS.finditer(heads):
        other = heads[at : found.start()]
        if "|" in other:
            return None
        kind = found.lastgroup if found.lastgroup != "level" else "ci"
        for word in re.finditer(r"\S+(?: \S+)*", other):
            kinds.append("")
            spans.append((at + word.start(), at + word.end()))
        if kind == "ci":
            level = found["level"]
            kinds += ["ci_low", "ci_high"]
            spans += [(found.start(), found.start() + _HALF), (found.end() - _HALF, found.end())]
        else:
            first = found[0] if kind == "coef" and not first else first
            vcov = found[0].split()[0] if kind == "se" and len(found[0].split()) > 2 else vcov
            kinds.append(str(kind))
            spans.append(found.span())
        at = found.end()
    for word in re.finditer(r"\S+(?: \S+)*", heads[at:]):
        kinds.append("")
        spans.append((at + word.start(), at + word.end()))
    if not first or kinds[0] != "coef" or kinds.count("coef") > 1:
        return None
    return Columns(tuple(kinds), tuple(spans), first, level, vcov)


def head_statistics(lines: Sequence[Line], decimal_comma: bool = False) -> Iterator[Statistic]:
    """What stands above a heading as `name = number`, the table of sums of squares, and the number of clusters."""
    names, headed = ("SS", "df", "MS"), False
    for line in lines:
        line = Line(line.number, line.text.translate(SWAPPED)) if decimal_comma else line
        if found := _SOURCES.match(line.text):
            names, headed = found.groups(), True
        if (found := _ANALYSIS.match(line.text)) and (headed or found["label"] in SOURCES):
            for name, text in zip(names, found["numbers"].split(), strict=False):
                yield Statistic(f"{found['label']} {name}", text, line.number)
        if found := _ADJUSTED.search(line.text):
            yield Statistic(f"clusters in {found[2].strip()}", found[1].replace(",", ""), line.number)
        parts = line.text.split("=")
        for left, right in pairwise(parts):
            value = (right.split() or [""])[0].rstrip(",;)")
            name = _name(left)
            if name and _NUMBER.fullmatch(value):
                yield Statistic(name, value.replace(",", ""), line.number)


def _name(left: str) -> str:
    """The name at the end of what stands before an equals sign: behind two blanks or a bar, but `F(  2,   71)` is whole."""
    left = left.rstrip()
    function = _FUNCTION.search(left[-40:])
    if function:
        return re.sub(r"\( +", "(", re.sub(r", *", ", ", function[0]))
    name = re.split(r" {2,}|\|", left.strip()[-60:])[-1].strip()
    return name if re.match(r"[^\W\d]", name) else ""
