"""Read a study's data file into a pandas frame, and check the file against what the study says of it.

Empty cells, `NA`, `NaN` and Stata's `.` are missing, in every format. Nothing is guessed beyond the type of a column:
numbers are numbers, ISO dates stay text until a spec needs them, everything else is text.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity import habits
from parity.errors import InputError, suggest, unknown_column
from parity.formula import EXACT_WHOLE, Column, Expr, Operation, columns_of
from parity.spellings import check_spellings
from parity.study import Spec, Study

if TYPE_CHECKING:
    import pandas as pd

MISSING = ["", "NA", "NaN", "nan", "."]


class _Malformed(ValueError):
    """The file is of its format, but not a table; the message says where."""


def read_frame(path: Path, encoding: str = "utf-8") -> pd.DataFrame:
    """Read CSV, Parquet, Stata .dta or Excel (first sheet). Raises `InputError`."""
    where = str(path)
    if path.stat().st_size == 0:
        raise InputError.at(where, "", "the file is empty (0 bytes)")
    read = {".csv": lambda: _csv(path, encoding), ".parquet": lambda: _parquet(path), ".dta": lambda: _dta(path),
            ".xlsx": lambda: _xlsx(path)}[path.suffix.lower()]  # fmt: skip
    try:
        frame = read()
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
    except _Malformed as error:
        raise InputError.at(where, "", str(error)) from None
    except Exception as error:  # each reader raises its own; all mean that the file can't be read
        raise InputError.at(where, "", _unreadable(path, error)) from None
    if frame.empty:
        raise InputError.at(where, "", "there is a header but no row" if len(frame.columns) else "there is no column")
    return frame


def _unreadable(path: Path, error: Exception) -> str:
    said = (str(error).strip().splitlines() or [""])[0][:200]
    return f"can't be read as {path.suffix[1:].lower()}: {said or type(error).__name__}"


def _csv(path: Path, encoding: str) -> pd.DataFrame:
    import pandas as pd

    codec = _codec(encoding)
    _check_rows(path, codec)
    options = dict(encoding=codec, keep_default_na=False, na_values=MISSING, low_memory=False, index_col=False)
    frame = pd.read_csv(path, **options, **_exact_floats())
    frame.columns = [str(c) for c in frame.columns]
    for name in frame.columns:
        if _may_be_long_ids(frame[name]):
            as_text = pd.read_csv(path, **options | {"dtype": str}, usecols=[name])[name]
            frame[name] = _long_ids(as_text, frame[name])
    return frame


def _check_rows(path: Path, encoding: str) -> None:
    """Every row has as many cells as the header, which names each column once; pandas would shift or pad silently."""
    with path.open(encoding=encoding, newline="") as file:
        rows = csv.reader(file)
        header: list[str] | None = None
        try:
            for row in rows:
                if header is None and row:
                    header = row
                    _check_header(header)
                elif row and len(row) != len(header or ()):
                    cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
                    raise _Malformed(f"line {rows.line_num} has {cells}, but the header has {len(header or ())}")
        except csv.Error as error:
            raise _Malformed(f"can't be read as csv: line {rows.line_num}: {error}") from None
    if header is None:
        raise _Malformed("the file holds blank lines only")


def _check_header(names: Sequence[str]) -> None:
    if any("\0" in name for name in names):
        raise _Malformed('holds null bytes; if it is UTF-16, say encoding = "utf-16" under [study]')
    repeated = sorted({n for n in names if n and list(names).count(n) > 1})
    if repeated:
        raise _Malformed(f"the column `{repeated[0]}` stands twice in the header")


def _may_be_long_ids(column: pd.Series) -> bool:
    """Whether whole numbers beyond 2^53 may have been rounded: read as floats because a cell is missing, say."""
    import numpy as np

    return column.dtype == float and bool(np.any((np.abs(column) >= EXACT_WHOLE) & np.isfinite(column)))


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


def _as_text(path: Path, encoding: str, names: Sequence[str]) -> pd.DataFrame:
    """Columns of a CSV or Excel file as they are written."""
    import pandas as pd

    options = dict(dtype=str, keep_default_na=False, na_values=MISSING, usecols=lambda name: str(name) in names)
    if path.suffix.lower() == ".csv":
        frame = pd.read_csv(path, encoding=_codec(encoding), index_col=False, **options)
    else:
        frame = pd.read_excel(path, **options)
    frame.columns = [str(c) for c in frame.columns]
    return frame


def _codec(encoding: str) -> str:
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding


def _parquet(path: Path) -> pd.DataFrame:
    import pandas as pd

    frame = pd.read_parquet(path)
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()  # pandas stores an index apart from the columns
    return _plain(frame)


def _dta(path: Path) -> pd.DataFrame:
    import pandas as pd

    return _plain(pd.read_stata(path, convert_categoricals=False, preserve_dtypes=True))


def _xlsx(path: Path) -> pd.DataFrame:
    import pandas as pd

    with pd.ExcelFile(path) as book:
        header = pd.read_excel(book, header=None, nrows=1, keep_default_na=False, dtype=object)
        _check_header([str(v) for v in (header.iloc[0] if len(header) else ())])
        return _plain(pd.read_excel(book, keep_default_na=False, na_values=MISSING))


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The same types that CSV gives: text with missing values as None, decimals as floats, no categories, no objects."""
    import pandas as pd

    frame = frame.reset_index(drop=True)
    frame.columns = [str(c) for c in frame.columns]
    _check_header(list(frame.columns))
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype(column.cat.categories.dtype if not column.isna().any() else object)
        if column.dtype == object or pd.api.types.is_string_dtype(column):
            column = _plain_values(column)
        frame[name] = column
    return frame


