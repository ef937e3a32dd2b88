"""Changed functions put into modules that are already imported, a fork for each: nothing starts or is collected.

The server is one run of pytest in a tree, with this module as a plugin. Where it would run the tests it reads what to try,
a line of JSON: `{"site": a site, or null for the code as it is, "tests": [...], "seconds": of processor}`, and answers by
one, `{"said": "passed", "failed", "did not end" or "not in a function", "by": the test that failed}`. In the fork the code
of every function of the changed module is replaced by that of the changed text. What the text computes at import (constants,
defaults, the fields of a class) cannot be changed so.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FunctionType, TracebackType

import pytest

from mutants.parts import PARTS, modules
from mutants.sites import Site

#: The two ends of the pipes to a server, in its environment.
PIPES = "MUTANTS_PIPES"
#: Of a fork beyond what the server has: a mutant that asks for more is told so.
MEMORY = 3 << 30
PASSED, FAILED, ENDLESS, ELSEWHERE = "passed", "failed", "did not end", "not in a function"
ARGUMENTS = (
    "-q", "--no-header", "--tb=no", "-p", "no:xdist", "-p", "no:cacheprovider", "-p", "mutants.swap",
    "-o", "tmp_path_retention_policy=none",
)  # fmt: skip


class Swapper:
    """A server in a project. files: test files, collected once; they are not read again, and no more is the code.

    sources: files that may be changed, relative to the project; by default those of the core.
    """

    def __init__(self, project: Path, files: Iterable[str], environment: Mapping[str, str], sources: Sequence[str] = ()):
        asked, answered = os.pipe(), os.pipe()
        self._folder = tempfile.TemporaryDirectory(prefix="parity-swap-")
        own = {"PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
               PIPES: json.dumps([asked[0], answered[1], list(sources)])}  # fmt: skip
        command = [sys.executable, "-m", "pytest", *ARGUMENTS, "--basetemp", f"{self._folder.name}/t", *files]
        with open(os.devnull, "w") as nothing:
            self._server = subprocess.Popen(command, cwd=project, env=os.environ | own | dict(environment), stdout=nothing,
                                            stderr=nothing, pass_fds=(asked[0], answered[1]))  # fmt: skip
        os.close(asked[0])
        os.close(answered[1])
        self._asked, self._answered = os.fdopen(asked[1], "w"), os.fdopen(answered[0])
        first = self._answered.readline()
        if not first:
            raise RuntimeError(f"tests of {project} cannot be collected: run pytest --collect-only there")
        self.tests = frozenset(json.loads(first))

    def __enter__(self) -> Swapper:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._asked.close()
        self._server.wait()
        self._answered.close()
        self._folder.cleanup()

    def run(self, site: Site | None, tests: Sequence[str], seconds: float) -> tuple[str, str]:
        """What the tests said of the change, one after the other until one failed, and which one that was."""
        asked = {"site": site and asdict(site), "tests": [t for t in tests if t in self.tests], "seconds": seconds}
        print(json.dumps(asked), file=self._asked, flush=True)
        found = json.loads(self._answered.readline())
        return found["said"], found["by"]


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Called by pytest where this module is given with -p: the server's loop, in place of running the tests."""
    if PIPES not in os.environ:
        return None
    asked, answer, sources = json.loads(os.environ.pop(PIPES))
    items = {item.nodeid: item for item in session.items}
    root = session.config.rootpath
    sources = sources or [file for part in PARTS for file in modules(part, root)]
    for file in sources:
        importlib.import_module(".".join(Path(file).with_suffix("").parts[1:]).removesuffix(".__init__"))
    texts = {file: (root / file).read_text(encoding="utf-8") for file in sources}
    live = functions()
    gc.collect()
    gc.freeze()
    with os.fdopen(asked) as requests, os.fdopen(answer, "w") as answers:
        print(json.dumps(list(items)), file=answers, flush=True)
        for line in requests:
            request = json.loads(line)
            site = Site(**request["site"]) if request["site"] else None
            path, text = (str((root / site.file).resolve()), texts[site.file]) if site else ("", "")
            child, read = os.pipe(), ""
            pid = os.fork()
            if not pid:
                try:
                    _limited(request["seconds"])
                    if site and not swapped(site, text, path, live.get(path, ())):
                        said = ELSEWHERE
                    else:
                        said = _tried([items[t] for t in request["tests"]])
                    os.write(child[1], said.encode())
                finally:
                    os._exit(0)
            os.close(child[1])
            with os.fdopen(child[0]) as end:
                os.waitpid(pid, 0)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)  # what it started and left
                read = end.read()
            said, _, by = read.partition(" ") if read.startswith(FAILED) else (read or ENDLESS, "", "")
            print(json.dumps({"said": said, "by": by}), file=answers, flush=True)
    return True


def _limited(seconds: float) -> None:
    """Of processor: another load of the machine makes nothing hang. By the clock only what waits for nothing."""
    os.setsid()
    least = max(int(seconds), 1)
    resource.setrlimit(resource.RLIMIT_CPU, (least, least))
    signal.alarm(60 + 10 * least)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))


class _Witness:
    by = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.by = report.nodeid


def _tried(items: Sequence[pytest.Item]) -> str:
    if not items:
        return PASSED
    witness = _Witness()
    items[0].config.pluginmanager.register(witness)
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        if witness.by:
            return f"{FAILED} {witness.by}"
    return PASSED


def functions() -> dict[str, list[FunctionType]]:
    """All that live, by the file of their code."""
    found: dict[str, list[FunctionType]] = defaultdict(list)
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType):
            found[os.path.realpath(thing.__code__.co_filename)].append(thing)
    return found


def swapped(site: Site, text: str, path: str, live: Sequence[FunctionType]) -> bool:
    """Whether the change lies in functions that live, alone; then they have it."""
    old, new = _codes(ast.parse(text), path), _codes(ast.parse(site.applied(text)), path)
    for name in old.keys() | new.keys():
        before, after = ([_own(c) for c in codes.get(name, ())] for codes in (old, new))
        executed_once = any(not c.co_flags & CO_OPTIMIZED for codes in (old, new) for c in codes.get(name, ()))
        if executed_once and before != after:
            return False
    changed = []
    for function in live:
        name, line = function.__code__.co_qualname, function.__code__.co_firstlineno
        codes, others = old.get(name, []), new.get(name, [])
        at = [i for i, c in enumerate(codes) if c.co_firstlineno == line]
        if not at:
            continue
        if len(at) > 1 or len(codes) != len(others):  # several of one name on a line: which is it?
            if [_whole(c) for c in codes] != [_whole(c) for c in others]:
                return False
            continue
        if _whole(codes[at[0]]) != _whole(others[at[0]]):
            if codes[at[0]].co_freevars != others[at[0]].co_freevars:
                return False
            changed.append((function, others[at[0]]))
    for function, code in changed:
        function.__code__ = code
    return bool(changed)


def _codes(tree: ast.Module, path: str) -> dict[str, list[CodeType]]:
    found: dict[str, list[CodeType]] = defaultdict(list)

    def walk(code: CodeType) -> None:
        found[code.co_qualname].append(code)
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                walk(constant)

    walk(compile(tree, path, "exec", dont_inherit=True))
    return found


def _own(code: CodeType) -> tuple[object, ...]:
    """What it does, but for the functions in it."""
    constants = [repr(c) for c in code.co_consts if not isinstance(c, CodeType)]
    return code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars


def _whole(code: CodeType) -> tuple[object, ...]:
    return _own(code), [_whole(c) for c in code.co_consts if isinstance(c, CodeType)]
