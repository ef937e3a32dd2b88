"""What an audit infers beyond each specification's own t: the whole curve under the null, and wild cluster bootstraps."""

from __future__ import annotations

from typing import Literal

from parity.base.values import Value


class JointStatistic(Value):
    """A number of the whole curve, its p from draws under the null, and (5, 50, 95 %) quantiles of the draws."""

    name: Literal["median", "share", "stouffer"]
    observed: float
    p: float
    at_least: int
    null: tuple[float, float, float]


class JointInference(Value):
    """how         how the draws were made, in words
    significant  specifications whose step-down p is below `level`; least: the smallest of these p
    base         the audited specification's: by itself, and adjusted
    """

    draws: int
    level: float
    how: str = ""
    statistics: tuple[JointStatistic, ...]
    direction: int
    significant: int
    least: float
    base: tuple[float, float] | None = None
    missing: int = 0


class WildP(Value):
    """The p of a specification by t, and by a wild cluster bootstrap of so many clusters and draws."""

    which: str
    spec: int
    clusters: int
    draws: int
    p: float
    wild: float
