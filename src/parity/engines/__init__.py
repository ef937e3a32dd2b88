"""The registry of engines: an explicit dict, a folder for each package, and packages that add their own.

Importing this module imports no estimation package: an engine's file does that when it first estimates.
Imports `sample`, `r`, `results` and below. Nothing here knows another engine's answer, a comparison or a report.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, entry_points, version

from parity.base.errors import InputError, suggest
from parity.engines.base import Engine
from parity.engines.foreign import load, one_line
from parity.results.estimate import Declined, Failed, Unavailable
from parity.study.spec import Spec

#: In the order in which a reference is looked for when the declared one has no estimate.
MODULES: dict[str, str] = {
    "r-stata": "parity.engines.stata.declared",
    "r-lm": "parity.engines.lm.declared",
    "r-fixest": "parity.engines.fixest.declared",
    "r-plm": "parity.engines.plm.declared",
    "r-estimatr": "parity.engines.estimatr.declared",
    "r-ivreg": "parity.engines.ivreg.declared",
    "py-statsmodels": "parity.engines.statsmodels.declared",
    "py-linearmodels": "parity.engines.linearmodels.declared",
    "py-pyfixest": "parity.engines.pyfixest.declared",
    "py-moments": "parity.engines.own.declared",
}

#: Entry-point group under which another package registers an engine: `name = "module:ENGINE"`.
GROUP = "parity.engines"


@cache
def registry() -> dict[str, Engine]:
    """All engines by id: the bundled ones, then those of other packages.

    One that can't be loaded is unavailable, see `parity.engines.foreign`. A clash of ids is an error.
    """
    engines: dict[str, Engine] = {name: import_module(module).ENGINE for name, module in MODULES.items()}
    for point in entry_points(group=GROUP):
        if point.name in engines:
            raise InputError.at(f"package {point.dist.name if point.dist else '?'}", point.name, "this engine id is taken")
        engines[point.name] = load(point)
    return engines


def bundled(one: Engine) -> bool:
    """Whether it is one of parity's own, and not of another package or a test."""
    module = MODULES.get(one.info.id)
    return module is not None and import_module(module).ENGINE is one


def engine(engine_id: str, option: str = "--engine") -> Engine:
    """One engine by id. Raises `InputError` with a near miss, in the name of the option that asked for it."""
    engines = registry()
    if engine_id not in engines:
        known = ", ".join(engines)
        message = f"there is no engine `{engine_id}`{suggest(engine_id, engines)}; known: {known}"
        raise InputError.at(option, "", message)
    return engines[engine_id]


def availability(one: Engine) -> Unavailable | None:
    """Why an engine can't run here, or None. Imports nothing and starts nothing."""
    own = getattr(one, "availability", None)
    if own is not None:
        try:
            return own()
        except Exception as error:
            return Unavailable(engine=one.info.id, reason=f"it can't say whether it is available: {one_line(error)}")
    for package in one.info.packages:
        try:
            version(package)
        except PackageNotFoundError:
            return Unavailable(engine=one.info.id, reason=f"{package} is not installed", remedy=f"pip install {package}")
    return None


def declines(one: Engine, spec: Spec, unit: str | None, time: str | None) -> Declined | Failed | None:
    """What an engine can't do of a spec, or None; `Failed` where it has no answer to that."""
    try:
        said = one.declines(spec, unit, time)
    except Exception as error:
        return Failed(engine=one.info.id, reason=f"it can't say what it declines: {one_line(error)}")
    if said is None or isinstance(said, Declined):
        return said
    return Failed(engine=one.info.id, reason=f"it declines by {type(said).__name__}, not by Declined")


def versions(one: Engine) -> dict[str, str]:
    """Versions of the packages that identify an engine; empty where it is unavailable."""
    own = getattr(one, "versions", None)
    if own is not None:
        try:
            return own()
        except Exception:  # whether it can run at all, `availability` says
            return {}
    found = {}
    for package in one.info.packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
