"""Answers kept by content. A cache that can't be written is given up for the run, said once, and never hurts it.

Every row holds a digest of its key and value: one that was damaged, or moved under another key, is as if it weren't there.
That finds damage, not malice: whoever can write the file can write a digest too.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import diskcache
import platformdirs

import parity

#: The folder of the whole package, wherever this module stands in it: answers are kept by all of its code.
PACKAGE = Path(parity.__file__).resolve().parent

#: Bytes kept before the oldest answers go.
SIZE_LIMIT = 512 * 1024 * 1024
#: Bytes of the digest that a row starts with.
_DIGEST = hashlib.sha256().digest_size


def default_folder() -> Path:
    """`PARITY_CACHE`, or the user's cache folder of the platform."""
    return Path(os.environ.get("PARITY_CACHE") or platformdirs.user_cache_path("parity"))


class _Bytes(diskcache.Disk):
    """Stores bytes as they are; nothing is ever pickled, so a planted cache file can't run code."""

    def store(self, value, read, key=diskcache.UNKNOWN):
        if not isinstance(value, bytes):
            raise TypeError("the cache holds bytes only")
        return super().store(value, read, key=key)

    def fetch(self, mode, filename, value, read):
        if mode == diskcache.core.MODE_PICKLE:
            raise ValueError("a pickled value in the cache")
        return super().fetch(mode, filename, value, read)


class AnswerCache:
    """Content-addressed bytes. `warn` is called once, with a sentence, when the cache is given up."""

    def __init__(self, folder: Path | None, warn: Callable[[str], None] = lambda text: None):
        self._warn, self._cache = warn, None
        if folder is not None:
            self._try(lambda: self._open(folder))

    def _open(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._cache = diskcache.Cache(str(folder), disk=_Bytes, size_limit=SIZE_LIMIT, statistics=0)

    def _try(self, action: Callable):
        try:
            return action()
        except Exception as error:  # sqlite, the file system, a damaged value: none may end a run
            self._cache = None
            self._warn(f"the cache is not used in this run: {str(error).strip() or type(error).__name__}")
            return None

    def get(self, key: str) -> bytes | None:
        """What was kept under the key; None where nothing was, or not whole. Nothing is kept under the empty key."""
        if self._cache is None or not key:
            return None
        return _whole(key, self._try(lambda: self._cache.get(key)))

    def put(self, key: str, value: bytes) -> None:
        """Nothing is kept under the empty key."""
        if self._cache is not None and key:
            self._try(lambda: self._cache.set(key, _row(key, value)))


def _row(key: str, value: bytes) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("the cache holds bytes only")
    return _digest(key, value) + value


def _digest(key: str, value: bytes) -> bytes:
    return hashlib.sha256(len(key.encode()).to_bytes(8, "big") + key.encode() + value).digest()


def _whole(key: str, row: object) -> bytes | None:
    """The value of a row, where its digest fits."""
    if not isinstance(row, bytes) or row[:_DIGEST] != _digest(key, row[_DIGEST:]):
        return None
    return row[_DIGEST:]


def key_of(*parts: str) -> str:
    """SHA-256 over the parts, with lengths, so that no two lists of parts collide."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


@cache
def code_hash(*folders: Path) -> str:
    """SHA-256 of every source file below the folders: an answer made by other code is another answer."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".R", ".lark") and path.is_file():
                digest.update(str(path.relative_to(folder)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
