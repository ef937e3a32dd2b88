"""`[bootstrap.NAME]` of a study: against refits by dummies, made data with a known effect, R's refits of the same draws."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import FIXTURES
from files_read import read_draws
from parity.analyses.frozen import answers_path
from parity.analyses.registry import analyses, answer_in_r
from parity.analyses.replicates.draws import bootstrap_draws
from parity.analyses.resampling.bootstrap import bootstrap
from parity.analyses.resampling.found import found_in
from parity.analyses.resampling.pairs import Pairs
from parity.analyses.resampling.r import analyse
from parity.analyses.resampling.sample import prepare
from parity.analyses.run import analysed, freeze, records_of
from parity.base.errors import InputError
from parity.base.values import name_of
from parity.cli import main
from parity.compare.lists import compare_numbers
from parity.data.load import load_frame
from parity.results.record import Record
from parity.study.analyses.resampling import BootstrapSettings
from parity.study.load import load_study

needs_r = pytest.mark.needs_r

TOML = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[spec.both]
formula = "inv ~ value + capital | firm + year"
vcov = { cluster = ["firm"] }

[spec.instrumented]
formula = "inv ~ capital | firm + year | value ~ l(value, 1) + l(capital, 1)"
vcov = { cluster = ["firm"] }

[spec.two]
formula = "inv ~ 1 | 0 | value + capital ~ l(value, 1) + l(capital, 1) + l(value, 2)"
vcov = "HC1"

[spec.pooled]
formula = "inv ~ 0 + value + capital"
weights = { analytic = "year" }

[bootstrap.both]
spec = "both"
draws = 60
refits = 25

[bootstrap.instrumented]
spec = "instrumented"
draws = 80
refits = 30

[bootstrap.two]
spec = "two"
cluster = "firm"
draws = 50
refits = 50
percentiles = "type7"

[bootstrap.years]
spec = "both"
cluster = "year"
draws = 40

[bootstrap.pooled]
spec = "pooled"
cluster = "firm"
draws = 40
level = 0.9
"""


def made(seed: int, units=20, periods=6, missing=0.0, weighted=False, two=False, effects="both") -> Pairs:
    """d is made by z1, z2 and by what also moves y; its effect is 0.5, that of x is 1, that of the second, e, is -0.3."""
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    keep = (rng.random(len(unit)) >= missing) | (time < 2)
    unit, time = unit[keep], time[keep]
    n = len(unit)
    u = rng.normal(size=n) + rng.normal(size=units)[unit]
    x, z1, z2, z3 = rng.normal(size=(4, n)) + rng.normal(size=(4, units))[:, unit]
    d = z1 + 0.5 * z2 + 0.3 * x + u + rng.normal(size=n)
    e = z3 - 0.4 * z2 + 0.5 * u + rng.normal(size=n)
    y = 0.5 * d + x + u + rng.normal(size=n) + 2 * rng.normal(size=units)[unit] + time - (0.3 * e if two else 0.0)
    endog = {"d": d} | ({"e": e} if two else {})
    instruments = {"z1": z1, "z2": z2} | ({"z3": z3} if two else {})
    codes = {"both": {"unit": unit, "time": time}, "none": {}}[effects]
    weights = rng.uniform(0.5, 2, n) if weighted else None
    return Pairs("bootstrap.made", BootstrapSettings(spec="made"), {"x": x}, endog, instruments, y, not codes, weights,
                 codes, "unit", unit, tuple(map(str, range(units))))  # fmt: skip


