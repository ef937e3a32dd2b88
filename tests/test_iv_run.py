"""`diagnostics = true`: a spec's instruments held against R by `parity run`, and printed by `parity diagnostics`."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from parity import runner
from parity.cli import main
from parity.data import load_frame
from parity.design import build_design
from parity.iv_diagnostics import diagnose
from parity.iv_run import STATISTICS, compare_diagnostics, errors_of, freeze_diagnostics, iv_records
from parity.r.probe import probe
from parity.study import Spec, load_study

needs_r = pytest.mark.skipif(probe() is None, reason="R is not on the PATH")

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
    records = {r.spec: r for r in iv_records(study)}
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
    assert {r.verdict for r in iv_records(study)} == {"unavailable", "declined"}


@needs_r
def test_frozen_answers_stand_in_where_r_is_not(study, monkeypatch):
    assert freeze_diagnostics(study)[1] == 2
    monkeypatch.setenv("PARITY_R", "none")
    records = {r.spec: r for r in iv_records(study)}
    assert {(records[f"diagnostics.{n}"].verdict, records[f"diagnostics.{n}"].transport) for n in ("lag", "over")} == {
        ("agree", "frozen")
    }
    changed = study.model_copy(update={"specs": tuple(s for s in study.specs if s.id != "over")})
    assert next(r for r in iv_records(changed) if r.spec == "diagnostics.lag").verdict == "stale"


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
