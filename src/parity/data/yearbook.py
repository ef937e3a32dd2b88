"""A workbook as statistical yearbooks give it: one sheet per indicator, provinces down, years across.

`[study] layout = "sheets"`. A sheet's name is the indicator's, or its title where the name is a number; its first column
holds units, its heads are years (`2015` or `2015年`). A sheet named by a year holds that year's numbers, a column an
indicator. Any other column whose head is no year is an attribute of the unit, the same in every year, under the head's name.

A row for the whole country is left out, unless it is the sheet's only one: then it is a national series, the same in every
unit. So is each row of a sheet of indicators, with `指标` in its corner. Empty
sheets and rows, and lines of notes without any number, are left out. Everything that was matched is reported.
No number ever takes another's place: a year, a unit or a name that stands twice is refused.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.base.errors import InputError, Problem, suggest
from parity.data.provinces import PROVINCES, bare, is_whole_country, province
from parity.data.sheet import Sheet, letters, text_of

if TYPE_CHECKING:
    import pandas as pd

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
#: Thousands cut off by commas or by blanks: `1,5` is no number, for nobody knows which.
_THOUSANDS = re.compile(r"-?\d{1,3}((,\d{3})+|( \d{3})+)(\.\d+)?")
_CUT = re.compile(r"[-+]?\d+(,\d+)+(\.\d+)?")
#: Names of units that a run says it matched; `parity data` says all.
NAMED = 3
_MISSING = {"", "-", "--", "—", "——", "–", "…", "......", "...", ".", "na", "n/a", "nan", "缺失"}


@dataclass
class SheetReport:
    """What was read from a workbook, in sentences."""

    sheets: int = 0
    units: int = 0
    years: tuple[int, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    titled: dict[str, str] = field(default_factory=dict)
    measured: dict[str, str] = field(default_factory=dict)
    above: list[str] = field(default_factory=list)
    national: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)

    def matched(self) -> list[str]:
        """What whoever filters by unit must know, and what was not read."""
        return self._names(NAMED) + self._left_out()

    def lines(self) -> list[str]:
        span = f"{self.years[0]} to {self.years[-1]}" if self.years else "no year"
        said = [f"{self.sheets} sheets read: {self.units} units, {span}", *self._names(None)]
        said += [f"sheets by their titles: {_pairs(self.titled)}"] if self.titled else []
        said += [f"measured in: {_pairs(self.measured)}"] if self.measured else []
        said += [f"national series, the same in every unit: {', '.join(self.national)}"] if self.national else []
        said += [f"attributes of units: {', '.join(self.attributes)}"] if self.attributes else []
        said += self._left_out()
        said += [f"above the heads: {'; '.join(self.above)}"] if self.above else []
        return said + [f"missing: {what}" for what in self.lacking]

    def take_heads(self, sheet: Sheet) -> None:
        """What stands over its heads: a title that names it, a measure, or anything else."""
        self.sheets += 1
        if sheet.title != sheet.name.strip():
            self.titled[sheet.name.strip()] = sheet.title
        elif any(text != sheet.title for text in sheet.above):
            self.above.append(f"{sheet.title}: {', '.join(sheet.above)}")
        if sheet.measure:
            self.measured[sheet.title] = sheet.measure

    def _names(self, most: int | None) -> list[str]:
        more = len(self.renamed) - len(list(self.renamed)[:most])
        named = _pairs(dict(list(self.renamed.items())[:most])) + (f" and {more} more" if more else "")
        return [f"names matched: {named}"] if self.renamed else []

    def _left_out(self) -> list[str]:
        return [f"left out: {', '.join(dict.fromkeys(self.left_out))}"] if self.left_out else []


def _pairs(names: dict[str, str]) -> str:
    return ", ".join(f"{a} = {b}" for a, b in names.items())


def is_yearbook(path: Path) -> bool:
    """Whether several sheets of a workbook have years across, or are named by years."""
    from parity.data.marks import Malformed
    from parity.data.workbooks import open_book

    try:
        book = open_book(path)
    except Exception:  # openpyxl raises whatever zip and XML raise; whoever reads the file says so
        return False
    of_years = 0
    try:
        for sheet in book.worksheets:
            try:
                found = Sheet.of(path, sheet)
            except Malformed:
                continue
            of_years += found.held and (len(found.years) > 1 or found.year is not None)
    finally:
        book.close()
    return of_years > 1


def read_sheets(path: Path, unit: str, time: str) -> tuple[pd.DataFrame, SheetReport]:
    """The panel of every unit and year, one row each, in the order of the workbook, and what was matched.

    Raises `InputError` with every cell and name that can't be read.
    """
    import pandas as pd

    from parity.data.marks import Malformed
    from parity.data.workbooks import open_book

    try:
        book = open_book(path)
    except Exception as error:  # openpyxl raises whatever zip and XML raise
        said = (str(error).strip().splitlines() or [""])[0][:200]
        raise InputError.at(str(path), "", f"can't be read as xlsx: {said or type(error).__name__}") from None
    report, problems = SheetReport(), []
    cells: dict[str, dict[tuple[str, int | None], Any]] = {}
    try:
        sheets = []
        for sheet in book.worksheets:
            try:
                sheets.append(Sheet.of(path, sheet))
            except Malformed as error:
                problems.append(Problem(str(path), f"sheet {sheet.title.strip()}", str(error)))
    finally:
        book.close()
    problems += [Problem(str(path), where, message) for where, message in _doubles(sheets)]
    held = [sheet for sheet in sheets if sheet.held]
    provinces = 2 * sum(sheet.of_provinces for sheet in held) > len(held)
    for sheet in sheets:
        if sheet.held and sheet.of_indicators:
            problems += [Problem(str(path), where, message) for where, message in _read_indicators(sheet, cells, report)]
        else:
            _read_sheet(path, sheet, cells, report, problems, provinces)
    if problems:
        raise InputError(problems)
    units = list(dict.fromkeys(u for found in cells.values() for u, _ in found if u))
    years = sorted({y for found in cells.values() for _, y in found if y is not None})
    if not units or not years:
        raise InputError.at(str(path), "", "no sheet has units down its first column and years across its heads")
    report.units, report.years = len(units), tuple(years)
    columns: dict[str, list] = {unit: [u for u in units for _ in years], time: [y for _ in units for y in years]}
    for name, found in cells.items():
        if name in columns:
            problems.append(
                Problem(str(path), name, f"a sheet or column bears the name of the {'unit' if name == unit else 'time'}")
            )
        columns[name] = [_value(found, u, y) for u in units for y in years]
        lost = [u for u in units if all(_value(found, u, y) is None for y in years)]
        gone = [y for y in years if all(_value(found, u, y) is None for u in units)]
        report.lacking += [f"{name}: {', '.join(lost)}"] if lost else []
        report.lacking += [f"{name}: {', '.join(map(str, gone))}"] if gone else []
    if problems:
        raise InputError(problems)
    return pd.DataFrame({name: _typed(values) for name, values in columns.items()}), report


def _value(found: dict[tuple[str, int | None], Any], unit: str, year: int) -> Any:
    """Of the unit and year; of the unit; of the country and year."""
    for key in ((unit, year), (unit, None), ("", year)):
        if found.get(key) is not None:
            return found[key]
    return None


def _typed(values: list) -> list:
    given = [v for v in values if v is not None]
    if all(isinstance(v, int | float) for v in given):
        if given == values and all(float(v).is_integer() and abs(v) < 2**53 for v in values):
            return [int(v) for v in values]
        return [math.nan if v is None else float(v) for v in values]
    return [None if v is None else str(v) for v in values]


def _doubles(sheets: list[Sheet]) -> Iterator[tuple[str, str]]:
    """Place and message of what stands twice, so that one number would take another's place or fill its gap."""
    series: dict[str, Sheet] = {}
    of_years: dict[int, Sheet] = {}
    for sheet in (s for s in sheets if s.held and s.year is not None):
        other = of_years.setdefault(sheet.year or 0, sheet)
        if other is not sheet:
            yield f"sheets `{other.name}` and `{sheet.name}`", f"both are of {sheet.year}"
    for sheet in (s for s in sheets if s.held and s.years):
        other = series.setdefault(sheet.title, sheet)
        if other is not sheet:
            yield f"sheets `{other.name}` and `{sheet.name}`", f"both would be the column `{sheet.title}`"
    for sheet in (s for s in sheets if s.held):
        seen: dict[int | str, int] = {}
        for k, head in {**sheet.years, **sheet.attributes}.items():
            first = seen.setdefault(head, k)
            if first != k:
                what = f"the year {head}" if isinstance(head, int) else f"`{head}`"
                written = f" (`{sheet.heads[first]}` and `{sheet.heads[k]}`)" if isinstance(head, int) else ""
                yield f"sheet {sheet.title}, cells {sheet.cell(first)} and {sheet.cell(k)}", f"{what} stands twice{written}"
        for k, head in sheet.attributes.items():
            if head in series:
                message = f"`{head}` is a sheet with years of its own, whose gaps this column would fill: name one otherwise"
                yield f"sheet {sheet.title}, cell {sheet.cell(k)}", message


