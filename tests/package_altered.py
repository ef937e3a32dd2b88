"""One file of a package altered, and what parity says of it: exhibits and findings of that file alone."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from parity.package.assemble import exhibits_of, left_out
from parity.package.document import ExhibitOf, FindingOf, NotVerified
from parity.package.matched import Asked, rematched
from planted_package import Bed


@cache
def bed_of(folder: Path) -> Bed:
    return Bed(folder)


def altered(bed: Bed, file: str, before: str, after: str) -> tuple[Sequence[ExhibitOf], Sequence[FindingOf]]:
    """The first time that a text stands in a file. Findings that the unaltered package has are left out."""
    text = (bed.folder / file).read_text(encoding="utf-8")
    assert before in text
    return altered_whole(bed, file, text.replace(before, after, 1))[:2]


def altered_whole(bed: Bed, file: str, text: str) -> tuple[Sequence[ExhibitOf], Sequence[FindingOf], Sequence[NotVerified]]:
    """With another text for a whole file; and what it has that nothing is held against. What the unaltered package has, too,
    is left out of both."""
    role = {"log": "logs", "table": "tables"}[bed.found.roles[file]]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        again = rematched(Path(scratch), bed.found, bed.have, Asked(**{role: (file,)}))
    exhibits, findings = exhibits_of(again, lambda *_: None, {})
    known = {(f.id, f.text) for f in bed.report.findings}
    named = {(n.reason, n.text) for n in bed.report.not_verified}
    left = [n for n in left_out(again) if (n.reason, n.text) not in named]
    return exhibits, [f for f in findings if (f.id, f.text) not in known], left
