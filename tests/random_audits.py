"""Random audits of random studies: any of the choices that an audit may vary, some of which don't go together."""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator

import numpy as np

from parity.analyses.instruments.analysis import errors_of, printed, why_none
from parity.analyses.instruments.statistics import diagnose
from parity.audit.plan import plan_of
from parity.audit.run import outcomes
from parity.audit.space import Space, space_of
from parity.base.errors import InputError, Unestimable
from parity.base.tolerance import BY_ACCURACY, EXACT, NO_VARIANCE, P_SCALE
from parity.compare.harmonise import Unusable, harmonise
from parity.conventions.formulas import Refused
from parity.conventions.profiles import family_of
from parity.engines import engine
from parity.engines.undefined import declined_for_jackknife
from parity.results.estimate import Estimate
from parity.sample.build import build_design
from parity.study.audit import AuditSettings
from random_studies import CONTROLS, random_study

ENGINES = ("py-moments", "py-pyfixest")
#: Beside the engines' numbers: F of the first stage, of specifications that have an estimate.
FIRST = "first-stage F"
#: What packages raise of a sample; a run makes a value of it.
FELL = (ArithmeticError, ValueError, np.linalg.LinAlgError)
#: Beside what an audit says: every number of a specification, as an engine has it.
Numbers = tuple[float, float, float, float, float]


class Fell(Exception):
    """The engine failed: it has no number to be compared."""


def random_audit(seed: int, common: bool = False, odd: bool = False) -> Space:
    """A space of some tens to some thousands of specifications. common: all of them on the same rows; odd: choices of `ODD`
    among the others."""
    rng = random.Random(seed)
    study, frame = random_study(seed)
    if odd:
        frame = _with_odd_columns(frame, np.random.default_rng([seed, 5]))
    spec = rng.choice([s for s in study.specs if s.formula.endog or s.formula.exog])
    made = [*study.derive, *(c for name, index in study.index.items() for c in index.columns(name))]
    most = rng.choice((20_000, 20_000, 20_000, 60))
    settings = AuditSettings.model_validate({"spec": spec.id, **_choices(rng, spec, odd), "most": most, "seed": seed,
                                             "common_sample": common})  # fmt: skip
    main = study.index["score"]
    variants = {
        "by_year": main.model_copy(update={"over": "year"}),
        "of_equals": main.model_copy(update={"method": "equal"}),
    }
    index = {"score": main.model_copy(update={"variants": variants})}
    study = study.model_copy(update={"audits": {"a": settings}, "specs": (spec,), "index": index})
    return space_of(study, "a", frame.drop(columns=made))


def _with_odd_columns(frame, draw: np.random.Generator):
    """Weights with zeros, sums of other columns, counts with zeros, a control with holes, a cluster that is nearly all."""
    n = len(frame)
    holes = draw.standard_normal(n)
    holes[draw.random(n) < 0.1] = np.nan
    return frame.assign(
        some=np.where(draw.random(n) < 0.2, 0.0, frame["pop"]), sum=frame["x1"] + 2 * frame["x2"], twin=3 * frame["x1"],
        zeros=draw.poisson(1.5, n), holes=holes, most=(draw.random(n) < 0.05).astype(int),
    )  # fmt: skip


#: Choice -> what is drawn of it beside the others: weights of zero, singletons, collinear controls, effects that are
#: clusters, instruments that are controls, windows that leave one cluster or none, lags over gaps, logarithms of zero.
ODD = {
    "controls": ("sum", "twin", "log(zeros)", "holes", "l(holes, 2)", "d(x1)", "zeros:south", "log1p(zeros)"),
    "absorb": ("unit^south", "unit^sector", "team", "unit + team + sector", "most", "state^year"),
    "cluster": (["team"], ["most"], ["unit", "team"], ["state", "sector"]),
    "where": ("state == 0", "unit < 4", "sector == 1", "zeros > 0", "most == 1", "year == 2003", "x1 > 0 or holes > 0"),
    "leave_out": ("team", "zeros", "most"),
    "outcome": ("log(zeros)", "d(y)", "zeros", "y * 1e6"),
    "transform": ("log(zeros)", "holes", "l({}, 3)", "0 * {}", "1e-7 * {}"),
    "weights": ({"analytic": "some"}, {"frequency": "zeros"}, {"pweight": "some"}),
    "instruments": ("x2", "z1 + x2", "x1", "holes", "sum + z1", "z1 + z2 + twin", "south"),
}  # fmt: skip


def _oddly(rng: random.Random, name: str, chosen: object, own: list[str]) -> object:
    """The options with one or two odd ones among them. own: the spec's columns, of which the term is one."""
    if name == "controls":
        free = rng.sample([c for c in (*CONTROLS[:6], *ODD["controls"]) if c not in own], 4)
        return {"free": free[:3], "always": free[3:]} if rng.random() < 0.5 else {"free": free, "at_most": 3}
    if name == "transform":
        return {c: rng.sample([line.format(c) for line in ODD[name]], 2) for c in rng.sample(("x1", "y", "w", "z1"), 1)}
    return [*(chosen if isinstance(chosen, list) else [chosen]), *rng.sample(ODD[name], 2)]


