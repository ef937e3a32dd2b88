"""Statements at which Stata stops with an error, so that nothing below them would have run: no run with one is green.

A do-file is run here to its end, as what follows may hold what an author printed. Errors that hang on what isn't known here
prove nothing; keys that aren't unique do, in data without a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from parity.package.document import FindingOf

if TYPE_CHECKING:
    from parity.stata.findings import Finding

#: Repeated times within a unit; keys that don't tell rows apart. [P] error
KEYS = (451, 459)
STOPS = "stata-stops"


def of_run_finding(f: Finding, do_files: Collection[str]) -> FindingOf:
    """A finding of the run as one of the package."""
    code = re.search(r"; r\((\d{1,4})\)", f.text) if f.id == "stata-error" and f.file in do_files else None
    if code is None or f.goes_on or int(code[1]) not in KEYS:
        return FindingOf(id=f.id, file=f.file, line=f.line, text=f.text)
    return FindingOf(id=STOPS, file=f.file, line=f.line, text=f"{f.text}: Stata stops here, and what is below doesn't run")
