"""Rows of wild cluster bootstraps: one for each hypothesis, which its label names unless the table leaves no doubt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parity.base.errors import InputError
from parity.study.analyses.resampling import WildSettings, tested
from parity.study.spec import Spec
from parity.study.table import INTERCEPT, LEVEL, Statistic, TableSettings
from parity.table.grid import EMPTY, Cell, Row
from parity.table.numbers import decimals, probability, stars
from parity.table.verified import Verified

LABELS: dict[Statistic, str] = {"wild_p": "Wild cluster bootstrap p", "wild_ci": "Wild cluster bootstrap interval"}


@dataclass(frozen=True)
class Tested:
    """What a row is about. null: of a p; level: of an interval."""

    term: str
    null: float | None
    level: float | None
    points: str
    restricted: bool

    @classmethod
    def by(cls, settings: WildSettings, spec: Spec, statistic: Statistic) -> Tested:
        null, level = (settings.null, None) if statistic == "wild_p" else (None, settings.level)
        return cls(tested(settings, spec), null, level, settings.points, settings.restricted)

    def words(self, table: TableSettings, terms: Sequence[str]) -> list[str]:
        """What the row must say: all that isn't the one term shown, zero, the table's level, signs, the null imposed."""
        other = [t for t in terms if t != INTERCEPT] != [self.term]
        said = [f"{100 * self.level:g} %"] if self.level not in (None, LEVEL) else []
        if other or self.null:
            said.append(table.label(self.term) + ("" if self.null is None else f" = {self.null:g}"))
        said += [table.says("webb")] * (self.points == "webb")
        return said + [table.says("unrestricted")] * (not self.restricted)


def wild_rows(
    statistic: Statistic, name: str, table: TableSettings, terms: Sequence[str], specs: Sequence[Spec], verified: Verified
) -> list[Row]:
    """terms: those shown above. Raises `InputError` where two analyses of one spec would stand in one cell."""
    rows: dict[Tested, dict[str, str]] = {}
    for analysis, settings in table.chosen_wild(verified.study.wild).items():
        about = Tested.by(settings, verified.study.spec(settings.spec), statistic)
        other = rows.setdefault(about, {}).setdefault(settings.spec, analysis)
        if other != analysis:
            what = f'`{other}` and `{analysis}` test the same of `{settings.spec}`: choose, wild = ["{other}"]'
            raise InputError.at(str(verified.study.file), f"table.{name}.wild", what)
    label, comma = table.label(statistic, LABELS[statistic]), "，" if table.language == "zh" else ", "
    return [
        Row(comma.join([label, *about.words(table, terms)]), _cells(statistic, of, table, specs, verified))
        for about, of in rows.items()
    ]


def _cells(
    statistic: Statistic, of: Mapping[str, str], table: TableSettings, specs: Sequence[Spec], verified: Verified
) -> tuple[Cell, ...]:
    """of: spec -> name of its analysis."""
    return tuple(_cell(statistic, of[s.id], table, verified) if s.id in of else EMPTY for s in specs)


def _cell(statistic: Statistic, analysis: str, table: TableSettings, verified: Verified) -> Cell:
    found, settings = verified.numbers(f"wild.{analysis}"), verified.study.wild[analysis]
    p = found.get(("p", ""))
    if statistic == "wild_p":
        return Cell(probability(p, table.digits, settings.draws), stars(p, table.stars))
    if p is None:
        return EMPTY
    ends = (found.get((end, ""), none) for end, none in (("low", -math.inf), ("high", math.inf)))
    return Cell(f"[{', '.join(decimals(end, table.digits) for end in ends)}]")
