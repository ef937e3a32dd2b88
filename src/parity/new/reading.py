"""Read a data file as people have them: any usual encoding and separator, thousands separators, decimal commas.

parity itself reads comma-separated UTF-8 or whatever encoding a study declares. What is something else here becomes a
converted copy, and every conversion is said.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from parity.base.errors import InputError
from parity.data.read import read_frame
from parity.data.yearbook import is_yearbook
from parity.study.header import DATA_FORMATS, MISSING

if TYPE_CHECKING:
    import pandas as pd

#: Encodings in the order in which they are tried; Western text is decodable as almost anything, so it comes last.
ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")
SEPARATORS = (",", ";", "\t", "|")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_PLAIN = re.compile(r"[-+]?(\d++\.?+\d*+|\.\d++)([eE][-+]?\d++)?")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
_WHOLE = re.compile(r"[-+]?\d+")


@dataclass(frozen=True)
class Source:
    """A data file as a study will have it.

    content   bytes of the copy; name: its file name; encoding: what `study.toml` must say ("utf-8" needs nothing)
    notes     what was recognised and converted, in words
    layout    "rows", or "sheets": a workbook with a sheet an indicator, or a year
    """

    content: bytes
    name: str
    encoding: str
    notes: tuple[str, ...] = ()
    layout: Literal["rows", "sheets"] = "rows"


def read_source(path: Path) -> Source:
    """Raises `InputError` where the file is none that can become a table."""
    where = str(path)
    if not path.is_file():
        raise InputError.at(where, "", "there is no such file" if not path.is_dir() else "this is a folder; name the file")
    suffix = path.suffix.lower()
    if suffix not in (*DATA_FORMATS, ".txt", ".tsv"):
        raise InputError.at(where, "", f"`{path.suffix or path.name}` is none of {', '.join(DATA_FORMATS)}, .tsv, .txt")
    content = path.read_bytes()
    if not content.strip():
        raise InputError.at(where, "", "the file is empty" if not content else "the file holds blank lines only")
    if suffix not in (".csv", ".txt", ".tsv"):
        layout = "sheets" if suffix == ".xlsx" and is_yearbook(path) else "rows"
        return Source(content, f"data{suffix}", "utf-8", layout=layout)
    return _csv_source(where, content)


def frame_of(source: Source, folder: Path) -> pd.DataFrame:
    """The table, read the way a run will read it. folder: where the copy lies. Raises `InputError`."""
    return read_frame(folder / source.name, source.encoding)


def _csv_source(where: str, content: bytes) -> Source:
    text, encoding, notes = _decoded(where, content)
    separator = _separator(text)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row]
    changed = separator != ","
    if changed:
        said = {"\t": "tab", ";": "semicolon", "|": "|"}[separator]
        notes.append(f"columns were separated by {said}: the copy has commas")
    blank = [i for i, name in enumerate(rows[0]) if not name.strip()]
    for i in blank:
        rows[0][i] = f"column_{i + 1}"
    if blank:
        notes.append(f"{len(blank)} columns have no name; in the copy: {', '.join(rows[0][i] for i in blank[:3])}")
    spaced = [name for name in rows[0] if name != name.strip()]
    if spaced:
        rows[0] = [name.strip() for name in rows[0]]
        notes.append("blanks around column names were taken off")
    if all(len(row) == len(rows[0]) for row in rows):  # else the reader says which line is wrong
        numbers = [_cleaned(rows, i, separator) for i in range(len(rows[0]))]
        marks = [name for name, cleaned in zip(rows[0], numbers, strict=True) if cleaned]
        if marks:
            notes.append(f"separators within numbers were taken out of {', '.join(marks[:5])}")
            changed = True
    if not changed and not blank and not spaced:
        return Source(content, "data.csv", encoding, tuple(notes))
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return Source(out.getvalue().encode(), "data.csv", "utf-8", tuple(notes))


def _decoded(where: str, content: bytes) -> tuple[str, str, list[str]]:
    """Text, the encoding as a study names it, and what to say of it."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16"), "utf-16", ["the file is UTF-16: said in study.toml"]
    if b"\0" in content:
        raise InputError.at(where, "", "holds null bytes: this is no text file")
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8-sig":
            return text, "utf-8", []
        if encoding == "gb18030" and not _looks_chinese(text):
            continue
        return text, encoding, [f"the file is {encoding} (it isn't UTF-8): said in study.toml"]
    raise InputError.at(where, "", f"none of {', '.join(ENCODINGS)}, utf-16 text; save it as UTF-8")


def _looks_chinese(text: str) -> bool:
    """Whether what isn't ASCII is mostly common Chinese, which Western text read as GB 18030 isn't."""
    other = [c for c in text if ord(c) > 127]
    common = sum("一" <= c <= "龥" or c in "，。、；：？！（）《》“”—…％" for c in other)
    pairs = re.findall(r"[A-Za-z][一-龥][A-Za-z]", text)  # Müller read as Chinese: one character between two letters
    return common > 0.9 * len(other) and len(pairs) < 0.1 * len(other)


def _separator(text: str) -> str:
    """The separator that cuts the first lines into most columns, the same number in each."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]

    def columns(separator: str) -> int:
        counts = {len(row) for row in csv.reader(lines, delimiter=separator) if row}
        return counts.pop() if len(counts) == 1 else 1

    best = max(SEPARATORS, key=columns)
    return best if columns(best) > 1 else ","


def _cleaned(rows: list[list[str]], column: int, separator: str) -> bool:
    """Whether a column of numbers with separators was rewritten in place as plain numbers."""
    given = [row[column].strip() for row in rows[1:] if row[column].strip() not in ("", *MISSING)]
    if any(_THOUSANDS.fullmatch(v) for v in given) and all(_THOUSANDS.fullmatch(v) or _PLAIN.fullmatch(v) for v in given):
        take = str.maketrans({",": ""})
    elif separator == ";" and any("," in v for v in given) and all(
        _DECIMAL_COMMA.fullmatch(v) or _WHOLE.fullmatch(v) for v in given
    ):  # fmt: skip
        take = str.maketrans({",": "."})
    else:
        return False
    for row in rows[1:]:
        row[column] = row[column].strip().translate(take)
    return True
