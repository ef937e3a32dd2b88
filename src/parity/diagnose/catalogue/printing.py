"""Printing: slips between the estimator and the page."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from parity.diagnose.bench import Bench
from parity.diagnose.catalogue import edits
from parity.diagnose.catalogue.model import other_model
from parity.diagnose.cause import Cause, Step
from parity.diagnose.numbers import STARS
from parity.diagnose.world import World

#: Other cuts of significance stars in use: sociology and economics, and a single level.
STAR_CUTS = (STARS, (0.05, 0.01, 0.001), (0.1, 0.05, 0.001), (0.05, 0.01), (0.1, 0.05), (0.01, 0.001), (0.1, 0.01))


def _terms(world: World, bench: Bench) -> tuple[str, ...]:
    core, names = bench.core(world), dict(world.renames)
    return () if core is None else tuple(names.get(t, t) for t in core.terms)


def _exchanged(column: str, statistic: str) -> Callable:
    def variants(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
        yield Step(cause, world.printed(edits.Exchanged(column, statistic)))

    return variants


def _sign(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
    for term in _terms(world, bench):
        yield Step(cause, world.printed(edits.SignFlipped(term)), (("term", term),))


def _levels(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
    for level in (0.9, 0.99):
        yield Step(cause, world.printed(edits.Level(level)), (("level", f"{level:.0%}"),))


def _listed(cuts: tuple[float, ...]) -> str:
    return ", ".join(f"{c:g}" for c in cuts)


def _stars(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
    for cuts in (c for c in STAR_CUTS if c != world.stars):
        yield Step(
            cause, world.printed(edits.StarsAt(cuts)), (("levels", _listed(cuts)), ("announced", _listed(world.stars)))
        )


def _rounded(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
    if not world.decimals:
        for quantities in (("coef",), ("se",), ("coef", "se"), edits.ROW):
            for digits in (3, 4, 5, 6, 7, 8):
                step = world.printed(edits.Rounded(quantities, digits))
                yield Step(cause, step, (("digits", digits), ("columns", ", ".join(quantities))))


def _float(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
    if not world.decimals:
        for quantities in (("coef",), ("coef", "se"), edits.ROW):
            yield Step(cause, world.printed(edits.Rounded(quantities, 0)), (("columns", ", ".join(quantities)),))


def _cut(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
    if world.decimals:
        yield Step(cause, world.printed(edits.CutOff(world.decimals)))


def _slip(kind: str) -> Callable:
    def variants(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
        for (quantity, term), decimals in world.decimals:
            if quantity not in edits.ROW or quantity == "stars":
                continue
            for slip in _slips(kind, quantity, term, decimals):
                yield Step(
                    cause, world.printed(slip), (("quantity", quantity), ("term", term), ("number", slip.position + 1))
                )

    return variants


def _slips(kind: str, quantity: str, term: str, decimals: int) -> Iterable[edits.Slip]:
    if kind == "point":
        for places in (-2, -1, 1, 2):
            yield edits.Slip(quantity, term, decimals, kind, places)
        return
    for position in range(decimals + 3):
        for digit in "0123456789" if kind == "digit" else ("",):
            yield edits.Slip(quantity, term, decimals, kind, position, digit)


def _row(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
    terms = _terms(world, bench)
    for i, term in enumerate(terms):
        for j in (i - 1, i + 1):
            if 0 <= j < len(terms):
                for quantities in (edits.ROW, ("se",), ("coef",)):
                    step = world.printed(edits.RowOf(term, terms[j], quantities))
                    yield Step(cause, step, (("term", term), ("other", terms[j])))


def _swapped(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
    terms = _terms(world, bench)
    for a, b in itertools.pairwise(terms):
        yield Step(cause, world.printed(edits.RowsSwapped(a, b)), (("term", a), ("other", b)))


def _column(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
    for other in bench.study.specs if world.decimals else ():
        numbers = bench.numbers(World(other)) if other_model(other, world.spec) else None
        if numbers is None:
            continue
        for (quantity, term), _ in world.decimals:
            if quantity in ("coef", "se", "t") and term in numbers.terms:
                value = float(getattr(numbers, quantity)[numbers.terms.index(term)])
                step = world.printed(edits.FromColumn(quantity, term, value))
                yield Step(cause, step, (("quantity", quantity), ("term", term), ("column", other.id)))


def _cause(
    id: str, sentence: str, formula: str, variants: Callable, *, source: str = "the table", how=None, **more
) -> Cause:  # fmt: skip
    return Cause(id, "printing", "printing", id, sentence, formula, source, how or {}, variants, **more)


CAUSES = (
    _cause("se-printed-as-t", "Standard errors stand where t statistics are announced.", "se instead of b/se",
        _exchanged("t", "se"),
           how={"Stata": "esttab, t or se"}),
    _cause("t-printed-as-se", "t statistics stand where standard errors are announced.", "b/se instead of se",
        _exchanged("se", "t"),
           how={"Stata": "esttab, se for its default t"}, source="esttab prints t by default, outreg2 standard errors"),
    _cause("variance-printed-as-se", "Variances stand where standard errors are announced.", "se^2 instead of se",
           _exchanged("se", "variance")),
    _cause("p-printed-as-se", "p-values stand where standard errors are announced.", "p instead of se",
        _exchanged("se", "p")),
    _cause("one-sided-p", "p-values are one-sided.", "p/2", _exchanged("p", "one-sided p")),
    _cause("interval-of-another-level", "The intervals are of level {level}.", "{level} instead of 95 %", _levels,
           how={"Stata": "level(95)"}),
    _cause("stars-at-other-levels", "Stars stand for p below {levels}.", "p below {levels} instead of {announced}", _stars,
           how={"Stata": "esttab, star(* 0.1 ** 0.05 *** 0.01)"}),
    _cause("cut-not-rounded", "Numbers are cut off at their last digit, not rounded.", "floor instead of round", _cut),
    _cause("rounded", "Numbers were rounded to {digits} significant digits: {columns}.", "{digits} digits", _rounded),
    _cause("single-precision-numbers", "Numbers went through a 4-byte float: {columns}.", "24 bits, 7 digits", _float),
    _cause("sign-flipped", "The sign of `{term}` is flipped.", "-b instead of b", _sign, parametrised=True),
    _cause("rows-swapped", "The rows of `{term}` and `{other}` are swapped.", "", _swapped, parametrised=True),
    _cause("row-of-another-term", "The row of `{term}` shows numbers of `{other}`.", "", _row, parametrised=True),
    _cause("column-of-another-spec", "The {quantity} of `{term}` is that of the column `{column}`.", "", _column,
        parametrised=True,
           one_number=True),
    _cause("digits-transposed", "Two neighbouring digits of the {quantity} of `{term}` are transposed.",
        "digits {number} and next",
           _slip("swap"), parametrised=True, one_number=True),
    _cause("decimal-point-moved", "The decimal point of the {quantity} of `{term}` is moved.", "a power of ten",
        _slip("point"),
           parametrised=True, one_number=True),
    _cause("digit-misprinted", "One digit of the {quantity} of `{term}` is misprinted.", "digit {number}", _slip("digit"),
           parametrised=True, one_number=True),
)  # fmt: skip
