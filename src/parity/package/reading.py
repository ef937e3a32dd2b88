"""The logs and tables of a package, read: those that are asked for, else all that are recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from parity.base.errors import InputError
from parity.package.document import NotVerified
from parity.package.documents import document_tables, never_read
from parity.package.inventory import Inventory, Role


@dataclass(frozen=True)
class Asked:
    """What the command line says. do: the do-file to begin with; logs, tables: only these; mapped: text of a map

    engines: "own", or "all" where other engines are asked too
    """

    do: str | None = None
    logs: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    mapped: str = ""
    map_file: str = ""
    engines: str = "own"


class Reading:
    """Logs and tables, read; what can't be is kept with its reason. read: what the do-files read, which is no table"""

    def __init__(self, folder: Path, found: Inventory, asked: Asked, read: frozenset[str]):
        self.folder, self.found, self.asked, self.read = folder, found, asked, read
        self.unread: list[NotVerified] = []
        self.used: dict[str, str] = {}

    def logs(self) -> dict[str, object]:
        from parity.logs.log import read_log

        out: dict[str, object] = {}
        for path in self._chosen("log", self.asked.logs):
            try:
                log = out[path] = read_log(self.folder / path, path)
            except InputError as error:
                self.unread.append(NotVerified(file=path, reason=error.problems[0].message))
                continue
            self.used[path] = "log"
            if log.cut:
                self.unread.append(NotVerified(file=path, reason=f"the log isn't whole: {log.cut}"))
            for line in log.outside:
                self.unread.append(
                    NotVerified(file=path, line=line.place.line, text=line.text[:200], reason=line.why or "not understood")
                )
        return out

    def tables(self) -> dict[str, tuple]:
        from parity.logs.tables import read_table

        out: dict[str, tuple] = {}
        for path in self._chosen("table", self.asked.tables):
            try:
                held = read_table(self.folder / path, path)
            except InputError as error:
                self.unread.append(NotVerified(file=path, reason=error.problems[0].message))
                continue
            self.used[path] = "table"
            if held:
                out[path] = held
            else:
                self.unread.append(NotVerified(file=path, reason="no table of numbers was recognised in it"))
        if not (self.asked.logs or self.asked.tables):
            documents = document_tables(self.folder, self.found, self.read)
            out |= documents.tables
            self.used |= dict.fromkeys(documents.tables, "table")
            self.unread += [*documents.left, *never_read(self.found)]
        return out

    def _chosen(self, role: Role, given: Sequence[str]) -> Sequence[str]:
        if self.asked.logs or self.asked.tables:
            return given
        return self.found.of(role)
