"""A study with several data files: each spec is estimated on its own, and nothing takes one file for another."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from parity.base.errors import InputError
from parity.cli import main
from parity.data.load import load_frame
from parity.engines import engine
from parity.results.record import OF_DATA
from parity.runs import runner
from parity.study.load import load_study
from parity.study.parts import part_of, parts_of

TOML = """
[study]
title = "Two files"
unit = "firm"
time = "year"

[data.later]
file = "sub/later.dta"
time = "wave"

[derive]
double = "2 * x"
half = "x / 2"

[spec.main]
formula = "y ~ x + double:z"
reference = "py-statsmodels"

[spec.late]
data = "later"
formula = "y ~ half + l(x, 1)"
where = "region != 0"
vcov = { cluster = ["firm"] }
reference = "py-statsmodels"
"""
ENGINES = ("py-statsmodels", "py-linearmodels")


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(8)
    n = 40
    frame = pd.DataFrame({"firm": np.repeat(np.arange(8), 5), "year": np.tile(np.arange(2001, 2006), 8),
                          "y": rng.normal(size=n), "x": rng.normal(size=n), "z": rng.normal(size=n)})  # fmt: skip
    frame.to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "sub").mkdir()
    other = frame.rename(columns={"year": "wave"}).drop(columns="z").assign(y=rng.normal(size=n), region=np.arange(n) % 3)
    other.to_stata(
        tmp_path / "sub" / "later.dta", write_index=False, value_labels={"region": {0: "East", 1: "West", 2: "Mid"}}
    )
    (tmp_path / "study.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def estimates(study) -> dict:
    report = runner.run([study], engines=[engine(e) for e in ENGINES], jobs=1, details=True)
    assert {r.verdict for r in report.records if r.kind not in OF_DATA} == {"agree"}, report.records
    return {d.spec: d for d in report.details}


def test_each_spec_has_the_numbers_of_its_own_file(folder, tmp_path_factory):
    both = estimates(load_study(folder))
    assert both["main"].sample.nobs == 40
    for name, data, more in (("main", "data.csv", {}), ("late", "sub/later.dta", {'time = "year"': 'time = "wave"'})):
        alone = tmp_path_factory.mktemp(name)
        text = TOML
        for old, new in {
            **more,
            '[data.later]\nfile = "sub/later.dta"\ntime = "wave"\n': "",
            'data = "later"\n': "",
        }.items():
            text = text.replace(old, new)
        text = text.replace("[study]\n", f'[study]\ndata = "{data.split("/")[-1]}"\n')
        other = "late" if name == "main" else "main"
        parts = text.split("[spec.")
        text = "[spec.".join(p for p in parts if not p.startswith(other))
        lines = text.splitlines()
        unused = 'half = "x / 2"' if name == "main" else 'double = "2 * x"'
        (alone / "study.toml").write_text("\n".join(line for line in lines if line != unused), encoding="utf-8")
        (alone / data.split("/")[-1]).write_bytes((folder / data).read_bytes())
        (detail,) = estimates(load_study(alone)).values()
        assert both[name].quantities == detail.quantities and both[name].engines == detail.engines


def test_parts_hold_what_their_specs_need(folder):
    main_, later = parts_of(load_study(folder))
    assert (main_.part, later.part, later.header.time, main_.header.time) == ("", "later", "wave", "year")
    assert set(main_.derive) == {"double"} and set(later.derive) == {"half"}
    assert main_.data_hash() == later.data_hash()
    assert load_frame(later)["half"].notna().all()
    with pytest.raises(InputError, match="several data files can't be read as one"):
        load_frame(load_study(folder))


def test_a_change_in_either_file_is_seen(folder):
    before = part_of(load_study(folder), "main").data_hash()
    (folder / "sub" / "later.dta").write_bytes((folder / "sub" / "later.dta").read_bytes() + b"\0")
    assert part_of(load_study(folder), "main").data_hash() != before


def test_every_verb_takes_it(folder):
    checked = run("check", folder)
    assert checked.exit_code == 0 and "/data later" in checked.output and "/late\n" in checked.output
    data = run("data", folder)
    assert "data.csv: 40 rows" in data.output and "sub/later.dta: 40 rows" in data.output
    done = run("run", folder, "--engine", "py-linearmodels", "--json", folder / "r.json")
    assert done.exit_code == 0, done.output
    kept = json.loads((folder / "r.json").read_text())
    assert {r["spec"] for r in kept["records"]} >= {"main", "late"}
    explained = run("explain", folder, "late", "--candidate", "py-linearmodels", "--reference", "py-statsmodels")
    assert explained.exit_code == 0
    for language in ("r", "python"):
        script = run("export", folder, "late", "--to", language)
        assert script.exit_code == 0 and "later.dta" in script.output
    assert run("data", folder, "--csv", "-").exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('data = "later"', 'data = "latter"', r"spec.late.data: there is no \[data.latter\]: did you mean `later`"),
        ("sub/later.dta", "sub/gone.dta", r"data.later.file: there is no file `sub/gone.dta`"),
        ("sub/later.dta", "../later.dta", "data.later: .*lies outside the study's folder"),
        ("sub/later.dta", "later.txt", "data.later: `later.txt` is none of"),
        ('time = "wave"', 'time = "firm"', "data.later: unit and time are both `firm`"),
        ('time = "wave"', 'tme = "wave"', "there is no key `tme` here: did you mean `time`"),
    ],
)
def test_what_is_wrong_is_said(folder, old, new, said):
    (folder / "study.toml").write_text(TOML.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_study(folder)
