"""Logs of statistical programs and tables that they exported, as values; one file a format.

`recognise(path)` says what a file is, by its content. `log.read_log(path or bytes)` gives a `Log`, `tables.read_table(path
or bytes)` the `Exhibit`s of a file. All values are in `exhibit`. Unreadable files raise `InputError`, with what they are
instead.
"""

from __future__ import annotations

from parity.logs.recognise import recognise

__all__ = ["recognise"]
