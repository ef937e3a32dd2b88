"""Read a data file into a pandas frame: CSV, Parquet, Stata's .dta, the first sheet of a workbook.

In typed formats only what is missing there is missing. In CSV and Excel some words are taken for missing, and said. Nothing
is guessed beyond the type of a column: numbers are numbers, ISO dates stay text, everything else is text.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parity.base.errors import InputError
from parity.data.marks import NOTE, Malformed, Marks, Words, check_header, marked
from parity.study.formula import EXACT_WHOLE
from parity.study.header import MISSING

if TYPE_CHECKING:
    import pandas as pd


#: Files no larger than this are read once, and the last few of them kept: what beside the specs is computed from a study's
#: data reads them by itself.
SMALL, KEPT = 2_000_000, 6
_kept: OrderedDict[tuple, pd.DataFrame] = OrderedDict()


def read_frame(path: Path, encoding: str = "utf-8", missing: Sequence[str] = MISSING) -> pd.DataFrame:
    """Read CSV, Parquet, Stata .dta or Excel (first sheet); `parity.data.marks.marks_of` has what must be said of it.

    missing: cells of CSV and Excel that hold no value, beside empty ones. Raises `InputError`.
    """
    where = str(path)
    if path.stat().st_size == 0:
        raise InputError.at(where, "", "the file is empty (0 bytes)")
    key = _key(path, encoding, missing)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key].copy()
    frame = _read(path, encoding, missing)
    if key and key == _key(path, encoding, missing):  # else it was written meanwhile, and which content was read isn't known
        _kept[key] = frame.copy()
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return frame


def _key(path: Path, encoding: str, missing: Sequence[str]) -> tuple:
    """Of a small file's content and how it is to be read; of a large one none."""
    if path.stat().st_size > SMALL:
        return ()
    return (hashlib.sha256(path.read_bytes()).digest(), path.suffix.lower(), encoding, tuple(missing))


def _read(path: Path, encoding: str, missing: Sequence[str]) -> pd.DataFrame:
    where = str(path)
    try:
        frame = READERS[path.suffix.lower()](path, encoding, missing)
    except OSError as error:
        if error.errno is not None:
            raise
        raise InputError.at(where, "", _unreadable(path, error)) from None  # pyarrow's own
    except UnicodeDecodeError as error:
        at = _first_undecodable(path, encoding) or error.start
        raise InputError.at(where, "", f"not {encoding} text (byte {at}){_encoding_hint(path)}") from None
    except LookupError as error:
        known = isinstance(error, KeyError | IndexError)
        message = _unreadable(path, error) if known else f"there is no text encoding `{encoding}`"
        raise InputError.at(where, "", message) from None
    except Malformed as error:
        raise InputError.at(where, "", str(error)) from None
    except Exception as error:  # each reader raises its own; all mean that the file can't be read
        raise InputError.at(where, "", _unreadable(path, error)) from None
    if frame.empty:
        raise InputError.at(where, "", "there is a header but no row" if len(frame.columns) else "there is no column")
    return frame


def _unreadable(path: Path, error: Exception) -> str:
    said = (str(error).strip().splitlines() or [""])[0][:200]
    return f"can't be read as {path.suffix[1:].lower()}: {said or type(error).__name__}"


