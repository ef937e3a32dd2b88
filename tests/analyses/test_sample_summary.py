"""Summaries of a sample: by hand, in R, and in tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from conftest import FIXTURES
from parity.analyses.contract import CANDIDATE, REFERENCE
from parity.analyses.registry import analyses
from parity.analyses.run import records_of
from parity.analyses.summary.analysis import compare_summaries
from parity.analyses.summary.statistics import OF_COLUMNS, WITH, summarise
from parity.base.errors import InputError
from parity.r.session import missing_r
from parity.study.load import parse_study
from parity.table.csv import to_csv
from parity.table.formats import grid_of, renderer
from parity.table.verified import Verified

needs_r = pytest.mark.skipif(missing_r() is not None, reason="needs R")
TABLES = """
[spec.sampled]
formula = "inv ~ value + capital | firm + year"

[table.described]
kind = "descriptive"
sample = "sampled"

[table.correlated]
kind = "correlations"
sample = "sampled"
rows = ["capital", "inv"]

[table.collinear]
kind = "vif"
sample = "sampled"
"""


@pytest.fixture(scope="module")
def study():
    folder = FIXTURES / "grunfeld"
    text = (folder / "study.toml").read_text(encoding="utf-8")
    return parse_study(text + TABLES, folder / "study.toml")


def drawn(n: int = 60):
    rng = np.random.default_rng(1)
    a = rng.normal(5, 2, n)
    b = a + rng.normal(0, 1, n)
    return {"y": rng.normal(1e-3, 10, n), "a": a, "b": b, "c": rng.integers(0, 2, n).astype(float)}


def test_numbers_by_hand():
    d = drawn()
    found = summarise(d, ("a", "b", "c"))
    for name, v in d.items():
        by_hand = (len(v), v.mean(), v.std(ddof=1), v.min(), np.median(v), v.max())
        assert [found.columns[q][name] for q in OF_COLUMNS] == pytest.approx(by_hand, rel=1e-12)
    assert set(found.correlations) == {("y", "a"), ("y", "b"), ("a", "b"), ("y", "c"), ("a", "c"), ("b", "c")}
    for pair, r in found.correlations.items():
        assert (r, found.p[pair]) == pytest.approx(tuple(stats.pearsonr(*(d[p] for p in pair))), rel=1e-9)
    inverse = np.linalg.inv(np.corrcoef([d["a"], d["b"], d["c"]]))
    assert list(found.vif.values()) == pytest.approx(np.diag(inverse), rel=1e-9)


def test_what_does_not_vary_or_is_determined():
    d = drawn() | {"one": np.ones(60), "sum": drawn()["a"] + drawn()["b"]}
    found = summarise(d, ("a", "b", "one", "sum"))
    assert math.isnan(found.correlations["y", "one"]) and math.isnan(found.vif["one"]) and found.columns["sd"]["one"] == 0
    assert found.vif["a"] == found.vif["sum"] == math.inf
    alone = summarise({"y": d["y"], "a": d["a"]}, ("a",))
    assert alone.vif["a"] == 1 and summarise({"y": d["y"], "a": 2 * d["y"]}, ("a",)).p["y", "a"] == pytest.approx(
        0, abs=1e-12
    )


@needs_r
def test_r_finds_the_same():
    from parity.analyses.summary.r import summarise_in_r

    d = drawn() | {"one": np.ones(60), "far": 1e6 + drawn()["c"]}
    regressors = ("a", "b", "c", "one")
    ours, theirs = summarise(d, regressors), summarise_in_r(d, regressors)
    pairs = {"correlation": ours.correlations, "correlation p": ours.p}
    named = ours.columns | {q: {WITH.join(p): v for p, v in of.items()} for q, of in pairs.items()} | {"vif": ours.vif}
    result = compare_summaries(theirs, named)
    assert result.verdict == "agree" and result.checked == 6 * 6 + 2 * 15 + 4 and result.digits > 9
    for quantity, of in theirs.items():
        term = next(iter(of))
        off = {**theirs, quantity: {**of, term: of[term] + 1e-3 * max(1.0, abs(of[term]))}}
        assert compare_summaries(off, named).verdict == "disagree", quantity
        assert (
            compare_summaries({**theirs, quantity: {k: v for k, v in of.items() if k != term}}, named).verdict == "disagree"
        )


@needs_r
def test_tables_of_a_sample(study):
    one = analyses()["summary"]
    assert one.asked(study) and list(one.names(study)) == ["sampled"] == list(study.summed_up)
    (record,) = records_of(one, study, "live")
    assert (record.verdict, record.kind, record.reference, record.candidate) == ("agree", "summary", REFERENCE, CANDIDATE)
    verified = Verified(study, (), (record,))
    kinds = ("descriptive", "correlations", "vif")
    grids = {name: grid_of(name, table, verified) for name, table in study.tables.items() if table.kind in kinds}
    # R, plm 2.6.5, summary(Grunfeld): inv from 0.93 to 1486.70, median 57.48, mean 145.96; sd 216.8753, cor 0.6625653
    row = next(r for r in grids["described"].body if r.label == "inv")
    assert [c.text for c in row.cells] == ["200", "145.958", "216.875", "0.930", "57.485", "1486.700"]
    correlated = grids["correlated"]
    assert [r.label for r in correlated.body] == ["(1) capital", "(2) inv"]
    assert [(c.text, c.stars) for c in correlated.body[1].cells] == [("0.663", "***"), ("1", "")]
    vif = {r.label: [c.text for c in r.cells] for r in grids["collinear"].body}
    assert set(vif) == {"value", "capital", "Mean VIF"} and vif["value"][0] == vif["capital"][0]
    for form in ("text", "markdown", "latex", "csv"):
        assert "145.958" in renderer(form)(list(grids.values()))
    assert all(g.verified for g in grids.values()) and "inv" in to_csv([grids["described"]])


def test_a_table_that_was_not_verified_says_so(study):
    name, table = "described", study.tables["described"]
    grid = grid_of(name, table, Verified(study, (), ()))
    assert not grid.verified and not grid.body and any("not verified" in note for note in grid.notes)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('kind = "descriptive"', "go together"), ('sample = "s"', "go together"),
        ('kind = "vif"\nsample = "t"', "sample: there is no spec `t`"),
        ('kind = "vif"\nsample = "s"\nrows = ["z"]', "rows: the sample has no column `z`"),
        ('kind = "vif"\nsample = "s"\ncolumns = ["s"]', "takes no `columns`"),
        ('kind = "means"\nsample = "s"', "descriptive"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_one_is_said(tmp_path, table, said):
    text = f'[study]\ntitle = "t"\nmade = true\n[spec.s]\nformula = "y ~ x"\n[table.t]\n{table}\n'
    with pytest.raises(InputError) as error:
        parse_study(text, tmp_path / "study.toml")
    assert said in str(error.value)


@needs_r
@pytest.mark.parametrize("rows", ["", 'rows = ["inv", "both"]\n', 'rows = ["both"]\n'])
def test_a_column_that_the_estimate_leaves_out_is_said(rows):
    folder = FIXTURES / "grunfeld"
    text = (folder / "study.toml").read_text(encoding="utf-8") + (
        '\n[derive]\nboth = "value + 2 * capital"\n[spec.sampled]\nformula = "inv ~ value + capital + both"\n'
        f'[table.t]\nkind = "descriptive"\nsample = "sampled"\n{rows}'
    )
    study = parse_study(text, folder / "study.toml")
    (record,) = records_of(analyses()["summary"], study, "live")
    assert record.verdict == "agree"
    grid = grid_of("t", study.tables["t"], Verified(study, (), (record,)))
    assert [r.label for r in grid.body] == {"": ["inv", "value", "capital"], 'rows = ["inv", "both"]\n': ["inv"]}.get(
        rows, []
    )
    assert any("left out: both." in note for note in grid.notes)
