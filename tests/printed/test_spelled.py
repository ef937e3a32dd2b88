"""Terms in the spellings of several programs: each is one term, or none."""

from __future__ import annotations

import pytest

from parity.printed.matching import term_of
from parity.printed.spelled import factors
from parity.printed.terms import same_term

TERMS = (
    "(Intercept)", "year::80", "year::81", "cyl::6", "cyl::8", "l(value, 1)", "f(value, 2)", "d(value, 1)", "d(value, 2)",
    "value", "log(gdp)", "treat:x", "year::80:x", "price_metric_real", "region::East", "cyl_6", "x", "sector::1.5",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "term"),
    [
        *((n, "cyl::6") for n in (
            "cyl::6", "6.cyl", "6b.cyl", "C(cyl)[T.6]", "C(cyl)[6]", "C(cyl, Treatment(4))[T.6]",
            "C(cyl, Treatment(reference=4))[T.6]", "cyl[T.6]", "factor(cyl)6", "as.factor(cyl)6", "i.cyl 6",
            "i.cyl::6", "i(cyl)6", "cyl=6", "cyl == 6", "cyl = 6", "_Icyl_6", "cyl::6.0", "6.0.cyl",
        )),
        ("80.year", "year::80"), ("C(year)[T.80]", "year::80"), ("cyl_6", "cyl_6"),
        ("East.region", "region::East"), ("C(region)[T.East]", "region::East"), ("regionEast", None),
        ("1.5.sector", "sector::1.5"), ("L.value", "l(value, 1)"), ("L1.value", "l(value, 1)"),
        ("lag(value, 1)", "l(value, 1)"),
        ("F2.value", "f(value, 2)"),
        ("D.value", "d(value, 1)"), ("S2.value", "d(value, 2)"), ("D2.value", None), ("diff(value)", "d(value, 1)"),
        ("c.treat#c.x", "treat:x"), ("x:treat", "treat:x"), ("80.year#c.x", "year::80:x"), ("C(year)[T.80]:x", "year::80:x"),
        ("price_met~l", "price_metric_real"), ("price~real", "price_metric_real"), ("pric~met", None),
        ("7.cyl", None), ("60.cyl", None), ("L2.value", None), ("valu", None), ("", None),
        ("::", None), ("[T.]", None), (":", None),
    ],
)  # fmt: skip
def test_a_term_by_any_name(name, term):
    assert same_term(name, TERMS) == term


def test_a_term_as_the_formula_has_it():
    terms = ("(Intercept)", "log((popgrowth) + (0.050000000000000003))", "x:x")
    for name in ("log(popgrowth + 0.05)", "log(popgrowth+.05)", "log(0.05 + popgrowth - 0)"):
        assert same_term(name, terms) == (None if name.startswith("log(0") else terms[1])
    for name in ("_cons", "Intercept", "const", "(intercept)"):
        assert same_term(name, terms) == terms[0] and same_term(name, terms[1:]) is None
    for name in ("log(popgrowth", "a ~ b", "a | b", "x + x:x", "1", "log(popgrowth + 0.06)"):
        assert same_term(name, terms) is None


def test_value_labels_hold_any_sign():
    terms = ("state::Washington, D.C.", "state::A: b#c", "state::New York")
    for label in ("Washington, D.C.", "A: b#c", "New York"):
        assert same_term(f"{label}.state", terms) == f"state::{label}"


def test_rows_of_tables_are_matched_alike():
    assert term_of("80.year", TERMS, {}) == "year::80" and term_of("C(cyl)[T.8]", TERMS, {}) == "cyl::8"


def test_two_terms_that_a_name_may_stand_for_are_none():
    assert same_term("va~e", ("value", "valve_e")) is None and same_term("b:a", ("a:b", "b : a2")) == "a:b"


def test_every_term_is_found_under_its_own_name():
    assert [same_term(term, TERMS) for term in TERMS] == list(TERMS)
    assert len({factors(term) for term in TERMS}) == len(TERMS)
