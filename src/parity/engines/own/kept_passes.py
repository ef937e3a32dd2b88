"""What passes over a large file's chunks gave, on disk as it comes: an estimate that was broken off goes on from there."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.base.cache import PACKAGE, code_hash, key_of
from parity.base.parts import Parts

if TYPE_CHECKING:
    from parity.sample.streamed import Source

#: Bytes that an estimate may keep whatever the size of its data.
LEAST = 64_000_000


class KeptPasses:
    """Where estimates keep theirs, None: nowhere. They stay until `clear`, which a run calls that ended well."""

    def __init__(self, folder: Path | None):
        self._folder = None if folder is None else folder / "passes"
        self._made: list[Parts] = []

    def of(self, source: Source) -> Passed:
        if self._folder is None:
            return Passed(source, None)
        key = _key(source)
        self._made.append(Parts(self._folder / key[:32], key))
        return Passed(source, self._made[-1])

    def clear(self) -> None:
        for parts in self._made:
            with suppress(OSError):
                parts.clear()


class Passed:
    """Answers of one estimate's chunks by pass: no more bytes than the data have, or `LEAST`. When a disk is full no more is
    kept, what is there stays, and the estimate goes on."""

    def __init__(self, of: Source, parts: Parts | None):
        self._chunks, self._parts = len(of.chunks), parts
        self._left = max(LEAST, sum(Path(file).stat().st_size for file in _files(of)))
        self._there: dict[int, Path] = {}

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Nobody else clears away what is kept while this lasts."""
        with ExitStack() as held:
            if self._parts is not None:
                try:
                    held.enter_context(self._parts.in_use())
                except OSError:
                    self._parts = None
                else:
                    self._there = dict(self._parts.files())
            yield

    def has(self, a_pass: int, chunk: int) -> bool:
        """Whether it is there and whole."""
        number = self._number(a_pass, chunk)
        path = self._there.get(number)
        if path is None or self._parts is None:
            return False
        try:
            return self._parts.is_whole(number, path, path.read_bytes())
        except OSError:
            return False

    def answer(self, a_pass: int, chunk: int) -> Any:
        """What `has` said is there."""
        from parity.engines.own.packed import unpacked

        return unpacked(self._there[self._number(a_pass, chunk)].read_bytes())

    def keep(self, a_pass: int, chunk: int, answer: Any) -> None:
        from parity.engines.own.packed import packed

        if self._parts is None or self._left <= 0:
            return
        content = packed(answer)
        if content is None:
            return
        self._left -= len(content)
        try:
            self._parts.put(self._number(a_pass, chunk), content)
        except OSError:
            self._left = 0

    def _number(self, a_pass: int, chunk: int) -> int:
        return a_pass * self._chunks + chunk


def _files(of: Source) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chunk.file for chunk in of.chunks))


def _key(of: Source) -> str:
    """Of all that the answers come from: data, specification, chunks, parity's code and its packages."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    versions = (platform.machine(), np.__version__, pd.__version__, pa.__version__)
    bytes_of = [_digest(file) for file in _files(of)]
    chunks = json.dumps([[Path(c.file).name, *c.groups] for c in of.chunks])
    header = of.study.header.model_dump_json()
    return key_of("passes", code_hash(PACKAGE), *versions, *bytes_of, header, of.spec.model_dump_json(), chunks)


def _digest(file: str) -> str:
    with open(file, "rb") as held:
        return hashlib.file_digest(held, "sha256").hexdigest()
