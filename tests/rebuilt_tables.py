"""esttab, estout and outreg2 rebuilt: coefficients, what stands below them, stars and statistics, as values and as text.

Defaults and options: the help files of estout 3.3 and outreg2 2.3. What an option asks for and isn't known here is in
`unknown`, so that nobody takes the table for whole.
"""

from __future__ import annotations

import fnmatch
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.stata.estimates.inference import coefficients
from parity.stata.lists import split_words

if TYPE_CHECKING:
    from parity.stata.do import DoResult, TableCall


@dataclass(frozen=True)
class Cell:
    """A coefficient of one column: values, what is printed, and how many stars."""

    b: float
    below: float | None
    stars: int
    text: str
    below_text: str


@dataclass(frozen=True)
class RebuiltTable:
    """titles: of columns; rows: terms in order; cells: (term, column) -> cell, none where a column lacks the term.

    below: "se", "t", "p", "ci" or "": what stands below coefficients. stats: (name, label, a value or text a column).
    cuts: of p for one star, two stars, three. missing: columns whose estimates have no numbers here, with the reason.
    unknown: options that were not followed.
    """

    titles: tuple[str, ...]
    rows: tuple[str, ...]
    cells: Mapping[tuple[str, int], Cell]
    below: str
    stats: tuple[tuple[str, str, tuple[float | str | None, ...]], ...]
    cuts: tuple[float, ...]
    missing: Mapping[int, str]
    unknown: tuple[str, ...]

    def text(self) -> str:
        """As it would stand on a screen."""
        width = max([12, *(len(r) for r in self.rows), *(len(label) for _, label, _ in self.stats)]) + 2
        columns = range(len(self.titles))
        lines = [" " * width + "".join(f"{f'({i + 1})':>16}" for i in columns),
                 " " * width + "".join(f"{t[:15]:>16}" for t in self.titles)]  # fmt: skip
        for term in self.rows:
            held = [self.cells.get((term, i)) for i in columns]
            lines.append(f"{term:<{width}}" + "".join(f"{c.text if c else '':>16}" for c in held))
            if self.below:
                lines.append(" " * width + "".join(f"{c.below_text if c else '':>16}" for c in held))
        for name, label, values in self.stats:
            lines.append(f"{label:<{width}}" + "".join(f"{_stat(name, v):>16}" for v in values))
        return "\n".join(line.rstrip() for line in lines) + "\n"


#: Options that change how a table looks and none of its numbers.
LOOKS = frozenset({
    "replace", "append", "label", "nonumbers", "numbers", "nomtitles", "mtitles", "mtitle", "title", "nonotes", "notes",
    "addnotes", "addnote", "booktabs", "tex", "rtf", "csv", "fragment", "compress", "nogaps", "gaps", "wide", "plain",
    "noobs", "alignment", "width", "mgroups", "mlabels", "collabels", "varlabels", "coeflabels", "substitute", "style",
    "prehead", "posthead", "prefoot", "postfoot", "varwidth", "modelwidth", "onecell", "depvars", "nodepvars", "delimiter",
    "nolines", "lines", "legend", "brackets", "parentheses", "noparentheses", "nobrackets", "word", "excel", "ctitle",
    "cttop",
    "seeout", "slow", "long", "noas", "smcl", "fixed", "html", "md", "page", "longtable", "hlinechar", "type", "notype",
    "eqlabels", "nonum", "nomti", "nonote", "se", "p", "t", "ci", "b", "beta", "star", "nostar", "r2", "ar2", "pr2", "aic",
    "bic", "scalars", "stats", "keep", "drop", "order", "noconstant", "nocons", "constant", "sfmt", "dec", "bdec", "sdec",
    "tdec", "tstat", "stat", "addstat", "adjr2", "adds", "alpha", "symbol", "nor2", "noni", "sortvar", "addtext", "cells",
    "starlevels", "indicate", "not", "obslast", "nocon", "tabsep",
})  # fmt: skip


