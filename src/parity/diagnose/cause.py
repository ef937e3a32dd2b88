"""Cause: a named convention or slip. Step: one cause with its parameters, applied to a scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from parity.diagnose.scenario import Scenario

if TYPE_CHECKING:
    from parity.diagnose.fitter import Fitter

Layer = Literal["design", "covariance", "convention", "printing"]
Group = Literal[
    "counting",
    "clusters",
    "distribution",
    "covariance",
    "iv",
    "weights",
    "sample",
    "model",
    "transformation",
    "printing",
    "arithmetic",
]
#: Most plausible first: solutions of one size are listed in this order.
GROUPS: tuple[Group, ...] = (
    "counting", "clusters", "distribution", "covariance", "iv", "weights", "printing", "sample", "model", "transformation",
    "arithmetic",
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """A cause applied: the scenario after it, and the parameters that name the variant ("unit" -> 3)."""

    cause: Cause
    scenario: Scenario
    parameters: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, eq=False)
class Cause:
    """One line of the catalogue.

    id            stable, in kebab case; the documentation page has the same name
    layer         what it changes: the design (hence the coefficients), the covariance, its scalar convention or the
                  distribution of t, or only what is printed
    slot          two causes of one slot exclude each other
    sentence, formula   templates; `parity.diagnose.sentences` fills in this spec's numbers and the parameters
    source        manual, paper or file of a package where the behaviour is written down
    how           what to type to get this behaviour, by software; where any is named, others have no way to give it
    avoids        what to type to get the behaviour that it departs from, by engine
    variants      the scenarios this cause makes of a scenario; none where it doesn't apply
    parametrised  the cause is a family with a free parameter, and may fit by chance
    keeps_coefficients   although it changes the design
    costly        whether it costs too much for a declared scenario; then it is left out and the answer says so
    cost          in causes; two where it changes many choices at once
    one_number    a slip of one single number, tried only where few numbers are wrong, and the last resort
    many          one variant for each row: tried only where coefficients or N say which, and not in pairs of the design
    unstable      no convention but a defect that comes and goes from run to run (hash seed, threads, order of rows)
    """

    id: str
    group: Group
    layer: Layer
    slot: str
    sentence: str
    formula: str
    source: str
    how: Mapping[str, str]
    variants: Callable[[Cause, Scenario, Fitter], Iterable[Step]] = field(repr=False)
    parametrised: bool = False
    keeps_coefficients: bool = False
    costly: Callable[[Scenario, Fitter], bool] = field(default=lambda scenario, fitter: False, repr=False)
    cost: int = 1
    one_number: bool = False
    many: bool = False
    unstable: bool = False
    avoids: Mapping[str, str] = field(default_factory=dict)

    def given_by(self, software: str) -> bool:
        """Whether this software has a way to give it; what no software is named for, such as a slip, any may give."""
        return not software or not self.how or software in self.how

    def steps(self, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        return self.variants(self, scenario, fitter)
