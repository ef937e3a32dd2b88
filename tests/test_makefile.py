"""`make run` and `make test` with programs that only write down how they were called: what is installed, and when."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT

#: What the recipes call beside the programs that are written down here.
REAL = ("sh", "bash", "make", "touch", "mkdir", "cat", "rm", "cp", "chmod", "dirname")
NOTES = '#!/bin/sh\necho "{name} $*" >> "$NOTES"\n{more}'
#: `python3 -m venv .venv` makes a Python that only writes down, too.
MAKES = 'if [ "$2" = venv ]; then mkdir -p .venv/bin; cp "$0" .venv/bin/python; cp "$0" .venv/bin/parity; fi\n'


@pytest.fixture
def project(tmp_path):
    """A folder with the Makefile and the lock files; no R, and a user who may install nothing."""
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    for name in ("Makefile", "pyproject.toml", *(p.name for p in ROOT.glob("requirements*.lock"))):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "programs").mkdir()
    for name in filter(shutil.which, REAL):
        (tmp_path / "programs" / name).symlink_to(shutil.which(name))
    program(tmp_path, "python3", MAKES)
    program(tmp_path, "id", "echo 1000\n")
    return tmp_path


def program(folder: Path, name: str, more: str = "") -> None:
    path = folder / "programs" / name
    path.write_text(NOTES.format(name=name, more=more), encoding="utf-8")
    path.chmod(0o755)


def make(folder: Path, *goals: str) -> list[str]:
    """What was installed from lock files, and the last word of everything else that was run, in this order."""
    notes = folder / "notes"
    notes.unlink(missing_ok=True)
    env = {"PATH": str(folder / "programs"), "NOTES": str(notes), "HOME": str(folder), "PARITY_NO_BROWSER": "1"}
    env |= {k: v for k, v in os.environ.items() if k == "LANG"}
    done = subprocess.run(["make", *goals], cwd=folder, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return [line.split()[-1] for line in notes.read_text(encoding="utf-8").splitlines() if not line.startswith("id ")]


def test_the_bridge_is_installed_when_r_comes_after_the_environment(project):
    assert make(project, "run") == [".venv", "requirements.lock", ".", "fixtures"]
    assert make(project, "run") == ["fixtures"]
    program(project, "Rscript")
    assert make(project, "test") == ["requirements-dev.lock", "requirements-r.lock", "-rs"]
    assert make(project, "run") == ["fixtures"]


def test_the_tests_get_the_bridge_when_they_install_r_themselves(project):
    """As root on a machine with apt: the very `make test` that brings R has rpy2."""
    program(project, "id", "echo 0\n")
    program(project, "apt-get", f'[ "$1" = update ] || cp "{project}/programs/id" "{project}/programs/Rscript"\n')
    make(project, "run")
    found = make(project, "test")
    assert found.index("requirements-r.lock") < found.index("-rs")


def test_a_bridge_that_cannot_be_built_is_said_once_and_stops_nothing(project):
    program(project, "Rscript")
    program(project, "python3", MAKES + 'case "$*" in *requirements-r.lock) exit 1;; esac\n')
    assert "requirements-r.lock" in make(project, "run")
    assert make(project, "run") == ["fixtures"]


def test_the_quick_tests_install_no_r_and_start_none(project):
    program(project, "id", "echo 0\n")
    program(project, "apt-get")
    make(project, "quick")
    notes = (project / "notes").read_text(encoding="utf-8")
    assert "-m not needs_r and not browser and not slow" in notes and "apt-get" not in notes
    assert "PARITY_R=none" in (project / "Makefile").read_text(encoding="utf-8").split("quick:")[1].split("\n\n")[0]
