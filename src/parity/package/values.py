"""Windows that are no estimates: summaries, tabulations, tests; held against what the do-files' data steps print."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from parity.package.document import CommandAt
from parity.package.doubts import answered
from parity.package.estimates import plain
from parity.package.mapping import bare, in_order
from parity.package.printed import Printed
from parity.package.verdict import Judged, judged

if TYPE_CHECKING:
    from parity.logs.exhibit import Cell
    from parity.stata.do import DoResult
    from parity.stata.do import Printed as Said

#: (row's place, row's label, name of the column or statistic) -> the value that is due; None where it isn't known.
Lookup = Callable[[int | None, str, str], float | None]


@dataclass(frozen=True)
class Group:
    """All that one run of one command printed."""

    kind: str
    file: str
    line: int
    texts: tuple[str, ...]
    said: tuple[Said, ...]


#: Of a window's numbers that are computed here, all are the run's.
ALL = 1.0


class Values:
    """What data steps printed, in order, and which window is which."""

    def __init__(self, runs: Sequence[tuple[DoResult, Mapping[tuple[str, int], str]]]):
        self.groups = [g for done, raws in runs for g in _groups(done, raws)]

    def matched(self, windows: Sequence[Printed]) -> dict[str, Group]:
        """The group of each window of one log, by the window's id: by echo, in order."""
        shown = [w for w in windows if w.kind in LOOKUPS]
        scores: list[dict[int, float]] = []
        for window in shown:
            texts = [bare(t) for t in ([window.command] if window.command else window.candidates)]
            row = {}
            for j, g in enumerate(self.groups):
                if g.kind in KINDS[window.kind] and any(t in g.texts for t in texts):
                    row[j] = 2.0 + _share(window, g)
            scores.append(row)
        chosen = in_order(scores, len(self.groups))
        alike = Counter(frozenset(row) for row in scores)
        out = {}
        for i, window in enumerate(shown):
            row = scores[i]
            best = chosen.get(i)
            if row and (best is None or len(row) != alike[frozenset(row)]):
                # more or fewer runs than windows: order doesn't tell which is which, only the numbers do
                best = max(row, key=lambda j: (row[j], j == chosen.get(i)))
                best = best if row[best] >= 2.0 + ALL or len(row) == 1 == alike[frozenset(row)] else None
            if best is not None:
                out[window.id] = self.groups[best]
        return out


def value_cells(exhibit: Printed, group: Group | None, fate: str = "") -> tuple[list[Judged], CommandAt | None]:
    """Every cell with its verdict, and the command that prints them where it is known. fate: why it printed nothing"""
    if exhibit.origin == "table":
        return list(_unverified(exhibit, "it is no table of estimates; nothing of the do-files is known to give it")), None
    if exhibit.kind not in LOOKUPS:
        return list(_unverified(exhibit, f"what `{exhibit.kind}` prints is not held against the data")), None
    if group is None:
        return list(_unverified(exhibit, fate or f"no `{exhibit.kind}` that was run is known to print it")), None
    look = LOOKUPS[exhibit.kind](group.said)
    doubts = sorted({d for s in group.said for d in s.doubts})
    out = []
    for base, row, name in _bases(exhibit):
        value = look(row, base.label, name)
        if _drawn(group, base):
            out.append(base.because("it is of random draws, which no other program repeats"))
        elif value is None or not math.isfinite(value):
            out.append(base.because(f"`{name}` of `{exhibit.kind}` is not computed here"))
        else:
            out.append(judged(base, value))
    if doubts:
        out = _doubted(out, f"its data are in doubt: {doubts[0]}")
    return out, CommandAt(file=group.file, line=group.line, text=exhibit.command or group.texts[0])


def _drawn(group: Group, base: Judged) -> bool:
    """Whether a number is of draws, which are missing here: what a comparison made of them is none of Stata's."""
    drawn = [str(s.values.get("variable", "")) for s in group.said if "random" in s.doubts]
    return bool(drawn) and (base.row is None or any(not n or _spells(base.label, n) for n in drawn))