def by_dummies(pairs: Pairs, rows: np.ndarray) -> np.ndarray:
    """Two-stage least squares of the rows by least squares with dummies."""
    root = np.ones(len(rows)) if pairs.weights is None else np.sqrt(pairs.weights[rows])
    levels = [np.eye(int(c.max()) + 1)[c[rows]] for c in pairs.effects.values()] or [np.ones((len(rows), 1))]

    def columns(of):
        return np.column_stack([np.empty((len(rows), 0)), *(c[rows] for c in of.values())])

    outer = np.hstack([*levels, columns(pairs.exog)]) * root[:, None]
    d, z, y = columns(pairs.endog) * root[:, None], columns(pairs.z) * root[:, None], pairs.y[rows] * root
    first = np.hstack([outer, z])
    fitted = first @ np.linalg.lstsq(first, d, rcond=1e-12)[0]
    return np.linalg.lstsq(np.hstack([outer, fitted]), y, rcond=1e-12)[0][-len(pairs.terms) :]


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1_000), missing=st.sampled_from([0.0, 0.3]), weighted=st.booleans(), two=st.booleans(),
    effects=st.sampled_from(["both", "none"]),
)  # fmt: skip
def test_a_draw_is_two_stage_least_squares_on_its_rows(seed, missing, weighted, two, effects):
    pairs = made(seed, missing=missing, weighted=weighted, two=two, effects=effects)
    draws = bootstrap_draws(pairs.labels, 12, seed)
    found = bootstrap(pairs, draws)
    want = [by_dummies(pairs, np.concatenate([np.flatnonzero(pairs.code == g) for g in row])) for row in draws.values]
    got = np.array([found.replicates[t] for t in pairs.terms]).T
    np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-9 * np.std(want))
    own = by_dummies(pairs, np.arange(len(pairs.y)))
    np.testing.assert_allclose([found.estimates[t] for t in pairs.terms], own, rtol=1e-9)


def test_without_instruments_it_is_least_squares():
    pairs = replace(made(3), endog={}, z={}, exog={"x": made(3).exog["x"], "d": made(3).endog["d"]})
    draws = bootstrap_draws(pairs.labels, 20, 1)
    found = bootstrap(pairs, draws)
    want = [by_dummies(pairs, np.concatenate([np.flatnonzero(pairs.code == g) for g in row])) for row in draws.values]
    np.testing.assert_allclose(np.array([found.replicates[t] for t in pairs.terms]).T, want, rtol=1e-9)


def test_a_just_identified_draw_is_a_ratio_and_a_redundant_instrument_says_nothing():
    pairs = made(5)
    one = replace(pairs, z={"z1": pairs.z["z1"]})
    again = replace(pairs, z={"z1": pairs.z["z1"], "same": 3 * pairs.z["z1"] - pairs.exog["x"]})
    draws = bootstrap_draws(pairs.labels, 30, 2)
    a, b = bootstrap(one, draws), bootstrap(again, draws)
    np.testing.assert_allclose(a.replicates["d"], b.replicates["d"], rtol=1e-10)
    reduced = bootstrap(replace(one, endog={}, z={}, exog={**one.exog, "z1": one.z["z1"]}), draws)
    stage = replace(one, endog={}, z={}, exog={**one.exog, "z1": one.z["z1"]}, y=one.endog["d"])
    ratio = reduced.replicates["z1"] / bootstrap(stage, draws).replicates["z1"]
    np.testing.assert_allclose(a.replicates["d"], ratio, rtol=1e-9)


def test_a_draw_without_first_stage_has_no_coefficient():
    """The instrument varies in one unit alone: draws without that unit have none, and are counted."""
    pairs = made(7, units=6)
    only = np.where(pairs.code == 0, pairs.z["z1"], 0.0)
    pairs = replace(pairs, z={"z1": only})
    draws = bootstrap_draws(pairs.labels, 200, 3)
    found = bootstrap(pairs, draws)
    without = ~(draws.values == 0).any(axis=1)
    assert 0 < without.sum() < 200
    np.testing.assert_array_equal(np.isnan(found.replicates["d"]), without)
    np.testing.assert_array_equal(np.isnan(found.replicates["x"]), without)
    assert (
        found.notes == (f"{without.sum()} of 200 draws leave a coefficient undetermined",)
        and found.used == 200 - without.sum()
    )


