"""What a file of a replication package is, by its content; its name only decides where the content could be several
things."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Literal

from parity.base.encoding import decoded
from parity.logs.stlog import is_stlog

Kind = Literal[
    "log", "smcl", "tex", "csv", "tsv", "txt", "md", "html", "rtf", "xls", "xlsx", "docx", "pdf", "ole", "dta", "do",
    "image", "archive", "data", "other",
]  # fmt: skip
#: Kinds that hold tables.
TABLES: tuple[Kind, ...] = ("tex", "csv", "tsv", "txt", "md", "html", "rtf", "xls", "xlsx", "docx")
_HEAD = 200_000
_SIGNATURES: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF", "pdf"), (b"{\\rtf", "rtf"), (b"\xd0\xcf\x11\xe0", "ole"), (b"<stata_dta>", "dta"), (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"), (b"GIF8", "image"), (b"%!PS", "image"), (b"\x1f\x8b", "archive"), (b"7z\xbc\xaf", "archive"),
    (b"Rar!", "archive"), (b"PAR1", "data"),
)  # fmt: skip
_LOG = re.compile(r"^[^\S\n]*+(?:log type|opened on):|^\. \w|^\. *$|^end of do-file$", re.MULTILINE)
_WINDOW = re.compile(r"^[^|\n]{1,80}\|\s+(?:Coef|Robust|Obs\b|Coefficient)|Number of obs\s+=", re.MULTILINE)
_TEX = re.compile(r"\\begin\{(?:tabular|longtable|tblr|talltblr|table)|\\documentclass")
_DO = re.compile(r"^[^\S\n]*+(?:use|reg(?:ress)?|gen(?:erate)?|replace|local|global|foreach|forvalues|merge|eststo|esttab|"
                 r"clear|xtset|label|keep|"
                 r"drop|set more|import|log using|cap(?:ture)?|qui(?:etly)?|do|run|bys(?:ort)?|egen|tab|"
                 r"sum(?:marize)?)\b", re.MULTILINE)  # fmt: skip
_NUMERIC = re.compile(r"\.\d")
#: Words of tables that data don't have.
_OF_TABLE = re.compile(
    r"parenthes|p ?< ?0?\.|observations|r-?squared|\bN\b\W|\(\d+\)|\*\*|std\. ?(?:err|dev)", re.IGNORECASE
)
#: Rows from which on a file of values is data.
_DATA_ROWS = 60
#: The end of a line of a table in columns of blanks: a number behind a gap, and others one blank apart; brackets alone.
_ROW = re.compile(r"\S(?: {2,}|\t| \| *)[-+−(\[]?\d*\.?\d++[)\]*∗†]*+(?: [-+−(\[]?\d*\.?\d++[)\]*∗†]*+){0,9}[ |]*+$")
_BRACKETED = re.compile(r"\s*(?:[(\[]-?\d*\.\d++[)\]]\**\s*){1,20}")
#: Lines longer than this are no rows of a printed table; what is looked at of the others is their end.
_LONGEST, _END = 1000, 60
#: Endings of files that hold no tables of their own.
_PROGRAMS = ("r", "py", "m", "jl", "sas", "sps", "sh")
_OTHER = ("json", "toml", "yaml", "yml", "bib", "xml", "ipynb", "sthlp", "hlp",
          "rmd",           "qmd")  # fmt: skip


def recognise(path: Path | str) -> Kind:
    """What a file is. A file that can't be read is "other"; only its first 200,000 bytes are looked at."""
    path = Path(path)
    try:
        with path.open("rb") as source:
            head = source.read(_HEAD)
    except OSError:
        return "other"
    return kind_of(head, path.suffix.lower().lstrip("."), path)


def kind_of(head: bytes, suffix: str = "", path: Path | None = None) -> Kind:
    """head: the first bytes of a file; suffix: of its name, without the point."""
    if head.startswith(b"PK"):
        return _zipped(head, path)
    found = next((kind for mark, kind in _SIGNATURES if head.lstrip()[:12].startswith(mark)), None)
    if found is not None:
        return found
    if (
        head[:1] in (b"\x69", b"\x6c", b"\x6e", b"\x6f", b"\x71", b"\x72", b"\x73")
        and head[1:2] in (b"\1", b"\2")
        and b"\0" in head[:200]
    ):
        return "dta"  # Stata's files before release 117 begin with their version and byte order
    text, encoding = decoded(head)
    if encoding != "utf-16" and text[:5000].count("\0") > 5:
        return "other"
    return _text_kind(text, suffix)


#: What bytes are that hold no lines of text, and what to do.
_NO_TEXT = {
    "docx": "is a Word document: save it as plain text",
    "ole": "is a file of Word or Excel before 2007: save it as plain text",
    "xlsx": "is an Excel workbook: save it as CSV", "pdf": "is a PDF: write its text with `pdftotext -layout FILE.pdf`",
    "dta": "is a data set of Stata", "image": "is a picture", "archive": "is an archive: unpack it",
}  # fmt: skip


