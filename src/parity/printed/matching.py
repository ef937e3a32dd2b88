"""A printed table against one spec: which rows are which terms, which column is meant, what stands in parentheses."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from parity.base.errors import InputError, Problem, suggest
from parity.compare.printed import read_number
from parity.printed.cells import Number
from parity.printed.printed_table import PrintedTable, Row
from parity.printed.spelled import alike

Kind = Literal["se", "t", "p"]
KINDS: tuple[Kind, ...] = ("se", "t", "p")
INTERCEPT = "(Intercept)"
_CONSTANT = re.compile(r"\(?_?(cons|const|constant|intercept|constant term|截距|截距项|常数|常数项)\)?", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One term of the spec and its numbers in one column of the table; brackets not yet read."""

    term: str
    label: str
    numbers: tuple[Number, ...]


def _bare(name: str) -> str:
    return re.sub(r"[\s_.\-·]+", "", name).casefold()


def named_terms(mapping: Sequence[str], table: PrintedTable, terms: Sequence[str]) -> dict[str, str]:
    """`["Capital stock=capital"]` as label -> term; a label that is left out has the term "". Raises `InputError`."""
    labels = [row.label for row in table.rows]
    found, problems = {}, []
    for text in mapping:
        label, separator, term = (part.strip() for part in text.rpartition("="))
        if not separator or not label:
            problems.append(Problem("--term", "", f'`{text}` is not LABEL=TERM, such as "Capital stock=capital"'))
        elif label not in labels:
            near = suggest(label, labels) or f"; rows: {', '.join(labels)}"
            problems.append(Problem("--term", "", f"the table has no row `{label}`{near}"))
        elif term and term not in terms:
            near = suggest(term, terms) or f"; terms: {', '.join(terms)}"
            problems.append(Problem("--term", "", f"there is no term `{term}`{near}"))
        else:
            found[label] = term
    if problems:
        raise InputError(problems)
    return found


def term_of(label: str, terms: Sequence[str], mapping: Mapping[str, str]) -> str | None:
    """The term a row is about: "" if it is left out on purpose, None if that can't be said."""
    if label in mapping:
        return mapping[label]
    if label in terms:
        return label
    if _CONSTANT.fullmatch(label.strip()):
        return INTERCEPT if INTERCEPT in terms else ""
    found = [t for t in terms if _bare(t) == _bare(label)] or alike(label, terms)
    return found[0] if len(found) == 1 else None


def column_lines(
    table: PrintedTable, column: int, terms: Sequence[str], mapping: Mapping[str, str]
) -> tuple[list[Line], list[Problem]]:
    """The rows of one column that are terms of the spec, and a problem for every other row that has numbers there."""
    lines, problems = [], []
    for row in table.rows:
        numbers = row.cells[column]
        if not numbers:
            continue
        term = term_of(row.label, terms, mapping)
        if term is None:
            problems.append(_unknown(row, terms))
        elif term and term in [line.term for line in lines]:
            other = next(line.label for line in lines if line.term == term)
            problems.append(Problem("--table", "", f"rows `{other}` and `{row.label}` are both the term `{term}`"))
        elif term:
            lines.append(Line(term, row.label, numbers))
    return _with_decimals(lines), problems


_WHOLE = re.compile(r"([-+]?\d)(\**)")
_DECIMALS = re.compile(r"\.(\d+)")


def _with_decimals(lines: Sequence[Line]) -> list[Line]:
    """A whole number of one digit, `0***`, has as many decimals as others of its kind have at least, zeros cut off: by its
    own digits it would stand for all between half below it and half above. A single coefficient has those of its error."""
    numbers = [n for line in lines for n in line.numbers]
    own = {kind: _least([n for n in numbers if n.kind == kind]) for kind in {n.kind for n in numbers}}
    if own.get("coef") == 0:
        own["coef"] = _least(numbers)

    def meant(n: Number) -> Number:
        found, places = _WHOLE.fullmatch(n.text), own[n.kind]
        return replace(n, text=f"{found[1]}.{'0' * places}{found[2]}") if found and places else n

    return [replace(line, numbers=tuple(map(meant, line.numbers))) for line in lines]


