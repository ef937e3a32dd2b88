"""use, save, import, export, insheet, input, do: files within the package's folder alone. [D] use, import, export."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from parity.stata import dta
from parity.stata.commands import command
from parity.stata.commands.delimited import delimited, in_case, variable_names
from parity.stata.files import Absent, Outside, decoded
from parity.stata.functions import number_of
from parity.stata.lists import split_words
from parity.stata.mishaps import NotRun, OptionNotRead
from parity.stata.opening import opened
from parity.stata.session import Session
from parity.stata.workbook import cells
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, Dataset, text_kind
from parity.stata_language.expression import unquoted
from parity.stata_language.values import alike, smallest, stored


def path_of(text: str) -> str:
    return unquoted(text.strip()).strip()


@command("use")
def use(session: Session, given: Command) -> None:
    """`use file`, `use varlist [if] [in] using file`."""
    typed = path_of(given.using if given.using else given.about)
    data = loaded(session, typed)
    if given.has("nolabel"):
        data = replace(data, value_labels={})
    session.data = data
    if given.using and given.about.strip():
        names = session.names(given.about)
        if given.condition or given.rows:
            session.data = data.taken(session.used(replace(given, about="", using=None)))
        session.data = session.there.without([n for n in data.columns if n not in names])
    elif given.condition or given.rows:
        session.data = data.taken(session.used(given))


def loaded(session: Session, typed: str) -> Dataset:
    """A data set by its path: one that was saved before as it was, another read once. Raises `Absent` after the session's
    data are lost."""
    if typed in session.files.temporary and typed in session.saved:
        return session.saved[typed]
    try:
        path = opened(session, typed, ".dta")
    except (Absent, Outside):
        session.data = None
        raise
    key = str(path)
    if key not in session.saved:
        data = dta.read(path)
        if data.rows * len(data.columns) > MOST_KEPT:
            return data
        session.saved[key] = data
    return session.saved[key]


#: Cells of a file that is kept in memory after it was read.
MOST_KEPT = 20_000_000


@command("save", changes_data=False)
def save(session: Session, given: Command) -> None:
    """Kept in memory with all that a file can't hold; an empty file in the scratch folder stands for it."""
    typed = path_of(given.about) or session.there.path
    own = session.files.held(typed, ".dta") if typed and typed not in session.files.temporary else None
    if session.data is None and own is not None and not session.files.unmade & {own.name.lower(), typed.lower()}:
        session.data = _own(session, typed, own)
        session.note("kept-file", f"`{typed}` would be made of data that aren't there: the package's own is read instead")
        return
    data = session.there
    if typed in session.files.temporary:
        session.saved[typed] = data
        return
    if not typed:
        raise DataProblem("invalid file specification", 198)
    if own is not None and (data.doubts or not data.columns):
        session.note("kept-file", f"`{typed}` would be made of data in doubt: the package's own is read instead")
        return
    if own is not None and any(column.doubts for column in data.columns.values()):
        there = _own(session, typed, own)
        if _made_alike(data, there):
            session.note("kept-file", f"`{typed}` would be made of columns in doubt: the package's own is read instead")
            session.data = there
            return
    path = session.files.written(typed, ".dta")
    path.touch()
    session.data = session.saved[str(path)] = replace(data, path=typed)


def _own(session: Session, typed: str, path: Path) -> Dataset:
    """The package's own file, as it lies there."""
    if str(path) not in session.saved:
        session.saved[str(path)] = dta.read(path)
    session.files.taken(typed, path)
    return session.saved[str(path)]


def _made_alike(data: Dataset, own: Dataset) -> bool:
    """Whether a file may be these data: the same columns and as many rows, and what is in no doubt has the same values."""
    if own.rows != data.rows or list(own.columns) != list(data.columns):
        return False
    sure = [n for n, column in data.columns.items() if not column.doubts]
    return all(alike(np.sort(data[n].values), np.sort(own[n].values)) for n in sure)


@command("copy", changes_data=False)
def copy(session: Session, given: Command) -> None:
    """`copy from to [, replace public text]` of files of the folder, into the scratch folder alone. [D] copy"""
    words = split_words(given.about)
    if len(words) != 2:
        raise DataProblem("invalid syntax", 198)
    source, target = map(path_of, words)
    if any(re.match(r"(?:https?|ftp)://", p, re.IGNORECASE) for p in (source, target)):
        raise NotRun(f"`{given.typed}` is never run here: it fetches from the web")
    if source in session.files.temporary or target in session.files.temporary:  # data, kept by the name of their macro
        data = loaded(session, source)
        place = target if target in session.files.temporary else str(_touched(session.files.written(target)))
        session.saved[place] = data
        return
    found = opened(session, source)
    path = session.files.written(f"{target}{found.name}" if target.endswith(("/", "\\")) else target)
    if str(found) in session.saved and not found.stat().st_size:  # saved by this run: it lies in memory
        session.saved[str(_touched(path))] = session.saved[str(found)]
        return
    path.write_bytes(found.read_bytes())
    session.saved.pop(str(path), None)


