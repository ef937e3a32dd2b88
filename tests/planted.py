"""Planted discrepancies: known causes, applied to real studies, diagnosed blind. Prints a confusion table.

    PYTHONPATH=tests python -m planted --n 1000 --seed 1

A case takes a spec of a bundled study, one or two causes of the catalogue and, at random, a full estimate or a table of
rounded numbers. Where the covariance allows, the planted numbers are computed by dense algebra with dummies
(`miniatures.dense`), not by the estimator the diagnosis uses. Noise (every number off by 1e-6 of itself) and nonsense
(random standard errors) must not be named.
"""

from __future__ import annotations

import argparse
import functools
import math
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from miniatures import dense
from parity.data import load_frame
from parity.diagnose.bench import Bench
from parity.diagnose.catalogue import CAUSES
from parity.diagnose.cause import Step
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import Observed, TargetNumber, from_numbers, from_text
from parity.diagnose.search import Found, Search
from parity.diagnose.world import World
from parity.study import load_study
from parity.tolerance import EXACT

FIXTURES = Path(__file__).parent.parent / "fixtures"
#: Larger studies cost minutes in a thousand cases and plant nothing that the small ones don't.
MOST_ROWS = 1_000
#: Dense dummies beyond this many columns are left to parity's own estimator.
MOST_DUMMIES = 300
FULL = ("coef", "se", "vcov", "t", "p", "ci_low", "ci_high", "nobs", "df_t")


@dataclass(frozen=True)
class Case:
    """A discrepancy and the truth about it."""

    study: str
    spec: str
    kind: str  # "estimate", "table", "noise", "nonsense"
    planted: tuple[str, ...]
    parameters: tuple = ()
    base: World | None = field(default=None, repr=False)
    observed: Observed | None = field(default=None, repr=False)
    numbers: Numbers | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Outcome:
    """What the diagnosis made of a case."""

    study: str
    spec: str
    kind: str
    planted: tuple[str, ...]
    parameters: tuple
    result: str
    answers: tuple[tuple[str, ...], ...]
    seconds: float


# ---------------------------------------------------------------- making cases


@functools.cache
def bench_of(study: str) -> Bench:
    loaded = load_study(FIXTURES / study)
    return Bench(loaded, load_frame(loaded))


@functools.cache
def studies() -> tuple[str, ...]:
    names = sorted(p.parent.name for p in FIXTURES.glob("*/study.toml"))
    return tuple(n for n in names if len(bench_of(n).original) <= MOST_ROWS)


def independent(bench: Bench, world: World) -> Numbers | None:
    """The world's numbers, its coefficients and covariance by dense algebra where that can do it."""
    numbers, design, rules = bench.numbers(replace(world, prints=())), bench.design(world), bench.rules(world)
    if numbers is None or design is None or rules is None:
        return None
    plain = world.spec.vcov.kind in ("iid", "HC0", "HC1", "CR0", "CR1") and world.spec.model == "ols" and not world.scaling
    if plain and sum(a.levels for a in design.facts.absorbed) <= MOST_DUMMIES:
        b, parts = dense(world.spec, design)
        vcov = sum((-1.0 if s and len(s) % 2 == 0 else 1.0) * rules[0][s] * m for s, m in parts.items())
        numbers = replace(numbers, coef=b, vcov=np.asarray(vcov))
    for edit in world.prints:
        numbers = edit.numbers(numbers)
    return numbers


def plant(rng: random.Random, bench: Bench, base: World, causes: int) -> tuple[World, list[Step]] | None:
    """A world some causes away from the base, each of which moves a number."""
    world, steps = base, []
    order = ("design", "covariance", "convention", "printing")
    chosen = sorted(rng.sample(CAUSES, causes), key=lambda c: (order.index(c.layer), CAUSES.index(c)))
    if len({c.slot for c in chosen}) < causes or sum(c.cost for c in chosen) > 2:
        return None
    for cause in chosen:
        variants = list(cause.steps(world, bench))
        if not variants:
            return None
        step = rng.choice(variants)
        steps.append(step)
        world = step.world
    return world, steps


def typed(rng: random.Random, numbers: Numbers) -> list[tuple[str, str, int]]:
    """Which numbers a table shows, and with how many decimals: coefficients and standard errors of up to five terms."""
    digits = rng.choice((3, 4, 5, 7))
    out = []
    for term in numbers.terms[:5]:
        i = numbers.terms.index(term)
        size = numbers.se[i]
        if not (math.isfinite(size) and size > 0):
            return []
        decimals = max(0, digits - 1 - math.floor(math.log10(size)))
        out += [("coef", term, decimals), ("se", term, decimals)]
    return out


