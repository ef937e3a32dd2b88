"""What both kinds of session share: the folder through which requests and answers go, and how an answer is read."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from parity.r.frame import Column, RequestValue
from parity.r.rds import dumps, loads

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

_PREFIX = "parity-r-"
_PAUSE = 10  # seconds
#: Further warnings of one call are counted, not kept.
MAX_WARNINGS = 50


def r_environment(home: Path) -> dict[str, str]:
    """Variables R is started with: UTF-8 so that Chinese text survives, English messages, one thread."""
    return {
        "R_HOME": str(home),
        "LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",
        "LANGUAGE": "en",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "VECLIB_MAXIMUM_THREADS": "1",
    }


#: R neither reads nor writes files of the user's; the variables R_LIBS, R_LIBS_USER and R_LIBS_SITE still count.
R_OPTIONS = ("--quiet", "--no-save", "--no-restore", "--no-environ", "--no-site-file", "--no-init-file")


class Exchange:
    """A private folder with one file per request and per answer, numbered."""

    def __init__(self) -> None:
        _sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_root()))
        self._lock = _locked(self.folder)
        self._number = 0

    def put(self, function: str, request: RequestValue) -> int:
        """Write the request; returns its number. Raises `TypeError`, `ValueError` for values R has no form for."""
        data = dumps({"fun": function, "request": request})
        self._number += 1
        (self.folder / f"request-{self._number}.rds").write_bytes(data)
        return self._number

    def take(self, number: int, printed: Iterable[str]) -> dict[str, Any]:
        """Read the answer and remove it. printed: what R wrote to its console meanwhile.

        Returns the named list the function returned, with `warnings` (tuple of str: all it said) and `r_version`.
        Raises `RuntimeError` with R's message on an R error.
        """
        file = self.folder / f"answer-{number}.rds"
        envelope = loads(file.read_bytes())
        file.unlink()
        said = [*_texts(envelope["said"]), *(text.strip() for text in printed)]
        if envelope["error"] is not None:
            raise RError(envelope["error"].one(), envelope["where"].one(), _limited(said))
        value = envelope["value"]
        if isinstance(value, list) and not value:
            value = {}
        if not isinstance(value, dict):
            raise RuntimeError("the R function returned no named list")
        own = _texts(value.get("warnings"))
        return value | {"warnings": _limited([*own, *said]), "r_version": envelope["version"].one()}

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()


class RError(RuntimeError):
    """An error raised in R: its message, the R function it came from, and what was said before it."""

    def __init__(self, message: str, where: str, warnings: tuple[str, ...] = ()):
        self.message, self.where, self.warnings = message, where, warnings
        super().__init__(f"R: {message}" + (f" (in {where})" if where else ""))

    def __reduce__(self):
        return RError, (self.message, self.where, self.warnings)


def _texts(value: Any) -> list[str]:
    return [t for t in value.to_list() if t] if isinstance(value, Column) and value.kind == "text" else []


def _limited(said: list[str]) -> tuple[str, ...]:
    distinct = list(dict.fromkeys(text for text in said if text))
    more = len(distinct) - MAX_WARNINGS
    return tuple(distinct[:MAX_WARNINGS]) + ((f"... and {more} more",) if more > 0 else ())


def _root() -> str:
    """The temporary folder; R refuses to start with one whose path has a space."""
    root = tempfile.gettempdir()
    return "/tmp" if " " in root and os.path.isdir("/tmp") else root


def _locked(folder: Path) -> IO[bytes] | None:
    """A lock that ends with the process, however that ends; None where there is none, or another process holds it."""
    if fcntl is None:
        return None
    file = (folder / "lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def _sweep() -> None:
    """Remove folders that killed sessions left behind: nobody holds their lock."""
    for folder in Path(_root()).glob(_PREFIX + "*"):
        try:
            # without the pause a folder could be taken from a session that is about to lock it
            lock = _locked(folder) if time.time() - folder.stat().st_mtime > _PAUSE else None
        except OSError:  # somebody else's
            continue
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            lock.close()