def _csv(path: Path, encoding: str, missing: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    codec = _codec(encoding)
    words, places = _check_rows(path, codec, missing)
    options = dict(
        encoding=codec, keep_default_na=False, na_values=["", *missing], low_memory=False, index_col=False, **_exact_floats()
    )
    frame = pd.read_csv(path, **options)
    frame.columns = [str(c) for c in frame.columns]
    long = _long_numbers(frame)
    if long:
        as_text = pd.read_csv(path, **options | {"dtype": str}, usecols=long)
        frame = frame.assign(**{name: _long_ids(as_text[name], frame[name]) for name in long})
    return marked(frame, Marks(words.notes(frame), places=places if len(places) == len(frame) else ()))


_NOTE_BELOW = ": a note below the data is no row, delete it"


def _parted(header: Sequence[str] | None) -> str:
    """What a header of one cell seems to be parted by."""
    by = [name for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")) if header and mark in header[0]]
    if len(header or ()) != 1 or not by:
        return ""
    return f": it seems to be parted by {by[0]}; export it with commas (and a point in decimals), or as .xlsx or .dta"


def _check_rows(path: Path, encoding: str, missing: Sequence[str]) -> tuple[Words, Sequence[int]]:
    """Every row has as many cells as the header, which names each column once; pandas would shift or pad silently.

    Returns the cells that are taken for missing, and where the rows stand, blank ones and the header counted.
    """
    found, no_value, blank = Words(), frozenset(missing) - {""}, []
    number = 0
    with path.open(encoding=encoding, newline="") as file:
        rows = csv.reader(file)
        header: list[str] | None = None
        try:
            for number, row in enumerate(rows, start=1):
                if not row:
                    blank.append(number)
                elif header is None:
                    header = row
                    check_header(header)
                elif len(row) != len(header):
                    cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
                    said = f"line {rows.line_num} has {cells}, but the header has {len(header)}"
                    raise Malformed(said + (_NOTE_BELOW if len(row) == 1 and NOTE.match(row[0]) else _parted(header)))
                elif not no_value.isdisjoint(row):
                    found.of_row(header, row, no_value)
        except csv.Error as error:
            raise Malformed(f"can't be read as csv: line {rows.line_num}: {error}") from None
    if header is None:
        raise Malformed("the file holds blank lines only")
    filled = range(1, number + 1) if not blank else sorted({*range(1, number + 1)} - {*blank})
    return found, filled[1:]


def _long_numbers(frame: pd.DataFrame) -> list[str]:
    """Columns in which whole numbers beyond 2^53 may have been rounded: read as floats because a cell is missing, say."""
    import numpy as np

    floats = frame.select_dtypes("float64")
    values = floats.to_numpy()
    long = np.any((np.abs(values) >= EXACT_WHOLE) & np.isfinite(values), axis=0)
    return [str(name) for name in floats.columns[long]]


def _long_ids(text: pd.Series, rounded: pd.Series) -> pd.Series:
    """Whole numbers as written: exact integers where they fit 64 bits, else text; `rounded` where they aren't whole."""
    import pandas as pd

    given = text.dropna().str.strip()
    if not given.str.fullmatch(r"[-+]?[0-9]+").all():
        return rounded
    whole = [int(v) for v in given]
    if all(-(2**63) <= v < 2**63 for v in whole):
        return pd.Series(whole, index=given.index, dtype="Int64").reindex(text.index)
    return text


def as_written(path: Path, encoding: str, names: Sequence[str], missing: Sequence[str] = MISSING) -> pd.DataFrame:
    """Columns of a CSV or Excel file as they are written."""
    import pandas as pd

    if path.suffix.lower() == ".csv":
        options = dict(dtype=str, keep_default_na=False, na_values=["", *missing], usecols=lambda name: str(name) in names)
        frame = pd.read_csv(path, encoding=_codec(encoding), index_col=False, **options)
    else:
        from parity.data.workbooks import first_sheet

        table = first_sheet(path, missing)
        frame = pd.DataFrame({n: [None if v is None else str(v) for v in table.columns[n]] for n in names}, dtype=object)
    frame.columns = [str(c) for c in frame.columns]
    return frame


def _codec(encoding: str) -> str:
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding


def _parquet(path: Path, encoding: str, missing: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.read_parquet(path)
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()  # pandas stores an index apart from the columns
    frame = _plain(frame)
    empty = {str(n): int((frame[n] == "").sum()) for n in frame if not pd.api.types.is_numeric_dtype(frame[n])}
    said = ", ".join(f"{n} in `{name}`" for name, n in empty.items() if n)
    return marked(frame, Marks((f"empty texts, which Parquet doesn't call missing: {said}",) if said else ()))


def _dta(path: Path, encoding: str, missing: Sequence[str]) -> pd.DataFrame:
    from parity.data.stata_files import read_dta

    frame, labels, notes = read_dta(path)
    return marked(_plain(frame, no_value=("",)), Marks(notes, labels))


def _xlsx(path: Path, encoding: str, missing: Sequence[str]) -> pd.DataFrame:
    from parity.data.workbooks import first_sheet, typed

    table = first_sheet(path, missing)
    frame, notes = typed(table)
    return marked(_plain(frame), Marks((*table.words.notes(frame), *notes), places=table.places))


def _plain(frame: pd.DataFrame, no_value: Sequence[str] = ()) -> pd.DataFrame:
    """The same types that CSV gives: text with missing values as None, decimals as floats, no categories, no objects.

    no_value: texts that are missing.
    """
    import pandas as pd

    frame = frame.reset_index(drop=True)
    frame.columns = [str(c) for c in frame.columns]
    check_header(list(frame.columns))
    plain = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype(column.cat.categories.dtype if not column.isna().any() else object)
        if column.dtype == object or pd.api.types.is_string_dtype(column):
            plain[name] = _plain_values(column, no_value)
        elif column is not frame[name]:
            plain[name] = column
    return frame.assign(**plain) if plain else frame


def _plain_values(column: pd.Series, no_value: Sequence[str]) -> pd.Series:
    import numbers
    from decimal import Decimal

    import pandas as pd

    values = [None if _is_missing(v, no_value) else v for v in column]
    given = [v for v in values if v is not None]
    if given and all(isinstance(v, bool) for v in given):
        return pd.Series(values, index=column.index, dtype=object)
    if all(isinstance(v, numbers.Real | Decimal) and not isinstance(v, bool) for v in given):
        whole = all(isinstance(v, numbers.Integral) for v in given)
        if whole and any(abs(int(v)) > EXACT_WHOLE for v in given):
            values = [None if v is None else str(v) for v in values]
        else:
            return pd.Series([float("nan") if v is None else float(v) for v in values], index=column.index)
    return pd.Series([None if v is None else str(v) for v in values], index=column.index, dtype=object)


def _is_missing(value: object, no_value: Sequence[str]) -> bool:
    import pandas as pd

    return value in no_value if isinstance(value, str) else bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _exact_floats() -> dict[str, str]:
    """Up to pandas 3.0 the default reading of a decimal may be off in the last bit."""
    import pandas as pd

    major, minor = map(int, pd.__version__.split(".")[:2])
    return {"float_precision": "round_trip"} if (major, minor) < (3, 1) else {}


def _first_undecodable(path: Path, encoding: str) -> int:
    """Its place in the file; the reader's own error counts from the start of a block."""
    try:
        path.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _encoding_hint(path: Path) -> str:
    head = path.read_bytes()[:100_000]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return '; it is UTF-16: save it as UTF-8, or say encoding = "utf-16" under [study]'
    try:
        codecs.getincrementaldecoder("gb18030")("strict").decode(head, final=False)
    except UnicodeDecodeError:
        return '; save it as UTF-8, or say encoding = "..." under [study]'
    return '; it reads as GBK: save it as UTF-8, or say encoding = "gb18030" under [study]'


#: Ending -> (path, encoding, words that are missing) -> columns; `parity.study.data_formats` has what else is to be said.
READERS: Mapping[str, Callable[[Path, str, Sequence[str]], pd.DataFrame]] = {
    ".csv": _csv, ".parquet": _parquet, ".dta": _dta, ".xlsx": _xlsx,
}  # fmt: skip
