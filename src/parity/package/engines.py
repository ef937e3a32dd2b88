"""The estimates that columns are, in every engine: a study is written for them in a scratch folder and run as any other."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parity.package.estimates import Estimated
from parity.results.record import OF_DATA

if TYPE_CHECKING:
    from parity.results.record import Record


def in_every_engine(
    estimates: Sequence[Estimated], *, cache=None, progress=lambda done, total: None, jobs: int | None = None
) -> Mapping[int, str]:
    """An estimate's place -> what the engines say of it; those that no engine's grammar holds are left out."""
    from parity.runs import runner
    from parity.study.load import load_study
    from parity.translate.dofile import write_studies

    fits = [e.source.fit for e in estimates if e.known and e.source is not None and e.source.request is not None
            and not e.source.request.drawn]  # fmt: skip  # a spec has other standard errors than those that are drawn
    places = {id(e.source.fit): e.index for e in estimates if e.source is not None}
    if not fits:
        return {}
    out: dict[int, str] = {}
    with tempfile.TemporaryDirectory(prefix="parity-package-") as scratch:
        studies, of = [], {}
        groups: dict[int, list] = {}
        for fit in fits:
            groups.setdefault(id(fit.data.columns), []).append(fit)
        for i, group in enumerate(groups.values(), 1):
            for folder in write_studies(group, Path(scratch) / f"data{i}", f"data {i}"):
                study = load_study(folder)
                studies.append(study)
                waiting = list(group)
                for spec in study.specs:
                    fit = next(f for f in waiting if f.command.text[:100].replace('"', "'") == spec.title)
                    waiting.remove(fit)
                    of[study.id, spec.id] = places[id(fit)]
        if not studies:
            return {}
        report = runner.run(studies, cache=cache, progress=progress, jobs=jobs)
        by_spec: dict[tuple[str, str], list[Record]] = {}
        for record in report.records:
            by_spec.setdefault((record.study, record.spec), []).append(record)
        for key, place in of.items():
            out[place] = said(by_spec.get(key, []))
    return out


def said(records: Sequence[Record]) -> str:
    """`8 engines agree to at least 11.2 digits`, or who does not."""
    compared = [r for r in records if r.checked and r.digits is not None and r.kind not in OF_DATA]
    bad = sorted({r.candidate for r in records if not r.harmless})
    if bad:
        return f"not all engines agree: {', '.join(bad)}"
    if not compared:
        return "no other engine estimates it here"
    engines = {e for r in compared for e in (r.reference, r.candidate)}
    return f"{len(engines)} engines agree to at least {min(r.digits for r in compared if r.digits is not None):.1f} digits"
