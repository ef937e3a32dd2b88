"""What arithmetic leaves between engines, case by case: who squares what, the larger loss, and words for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import miniatures as m
from parity.compare.floor import ANYTHING, NO_FLOOR, Floor, digits_left, floor_of, said, squares
from parity.engines.base import Arithmetic
from parity.sample.conditioning import Conditioning, CrossProducts
from parity.study.spec import Spec


def engine(**arithmetic):
    one = m.miniature("e")
    return replace(one, info=replace(one.info, arithmetic=Arithmetic(**arithmetic)))


OLS, IV = "y ~ a + b | f", "y ~ a | f | b ~ z"


@pytest.mark.parametrize(
    ("arithmetic", "formula", "accuracy", "wanted"),  # covariance, coefficients, net
    [
        ({}, OLS, "exact", (False, False, False)), ({"covariance": ("iid",)}, OLS, "exact", (True, False, False)),
        ({"covariance": ("HC1",)}, OLS, "exact", (False, False, False)),
        ({"coefficients": True}, OLS, "exact", (True, True, False)),
        ({}, OLS, "normal-equations", (True, True, False)), ({}, OLS, "iterative", (True, False, True)),
        ({"absorbs": "always"}, OLS, "exact", (False, False, True)),
        ({"absorbs": "always"}, IV, "exact", (False, False, True)),
        ({"absorbs": "least squares"}, OLS, "exact", (False, False, True)),
        ({"absorbs": "least squares"}, IV, "exact", (False, False, False)),
        ({"absorbs": "always"}, "y ~ a + b", "exact", (False, False, False)),
        ({"absorbs": "least squares", "coefficients": True}, OLS, "normal-equations", (True, True, True)),
    ],
)  # fmt: skip
def test_who_squares_what(arithmetic, formula, accuracy, wanted):
    found = squares(engine(**arithmetic), Spec(id="s", formula=formula, vcov="iid"), accuracy)
    assert found == CrossProducts(covariance=wanted[0], coefficients=wanted[1], net=wanted[2])


def test_a_floor_is_the_larger_loss_of_any_side():
    known, spec = Conditioning(whole=1e4, net=10.0, fit=2.0, nobs=100), Spec(id="s", formula=OLS, vcov="iid")
    plain, squared = (engine(), "exact"), (engine(covariance=("iid",)), "exact")
    stable, bread = (known.loss(CrossProducts(covariance=c), False) for c in (False, True))
    assert stable < bread
    for sides in ((plain, squared), (squared, plain)):
        floor = floor_of(known, spec, sides)
        assert (floor.coefficients, floor.others) == (known.loss(CrossProducts(covariance=True), True), bread)
        assert floor.most == pytest.approx(0.1 / 200 if 0.1 / 200 < 1e-6 else 1e-6)
    assert floor_of(known, spec, [plain]).others == stable and floor_of(None, spec, [plain]) is NO_FLOOR
    many = replace(known, nobs=10_000_000)
    assert floor_of(many, spec, [plain]).most == pytest.approx(0.1 / 2e7)


def test_what_a_floor_lets_pass():
    floor = Floor(1e-4, 0.5, 1e-6)
    assert floor.whole("coef") == 1e-4 and floor.whole("se") == ANYTHING == 1e30  # half of itself is no digit
    assert floor.capped("coef") == floor.capped("se") == 1e-6 and floor.largest == 0.5 and not floor.tells
    assert Floor(1e-4, 0.499, 1e-6).whole("se") == 0.499
    assert Floor(1e-7, 1e-6, 1e-6).tells and not Floor(1.1e-6, 1e-7, 1e-6).tells
    assert (NO_FLOOR.coefficients, NO_FLOOR.others, NO_FLOOR.most, NO_FLOOR.tells) == (0.0, 0.0, 0.0, True)


@pytest.mark.parametrize(
    ("share", "digits"), [(0.0, 16.0), (1e-3, 3.0), (1e-20, 16.0), (5.0, 0.0), (1.0, 0.0), (-1.0, 16.0)]
)
def test_digits_that_are_left(share, digits):
    assert digits_left(share) == pytest.approx(digits)


def test_what_is_said_of_it():
    plain, far = Conditioning(1e5, 1e5, 2.0, 50), Conditioning(1e5, 1e5, 2.0, 50, far=("a",))
    assert said(plain, 2e-9) == "these columns leave 8.7 digits"
    assert said(plain, 0.5, "r-lm") == "these columns leave r-lm no digit" and said(plain, 0.49).endswith("0.3 digits")
    assert said(far, 1e-3, "r-lm") == (
        "these columns leave r-lm 3.0 digits: `a` is far from zero beside its spread: centre it"
    )
