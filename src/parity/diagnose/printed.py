"""Which edits of the printed numbers can mend what still fails: one table of who touches what per set of terms."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from parity.diagnose.catalogue.edits import CountIs
from parity.diagnose.cause import Cause, Step
from parity.diagnose.combinations import Path
from parity.diagnose.fitter import Fitter
from parity.diagnose.numbers import Numbers, PrintEdit
from parity.diagnose.observed import Observed
from parity.diagnose.scenario import Scenario
from parity.diagnose.slips import Slips


@dataclass(frozen=True)
class _Table:
    """Steps as they apply to any scenario with the same terms; S of them.

    touches      (S, targets) what each can move
    slots        (S,) the number of its cause's slot, as `names` has it; one_number: whether it is a slip of a single number
    multiplier   (S, k) what it multiplies the coefficients by, and slack (S,): up to which share of them it moves them
                 beside that, infinite for what isn't a multiplication
    place        (S, k) which coefficient stands in the place of each, and value (S, k): what stands there instead, NaN
                 where no other number does; of_others (S,): whether that is all that it does to them
    late         (S,) whether it acts after the others: on the table, not on the estimate behind it
    count        (S,) the N that it prints; NaN where it leaves N alone
    """

    steps: list[Step]
    touches: np.ndarray
    names: dict[str, int]
    slots: np.ndarray
    one_number: np.ndarray
    multiplier: np.ndarray
    slack: np.ndarray
    place: np.ndarray
    value: np.ndarray
    of_others: np.ndarray
    late: np.ndarray
    count: np.ndarray
    slips: Slips


class Printing:
    """Edits of finished numbers, tried only where together they touch every number that fails.

    weighed: how many edits touched all that failed, without and with a slip of a single number, those included that
    bring the coefficients to within a factor of two of the observed ones only
    """

    def __init__(self, fitter: Fitter, observed: Observed, causes: Sequence[Cause]):
        self.fitter, self.observed, self.causes = fitter, observed, causes
        self.weighed = np.zeros(2, dtype=int)
        self._tables: dict[tuple, _Table] = {}
        self._seen: dict[PrintEdit, tuple[list[bool], bool]] = {}
        self._place = {cause: place for place, cause in enumerate(causes)}

    def _table(self, scenario: Scenario, terms: tuple[str, ...], counts: bool = False) -> _Table | None:
        """terms: as they are named by now; counts: whether other counts than the declared ones matter, which are costly to
        know where there was no fit."""
        core = self.fitter.core(scenario)
        if core is None or (counts and self.fitter.facts(scenario) is None):
            return None
        key = (terms, scenario.renames, scenario.spec.formula, scenario.prints, id(core) if counts else 0)
        if key not in self._tables:
            every = [step for cause in self.causes for step in cause.steps(scenario, self.fitter)]
            seen = [self._sees(step.scenario.prints[-1]) for step in every]
            steps = [step for step, (_, can_be) in zip(every, seen, strict=True) if can_be]
            masks = [touches for touches, can_be in seen if can_be]
            effects = [s.scenario.prints[-1].on_coefficients(terms) for s in steps]
            elsewhere = [s.scenario.prints[-1].from_elsewhere(terms) for s in steps]
            own = np.arange(len(terms)), np.full(len(terms), np.nan)
            slots = {slot: i for i, slot in enumerate(dict.fromkeys(s.cause.slot for s in steps))}
            self._tables[key] = _Table(
                steps, np.array(masks, dtype=bool).reshape(len(steps), len(self.observed.targets)),
                slots, np.array([slots[s.cause.slot] for s in steps], dtype=int),
                np.array([s.cause.one_number for s in steps], dtype=bool),
                np.array([m for m, _ in effects], dtype=float).reshape(len(steps), len(terms)),
                np.array([slack for _, slack in effects], dtype=float),
                np.array([(e or own)[0] for e in elsewhere], dtype=int).reshape(len(steps), len(terms)),
                np.array([(e or own)[1] for e in elsewhere], dtype=float).reshape(len(steps), len(terms)),
                np.array([e is not None for e in elsewhere], dtype=bool),
                np.array([not s.scenario.prints[-1].moves_estimate for s in steps], dtype=bool),
                np.array([_count(s.scenario.prints[-1]) for s in steps], dtype=float),
                Slips([s.scenario.prints[-1] for s in steps], self.observed),
            )  # fmt: skip
        return self._tables[key]

    def _sees(self, edit: PrintEdit) -> tuple[list[bool], bool]:
        """Which observed numbers an edit touches, and whether all of these in full precision can be what it has left behind:
        the same for every table in which it stands."""
        if edit not in self._seen:
            touches = [edit.touches(t.quantity, t.term) for t in self.observed.targets]
            exact = (t for t, there in zip(self.observed.targets, touches, strict=True) if there and t.decimals is None)
            self._seen[edit] = touches, all(edit.can_leave(t.value) for t in exact)
        return self._seen[edit]

    def steps(
        self, path: Path, most: int, failing: np.ndarray, one_number: bool, numbers: Numbers
    ) -> Iterator[tuple[Step, ...]]:
        """One edit, or two of different causes, that touch all that fails. One of two may touch all by itself: a cut or a
        float moves every number a little, and mends no slip beside it.

        numbers: the path's, before the edit
        """
        table = self._table(path.scenario, numbers.terms, counts=self._only_counts(failing))
        if table is None or most < 1:
            return
        taken = {s.cause.slot for s in path.steps}
        covers = table.touches[:, failing]
        free = ~np.isin(table.slots, [n for slot, n in table.names.items() if slot in taken])
        useful = np.flatnonzero(covers.any(axis=1) & free & (~table.one_number | one_number))
        whole = covers[useful].all(axis=1)
        alone = useful[whole][:, None]
        self._weigh(table, numbers, alone)
        for i in alone[self._reaches(table, numbers, alone), 0]:
            yield (table.steps[i],)
        if most < 2 or not len(useful):
            return
        missing = ~covers[useful]
        slip = table.one_number[useful]
        together = missing.astype(float) @ missing.T.astype(float) == 0
        together &= ~(whole[:, None] & (slip[:, None] | slip[None, :]))  # of few digits any would do
        together &= table.slots[useful][:, None] != table.slots[useful][None, :]
        couples = useful[np.argwhere(np.triu(together, 1))]
        self._weigh(table, numbers, couples)
        for i, j in couples[self._reaches(table, numbers, couples)]:
            yield table.steps[i], table.steps[j]

    def then(self, path: Path, steps: Iterable[Step]) -> Path:
        """The path with these edits, as they apply to its own scenario, in the order in which the catalogue has them: what a
        column holds is decided before it is rounded."""
        own = [s for s in path.steps if s.cause.layer == "printing"]
        if own:
            before = tuple(s for s in path.steps if s not in own)
            cost = path.cost - sum(s.cause.cost for s in own)
            path = Path(replace(path.scenario, prints=()), before, cost, path.profile)
        for step in sorted((*own, *steps), key=lambda s: self._place[s.cause]):
            path = path.then(Step(step.cause, path.scenario.printed(step.scenario.prints[-1]), step.parameters))
        return path

    def _only_counts(self, failing: np.ndarray) -> bool:
        of_counts = self.observed.of_counts
        return bool((failing & of_counts).any() and (~failing | of_counts).all())

    def _weigh(self, table: _Table, numbers: Numbers, chosen: np.ndarray) -> None:
        """Count the edits of each row of (m, .) that may hit: N is the observed one, coefficients are near."""
        index, value, _ = self.observed.coefficients(numbers.terms)
        if not len(chosen):
            return
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = numbers.coef[index] * table.multiplier[chosen][:, :, index].prod(axis=1)
            near = (np.abs(np.log(moved / value)) <= math.log(2.0)) | (value == 0)
        may = near.all(axis=1) | np.isinf(table.slack[chosen]).any(axis=1)
        if self.observed.nobs is not None:
            may &= (np.isnan(table.count[chosen]) | (table.count[chosen] == self.observed.nobs)).all(axis=1)
        self.weighed += np.bincount(table.one_number[chosen[may]].any(axis=1), minlength=2)

    def _reaches(self, table: _Table, numbers: Numbers, chosen: np.ndarray) -> np.ndarray:
        """(m,) whether the edits of each row of (m, .) may bring the coefficients to the observed ones."""
        index, value, allowed = self.observed.coefficients(numbers.terms)
        if not len(index) or not len(chosen):
            return np.ones(len(chosen), dtype=bool)
        moved = _moved(table, numbers, chosen)[:, index]
        slack = np.where(table.of_others, 0.0, table.slack)[chosen].sum(axis=1)[:, None]
        with np.errstate(invalid="ignore"):
            near = ((np.abs(moved - value) <= 4 * allowed + slack * np.abs(moved)) | np.isinf(slack)).all(axis=1)
        fit = table.slips.fit(numbers)
        for i, one in enumerate(chosen.T):  # unless the other edit moves the same number
            others = np.delete(chosen, i, axis=1)
            near &= fit[one] | table.touches[others, table.slips.target[one][:, None]].any(axis=1)
        return near


def _moved(table: _Table, numbers: Numbers, chosen: np.ndarray) -> np.ndarray:
    """(m, k) coefficients after the edits of each row of (m, .), in the order in which they act; `slack` apart."""
    moved = np.broadcast_to(numbers.coef, (len(chosen), len(numbers.coef)))
    for step in np.take_along_axis(chosen, np.argsort(table.late[chosen], axis=1, kind="stable"), axis=1).T:
        others = table.value[step]
        moved = np.take_along_axis(moved, table.place[step], axis=1) * table.multiplier[step]
        moved = np.where(np.isnan(others), moved, others)
    return moved


def _count(edit: PrintEdit) -> float:
    return edit.count if isinstance(edit, CountIs) else math.nan


def edits(steps: Iterable[Step]) -> tuple[PrintEdit, ...]:
    """The edit that each step adds."""
    return tuple(step.scenario.prints[-1] for step in steps)
