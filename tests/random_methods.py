"""The methods on random panels: Python and R find the same, or both nothing, of every method and setting.

    PYTHONPATH=tests python -m random_methods --panels 200 --seed 1

prints for each method how many panels were compared, how many have no answer, and the fewest digits that two numbers share.
A panel that disagrees ends the command with its settings.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate

from panels_of_methods import (
    coupling_panel,
    distribution_panel,
    event_study_panel,
    quantile_panel,
    spatial_panel,
    threshold_panel,
)
from parity.analyses.coupling.analysis import compare_couplings, coupling
from parity.analyses.distribution.analysis import compare_distributions, distribution
from parity.analyses.event_study.analysis import compare_effects
from parity.analyses.event_study.methods import METHODS as ESTIMATORS
from parity.analyses.event_study.sample import Panel
from parity.analyses.of_columns import Chosen
from parity.analyses.quantile.analysis import compare_quantiles
from parity.analyses.quantile.found import quantiles
from parity.analyses.quantile.sample import Sample as QuantileSample
from parity.analyses.spatial.analysis import compare_spatial, spatial
from parity.analyses.spatial.sample import Sample as SpatialSample
from parity.analyses.threshold.analysis import compare_thresholds, printed, replicates
from parity.analyses.threshold.hansen import hansen
from parity.analyses.threshold.sample import Sample as ThresholdSample
from parity.base.errors import Unestimable

# ---------------------------------------------------------------- both sides of each


@dataclass(frozen=True)
class Method:
    """draw: what a panel gives the method; python: its numbers, or `Unestimable`; compared: those with what R finds."""

    draw: Callable[[np.random.Generator], Any]
    python: Callable[[Any], Any]
    compared: Callable[[Any, Any, Path], Any]


def _spatial(part: SpatialSample, found: Any, folder: Path) -> Any:
    from parity.analyses.spatial.r import spatial_in_r

    return compare_spatial(spatial_in_r(part), found)


def _quantile(part: QuantileSample, found: Any, folder: Path) -> Any:
    from parity.analyses.quantile.r import quantile_in_r

    return compare_quantiles(quantile_in_r(part, found, folder), found.numbers)


def _distribution(part: Chosen, found: Any, folder: Path) -> Any:
    from parity.analyses.distribution.r import distribution_in_r

    numbers, curves = found
    return compare_distributions(distribution_in_r(part), numbers | curves)


def _coupling(part: Chosen, found: Any, folder: Path) -> Any:
    from parity.analyses.coupling.r import coupling_in_r

    return compare_couplings(coupling_in_r(part), found)


def _threshold(part: ThresholdSample, found: Any, folder: Path) -> Any:
    from parity.analyses.threshold.r import threshold_in_r

    return compare_thresholds(threshold_in_r(part, folder), printed(found) | replicates(found))


def _event_study(part: Panel, found: Any, folder: Path) -> Any:
    from parity.analyses.event_study.r import event_study_in_r

    return compare_effects(event_study_in_r(part, found), found.shown())


METHODS: Mapping[str, Method] = {
    "spatial": Method(spatial_panel, spatial, _spatial),
    "quantile": Method(quantile_panel, quantiles, _quantile),
    "distribution": Method(distribution_panel, distribution, _distribution),
    "coupling": Method(coupling_panel, coupling, _coupling),
    "threshold": Method(threshold_panel, hansen, _threshold),
    **{
        f"event study: {name}": Method(partial(event_study_panel, method=name), estimator, _event_study)
        for name, estimator in ESTIMATORS.items()
    },
}


@dataclass(frozen=True)
class Outcome:
    """result: what the comparison says; None where Python has no answer and R isn't asked."""

    part: Any
    result: Any


def outcomes(method: Method, rng: np.random.Generator, panels: int, folder: Path) -> Iterator[Outcome]:
    """Until so many panels were compared. Raises `RuntimeError` where most panels have no answer."""
    compared = 0
    for _ in range(9 * panels):
        part = method.draw(rng)
        try:
            found = method.python(part)
        except Unestimable:
            yield Outcome(part, None)
            continue
        yield Outcome(part, method.compared(part, found, folder))
        compared += 1
        if compared == panels:
            return
    raise RuntimeError(f"{compared} of {9 * panels} panels have an answer")


def line(name: str, panels: int, seed: int, folder: Path) -> tuple[str, int, int, float]:
    """Method, panels compared, panels without an answer, fewest digits. Raises `AssertionError` where two disagree."""
    rng = np.random.default_rng([seed, sorted(METHODS).index(name)])
    digits, without = [], 0
    for k, outcome in enumerate(outcomes(METHODS[name], rng, panels, folder)):
        if outcome.result is None:
            without += 1
            continue
        # a coupling of indices that are all zero has no number
        fine = outcome.result.verdict == "agree" or (name == "coupling" and outcome.result.verdict == "vacuous")
        assert fine, (name, k, outcome.part.settings, [d.model_dump() for d in outcome.result.differences[:5]])
        digits += [outcome.result.digits] if outcome.result.verdict == "agree" else []
    return name, len(digits), without, min(digits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panels", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="methods whose name holds this")
    asked = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in (n for n in METHODS if asked.only in n):
            rows.append(line(name, asked.panels, asked.seed, Path(folder)))
            print(f"{name}: {rows[-1][1]}", flush=True)
    heads = ("method", "panels", "without an answer", "digits, at least")
    print("\n" + tabulate(rows, heads, tablefmt="github", floatfmt=".1f"))


if __name__ == "__main__":
    main()
