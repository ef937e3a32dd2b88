"""Parts of a long computation on disk, as they end: what was broken off goes on from them.

A part's name ends in a digest of its bytes, of its number and of all that its numbers come from, so a file that was cut,
changed, or written for another computation is as if it weren't there.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from parity.base.writing import write_whole

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

#: Held by every process that reads or writes parts of a folder which is cleared at the end.
LOCK = "in use"
#: Letters of a digest in a name.
LETTERS = 32


@dataclass(frozen=True)
class Parts:
    """Numbered parts in a folder. key: of all that they come from."""

    folder: Path
    key: str

    suffix: ClassVar[str] = ""

    def put(self, number: int, content: bytes) -> Path:
        """Raises `OSError`; then nothing of the part is there."""
        path = self.folder / self._name(number, content)
        write_whole(path, content)
        return path

    def _name(self, number: int, content: bytes) -> str:
        digest = hashlib.sha256(f"{self.key} {number} ".encode() + content).hexdigest()
        return f"part-{number:06d}-{digest[:LETTERS]}{self.suffix}"

    def files(self) -> Iterator[tuple[int, Path]]:
        """Number and file of what may be a part, by its name."""
        for path in sorted(self.folder.glob(f"part-*-*{self.suffix}")):
            number = path.name.split("-")[1]
            if number.isdigit():
                yield int(number), path

    def is_whole(self, number: int, path: Path, content: bytes) -> bool:
        """Whether a file holds that part of this computation, as it was written."""
        return path.name == self._name(number, content)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """For as long as the parts are needed: no other process clears them away, though it has ended the same.

        Raises `OSError` where the folder can't be made.
        """
        with _shared(self.folder):
            yield

    def clear(self) -> None:
        """Take away all parts, and the folder where nothing else is in it; but not while the same goes on elsewhere, which
        does so at its end."""
        with _alone(self.folder) as mine:
            if not mine:
                return
            for _, path in self.files():
                path.unlink(missing_ok=True)
            (self.folder / LOCK).unlink(missing_ok=True)
            if self.folder.is_dir() and not any(self.folder.iterdir()):
                self.folder.rmdir()


@contextmanager
def _shared(folder: Path) -> Iterator[None]:
    """A lock on a folder that several processes have at once; it ends with the process, however that ends."""
    if fcntl is None:
        yield
        return
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            file = (folder / LOCK).open("ab")
        except FileNotFoundError:  # the folder was cleared away since
            continue
        with file:
            with suppress(OSError):  # file systems that know no locks
                fcntl.flock(file, fcntl.LOCK_SH)
            if _is(file, folder / LOCK):
                yield
                return


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other process has the folder in use; none can while this lasts."""
    if fcntl is None or not folder.is_dir():
        yield folder.is_dir()
        return
    try:
        file = (folder / LOCK).open("ab")
    except FileNotFoundError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield _is(file, folder / LOCK)


def _is(file: IO[bytes], path: Path) -> bool:
    """Whether an open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
