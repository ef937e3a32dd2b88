"""Printed numbers of spatial models: the convention that makes them is named, and noise is not."""

from __future__ import annotations

import random

import pytest

from conftest import ROOT
from parity.analyses.registry import analyses
from parity.runs.judge_analyses import numbers_of, printed_records
from parity.study.load import parse_study

STATES = ROOT / "docs" / "examples" / "spatial"
TOML = """
[study]
title = "States"
data = "data.csv"
unit = "state"
time = "year"

[spec.s]
formula = "log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp | state + year"
where = "year >= 1981"
convention = "plm"

[spatial.m]
spec = "s"
weights = "neighbours.csv"
symmetric = true
model = "lag"
"""
#: Convention -> quantity, terms of which numbers are printed.
PRINTED = {
    "standardise-none": ("coef", ("log(emp)", "rho")),
    "standardise-spectral": ("coef", ("log(emp)", "rho")),
    "diagonal-ones": ("coef", ("log(pc)", "rho")),
    "effects-unit": ("coef", ("log(emp)", "unemp")),
    "effects-none": ("direct", ("log(emp)", "unemp")),
    "transformation-orthonormal": ("coef", ("log(emp)", "rho")),
    "information-observed": ("se", ("log(emp)", "rho")),
    "moran-normality": ("moran z", ("1981", "1986")),
    "local-total": ("local z", ("AL:1981", "TX:1986")),
    "moran-one-sided": ("moran p", ("1981", "1986")),
    "local-over-n-1": ("local", ("AL:1981", "TX:1986")),
}


def study(entries: str = ""):
    return parse_study(TOML + entries, STATES / "study.toml")


def said(quantity: str, texts: dict[str, str]):
    entries = (
        f'\n[[published]]\nanalysis = "spatial.m"\nterm = "{t}"\nstatistic = {{ "{quantity}" = "{x}" }}\nsource = "t"\n'
        for t, x in texts.items()
    )
    return printed_records(study("".join(entries)), ())


@pytest.mark.parametrize("id", PRINTED)
def test_the_convention_that_made_them_is_named(id):
    quantity, terms = PRINTED[id]
    of = study()
    convention = next(c for c in analyses()["spatial"].conventions(of, "spatial.m") if c.id == id)
    if convention.edit is not None:
        numbers = convention.edit(numbers_of(of, "spatial.m"))
    else:
        numbers = numbers_of(of.model_copy(update={"spatial": {"m": convention.settings}}), "spatial.m")
    records = said(quantity, {t: f"{numbers[quantity, t]:.7g}" for t in terms})
    off = [r for r in records if r.verdict != "agree"]
    assert off and all(r.verdict == "explained" for r in off), [(r.verdict, r.note, r.differences) for r in records]
    assert [c.id for c in off[0].causes] == [id] and off[0].causes[0].certain


def test_numbers_at_random_have_no_cause():
    numbers, rng = numbers_of(study(), "spatial.m"), random.Random(2)
    for quantity, term in (("coef", "rho"), ("se", "log(emp)"), ("indirect", "log(pc)"), ("moran z", "1984")):
        text = f"{numbers[quantity, term] * rng.uniform(0.8, 1.3):.6g}"
        (record,) = said(quantity, {term: text})
        assert record.verdict == "disagree" and not record.causes, (quantity, term)