@needs_r
@pytest.mark.parametrize(("units", "missing", "weighted", "two", "effects"), [
    (6, 0.0, False, False, "both"), (20, 0.3, True, False, "both"), (20, 0.3, False, True, "both"),
    (12, 0.3, True, True, "none"),
])  # fmt: skip
def test_r_agrees_on_made_data_undetermined_draws_and_all(units, missing, weighted, two, effects, tmp_path):
    pairs = made(units, units, missing=missing, weighted=weighted, two=two, effects=effects)
    if units == 6:  # as above: draws without the first unit have no coefficient
        pairs = replace(pairs, z={"z1": np.where(pairs.code == 0, pairs.z["z1"], 0.0)})
    pairs = replace(pairs, settings=BootstrapSettings(spec="made", draws=100, refits=100, level=0.9))
    found, answer = found_in(pairs), analyse(pairs, tmp_path)
    assert np.isnan(found.numbers["replicate"]["d"]).any() == (units == 6)
    result = compare_numbers(answer, found.numbers, found.scale)
    assert result.verdict == "agree" and result.checked == len(pairs.terms) * (100 + 2 + 6) and result.digits > 9


def test_effects_that_cross_clusters_with_many_levels_are_absorbed_again(monkeypatch):
    pairs = made(2, missing=0.2)
    draws = bootstrap_draws(pairs.labels, 15, 5)
    short = bootstrap(pairs, draws)
    monkeypatch.setattr("parity.algebra.moments.MOST_COLUMNS", 3)
    long = bootstrap(pairs, draws)
    assert "absorbed again" in long.notes[0] and not short.notes
    for term in pairs.terms:
        np.testing.assert_allclose(short.replicates[term], long.replicates[term], rtol=1e-9)
        assert short.summaries[term].interval("bca").low == pytest.approx(long.summaries[term].interval("bca").low, rel=1e-9)


def test_standard_errors_and_intervals_are_those_of_repeated_samples():
    """150 made panels of 40 units: the bootstrap's standard error is the spread of the estimates, and its intervals cover
    the true effect, 0.5, about 95 times in 100."""
    estimates, errors, inside = [], [], {"percentile": 0, "bias-corrected": 0, "bca": 0}
    for seed in range(150):
        pairs = made(1_000 + seed, units=40)
        found = bootstrap(pairs, bootstrap_draws(pairs.labels, 199, seed)).summaries["d"]
        estimates.append(found.estimate)
        errors.append(found.se)
        for method in inside:
            ends = found.interval(method)
            inside[method] += ends.low <= 0.5 <= ends.high
    assert np.mean(estimates) == pytest.approx(0.5, abs=4 * np.std(estimates) / np.sqrt(150))
    assert np.mean(errors) == pytest.approx(np.std(estimates), rel=0.15)
    assert all(0.88 <= n / 150 <= 0.99 for n in inside.values()), inside


# ---------------------------------------------------------------- in a study


@pytest.fixture
def study(make_study):
    return load_study(make_study(TOML))


def test_the_sample_is_the_specs(study):
    parts = dict(prepare(study, load_frame(study)))
    assert list(parts) == [f"bootstrap.{n}" for n in study.bootstrap]
    two = parts["bootstrap.two"]
    assert two.terms == ("value", "capital") and not two.exog and len(two.z) == 3 and two.intercept and not two.effects
    assert len(two.y) == 180 and two.cluster == "firm"
    assert parts["bootstrap.years"].labels == tuple(str(y) for y in range(1935, 1955))
    assert parts["bootstrap.pooled"].weights is not None and not parts["bootstrap.pooled"].intercept


@needs_r
def test_r_agrees_draw_by_draw_and_every_number_counts(study, monkeypatch):
    found_once(monkeypatch)
    found = analysed(analyses()["resampling"], study)
    records = {r.spec: r for r in found.records}
    assert list(records) == [f"bootstrap.{n}" for n in study.bootstrap]
    assert all(r.verdict == "agree" and r.digits > 10 and r.kind == "bootstrap" for r in records.values()), records
    assert records["bootstrap.instrumented"].checked == 2 * (30 + 2 + 6)
    assert "first 30 of 80" in records["bootstrap.instrumented"].note
    kept = {(n.quantity, n.term): n.value for n in records["bootstrap.instrumented"].numbers}
    assert kept["draws", ""] == 80 and kept["clusters", ""] == 10 and kept["nobs", ""] == 190
    assert kept["percentile low", "value"] < kept["estimate", "value"] < kept["percentile high", "value"]
    page = next(d for d in found.details if d.spec == "bootstrap.instrumented")
    assert [h.quantity for h in page.histograms] == ["value", "capital"] and sum(page.histograms[0].counts) <= 80
    answers = json.loads(answer_in_r("resampling", study))
    for name in ("bootstrap.instrumented", "bootstrap.two"):
        for quantity, terms in answers[name].items():
            for term, value in terms.items():
                wrong = json.loads(json.dumps(answers))
                if isinstance(value, list):
                    wrong[name][quantity][term][-1] += 1e-6 * (1 + abs(value[-1]))
                else:
                    wrong[name][quantity][term] = value + 1e-6 * (1 + abs(value))
                record = verdict(study, wrong, name, monkeypatch)
                assert record.verdict == "disagree" and record.differences[0].term.startswith(term), quantity
    lacking = json.loads(json.dumps(answers))
    del lacking["bootstrap.two"]["replicate"]["value"]
    assert verdict(study, lacking, "bootstrap.two", monkeypatch).verdict == "disagree"