def _touched(path: Path) -> Path:
    path.touch()
    return path


@command("import", "insheet", "infile")
def import_(session: Session, given: Command) -> None:
    """`import delimited|excel file`, `insheet using file`, with the options that change what is read."""
    about = given.about
    if given.name == "infile":
        raise NotRun("infile is not known here: it reads texts without heads, by a list of variables or a dictionary")
    if given.using and about.split()[given.name == "import" :]:
        raise NotRun(f"`{given.typed}` with a list of variables is not known here")
    verb, _, rest = about.partition(" ") if given.name == "import" else ("delimited", "", about)
    typed = path_of(given.using or rest.partition(" using ")[2] or rest)
    try:
        if verb in ("delimited", "delim"):
            data = delimited(opened(session, typed, ".csv", ".txt", ".raw"), given)
        elif verb in ("excel", "exc"):
            data = _excel(opened(session, typed, ".xlsx", ".xls"), given)
        else:
            raise DataProblem(f"import {verb} is not known here", 198)
    except (Absent, Outside):
        session.data = None
        raise
    session.data = replace(data, path=typed)
    k = len(data.columns)
    session.say(f"({k:,} var{'' if k == 1 else 's'}, {data.rows:,} obs)")


def _excel(path: Path, given: Command) -> Dataset:
    """A sheet; `firstrow` gives names; numbers are doubles, dates days."""
    import datetime

    from openpyxl.utils import get_column_letter

    if (texts := given.option("allstring", least=3)) and texts.value:
        raise OptionNotRead(f"import excel's allstring({texts.value}) is not read here, and may change the data")
    sheet, span = given.option("sheet"), given.option("cellrange")
    rows = cells(path, unquoted(sheet.value) if sheet and sheet.value else "", span.value or "" if span else "")
    width = max((len(r) for r in rows), default=0)
    names = [get_column_letter(i + 1) for i in range(width)]
    heads = list(names)
    if given.has("firstrow", least=5) and rows:
        case = given.option("case")
        first = [str(v) if v is not None else "" for v in rows[0]]
        heads = [*first, *[""] * (width - len(first))]
        made = variable_names(heads, in_case(case.value, "preserve") if case and case.value else "preserve")
        taken = [h.strip()[:1].isdigit() or not h for h in heads]  # `1990` is no name: the column's letter, and its label
        names = [n if t else m for m, t, n in zip(made, taken, names, strict=True)]
        rows = rows[1:]
    columns = {}
    epoch = datetime.datetime(1960, 1, 1)
    for i, name in enumerate(names):
        values = [r[i] if i < len(r) else None for r in rows]
        there = [v for v in values if v is not None]
        if given.has("allstring", least=3) or any(isinstance(v, str) for v in there):
            texts = np.array(
                [
                    "" if v is None else v if isinstance(v, str) else f"{v:g}" if isinstance(v, float) else str(v)
                    for v in values
                ],
                dtype=object,
            )
            columns[name] = Column(texts, text_kind(texts), label=heads[i])
        elif there and all(isinstance(v, datetime.date) for v in there):
            days = [np.nan if v is None else (datetime.datetime(v.year, v.month, v.day) - epoch).days for v in values]
            columns[name] = Column(np.array(days, dtype=float), "int", "%td", heads[i])
        else:
            numbers = np.array([np.nan if v is None else float(v) for v in values], dtype=float)
            columns[name] = Column(numbers, smallest(numbers), "%10.0g", heads[i])
    return Dataset(columns, len(rows))


@command("export", "outsheet", changes_data=False)
def export(session: Session, given: Command) -> None:
    """`export delimited|excel`: written to the scratch folder as CSV, which nothing but a later import reads."""
    import csv

    verb, _, rest = given.about.partition(" ") if given.name == "export" else ("delimited", "", given.about)
    typed = path_of(given.using or rest.partition(" using ")[2] or rest)
    if verb not in ("delimited", "delim") and given.name == "export":
        return
    path = session.files.written(typed, ".csv")
    data = _exported(session, given, rest)
    labels = {} if given.has("nolabel", least=3) else {n: data.labels_of(n) for n in data.columns}
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if not given.has("novarnames", "nonames", least=4):
            writer.writerow(data.columns)
        for i in range(data.rows):
            writer.writerow(_cell(column.values[i], labels.get(name, {})) for name, column in data.columns.items())


def _exported(session: Session, given: Command, rest: str) -> Dataset:
    """The variables and rows that are written."""
    data = session.there.taken(session.used(given)) if given.condition or given.rows else session.there
    listed = rest.partition(" using ")[0] if given.using else ""
    names = session.names(listed) if listed.strip() else ()
    return replace(data, columns={n: data.columns[n] for n in names}) if names else data


