"""Explain the scores or weights of an index that somebody printed: read what was typed, find rows, ask the search."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parity.base.errors import InputError, suggest
from parity.base.watching import Watch, unwatched
from parity.data.derive.study_columns import row_names
from parity.study.header import DATA_FORMATS
from parity.study.published import PRINTED_NUMBER
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from parity.data.derive.changes import Beside
    from parity.diagnose.questions.index_search import IndexExplanation, Target


def explain_index_printed(
    study: Study,
    name: str,
    weights: Sequence[str],
    scores: Sequence[str],
    file: str | None = None,
    watch: Watch = unwatched,
) -> IndexExplanation:
    """Which variant of the index gives these numbers.

    weights: `indicator=.1234`. scores: `unit:time=.3412` (`unit=...` without a time). file: CSV of another program's scores:
    the unit and time columns of the study, and one column `score` (or named as the index), taken in full.
    Raises `InputError` for what can't be read or is not in the study.
    """
    from parity.data.derive.study_columns import add_columns, indicator_columns, rows_of_indices
    from parity.data.load import read_study_frame
    from parity.diagnose.questions.index_search import Targets, explain_index

    if name not in study.index:
        known = suggest(name, study.index) or f"; indices: {', '.join(study.index) or 'none'}"
        raise InputError.at(str(study.file), "index", f"there is no index `{name}`{known}")
    main = study.index[name].forms()[""]
    frame = add_columns(study, read_study_frame(study)).frame
    named = {}
    for text in weights:
        indicator, number = _typed("--target-weight", text, "indicator=.1234")
        columns = [i.column for i in main.indicators]
        if indicator not in columns:
            raise InputError.at(
                "--target-weight", "", f"`{indicator}` is no indicator of `{name}`{suggest(indicator, columns)}"
            )
        named[indicator] = number
    rows = row_names(study, frame)
    at = {}
    for text in scores:
        key, number = _typed("--target-score", text, "unit:time=.3412")
        at[_row(rows, key)] = number
    if file is not None:
        at |= _of_file(study, name, rows, file)
    if not named and not at:
        raise InputError.at("--target-weight", "", "give a number, such as --target-weight indicator=.1234")
    keys = rows_of_indices(study, frame)
    columns = indicator_columns(main, frame)
    return explain_index(main, columns, keys, Targets(named, at), watch, beside(study, frame))


def beside(study: Study, frame: pd.DataFrame) -> Beside:
    """The other columns of the data, the filters of the specs, and the names of rows."""
    from parity.base.errors import ColumnProblem
    from parity.data.derive.changes import Beside
    from parity.data.evaluate import Panel, condition
    from parity.diagnose.data_columns import DataColumns

    panel = Panel.of(study)
    made = {*study.derive, *(c for name, index in study.index.items() for c in index.columns(name))}
    left_out = made | {c for c in (panel.unit, panel.time) if c}
    columns = {
        c: frame[c].to_numpy(dtype=float, na_value=float("nan"))
        for c in DataColumns(frame, panel).many_valued
        if c not in left_out
    }
    filters = {}
    for where in dict.fromkeys(s.where for s in study.specs if s.where is not None):
        try:
            filters[str(where)] = condition(where, frame, panel)
        except ColumnProblem:
            continue
    names = {
        key: tuple(f"{v:.15g}" if isinstance(v, float) else str(v) for v in frame[key].tolist())
        for key in (panel.unit, panel.time)
        if key
    }
    return Beside(columns, filters, names.get(panel.unit, ()), names.get(panel.time, ()))


def _typed(option: str, text: str, shape: str) -> tuple[str, Target]:
    from parity.compare.printed import read_number
    from parity.diagnose.questions.index_search import Target

    name, separator, value = text.rpartition("=")
    percent = value.strip().endswith("%")
    value = value.strip().removesuffix("%").strip()
    if not separator or not name.strip() or not PRINTED_NUMBER.fullmatch(value):
        raise InputError.at(option, "", f"`{text[:60]}` is not {shape}")
    number = read_number(value)
    share = 100.0 if percent else 1.0
    return name.strip(), Target(number.value / share, number.half_unit / share)


def _row(rows: dict[str, int], key: str) -> int:
    from parity.data.provinces import province

    unit, separator, time = key.rpartition(":")
    short = province(unit)
    for spelling in (key, f"{short}:{time}" if separator and short else key):
        if spelling in rows:
            return rows[spelling]
    first = next(iter(rows))
    raise InputError.at(
        "--target-score", "", f"there is no row `{key}`{suggest(key, rows) or f'; rows are such as `{first}`'}"
    )


def _of_file(study: Study, name: str, rows: dict[str, int], file: str) -> dict[int, Target]:
    from parity.data.read import read_frame
    from parity.diagnose.questions.index_search import Target

    path = Path(file)
    if path.suffix.lower() not in DATA_FORMATS or not path.is_file():
        raise InputError.at("--scores", "", f"`{file}` is no file of the forms {', '.join(DATA_FORMATS)}")
    given = read_frame(path, study.header.encoding)
    column = next((c for c in ("score", name) if c in given.columns), None)
    if column is None:
        raise InputError.at(str(path), "", f"there is no column `score` or `{name}`")
    keys = [k for k in (study.header.unit, study.header.time) if k]
    for key in keys:
        if key not in given.columns:
            raise InputError.at(str(path), "", f"there is no column `{key}`")
    try:
        values = given[column].to_numpy(dtype=float)
    except (TypeError, ValueError):
        raise InputError.at(str(path), column, "holds text") from None
    found = {}
    for key, i in row_names(study, given).items():
        if values[i] == values[i]:
            found[_row(rows, key)] = Target(float(values[i]))
    return found
