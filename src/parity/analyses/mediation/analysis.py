"""The mediation analyses of a study, held against R's refits of the same draws: one record each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.analyses.analysed import kept
from parity.analyses.frozen import answers_of, freeze_answers
from parity.analyses.run import R_FAILED, answers_in_r, answers_key, ask_r, plain
from parity.base.cache import AnswerCache
from parity.compare.lists import compare_numbers
from parity.results.analysis_page import AnalysisDetail
from parity.results.record import Analysed, Comparison, Record, named
from parity.study.study import Study

if TYPE_CHECKING:
    from parity.analyses.mediation.effects import Mediation
    from parity.analyses.mediation.sample import Prepared

REFERENCE, CANDIDATE = "base-r", "python"
#: Of the file with R's frozen answers.
NAME = "mediation"
#: Moves with what is compared: answers frozen before have a number less.
NUMBERS = "with the total effect by the delta method"


def mediation_records(
    study: Study, transport: str = "auto", timeout: float = 120.0, cache: AnswerCache | None = None
) -> tuple[Record, ...]:
    """A record for every analysis; empty where the study has none. Without R they say `unavailable`."""
    return mediation_analysed(study, transport, timeout, cache).records


def mediation_analysed(
    study: Study, transport: str = "auto", timeout: float = 120.0, cache: AnswerCache | None = None
) -> Analysed:
    """The records, and how the bootstrap's draws of the indirect and direct effects are distributed."""
    if not study.mediation:
        return Analysed()
    return kept(cache, answers_key(study, NAME, content(study), transport), lambda: _made(study, transport, timeout))


def content(study: Study) -> str:
    """SHA-256 of the data and of all that says what is analysed."""
    body = study.model_dump_json(include={"derive", "index", "mediation"}) + NUMBERS
    later = {"time_order", "time_step", "missing", "storage"}  # settings that came after numbers were frozen
    header = study.header.model_dump_json(exclude={"title", "made", *later})
    more = study.header.model_dump_json(include=later, exclude_defaults=True)
    header += more if more != "{}" else ""
    return hashlib.sha256("".join((study.data_hash(), header, body)).encode()).hexdigest()


def freeze_mediation(study: Study) -> tuple[Path, int] | None:
    """Record R's answers. Returns the file and how many; None where the study has no analysis."""
    if not study.mediation:
        return None
    answers = _ask(study, 3_600.0)
    return freeze_answers(study, NAME, content(study), answers), len(answers)


def _made(study: Study, transport: str, timeout: float) -> Analysed:
    from parity.analyses.mediation.sample import prepare
    from parity.base.errors import Unestimable
    from parity.data.load import load_frame

    parts = list(prepare(study, load_frame(study)))
    held = answers_of(study, NAME, content(study), transport, lambda: _ask(study, timeout * len(parts)))
    records: list[Record] = []
    details: list[AnalysisDetail] = []
    for name, part in parts:
        if isinstance(part, str):
            records.append(_record(study, name, "vacuous", part))
            continue
        try:
            whole, few = part.found(), part.found(part.settings.refits)
        except Unestimable as error:
            records.append(_record(study, name, "vacuous", str(error)))
            continue
        details.append(_detail(study, name, part, whole))
        answer = held.answers.get(name, {"failed": "R gave no answer"})
        if held.verdict:
            records.append(_record(study, name, held.verdict, held.note, held.how))
        elif "failed" in answer:
            records.append(_record(study, name, "failed", answer["failed"], held.how).model_copy(update=R_FAILED))
        else:
            result = compare_analyses(answer, few)
            records.append(Record(
                study=study.id, spec=name, kind="mediation", reference=REFERENCE, candidate=CANDIDATE,
                verdict=result.verdict, checked=result.checked, digits=result.digits, differences=result.differences,
                note="; ".join((*whole.notes, _refitted(part))), transport=held.how, numbers=named(printed(whole)),
            ))  # fmt: skip
    return Analysed(records=tuple(records), details=tuple(details))


def _detail(study: Study, name: str, part: Prepared, found: Mediation) -> AnalysisDetail:
    """Draws of the indirect effect, of each mediator's where there are several, and of the direct effect."""
    from parity.analyses.replicates.histogram import histogram

    model, s = found.model, part.settings
    wanted = {f"indirect {m}": f"indirect effect through {m}" for m in model.mediators}
    if len(model.mediators) > 1:
        wanted = {"indirect": "indirect effect, all mediators"} | wanted
    drawn = []
    for effect, said in (wanted | {"direct": "direct effect"}).items():
        intervals = [(i.method, i.low, i.high) for i in found.summaries[effect].intervals]
        intervals += [("monte-carlo", *ends) for m, ends in found.monte_carlo.items() if effect == f"indirect {m}"]
        drawn.append(histogram(said, found.replicates[effect], found.effects[effect], intervals))
    about = {
        "Path": f"{model.treatment} → {', '.join(model.mediators)} → {model.outcome}", "Estimated": s.describe(),
        "Draws": f"{s.draws:,} of {s.drawn}, seed {s.seed}", "Intervals": f"{100 * s.level:g} %",
    }  # fmt: skip
    return AnalysisDetail(study=study.id, spec=name, reference=REFERENCE, candidate=CANDIDATE, about=about,
                          histograms=tuple(h for h in drawn if h is not None))  # fmt: skip