def table(numbers: Numbers, shown: list[tuple[str, str, int]]) -> Observed | None:
    """The numbers as a page prints them."""
    if not {term for _, term, _ in shown} & set(numbers.terms):
        return None
    targets = []
    for quantity, term, decimals in shown:
        if term in numbers.terms:
            value = float(getattr(numbers, quantity)[numbers.terms.index(term)])
            if not math.isfinite(value):
                return None
            targets.append(TargetNumber(quantity, term, f"{value:.{decimals}f}"))
    targets.append(TargetNumber("nobs", "", f"{numbers.nobs:.0f}"))
    return from_text(targets)


def case(seed: int) -> Case | None:
    """One planted case; None where the draw plants nothing that can be seen."""
    rng = random.Random(seed)
    study = rng.choice(studies())
    bench = bench_of(study)
    spec = rng.choice(bench.study.specs)
    base = World(spec)
    declared = bench.numbers(base)
    if declared is None or not np.isfinite(declared.se).all():
        return None
    kind = rng.choice(("estimate", "estimate", "table"))
    shown = typed(rng, declared) if kind == "table" else []
    if kind == "table":
        if not shown:
            return None
        base = replace(base, decimals=tuple(((q, t), d) for q, t, d in shown))
    planted = plant(rng, bench, base, rng.choice((1, 2)))
    if planted is None:
        return None
    world, steps = planted
    numbers = independent(bench, world)
    if numbers is None or not np.isfinite(numbers.vcov).all() or not np.isfinite(numbers.se).all():
        return None
    observed = table(numbers, shown) if kind == "table" else from_numbers(numbers, EXACT, FULL)
    if observed is None or not observed.failing(declared).any():
        return None
    if any(not _moves(bench, observed, without) for without in _without_each(steps, base, bench)):
        return None
    if (numbers.se < 1e-9 * declared.se.min()).any():  # nothing but rounding noise: as many clusters as instruments, say
        return None
    parameters = tuple(p for s in steps for p in s.parameters)
    return Case(study, spec.id, kind, tuple(s.cause.id for s in steps), parameters, base, observed, numbers)


def _without_each(steps: list[Step], base: World, bench: Bench) -> Iterator[World]:
    """The worlds with one of two planted causes only: each must miss a number, or nothing was planted by the other."""
    if len(steps) == 2:
        yield steps[0].world
        second = steps[1]
        yield from (s.world for s in second.cause.steps(base, bench) if s.parameters == second.parameters)


def _moves(bench: Bench, observed: Observed, world: World) -> bool:
    numbers = bench.numbers(world)
    return numbers is None or bool(observed.failing(numbers).any())


def noise(seed: int) -> Case | None:
    """The declared numbers, each off by some 1e-6 of itself; or standard errors drawn at random."""
    rng = random.Random(seed)
    study = rng.choice(studies())
    bench = bench_of(study)
    spec = rng.choice(bench.study.specs)
    numbers = bench.numbers(World(spec))
    if numbers is None or not np.isfinite(numbers.se).all():
        return None
    draw = np.random.default_rng(seed)
    if rng.random() < 0.5:
        off = replace(
            numbers, coef=numbers.coef * (1 + 1e-6 * draw.standard_normal(len(numbers.coef))),
            vcov=numbers.vcov * (1 + 1e-6 * draw.standard_normal(numbers.vcov.shape)),
        )  # fmt: skip
        return Case(study, spec.id, "noise", (), (), World(spec), from_numbers(off, EXACT, FULL), off)
    term = rng.choice(numbers.terms)
    se = float(numbers.se[numbers.terms.index(term)]) * math.exp(rng.uniform(-0.7, 0.7))
    digits = rng.choice((5, 7, 10))
    decimals = max(0, digits - 1 - math.floor(math.log10(se)))
    observed = from_text([TargetNumber("se", term, f"{se:.{decimals}f}")])
    base = World(spec, decimals=((("se", term), decimals),))
    return Case(study, spec.id, "nonsense", (), (), base, observed, numbers)


# ---------------------------------------------------------------- judging


