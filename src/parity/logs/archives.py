"""Office files are zip archives: refused before anything is unpacked that is no file somebody wrote."""

from __future__ import annotations

import io
import zipfile

from parity.logs.sheet import TooLarge

#: Bytes that a workbook or document of tables has when unpacked, and how much denser than plain text it may be packed.
_MOST_UNPACKED = 200 * 2**20
_MOST_RATIO = 300
_MOST_FILES = 5000


def checked(raw: bytes) -> zipfile.ZipFile:
    """The archive. Raises `TooLarge` for a bomb, `zipfile.BadZipFile` for a damaged one."""
    archive = zipfile.ZipFile(io.BytesIO(raw))
    files = archive.infolist()
    unpacked = sum(f.file_size for f in files)
    if (
        len(files) > _MOST_FILES
        or unpacked > _MOST_UNPACKED
        or (unpacked > 2**22 and unpacked > _MOST_RATIO * max(1, len(raw)))
    ):
        raise TooLarge(f"unpacks from {len(raw):,} to {unpacked:,} bytes in {len(files):,} files: this is no table")
    for name in (f.filename for f in files if f.filename.endswith((".xml", ".rels"))):
        with archive.open(name) as part:
            if b"<!DOCTYPE" in part.read(2000).upper():
                raise TooLarge(f"{name} declares a document type, which no Office program writes")
    return archive
