"""An estimate from a Parquet file larger than memory, in passes over its row groups, here or on workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from parity.algebra import streamed
from parity.algebra.moments import Solution, Undetermined
from parity.base.cluster import Cluster
from parity.base.errors import Unestimable
from parity.conventions.facts import Absorbed, Facts, subsets
from parity.engines.own.kept_passes import KeptPasses, Passed
from parity.results.estimate import Estimate, Part, Reported
from parity.sample.design import INTERCEPT
from parity.sample.streamed import Chunk, NotStreamed, Source, merged, ready, source, with_levels
from parity.study.spec import Spec
from parity.study.study import Study


@dataclass(frozen=True)
class Streamed:
    """estimate: uncorrected, as any engine's; facts: what was counted; passes: over the whole file."""

    estimate: Estimate
    facts: Facts
    passes: int


class Passes:
    """Runs functions of chunks over a source, and counts how often. What is kept of an earlier time is not run again."""

    def __init__(self, of: Source, cluster: Cluster | None, kept: Passed):
        self.of, self.cluster, self.kept, self.count = of, cluster, kept, 0

    def of_rows(self, function: Callable[..., Any], *values: Any) -> Iterator[Any]:
        """function(rows, *values) of every chunk, in order."""
        return self.of_chunks(_of_rows, function, *values)

    def of_chunks(self, function: Callable[..., Any], *values: Any) -> Iterator[Any]:
        number, shared = self.count, (self.of, function, values)
        self.count += 1
        there = {i for i in range(len(self.of.chunks)) if self.kept.has(number, i)}
        left = [(i, chunk) for i, chunk in enumerate(self.of.chunks) if i not in there]
        arriving, waiting = self._answers(shared, left), {}
        for i in range(len(self.of.chunks)):
            if i in there:
                yield self.kept.answer(number, i)
                continue
            while i not in waiting:
                arrived, answer = next(arriving)
                self.kept.keep(number, arrived, answer)
                waiting[arrived] = answer
            yield waiting.pop(i)

    def _answers(self, shared: tuple, left: list[tuple[int, Chunk]]) -> Iterator[tuple[int, Any]]:
        """As they come."""
        if self.cluster is not None and left:
            return self.cluster.each(_task, shared, left)
        return ((i, _task(shared, chunk)) for i, chunk in left)


def _task(shared: tuple[Source, Callable[..., Any], tuple], chunk: Chunk) -> Any:
    of, function, values = shared
    return function(of, chunk, *values)


def _of_rows(of: Source, chunk: Chunk, function: Callable[..., Any], *values: Any) -> Any:
    return function(of.rows(chunk), *values)


def estimate(
    study: Study, spec: Spec, path: Path, cluster: Cluster | None = None, engine: str = "own",
    kept: KeptPasses | None = None,
) -> Streamed:  # fmt: skip
    """engine: whose answer it is; kept: where passes are kept as they go.

    Raises `NotStreamed`, `Unestimable`, `InputError` where workers are lost, `OSError`.
    """
    of = source(study, spec, path)
    passed = (kept or KeptPasses(None)).of(of)
    with passed.in_use():
        return _estimate(Passes(of, cluster, passed), path, engine)


