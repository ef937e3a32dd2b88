"""`[mediation.NAME]` of a study: read, estimated, held against R's refits, and shown."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from conftest import FIXTURES
from files_read import read_draws
from parity.analyses.frozen import answers_path
from parity.analyses.mediation.analysis import compare_analyses, numbers
from parity.analyses.mediation.sample import prepare
from parity.analyses.registry import analyses, answer_in_r
from parity.analyses.run import freeze, records_of
from parity.base.errors import InputError
from parity.cli import main
from parity.data.load import load_frame
from parity.r.probe import probe
from parity.runs import runner
from parity.study.load import load_study

needs_r = pytest.mark.needs_r

TOML = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[spec.baseline]
formula = "inv ~ value | firm + year"

[mediation.capital]
outcome = "inv"
treatment = "value"
mediators = ["capital"]
absorb = ["firm", "year"]
cluster = "firm"
draws = 60
refits = 20

[mediation.both]
outcome = "log(inv)"
treatment = "value"
mediators = ["f(capital, 1)", "log(capital)"]
absorb = "firm"
cluster = "firm"
where = "year > 1937"
by = "half"
draws = 40
refits = 40
percentiles = "type7"

[derive]
half = "firm > 5"
"""


@pytest.fixture
def study(make_study):
    return load_study(make_study(TOML))


def parts_of(study):
    return dict(prepare(study, load_frame(study)))


def test_samples_are_complete_and_by_group(study):
    parts = parts_of(study)
    assert list(parts) == ["mediation.capital", "mediation.both.0", "mediation.both.1"]
    whole, first = parts["mediation.capital"], parts["mediation.both.0"]
    assert len(whole.code) == 200 and whole.labels == tuple(map(str, range(1, 11))) and not whole.notes
    assert first.labels == tuple("12345") and len(first.code) == 5 * 16  # the last year has no lead
    assert first.notes == ("5 rows left out (missing values)",)
    frame = pd.read_csv(FIXTURES / "grunfeld" / "data.csv")
    here = frame.query("firm <= 5 and year > 1937 and year < 1954")
    ahead = frame.set_index(["firm", "year"])["capital"]
    want = [ahead[firm, year + 1] for firm, year in zip(here.firm, here.year, strict=True)]
    np.testing.assert_array_equal(np.sort(first.columns["f(capital, 1)"]), np.sort(want))


def test_the_order_of_the_file_moves_nothing(study, make_study):
    folder = make_study(TOML, name="shuffled")
    frame = pd.read_csv(folder / "data.csv").sample(frac=1, random_state=4)
    frame.to_csv(folder / "data.csv", index=False)
    for name, part in parts_of(load_study(folder)).items():
        ours = parts_of(study)[name].found()
        for effect, values in part.found().replicates.items():
            np.testing.assert_array_equal(values, ours.replicates[effect])


@needs_r
def test_a_run_compares_every_draw_that_r_refits(study):
    records = {r.spec: r for r in records_of(analyses()["mediation"], study)}
    assert list(records) == ["mediation.capital", "mediation.both.0", "mediation.both.1"]
    assert all(r.verdict == "agree" and r.kind == "mediation" and r.digits > 9 for r in records.values())
    assert "first 20 of 60" in records["mediation.capital"].note and "all 40" in records["mediation.both.0"].note
    assert records["mediation.capital"].checked > 20 * 7
    report = runner.run([study], engines=[], transport="auto")
    assert {r.spec for r in report.records if r.kind == "mediation"} == set(records)


def test_every_number_counts(study):
    """One number changed in its ninth digit, left out or added, in any quantity: the comparison sees it."""
    found = parts_of(study)["mediation.both.0"].found(40)
    plain = json.loads(json.dumps(numbers(found)))
    assert compare_analyses(plain, found).verdict == "agree" and compare_analyses(plain, found).digits == 16.0
    for quantity, terms in plain.items():
        term = next(t for t in reversed(terms) if t != "ratio")
        for change in (lambda v: v * (1 + 1e-7), lambda v: None, "absent"):
            wrong = json.loads(json.dumps(plain))
            value = wrong[quantity][term]
            if change == "absent":
                del wrong[quantity][term]
            elif isinstance(value, list):
                value[-1] = change(value[-1] or 1.0)
            else:
                wrong[quantity][term] = change(value)
            result = compare_analyses(wrong, found)
            assert result.verdict == "disagree" and {d.quantity for d in result.differences} == {quantity}


@needs_r
def test_r_answers_under_our_names(study):
    answers = json.loads(answer_in_r("mediation", study))
    found = parts_of(study)["mediation.both.1"].found(40)
    ours = numbers(found)
    assert {q: set(t) for q, t in answers["mediation.both.1"].items()} == {q: set(t) for q, t in ours.items()}


def test_without_r_the_record_says_so(study, monkeypatch):
    monkeypatch.setenv("PARITY_R", "none")
    records = records_of(analyses()["mediation"], study)
    assert {r.verdict for r in records} == {"unavailable"} and "PARITY_R" in records[0].note


