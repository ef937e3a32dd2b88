"""`diagnostics = true`: a spec's instruments held against R by `parity run`, and printed by `parity diagnostics`."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from parity.analyses.instruments.analysis import STATISTICS, compare_diagnostics, errors_of
from parity.analyses.instruments.statistics import diagnose
from parity.analyses.registry import analyses, answer_in_r
from parity.analyses.run import freeze, records_of
from parity.cli import main
from parity.data.load import load_frame
from parity.engines import registry
from parity.r.probe import probe
from parity.report.sentence import main_sentence
from parity.runs import runner
from parity.sample.build import build_design
from parity.study.load import load_study
from parity.study.spec import Spec

needs_r = pytest.mark.needs_r

TOML = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[spec.plain]
formula = "inv ~ value | firm"

[spec.lag]
formula = "inv ~ capital | firm + year | value ~ l(value, 1)"
vcov = { cluster = ["firm"] }
convention = "reghdfe"
diagnostics = true

[spec.over]
formula = "inv ~ capital | firm | value ~ l(value, 1) + l(value, 2)"
vcov = "HC1"
diagnostics = true

[spec.two_way]
formula = "inv ~ capital | firm | value ~ l(value, 1)"
vcov = { cluster = ["firm", "year"] }
diagnostics = true
"""


@pytest.fixture
def study(make_study):
    return load_study(make_study(TOML))


def found(study, name):
    spec = study.spec(name)
    return diagnose(build_design(study, spec, load_frame(study)), *errors_of(spec))


@needs_r
def test_a_run_holds_them_against_r(study):
    records = {r.spec: r for r in records_of(analyses()["diagnostics"], study)}
    assert list(records) == ["diagnostics.lag", "diagnostics.over", "diagnostics.two_way"]
    for name, checked in (("lag", 9), ("over", 10)):
        record = records[f"diagnostics.{name}"]
        assert (record.verdict, record.checked) == ("agree", checked) and record.digits > 8, record.differences
    assert records["diagnostics.two_way"].verdict == "declined" and "one-way" in records["diagnostics.two_way"].note
    report = runner.run([study], engines=[])
    assert {r.spec for r in report.records if r.kind == "diagnostics"} == set(records)


def test_every_statistic_counts(study):
    ours = found(study, "over")
    plain = {name: getattr(getattr(ours, name), "value", getattr(ours, name)) for name in STATISTICS}
    plain["first_stage"] = [s.value for s in ours.first_stage.values()]
    plain = json.loads(json.dumps(plain))
    assert compare_diagnostics(plain, ours).verdict == "agree"
    for name in STATISTICS:
        for wrong in (plain[name] * (1 + 1e-6) + 1e-6, None):
            result = compare_diagnostics(plain | {name: wrong}, ours)
            assert result.verdict == "disagree" and [d.quantity for d in result.differences] == [name]
    for wrong in ([plain["first_stage"][0] * 1.0001], []):
        assert compare_diagnostics(plain | {"first_stage": wrong}, ours).verdict == "disagree"
    exact = replace(ours, overidentified=None)
    assert compare_diagnostics(plain, exact).verdict == "disagree"  # R has a test that we haven't


def test_without_r_the_records_say_so(study, monkeypatch):
    monkeypatch.setenv("PARITY_R", "none")
    assert {r.verdict for r in records_of(analyses()["diagnostics"], study)} == {"unavailable", "declined"}


@needs_r
def test_frozen_answers_stand_in_where_r_is_not(study, monkeypatch):
    assert freeze(analyses()["diagnostics"], study)[1] == 2
    monkeypatch.setenv("PARITY_R", "none")
    records = {r.spec: r for r in records_of(analyses()["diagnostics"], study)}
    assert {(records[f"diagnostics.{n}"].verdict, records[f"diagnostics.{n}"].transport) for n in ("lag", "over")} == {
        ("agree", "frozen")
    }
    changed = study.model_copy(update={"specs": tuple(s for s in study.specs if s.id != "over")})
    assert next(r for r in records_of(analyses()["diagnostics"], changed) if r.spec == "diagnostics.lag").verdict == "stale"


def test_asking_moves_no_hash(study):
    spec = study.spec("lag")
    assert study.spec_hash(spec) == study.spec_hash(spec.model_copy(update={"diagnostics": False}))
    with pytest.raises(ValueError, match="the formula has none"):
        Spec(id="x", formula="y ~ x", diagnostics=True)


def test_the_command_prints_them(study):
    done = CliRunner().invoke(main, ["diagnostics", str(study.folder), "lag", "over"])
    assert done.exit_code == 0, done.output
    assert f"{found(study, 'lag').weak_f:.5g}" in done.output and "Exactly identified" in done.output
    assert f"{found(study, 'over').overidentified.value:.5g}" in done.output and "Hansen J" in done.output
    assert "Anderson-Rubin 95 % set" in done.output and "size 10% 16.38" in done.output
    assert max(map(len, done.output.splitlines())) <= 80
    refused = CliRunner().invoke(main, ["diagnostics", str(study.folder), "plain"])
    assert refused.exit_code == 1 and "no instruments" in refused.output
    assert CliRunner().invoke(main, ["diagnostics", str(study.folder), "lagg"]).exit_code == 2


