"""Planted discrepancies: known causes, applied to real studies and random panels, diagnosed blind.

    PYTHONPATH=tests python -m planted --n 1000 --noise 500 --seed 1 --markdown docs/evidence/planted.md
    PYTHONPATH=tests python -m planted --n 150 --noise 50 --seed 1 --models
    PYTHONPATH=tests python -m planted --n 100 --noise 20 --seed 1 --dynamic

A case takes one or two causes of the catalogue, each as likely as any other, a spec of a bundled study or of a random
panel where they move a number (with --models a likelihood, a k-class estimator or GMM) and, at random, a full estimate or a
table of rounded numbers. With --dynamic the specs are a bundled study's dynamic panels, and one cause at least is of these.
Where the covariance allows, the planted numbers are computed by dense algebra with dummies (`miniatures.dense`; not a
system's, which loses digits there), not by the estimator that the diagnosis uses. Noise (every number off by 1e-6 of itself)
and nonsense (a random standard error) must not be named.
Draws that plant nothing are drawn again: a cause that doesn't apply to the spec, that moves no number by more than the
precision shown, or that leaves no finite estimate or regressors whose condition number is beyond what nine digits need
(`parity.base.tolerance`).
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import math
import multiprocessing
import os
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

import dense_models
import parity
import planted_doubt
import planted_report
from miniatures import dense
from parity.base.cache import code_hash, key_of
from parity.base.tolerance import CERTAIN_CHANCE, EXACT, MOST_CONDITION
from parity.data.load import load_frame
from parity.diagnose.catalogue import CAUSES, dynamic
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.numbers import Numbers, printed
from parity.diagnose.observed import Observed, TargetNumber, from_numbers, from_text
from parity.diagnose.scenario import Scenario
from parity.diagnose.search import Found, Search
from parity.engines.own.fit import solve
from parity.study.load import load_study
from parity.study.models import LIKELIHOODS, OF_DYNAMIC, OF_INSTRUMENTS
from parity.study.spec import Spec
from planted_report import BROKE, FOUND, Outcome
from random_studies import random_study

FIXTURES = Path(__file__).parent.parent / "fixtures"
#: The bundled study of dynamic panels.
DYNAMIC = "employment"
#: Random panels beside the bundled studies; half of all cases are drawn from them.
PANELS = 60
#: How many of them have likelihoods, k-class estimators and GMM.
OF_MODELS = 15
#: Specs tried for drawn causes before they are drawn again.
TRIES = 40
#: Dense dummies beyond this many columns are left to parity's own estimator.
MOST_DUMMIES = 300
FULL = ("coef", "se", "vcov", "t", "p", "ci_low", "ci_high", "nobs", "df_t")
#: What makes the cases, beside the package.
GENERATORS = (
    "planted.py", "random_studies.py", "random_panels.py", "miniatures.py", "dense_models.py", "dense_series.py",
    "dense_panels.py",
)  # fmt: skip
LAYERS = ("design", "covariance", "convention", "printing")


@dataclass(frozen=True)
class Case:
    """A discrepancy and the truth about it."""

    study: str
    spec: str
    kind: str  # "estimate", "table", "noise", "nonsense"
    planted: tuple[str, ...]
    parameters: tuple = ()
    base: Scenario | None = field(default=None, repr=False)
    observed: Observed | None = field(default=None, repr=False)
    numbers: Numbers | None = field(default=None, repr=False)


# ---------------------------------------------------------------- making cases


@functools.cache
def fitter_of(study: str) -> Fitter:
    if study.startswith("random-"):
        *models, seed = study.removeprefix("random-").split("-")
        return Fitter(*random_study(int(seed), models=bool(models)))
    loaded = load_study(FIXTURES / study)
    return Fitter(loaded, load_frame(loaded))


@functools.cache
def studies() -> tuple[str, ...]:
    """Bundled studies that have specifications to plant in: some have analyses alone, or dynamic panels."""
    return tuple(
        sorted(p.parent.name for p in FIXTURES.glob("*/study.toml") if any(map(plantable, load_study(p.parent).specs)))
    )


def plantable(spec: Spec) -> bool:
    return spec.model not in OF_DYNAMIC


def beyond_least_squares(spec: Spec) -> bool:
    return spec.model in (*LIKELIHOODS, *OF_INSTRUMENTS)


@functools.cache
def studies_of_models() -> tuple[str, ...]:
    return tuple(s for s in studies() if any(map(beyond_least_squares, fitter_of(s).study.specs)))


def drawn(rng: random.Random, seed: int, of: str = "") -> tuple[str, Spec]:
    """A spec of a bundled study, or of one of the random panels that belong to the seed's million. of: "models" for those
    beyond least squares alone, "dynamic" for dynamic panels."""
    models = of == "models"
    if of == "dynamic":
        return DYNAMIC, rng.choice([s for s in fitter_of(DYNAMIC).study.specs if s.model in OF_DYNAMIC])
    if rng.random() < 0.5:
        study = rng.choice(studies_of_models() if models else studies())
    else:
        panel = rng.randrange(OF_MODELS if models else PANELS)
        study = f"random-{'models-' if panel < OF_MODELS else ''}{seed // 1_000_000 * 1_000 + panel}"
    return study, rng.choice([s for s in fitter_of(study).study.specs if not models or beyond_least_squares(s)])


def independent(fitter: Fitter, scenario: Scenario) -> Numbers | None:
    """The scenario's numbers, its coefficients and covariance by dense algebra where that can do it."""
    numbers, design, rules = fitter.numbers(replace(scenario, prints=())), fitter.design(scenario), fitter.rules(scenario)
    if numbers is None or design is None or rules is None:
        return None
    spec = scenario.spec
    plain = spec.vcov.kind in dense_models.KINDS and spec.model == "ols" and not scenario.scaling
    plain = plain or (dense_models.known(spec) and not scenario.scaling and not scenario.marginal)
    plain = plain or (spec.model == "difference_gmm" and not spec.formula.intercept and _by_differences(spec))
    if plain and sum(a.levels for a in design.facts.absorbed) <= MOST_DUMMIES:
        b, parts = dense(spec, design)
        factors = {frozenset(s): f for s, f in rules[0].items()}  # clusters in whatever order
        vcov = sum((-1.0 if s and len(s) % 2 == 0 else 1.0) * factors[frozenset(s)] * m for s, m in parts.items())
        numbers = replace(numbers, coef=b, vcov=np.asarray(vcov))
    return printed(numbers, scenario.prints)