def _doubted(cells: list[Judged], reason: str) -> list[Judged]:
    """Rows of a window are of variables that the doubt concerns or not: each answers for itself."""
    rows: dict[tuple[int, int | None], list[Judged]] = {}
    for c in cells:
        rows.setdefault((c.column, c.row), []).append(c)
    sure = {place for place, row in rows.items() if place[1] is not None and answered(row)}
    return [
        replace(c, verdict="not verified", reason=reason, estimated=None, distance=0.0)
        if c.verdict == "differs" and (c.column, c.row) not in sure
        else c
        for c in cells
    ]


def _share(window: Printed, group: Group) -> float:
    look, of, hits = LOOKUPS[window.kind](group.said), 0, 0
    for base, row, name in _bases(window):
        value = look(row, base.label, name)
        if value is not None:
            of += 1
            hits += base.cell.holds(value)
    return hits / of if of else 0.0


def _bases(exhibit: Printed) -> Iterator[tuple[Judged, int | None, str]]:
    for i, column in enumerate(exhibit.columns):
        place = -1
        for j, row in enumerate(column.rows):
            below = row.note == "continued"  # shares, p-values: below the numbers of the row above
            place += not below
            for k, cell in enumerate(row.cells):
                if cell.number is not None:
                    name = f"{_named(cell, k)} below" if below else _named(cell, k)
                    yield Judged(i, j, row.label, row.label, name, cell, None, "not verified"), place, name
        for s in column.statistics:
            if s.cell.number is not None:
                name = s.name or s.label
                yield Judged(i, None, "", s.label, name, s.cell, None, "not verified"), None, name


def _named(cell: Cell, place: int) -> str:
    return cell.name or (cell.kind if cell.kind != "value" else f"value {place + 1}")


def _unverified(exhibit: Printed, why: str) -> Iterator[Judged]:
    for base, _, _ in _bases(exhibit):
        yield base.because(why)


def _groups(done: DoResult, raws: Mapping[tuple[str, int], str]) -> Iterator[Group]:
    """One command's lines together: of one run of a statement, until its first variable comes again."""
    held: list[Said] = []
    seen: set[Any] = set()
    expanded: dict[tuple[str, int], list[str]] = {}
    for s in done.statements:
        expanded.setdefault((s.file, s.line), []).append(s.text)

    def closed() -> Group:
        first = held[0]
        texts = [raws.get((first.file, first.line), "")]
        texts += expanded.get((first.file, first.line), [])[:50]
        return Group(first.kind, first.file, first.line, tuple(dict.fromkeys(bare(t) for t in texts if t)), tuple(held))

    for said in done.printed:
        if said.quietly:
            continue
        named = next((said.values[k] for k in ("variable", "name", "term") if k in said.values), "")
        key = (str(named), str(said.values.get("group", "")))
        same = held and all(getattr(held[0], of) == getattr(said, of) for of in ("kind", "file", "line", "turn"))
        if held and (not same or key in seen):
            yield closed()
            held, seen = [], set()
        held.append(said)
        seen.add(key)
    if held:
        yield closed()


# ---------------------------------------------------------------- what each command prints

_MOMENTS = {
    "obs": "N", "nobs": "N", "mean": "mean", "std. dev.": "sd", "min": "min", "max": "max", "variance": "Var",
    "skewness": "skewness", "kurtosis": "kurtosis", "sum of wgt.": "sum_w", "sd": "sd", "n": "N", "sum": "sum",
}  # fmt: skip


def _in_row(said: Sequence[Said], row: int, label: str) -> Said | None:
    """The variable in a row: the one at its place where its name can be that, else the one that it names."""
    if row < len(said) and _spells(label, str(said[row].values.get("variable", ""))):
        return said[row]
    return _of_variable(said, label)


