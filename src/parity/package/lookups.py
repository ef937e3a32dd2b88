"""What each command of data steps prints, by the row and column of its window: summaries, tabulations, tests."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from scipy.special import stdtrit

from parity.compare.printed import read_number
from parity.package.estimates import LEVEL, plain
from parity.package.model_lookups import of_abond, of_after_iv, of_hausman, of_lincom, of_margins, of_vif, of_xttest0
from parity.package.row_labels import Lookup, OfAnother, in_its_row, near, part_of, spells

if TYPE_CHECKING:
    from parity.stata.do import Printed as Said


_MOMENTS = {
    "obs": "N", "nobs": "N", "mean": "mean", "std. dev.": "sd", "min": "min", "max": "max", "variance": "Var",
    "skewness": "skewness", "kurtosis": "kurtosis", "sum of wgt.": "sum_w", "sd": "sd", "n": "N", "sum": "sum",
}  # fmt: skip


def _in_row(said: Sequence[Said], row: int, label: str) -> Said | None:
    """The variable in a row: the one at its place where its name can be that, else the one that it names."""
    if row < len(said) and spells(label, str(said[row].values.get("variable", ""))):
        return said[row]
    return _of_variable(said, label)


def _of_variable(said: Sequence[Said], label: str) -> Said | None:
    """The variable that a row names, shortened perhaps; the only one below a percentile, or a tempvar as `__000001`."""
    named = [s for s in said if str(s.values.get("variable", "")) == label]
    named = named or [s for s in said if spells(label, str(s.values.get("variable", "")))]
    nameless = not label.isidentifier() or label.startswith("__0")
    return named[0] if len(named) == 1 else said[0] if len(said) == 1 and nameless else None


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


def _ends(mean: float, se: float, df: float) -> dict[str, float]:
    """The interval of a mean at the level that windows have."""
    t = float(stdtrit(df, 0.5 + LEVEL / 200)) if df > 0 else math.nan
    return {"ci_low": mean - t * se, "ci_high": mean + t * se}


def _ttest(said: Sequence[Said]) -> Lookup:
    v = said[-1].numbers
    of_row: dict[int, dict[str, float]] = {}
    whole: dict[str, float] = {}
    for i in (1, 2):
        if {f"N_{i}", f"mu_{i}", f"sd_{i}"} <= set(v):
            n, sd = v[f"N_{i}"], v[f"sd_{i}"]
            of_row[i - 1] = {
                "obs": n,
                "mean": v[f"mu_{i}"],
                "std. dev.": sd,
                "std. err.": sd / math.sqrt(n) if n else math.nan,
            } | _ends(v[f"mu_{i}"], sd / math.sqrt(n) if n else math.nan, n - 1)
    called = [tuple(n) for n in (said[-1].values.get("told") or {}).get("names", ())]
    if len(of_row) == 2 and "df_t" in v and "sd" in v:
        n, se = v["N_1"] + v["N_2"], v["sd"] / math.sqrt(v["N_1"] + v["N_2"])
        mean = (v["N_1"] * v["mu_1"] + v["N_2"] * v["mu_2"]) / n
        whole = {"obs": n, "mean": mean, "std. dev.": v["sd"], "std. err.": se} | _ends(mean, se, n - 1)
    names = {"t": "t", "degrees of freedom": "df_t", "df": "df_t", "Satterthwaite's degrees of freedom": "df_t",
             "Welch's degrees of freedom": "df_t", "Pr(T < t)": "p_l", "Pr(|T| > |t|)": "p", "Pr(T > t)": "p_u"}  # fmt: skip

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None:
            return v.get(names.get(name, name))
        if plain(label) == "diff" and {"mu_1", "mu_2"} <= set(v):
            mean, se = v["mu_1"] - v["mu_2"], v.get("se", math.nan)
            paired = {} if whole else {"obs": v["N_1"], "std. dev.": se * math.sqrt(v["N_1"])}
            return ({"mean": mean, "std. err.": se} | paired | _ends(mean, se, v["df_t"])).get(name.lower())
        if plain(label) == "combined":
            return whole.get(name.lower())
        value = of_row.get(row, {}).get(name.lower())
        if value is None or row >= len(called):
            return value
        return in_its_row(label, row, called, value)

    return look


def _tabulate(said: Sequence[Said]) -> Lookup:
    v = said[-1].values
    counts, called = v.get("counts") or [], list(zip(v.get("values") or [], v.get("labels") or [], strict=True))
    if said[-1].kind == "tabulate2" or not counts or isinstance(counts[0], list):
        return _two_way(counts, v.get("levels") or [], v.get("shares") or [], said[-1].numbers, called)
    total = sum(counts)

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None or not total:
            return None
        if plain(label) == "total":
            return {"Freq.": total, "Percent": 100.0}.get(name)
        if row >= len(counts):
            return None
        value = {"Freq.": counts[row], "Percent": 100 * counts[row] / total,
                 "Cum.": 100 * sum(counts[: row + 1]) / total}.get(name)  # fmt: skip
        return value if _is_row_of(label, row, called) else _of_another_level(label, row, called, value)

    return look


def _is_row_of(printed: str, row: int, called: Sequence[tuple[float | str, str]]) -> bool:
    """Whether a row of a tabulation is called by its level: by its label, cut perhaps, else by its value. A date is shown by
    its format, which isn't followed here.

    called: value and label of each level
    """
    value, label = called[row]
    if label or isinstance(value, str):
        names = [text or str(v) for v, text in called]
        own = names.pop(row)
        return " ".join(printed.split()) == " ".join(own.split()) or part_of(printed, own, names)
    try:
        shown = read_number(printed.replace(",", ""))
    except ArithmeticError:
        return True
    return abs(shown.value - value) <= shown.rounding


def _of_another_level(
    printed: str, row: int, called: Sequence[tuple[float | str, str]], value: float | None
) -> float | None:
    """The number of a row that is called by another level's label; None where the label is nobody's."""
    names = [" ".join((text or str(v)).split()) for v, text in called]
    own = names[row]
    another = " ".join(printed.split()) in [n for i, n in enumerate(names) if i != row]
    return OfAnother.of(value, own) if another and value is not None else None


def _two_way(
    counts: Sequence[Sequence[float]],
    levels: Sequence[str],
    shares: Sequence[str],
    tests: Mapping[str, float],
    called: Sequence[tuple[float | str, str]],
) -> Lookup:
    """Counts by the place of their row and the level that a column names; below them shares, one line of each kind.

    levels: of the columns, as their heads have them; shares: "row", "column", "cell", in the order in which Stata has them
    """
    rows = [[*row, sum(row)] for row in counts]
    rows = [*rows, [sum(column) for column in zip(*rows, strict=True)]]
    whole = rows[-1][-1]

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None:
            if name == "chi2" and label.lower().startswith("likelihood"):
                return None
            return tests.get({"chi2": "chi2", "Pr": "p"}.get(name, ""))
        head, below = name.replace(" below", ""), name.count(" below")
        j = _column_of(head, levels)
        i = len(counts) if plain(label) == "total" else row
        if j is None or i > len(counts) or (i == len(counts)) != (plain(label) == "total") or below > len(shares):
            return None
        if i < len(called) and not below and not _is_row_of(label, i, called):
            return _of_another_level(label, i, called, rows[i][j])
        if not below:
            return rows[i][j]
        of = {"row": rows[i][-1], "column": rows[-1][j], "cell": whole}[shares[below - 1]]
        return 100 * rows[i][j] / of if of else None

    return look


def _column_of(name: str, levels: Sequence[str]) -> int | None:
    """The place of the level that the head of a column names, perhaps cut; of the total it is behind them."""
    if (found := _level(name, [[level] for level in levels])) is not None:
        return found
    words = name.split(" ")
    tails = [tail for i in range(len(words)) if len(tail := " ".join(words[i:])) >= 8]  # behind what stands above all
    cut = [i for i, level in enumerate(levels) if any(level.startswith(tail) for tail in tails)]
    return cut[0] if len(cut) == 1 else len(levels) if plain(name) == "total" or name.endswith(" Total") else None


def _tabstat(said: Sequence[Said]) -> Lookup:
    """Rows stand in blocks, one of each group and one of all rows at the end: of statistics where the columns are variables,
    else of variables. A block is called in its first row alone."""
    variables = list(dict.fromkeys(str(s.values.get("variable", "")) for s in said))
    groups = list(dict.fromkeys(s.values.get("group", "") for s in said))
    of = {(s.values.get("group", ""), str(s.values.get("variable", ""))): s.numbers for s in said}
    statistics = [name for name in said[0].numbers if name != "group"]
    called = [next(_spelled(s) for s in said if s.values.get("group", "") == g) for g in groups]

    def number(row: int, label: str, variable: str | None, statistic: str | None) -> float | None:
        """One of the two is the column's, the other the row's."""
        within = statistics if variable is not None else variables
        if row >= len(groups) * len(within):
            return None
        group, held = groups[row // len(within)], within[row % len(within)]
        if len(groups) == 1 and not _called(label, held, variable is not None):
            return None
        if len(groups) > 1 and (plain(label) == "total") != (group == ""):
            return None
        value = of.get((group, variable or held), {}).get(statistic or held)
        return in_its_row(label, groups.index(group), called, value) if len(groups) > 1 and all(called) else value

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None:
            return None
        at = near(name, variables)
        if at is not None:
            return number(row, label, variables[at], None)
        known = [s for s in statistics if _called(name, s, True)]
        return number(row, label, None, known[0]) if len(known) == 1 else None

    return look


def _spelled(said: Said) -> tuple[str, ...]:
    """What the group of a row of tabstat may be called."""
    return tuple((said.values.get("told") or {}).get("group", ()))


#: What tabstat heads a statistic with where it isn't what was asked for.
_HEADS = {"count": "n", "median": "p50", "med": "p50", "sem": "se(mean)", "semean": "se(mean)", "v": "variance",
          "var": "variance", "me": "mean", "mea": "mean", "q": "p25", "r": "range", "k": "kurtosis",
          "sk": "skewness"}  # fmt: skip


def _called(label: str, name: str, statistic: bool) -> bool:
    """Whether a row or column is called by a statistic's name, or a variable's."""
    if not statistic:
        return spells(label, name)
    low, asked = label.lower(), name.lower()
    return low in (asked, _HEADS.get(asked, asked), _MOMENTS.get(asked, asked).lower())


#: What `table` heads a statistic with, `mean(x)`, beside its own name.
_OF_CELLS = {"n": "count", "p50": "median", "med": "median", "sem": "semean", "frequency": "freq", "freq.": "freq"}
_HEADED = re.compile(r"([\w.]+)(?:\(([^()]*)\))?")


def _table(said: Sequence[Said]) -> Lookup:
    """Rows by their level's name. Statistics are in columns, called `mean(x)`; where columns are the levels of a second
    variable, below each other: those rows alone that aren't blank everywhere, but the first of each level."""
    v = said[-1].values
    rows, columns, cells = v.get("rows") or [], v.get("columns") or [], v.get("cells") or []
    asked = [(_OF_CELLS.get(s, s), name) for s, name in v.get("statistics") or []]
    stacked = [
        (i, k) for i, row in enumerate(cells) for k in range(len(asked)) if not k or any(math.isfinite(c[k]) for c in row)
    ]

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None:
            return None
        if columns:
            j = _level(name, columns) if row < len(stacked) else None
            i, k = stacked[row] if row < len(stacked) else (0, 0)
            return cells[i][j][k] if j is not None and _is_level(label, rows[i]) else None
        level, head = _level(label, rows), _HEADED.fullmatch(name)
        if level is None or head is None:
            return None
        statistic = _OF_CELLS.get(head[1].lower(), head[1].lower())
        found = [k for k, (s, of) in enumerate(asked) if s == statistic and (spells(head[2], of) if head[2] else not of)]
        return cells[level][0][found[0]] if len(found) == 1 else None

    return look


