"""The cells of a workbook's sheet, as `import excel` reads them: .xlsx by openpyxl, Excel 97 to 2003 (.xls) by xlrd."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from parity.stata_language.dataset import DataProblem

#: How compound files of Microsoft begin, old workbooks among them.
OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1")


def cells(path: Path, sheet: str, span: str) -> list[list[Any]]:
    """Rows of values, None where there is none; the first sheet where none is named.

    span: `B3:D9`, `B3`, `B3:`, `:D9`; what isn't given is the end of the sheet. Raises `DataProblem`.
    """
    with path.open("rb") as file:
        old = file.read(len(OLD_EXCEL)) == OLD_EXCEL
    return (_of_xls if old else _of_xlsx)(path, sheet, _corners(span))


def _corners(span: str) -> dict[str, int]:
    """In openpyxl's words, which count from one."""
    from openpyxl.utils.cell import coordinate_to_tuple

    first, _, last = (corner.strip().upper() for corner in span.partition(":"))
    out = {}
    for corner, names in ((first, ("min_row", "min_col")), (last, ("max_row", "max_col"))):
        if corner:
            try:
                out |= dict(zip(names, coordinate_to_tuple(corner), strict=True))
            except ValueError:
                raise DataProblem(f"cellrange({span}) is no range of cells", 198) from None
    return out


def _of_xlsx(path: Path, sheet: str, corners: dict[str, int]) -> list[list[Any]]:
    import openpyxl
    from openpyxl.cell.read_only import EMPTY_CELL

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises what its parsers raise
        raise _unreadable(path, error) from None
    found = [list(row) for row in book[_named(sheet, book.sheetnames)].iter_rows(**corners)]
    while found and all(cell is EMPTY_CELL for cell in found[-1]):  # an empty cell that has a format is a row of its own
        found.pop()
    return [[cell.value for cell in row] for row in found]


def _of_xls(path: Path, sheet: str, corners: dict[str, int]) -> list[list[Any]]:
    import xlrd

    try:
        book = xlrd.open_workbook(str(path), logfile=_Nowhere(), on_demand=True)
        held = book.sheet_by_name(_named(sheet, book.sheet_names()))
    except DataProblem:
        raise
    except Exception:  # xlrd raises its own, and what damaged files make of struct and codecs
        said = "it is no workbook of Excel 97 to 2003, or damaged, or locked: save it as .xlsx"
        raise _unreadable(path, said) from None
    rows = range(corners.get("min_row", 1) - 1, min(corners.get("max_row", held.nrows), held.nrows))
    places = range(corners.get("min_col", 1) - 1, min(corners.get("max_col", held.ncols), held.ncols))
    found = [[_value(held.cell(i, j), book.datemode) for j in places] for i in rows]
    while found and all(value is None for value in found[-1]):
        found.pop()
    return found


def _value(cell: Any, datemode: int) -> Any:
    """A whole number as one; days of a month as a date."""
    import xlrd

    match cell.ctype:
        case xlrd.XL_CELL_TEXT:
            return cell.value or None
        case xlrd.XL_CELL_NUMBER:
            return int(cell.value) if cell.value.is_integer() else cell.value
        case xlrd.XL_CELL_DATE:
            try:
                return xlrd.xldate_as_datetime(cell.value, datemode)
            except (xlrd.XLDateError, OverflowError):
                return cell.value
        case xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        case xlrd.XL_CELL_ERROR:
            return xlrd.error_text_from_code.get(cell.value, "#N/A")
    return None


class _Nowhere:
    """Where xlrd's remarks on files that aren't quite by the rules go."""

    def write(self, text: str) -> None: ...

    def flush(self) -> None: ...


def _named(sheet: str, names: list[str]) -> str:
    if not sheet:
        return names[0]
    if sheet not in names:
        raise DataProblem(f"worksheet {sheet} not found", 601)
    return sheet


def _unreadable(path: Path, why: Exception | str) -> DataProblem:
    return DataProblem(f"file {path.name} can't be read as a workbook: {why}", 603)