def _read_sheet(
    path: Path, sheet: Sheet, cells: dict, report: SheetReport, problems: list[Problem], provinces: bool
) -> None:
    title, years, attributes = sheet.title, sheet.years, sheet.attributes
    if not sheet.held:
        report.left_out.append(f"sheet {title}")
        return
    report.take_heads(sheet)
    named = sheet.named
    bald = dict.fromkeys(k for _, _, row in named for k, v in enumerate(row) if k and text_of(v) and k not in sheet.heads)
    report.left_out += [f"column {letters(k)} of sheet {title}, which has no head" for k in bald]
    chinese = provinces or sheet.of_provinces
    whole = [name for _, name, _ in named if is_whole_country(name)]
    only_whole = len(whole) == len([1 for _, _, row in named if _has_number(row, years)]) == 1
    if only_whole:
        report.national.append(title)
    seen: dict[str, str] = {}
    for number, name, row in named:
        where = f"sheet {title}, row {number}"
        if is_whole_country(name):
            if not only_whole:
                report.left_out.append(f"rows {bare(name)}")
                continue
            unit = ""
        else:
            short = province(name) if chinese else " ".join(name.split())
            if short is None:
                if not _has_number(row, {**years, **attributes}):
                    report.left_out.append(f"the line `{name[:20]}`")
                else:
                    hint = suggest(bare(name), PROVINCES) or "; of indicators of the whole country the corner is `指标`"
                    problems.append(Problem(str(path), where, f"`{name}` is no province{hint}"))
                continue
            unit = short
            if bare(name) != unit:  # blanks go without a word
                report.renamed[name] = unit
        if unit in seen:
            problems.append(Problem(str(path), where, f"`{name}` stands twice, as `{seen[unit]}` before"))
            continue
        seen[unit] = name
        for place, message in _read_row(sheet, unit, row, cells):
            problems.append(Problem(str(path), f"sheet {title}, cell {sheet.cell(place, number)}", message))
    if sheet.year is not None:
        return
    report.attributes += [a for a in attributes.values() if a not in report.attributes]


