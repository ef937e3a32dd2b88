"""pytest inside pytest: a project's own run in this process, whose workers have imported the packages already.

What hangs on the process itself (xdist, what is imported, PYTHONPATH) is tested in one of its own.
"""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import pytest


def below(module: ModuleType, folder: Path) -> bool:
    """Whether a module is a file of this folder."""
    return str(getattr(module, "__file__", None) or "").startswith(f"{folder}{os.sep}")


def run_here(folder: Path, *args: str) -> subprocess.CompletedProcess:
    """What pytest with the plugin says of the project in `folder`, whose cache is there too."""
    loaded = [] if entry_points(group="pytest11", name="parity") else ["-p", "parity.testing.plugin"]
    # nothing of the outer pytest, whose options and workers are others; nor is sys.path changed, for which workers are new
    words = ["-q", "-rs", "-p", "no:cacheprovider", "--import-mode=importlib", *loaded, *args]
    out, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(out), redirect_stderr(errors):
        for name in [name for name in os.environ if name.startswith("PYTEST_")]:
            patched.delenv(name)
        patched.setenv("PARITY_CACHE", str(folder / ".cache"))
        patched.chdir(folder)
        gc.freeze()  # pytest ends by collecting garbage five times over, of which none is in all that stands around it
        try:
            code = pytest.main(words)
        finally:
            for name in [name for name, module in sys.modules.items() if below(module, folder)]:
                del sys.modules[name]
    return subprocess.CompletedProcess(words, int(code), out.getvalue(), errors.getvalue())
