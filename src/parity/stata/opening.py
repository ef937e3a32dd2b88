"""The file that a command reads: where it is typed for, else wherever the package has it, which is said.

Packages whose data lie in a folder of their own, and whose do-files name none, are common: they are meant to be run there.
"""

from __future__ import annotations

import re
from pathlib import Path

from parity.stata.files import Absent, Outside
from parity.stata.session import Session
from parity.stata_language.command import Command

#: A file on the web, by the name that it has there.
_ADDRESS = re.compile(r"(?:https?|ftp)://[^?#]*/(?P<name>[^/?#]+)(?:[?#].*)?")


def opened(session: Session, typed: str, *endings: str) -> Path:
    """endings: tried where the path has none. Raises `Absent`, which names the files that may be meant; `Outside`."""
    files = session.files
    if address := _ADDRESS.fullmatch(typed.strip().strip('"')):
        return _fetched_before(session, typed, address["name"], endings)
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


def _fetched_before(session: Session, typed: str, name: str, endings: tuple[str, ...]) -> Path:
    """The package's only file that is called as the one at an address: authors keep what their pages read from the web.
    Raises `Outside` where there is none."""
    found = session.files.elsewhere(name, *endings)
    if len(found) != 1:
        raise Outside(f"`{typed[:60]}` is an address: nothing is fetched")
    session.files.taken(typed, found[0])
    place = found[0].relative_to(session.files.folder).as_posix()
    said = f"`{typed}` is an address: nothing is fetched; the package's only file of that name is read: {place}"
    session.note("file-elsewhere", said)
    return found[0]


#: Commands that read data which come with Stata, or which its manuals use.
SHIPPED = ("sysuse", "webuse")


def shipped(session: Session, command: Command) -> Path | None:
    """The package's only data set that is called as one of Stata's own: a copy, most likely. None where there is none."""
    name = command.about.strip().strip('"').removesuffix(".dta")
    found = session.files.elsewhere(name, ".dta") if re.fullmatch(r"\w+", name) else []
    if len(found) != 1:
        return None
    session.files.taken(name, found[0])
    place = found[0].relative_to(session.files.folder).as_posix()
    said = f"`{command.typed} {name}` loads data that come with Stata; the package's only file of that name is read: {place}"
    session.note("file-elsewhere", said)
    return found[0]
