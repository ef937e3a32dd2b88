"""A study's data: read, checked against what the study says of them, derived columns added, and what must be said.

`parity.data.read` reads one file; `docs/adding-a-study.md` has the rules of reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from parity.base.errors import ColumnProblem, InputError, suggest, unknown_column
from parity.data.codes import alike, check_spellings
from parity.data.marks import Marks, marked, marks_of
from parity.data.missing_codes import missing_codes
from parity.data.places import rows_named
from parity.data.read import as_written, read_frame
from parity.study import hints
from parity.study.analyses.registry import SECTIONS
from parity.study.data_formats import FORMATS
from parity.study.dynamic import source_of
from parity.study.formula import Column, Expr, Operation, columns_of
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Loaded", "check_columns", "check_panel", "load", "load_frame", "read_frame", "read_study_frame"]


@dataclass(frozen=True)
class Loaded:
    """frame: with derived columns; notes: what was decided by rule when the data were read and filtered, in sentences."""

    frame: pd.DataFrame
    notes: tuple[str, ...]


def check_columns(study: Study, columns: list[str]) -> None:
    """Every column that the study names must be in the data or derived. Raises `InputError` with all that are not."""
    from parity.data.derive.study_columns import derived_problems

    where, problems = str(study.file), []
    known = list(columns)
    if len(columns) == 1 and any(mark in columns[0] for mark in ";\t|"):
        mark = next(m for m in ";\t|" if m in columns[0])
        name = {"\t": "tab"}.get(mark, mark)
        raise InputError.at(str(study.data_path), "", f"one single column, cut by `{name}`: save it with commas")
    for key in ("unit", "time"):
        name = getattr(study.header, key)
        if name and name not in known:
            problems.append(unknown_column(where, f"study.{key}", name, known, hints.in_column(name, known)))
    problems += derived_problems(study, columns)
    known += [*study.derive, *(c for name, index in study.index.items() for c in index.columns(name))]
    of = {one: several for several in study.several for one in several.ids}
    for spec in study.specs:
        effects = {c for effect in spec.formula.effects for c in effect.columns}
        hint = partial(_hint, study, spec)
        for key, names in _named_columns(spec).items():
            for c in names:
                if c not in known:
                    split = key == "where" and spec.id in of and of[spec.id].by == c
                    at = f"{of[spec.id].name}.split" if split else f"{spec.id}.{key}"
                    problems.append(unknown_column(where, f"spec.{at}", c, known, hint(key, c, known, effect=c in effects)))
    for one in SECTIONS:
        for name, settings in getattr(study, one.kind).items():
            for key, names in settings.columns().items():
                key = f"{one.kind}.{name}.{key}"
                problems += [unknown_column(where, key, c, known) for c in names if c not in known]
    if problems:
        raise InputError(list(dict.fromkeys(problems)))  # a split's column is one of each of its specs


def _hint(study: Study, spec: Spec, key: str, name: str, known: list[str], *, effect: bool) -> str:
    habit = hints.in_column(name, known, effect=effect) or hints.in_effects(name, study.header.unit, study.header.time)
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
    lagged = tuple(c for name in spec.dynamic.gmm or () for c in columns_of(source_of(name))) if spec.dynamic else ()
    return {
        "formula": columns_of(spec.formula),
        "where": columns_of(spec.where),
        "offset": columns_of(spec.offset),
        "dynamic.gmm": lagged,
        "dynamic.instruments": tuple(c for c in spec.dynamic.columns if c not in lagged) if spec.dynamic else (),
        "vcov.coordinates": spec.vcov.coordinates,
        "vcov.conley": tuple(c for c in spec.vcov.cutoff if isinstance(c, str)),
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
        where = rows_named(frame, ((frame[unit] == first[unit]) & (frame[time] == first[time])).to_numpy())
        message = f"{int(repeated.sum())} rows share their unit and time with another, first {pair} {where}"
        raise InputError.at(str(study.data_path), f"{unit}, {time}", message)


def _shown(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)[:40]


def read_study_frame(study: Study, raw: pd.DataFrame | None = None) -> pd.DataFrame:
    """The study's data as they stand in its file, checked; `parity.data.marks` has what must be said. Raises `InputError`.

    raw: the file, where it was read already.
    """
    from parity.data.storage import stored

    frame = read_file(study) if raw is None else raw
    check_columns(study, list(frame.columns))
    check_panel(study, frame)
    return stored(study, frame)


def read_file(study: Study) -> pd.DataFrame:
    """The study's data file as it is, nothing of what the study says of its columns checked. Raises `InputError`."""
    header, path = study.header, study.data_path
    if header.layout == "sheets":
        from parity.data.yearbook import read_sheets

        frame, report = read_sheets(path, str(header.unit), str(header.time))
        marked(frame, Marks(tuple(report.matched())))
    else:
        frame = read_frame(path, header.encoding, header.missing)
        if FORMATS[path.suffix.lower()].cells:
            check_spellings(study, frame, lambda names: as_written(path, header.encoding, names, header.missing))
    return frame


def load_frame(study: Study) -> pd.DataFrame:
    """The study's data with its derived columns and index scores, checked. Raises `InputError`."""
    return load(study).frame


def load(study: Study, raw: pd.DataFrame | None = None) -> Loaded:
    """The same, with what must be said of it. raw: the file, where it was read already. Raises `InputError`."""
    from parity.data.derive.study_columns import add_columns
    from parity.data.filters import check_filters

    if study.data:
        raise InputError.at(str(study.file), "data", "several data files can't be read as one; name a spec")
    raw = read_study_frame(study, raw)
    notes = marks_of(raw).notes
    frame = add_columns(study, raw).frame
    filtered = check_filters(study, frame)
    if problems := filtered.problems(str(study.file)):
        raise InputError(problems)
    return Loaded(
        frame, (*notes, *alike(study, frame), *missing_codes(study, frame), *_periods_said(study, frame), *filtered.notes)
    )


def _periods_said(study: Study, frame: pd.DataFrame) -> tuple[str, ...]:
    """How the time column was read, where that isn't plain and something reads an order."""
    from parity.data.evaluate import Panel
    from parity.data.periods import periods

    panel = Panel.of(study)
    if not panel.time or not study.reads_order:
        return ()
    try:
        said = periods(frame[panel.time], panel.order, panel.step).said
    except ColumnProblem:  # said by whatever reads the order
        return ()
    return (said,) if said else ()
