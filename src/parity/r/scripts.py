"""Where the R files are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from parity.base.cache import PACKAGE, code_hash


@cache
def scripts_folder() -> Path:
    """The folder with `worker.R`, `lib/` and `engines/`. Raises `FileNotFoundError` if the installation lacks it."""
    for folder in (PACKAGE / "_r", PACKAGE.parent.parent / "r_scripts"):
        if (folder / "worker.R").is_file():
            return folder
    raise FileNotFoundError("parity's R files are missing; reinstall parity")


def own_code() -> str:
    """SHA-256 of parity's code in both languages: an answer that other code made is another answer."""
    return code_hash(PACKAGE, scripts_folder())
