"""The derived columns and index scores of a study, in an order in which each finds what it needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parity.base.errors import InputError, Problem, unknown_column
from parity.data.derive.problem import DeriveProblem
from parity.data.marks import marked, marks_of
from parity.study import hints
from parity.study.derived import Step
from parity.study.formula import Expr, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd

    from parity.data.derive.index import IndexScores, Rows
    from parity.data.evaluate import Panel
    from parity.study.index import IndexSettings
    from parity.study.study import Study


@dataclass
class MadeColumns:
    """frame: with all columns added. indices: (index, variant or "") -> how its scores came about.
    rows: the keys of the rows, with their periods or without, as lines have asked for them."""

    frame: pd.DataFrame
    indices: dict[tuple[str, str], IndexScores] = field(default_factory=dict)
    rows: dict[bool, Rows] = field(default_factory=dict)

    def rows_of(self, panel: Panel, *, timed: bool) -> Rows:
        """Raises `DeriveProblem` where periods have no certain order."""
        from parity.data.derive.index import rows_of

        if timed not in self.rows:
            self.rows[timed] = rows_of(self.frame, panel, timed=timed)
        return self.rows[timed]


def reads(line: Expr | Step) -> tuple[str, ...]:
    """Columns that a line of `[derive]` needs."""
    return line.reads() if isinstance(line, Step) else columns_of(line)


def _index_reads(study: Study, name: str) -> tuple[str, ...]:
    index = study.index[name]
    return tuple(dict.fromkeys(i.column for form in (index, *index.variants.values()) for i in form.indicators))


def derived_problems(study: Study, columns: list[str]) -> list[Problem]:
    """What is wrong with the names that `[derive]` and `[index]` make and read, given the columns of the data."""
    where, problems = str(study.file), []
    made = {c: f"index.{name}" for name, index in study.index.items() for c in index.columns(name)}
    known = [*columns, *made]
    for name in made:
        if name in columns:
            problems.append(Problem(where, made[name], f"a column `{name}` is in the data already"))
    for name, line in study.derive.items():
        if name in columns:
            problems.append(Problem(where, f"derive.{name}", "a column of this name is in the data already"))
        problems += [
            Problem(where, f"derive.{name}", f"`{c}` is derived only further down; move it above")
            if c in study.derive and c not in known
            else unknown_column(where, f"derive.{name}", c, known, hints.in_column(c, known))
            for c in reads(line) if c not in known
        ]  # fmt: skip
        known.append(name)
    for name in study.index:
        problems += [unknown_column(where, f"index.{name}.indicators", c, known)
                     for c in _index_reads(study, name) if c not in known]  # fmt: skip
    if not problems:
        done = {(kind, name) for kind, name in order(study, columns)}
        for name in study.index:
            if ("index", name) not in done:
                message = "its indicators are made from the index itself"
                problems.append(Problem(where, f"index.{name}", message))
    return problems


def order(study: Study, columns: list[str]) -> list[tuple[str, str]]:
    """("derive" or "index", name) in an order in which every one finds its columns; those that never do are left out."""
    known, waiting, done = set(columns), [], []
    waiting = [("derive", n) for n in study.derive] + [("index", n) for n in study.index]
    moved = True
    while moved:
        moved = False
        for kind, name in list(waiting):
            if known.issuperset(needs(study, kind, name)):
                known |= {name} if kind == "derive" else set(study.index[name].columns(name))
                waiting.remove((kind, name))
                done.append((kind, name))
                moved = True
    return done


def needs(study: Study, kind: str, name: str) -> tuple[str, ...]:
    """Columns that a line of `[derive]` or an index reads. kind: "derive" or "index"."""
    return tuple(reads(study.derive[name]) if kind == "derive" else _index_reads(study, name))


def behind(study: Study, wanted: Iterable[str]) -> frozenset[str]:
    """These columns, and all that they rest on: derived ones, scores and columns of the data."""
    owner = {c: name for name, index in study.index.items() for c in index.columns(name)}
    waiting, found = list(wanted), set()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        if name in study.derive:
            waiting += reads(study.derive[name])
        elif name in owner:
            index = study.index[owner[name]]
            form = index.variants.get(name.removeprefix(f"{owner[name]}."), index)
            waiting += [i.column for i in form.indicators]
    return frozenset(found)


def add_columns(study: Study, frame: pd.DataFrame) -> MadeColumns:
    """The frame with every derived column and score. Raises `InputError` that names the line at fault."""
    from parity.data.evaluate import as_float
    from parity.data.storage import is_float

    made = MadeColumns(frame)
    for kind, name in order(study, list(frame.columns)):
        if kind == "index":
            _add_index(study, name, made)
        else:
            values = _line(study, name, made)
            made.frame[name] = as_float(values) if is_float(study.header, name) and values.dtype == float else values
    return made


def _line(study: Study, name: str, made: MadeColumns) -> np.ndarray:
    from parity.base.errors import ColumnProblem
    from parity.data.evaluate import Panel, evaluate

    line = study.derive[name]
    try:
        if not isinstance(line, Step):
            return evaluate(line, made.frame, Panel.of(study))
        from parity.data.derive.compute import derived

        return derived(line, made.frame, made.rows_of(Panel.of(study), timed="time" in line.panel()))
    except (ColumnProblem, DeriveProblem) as problem:
        raise InputError.at(str(study.file), f"derive.{name}", str(problem)) from None


class _Read:
    """What the forms of one index read of a frame, each once: a study may have dozens of forms."""

    def __init__(self, frame: pd.DataFrame, panel: Panel):
        self.frame, self.panel = frame, panel
        self._rows: dict[bool, Rows] = {}
        self._columns: dict[str, np.ndarray] = {}

    def rows(self, form: IndexSettings) -> Rows:
        """The keys of the rows, as `index_rows` has them. Raises `DeriveProblem`."""
        from parity.data.derive.index import index_rows

        between = form.missing == "interpolate"
        if between not in self._rows:
            self._rows[between] = index_rows(self.frame, self.panel, [form])
        return self._rows[between]

    def columns(self, form: IndexSettings) -> dict[str, np.ndarray]:
        """Indicator -> numbers. Raises `DeriveProblem` where one is text."""
        for indicator in form.indicators:
            if indicator.column not in self._columns:
                self._columns[indicator.column] = _numbers(indicator.column, self.frame)
        return {i.column: self._columns[i.column] for i in form.indicators}


def _add_index(study: Study, name: str, made: MadeColumns) -> None:
    import pandas as pd

    from parity.data.evaluate import Panel

    new, read = {}, _Read(made.frame, Panel.of(study))
    for variant, form in study.index[name].forms().items():
        scores = index_of(study, name, variant, form, read)
        made.indices[name, variant] = scores
        new[f"{name}.{variant}" if variant else name] = scores.scores
        if not variant:
            new |= {f"{name}.{d}": values for d, values in scores.dimensions.items()}
    joined = pd.concat([made.frame, pd.DataFrame(new, index=made.frame.index)], axis=1)
    made.frame = marked(joined, marks_of(made.frame))


def index_of(study: Study, name: str, variant: str, form: IndexSettings, read: _Read) -> IndexScores:
    """Scores of one form of an index. Raises `InputError`."""
    from parity.data.derive.index import index_scores

    try:
        rows = read.rows(form)
        return index_scores(form, read.columns(form), rows)
    except DeriveProblem as problem:
        key = f"index.{name}.variants.{variant}" if variant else f"index.{name}"
        raise InputError.at(str(study.file), key, str(problem)) from None


def rows_of_indices(study: Study, frame: pd.DataFrame) -> Rows:
    """The keys that a study's indices read. Raises `DeriveProblem`."""
    from parity.data.derive.index import index_rows, rows_of
    from parity.data.evaluate import Panel

    forms = [form for index in study.index.values() for form in index.forms().values()]
    panel = Panel.of(study)
    return index_rows(frame, panel, forms) if forms else rows_of(frame, panel, timed=False)


def indicator_columns(form: IndexSettings, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Indicator -> numbers. Raises `DeriveProblem` where one is text."""
    return {i.column: _numbers(i.column, frame) for i in form.indicators}


def _numbers(column: str, frame: pd.DataFrame) -> np.ndarray:
    from parity.base.errors import ColumnProblem
    from parity.data.evaluate import Panel, numeric
    from parity.study.formula import Column

    try:
        return numeric(Column(column), frame, Panel())
    except ColumnProblem as problem:
        raise DeriveProblem(str(problem)) from None


def row_names(study: Study, frame: pd.DataFrame) -> dict[str, int]:
    """`UNIT:TIME` of every row -> its position."""
    keys = [k for k in (study.header.unit, study.header.time) if k]
    if not keys:
        return {str(i + 1): i for i in range(len(frame))}
    columns = [[f"{v:.15g}" if isinstance(v, float) else str(v) for v in frame[k].tolist()] for k in keys]
    return {":".join(parts): i for i, parts in enumerate(zip(*columns, strict=True))}
