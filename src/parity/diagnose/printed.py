"""Which edits of the printed numbers can mend what still fails: one table of who touches what per set of terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from parity.diagnose.bench import Bench
from parity.diagnose.cause import Cause, Step
from parity.diagnose.layers import Path
from parity.diagnose.observed import Observed
from parity.diagnose.world import World


@dataclass(frozen=True)
class _Table:
    """Steps as they apply to any world with the same terms, and a mask (steps, targets) of what each can move."""

    steps: list[Step]
    touches: np.ndarray


class Printing:
    """Edits of finished numbers as paths, tried only where together they touch every number that fails."""

    def __init__(self, bench: Bench, observed: Observed, causes: Sequence[Cause]):
        self.bench, self.observed, self.causes = bench, observed, causes
        self._tables: dict[tuple, _Table] = {}

    def _table(self, world: World) -> _Table | None:
        core = self.bench.core(world)
        if core is None:
            return None
        key = (core.terms, world.renames, world.spec.formula, world.prints)
        if key not in self._tables:
            steps = [step for cause in self.causes for step in cause.steps(world, self.bench)]
            masks = [[s.world.prints[-1].touches(t.quantity, t.term) for t in self.observed.targets] for s in steps]
            self._tables[key] = _Table(steps, np.array(masks, dtype=bool).reshape(len(steps), len(self.observed.targets)))
        return self._tables[key]

    def paths(self, path: Path, most: int, failing: np.ndarray, one_number: bool) -> Iterator[Path]:
        """One edit, or two of different causes each of which is needed, that touch all that fails."""
        table = self._table(path.world)
        if table is None or most < 1:
            return
        taken = {s.cause.slot for s in path.steps}
        useful = [
            i for i in np.flatnonzero(table.touches[:, failing].any(axis=1))
            if table.steps[i].cause.slot not in taken and (one_number or not table.steps[i].cause.one_number)
        ]  # fmt: skip
        covers = table.touches[:, failing]
        for i in useful:
            if covers[i].all():
                yield self._then(path, table.steps[i])
        if most < 2:
            return
        for position, i in enumerate(useful):
            missing = ~covers[i]
            if not missing.any():
                continue
            for j in useful[position + 1 :]:
                if covers[j][missing].all() and table.steps[i].cause.slot != table.steps[j].cause.slot:
                    yield self._then(self._then(path, table.steps[i]), table.steps[j])

    @staticmethod
    def _then(path: Path, step: Step) -> Path:
        """The step as it applies to this path's own world."""
        return path.then(Step(step.cause, path.world.printed(step.world.prints[-1]), step.parameters))
