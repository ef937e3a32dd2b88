"""A `study.toml` as a file of tests: one per spec and engine, and per analysis; its verdict is the outcome.

A study is run once a session, for the specs and engines whose tests were selected, and answers come from the cache
where they are known. Under pytest-xdist the first worker that needs a study runs it while the others wait, and then
find its answers in the cache.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest

from parity import engines
from parity.base.errors import InputError, Problem
from parity.report.words import headline
from parity.results.record import HARMLESS, VERDICTS, Record, Report
from parity.runs.judge import declined_by_choice
from parity.study.load import load_readable
from parity.study.study import Study
from parity.testing.failures import failure_text

#: The test of a spec's printed numbers stands where an engine's name would.
PRINTED = "printed"
#: Who computes what isn't a spec.
BOTH = "Python and R"
#: The test of what can't be read.
AS_WRITTEN = "as written"
_REPORTS: pytest.StashKey[dict[Path, Report]] = pytest.StashKey()
_ANALYSED: pytest.StashKey[dict[Path, tuple[Record, ...]]] = pytest.StashKey()
_TOLD: pytest.StashKey[dict[tuple[Path, Record], str]] = pytest.StashKey()


class ParityFailure(Exception):
    """A verdict that fails a run; its text is the explanation."""


class StudyFile(pytest.File):
    """One study."""

    def collect(self) -> Iterator[StudyItem]:
        try:
            study, wrong = load_readable(self.path)
            chosen = _engines(self.config, study)
        except InputError as error:
            raise self.CollectError("\n".join(str(p) for p in error.problems)) from None
        for spec in study.specs:
            for one in chosen:
                yield self._item(study, spec.id, one.info.id)
            if any(entry.spec == spec.id for entry in study.published):
                yield self._item(study, spec.id, PRINTED)
        for name in study.analyses:
            yield self._grouped(AnalysisItem.from_parent(self, name=f"{name}[{BOTH}]", study=study, analysis=name))
        for name, found in wrong.items():
            yield self._grouped(UnreadItem.from_parent(self, name=f"{name}[{AS_WRITTEN}]", study=study, problems=found))

    def _item(self, study: Study, spec: str, who: str) -> StudyItem:
        return self._grouped(SpecItem.from_parent(self, name=f"{spec}[{who}]", study=study, spec=spec, who=who))

    def _grouped(self, item: StudyItem) -> StudyItem:
        if self.config.pluginmanager.hasplugin("xdist"):
            item.add_marker(pytest.mark.xdist_group(f"parity {item.study.folder}"))
        return item


class StudyItem(pytest.Item):
    """One test of a study: the worst of its records is its outcome."""

    def __init__(self, *, study: Study, **kwargs):
        super().__init__(**kwargs)
        self.study = study

    def records(self) -> list[Record]:
        raise NotImplementedError

    def runtest(self) -> None:
        try:
            records = self.records()
        except InputError as error:
            raise ParityFailure("\n".join(str(p) for p in error.problems)) from None
        worst = min(records, key=lambda r: VERDICTS.index(r.verdict))
        if worst.verdict not in HARMLESS:
            raise ParityFailure(self.failure(worst, records))
        if worst.verdict != "agree":
            pytest.skip(f"{worst.verdict}: {worst.note}")

    def failure(self, worst: Record, records: list[Record]) -> str:
        """Once for all tests whose worst record it is: a reference's is an engine's too, and causes are long looked for."""
        told, key = self.session.stash.setdefault(_TOLD, {}), (self.study.folder, worst)
        if key not in told:
            told[key] = failure_text(self.study, worst)
        return told[key]

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, ParityFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.study.id}/{self.name}"


class SpecItem(StudyItem):
    """One spec in one engine."""

    def __init__(self, *, spec: str, who: str, **kwargs):
        super().__init__(**kwargs)
        self.spec, self.who = spec, who

    def records(self) -> list[Record]:
        return _records(_report(self), self.spec, self.who)

    def failure(self, worst: Record, records: list[Record]) -> str:
        """A reference's says how many engines disagree with it, and which."""
        held = [r for r in records if r.reference == self.who and r.kind == "estimate"]
        if worst not in held:
            return super().failure(worst, records)
        wrong = [r for r in held if not r.harmless]
        others = [f"{self.study.id}/{self.spec}: {headline(r)}" for r in wrong if r is not worst]
        said = f"{len(wrong)} of {len(held)} engines disagree with the reference {self.who}"
        return "\n".join([said, *others, super().failure(worst, records)])


class UnreadItem(StudyItem):
    """What of the study can't be read as it is written."""

    def __init__(self, *, problems: Sequence[Problem], **kwargs):
        super().__init__(**kwargs)
        self.problems = problems

    def records(self) -> list[Record]:
        raise InputError(self.problems)


