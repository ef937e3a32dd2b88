"""The map: what can't be guessed, in a TOML file that a person edits. Exhibit -> command, column -> model, row -> term.

    [exhibit."tables/table5.md".columns]
    1 = "code/3_tables.do:20"
    2 = "code/3_tables.do:22#2"      # the second time that this line ran
    [exhibit."tables/table5.md".rows]
    "Union member" = "union"
    [[in_text]]
    sentence = "Members earn 18 percent more."
    number = "18"
    command = "code/2_analysis.do:5"
    term = "union"
    scale = 100

A command is its place, the name that its estimates were stored under, or its text.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import ValidationError

from parity.base.errors import InputError, Problem, suggest
from parity.base.values import Value
from parity.compare.printed import PrintedNumber, read_number
from parity.logs.exhibit import Cell, Place
from parity.package.estimates import Estimated
from parity.package.fit import fit
from parity.package.mapping import Given, Match, bare, name_of
from parity.package.printed import Column, Printed, Row, Statistic

if TYPE_CHECKING:
    from parity.package.document import Package


class ExhibitSaid(Value):
    """command: of an exhibit with one column; columns: number, or `PANEL:number` -> command; rows: label -> term"""

    command: str = ""
    columns: dict[str, str] = {}
    rows: dict[str, str] = {}


class InText(Value):
    """A number of the paper's text. quantity: "coef", "se", "nobs" ...; scale: the printed number is so many times it"""

    sentence: str
    number: str
    command: str
    term: str = ""
    quantity: str = "coef"
    scale: float = 1.0


class MapFile(Value):
    exhibit: dict[str, ExhibitSaid] = {}
    in_text: tuple[InText, ...] = ()


def read_map(text: str, file: str) -> MapFile:
    """Raises `InputError` for no TOML, and for keys that a map doesn't have."""
    try:
        return MapFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError.at(file, "", f"this is no TOML: {error}") from None
    except ValidationError as error:
        raise InputError(
            Problem(file, ".".join(str(p) for p in e["loc"]), _said(e)) for e in error.errors()
        ) from None  # fmt: skip


def _said(error) -> str:
    if error["type"] == "extra_forbidden":
        return f"a map has no such key{suggest(str(error['loc'][-1]), _KEYS)}"
    return "this key is missing" if error["type"] == "missing" else error["msg"]


_KEYS = ("exhibit", "in_text", "command", "columns", "rows", "sentence", "number", "term", "quantity", "scale")


def given_of(
    text: str, file: str, exhibits: Sequence[Printed], estimates: Sequence[Estimated]
) -> Mapping[str, Given]:  # fmt: skip
    """Exhibit's id -> what the map says of it. Raises `InputError` with every problem of the map."""
    if not text:
        return {}
    found = read_map(text, file)
    by_id = {e.id: e for e in exhibits}
    problems: list[Problem] = []
    out = {}
    for id, said in found.exhibit.items():
        key = f'exhibit."{id}"'
        if id not in by_id:
            problems.append(Problem(file, key, f"the package has no such exhibit{suggest(id, by_id)}"))
            continue
        names = {name_of(c) for c in by_id[id].columns}
        columns: dict[str, int] = {}
        wanted = dict(said.columns) | ({"1": said.command} if said.command and "1" not in said.columns else {})
        for name, command in wanted.items():
            if not command:
                continue  # left open
            if name not in names:
                problems.append(
                    Problem(file, f"{key}.columns.{name}", f"it has no such column; columns: {', '.join(sorted(names))}")
                )
                continue
            place = place_of(command, estimates)
            if place is None:
                problems.append(Problem(file, f"{key}.columns.{name}", _no_command(command, estimates)))
            else:
                columns[name] = place
        labels = {r.label for c in by_id[id].columns for r in c.rows}
        for label in said.rows:
            if label not in labels:
                problems.append(Problem(file, f"{key}.rows", f"it has no row `{label}`{suggest(label, labels)}"))
        out[id] = Given(columns, dict(said.rows))
    if problems:
        raise InputError(problems)
    return out


def place_of(command: str, estimates: Sequence[Estimated]) -> int | None:
    """The estimate that a map names: `file:line`, `file:line#2`, a stored name, or the command's text."""
    place, _, nth = command.partition("#") if ":" in command.partition("#")[0] else (command, "", "")
    same = [e for e in estimates if e.place == place]
    if same:
        n = int(nth) if nth.isdigit() else 1
        return same[n - 1].index if 1 <= n <= len(same) else None
    named = [e for e in estimates if command in e.names] or [
        e for e in estimates if bare(command) in (bare(e.command), bare(e.raw))
    ]
    return named[-1].index if named else None


#: Commands that are named where none is the one that a map names.
_NEAREST = 4