def _by_differences(spec: Spec) -> bool:
    return spec.dynamic is None or spec.dynamic.transform == "differences"


def chosen(rng: random.Random, of: str = "") -> list[Cause] | None:
    """One or two causes, each as likely as any other, in the order in which they act; None for two that can't meet."""
    sample = rng.sample(CAUSES, rng.choice((1, 2)))
    if of == "dynamic":
        sample[0] = rng.choice(dynamic.CAUSES)
    causes = sorted(sample, key=lambda c: (LAYERS.index(c.layer), CAUSES.index(c)))
    if len({c.slot for c in causes}) < len(causes) or sum(c.cost for c in causes) > 2:
        return None
    return causes


def plant(rng: random.Random, fitter: Fitter, base: Scenario, causes: list[Cause]) -> tuple[Scenario, list[Step]] | None:
    """A scenario these causes away from the base; None where one doesn't apply."""
    scenario, steps = base, []
    for cause in causes:
        variants = list(cause.steps(scenario, fitter))
        if not variants:
            return None
        step = rng.choice(variants)
        steps.append(step)
        scenario = step.scenario
    return scenario, steps


def typed(rng: random.Random, numbers: Numbers) -> list[tuple[str, str, int]]:
    """Which numbers a table shows, and with how many decimals: coefficients, at times with stars, and standard errors of
    up to five terms."""
    digits, starred = rng.choice((3, 4, 5, 7)), rng.random() < 0.25
    out = []
    for term in numbers.terms[:5]:
        i = numbers.terms.index(term)
        size = numbers.se[i]
        if not (math.isfinite(size) and size > 0):
            return []
        decimals = max(0, digits - 1 - math.floor(math.log10(size)))
        out += [("coef", term, decimals), ("se", term, decimals)]
        if starred:
            out.append(("stars", term, 0))
    return out


