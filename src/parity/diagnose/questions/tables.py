"""Explain a printed table: one column of it, row by row a term of the spec."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parity.base.errors import InputError
from parity.base.watching import Watch, unwatched
from parity.diagnose.questions.answer import Answer
from parity.diagnose.questions.reading import reading_of
from parity.diagnose.questions.typed import Declared, declared, explain_numbers
from parity.logs.recognise import no_text
from parity.printed import matching
from parity.printed.cells import TableProblem
from parity.printed.matching import Kind, Line
from parity.printed.printed_table import PrintedTable
from parity.printed.spelled import factors
from parity.printed.table import read_table
from parity.study.study import Study

if TYPE_CHECKING:
    from parity.diagnose import TargetNumber

_KIND = {"se": "standard errors", "t": "t statistics", "p": "p-values"}
_BRACKET = {"(": "parentheses", "[": "brackets"}


def read_text(file: str, encoding: str) -> str:
    """The text of a file, `-` for standard input: UTF-8, else the study's encoding. Raises `InputError`."""
    if file == "-":
        raw = sys.stdin.buffer.read() if hasattr(sys.stdin, "buffer") else sys.stdin.read().encode()
    else:
        raw = Path(file).read_bytes()
    if wrong := no_text(raw):
        raise InputError.at(file, "", wrong)
    for name in ("utf-8-sig", encoding):
        try:
            return raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    raise InputError.at(file, "", "not UTF-8 text; save it as UTF-8, or give the study its encoding")


def explain_table(
    study: Study, spec_id: str, text: str, *, column: str | None = None, terms: Sequence[str] = (),
    parentheses: Kind | None = None, stars: Sequence[float] | None = None, decimal_comma: bool = False,
    printed_by: str = "", watch: Watch = unwatched,
) -> Answer:  # fmt: skip
    """Which causes turn the declared spec into a column of a printed table.

    column: its number or heading; terms: `LABEL=TERM`; parentheses, stars: instead of what the table
    announces; printed_by: the software whose numbers they are.
    Raises `InputError` for a table that can't be read, a row that is no term, a column that isn't clear.
    """
    try:
        table = read_table(text, decimal_comma, stars is not None)
    except TableProblem as problem:
        raise InputError.at("--table", "", str(problem)) from None
    known = declared(study, spec_id)
    mapping = _absorbed(table, known) | matching.named_terms(terms, table, known.terms)
    cuts, said = _cuts(table, stars)
    place, lines, why = _column(table, known, mapping, column)
    kinds, more = _kinds(table, lines, known, parentheses, cuts)
    targets = _targets(lines, kinds, table.nobs[place]) + _f(table, place, known)
    reading = reading_of(table, place, lines, known.terms, mapping, len(targets))
    whose = printed_by or table.printed_by
    answer = explain_numbers(known, targets, cuts, (*why, *more, *said), printed_by=whose, watch=watch)
    return answer.model_copy(update={"reading": reading})


def _absorbed(table: PrintedTable, known: Declared) -> dict[str, str]:
    """Rows that are levels of an absorbed effect, `1936.year` where the spec absorbs year: left out, they are no terms."""
    effects = {str(effect) for effect in known.spec.formula.effects}
    levels = {row.label: factors(row.label) for row in table.rows if row.label not in known.terms}
    return {label: "" for label, of in levels.items() if len(of) == 1 and of[0].level and of[0].column in effects}


def _cuts(table: PrintedTable, given: Sequence[float] | None) -> tuple[tuple[float, ...], list[str]]:
    from parity.diagnose.numbers import STARS

    cuts = tuple(given) if given is not None else table.stars or STARS
    starred = any("*" in n.text for row in table.rows for cell in row.cells for n in cell)
    if not starred:
        return cuts, []
    levels = ", ".join(f"{cut:g}" for cut in cuts)
    source = (
        "as told" if given is not None else "as the table says" if table.stars else "for want of a note; else say --stars"
    )
    return cuts, [f"stars: p below {levels} ({source})"]