def _plain_values(column: pd.Series) -> pd.Series:
    import numbers
    from decimal import Decimal

    import pandas as pd

    values = [None if _is_missing(v) else v for v in column]
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


def _is_missing(value: object) -> bool:
    import pandas as pd

    return value in MISSING if isinstance(value, str) else bool(pd.api.types.is_scalar(value) and pd.isna(value))


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


def check_columns(study: Study, columns: list[str]) -> None:
    """Every column that the study names must be in the data or derived. Raises `InputError` with all that are not."""
    from parity.derive.study_columns import derived_problems

    where, problems = str(study.file), []
    known = list(columns)
    if len(columns) == 1 and any(mark in columns[0] for mark in ";\t|"):
        mark = next(m for m in ";\t|" if m in columns[0])
        name = {"\t": "tab"}.get(mark, mark)
        raise InputError.at(str(study.data_path), "", f"one single column, cut by `{name}`: save it with commas")
    for key in ("unit", "time"):
        name = getattr(study.header, key)
        if name and name not in known:
            problems.append(unknown_column(where, f"study.{key}", name, known, habits.in_column(name, known)))
    problems += derived_problems(study, columns)
    known += [*study.derive, *(c for name, index in study.index.items() for c in index.columns(name))]
    for spec in study.specs:
        effects = {c for effect in spec.formula.effects for c in effect.columns}
        for key, names in _named_columns(spec).items():
            problems += [
                unknown_column(where, f"spec.{spec.id}.{key}", c, known, _hint(spec, key, c, known, effect=c in effects))
                for c in names
                if c not in known
            ]
    for name, settings in study.mediation.items():
        for key, names in settings.columns().items():
            problems += [unknown_column(where, f"mediation.{name}.{key}", c, known) for c in names if c not in known]
    resampled: dict[str, Any] = {"difference": study.difference, "bootstrap": study.bootstrap}
    for kind, analyses in resampled.items():
        for name, settings in analyses.items():
            for key, names in settings.columns().items():
                problems += [unknown_column(where, f"{kind}.{name}.{key}", c, known) for c in names if c not in known]
    if problems:
        raise InputError(problems)


def _hint(spec: Spec, key: str, name: str, known: list[str], *, effect: bool) -> str:
    habit = habits.in_column(name, known, effect=effect)
    return habit or (_bare_text(spec.where, name, known) if key == "where" else "")


def _bare_text(condition: Expr | None, name: str, known: list[str]) -> str:
    """The hint for a text without quotes, such as `CA` in `state != CA`."""
    if not isinstance(condition, Operation):
        return ""
    left, right = condition.args[0], condition.args[-1]
    if condition.op in ("==", "!=") and right == Column(name) and isinstance(left, Column) and left.name in known:
        return f"a text stands in quotes: {condition.op} '{name}'{suggest(name, known).replace(': did', '; or did')}"
    return next((hint for arg in condition.args if (hint := _bare_text(arg, name, known))), "")


def _named_columns(spec: Spec) -> dict[str, tuple[str, ...]]:
    return {
        "formula": columns_of(spec.formula),
        "where": columns_of(spec.where),
        "vcov.cluster": spec.vcov.cluster,
        "weights": (spec.weights.column,) if spec.weights else (),
    }


def check_panel(study: Study, frame: pd.DataFrame) -> None:
    """Unit and time name each row once. Raises `InputError` with the first repeated pair."""
    unit, time = study.header.unit, study.header.time
    if not unit or not time:
        return
    repeated = frame.duplicated([unit, time], keep=False) & frame[unit].notna() & frame[time].notna()
    if repeated.any():
        first = frame.loc[repeated, [unit, time]].iloc[0]
        pair = f"{unit} = {_shown(first[unit])}, {time} = {_shown(first[time])}"
        message = f"{int(repeated.sum())} rows share their unit and time with another, first {pair}"
        raise InputError.at(str(study.data_path), f"{unit}, {time}", message)


def _shown(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)[:40]


def read_study_frame(study: Study) -> pd.DataFrame:
    """The study's data as they stand in its file, checked. Raises `InputError`."""
    if study.header.layout == "sheets":
        from parity.sheets import read_sheets

        frame, _ = read_sheets(study.data_path, str(study.header.unit), str(study.header.time))
    else:
        path, encoding = study.data_path, study.header.encoding
        frame = read_frame(path, encoding)
        if path.suffix.lower() in (".csv", ".xlsx"):
            check_spellings(study, frame, lambda names: _as_text(path, encoding, names))
    check_columns(study, list(frame.columns))
    check_panel(study, frame)
    return frame


def load_frame(study: Study) -> pd.DataFrame:
    """The study's data with its derived columns and index scores, checked. Raises `InputError`."""
    from parity.derive.study_columns import add_columns

    return add_columns(study, read_study_frame(study)).frame
