"""Which call of a do-file wrote an exported table: calls by their target file, in the order in which they fill it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from parity.logs.exhibit import Stars
from parity.logs.star_marks import all_ranked, raised
from parity.package.estimates import plain
from parity.package.printed import Printed
from parity.printed.cells import texed

if TYPE_CHECKING:
    from parity.stata.do import TableCall, TableColumn

#: Commands whose `append` adds columns to the table that is there; that of the others begins a table below it.
ADDS_COLUMNS = ("outreg2", "outreg", "asdoc nest")


@dataclass(frozen=True)
class Written:
    """One table that calls wrote. columns: places of estimates, None for a column that is no estimate

    calls: those that wrote it, the last being the one that its exhibit is said to come from
    replaced: whether a call of another do-file has written the file anew: which of them ran last in print isn't known
    """

    target: str
    columns: tuple[int | None, ...]
    calls: tuple[TableCall, ...]
    replaced: bool = False

    @property
    def posted(self) -> tuple[TableColumn, ...]:
        """Columns of what estpost put into e()."""
        return tuple(c for call in self.calls for c in call.columns)

    @property
    def last(self) -> TableCall:
        return self.calls[-1]


def tables_written(calls: Sequence[TableCall], offset: int = 0) -> tuple[Written, ...]:
    """Tables in the order in which they begin; what a later call replaces is gone. offset: of the estimates' places."""
    by_file: dict[str, list[list[TableCall]]] = {}
    before: dict[str, list[list[TableCall]]] = {}
    for call in calls:
        if not call.target:
            continue
        held = by_file.setdefault(_path(call), [])
        if not call.append:
            before.setdefault(_path(call), []).extend(g for g in held if g[-1].file != call.file)
            held.clear()
        if call.append and held and call.command in ADDS_COLUMNS:
            held[-1].append(call)
        else:
            held.append([call])
    out = []
    for replaced, held in ((False, by_file), (True, before)):
        for target, tables in held.items():
            for group in tables:
                places = [None if c.estimation is None else c.estimation + offset for call in group for c in call.columns]
                out.append(Written(target, tuple(places), tuple(group), replaced))
    return tuple(out)


def screen_calls(calls: Sequence[TableCall], offset: int = 0) -> tuple[Written, ...]:
    """Tables that go to no file, one for each call. offset: of the estimates' places"""
    return tuple(
        Written("", tuple(None if c.estimation is None else c.estimation + offset for c in call.columns), (call,))
        for call in calls
        if not call.target
    )


#: estout's stats(), which one letter stands for; esttab's scalars(); outreg2's addstat().
_OF_STATISTICS = re.compile(r"s|st|sta|stats?|sc|sca|scal|scala|scalars?|addstat|adds")


def labelled(options: Mapping[str, str | None]) -> dict[str, tuple[str, ...]]:
    """What a table calls its terms by the call's own options: label, spelled plainly -> the terms that it may be of.

    `rename(old new ...)`, `coeflabels(name "label" ...)`, `varlabels(...)`.
    """
    from parity.stata.lists import split_words

    out: dict[str, list[str]] = {}
    for option in ("rename", "coeflabels", "coeflabel", "varlabels", "varlabel"):
        words = split_words((options.get(option) or "").partition(", ")[0])
        for term, label in zip(words[::2], words[1::2], strict=False):
            out.setdefault(plain(label), []).append(term)
    return {label: tuple(terms) for label, terms in out.items() if label}


def statistics_named(options: Mapping[str, str | None]) -> dict[str, str]:
    """What a table calls its statistics by the call's own options: label, spelled plainly -> name in e().

    `stats(N r2, labels("Obs." "R2"))`, `scalars("r2_a Adjusted R2" N)`.
    """
    from parity.stata.lists import added_statistics, split_words

    out: dict[str, str] = {}
    for option, text in options.items():
        if not text or not _OF_STATISTICS.fullmatch(option):
            continue
        names = text.partition(",")[0]
        if option[0] == "s" and not option.startswith("sc"):
            found = re.search(r"\blab\w*\(", text)
            labels = split_words(_inside(text[found.end() :])) if found else []
            out |= {plain(label): name for name, label in zip(split_words(names), labels, strict=False)}
        elif option.startswith("sc"):
            for word in split_words(text.strip()):
                name, _, label = word.partition(" ")
                out[plain(label or name)] = name
        else:  # outreg2: "label", e(name), "label", r(name)
            for label, value in added_statistics(text):
                own = re.fullmatch(r"e\((\w++)\)", value)
                out[plain(label)] = own[1] if own else f"addstat {label}"
    return {label: name for label, name in out.items() if label}


