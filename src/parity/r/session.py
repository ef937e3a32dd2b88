"""The R session of this process: in it by rpy2 where that works, else an Rscript child.

PARITY_R=rpy2, rscript or none forces the choice; PARITY_R_EXTRA names a further R file to source (for tests).
"""

from __future__ import annotations

import importlib.util
import os
import threading
from multiprocessing import util as multiprocessing_util
from typing import Any, Protocol

from parity.base.printing import one_line
from parity.r.frame import RequestValue
from parity.r.probe import R_REMEDY, R, probe
from parity.r.session_rpy2 import Rpy2Session
from parity.r.session_rscript import RscriptSession

TRANSPORTS = ("rpy2", "rscript", "none")


class RSession(Protocol):
    """A running R that answers requests, one at a time."""

    transport: str

    def call(self, function: str, request: RequestValue) -> dict[str, Any]:
        """Call an R function of r_scripts with one argument.

        Returns its named list (values as in `parity.r.rds.loads`) with `warnings`: a tuple of all that R said, and
        `r_version`. Raises `RuntimeError` with R's message on an R error, or with its last words if R died.
        """
        ...

    def close(self) -> None:
        """End the session and remove its files."""
        ...


class NoR(RuntimeError):
    """R can't be had here; `reason` and `remedy` are sentences for the user."""

    def __init__(self, reason: str, remedy: str):
        self.reason, self.remedy = reason, remedy
        super().__init__(f"{reason}; {remedy}")

    def __reduce__(self):
        return NoR, (self.reason, self.remedy)


_lock = threading.Lock()
_current: tuple[int, RSession] | None = None  # with the process it belongs to: a fork must not share the child's pipes


def get_session() -> RSession:
    """The session of this process, started on first use. Raises `NoR`."""
    global _current
    with _lock:
        if _current is not None and (_current[0] == os.getpid() or _current[1].transport == "rpy2"):
            return _current[1]
        session = _choose()
        # not atexit: worker processes of a pool end without it
        multiprocessing_util.Finalize(None, close_session, exitpriority=10)
        _current = os.getpid(), session
        return session


def close_session() -> None:
    """Close the session of this process, if there is one; the next `get_session` starts another."""
    global _current
    with _lock:
        if _current is not None and _current[0] == os.getpid():
            _current[1].close()
            _current = None


def missing_r() -> tuple[str, str] | None:
    """Reason and remedy if R can't be had here, without starting it; else None."""
    forced = os.environ.get("PARITY_R", "")
    if forced == "none":
        return "R is switched off by PARITY_R=none", "unset PARITY_R"
    if forced and forced not in TRANSPORTS:
        return f"PARITY_R={forced} is none of {', '.join(TRANSPORTS)}", "unset PARITY_R"
    if probe() is None:
        return "R is not on the PATH", R_REMEDY
    if forced == "rpy2" and importlib.util.find_spec("rpy2") is None:
        return "PARITY_R=rpy2, but rpy2 is not installed", "pip install 'parity[r]', or unset PARITY_R"
    return None


def _choose() -> RSession:
    missing = missing_r()
    if missing:
        raise NoR(*missing)
    r, forced, extra = probe(), os.environ.get("PARITY_R", ""), os.environ.get("PARITY_R_EXTRA", "")
    assert isinstance(r, R)
    if forced == "rpy2":
        try:
            return Rpy2Session(r, extra)
        except ImportError as error:
            raise NoR(f"PARITY_R=rpy2, but {error}", "unset PARITY_R") from error
    # R inside a process belongs to its main thread: elsewhere a child is safer
    if not forced and importlib.util.find_spec("rpy2") and threading.current_thread() is threading.main_thread():
        try:
            return Rpy2Session(r, extra)
        except ImportError as error:
            session = RscriptSession(r, extra)
            session.instead = one_line(str(error))
            return session
    return RscriptSession(r, extra)


def transport() -> str:
    """How R is reached from here, and why not by an rpy2 that is installed; empty without R. R is started for it."""
    if missing_r() is not None:
        return ""
    try:
        session = get_session()
    except NoR as error:
        return f"R can't be reached: {error}"
    instead = getattr(session, "instead", "")
    return f"R is reached through {session.transport}" + (f", since rpy2 is installed but: {instead}" if instead else "")