def _estimate(passes: Passes, path: Path, engine: str) -> Streamed:
    said = np.zeros(len(passes.of.names) + 2)

    def counted() -> Iterator[dict[tuple[str, ...], np.ndarray]]:
        for more, levels in passes.of_chunks(Source.singles):
            said[:] += more
            yield levels

    passes.of = with_levels(passes.of, merged(counted()))
    nobs, missing = int(said[-2]), int(said[-1])
    if nobs == 0:
        raise Unestimable("no row is left")
    if any(len(key) > 1 for key in passes.of.keys):
        passes.of = with_levels(passes.of, merged(passes.of_chunks(Source.combinations)))
    passes.of = of = ready(passes.of, said[:-2] / nobs)
    shift = np.zeros(len(of.names)) if of.shift is None else of.shift
    levels = [len(of.levels[key]) for key in of.order]
    try:
        net = streamed.absorbed(passes.of_rows, levels, len(of.names), shift)
    except streamed.Unsettled as error:
        raise NotStreamed(str(error)) from None
    facts = _facts(passes, of, net, missing)
    fit = _solved(of, net)
    covariances = _covariances(passes, of, net, fit)
    k, free = len(fit.terms), net.triangle[1:, -1] if of.names[0] == INTERCEPT else net.triangle[:, -1]
    within = float(free @ free)
    stats = {"r2": 1 - fit.ssr / (float(net.about[-1]) if of.order else within)}
    stats |= {"r2_within": 1 - fit.ssr / within} if of.order else {}
    found = Estimate(
        engine=engine, terms=fit.terms, coef=tuple(fit.coef.tolist()),
        parts=tuple(Part(cluster=s, matrix=tuple(map(tuple, m.tolist()))) for s, m in covariances.items()),
        basis="uncorrected", stats=stats,
        reported=Reported(nobs=nobs, df_resid=nobs - facts.absorbed_rank - k),
        accuracy="exact" if net.exact else "iterative",
        command=f"{passes.count} passes over {len(of.chunks)} chunks of {path.name}; {net.steps} conjugate gradients",
    )  # fmt: skip
    return Streamed(found, facts, passes.count)


def _solved(of: Source, net: streamed.Absorbed) -> Solution:
    formula = of.spec.formula
    first = (INTERCEPT,) if of.names[0] == INTERCEPT else ()
    exog = (*first, *map(str, formula.exog))
    try:
        return streamed.solved(
            net, of.names, of.names[-1], exog, tuple(map(str, formula.endog)), tuple(map(str, formula.instruments))
        )
    except Undetermined as error:
        raise NotStreamed(f"{error}, and which columns to leave out isn't decided from chunks") from None


def _covariances(passes: Passes, of: Source, net: streamed.Absorbed, fit: Solution) -> dict[tuple[str, ...], np.ndarray]:
    if of.spec.vcov.kind == "iid":
        return {(): fit.bread * (fit.ssr / net.nobs)}
    clusters = {s: len(of.levels[s]) for s in subsets(of.spec.vcov.cluster)}
    return streamed.sandwiches(passes.of_rows, net, fit, clusters)


def _facts(passes: Passes, of: Source, net: streamed.Absorbed, missing: int) -> Facts:
    """What conventions read, counted over all chunks."""
    spec = of.spec
    lone = any(bool(np.any(count == 1)) for count in net.counts)
    if lone and spec.convention.singletons == "drop":
        raise NotStreamed("singletons, which its convention leaves out, can't be left out by chunks of rows")
    levels = {key: len(of.levels[key]) for key in of.order}
    absorbed = tuple(
        Absorbed(e.name, levels[tuple(e.columns)], tuple(c for c in spec.vcov.cluster if _nested(passes, of, e.columns, c)))
        for e in spec.formula.effects
    )
    parts = streamed.components(passes.of_rows, net.counts) if len(of.order) == 2 else 0
    intercept = of.names[0] == INTERCEPT
    return Facts(
        nobs=net.nobs, nobs_weighted=float(net.nobs), n_slopes=len(spec.formula.exog) + len(spec.formula.endog) + intercept,
        intercept=intercept, absorbed=absorbed, components={(0, 1): parts} if parts else {},
        absorbed_rank=sum(levels.values()) - parts, clusters={s: len(of.levels[s]) for s in subsets(spec.vcov.cluster)},
        n_missing=missing, lone=lone,
    )  # fmt: skip


def _nested(passes: Passes, of: Source, columns: Sequence[str], cluster: str) -> bool:
    key = tuple(columns)
    if cluster in key:
        return True
    return streamed.nested(passes.of_rows, of.order.index(key), len(of.levels[key]), (cluster,))
