"""Needs: how much of what an engine holds at once, as data in its `info`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parity.sample.design import Design


#: Bytes of a double.
DOUBLE = 8


@dataclass(frozen=True)
class Needs:
    """How much an engine holds at once.

    copies     of the columns that it is given: outcome, regressors, instruments, codes; in doubles
    dummies    copies of a dense column for each level of the fixed effects
    clusters   copies of a dense column for each cluster
    Measured with benchmarks/million_rows.py.
    """

    copies: float = 12.0
    dummies: float = 0.0
    clusters: float = 0.0

    def parts(self, design: Design) -> dict[str, float]:
        """What it holds -> columns of n doubles."""
        own = 1 + len(design.terms) + design.z.shape[1] + len(design.effects) + len(design.clusters)
        levels = sum(effect.levels for effect in design.facts.absorbed)
        groups = sum(n for subset, n in design.facts.clusters.items() if len(subset) == 1)
        held = {"columns": (self.copies, own), "dummies": (self.dummies, levels), "clusters": (self.clusters, groups)}
        return {f"{copies:g} x {n:,} {what}": copies * n for what, (copies, n) in held.items() if copies * n}

    def bytes(self, design: Design) -> float:
        """Of one estimate on a design of n rows."""
        return DOUBLE * design.nobs * sum(self.parts(design).values())


#: Of an engine that says nothing.
DEFAULT_NEEDS = Needs()
