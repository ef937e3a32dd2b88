"""parity: the same specification in several implementations, compared in full, and every difference given its convention.

    report = parity.run([parity.load("fixtures/grunfeld")])

Names are loaded on first use, so that importing parity imports no estimation package.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PUBLIC = {
    "load": ("parity.study.load", "load_study"),
    "run": ("parity.runs.runner", "run"),
    "Study": ("parity.study.study", "Study"),
    "Spec": ("parity.study.spec", "Spec"),
    "Report": ("parity.results.record", "Report"),
    "Estimate": ("parity.results.estimate", "Estimate"),
    "assert_parity": ("parity.testing.assertion", "assert_parity"),
    "InputError": ("parity.base.errors", "InputError"),
}
__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'parity' has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    return getattr(import_module(module), attribute)
