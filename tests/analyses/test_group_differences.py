"""`[difference.NAME]` and `[wild.NAME]` of a study: against engines, brute refits and R's refits of the same draws."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from analyses.test_bootstrap import found_once
from parity.analyses.frozen import answers_path
from parity.analyses.registry import analyses, answer_in_r
from parity.analyses.resampling import difference
from parity.analyses.resampling.find import find
from parity.analyses.resampling.sample import prepare
from parity.analyses.run import freeze, records_of
from parity.base.errors import InputError
from parity.compare.harmonise import harmonise
from parity.data.load import load_frame
from parity.engines import engine
from parity.engines.own import fit
from parity.results.record import Record
from parity.sample.build import build_design
from parity.study.load import load_study

needs_r = pytest.mark.needs_r

HEAD = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[derive]
large = "firm <= 4"
late = "year >= 1945"

[spec.both]
formula = "inv ~ value + capital | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.all_interacted]
formula = "inv ~ value + capital + value:large + capital:large | firm^large + year^large"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.late_interacted]
formula = "inv ~ value + capital + value:late + capital:late | firm^late + year^late"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.one_interacted]
formula = "inv ~ value + capital + value:large | firm + year"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.pooled]
formula = "inv ~ value + capital"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.pooled_interacted]
formula = "inv ~ large + value + capital + value:large"
vcov = { cluster = ["firm"] }
convention = "reghdfe"
"""
TOML = (
    HEAD
    + """
[difference.size]
spec = "both"
group = "large"
term = "value"
draws = 210
refits = 40

[difference.one]
spec = "both"
group = "firm <= 4"
term = "value"
method = "interaction"
interact = "term"

[difference.late]
spec = "both"
group = "late"
term = "value"
permute = "rows"
draws = 60
refits = 20

[difference.pooled]
spec = "pooled"
group = "large"
method = "interaction"
interact = "term"

[wild.signs]
spec = "both"
term = "value"
draws = 1024
refits = 25

[wild.webb]
spec = "both"
term = "capital"
points = "webb"
null = 0.3
restricted = false
draws = 99
"""
)


@pytest.fixture
def study(make_study):
    return load_study(make_study(TOML))


def rows_of(study):
    return dict(prepare(study, load_frame(study)))


def estimated(study, spec_id: str) -> dict[tuple[str, str], float]:
    spec = study.spec(spec_id)
    design = build_design(study, spec, load_frame(study))
    return {
        k: q.value
        for k, q in harmonise(engine("py-linearmodels").estimate(spec, design), design.facts, spec).quantities.items()
    }


@pytest.mark.parametrize(
    ("name", "spec", "term"),
    [("size", "all_interacted", "value:large"), ("late", "late_interacted", "value:late"),
     ("one", "one_interacted", "value:large"), ("pooled", "pooled_interacted", "value:large")],
)  # fmt: skip
def test_the_interaction_is_what_an_engine_gives_for_the_interacted_spec(study, name, spec, term):
    ours, theirs = find(rows_of(study)[f"difference.{name}"]), estimated(study, spec)
    assert ours["difference interaction"] == pytest.approx(theirs["coef", term], rel=1e-9)
    for quantity in ("se", "t", "p"):
        assert ours[f"{quantity} interaction"] == pytest.approx(theirs[quantity, term], rel=1e-8)


def slope(rows, mask) -> float:
    parts = [np.eye(int(c.max()) + 1)[c] for c in rows.effects.values()]
    x = np.hstack([*parts, np.column_stack(list(rows.columns.values()))])[mask]
    return float(np.linalg.lstsq(x, rows.y[mask], rcond=1e-12)[0][-1])


@pytest.mark.parametrize("name", ["size", "late"])
def test_a_permutation_refits_both_groups(study, name):
    rows = rows_of(study)[f"difference.{name}"]
    draws = rows.group_draws()
    found = find(rows)
    by_hand = []
    for drawn in draws.values[:30]:
        inside = np.isin(np.arange(len(rows.y)), drawn) if name == "late" else np.isin(rows.code, drawn)
        by_hand.append(slope(rows, inside) - slope(rows, ~inside))
    np.testing.assert_allclose(found["replicate"][:30], by_hand, rtol=1e-8, atol=1e-10)
    own = slope(rows, rows.first) - slope(rows, ~rows.first)
    assert found["difference"] == pytest.approx(own, rel=1e-9)
    replicates = np.array(found["replicate"])
    assert found["p permutation"] == pytest.approx(np.mean(np.abs(replicates) >= abs(own) * (1 - 1e-9)))


