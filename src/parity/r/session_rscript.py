"""R as a child process. A crash of R ends only the call; the next one starts it anew."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from parity.r.exchange import R_OPTIONS, Exchange, r_environment
from parity.r.frame import RequestValue
from parity.r.probe import R
from parity.r.scripts import scripts_folder

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_LAST_WORDS = 2000  # characters of stderr quoted when R dies


class RscriptSession:
    """A child R that reads request numbers on stdin and marks the end of each answer on stdout."""

    transport = "rscript"
    #: Why it is this and not rpy2, where rpy2 is installed.
    instead = ""

    def __init__(self, r: R, extra: str = ""):
        self._r, self._extra = r, extra
        self._lock = threading.Lock()
        self._exchange = Exchange()
        self._mark = "parity-" + secrets.token_hex(8)
        self._child: subprocess.Popen[bytes] | None = None

    def call(self, function: str, request: RequestValue) -> dict[str, Any]:
        """See `parity.r.session.RSession.call`."""
        with self._lock:
            number = self._exchange.put(function, request)
            child = self._running()
            try:
                _send(child, number)
                printed = self._until_done(child, number)
            except BaseException:
                self._end()  # an answer that nobody waits for would be taken for the next one
                raise
            return self._exchange.take(number, [printed, self._stderr()])

    def close(self) -> None:
        """End R and remove the files."""
        with self._lock:
            self._end()
            self._exchange.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        folder = scripts_folder()
        arguments = [str(folder), str(self._exchange.folder), self._mark, self._extra]
        worker = str(folder / "worker.R").replace(" ", "~+~")  # R's own spelling of a space here
        options = [*R_OPTIONS, "--no-echo", f"--file={worker}", "--args", *arguments]
        with self._stderr_file.open("ab") as stderr:
            self._child = subprocess.Popen(
                [str(self._r.program), *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env={**os.environ, **r_environment(self._r.home), "TMPDIR": str(self._exchange.folder)},
                start_new_session=True,  # Ctrl-C is for the parent, which ends R in good order
                preexec_fn=_dies_with(os.getpid()),
            )
        return self._child

    def _until_done(self, child: subprocess.Popen[bytes], number: int) -> str:
        """Everything printed before the mark. Raises `RuntimeError` if R ends before it."""
        mark, lines = f"{self._mark} {number}\n".encode(), []
        while (line := child.stdout.readline()) != mark:  # type: ignore[union-attr]
            if not line:
                status = child.wait()
                how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit code {status}"
                words = self._stderr().strip()[-_LAST_WORDS:]
                raise RuntimeError(f"R stopped ({how})" + (f"; its last words: {words}" if words else ""))
            lines.append(line)
        return b"".join(lines).decode(errors="replace")

    @property
    def _stderr_file(self) -> Path:
        return self._exchange.folder / "stderr.txt"

    def _stderr(self) -> str:
        """What R wrote to stderr since last asked."""
        text = self._stderr_file.read_bytes().decode(errors="replace")
        if text:
            os.truncate(self._stderr_file, 0)  # R appends, so it goes on at the new end
        return text

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(OSError):
            child.stdin.close()  # type: ignore[union-attr]
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL) if hasattr(os, "killpg") else child.kill()
        child.wait()
        child.stdout.close()  # type: ignore[union-attr]


def _send(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(BrokenPipeError):  # R just died; reading its stdout tells how
        child.stdin.write(f"{number}\n".encode())  # type: ignore[union-attr]
        child.stdin.flush()  # type: ignore[union-attr]


def _dies_with(parent: int) -> Callable[[], None] | None:
    """Run in the child before R: the kernel kills it when its parent is killed, even in the midst of a computation.

    Elsewhere than on Linux R ends when it next reads its stdin.
    """
    if _LIBC is None:
        return None

    def before_exec() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was killed in between
            os._exit(1)

    return before_exec
