"""`verify`, kept by content: of the same files, asked the same by the same code, the answer is read and not made."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from parity.base.cache import PACKAGE, AnswerCache, code_hash, default_folder, key_of
from parity.base.errors import InputError
from parity.package.document import Package, to_json
from parity.package.folder import Listing, digest
from parity.package.inventory import Inventory
from parity.package.read_back import from_json
from parity.package.verify import Asked, Progress, clear, look, verified

#: Roles of files that an answer depends on.
_READ = ("do-file", "data", "log", "table", "paper", "readme", "other code")


def verify_kept(
    folder: Path, asked: Asked, *, cache: bool, progress: Progress, warn: Callable[[str], None] = lambda text: None
) -> Package:
    """Raises `InputError`, as `verify` does."""
    found, listed, texts = look(folder)
    clear(found, asked, folder)
    kept = AnswerCache(default_folder() if cache else None, warn=warn)
    key = _key(folder, found, listed, asked) if cache else ""
    held = kept.get(key)
    if held is not None:
        try:
            return from_json(held, "cache")
        except InputError as error:  # the key holds the code, so it is no older layout: the file was damaged
            warn(f"the kept answer can't be read and is made anew: {error.problems[0].message}")
    answer = verified(folder, found, listed, texts, asked, progress)
    kept.put(key, to_json(answer).encode())
    return answer


def _key(folder: Path, found: Inventory, listed: Listing, asked: Asked) -> str:
    files = [f"{f.path} {f.size} {found.roles[f.path]} {digest(folder / f.path) if found.roles[f.path] in _READ else ''}"
             for f in listed.files]  # fmt: skip
    refused = [f"{path} {why}" for path, why in listed.refused]
    return key_of("package", code_hash(PACKAGE), version("parity"), folder.resolve().name, repr(asked), *files, *refused)
