"""Estimations that a log echoes and no do-file has, each beside the do-files' nearest: what only one of the two says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.package.estimates import Estimated, exponentiated
from parity.package.fit import fit
from parity.package.mapping import Match, bare
from parity.package.printed import Column, Printed

if TYPE_CHECKING:
    from parity.stata_language.request import Request
    from parity.stata_language.varlist import Term

#: Pairs of one log that are said each; the others are counted.
MOST_PAIRS = 8
#: As many of the do-files' estimations are looked through for one of a log's.
MOST_LIKE = 400
#: Larger numbers are told with an exponent.
MOST_PLAIN = 10**9
_CALLED = {"coef": "coefficient", "se": "standard error"}


@dataclass(frozen=True)
class Lone:
    """An estimation of a log. text: as echoed; asked: what it asks for, on the data of an estimation of the do-files

    own: what the log's own commands give for it; None where they were not run
    """

    line: int
    text: str
    asked: Callable[[Estimated], Request | None]
    own: Estimated | None = None


def of_run(estimates: Sequence[Estimated]) -> list[Lone]:
    """Of a log whose own commands were run; one that ran several times is one."""
    first = {(e.line, e.command): e for e in reversed(estimates)}
    return [
        Lone(e.line, e.command, lambda _, e=e: e.source.request if e.source is not None else None, e)
        for e in reversed(first.values())
    ]  # fmt: skip


def of_echoes(echoes: Sequence[tuple[int, str]]) -> list[Lone]:
    """Of a log of the do-files: (line, command) of those that none has any more."""
    return [Lone(line, text, lambda o, text=text: _read(text, o)) for line, text in echoes]


def said_of_pairs(
    lone: Sequence[Lone], code: Sequence[Estimated], windows: Sequence[tuple[Printed, Sequence[Match]]]
) -> Iterator[tuple[int, str]]:
    """(line of the log, sentence) for each pair, then for those that are beyond `MOST_PAIRS` and those that have none.

    windows: of the log, each with its matches
    """
    code = [e for e in code if e.source is not None and e.source.request is not None]
    used: set[int] = set()
    said: list[tuple[int, str]] = []
    none: list[Lone] = []
    for mine in lone:
        pair = _nearest(mine, code, used)
        if pair is None:
            none.append(mine)
            continue
        other, more, less = pair
        used.add(other.index)
        numbers = _numbers(mine, other, windows)
        if more or less:
            said.append((mine.line, f"it is {other.place} but for {_differing(more, less)}{numbers}"))
        elif numbers and mine.own is not None:
            said.append((mine.line, f"it is {other.place}, on data that other commands made{numbers}"))
    yield from said[:MOST_PAIRS]
    if len(said) > MOST_PAIRS:
        n = len(said) - MOST_PAIRS
        yield said[MOST_PAIRS][0], f"{n} more of its estimations {'are' if n > 1 else 'is'} a do-file's but for such parts"
    if none and code:
        n = len(none)
        like = "have none like them" if n > 1 else "has none like it"
        yield none[0].line, f"{n} of its estimations {like} in the do-files, the first `{none[0].text[:60]}`"


def _nearest(
    mine: Lone, code: Sequence[Estimated], used: set[int]
) -> tuple[Estimated, tuple[str, ...], tuple[str, ...]] | None:
    """The estimation of the same command and outcome with the fewest parts that only one has; of several, one that is no
    other's pair yet, then the first. None where no regressor is common."""
    best, found = None, None
    for other in code[:MOST_LIKE]:
        theirs, asked = other.source.request, mine.asked(other)
        if asked is None or (asked.command, asked.outcome) != (theirs.command, theirs.outcome):
            continue
        if (asked.regressors or theirs.regressors) and not _variables(asked) & _variables(theirs):
            continue
        one, two = _parts(asked), _parts(theirs)
        more, less = tuple(p for p in one if p not in two), tuple(p for p in two if p not in one)
        rank = (len(more) + len(less), other.index in used)
        if best is None or rank < best:
            best, found = rank, (other, more, less)
    return found


def _variables(asked: Request) -> set[Term]:
    return {*asked.regressors, *asked.endogenous, *asked.absorb}


