"""What R answers about a study that is no estimate of a spec: asked in a worker process, and kept by all it depends on."""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from parity.analyses.frozen import answers_path
from parity.base.cache import key_of
from parity.base.errors import Unestimable
from parity.r.session import missing_r
from parity.study.study import Study

Part = TypeVar("Part")
#: What a record of such an analysis says where R failed: that it is R's side, and that nothing stood against it.
R_FAILED = {"reference": "", "candidate": "base-r"}


def ask_r(
    answer: Callable[[Study], bytes], study: Study, timeout: float, names: Callable[[], Iterable[str]]
) -> dict[str, Any]:
    """`answer(study)`, which is JSON, from a worker process: a crash of R must not end the run.

    timeout: seconds for all of it. Where the worker is lost each of `names()` has failed.
    """
    from parity.base.pool import Call, Lost, run_calls

    found: list[Any] = []
    run_calls([Call("", "r", answer, (study,))], jobs=1, timeout=timeout, done=lambda key, result: found.append(result))
    if isinstance(found[0], Lost):
        return {name: {"failed": found[0].reason} for name in names()}
    return json.loads(found[0])


def answers_in_r(parts: Iterable[tuple[str, Part | str]], analyse: Callable[[Part, Path], dict[str, Any]]) -> bytes:
    """JSON: name -> what `analyse` finds, or {"failed": why}. Its second argument is a folder for files of draws.

    A part that is a text says why there is nothing to analyse; our side says so too, as it does what is `Unestimable`.
    """
    from parity.engines.mishaps import in_words

    out: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="parity-draws-") as folder:
        for name, part in parts:
            if isinstance(part, str):
                continue
            try:
                out[name] = analyse(part, Path(folder))
            except Unestimable:
                continue
            except RuntimeError as error:
                known = in_words("base-r", error, None)
                out[name] = {"failed": known.reason if known else str(error)}
    return json.dumps(out).encode()


def answers_key(study: Study, name: str, content: str, transport: str) -> str:
    """Of an analysis in the cache: its content, parity's own code, R, and the frozen answers `references/<name>.json`."""
    from parity.r.probe import probe
    from parity.r.scripts import own_code

    r, code, path = probe(), own_code(), answers_path(study, name)
    frozen = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    return key_of(name, study.id, content, code, r.version if r else "", str(missing_r()), transport, frozen)


def plain(value: float) -> float | None:
    """As JSON has it: no number where it is undetermined or infinite."""
    return float(value) if math.isfinite(value) else None
