"""Read a study's data file into a pandas frame, and check the file against what the study says of it.

Empty cells, `NA`, `NaN` and Stata's `.` are missing. Nothing is guessed beyond the type of a column: numbers are
numbers, ISO dates stay text until a spec needs them, everything else is text.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from parity.errors import InputError, Problem, suggest
from parity.formula import columns_of
from parity.study import Spec, Study

if TYPE_CHECKING:
    import pandas as pd

MISSING = ["", "NA", "NaN", "nan", "."]


def read_frame(path: Path, encoding: str = "utf-8") -> pd.DataFrame:
    """Read CSV, Parquet, Stata .dta or Excel (first sheet). Raises `InputError`."""
    import pandas as pd

    where = str(path)
    if path.stat().st_size == 0:
        raise InputError.at(where, "", "the file is empty (0 bytes)")
    try:
        match path.suffix.lower():
            case ".csv":
                frame = pd.read_csv(
                    path, encoding=encoding, keep_default_na=False, na_values=MISSING, low_memory=False, **_exact_floats()
                )
            case ".parquet":
                frame = pd.read_parquet(path)
            case ".dta":
                frame = pd.read_stata(path, convert_categoricals=False, preserve_dtypes=True)
            case ".xlsx":
                frame = pd.read_excel(path, keep_default_na=False, na_values=MISSING)
    except UnicodeDecodeError as error:
        raise InputError.at(where, "", f"not {encoding} text (byte {error.start}){_encoding_hint(path)}") from None
    except LookupError:
        raise InputError.at(where, "", f"there is no encoding `{encoding}`") from None
    except Exception as error:  # each reader raises its own; all mean that the file can't be read
        raise InputError.at(where, "", f"can't be read as {path.suffix[1:]}: {str(error).strip().splitlines()[0]}") from None
    frame.columns = [str(c).removeprefix("\ufeff") for c in frame.columns]
    repeated = sorted({c for c in frame.columns if list(frame.columns).count(c) > 1})
    if repeated:
        raise InputError.at(where, "", f"the column `{repeated[0]}` stands twice in the header")
    if frame.empty:
        raise InputError.at(where, "", "there is a header but no row")
    return frame.reset_index(drop=True)


def _exact_floats() -> dict[str, str]:
    """Up to pandas 3.0 the default reading of a decimal may be off in the last bit."""
    import pandas as pd

    major, minor = map(int, pd.__version__.split(".")[:2])
    return {"float_precision": "round_trip"} if (major, minor) < (3, 1) else {}


def _encoding_hint(path: Path) -> str:
    try:
        path.read_bytes()[:100_000].decode("gb18030", errors="strict")
    except UnicodeDecodeError:
        return '; save it as UTF-8, or say encoding = "..." under [study]'
    return '; it reads as GBK: save it as UTF-8, or say encoding = "gb18030" under [study]'


def check_columns(study: Study, columns: list[str]) -> None:
    """Every column that the study names must be in the data or derived. Raises `InputError` with all that are not."""
    where, problems = str(study.file), []
    known = list(columns)
    for key in ("unit", "time"):
        name = getattr(study.header, key)
        if name and name not in known:
            problems.append(_unknown(where, f"study.{key}", name, known))
    for name, expr in study.derive.items():
        if name in columns:
            problems.append(Problem(where, f"derive.{name}", "a column of this name is in the data already"))
        problems += [_unknown(where, f"derive.{name}", c, known) for c in columns_of(expr) if c not in known]
        known.append(name)
    for spec in study.specs:
        for key, names in _named_columns(spec).items():
            problems += [_unknown(where, f"spec.{spec.id}.{key}", c, known) for c in names if c not in known]
    if problems:
        raise InputError(problems)


def _named_columns(spec: Spec) -> dict[str, tuple[str, ...]]:
    return {
        "formula": columns_of(spec.formula),
        "where": columns_of(spec.where),
        "vcov.cluster": spec.vcov.cluster,
        "weights": (spec.weights.column,) if spec.weights else (),
    }


def _unknown(where: str, key: str, name: str, known: list[str]) -> Problem:
    return Problem(where, key, f"there is no column `{name}`{suggest(name, known) or '; columns: ' + _some(known)}")


def _some(names: list[str], limit: int = 12) -> str:
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")


def check_panel(study: Study, frame: pd.DataFrame) -> None:
    """Unit and time name each row once. Raises `InputError` with the first repeated pair."""
    unit, time = study.header.unit, study.header.time
    if not unit or not time:
        return
    repeated = frame.duplicated([unit, time], keep=False) & frame[unit].notna() & frame[time].notna()
    if repeated.any():
        first = frame.loc[repeated, [unit, time]].iloc[0]
        pair = f"{unit} = {first[unit]}, {time} = {first[time]}"
        message = f"{int(repeated.sum())} rows share their unit and time with another, first {pair}"
        raise InputError.at(str(study.data_path), f"{unit}, {time}", message)


def load_frame(study: Study) -> pd.DataFrame:
    """The study's data with its derived columns, checked. Raises `InputError`."""
    from parity.columns import ColumnProblem, Panel, evaluate

    frame = read_frame(study.data_path, study.header.encoding)
    check_columns(study, list(frame.columns))
    check_panel(study, frame)
    for name, expr in study.derive.items():
        try:
            frame[name] = evaluate(expr, frame, Panel(study.header.unit, study.header.time))
        except ColumnProblem as problem:
            raise InputError.at(str(study.file), f"derive.{name}", str(problem)) from None
    return frame