@dataclass(frozen=True)
class RowsAsked:
    """Which terms a call puts into rows. keep: patterns, () for all; hidden: those that it drops or only indicates"""

    keep: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    def asks(self, term: str) -> bool:
        held = not self.keep or any(fnmatchcase(term, p) for p in self.keep)
        return held and not any(fnmatchcase(term, p) for p in self.hidden)


def rows_asked(options: Mapping[str, str | None]) -> RowsAsked:
    """`keep(x *.year)`, `drop(z)`, `indicate("Year FE = *.year")`; `i.year` stands for its levels."""
    from parity.stata.lists import split_words

    def patterns(text: str | None) -> list[str]:
        words = split_words((text or "").partition(", ")[0])
        bare = [w.rpartition(":")[2].rpartition("=")[2].strip() for w in words]
        return [f"*{w[1:]}" if w.startswith("i.") else w for held in bare for w in held.split()]

    hidden = [*patterns(options.get("drop")), *patterns(options.get("indicate"))]
    return RowsAsked(tuple(patterns(options.get("keep"))), tuple(hidden))


def rows_of_columns(written: Written) -> tuple[RowsAsked, ...]:
    """For each column of a table, by the call that put it there; of a call that draws up the whole, by this one."""
    return tuple(rows_asked(call.options) for call in written.calls for _ in call.columns)


#: `starlevels()` may be cut down to `starl()`.
_LEVELS = re.compile(r"star(?:l(?:e(?:v(?:e(?:l(?:s)?)?)?)?)?)?|alpha")


def stars_asked(options: Mapping[str, str | None]) -> tuple[float, ...] | None:
    """Levels of one star, two and three that a call asks for, `star(* 0.10 ** 0.05)`, `alpha(0.01, 0.05)`; None: none."""
    text = next((text for o, text in options.items() if text and _LEVELS.fullmatch(o)), "")
    levels = sorted((float(found) for found in re.findall(r"(?<![\w.])0?\.\d+", text)), reverse=True)
    return tuple(levels) or None


#: Levels of stars where a call asks for none.
_DEFAULT_STARS = {"esttab": (0.05, 0.01, 0.001), "estout": (0.05, 0.01, 0.001), "outreg2": (0.1, 0.05, 0.01)}


def as_called(exhibit: Printed, mine: Written | Sequence[Written]) -> Printed:
    """A table with what the call that wrote it says of it: levels and marks of its stars, signs, places of estimates."""
    last = mine.last if isinstance(mine, Written) else mine[-1].last
    places = tuple(i for i in mine.columns if i is not None) if isinstance(mine, Written) else ()
    exhibit = _with_marks_asked(exhibit, last.options)
    if not isinstance(mine, Written) and len({w.last.command for w in mine} - set(_DEFAULT_STARS)) == 0:
        panels = dict.fromkeys(c.panel for c in exhibit.columns)
        own = (stars_asked(w.last.options) or _DEFAULT_STARS[w.last.command] for w in mine)
        exhibit = replace(exhibit, panel_stars=tuple(zip(panels, own, strict=True)) if len(panels) == len(mine) else ())
    asked, signed = stars_asked(last.options), signs_given(last, exhibit.notes.lines)
    return replace(exhibit, stars=asked, usual_stars=asked or _usual(last), signed=signed, places=places)


def _usual(call: TableCall) -> tuple[float, ...] | None:
    """Levels that esttab and outreg2 take, and say in their note, where a call says nothing of stars."""
    silent = not any(o in call.options for o in ("nostar", "nostars", "noaster", "symbol", "sigsymb", "cells", "asterisk"))
    silent &= not any(_LEVELS.fullmatch(o) and text for o, text in call.options.items())  # levels that can't be read
    return _DEFAULT_STARS[call.command] if silent and call.command in ("esttab", "outreg2") else None