def found_once(monkeypatch) -> None:
    """Python's side of one study is computed once, however often it is held against answers."""
    held = {}

    def once(part, first_draws=None):
        key = (part.name, first_draws)
        if key not in held:
            held[key] = found_in(part, first_draws)
        return held[key]

    monkeypatch.setattr("parity.analyses.resampling.found.found_in", once)


def verdict(study, answers, name: str, monkeypatch) -> Record:
    monkeypatch.setattr("parity.analyses.run.ask", lambda one, study, timeout: answers)
    return next(r for r in records_of(analyses()["resampling"], study) if r.spec == name)


@needs_r
def test_frozen_answers_stand_in_where_r_is_not(study, monkeypatch):
    assert freeze(analyses()["resampling"], study) == (answers_path(study, "resampling"), 5)
    monkeypatch.setenv("PARITY_R", "none")
    assert {(r.verdict, r.transport) for r in records_of(analyses()["resampling"], study)} == {("agree", "frozen")}
    toml = (study.folder / "study.toml").read_text(encoding="utf-8").replace("draws = 50", "draws = 51")
    (study.folder / "study.toml").write_text(toml, encoding="utf-8")
    assert {r.verdict for r in records_of(analyses()["resampling"], load_study(study.folder))} == {"stale"}


def test_the_command_prints_what_was_found_and_writes_the_draws(study, tmp_path):
    folder = str(study.folder)
    done = CliRunner().invoke(main, ["bootstrap", folder, "instrumented", "--draws", str(tmp_path / "draws")])
    assert done.exit_code == 0, done.output
    pairs = dict(prepare(study, load_frame(study)))["bootstrap.instrumented"]
    s = bootstrap(pairs, pairs.draws()).summaries["value"]
    bca = s.interval("bca")
    for shown in (f"{s.estimate:.5g}", f"{s.se:.5g}", f"[{bca.low:.5g}, {bca.high:.5g}]", "two-stage", "190 rows"):
        assert shown in done.output
    assert "bootstrap.both" not in done.output and max(map(len, done.output.splitlines())) <= 80
    written = read_draws(tmp_path / "draws" / "bootstrap.instrumented.draws.tsv")
    np.testing.assert_array_equal(written.values, pairs.draws().values)
    done = CliRunner().invoke(main, ["bootstrap", folder, "instrumentd"])
    assert done.exit_code == 2 and "did you mean `instrumented`" in done.output
    assert CliRunner().invoke(main, ["bootstrap", str(FIXTURES / "grunfeld")]).exit_code == 2


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('spec = "both"\ndraws = 60', 'spec = "bth"\ndraws = 60'), "bootstrap.both.spec: there is no spec `bth`"),
        (('spec = "two"\ncluster = "firm"', 'spec = "two"'), "bootstrap.two.cluster: `two` has no one cluster variable"),
        (('cluster = "year"', 'cluster = "yaer"'), "bootstrap.years.cluster: there is no column `yaer`"),
        (("refits = 25", "refit = 25"), "bootstrap.both.refit: there is no key `refit` here"),
        (
            ('formula = "inv ~ 0 + value + capital"\nweights = { analytic = "year" }',
             'formula = "inv ~ value"\nmodel = "first_difference"'),
            "bootstrap.pooled.spec: `pooled` must be least squares",
        ),
    ],
)  # fmt: skip
def test_mistakes_are_told(make_study, change, problem):
    with pytest.raises(InputError) as error:
        load_frame(load_study(make_study(TOML.replace(*change))))
    assert problem in str(error.value).replace("study.toml: ", "")