@needs_r
def test_frozen_answers_stand_in_where_r_is_not(study, monkeypatch):
    done = CliRunner().invoke(main, ["freeze", str(study.folder), "--engine", "r-stata"])
    assert done.exit_code == 0 and not answers_path(study, "mediation").exists()  # one engine only: nothing beside it
    path, number = freeze(analyses()["mediation"], study)
    assert (path, number) == (answers_path(study, "mediation"), 3)
    monkeypatch.setenv("PARITY_R", "none")
    records = records_of(analyses()["mediation"], study)
    assert {(r.verdict, r.transport) for r in records} == {("agree", "frozen")} and all(r.digits > 9 for r in records)
    toml = (study.folder / "study.toml").read_text(encoding="utf-8").replace("draws = 60", "draws = 50")
    (study.folder / "study.toml").write_text(toml, encoding="utf-8")
    assert {r.verdict for r in records_of(analyses()["mediation"], load_study(study.folder))} == {"stale"}
    path.write_text("{}")
    with pytest.raises(InputError, match="frozen answers"):
        records_of(analyses()["mediation"], study)


def test_what_has_no_estimate_is_vacuous(make_study, monkeypatch):
    monkeypatch.setenv("PARITY_R", "none")
    broken = TOML.replace('where = "year > 1937"', 'where = "year > 1953"')
    records = {r.spec: r for r in records_of(analyses()["mediation"], load_study(make_study(broken)))}
    assert records["mediation.both.0"].verdict == "vacuous" and "no row" in records["mediation.both.0"].note


ALONE = """
[study]
title = "nothing but mediation"

[mediation.iid]
outcome = "inv"
treatment = "value"
mediators = ["capital"]
vcov = "iid"
draws = 40
refits = 10

[mediation.robust]
outcome = "inv"
treatment = "value"
mediators = ["capital", "log(capital)"]
absorb = ["firm", "year"]
vcov = "robust"
draws = 40
refits = 10
"""


def test_a_study_may_hold_nothing_but_mediation_and_no_clusters(make_study):
    """Rows are drawn one by one; R, where it is live, refits them."""
    folder = make_study(ALONE)
    study = load_study(folder)
    assert not study.specs
    found = {name: part.found() for name, part in parts_of(study).items()}
    assert [f.clusters for f in found.values()] == [0, 0] and parts_of(study)["mediation.iid"].draws().values.max() > 150
    done = CliRunner().invoke(main, ["run", str(folder), "--no-cache"])
    assert "mediation.iid" in done.output and "Traceback" not in done.output
    assert done.exit_code == (0 if probe() else 1), done.output  # without R nothing was compared
    if probe():
        assert "2 of 2 mediation analyses agree in Python and R" in " ".join(done.output.split())
    text = CliRunner().invoke(main, ["mediation", str(folder)]).output
    assert "draws of single rows" in text and "robust (HC1)" in text and "delta method" in text
    for verb in (
        ["check"],
        ["show"],
        ["data"],
        ["export", "-d", str(folder / "out"), "--to", "r"],
        ["table"],
        ["bootstrap"],
    ):
        done = CliRunner().invoke(main, [verb[0], str(folder), *verb[1:]])
        assert done.exception is None or isinstance(done.exception, SystemExit), (verb, done.exception)


def test_rows_are_drawn_whatever_the_order_of_the_file(make_study):
    folder = make_study(ALONE)
    before = {n: numbers(part.found()) for n, part in parts_of(load_study(folder)).items()}
    frame = pd.read_csv(folder / "data.csv")
    frame.sample(frac=1, random_state=3).to_csv(folder / "data.csv", index=False)
    assert {n: numbers(part.found()) for n, part in parts_of(load_study(folder)).items()} == before


# ---------------------------------------------------------------- the command


def test_the_command_prints_what_was_found_and_writes_the_draws(study, tmp_path):
    done = CliRunner().invoke(main, ["mediation", str(study.folder), "capital", "--draws", str(tmp_path / "draws")])
    assert done.exit_code == 0, done.output
    found = parts_of(study)["mediation.capital"].found()
    assert f"{found.effects['indirect']:.5g}" in done.output and "sobel" in done.output and "bca" in done.output
    assert "mediation.both" not in done.output and max(map(len, done.output.splitlines())) <= 80
    draws = read_draws(tmp_path / "draws" / "mediation.capital.draws.tsv")
    np.testing.assert_array_equal(draws.values, parts_of(study)["mediation.capital"].draws().values)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('treatment = "value"\nmediators', 'treatment = "valu"\nmediators'), "did you mean `value`"),
        (('mediators = ["capital"]', "mediators = []"), "mediation.capital.mediators"),
        (('mediators = ["capital"]', 'mediators = ["inv"]'), "`inv` stands twice"),
        (("draws = 60", "draws = 2"), "mediation.capital.draws"),
        (("draws = 60", "drws = 60"), "did you mean `draws`"),
        (('cluster = "firm"\ndraws = 60', "draws = 60"), 'vcov = "iid" or "robust"'),
        (('absorb = ["firm", "year"]', 'absorb = ["firm", "year"]\nvcov = "hc1"'), "mediation.capital.vcov"),
    ],
)  # fmt: skip
def test_wrong_input_is_one_clear_message(change, said, make_study):
    done = CliRunner().invoke(main, ["mediation", str(make_study(TOML.replace(*change, 1)))])
    assert done.exit_code == 2 and said in done.output and "Traceback" not in done.output


def test_a_study_without_one_and_an_unknown_name(make_study):
    folder = make_study(TOML)
    done = CliRunner().invoke(main, ["mediation", str(folder), "capitl"])
    assert done.exit_code == 2 and "did you mean `capital`" in done.output
    shutil.copytree(FIXTURES / "grunfeld", folder.parent / "plain")
    assert CliRunner().invoke(main, ["mediation", str(folder.parent / "plain")]).exit_code == 2
