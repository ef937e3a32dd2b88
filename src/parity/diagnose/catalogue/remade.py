"""Derived columns and indices made again: some line of the study is another, or some column of the data is.

What rests on the change is made anew by the study's own rules, and only as far as the specification reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.data.derive.study_columns import add_columns, behind, needs, order
from parity.data.evaluate import Panel, condition, evaluate
from parity.diagnose import cause
from parity.diagnose.cause import Cause
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.derived import Change, Growth, Lag, Lead, Step
from parity.study.formula import Column, Expr, columns_of
from parity.study.index import Index
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

SHIFTED = (Lag, Lead, Change, Growth)


@dataclass(frozen=True)
class MadeAnew:
    """One line of `[derive]`, or one index, replaced, and all that rests on it made again. `text` tells lines apart.

    wanted: columns that the spec reads; of an index's variants only these are made, the others are left out
    """

    name: str
    text: str
    line: Any = field(compare=False, repr=False)
    wanted: frozenset[str]
    index: bool = False

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        return remade(frame, study, self.wanted, lines={self._place: self.line})

    def changed(self, study: Study) -> frozenset[str]:
        return _changed(_Same(study), frozenset([self._place]), ())

    @property
    def _place(self) -> tuple[str, str]:
        return ("index" if self.index else "derive", self.name)


@dataclass(frozen=True)
class MadeWithout:
    """One unit or period is left out before indices and derived columns are made, so that it has no say in any of them.

    names: indices that the spec rests on; the others are not made. wanted: columns that it reads; None: make all lines
    """

    column: str
    value: Any
    names: frozenset[str]
    wanted: frozenset[str] | None = None

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        keep = evaluate(Column(self.column), frame, Panel()) != self.value
        return _of_rows(frame, keep, study, self.names, self.wanted)


@dataclass(frozen=True)
class FilteredFirst:
    """The rows that a filter leaves out are gone before indices and derived columns are made.

    names: indices that the spec rests on. wanted: columns that it reads. shifts: only lags, leads and changes are made of
    the rows that are left.
    """

    where: Expr
    names: frozenset[str]
    wanted: frozenset[str]
    shifts: bool

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        keep = condition(self.where, frame, Panel.of(study))
        if not self.shifts:
            return _of_rows(frame, keep, study, self.names, self.wanted)
        left = frame[keep].reset_index(drop=True)
        lines = {("derive", n): line for n, line in study.derive.items() if isinstance(line, SHIFTED)}
        return remade(left, study, self.wanted, lines=lines) if lines else left


@dataclass(frozen=True)
class ZerosAs:
    """Zeros of a column of the data as another value, and what rests on it made again."""

    column: str
    value: float
    wanted: frozenset[str]

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        values = _floats(frame, self.column)
        values = np.where(values == 0, self.value, values)
        return remade(frame.assign(**{self.column: values}), study, self.wanted, raw=(self.column,))

    def changed(self, study: Study) -> frozenset[str]:
        return _changed(_Same(study), frozenset(), (self.column,))


@dataclass(frozen=True)
class Over:
    """A column of the data over another one, times `scale`, and what rests on it made again."""

    column: str
    divisor: str
    scale: float
    wanted: frozenset[str]

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        values = _floats(frame, self.column) / _floats(frame, self.divisor) * self.scale
        return remade(frame.assign(**{self.column: values}), study, self.wanted, raw=(self.column,))

    def changed(self, study: Study) -> frozenset[str]:
        return _changed(_Same(study), frozenset(), (self.column,))


def _floats(frame: pd.DataFrame, name: str) -> np.ndarray:
    return frame[name].to_numpy(dtype=float, na_value=np.nan)


def remade(
    frame: pd.DataFrame, study: Study, wanted: frozenset[str], *, lines: Mapping[tuple[str, str], Any] | None = None,
    raw: tuple[str, ...] = (),
) -> pd.DataFrame:  # fmt: skip
    """The frame with all made again that rests on other lines or columns. Raises `InputError`.

    lines: ("derive" or "index", name) -> the line in place of the study's. raw: columns of the data that are others now
    """
    lines = lines or {}
    read = behind(study, wanted)
    anew: dict[str, dict[str, Any]] = {"derive": {}, "index": {}}
    drop: set[str] = set()  # what nobody reads is gone, so that nothing is there that was made before
    for (kind, name), columns in _resting(_Same(study), tuple(frame.columns), frozenset(lines), raw):
        drop.update(columns)
        if (kind, name) in lines or not read.isdisjoint(columns):
            anew[kind][name] = lines.get((kind, name)) or getattr(study, kind)[name]
    anew["index"] = {name: _only_read(name, index, read) for name, index in anew["index"].items()}
    left = frame.iloc[:, [i for i, c in enumerate(frame.columns) if c not in drop]]
    return add_columns(study.model_copy(update=anew), left).frame


class _Same:
    """A study as a key: it and no other, however alike."""

    __slots__ = ("study",)

    def __init__(self, study: Study):
        self.study = study

    def __hash__(self) -> int:
        return id(self.study)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.study is self.study


@lru_cache(maxsize=256)  # a search asks for the same few hundreds of times
def _resting(
    of: _Same, columns: tuple[str, ...], lines: frozenset[tuple[str, str]], raw: tuple[str, ...]
) -> tuple[tuple[tuple[str, str], tuple[str, ...]], ...]:  # fmt: skip
    """Of these lines, and of all that rest on them or on columns of the data: ("derive" or "index", name) and its columns.

    columns: those of the data, others included
    """
    study, old, found = of.study, set(raw), []
    made = {*study.derive, *(c for name, index in study.index.items() for c in index.columns(name))}
    for kind, name in order(study, [c for c in columns if c not in made]):
        if (kind, name) in lines or not old.isdisjoint(needs(study, kind, name)):
            own = (name,) if kind == "derive" else study.index[name].columns(name)
            old.update(own)
            found.append(((kind, name), own))
    return tuple(found)


@lru_cache(maxsize=256)
def _changed(of: _Same, lines: frozenset[tuple[str, str]], raw: tuple[str, ...]) -> frozenset[str]:
    """Columns that are others, or gone, where these lines and columns of the data are others."""
    kinds = [("derive", name) for name in of.study.derive] + [("index", name) for name in of.study.index]
    columns = dict.fromkeys(c for kind, name in kinds for c in needs(of.study, kind, name))
    return frozenset((*raw, *(c for _, own in _resting(of, tuple(columns), lines, raw) for c in own)))


def _of_rows(
    frame: pd.DataFrame, keep: np.ndarray, study: Study, names: frozenset[str], wanted: frozenset[str] | None
) -> pd.DataFrame:  # fmt: skip
    """Columns made of some rows alone: those behind the wanted ones."""
    made = {*study.derive, *(c for name, index in study.index.items() for c in index.columns(name))}
    left = frame[[c for c in frame.columns if c not in made]][keep].reset_index(drop=True)
    read = None if wanted is None else behind(study, wanted)
    derive = {name: line for name, line in study.derive.items() if read is None or name in read}
    index = {name: _only_read(name, form, read) for name, form in study.index.items() if name in names}
    return add_columns(study.model_copy(update={"derive": derive, "index": index}), left).frame


def _only_read(name: str, index: Index, read: frozenset[str] | None) -> Index:
    """An index without the variants that nobody reads."""
    if read is None:
        return index
    variants = {v: form for v, form in index.variants.items() if f"{name}.{v}" in read}
    return index.model_copy(update={"variants": variants})


def read_by(scenario: Scenario) -> frozenset[str]:
    """Columns that the spec itself reads."""
    spec = scenario.spec
    weights = (spec.weights.column,) if spec.weights else ()
    return frozenset((*columns_of(spec.formula), *columns_of(spec.where), *spec.vcov.cluster, *weights))


def made_of(scenario: Scenario, fitter: Fitter) -> tuple[str, ...]:
    """Derived columns and indices on which the spec rests, those that other derived columns need included."""
    study, spec = fitter.study, scenario.spec
    columns = behind(study, (*columns_of(spec.formula), *columns_of(spec.where)))
    indices = [name for name, index in study.index.items() if not columns.isdisjoint(index.columns(name))]
    return tuple(sorted([*(name for name in study.derive if name in columns), *indices]))


def data_behind(scenario: Scenario, fitter: Fitter) -> tuple[str, ...]:
    """Columns of the data on which the formula rests, in their order."""
    found, study = behind(fitter.study, columns_of(scenario.spec.formula)), fitter.study
    made = {*study.derive, *(c for name, index in study.index.items() for c in index.columns(name))}
    return tuple(c for c in fitter.original.columns if c in found and c not in made)


def lines_of(scenario: Scenario, fitter: Fitter, *kinds: type[Step]) -> Iterator[tuple[str, Any]]:
    """Lines of `[derive]` of these kinds behind the spec."""
    for name in made_of(scenario, fitter):
        line = fitter.study.derive.get(name)
        if isinstance(line, kinds):
            yield name, line


def anew(scenario: Scenario, lines: Iterable[tuple[str, Any]]) -> Scenario:
    """The scenario with these lines of `[derive]` in place of the study's."""
    for name, line in lines:
        scenario = scenario.edited(MadeAnew(name, repr(line), line, read_by(scenario)))
    return scenario


def step(c: Cause, scenario: Scenario, name: str, line: Any, *parameters: tuple[str, Any]) -> cause.Step:
    return cause.Step(c, anew(scenario, [(name, line)]), (("column", name), *parameters))
