"""Files that a user names: written whole or not at all, through links, and into devices and pipes as they are."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from parity.base.errors import InputError

#: Names of standard output, which is printed to as `-` is.
STANDARD_OUTPUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def write_whole(path: Path, content: str | bytes) -> None:
    """A regular file is replaced in one step, a link's target in its place; what is no regular file is written to.

    Raises `OSError`.
    """
    data = content.encode() if isinstance(content, str) else content
    path = Path(os.path.realpath(path)) if not _is_special(path) else path
    if _is_special(path):
        with path.open("wb") as file:
            file.write(data)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def check_place(option: str, file: str) -> None:
    """Raises `InputError` where the file could not be written, before anything runs. Nothing is opened or changed."""
    if file in STANDARD_OUTPUT:
        return
    path = Path(file)
    if path.is_dir():
        raise InputError.at(option, file, "it is a folder; give the name of a file in it")
    if (_is_special(path) or path.exists()) and not os.access(path, os.W_OK):
        raise InputError.at(option, file, "it can't be written to")
    if _is_special(path):
        return
    folder = Path(os.path.realpath(path)).parent
    while not folder.exists():  # those that are missing are made
        folder = folder.parent
    if not folder.is_dir():
        raise InputError.at(option, file, f"{folder} is no folder")
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=".parity.")
    except OSError as error:
        raise InputError.at(option, file, f"nothing can be written in {folder}: {error.strerror}") from None
    os.close(handle)
    Path(name).unlink()


def _is_special(path: Path) -> bool:
    """Whether it is there and no regular file: a device, a pipe, a socket, or a descriptor of this process."""
    if str(path).startswith(("/dev/", "/proc/")):
        return True
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