def _parts(asked: Request) -> tuple[str, ...]:
    """What a request says beside its command and outcome, each part as Stata spells it."""
    out = [_spelled(t) for t in (*asked.regressors, *asked.partialled)]
    out += [f"endogenous {_spelled(t)}" for t in asked.endogenous] + [f"instrument {_spelled(t)}" for t in asked.instruments]
    out += [f"absorb({_spelled(t)})" for t in asked.absorb]
    out += [f"`if {asked.condition}`"] * bool(asked.condition) + [f"`in {asked.rows}`"] * bool(asked.rows)
    if asked.weight is not None:
        out.append(f"[{asked.weight.kind}={asked.weight.expression}]")
    if asked.cluster:
        out.append(f"cluster({' '.join(asked.cluster)})")
    elif asked.drawn:
        out.append(f"{asked.drawn} standard errors")
    elif asked.kind != "iid":
        out.append("robust" if asked.kind == "HC1" else f"{asked.kind} standard errors")
    out += [f"{asked.lags} lags"] * (asked.lags is not None) + ["noconstant"] * (not asked.intercept)
    out += [f"{name} {value}" for name, value in asked.keys.items()] + [f"model {asked.model}"]
    return tuple(dict.fromkeys(out))


def _spelled(term: Term) -> str:
    """`i.year`, `ib3.x#c.z`, `L2.x`."""
    kinds = {"factor": "i", "continuous": "c", "omitted": "o"}
    return "#".join(
        (f"{kinds.get(f.kind, '')}{f'b{f.base}' if f.base else ''}{f.operator}." if f.kind in kinds or f.operator else "")
        + f.name + (f"({' '.join(f'{v:g}' for v in f.levels)})" if f.levels else "")
        for f in term.factors
    )  # fmt: skip


def _differing(more: Sequence[str], less: Sequence[str]) -> str:
    return " and ".join(
        f"{', '.join(parts)}, which only the {who} has" for parts, who in ((more, "log"), (less, "code")) if parts
    )


# ---------------------------------------------------------------- numbers


def _numbers(mine: Lone, other: Estimated, windows: Sequence[tuple[Printed, Sequence[Match]]]) -> str:
    """`; x: standard error .0707 in the log, .0337 by the code` of the first term whose numbers differ; "" where none does,
    or where no window, or several, are this estimation's."""
    columns = [w.columns[0] for w, matches in windows if _is_of(mine, w, matches)]
    return _first(columns[0], mine, other) if len(columns) == 1 and other.known else ""


def _is_of(mine: Lone, window: Printed, matches: Sequence[Match]) -> bool:
    if window.kind != "estimates" or not window.columns:
        return False
    if mine.own is not None:
        return any(m.fit is not None and m.fit.estimate.index == mine.own.index for m in matches)
    return bare(window.command) == bare(mine.text)


def _first(column: Column, mine: Lone, other: Estimated) -> str:
    own = mine.own
    ratios = any(c.name.lower().startswith(("odds", "irr", "rrr")) for row in column.rows for c in row.cells)
    other = exponentiated(other) if ratios else other
    for row, term in zip(column.rows, fit(column, other if own is None else own).terms, strict=True):
        theirs: Mapping[str, float] = other.terms.get(term, {})
        off = []
        for cell in row.cells:
            value = theirs.get(cell.kind)
            right = own is None or (term in own.terms and cell.holds(own.terms[term].get(cell.kind, float("nan"))))
            if cell.kind in _CALLED and cell.number is not None and value is not None and right and not cell.holds(value):
                in_log, by_code = _shown(cell.number.value, value)
                off.append(f"{_CALLED[cell.kind]} {in_log} in the log, {by_code} by the code")
        if off:
            return f"; {term}: {'; '.join(off)}"
    return ""


def _shown(one: float, other: float) -> tuple[str, str]:
    """Two numbers with three digits, or as many as tell them apart; without the 0 before the point, as Stata's."""
    told = next((d for d in range(3, 17) if f"{one:.{d}g}" != f"{other:.{d}g}"), 17)
    texts = (f"{x:.0f}" if 10**told <= abs(x) < MOST_PLAIN else f"{x:#.{told}g}".removesuffix(".") for x in (one, other))
    one_text, other_text = (re.sub(r"^(-?)0\.", r"\1.", text) for text in texts)
    return one_text, other_text


def _read(text: str, other: Estimated) -> Request | None:
    """What an echo asks for on the data of a do-file's estimation; None where its macros, names or model aren't known."""
    from parity.logs.command_names import command_name
    from parity.stata_language.command import SyntaxProblem, read
    from parity.stata_language.dataset import DataProblem
    from parity.stata_language.expression import ExpressionError
    from parity.stata_language.reading import request
    from parity.stata_language.request import Declined
    from parity.stata_language.varlist import Resolver

    if "`" in text or "$" in text or command_name(text) != command_name(other.command):
        return None
    try:
        return request(read(text), Resolver(other.source.data), other.source.data.panel)
    except (SyntaxProblem, DataProblem, Declined, ExpressionError, KeyError, ValueError, TypeError):
        return None
