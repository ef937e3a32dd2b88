"""Coupling coordination degrees of a study (`[coupling.NAME]`), held against R's: one record each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from parity.analyses.conventions import Convention, other_values
from parity.analyses.coupling.degree import coordination
from parity.analyses.in_parts import Found
from parity.analyses.of_columns import Chosen, Numbers, OfColumns, compare_scaled
from parity.results.record import Comparison
from parity.study.analyses.panel_methods import CouplingSettings
from parity.study.study import Study

_FORMS = {
    "geometric": ("C is the geometric over the arithmetic mean.", "Liao (1999); of two, 2 sqrt(U1 U2)/(U1 + U2)"),
    "revised": ("C is of the revised form, which spreads it over [0, 1].", "Wang, Kong, Ren et al. (2021), equation 8"),
    "unscaled": ("C lacks the factor n, so that it is at most 1/n.", "met in print"),
}
_ROOTLESS = Convention("degree-without-root", "D is C T, without the root.", "D = C T",
                       edit=lambda of: {k: v**2 if k[0] in ("degree", "least degree", "largest degree") else v
                                        for k, v in of.items()})  # fmt: skip


class Couplings(OfColumns):
    section = "coupling"

    def expressions(self, settings: CouplingSettings) -> Sequence[Any]:
        return settings.of

    def conventions(self, study: Study, name: str) -> Iterator[Convention]:
        s = self.settings(study, name)
        yield from other_values(s, "form", _FORMS)
        if s.weights:
            text = "The systems weigh the same in T."
            yield Convention("equal-weights", text, "T = mean of U", settings=s.model_copy(update={"weights": None}))
        yield _ROOTLESS

    def find(self, part: Chosen) -> Found:
        found = coupling(part)
        return Found(found, found, part.notes)

    def ask_r(self, part: Chosen, folder: Path) -> dict[str, Any]:
        from parity.analyses.coupling.r import coupling_in_r

        return coupling_in_r(part)

    def compare(self, part: Chosen, answer: Mapping[str, Any], found: Found) -> Comparison:
        return compare_couplings(answer, found.own)


def coupling(part: Chosen) -> dict[str, dict[str, float]]:
    """coupling, index, degree by UNIT:PERIOD; of each period their means, the least and the largest degree.

    Rows without a degree are left out of all of them. Raises `Unestimable`.
    """
    s = part.settings
    found = coordination(np.column_stack(list(part.columns.values())), s.shares(), s.form)
    known = np.isfinite(found["degree"])
    terms = [f"{u}:{p}" for u, p in zip(part.units, part.periods, strict=True)]
    out = {q: {t: float(x) for t, x, k in zip(terms, v, known, strict=True) if k} for q, v in found.items()}
    for period, rows in part.by_period().items():
        rows = rows[known[rows]]
        if not len(rows):
            continue
        for quantity, values in found.items():
            out.setdefault(f"mean {quantity}", {})[period] = math.fsum(values[rows]) / len(rows)
        out.setdefault("least degree", {})[period] = float(found["degree"][rows].min())
        out.setdefault("largest degree", {})[period] = float(found["degree"][rows].max())
    return out


def compare_couplings(answer: Numbers, found: Numbers) -> Comparison:
    """All lie between 0 and 1."""
    return compare_scaled(answer, found, lambda quantity: 1.0)


ANALYSIS = Couplings()