def rebuilt(call: TableCall, result: DoResult) -> RebuiltTable:
    """A table of the do-file from parity's own numbers."""
    outreg = call.command.startswith("outreg")
    options = dict(call.options)
    cuts = _cuts(options, outreg)
    below = _below(options, outreg)
    formats = _formats(options, outreg)
    columns, missing = [], {}
    for i, column in enumerate(call.columns):
        results = result.session.stored[column.name][1] if column.name in result.session.stored else None
        if column.estimation is not None:
            results = result.estimations[column.estimation].results
        b = None if results is None else results.filled().matrices.get("b")
        if b is None:
            missing[i] = column.texts.get("parity_unknown", "it has no numbers here")
            columns.append([])
            continue
        columns.append(coefficients(b.columns, b.values[0], results.matrices["V"].values,
                                    column.numbers.get("df_r", math.inf)))  # fmt: skip
    rows = _rows(columns, options, outreg)
    cells = {}
    for i, held in enumerate(columns):
        for name, value, se, t, p, low, high in held:
            if name in rows:
                second = {"se": se, "t": t, "p": p, "": None}.get(below, se)
                stars = 0 if math.isnan(p) else sum(p < cut for cut in cuts)
                printed = formatted(value, formats["b"]) + "*" * stars
                under = "" if second is None else f"({formatted(second, formats['below'])})"
                if below == "ci":
                    under = f"[{formatted(low, formats['below'])},{formatted(high, formats['below'])}]"
                cells[name, i] = Cell(value, second, stars, printed, under)
    titles = _titles(call, options)
    unknown = tuple(sorted(o for o in options if o not in LOOKS))
    return RebuiltTable(titles, rows, cells, below, _stats(call, options, outreg), cuts, missing, unknown)


def _titles(call: TableCall, options: Mapping[str, str | None]) -> tuple[str, ...]:
    given = split_words(options.get("mtitles") or options.get("mtitle") or options.get("ctitle") or "")
    titles = [c.texts.get("_estimates_title") or c.texts.get("depvar") or c.name for c in call.columns]
    return tuple(given[i] if i < len(given) and given[i] else title for i, title in enumerate(titles))


def _cuts(options: Mapping[str, str | None], outreg: bool) -> tuple[float, ...]:
    """Falling levels of p."""
    if "nostar" in options or "noas" in options:
        return ()
    text = options.get("star") or options.get("starlevels") or options.get("alpha") or ""
    levels = [float(w) for w in re.findall(r"(?<![\w.])(?:\d*\.\d+|1)(?![\w.])", text)]
    default = (0.1, 0.05, 0.01) if outreg else (0.05, 0.01, 0.001)
    return tuple(sorted(levels, reverse=True)) or default


def _below(options: Mapping[str, str | None], outreg: bool) -> str:
    if "cells" in options:
        wanted = re.findall(r"\b(se|t|p|ci)\b(?=\s*[(\s\"')]|$)", options["cells"] or "")
        return wanted[0] if wanted else ""
    for name in ("se", "p", "ci"):
        if name in options:
            return name
    if outreg:
        text = options.get("stats") or options.get("stat") or ""
        named = [n for n in ("tstat", "pval", "ci") if n in options or n in text]
        return {"tstat": "t", "pval": "p", "ci": "ci"}[named[0]] if named else "se"
    return "" if "not" in options else "t"


def _formats(options: Mapping[str, str | None], outreg: bool) -> dict[str, str]:
    if outreg:
        dec = options.get("dec") or options.get("bdec") or "3"
        below = options.get("sdec") or options.get("tdec") or options.get("dec") or "3"
        return {"b": f"%9.{dec.split(',')[0].strip()}f", "below": f"%9.{below.split(',')[0].strip()}f"}
    b = options.get("b") or "a3"
    below = next((options[n] for n in ("se", "t", "p", "ci") if options.get(n)), None)
    if "cells" in options:
        found = re.findall(r"\b(b|se|t|p)\s*\([^()]*fmt\(([^()]*)\)", options["cells"] or "")
        named = dict(found)
        return {"b": named.get("b", b), "below": next((named[n] for n in ("se", "t", "p") if n in named), "a3")}
    default = {"t": "2", "p": "3"}.get(_below(options, outreg), "a3" if not options.get("b") else b)
    return {"b": b, "below": below or default}


def formatted(value: float, form: str) -> str:
    """`3`, `%9.3f`, or estout's adaptive `a3`: three digits, four from 1 on, at least one decimal."""
    if math.isnan(value):
        return "."
    form = form.split()[0].strip("()") if form.strip() else "a3"
    if match := re.fullmatch(r"a(\d)(\.\d+)?", form):
        digits, size = int(match.group(1)), abs(value)
        if size and (size < 1e-4 or size >= 1e10):
            return f"{value:.{digits - 1}e}"
        place = math.floor(math.log10(size)) if size else 0
        decimals = digits - place if place >= 0 else digits - 1 - place
        return f"{value:.{max(decimals, 1)}f}" if size else "0"
    match = re.fullmatch(r"%?(?:\d*+\.)?(\d++)[fg]?c?", form)
    return f"{value:.{int(match.group(1))}f}" if match else f"{value:.3f}"


