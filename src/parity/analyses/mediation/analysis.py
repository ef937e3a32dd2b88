"""The mediation analyses of a study, held against R's refits of the same draws: one record each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.analyses.in_parts import Found, InParts, Nothing, refitted
from parity.base.values import plain
from parity.compare.lists import compare_numbers
from parity.results.analysis_page import Histogram
from parity.results.record import Comparison, Kind
from parity.study.analyses.registry import called
from parity.study.study import Study
from parity.study.table import TableSettings

if TYPE_CHECKING:
    from parity.analyses.mediation.effects import Mediation
    from parity.analyses.mediation.sample import Prepared

#: Moves with what is compared: answers frozen before have a number less.
NUMBERS = "with the total effect by the delta method"


class MediationAnalysis(InParts):
    name = "mediation"
    kinds = called("mediation")
    counted = "mediation analyses"

    def asked(self, study: Study) -> bool:
        return bool(study.mediation)

    def names(self, study: Study) -> Sequence[str]:
        from parity.analyses.mediation.sample import names_of
        from parity.data.load import load_frame

        return names_of(study, load_frame(study))

    def content(self, study: Study) -> str:
        body = study.model_dump_json(include={"derive", "index", "mediation"}) + NUMBERS
        later = {"time_order", "time_step", "missing", "storage"}  # settings that came after numbers were frozen
        header = study.header.model_dump_json(exclude={"title", "made", "language", *later})
        more = study.header.model_dump_json(include=later, exclude_defaults=True)
        header += more if more != "{}" else ""
        return hashlib.sha256("".join((study.data_hash(), header, body)).encode()).hexdigest()

    def in_tables(self, study: Study, tables: Sequence[TableSettings]) -> bool:
        return any(table.mediation or table.through for table in tables)

    def kind(self, name: str) -> Kind:
        return "mediation"

    def parts(self, study: Study) -> Iterator[tuple[str, Prepared | Nothing]]:
        from parity.analyses.mediation.sample import prepare
        from parity.data.load import load_frame

        for name, part in prepare(study, load_frame(study)):
            yield name, Nothing(part) if isinstance(part, str) else part

    def find(self, part: Prepared) -> Found:
        """The whole, and what R's refits of fewer draws are compared with."""
        s = part.settings
        whole, few = part.found(), part.found(s.refits)
        about, histograms = _page(part, whole)
        return Found(few, printed(whole), (*whole.notes, *refitted(s.refits, s.draws)), about=about, histograms=histograms)

    def ask_r(self, part: Prepared, folder: Path) -> dict[str, Any]:
        return dict(_in_r(part, folder))

    def compare(self, part: Prepared, answer: Mapping[str, Any], found: Found) -> Comparison:
        return compare_analyses(answer, found.own)


def _page(part: Prepared, found: Mediation) -> tuple[dict[str, str], tuple[Histogram, ...]]:
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
    return about, tuple(h for h in drawn if h is not None)


# ---------------------------------------------------------------- R's side


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


def compare_analyses(reference: Mapping[str, Mapping[str, Any]], found: Mediation) -> Comparison:
    """R's numbers against ours; an effect is judged on its own scale, or on that of its bootstrap standard error."""
    return compare_numbers(reference, numbers(found), {e: s.se for e, s in found.summaries.items()})


ANALYSIS = MediationAnalysis()
