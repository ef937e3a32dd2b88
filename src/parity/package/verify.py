"""`verify(folder)`: a package from its files to `Package`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from parity.base.errors import InputError
from parity.package.folder import Listing, listing
from parity.package.inventory import Inventory, inventory
from parity.package.matched import Asked, Progress

if TYPE_CHECKING:
    from parity.package.document import Package

#: No file is named: all that is recognised is verified.
EVERYTHING = Asked()

__all__ = ["EVERYTHING", "Asked", "Progress", "clear", "look", "verified", "verify"]


def verify(folder: Path, asked: Asked = EVERYTHING, *, progress: Progress = lambda what, done, total: None) -> Package:
    """Every printed number of a package with its verdict. Raises `InputError` for what isn't there or isn't clear."""
    found, listed, texts = look(folder)
    clear(found, asked, folder)
    return verified(folder, found, listed, texts, asked, progress)


def look(folder: Path) -> tuple[Inventory, Listing, dict[str, str]]:
    """What lies in the folder. Raises `InputError`."""
    from parity.package.running import texts_of

    listed = listing(folder)
    texts = texts_of(folder, [f.path for f in listed.files if f.ending == ".do"])
    return inventory(listed, texts), listed, texts


def clear(found: Inventory, asked: Asked, folder: Path) -> None:
    """Whether there is something to run and to compare, and where to begin."""
    named = [(asked.do, "--do"), *((f, "--log") for f in asked.logs), *((f, "--table") for f in asked.tables)]
    for path, option in named:
        if path is not None and path not in found.roles:
            from parity.base.errors import suggest

            raise InputError.at(option, "", f"the package has no file `{path}`{suggest(path, found.roles)}")
    if asked.do is None and found.ambiguous:
        rows = "; ".join(f"{c.path} ({', '.join(c.reasons)})" for c in found.masters if c.calls)
        raise InputError.at(str(folder), "", f"several do-files run others; say with which to begin: --do FILE: {rows}")
    if not found.of("do-file") and not found.of("log"):
        from parity.package.other_code import only_others

        raise InputError.at(str(folder), "", only_others(found))


def verified(
    folder: Path, found: Inventory, listed: Listing, texts: Mapping[str, str], asked: Asked, progress: Progress
) -> Package:
    """The package whose files are known."""
    from parity.package.assemble import assembled
    from parity.package.matched import matched

    have = matched(folder, found, texts, asked, progress)
    return assembled(folder, found, listed, texts, asked, have, progress)
