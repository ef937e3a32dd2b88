"""The sample of a spec as products of factors, so that one factor can be moved: what marginal effects are computed from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from parity.sample.design import Design
from parity.study.analyses.margins import MarginsSettings
from parity.study.formula import Dummies, Interaction, Item
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from parity.data.evaluate import Panel


@dataclass(frozen=True)
class Moved:
    """One variable. Of a number `levels` is empty, and `factors` is the one column; else each factor marks a level, and what
    is compared is each of `levels` with all marks at nought, or with the mark `base` alone where there is one."""

    name: str
    factors: tuple[str, ...]
    levels: tuple[str, ...] = ()
    base: str = ""


@dataclass(frozen=True)
class Sample:
    """factors   name -> (n,) column, in the order of the design's rows
    products  regressor -> the factors whose product it is, in the order of the design's columns
    moved     the variables, in the order of the formula
    notes     what a reader must know of an effect
    shares    (n,) weights of rows, summing to one
    """

    spec: Spec
    settings: MarginsSettings
    design: Design
    factors: Mapping[str, np.ndarray]
    products: Mapping[str, tuple[str, ...]]
    moved: tuple[Moved, ...]
    notes: tuple[str, ...] = ()

    @property
    def shares(self) -> np.ndarray:
        w = np.ones(self.design.nobs) if self.design.weights is None else self.design.weights
        return w / w.sum()


def sample_of(study: Study, frame: pd.DataFrame, settings: MarginsSettings) -> Sample:
    """Raises `Unestimable`."""
    from parity.data.evaluate import Panel, condition
    from parity.sample.build import build_design

    spec = study.spec(settings.spec)
    design = build_design(study, spec, frame)
    panel = Panel.of(study)
    chosen = condition(spec.where, frame, panel) if spec.where else np.ones(len(frame), dtype=bool)
    read = _Reading(frame, panel, chosen)
    products: dict[str, tuple[str, ...]] = {}
    for item in spec.formula.exog:
        products |= read.pieces(item, keep_all=not spec.formula.intercept)
    kept = {name: products[name] for name in design.x_names}
    used = {f for factors in kept.values() for f in factors}
    factors = {name: column[design.rows] for name, column in read.factors.items() if name in used}
    moved = tuple(_moved(read, factors, settings))
    return Sample(spec, settings, design, factors, kept, moved, tuple(_held(study, moved)))


class _Reading:
    """The factors of a formula's items, by name, and which of them mark levels of one column."""

    def __init__(self, frame: pd.DataFrame, panel: Panel, chosen: np.ndarray):
        self.frame, self.panel, self.chosen = frame, panel, chosen
        self.factors: dict[str, np.ndarray] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self.numbers: list[str] = []

    def pieces(self, item: Item, *, keep_all: bool = False) -> dict[str, tuple[str, ...]]:
        """Column -> its factors, under the names of `parity.data.evaluate.item_columns`."""
        from parity.data.evaluate import item_columns, numeric

        match item:
            case Dummies(group, by, ref):
                marks = item_columns(replace(item, by=None, ref=None), self.frame, self.panel, self.chosen, keep_all=True)
                named = item_columns(item, self.frame, self.panel, self.chosen, keep_all=keep_all)
                self.factors |= marks
                every = tuple(marks)
                first = next(
                    (m for m in every if ref is not None and m not in {n.removesuffix(f":{by}") for n in named}), ""
                )
                self.groups.setdefault(str(group), (first, *(m for m in every if m != first)) if first else every)
                tail: tuple[str, ...] = ()
                if by is not None:
                    self.factors[str(by)] = numeric(by, self.frame, self.panel)
                    self.numbers.append(str(by))
                    tail = (str(by),)
                return {name: (name.removesuffix(f":{by}") if by is not None else name, *tail) for name in named}
            case Interaction(factors):
                made: dict[str, tuple[str, ...]] = {"": ()}
                for factor in factors:
                    inner = self.pieces(factor)
                    made = {f"{a}:{b}" if a else b: (*x, *y) for a, x in made.items() for b, y in inner.items()}
                return made
            case _:
                self.factors[str(item)] = numeric(item, self.frame, self.panel)
                self.numbers.append(str(item))
                return {str(item): (str(item),)}


def _moved(read: _Reading, factors: Mapping[str, np.ndarray], settings: MarginsSettings) -> Iterator[Moved]:
    marks = {m: group for group, all_of_it in read.groups.items() for m in all_of_it}
    done: set[str] = set()
    for name in read.factors:
        if name in marks:
            group = marks[name]
            if group not in done:
                base, *levels = read.groups[group]
                used = tuple(m for m in read.groups[group] if m in factors)
                yield Moved(group, used, tuple(m for m in levels if m in factors), base if base in factors else "")
            done.add(group)
        elif name in factors and name not in done:
            done.add(name)
            two = bool(np.all((factors[name] == 0) | (factors[name] == 1)))
            difference = settings.indicators == "difference" and two
            yield Moved(name, (name,), (name,) if difference else ())


def _held(study: Study, moved: tuple[Moved, ...]) -> Iterator[str]:
    """Which effects hold another regressor that `[derive]` makes of theirs, such as a square: to parity it is a column."""
    from parity.study.derived import Step
    from parity.study.formula import columns_of

    names = [one.name for one in moved]
    for name in names:
        line = study.derive.get(name)
        reads = line.reads() if isinstance(line, Step) else columns_of(line)
        for column in (c for c in reads if c in names):
            yield f"the effect of `{column}` holds `{name}`, which is made of it: write {column}:{column} for a square"
