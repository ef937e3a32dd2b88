"""Runs of Parquet data by their row groups: asked for, or because a process can't hold them."""

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from engines.test_streamed import UNBALANCED, panel, study
from parity.cli import main
from parity.engines import engine
from parity.runs.runner import run
from parity.runs.streaming import Streaming, large

ENGINES = ("py-moments", "py-statsmodels")


@pytest.fixture
def made(tmp_path):
    frame = UNBALANCED["a tenth is missing"](panel(units=20))
    return study(tmp_path, frame, "y ~ x1 + x2 | unit + year", '{ cluster = ["unit"] }', reference="py-statsmodels")


def records(one, **beside):
    report = run([one], engines=[engine(name) for name in ENGINES], details=True, **beside)
    return report, {r.candidate: r for r in report.records if r.kind == "estimate"}


def test_chunks_are_compared_with_what_others_hold_in_memory(made):
    report, _ = records(made, streaming=Streaming(always=True))
    between = [r for r in report.records if {r.reference, r.candidate} == set(ENGINES) and r.kind == "estimate"]
    assert [r.verdict for r in between] == ["agree"], report.records
    shown = {e.engine: e for e in report.details[0].engines}
    assert shown["py-moments"].accuracy == "iterative"
    assert "passes over" in shown["py-moments"].command


def test_data_that_no_process_holds_are_estimated_by_chunks_alone(made, monkeypatch):
    assert large(made) is None
    monkeypatch.setenv("PARITY_MEMORY", "0.00001")
    monkeypatch.setattr("parity.data.load.read_file", lambda *a, **k: pytest.fail("the data were read whole"))
    report, found = records(made)
    assert found["py-statsmodels"].verdict == "declined"
    assert "it wasn't asked: 216 rows of 11 columns would take" in found["py-statsmodels"].note
    assert report.transports["py-moments"] == "live"
    assert report.exit_code == 1  # one engine alone is compared with nothing
    (alone,) = [r for r in report.records if r.verdict == "vacuous"]
    assert alone.note == "no two engines have an estimate of it"


def test_a_folder_of_parquet_is_data(made):
    table = pq.read_table(made.data_path)
    made.data_path.unlink()
    made.data_path.mkdir()
    pq.write_table(table.slice(0, 100), made.data_path / "a.parquet")
    pq.write_table(table.slice(100), made.data_path / "b.parquet")
    report, found = records(made)
    assert "it wasn't asked: 216 rows of 11 columns" in found["py-statsmodels"].note
    assert report.transports["py-moments"] == "live"
    before = made.data_hash()
    pq.write_table(table.slice(101), made.data_path / "b.parquet")
    assert made.data_hash() != before


def test_what_cannot_be_read_by_chunks_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PARITY_MEMORY", "0.00001")
    one = study(tmp_path, panel(20), "y ~ x1 + i(region) | unit", '{ cluster = ["unit"] }', reference="py-statsmodels")
    _, found = records(one)
    assert "`i(region)`, which hangs on more than its own row, can't be read by chunks" in found["py-moments"].note


def test_workers_without_dask_are_said(made):
    done = CliRunner().invoke(main, ["run", str(made.folder), "--workers", "2"])
    assert done.exit_code == 2
    assert "--workers: it is of --dask local" in done.output
