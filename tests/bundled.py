"""The bundled studies, read once for all modules that go through them, and specs of every kind among them."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from parity.engines.base import features
from parity.study.load import load_study
from parity.study.spec import Spec
from parity.study.study import Study

FIXTURES = Path(__file__).parent.parent / "fixtures"


@cache
def studies() -> dict[str, Study]:
    return {file.parent.name: load_study(file) for file in sorted(FIXTURES.glob("*/study.toml"))}


def of_every_kind(allowed: Callable[[Study], list[Spec]]) -> dict[str, list[Spec]]:
    """Study -> of its allowed specs those that are the first with their features and their convention's profile together,
    or of their study; all of them with PARITY_EXPLORE=1.
    """
    seen: set[object] = set()
    found: dict[str, list[Spec]] = {}
    for name, study in studies().items():
        for spec in allowed(study):
            kinds = {(features(spec, study.header.unit, study.header.time), spec.convention.profile), name}
            if not kinds <= seen or os.environ.get("PARITY_EXPLORE"):
                found.setdefault(name, []).append(spec)
            seen |= kinds
    return found
