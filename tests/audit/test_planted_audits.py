"""The count of `planted_audits.py`: each kind of driver is named first, and what isn't named is not counted as named."""

from __future__ import annotations

import pytest

from parity.results.audit import Hangs
from planted_audits import KINDS, Panel, alone, audit_of, drives, interval, named_first, planted, rejected


@pytest.mark.parametrize("kind", KINDS)
def test_a_driver_is_named_first(kind):
    panel, _ = planted(kind, 10_000)
    assert drives(panel) and named_first(panel, audit_of(panel).hangs)


@pytest.mark.parametrize("kind", ["control", "convention", "cut"])
def test_a_choice_that_overturns_it_too_is_a_second_driver(kind):
    panel, _ = planted(kind, 10_000)
    assert alone(panel) and not alone(Panel(**{**vars(panel), "axis": "c2", "option": "out"}))


def test_another_choice_or_firm_is_not_the_driver():
    panel, _ = planted("firm", 10_000)
    assert not named_first(panel, None) and not named_first(panel, Hangs(claim="star", kept=1, axis="c1", worst="out"))
    assert not named_first(panel, Hangs(claim="star", kept=1, kind="firm", group="another", groups=30))
    panel, _ = planted("control", 10_000)
    other = {"in": "out", "out": "in"}[panel.option]
    assert not named_first(panel, Hangs(claim="star", kept=1, axis="w", worst=other))


def test_a_panel_without_an_effect_has_its_tests_counted():
    said = rejected(1, 19, 12, 4)
    assert set(said) == {"median", "share", "stouffer", "step-down", "smallest p"}
    assert interval(0, 10)[0] == 0.0 and interval(50, 1_000) == pytest.approx((0.0373, 0.0654), abs=1e-4)