@pytest.mark.parametrize("name", ["size", "one"])
def test_permutations_whose_effects_are_too_many_for_columns_are_refitted(make_study, monkeypatch, name):
    study = load_study(make_study(TOML.replace('method = "interaction"\ninteract = "term"\n\n[difference.late]',
                                               "draws = 210\n\n[difference.late]")))  # fmt: skip
    rows = rows_of(study)[f"difference.{name}"]
    by_products = find(rows)
    refitted = []
    gap = difference._gap
    monkeypatch.setattr(difference, "_gap", lambda rows, mask: refitted.append(mask) or gap(rows, mask))
    monkeypatch.setattr("parity.algebra.moments.MOST_COLUMNS", 3)  # 20 years cross the clusters
    found = find(rows)
    assert len(refitted) == 210 and found.keys() == by_products.keys()
    for quantity, value in by_products.items():
        np.testing.assert_allclose(found[quantity], value, rtol=1e-9, atol=1e-11, err_msg=quantity)
    assert len(set(np.round(found["replicate"], 9))) > 100  # each draw has its own groups


def test_groups_are_drawn_for_a_permutation_only(study):
    parts = rows_of(study)
    assert parts["difference.one"].group_draws() is None and "replicate" not in find(parts["difference.one"])
    assert parts["difference.size"].group_draws() is not None


@pytest.mark.parametrize(("group", "empty"), [("firm > 99", "first"), ("firm > 0", "second")])
def test_a_group_without_rows_is_said(make_study, group, empty):
    study = load_study(make_study(HEAD + f'[difference.d]\nspec = "both"\ngroup = "{group}"\n'))
    assert rows_of(study)["difference.d"] == f"the {empty} group has no row"


def test_few_units_are_enumerated_and_signs_too(study):
    parts = rows_of(study)
    assert parts["difference.size"].group_draws().seed is None and len(parts["difference.size"].group_draws().values) == 210
    assert parts["wild.signs"].wild_draws().seed is None
    found = find(parts["wild.signs"])
    assert len(found["replicate"]) == 1024 and (found["p"] * 1024) % 1 == pytest.approx(0) and found["p"] >= 2 / 1024


def test_a_group_that_changes_within_units_needs_rows(make_study, monkeypatch):
    monkeypatch.setenv("PARITY_R", "none")
    study = load_study(make_study(TOML.replace('permute = "rows"', 'permute = "units"')))
    (record,) = [r for r in records_of(analyses()["resampling"], study) if r.spec == "difference.late"]
    assert record.verdict == "vacuous" and 'permute = "rows"' in record.note and "firm" in record.note


def test_rows_in_no_group_and_rows_alone_are_left_out(make_study):
    toml = HEAD + '[difference.d]\nspec = "both"\ngroup = "firm == 1 or year == 1935"\npermute = "rows"\nmethod = "suest"\n'
    rows = rows_of(load_study(make_study(toml)))["difference.d"]
    # in the first group every firm but 1 has one row, and then only firm 1 is left, whose years are alone
    assert isinstance(rows, str) and "first group has no row" in rows
    toml = toml.replace("firm == 1 or year == 1935", "log(firm - 2) > 1")
    rows = rows_of(load_study(make_study(toml)))["difference.d"]
    assert rows.notes == ("40 rows left out (in no group)",) and set(rows.labels) == set("345678") | {"9", "10"}


@needs_r
def test_r_agrees_draw_by_draw_and_every_number_counts(study, monkeypatch):
    found_once(monkeypatch)
    records = {r.spec: r for r in records_of(analyses()["resampling"], study)}
    assert list(records) == [*(f"difference.{n}" for n in study.difference), "wild.signs", "wild.webb"]
    assert all(r.verdict == "agree" and r.digits > 9 for r in records.values()), records
    assert records["difference.size"].checked > 40 + 10 and "first 40 of 210" in records["difference.size"].note
    assert records["wild.signs"].checked == 25 + 5 and records["wild.signs"].kind == "wild"
    answers = json.loads(answer_in_r("resampling", study))
    for name in ("difference.late", "wild.webb"):
        for quantity, value in answers[name].items():
            wrong = json.loads(json.dumps(answers))
            if isinstance(value, list):
                wrong[name][quantity][-1] += 1e-6 * (1 + abs(value[-1]))
            else:
                wrong[name][quantity] = value + 1e-6 * (1 + abs(value))
            assert verdict(study, wrong, name, monkeypatch).verdict == "disagree", quantity
    lacking = json.loads(json.dumps(answers))
    lacking["wild.webb"]["replicate"].pop()
    assert verdict(study, lacking, "wild.webb", monkeypatch).verdict == "disagree"