def _of_variable(said: Sequence[Said], label: str) -> Said | None:
    """The variable that a row names, shortened perhaps; the only one where a row names none."""
    named = [s for s in said if str(s.values.get("variable", "")) == label]
    named = named or [s for s in said if _spells(label, str(s.values.get("variable", "")))]
    return named[0] if len(named) == 1 else said[0] if len(said) == 1 and not named else None


def _spells(label: str, name: str) -> bool:
    """Whether a row's label is a variable's name: whole, `abc~xyz`, or cut as `abc..`."""
    if "~" in label:
        head, _, tail = label.partition("~")
        return name.startswith(head) and name.endswith(tail)
    if label.endswith(".."):
        return name.startswith(label.rstrip("."))
    return plain(label) == plain(name)


def _summarize(said: Sequence[Said]) -> Lookup:
    def look(row: int | None, label: str, name: str) -> float | None:
        of = _in_row(said, row, label) if row is not None else said[0] if len(said) == 1 else None
        if of is None:
            return None
        if name == "extreme":
            return of.numbers.get(f"extreme{label.rstrip('%')}")
        if re.fullmatch(r"\d+%", name):
            return of.numbers.get(f"p{name[:-1]}")
        return of.numbers.get(_MOMENTS.get(name.lower(), name))

    return look


def _test(said: Sequence[Said]) -> Lookup:
    last = said[-1].numbers

    def look(row: int | None, label: str, name: str) -> float | None:
        return last.get({"f": "F", "chi2": "chi2", "p": "p", "df": "df"}.get(name, name))

    return look


def _ttest(said: Sequence[Said]) -> Lookup:
    v = said[-1].numbers
    of_row: dict[int, dict[str, float]] = {}
    for i in (1, 2):
        if {f"N_{i}", f"mu_{i}", f"sd_{i}"} <= set(v):
            n, sd = v[f"N_{i}"], v[f"sd_{i}"]
            of_row[i - 1] = {
                "obs": n,
                "mean": v[f"mu_{i}"],
                "std. dev.": sd,
                "std. err.": sd / math.sqrt(n) if n else math.nan,
            }
    names = {"t": "t", "degrees of freedom": "df_t", "df": "df_t", "Satterthwaite's degrees of freedom": "df_t",
             "Welch's degrees of freedom": "df_t", "Pr(T < t)": "p_l", "Pr(|T| > |t|)": "p", "Pr(T > t)": "p_u"}  # fmt: skip

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None:
            return v.get(names.get(name, name))
        if plain(label) == "diff" and {"mu_1", "mu_2"} <= set(v):
            return {"mean": v["mu_1"] - v["mu_2"], "std. err.": v.get("se", math.nan)}.get(name.lower())
        return of_row.get(row, {}).get(name.lower())

    return look


def _tabulate(said: Sequence[Said]) -> Lookup:
    v = said[-1].values
    counts = v.get("counts") or []
    if said[-1].kind == "tabulate2" or not counts or isinstance(counts[0], list):
        return _two_way(counts)
    total = sum(counts)

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None or not total:
            return None
        if plain(label) == "total":
            return {"Freq.": total, "Percent": 100.0}.get(name)
        if row >= len(counts):
            return None
        return {"Freq.": counts[row], "Percent": 100 * counts[row] / total,
                "Cum.": 100 * sum(counts[: row + 1]) / total}.get(name)  # fmt: skip

    return look


def _two_way(counts: Sequence[Sequence[float]]) -> Lookup:
    """Counts by the place of their row; columns have the levels' names, so only a total by its name is certain."""

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None or not counts or plain(name) != "total":
            return None
        if plain(label) == "total":
            return sum(map(sum, counts))
        return sum(counts[row]) if row < len(counts) else None

    return look


def _tabstat(said: Sequence[Said]) -> Lookup:
    def look(row: int | None, label: str, name: str) -> float | None:
        for of, statistic in ((_of_variable(said, label), name), (_of_variable(said, name), label)):
            if of is not None and not of.values.get("group"):
                spelled = statistic.lower()
                found = {k.lower(): x for k, x in of.numbers.items()}
                value = found.get(_MOMENTS.get(spelled, spelled).lower(), found.get(spelled))
                if value is not None:
                    return value
        return None

    return look


