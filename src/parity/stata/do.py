"""What a do-file makes, as values: `run_do(path or text, folder) -> DoResult`.

The contract that programs rely on (`parity package` is one): everything here is frozen, in the order in which the do-file
made it, with the file and line of the do-file that a statement stands in (that of the inner file under `do` and `include`).
Nothing outside `folder` is read, nothing is written but to a scratch folder that is gone afterwards, and nothing is executed
that is not Stata's own language.
"""

from __future__ import annotations

import gc
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from parity.stata.files import decoded
from parity.stata.findings import Finding
from parity.stata.results import Called, Done, Fit, Printed, Results
from parity.stata.session import Session
from parity.stata_language.dataset import DataProblem, Dataset, Panel
from parity.stata_language.request import Declined, Request

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from parity.stata.estimates.own import Estimated
    from parity.stata.estimates.resolved import Resolved

#: Kind of what a data step says of itself.
SAID = "said"
#: Seconds of the processor beyond those given, in which a run may see for itself that they are over.
GRACE = 1.0
#: Seconds after which time is called again where it couldn't be called.
AGAIN = 0.01
#: How many times the seconds of the processor a run may take by the clock on the wall, which a busy machine makes long.
WAITING = 20
#: Seconds until an alarm that was raised is raised again, unless its run has ended.
LATER = 0.5


@dataclass(frozen=True)
class Coefficient:
    """term: Stata's name; b, se, t (or z), p, and the 95 % interval, under the command's own convention."""

    term: str
    b: float
    se: float
    t: float
    p: float
    low: float
    high: float


@dataclass(frozen=True)
class Estimation:
    """One estimation command as it was run.

    index       its place among the estimations
    command     its text, macros expanded; typed: the command's name as typed; name: in full
    names       under which it was stored (eststo, estimates store), in order; quietly: nothing was printed
    request     what it asks for; None where it is declined, and then `declined` says why
    doubts      findings that make its data uncertain, as `id (file:line)`
    """

    index: int
    file: str
    line: int
    command: str
    typed: str
    name: str
    names: tuple[str, ...]
    quietly: bool
    request: Request | None
    declined: str
    doubts: tuple[str, ...]
    fit: Fit = field(repr=False, compare=False)

    @property
    def data(self) -> Dataset:
        """The data set as it stood when the command was run."""
        return self.fit.data

    @property
    def panel(self) -> Panel:
        return self.fit.data.panel

    @property
    def sample(self) -> np.ndarray:
        """(rows,) mask of complete rows of `if` and `in`; singletons that the command drops are in it."""
        return self.fit.sample

    @cached_property
    def resolved(self) -> Resolved:
        """The spec and the frame it is of, exact whatever the command says. Raises `Declined`."""
        from parity.stata.estimates.resolved import resolve

        if self.request is None:
            raise Declined(self.declined)
        try:
            return resolve(self.request, self.fit.data, self.fit.used, self.fit.weights)
        except DataProblem as error:
            raise Declined(str(error)) from None

    @cached_property
    def keys(self) -> Mapping[str, Any]:
        """`[spec.NAME]` in parity's grammar, as a person would write it. Raises `Declined` for what the grammar lacks."""
        from parity.stata_language.spec import written

        if self.request is None:
            raise Declined(self.declined)
        return written(self.request).keys

    @cached_property
    def estimated(self) -> Estimated:
        """parity's own numbers: coefficients, covariance, e(). Raises `Declined` with the reason."""
        results = self.results.filled()
        if results.estimated is None:
            raise Declined(results.texts.get("parity_unknown") or self.declined)
        return results.estimated

    @property
    def results(self) -> Results:
        """e() with what `estadd` put there."""
        assert self.fit.results is not None
        return self.fit.results

    @cached_property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """In Stata's order, the constant last. Raises `Declined`."""
        from parity.stata.estimates.inference import coefficients

        found = self.estimated
        return tuple(Coefficient(*row) for row in coefficients(found.names, found.b, found.V, found.df))


@dataclass(frozen=True)
class TableColumn:
    """A column of a table: the name of the stored estimates ("" for the active ones), which estimation they are (None for
    those of no estimation, such as estpost's), and e() as it stood in the end, with what estadd put there.

    posted: what estpost put there, name in e() -> row -> number; labels of its variables; doubts about it
    about: the data set that it is of, and which of its rows
    """

    name: str
    estimation: int | None
    numbers: Mapping[str, float]
    texts: Mapping[str, str]
    posted: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    about: tuple[Dataset, NDArray[np.bool_]] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class TableCall:
    """esttab, estout, outreg2 or `estimates table`. options: name -> text in parentheses, None where there are none;
    target: its file as typed, "" for the screen; here: the working folder. append: it adds to the file (outreg2's append,
    esttab's too)."""

    command: str
    file: str
    line: int
    text: str
    columns: tuple[TableColumn, ...]
    options: Mapping[str, str | None]
    target: str
    here: str = ""

    @property
    def append(self) -> bool:
        return "append" in self.options


