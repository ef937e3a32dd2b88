"""Tables in papers of LaTeX and Word and in workbooks that no command names: papers, appendices, and data are such.

Of each the tables of estimates are taken: a column with coefficients and something in brackets below them. What else it
holds is said, and left to `--table`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from parity.base.errors import InputError
from parity.logs.exhibit import Exhibit
from parity.package.document import NotVerified
from parity.package.inventory import Inventory

#: Bytes of a workbook, and of a document, above which it is data, or pictures.
MOST_OF_BOOK, MOST_OF_DOCUMENT = 1_000_000, 30_000_000
#: Endings of what may hold typed tables, with the bytes up to which it is read, and what its first bytes may be taken for.
_MOST = {"xlsx": MOST_OF_BOOK, **dict.fromkeys(("docx", "tex", "md", "html", "htm"), MOST_OF_DOCUMENT)}
_ROLES = {"tex": ("paper", "other"), "md": ("other", "readme"), "html": ("other",), "htm": ("other",)}
#: Numbers in brackets of a table that is one of estimates; one is enough where N is printed.
BRACKETS = 2


@dataclass(frozen=True)
class Held:
    """tables: of estimates, by path; left: what else the same files hold"""

    tables: dict[str, tuple[Exhibit, ...]]
    left: tuple[NotVerified, ...] = ()


def document_tables(folder: Path, found: Inventory, read: Collection[str]) -> Held:
    """read: files that the do-files read, which are data."""
    tables: dict[str, tuple[Exhibit, ...]] = {}
    left = []
    for path in _candidates(folder, found, read):
        from parity.logs.tables import read_table

        try:
            every = read_table(folder / path, path)
        except InputError:
            continue
        mine = tuple(e for e in every if of_estimates(e))
        if mine:
            tables[path] = mine
        if len(every) > len(mine) and (mine or path.lower().endswith(".tex")):
            n = len(every) - len(mine)
            said = f"{n} {'other ' * bool(mine)}table{'s' * (n > 1)} of it {'are' if n > 1 else 'is'} not read"
            left.append(NotVerified(file=path, reason=f"{said}; --table {path} reads all"))
    return Held(tables, tuple(left))


def _candidates(folder: Path, found: Inventory, read: Collection[str]) -> Iterator[str]:
    for path, role in found.roles.items():
        ending = path.lower().rpartition(".")[2]
        most, roles = _MOST.get(ending, 0), _ROLES.get(ending, ("paper", "data"))
        if role in roles and path not in read and most and (folder / path).stat().st_size <= most:
            yield path


def never_read(found: Inventory) -> tuple[NotVerified, ...]:
    """Files that print numbers which nobody reads, said once."""
    paths = [p for p in found.of("paper") if p.lower().endswith(".pdf")]
    if not paths:
        return ()
    said = "it isn't read" if len(paths) == 1 else f"and {len(paths) - 1} more aren't read"
    return (NotVerified(file=paths[0], reason=f"{said}: no number printed in papers or figures of PDF is verified"),)


def of_estimates(exhibit: Exhibit) -> bool:
    cells = [c for row in exhibit.rows for held in row.cells for c in held if c.number is not None]
    counted = any(s.name == "nobs" for s in exhibit.statistics)
    return exhibit.kind == "estimates" and sum(c.bracket in ("(", "[") for c in cells) >= BRACKETS - counted