def judged(seed: int, make: str = "case") -> Outcome | None:
    """One case diagnosed blind: the search sees the declared world and the other side's numbers, nothing else."""
    given = {"case": case, "noise": noise}[make](seed)
    if given is None:
        return None
    bench = bench_of(given.study)
    start = time.perf_counter()
    found = Search(bench, given.observed, given.base, CAUSES).run()
    seconds = time.perf_counter() - start
    answers = tuple(dict.fromkeys(tuple(s.cause.id for s in f.path.steps) for f in found.solutions))
    result = verdict(given, found.solutions, found.possible)
    return Outcome(given.study, given.spec, given.kind, given.planted, given.parameters, result, answers, seconds)


def verdict(case: Case, solutions: list[Found], possible: list[Found]) -> str:
    """Where the truth stands among the answers."""
    certain = len(solutions) == 1 and solutions[0].chance < 0.01
    if not case.planted:
        return "not named" if not solutions else "named with certainty" if certain else "named among several"
    truth = set(case.planted)
    named = [f for f in solutions if {s.cause.id for s in f.path.steps} == truth]
    if named:
        return "found exactly" if len(solutions) == 1 else "within the set"
    if any(_same(f.numbers, case.numbers) for f in solutions):
        return "same numbers, other words"
    if any({s.cause.id for s in f.path.steps} == truth for f in possible):
        return "possible only" if not solutions else "wrong with certainty" if certain else "wrong among several"
    return "missed" if not solutions else "wrong with certainty" if certain else "wrong among several"


def _same(a: Numbers, b: Numbers) -> bool:
    """Whether two worlds print the same numbers in full precision: no data could tell them apart."""
    if set(a.terms) != set(b.terms):
        a_in = [i for i, t in enumerate(a.terms) if t in b.terms]
        if not a_in:
            return False
    at = {t: i for i, t in enumerate(b.terms)}
    return all(
        np.isclose(getattr(a, q)[i], getattr(b, q)[at[t]], rtol=1e-8, atol=0)
        for q in ("coef", "se") for i, t in enumerate(a.terms) if t in at
    )  # fmt: skip


#: Best first; the table prints them in this order.
RESULTS = (
    "found exactly", "within the set", "same numbers, other words", "possible only", "missed", "wrong among several",
    "wrong with certainty", "not named", "named among several", "named with certainty",
)  # fmt: skip


def confusion(outcomes: list[Outcome]) -> str:
    """Counts of every result by kind of case, and the share that is named."""
    kinds = ("estimate", "table", "noise", "nonsense")
    counts = Counter((o.kind, o.result) for o in outcomes)
    lines = ["| result | " + " | ".join(kinds) + " |", "|---" * (len(kinds) + 1) + "|"]
    for result in RESULTS:
        row = [counts[kind, result] for kind in kinds]
        if any(row):
            lines.append(f"| {result} | " + " | ".join(map(str, row)) + " |")
    planted = [o for o in outcomes if o.planted]
    good = sum(o.result in RESULTS[:3] for o in planted)
    if planted:
        seconds = sorted(o.seconds for o in outcomes)
        lines += ["", f"{good} of {len(planted)} planted are named ({good / len(planted):.1%}); "
                  f"median {seconds[len(seconds) // 2]:.2f} s, slowest {seconds[-1]:.1f} s"]  # fmt: skip
    return "\n".join(lines)


def outcomes(n: int, seed: int, make: str, workers: int) -> list[Outcome]:
    """n cases of the generator, in the order of their seeds."""
    done: list[Outcome] = []
    with ProcessPoolExecutor(workers) as pool:
        at = seed * 1_000_000
        while len(done) < n:
            batch = range(at, at + 4 * max(n - len(done), 10))
            done += [o for o in pool.map(functools.partial(judged, make=make), batch, chunksize=4) if o]
            at = batch.stop
    return done[:n]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--noise", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--show", action="store_true", help="print every case that is not named, and its answers")
    options = parser.parse_args()
    found = outcomes(options.n, options.seed, "case", options.workers)
    found += outcomes(options.noise, options.seed, "noise", options.workers) if options.noise else []
    if options.show:
        for o in found:
            if o.result not in (*RESULTS[:3], "not named") or o.seconds > 5:
                where = f"{o.study} {o.spec} {o.kind}"
                print(f"{o.result}: {where} {o.planted} {o.parameters} -> {o.answers[:4]} {o.seconds:.1f}s")
    print(confusion(found))


if __name__ == "__main__":
    main()