def _cell(value: float | str, labels: Mapping[float, str]) -> str:
    """Value labels go out as texts; whole numbers without a point, missing ones as nothing."""
    if isinstance(value, str):
        return value
    if np.isnan(value):
        return ""
    return labels.get(float(value)) or (
        f"{value:.0f}" if value == np.trunc(value) and abs(value) < 1e15 else repr(float(value))
    )


#: `byte(a b)`: a type of several variables.
_TYPED_LIST = re.compile(r"\b(byte|int|long|float|double|str\d+|strL)\s*\(([^()]*)\)")


def typed_in(session: Session, head: str, lines: list[str]) -> None:
    """`input x y str5 z` and its lines. Raises `DataProblem`."""
    names, kinds, kind = [], [], "float"
    listed = re.sub(_TYPED_LIST, lambda m: " ".join(f"{m[1]} {name}" for name in m[2].split()), head)
    for word in listed.split()[1:]:
        if word == "clear" or word.startswith(","):
            continue
        if re.fullmatch(r"byte|int|long|float|double|str\d+|strL", word):
            kind = word
            continue
        names.append(word)
        kinds.append(kind)
        kind = "float"
    there = session.data if session.data is not None and session.data.columns else None
    if taken := [name for name in names if there is not None and name in there.columns]:
        raise DataProblem(f"variable {taken[0]} already defined", 110)
    if more := there is not None and not names:  # observations of the variables that are there
        names, kinds = list(there.columns), [c.kind for c in there.columns.values()]
    rows = _readable(session, [split_words(line) for line in lines], kinds)
    if not rows:
        return
    made = {}
    for i, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        values = [r[i] if i < len(r) else "" for r in rows]
        if kind.startswith("str"):
            made[name] = Column(np.array(values, dtype=object), kind)
        else:
            made[name] = Column(stored(np.array([number_of(v) for v in values], dtype=float), kind), kind)
    if there is None:
        session.data = Dataset(made, len(rows))
    elif more:
        both = {n: replace(c, values=np.concatenate([c.values, made[n].values])) for n, c in there.columns.items()}
        session.data = replace(there, columns=both, rows=there.rows + len(rows), sorted_by=())
    else:
        session.data = replace(there, columns={**there.columns, **_of_length(made, len(rows), there.rows)})


def _of_length(made: Mapping[str, Column], n: int, rows: int) -> dict[str, Column]:
    """New variables of the observations there are, missing where nothing was typed. Raises `DataProblem`."""
    if n > rows:
        raise DataProblem(f"{n} rows were typed of new variables, and there are {rows} observations", 198)
    return {
        name: replace(
            c, values=np.concatenate([c.values, np.full(rows - n, "" if c.text else np.nan, dtype=c.values.dtype)])
        )
        for name, c in made.items()
    }


def _readable(session: Session, rows: Sequence[list[str]], kinds: Sequence[str]) -> list[list[str]]:
    """Rows whose words are numbers where numbers are due; Stata asks for the others again, and takes the next line."""
    kept = []
    for row in rows:
        words = (w for w, kind in zip(row, kinds, strict=False) if not kind.startswith("str"))
        if wrong := next((w for w in words if np.isnan(number_of(w)) and not re.fullmatch(r"\.[a-z]?|\s*", w)), None):
            session.note("stata-error", f"`{wrong}` cannot be read as a number: `input` takes no such row")
        else:
            kept.append(row)
    return kept


@command("cd", changes_data=False)
def cd(session: Session, given: Command) -> None:
    session.files.cd(path_of(given.about))


#: What the do-file editor runs a selection from: a temporary file, whose lines follow in the log.
_SELECTION = re.compile(r"(^|[\\/])(SD\d{5}|STD[0-9a-f]+_\d+)\.(\d{6}|tmp)$", re.IGNORECASE)


@command("do", "run", "include", changes_data=False)
def do(session: Session, given: Command) -> None:
    """Another do-file of the folder; `include` shares its locals, `nostop` goes on behind errors."""
    words = split_words(given.about)
    if not words:
        raise DataProblem("no do-file is named", 198)
    if _SELECTION.search(words[0]):
        return
    path = opened(session, words[0], ".do")
    source = decoded(path.read_bytes())
    relative = str(path.relative_to(session.files.folder)) if path.is_relative_to(session.files.folder) else path.name
    quiet, unstopped = session.quiet, session.unstopped
    session.quiet += given.name == "run"
    session.unstopped += given.has("nostop")
    try:
        session.interpreter.do(source, relative, words[1:], include=given.name == "include")
    finally:
        session.quiet, session.unstopped = quiet, unstopped
