"""Printed tables with one planted error each: every published number of the bundled studies, altered and diagnosed blind.

    PYTHONPATH=tests python -m altered

A column is what one source prints of one spec. It is altered as pages are: one digit, two digits transposed, t where
the standard error should be, stars at other levels, a number or a row of the neighbouring column, pooled OLS for the
within estimator. Planted values are computed by dense algebra with dummies where the covariance allows, not by the
estimator of the diagnosis. The diagnosis sees the declared spec and the altered column, nothing else. *Right* means that
the planted cause is named, alone or among those that these numbers cannot tell apart.

A neighbouring column often differs by a convention alone, and where a single number is shown, that convention is the fuller
answer: *its convention* counts these, where an answer gives all numbers of the neighbouring column in full precision.

An alteration that prints the same number, be it to fewer or more digits, changes nothing that can be seen; it is left out
and counted. Columns as they were printed must not be flagged at all.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import math
import random
import re
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace

from parity.compare.printed import read_number
from parity.diagnose import Explanation, TargetNumber, explain_targets
from parity.diagnose.catalogue import CAUSES
from parity.diagnose.catalogue.edits import is_slip
from parity.diagnose.numbers import STARS, Numbers
from parity.diagnose.observed import from_text
from parity.diagnose.questions.published import Column, columns
from parity.diagnose.scenario import Scenario
from parity.diagnose.search import Search
from parity.study.load import load_study
from parity.study.spec import Spec
from planted import FIXTURES, fitter_of, independent, same

KINDS = (
    "unaltered", "unaltered, with stars", "one digit", "digits transposed", "t for SE, a row", "t for SE, the column",
    "stars, a row", "stars, other levels", "neighbouring column, a number", "neighbouring column, a row",
    "pooled for within, a row", "pooled for within, the column",
)  # fmt: skip
RESULTS = ("right", "its convention", "possible", "other", "missed")
FLAGGED = ("right", "its convention")
OTHER_LEVELS = ((0.05, 0.01, 0.001), (0.1, 0.05), (0.05, 0.01))


@dataclass(frozen=True)
class Case:
    """An altered column, the cause that was planted ("" if none), what was done, and whose numbers were taken."""

    study: str
    spec: str
    kind: str
    cause: str
    targets: tuple[TargetNumber, ...]
    stars: tuple[float, ...]
    what: str = ""
    neighbour: str = ""


@dataclass(frozen=True)
class Excluded:
    """An alteration that cannot be seen, or that this column has no place for."""

    kind: str
    why: str


@dataclass(frozen=True)
class Outcome:
    case: Case
    result: str
    named: tuple[tuple[str, ...], ...]
    certain: bool
    seconds: float


# ---------------------------------------------------------------- altering text


def hidden(before: str, after: str) -> bool:
    """Whether the two printed numbers may be one: the one with more digits lies in the other's rounding interval."""
    right, printed = read_number(before), read_number(after)
    return abs(right.value - printed.value) <= max(right.half_unit, printed.half_unit) * 1.000001


def _digits(text: str) -> list[int]:
    """Positions of the digits of a number, those of its exponent left out."""
    return [i for i, c in enumerate(re.split("[eE]", text)[0]) if c.isdigit()]


def one_digit(rng: random.Random, text: str) -> str:
    i = rng.choice(_digits(text))
    return text[:i] + rng.choice([d for d in "0123456789" if d != text[i]]) + text[i + 1 :]


def transposed(rng: random.Random, text: str) -> str | None:
    """Two neighbouring digits that differ, exchanged; None if there are none."""
    at = _digits(text)
    pairs = [(i, j) for i, j in itertools.pairwise(at) if text[i] != text[j]]
    if not pairs:
        return None
    i, j = rng.choice(pairs)
    out = list(text)
    out[i], out[j] = text[j], text[i]
    return "".join(out)


def _decimals(text: str) -> int:
    return max(0, -round(math.log10(2 * read_number(text).half_unit)))


# ---------------------------------------------------------------- cases of a column


