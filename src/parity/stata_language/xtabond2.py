"""xtabond2 -> requests: which lags are instruments of which equations, and under which weights.

What each option means: the command's help file; Roodman (2009), Stata Journal 9(1); which rows it keeps, and its results:
xtabond2 3.7.2. `pca`, `small`, `cluster()` beyond the panel's unit, weights, `arlevels`, `mz`, `passthru` and backward
deviations of instruments are declined.
"""

from __future__ import annotations

from collections.abc import Sequence

from parity.stata_language.command import Command, Option
from parity.stata_language.dataset import DataProblem, Panel
from parity.stata_language.request import Declined, Instrument, Request
from parity.stata_language.varlist import Resolver, terms

#: Options -> fewest letters of each, as its syntax has them.
_LEAST = {
    "robust": 1, "cluster": 2, "twostep": 3, "noconstant": 3, "noleveleq": 3, "orthogonal": 2, "artests": 2, "small": 2,
    "h": 1, "dpds2": 5, "arlevels": 3, "nodiffsargan": 3, "svmat": 3, "svvar": 3, "pca": 3, "components": 4, "nomata": 3,
    "gmmstyle": 3, "ivstyle": 2, "level": 1,
}  # fmt: skip
_WITHIN = {"equation": 1, "laglimits": 1, "collapse": 1, "passthru": 1, "orthogonal": 1, "split": 2, "mz": 2}
_WEIGHT = {"1": "identity", "2": "differences", "3": "joint"}


def xtabond2(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """Raises `Declined`, `DataProblem`."""
    said = {_full(o.name, _LEAST) or o.name: o for o in command.options}
    _check(command, said)
    if not panel.unit or not panel.time:
        raise DataProblem("panel variable and time variable must be set: xtset first", 459)
    found = terms(command.about, resolver)
    if not found:
        raise DataProblem("varlist required", 100)
    if len(found[0].factors) > 1 or found[0].factors[0].kind == "factor":
        raise DataProblem("depvar may not be a factor variable", 198)
    if len(found) == 1 and "noleveleq" in said:
        raise DataProblem("No regressors.", 481)
    cluster = said.get("cluster")
    if cluster is not None and (cluster.value or "").strip() != panel.unit:
        raise Declined(f"xtabond2's errors clustered by {cluster.value}, not by the panel's unit, have no engine here")
    levels, robust, two = "noleveleq" not in said, "robust" in said or cluster is not None, "twostep" in said
    constant = levels and "noconstant" not in said
    if "small" in said:  # a public log has N/(N - k + 1) where version 3.7.2 has (N - 1)/(N - k)
        raise Declined("xtabond2's small is another factor in another version, so it has no engine here: leave it out")
    h = said.get("h")
    weight = _WEIGHT.get((h.value or "").strip() if h else "3")
    if weight is None:
        raise DataProblem(f"h({h.value}) invalid", 198)  # type: ignore[union-attr]
    keys: dict[str, object] = {"weight": weight if levels or weight != "joint" else "differences", "variance": "n"}
    keys |= {"levels": "both"} if levels else {}
    keys |= {"transform": "orthogonal"} if "orthogonal" in said else {}
    keys |= {"steps": 2} if two else {}
    return Request(
        command.name, found[0], found[1:], model="system_gmm" if levels else "difference_gmm", intercept=constant,
        kind="CR1" if robust else "iid", cluster=(panel.unit,) if robust else (), profile="xtabond",
        keys={"dynamic": keys},
        moments=_instruments(command.options, resolver, levels),
    )  # fmt: skip


def _full(typed: str, known: dict[str, int]) -> str:
    """The option that a word stands for, or ""."""
    return next((full for full, least in known.items() if len(typed) >= least and full.startswith(typed)), "")


def _check(command: Command, said: dict[str, Option]) -> None:
    for name, option in said.items():
        if name not in _LEAST:
            shown = option.name if option.value is None else f"{option.name}({option.value[:40]})"
            raise Declined(f"xtabond2's option {shown} is not known here and may change the numbers")
    for name in ("pca", "components", "arlevels", "dpds2"):
        if name in said:
            raise Declined(f"xtabond2's {name} has no engine here")
    if command.condition is not None or command.rows is not None:
        raise Declined("which rows xtabond2 reads lags from under `if` and `in` isn't known here")
    if command.weight is not None:
        raise Declined("xtabond2 with weights has no engine here")


def _instruments(options: Sequence[Option], resolver: Resolver, levels: bool) -> tuple[Instrument, ...]:
    found: list[Instrument] = []
    for option in options:
        full = _full(option.name, _LEAST)
        if full not in ("gmmstyle", "ivstyle"):
            continue
        text, _, more = (option.value or "").partition(",")
        inner = _inner(more, full)
        equation = _equation(inner.get("equation", ""))
        if equation == "level" and not levels:  # ignored, and said to be
            continue
        lags = _lags(inner.get("laglimits")) if full == "gmmstyle" else ()
        for term in terms(text, resolver):
            if lags and any(f.kind == "factor" for f in term.factors):
                raise Declined("lags of a factor's levels as instruments (gmm(i.x)) have no engine here")
            one = Instrument(term, lags, "collapse" in inner, equation)
            if any(other.term == term and bool(other.lags) == bool(lags) and other != one for other in found):
                raise Declined(f"one variable in two {full[:-5]}() of xtabond2 has no engine here: its lags have one range")
            found += [one] if one not in found else []
    return tuple(found)


def _inner(text: str, of: str) -> dict[str, str]:
    """Options inside gmm() and iv(): name in full -> its value. Raises `Declined`, `DataProblem`."""
    out: dict[str, str] = {}
    for word in _words(text):
        name, _, value = word.partition("(")
        full = _full(name.strip().lower(), _WITHIN)
        if not full or (of == "ivstyle" and full in ("laglimits", "collapse", "orthogonal", "split")):
            raise DataProblem(f"{of}({word}) invalid", 198)
        if full in ("passthru", "orthogonal", "mz"):
            raise Declined(f"{full} inside xtabond2's {of[:-5]}() has no engine here")
        out[full] = value.rstrip(") ").strip()
    return out


def _words(text: str) -> list[str]:
    """At blanks outside parentheses; a blank may stand before a parenthesis."""
    out, depth = [""], 0
    for char in text.replace(" (", "("):
        depth += (char == "(") - (char == ")")
        if char.isspace() and depth <= 0:
            out.append("")
        else:
            out[-1] += char
    return [word for word in out if word]


def _equation(text: str) -> str:
    if not text:
        return "both"
    full = next((name for name in ("diff", "level", "both") if name.startswith(text.lower())), "")
    if not full:
        raise DataProblem(f"equation({text}) invalid", 198)
    return "difference" if full == "diff" else full


def _lags(text: str | None) -> tuple[int, ...]:
    """(first, last), or (first,) where there is no last. Raises `DataProblem`, `Declined`."""
    words = (text or "1 .").split()
    if len(words) != 2:
        raise DataProblem(f"laglimits({text}) must have two arguments", 198)
    try:
        first, last = (None if word == "." else int(word) for word in words)
    except ValueError:
        raise DataProblem(f"laglimits({text}) invalid", 198) from None
    first = 1 if first is None else first
    first, last = (last, first) if last is not None and last < first else (first, last)
    if first < 1:
        raise Declined(f"laglimits({text}): instruments of the same period or of later ones have no engine here")
    return (first,) if last is None else (first, last)