def table(numbers: Numbers, shown: list[tuple[str, str, int]]) -> Observed | None:
    """The numbers as a page prints them; None where it shows too little: no term of the model, stars but none reached."""
    if not {term for _, term, _ in shown} & set(numbers.terms) or not math.isfinite(numbers.nobs):
        return None
    texts: dict[tuple[str, str], str] = {}
    for quantity, term, decimals in shown:
        if term in numbers.terms:
            value = float(getattr(numbers, quantity)[numbers.terms.index(term)])
            if not math.isfinite(value):
                return None
            if quantity == "stars":
                texts["coef", term] += "*" * round(value)
            else:
                texts[quantity, term] = f"{value:.{decimals}f}"
    if any(q == "stars" for q, _, _ in shown) and not any("*" in text for text in texts.values()):
        return None
    targets = [TargetNumber(quantity, term, text) for (quantity, term), text in texts.items()]
    return from_text([*targets, TargetNumber("nobs", "", f"{numbers.nobs:.0f}")])


def case(seed: int, of: str = "") -> Case | None:
    """One planted case: causes first, then a spec where they move a number; None where `TRIES` specs have none."""
    rng = random.Random(seed)
    causes = chosen(rng, of)
    for _ in range(TRIES if causes else 0):
        found = planted_in(rng, *drawn(rng, seed, of), causes)
        if found is not None:
            return found
    return None


def planted_in(rng: random.Random, study: str, spec: Spec, causes: list[Cause]) -> Case | None:
    """The causes planted in one spec; None where one doesn't apply or nothing can be seen of it."""
    fitter, base = fitter_of(study), Scenario(spec)
    declared = fitter.numbers(base)
    if declared is None or not np.isfinite(declared.se).all():
        return None
    kind = rng.choice(("estimate", "estimate", "table"))
    shown = typed(rng, declared) if kind == "table" else []
    if kind == "table":
        if not shown:
            return None
        base = replace(base, decimals=(*(((q, t), d) for q, t, d in shown), (("nobs", ""), 0)))
    planted = plant(rng, fitter, base, causes)
    if planted is None:
        return None
    scenario, steps = planted
    numbers = independent(fitter, scenario)
    if numbers is None or not np.isfinite(numbers.vcov).all() or not np.isfinite(numbers.se).all():
        return None
    observed = table(numbers, shown) if kind == "table" else from_numbers(numbers, EXACT, FULL)
    if observed is None or not observed.failing(declared).any():
        return None
    if any(not _moves(fitter, observed, without) for without in _without_each(steps, base, fitter)):
        return None
    if not _conditioned(fitter, scenario):
        return None
    if (numbers.se < 1e-9 * declared.se.min()).any():  # nothing but rounding noise: as many clusters as instruments, say
        return None
    parameters = tuple(p for s in steps for p in s.parameters)
    return Case(study, spec.id, kind, tuple(s.cause.id for s in steps), parameters, base, observed, numbers)


def _conditioned(fitter: Fitter, scenario: Scenario) -> bool:
    """Whether double precision holds nine digits of these coefficients, by the reason given for `EXACT`."""
    design = fitter.design(scenario)
    if scenario.spec.model in OF_DYNAMIC:
        of = np.hstack([design.x, np.ones((design.nobs, int(design.intercept)))])
    else:
        of = solve(design, scenario.spec).xt
    return bool(np.linalg.cond(of / np.linalg.norm(of, axis=0)) < MOST_CONDITION)


def _without_each(steps: list[Step], base: Scenario, fitter: Fitter) -> Iterator[Scenario]:
    """The scenarios with one of two planted causes only: each must miss a number, or nothing was planted by the other."""
    if len(steps) == 2:
        yield steps[0].scenario
        second = steps[1]
        yield from (s.scenario for s in second.cause.steps(base, fitter) if s.parameters == second.parameters)


def _moves(fitter: Fitter, observed: Observed, scenario: Scenario) -> bool:
    numbers = fitter.numbers(scenario)
    return numbers is None or bool(observed.failing(numbers).any())


