"""Extended macro functions: what `local x : word count ...` stands for. [P] macro."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.base.patterns import BLANKS
from parity.stata.files import Absent
from parity.stata.lists import split_words
from parity.stata_language.dataset import DataProblem
from parity.stata_language.expression import unquoted

if TYPE_CHECKING:
    from parity.stata.session import Session


def extended(session: Session, text: str) -> str:
    """Text behind the colon, macros expanded -> what it stands for. Raises `DataProblem`."""
    word, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    match word:
        case "word":
            return _word(rest)
        case "list":
            return _list(session, rest)
        case "length" | "strlen" | "ustrlen" | "udstrlen":
            return str(len(_inner(rest).encode()) if word in ("length", "strlen") else len(_inner(rest)))
        case "display" | "di":
            from parity.stata.commands.output import displayed

            return displayed(session, rest)
        case "type":
            return session.there[session.name(rest)].kind
        case "format":
            return session.there[session.name(rest)].format
        case "variable" | "var":  # variable label x
            return session.there[session.name(rest.split()[-1])].label
        case "value" | "val":  # value label x
            return session.there[session.name(rest.split()[-1])].value_label
        case "label":
            return _label(session, rest)
        case "data":  # data label
            return session.there.label
        case "subinstr":
            return _subinstr(session, rest)
        case "piece":
            return _piece(rest)
        case "pwd":
            return "."
        case "permname":
            return _inner(rest)[:32]
        case "sortedby":
            return " ".join(session.there.sorted_by)
        case "colnames" | "colfullnames" | "rownames" | "rowfullnames" | "coleq" | "roweq":
            return _names(session, word, rest)
        case "rowsof" | "colsof":
            matrix = session.matrix("", rest) or session.matrix("e", rest[2:-1]) or session.matrix("r", rest[2:-1])
            return "0" if matrix is None else str(len(matrix.rows if word == "rowsof" else matrix.columns))
        case "dir":
            return _dir(session, rest)
        case "all":  # all globals, scalars
            return " ".join(session.macros.globals if rest.startswith("glob") else session.scalars)
        case "char":
            return session.there.characteristics.get(rest, "")
        case "environment" | "env" | "sysdir" | "adosubdir" | "tempfile" | "tempvar":
            return ""
        case "copy":
            return session.macros.locals.get(rest.removeprefix("local ").strip(), "")
        case "e(scalars)" | "e(macros)" | "e(matrices)" | "r(scalars)" | "r(macros)":
            kept = session.e if word[0] == "e" else session.r
            return " ".join(getattr(kept, {"s": "numbers", "m": "texts"}.get(word[2], "texts")))
    if word.startswith("constraint"):
        return ""
    raise DataProblem(f"`: {text[:40]}` is no macro function that is known here", 198)


def _inner(text: str) -> str:
    return unquoted(text.strip())


def _word(text: str) -> str:
    if match := re.match(r"count\b\s*(.*)", text, re.DOTALL):
        return str(len(split_words(match.group(1))))
    match = re.match(r"(-?\d+|\S+)\s+of\s*(.*)", text, re.DOTALL)
    if match is None:
        raise DataProblem("invalid syntax behind `: word`", 198)
    words = split_words(match.group(2))
    try:
        at = int(match.group(1))
    except ValueError:
        raise DataProblem(f"`{match.group(1)}` is no number of a word", 198) from None
    return words[at - 1] if 1 <= at <= len(words) else ""


def _list(session: Session, text: str) -> str:
    """Set algebra on macros by their names: `a | b`, `a & b`, `a - b`, `uniq a`, `x in a`, `posof "x" in a`, `sizeof a`."""

    def held(name: str) -> list[str]:
        name = name.strip()
        if name.startswith(("global ", "local ")):
            kind, _, name = name.partition(" ")
            return split_words((session.macros.globals if kind == "global" else session.macros.locals).get(name.strip(), ""))
        return split_words(session.macros.locals.get(name, ""))

    if match := re.match(r'posof\s+("[^"]*"|\S+)\s+in\s+(\S+)', text):
        words, wanted = held(match.group(2)), _inner(match.group(1))
        return str(words.index(wanted) + 1 if wanted in words else 0)
    if match := re.match(r"(uniq|dups|sort|clean|retokenize|sizeof)\s+(.+)", text):
        words = held(match.group(2))
        match match.group(1):
            case "uniq":
                return " ".join(dict.fromkeys(words))
            case "sort":
                return " ".join(sorted(words))
            case "sizeof":
                return str(len(words))
            case "dups":
                return " ".join(w for i, w in enumerate(words) if w in words[:i])
        return " ".join(words)
    for sign, same in (("===", True), ("==", False)):
        if sign in text:
            a, b = map(held, text.split(sign))
            return str(int(a == b if same else sorted(a) == sorted(b)))
    if match := re.match(r"(\S+)\s+in\s+(\S+)", text):
        return str(int(set(held(match.group(1))) <= set(held(match.group(2)))))
    if match := re.match(rf"(.+?){BLANKS}([|&-])\s*(.+)", text):
        a, b = held(match.group(1)), held(match.group(3))
        match match.group(2):
            case "|":
                return " ".join([*a, *(w for w in b if w not in a)])
            case "&":
                return " ".join(w for w in a if w in b)
        rest = list(b)
        return " ".join(w for w in a if not (w in rest and not rest.remove(w)))
    return " ".join(held(text))


def _label(session: Session, text: str) -> str:
    """`label (x) 3`, `label lbl 3 [maxlength] [, strict]`."""
    text, _, options = text.partition(",")
    match = re.match(r"\(\s*(\S+?)\s*\)\s*(\S+)|(\S+)\s+(\S+)", text.strip())
    if match is None:
        raise DataProblem("invalid syntax behind `: label`", 198)
    data = session.there
    labels = data.labels_of(session.name(match.group(1))) if match.group(1) else data.value_labels.get(match.group(3), {})
    value = match.group(2) or match.group(4)
    try:
        return labels.get(float(value), "" if "strict" in options else value)
    except ValueError:
        return value


def _subinstr(session: Session, text: str) -> str:
    match = re.match(r'(local|global)\s+(\S+)\s+("[^"]*"|`".*?"\')\s+("[^"]*"|`".*?"\')\s*(.*)', text)
    if match is None:
        raise DataProblem("invalid syntax behind `: subinstr`", 198)
    held = session.macros.locals if match.group(1) == "local" else session.macros.globals
    old, new = unquoted(match.group(3)), unquoted(match.group(4))
    whole = held.get(match.group(2), "")
    if "word" in match.group(5):
        return re.sub(rf"(?<!\S){re.escape(old)}(?!\S)", lambda _: new, whole, count=0 if "all" in match.group(5) else 1)
    return whole.replace(old, new) if "all" in match.group(5) else whole.replace(old, new, 1)


def _piece(text: str) -> str:
    match = re.match(r"(\d+)\s+(\d+)\s+of\s+(.*)", text, re.DOTALL)
    if match is None:
        raise DataProblem("invalid syntax behind `: piece`", 198)
    at, width, whole = int(match.group(1)), int(match.group(2)), unquoted(match.group(3).strip())
    return whole[(at - 1) * width : at * width]


def _names(session: Session, word: str, text: str) -> str:
    match = re.match(r"([er])\((\w+)\)|(\w+)", text)
    matrix = None if match is None else session.matrix(match.group(1) or "", match.group(2) or match.group(3) or "")
    if matrix is None:
        return ""
    names = matrix.columns if word.startswith("col") else matrix.rows
    if word.endswith("eq"):
        return " ".join(n.partition(":")[0] if ":" in n else "_" for n in names)
    return " ".join(n if "full" in word else n.rpartition(":")[2] for n in names)


def _dir(session: Session, text: str) -> str:
    """`dir "folder" files "*.dta"`: names of files of the folder, nothing outside it. Raises `Absent` for a folder that
    isn't in the package: an empty list would run a loop over its files no time, and say nothing."""
    match = re.match(r'("[^"]*"|\S+)\s+(files|dirs|other)\s*("[^"]*"|\S+)?', text)
    if match is None:
        return ""
    inside = unquoted(match.group(1)).strip().strip("/").removeprefix("./")
    folder = (session.files.folder / session.files.here / inside).resolve()
    if not folder.is_relative_to(session.files.folder) or not folder.is_dir():
        raise Absent(unquoted(match.group(1)))
    wanted = unquoted(match.group(3) or "*")
    entries = sorted(p.name for p in folder.glob(wanted) if p.is_dir() == (match.group(2) == "dirs"))
    return " ".join(f'"{name}"' for name in entries)
