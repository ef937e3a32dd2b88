"""One sheet of a yearbook: where its heads are, which of them are years, what its rows are, and what it is of.

A sheet's name is its indicator's. Where the name only numbers it (`1-1`, `表3`, `Sheet2`), the title above the heads is,
without the number and "of all regions" before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parity.data.provinces import bare, province

_YEAR = re.compile(r"(1[89]|20|21)\d\d(\.0)?年?(度)?")
#: What stands in the corner, over the units.
_CORNERS = {"地区", "省份", "省市", "省", "地域", "城市", "区域", "region", "province", "area", "unit", "city"}
#: The same over indicators of the whole country.
_OF_INDICATORS = {"指标", "项目", "指标名称", "indicator", "indicators", "item", "series", "variable"}
_HEADS = _CORNERS | _OF_INDICATORS | {"年份", "年度", "年", "year", "years"}
#: Rows above the heads in which titles, units of measure and the word for years may stand.
_ABOVE = 8
_NUMBER_OF_SHEET = r"(?:附?表|table|sheet)?\s{0,3}\d{1,4}(?:\s?[-–—_.．]\s?\d{1,4}){0,3}"
_NUMBERED = re.compile(_NUMBER_OF_SHEET, re.IGNORECASE)
_BEFORE_TITLE = re.compile("^" + _NUMBER_OF_SHEET + r"[\s:：、.]{0,9}", re.IGNORECASE)
_OF_ALL = re.compile(r"^(?:全国)?[各分](?:地区|省区市|省市|省份|省)的?")
_MEASURE = re.compile(r"[（(]?(?:计量)?单位\s{0,3}[:：]\s{0,3}([^\s（）()]{1,30})[）)]?")


@dataclass(frozen=True)
class Sheet:
    """name as the workbook has it; rows that hold something, numbered, from the heads on; heads by place, without the first
    column's; above: what stands over the heads."""

    name: str
    rows: tuple[tuple[int, list], ...]
    heads: dict[int, str]
    above: tuple[str, ...] = ()

    @classmethod
    def of(cls, path: Path, sheet: Any) -> Sheet:
        """Raises `Malformed`."""
        from parity.data.workbooks import used_rows

        rows = [(number, row) for number, row in used_rows(path, sheet, _heads_row) if any(text_of(v) for v in row)]
        at = _heads_at(rows)
        heads = {k: text_of(v) for k, v in enumerate(rows[at][1]) if k and text_of(v)} if rows else {}
        above = tuple(
            text for _, row in rows[:at] for text in map(text_of, row) if text and bare(text).lower() not in _HEADS
        )
        return cls(sheet.title, tuple(rows[at:]), heads, above)

    @property
    def title(self) -> str:
        """What its numbers are called: its name, or where that is a number only, what stands above the heads."""
        name = self.name.strip()
        if self.year is not None or not _NUMBERED.fullmatch(bare(name)):
            return name
        said = [text for text in self.above if not _MEASURE.fullmatch(bare(text))]
        title = _OF_ALL.sub("", _BEFORE_TITLE.sub("", " ".join(said[0].split()), count=1), count=1) if len(said) == 1 else ""
        return title.strip() or name

    @property
    def measure(self) -> str:
        """What the numbers are measured in, of `单位:亿元` above the heads; empty where several are said."""
        found = [measure[1] for text in self.above if (measure := _MEASURE.fullmatch(bare(text)))]
        return found[0] if len(found) == 1 else ""

    @property
    def held(self) -> bool:
        return len(self.rows) > 1 and bool(self.heads)

    @property
    def year(self) -> int | None:
        """The year of all that it holds, where its name is one."""
        return int(bare(self.name)[:4]) if _YEAR.fullmatch(bare(self.name)) and not self.years else None

    @property
    def years(self) -> dict[int, int]:
        """Place -> year."""
        return {k: int(bare(head)[:4]) for k, head in self.heads.items() if _YEAR.fullmatch(bare(head))}

    @property
    def attributes(self) -> dict[int, str]:
        years = self.years
        return {k: head for k, head in self.heads.items() if k not in years}

    @property
    def named(self) -> list[tuple[int, str, list]]:
        """Number, name and cells of each row below the heads that has a name."""
        return [(number, text_of(row[0]), row) for number, row in self.rows[1:] if row and text_of(row[0])]

    @property
    def of_provinces(self) -> bool:
        named = self.named
        return bool(named) and 2 * sum(province(name) is not None for _, name, _ in named) >= len(named)

    @property
    def of_indicators(self) -> bool:
        """Whether its rows are indicators of the whole country, which its corner says."""
        corner = bare(text_of(self.rows[0][1][0])).lower() if self.rows[0][1] else ""
        return bool(self.years) and corner in _OF_INDICATORS and not any(province(name) for _, name, _ in self.named)

    def cell(self, place: int, row: int | None = None) -> str:
        """`C6`; without a row that of the heads."""
        return f"{letters(place)}{self.rows[0][0] if row is None else row}"


def _heads_row(rows: list[tuple[int, list]]) -> int:
    filled = [(number, row) for number, row in rows if any(text_of(v) for v in row)]
    return filled[_heads_at(filled)][0] if filled else 0


def _heads_at(rows: list[tuple[int, list]]) -> int:
    """Which of the rows holds the heads. It is the first, but for titles above: rows of one cell; and where the years stand
    in a row below the corner, one more cell beside that."""
    filled = [[k for k, v in enumerate(row) if text_of(v)] for _, row in rows[: _ABOVE + 2]]
    for at, (_, row) in enumerate(rows[: _ABOVE + 1]):
        years = {bare(text_of(row[k]))[:4] for k in filled[at] if k and _YEAR.fullmatch(bare(text_of(row[k])))}
        corner = bare(text_of(row[0])).lower()
        if len(years) > 1 and (not at or not corner or corner in _CORNERS):
            return at
        if sum(k > 0 for k in filled[at]) > 1:
            break
    titles = next((at for at, places in enumerate(filled) if len(places) > 1), 0)
    return titles if titles + 1 < len(filled) and len(filled[titles + 1]) > 1 else 0


def letters(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(place + 1)


def text_of(value: Any) -> str:
    return "" if value is None else str(value).strip()