def _level(label: str, levels: Sequence[Sequence[str]]) -> int | None:
    """The one level that a row or column is called by; a column's name may stand behind what heads them all."""
    found = [i for i, names in enumerate(levels) if _is_level(label, names)]
    found = found or [i for i, names in enumerate(levels) if any(label.endswith(f" {n}") for n in names)]
    return found[0] if len(found) == 1 else None


def _is_level(label: str, names: Sequence[str]) -> bool:
    held = [" ".join(n.split()) for n in names]
    return label in held or (label.endswith("..") and any(n.startswith(label.rstrip(".")) for n in held))


_POSTED = re.compile(r"e\(([^()]+)\)")


def _estpost(said: Sequence[Said]) -> Lookup:
    """Columns are `e(mean)` and rows variables; of tabstat columns may be variables, `e(x)`, and rows statistics. Blocks of
    groups aren't told apart."""
    names = [str(s.values.get("variable", "")) for s in said]

    def look(row: int | None, label: str, name: str) -> float | None:
        head = _POSTED.fullmatch(name)
        if row is None or head is None or len(set(names)) < len(names):
            return None
        for variable, statistic in ((label, head[1]), (head[1], label)):
            at = near(variable, names)
            held = {k: v for k, v in said[at].numbers.items() if k != "group"} if at is not None else {}
            asked = "N" if statistic == "count" else statistic
            found = [v for k, v in held.items() if k == asked or _called(statistic, k, True) or (asked, k) == ("N", "n")]
            if len(found) == 1:
                return found[0]
        return None

    return look