SCALED = """
[study]
title = "Made: an instrument of 5e7"
unit = "unit"
time = "year"
made = true

[spec.one]
formula = "y ~ w | unit + year | x ~ z1"
vcov = { cluster = ["unit"] }
convention = "reghdfe"
diagnostics = true

[spec.over]
formula = "y ~ w | unit + year | x ~ z1 + z2"
vcov = "HC1"
diagnostics = true

[spec.plain]
formula = "y ~ w | x ~ z1 + z2"
vcov = "iid"
diagnostics = true
"""


def badly_scaled(make_study, scales: dict[str, float], toml: str = SCALED, units: int = 30, seed: int = 3):
    """A level of 1984 times a national series, as Bartik instruments are made, and other columns in units of their own."""
    rng = np.random.default_rng(seed)
    unit, year = np.repeat(np.arange(units), 8), np.tile(np.arange(2011, 2019), units)
    level, national = rng.lognormal(2, 1, units)[unit], (1 + np.arange(8) ** 1.5)[year - 2011]
    z1, z2, w = level * national, rng.normal(size=len(unit)), rng.normal(size=len(unit))
    u = rng.normal(size=len(unit))
    x = 0.02 * z1 + 0.5 * z2 + 0.3 * w + u
    columns = {"y": 0.4 * x + w + u + rng.normal(size=len(unit)), "x": x, "w": w, "z1": z1, "z2": z2}
    frame = pd.DataFrame(
        {"unit": unit, "year": year, "few": unit % 4} | {n: c * scales.get(n, 1.0) for n, c in columns.items()}
    )
    return load_study(make_study(toml, frame.to_csv(index=False).encode()))


@needs_r
@pytest.mark.parametrize(
    "scales", [{}, {"z1": 5e7}, {"z1": 5e7, "z2": 1e-9}, {"x": 1e-12, "y": 1e9}, {"w": 3e11, "z1": 1e-10}], ids=str
)
def test_units_of_instruments_move_no_diagnostic(make_study, scales):
    study = badly_scaled(make_study, scales)
    records = {r.spec: r for r in records_of(analyses()["diagnostics"], study)}
    assert {r.verdict for r in records.values()} == {"agree"} and len(records) == 3, records
    plain = badly_scaled(make_study, {})
    for spec in ("one", "over", "plain"):
        ours, theirs = found(study, spec), found(plain, spec)
        for name in STATISTICS:
            a, b = getattr(ours, name), getattr(theirs, name)
            assert (a is None) == (b is None)
            if a is not None:
                assert getattr(a, "value", a) == pytest.approx(getattr(b, "value", b), rel=1e-8)


@pytest.mark.parametrize(
    ("cluster", "formula", "said"),
    [("few", "y ~ w | x ~ z1 + z2 + z1:w + z2:w", "4 clusters are too few for 4 moments"),
     ("unit", "y ~ 1 | x ~ x2 + z1", "the instruments determine `x` exactly")],
)  # fmt: skip
def test_statistics_without_a_value_are_said_in_words(make_study, cluster, formula, said):
    toml = SCALED[: SCALED.index("[spec.one]")] + (
        '[derive]\nx2 = "2 * x - z1"\n\n'
        f'[spec.one]\nformula = "{formula}"\nvcov = {{ cluster = ["{cluster}"] }}\ndiagnostics = true\n'
    )
    study = badly_scaled(make_study, {}, toml)
    (record,) = records_of(analyses()["diagnostics"], study)
    assert record.verdict == "vacuous" and said in record.note, record
    printed = CliRunner().invoke(main, ["diagnostics", str(study.folder)])
    assert printed.exit_code == 1 and said in printed.output
    if probe() is not None:
        assert json.loads(answer_in_r("diagnostics", study)) == {}  # no question to R either, so it can be frozen


def test_where_r_failed_the_headline_says_so(study, monkeypatch):
    stopped = {s: {"failed": "R stopped"} for s in ("lag", "over")}
    answers = lambda result, names: stopped if set(stopped) <= set(names()) else {}  # noqa: E731
    monkeypatch.setattr("parity.analyses.run.read_answers", answers)
    monkeypatch.setattr("parity.runs.ask_analyses.read_answers", answers)
    if probe() is None:
        pytest.skip("R is not on the PATH: its answers are unavailable, not failed")
    records = {r.spec: r for r in records_of(analyses()["diagnostics"], study)}
    failed = records["diagnostics.lag"]
    assert (failed.verdict, failed.candidate, failed.reference) == ("failed", "base-r", "")
    report = runner.run([study], engines=[e for n, e in registry().items() if n in ("py-moments", "py-pyfixest")])
    assert "base-r failed: R stopped" in main_sentence(report) and "python failed" not in main_sentence(report)
