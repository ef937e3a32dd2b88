"""A package's files as a listing: paths, sizes, times, the first bytes. Nothing is followed out of the folder."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from parity.base.errors import InputError, suggest
from parity.logs import pages

#: Bytes of each file that tell what it is.
HEAD = 4096
#: Notebooks in text, whose code is of any program.
NOTEBOOKS = (".rmd", ".qmd")
#: Folders that no author means to hand in.
HIDDEN = frozenset({".git", ".svn", "__pycache__", "__MACOSX", ".Rproj.user", ".ipynb_checkpoints", "node_modules"})


@dataclass(frozen=True)
class File:
    """path: below the package, with `/`; size in bytes; modified: seconds since 1970; head: its first bytes

    page: whether it is one that shows what Stata printed
    """

    path: str
    size: int
    modified: float = 0.0
    head: bytes = b""
    page: bool = False

    @property
    def ending(self) -> str:
        """`.dta`, in small letters."""
        return os.path.splitext(self.path)[1].lower()

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


@dataclass(frozen=True)
class Listing:
    """files by path; refused: path and why it is left alone"""

    files: tuple[File, ...]
    refused: tuple[tuple[str, str], ...] = ()


def listing(folder: Path) -> Listing:
    """Every file below the folder. Raises `InputError` where there is no such folder, or it can't be read."""
    if not folder.is_dir():
        beside = [found.name for found in folder.parent.glob("*/")]
        raise InputError.at(str(folder), "", f"there is no such folder{suggest(folder.name, beside)}")
    root = folder.resolve()
    if not os.access(root, os.R_OK | os.X_OK):
        raise InputError.at(str(folder), "", "the folder can't be read; give yourself the right to read it")
    found: list[File] = []
    refused: list[tuple[str, str]] = []

    def failed(error: OSError) -> None:
        refused.append((_below(error.filename or "", root), error.strerror or "it can't be read"))

    for here, folders, names in os.walk(root, onerror=failed):
        folders[:] = sorted(d for d in folders if d not in HIDDEN)
        for name in [*folders, *names]:
            path = os.path.join(here, name)
            if os.path.islink(path) and not _inside(path, root):
                refused.append((_below(path, root), "it is a link that leads out of the package"))
                if name in folders:
                    folders.remove(name)
        out = {path for path, _ in refused}
        for name in sorted(names):
            path = os.path.join(here, name)
            below = _below(path, root)
            if below in out or name in (".DS_Store", "Thumbs.db") or name.startswith("._"):
                continue
            try:
                about = os.stat(path)
                if not os.path.isfile(path):
                    refused.append((below, "it is no ordinary file"))
                    continue
                with open(path, "rb") as file:
                    head = file.read(HEAD)
                    page = name.lower().endswith(_PAGES) and _is_page(head + file.read(pages.MOST_BYTES))
            except OSError as error:
                refused.append((below, error.strerror or "it can't be read"))
                continue
            found.append(File(below, about.st_size, about.st_mtime, head, page))
    return Listing(tuple(sorted(found, key=lambda f: f.path)), tuple(sorted(refused)))


#: Pages that may show what a program printed.
_PAGES = (".html", ".htm", ".md", *NOTEBOOKS)


def _is_page(raw: bytes) -> bool:
    return pages.is_page(raw.decode("utf-8", "replace"))


def _inside(path: str, root: Path) -> bool:
    return Path(path).resolve().is_relative_to(root)


def _below(path: str, root: Path) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/")


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
