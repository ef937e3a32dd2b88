"""The methods on random panels: Python and R find the same. `python -m random_methods` draws as many as asked."""

from __future__ import annotations

import numpy as np
import pytest

from parity.base.errors import Unestimable
from parity.r.session import missing_r
from random_methods import METHODS, line

pytestmark = pytest.mark.skipif(missing_r() is not None, reason="needs R")
PANELS = 25


@pytest.mark.parametrize("name", METHODS)
def test_random_panels(name, tmp_path):
    assert line(name, PANELS, 7, tmp_path)[1] > PANELS * 0.8


def drawn(name: str, seed: int, at: int):
    """The panel that the command draws at that place, counted over those without an answer too."""
    rng = np.random.default_rng([seed, list(METHODS).index(name)])
    for _ in range(at):
        try:
            METHODS[name].draw(rng)
        except Unestimable:
            continue
    return METHODS[name].draw(rng)


@pytest.mark.parametrize(
    ("seed", "at", "why"),
    [
        (1, 16, "no maximum"),  # near 1 the trace was a difference of two poles, and its rounding had a sign
        (1, 224, "no maximum"),  # there A leaves nothing of the periods' means
        (2611, 85, "the same at any spatial parameter"),
    ],
)
def test_rounding_is_no_maximum(seed, at, why):
    with pytest.raises(Unestimable, match=why):
        METHODS["spatial"].python(drawn("spatial", seed, at))


@pytest.mark.parametrize(("at", "why"), [(40, "has negative variances"), (41, "panels are not nested within clusters")])
def test_a_moderated_effect_without_a_variance_says_why(at, why):
    with pytest.raises(Unestimable, match=why):
        METHODS["moderation"].python(drawn("moderation", 1, at))


def test_a_repaired_covariance_of_a_moderated_effect_is_repaired_in_r_too(tmp_path):
    method, part = METHODS["moderation"], drawn("moderation", 2611, 117)
    assert len(part.of.spec.vcov.cluster) == 2 and part.of.spec.convention.psd == "repaired"
    assert method.compared(part, method.python(part), tmp_path).verdict == "agree"


def test_draws_on_one_side_of_the_estimate_have_an_interval(tmp_path):
    method, part = METHODS["mediation"], drawn("mediation", 1, 4)
    found = method.python(part)
    assert found.printed["bca low"]["ratio"] == found.printed["bca high"]["ratio"]
    assert method.compared(part, found, tmp_path).verdict == "agree"


@pytest.mark.parametrize(("name", "at", "term"), [("imputation", 50, "2007"), ("did2s", 64, "-6")])
def test_rounding_is_no_standard_error(name, at, term, tmp_path):
    method = METHODS[f"event study: {name}"]
    part = drawn(f"event study: {name}", 1, at)
    found = method.python(part)
    assert term in found.shown()["effect"] and term not in found.shown()["se"]
    assert method.compared(part, found, tmp_path).verdict == "agree"