def _correlate(said: Sequence[Said]) -> Lookup:
    v = said[-1].values
    names = [str(n) for n in v.get("variables", ())]
    rho = v.get("rho") or []

    def look(row: int | None, label: str, name: str) -> float | None:
        i, j = _near(label, names), _near(name, names)
        return rho[i][j] if i is not None and j is not None else None

    return look


def _near(label: str, names: Sequence[str]) -> int | None:
    found = [i for i, n in enumerate(names) if n == label] or [i for i, n in enumerate(names) if _spells(label, n)]
    return found[0] if len(found) == 1 else None


def _count(said: Sequence[Said]) -> Lookup:
    numbers = list(said[-1].numbers.values())
    return lambda row, label, name: numbers[0] if numbers else None


def _lincom(said: Sequence[Said]) -> Lookup:
    v = said[-1].numbers
    names = {"coef": "estimate", "se": "se", "p": "p", "ci_low": "lb", "ci_high": "ub"}

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None:
            return None
        of = said[row].numbers if row < len(said) and len(said) > 1 else v
        return of.get("t", of.get("z")) if name == "t" else of.get(names.get(name, name))

    return look


def _margins(said: Sequence[Said]) -> Lookup:
    """Each row by its term; of what stands beside no row, nothing."""
    names = {"coef": "estimate", "dy/dx": "estimate", "Margin": "estimate", "ci_low": "lb", "ci_high": "ub"}

    def look(row: int | None, label: str, name: str) -> float | None:
        found = [s.numbers for s in said if plain(str(s.values.get("term", ""))) == plain(label)] if row is not None else []
        if len(found) != 1:
            return None
        return found[0].get("t", found[0].get("z")) if name == "t" else found[0].get(names.get(name, name))

    return look


def _hausman(said: Sequence[Said]) -> Lookup:
    v = said[-1].values
    rows = v.get("rows") or {}
    columns = {"(b-B)": "difference", "(b)": "b", "(B)": "B", "sqrt(": "se"}

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None:
            return said[-1].numbers.get(name)
        at = _near(label, rows.get("names", ()))
        held = next((columns[begins] for begins in columns if name.startswith(begins)), "")
        return rows[held][at] if at is not None and held else None

    return look


def _xttest0(said: Sequence[Said]) -> Lookup:
    v, numbers = said[-1].values, said[-1].numbers

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None:
            return numbers.get(
                {"chibar2(01)": "lm", "chi2(1)": "lm", "Prob > chibar2": "p", "Prob > chi2": "p"}.get(name, name)
            )
        held = (
            v["variances"].get(label)
            if label in ("e", "u")
            else v["variances"]["y"]
            if _spells(label, v["outcome"])
            else None
        )
        return (
            None
            if held is None
            else {"Var": held}.get(name, math.sqrt(held) if name.startswith("sd") or "sqrt" in name else None)
        )

    return look


LOOKUPS: dict[str, Callable[[Sequence[Said]], Lookup]] = {
    "summarize": _summarize, "test": _test, "ttest": _ttest, "tabulate": _tabulate, "tabstat": _tabstat,
    "correlate": _correlate, "pwcorr": _correlate, "count": _count, "lincom": _lincom, "nlcom": _lincom,
    "margins": _margins, "hausman": _hausman, "xttest0": _xttest0,
}  # fmt: skip
#: Kind of a window -> kinds of what a session says.
KINDS = {
    "summarize": ("summarize",), "test": ("test",), "ttest": ("ttest",), "tabulate": ("tabulate", "tabulate2"),
    "tabstat": ("tabstat",), "correlate": ("correlate",), "pwcorr": ("correlate",), "count": ("count",),
    "lincom": ("lincom",), "nlcom": ("nlcom",), "margins": ("margins",), "hausman": ("hausman",), "xttest0": ("xttest0",),
}  # fmt: skip
