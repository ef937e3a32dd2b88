"""The map: what can't be guessed, in a file that a person edits. Exhibit -> command, column -> model, row -> term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from parity.package.mapping import Given

if TYPE_CHECKING:
    from parity.package.estimates import Estimated
    from parity.package.printed import Printed


def given_of(
    text: str, file: str, exhibits: Sequence[Printed], estimates: Sequence[Estimated]
) -> Mapping[str, Given]:  # fmt: skip
    """Exhibit's id -> what the map says of it. Raises `InputError` with every problem of the map."""
    return {}
