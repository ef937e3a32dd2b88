"""`parity audit` as a person calls it."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from parity.audit import document
from parity.cli import main

FIXTURES = Path(__file__).parents[2] / "fixtures"
AUDIT = """
[audit.main]
spec = "baseline_6"
term = "dt"
controls = { free = ["openness", "retail_share"] }
convention = ["plm"]
index.dt = "all"
"""


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "digital_trade"
    shutil.copytree(FIXTURES / "digital_trade", made)
    file = made / "study.toml"
    file.write_text(file.read_text(encoding="utf-8").split("[audit.")[0] + AUDIT, encoding="utf-8")  # this one alone
    return made


def called(*words):
    return CliRunner().invoke(main, ["audit", *map(str, words)])


def test_an_audit_says_what_the_result_hangs_on(folder, tmp_path):
    rows, kept = tmp_path / "rows.parquet", tmp_path / "audit.json"
    done = called(folder, "--draws", "20", "--no-engines", "--parquet", rows, "--json", kept)
    assert done.exit_code == 0, done.output
    text = " ".join(done.output.split())
    assert text.startswith("Hangs on one choice: how the index `dt` is built. `dt` is positive and significant at 5 %")
    assert " `dt` keeps its sign in 144 of 152 specifications. Its 5 % star (p below 0.05, by t) is there in 144," in text
    assert "What moves the coefficient most is `index.dt`" in text
    assert "the median of 20 draws with no effect" in text
    assert "no engine was asked for any of these numbers" in text
    assert max(map(len, done.output.splitlines())) <= 80
    assert pq.read_table(rows).num_rows == 152
    said = json.loads(kept.read_text())
    assert said["schema"] == "parity-audit/1"
    assert said["summary"]["specs"] == 152
    assert said["joint"]["draws"] == 20


def test_extremes_are_estimated_again_by_engines(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("parity.audit.whole._sensitivity", lambda space: document.sensitivity())  # it takes seconds
    kept = tmp_path / "audit.json"
    done = called(folder, "--draws", "0", "--engine", "py-moments", "--engine", "py-statsmodels", "--json", kept)
    assert done.exit_code == 0, done.output
    again = json.loads(kept.read_text())["extremes"]
    assert len(again) > 3
    assert {one["verdict"] for one in again} == {"agree"}
    assert min(one["digits"] for one in again) > 9


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('term = "dt"', 'term = "dtt"'),
        ('spec = "baseline_6"', 'spec = "baseline_66"'),
        ("openness", "opennes"),
        ('index.dt = "all"', 'index.dt = ["pcaa"]'),
        ('index.dt = "all"', 'cluster = ["provinz"]'),
        ('index.dt = "all"', 'where = ["yaer > 2016"]'),
        ('index.dt = "all"', 'absorb = ["firm"]'),
        ('index.dt = "all"', 'transform.ressilience = "log(dt)"'),
        ('index.dt = "all"', 'transform.dt = "log(dtt)"'),
        ('index.dt = "all"', 'weights = [{ analytic = "popp" }]'),
        ('index.dt = "all"', 'leave_out = "regionn"'),
        ('convention = ["plm"]', 'convention = ["plmm"]'),
    ],
)
def test_a_slip_is_said_with_its_key(folder, words, said):
    file = folder / "study.toml"
    before, after = file.read_text(encoding="utf-8").rsplit("[audit.main]", 1)
    file.write_text(f"{before}[audit.main]{after.replace(words, said)}", encoding="utf-8")
    done = called(folder, "--draws", "0", "--no-engines")
    assert done.exit_code == 2
    assert "audit.main" in done.output
    assert "Traceback" not in done.output


def test_a_name_that_is_none_is_said(folder):
    assert "there is no audit `mian`: did you mean `main`?" in called(folder, "mian").output
    assert "it has no audit" in called(FIXTURES / "grunfeld").output


def test_an_audit_without_a_number_is_not_green(folder):
    file = folder / "study.toml"
    impossible = AUDIT.replace('spec = "baseline_6"', 'spec = "baseline_6"\nabsorb = []').replace("audit.main", "audit.none")
    only = impossible.replace('convention = ["plm"]', "").replace('index.dt = "all"', "")
    text = file.read_text(encoding="utf-8")
    nothing = '\n[spec.nothing]\nformula = "resilience ~ dt"\nwhere = "year == 2015 and region == \'东部\' and dt > 9"\n'
    file.write_text(text + nothing + only.replace("baseline_6", "nothing"), encoding="utf-8")
    done = called(folder, "none", "--draws", "0", "--no-engines")
    assert done.exit_code == 1, done.output
    assert "could be estimated" in done.output


def test_engines_that_iterate_are_held_to_what_they_claim():
    from parity.audit.verified import _distance
    from parity.results.spec_page import EngineDetail, SpecDetail

    def detail(*values, accuracy="iterative"):
        engine = EngineDetail(engine="e", transport="live", how="native", accuracy=accuracy, values=values)
        return SpecDetail(study="s", spec="a", formula="y ~ x", model="ols", vcov="iid", convention="lm",
                          quantities=(("coef", "x"), ("se", "x"), ("p", "x")), engines=(engine,))  # fmt: skip

    mine = {"coef": 1.0, "se": 0.5, "p": 0.05}
    assert _distance(mine, detail(1.0 + 5e-8, 0.5, 0.05), "x") < 1e-9
    assert _distance(mine, detail(1.0 + 5e-8, 0.5, 0.05, accuracy="exact"), "x") > 1e-9
    assert _distance(mine, detail(1.0, None, 0.05), "x") == float("inf")
