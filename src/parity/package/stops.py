"""Statements at which Stata stops with an error, so that nothing below them would have run: no run with one is green.

A do-file is run here to its end, as what follows may hold what an author printed. Errors that hang on what isn't known here
prove nothing; keys that aren't unique do, in data without a doubt, and so does an `assert`, a variable that is there
already or the do-file's own `error` where everything before has run, installations aside.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from parity.package.document import FindingOf

if TYPE_CHECKING:
    from parity.stata.do import DoResult
    from parity.stata.findings import Finding

#: Repeated times within a unit; keys that don't tell rows apart. [P] error
KEYS = (451, 459)
#: An assertion that fails, a variable that is there already.
FIRST = (9, 110)
STOPS = "stata-stops"


def first_not_run(done: DoResult) -> tuple[str, int]:
    """File and line of the first statement that didn't run; what is behind it may be other than in Stata."""
    missed = (s for s in done.statements if s.status != "run" and s.name not in ("ssc", "net"))
    return next(((s.file, s.line) for s in missed), ("", 0))


def of_run_finding(f: Finding, do_files: Collection[str], first: tuple[str, int] = ("", 0)) -> FindingOf:
    """A finding of the run as one of the package. first: of the run, `first_not_run`"""
    code = re.search(r"; r\((\d{1,4})\)", f.text) if f.id == "stata-error" and f.file in do_files else None
    own = code is not None and (int(code[1]) in FIRST or f.text.startswith("error ")) and (f.file, f.line) == first
    if code is None or f.goes_on or not (own or int(code[1]) in KEYS):
        return FindingOf(id=f.id, file=f.file, line=f.line, text=f.text)
    return FindingOf(id=STOPS, file=f.file, line=f.line, text=f"{f.text}: Stata stops here, and what is below doesn't run")
