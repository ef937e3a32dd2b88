"""The pytest plugin: studies as tests in a project of its own, with xdist, and in no one's way who doesn't use it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import miniatures
from conftest import FIXTURES, ROOT
from nested import run_here
from parity import engines
from parity.analyses.registry import analyses
from parity.analyses.run import freeze
from parity.runs import explain_engines
from parity.runs.explain_engines import NoEstimate
from parity.study.load import load_study

MINE = """
import pandas
def test_mine(assert_parity):
    data = pandas.read_csv("tests/grunfeld/data.csv")
    assert_parity({"capital": (0.413801834621, 0.0617571323)}, data=data, formula="inv ~ capital | firm + year",
                  vcov={"cluster": ["firm"]}, convention="reghdfe", accuracy="iterative")
"""

PYTHON = ["--parity-engine", "py-statsmodels", "--parity-engine", "py-linearmodels", "--parity-frozen"]


def run_pytest(
    folder: Path, *args: str, plugin: bool = True, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess:
    """pytest in a process of its own, in a project that isn't this one. An installed parity brings its plugin by itself."""
    loaded = ["-p", "parity.testing.plugin"] if plugin and not entry_points(group="pytest11", name="parity") else []
    own = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")} | {"PARITY_CACHE": str(folder / ".cache")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", *loaded, *args], cwd=folder,
        env=own | (env or {}),
        capture_output=True, text=True, encoding="utf-8", timeout=300,
    )  # fmt: skip


def counts(done: subprocess.CompletedProcess) -> dict[str, int]:
    last = [line for line in done.stdout.splitlines() if " in " in line][-1]
    return {what: int(n) for n, what in re.findall(r"(\d+) (passed|failed|skipped|error)", last)}


@pytest.fixture
def project(tmp_path):
    """A project with one study, two specs, and an ordinary test."""
    folder = tmp_path / "project"
    (folder / "tests" / "grunfeld").mkdir(parents=True)
    shutil.copy(FIXTURES / "grunfeld" / "data.csv", folder / "tests" / "grunfeld")
    (folder / "tests" / "grunfeld" / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "tests" / "test_plain.py").write_text("def test_plain():\n    assert True\n", encoding="utf-8")
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\n", encoding="utf-8")
    return folder


