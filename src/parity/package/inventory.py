"""What each file of a package is, and where its code begins: pure over a listing and the texts of its do-files."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from parity.package.folder import NOTEBOOKS, File, Listing

Role = Literal["do-file", "data", "log", "table", "paper", "readme", "other code", "figure", "other"]

_BY_ENDING: dict[str, Role] = {
    ".do": "do-file", ".ado": "other code", ".r": "other code", ".rmd": "other code", ".qmd": "other code",
    ".py": "other code",
    ".ipynb": "other code", ".m": "other code", ".jl": "other code", ".sas": "other code", ".sps": "other code",
    ".dta": "data", ".tab": "data", ".sav": "data", ".rds": "data", ".rdata": "data", ".parquet": "data", ".raw": "data",
    ".dat": "data", ".zip": "data", ".gz": "data", ".smcl": "log",
    ".pdf": "paper", ".eps": "figure", ".png": "figure", ".jpg": "figure", ".jpeg": "figure", ".gph": "figure",
    ".svg": "figure", ".emf": "figure", ".wmf": "figure", ".tif": "figure",
}  # fmt: skip
_MASTER = re.compile(r"(?:^|[_\W\d])(master|main|run_?all|make_?all|all|0_?run|maindo)(?:[_\W\d]|$)", re.IGNORECASE)
_CALLS = re.compile(
    r"""^[^\S\n]*+(?:(?:qui|cap|noi)\w*+[^\S\n]++)*+(?:do|run|include)\s+(?:`?"([^"\n]+)"|([^\s,"]+))""", re.MULTILINE
)
_TABLE_TEXT = re.compile(
    rb"\\begin\{(?:tabular|longtable|threeparttable)|<table|^[^\S\n]*+=?\"?\(1\)|VARIABLES|Standard errors? in paren|"
    rb"t statistics in paren|=\"\(1\)\"|,\"?\(1\)\"?|\t\"?\(1\)\"?|=\"0?\.|mso-|\\trowd|Observations|Robust standard",
    re.IGNORECASE | re.MULTILINE,
)
_LOG_TEXT = re.compile(rb"^[^\S\n]*+(?:name:|log:|log type:|opened on:|\. [a-z]|_{3}  /_{2})|\{smcl\}", re.MULTILINE)


@dataclass(frozen=True)
class Candidate:
    """A do-file from which the others may be run, and why it may be."""

    path: str
    reasons: tuple[str, ...]
    calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inventory:
    """roles: path -> what the file is taken for; masters: where the code may begin, the likeliest first

    order: do-files in the order in which they are run where no master runs them; uncalled: those no master reaches
    """

    roles: Mapping[str, Role]
    masters: tuple[Candidate, ...]
    order: tuple[str, ...]
    refused: tuple[tuple[str, str], ...] = ()

    def of(self, role: Role) -> tuple[str, ...]:
        return tuple(path for path, r in self.roles.items() if r == role)

    @property
    def master(self) -> Candidate | None:
        """The one do-file that runs the others, where there is just one."""
        calling = [m for m in self.masters if m.calls]
        named = [m for m in calling if _MASTER.search(_stem(m.path))]
        if len(named) == 1:
            return named[0]
        return calling[0] if len(calling) == 1 else None

    @property
    def ambiguous(self) -> bool:
        """Whether several do-files run mostly the same others, so that one of them may be meant and not the other.

        Where each runs its own, all of them are the package's code, one after the other.
        """
        calling = [set(m.calls) for m in self.masters if m.calls]
        alike = (2 * len(a & b) > min(len(a), len(b)) for a, b in itertools.combinations(calling, 2))
        return self.master is None and any(alike)


def inventory(listed: Listing, texts: Mapping[str, str]) -> Inventory:
    """texts: those of the do-files by path."""
    written = written_names(texts)
    roles = {file.path: role(file, written) for file in listed.files}
    dos = [f.path for f in listed.files if roles[f.path] == "do-file"]
    calls = {path: called(texts.get(path, ""), path, dos) for path in dos}
    reached = {other for path, others in calls.items() for other in others if other != path}
    roots = [path for path in dos if path not in reached]
    masters = sorted(
        (Candidate(path, _reasons(path, calls), calls[path]) for path in roots or dos),
        key=lambda c: (not _MASTER.search(_stem(c.path)), -len(c.calls), c.path.count("/"), _natural(c.path)),
    )
    return Inventory(roles, tuple(masters), tuple(sorted(roots or dos, key=_natural)), listed.refused)


def role(file: File, written: frozenset[str] = frozenset()) -> Role:
    """written: names of files that a do-file's esttab, outreg2 and their kin write."""
    known = _BY_ENDING.get(file.ending)
    name, head = file.name.lower(), file.head
    if name.startswith("readme") or name in ("license", "licence", "license.txt", "codebook.txt"):
        return "readme"
    if name in written:
        return "table"
    if known in ("figure", None) or (file.page and file.ending in NOTEBOOKS):
        pass
    elif known != "paper":
        return known
    match file.ending:
        case ".log":
            return "other" if b"This is pdfTeX" in head or b"This is BibTeX" in head or b"This is XeTeX" in head else "log"
        case ".txt":
            if _LOG_TEXT.search(head) and not _TABLE_TEXT.search(head):
                return "log"
            return "table" if _TABLE_TEXT.search(head) else "data" if _columns(head) else "other"
        case ".csv" | ".tsv":
            return "table" if _TABLE_TEXT.search(head) else "data"
        case ".tex":
            return "paper" if b"\\documentclass" in head else "table" if b"&" in head else "other"
        case ".xls" | ".xml":
            return "table" if head.lstrip().startswith((b"<?xml", b"<html")) else "data"
        case ".xlsx":
            return "data"
        case ".rtf":
            return "table" if b"\\rtf" in head else "other"
        case ".doc":
            return "table" if head.lstrip().startswith((b"<", b"{\\rtf")) else "paper"
        case ".docx":
            return "paper"
        case ".rmd" | ".qmd":
            return "log"
        case ".html" | ".htm" | ".md":
            table = b"<table" in head.lower() or re.search(rb"^\|.*\|\s*$", head, re.MULTILINE)
            return "table" if table else "log" if file.page else "other"
    return known or "other"


def _columns(head: bytes) -> bool:
    """Whether lines hold equally many fields."""
    lines = [line for line in head.splitlines()[:10] if line.strip()]
    counts = {sep: {line.count(sep) for line in lines} for sep in (b"\t", b",", b";", b"|")}
    return any(len(c) == 1 and c != {0} for c in counts.values()) and len(lines) > 2


_WRITES = re.compile(
    r"\b(?:esttab|estout|outreg2?|estpost|outtable|orth_out|iebaltab|asdoc|tabout|putexcel|mat2txt|xml_tab|(file\s++open))\b"
)
_INTO = re.compile(r"""\b(?:using|save\(|savetex\(|set)\s*+(?:`?"([^"\n]+)"|([^\s,()"]+))""")
#: Longer names are no files.
_LONGEST = 300


_ENDINGS = (".txt", ".xml", ".xls", ".doc", ".tex", ".rtf", ".csv")


def written_names(texts: Mapping[str, str]) -> frozenset[str]:
    """Names, in small letters, of files that commands for tables write; with the endings that those commands add."""
    out = set()
    for text in texts.values():
        parts = _WRITES.split(text.replace("///\n", " "))[1:]  # each up to the next of these commands
        for opened, after in zip(parts[::2], parts[1::2], strict=True):
            match = _INTO.search(after.partition("\n")[0])
            if match is None:
                continue
            name = (match.group(1) or match.group(2)).replace("\\", "/").rsplit("/", 1)[-1].lower()
            if "`" in name or "$" in name or (opened and not name.endswith(".tex")):
                continue
            out |= {name} if "." in name else {name + ending for ending in _ENDINGS}
    return frozenset(out)


def called(text: str, path: str, dos: Sequence[str]) -> tuple[str, ...]:
    """Do-files of the package that a do-file runs, in order, by the longest tail of the path that it names."""
    out: list[str] = []
    for match in _CALLS.finditer(_uncommented(text)):
        typed = (match.group(1) or match.group(2)).replace("\\", "/")
        typed = re.sub(r"`[^']*'|\$\{?\w+\}?", "", typed[:_LONGEST]).strip()
        typed = typed if typed.lower().endswith(".do") else f"{typed}.do"
        parts = [p for p in typed.lower().split("/") if p not in ("", ".", "..")]
        near = [d for d in dos if d.lower().split("/")[-len(parts) :] == parts] or [
            d for d in dos if d.lower().rsplit("/", 1)[-1] == parts[-1:][0]
        ]
        if near and near[0] != path:
            out.append(near[0])
    return tuple(dict.fromkeys(out))


def _uncommented(text: str) -> str:
    end = text.rfind("*/") + 2 if "*/" in text else 0  # no comment is closed behind it
    text = re.sub(r"/\*.*?\*/", " ", text[:end], flags=re.DOTALL) + text[end:]
    bare = (re.sub(r"(?:^|\s)//.*", "", line) for line in text.splitlines())
    return "\n".join("" if line.lstrip().startswith("*") else line for line in bare)


def _reasons(path: str, calls: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    out = []
    if _MASTER.search(_stem(path)):
        out.append("its name says so")
    if calls[path]:
        out.append(f"it runs {len(calls[path])} of the {len(calls)} do-files")
    if "/" not in path:
        out.append("it stands at the top of the folder")
    return tuple(out) or ("no other do-file runs it",)


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _natural(path: str) -> tuple:
    """`2_x` before `10_x`."""
    return tuple((int(p), "") if p.isdigit() else (0, p.lower()) for p in re.split(r"(\d+)", path))
