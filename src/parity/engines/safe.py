"""Design <-> data frame under safe names, so that no package ever parses a name that a user wrote.

y outcome, x1.. exogenous, d1.. endogenous, z1.. instruments, e1.. equations of several outcomes,
f1.. fixed effects, g1.. cluster variables, unit, time, w, o offset,
at1.. coordinates.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from parity.base.terms import ATHRHO, INTERCEPT, LNSIGMA, SIGMA, of_equation, of_process
from parity.sample.design import Design

if TYPE_CHECKING:
    import pandas as pd

#: A safe name with a number, and in a command also the outcome and the weights: never part of a longer word.
_NUMBERED = re.compile(r"(?<!\w)[xdzfg]\d+(?!\w)")
_ANY = re.compile(r"(?<!\w)(?:[xdzfg]\d+|[ywo])(?!\w|\()")


def numbered(letter: str, n: int) -> list[str]:
    """`x1`, `x2`, ... up to n."""
    return [f"{letter}{i + 1}" for i in range(n)]


def canonical_names(design: Design) -> dict[str, str]:
    """Safe name of each column, and of each coefficient where it has another (`e1:x1`, `/cut1`) -> its canonical name."""
    safe = numbered("x", len(design.x_names)) + numbered("d", len(design.endog_names))
    one = {INTERCEPT: INTERCEPT} | dict(zip(safe, design.x_names + design.endog_names, strict=True))
    if design.limits is not None:
        return one | {SIGMA: SIGMA}
    if design.arma is not None:
        return one | {name: name for name in of_process(*design.arma)}
    if design.joint:
        of = {s: name for s, name in one.items() if not s.startswith("d")} | instrument_names(design)
        ends = zip(numbered("d", len(design.endog_names)), design.endog_names, strict=True)
        first = {of_equation(d, s): of_equation(e, name) for d, e in ends for s, name in of.items()}
        return one | first | {ATHRHO: ATHRHO, LNSIGMA: LNSIGMA}
    if not design.outcomes:
        return one
    equations = zip(numbered("e", len(design.equations)), design.equations, strict=True)
    several = {of_equation(short, s): of_equation(e, name) for short, e in equations for s, name in one.items()}
    return one | several | {cut: cut for cut in design.cuts}


def effect_names(design: Design) -> dict[str, str]:
    """Safe name of each fixed effect -> its name in the spec."""
    return dict(zip(numbered("f", len(design.effects)), design.effects, strict=True))


def cluster_names(design: Design) -> dict[str, str]:
    """Safe name of each cluster variable -> its name in the spec."""
    return dict(zip(numbered("g", len(design.clusters)), design.clusters, strict=True))


def instrument_names(design: Design) -> dict[str, str]:
    """Safe name of each excluded instrument -> its canonical name."""
    return dict(zip(numbered("z", len(design.z_names)), design.z_names, strict=True))


def all_names(design: Design, outcome: str, weights: str = "", offset: str = "") -> dict[str, str]:
    """Safe name of every column -> what the study calls it."""
    columns = {s: name for s, name in canonical_names(design).items() if name in design.x_names + design.endog_names}
    found = {"y": outcome} | columns | effect_names(design) | cluster_names(design)
    found |= instrument_names(design) | ({"w": weights} if weights else {}) | ({"o": offset} if offset else {})
    return found


def in_words(text: str, names: dict[str, str], *, command: bool = False) -> str:
    """A package's message, or the command it was given, with the names of the study in place of safe ones."""
    return (_ANY if command else _NUMBERED).sub(lambda name: names.get(name[0], name[0]), text)


def columns(design: Design) -> dict[str, np.ndarray]:
    """The design's columns under safe names: float64 for numbers, int64 codes from 0 for effects, clusters, unit, time."""
    out: dict[str, np.ndarray] = {"y": design.y}
    for letter, block in (("x", design.x), ("d", design.endog), ("z", design.z)):
        out |= dict(zip(numbered(letter, block.shape[1]), block.T, strict=True))
    out |= dict(zip(effect_names(design), design.effects.values(), strict=True))
    out |= dict(zip(cluster_names(design), design.clusters.values(), strict=True))
    for name in ("unit", "time"):
        values = getattr(design, name)
        if values is not None:
            out[name] = values
    if design.weights is not None:
        out["w"] = design.weights
    if design.offset is not None:
        out["o"] = design.offset
    if design.located is not None:
        out |= dict(zip(numbered("at", design.located.at.shape[1]), design.located.at.T, strict=True))
    return out


def frame(design: Design) -> pd.DataFrame:
    """`columns` as a pandas frame."""
    import pandas as pd

    return pd.DataFrame({k: np.ascontiguousarray(v) for k, v in columns(design).items()})


def role(name: str, unit: str | None, time: str | None) -> str:
    """Whether a column is the panel's "unit", its "time", or "other"."""
    return "unit" if name == unit else "time" if name == time else "other"
