"""The file that a command reads: where it is typed for, else wherever the package has it, which is said.

Packages whose data lie in a folder of their own, and whose do-files name none, are common: they are meant to be run there.
"""

from __future__ import annotations

from pathlib import Path

from parity.stata.files import Absent
from parity.stata.session import Session


def opened(session: Session, typed: str, *endings: str) -> Path:
    """endings: tried where the path has none. Raises `Absent`, which names the files that may be meant; `Outside`."""
    files = session.files
    try:
        return files.existing(typed, *endings)
    except Absent as absent:
        found = files.elsewhere(typed, *endings)
        places = [path.relative_to(files.folder).as_posix() for path in found]
        if len(found) != 1:
            raise Absent(typed, absent.beside, places, pointed=absent.pointed) from None
    files.taken(typed, found[0])
    said = f"`{typed}` isn't where the do-file looks; the package's only file of that name is read: {places[0]}"
    session.note("file-elsewhere", said)
    return found[0]
