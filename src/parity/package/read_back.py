"""A kept report of a package, read back and held to itself: contradictions are refused."""

from __future__ import annotations

import math
import re

from parity.base.errors import InputError
from parity.compare.printed import read_number
from parity.package.classify import OF_CODE, classified
from parity.package.document import SCHEMA, CellOf, Package, summary_of


def from_json(text: str | bytes, where: str) -> Package:
    """Raises `InputError` for what is no such report, or one that contradicts itself."""
    from pydantic import ValidationError

    try:
        found = Package.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(p) for p in first["loc"])
        raise InputError.at(where, key, f"this is no {SCHEMA}: {first['msg']}") from None
    if found.summary != summary_of(found.exhibits):
        raise InputError.at(where, "summary", "it doesn't count the cells of the exhibits: the report was altered")
    if not _follows(found):
        said = f"`{found.classification_why}` doesn't follow from its numbers and findings: the report was altered"
        raise InputError.at(where, "classification_why", said)
    shown = ((e, c) for e in found.exhibits for c in e.cells if e.origin != "text" and c.verdict == "reproduced")
    off = next(((e, c) for e, c in shown if not _stands(c)), None)
    if off is not None:
        said = f"{off[1].printed} is called reproduced beside {off[1].estimated:.9g}: the report was altered"
        raise InputError.at(where, f"exhibits.{off[0].id}", said)
    return found


def _follows(found: Package) -> bool:
    """Whether the class and its reason are those of the counts and findings. Two reasons are of code that a package lacks,
    which a report doesn't hold; before there were `unread` cells, the class was another."""
    if "unread" not in found.model_fields_set or found.classification_why.startswith(OF_CODE):
        return True
    due = classified(found.summary, found.programs, found.findings, 0, found.unread)
    return due == (found.classification, found.classification_why)


#: A number with a decimal point in print, which can be read in one way only.
_SIMPLE = re.compile(r"[(\[]?(-?\d{0,9}\.\d{2,12})[)\]]?\**")


def _stands(c: CellOf) -> bool:
    """Whether an estimate would be printed so, as far as the text alone tells: t may be without its sign."""
    simple = _SIMPLE.fullmatch(c.printed.strip())
    if simple is None or c.estimated is None or not math.isfinite(c.estimated):
        return True
    printed = read_number(simple[1])
    allowed = max(2 * printed.half_unit, printed.allowed)
    return min(abs(v - printed.value) for v in (c.estimated, abs(c.estimated))) <= allowed
