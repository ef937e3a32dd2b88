"""Which model does each printed number of a mediation table come from?

Seen in the wild: a baseline with unit and time effects, followed by Stata's `sgmediation`, which runs plain `regress` three
times. The table then mixes two models: its total effect is the fixed-effects one, its paths are pooled OLS. One sign is that
total less direct is not the printed indirect effect. Here every subset of the fixed effects is estimated, and each printed
number is traced to those that round to it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from parity.analyses.mediation.effects import Mediation, Model, mediate
from parity.compare.printed import read_number

#: The form without any fixed effect: what sgmediation estimates.
POOLED = "pooled OLS"


@dataclass(frozen=True)
class Origin:
    """Where printed numbers come from.

    by_number   printed name -> forms of the model that round to it; empty where none does
    forms       the smallest set of forms that explains every number, one where the table is of one model
    trap        a sentence that names the mixture, or "" where there is none
    """

    by_number: Mapping[str, tuple[str, ...]]
    forms: tuple[str, ...]
    trap: str


def forms(
    columns: Mapping[str, np.ndarray], model: Model, effects: Mapping[str, np.ndarray], cluster: tuple[str, np.ndarray]
) -> dict[str, Mediation]:
    """The analysis under every subset of the fixed effects, all of them first: "unit and time", ..., "pooled OLS"."""
    subsets = [s for size in range(len(effects), -1, -1) for s in itertools.combinations(effects, size)]
    return {
        " and ".join(s) or POOLED: mediate(
            columns, model, effects={name: effects[name] for name in s}, cluster=cluster, vcov="CR1" if s else "iid"
        )
        for s in subsets
    }


def numbers(found: Mediation) -> dict[str, float]:
    """What a table may print: effects, z of the products' tests ("sobel M" ..), and "se first M" .. of coefficients."""
    out = dict(found.effects)
    for mediator, tests in found.tests.items():
        out |= {f"{name} {mediator}": test.z for name, test in tests.items()}
    return out | {f"se {name}": c.se for name, c in found.coefficients.items()}


def origin(printed: Mapping[str, str], found: Mapping[str, Mediation]) -> Origin:
    """Trace printed numbers (texts such as "0.352***") to forms. Raises `KeyError` for a name that `numbers` hasn't."""
    known = {form: numbers(analysis) for form, analysis in found.items()}
    traced: dict[str, tuple[str, ...]] = {}
    for name, text in printed.items():
        number = read_number(text)
        traced[name] = tuple(
            form for form, values in known.items() if abs(values[name] - number.value) <= number.half_unit * (1 + 1e-9)
        )
    explained = [forms_ for forms_ in traced.values() if forms_]
    used = next(
        (
            chosen
            for size in range(1, len(found) + 1)
            for chosen in itertools.combinations(found, size)
            if all(set(chosen) & set(forms_) for forms_ in explained)
        ),
        (),
    ) if explained else ()  # fmt: skip
    return Origin(traced, used, _trap(traced, used))


def _trap(traced: Mapping[str, tuple[str, ...]], used: tuple[str, ...]) -> str:
    if len(used) < 2:
        return ""
    parts = []
    for form in used:
        others = set(used) - {form}
        own = [name for name, forms_ in traced.items() if form in forms_ and not others & set(forms_)]
        parts.append(f"{', '.join(own)} from the model with {form}" if form != POOLED else f"{', '.join(own)} from {POOLED}")
    sentence = f"the table mixes models: {'; '.join(parts)}"
    if POOLED in used:
        sentence += ", as sgmediation after a fixed-effects baseline gives (it knows no absorbed effects)"
    return sentence + ". Total less direct is then no indirect effect"
