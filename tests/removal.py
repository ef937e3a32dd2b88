"""What each cause of the catalogue is needed for: taken out, a record of a run as shipped must turn to a disagreement.

    PYTHONPATH=tests python -m removal --markdown docs/evidence/removal.md

The answers of the engines are those of `parity run --as-shipped` (from its cache, or frozen); only the diagnosis is
repeated, with a smaller catalogue. A record whose every explanation holds the cause is diagnosed again without it. Where
each record has another explanation beside it, which these data can't tell apart, the causes that stand in are taken out
as well.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from parity import engines as registry
from parity.base.cache import AnswerCache, default_folder
from parity.base.tolerance import EXACT
from parity.data.load import load_frame
from parity.diagnose.catalogue import CAUSES
from parity.diagnose.fitter import Fitter
from parity.engines.base import Engine
from parity.results.estimate import Estimate
from parity.results.record import Record
from parity.runs.ask import TIMEOUT, Asking
from parity.runs.plan import Transport
from parity.runs.shipped.explain import explain
from parity.runs.shipped.plan import plan_shipped
from parity.runs.shipped.rounds import answered, judge_shipped, to_explain
from parity.study.load import load_study
from parity.study.spec import Spec
from parity.study.study import Study

FIXTURES = Path(__file__).parent.parent / "fixtures"
#: Records that are tried for one cause before it counts as not needed.
MOST_TRIES = 6


@dataclass(frozen=True)
class Explained:
    """One record, its explanations as sets of causes, and the estimates they explain."""

    record: Record
    study: Study
    spec: Spec
    given: tuple[Estimate, Estimate, Estimate | None]

    @property
    def name(self) -> str:
        return f"{self.record.study}/{self.record.spec}, {self.record.candidate}"

    @property
    def alternatives(self) -> tuple[frozenset[str], ...]:
        numbers = dict.fromkeys(c.alternative for c in self.record.causes)
        return tuple(frozenset(c.id for c in self.record.causes if c.alternative == n) for n in numbers)


@dataclass(frozen=True)
class Removal:
    """What became of a cause: the record that disagrees without it, and what had to be taken out beside it."""

    cause: str
    records: int
    turned: str = ""
    beside: tuple[str, ...] = ()

    @property
    def needed(self) -> bool:
        return bool(self.turned)


def explained(
    studies: Sequence[Study], *, engines: Sequence[Engine] | None = None, specs: Sequence[str] = (),
    transport: Transport = "auto", cache: AnswerCache | None = None, jobs: int | None = None,
) -> list[Explained]:  # fmt: skip
    """Every explained record of a run as shipped, with its estimates; engines and specs as in `parity.runs.runner.run`."""
    asking = Asking(cache or AnswerCache(None), jobs or os.cpu_count() or 1, TIMEOUT, lambda done, total: None)
    chosen = tuple(engines or registry.registry().values())
    wanted = [[s for s in study.specs if not specs or s.id in specs] for study in studies]
    plans = [plan_shipped(study, own, chosen, transport) for study, own in zip(studies, wanted, strict=True)]
    records = {(r.study, r.spec, r.candidate): r for rs in judge_shipped(plans, asking) for r in rs if r.causes}
    cases, found = answered(plans, asking)
    out = []
    for case in cases:
        for held in case.candidates:
            record = records.get((case.plan.study.id, case.spec.id, held.entry.engine.info.id))
            if record is not None and held.differs:
                out.append(Explained(record, case.plan.study, case.spec, to_explain(case, held, found)))
    return out


def disagrees(one: Explained, without: Iterable[str], fitter: Fitter) -> tuple[bool, frozenset[str]]:
    """Whether the record disagrees with these causes out of the catalogue; else the causes that explain it instead.

    A run as shipped leaves residuals of 1e-9 at most: an explanation that leaves more, because the engine's arithmetic is
    known to lose digits, isn't one here.
    """
    left = tuple(c for c in CAUSES if c.id not in set(without))
    found = explain(one.study, one.spec, fitter.original, *one.given, catalogue=left, fitter=fitter)
    exact = [s for s in found.causes if s.residual <= EXACT]
    return found.verdict != "agree" and not exact, frozenset(i for s in exact for i in s.ids)


def removed(cause: str, records: Sequence[Explained], fitters: dict[str, Fitter]) -> Removal:
    """The cause taken out: alone where some record has no other explanation, else with those that stand in for it."""
    named = [r for r in records if any(cause in ids for ids in r.alternatives)]
    alone = [r for r in named if all(cause in ids for ids in r.alternatives)]
    fewest = sorted(
        alone or named, key=lambda r: (len(r.alternatives), len(r.alternatives[0]), len(fitter(r, fitters).original))
    )
    for out_too in (False, True):
        for one in fewest[:MOST_TRIES]:
            without = {cause} | (_others(cause, one) if not alone or out_too else set())
            for _ in range(4 if out_too or not alone else 1):  # what stands in may have its own stand-in
                turned, instead = disagrees(one, without, fitter(one, fitters))
                if turned:
                    return Removal(cause, len(named), one.name, tuple(sorted(without - {cause})))
                without |= instead - _always(one)
    return Removal(cause, len(named))


def _others(cause: str, one: Explained) -> set[str]:
    """Causes of the explanations without this one that are not in every explanation."""
    return {i for ids in one.alternatives if cause not in ids for i in ids} - _always(one)


def _always(one: Explained) -> set[str]:
    return set(frozenset.intersection(*one.alternatives)) if one.alternatives else set()


def fitter(one: Explained, fitters: dict[str, Fitter]) -> Fitter:
    if one.study.id not in fitters:
        fitters[one.study.id] = Fitter(one.study, load_frame(one.study))
    return fitters[one.study.id]


def removals(records: Sequence[Explained], workers: int = 1) -> Iterator[Removal]:
    """Every cause that the records name, in the catalogue's order."""
    named = [c.id for c in CAUSES if any(c.id in ids for r in records for ids in r.alternatives)]
    if workers == 1:
        fitters: dict[str, Fitter] = {}
        yield from (removed(cause, records, fitters) for cause in named)
        return
    with multiprocessing.get_context("spawn").Pool(workers, _start, (tuple(records),)) as pool:
        yield from pool.imap(_one, named)


