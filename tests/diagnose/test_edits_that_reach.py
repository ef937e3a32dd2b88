"""Edits that are not tried, as their coefficients are known beforehand, are just those that would not fit."""

from __future__ import annotations

import random

import numpy as np
import pytest

from parity.diagnose.catalogue import CAUSES
from parity.diagnose.combinations import Path
from parity.diagnose.numbers import Numbers, printed
from parity.diagnose.observed import Observed, TargetNumber, from_text
from parity.diagnose.printed import Printing, _moved, edits
from parity.diagnose.scenario import Scenario
from planted import fitter_of

PRINTING = tuple(c for c in CAUSES if c.layer == "printing")
#: What moves a number by no more than its last digit, which the table takes for no move.
CUT = {"cut-not-rounded", "rounded-twice"}


def page_of(numbers: Numbers) -> Observed:
    """Coefficients and standard errors as a table shows them."""
    at = zip(numbers.terms, numbers.coef, numbers.se, strict=True)
    typed = [(TargetNumber("coef", t, f"{b:.4f}"), TargetNumber("se", t, f"{se:.4f}")) for t, b, se in at]
    return from_text([number for row in typed for number in row])


def fitting(printing: Printing, path: Path, numbers: Numbers) -> set[tuple]:
    """Which of the edits that are tried leave coefficients as observed; how each is known by."""
    observed = printing.observed
    tried = printing.steps(path, 2, observed.failing(numbers), False, numbers)
    return {
        tuple((s.cause.id, s.parameters) for s in steps)
        for steps in tried
        if not observed.of_design_failing(printed(numbers, edits(steps))).any()
    }


@pytest.mark.parametrize("seed", range(12))
def test_what_is_left_out_would_not_fit(seed, monkeypatch):
    """Two edits at random, one of them mostly of numbers from elsewhere, seen with and without leaving any out."""
    rng = random.Random(seed)
    fitter = fitter_of("grunfeld")
    spec = rng.choice([s for s in fitter.study.specs if s.model == "ols" and not s.likelihood])
    path = Path(Scenario(spec))
    declared = fitter.numbers(path.scenario)
    shown = tuple(((q, t), 4) for t in declared.terms for q in ("coef", "se"))
    path = Path(Scenario(spec, decimals=shown))
    elsewhere = [c for c in PRINTING if c.id in ("row-of-another-term", "rows-swapped", "column-of-another-spec")]
    steps: list = []
    for cause in (rng.choice(elsewhere), rng.choice([c for c in PRINTING if not c.one_number])):
        variants = list(cause.steps(path.scenario, fitter))
        if variants and all(cause.slot != s.cause.slot for s in steps):
            steps.append(rng.choice(variants))
    observed = page_of(printed(declared, edits(steps)))
    printing = Printing(fitter, observed, PRINTING)
    quick = fitting(printing, path, declared)
    monkeypatch.setattr(Printing, "_reaches", lambda self, table, numbers, chosen: np.ones(len(chosen), dtype=bool))
    assert quick == fitting(printing, path, declared)
    assert printing._tables


def test_some_are_left_out_and_some_fit():
    """Of numbers that another column has, that column's alone are tried, not every other's."""
    fitter = fitter_of("grunfeld")
    one, other = [s for s in fitter.study.specs if s.formula.exog == fitter.study.specs[0].formula.exog][:2]
    declared = fitter.numbers(Scenario(one))
    shown = tuple(((q, t), 4) for t in declared.terms for q in ("coef", "se"))
    path = Path(Scenario(one, decimals=shown))
    observed = page_of(fitter.numbers(Scenario(other)))
    printing = Printing(fitter, observed, PRINTING)
    failing = observed.failing(declared)
    tried = list(printing.steps(path, 1, failing, False, declared))
    whole = list(printing._table(path.scenario, declared.terms).steps)
    assert 0 < len(tried) < len(whole)
    assert any(dict(s[0].parameters).get("column") == other.id for s in tried)


@pytest.mark.parametrize("catalogue", [PRINTING, PRINTING[::-1]], ids=["in order", "backwards"])
def test_what_two_edits_make_of_coefficients(catalogue):
    """By the table as by printing: whichever stands first in the catalogue, what moves the estimate acts before."""
    fitter = fitter_of("grunfeld")
    spec = next(s for s in fitter.study.specs if len(s.formula.exog) > 1)
    declared = fitter.numbers(Scenario(spec))
    scenario = Scenario(spec, decimals=tuple(((q, t), 4) for t in declared.terms for q in ("coef", "se")))
    table = Printing(fitter, page_of(declared), catalogue)._table(scenario, declared.terms)
    exact = table.of_others | ((table.slack == 0) & ~table.one_number)
    known = [i for i in np.flatnonzero(exact) if table.steps[i].cause.id not in CUT]
    known = random.Random(3).sample(known, min(len(known), 60))
    pairs = np.array([(i, j) for i in known for j in known if i < j and table.slots[i] != table.slots[j]])
    moved = _moved(table, declared, pairs)
    for (i, j), coef in zip(pairs, moved, strict=True):
        both = printed(declared, edits((table.steps[i], table.steps[j])))
        right = [both.coef[both.terms.index(t)] for t in declared.terms]
        np.testing.assert_allclose(coef, right, rtol=1e-12)
    ids = {table.steps[i].cause.id for i in known}
    assert {"units", "row-of-another-term", "column-of-another-spec"} <= ids