@dataclass(frozen=True)
class Page:
    """A column with what is needed to alter it: the spec, its true numbers, and a generator of random choices."""

    study: str
    spec: Spec
    column: Column
    numbers: Numbers
    rng: random.Random

    @property
    def cuts(self) -> tuple[float, ...]:
        return self.column.stars or STARS

    def case(
        self, kind: str, cause: str, changed: dict[int, str], what: str, *, alone: Sequence[int] | None = None,
        neighbour: str = "",
    ) -> Case:  # fmt: skip
        """The column with the texts at some places changed; alone: only these numbers are typed."""
        targets = [replace(t, text=changed.get(i, t.text)) for i, t in enumerate(self.column.targets)]
        kept = targets if alone is None else [targets[i] for i in alone]
        return Case(self.study, self.spec.id, kind, cause, tuple(kept), self.cuts, what, neighbour)

    def value(self, numbers: Numbers, quantity: str, term: str) -> float | None:
        if not term:
            return float(getattr(numbers, quantity))
        return float(getattr(numbers, quantity)[numbers.terms.index(term)]) if term in numbers.terms else None


def slips(page: Page) -> Iterator[Case | Excluded]:
    """One digit and two transposed digits, in every number."""
    for i, target in enumerate(page.column.targets):
        for kind, cause, slip in (
            ("one digit", "digit-misprinted", one_digit), ("digits transposed", "digits-transposed", transposed)
        ):  # fmt: skip
            text = slip(page.rng, target.text)
            if text is None:
                yield Excluded(kind, "no two neighbouring digits differ")
            elif hidden(target.text, text):
                yield Excluded(kind, "the right number lies in the printed interval")
            elif not is_slip(read_number(target.text).value, read_number(text).value):
                yield Excluded(kind, "off by no more than float storage or a solver's tolerance")
            else:
                yield page.case(kind, cause, {i: text}, f"{target.quantity} {target.term} {target.text} -> {text}")


def exchanged(page: Page) -> Iterator[Case | Excluded]:
    """t statistics where standard errors are announced and the reverse, in one row and in all."""
    changed: dict[str, dict[int, str]] = {"se": {}, "t": {}}
    for i, target in enumerate(page.column.targets):
        if target.quantity not in changed:
            continue
        other = {"se": "t", "t": "se"}[target.quantity]
        value = page.value(page.numbers, other, target.term)
        assert value is not None
        text = f"{value:.2f}" if other == "t" else f"{value:.4g}"
        if hidden(target.text, text):
            yield Excluded("t for SE, a row", "the right number lies in the printed interval")
            continue
        changed[target.quantity][i] = text
    causes = {"se": "t-printed-as-se", "t": "se-printed-as-t"}
    for quantity, texts in changed.items():
        for i, text in texts.items():
            t = page.column.targets[i]
            yield page.case("t for SE, a row", causes[quantity], {i: text}, f"{quantity} {t.term} {t.text} -> {text}")
        if len(texts) > 1:
            yield page.case("t for SE, the column", causes[quantity], texts, f"all {quantity}")


def _stars(p: float, cuts: Sequence[float]) -> str:
    return "*" * sum(p < cut for cut in cuts)


def starred(page: Page, cuts: Sequence[float], numbers: Numbers | None = None) -> dict[int, str]:
    """The coefficients with the stars that they deserve at these levels."""
    out = {}
    for i, t in enumerate(page.column.targets):
        if t.quantity == "coef":
            p = page.value(numbers or page.numbers, "p", t.term)
            assert p is not None
            out[i] = t.text.replace("*", "") + _stars(p, cuts)
    return out


def stars(page: Page) -> Iterator[Case | Excluded]:
    """One coefficient with a star more or fewer; all stars at other levels. Columns without stars get theirs first."""
    right = starred(page, page.cuts)
    if not right:
        return
    if any("*" in text for text in right.values()) and not page.column.stars:
        yield page.case("unaltered, with stars", "", right, "")
    for i, text in right.items():
        count = text.count("*")
        other = page.rng.choice([n for n in (count - 1, count + 1) if 0 <= n <= len(page.cuts)])
        changed = {**right, i: text.replace("*", "") + "*" * other}
        if any("*" in x for x in changed.values()):
            yield page.case("stars, a row", "stars-misprinted", changed, f"{page.column.targets[i].term} {count} -> {other}")
        else:
            yield Excluded("stars, a row", "no star is left in the column, so nothing says that it has stars")
    levels = page.rng.choice([c for c in OTHER_LEVELS if c != page.cuts])
    changed = starred(page, levels)
    if changed == right:
        yield Excluded("stars, other levels", "the other levels give the same stars")
    elif not any("*" in x for x in changed.values()):
        yield Excluded("stars, other levels", "no star is left in the column, so nothing says that it has stars")
    else:
        yield page.case("stars, other levels", "stars-at-other-levels", changed, f"{page.cuts} -> {levels}")