def _least(numbers: Sequence[Number]) -> int:
    """The fewest decimals of numbers that are no whole ones of one digit; 0 for none."""
    others = [_DECIMALS.search(n.text) for n in numbers if not _WHOLE.fullmatch(n.text)]
    return min((len(m[1]) if m else 0 for m in others), default=0)


def _unknown(row: Row, terms: Sequence[str]) -> Problem:
    near = difflib.get_close_matches(_bare(row.label), [_bare(t) for t in terms], n=1, cutoff=0.6)
    likely = next((t for t in terms if near and _bare(t) == near[0]), "")
    other = f'terms: {", ".join(terms)}; say --term "{row.label}=TERM"'
    say = f'did you mean `{likely}`? Then say --term "{row.label}={likely}"' if likely else other
    return Problem(
        "--table", "", f'the row `{row.label}` is no term of this spec: {say}; --term "{row.label}=" leaves it out'
    )


def chosen_column(table: PrintedTable, wanted: str) -> int:
    """Position of a column given by number from 1, or by its heading or a part of it that no other has."""
    heads = table.columns
    for matches in (
        [i for i, h in enumerate(heads) if h and _bare(h) == _bare(wanted)],
        [i for i, h in enumerate(heads) if f"({wanted})" in h.split()],
        [int(wanted) - 1] if wanted.isdecimal() and 1 <= int(wanted) <= len(heads) else [],
        [i for i, h in enumerate(heads) if wanted.casefold() in h.casefold()],
    ):
        if len(matches) == 1:
            return matches[0]
    raise InputError.at("--column", "", f"the table has no one column `{wanted}`; {columns_text(table)}")


def columns_text(table: PrintedTable) -> str:
    return "columns: " + ", ".join(f"{i}" + (f" `{h}`" if h else "") for i, h in enumerate(table.columns, 1))


# ---------------------------------------------------------------- what stands in parentheses

#: (quantity, term) -> the declared spec's number, None where it has none
Declared = Callable[[str, str], float | None]


def fits(text: str, value: float | None, *, unsigned: bool = False) -> bool:
    """Whether a value lies in the rounding interval of a printed number."""
    if value is None:
        return False
    number = read_number(text)
    return abs((abs(value) if unsigned else value) - number.value) <= number.allowed


def detected(lines: Sequence[Line], declared: Declared, cuts: Sequence[float]) -> tuple[Kind, str]:
    """What an unannounced parenthesis holds, and by what that was told."""
    pairs = [
        (line.term, coefficient.text, number.text)
        for line in lines
        for coefficient in line.numbers[:1]
        for number in line.numbers
        if number.kind in "([" and coefficient.kind == "coef"
    ]
    if any(read_number(text).value < 0 for _, _, text in pairs):
        return "t", "some are negative"
    hits = {
        kind: sum(fits(text, declared(kind, term), unsigned=kind == "t") for term, _, text in pairs) for kind in KINDS
    }  # fmt: skip
    best = max(hits, key=lambda k: hits[k])
    if hits[best] and list(hits.values()).count(hits[best]) == 1:
        return best, f"{hits[best]} of {len(pairs)} are this spec's"
    stars = {kind: sum(_starred(kind, b, x, cuts) for _, b, x in pairs) for kind in KINDS}
    best = max(stars, key=lambda k: stars[k])
    if any("*" in b for _, b, _ in pairs) and list(stars.values()).count(stars[best]) == 1:
        return best, f"the stars of {stars[best]} of {len(pairs)} follow from them"
    return "se", "nothing says otherwise"


def _starred(kind: Kind, coefficient: str, inside: str, cuts: Sequence[float]) -> bool:
    """Whether the printed stars follow from the parenthesis, read as this kind, under the normal distribution."""
    from statistics import NormalDist

    b, x = read_number(coefficient).value, read_number(inside).value
    if kind == "p":
        p = x
    elif kind == "se":
        p = 2 * NormalDist().cdf(-abs(b / x)) if x else 0.0
    else:
        p = 2 * NormalDist().cdf(-abs(x))
    return 0 <= p <= 1 and sum(p < cut for cut in cuts) == coefficient.count("*")
