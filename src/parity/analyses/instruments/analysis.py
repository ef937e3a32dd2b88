"""Diagnostics of a study's instruments (`diagnostics = true` in a spec), held against R's: one record a spec."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from parity.analyses.frozen import answers_of, freeze_answers
from parity.analyses.run import R_FAILED, answers_in_r, answers_key, ask_r
from parity.base import tolerance
from parity.base.cache import AnswerCache
from parity.base.values import EXACT_JSON
from parity.compare.numbers import digits
from parity.results.record import Comparison, Difference, Record, named
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    from parity.analyses.instruments.statistics import Diagnostics, Errors
    from parity.sample.design import Design

REFERENCE, CANDIDATE = "base-r", "python"
#: Of the file with R's frozen answers.
NAME = "diagnostics"
#: What is compared of `Diagnostics`, beside the first stages.
STATISTICS = (
    "underidentified", "rank_wald", "cragg_donald_f", "weak_f", "overidentified", "anderson_rubin_f", "anderson_rubin_chi2",
    "endogeneity", "wu_hausman",
)  # fmt: skip
_RECORDS: TypeAdapter = TypeAdapter(tuple[Record, ...], config=EXACT_JSON)


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


def iv_records(
    study: Study, transport: str = "auto", timeout: float = 120.0, cache: AnswerCache | None = None
) -> tuple[Record, ...]:
    """A record for every spec that asks for diagnostics. Without R they say `unavailable`."""
    asked = [spec for spec in study.specs if spec.diagnostics]
    if not asked:
        return ()
    cache = cache if cache is not None else AnswerCache(None)
    key = answers_key(study, NAME, content(study, asked), transport)
    kept = cache.get(key)
    if kept is not None:
        return _RECORDS.validate_json(kept)
    records = tuple(_records(study, asked, transport, timeout))
    if all(r.checked or r.verdict == "declined" for r in records):  # a failure may be of the day, not of the content
        cache.put(key, _RECORDS.dump_json(records))
    return records


def content(study: Study, asked: list[Spec]) -> str:
    """SHA-256 of the data and of the specs asked for."""
    specs = [f"{spec.id} {study.spec_hash(spec)}" for spec in asked]
    return hashlib.sha256("\n".join([study.data_hash(), *specs]).encode()).hexdigest()


def freeze_diagnostics(study: Study) -> tuple[Path, int] | None:
    """Record R's answers. Returns the file and how many; None where no spec asks for them."""
    asked = [spec for spec in study.specs if spec.diagnostics]
    if not asked:
        return None
    answers = _ask(study, 600.0)
    return freeze_answers(study, NAME, content(study, asked), answers), len(answers)


def _records(study: Study, asked: list[Spec], transport: str, timeout: float) -> Iterator[Record]:
    from parity.analyses.instruments.statistics import diagnose
    from parity.base.errors import Unestimable
    from parity.data.load import load_frame

    frame = load_frame(study)
    held = answers_of(study, NAME, content(study, asked), transport, lambda: _ask(study, timeout))
    for spec in asked:
        why = why_none(spec)
        if why:
            yield _record(study, spec, "declined", f"never: {why}")
            continue
        try:
            ours = diagnose(_design(study, spec, frame), *errors_of(spec))  # type: ignore[misc]
        except Unestimable as error:
            yield _record(study, spec, "vacuous", str(error))
            continue
        answer = held.answers.get(spec.id, {"failed": "R gave no answer"})
        if held.verdict:
            yield _record(study, spec, held.verdict, held.note, held.how)
        elif "failed" in answer:
            yield _record(study, spec, "failed", answer["failed"], held.how).model_copy(update=R_FAILED)
        else:
            result = compare_diagnostics(answer, ours)
            yield _record(study, spec, result.verdict, "", held.how, result).model_copy(
                update={"numbers": named(printed(ours))}
            )


def _design(study: Study, spec: Spec, frame: Any) -> Design:
    from parity.sample.build import build_design

    return build_design(study, spec, frame)


def _record(
    study: Study, spec: Spec, verdict: Any, note: str, transport: Any = "", result: Comparison | None = None
) -> Record:
    found = {} if result is None else {"checked": result.checked, "digits": result.digits, "differences": result.differences}
    return Record(
        study=study.id, spec=f"diagnostics.{spec.id}", kind="diagnostics", reference=REFERENCE, candidate=CANDIDATE,
        verdict=verdict, note=note, transport=transport, **found,
    )  # fmt: skip


def _ask(study: Study, timeout: float) -> dict[str, Any]:
    return ask_r(answer_in_r, study, timeout, lambda: [spec.id for spec in study.specs])


def answer_in_r(study: Study) -> bytes:
    """JSON: spec -> statistic -> value, or {"failed": why}. Runs in a worker."""
    from parity.analyses.instruments.r import diagnose_in_r
    from parity.analyses.instruments.statistics import diagnose
    from parity.data.load import load_frame

    frame = load_frame(study)

    def analyse(spec: Spec, _: Path) -> dict[str, Any]:
        design, errors = _design(study, spec, frame), errors_of(spec)
        assert errors is not None
        diagnose(design, *errors)  # what has no value in exact arithmetic is no question: `Unestimable`
        return dict(diagnose_in_r(design, *errors))

    return answers_in_r(((spec.id, spec) for spec in study.specs if spec.diagnostics and not why_none(spec)), analyse)


def compare_diagnostics(reference: dict[str, Any], found: Diagnostics) -> Comparison:
    """Every statistic, R's against ours; what only one side has is a difference."""
    pairs = [(name, "", reference.get(name), _value(getattr(found, name))) for name in STATISTICS]
    stages = list(reference.get("first_stage") or [])
    for i, (term, stage) in enumerate(found.first_stage.items()):
        pairs.append(("first_stage", term, stages[i] if i < len(stages) else None, stage.value))
    checked, least, differences = 0, tolerance.MOST_DIGITS, []
    for quantity, term, a, b in pairs:
        if a is None and b is None:  # an exactly identified model has no test of overidentification
            continue
        checked += 1
        size = max(1.0, abs(b) if b is not None else 0.0)
        shared = 0.0 if a is None or b is None else tolerance.MOST_DIGITS if a == b else digits(abs(a - b), size)
        allowed = tolerance.NORMAL_EQUATIONS * size if math.isfinite(size) else 0.0  # statistics solve with moments
        least = min(least, shared)
        if a is None or b is None or not abs(a - b) <= allowed:
            differences.append(
                Difference(quantity=quantity, term=term, reference=a, candidate=b, digits=shared, allowed=allowed)
            )
    return Comparison(checked=checked, digits=least, differences=tuple(differences))


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
