"""Where the R files are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def scripts_folder() -> Path:
    """The folder with `worker.R`, `lib/` and `engines/`. Raises `FileNotFoundError` if the installation lacks it."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_r", package.parent.parent / "r_scripts"):
        if (folder / "worker.R").is_file():
            return folder
    raise FileNotFoundError("parity's R files are missing; reinstall parity")