class AnalysisItem(StudyItem):
    """An index, a mediation analysis or the like, with its variants and groups, which Python and R both compute."""

    def __init__(self, *, analysis: str, **kwargs):
        super().__init__(**kwargs)
        self.analysis = analysis

    def records(self) -> list[Record]:
        found = [r for r in _analysed(self) if r.spec == self.analysis or r.spec.startswith(f"{self.analysis}.")]
        found += [r for r in _analysed(self) if r.kind == "study"]  # whatever is wrong there is wrong with each analysis
        return found or [_nothing(self.analysis, "")]


def _records(report: Report, spec: str, who: str) -> list[Record]:
    """What was found of one test; never empty. What is wrong with the whole spec is wrong with each of its tests."""
    of_spec = [r for r in report.records if r.spec == spec or r.kind == "study"]
    own = [r for r in of_spec if r.candidate == who and r.kind == "estimate"]
    if own and all(r.verdict in ("declined", "unavailable") for r in own):  # whatever is wrong with the spec, it isn't this
        return own
    found = [
        r for r in of_spec if r.kind in ("spec", "study") or (r.kind == "printed" if who == PRINTED else r.candidate == who)
    ]
    if who != PRINTED:
        found = [r for r in found if r.kind != "printed"]
        # the reference has no record of its own: its test is that of all engines that were held against it
        found += [r for r in of_spec if r.reference == who and r.kind == "estimate" and r.checked]
    # rows or columns that R reads otherwise are those of every engine
    found += [r for r in report.records if not r.harmless and (r.kind == "reading" or (r.kind, r.spec) == ("sample", spec))]
    return found or [_nothing(spec, who)]


def _nothing(spec: str, who: str) -> Record:
    note = "no record of it came out of the run"
    return Record(study="", spec=spec, kind="spec", reference="", candidate=who, verdict="failed", note=note)


# ---------------------------------------------------------------- the run


def _engines(config: pytest.Config, study: Study) -> list:
    """The engines asked for and the references of the study's specs; all without a choice. Raises `InputError`."""
    wanted = config.getoption("parity_engine")
    if not wanted:
        return list(engines.registry().values())
    asked = {name for name in wanted if engines.engine(name)} | {spec.reference for spec in study.specs}
    return [one for name, one in engines.registry().items() if name in asked]


def _report(item: SpecItem) -> Report:
    """The run of the item's study, once a session."""
    reports = item.session.stash.setdefault(_REPORTS, {})
    folder = item.study.folder
    if folder not in reports:
        with _alone(folder):
            reports[folder] = _run(item)
    return reports[folder]


def _analysed(item: AnalysisItem) -> tuple[Record, ...]:
    """What the item's study computes beside its specs, once a session."""
    from parity.base.cache import AnswerCache, default_folder
    from parity.runs import runner

    known, folder = item.session.stash.setdefault(_ANALYSED, {}), item.study.folder
    if folder not in known:
        with _alone(folder):
            cache = AnswerCache(default_folder())
            known[folder] = runner.analyses(item.study, _transport(item.config), runner.TIMEOUT, cache)
    return known[folder]


def _run(item: SpecItem) -> Report:
    from parity.base.cache import AnswerCache, default_folder
    from parity.runs import runner

    selected = [i for i in item.session.items if isinstance(i, SpecItem) and i.study.folder == item.study.folder]
    specs = list(dict.fromkeys(i.spec for i in selected))
    names = {i.who for i in selected} | {item.study.spec(s).reference for s in specs}
    chosen = _engines(item.config, item.study)
    if all(i.who != PRINTED for i in selected):  # a printed number is held against whatever has an estimate
        chosen = [one for one in chosen if one.info.id in names]
    if len(chosen) < 2:  # an engine alone would be compared with nothing
        chosen = _engines(item.config, item.study)
    narrowed = len(chosen) < len(engines.registry())
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    report = runner.run(
        [item.study], engines=chosen, specs=specs, jobs=max(1, (os.cpu_count() or 1) // workers),
        transport=_transport(item.config), cache=AnswerCache(default_folder()), narrowed=narrowed,
    )  # fmt: skip
    if not narrowed:
        return report
    return report.model_copy(update={"records": declined_by_choice(report.records, ("declined", "unavailable"))})


def _transport(config: pytest.Config) -> Literal["frozen", "auto"]:
    return "frozen" if config.getoption("parity_frozen") else "auto"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time for a study, where the platform has file locks; elsewhere work may be done twice."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    from parity.base.cache import default_folder

    key = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    place = default_folder() / "locks"  # the user's own: in a folder of everybody's a link may lie under this name
    try:
        place.mkdir(parents=True, exist_ok=True)
        handle = os.open(place / f"{key}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    with os.fdopen(handle, "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
