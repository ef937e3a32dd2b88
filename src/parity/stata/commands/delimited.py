"""Texts with a separator: import delimited and insheet. [D] import delimited, insheet."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import numpy as np

from parity.stata.files import decoded
from parity.stata.functions import number_of
from parity.stata.mishaps import OptionNotRead
from parity.stata_language.command import Command, Option
from parity.stata_language.dataset import Column, DataProblem, Dataset, text_kind
from parity.stata_language.expression import unquoted
from parity.stata_language.values import smallest, stored
from parity.stata_language.varlist import numbers


def _text(path: Path, given: Command) -> str:
    raw = path.read_bytes()
    option = given.option("encoding", least=3)
    with suppress(UnicodeDecodeError, LookupError):
        if option and option.value:
            return re.sub("\r\n?", "\n", raw.decode(unquoted(option.value)))
    return re.sub("\r\n?", "\n", decoded(raw))  # old Macs end lines with \r alone


def delimited(path: Path, given: Command) -> Dataset:
    """Text with a separator; a column is numeric where every entry is. Numbers are stored in float, or double where
    asked or where whole numbers need it."""
    import csv
    import io

    text = _text(path, given)
    option = given.option("delimiters", least=5) or given.option("delimiter")
    if option and (read := _unread_delimiters(option.value or "")):
        raise OptionNotRead(f"{given.typed}'s delimiters({read}) is not read here, and may change the data")
    wanted = (
        unquoted(option.value.split('"')[1] if option and option.value and '"' in option.value else option.value or "")
        if option
        else ""
    )
    separator = {"tab": "\t", "comma": ",", "\\t": "\t", "space": " "}.get(wanted, wanted[:1])
    if not separator:
        head = text.split("\n", 1)[0]
        separator = "\t" if head.count("\t") > head.count(",") else ","
        separator = ";" if head.count(";") > head.count(separator) else separator
        separator = "\t" if given.has("tab") else "," if given.has("comma") else separator
    for name, read in (("bindquotes", ("strict", "loose", "")), ("stripquotes", ("yes", "default", ""))):
        if (option := given.option(name)) and (option.value or "").strip() not in read:
            raise OptionNotRead(f"{given.typed}'s {name}({option.value}) is not read here, and may change the data")
    rows = [r for r in csv.reader(io.StringIO(text), delimiter=separator) if r]
    if not rows:
        return Dataset()
    names, body = _headed(rows, given)
    if columns := given.option("colrange"):
        first, last = _range(columns.value or "", "colrange")
        names, body = names[first - 1 : last], [r[first - 1 : last] for r in body]
    width = max(len(names), max((len(r) for r in body), default=0))
    case = given.option("case")
    kept = in_case(case.value, "lower") if case and case.value else "lower"
    made = variable_names([*names, *[""] * (width - len(names))], kept)
    columns = {}
    double = given.has("asdouble", "double", "asfloat") and not given.has("asfloat")
    as_text, as_number = (_places(given.option(n), len(made)) for n in ("stringcols", "numericcols"))
    for i, name in enumerate(made):
        values = [r[i].strip() if i < len(r) else "" for r in body]
        columns[name] = column_of(
            [v if _number(v) else "." for v in values] if i in as_number else values,
            double=double,
            text=i in as_text,
            label=names[i] if i < len(names) and names[i] != name else "",
        )
    return Dataset(columns, len(body))


def _headed(rows: list[list[str]], given: Command) -> tuple[list[str], list[list[str]]]:
    """Names and rows of data. `rowrange()` counts the file's rows; where the names stand must be said beside it."""
    option = given.option("varnames", least=4)
    line = option.value.strip() if option and option.value else ""
    bare = given.has("nonames") or line.startswith("non")
    span = given.option("rowrange")
    if span and not (bare or line.isdigit()):
        raise OptionNotRead(f"{given.typed}'s rowrange() without varnames(#) is not read here, and may change the data")
    start, end = _range(span.value or "", "rowrange") if span else (1, None)
    numbered = [f"v{i + 1}" for i in range(len(rows[0]))]
    if bare:
        return numbered, rows[start - 1 : end]
    at = int(line) - 1 if line.isdigit() else 0
    if at >= len(rows):
        raise DataProblem(f"varnames({line}): the file has {len(rows):,} rows", 198)
    if given.has("names") or line.isdigit() or any(_is_text(v) for v in rows[at]):
        return rows[at], rows[max(start - 1, at + 1) : end]
    return numbered, rows