def _choices(rng: random.Random, spec, odd: bool = False) -> dict:
    own = [str(i) for i in (*spec.formula.endog, *spec.formula.exog)]
    others = [c for c in CONTROLS if c not in own]
    single = [c for c in others if c != "south"]
    effects = ["none", "unit", "year", "unit + year", "year + unit", "state", "sector + year", "unit + team"]
    every = {
        "controls": lambda: _controls(rng, own[1:], others),
        "absorb": lambda: rng.sample(effects, 2),
        "cluster": lambda: [*rng.sample(("unit", "state", "year", "sector"), 2),
                            rng.choice((["unit", "year"], ["year", "unit"], ["unit", "year", "sector"]))],
        "vcov": lambda: rng.sample(VCOVS, 2),
        "convention": lambda: rng.choice(("all", *(rng.sample(LINEAR, 3) for _ in range(3)))),
        "where": lambda: rng.sample(WHERES, rng.randint(1, 3)),
        "leave_out": lambda: rng.choice(("year", "sector", "state", "unit", ["sector", "year"])),
        "outcome": lambda: rng.choice(("log(sales)", ["log(sales)", "sales"], "y / pop")),
        "treatment": lambda: rng.sample(single, rng.randint(1, 2)),
        "transform": lambda: _transforms(rng),
        "index": lambda: {"score": {"variants": rng.choice(("all", [], ["by_year"])),
                                    "leave_out": ["indicators", "dimensions"][: rng.randint(0, 2)]}},
        "weights": lambda: ["none", {"analytic": "pop"}, {"frequency": "times"}, {"pweight": "pop"}],
    }  # fmt: skip
    if spec.iv:
        every["instruments"] = lambda: ["z1", "z1 + z2", "z2 + z1", "l(z1, 1)"]
    if spec.model != "ols":
        del every["absorb"]
    if spec.model == "random_effects":
        del every["weights"]
    chosen = rng.sample(sorted(every), rng.randint(2, 5))
    drawn = {name: every[name]() for name in chosen}
    return {n: _oddly(rng, n, c, own) if odd and n in ODD and rng.random() < 0.7 else c for n, c in drawn.items()}


#: Profiles of least squares, and covariances, one of each kind.
LINEAR = tuple(family_of("fixest"))
VCOVS = (
    "iid", "HC0", "HC1", "HC2", "HC3", "HC4", {"cluster": ["state"], "type": "CR0"}, {"cluster": ["unit"], "type": "CR2"},
    {"cluster": ["state"], "type": "CR3"}, {"driscoll_kraay": 2}, {"newey_west": 1},
)  # fmt: skip
#: Conditions: two that are one and the same, one that keeps every row, one that keeps none.
WHERES = ("year > 2002", "year >= 2003", "south == 0", "year > 1990", "year > 3000", "not is_missing(x3)")


def _controls(rng: random.Random, own: list[str], others: list[str]) -> object:
    some = rng.sample(others, 4)
    given = rng.choice((
        "all", {"free": some[:3]}, {"free": some, "at_most": 2}, {"free": some[:3], "together": [some[:2]]},
        {"free": some[:3], "always": some[3:]}, {"free": some, "at_least": 1, "at_most": 3},
        {"free": "all", "always": some[:1], "never": own[:1]},
    ))  # fmt: skip
    return given


def _transforms(rng: random.Random) -> dict:
    """Columns -> lines of every sort, one of which changes nothing, and one of which is missing in places."""

    def lines(column: str) -> list:
        every = [
            {"winsorise": column, "cuts": [5, 95]}, {"winsorise": column, "by": "year"}, {"trim": column, "cuts": [2, 98]},
            {"lag": column}, {"difference": column}, {"standardise": column, "by": "year"}, f"log({column})",
            f"{column} + 1", f"float({column})", f"l({column}, 1)", f"{column} * 1", {"winsorise": column, "cuts": [0, 100]},
        ]  # fmt: skip
        return rng.sample(every, rng.randint(1, 2))

    return {column: lines(column) for column in rng.sample(("x1", "x2", "y", "w"), rng.randint(1, 2))}


