"""The bytes of a log or a table, and what is too large to read."""

from __future__ import annotations

from pathlib import Path

from parity.base.errors import InputError

#: Larger files are no log and no table that anybody reads; the limit keeps a mistaken file from filling the memory.
MOST_BYTES = 100 * 2**20


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises `InputError` for what is no file, can't be read, or is larger than `MOST_BYTES`."""
    where = str(path)
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise InputError.at(where, "", "is a folder; name a file")
        if size > MOST_BYTES:
            raise InputError.at(
                where, "", f"is {size / 2**20:.0f} MB; logs and tables are read up to {MOST_BYTES // 2**20} MB"
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError.at(where, "", f"can't be read: {error.strerror or error}") from None