def _range(typed: str, option: str) -> tuple[int, int | None]:
    """`3`, `3:9`, `:9` -> first and last, from 1. Raises `DataProblem`."""
    match = re.fullmatch(r"(\d*+)\s*+(?:(:)\s*+(\d*+))?", typed.strip())
    if match is None or match[1] == "0" or not typed.strip():
        raise DataProblem(f"{option}({typed}) is no range", 198)
    return int(match[1] or 1), int(match[3]) if match[3] else None


def _places(option: Option | None, n: int) -> set[int]:
    """Columns that a list of numbers or `_all` names, from 0."""
    listed = (option.value or "").strip() if option else ""
    return set(range(n)) if listed == "_all" else {int(i) - 1 for i in numbers(listed)}


def _unread_delimiters(typed: str) -> str:
    """What `delimiters()` asks for beyond one sign: several, of which each separates, or runs of it taken together."""
    quoted = re.match(r'\s*"([^"]*)"(.*)\Z', typed, re.DOTALL)
    signs, more = quoted.groups() if quoted else (typed.partition(",")[0].strip() or typed.strip(), typed.partition(",")[2])
    one = len(signs) <= 1 or signs in ("tab", "comma", "space", "\\t")
    return "" if one and not re.sub(r"\W|asstring", "", more) else typed


def _is_text(value: str) -> bool:
    return bool(value.strip()) and not _number(value)


def _number(value: str) -> bool:
    return value == "" or not np.isnan(number_of(value)) or bool(re.fullmatch(r"\.[a-z]?", value))


#: Of what plain numbers consist: what Python reads of these signs, `number_of` reads alike.
_PLAIN = frozenset("0123456789.-+eE")


def _plain(values: list[str]) -> np.ndarray | None:
    """The numbers of a column that has plain ones and blanks alone; None where an entry is anything else, a `.` as well."""
    if "." in values or not _PLAIN.issuperset("".join(values)):
        return None
    try:
        return np.array([float(v) if v else np.nan for v in values], dtype=float)
    except ValueError:
        return None


def column_of(values: list[str], *, double: bool = False, text: bool = False, label: str = "") -> Column:
    """Texts of a file -> a column: numeric where every entry is a number or empty."""
    numbers = None if text or not any(values) else _plain(values)
    if numbers is None and (text or not all(_number(v) for v in values) or not any(values)):
        if not text and not any(values):
            return Column(np.full(len(values), np.nan), "byte", label=label)
        texts = np.array(values, dtype=object)
        return Column(texts, text_kind(texts), label=label)
    if numbers is None:
        numbers = np.array([number_of(v) if v else np.nan for v in values], dtype=float)
    kind = smallest(numbers, most="double" if double or _long(values) else "float")
    return Column(stored(numbers, kind), kind, label=label)


def _long(values: list[str]) -> bool:
    """Whether digits go beyond what a float holds: import delimited then makes a double of whole numbers."""
    return any(v.lstrip("-").isdigit() and len(v.lstrip("-")) > 9 for v in values)


def in_case(typed: str, usual: str) -> str:
    """`case(l)`: as the help files allow, cut to any length."""
    return next((word for word in ("lower", "upper", "preserve") if word.startswith(typed.strip().lower())), usual)


def variable_names(heads: list[str], case: str = "lower") -> list[str]:
    """Headings -> names: in small letters unless told otherwise, what a name can't hold left out; `1990`, which is none, and
    doubles by their column's number."""
    found: list[str] = []
    for i, head in enumerate(heads):
        name = re.sub(r"[^\w]", "", head.strip())
        name = name.lower() if case == "lower" else name.upper() if case == "upper" else name
        name = f"v{i + 1}" if name[:1].isdigit() or not name else name[:32]
        found.append(name if name not in found else f"v{i + 1}")
    return found
