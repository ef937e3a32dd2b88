"""Group differences and wild bootstraps of a study, held against R's refits of the same draws: one record each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from parity.analysed import kept
from parity.analysis_detail import AnalysisDetail
from parity.asking_r import answers_in_r, answers_key, ask_r
from parity.cache import AnswerCache
from parity.compare_numbers import compare_numbers
from parity.record import Analysed, Record, named
from parity.references.answers import answers_of, freeze_answers
from parity.resample.prepared import Rows, names_of, prepare
from parity.resample.settings import DifferenceSettings
from parity.study import Study
from parity.tolerance import P_SCALE

REFERENCE, CANDIDATE = "base-r", "python"
#: Of the file with R's frozen answers.
NAME = "resampling"


def resampling_records(
    study: Study, transport: str = "auto", timeout: float = 120.0, cache: AnswerCache | None = None
) -> tuple[Record, ...]:
    """A record for every `[difference.NAME]` and `[wild.NAME]`. Without R they say `unavailable`."""
    return resampling_analysed(study, transport, timeout, cache).records


def resampling_analysed(
    study: Study, transport: str = "auto", timeout: float = 120.0, cache: AnswerCache | None = None
) -> Analysed:
    """The records, and how the draws of every permutation and wild bootstrap are distributed."""
    if not (study.difference or study.wild):
        return Analysed()
    return kept(cache, answers_key(study, NAME, content(study), transport), lambda: _made(study, transport, timeout))


def _made(study: Study, transport: str, timeout: float) -> Analysed:
    found = list(_judged(study, transport, timeout))
    return Analysed(records=tuple(r for r, _ in found), details=tuple(d for _, d in found if d is not None))


def content(study: Study) -> str:
    """SHA-256 of the data and of all that says what is analysed."""
    settings = study.model_dump_json(include={"difference", "wild"})
    used = dict.fromkeys(s.spec for s in (*study.difference.values(), *study.wild.values()))
    specs = [f"{name} {study.spec_hash(study.spec(name))}" for name in used]
    return hashlib.sha256("\n".join([study.data_hash(), settings, *specs]).encode()).hexdigest()


def freeze_resampling(study: Study) -> tuple[Path, int] | None:
    """Record R's answers. Returns the file and how many; None where the study has no such analysis."""
    if not (study.difference or study.wild):
        return None
    answers = _ask(study, 3_600.0)
    return freeze_answers(study, NAME, content(study), answers), len(answers)


def _judged(study: Study, transport: str, timeout: float) -> Iterator[tuple[Record, AnalysisDetail | None]]:
    from parity.data import load_frame
    from parity.errors import Unestimable
    from parity.resample.find import find
    from parity.resample.prepared import names_of, prepare

    limit = timeout * len(names_of(study))
    held = answers_of(study, NAME, content(study), transport, lambda: _ask(study, limit))
    for name, rows in prepare(study, load_frame(study)):
        if isinstance(rows, str):
            yield _record(study, name, "vacuous", rows), None
            continue
        try:
            whole, few = find(rows), find(rows, rows.settings.refits)
        except Unestimable as error:
            yield _record(study, name, "vacuous", str(error)), None
            continue
        shown = _detail(study, name, rows, whole)
        answer = held.answers.get(name, {"failed": "R gave no answer"})
        if held.verdict:
            yield _record(study, name, held.verdict, held.note, held.how), shown
        elif "failed" in answer:
            yield _record(study, name, "failed", answer["failed"], held.how), shown
        else:
            drawn = len(whole.get("replicate", ()))
            sides = [{q: {q: v} for q, v in side.items()} for side in (answer, few)]
            result = compare_numbers(*sides, _scales(whole))
            numbers = {q: {"": v} for q, v in whole.items() if q != "replicate"} | {"draws": {"": float(drawn)}}
            record = _record(study, name, result.verdict, "; ".join((*rows.notes, *_refitted(rows.settings.refits, drawn))),
                             held.how, checked=result.checked, digits=result.digits, differences=result.differences,
                             numbers=named(numbers))  # fmt: skip
            yield record, shown