_RECORDS: tuple[Explained, ...] = ()
_BENCHES: dict[str, Fitter] = {}


def _start(records: tuple[Explained, ...]) -> None:
    global _RECORDS
    _RECORDS = records


def _one(cause: str) -> Removal:
    return removed(cause, _RECORDS, _BENCHES)


def text(found: Sequence[Removal], command: str, records: int) -> str:
    """The page docs/evidence/removal.md."""
    alone = [r for r in found if r.needed and not r.beside]
    together = [r for r in found if r.needed and r.beside]
    rest = [r for r in found if not r.needed]
    lines = [
        "# What each cause is needed for", "",
        "Every cause that a run as shipped of bundled studies names is taken out of the catalogue in turn, and the records",
        "that named it are diagnosed again from the same estimates. It is needed where one of them then disagrees, or is",
        "explained no longer to 1e-9.",
        "", f"Written by `{command}`.", "",
        f"{records:,} records are explained, by {len(found)} causes. {len(alone)} are needed alone, {len(together)} "
        f"together with what can't be told apart from them on any of these records, {len(rest)} aren't.", "",
        "| cause | named in | disagrees without it |", "|---|---:|---|",
        *(f"| `{r.cause}` | {r.records} | {r.turned} |" for r in alone),
    ]  # fmt: skip
    if together:
        lines += ["", "On every record these have another explanation beside them, which predicts the same numbers:", "",
                  "| cause | named in | taken out beside it | disagrees without them |", "|---|---:|---|---|"]  # fmt: skip
        for r in together:
            lines.append(f"| `{r.cause}` | {r.records} | {', '.join(f'`{b}`' for b in r.beside)} | {r.turned} |")
    if rest:
        lines += ["", "Not needed: " + ", ".join(f"`{r.cause}` ({r.records})" for r in rest) + "."]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="*", metavar="STUDY", help="names of bundled studies, default all")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--markdown", type=Path, help="write the page to this file")
    options = parser.parse_args()
    names = options.studies or sorted(p.parent.name for p in FIXTURES.glob("*/study.toml"))
    records = explained([load_study(FIXTURES / n) for n in names], cache=AnswerCache(default_folder()))
    found = []
    for removal in removals(records, options.workers):
        found.append(removal)
        beside = f", with {', '.join(removal.beside)}" if removal.beside else ""
        print(f"{removal.cause} ({removal.records}){beside}: {removal.turned or 'NOTHING DISAGREES'}", flush=True)
    command = " ".join(["PYTHONPATH=tests python -m removal", *options.studies, "--markdown docs/evidence/removal.md"])
    page = text(found, command, len(records))
    if options.markdown:
        options.markdown.write_text(page, encoding="utf-8")
    if not found or not all(r.needed for r in found):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
