"""A study's `[mediation.NAME]` and its data -> complete samples, one for each group, and what is found in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from parity.algebra.moments import Undetermined
from parity.analyses.mediation.effects import Mediation, Model, mediate
from parity.analyses.replicates.draws import Draws, bootstrap_draws, normal_draws
from parity.base.errors import Unestimable
from parity.base.values import name_of
from parity.data.marks import marks_of
from parity.sample.build import singletons_dropped
from parity.study.analyses.mediation import MediationSettings
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Prepared:
    """The complete sample of one analysis; n rows.

    name      "mediation.NAME", or "mediation.NAME.GROUP"
    columns   name -> (n,); effects: name -> (n,) codes; code: (n,) of the clusters, in the order of labels; without
              clusters each row is one of its own, named by its place
    notes     rows left out, and why
    """

    name: str
    settings: MediationSettings
    model: Model
    columns: dict[str, np.ndarray]
    effects: dict[str, np.ndarray]
    code: np.ndarray
    labels: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def vcov(self) -> str:
        return {"cluster": "CR1", "robust": "HC1", "iid": "iid"}[self.settings.vcov]

    def draws(self) -> Draws:
        return bootstrap_draws(self.labels, self.settings.draws, self.settings.seed)

    def normals(self) -> Draws:
        names = [f"{what} {m}" for m in self.model.mediators for what in ("first", "second")]
        return normal_draws(names, self.settings.draws, self.settings.seed + 1)

    def found(self, first_draws: int | None = None) -> Mediation:
        """The analysis; with the first so many draws only, where that is asked. Raises `Unestimable`."""
        draws = self.draws()
        try:
            made = mediate(
                self.columns, self.model, effects=self.effects, cluster=(self.settings.cluster or "", self.code),
                vcov=self.vcov, draws=replace(draws, values=draws.values[:first_draws]), normals=self.normals(),
                level=self.settings.level, rule=self.settings.percentiles,
            )  # fmt: skip
        except Undetermined as error:
            raise Unestimable(str(error)) from None
        return replace(made, notes=(*self.notes, *made.notes))


def names_of(study: Study, frame: pd.DataFrame) -> list[str]:
    """Names of all analyses of a study, groups in the order in which they sort."""
    return [name for name, *_ in _parts(study, frame)]


def prepare(study: Study, frame: pd.DataFrame) -> Iterator[tuple[str, Prepared | str]]:
    """Every analysis of a study: its name, and its sample or why it has none."""
    for name, settings, rows in _parts(study, frame):
        try:
            yield name, _prepared(study, frame, name, settings, rows)
        except Unestimable as error:
            yield name, str(error)


def _parts(study: Study, frame: pd.DataFrame) -> Iterator[tuple[str, MediationSettings, np.ndarray]]:
    for key, settings in study.mediation.items():
        if settings.by is None:
            yield f"mediation.{key}", settings, np.ones(len(frame), dtype=bool)
            continue
        column = frame[settings.by]
        labels = marks_of(frame).labels.get(settings.by, {})
        for level in sorted(column.dropna().unique(), key=lambda v: (isinstance(v, str), v)):
            name = labels.get(level) if list(labels.values()).count(labels.get(level, "")) == 1 else None
            yield (
                f"mediation.{key}.{name or name_of(level)}",
                settings,
                (column == level).to_numpy(dtype=bool, na_value=False),
            )


def _prepared(study: Study, frame: pd.DataFrame, name: str, s: MediationSettings, rows: np.ndarray) -> Prepared:
    from parity.base.errors import ColumnProblem
    from parity.data.evaluate import Panel, codes, condition, numeric

    panel = Panel.of(study)
    model = Model(str(s.outcome), str(s.treatment), tuple(map(str, s.mediators)), tuple(map(str, s.controls)))
    try:
        columns = {str(e): numeric(e, frame, panel) for e in (*s.controls, s.treatment, *s.mediators, s.outcome)}
        chosen = rows & condition(s.where, frame, panel) if s.where else rows
    except ColumnProblem as problem:
        raise Unestimable(str(problem)) from None
    effects = {e: codes(frame, (e,)) for e in s.absorb}
    cluster = frame[s.cluster].to_numpy() if s.cluster else np.arange(len(frame))
    known = frame[s.cluster].notna().to_numpy() if s.cluster else np.ones(len(frame), dtype=bool)
    keep = chosen & known & np.all([np.isfinite(c) for c in columns.values()], axis=0)
    for code in effects.values():
        keep &= code >= 0
    notes = [f"{int((chosen & ~keep).sum())} rows left out (missing values)"] if (chosen & ~keep).any() else []
    if effects and keep.any():
        alone = np.flatnonzero(keep)[~singletons_dropped({n: code[keep] for n, code in effects.items()})]
        keep[alone] = False
        notes += [f"{len(alone)} rows left out (singletons)"] if len(alone) else []
    if not keep.any():
        raise Unestimable("no row is left")
    labels, code = np.unique(cluster[keep], return_inverse=True)
    code = code if s.cluster else np.zeros(len(code), dtype=int)
    # rows by cluster and values: the order of the file moves no digit
    order = np.lexsort([*(c[keep] for c in columns.values()), code])
    at = np.flatnonzero(keep)[order]
    if not s.cluster:  # rows in the order of their values are clusters of one, so no draw depends on the file's order
        labels, code = np.arange(1, len(at) + 1), np.argsort(order)
    fresh = {n: _by_appearance(c[at]) for n, c in effects.items()}
    if len(labels) < 2:
        raise Unestimable("there is only one cluster")
    rank = len(columns) - 1 + sum(int(c.max()) + 1 for c in fresh.values())
    if len(at) <= rank:
        raise Unestimable(f"{len(at)} rows leave no degree of freedom for {rank} parameters")
    shown = tuple(map(name_of, labels.tolist()))
    return Prepared(name, s, model, {n: c[at] for n, c in columns.items()}, fresh, code[order], shown, tuple(notes))


def _by_appearance(code: np.ndarray) -> np.ndarray:
    """Codes from 0 in the order in which the rows show them."""
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]
