"""Where each model of a spec stands: engines, real data, miniatures, planted errors, packages as they are, scripts.

    PYTHONPATH=tests python -m models
    python tests/models.py --declared

A row a model, and beside it with effects, instruments or steps where other code answers them. *Specs*: of bundled studies;
*real*: those whose data are not made up. *Python*, *R*: engines that agreed with the reference in a run, R as frozen;
the reference counts for its own language. *Miniature*: how many of them the dense oracle agreed with. *Planted*: whether
`planted` draws from it, or with which flag. *As shipped*: engines whose packages' defaults agreed or were explained.
*Scripts*: languages of `parity export`. A place without anything is `-`. With --declared nothing runs: what engines and
miniature take by their own declaration of the specs on real data, in seconds; `tests/engines/test_places_of_models.py` holds
every model to it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import get_args

from conftest import FIXTURES
from miniatures import miniature
from parity.engines import registry
from parity.engines.shipped import AsShipped
from parity.export import scripts_of
from parity.results.record import Record
from parity.runs import runner
from parity.study.load import load_study
from parity.study.models import OF_DYNAMIC, Model
from parity.study.spec import Spec
from parity.study.study import Study
from planted import DYNAMIC, beyond_least_squares, plantable

#: Studies whose data are made up, to be hard.
MADE = ("hard_cases", "digital_trade")
MINIATURE = "miniature"
HEADS = ("model", "specs", "real", "Python", "R", "miniature", "planted", "as shipped", "scripts")


def rows_of(spec: Spec) -> Iterable[str]:
    """The rows of the table that a spec is in."""
    yield spec.model
    if spec.model == "ols" and spec.iv:
        yield "ols, instruments"
    if spec.formula.effects and spec.likelihood:
        yield f"{spec.model}, effects"
    if spec.model == "gmm" and spec.moments:
        yield f"gmm, {spec.moments.steps} steps" if spec.moments.steps != 1 else "gmm, one step"


def languages(records: Sequence[Record], verdicts: tuple[str, ...]) -> dict[str, set[str]]:
    """py and r -> engines of records with these verdicts, and the references that they agree with."""
    out: dict[str, set[str]] = defaultdict(set)
    for r in records:
        if r.verdict in verdicts:
            for name in (r.candidate, r.reference) if r.mode == "harmonised" else (r.candidate,):
                language, _, package = name.partition("-")
                if language in ("py", "r"):
                    out[language].add(package)
    return out


def table(studies: Sequence[Study]) -> str:
    engines = [*registry().values(), miniature(MINIATURE)]
    harmonised = runner.run(studies, engines=engines, transport="frozen").records
    records = [
        r for r in (*harmonised, *runner.run(studies, transport="frozen", as_shipped=True).records) if r.kind == "estimate"
    ]
    of_spec: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for r in records:
        of_spec[r.study, r.spec].append(r)
    members: dict[str, list[tuple[Study, Spec]]] = {name: [] for name in get_args(Model)}
    for study in studies:
        for spec in study.specs:
            for row in rows_of(spec):
                members.setdefault(row, []).append((study, spec))
    lines = [f"| {' | '.join(HEADS)} |", "|---|---:|---:|---|---|---:|---|---|---|"]
    for row, specs in sorted(members.items()):
        own = [r for study, spec in specs for r in of_spec[study.id, spec.id]]
        agreed = languages([r for r in own if r.mode == "harmonised"], ("agree",))
        shipped = languages([r for r in own if r.mode == "as-shipped"], ("agree", "explained"))
        scripts = {language for study, spec in specs for language in scripts_of(study, spec)}
        cells = [
            row, str(len(specs)), str(sum(study.id not in MADE for study, _ in specs)),
            *(", ".join(sorted(agreed[x])) or "-" for x in ("py", "r")),
            str(sum(r.candidate == MINIATURE and r.verdict == "agree" for r in own) or "-"),
            ", ".join(sorted(where_planted(specs))) or "-",
            ", ".join(sorted(shipped["py"] | shipped["r"])) or "-", ", ".join(sorted(scripts)) or "-",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


# ---------------------------------------------------------------- what is declared

#: Where a model must stand -> what to add where it doesn't.
PLACES = {
    "Python": "an engine in Python that takes it: its `gaps`, and its fit, in a folder of src/parity/engines",
    "R": "an engine in R that takes it: src/parity/engines, and r_scripts/engines",
    "miniature": "its estimate by dense algebra apart from parity's own: tests/dense_{models,series,panels}.py",
    "planted": "a spec of a bundled study on real data, of which `planted` draws",
    "as shipped": "its obvious command in an engine's shipped.py, and the model in BEYOND of src/parity/engines/shipped.py",
}
#: Places that a model doesn't have, and why not: none by now.
WITHOUT: dict[tuple[str, str], str] = {}


def where_planted(specs: Iterable[tuple[Study, Spec]]) -> set[str]:
    """With which flags `planted` draws from specs: "yes" without one."""
    drawn = {"--models" if beyond_least_squares(spec) else "yes" for _, spec in specs if plantable(spec)}
    return drawn | {"--dynamic" for study, spec in specs if study.id == DYNAMIC and spec.model in OF_DYNAMIC}


def declared(studies: Sequence[Study]) -> dict[str, dict[str, set[str]]]:
    """Model -> place -> what stands there, of specs of studies on real data and by declaration alone."""
    engines, small = list(registry().values()), miniature(MINIATURE)
    found: dict[str, dict[str, set[str]]] = {m: {p: set() for p in PLACES} for m in get_args(Model)}
    for study in studies:
        header = study.header
        for spec in study.specs if study.id not in MADE else ():
            places = found[spec.model]
            places["planted"] |= where_planted([(study, spec)])
            for engine in engines:
                language, _, package = engine.info.id.partition("-")
                if engine.declines(spec, header.unit, header.time) is None:
                    places["Python" if language == "py" else "R"].add(package)
                if AsShipped(engine).declines(spec, header.unit, header.time) is None:
                    places["as shipped"].add(package)
            if small.declines(spec, header.unit, header.time) is None:
                places["miniature"].add("yes")
    return found


def to_add(found: dict[str, dict[str, set[str]]], model: str) -> list[str]:
    """What to add for a model, a sentence a place that it doesn't have and `WITHOUT` doesn't name."""
    lacks = [place for place, there in found[model].items() if not there and (model, place) not in WITHOUT]
    return [f"{model} has no place `{place}`; add {PLACES[place]}" for place in lacks]


def declared_table(studies: Sequence[Study]) -> str:
    lines = [f"| model | {' | '.join(PLACES)} |", "|---" * (len(PLACES) + 1) + "|"]
    for model, places in declared(studies).items():
        cells = [", ".join(sorted(places[p])) or f"- ({WITHOUT.get((model, p), '?')})" for p in PLACES]
        lines.append(f"| {model} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    every = [load_study(path) for path in sorted(FIXTURES.glob("*/study.toml"))]
    print(declared_table(every) if "--declared" in sys.argv[1:] else table(every))
