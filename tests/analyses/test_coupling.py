"""Coupling coordination degrees: by hand, in R, and engines that get a formula subtly wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest

from conftest import FIXTURES
from parity.analyses.coupling import degree
from parity.analyses.coupling.analysis import ANALYSIS, compare_couplings, coupling
from parity.analyses.coupling.degree import coordination
from parity.analyses.run import records_of
from parity.base.errors import InputError, Unestimable
from parity.r.session import missing_r
from parity.study.load import parse_study

needs_r = pytest.mark.skipif(missing_r() is not None, reason="needs R")
TOML = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[spec.s]
formula = "inv ~ value"

[coupling.two]
of = ["inv / 1500", "value / 6500"]

[coupling.three]
of = ["inv / 1500", "value / 6500", "capital / 2300"]
weights = [0.5, 0.25, 0.25]
form = "revised"

[coupling.unscaled]
of = ["inv / 1500", "value / 6500"]
form = "unscaled"
where = "firm <= 5"

[coupling.large]
of = ["inv", "value"]
"""


def study(text: str = TOML):
    return parse_study(text, FIXTURES / "grunfeld" / "study.toml")


def test_degrees_by_hand():
    u = np.array([[0.2, 0.8], [0.5, 0.5], [0.0, 0.4]])
    found = coordination(u, (0.5, 0.5), "geometric")
    assert found["coupling"] == pytest.approx([2 * math.sqrt(0.16) / 1.0, 1, 0])
    assert found["index"] == pytest.approx([0.5, 0.5, 0.2])
    assert found["degree"] == pytest.approx([math.sqrt(0.4), math.sqrt(0.5), 0])
    assert coordination(u, (0.5, 0.5), "unscaled")["coupling"] == pytest.approx([0.4, 0.5, 0])
    # Wang, Kong, Ren et al. (2021), of two: sqrt([1 - sqrt((U1 - U2)^2)] U_small/U_large)
    assert coordination(u, (0.5, 0.5), "revised")["coupling"] == pytest.approx([math.sqrt(0.4 * 0.25), 1, 0])
    three = coordination(np.array([[0.2, 0.4, 0.8]]), (1 / 3,) * 3, "revised")["coupling"]
    assert three == pytest.approx([math.sqrt((1 - (0.2 + 0.6 + 0.4) / 3) * math.sqrt(0.25 * 0.5))])
    assert np.isnan(coordination(np.zeros((1, 2)), (0.5, 0.5), "geometric")["degree"]).all()
    for wrong in (-0.1, 1.1):
        with pytest.raises(Unestimable, match="between 0 and 1"):
            coordination(np.array([[wrong, 0.5]]), (0.5, 0.5), "geometric")


@needs_r
def test_r_finds_the_same():
    records = {r.spec: r for r in records_of(ANALYSIS, study(), "live")}
    assert records.pop("coupling.large").verdict == "vacuous"
    assert {r.verdict for r in records.values()} == {"agree"} and all(r.digits > 12 for r in records.values())
    assert records["coupling.two"].checked == 3 * 200 + 5 * 20


#: What a program may get wrong: the geometric form by another, given the right one.
WRONG = {
    "the other formula": lambda true: degree._revised,
    "no factor n": lambda true: lambda u: true(u) / 2,
    "the square of the ratio": lambda true: lambda u: true(u) ** 2,
    "a root that is off by little": lambda true: lambda u: true(u) ** (1 + 1e-7),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_formula_that_is_subtly_wrong_turns_it_red(name, monkeypatch):
    part = dict(ANALYSIS.parts(study()))["coupling.two"]
    right, true = coupling(part), degree._geometric
    monkeypatch.setattr(degree, "_geometric", WRONG[name](true))
    assert compare_couplings(right, right).verdict == "agree"
    result = compare_couplings(right, coupling(part))
    assert result.verdict == "disagree" and "degree" in {d.quantity for d in result.differences}


def test_weights_that_count_wrongly_are_seen():
    part = dict(ANALYSIS.parts(study()))["coupling.three"]
    right = coupling(part)
    other = coupling(type(part)(part.settings.model_copy(update={"weights": None}), *list(vars(part).values())[1:]))
    assert compare_couplings(right, other).verdict == "disagree"
    lacking = {q: dict(list(of.items())[1:]) for q, of in right.items()}
    assert compare_couplings(right, lacking).verdict == "disagree"


def test_what_is_wrong_with_one_is_said():
    for old, new, said in (
        ('of = ["inv / 1500", "value / 6500"]', 'of = ["inv"]', "of"),
        ("[0.5, 0.25, 0.25]", "[0.5, 0.25]", "sum to 1"), ("[0.5, 0.25, 0.25]", "[0.5, 0.5, 0.5]", "sum to 1"),
        ('"value / 6500"]', '"inv / 1500"]', "stands twice"),
    ):  # fmt: skip
        with pytest.raises(InputError) as error:
            study(TOML.replace(old, new, 1))
        assert said in str(error.value)
