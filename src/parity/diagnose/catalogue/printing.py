"""Printing: slips between the estimator and the page."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from parity.diagnose.catalogue import edits
from parity.diagnose.catalogue.from_elsewhere import FromColumn, RowOf, RowsSwapped
from parity.diagnose.catalogue.model import other_model
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.numbers import STARS, Numbers
from parity.diagnose.scenario import Scenario

#: Decimals up to which a 4-byte float hides behind the rounding of any number of size one.
FLOAT_DIGITS = 6
#: Other cuts of significance stars in use: sociology and economics, and a single level.
STAR_CUTS = (STARS, (0.05, 0.01, 0.001), (0.1, 0.05, 0.001), (0.05, 0.01), (0.1, 0.05), (0.01, 0.001), (0.1, 0.01))


def _terms(scenario: Scenario, fitter: Fitter) -> tuple[str, ...]:
    core, names = fitter.core(scenario), dict(scenario.renames)
    return () if core is None else tuple(names.get(t, t) for t in core.terms)


def _exchanged(column: str, *statistics: str) -> Callable:
    """The whole column holds another statistic, or the number of one of its terms does."""

    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        terms = [term for (quantity, term), _ in scenario.decimals if quantity == column]
        for statistic in statistics:
            yield Step(cause, scenario.printed(edits.Exchanged(column, statistic)), (("where", ""),))
            for term in terms if len(terms) > 1 else ():
                step = scenario.printed(edits.Exchanged(column, statistic, term))
                yield Step(cause, step, (("where", f" in the row of `{term}`"),))

    return variants


def _sign(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    for term in _terms(scenario, fitter):
        yield Step(cause, scenario.printed(edits.SignFlipped(term)), (("term", term),))


def _levels(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    for level in (0.9, 0.99):
        yield Step(cause, scenario.printed(edits.Level(level)), (("level", f"{level:.0%}"),))


def _listed(cuts: tuple[float, ...]) -> str:
    return ", ".join(f"{c:g}" for c in cuts)


def _stars(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    for cuts in (c for c in STAR_CUTS if c != scenario.stars):
        yield Step(
            cause, scenario.printed(edits.StarsAt(cuts)), (("levels", _listed(cuts)), ("announced", _listed(scenario.stars)))
        )


def _stars_in_words(count: int) -> str:
    return "no star" if not count else "1 star" if count == 1 else f"{count} stars"


def _misstarred(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    for (quantity, term), _ in scenario.decimals:
        for count in range(len(scenario.stars) + 1) if quantity == "stars" else ():
            yield Step(
                cause,
                scenario.printed(edits.StarsOf(term, count)),
                (("term", term), ("count", count), ("stars", _stars_in_words(count))),
            )


def _rounded(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if not scenario.decimals:
        for quantities in (("coef",), ("se",), ("coef", "se"), edits.ROW):
            for digits in (3, 4, 5, 6, 7, 8):
                step = scenario.printed(edits.Rounded(quantities, digits))
                yield Step(cause, step, (("digits", digits), ("columns", ", ".join(quantities))))


def _float(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if not scenario.decimals or max(decimals for _, decimals in scenario.decimals) > FLOAT_DIGITS:
        for quantities in (("coef",), ("coef", "se"), edits.ROW):
            yield Step(cause, scenario.printed(edits.Rounded(quantities, 0)), (("columns", ", ".join(quantities)),))


def _cut(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """All numbers, those of a column, or one alone."""
    shown = [(place, decimals) for place, decimals in scenario.decimals if place[0] in edits.ROW and place[0] != "stars"]
    if not shown:
        return
    yield Step(cause, scenario.printed(edits.CutOff(tuple(shown))), (("where", ""),))
    quantities = dict.fromkeys(quantity for (quantity, _), _ in shown)
    for quantity in quantities if len(quantities) > 1 else ():
        chosen = tuple(s for s in shown if s[0][0] == quantity)
        yield Step(cause, scenario.printed(edits.CutOff(chosen)), (("where", f" in the column of {quantity}"),))
    for one in shown if len(shown) > 1 else ():
        where = f": the {one[0][0]} of `{one[0][1]}`"
        yield Step(cause, scenario.printed(edits.CutOff((one,))), (("where", where),))


def _padded(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """Of numbers with so many decimals that seven significant digits don't reach the last; none if a page has no such."""
    numbers = fitter.numbers(scenario) if scenario.decimals else None
    if numbers is None:
        return
    edit = edits.Padded(tuple(s for s in scenario.decimals if s[0][0] in (*edits.ROW, "f") and s[0][0] != "stars"))
    if edit.reaches(numbers):
        yield Step(cause, scenario.printed(edit))


