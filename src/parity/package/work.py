"""How long the search for causes may go on: counted in rows of data gone through, so that the same package gives
the same report on a busy machine as on an idle one."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from parity.base.watching import Stopped

#: Rows that a whole package's search may go through, and one column's: some six seconds and a minute of a processor of 2024.
MOST, OF_COLUMN = 450_000_000, 45_000_000
#: Rows that any step costs, however few the data have (a fit of forty regressors on eighty rows costs more than that); how
#: many steps the estimate of another request takes.
LEAST, OF_ESTIMATE = 5_000, 10
#: As how many steps of least squares one of a likelihood of several outcomes counts.
OF_CATEGORIES = 60
#: Seconds of the processor after which one column's search ends whatever was counted; steps between two looks at the clock.
GUARD, LOOKS = 90.0, 64


@dataclass
class Work:
    """left: rows that the package's searches may still go through; unfinished: places of columns whose search had to end

    answers: what was asked, and answered, before: the same column stands in a .tex, an .rtf and a log
    """

    left: float = MOST
    column: float = OF_COLUMN
    unfinished: dict[str, set[int]] = field(default_factory=dict)
    answers: dict[Hashable, tuple[Any, bool]] = field(default_factory=dict)

    def of(self, exhibit: str, number: int, rows: int) -> Search:
        return Search(self, exhibit, number, rows)


@dataclass
class Search:
    """The search for the causes of one column. rows: of its data"""

    work: Work
    exhibit: str
    number: int
    rows: int
    spent: float = 0.0
    began: float = field(default_factory=time.thread_time)
    steps: int = 0
    late: bool = False

    def step(self, times: int = 1) -> None:
        """Raises `Stopped` where it has gone through as many rows as it may."""
        rows = times * (self.rows + LEAST)
        self.steps += 1
        if self.steps % LOOKS == 0:  # the clock costs more than most steps
            self.late = time.thread_time() - self.began > GUARD
        self.spent += rows
        self.work.left -= rows
        if self.over:
            raise Stopped("its time is over")

    def once(self, key: Hashable, ask: Callable[[], Any]) -> Any:
        """What `ask` answers, asked once of a package; a search that had to end before is unfinished here too."""
        if key not in self.work.answers:
            answer = ask()
            self.work.answers[key] = answer, self.over
        answer, ended = self.work.answers[key]
        if ended:
            self.work.unfinished.setdefault(self.exhibit, set()).add(self.number)
        return answer

    @property
    def over(self) -> bool:
        """Whether it has to end; then it is kept as unfinished."""
        ended = self.work.left <= 0 or self.spent > self.work.column or self.late
        if ended:
            self.work.unfinished.setdefault(self.exhibit, set()).add(self.number)
        return ended


def said(work: Work) -> Iterator[tuple[str, str]]:
    """(exhibit, sentence) of each whose columns weren't searched to the end."""
    for exhibit, numbers in work.unfinished.items():
        columns = ", ".join(map(str, sorted(numbers)))
        yield (
            exhibit,
            f"the search for causes ended before all were tried (column {columns}): it goes through so many rows of data in "
            "a column and in a package, and no more",
        )
