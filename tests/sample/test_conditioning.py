"""What rounding leaves: against exact rational arithmetic, in a run, and with planted defects on such columns."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import miniatures as m
from parity.base.tolerance import EXACT, MOST_FLOOR, most_floor
from parity.cli import main
from parity.compare.floor import floor_of, squares
from parity.compare.harmonise import harmonise
from parity.data.load import load_frame
from parity.engines import availability, registry
from parity.engines.base import Arithmetic
from parity.results.estimate import Estimate
from parity.results.record import HARMLESS
from parity.runs.runner import run
from parity.sample.build import design_and_partialled
from parity.sample.conditioning import Conditioning, CrossProducts, conditioning
from parity.study.load import load_study

needs_r = pytest.mark.needs_r

HEAD = '[study]\ntitle = "Grunfeld"\nunit = "firm"\ntime = "year"\n\n'
DERIVED = '[derive]\nyear2 = "year * year"\nbig = "value + 1e9"\n\n'
YEAR = '[spec.year]\nformula = "inv ~ value + capital + year"\nvcov = { cluster = ["firm"] }\nconvention = "regress"\n\n'
SQUARE = '[spec.square]\nformula = "inv ~ value + capital + year + year2"\nvcov = "HC1"\nconvention = "regress"\n\n'


def known(study, name):
    design, net = design_and_partialled(study, study.spec(name), load_frame(study))
    return conditioning(design, net)


# ---------------------------------------------------------------- against exact arithmetic


def solved(a: list[list[Fraction]], b: list[list[Fraction]]) -> list[list[Fraction]]:
    """Gauss and Jordan, without rounding."""
    rows = [[*x, *y] for x, y in zip(a, b, strict=True)]
    for i in range(len(rows)):
        pivot = next(r for r in range(i, len(rows)) if rows[r][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [v / rows[i][i] for v in rows[i]]
        for r in range(len(rows)):
            if r != i:
                rows[r] = [v - rows[r][i] * w for v, w in zip(rows[r], rows[i], strict=True)]
    return [row[len(a) :] for row in rows]


def exact(y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and HC1 standard errors of the doubles given, in rational numbers."""
    rows, outcome = [[Fraction(float(v)) for v in row] for row in x], [Fraction(float(v)) for v in y]
    k, n = x.shape[1], len(y)
    gram = [[sum((r[a] * r[b] for r in rows), Fraction(0)) for b in range(k)] for a in range(k)]
    inverse = solved(gram, [[Fraction(int(i == j)) for j in range(k)] for i in range(k)])
    xy = [sum((r[a] * v for r, v in zip(rows, outcome, strict=True)), Fraction(0)) for a in range(k)]
    b = [sum((inverse[a][c] * xy[c] for c in range(k)), Fraction(0)) for a in range(k)]
    e = [v - sum((r[a] * b[a] for a in range(k)), Fraction(0)) for r, v in zip(rows, outcome, strict=True)]
    v = [
        sum((sum((inverse[a][c] * r[c] for c in range(k)), Fraction(0)) * w) ** 2 for r, w in zip(rows, e, strict=True))
        * Fraction(n, n - k)
        for a in range(k)
    ]
    return np.array([float(x) for x in b]), np.array([math.sqrt(x) for x in v])