def _read_indicators(sheet: Sheet, cells: dict, report: SheetReport) -> Iterator[tuple[str, str]]:
    """Fills in a series a row, under the row's name; place and message of what can't be read."""
    report.take_heads(sheet)
    for number, name, row in sheet.named:
        title = " ".join(name.split())
        if not _has_number(row, sheet.years):
            report.left_out.append(f"the line `{name[:20]}`")
            continue
        if title in cells:
            yield f"sheet {sheet.title}, row {number}", f"`{title}` is a sheet or a column too: name one otherwise"
            continue
        report.national.append(title)
        found = cells.setdefault(title, {})
        for k, year in sheet.years.items():
            try:
                found["", year] = _number(row[k] if k < len(row) else None)
            except ValueError:
                yield f"sheet {sheet.title}, cell {sheet.cell(k, number)}", _no_number(row[k], year)


def _read_row(sheet: Sheet, unit: str, row: list, cells: dict) -> Iterator[tuple[int, str]]:
    """Fills in one row; place and message of each cell that can't be read."""
    years, attributes = sheet.years, sheet.attributes
    for k, value in enumerate(row):
        if k in years:
            found = cells.setdefault(sheet.title, {})
            try:
                found[unit, years[k]] = _number(value)
            except ValueError:
                yield k, _no_number(value, years[k])
        elif k in attributes and sheet.year is not None:
            try:
                cells.setdefault(attributes[k], {})[unit, sheet.year] = _number(value)
            except ValueError:
                yield k, _no_number(value, attributes[k])
        elif k in attributes:
            name, new = attributes[k], _plain(value)
            found = cells.setdefault(name, {})
            old = found.get((unit, None))
            if isinstance(new, str) and (_CUT.fullmatch(bare(new)) or bare(new).startswith("#")):
                yield k, _no_number(value, name)
            elif None not in (old, new) and old != new:
                yield k, f"`{name}` is `{new}` here and `{old}` in another sheet"
            found[unit, None] = old if new is None else new


def _no_number(value: Any, head: int | str) -> str:
    text = text_of(value)[:30]
    why = ": a comma cuts off thousands, as in 1,234.5" if "," in bare(text) else ""
    return f"`{text}` under {head} is no number{why}"


def _has_number(row: list, places: dict) -> bool:
    return any(k < len(row) and text_of(row[k]).lower() not in _MISSING for k in places)


def _number(value: Any) -> float | None:
    """A cell as a number; thousands may be cut by commas or blanks. Raises `ValueError`."""
    if isinstance(value, bool):
        raise ValueError
    if isinstance(value, int | float):
        return None if math.isnan(value) else value
    text = bare(text_of(value))
    if text.lower() in _MISSING:
        return None
    spaced = " ".join(unicodedata.normalize("NFKC", text_of(value)).split())
    if not (_NUMBER.fullmatch(spaced) or _THOUSANDS.fullmatch(spaced)):
        raise ValueError
    return float(text.replace(",", ""))


def _plain(value: Any) -> Any:
    try:
        return _number(value)
    except ValueError:
        return text_of(value)
