"""A fresh interpreter: one setting, every spec of a study in every engine, each in several orders.

Answers travel as JSON through a pipe one by one, so that a crash costs the rest and no more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from parity.base.environment import ONE_THREAD, environment
from parity.base.pool import start_worker
from parity.engines.base import Engine, EngineInfo
from parity.engines.shipped import AsShipped
from parity.results.estimate import Declined, Estimate
from parity.runs.determinism.settings import ORDERS, Setting, orders, reordered
from parity.runs.worker import ask
from parity.sample.design import Design
from parity.study.spec import Spec
from parity.study.study import Study

#: How an engine is asked: brought to the declared convention, or with its own defaults.
FACES = ("harmonised", "as shipped")


@dataclass(frozen=True)
class Question:
    """One engine asked for one spec; face as in `FACES`. An engine itself, which gives its design in another order."""

    spec: Spec
    engine: Engine
    face: str
    order: tuple[str, str] = ORDERS[0]

    @property
    def info(self) -> EngineInfo:
        return self.engine.info

    @property
    def rows(self) -> Spec:
        """The spec whose sample it is given: as shipped, singletons are the package's own affair."""
        return AsShipped(self.engine).sample(self.spec) if self.face == "as shipped" else self.spec

    @property
    def key(self) -> tuple[str, str, str]:
        return self.spec.id, self.info.id, self.face

    def estimate(self, spec: Spec, design: Design) -> Estimate | Declined:
        asked = AsShipped(self.engine) if self.face == "as shipped" else self.engine
        return asked.estimate(self.spec, reordered(design, *self.order))


@dataclass(frozen=True)
class Job:
    """What one interpreter does."""

    study: Study
    data_hash: str
    setting: Setting
    questions: tuple[Question, ...]


def work(connection: Connection, job: Job) -> None:
    """In the child: answer every question; `None` ends it."""
    start_worker()
    for question in job.questions:
        for order in orders(job.setting):
            answer = ask(job.study, question.rows, job.data_hash, replace(question, order=order))
            connection.send(((*question.key, job.setting.name(*order)), answer))
    connection.send(None)
    connection.close()


def run_job(job: Job, timeout: float, heard: Callable[[tuple, bytes], None]) -> str:
    """Start an interpreter for a job and hand on its answers; returns why it ended early, or "".

    timeout: seconds without an answer after which it is stopped.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=work, args=(theirs, job), daemon=True)
    _start(child, job.setting)
    theirs.close()
    try:
        while ours.poll(timeout):
            message = ours.recv()
            if message is None:
                child.join(timeout)
                return ""
            heard(*message)
        return f"no answer within {timeout:g} s; it was stopped"
    except EOFError:
        child.join(timeout)
        return f"its process ended with status {child.exitcode}"
    finally:
        if child.is_alive():
            child.kill()
        ours.close()


_starting = threading.Lock()


def _start(child: Any, setting: Setting) -> None:
    """Start a process under this hash seed and these threads: both are read when an interpreter starts."""
    wanted = dict.fromkeys((*ONE_THREAD, "OMP_THREAD_LIMIT"), str(setting.threads)) | {"PYTHONHASHSEED": str(setting.seed)}
    with _starting, environment(wanted):
        child.start()