def by_engine(space: Space, at: tuple[int, ...], name: str) -> tuple[Numbers, float] | None:
    """Coefficient, standard error, p, df of t and N of a combination, as an engine has them through the run's own steps, and
    what its accuracy allows; None where it declines. Raises `Unestimable`."""
    spec, term = space.specification(at), space.term_in(at)
    design = build_design(space.study, spec, space.frame)
    if term not in design.terms:
        raise Unestimable("the term is gone")
    one = engine(name)
    if one.declines(spec, space.study.header.unit, space.study.header.time):
        return None
    if declined_for_jackknife(one, spec, design):
        raise Unestimable("a coefficient hangs on one cluster")
    try:
        found = one.estimate(spec, design)
    except FELL as error:
        raise Fell(f"{type(error).__name__}: {error}") from None
    if not isinstance(found, Estimate):
        return None
    try:
        numbers = harmonise(found, design.facts, spec).quantities
    except (Unusable, Refused) as error:
        raise Unestimable(str(error)) from None
    if numbers["se", term].value <= NO_VARIANCE * abs(numbers["coef", term].value):
        raise Unestimable("no variance")
    terms = (("coef", term), ("se", term), ("p", term), ("df_t", ""), ("nobs", ""))
    return tuple(numbers[key].value for key in terms), BY_ACCURACY[found.accuracy]


def strength(space: Space, at: tuple[int, ...]) -> float:
    """`weak_f` of a combination, as a run has it where its spec asks for diagnostics; NaN where it has none."""
    spec = space.specification(at)
    errors = errors_of(spec)
    if why_none(spec) or errors is None:
        return np.nan
    try:
        return printed(diagnose(build_design(space.study, spec, space.frame), *errors))["weak_f"][""]
    except (Unestimable, ValueError):
        return np.nan


def compared(
    seed: int, specs: int, engines: tuple[str, ...], common: bool = False, odd: bool = False
) -> Iterator[tuple[str, str, float]]:
    """(engine, what was compared, distance relative to the number) of random specifications of a random audit.

    Distance is in units of what the engine's accuracy allows times `EXACT`, infinite where one side has a number and the
    other has none, and NaN where the engine failed.
    """
    space = random_audit(seed, common, odd)
    found = outcomes(space, plan_of(space))
    rng = np.random.default_rng(seed)
    for i in rng.choice(len(found), size=min(specs, len(found)), replace=False):
        at = tuple(int(c) for c in found.choices[i])
        mine = (found.coef[i], found.se[i], found.p[i], found.df[i], found.nobs[i])
        if found.first_stage is not None and found.estimable[i]:
            first = float(found.first_stage[i]), strength(space, at)
            yield FIRST, f"{seed} {at}: {first}", _distance(*first, 0.0)
        for name in engines:
            try:
                theirs = by_engine(space, at, name)
            except Fell as problem:
                yield name, f"{seed} {at}: failed, {problem}", np.nan
                continue
            except Unestimable as problem:
                yield name, f"{seed} {at}: {problem}", 0.0 if np.isnan(mine[1]) else np.inf
                continue
            if theirs is not None:
                numbers, allowed = theirs
                far = max(map(_distance, mine, numbers, (0.0, 0.0, P_SCALE, 0.0, 0.0))) * EXACT / allowed
                yield name, f"{seed} {at}: {mine} {numbers}", far


def _distance(mine: float, theirs: float, least: float) -> float:
    """Relative to the number, or to the least scale on which it is judged; infinite where one alone has none."""
    if mine == theirs or (np.isnan(mine) and np.isnan(theirs)):
        return 0.0
    if np.isnan(mine) or np.isnan(theirs):
        return np.inf
    return abs(mine - theirs) / max(abs(theirs), least, 1e-15)


def main() -> None:
    """Random specifications of random audits against engines: `PYTHONPATH=tests python -m random_audits --specs 5000`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--specs", type=int, default=5_000)
    parser.add_argument("--of-each", type=int, default=8, help="specifications of one audit, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--common", action="store_true", help="all specifications of an audit on the same rows")
    parser.add_argument("--odd", action="store_true", help="zeros in weights, singletons, collinear controls and the like")
    given = parser.parse_args()
    held, worst, failed, beyond, refused = Counter(), Counter(), Counter(), 0, 0
    seed, specs = given.seed, 0
    while specs < given.specs:
        try:
            found = list(compared(seed, given.of_each, ENGINES, given.common, given.odd))
        except InputError as problem:
            print(f"{seed}: refused, {problem}", flush=True)
            refused, found = refused + 1, []
        specs += len({what.split(":")[0] for _, what, _ in found})
        for name, what, distance in found:
            if np.isnan(distance):
                print(f"{name}: {what}", flush=True)
                failed[name] += 1
                continue
            held[name] += 1
            worst[name] = max(worst[name], distance)
            if not distance < EXACT:
                print(f"{name}: {distance:.1e} {what}", flush=True)
                beyond += 1
        seed += 1
        if (seed - given.seed) % 10 == 0:
            print(f"{specs} specifications of {seed - given.seed} audits, {beyond} beyond", file=sys.stderr, flush=True)
    print(
        f"{specs} specifications of {seed - given.seed - refused} random audits, seed {given.seed}"
        f"{', common samples' * given.common}{', odd choices' * given.odd}"
    )
    for name in (*ENGINES, FIRST):
        print(f"  {name}: {held[name]} compared, largest distance {worst[name]:.1e}; it failed on {failed[name]}")
    print(f"beyond {EXACT:g}: {beyond}")
    raise SystemExit(beyond > 0)


if __name__ == "__main__":
    main()