def _with_marks_asked(exhibit: Printed, options: Mapping[str, str | None]) -> Printed:
    """A table whose note doesn't say what `+` or `b` stands for, by its call: `star(+ 0.10 * 0.05)`, `symbol(a, b, c)`."""
    if exhibit.notes.stars is not None:
        return exhibit
    text = options.get("star") or options.get("starlevels") or ""
    pairs = re.findall(r"(?<!\S)(\S{1,24})\s{1,9}(0?\.\d{1,9})", text)
    levels = [(raised(texed(f"1{mark}")) or mark, float(cut)) for mark, cut in pairs]
    if options.get("symbol"):
        # outreg2 takes symbols and levels as they are typed
        cuts = [float(cut) for cut in re.findall(r"(?<![\w.])0?\.\d+", options.get("alpha") or "")] or [0.01, 0.05, 0.1]
        symbols = re.findall(r"[a-d+†‡#]|\*+", options["symbol"] or "")
        levels = list(zip(symbols, cuts, strict=True)) if len(symbols) == len(cuts) else []
    marks = Stars(tuple(sorted(levels, key=lambda level: -level[1])))
    columns = [
        replace(c, rows=tuple(replace(row, cells=all_ranked(row.cells, marks)) for row in c.rows)) for c in exhibit.columns
    ]
    return replace(exhibit, columns=tuple(columns)) if levels else exhibit


def signs_given(call: TableCall, notes: Sequence[str]) -> bool:
    """Whether the call gives t its sign: outreg's first versions, `abs` of esttab, and what says so don't."""
    absolute = any("absolute" in line.lower() for line in notes)
    return call.command in ("esttab", "estout", "outreg2") and "abs" not in call.options and not absolute


def _inside(text: str) -> str:
    """Up to the parenthesis that closes."""
    depth = 1
    for i, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if not depth:
            return text[:i]
    return text


def _path(call: TableCall) -> str:
    """The file that a call writes, in small letters: below the working folder where it is typed without one."""
    typed = call.target.strip().strip('"').replace("\\", "/").lower()
    if re.match(r"[/~]|[a-z]:", typed):
        return typed
    parts: list[str] = []
    for part in f"{call.here.lower()}/{typed}".split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def written_by(exhibit: Printed, written: Sequence[Written], in_file: int) -> Written | tuple[Written, ...] | None:
    """The table that an exhibit is; several where each of its panels is one. in_file: how many exhibits the file holds."""
    every = [w for w in written if same_file(exhibit.file, w.target)]
    if not every:
        return None
    longest = max(_common(exhibit.file, w.target) for w in every)
    every = [w for w in every if _common(exhibit.file, w.target) == longest]
    mine = [w for w in every if not w.replaced]
    wide = max((c.number for c in exhibit.columns), default=0)
    if in_file == 1 and len(mine) == 1 and len(mine[0].columns) != wide:
        alike = [w for w in every if w.replaced and len(w.columns) == wide]
        mine = alike[-1:] or mine
    panels = list(dict.fromkeys(c.panel for c in exhibit.columns))
    if in_file == 1 and len(mine) > 1 and len(panels) == len(mine):
        return tuple(mine)
    if len(mine) == in_file:
        return mine[exhibit.number - 1] if exhibit.number <= len(mine) else None
    return mine[0] if len(mine) == 1 and in_file == 1 else None


def same_file(path: str, target: str) -> bool:
    """Whether a file of the package is what a call names: by its name, the ending where the call has one.

    outreg2 writes beside `x.tex` also `x.txt`, and adds .xls, .doc or .txt itself.
    """
    name, wanted = path.lower().rsplit("/", 1)[-1], target.rsplit("/", 1)[-1]
    stem, _, ending = wanted.rpartition(".")
    if name == wanted:
        return True
    if not stem or ending not in ("tex", "txt", "xls", "doc", "xml", "rtf", "csv", "html", "md"):
        return name.rsplit(".", 1)[0] == wanted
    return name.rsplit(".", 1)[0] == stem and name.rsplit(".", 1)[-1] in ("txt", "xls", "xml", "doc", "tex")


def _common(path: str, target: str) -> int:
    """How many folders at the end of two paths are the same; one more where the names are, ending and all."""
    a, b = path.lower().split("/"), target.split("/")
    n = int(a[-1] == b[-1])
    for x, y in zip(reversed(a[:-1]), reversed(b[:-1]), strict=False):
        if x != y:
            break
        n += 1
    return n