STUDY = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"
[spec.one]
formula = "inv ~ value + capital"
vcov = { cluster = ["firm"] }
convention = "regress"
reference = "py-statsmodels"
[spec.random]
formula = "inv ~ value"
model = "random_effects"
reference = "py-linearmodels"
"""
PRINTED = """
[[published]]
spec = "one"
term = "capital"
parentheses = "0.0123"
source = "made up"
"""


def test_verdicts_are_outcomes(project):
    done = run_here(project, "--parity", *PYTHON, "-vv")
    lines = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "grunfeld/study.toml::one[py-statsmodels] PASSED" in lines
    assert "grunfeld/study.toml::one[py-linearmodels] PASSED" in lines
    # random effects: of the engines chosen one has them, and the other declines: neither test can pass
    assert "grunfeld/study.toml::random[py-statsmodels] SKIPPED (declined" in lines
    assert "grunfeld/study.toml::random[py-linearmodels] SKIPPED" in lines
    assert "none of the engines that were chosen has an estimate of it" in lines
    assert "test_plain.py::test_plain PASSED" in lines


def doubled(estimate, spec, design):
    return miniatures.with_coef(estimate, [2 * b for b in estimate.coef])


def test_a_reference_with_which_an_engine_disagrees_fails(project, monkeypatch):
    """Whichever side is wrong: an engine that nobody agrees with must not pass as the reference. The cause is looked for
    once of each pair: the reference's test tells that of the worst engine again.
    """
    known = engines.registry() | {"own-wrong": miniatures.miniature("own-wrong", doubled)}
    monkeypatch.setattr(engines, "registry", lambda: known)
    asked = []

    def explain(study, spec, reference, candidate):
        asked.append((spec, reference, candidate))
        raise NoEstimate(f"{candidate} is made to be wrong")

    monkeypatch.setattr(explain_engines, "explain_engines", explain)
    toml = STUDY.split("[spec.random]")[0].replace("value + capital", "capital")
    head, spec = toml.split("[spec.one]")
    other = spec.replace('"py-statsmodels"', '"own-wrong"')
    (project / "tests" / "grunfeld" / "study.toml").write_text(f"{head}[spec.one]{spec}[spec.two]{other}", encoding="utf-8")
    some = [word for name in ("own-wrong", "py-linearmodels", "py-moments") for word in ("--parity-engine", name)]
    done = run_here(project, "--parity", "--parity-frozen", *some, *PYTHON[:2], "tests/grunfeld/study.toml")
    # of `one` the wrong engine and the reference, of `two` all: nobody agrees with its reference
    assert counts(done) == {"failed": 6, "passed": 2}, done.stdout + done.stderr
    for reference, wrong in (("py-statsmodels", 1), ("own-wrong", 3)):
        of = done.stdout.split(f"{wrong} of 3 engines disagree with the reference {reference}\n")[1]
        assert "coef capital" in of.split("\n____")[0] and "is made to be wrong" in of.split("\n____")[0]
    others = ("py-statsmodels", "py-linearmodels", "py-moments")
    assert sorted(asked) == sorted(
        [("one", "py-statsmodels", "own-wrong"), *(("two", "own-wrong", each) for each in others)]
    )


def test_a_declined_spec_is_skipped_with_its_reason(project):
    file = project / "tests" / "grunfeld" / "study.toml"
    formula = "inv ~ 0 + value | firm | capital ~ l(capital, 1) + l(value, 1)"
    toml = STUDY.split("[spec.random]")[0].replace("inv ~ value + capital", formula)
    file.write_text(toml, encoding="utf-8")
    done = run_here(project, "--parity", *PYTHON, "--parity-engine", "py-pyfixest")
    assert counts(done) == {"passed": 3, "skipped": 1}, done.stdout + done.stderr
    assert "declined: never" in done.stdout


def test_a_wrong_printed_number_fails_with_an_explanation(project):
    file = project / "tests" / "grunfeld" / "study.toml"
    file.write_text(STUDY.split("[spec.random]")[0] + PRINTED, encoding="utf-8")
    done = run_here(project, "--parity", *PYTHON)
    assert counts(done) == {"failed": 1, "passed": 3}, done.stdout + done.stderr
    assert "DISAGREE grunfeld/one" in done.stdout and "EXPLAINED" in done.stdout
    assert "Traceback" not in done.stdout and "collect.py" not in done.stdout


def test_a_number_from_another_convention_is_named(tmp_path):
    shutil.copytree(ROOT / "docs" / "examples" / "one_digit", tmp_path / "one_digit")
    toml = (tmp_path / "one_digit" / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "one_digit" / "study.toml").write_text(toml.replace("0.062", ".0601685"), encoding="utf-8")
    done = run_here(tmp_path, "--parity", *PYTHON, "-k", "printed")
    assert counts(done) == {"failed": 1}, done.stdout + done.stderr
    assert "drops-all-effects-when-nested" in done.stdout


def test_xdist_runs_a_study_once_and_tells_the_same(project):
    toml = STUDY.split("[spec.random]")[0]
    (project / "tests" / "grunfeld" / "study.toml").write_text(toml + PRINTED, encoding="utf-8")
    few = [
        "--parity-engine",
        "py-moments",
        "--parity-engine",
        "py-statsmodels",
        "--parity-frozen",
    ]  # each process imports them
    done = run_pytest(project, "--parity", *few, "-n", "2")
    assert counts(done) == {"failed": 1, "passed": 3}, done.stdout + done.stderr
    grouped = run_pytest(project, "--parity", *few, "-n", "1", "--dist", "loadgroup", "--strict-markers")
    assert counts(grouped) == counts(done), grouped.stdout + grouped.stderr


def test_an_ini_option_does_the_same_and_selection_works(project):
    (project / "pyproject.toml").write_text("[tool.pytest.ini_options]\nparity = true\n", encoding="utf-8")
    done = run_here(project, *PYTHON, "-k", "one and linearmodels")
    assert counts(done) == {"passed": 1}, done.stdout + done.stderr


def test_nothing_is_collected_without_the_option(project):
    assert counts(run_pytest(project)) == {"passed": 1}


def test_a_wrong_study_is_one_error_with_the_key(project):
    wrong = STUDY.replace("time = ", "tme = ")
    (project / "tests" / "grunfeld" / "study.toml").write_text(wrong, encoding="utf-8")
    done = run_here(project, "--parity", *PYTHON)
    assert done.returncode == 2 and "study.tme" in done.stdout, done.stdout
    assert "Traceback" not in done.stdout


def test_a_wrong_word_in_one_spec_is_one_failure_and_stops_no_other(project):
    more = STUDY + '[spec.words]\nformula = "inv ~ value +"\n[wild.of_it]\nspec = "words"\n'
    (project / "tests" / "grunfeld" / "study.toml").write_text(more, encoding="utf-8")
    done = run_here(project, "--parity", *PYTHON)
    assert done.returncode == 1 and "spec.words.formula" in done.stdout, done.stdout
    assert "wild.of_it.spec: it rests on `words`" in done.stdout and "Traceback" not in done.stdout
    assert counts(done) == {"failed": 2, "passed": 3, "skipped": 2}


def test_data_that_can_not_be_read_fail_their_tests(project):
    (project / "tests" / "grunfeld" / "data.csv").write_bytes(b"a,b\n1\n")
    done = run_here(project, "--parity", *PYTHON, "-k", "one")
    assert counts(done) == {"failed": 2} and "line 2 has 1 cell" in done.stdout, done.stdout


def test_an_unknown_engine_is_told(project):
    done = run_here(project, "--parity", "--parity-engine", "py-statsmodel")
    assert done.returncode == 2 and "did you mean `py-statsmodels`" in done.stdout, done.stdout


def test_the_fixture(project):
    (project / "tests" / "test_mine.py").write_text(MINE, encoding="utf-8")
    done = run_here(project, "tests/test_mine.py")
    assert counts(done) == {"failed": 1}, done.stdout + done.stderr
    assert "EXPLAINED" in done.stdout and "linearmodels" in done.stdout


def test_the_plugin_imports_nothing_heavy(project):
    (project / "tests" / "test_plain.py").write_text(
        "import sys\ndef test_plain():\n"
        "    assert not {'numpy', 'pandas', 'pydantic', 'lark', 'parity.study.study'} & set(sys.modules)\n", encoding="utf-8"
    )  # fmt: skip
    done = run_pytest(project)
    assert counts(done) == {"passed": 1}, done.stdout + done.stderr


INDEX = """
[derive]
value_l1 = { lag = "value" }
[index.size]
indicators = [{ column = "value", direction = "+" }, { column = "capital", direction = "+" }]
"""


@pytest.mark.needs_r
def test_what_a_study_computes_beside_its_specs_is_a_test_too(project):
    file = project / "tests" / "grunfeld" / "study.toml"
    file.write_text(STUDY.split("[spec.random]")[0] + INDEX, encoding="utf-8")
    path, _ = freeze(analyses()["columns"], load_study(file.parent))
    done = run_here(project, "--parity", *PYTHON)
    assert counts(done) == {"passed": 5}, done.stdout + done.stderr
    held = json.loads(path.read_text(encoding="utf-8"))
    held["answers"]["index.size"]["numbers"]["score"][""][3] += 1e-9
    path.write_text(json.dumps(held), encoding="utf-8")
    done = run_here(project, "--parity", *PYTHON)
    assert counts(done) == {"passed": 4, "failed": 1}, done.stdout + done.stderr
    assert "DISAGREE grunfeld/index.size" in done.stdout


def test_a_link_in_the_temporary_folder_is_not_followed(project, tmp_path, monkeypatch):
    """The lock lies in the user's own folder; nothing is opened under a name that others can foretell."""
    target = tmp_path / "precious.txt"
    target.write_text("keep")
    key = hashlib.sha256(str((project / "tests" / "grunfeld").resolve()).encode()).hexdigest()[:16]
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / f"parity-{os.getuid()}-{key}.lock").symlink_to(target)
    monkeypatch.setattr(tempfile, "tempdir", str(shared))
    done = run_here(project, "--parity", *PYTHON)
    assert target.read_text() == "keep" and counts(done)["passed"] >= 3, done.stdout
    assert list((project / ".cache" / "locks").iterdir())