def _column(
    table: PrintedTable, known: Declared, mapping: dict[str, str], wanted: str | None
) -> tuple[int, list[Line], list[str]]:
    """The column that is meant, its lines, and how it was chosen where there are several."""
    if wanted is not None:
        place, why = matching.chosen_column(table, wanted), []
    elif len(table.columns) == 1:
        place, why = 0, []
    else:
        place, why = _matching_column(table, known, mapping)
    lines, problems = matching.column_lines(table, place, known.terms, mapping)
    if problems:
        raise InputError(problems)
    if not lines:
        raise InputError.at("--table", "", f"column {place + 1} has no number of a term of `{known.spec.id}`")
    return place, lines, why


def _matching_column(table: PrintedTable, known: Declared, mapping: dict[str, str]) -> tuple[int, list[str]]:
    """The one column headed by the spec's name, or the one whose numbers are the spec's more than any other's."""
    heads = [i for i, head in enumerate(table.columns) if known.spec.id in head.split()]
    if len(heads) == 1:
        return heads[0], [f"column {heads[0] + 1}: headed `{known.spec.id}`"]
    shares, unread = [], []
    for place in range(len(table.columns)):
        lines, problems = matching.column_lines(table, place, known.terms, mapping)
        shares.append(0.0 if problems or not lines else _share(lines, table.nobs[place], known))
        unread += problems if problems else []
    best = max(range(len(shares)), key=lambda i: shares[i])
    if shares[best] > 0 and shares.count(shares[best]) == 1:
        head = f" `{table.columns[best]}`" if table.columns[best] else ""
        return best, [f"column {best + 1}{head}: {shares[best]:.0%} of its numbers are this spec's, more than of any other"]
    if unread and not any(shares):
        raise InputError(dict.fromkeys(unread))
    raise InputError.at("--column", "", f"which column is `{known.spec.id}`? {matching.columns_text(table)}")


def _share(lines: Sequence[Line], nobs: str, known: Declared) -> float:
    """Share of the numbers that the declared spec gives; parentheses may be of any kind."""
    total = int(bool(nobs))
    hits = int(bool(nobs) and matching.fits(nobs, known.number("nobs", "")))
    for line in lines:
        for number in line.numbers:
            kinds = matching.KINDS if number.kind in "([" else (number.kind,)
            total += 1
            hits += any(matching.fits(number.text, known.number(k, line.term), unsigned=k == "t") for k in kinds)
    return hits / total


def _kinds(
    table: PrintedTable, lines: Sequence[Line], known: Declared, told: Kind | None, cuts: tuple[float, ...]
) -> tuple[dict[str, Kind], list[str]]:
    """Bracket -> what stands in it, and how that is known."""
    used = [b for b in "([" if any(n.kind == b for line in lines for n in line.numbers)]
    kinds: dict[str, Kind] = {}
    said = []
    for bracket in used:
        if told is not None and bracket == used[0]:
            kinds[bracket], why = told, "as told"
        elif bracket in table.announced:
            kinds[bracket], why = table.announced[bracket], "as the table says"
        else:
            of_one = [_only(line, bracket) for line in lines]
            kinds[bracket], why = matching.detected(of_one, known.number, cuts)
            why = f"{why}; else say --parentheses" if bracket == used[0] else why
        said.append(f"in {_BRACKET[bracket]}: {_KIND[kinds[bracket]]} ({why})")
    return kinds, said


def _only(line: Line, bracket: str) -> Line:
    return Line(line.term, line.label, tuple(n for n in line.numbers if n.kind in ("coef", bracket)))


def _targets(lines: Sequence[Line], kinds: dict[str, Kind], nobs: str) -> list[TargetNumber]:
    from parity.diagnose import TargetNumber

    targets = [
        TargetNumber(kinds.get(n.kind, n.kind), line.term, n.text)  # type: ignore[arg-type]
        for line in lines
        for n in line.numbers
        if n.kind
    ]
    return targets + ([TargetNumber("nobs", "", nobs)] if nobs.isdigit() else [])


def _f(table: PrintedTable, place: int, known: Declared) -> list[TargetNumber]:
    """A window's F, where it is about all slopes of the spec. That of instruments takes factors of its own."""
    from parity.diagnose import TargetNumber

    given = table.f[place] if table.f else None
    slopes = [term for term in known.terms if term != matching.INTERCEPT]
    if given is None or given[1] != len(slopes) or known.spec.iv or known.spec.model == "random_effects":
        return []
    return [TargetNumber("f", "", given[0])] if known.number("f", "") is not None else []