CASES = {
    "offset": (lambda r, n: np.column_stack([r.normal(size=n) + 1e5, r.normal(size=n)]), 1.0),
    "far": (lambda r, n: np.column_stack([r.normal(size=n) + 3e6, r.normal(size=n) - 2e4]), 1.0),
    "years": (lambda r, n: np.column_stack([2000.0 + np.arange(n) % 8, (2000.0 + np.arange(n) % 8) ** 2]), 1.0),
    "copies": (lambda r, n: (lambda z: np.column_stack([z, z + 1e-5 * r.normal(size=n)]))(r.normal(size=n)), 1.0),
    "good fit": (lambda r, n: np.column_stack([r.normal(size=n) + 300, r.normal(size=n)]), 1e-5),
    "scales": (lambda r, n: np.column_stack([r.lognormal(9, 3, size=n), 1e-9 * r.normal(size=n) + 1e-7]), 1.0),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", [1, 2])
def test_engines_stay_within_what_is_said_of_exact_arithmetic(make_study, case, seed):
    rng, n = np.random.default_rng(seed), 32
    columns, noise = CASES[case]
    x = columns(rng, n)
    y = ((x - x.mean(0)) / x.std(0)).sum(axis=1) + noise * rng.normal(size=n)
    frame = pd.DataFrame({"firm": np.arange(n) // 8, "year": np.arange(n) % 8, "y": y, "a": x[:, 0], "b": x[:, 1]})
    toml = HEAD + '[spec.s]\nformula = "y ~ a + b"\nvcov = "HC1"\nconvention = "regress"\n'
    study = load_study(make_study(toml, frame.to_csv(index=False).encode()))
    spec = study.specs[0]
    design, net = design_and_partialled(study, spec, load_frame(study))
    b, se = exact(design.y, np.column_stack([np.ones(n), design.x]))
    condition, judged = conditioning(design, net), 0
    for name, engine in registry().items():
        if availability(engine) is not None or engine.declines(spec, "firm", "year"):
            continue
        answer = engine.estimate(spec, design)
        if not isinstance(answer, Estimate):
            continue
        found = harmonise(answer, design.facts, spec).quantities
        way = squares(engine, spec, answer.accuracy)
        for i, term in enumerate(design.terms):
            off_b = abs(found["coef", term].value - b[i]) / max(abs(b[i]), se[i])
            off_se = abs(found["se", term].value - se[i]) / se[i]
            assert off_b <= max(condition.loss(way, True), 1e-12), (name, term, off_b, condition)
            assert off_se <= max(condition.loss(way, False), 1e-12), (name, term, off_se, condition)
            judged += 1
    assert judged >= 3 * 3  # at least moments, statsmodels and pyfixest, three terms each


def test_who_squares_the_condition_number_loses_twice_the_digits():
    at = Conditioning(whole=1e4, net=10.0, fit=2.0, nobs=100)
    stable, bread, normal = (at.loss(CrossProducts(**w), False) for w in ({}, {"covariance": True}, {"coefficients": True}))
    assert stable < 1e-10 < bread and bread / stable > 1e3 and normal / stable > 1e3
    assert at.loss(CrossProducts(covariance=True), True) == stable  # its coefficients come from a decomposition
    assert at.loss(CrossProducts(covariance=True, net=True), False) < 10 * stable  # after centring there is little to square
    assert Conditioning(math.inf, 1.0, 1.0, 10).loss(CrossProducts(), True) == 1.0


@pytest.mark.parametrize("n", [10, 200, 5_000, 100_000, 1_000_000])
def test_no_floor_hides_one_degree_of_freedom(n):
    k = 5.0
    for counted, instead in ((n - k, n - k - 1), (n - k, n - k + 1), (n, n - 1)):
        assert abs(math.sqrt(counted / instead) - 1) > 4 * most_floor(n)
    assert most_floor(n) <= MOST_FLOOR


# ---------------------------------------------------------------- in a run


@needs_r
def test_an_uncentred_year_agrees_in_every_engine_and_the_record_says_why(make_study):
    report = run([load_study(make_study(HEAD + YEAR))], jobs=2)
    records = {r.candidate: r for r in report.records if r.verdict != "unavailable" and r.candidate != "r-ivreg"}
    assert {r.verdict for r in records.values()} == {"agree"} and len(records) >= 5
    said = records["r-lm"]
    assert EXACT < said.floor < 1e-7
    assert said.note.endswith("these columns leave 8.9 digits: `year` is far from zero beside its spread: centre it")
    assert records["py-moments"].floor == 0.0 and "digits" not in records["py-moments"].note


def test_columns_that_leave_an_engine_nothing_to_say_make_it_decline(make_study, monkeypatch):
    monkeypatch.setenv("PARITY_R", "none")
    study = load_study(make_study(HEAD + DERIVED + SQUARE))
    records = {r.candidate: r for r in run([study], jobs=2).records if r.verdict != "unavailable"}
    assert records["py-moments"].verdict == "agree" and records["py-moments"].digits > 10
    for name in ("py-pyfixest", "py-linearmodels"):
        assert records[name].verdict == "declined" and not records[name].checked
        assert f"these columns leave {name} 2.8 digits: `year` and `year2` are far from zero" in records[name].note
        assert "centre them" in records[name].note and "nearly collinear" in records[name].note


def test_a_reference_whose_arithmetic_tells_nothing_gives_way(make_study):
    toml = HEAD + DERIVED + SQUARE.replace("[spec.square]\n", '[spec.square]\nreference = "loose"\n')
    records = run(
        [load_study(make_study(toml))], engines=[loose("loose"), m.miniature("a"), m.miniature("b")], jobs=1
    ).records
    agreed = next(r for r in records if r.verdict == "agree" and r.candidate == "b")
    assert (
        agreed.reference == "a" and "reference a because loose has none (these columns leave loose 2.8 digits" in agreed.note
    )


def loose(name: str, defect=None) -> m.Miniature:
    one = m.miniature(name, defect)
    return replace(one, info=replace(one.info, arithmetic=Arithmetic(coefficients=True)))


NUMBERS = [d for d in m.DEFECTS if m.DEFECTS[d] == "disagree"]


@pytest.mark.parametrize(("toml", "make"), [(YEAR, loose), (DERIVED + SQUARE, m.miniature)], ids=["loose", "stable"])
def test_no_floor_swallows_a_planted_defect(make_study, toml, make):
    study = load_study(make_study(HEAD + toml))
    engines = [m.miniature("right"), make("also-right"), *(make(d.__name__, d) for d in NUMBERS)]
    records = run([study], engines=engines, jobs=2).records
    verdicts = {r.candidate: r.verdict for r in records}
    assert verdicts["also-right"] == "agree"
    assert any(r.floor > EXACT for r in records)
    missed = [d.__name__ for d in NUMBERS if verdicts[d.__name__] in HARMLESS]
    assert not missed


def halved(e, spec, design):
    """Standard errors of half the size: far beyond any rounding."""
    return m.with_matrices(e, [x / 4 for x in m.matrices(e)])


def test_beyond_what_arithmetic_explains_it_disagrees_whatever_the_columns_are(make_study):
    study = load_study(make_study(HEAD + DERIVED + SQUARE))
    engines = [m.miniature("right"), m.miniature("also-right"), loose("halved", halved)]
    (record,) = [r for r in run([study], engines=engines, jobs=1).records if r.candidate == "halved"]
    assert record.verdict == "disagree" and any(d.quantity == "se" for d in record.differences)


def slightly(e, spec, design):
    return m.with_matrices(e, [x * (1 + 1e-5) for x in m.matrices(e)])


def test_where_no_engine_keeps_enough_digits_nothing_was_compared_and_it_says_so(make_study):
    study = load_study(make_study(HEAD + DERIVED + SQUARE))
    records = run([study], engines=[loose("a"), loose("b", slightly)], jobs=1).records
    records = [r for r in records if r.kind in ("estimate", "spec")]
    assert {r.verdict for r in records} == {"declined", "vacuous"}
    assert "no two engines have an estimate that says anything: these columns leave 2.8 digits" in records[-1].note


# ---------------------------------------------------------------- before a run


def test_parity_check_warns_of_such_columns_and_says_what_helps(make_study):
    folder = make_study(HEAD + DERIVED + YEAR + SQUARE + '[spec.fine]\nformula = "inv ~ value | firm + year"\n')
    said = " ".join(CliRunner().invoke(main, ["check", str(folder)]).output.split())
    assert "`year` is far from zero beside its spread: centre it" in said
    assert 'for example year_c = "year - 1944"' in said
    assert said.count("cost digits") == 2  # not the spec on columns net of effects


def test_floors_come_from_what_engines_say_of_themselves(make_study):
    study = load_study(make_study(HEAD + DERIVED + YEAR))
    spec, at = study.specs[0], known(study, "year")
    assert at.far == ("year",) and at.near == () and 300 < at.whole < 1_000
    lm, moments, pyfixest = (registry()[n] for n in ("r-lm", "py-moments", "py-pyfixest"))
    one = floor_of(at, spec, [(moments, "exact"), (lm, "exact")])
    assert one.coefficients < EXACT < one.others < one.most and one.tells
    assert floor_of(at, spec, [(moments, "exact")]).largest < EXACT
    assert floor_of(at, spec, [(pyfixest, "normal-equations")]).coefficients > EXACT
    assert floor_of(None, spec, [(lm, "exact")]).largest == 0.0
