"""The methods on random panels: Python and R find the same, or both nothing, of every method and setting.

    PYTHONPATH=tests python -m random_methods --panels 200 --seed 1

prints for each method how many panels were compared, how many have no answer, and the fewest digits that two numbers share;
and, of what a study can choose, what no panel had.
A panel that disagrees ends the command with its settings.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

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
from panels_of_models import Convergence, convergence_panel, mediation_panel, moderation_panel
from parity.analyses.coupling.analysis import compare_couplings, coupling
from parity.analyses.distribution.analysis import compare_distributions, distribution
from parity.analyses.event_study.analysis import compare_effects
from parity.analyses.event_study.methods import METHODS as ESTIMATORS
from parity.analyses.event_study.sample import Panel
from parity.analyses.of_columns import Chosen
from parity.analyses.quantile.analysis import compare_quantiles
from parity.analyses.quantile.found import quantiles
from parity.analyses.quantile.sample import Sample as QuantileSample
from parity.analyses.registry import analyses
from parity.analyses.spatial.analysis import compare_spatial, spatial
from parity.analyses.spatial.sample import Sample as SpatialSample
from parity.analyses.threshold.analysis import compare_thresholds, printed, replicates
from parity.analyses.threshold.hansen import hansen
from parity.analyses.threshold.sample import Sample as ThresholdSample
from parity.base.errors import Unestimable
from parity.compare.harmonise import Harmonised, harmonise
from parity.compare.numbers import compare
from parity.conventions.formulas import Refused
from parity.data.places import row_namer
from parity.engines.own.fit import estimate
from parity.results.estimate import Estimate
from parity.results.record import Comparison
from parity.study.analyses.contract import AnalysisSettings

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


def _convergence(part: Convergence) -> Harmonised:
    try:
        return harmonise(estimate(part.settings, part.design), part.design.facts, part.settings)
    except Refused as refused:
        raise Unestimable(str(refused)) from None


def _converged(part: Convergence, found: Harmonised, folder: Path) -> Comparison:
    """R reads the file, makes growth and lags, and its lm estimates: both halves must agree."""
    from parity.engines.lm.declared import ENGINE
    from parity.runs.second_reading.asking import open_study, read_sample
    from parity.runs.second_reading.compare import compare_samples
    from parity.runs.second_reading.sample import of_design
    from parity.runs.second_reading.words import given_of

    part.data.to_csv(folder / "data.csv", index=False)
    open_study(folder / "data.csv", given_of(part.study))
    read = compare_samples(read_sample("beta"), of_design(part.design), row_namer(part.frame)).comparison()
    theirs = ENGINE.estimate(part.settings, part.design)
    assert isinstance(theirs, Estimate), theirs
    numbers = compare(found, harmonise(theirs, part.design.facts, part.settings))
    return Comparison(checked=read.checked + numbers.checked, digits=min(read.digits, numbers.digits),
                      differences=(*read.differences, *numbers.differences))  # fmt: skip


def _of(section: str, draw: Callable[[np.random.Generator], Any]) -> Method:
    """By the analysis' own three steps."""
    analysis = analyses()[section]
    return Method(
        draw, analysis.find, lambda part, found, folder: analysis.compare(part, analysis.ask_r(part, folder), found)
    )


#: A method's place is in its seed: new ones come last.
METHODS: Mapping[str, Method] = {
    "coupling": Method(coupling_panel, coupling, _coupling),
    "distribution": Method(distribution_panel, distribution, _distribution),
    **{
        f"event study: {name}": Method(partial(event_study_panel, method=name), ESTIMATORS[name], _event_study)
        for name in sorted(ESTIMATORS)
    },
    "quantile": Method(quantile_panel, quantiles, _quantile),
    "spatial": Method(spatial_panel, spatial, _spatial),
    "threshold": Method(threshold_panel, hansen, _threshold),
    "spatial: W with a diagonal": Method(partial(spatial_panel, diagonals=("dropped", "kept")), spatial, _spatial),
    "moderation": _of("moderation", moderation_panel),
    "moderated mediation": _of("moderation", partial(moderation_panel, through=True)),
    "mediation": _of("mediation", mediation_panel),
    "beta convergence": Method(convergence_panel, _convergence, _converged),
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
        part = None
        try:
            part = method.draw(rng)
            found = method.python(part)
        except Unestimable:
            yield Outcome(part, None)
            continue
        yield Outcome(part, method.compared(part, found, folder))
        compared += 1
        if compared == panels:
            return
    raise RuntimeError(f"{compared} of {9 * panels} panels have an answer")


def choices(settings: type) -> set[tuple[str, Any]]:
    """Every key of which a study chooses among words or numbers, with each of them."""
    found = set()
    for key, field in settings.model_fields.items():
        left = [field.annotation]
        while left:
            of = left.pop()
            left += [] if get_origin(of) is Literal else get_args(of)
            found |= {(key, value) for value in (get_args(of) if get_origin(of) is Literal else ())}
    return found


def undrawn(parts: Iterable[Any]) -> list[str]:
    """Of the settings of panels that were compared, what none of them chose."""
    seen: dict[type, set] = {}
    for part in (p for p in parts if isinstance(p.settings, AnalysisSettings)):
        seen.setdefault(type(part.settings), set()).update((k, v) for k, v in part.settings if isinstance(v, str | int))
    return sorted(f"{of.__name__}: {key} = {value}" for of, there in seen.items() for key, value in choices(of) - there)


def line(name: str, panels: int, seed: int, folder: Path, compared: list[Any] | None = None) -> tuple[str, int, int, float]:
    """Method, panels compared, panels without an answer, fewest digits. Raises `AssertionError` where two disagree.

    compared: where the panels are put, if they are asked for.
    """
    rng = np.random.default_rng([seed, list(METHODS).index(name)])
    digits, without = [], 0
    for k, outcome in enumerate(outcomes(METHODS[name], rng, panels, folder)):
        if outcome.result is None:
            without += 1
            continue
        if compared is not None:
            compared.append(outcome.part)
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
    rows: list[tuple] = []
    parts: list[Any] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in (n for n in METHODS if asked.only in n):
            rows.append(line(name, asked.panels, asked.seed, Path(folder), parts))
            print(f"{name}: {rows[-1][1]}", flush=True)
    heads = ("method", "panels", "without an answer", "digits, at least")
    print("\n" + tabulate(rows, heads, tablefmt="github", floatfmt=".1f"))
    print("\nsettings that no panel had:", "; ".join(undrawn(parts)) or "none")


if __name__ == "__main__":
    main()
