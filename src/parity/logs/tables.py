"""An exported table of any format, read: bytes to grids by the reader of the format, grids to exhibits."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from parity.base.encoding import decoded
from parity.base.errors import InputError
from parity.logs import aligned, excel, html, latex, markdown, rtf, separated, word
from parity.logs.body import exhibits
from parity.logs.decode import read_bytes
from parity.logs.exhibit import Exhibit, NotUnderstood
from parity.logs.recognise import TABLES, Kind, kind_of, recognise
from parity.logs.sheet import Sheet, TooLarge

_TEXT = {"tex": latex, "csv": separated, "tsv": separated, "txt": aligned, "md": markdown, "html": html}
_REFUSED = {
    "ole": "is a binary file of Office before 2007: save it as .xlsx, .docx or .rtf",
    "pdf": "is a PDF: write its text with `pdftotext -layout FILE.pdf`, and name that",
    "log": "is a log, and no table", "smcl": "is a log, and no table", "dta": "is a data set, and no table",
    "do": "is a do-file, and no table", "image": "is a picture, and no table",
    "archive": "is an archive: unpack it", "data": "is data, and no table", "other": "holds no table that can be recognised",
}  # fmt: skip


def read_table(source: Path | str | bytes, file: str = "") -> tuple[Exhibit, ...]:
    """Every table of an exported file, in order. source: a path, or the bytes.

    Raises `InputError` for what is no table, and says what it is: a binary .xls, a PDF, a log, data, a bomb, a damaged file.
    """
    name = file or ("table" if isinstance(source, bytes) else str(source))
    return tuple(_numbered(grids(source, file), name))


def grids(source: Path | str | bytes, file: str = "") -> list[Sheet]:
    """The tables of a file as grids of texts, before anything of them is understood. Raises `InputError` as `read_table`
    does."""
    raw = source if isinstance(source, bytes) else read_bytes(Path(source))
    name = file or ("table" if isinstance(source, bytes) else str(source))
    if not raw.strip():
        raise InputError.at(name, "", "is empty")
    kind = kind_of(raw[:200_000], Path(name).suffix.lower().lstrip(".")) if isinstance(source, bytes) else recognise(source)
    if kind not in TABLES:
        raise InputError.at(name, "", _REFUSED[kind])
    try:
        return list(_sheets(raw, kind, name))
    except TooLarge as problem:
        raise InputError.at(name, "", str(problem)) from None
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, RecursionError, zipfile.LargeZipFile, OSError) as error:
        said = (str(error).splitlines() or [""])[0][:150]
        raise InputError.at(name, "", f"can't be read as {kind}: {said or type(error).__name__}") from None


def _sheets(raw: bytes, kind: Kind, file: str) -> Iterator[Sheet]:
    if kind == "xlsx":
        yield from excel.xlsx(raw, file)
    elif kind == "xls":
        yield from excel.xml(raw, file)
    elif kind == "docx":
        yield from word.sheets(raw, file)
    elif kind == "rtf":
        yield from rtf.sheets(raw.decode("latin-1"), file)
    else:
        text = decoded(raw)[0].replace("\r\n", "\n").replace("\r", "\n")
        yield from _TEXT[kind].sheets(text, file)


def _numbered(sheets: list[Sheet], file: str) -> Iterator[Exhibit]:
    number = 1
    for sheet in sheets:
        if sheet.refused:
            said = (NotUnderstood(sheet.place.cell, sheet.refused, sheet.place),)
            yield Exhibit(file, sheet.format, number, sheet.place, "values", (), (), not_understood=said)
            number += 1
        if not sheet.rows:
            continue
        for exhibit in exhibits(sheet, file, number):
            number = exhibit.number + 1
            yield exhibit