def _twice(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    shown = tuple(s for s in scenario.decimals if s[0][0] in edits.ROW and s[0][0] != "stars")
    if shown:
        yield Step(cause, scenario.printed(edits.CutOff(shown, twice=True)))


def _slip(kind: str) -> Callable:
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        for (quantity, term), decimals in scenario.decimals:
            if quantity not in (*edits.ROW, "nobs", "f") or quantity == "stars":
                continue
            for slip in slips(kind, quantity, term, decimals):
                yield Step(
                    cause, scenario.printed(slip), (("quantity", quantity), ("term", term), ("number", slip.position + 1))
                )

    return variants


def slips(kind: str, quantity: str, term: str, decimals: int) -> Iterable[edits.Slip]:
    """All slips of a kind ("swap", "digit" or "point") of one number with so many decimals."""
    if kind == "point":
        for places in (-2, -1, 1, 2):
            yield edits.Slip(quantity, term, decimals, kind, places)
        return
    for position in range(decimals + (9 if quantity == "nobs" else 5)):
        for digit in "0123456789" if kind == "digit" else ("",):
            yield edits.Slip(quantity, term, decimals, kind, position, digit)


def _row(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    terms = _terms(scenario, fitter)
    for i, term in enumerate(terms):
        for j in (i - 1, i + 1):
            if 0 <= j < len(terms):
                for quantities in (edits.ROW, ("se",), ("coef",)):
                    step = scenario.printed(RowOf(term, terms[j], quantities))
                    yield Step(cause, step, (("term", term), ("other", terms[j])))


def _swapped(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    terms = _terms(scenario, fitter)
    for a, b in itertools.pairwise(terms):
        yield Step(cause, scenario.printed(RowsSwapped(a, b)), (("term", a), ("other", b)))


#: What of a row may come from another column: a number alone, or what the row shows.
_COLUMN_NUMBERS = ("coef", "se", "variance", "t", "p", "stars", "f")


def _column(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    shown = [(q, term) for (q, term), _ in scenario.decimals if q in _COLUMN_NUMBERS]
    for other in fitter.study.specs if shown else ():
        # of a number that stands alone, the column beside it says no more than the convention that makes that column
        if other.id == scenario.spec.id or (len(shown) == 1 and not other_model(other, scenario.spec)):
            continue
        numbers = fitter.numbers(Scenario(other, stars=scenario.stars))
        if numbers is None:
            continue
        all_values = [(q, t, _value(numbers, q, t)) for q, t in shown if not t or t in numbers.terms]
        for what, values in _parts_of_column(all_values).items():
            yield Step(cause, scenario.printed(FromColumn(values)), (("what", what), ("column", other.id)))


def _value(numbers: Numbers, quantity: str, term: str) -> float:
    values = getattr(numbers, quantity)
    return float(values[numbers.terms.index(term)] if term else values)


def _parts_of_column(values: list[tuple[str, str, float]]) -> dict[str, tuple]:
    """One number, the numbers of one term, one quantity of all terms, or all: name -> (quantity, term, value) each."""
    parts: dict[str, tuple] = {}
    for quantity, term, value in values:
        if quantity != "stars":
            parts[f"{quantity} of `{term}`" if term else quantity] = ((quantity, term, value),)
    terms, quantities = dict.fromkeys(t for _, t, _ in values), dict.fromkeys(q for q, _, _ in values)
    for term in filter(None, terms):
        row = tuple(v for v in values if v[1] == term)
        parts[f"row of `{term}`"] = row
        if len(row) > 2:  # t and stars may stand elsewhere
            parts[f"coefficient and standard error of `{term}`"] = tuple(v for v in row if v[0] in ("coef", "se"))
    if len(terms) > 1:
        for quantity in quantities:
            parts[f"whole column of {quantity}"] = tuple(v for v in values if v[0] == quantity)
        parts["whole column"] = tuple(values)
    return {name: part for name, part in parts.items() if part}


def _count(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    core = fitter.core(scenario)
    if core is None:
        return
    facts, now = core.facts, core.facts.nobs_weighted
    counts = {
        "rows of the file": len(fitter.original),
        "rows, weights left out": facts.nobs,
        "rows before singletons are dropped": now + facts.n_singletons,
        "rows before those with missing values are left out": now + facts.n_missing,
        "rows before missing values and singletons": now + facts.n_missing + facts.n_singletons,
        **{f"levels of {a.name}": a.levels for a in facts.absorbed},
        **{f"clusters of {' x '.join(s)}": g for s, g in facts.clusters.items()},
    }
    unit = fitter.study.header.unit
    if unit is not None:
        counts.setdefault(f"levels of {unit}", len(fitter.columns.levels(unit)))
    for what, count in counts.items():
        if count != now:
            yield Step(cause, scenario.printed(edits.CountIs(float(count))), (("what", what), ("count", int(count))))


def _cause(
    id: str, sentence: str, formula: str, variants: Callable, *, source: str = "the table", how=None, **more
) -> Cause:  # fmt: skip
    return Cause(id, "printing", "printing", id, sentence, formula, source, how or {}, variants, **more)


CAUSES = (
    _cause("se-printed-as-t", "Standard errors stand where t statistics are announced{where}.", "se instead of b/se",
        _exchanged("t", "se"),
           how={"Stata": "esttab, se"},
        avoids={"Stata": "esttab, its default"}),
    _cause("t-printed-as-se", "t statistics stand where standard errors are announced{where}.", "b/se instead of se",
        _exchanged("se", "t", "signed t"),
           how={"Stata": "esttab, its default"}, source="esttab prints t by default, outreg2 standard errors",
        avoids={"Stata": "esttab, se"}),
    _cause("variance-printed-as-se", "Variances stand where standard errors are announced{where}.", "se^2 instead of se",
           _exchanged("se", "variance")),
    _cause("p-printed-as-se", "p-values stand where standard errors are announced{where}.", "p instead of se",
        _exchanged("se", "p")),
    _cause("one-sided-p", "p-values are one-sided{where}.", "p/2", _exchanged("p", "one-sided p")),
    _cause("interval-of-another-level", "The intervals are of level {level}.", "{level} instead of 95 %", _levels,
           how={},
        avoids={"Stata": "level(95)"}),
    _cause("stars-at-other-levels", "Stars stand for p below {levels}.", "p below {levels} instead of {announced}", _stars,
           how={},
        avoids={"Stata": "esttab, star(...) with the levels that the page announces"}),
    _cause("stars-misprinted", "`{term}` has {stars} where the levels of the page give {given_stars}.",
           "{stars} instead of {given_stars}", _misstarred,
        parametrised=True, one_number=True),
    _cause("cut-not-rounded", "Numbers are cut off at their last digit, not rounded{where}.", "floor instead of round",
           _cut),
    _cause("rounded-twice", "Numbers were rounded twice, first to one digit more.", ".0345 to .035 where .03449 is right",
           _twice, source="a table typed from a log that was rounded itself"),
    _cause("seven-digits-padded", "Numbers were rounded to 7 significant digits, and other decimals are zeros.",
           "119.58160 for 119.581638", _padded, source="stargazer 5.2, which formats a number to 7 digits first",
           how={"R": "stargazer()"}, avoids={"R": "modelsummary; etable"}),
    _cause("rounded", "Numbers were rounded to {digits} significant digits: {columns}.", "{digits} digits", _rounded),
    _cause("single-precision-numbers", "Numbers went through a 4-byte float: {columns}.", "24 bits, 7 digits", _float),
    _cause("another-count-for-n", "N is given as {count}, the number of {what}.", "{count} instead of {N}", _count),
    _cause("sign-flipped", "The sign of `{term}` is flipped.", "-b instead of b", _sign, parametrised=True),
    _cause("rows-swapped", "The rows of `{term}` and `{other}` are swapped.", "", _swapped, parametrised=True),
    _cause("row-of-another-term", "The row of `{term}` shows numbers of `{other}`.", "", _row, parametrised=True),
    _cause("column-of-another-spec", "The {what} is that of the column `{column}`.", "", _column,
        parametrised=True),
    _cause("digits-transposed", "Two neighbouring digits of the {quantity} of `{term}` are transposed.",
        "digits {number} and next",
           _slip("swap"), parametrised=True, one_number=True),
    _cause("decimal-point-moved", "The decimal point of the {quantity} of `{term}` is moved.", "a power of ten",
        _slip("point"),
           parametrised=True, one_number=True),
    _cause("digit-misprinted", "One digit of the {quantity} of `{term}` is misprinted.", "digit {number}", _slip("digit"),
           parametrised=True, one_number=True),
)  # fmt: skip
