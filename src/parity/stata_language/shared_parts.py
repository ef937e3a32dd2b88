"""What estimation commands have in common: outcome and regressors, instruments, cluster variables, a constant or none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem
from parity.stata_language.varlist import Resolver, Term, terms, words

_IV = re.compile(r"\(([^()=]*(?:\([^()]*\)[^()=]*)*)=((?:[^()]|\([^()]*\))*)\)")


def split_outcome(text: str, resolver: Resolver) -> tuple[Term, tuple[Term, ...]]:
    """Outcome and regressors; an outcome that is no single variable is refused."""
    found = terms(text, resolver)
    if not found:
        raise DataProblem("varlist required", 100)
    first = found[0]
    if len(first.factors) > 1 or first.factors[0].kind == "factor":
        raise DataProblem("depvar may not be a factor variable", 198)
    return first, found[1:]


def cluster_names(typed: Sequence[str], resolver: Resolver) -> tuple[str, ...]:
    """Names of cluster variables; `a#b` for the groups of both together."""
    names: list[str] = []
    for word in typed:
        if "#" in word:
            names.append("#".join(resolver.one(re.sub(r"^[ic]\.", "", part)) for part in word.split("#")))
        else:
            names += resolver.many(re.sub(r"^i\.", "", word))
    return tuple(dict.fromkeys(names))


def split_instruments(text: str, resolver: Resolver, *, iv: bool = True) -> tuple[str, tuple[Term, ...], tuple[Term, ...]]:
    """The varlist without `(endogenous = instruments)`, and both. iv: other parentheses are a slip."""
    match = _IV.search(text)
    if match is None:
        if iv and any(word.startswith("(") and word.endswith(")") for word in words(text)):
            raise DataProblem("in parentheses stand (endogenous = instruments): the equal sign is missing", 198)
        return text, (), ()
    return f"{text[: match.start()]} {text[match.end() :]}", terms(match.group(1), resolver), terms(match.group(2), resolver)


def has_constant(command: Command) -> bool:
    return not command.has("noconstant", "nocons", "nocon", least=3)
