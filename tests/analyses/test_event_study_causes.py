"""Printed effects of event studies: the convention that makes them is named, alone, and noise is not."""

from __future__ import annotations

import random
from functools import cache

import pytest

from conftest import FIXTURES
from parity.analyses.event_study.analysis import ANALYSIS
from parity.runs.judge_analyses import numbers_of, printed_records
from parity.study.load import parse_study

OF = {
    "minimum_wage": 'unit = "county"\ntime = "year"',
    "castle": 'unit = "sid"\ntime = "year"',
}
SECTIONS = {
    "cs": ("minimum_wage", 'outcome = "lemp"\nfirst_treated = "first_treat"\nmethod = "callaway_santanna"\n'
                           'controls = ["lpop"]'),
    "twfe": ("castle", 'outcome = "log(homicide)"\ntreatment = "post"\nleads = 4\nlags = 2\nweights = "popwt"'),
    "early": ("castle", 'outcome = "log(homicide)"\ntreatment = "post"\nwhere = "year > 2005"\nleads = 3\nlags = 2'),
    "lp": ("castle", 'outcome = "log(homicide)"\ntreatment = "post"\nmethod = "local_projections"\nleads = 3\nlags = 2'),
    "sa": ("castle", 'outcome = "log(homicide)"\ntreatment = "post"\nmethod = "sun_abraham"\nleads = 3\nlags = 2'),
    "imputed": ("castle", 'outcome = "log(homicide)"\ntreatment = "post"\nmethod = "imputation"\nlags = 2'),
}  # fmt: skip
#: Section and convention -> quantity and terms that are printed.
PRINTED = {
    ("cs", "base_period-universal"): ("effect", ("-3", "-2")),
    ("cs", "control_group-not_yet"): ("effect", ("0", "1", "-2")),
    ("cs", "adjustment-weighting"): ("effect", ("0", "1", "2")),
    ("cs", "adjustment-regression"): ("se", ("0", "1", "2")),
    ("cs", "cohort_weights-equal"): ("effect", ("0", "1")),
    ("cs", "anticipation-1"): ("effect", ("0", "1")),
    ("cs", "clusters-less-one"): ("se", ("0", "1", "2")),
    ("twfe", "endpoints-binned"): ("effect", ("-3", "0", "1")),
    ("twfe", "endpoints-dropped"): ("effect", ("-3", "0", "1")),
    ("twfe", "endpoints-reference"): ("effect", ("-3", "0", "1")),
    ("twfe", "reference--2"): ("effect", ("-3", "0", "1")),
    ("twfe", "unweighted"): ("effect", ("-3", "0", "1")),
    ("twfe", "convention-areg"): ("se", ("-3", "0", "1")),
    ("twfe", "cluster-year"): ("se", ("-3", "0", "1")),
    ("twfe", "normal"): ("p", ("-3", "-2", "1")),
    ("early", "always_treated-dropped"): ("effect", ("0", "1", "-2")),
    ("lp", "control_group-never"): ("effect", ("0", "1", "-2")),
    ("lp", "weighting-equal"): ("effect", ("0", "1", "-2")),
    ("sa", "cohort_weights-equal"): ("effect", ("0", "1", "-2")),
    ("sa", "shares-estimated"): ("se", ("0", "1", "-2")),
    ("imputed", "clusters-less-one"): ("se", ("0", "1", "2")),
    ("imputed", "anticipation-1"): ("effect", ("0", "1", "2")),
}


def study(name: str, entries: str = ""):
    data, lines = SECTIONS[name]
    text = f'[study]\ntitle = "t"\n{OF[data]}\n\n[event_study.{name}]\n{lines}\n{entries}'
    return parse_study(text, FIXTURES / data / "study.toml")


def entry(name: str, quantity: str, term: str, text: str) -> str:
    return (f'\n[[published]]\nanalysis = "event_study.{name}"\nterm = "{term}"\n'
            f'statistic = {{ "{quantity}" = "{text}" }}\nsource = "table 1"\n')  # fmt: skip


@cache
def stated(name: str):
    return numbers_of(study(name), f"event_study.{name}")


def under(name: str, id: str):
    of = study(name)
    (convention,) = [c for c in ANALYSIS.conventions(of, f"event_study.{name}") if c.id == id]
    if convention.edit is not None:
        return convention.edit(stated(name))
    return numbers_of(of.model_copy(update={"event_study": {name: convention.settings}}), f"event_study.{name}")


def said(name: str, quantity: str, texts: dict[str, str]):
    return printed_records(study(name, "".join(entry(name, quantity, t, x) for t, x in texts.items())), ())


@pytest.mark.parametrize("planted", PRINTED, ids=" ".join)
def test_the_convention_that_made_them_is_named(planted):
    quantity, terms = PRINTED[planted]
    numbers = under(*planted)
    records = said(planted[0], quantity, {t: f"{numbers[quantity, t]:.7g}" for t in terms})
    off = [r for r in records if r.verdict != "agree"]
    assert off and all(r.verdict == "explained" for r in off), [(r.verdict, r.note) for r in records]
    named = [c.id for c in off[0].causes]
    assert planted[1] in named and len(named) == 1, named
    assert all(c.certain and c.text for c in off[0].causes)


def test_every_setting_that_differs_between_packages_is_planted():
    planted = {id.rsplit("-", 1)[0].rstrip("-") for _, id in PRINTED}
    given = [c.id for name in SECTIONS for c in ANALYSIS.conventions(study(name), f"event_study.{name}")]
    offered = {id.rsplit("-", 1)[0].rstrip("-") for id in given}
    assert offered - planted == set()


@pytest.mark.parametrize("name", ["cs", "twfe", "imputed"])
def test_noise_has_no_cause_and_what_is_right_agrees(name):
    numbers, rng = stated(name), random.Random(2)
    for quantity in ("effect", "se"):
        value = numbers[quantity, "0"]
        (record,) = said(name, quantity, {"0": f"{value * rng.uniform(1.2, 1.5):.7g}"})
        assert record.verdict == "disagree" and not record.causes
        (record,) = said(name, quantity, {"0": f"{value:.4g}"})
        assert record.verdict == "agree"