def noise(seed: int, of: str = "") -> Case | None:
    """The declared numbers, each off by some 1e-6 of itself; or a standard error drawn at random."""
    rng = random.Random(seed)
    study, spec = drawn(rng, seed, of)
    fitter = fitter_of(study)
    numbers = fitter.numbers(Scenario(spec))
    if numbers is None or not np.isfinite(numbers.se).all():
        return None
    draw = np.random.default_rng(seed)
    if rng.random() < 0.5:
        off = replace(
            numbers, coef=numbers.coef * (1 + 1e-6 * draw.standard_normal(len(numbers.coef))),
            vcov=numbers.vcov * (1 + 1e-6 * draw.standard_normal(numbers.vcov.shape)),
        )  # fmt: skip
        return Case(study, spec.id, "noise", (), (), Scenario(spec), from_numbers(off, EXACT, FULL), off)
    term = rng.choice(numbers.terms)
    se = float(numbers.se[numbers.terms.index(term)]) * math.exp(rng.uniform(-0.7, 0.7))
    digits = rng.choice((5, 7, 10))
    decimals = max(0, digits - 1 - math.floor(math.log10(se)))
    observed = from_text([TargetNumber("se", term, f"{se:.{decimals}f}")])
    base = Scenario(spec, decimals=((("se", term), decimals),))
    return Case(study, spec.id, "nonsense", (), (), base, observed, numbers)


# ---------------------------------------------------------------- judging


def judged(seed: int, make: str = "case", of: str = "") -> Outcome | None:
    """`diagnosed`, or `BROKE` where it raises: that ends no count of the others."""
    given = None
    try:
        given = {"case": case, "noise": noise}[make](seed, of)
        return None if given is None else diagnosed(seed, given)
    except Exception as error:
        print(f"{seed}: {traceback.format_exc()}", file=sys.stderr, flush=True)
        said = (type(error).__name__,)
        if given is None:
            return Outcome(seed, "", "", make, said, (), BROKE, (), 0.0)
        return Outcome(seed, given.study, given.spec, given.kind, given.planted or said, given.parameters, BROKE, (), 0.0)


def diagnosed(seed: int, given: Case) -> Outcome:
    """A case diagnosed blind: the search sees the declared scenario and the other side's numbers, nothing else."""
    fitter = fitter_of(given.study)
    start = time.process_time()
    found = Search(fitter, given.observed, given.base, CAUSES).run()
    seconds = time.process_time() - start
    answers = tuple(dict.fromkeys(tuple(s.cause.id for s in f.path.steps) for f in found.solutions))
    result = verdict(given, found.solutions, found.possible)
    told = result in FOUND or not given.planted or planted_doubt.decidable(given, fitter)
    return Outcome(
        seed, given.study, given.spec, given.kind, given.planted, given.parameters, result, answers, seconds, told
    )  # fmt: skip


def verdict(case: Case, solutions: list[Found], possible: list[Found]) -> str:
    """Where the truth stands among the answers."""
    certain = len(solutions) == 1 and solutions[0].chance < CERTAIN_CHANCE
    if not case.planted:
        return "not named" if not solutions else "named with certainty" if certain else "named among several"
    truth = set(case.planted)
    named = [f for f in solutions if {s.cause.id for s in f.path.steps} == truth or _that_column(case, f)]
    if named:
        return "found exactly" if len(solutions) == 1 else "within the set"
    alike = [f for f in solutions if same(f.numbers, case.numbers)]
    if any(f.path.cost < len(truth) for f in alike):
        return "same numbers, fewer causes"
    if alike:
        return "same numbers, other causes"
    if any({s.cause.id for s in f.path.steps} == truth for f in possible):
        return "possible only" if not solutions else "wrong with certainty" if certain else "wrong among several"
    return "missed" if not solutions else "wrong with certainty" if certain else "wrong among several"


def _that_column(case: Case, found: Found) -> bool:
    """Whether a page's whole column is said to be the one whose specification was planted: two words for one thing."""
    (step, *more) = found.path.steps
    of = dict(step.parameters)
    said = step.cause.id == "column-of-another-spec" and of.get("what") == "whole column" and not more
    return said and case.planted == ("another-column",) and dict(case.parameters).get("column") == of.get("column")