def _detail(study: Study, name: str, rows: Rows, found: dict[str, Any]) -> AnalysisDetail | None:
    """The draws of a permutation or a wild bootstrap; None without draws."""
    from parity.resample.histogram import histogram, middle

    drawn, s = found.get("replicate"), rows.settings
    if not drawn:
        return None
    if isinstance(s, DifferenceSettings):
        what, estimate, p = f"difference of {rows.term} between groups", found["difference"], found["p permutation"]
        how = f"{'rows' if s.permute == 'rows' else 'whole clusters'} dealt out to the groups at random"
        group = re.sub(r"(?<!\w)\((\w+)\)", r"\1", str(s.group))  # parentheses around a name or number say nothing
        asked = {"Difference": f"{rows.term} in spec {s.spec}: where {group}, less the others"}
    else:
        what, estimate, p = f"t statistic of {rows.term}", found["t"], found["p"]
        how = f"residuals of whole clusters times {'random signs' if s.points == 'rademacher' else 'one of six numbers'}"
        asked = {"Test": f"{rows.term} = {s.null:g} in spec {s.spec}",
                 "Residuals": "of the model with the null imposed" if s.restricted else "of the full model",
                 f"{100 * s.level:g} % interval": _interval(found["low"], found["high"])}  # fmt: skip
    shown, most = histogram(what, drawn, estimate, filter(None, [middle(drawn)]), null=True), f"{len(drawn):,}"
    about = asked | {"Draws": f"{most}: {how}, seed {s.seed}", "p": f"{p:.6g}" if p else "0: no draw lies as far out"}
    return AnalysisDetail(study=study.id, spec=name, reference=REFERENCE, candidate=CANDIDATE, about=about,
                          histograms=() if shown is None else (shown,))  # fmt: skip


def _interval(low: float | None, high: float | None) -> str:
    ends = ["none" if end is None else f"{end:.6g}" for end in (low, high)]
    return f"nulls that the test doesn't reject: lower end {ends[0]}, upper end {ends[1]}"


def _scales(found: dict[str, Any]) -> dict[str, float]:
    """On what a number is judged that may lie near zero by itself: a standard error, one for t, the spread of replicates."""
    spread = float(np.nanstd(found["replicate"])) if found.get("replicate") else 0.0
    se = max((v for q, v in found.items() if q.startswith("se ")), default=spread)
    low, high = found.get("low"), found.get("high")
    width = 0.0 if low is None or high is None else high - low
    out = {"replicate": spread, "low": width, "high": width, "difference": se, "difference interaction": se, "first": se, "second": se}
    for q, v in found.items():
        method = q.partition(" ")[2]
        if q == "t" or q.startswith(("t ", "z ")):  # a relative error e of t moves p by about t^2 e of itself
            p = found.get(f"p {method}", 0.0)
            out |= {q: max(1.0, abs(v)), f"p {method}": max(p * max(1.0, v * v), P_SCALE)}
    return out


def _refitted(refits: int, drawn: int) -> list[str]:
    if not drawn:
        return []
    return [f"R refitted {'the first ' if refits < drawn else 'all '}{min(refits, drawn):,} of {drawn:,} draws"]


def _record(study: Study, name: str, verdict: Any, note: str, transport: Any = "", **found: Any) -> Record:
    kind: Any = name.split(".")[0]
    return Record(study=study.id, spec=name, kind=kind, reference=REFERENCE, candidate=CANDIDATE, verdict=verdict, note=note,
                  transport=transport, **found)  # fmt: skip


# ---------------------------------------------------------------- R's side


def _ask(study: Study, timeout: float) -> dict[str, Any]:
    return ask_r(answer_in_r, study, timeout, lambda: names_of(study))


def answer_in_r(study: Study) -> bytes:
    """JSON: name -> quantity -> number or list of replicates; or {"failed": why}. Runs in a worker."""
    from parity.data import load_frame
    from parity.r.resampling import analyse

    return answers_in_r(prepare(study, load_frame(study)), analyse)