def test_replicates_that_say_nothing_are_not_given_as_an_answer(make_study):
    """Two clusters: half of the draws hold one of them alone, and the others are the sample itself."""
    frame = load_frame(load_study(FIXTURES / "grunfeld"))
    frame["half"] = (frame["firm"].rank(method="dense") > 5).astype(int)
    study = load_study(make_study(TWO, frame.to_csv(index=False).encode()))
    done = CliRunner().invoke(main, ["bootstrap", str(study.folder), "half"])
    said = " ".join(done.output.split())
    assert done.exit_code == 1, done.output
    assert re.search(r"NOT TO BE RELIED ON: every coefficient is determined in \d+ of 200 draws, fewer than 90 %", said)
    assert "the replicates of value, half differ by rounding alone" in said
    assert "compared with nothing" in said and "`parity run`" in said
    done = CliRunner().invoke(main, ["bootstrap", str(study.folder), "firm"])
    assert done.exit_code == 0 and "NOT TO BE" not in done.output and "compared with nothing" in done.output
    parts = dict(prepare(study, load_frame(study)))
    assert any("fewer than 90 %" in doubt for doubt in found_in(parts["bootstrap.half"]).doubts)


@needs_r
def test_a_run_is_not_green_where_the_draws_determine_nothing(make_study):
    frame = load_frame(load_study(FIXTURES / "grunfeld"))
    frame["half"] = (frame["firm"].rank(method="dense") > 5).astype(int)
    study = load_study(make_study(TWO, frame.to_csv(index=False).encode()))
    verdicts = {r.spec: (r.verdict, r.note) for r in records_of(analyses()["resampling"], study)}
    assert verdicts["bootstrap.half"][0] == "failed" and "fewer than 90 %" in verdicts["bootstrap.half"][1], verdicts
    assert verdicts["bootstrap.firm"][0] == "agree", verdicts


TWO = """
[study]
title = "Two clusters"
unit = "firm"
time = "year"

[spec.a]
formula = "inv ~ value + half"
vcov = { cluster = ["firm"] }

[bootstrap.half]
spec = "a"
cluster = "half"
draws = 200

[bootstrap.firm]
spec = "a"
draws = 200
"""

LONG = """
[study]
title = "Long names of clusters"
unit = "firm"
time = "year"

[spec.a]
formula = "inv ~ value + capital"
vcov = { cluster = ["id"] }

[bootstrap.a]
spec = "a"
draws = 20

[wild.a]
spec = "a"
term = "value"
draws = 20

[difference.a]
spec = "a"
term = "value"
group = "firm > 5"
draws = 20
"""


def test_clusters_with_long_numbers_keep_their_names(make_study):
    """A column with an empty cell is read as decimals; 1000001.0 and 1000002.0 are no 1e+06 both."""
    frame = load_frame(load_study(FIXTURES / "grunfeld"))
    frame["id"] = frame["firm"].rank(method="dense") + 1_000_000.0
    frame.loc[0, ["id", "value"]] = None  # so that the column is decimal and the sample has an id in every row
    study = load_study(make_study(LONG, frame.to_csv(index=False).encode()))
    parts = dict(prepare(study, load_frame(study)))
    assert {p.labels for p in parts.values()} == {tuple(str(1_000_001 + i) for i in range(10))}
    done = CliRunner().invoke(main, ["bootstrap", str(study.folder)])
    assert done.exit_code == 0, done.output
    wild_and_permuted = [p for p in parts.values() if not isinstance(p, Pairs)]
    assert len(wild_and_permuted) == 2 and all(found_in(p).drawn for p in wild_and_permuted)


@pytest.mark.parametrize(
    ("value", "name"),
    [(1000001.0, "1000001"), (2.0**60, str(2**60)), (0.1, "0.1"), (1234567.25, "1234567.25"), (-3.0, "-3"), (7, "7"),
     ("01", "01"), (float("inf"), "inf")],
)  # fmt: skip
def test_no_two_values_have_one_name(value, name):
    assert name_of(value) == name