def neighbours(page: Page) -> Iterator[Case | Excluded]:
    """A number, or all numbers of a row, as the nearest column of the study prints them."""
    study = load_study(FIXTURES / page.study)
    order = [s.id for s in study.specs]
    here = order.index(page.spec.id)
    near = sorted((abs(order.index(s) - here), s) for s in order if s != page.spec.id)
    printed: dict[tuple[str, str], str] = {}
    home: dict[tuple[str, str], str] = {}
    for _, other in reversed(near):  # the nearest last, so that it stays
        for column in columns([e for e in study.published if e.spec == other]):
            shown = {(t.quantity, t.term): t.text for t in column.targets if t.quantity != "nobs"}
            printed |= shown
            home |= dict.fromkeys(shown, other)
    rows: dict[str, dict[int, str]] = defaultdict(dict)
    for i, t in enumerate(page.column.targets):
        text = printed.get((t.quantity, t.term))
        if text is None:
            continue
        if hidden(t.text, text):
            yield Excluded("neighbouring column, a number", "it prints the same number")
            continue
        rows[t.term][i] = text if page.column.stars else text.replace("*", "")  # a row brings its stars
        if t.quantity == "coef":
            text = text.replace("*", "") + "*" * t.text.count("*")
        what = f"{t.quantity} {t.term} {t.text} -> {text}"
        other = home[t.quantity, t.term]
        yield page.case("neighbouring column, a number", "column-of-another-spec", {i: text}, what, neighbour=other)
    for term, changed in rows.items():
        homes = {home[t.quantity, t.term] for t in (page.column.targets[i] for i in changed)}
        if len(changed) > 1 and len(homes) == 1:
            yield page.case(
                "neighbouring column, a row", "column-of-another-spec", changed, f"row {term}", neighbour=homes.pop()
            )


def pooled(page: Page) -> Iterator[Case | Excluded]:
    """The numbers of the same equation without its fixed effects: a row typed alone, and the whole column."""
    if not page.spec.formula.effects:
        return
    formula = replace(page.spec.formula, effects=(), intercept=True)
    numbers = independent(fitter_of(page.study), Scenario(page.spec.model_copy(update={"formula": formula})))
    if numbers is None:
        yield Excluded("pooled for within, the column", "the pooled equation can't be estimated")
        return
    changed: dict[int, str] = {}
    for i, t in enumerate(page.column.targets):
        value = page.value(numbers, t.quantity, t.term) if t.quantity != "nobs" else None
        if value is None:
            continue
        text = f"{value:.{_decimals(t.text)}f}"
        if t.quantity == "coef" and page.column.stars:
            text += _stars(page.value(numbers, "p", t.term) or 0.0, page.cuts)
        if not hidden(t.text, text):
            changed[i] = text
    if not changed:
        yield Excluded("pooled for within, the column", "pooled prints the same numbers")
        return
    yield page.case("pooled for within, the column", "pooled-for-within", changed, "all rows")
    terms = dict.fromkeys(t.term for t in page.column.targets if t.term)
    for term in terms if len(terms) > 1 else ():
        row = [i for i, t in enumerate(page.column.targets) if t.term == term]
        if any(i in changed for i in row):
            yield page.case("pooled for within, a row", "pooled-for-within", changed, f"row {term}", alone=row)


def cases(study_id: str, spec_id: str, seed: int) -> Iterator[Case | Excluded]:
    """All alterations of all columns of one spec."""
    study, fitter = load_study(FIXTURES / study_id), fitter_of(study_id)
    spec = study.spec(spec_id)
    for k, column in enumerate(columns([e for e in study.published if e.spec == spec_id])):
        if not column.targets:
            continue
        numbers = independent(fitter, Scenario(spec))
        assert numbers is not None
        rng = random.Random(zlib.crc32(f"{study_id} {spec_id} {k} {seed}".encode()))
        page = Page(study_id, spec, column, numbers, rng)
        yield page.case("unaltered", "", {}, "")
        for make in (slips, exchanged, stars, neighbours, pooled):
            yield from make(page)


# ---------------------------------------------------------------- judging


def judged(case: Case) -> Outcome:
    fitter = fitter_of(case.study)
    start = time.perf_counter()
    found = explain_targets(
        fitter.study, fitter.study.spec(case.spec), fitter.original, case.targets, fitter=fitter, stars=case.stars
    )
    named = tuple(dict.fromkeys(s.ids for s in found.causes))
    return Outcome(case, result(case, found), named, found.certain, time.perf_counter() - start)