@needs_r
def test_with_few_clusters_the_interval_has_no_end_on_both_sides(make_study):
    few = HEAD.replace('cluster = ["firm"] }', 'cluster = ["firm"] }\nwhere = "firm <= 4"', 1)
    toml = few + '[wild.few]\nspec = "both"\ndraws = 16\n[wild.webb]\nspec = "both"\npoints = "webb"\nlevel = 0.6\n'
    records = {r.spec: r for r in records_of(analyses()["resampling"], load_study(make_study(toml)))}
    assert all(r.verdict == "agree" for r in records.values()), records
    few, webb = ({n.quantity: n.value for n in records[name].numbers} for name in ("wild.few", "wild.webb"))
    assert "low" not in few and "high" not in few and few["p"] >= 2 / 16
    assert webb["low"] < webb["high"]


def verdict(study, answers, name: str, monkeypatch) -> Record:
    monkeypatch.setattr("parity.analyses.run.ask", lambda one, study, timeout: answers)
    return next(r for r in records_of(analyses()["resampling"], study) if r.spec == name)


@needs_r
def test_frozen_answers_stand_in_where_r_is_not(study, monkeypatch):
    path, number = freeze(analyses()["resampling"], study)
    assert (path, number) == (answers_path(study, "resampling"), 6)
    monkeypatch.setenv("PARITY_R", "none")
    assert {(r.verdict, r.transport) for r in records_of(analyses()["resampling"], study)} == {("agree", "frozen")}
    toml = (study.folder / "study.toml").read_text(encoding="utf-8").replace("draws = 60", "draws = 70")
    (study.folder / "study.toml").write_text(toml, encoding="utf-8")
    assert {r.verdict for r in records_of(analyses()["resampling"], load_study(study.folder))} == {"stale"}


def test_without_r_the_record_says_so(study, monkeypatch):
    monkeypatch.setenv("PARITY_R", "none")
    records = records_of(analyses()["resampling"], study)
    assert {r.verdict for r in records} == {"unavailable"} and not any(r.numbers for r in records)
    assert not math.isnan(find(rows_of(study)["wild.webb"])["t"])


@needs_r
def test_units_of_measurement_make_no_side_singular(make_study):
    toml = HEAD.replace("[derive]\n", '[derive]\nbig = "capital * 5e7"\ntiny = "value / 1e9"\n')
    toml += '[spec.units]\nformula = "inv ~ tiny + big | firm"\nvcov = { cluster = ["firm"] }\nconvention = "reghdfe"\n\n'
    for name, what in (("all", "all"), ("term", "term")):
        toml += f'[difference.{name}]\nspec = "units"\ngroup = "large"\nterm = "tiny"\ninteract = "{what}"\n'
        toml += 'method = ["interaction", "suest"]\n\n'
    records = records_of(analyses()["resampling"], load_study(make_study(toml)))
    assert [r.verdict for r in records] == ["agree", "agree"], records


def test_a_wild_bootstrap_by_two_cluster_variables_in_a_study(make_study):
    """As boottest, cluster(firm year) bootcluster(year); R refits the same draws in `parity run fixtures/petersen`."""
    text = (
        TOML[: TOML.index("[spec.")]
        + """\
[spec.two]
formula = "inv ~ value + capital"
vcov = { cluster = ["firm", "year"] }
convention = "lm"
[wild.by_year]
spec = "two"
term = "value"
bootcluster = "year"
draws = 99
[wild.by_both]
spec = "two"
term = "value"
draws = 99
"""
    )
    study = load_study(make_study(text))
    parts, spec = rows_of(study), study.spec("two")
    design = build_design(study, spec, load_frame(study))
    t = harmonise(fit.estimate(spec, design), design.facts, spec).quantities["t", "value"].value
    scale = ((200 - 1) / (200 - 3)) ** 0.5  # what all parts share is left out
    for name, groups in (("wild.by_year", 20), ("wild.by_both", 200)):
        assert len(parts[name].labels) == groups and find(parts[name])["t"] == pytest.approx(t * scale, rel=1e-10)
    wrong = text.replace('bootcluster = "year"', 'bootcluster = "decade"')
    with pytest.raises(InputError, match="`decade` is no cluster variable of `two`: firm, year"):
        load_study(make_study(wrong))
