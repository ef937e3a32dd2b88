"""What a run was made with: versions of parity, Python and the packages of its engines."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from parity import engines as registry
from parity.engines.base import Engine


def versions_of(engines: Sequence[Engine]) -> dict[str, str]:
    """By name, in alphabetical order."""
    try:
        own = version("parity")
    except PackageNotFoundError:
        own = "source"
    found = {"parity": own, "python": platform.python_version()}
    for engine in engines:
        found |= registry.versions(engine)
    return dict(sorted(found.items()))
