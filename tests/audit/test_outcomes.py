"""The results of an audit as values."""

from __future__ import annotations

import numpy as np
import pytest

from parity.audit.outcomes import Axis, Outcomes


def outcomes(axes, choices, coef=None) -> Outcomes:
    n = len(choices)
    coef = np.arange(n, dtype=float) if coef is None else coef
    return Outcomes(
        axes, np.asarray(choices, dtype=np.int8), coef, np.ones(n), np.full(n, 0.5), np.full(n, 9.0), np.full(n, 10.0)
    )


AXES = (Axis("x", ("out", "in"), 1), Axis("fe", ("none", "unit", "both"), 2))
PRODUCT = [(i, j) for i in range(2) for j in range(3)]


def test_the_audited_specification_is_found_by_its_options():
    whole = outcomes(AXES, PRODUCT)
    assert whole.base == 5 and whole.whole and whole.sizes == (2, 3)
    assert whole.chosen(1) == {"x": "out", "fe": "unit"}
    assert outcomes(AXES, PRODUCT[:5]).base is None


def test_a_product_in_another_order_or_with_a_double_is_not_whole():
    assert not outcomes(AXES, PRODUCT[::-1]).whole
    assert not outcomes(AXES, PRODUCT[:5]).whole
    assert not outcomes(AXES, [*PRODUCT[:5], PRODUCT[4]]).whole


def test_what_has_no_standard_error_is_not_estimable():
    coef = np.array([1.0, np.nan, 2, 3, 4, 5])
    assert outcomes(AXES, PRODUCT, coef).estimable.tolist() == [True, False, True, True, True, True]


def test_shapes_and_options_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="base 2"):
        Axis("x", ("out", "in"), 2)
    with pytest.raises(ValueError, match="none of them"):
        outcomes(AXES, [(0, 3)])
    with pytest.raises(ValueError, match="axes"):
        outcomes(AXES, [(0, 1, 1)])
