"""The package itself. It imports libraries of plots and tables, of which no engine asks anything."""

from __future__ import annotations

from functools import cache
from typing import Any

from parity.base.lazily import lazily


@cache
def pyfixest() -> Any:
    """`import pyfixest`, with its estimators, of which the package itself thinks only when they are asked for."""
    with lazily("pyfixest.report", "maketables", "seaborn", "matplotlib", "matplotlib.pyplot"):
        import pyfixest as pf

        pf.feols  # noqa: B018 - imports them
    return pf