def result(case: Case, found: Explanation) -> str:
    if found.verdict == "agree":
        return "missed" if case.cause else "right"
    if not case.cause:
        return "other"
    if (case.cause,) in [s.ids for s in found.causes]:
        return "right"
    if found.causes and case.neighbour and _makes_neighbour(case):
        return "its convention"
    return "possible" if (case.cause,) in [s.ids for s in found.possible] else "other"


def _makes_neighbour(case: Case) -> bool:
    """Whether an answer of the same search gives every coefficient and standard error of the neighbouring column."""
    fitter, observed = fitter_of(case.study), from_text(case.targets)
    decimals = tuple(((t.quantity, t.term), t.decimals) for t in observed.targets if t.decimals is not None)
    base = Scenario(fitter.study.spec(case.spec), raw=observed.raw, decimals=decimals, stars=case.stars)
    theirs = fitter.numbers(Scenario(fitter.study.spec(case.neighbour)))
    assert theirs is not None
    return any(same(f.numbers, theirs) for f in Search(fitter, observed, base, CAUSES).run().solutions)


def of_spec(
    study: str, spec: str, seed: int, kinds: tuple[str, ...], most: int | None
) -> tuple[list[Outcome], list[Excluded]]:
    """Outcomes of one spec, at most so many of each kind."""
    made = [c for c in cases(study, spec, seed) if not kinds or c.kind in kinds]
    excluded, chosen, count = [c for c in made if isinstance(c, Excluded)], [], Counter()
    for case in made:
        if isinstance(case, Case) and (most is None or count[case.kind] < most):
            count[case.kind] += 1
            chosen.append(case)
    return [judged(c) for c in chosen], excluded


def specs() -> list[tuple[str, str]]:
    """(study, spec) of everything published, the quick ones first."""
    found = []
    for path in sorted(FIXTURES.glob("*/study.toml")):
        study = load_study(path)
        ids = dict.fromkeys(e.spec for e in study.published)
        size = study.data_path.stat().st_size
        found += [(size * sum(e.spec == s for e in study.published), path.parent.name, s) for s in ids]
    return [(study, spec) for _, study, spec in sorted(found)]


def table(outcomes: Sequence[Outcome], excluded: Sequence[Excluded]) -> str:
    """Counts by kind of error, and the two figures that matter."""
    counts = Counter((o.case.kind, o.result) for o in outcomes)
    left_out = Counter(e.kind for e in excluded)
    lines = [
        "| planted | columns | right | its convention | possible only | other | not flagged | left out |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for kind in KINDS:
        row = [counts[kind, r] for r in RESULTS]
        if sum(row) or left_out[kind]:
            lines.append(f"| {kind} | {sum(row)} | " + " | ".join(map(str, row)) + f" | {left_out[kind]} |")
    altered = [o for o in outcomes if o.case.cause]
    right, fair = sum(o.result in FLAGGED for o in altered), [o for o in outcomes if not o.case.cause]
    wrong = sum(o.certain and o.result not in FLAGGED for o in altered)
    if altered:
        share = f"{right} of {len(altered)} altered columns are flagged with the right cause ({right / len(altered):.1%})"
        lines += ["", f"{share}; {wrong} are given another one with certainty."]
    lines.append(f"{sum(o.result != 'right' for o in fair)} of {len(fair)} columns as printed are flagged.")
    if excluded:
        reasons = Counter(e.why for e in excluded)
        lines += ["", "Left out: " + "; ".join(f"{n} because {why}" for why, n in reasons.most_common()) + "."]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--study", action="append", help="only this study")
    parser.add_argument("--kind", action="append", default=[], choices=KINDS)
    parser.add_argument("--most", type=int, help="at most so many of each kind and spec")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--show", action="store_true", help="print every column that is not flagged rightly")
    options = parser.parse_args()
    chosen = [s for s in specs() if not options.study or s[0] in options.study]
    work = functools.partial(of_spec, seed=options.seed, kinds=tuple(options.kind), most=options.most)
    outcomes: list[Outcome] = []
    excluded: list[Excluded] = []
    with ProcessPoolExecutor(options.workers) as pool:
        for future in as_completed([pool.submit(work, *pair) for pair in chosen]):
            done, left_out = future.result()
            outcomes += done
            excluded += left_out
            if options.show:
                print(f"{len(done)} of {done[0].case.study} {done[0].case.spec}", flush=True) if done else None
            for o in done if options.show else ():
                if o.result not in FLAGGED:
                    c = o.case
                    print(f"{o.result}: {c.study} {c.spec} {c.kind}: {c.what}: {o.named[:5]} {o.seconds:.1f}s", flush=True)
    print(table(outcomes, excluded))


if __name__ == "__main__":
    main()
