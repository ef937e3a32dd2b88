"""What a study's `[[published]]` entries print, as columns of numbers that the diagnosis reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parity.diagnose.observed import TargetNumber
from parity.study.published import Published


@dataclass(frozen=True)
class Column:
    """Entries of one spec from one place, each number once; stars: cuts of p, none where they are not known."""

    entries: tuple[Published, ...]
    targets: tuple[TargetNumber, ...]
    stars: tuple[float, ...]


def columns(entries: Sequence[Published]) -> list[Column]:
    """Entries of one spec as columns: what one source prints belongs together, a number printed twice to two columns."""
    groups: list[list[Published]] = []
    for entry in entries:
        home = next((group for group in groups if _joins(entry, group)), None)
        if home is None:
            groups.append([entry])
        else:
            home.append(entry)
    return [Column(tuple(g), tuple(t for e in g for t in targets_of(e)), (*_stars(g), ())[0]) for g in groups]


def _joins(entry: Published, group: Sequence[Published]) -> bool:
    taken = {(t.quantity, t.term) for other in group for t in targets_of(other)}
    same_place = (entry.engine, entry.source, entry.printed) == (group[0].engine, group[0].source, group[0].printed)
    return same_place and not any((t.quantity, t.term) in taken for t in targets_of(entry)) and (
        len(_stars([entry, *group])) <= 1
    )  # fmt: skip


def _stars(group: Sequence[Published]) -> list[tuple[float, ...]]:
    """What stars mean in these entries, each meaning once; an entry that can show none has no say."""
    return list(dict.fromkeys(e.stars for e in group if e.term in e.starred()))


def targets_of(entry: Published) -> list[TargetNumber]:
    """The numbers of one entry that the diagnosis knows: of the whole model N and F, no other statistic."""
    of_term = {key: text if entry.stars else text.replace("*", "") for key, text in entry.of_term().items()}
    quantities = {"estimate": "coef", "parentheses": entry.kind, "variance": "variance"}
    out = [TargetNumber(quantities[key], entry.term, text) for key, text in of_term.items()]
    out += [TargetNumber(q, "", entry.statistic[q]) for q in ("nobs", "f") if q in entry.statistic]
    return out