def same(a: Numbers, b: Numbers) -> bool:
    """Whether two scenarios print the same numbers in full precision: no data could tell them apart.

    A coefficient is judged on the scale of its standard error where that is larger: one that is zero is so up to rounding.
    """
    at = {t: i for i, t in enumerate(b.terms)}
    shared = [(i, at[t]) for i, t in enumerate(a.terms) if t in at]
    return bool(shared) and all(
        np.isclose(a.se[i], b.se[j], rtol=1e-8, atol=0)
        and np.isclose(a.coef[i], b.coef[j], rtol=1e-8, atol=1e-8 * min(a.se[i], b.se[j]))
        for i, j in shared
    )


def outcomes(n: int, seed: int, make: str, workers: int, kept: Kept | None = None, *, of: str = "") -> Iterator[Outcome]:
    """n cases of the generator, in the order of their seeds, as they are judged; those that are kept already first."""
    known = kept.of(make) if kept else {}
    first = seed * 1_000_000
    yield from itertools.islice((o for o in known.values() if o is not None), n)
    found = sum(o is not None for o in known.values())
    start = max(known, default=first - 1) + 1
    with multiprocessing.get_context("spawn").Pool(workers, maxtasksperchild=2_000) as pool:
        seeds = range(start, first + 1_000_000) if found < n else ()
        judge = functools.partial(judged, make=make, of=of)
        for number, outcome in zip(seeds, pool.imap(judge, seeds, chunksize=8), strict=True):
            if kept:
                kept.add(make, number, outcome)
            if outcome is not None:
                yield outcome
                found += 1
                if found == n:
                    return


class Kept:
    """Outcomes in a file, a line each, so that a run that was stopped goes on where it was; of other code it starts anew."""

    def __init__(self, file: Path, of: str = ""):
        self.file, self._known = file, {"case": {}, "noise": {}}
        generators = [Path(__file__).with_name(name).read_text(encoding="utf-8") for name in GENERATORS]
        code = key_of(code_hash(Path(parity.__file__).parent), *generators, *([of] if of else []))
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        if not lines or json.loads(lines[0]) != code:
            file.write_text(json.dumps(code) + "\n", encoding="utf-8")
            return
        for line in lines[1:]:
            make, seed, fields = json.loads(line)
            self._known[make][seed] = outcome_of(fields) if fields else None

    def of(self, make: str) -> dict[int, Outcome | None]:
        return self._known[make]

    def add(self, make: str, seed: int, outcome: Outcome | None) -> None:
        with self.file.open("a", encoding="utf-8") as out:
            out.write(json.dumps([make, seed, asdict(outcome) if outcome else None], default=str) + "\n")


def outcome_of(fields: dict) -> Outcome:
    """An outcome as it was before it was written."""
    tuples = {name: tuple(map(_deep, fields[name])) for name in ("planted", "parameters", "answers")}
    return Outcome(**fields | tuples)


def _deep(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--noise", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--models", dest="of", action="store_const", const="models", help="likelihoods, k-class, GMM only")
    only.add_argument("--dynamic", dest="of", action="store_const", const="dynamic", help="dynamic panels only")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--markdown", type=Path, help="write the tables to this file")
    parser.add_argument("--keep", type=Path, help="keep outcomes in this file, and go on from there")
    parser.add_argument("--slow", type=float, default=5.0, help="show cases that take longer than this many seconds")
    options = parser.parse_args()
    of = options.of or ""
    # matrices are small: a second thread of a worker's BLAS only waits, and takes the processor from the other worker
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    found: list[Outcome] = []
    kept = Kept(options.keep, of) if options.keep else None
    for make, n in (("case", options.n), ("noise", options.noise)):
        for outcome in outcomes(n, options.seed, make, options.workers, kept, of=of) if n else ():
            found.append(outcome)
            if outcome.result not in (*FOUND, "not named") or outcome.seconds > options.slow:
                print(outcome, flush=True)
            if len(found) % 50 == 0:
                counts = Counter(o.result for o in found)
                print(f"{len(found)}: " + ", ".join(f"{v} {k}" for k, v in counts.most_common()), flush=True)
    text = planted_report.text(found, f"PYTHONPATH=tests python -m planted --n {options.n} --noise {options.noise} "
                                      f"--seed {options.seed}{f' --{of}' if of else ''} "
                                      f"--markdown {options.markdown or 'docs/evidence/planted.md'}", CAUSES)  # fmt: skip
    print(text)
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