def _no_command(command: str, estimates: Sequence[Estimated]) -> str:
    """With those that may have been meant: near in spelling, else in the same file, by line; else the first."""
    places = list(dict.fromkeys(e.place for e in estimates))
    head = f"no estimation command is `{command}`"
    if hint := suggest(command, places):
        return head + hint
    if not places:
        return f"{head}: the do-files have none"
    file, _, line = command.partition("#")[0].rpartition(":")
    texts = {e.place: " ".join((e.raw or e.command).split())[:50] for e in reversed(estimates)}
    mine = [p for p in places if file and p.rpartition(":")[0] == file]
    if mine and line.isdecimal():
        mine.sort(key=lambda p: abs(int(p.rpartition(":")[2]) - int(line)))
    near = (mine or places)[:_NEAREST]
    told = "; ".join(f"{p} `{texts[p]}`" for p in near)
    more = f", and {len(places) - len(near)} more: --write-map FILE lists them" if len(places) > len(near) else ""
    where = f"the nearest in `{file}`" if mine else f"`{file}` has none; there are" if file else "there are"
    return f"{head}; {where}: {told}{more}"


# ---------------------------------------------------------------- numbers in the text


def in_text(text: str, file: str, estimates: Sequence[Estimated]) -> tuple[Printed, tuple[Match, ...]] | None:
    """The numbers of the paper's text as one exhibit, a column a sentence. Raises `InputError`."""
    found = read_map(text, file).in_text if text else ()
    if not found:
        return None
    problems, columns, matches = [], [], []
    for i, said in enumerate(found, 1):
        key = f"in_text[{i}]"
        place = place_of(said.command, estimates)
        if place is None:
            problems.append(Problem(file, f"{key}.command", _no_command(said.command, estimates)))
            continue
        e = estimates[place]
        if said.term and e.terms and said.term not in e.terms:
            problems.append(
                Problem(file, f"{key}.term", f"the command has no term `{said.term}`{suggest(said.term, e.terms)}")
            )
            continue
        try:
            number = read_number(said.number.replace("%", "").replace(",", ""))
        except ArithmeticError:
            problems.append(Problem(file, f"{key}.number", f"`{said.number}` is no number"))
            continue
        scaled = PrintedNumber(number.text, number.value / said.scale, number.half_unit / abs(said.scale))
        cell = Cell(said.number, scaled, said.quantity, Place(file))  # type: ignore[arg-type]
        if said.term:
            columns.append(Column(i, (Row(said.term, (cell,)),), heads=(said.sentence,)))
        else:
            columns.append(Column(i, (), (Statistic(said.quantity, said.quantity, cell),), heads=(said.sentence,)))
        matches.append(Match(fit(columns[-1], e, {said.term: said.term}), "map"))
    if problems:
        raise InputError(problems)
    return Printed("in-text numbers", file, 0, "estimates", tuple(columns), "text"), tuple(matches)


# ---------------------------------------------------------------- the first map


def map_text(package: Package) -> str:
    """What was taken for what, to be edited: exhibits with something open first, and all of the tables."""
    out = [
        "# What `parity package` took for what. Edit it, and give it back with --map FILE.",
        '# A command is "file:line", "file:line#2" (its second run), a stored name, or its text; "" leaves it open.',
        "# A row that no label told: under rows, \"label\" = \"term\".",
        "",
    ]  # fmt: skip
    for exhibit in package.exhibits:
        open_ = any(c.command is None for c in exhibit.columns)
        if exhibit.kind != "estimates" or not (open_ or exhibit.origin == "table"):
            continue
        out += [f"[exhibit.{_quoted(exhibit.id)}.columns]"]
        for column in exhibit.columns:
            name = f"{column.panel}:{column.number}" if column.panel else str(column.number)
            said = f"{column.command.file}:{column.command.line}" if column.command is not None else ""
            elsewhere = _of_another(exhibit, column.number)
            if elsewhere:  # given back, it would say that this is as it should be
                out.append(f'{_quoted(name)} = ""  # {elsewhere[:150]}')
                continue
            note = column.command.text if column.command is not None else "; ".join(
                f"{c.command.file}:{c.command.line} gives {c.share:.0%}" for c in column.candidates
            ) or "no command is known"  # fmt: skip
            out.append(f"{_quoted(name)} = {_quoted(said)}  # {' '.join(note.split())[:90]}")
        rows = list(_unknown_rows(exhibit))
        if rows:
            out.append(f"[exhibit.{_quoted(exhibit.id)}.rows]")
            out += [f'# {_quoted(label)} = ""' for label in rows]
        out.append("")
    out += ["# [[in_text]]", '# sentence = "Members earn 18 percent more."', '# number = "18"']
    out += ['# command = "code/main.do:5"', '# term = "union"', "# scale = 100"]
    return "\n".join(out) + "\n"


def _of_another(exhibit, number: int) -> str:
    """What was found where a column's numbers are those of another command than the one whose place it has."""
    causes = (cause for c in exhibit.cells if c.column == number for cause in c.causes)
    return next((" ".join(cause.text.split()) for cause in causes if cause.id == "another-estimate"), "")


def _unknown_rows(exhibit) -> Iterator[str]:
    seen = set()
    for c in exhibit.cells:
        if c.verdict == "not verified" and "name it in a map" in c.reason and c.label not in seen:
            seen.add(c.label)
            yield c.label


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
