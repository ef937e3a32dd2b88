"""What only an installed package shows: the wheel in an empty project, and an engine that another package adds."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from conftest import FIXTURES, ROOT

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("hatchling"), reason="hatchling is not installed")

#: What a maintainer writes: three lines, and an estimator that forgets G/(G - 1).
PROJECT = """
import pandas as pd
from mine import clustered_ols
from parity import assert_parity

data = pd.read_csv(r"{data}")


def test_mine():
    table = clustered_ols(data, "inv", ["value", "capital"], cluster="firm")
    assert_parity(table, data=data, formula="inv ~ value + capital", vcov={{"cluster": ["firm"]}}, convention="regress")


def test_other():
    assert data.shape == (200, 5)
"""
ESTIMATOR = """
import numpy as np
import pandas as pd


def clustered_ols(data, y, x, cluster):
    X = data[x].assign(const=1.0)
    b = np.linalg.lstsq(X.to_numpy(), data[y].to_numpy(), rcond=None)[0]
    bread = np.linalg.inv(X.T @ X)
    scores = X.mul(data[y] - X @ b, axis=0).groupby(data[cluster]).sum()
    n, k, g = len(X), X.shape[1], len(scores)
    V = {factor}(n - 1) / (n - k) * bread @ (scores.T @ scores).to_numpy() @ bread
    return pd.DataFrame({{"coef": b, "se": np.sqrt(np.diag(V))}}, index=X.columns)
"""


def run(*command: object, cwd: Path, env: dict[str, str] | None = None, code: int = 0) -> str:
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH",) and not k.startswith("PYTEST_")}
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=clean | (env or {}), capture_output=True, text=True, encoding="utf-8", timeout=300
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("parity-*.whl")
    return built


@pytest.fixture(scope="module")
def venv(wheel, tmp_path_factory) -> Path:
    """An environment that holds the wheel, and finds its dependencies where this one has them."""
    folder = tmp_path_factory.mktemp("project") / ".venv"
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=ROOT)
    python = folder / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    install = ("-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", "--disable-pip-version-check")
    run(sys.executable, *install, wheel, cwd=folder)
    return folder


def test_the_wheel_in_an_empty_project_catches_and_explains_an_estimator(venv):
    project = venv.parent
    (project / "test_mine.py").write_text(PROJECT.format(data=FIXTURES / "grunfeld" / "data.csv"), encoding="utf-8")
    python, pytest_ = venv / "bin" / "python", ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    where = run(python, "-c", "import parity; print(parity.__file__)", cwd=project)
    assert str(venv) in where
    (project / "mine.py").write_text(ESTIMATOR.format(factor=""), encoding="utf-8")
    said = run(python, *pytest_, "-n", "2", cwd=project, code=1)
    assert "1 failed, 1 passed" in said
    page = (ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")
    shown = [
        line.strip() for line in page.split("names the cause with this data's numbers:")[1].split("(`tests/")[0].splitlines()
    ]
    assert len([line for line in shown if line]) == 9
    assert not [line for line in shown if line not in said], said
    (project / "mine.py").write_text(ESTIMATOR.format(factor="g / (g - 1) * "), encoding="utf-8")
    assert "2 passed" in run(python, *pytest_, cwd=project)


def test_the_wheel_has_the_pages_of_causes(venv):
    """What a report and `parity explain` send the reader to is there without the repository."""
    said = run(venv / "bin" / "python", "-m", "parity", "cause", "cr0", cwd=venv.parent)
    assert said.startswith("# cr0\n") and "## Example" in said


def test_the_wheel_runs_studies_as_tests(venv, tmp_path):
    text = (FIXTURES / "grunfeld" / "study.toml").read_text(encoding="utf-8").split("[[published]]")[0]
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    (tmp_path / "data.csv").write_bytes((FIXTURES / "grunfeld" / "data.csv").read_bytes())
    asked = ("--parity", "--parity-frozen", "--parity-engine", "py-statsmodels", "--parity-engine", "py-moments")
    env = {"PARITY_CACHE": str(tmp_path / "cache")}
    run(
        venv / "bin" / "python",
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *asked,
        "-k",
        "pooled",
        cwd=tmp_path,
        env=env,
    )


def test_a_package_adds_an_engine(tmp_path):
    example = ROOT / "examples" / "own_engine"
    assert len((example / "own_engine.py").read_text(encoding="utf-8").splitlines()) < 80
    target = tmp_path / "site"
    install = (
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "--disable-pip-version-check",
    )
    run(sys.executable, *install, "--target", target, example, cwd=tmp_path)
    paths = os.pathsep.join([str(target), str(ROOT / "src")])
    env = {"PYTHONPATH": paths, "PARITY_CACHE": str(tmp_path / "cache"), "OPENBLAS_NUM_THREADS": "1"}
    assert "own-lstsq" in run(sys.executable, "-m", "parity", "engines", cwd=tmp_path, env=env)
    report = json.loads(
        run(sys.executable, "-m", "parity", "run", FIXTURES / "mtcars", "--engine", "own-lstsq",
            "--engine", "py-statsmodels", "--frozen", "--json", "-", cwd=tmp_path, env=env)
    )  # fmt: skip
    mine = [r for r in report["records"] if r["candidate"] == "own-lstsq"]
    agreed = {r["spec"] for r in mine if r["verdict"] == "agree" and r["kind"] == "estimate"}
    assert agreed == {"interactions", "no_intercept"}
    assert {r["verdict"] for r in mine} == {"agree", "declined"}
    assert all("example has least squares" in r["note"] for r in mine if r["verdict"] == "declined")