def _refitted(part: Prepared) -> str:
    s = part.settings
    return f"R refitted {'the first ' if s.refits < s.draws else 'all '}{min(s.refits, s.draws):,} of {s.draws:,} draws"


def _record(study: Study, name: str, verdict: Any, note: str, transport: Any = "") -> Record:
    return Record(study=study.id, spec=name, kind="mediation", reference=REFERENCE, candidate=CANDIDATE, verdict=verdict,
                  note=note, transport=transport)  # fmt: skip


# ---------------------------------------------------------------- R's side


def _ask(study: Study, timeout: float) -> dict[str, Any]:
    from parity.analyses.mediation.sample import names_of
    from parity.data.load import load_frame

    return ask_r(answer_in_r, study, timeout, lambda: names_of(study, load_frame(study)))


def answer_in_r(study: Study) -> bytes:
    """JSON: name -> quantity -> term -> number or, for replicates, list; or {"failed": why}. Runs in a worker."""
    from parity.analyses.mediation.sample import prepare
    from parity.data.load import load_frame

    return answers_in_r(prepare(study, load_frame(study)), lambda part, folder: dict(_in_r(part, folder)))


def _in_r(part: Prepared, folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    from parity.analyses.mediation.r import analyse
    from parity.analyses.replicates.draws import write_draws

    write_draws(part.draws(), folder / "draws.tsv")
    write_draws(part.normals(), folder / "normals.tsv")
    r = analyse(
        part.columns, part.model, part.effects, part.code, draws=folder / "draws.tsv", normals=folder / "normals.tsv",
        vcov=part.vcov, level=part.settings.level, first_draws=part.settings.refits, percentiles=part.settings.percentiles,
    )  # fmt: skip
    yield "effect", dict(r.effects)
    yield "se", dict(r.se)
    for test in ("sobel", "aroian", "goodman"):
        yield f"se by {test}", {m: plain(tests[test]) for m, tests in r.tests.items()}
    yield "se by delta method", {"total": r.se_delta}
    yield "bootstrap se", dict(r.boot_se)
    for method in ("percentile", "bias-corrected", "bca"):
        for end, side in (("low", 0), ("high", 1)):
            yield f"{method} {end}", {e: plain(both[method][side]) for e, both in r.intervals.items()}
    for end, side in (("low", 0), ("high", 1)):
        yield f"monte-carlo {end}", {m: both[side] for m, both in r.monte_carlo.items()}
    yield "replicate", {e: [plain(v) for v in values.tolist()] for e, values in r.replicates.items()}


# ---------------------------------------------------------------- comparing


def numbers(found: Mediation) -> dict[str, dict[str, Any]]:
    """quantity -> term -> number, or list of replicates: all that is compared."""
    coefficients = {name: c.estimate for name, c in found.coefficients.items()}
    out: dict[str, dict[str, Any]] = {
        "effect": coefficients | dict(found.effects),
        "se": {name: c.se for name, c in found.coefficients.items()},
        **{f"se by {t}": {m: tests[t].se for m, tests in found.tests.items()} for t in ("sobel", "aroian", "goodman")},
        "se by delta method": {"total": found.delta.se},
        "bootstrap se": {e: s.se for e, s in found.summaries.items() if not _path(e)},
        "replicate": {e: v.tolist() for e, v in found.replicates.items() if not _path(e)},
    }
    for method in ("percentile", "bias-corrected", "bca"):
        for end in ("low", "high"):
            out[f"{method} {end}"] = {
                e: getattr(s.interval(method), end) for e, s in found.summaries.items() if not _path(e) and s.intervals
            }
    for end, side in (("low", 0), ("high", 1)):
        out[f"monte-carlo {end}"] = {m: both[side] for m, both in found.monte_carlo.items()}
    return out


def printed(found: Mediation) -> dict[str, dict[str, float]]:
    """quantity -> term -> number: all that a table or a page shows of an analysis, draws apart."""
    out = {k: v for k, v in numbers(found).items() if k != "replicate"}
    out |= {q: {name: getattr(c, q) for name, c in found.coefficients.items()} for q in ("t", "p")}
    for test in ("sobel", "aroian", "goodman"):
        out |= {f"{q} by {test}": {m: getattr(tests[test], q) for m, tests in found.tests.items()} for q in ("z", "p")}
    out |= {f"{q} by delta method": {"total": getattr(found.delta, q)} for q in ("z", "p")}
    draws = max((s.used for s in found.summaries.values()), default=0)
    return out | {q: {"": float(n)} for q, n in (("nobs", found.nobs), ("clusters", found.clusters), ("draws", draws))}


def _path(effect: str) -> bool:
    """Paths are compared as coefficients, and by their product in every draw."""
    return effect.startswith(("first ", "second "))


def compare_analyses(reference: dict[str, dict[str, Any]], found: Mediation) -> Comparison:
    """R's numbers against ours; an effect is judged on its own scale, or on that of its bootstrap standard error."""
    return compare_numbers(reference, numbers(found), {e: s.se for e, s in found.summaries.items()})