def _correlate(said: Sequence[Said]) -> Lookup:
    v = said[-1].values
    names = [str(n) for n in v.get("variables", ())]
    rho = v.get("rho") or []

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None and name == "nobs":
            counts = v.get("N") or []
            return counts[0][0] if counts and all(n == counts[0][0] for held in counts for n in held) else None
        i, j = near(label, names), near(name, names)
        return rho[i][j] if i is not None and j is not None else None

    return look


def _count(said: Sequence[Said]) -> Lookup:
    numbers = list(said[-1].numbers.values())
    return lambda row, label, name: numbers[0] if numbers else None


#: Rows of merge's table, spelled plainly, and the codes of `_merge` that each counts. [D] merge
_OF_MERGE = {
    "notmatched": (1, 2), "frommaster": (1,), "fromusing": (2,), "matched": (3, 4, 5), "notupdated": (3,),
    "missingupdated": (4,), "nonmissingconflict": (5,),
}  # fmt: skip


def _merge(said: Sequence[Said]) -> Lookup:
    counts = said[-1].values.get("counts") or {}

    def look(row: int | None, label: str, name: str) -> float | None:
        spelled = plain(label.partition("(")[0])
        codes = _OF_MERGE.get(spelled, ())
        return float(sum(counts[c] for c in codes)) if counts and codes else None

    return look