def no_text(raw: bytes) -> str:
    """What bytes are that can't be read as lines of text, with what to do; empty for text."""
    return _NO_TEXT.get(kind_of(raw[:_HEAD]), "")


def _zipped(head: bytes, path: Path | None) -> Kind:
    names, data = head, False
    if path is not None:
        try:
            with zipfile.ZipFile(path) as archive:
                names = "\n".join(archive.namelist()[:2000]).encode()
                data = b"xl/workbook" in names and _is_data(archive)
        except (OSError, zipfile.BadZipFile, ValueError, KeyError, NotImplementedError, RuntimeError):
            # damaged or locked: by its name it was a table, and its reader says why it can't be read
            named = path.suffix.lower().lstrip(".")
            if named in ("xlsx", "docx"):
                return named
    if b"xl/workbook" in names:
        return "data" if data else "xlsx"
    return "docx" if b"word/document" in names else "archive"


def _is_data(archive: zipfile.ZipFile) -> bool:
    """Whether every sheet of a workbook has more rows than a table has, and no word of it is one of a table."""
    sheets = [name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)][:20]
    for name in sheets:
        with archive.open(name) as part:
            if part.read(_HEAD * 3).count(b"<row ") <= _DATA_ROWS:
                return False
    if "xl/sharedStrings.xml" not in archive.namelist():
        return bool(sheets)
    with archive.open("xl/sharedStrings.xml") as part:
        return bool(sheets) and not _OF_TABLE.search(part.read(_HEAD).decode("utf-8", "replace"))


def _text_kind(text: str, suffix: str) -> Kind:
    start = text.lstrip("\ufeff \t\r\n")[:4000]
    if "schemas-microsoft-com:office:spreadsheet" in start:
        return "xls"
    if start.startswith("{smcl}"):
        return "smcl" if re.search(r"^\{com\}|\{com\}\. |log type", text, re.MULTILINE) else "other"
    if re.match(r"<(?:!doctype html|html|table|\?xml|div|style|body)", start, re.IGNORECASE):
        return "html"
    if suffix in ("do", "ado", "mata"):
        return "do"
    if suffix in _PROGRAMS:  # a program may hold a log or a table as text
        return "other"
    if _is_log(text) or is_stlog(text):
        return "log"
    if suffix in ("tex", "ltx", "sty") or _rows_of_latex(text) >= 2 or _TEX.search(text):
        return "tex" if _TEX.search(text) or _rows_of_latex(text) else "other"
    table = re.search(r"<table\b", text, re.IGNORECASE)
    if table and re.search(r"<t[dr]\b", text[table.end() :], re.IGNORECASE):
        return "html"
    if len(re.findall(r"^\s{0,8}\|.*\|\s*$", text, re.MULTILINE)) >= 3:
        return "md"
    if suffix in ("csv", "tsv", "tab"):
        return _separated(text)
    if suffix in _OTHER:
        return "other"
    if len(_DO.findall(text)) >= 8 and not _NUMERIC.search(text[:3000]):
        return "do"
    if 2 * _columns_of(text, "\t") > min(60, text.count("\n")) > 2:
        return _separated(text)
    return "txt" if _has_table(text) and suffix != "log" else "other"  # logs of LaTeX, of programs


def _has_table(text: str) -> bool:
    """Lines that end in numbers apart by blanks, or that are nothing but numbers in brackets, as a table's are."""
    lines = [line for line in text.split("\n") if 0 < len(line) <= _LONGEST]
    rows = sum(bool(_ROW.search(line[-_END:])) for line in lines)
    return rows >= 3 or sum(bool(_BRACKETED.fullmatch(line)) for line in lines) >= 2


def _rows_of_latex(text: str) -> int:
    return sum("&" in line and "\\\\" in line for line in text.split("\n"))


def _is_log(text: str) -> bool:
    marks = _LOG.findall(text)
    if re.search(r"^[^\S\n]*+log type:\s+(?:text|smcl)", text, re.MULTILINE) and re.search(
        r"^[^\S\n]*+opened on:", text, re.MULTILINE
    ):
        return True
    return len(marks) >= 3 or (len(marks) >= 1 and bool(_WINDOW.search(text))) or len(_WINDOW.findall(text)) >= 2


def _columns_of(text: str, separator: str) -> int:
    lines = [line for line in text.split("\n")[:60] if line.strip()]
    return sum(line.count(separator) >= 1 for line in lines) if lines else 0


def _separated(text: str) -> Kind:
    """A table or data: data have many rows of the same kinds of numbers and names in the first."""
    lines = [line for line in text.split("\n") if line.strip()]
    tabs = sum("\t" in line for line in lines[:50])
    kind: Kind = "tsv" if tabs * 2 > len(lines[:50]) else "csv"
    if _OF_TABLE.search(text[:20_000]) and len(lines) < 2000:
        return kind
    return "data" if len(lines) > _DATA_ROWS else kind
