"""Pytest started again and again in one tree: other people's packages are imported once, and each run is a fork of that.

A run is asked for by a line of JSON, `{"tests": [...], "seconds": s}`, and answered by one, `{"code": exit code or null
where it did not end in time, "lines": [...]}`. Neither parity nor a test is imported before the fork.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

#: What most tests import, without threads of its own.
PRELOADED = (
    "pytest", "hypothesis", "pydantic", "click.testing", "numpy", "pandas", "scipy.stats", "scipy.optimize", "scipy.sparse",
    "lark", "openpyxl", "jinja2", "lxml.html", "statsmodels.api", "linearmodels",
)  # fmt: skip
ARGUMENTS = ("-x", "-q", "--no-header", "--tb=no", "-p", "no:xdist")


class Runner:
    """Runs of pytest in a project, one at a time. environment: beside this process's own."""

    def __init__(self, project: Path, environment: Mapping[str, str]):
        own = {"PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._server = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve())], cwd=project, env=os.environ | own | environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait()

    def run(self, tests: Sequence[str], seconds: float = 3600.0) -> tuple[int | None, list[str]]:
        """Exit code, None where it did not end in so many seconds, and the lines that pytest printed."""
        assert self._server.stdin is not None and self._server.stdout is not None
        print(json.dumps({"tests": list(tests), "seconds": seconds}), file=self._server.stdin, flush=True)
        answer = json.loads(self._server.stdout.readline())
        return answer["code"], answer["lines"]


def _forked(tests: Sequence[str], seconds: float) -> dict[str, object]:
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        child = os.fork()
        if not child:
            os.setsid()
            signal.alarm(max(int(seconds), 1))
            for stream in (1, 2):
                os.dup2(said.fileno(), stream)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            import pytest

            code = 70
            try:
                code = int(pytest.main([*ARGUMENTS, *tests]))
            finally:
                sys.stdout.flush()
                os._exit(code)
        status = os.waitpid(child, 0)[1]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # what it started and left
        said.seek(0)
        lines = said.read().splitlines()
    ended = os.WIFEXITED(status)
    late = not ended and os.WTERMSIG(status) == signal.SIGALRM
    return {"code": os.WEXITSTATUS(status) if ended else None if late else 128 + os.WTERMSIG(status), "lines": lines[-30:]}


def main() -> int:
    for name in PRELOADED:
        importlib.import_module(name)
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(_forked(asked["tests"], asked["seconds"])), flush=True)
    return 0


if __name__ == "__main__":
    sys.path.pop(0)  # this folder's names are no top-level modules
    sys.exit(main())
