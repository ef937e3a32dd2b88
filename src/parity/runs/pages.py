"""Answers of one spec -> its `SpecDetail`: the numbers behind the verdicts. Pure; nothing is estimated here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from parity.base.quantities import OF_PAIRS, OF_TERMS
from parity.compare.forms import CALLED
from parity.compare.harmonise import Harmonised, Key, Unusable, harmonise
from parity.compare.other_profiles import outcomes
from parity.conventions.facts import Facts
from parity.conventions.formulas import Refused
from parity.export import scripts_of
from parity.results.estimate import Answer, Estimate
from parity.results.spec_page import EngineDetail, PrintedDetail, Sample, SpecDetail
from parity.runs.described import described
from parity.runs.plan import Entry
from parity.runs.worker import SpecFacts
from parity.study.published import Published
from parity.study.spec import Spec
from parity.study.study import Study


def detail_spec(
    study: Study, spec: Spec, counted: SpecFacts, answers: Sequence[tuple[Entry, Answer]], data_hash: str
) -> SpecDetail:
    """Everything a page shows of one spec. Answers that can't be brought to the convention are left out: their records
    say why.
    """
    facts = counted.facts
    sides = _sides(spec, counted, facts, answers) if facts else []
    quantities = _quantities([side for _, _, side in sides])
    terms = sides[0][1].terms if sides else counted.terms
    estimates = [(e, s) for _, e, s in sides]
    found, refused, refit = outcomes(spec, facts, terms, estimates) if facts and sides else ((), {}, {})
    return SpecDetail(
        study=study.id, spec=spec.id, study_title=study.header.title, **described(spec),
        settings=spec.convention.model_dump(exclude={"profile"}), sample=_sample(facts) if facts else None,
        terms=terms, quantities=quantities,
        engines=tuple(_engine(entry, estimate, side, quantities) for entry, estimate, side in sides),
        outcomes=found, refused=refused, refit=refit,
        published=_published([entry for entry in study.published if entry.spec == spec.id]),
        scripts=scripts_of(study, spec),
        data_hash=data_hash, spec_hash=study.spec_hash(spec),
    )  # fmt: skip


def _sides(
    spec: Spec, counted: SpecFacts, facts: Facts, answers: Sequence[tuple[Entry, Answer]]
) -> list[tuple[Entry, Estimate, Harmonised]]:
    """Estimates under the declared convention, that of the spec's reference first."""
    sides = []
    for entry, answer in answers:
        if not isinstance(answer, Estimate) or (entry.transport == "frozen" and entry.stale):
            continue
        try:
            sides.append((entry, answer, harmonise(answer, facts, spec, counted.spread)))
        except (Refused, Unusable):
            continue
    return sorted(sides, key=lambda side: side[1].engine != spec.reference)


def _quantities(sides: Sequence[Harmonised]) -> tuple[Key, ...]:
    """Keys that any side has, without the covariance's: terms first, then those of the whole model."""
    keys = dict.fromkeys(key for side in sides for key in side.quantities if key[0] not in OF_PAIRS)
    terms = dict.fromkeys(term for quantity, term in keys if quantity in OF_TERMS)
    ordered = [(quantity, term) for term in terms for quantity in OF_TERMS]
    return tuple([key for key in ordered if key in keys] + [key for key in keys if key[0] not in OF_TERMS])


def _engine(entry: Entry, estimate: Estimate, side: Harmonised, quantities: Sequence[Key]) -> EngineDetail:
    values = [side.quantities[key].value if key in side.quantities else None for key in quantities]
    return EngineDetail(
        engine=estimate.engine, transport=entry.transport, how=side.how, accuracy=side.accuracy,
        values=tuple(None if v is None or math.isnan(v) else v for v in values),
        versions=estimate.versions, command=estimate.command, warnings=estimate.warnings,
    )  # fmt: skip


def _sample(facts: Facts) -> Sample:
    clusters: Mapping[tuple[str, ...], int] = facts.clusters
    return Sample(
        nobs=facts.nobs, nobs_weighted=facts.nobs_weighted, missing=facts.n_missing, zero_weight=facts.n_zero_weight,
        singletons=facts.n_singletons, dropped=facts.dropped, levels={a.name: a.levels for a in facts.absorbed},
        nested={a.name: a.nested_in for a in facts.absorbed if a.nested_in},
        clusters={"^".join(s): g for s, g in clusters.items()} if clusters else {}, periods=facts.periods,
    )  # fmt: skip


def _published(entries: Sequence[Published]) -> tuple[PrintedDetail, ...]:
    return tuple(
        PrintedDetail(
            entry=i, quantity=_called(quantity, entry), term=term, text=text, source=entry.source, kind=entry.engine
        )
        for i, entry in enumerate(entries)
        for quantity, term, text in entry.numbers()
    )


def _called(quantity: str, entry: Published) -> str:
    """A quantity, or what it is of where exp(b) is printed."""
    if entry.printed == "coefficient" or quantity not in ("coef", "se", "vcov"):
        return quantity
    ratio = CALLED[entry.printed]
    return {"coef": ratio, "se": f"standard error of the {ratio}", "vcov": f"variance of the {ratio}"}[quantity]
