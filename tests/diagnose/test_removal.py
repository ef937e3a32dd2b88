"""A slice of docs/evidence/removal.md: causes taken out of the catalogue, on one specification."""

from __future__ import annotations

import pytest

import removal
from conftest import ROOT
from parity.engines import engine
from parity.study.load import load_study


@pytest.fixture(scope="module")
def records():
    engines = [engine("r-stata"), engine("py-linearmodels"), engine("py-statsmodels")]
    study = load_study(ROOT / "fixtures" / "grunfeld")
    return removal.explained([study], engines=engines, specs=["one_reghdfe"], transport="frozen", jobs=1)


def test_without_a_cause_that_a_record_names_it_disagrees(records):
    found = {r.cause: r for r in removal.removals(records)}
    assert {"counts-nested-effects", "n-over-n-minus-k", "no-cluster-factor", "normal-distribution"} <= set(found)
    assert all(r.needed for r in found.values()), [r.cause for r in found.values() if not r.needed]
    assert {r.turned for r in found.values()} <= {r.name for r in records}


def test_a_cause_that_no_record_names_turns_none(records):
    one, fitter = records[0], removal.fitter(records[0], {})
    turned, instead = removal.disagrees(one, {"hc4"}, fitter)
    assert not turned and instead == {i for ids in one.alternatives for i in ids}


def test_the_page_says_what_is_not_needed():
    found = [
        removal.Removal("hc3", 4, "a/b, r-lm"),
        removal.Removal("cr0", 2, "a/c, r-plm", ("cr1",)),
        removal.Removal("x", 1),
    ]
    page = removal.text(found, "a command", 7)
    assert "1 are needed alone, 1 together" in page and "| `hc3` | 4 | a/b, r-lm |" in page
    assert "| `cr0` | 2 | `cr1` | a/c, r-plm |" in page and "Not needed: `x` (1)." in page
