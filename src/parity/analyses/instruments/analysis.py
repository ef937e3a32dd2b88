"""Diagnostics of a study's instruments (`diagnostics = true` in a spec), held against R's: one record a spec."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.analyses.in_parts import ForSpecs, Found, OfSpec
from parity.base import tolerance
from parity.base.quantities import QUANTITIES
from parity.compare.agree import comparison, hold
from parity.results.record import Comparison
from parity.study.analyses.registry import called
from parity.study.spec import Spec
from parity.study.study import Study
from parity.study.table import OF_INSTRUMENTS, TableSettings

if TYPE_CHECKING:
    from parity.analyses.instruments.statistics import Diagnostics, Errors
    from parity.sample.design import Design

#: What is compared of `Diagnostics`, beside the first stages.
STATISTICS = tuple(q.name for q in QUANTITIES if q.of == "instruments" and q.name not in ("first_stage", "stock_yogo"))


def errors_of(spec: Spec) -> tuple[Errors, str | None] | None:
    """Kind of errors that a spec's covariance allows for, and its cluster variable; None where there are no diagnostics."""
    kind, clusters = spec.vcov.kind, spec.vcov.cluster
    if kind == "iid":
        return "iid", None
    if kind.startswith("HC"):
        return "robust", None
    return ("cluster", clusters[0]) if len(clusters) == 1 else None


def why_none(spec: Spec) -> str:
    """Why a spec has no diagnostics, or ""."""
    if not spec.iv:
        return "it has no instruments"
    if spec.weights:
        return "diagnostics take no weights"
    return "" if errors_of(spec) else "diagnostics are for homoskedastic, heteroskedastic or one-way clustered errors"


class Instruments(ForSpecs):
    name = "diagnostics"
    kinds = called("diagnostics")
    counted = "diagnostics of instruments"
    found_first = True

    def specs(self, study: Study) -> Sequence[Spec]:
        return [spec for spec in study.specs if spec.diagnostics]

    def why_not(self, spec: Spec) -> str:
        return why_none(spec)

    def in_tables(self, study: Study, tables: Sequence[TableSettings]) -> bool:
        return any(set(table.shown) & set(OF_INSTRUMENTS) for table in tables)

    def found(self, study: Study, name: str) -> Iterable[tuple[str, Mapping[str, float | None]]]:
        """Of any spec with instruments, whether it asks for diagnostics or not."""
        from parity.data.load import load_frame

        spec = study.spec(name.split(".", 1)[1])
        if why := why_none(spec):
            raise LookupError(why)
        return self.find(OfSpec(study, spec, load_frame(study))).printed.items()

    def find(self, part: OfSpec) -> Found:
        from parity.analyses.instruments.statistics import diagnose

        found = diagnose(*_sides(part))
        return Found(found, printed(found))

    def ask_r(self, part: OfSpec, folder: Path) -> dict[str, Any]:
        from parity.analyses.instruments.r import diagnose_in_r

        return dict(diagnose_in_r(*_sides(part)))

    def compare(self, part: OfSpec, answer: Mapping[str, Any], found: Found) -> Comparison:
        return compare_diagnostics(answer, found.own)


def _sides(part: OfSpec) -> tuple[Design, Errors, str | None]:
    """What both sides are given. Raises `Unestimable`."""
    errors = errors_of(part.spec)
    assert errors is not None
    return part.design(), *errors


def compare_diagnostics(reference: Mapping[str, Any], found: Diagnostics) -> Comparison:
    """Every statistic, R's against ours; what only one side has is a difference."""
    pairs = [(name, "", reference.get(name), _value(getattr(found, name))) for name in STATISTICS]
    stages = list(reference.get("first_stage") or [])
    for i, (term, stage) in enumerate(found.first_stage.items()):
        pairs.append(("first_stage", term, stages[i] if i < len(stages) else None, stage.value))
    rows = []
    for quantity, term, a, b in pairs:
        if a is None and b is None:  # an exactly identified model has no test of overidentification
            continue
        size = max(1.0, abs(b) if b is not None else 0.0)
        allowed = tolerance.NORMAL_EQUATIONS * size if math.isfinite(size) else 0.0  # statistics solve with moments
        rows.append((quantity, term, a, b, hold(a, b, allowed, size, infinite=False)))
    return comparison(rows)


def printed(found: Diagnostics) -> dict[str, dict[str, float]]:
    """quantity -> "" or term -> number: every statistic, its p, and Stock and Yogo's critical values."""
    whole = {name: getattr(found, name) for name in STATISTICS}
    out: dict[str, dict[str, float]] = {}
    for name, statistic in whole.items():
        if statistic is not None:
            out[name] = {"": _value(statistic)}
            out |= {} if isinstance(statistic, float) else {f"{name} p": {"": statistic.p}}
    out["first_stage"] = {term: stage.value for term, stage in found.first_stage.items()}
    out["first_stage p"] = {term: stage.p for term, stage in found.first_stage.items()}
    return out | {"stock_yogo": dict(found.stock_yogo)}


def _value(statistic: Any) -> float | None:
    return statistic if statistic is None or isinstance(statistic, float) else statistic.value


ANALYSIS = Instruments()