def _list(said: Sequence[Said]) -> Lookup:
    """By the row's place in the data and the heading of its column; rows that a sort left in any order are nobody's."""
    values = said[-1].values
    places = {str(n): i for i, n in enumerate(values["numbers"])}
    sure = len(said) == 1 and not values["tied"] and not values["by"]

    def look(row: int | None, label: str, name: str) -> float | None:
        at, column = places.get(label.replace(",", "")), near(name, values["variables"])
        if not sure or at is None or column is None or values["variables"][column] not in values["values"]:
            return None
        return float(values["values"][values["variables"][column]][at])

    return look


LOOKUPS: dict[str, Callable[[Sequence[Said]], Lookup]] = {
    "summarize": _summarize, "test": _test, "ttest": _ttest, "tabulate": _tabulate, "tabstat": _tabstat,
    "table": _table, "estpost": _estpost,
    "correlate": _correlate, "pwcorr": _correlate, "count": _count, "lincom": of_lincom, "nlcom": of_lincom,
    **dict.fromkeys(("estat overid", "estat endogenous"), of_after_iv),
    "vif": of_vif, **dict.fromkeys(("hettest", "ovtest", "lrtest", "sargan"), _test), "abond": of_abond,
    "margins": of_margins, "hausman": of_hausman, "xttest0": of_xttest0, "merge": _merge, "list": _list,
}  # fmt: skip
#: Kind of a window -> kinds of what a session says.
KINDS = {
    "summarize": ("summarize",), "test": ("test",), "ttest": ("ttest",), "tabulate": ("tabulate", "tabulate2"),
    "tabstat": ("tabstat",), "table": ("table",), "estpost": ("summarize", "tabstat"),
    "correlate": ("correlate",), "pwcorr": ("correlate",), "count": ("count",),
    "lincom": ("lincom",), "nlcom": ("nlcom",), "margins": ("margins",), "hausman": ("hausman",), "xttest0": ("xttest0",),
    "merge": ("merge",), "list": ("list",), "vif": ("vif",), "hettest": ("hettest",), "ovtest": ("ovtest",),
    "lrtest": ("lrtest",), "abond": ("abond",), "sargan": ("sargan",),
    "estat overid": ("estat overid",), "estat endogenous": ("estat endogenous",),
}  # fmt: skip
