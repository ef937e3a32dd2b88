"""Tables of engines: what runs here, and what each can't do. Generated from the engines themselves."""

from __future__ import annotations

from tabulate import tabulate

from parity.engines import availability, registry, versions
from parity.engines.base import FEATURES
from parity.r.probe import probe, remedy
from parity.runs.second_reading.readers import READERS
from parity.study.data_formats import FORMATS


def engines_table() -> str:
    """One row an engine: id, what it runs, versions, or how to get it."""
    rows = []
    for name, engine in registry().items():
        missing = availability(engine)
        state = (
            f"{missing.reason}; {missing.remedy}" if missing else ", ".join(f"{k} {v}" for k, v in versions(engine).items())
        )
        rows.append((name, "no" if missing else "live", state))
    return tabulate(
        rows, headers=("engine", "here", "versions, or how to get it"), tablefmt="simple", maxcolwidths=[None, None, 52]
    )


def second_reading_line() -> str:
    """Which data files R reads for itself here, and what it lacks."""
    r = probe()
    if r is None:
        return "second reading of data files: none, for R is not here"
    said = [f"{form.ending[1:]} by R itself" for form in FORMATS.values() if form.again == "R"]
    for ending, package in READERS.items():
        version = r.package(package)
        said.append(f"{ending[1:]} by {package} {version}" if version else f"{ending[1:]} not ({remedy([package])})")
    never = (f"{form.ending[1:]} not" for form in FORMATS.values() if not form.again)
    return f"second reading of data files: {', '.join([*said, *never])}"


def gaps_table() -> str:
    """One row per feature that some engine lacks: engine, feature, gap, reason."""
    rows = [
        (name, feature, gap, reason)
        for name, engine in registry().items()
        for feature in FEATURES
        if feature in engine.info.gaps
        for gap, reason in [engine.info.gaps[feature]]
    ]
    headers = ("engine", "feature", "gap", "reason")
    return tabulate(rows, headers=headers, tablefmt="simple", maxcolwidths=[None, None, None, 40])
