"""The search: fewest causes first, at most three, and only what reproduces every number counts.

It is fast by structure. Coefficients depend on the design alone, so designs are tried first and most fall at once. A
covariance is computed once per kind; a convention multiplies it by a scalar; a distribution moves only p and intervals;
printing comes last and is tried only where it can move every number that still fails.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from parity.base.quantities import OF_THE_DISTRIBUTION
from parity.base.watching import Stopped, Watch, unwatched
from parity.diagnose import chance, combinations
from parity.diagnose.cause import Cause, Step
from parity.diagnose.combinations import Path
from parity.diagnose.fitter import Fitter
from parity.diagnose.numbers import Numbers, printed
from parity.diagnose.observed import Observed
from parity.diagnose.pairs import pairs, with_a_row_twice
from parity.diagnose.printed import Printing, edits
from parity.diagnose.scaling import repairs, with_one_df
from parity.diagnose.scenario import Scenario
from parity.diagnose.weighed import Weighed

MOST_CAUSES = 3
LAYERS = ("design", "covariance", "convention", "printing")
#: On data of more rows than this, a number known to so many digits that not even this many scenarios would fit it by
#: chance ends the search for others that need another fit or another covariance.
LARGE, CERTAIN = 5_000, 1e5
#: Rows up to which a fit for each row is not too much.
MOST_FITS = 1_000


@dataclass(frozen=True)
class Found:
    """A path that reproduces every number, what it predicts, and the largest relative difference left."""

    path: Path
    numbers: Numbers
    residual: float
    chance: float = 0.0


@dataclass
class Result:
    """What a search found: solutions of the least size, others that a random number would fit as easily, and the rest.

    scenarios: how many were weighed, those included that were never computed; stopped: why the search ended before its end
    """

    solutions: list[Found] = field(default_factory=list)
    possible: list[Found] = field(default_factory=list)
    tried: dict[str, float] = field(default_factory=dict)  # cause id -> least residual alone
    scenarios: int = 0
    untried: tuple[str, ...] = ()
    stopped: str = ""


class Search:
    """One search for what turns the declared scenario into the observed numbers."""

    def __init__(
        self, fitter: Fitter, observed: Observed, base: Scenario, catalogue: tuple[Cause, ...], watch: Watch = unwatched
    ):  # fmt: skip
        """watch: see `parity.base.watching`; a search that it stops answers with what was found so far."""
        self.fitter, self.observed, self.base, self._watch = fitter, observed, base, watch
        untried = tuple(c for c in catalogue if c.costly(base, fitter))
        self.by_layer = {layer: combinations.of_layer([c for c in catalogue if c not in untried], layer) for layer in LAYERS}
        self.printing = Printing(fitter, observed, self.by_layer["printing"])
        self.result = Result(untried=tuple(c.id for c in untried))
        self.settled, self.large = False, len(fitter.original) > LARGE
        self.start = fitter.numbers(base)
        missed = observed.failing(self.start) if self.start is not None else np.ones(len(observed.targets), dtype=bool)
        self.start_failing = missed
        self._errors_alone = observed.has("coef") and not missed[observed.of_design].any()
        self._off = {(t.quantity, t.term): bool(b) for t, b in zip(observed.targets, self.start_failing, strict=True)}
        self.one_scenario = {n: self._of_one_scenario(self.start_failing, n) for n in range(1, MOST_CAUSES + 1)}
        self._of_factors = chance.of_other_factors(observed, self.start_failing, self.start)
        self._weighed = Weighed()
        self._scalars: Counter[int] = Counter()  # most scenarios of one covariance, by the cost of their conventions
        self._parted = False  # whether so few digits are known that two causes are told one by one only
        self._singles = [0, 0]  # rivals of one cause, without and with slips
        self._sees_df = observed.has(*OF_THE_DISTRIBUTION)
        self._first_se = observed.tightest_se()

    def run(self, most: int = MOST_CAUSES) -> Result:
        plain = 0
        for size in range(1, most + 1):
            few = size > 1 and self.one_scenario[size] * max(plain, 30) > chance.LIMIT
            together = size == 2 and self.one_scenario[2] * self._of_factors * max(plain, 30) <= chance.LIMIT
            if few and not together and (size > 2 or int(self.start_failing.sum()) < 2):
                break  # so few digits that some combination always fits
            self._parted = few and not together
            self._weighed, self._scalars = Weighed(), Counter()
            found: list[Found] = []
            try:
                for one in self._of_size(size):
                    found.append(one)
            except Stopped as stopped:
                self.result.stopped = str(stopped)
            self._sort_out(found, size)
            self.result.scenarios += self._weighed.scenarios(slips=True)
            plain += self._weighed.scenarios(slips=False)
            if size == 1:
                self._singles = tuple(
                    sum(self._weighed.rivals(slips, near) for near in (True, False)) for slips in (False, True)
                )
            if self.result.solutions or self.result.stopped:
                break
        return self.result

    def _sort_out(self, found: list[Found], size: int) -> None:
        """What is named, and what only may be: a family or a combination that so many numbers would fit; and beside a slip
        of an error or two, another design that moves no digit of the coefficients."""
        slip = self._errors_alone and any(chance.of_slip(self.observed, self.start_failing, f.path) for f in found)
        for f in found:
            path = f.path
            whole, scalar = self._by_chance(path, size)
            expected = max([whole + scalar, *(edit.by_chance(self._off) for edit in path.scenario.prints)])
            # of one cause, also where another is certain beside it, a convention is named though others might fit
            alone = sum(s.cause.layer == "convention" for s in path.steps) == 1 and size == 2 and whole <= chance.LIMIT
            limit = chance.FAMILY if size == 1 or alone else chance.LIMIT
            if size == 2 and expected > limit:
                limit, expected = chance.FAMILY, min(expected, self._one_by_one(path))
            by_chance = expected > limit and (size > 1 or path.parametrised)
            by_chance &= not chance.of_slip(self.observed, self.start_failing, path)
            by_chance |= slip and any(s.cause.layer == "design" and not s.cause.keeps_coefficients for s in path.steps)
            kept = Found(path, f.numbers, f.residual, max(expected, self._of_the_slip(path)))
            (self.result.possible if by_chance else self.result.solutions).append(kept)

    def _by_chance(self, path: Path, size: int) -> tuple[float, float]:
        """Expected number of scenarios of this size that such numbers would fit were they random: those that have nothing in
        common with the path; and those that differ from it by conventions, a scalar, alone."""
        slips = any(s.cause.one_number for s in path.steps)
        near, far = self._rivals(slips)
        if self._of_factors == 1.0 and size == 1:
            return self.one_scenario[1] * (near + far), 0.0  # one number, and all of them are its rivals
        conventions = sum(s.cause.cost for s in path.steps if s.cause.layer == "convention")
        scalars = self._scalars[conventions] if conventions else 0
        ses = self._of_one_scenario(self.start_failing & ~self.observed.of_design, size)
        # those that are near have the observed N, so it is no further chance
        n = chance.OF_A_COUNT if size > 1 and (self.start_failing & self.observed.of_counts).any() else 1.0
        return self.one_scenario[size] * self._of_factors * (near / n + far), ses * scalars

    def _of_one_scenario(self, failing: np.ndarray, causes: int = 1) -> float:
        return chance.of_one_scenario(self.observed, failing, causes, self.start)

    def _of_the_slip(self, path: Path) -> float:
        """Expected number of slips that would fit what the other causes leave, were it random: a slip of few digits is not
        sure, however sure they are."""
        if len(path.steps) < 2 or not any(s.cause.one_number for s in path.steps):
            return 0.0
        others = tuple(s.scenario.prints[-1] for s in path.steps if s.cause.layer == "printing" and not s.cause.one_number)
        numbers = self.fitter.unprinted(path.scenario)
        left = self.start_failing if numbers is None else self.observed.failing(printed(numbers, others))
        return chance.of_one_scenario(self.observed, left) * max(self._singles[True], 30)

    def _rivals(self, slips: bool) -> tuple[int, int]:
        return self._weighed.rivals(slips, near=True), self._weighed.rivals(slips, near=False)

    def _one_by_one(self, path: Path) -> float:
        """The same where one of two causes alone mends some numbers and spoils none, and the other the rest: each is judged
        by its own numbers as if it were alone. Infinite where they don't part.

        A slip of the page that stands among numbers that are right then is no chance (`chance.of_slip`), nor are two among
        twice as many; so much that it is certain they never say.
        """
        off = self.start_failing
        slips = [s.cause.layer == "printing" for s in path.steps]
        if len(path.steps) != 2 or path.profile:
            return math.inf
        out = math.inf
        for first, second in ((0, 1), (1, 0)):
            numbers = self._alone(path.steps[first])
            rest = off if numbers is None else self.observed.failing(numbers)
            mended = off & ~rest
            if (rest & ~off).any() or not mended.any() or not rest.any():
                continue
            each = [
                self._of_one_scenario(own) * max(self._singles[path.steps[i].cause.one_number], 30)
                for i, own in ((first, mended), (second, rest))
            ]
            if all(slips) and (~off).sum() >= 2 * off.sum():
                each = [chance.LIMIT]
            elif slips[second] and rest.sum() <= min(chance.MOST_SLIPS, (~rest).sum()):
                each[1] = chance.LIMIT
            out = min(out, sum(each))
        return out

    def _alone(self, step: Step) -> Numbers | None:
        """What the declared scenario prints after this step alone."""
        if step.cause.layer == "printing":
            return None if self.start is None else printed(self.start, step.scenario.prints[-1:])
        same = (s for s in step.cause.steps(self.base, self.fitter) if s.parameters == step.parameters)
        return next((self.fitter.numbers(s.scenario) for s in same), None)

    # ------------------------------------------------------------ the layers

    def _of_size(self, size: int) -> Iterator[Found]:
        for path in self._designs(size):
            self._watched(size)
            if self.settled and not self.fitter.at_hand(path.scenario):
                continue
            if self._rows_are_off(path, size) or self.fitter.core(path.scenario) is None:
                continue
            numbers = self._of_design(path.scenario)
            failing = self.observed.of_design_failing(numbers)
            if path.cost < size or self.observed.nobs in (None, numbers.nobs):  # another N is no chance to fit
                near = chance.may_hit(self.observed, self.start_failing, failing, numbers, size)
                self._weighed.design(path.cost, near)
            before = self.printing.weighed.copy()
            for repaired in self._repaired(path, size, failing, numbers):
                yield from self._covariances(repaired, size)
            self._weighed.leaves(*(self.printing.weighed - before).tolist())

    def _designs(self, size: int) -> Iterator[Path]:
        """The declared design and changed ones. Without coefficients to hold them against, only plain changes combine."""
        start = Path(self.base)
        yield start
        kinds = combinations.refitted(self.by_layer["covariance"], start, self.fitter)
        yield from kinds
        causes = self.by_layer["design"]
        if self._errors_alone:
            rivals = size == 1 and not self.large and chance.of_last_digits(self.observed, self.start_failing, self.start)
            causes = tuple(c for c in causes if c.keeps_coefficients or (rivals and not c.many))
        plain = tuple(c for c in causes if not c.parametrised)
        if size > 1 and not self.observed.has("coef"):
            causes = plain
        few, many = [c for c in causes if not c.many], [c for c in causes if c.many]
        singles = list(combinations.singles(few, start, self.fitter, min(size, 2)))
        yield from singles
        yield from combinations.beside(kinds, few, self.fitter, min(size, 2))
        yield from self._of_many(many, start, size)
        if size > 1 and self.observed.has("coef") and not self._parted:
            given = self.observed, self.fitter, self._weighed.untried
            yield from pairs(self.base, singles, few, *given, free=self._tells_families(singles))
            alone = [*kinds, *singles]
            yield from with_a_row_twice(alone, many, *given, told=self._tells(len(alone) * len(self.fitter.original)))

    def _tells_families(self, singles: list[Path]) -> bool:
        """Whether the numbers would tell one of all pairs of steps, so that both may have a free parameter."""
        return self._tells(math.comb(len(singles), 2))

    def _tells(self, scenarios: int) -> bool:
        """Whether the numbers would tell one of so many scenarios of two causes."""
        return self.observed.complete or self.one_scenario[2] * self._of_factors * scenarios <= chance.LIMIT

    def _of_many(self, causes: list[Cause], start: Path, size: int) -> Iterator[Path]:
        """Causes with a variant for each row. Beside others only with the observed N; without coefficients, each needs a
        fit, so only in small samples."""
        if self.observed.nobs is None and (size > 1 or not self.observed.has("coef")):
            return
        if not self.observed.has("coef") and len(self.fitter.original) > MOST_FITS:
            return
        for path in combinations.singles(causes, start, self.fitter, size):
            if size == 1 or self.fitter.nobs_at_sight(path.scenario) == self.observed.nobs:
                yield path

    def _watched(self, size: int) -> None:
        self._watch(size, self.result.scenarios + self._weighed.scenarios(slips=True))

    def _repaired(self, path: Path, size: int, failing: np.ndarray, numbers: Numbers) -> Iterator[Path]:
        """The path itself if its coefficients are the observed ones; else with what is printed changed so that they are.

        numbers: of the design alone, of which `failing` are not the observed ones
        """
        if not failing.any():
            yield path
        elif path.cost >= size:
            self._note(path, self.observed.residual_of_design(numbers))
        else:
            yield from self._mended(path, size - path.cost, failing, numbers)

    def _rows_are_off(self, path: Path, size: int) -> bool:
        """Whether N alone rules the path out, before any fit; on large data also where a misprinted N might save it."""
        nobs = self.fitter.nobs_at_sight(path.scenario) if self.observed.nobs is not None else None
        if nobs is None or nobs == self.observed.nobs or (path.cost < size and not self.large):
            return False
        self._note(path, math.inf)
        return True

    def _of_design(self, scenario: Scenario) -> Numbers:
        """Coefficients and N of a scenario, which say whether its covariance is worth computing."""
        core, names = self.fitter.core(scenario), dict(scenario.renames)
        k = len(core.terms)
        return Numbers(tuple(names.get(t, t) for t in core.terms), core.coef, np.zeros((k, k)), math.inf, core.nobs)

    def _covariances(self, path: Path, size: int) -> Iterator[Found]:
        if self.fitter.facts(path.scenario) is None:
            return
        for with_kind in combinations.paths(self.by_layer["covariance"], path, self.fitter, min(1, size - path.cost)):
            if self.settled and not self.fitter.at_hand(with_kind.scenario):
                continue
            if self.fitter.parts(with_kind.scenario) is None:
                continue
            yield from self._conventions(with_kind, size)

    def _conventions(self, path: Path, size: int) -> Iterator[Found]:
        rest = size - path.cost
        combos = combinations.paths(self.by_layer["convention"], path, self.fitter, rest, self._effect)
        before, scalars = path.cost, Counter[int]()
        for candidate in combos:
            scalars[candidate.cost - before] += 1
            yield from self._finish(candidate, size)
        self._scalars |= scalars
        if rest >= 1:
            for candidate in combinations.profiles(self.by_layer["convention"], path, self.fitter, self._effect):
                yield from self._finish(candidate, size)

    def _finish(self, path: Path, size: int) -> Iterator[Found]:
        """Accept the path if it has the size and every number; if causes are left, try what printing can do."""
        self._weighed.leaves(1)
        self._watched(size)
        if path.cost == size:
            if size > 1 and self._se_is_off(path.scenario):
                return
            yield from self._accepted(path)
            return
        unprinted = self.fitter.unprinted(path.scenario)
        if unprinted is None:
            return
        before = printed(unprinted, path.scenario.prints)
        for steps in self._printing(path, size - path.cost, before):
            if path.cost + sum(s.cause.cost for s in steps) == size:
                whole = self.printing.then(path, steps)
                if size == 1 or not self.observed.failing(printed(unprinted, whole.scenario.prints)).any():
                    yield from self._accepted(whole)

    def _printing(self, path: Path, most: int, numbers: Numbers) -> Iterator[tuple[Step, ...]]:
        """Edits of the printed numbers, where they can move every number that fails."""
        alone = len(self.observed.targets) == 1
        if len(path.steps) > 1 or (alone and path.steps and path.steps[0].cause.layer == "design"):
            return  # three causes, printing among them, or two behind a single number: anything would fit
        failing = self.observed.failing(numbers)
        few = int(failing.sum()) <= most and not (alone and most + len(path.steps) > 1)
        yield from self.printing.steps(path, most, failing, few, numbers)

    def _mended(self, path: Path, most: int, failing: np.ndarray, numbers: Numbers) -> Iterator[Path]:
        """Edits after which coefficients and counts are the observed ones."""
        few = int(failing.sum()) <= most
        for steps in self.printing.steps(path, most, failing, few, numbers):
            if not self.observed.of_design_failing(printed(numbers, edits(steps))).any():
                yield self.printing.then(path, steps)

    # ------------------------------------------------------------ checks

    def _effect(self, scenario: Scenario) -> object:
        """What of a convention can be seen: its factors, and its distribution where p or an interval is given."""
        rules = self.fitter.rules(scenario)
        if rules is None:
            return None
        repaired, own_df = ("psd" in scenario.scaling, repairs(scenario)), "satterthwaite" in scenario.scaling
        return (rules, repaired, own_df) if self._sees_df else (rules[0], repaired)

    def _se_is_off(self, scenario: Scenario) -> bool:
        """A quick look at one standard error, before everything is computed."""
        if self._first_se is None or scenario.prints or scenario.scaling or repairs(scenario):
            return False
        term, value, allowed = self._first_se
        core, parts, rules = self.fitter.core(scenario), self.fitter.parts(scenario), self.fitter.rules(scenario)
        if core is None or parts is None or rules is None or term not in core.terms or set(parts) != set(rules[0]):
            return core is None or parts is None or rules is None
        i = core.terms.index(term)
        variance = sum((-1.0 if s and len(s) % 2 == 0 else 1.0) * rules[0][s] * m[i, i] for s, m in parts.items())
        return not variance > 0 or abs(math.sqrt(variance) - value) > allowed * 1.01

    def _accepted(self, path: Path) -> Iterator[Found]:
        numbers = self._numbers(path.scenario)
        if numbers is None:
            return
        residual = self.observed.residual(numbers)
        self._note(path, residual)
        if not self.observed.failing(numbers).any():
            self.settled = self.settled or (self.large and self.one_scenario[1] * CERTAIN < chance.LIMIT)
            yield Found(path, numbers, residual)

    def _numbers(self, scenario: Scenario) -> Numbers | None:
        """All numbers of a scenario. Degrees of freedom of each coefficient's own cost more than a fit, and are spared where
        a number that they don't move is off already.
        """
        if (scenario.spec.own_df or "satterthwaite" in scenario.scaling) and not scenario.prints:
            plain = self.fitter.numbers(with_one_df(scenario))
            if plain is None or (self.observed.failing(plain) & ~self.observed.of_df).any():
                return plain
        return self.fitter.numbers(scenario)

    def _note(self, path: Path, residual: float) -> None:
        """Remember what each cause alone came to: what was ruled out, and the nearest miss."""
        if path.cost == 1 and len(path.steps) == 1:
            cause = path.steps[0].cause.id
            self.result.tried[cause] = min(self.result.tried.get(cause, math.inf), residual)
