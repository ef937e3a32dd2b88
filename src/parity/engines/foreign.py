"""Engines of other packages, held at arm's length: one that can't be loaded is unavailable, and says why in one line."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any

from parity.engines.base import Engine, EngineInfo
from parity.results.estimate import Declined, Failed, Unavailable
from parity.study.spec import Spec

#: Characters of an error of another package that are shown.
LONGEST = 300


@dataclass(frozen=True)
class Unloaded:
    """What stands for an engine that its package doesn't give: always unavailable."""

    info: EngineInfo
    reason: str

    def availability(self) -> Unavailable:
        return Unavailable(engine=self.info.id, reason=self.reason, remedy="mend or uninstall that package")

    def versions(self) -> dict[str, str]:
        return {}

    def declines(self, spec: Spec, unit: str | None, time: str | None) -> Declined | None:
        return None

    def estimate(self, spec: Spec, design: Any) -> Failed:
        return Failed(engine=self.info.id, reason=self.reason)


def load(point: EntryPoint) -> Engine:
    """The engine of an entry point, or what stands for it. Raises nothing: importing a package may do anything."""
    of = f" of package {point.dist.name}" if point.dist else ""
    try:
        found = point.load()
    except (Exception, SystemExit) as error:
        return _unloaded(point, f"its entry point `{point.value}`{of} can't be loaded: {one_line(error)}")
    wrong = _wrong(point.name, found)
    return _unloaded(point, f"its entry point `{point.value}`{of} is no engine: {wrong}") if wrong else found


def one_line(error: BaseException) -> str:
    """An exception in one line."""
    text = f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": ")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _unloaded(point: EntryPoint, reason: str) -> Unloaded:
    return Unloaded(EngineInfo(point.name, "python", (), "an engine that can't be loaded", {}), reason)


def _wrong(name: str, found: Any) -> str:
    """What keeps an object from being the engine of that name; empty if nothing does."""
    if isinstance(found, type):
        return f"it is the class {found.__name__}, not an instance of it"
    info = getattr(found, "info", None)
    if not isinstance(info, EngineInfo):
        return "it has no `info` that is an EngineInfo"
    if info.id != name:
        return f"it calls itself `{info.id}`"
    lacking = [method for method in ("declines", "estimate") if not callable(getattr(found, method, None))]
    return f"it has no method `{lacking[0]}`" if lacking else ""
