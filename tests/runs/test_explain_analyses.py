"""Printed numbers of distributions, couplings and thresholds: the convention that makes them is named, and noise is not."""

from __future__ import annotations

import random

import pytest

from conftest import FIXTURES
from parity.analyses.registry import analyses
from parity.results.record import Record
from parity.runs.judge_analyses import numbers_of, printed_records
from parity.study.load import parse_study

TOML = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[spec.s]
formula = "inv ~ value + capital | firm"

[derive]
big = "firm <= 3"

[distribution.inv]
of = "inv"
groups = "big"

[coupling.two]
of = ["inv / 1500", "value / 6500"]
weights = [0.6, 0.4]

[threshold.t]
spec = "s"
by = "value"
thresholds = 2
trim = 0.05
draws = 20
"""
#: Convention -> analysis, quantity, terms of which numbers are printed.
PRINTED = {
    "ddof-0": ("distribution.inv", "sd", ("1935", "1940", "1950")),
    "bandwidth-stata": ("distribution.inv", "bandwidth", ("1935", "1940")),
    "bandwidth-matlab": ("distribution.inv", "bandwidth", ("1935", "1940")),
    "bandwidth-silverman": ("distribution.inv", "bandwidth", ("1935", "1940")),
    "kernel-epanechnikov": ("distribution.inv", "peak density", ("1935", "1936")),
    "gini-of-other-pairs": ("distribution.inv", "gini", ("1935", "1954")),
    "in-percent": ("distribution.inv", "share within", ("1935", "1954")),
    "sigma-of-logs": ("distribution.inv", "sd", ("1935", "1954")),
    "form-revised": ("coupling.two", "coupling", ("1:1935", "4:1940", "3:1950")),
    "form-unscaled": ("coupling.two", "mean coupling", ("1935", "1940")),
    "equal-weights": ("coupling.two", "mean degree", ("1935", "1940")),
    "degree-without-root": ("coupling.two", "degree", ("1:1935", "4:1940")),
    "closed-upper": ("threshold.t", "threshold", ("single", "double")),
    "f-of-all-rows": ("threshold.t", "f", ("single", "double")),
    "trim-0.15": ("threshold.t", "f", ("single", "double")),
}


def study(entries: str = ""):
    return parse_study(TOML + entries, FIXTURES / "grunfeld" / "study.toml")


def entry(name: str, quantity: str, term: str, text: str) -> str:
    return (f'\n[[published]]\nanalysis = "{name}"\nterm = "{term}"\nstatistic = {{ "{quantity}" = "{text}" }}\n'
            'source = "table 1"\n')  # fmt: skip


def under(id: str, name: str) -> dict:
    """The numbers of an analysis under one of its conventions."""
    one = next(a for a in analyses().values() if name.split(".")[0] in a.kinds)
    of = study()
    convention = next(c for c in one.conventions(of, name) if c.id == id)
    if convention.edit is not None:
        return dict(convention.edit(numbers_of(of, name)))
    section, key = name.split(".")
    return dict(numbers_of(of.model_copy(update={section: {**getattr(of, section), key: convention.settings}}), name))


def said(name: str, quantity: str, texts: dict[str, str]) -> tuple[Record, ...]:
    return printed_records(study("".join(entry(name, quantity, term, text) for term, text in texts.items())), ())


@pytest.mark.parametrize("id", PRINTED)
def test_the_convention_that_made_them_is_named(id):
    name, quantity, terms = PRINTED[id]
    numbers = under(id, name)
    records = said(name, quantity, {t: f"{numbers[quantity, t]:.7g}" for t in terms})
    off = [r for r in records if r.verdict != "agree"]
    assert off and all(r.verdict == "explained" for r in off), [(r.verdict, r.note, r.differences) for r in records]
    named = [c.id for c in off[0].causes]
    assert id in named and len(named) <= (2 if id.startswith("trim") else 1), named
    assert all(c.certain and c.text for c in off[0].causes) and not all(r.harmless for r in off)


def test_few_digits_are_no_certain_cause():
    numbers = under("ddof-0", "distribution.inv")
    (record,) = said("distribution.inv", "sd", {"1935": f"{numbers['sd', '1935']:.3g}"})
    assert record.verdict == "disagree" and not any(c.certain for c in record.causes)


def test_numbers_at_random_and_numbers_that_are_right_have_no_cause():
    numbers = numbers_of(study(), "distribution.inv")
    rng = random.Random(1)
    for quantity in ("sd", "bandwidth", "gini"):
        for _ in range(6):
            value = numbers[quantity, "1940"] * rng.uniform(0.7, 1.4)
            (record,) = said("distribution.inv", quantity, {"1940": f"{value:.6g}"})
            assert record.verdict == "disagree" and not record.causes, (quantity, value)
    (right,) = said("distribution.inv", "sd", {"1940": f"{numbers['sd', '1940']:.6g}"})
    assert right.verdict == "agree"
    # one number under another convention and one that is neither: nothing gives both
    other = under("ddof-0", "distribution.inv")
    mixed = {"1935": f"{other['sd', '1935']:.7g}", "1940": f"{other['sd', '1940'] * 1.01:.7g}"}
    assert not any(r.causes for r in said("distribution.inv", "sd", mixed))
