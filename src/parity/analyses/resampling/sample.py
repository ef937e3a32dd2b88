"""What a study resamples beside mediation, and its data -> the rows that both languages are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from parity.analyses.replicates.draws import Draws, group_draws, wild_draws
from parity.analyses.resampling.pairs import Pairs, pairs_of
from parity.analyses.resampling.wild import Clustering
from parity.base.errors import Unestimable
from parity.base.values import name_of
from parity.conventions.facts import combine, is_nested, subsets
from parity.sample.build import build_design, singletons_dropped
from parity.sample.design import Design
from parity.study.analyses.resampling import BootstrapSettings, DifferenceSettings, WildSettings, tested
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Rows:
    """One sample of n rows.

    columns   regressors, name -> (n,), the term that is tested last; y (n,) the outcome
    effects   name -> (n,) codes from 0; code (n,) of the clusters, in the order of `labels`
    first     (n,) rows of the first group (all of them where there are no groups)
    names     of the rows: unit and time where the study has them
    notes     rows left out, and why
    clustering   of a wild bootstrap by several cluster variables; code is then of their intersection's cells, and labels
              are those that the factors go by
    """

    name: str
    settings: DifferenceSettings | WildSettings
    columns: Mapping[str, np.ndarray]
    y: np.ndarray
    effects: Mapping[str, np.ndarray]
    cluster: str
    code: np.ndarray
    labels: tuple[str, ...]
    first: np.ndarray
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    clustering: Clustering | None = None

    @property
    def regressors(self) -> tuple[str, ...]:
        return tuple(self.columns)

    @property
    def term(self) -> str:
        return self.regressors[-1]

    def group_draws(self) -> Draws | None:
        """Random groups of clusters or of rows; None without a permutation. Raises `Unestimable`."""
        s = self.settings
        if not isinstance(s, DifferenceSettings) or "permutation" not in s.method:
            return None
        if s.permute == "rows":
            return group_draws(self.names, int(self.first.sum()), s.draws, s.seed)
        return group_draws(self.labels, int(self.members().sum()), s.draws, s.seed)

    def members(self) -> np.ndarray:
        """(G,) clusters of the first group. Raises `Unestimable` where the group changes within one."""
        if not is_nested(self.code, self.first.astype(np.int64)):
            what = f"the group changes within {self.cluster}"
            raise Unestimable(f'{what}: whole units can\'t be dealt out; write permute = "rows"')
        inside = np.zeros(len(self.labels), dtype=bool)
        inside[self.code] = self.first
        return inside

    def wild_draws(self) -> Draws:
        s = self.settings
        assert isinstance(s, WildSettings)
        return wild_draws(self.labels, s.draws, s.seed, s.points)


def names_of(study: Study) -> list[str]:
    return list(_analyses(study))


def _analyses(study: Study) -> dict[str, DifferenceSettings | WildSettings | BootstrapSettings]:
    kinds = {"difference": study.difference, "wild": study.wild, "bootstrap": study.bootstrap}
    return {f"{kind}.{name}": settings for kind, of_kind in kinds.items() for name, settings in of_kind.items()}


def prepare(study: Study, frame: pd.DataFrame) -> Iterator[tuple[str, Rows | Pairs | str]]:
    """Every analysis of a study: its name, and its rows or why it has none."""
    for name, settings in _analyses(study).items():
        try:
            made = pairs_of if isinstance(settings, BootstrapSettings) else _rows
            yield name, made(study, frame, name, settings)
        except Unestimable as error:
            yield name, str(error)


def _rows(study: Study, frame: pd.DataFrame, name: str, settings: DifferenceSettings | WildSettings) -> Rows:
    spec = study.spec(settings.spec)
    design = build_design(study, spec, frame)
    term = tested(settings, spec)
    if term not in design.x_names:
        raise Unestimable(f"`{term}` is no coefficient of spec {spec.id}: {', '.join(design.x_names)}")
    first, notes = np.ones(design.nobs, dtype=bool), []
    if isinstance(settings, DifferenceSettings):
        design, first, notes = _grouped(study, design, frame, settings)
    order = [n for n in design.x_names if n != term] + [term]
    columns = {n: design.x[:, design.x_names.index(n)] for n in order}
    if len(spec.vcov.cluster) > 1:
        return _several_ways(study, frame, name, settings, spec, design, columns)
    cluster = spec.vcov.cluster[0]
    values = frame[cluster].to_numpy()[design.rows]
    labels, code = np.unique(values, return_inverse=True)
    shown = tuple(map(name_of, labels.tolist()))
    effects = {n: np.unique(c, return_inverse=True)[1] for n, c in design.effects.items()}
    return Rows(name, settings, columns, design.y, effects, cluster, code, shown, first,
                _names(study, frame, design), tuple(notes))  # fmt: skip


def _several_ways(
    study: Study, frame: pd.DataFrame, name: str, settings: WildSettings, spec: Spec, design: Design,
    columns: Mapping[str, np.ndarray],
) -> Rows:  # fmt: skip
    """Rows of a wild bootstrap by several cluster variables."""
    names = spec.vcov.cluster
    codes = {c: np.unique(frame[c].to_numpy()[design.rows], return_inverse=True)[1] for c in names}
    cell = combine([codes[c] for c in names])
    first = np.unique(cell, return_index=True)[1]  # one row of each cell
    joint = {s: combine([codes[c] for c in s]) for s in subsets(names)}
    each = spec.convention.cluster_groups == "each"
    parts = []
    for subset, code in joint.items():
        groups = int(code.max()) + 1
        parts.append(((-1.0) ** (len(subset) - 1) * (groups / (groups - 1) if each else 1.0), code[first]))
    chosen = settings.bootcluster or names
    boot = joint[tuple(c for c in names if c in chosen)]
    labels = tuple(f"{' and '.join(chosen)} {i + 1}" for i in range(int(boot.max()) + 1))
    effects = {n: np.unique(c, return_inverse=True)[1] for n, c in design.effects.items()}
    return Rows(
        name, settings, columns, design.y, effects, " and ".join(names), cell, labels, np.ones(design.nobs, dtype=bool),
        _names(study, frame, design), (), Clustering(boot[first], tuple(parts)),
    )  # fmt: skip


def _grouped(
    study: Study, design: Design, frame: pd.DataFrame, settings: DifferenceSettings
) -> tuple[Design, np.ndarray, list[str]]:
    """The rows of either group, without those that are alone in a fixed effect of their group."""
    from parity.base.errors import ColumnProblem
    from parity.data.evaluate import Panel, condition
    from parity.study.formula import Operation

    panel = Panel.of(study)
    try:
        yes, no = (condition(e, frame, panel)[design.rows] for e in (settings.group, Operation("not", (settings.group,))))
    except ColumnProblem as problem:
        raise Unestimable(f"group: {problem}") from None
    notes = []
    keep = yes | no
    if not keep.all():
        notes.append(f"{int((~keep).sum())} rows left out (in no group)")
    design, yes = design.take(keep), yes[keep]
    if design.effects and design.nobs:
        within = {n: combine([c, yes.astype(np.int64)]) for n, c in design.effects.items()}
        kept = singletons_dropped(within)
        if not kept.all():
            notes.append(f"{int((~kept).sum())} rows left out (singletons of their group)")
        design, yes = design.take(kept), yes[kept]
    if not yes.any() or yes.all():
        raise Unestimable(f"the {'second' if yes.any() else 'first'} group has no row")
    return design, yes, notes


def _names(study: Study, frame: pd.DataFrame, design: Design) -> tuple[str, ...]:
    keys = [k for k in (study.header.unit, study.header.time) if k]
    if len(keys) < 2:
        return tuple(f"row {r + 1}" for r in design.rows)
    unit, time = (frame[k].to_numpy()[design.rows] for k in keys)
    return tuple(" ".join(f"{u} {t}".split()) for u, t in zip(unit, time, strict=True))


def of_group(rows: Rows, mask: np.ndarray) -> Rows:
    """Some of the rows, codes of effects closed up; clusters keep theirs."""
    return replace(
        rows, columns={n: c[mask] for n, c in rows.columns.items()}, y=rows.y[mask],
        effects={n: np.unique(c[mask], return_inverse=True)[1] for n, c in rows.effects.items()},
        code=rows.code[mask], first=rows.first[mask], names=tuple(np.array(rows.names, dtype=object)[mask]),
    )  # fmt: skip


__all__ = ["Pairs", "Rows", "Spec", "names_of", "of_group", "prepare"]