@dataclass(frozen=True)
class DoResult:
    """All that came of a do-file.

    statements: each that was met, with status "run", "finding" or "lost" (its data aren't there)
    data: the data set at the end, None where it could not be known. saved: files that it wrote, path -> data set
    read: files of the folder that it read, as typed -> path below the folder
    said: lines in which data steps say what they did, `(3 missing values generated)`, as values["text"]
    """

    estimations: tuple[Estimation, ...]
    printed: tuple[Printed, ...]
    tables: tuple[TableCall, ...]
    findings: tuple[Finding, ...]
    statements: tuple[Done, ...]
    data: Dataset | None
    read: Mapping[str, str]
    said: tuple[Printed, ...]
    session: Session = field(repr=False, compare=False)

    @property
    def counts(self) -> Counter:
        """Statements by what became of them: run, finding, lost."""
        return Counter(done.status for done in self.statements)


def run_do(
    source: Path | str, folder: Path, *, file: str = "", seconds: float = 600.0, arguments: tuple[str, ...] = ()
) -> DoResult:
    """Run a do-file, a path or its text, on the data of `folder`.

    file: what a text is called in findings; seconds: of the processor, after which the run ends with the finding "too-much",
    whatever else the machine does; arguments: `1', `2' ... of the do-file. A path may lie in a folder below `folder`: its
    relative paths are tried from there, from `folder`, and by the longest tail that is there. Raises `FileNotFoundError` for
    a path that isn't there.
    """
    from parity.stata.files import Files
    from parity.stata.interpreter import Interpreter
    from parity.stata.steering import TooMuch

    folder = Path(folder)
    here = Path()
    if isinstance(source, Path):
        text = decoded(source.read_bytes())
        real = source.resolve()
        inside = real.is_relative_to(folder.resolve())
        file = file or (str(real.relative_to(folder.resolve())) if inside else source.name)
        here = real.parent.relative_to(folder.resolve()) if inside else Path()
    else:
        text, file = source, file or "do-file"
    with tempfile.TemporaryDirectory(prefix="parity-stata-") as scratch:
        session = Session(Files(folder, Path(scratch), here=here))
        session.macros.locals.update({str(i): w for i, w in enumerate(arguments, 1)})
        try:
            with ended_after(seconds):
                Interpreter(session, seconds=seconds).run_text(text, file)
        except TooMuch as error:  # rung between the interpreter's own handlers
            session.note("too-much", f"the run was ended: {error}", taints=True)
        return result_of(session)


@contextmanager
def ended_after(seconds: float) -> Iterator[None]:
    """Ends what never asks for the time itself, such as a pattern without end: by a signal, in the main thread alone.

    seconds: of this thread's processor; what waits and computes nothing is ended after `WAITING` times as long. Raises
    `TooMuch`.
    """
    from parity.stata.steering import TooMuch

    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    began, waited = time.thread_time(), time.monotonic()

    def ring(number: int, frame: FrameType | None) -> None:
        left = seconds + GRACE - (time.thread_time() - began)  # threads beside it take of the process's time, too
        if left > AGAIN and time.monotonic() - waited < WAITING * (seconds + GRACE):
            signal.setitimer(signal.ITIMER_PROF, left)
            return
        if _swallowing(frame) or _importing(frame):
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
            return
        signal.setitimer(signal.ITIMER_REAL, LATER)  # other callbacks swallow as well, those of weak references
        raise TooMuch(f"it takes more than {seconds:g} seconds of the processor")

    before = [signal.signal(number, ring) for number in (signal.SIGALRM, signal.SIGPROF)]
    signal.setitimer(signal.ITIMER_PROF, seconds + GRACE)
    signal.setitimer(signal.ITIMER_REAL, WAITING * (seconds + GRACE))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, old in zip((signal.SIGALRM, signal.SIGPROF), before, strict=True):
            signal.signal(number, old)


def _swallowing(frame: FrameType | None) -> bool:
    """Whether what is raised now would only be printed: in a callback of the garbage collector, or as an object ends."""
    callbacks = {getattr(each, "__code__", None) for each in gc.callbacks}
    while frame is not None:
        if frame.f_code in callbacks or frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


def _importing(frame: FrameType | None) -> bool:
    """Whether a module is being loaded: one that is cut short stays half made for all that comes after."""
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


def result_of(session: Session) -> DoResult:
    """A session as it stands now, as frozen values."""
    estimations = tuple(
        Estimation(
            i, fit.file, fit.line, fit.command.text, fit.command.typed, fit.command.name, fit.names, fit.quietly,
            fit.request, fit.declined, tuple(sorted(fit.doubts)), fit,
        )
        for i, fit in enumerate(session.fits)
    )  # fmt: skip
    return DoResult(
        estimations, tuple(shown for shown in session.shown if shown.kind != SAID),
        tuple(_table(called) for called in session.tables), tuple(session.findings), tuple(session.done), session.data,
        dict(session.files.mapped), tuple(shown for shown in session.shown if shown.kind == SAID), session,
    )  # fmt: skip


def _table(called: Called) -> TableCall:
    columns = []
    for name, at, results in called.columns:
        filled = results.filled()
        posted = filled.matrices.items() if at is None and "parity_unknown" in filled.texts else ()
        held = {k: dict(zip(m.columns, m.values[0].tolist(), strict=True)) for k, m in posted}
        columns.append(TableColumn(name, at, dict(filled.numbers), dict(filled.texts), held, filled.labels,
                                   tuple(sorted(filled.doubts)), filled.about if posted else None))  # fmt: skip
    options = {option.name: option.value for option in called.options}
    return TableCall(
        called.command, called.file, called.line, called.text, tuple(columns), options, called.using, called.here
    )


__all__ = [
    "Coefficient", "DoResult", "Done", "Estimation", "Finding", "Printed", "TableCall", "TableColumn", "run_do",
]  # fmt: skip
