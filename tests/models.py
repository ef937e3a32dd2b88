"""Where each model of a spec stands: engines, real data, miniatures, planted errors, packages as they are, scripts.

    PYTHONPATH=tests python -m models

A row a model, and beside it with effects, instruments or steps where other code answers them. *Specs*: of bundled studies;
*real*: those whose data are not made up. *Python*, *R*: engines that agreed with the reference in a run, R as frozen;
the reference counts for its own language. *Miniature*: how many of them the dense oracle agreed with. *Planted*: whether
`planted` draws from it, or `planted --models`. *As shipped*: engines whose packages' defaults agreed or were explained.
*Scripts*: languages of `parity export`. A place without anything is `-`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import get_args

from conftest import FIXTURES
from miniatures import miniature
from parity.engines import registry
from parity.export import scripts_of
from parity.results.record import Record
from parity.runs import runner
from parity.study.load import load_study
from parity.study.models import Model
from parity.study.spec import Spec
from parity.study.study import Study
from planted import beyond_least_squares

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
            "-" if not specs else "--models" if beyond_least_squares(specs[0][1]) else "yes",
            ", ".join(sorted(shipped["py"] | shipped["r"])) or "-", ", ".join(sorted(scripts)) or "-",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table([load_study(path) for path in sorted(FIXTURES.glob("*/study.toml"))]))
