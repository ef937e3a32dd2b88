"""Numbers as a paper prints them: decimals, stars, and what stands in parentheses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from parity.study.table import Parentheses
from parity.study.words_of_tables import Language
from parity.table.grid import EMPTY, Cell

#: Decimals of a p-value, however few the other numbers have: levels of stars are told apart by three.
LEAST_OF_P = 3
#: Numbers nearer to zero than this are printed by powers of ten: journals set `0.00038` as it is.
LEAST_FIXED = 1e-6


def decimals(value: float | None, digits: int) -> str:
    """Fixed decimals. A number that would round to zero and isn't keeps two significant digits, `0.000023` or `2.3e-07`."""
    if value is None or math.isnan(value):
        return ""
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    text = f"{value:.{digits}f}"
    if float(text) or not value:
        return text
    return f"{value:.{1 - math.floor(math.log10(abs(value)))}f}" if abs(value) >= LEAST_FIXED else f"{value:.1e}"


def probability(value: float | None, digits: int, draws: int | None = None) -> str:
    """A p-value, of three decimals at least; below the last decimal it is `<0.001`.

    draws: of a share of draws, how many there were; none of 99 is `<0.011`, which is no less than they can tell.
    """
    if value is None or math.isnan(value):
        return ""
    digits = max(digits, LEAST_OF_P)
    text = f"{value:.{digits}f}"
    if float(text):
        return text
    known = 0 if value or not draws else math.ceil(10**digits / draws)
    return f"<{max(known, 1) / 10**digits:.{digits}f}"


def whole(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:,.0f}"


def stars(p: float | None, cuts: Sequence[float]) -> str:
    """One star for p below the first level, two below the second ..."""
    return "" if p is None or math.isnan(p) else "*" * sum(p < cut for cut in cuts)


def ranges(numbers: Sequence[int], language: Language | None = "en") -> str:
    """`(1)-(3), (5)`; in Chinese `(1)～(3)、(5)`."""
    runs: list[list[int]] = []
    for n in numbers:
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    to, comma = ("～", "、") if language == "zh" else ("-", ", ")
    return comma.join(f"({r[0]})" if len(r) == 1 else f"({r[0]}){to}({r[-1]})" for r in runs)


def by_column(texts: Sequence[str], language: Language | None = "en") -> str:
    """One text if all are the same, else each with its columns, `(1)-(3) a; (4) b`."""
    if len(set(texts)) == 1:
        return texts[0]
    at = {text: [i for i, t in enumerate(texts, 1) if t == text] for text in dict.fromkeys(texts)}
    return listed([f"{ranges(numbers, language)} {text}" for text, numbers in at.items()], language)


def listed(texts: Sequence[str], language: Language | None = "en") -> str:
    """With semicolons between them, as the language has those."""
    return ("；" if language == "zh" else "; ").join(texts)


def coefficient(of: Mapping[str, float | None], kind: Parentheses, digits: int, cuts: Sequence[float]) -> Cell:
    """of: coef, se, t, p, ci_low, ci_high of one term; empty where it has no coefficient."""
    if of.get("coef") is None:
        return EMPTY
    if kind == "ci":
        ends = [decimals(of.get(end), digits) for end in ("ci_low", "ci_high")]
        below = f"[{', '.join(ends)}]" if all(ends) else ""
    else:
        inside = probability(of.get("p"), digits) if kind == "p" else decimals(of.get(kind), digits)
        below = f"({inside})" if inside else ""
    return Cell(decimals(of["coef"], digits), stars(of.get("p"), cuts), below)
