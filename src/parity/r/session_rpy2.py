"""R inside this process, by rpy2. A crash of R takes the process with it; the pool that runs it sees to that."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from multiprocessing import util as multiprocessing_util
from typing import Any

from parity.base.environment import environment
from parity.r.exchange import R_OPTIONS, Exchange, r_environment
from parity.r.frame import RequestValue
from parity.r.probe import R
from parity.r.scripts import scripts_folder

_exchange: Exchange | None = None  # of the running R; its temporary folder lies inside


class Rpy2Session:
    """One per process, since R can be started only once in it. Raises `ImportError` if rpy2 can't be used."""

    transport = "rpy2"

    def __init__(self, r: R, extra: str = ""):
        self._lock = threading.Lock()
        self._stdout: list[str] = []
        self._stderr: list[str] = []
        self._exchange, self._rinterface = _started(r, self._stdout, self._stderr)
        folder, text = scripts_folder(), self._rinterface.StrSexpVector
        load = text([str(folder / "lib" / "load.R")])
        self._rinterface.baseenv["sys.source"](load, envir=self._rinterface.globalenv)
        self._rinterface.globalenv["parity_load"](text([str(folder)]), text([extra]))
        self._serve = self._rinterface.globalenv["parity_serve"]

    def call(self, function: str, request: RequestValue) -> dict[str, Any]:
        """See `parity.r.session.RSession.call`."""
        with self._lock:
            self._stdout.clear()
            self._stderr.clear()
            number = self._exchange.put(function, request)
            folder = self._rinterface.StrSexpVector([str(self._exchange.folder)])
            try:
                self._serve(folder, self._rinterface.IntSexpVector([number]))
            except self._rinterface.embedded.RRuntimeError as error:  # of the wrapper itself, as on a full disk
                raise RuntimeError(f"R: {error}") from error
            return self._exchange.take(number, ["".join(self._stdout), "".join(self._stderr)])

    def close(self) -> None:
        """Nothing: R can't be started twice in a process, so it and its folder stay until the process ends."""


def _started(r: R, stdout: list[str], stderr: list[str]) -> tuple[Exchange, Any]:
    """The folder, and rpy2's low-level interface with R running and its console caught in two lists."""
    global _exchange
    exchange = _exchange or Exchange()
    os.environ.setdefault("RPY2_CFFI_MODE", "ABI")
    try:
        with _environment(r_environment(r.home) | {"TMPDIR": str(exchange.folder)}, keep=("R_HOME", "_NUM_THREADS")):
            from rpy2 import rinterface
            from rpy2.rinterface_lib import callbacks, embedded

            if not embedded.isinitialized():
                embedded.set_initoptions(("rpy2", *R_OPTIONS))
            rinterface.initr(interactive=False)
    except Exception as error:  # rpy2 raises ValueError, OSError, ... where R has no shared library
        exchange.close()
        raise ImportError(f"rpy2 can't start R: {error}") from error
    callbacks.consolewrite_print = stdout.append
    callbacks.consolewrite_warnerror = stderr.append
    if _exchange is None:
        _exchange = exchange
        # not atexit: worker processes of a pool end without it
        multiprocessing_util.Finalize(None, exchange.close, exitpriority=10)
    return exchange, rinterface


@contextlib.contextmanager
def _environment(wanted: dict[str, str], keep: tuple[str, ...]) -> Iterator[None]:
    """Set variables while R starts. Those named in `keep` stay: packages loaded later read them.

    rpy2 sets LD_LIBRARY_PATH too, which R needs no more once it runs: a Python started from here would load the
    system's libpython in place of its own.
    """
    os.environ.update({name: value for name, value in wanted.items() if name.endswith(keep)})
    with environment({n: v for n, v in wanted.items() if not n.endswith(keep)}, also=("LD_LIBRARY_PATH",)):
        yield