def _rows(columns: Sequence[Sequence[tuple]], options: Mapping[str, str | None], outreg: bool) -> tuple[str, ...]:
    """Terms as they come in the columns, the constant last; keep, drop and order followed."""
    names = [row[0] for held in columns for row in held]
    every = [n for n in dict.fromkeys(names) if n != "_cons"] + ["_cons"] * ("_cons" in names)
    without = {"noconstant", "nocons", "nocon"} & set(options)
    every = [n for n in every if n != "_cons"] if without else every
    if keep := _patterns(options.get("keep") or (options.get("sortvar") if outreg else None)):
        inside = [n for n in every if any(_fits(n, p) for p in keep)]
        every = [n for p in keep for n in inside if _fits(n, p)] if outreg else inside
    if drop := _patterns(options.get("drop")):
        every = [n for n in every if not any(_fits(n, p) for p in drop)]
    if order := _patterns(options.get("order")):
        first = [n for p in order for n in every if _fits(n, p)]
        every = [*first, *(n for n in every if n not in first)]
    if indicate := options.get("indicate"):
        hidden = _patterns(" ".join(t.partition("=")[2] for t in re.findall(r'"[^"]*"|[^"]+', indicate)).replace('"', ""))
        every = [n for n in every if not any(_fits(n, p) for p in hidden)]
    return tuple(dict.fromkeys(every))


def _patterns(text: str | None) -> list[str]:
    return (text or "").replace('"', "").partition(",")[0].split()


def _fits(name: str, pattern: str) -> bool:
    bare = re.sub(r"\b(\d+)b?n?\.", r"\1.", pattern)
    level = bare.startswith("i.") and re.fullmatch(rf"\d+\.{re.escape(bare[2:])}", name) is not None
    return level or fnmatch.fnmatchcase(name, bare)


#: esttab's options for statistics: name in e(), label.
_NAMED = {
    "r2": ("r2", "R-squared"), "ar2": ("r2_a", "Adjusted R-squared"), "pr2": ("r2_p", "Pseudo R-squared"),
    "aic": ("aic", "AIC"), "bic": ("bic", "BIC"),
}  # fmt: skip


def _stats(call: TableCall, options: Mapping[str, str | None], outreg: bool):
    """Statistics below the coefficients: name, label, one value a column."""
    wanted: list[tuple[str, str]] = []
    if outreg:
        wanted = [("N", "Observations")] + ([] if "nor2" in options else [("r2", "R-squared")])
        wanted += [("r2_a", "Adj R-squared")] if "adjr2" in options else []
    elif options.get("stats"):
        text = options["stats"] or ""
        names = text.partition(",")[0].split()
        labels = re.search(r"labels?\(((?:[^()\"]|\"[^\"]*\")*)", text)
        said = split_words(labels.group(1).partition(",")[0]) if labels else []
        wanted = [(n, said[i] if i < len(said) else n) for i, n in enumerate(names)]
    else:
        for piece in split_words(options.get("scalars") or ""):
            name, _, label = piece.strip().partition(" ")
            wanted.append((name, label or name))
        for option, (name, label) in _NAMED.items():
            wanted += [(name, label)] if option in options else []
        wanted = wanted if "noobs" in options else [("N", "Observations"), *wanted]
    out = []
    for name, label in wanted:
        values: list[float | str | None] = []
        for column in call.columns:
            numbers = _criteria(column.numbers)
            values.append(column.texts.get(name) if name in column.texts else numbers.get(name))
        out.append((name, label, tuple(values)))
    return tuple(out)


def _criteria(numbers: Mapping[str, float]) -> Mapping[str, float]:
    if "ll" not in numbers or "rank" not in numbers:
        return numbers
    ll, k = numbers["ll"], numbers["rank"]
    return {**numbers, "aic": -2 * ll + 2 * k, "bic": -2 * ll + k * math.log(numbers["N"])}


def _stat(name: str, value: float | str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:.0f}" if value == int(value) else f"{value:.3f}"
