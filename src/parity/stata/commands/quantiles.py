"""Cuts by percentiles, and centred columns: xtile, pctile, _pctile, winsor2, winsor, center.

[D] pctile; winsor2 1.1, winsor 1.3, center 1.4: their help files.
"""

from __future__ import annotations

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.create import check_new
from parity.stata.commands.output import weights_of
from parity.stata.groups import order, runs_of
from parity.stata.mishaps import NotRun
from parity.stata.percentiles import alternative, percentile
from parity.stata.results import Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem
from parity.stata_language.values import smallest, stored
from parity.stata_language.varlist import numbers


@command("xtile", "pctile", "_pctile", "astile", by_groups=True)
def xtile(session: Session, given: Command) -> None:
    """`xtile new = exp [if] [weight], nquantiles(n)`, `pctile new = exp, nq()`, `_pctile x, p(...)`."""
    name, _, text = (given.about if "=" in given.about else f"_={given.about}").partition("=")
    name, used, weights = name.strip(), session.used(given), weights_of(session, given)
    context = session.context()
    x = session.numbers(text, context)
    option = given.option("nquantiles", "n", least=1)
    n = int(float(option.value)) if option and option.value else 2
    rows = used & ~np.isnan(x)
    w = None if weights is None else weights[rows]

    def at(p: float, inside: np.ndarray) -> float:
        return alternative(x[inside], p) if given.has("altdef") else percentile(x[inside], p, None if w is None else w)

    if given.name == "_pctile":
        option = given.option("percentiles", least=1)
        wanted = numbers(option.value) if option and option.value else [100 * i / n for i in range(1, n)]
        session.r = Results(numbers={f"r{i}": at(p, rows) for i, p in enumerate(wanted, 1)})
        return
    if given.name == "pctile":
        out = np.full(session.there.rows, np.nan)
        found = [at(100 * i / n, rows) for i in range(1, n)]
        out[: len(found)] = found[: len(out)]
        session.set_columns({name: Column(stored(out, "float"), "float")})
        return
    out = np.full(len(x), np.nan)
    by = given.option("by")
    number = session.context().within.number if by is None else _numbered(session, by.value or "")
    cut = given.option("cutpoints", least=1)
    for group in np.unique(number[rows]) if len(number) else ():
        inside = rows & (number == group)
        if cut and cut.value:
            held = session.there[session.name(cut.value)].numbers
            points = np.sort(held[~np.isnan(held)])
        else:
            points = np.array([at(100 * i / n, inside) for i in range(1, n)])
        out[inside] = np.searchsorted(points, x[inside], side="left") + 1.0
    session.set_columns({name: Column(out, smallest(out), doubts=frozenset(context.doubts))})


def _numbered(session: Session, by: str) -> np.ndarray:
    names = session.names(by)
    positions, _ = order(session.there, names)
    held = session.there.taken(positions, ordered=False)
    out = np.empty(held.rows, dtype=np.int64)
    out[positions] = runs_of([held[n] for n in names], held.rows).number
    return out


@command("winsor2", "winsor", by_groups=True)
def winsor2(session: Session, given: Command) -> None:
    """`winsor2 x [, cuts(1 99) suffix() replace trim by()]`; `winsor x, generate() p(.01)` cuts by counted rows."""
    names = session.names(given.about)
    used = session.used(given)
    if given.name == "winsor":
        _winsor(session, given, names[0], used)
        return
    option = given.option("cuts", least=1)
    low, high = numbers(option.value) if option and option.value else (1.0, 99.0)
    by = given.option("by")
    number = _numbered(session, by.value) if by and by.value else session.context().within.number
    suffix = given.option("suffix", least=1)
    ending = suffix.value if suffix and suffix.value else "_tr" if given.has("trim", least=1) else "_w"
    new = {}
    for name in names:
        column = session.there[name]
        out = column.numbers.copy()
        for group in np.unique(number) if len(number) else ():
            rows = used & (number == group) & ~np.isnan(column.numbers)
            if not rows.any():
                continue
            a, b = percentile(column.numbers[rows], low), percentile(column.numbers[rows], high)
            inside = column.numbers[rows]
            out[rows] = (
                np.where((inside < a) | (inside > b), np.nan, inside)
                if given.has("trim", least=1)
                else np.clip(inside, a, b)
            )
        out = np.where(used, out, column.numbers if given.has("replace") else np.nan)
        kind = column.kind if column.kind in ("float", "double") else "float"
        target = name if given.has("replace") else f"{name}{ending}"
        new[target] = Column(stored(out, kind), kind, column.format, column.label, doubts=column.doubts)
    session.set_columns(new)


def _winsor(session: Session, given: Command, name: str, used: np.ndarray) -> None:
    option, share, count = given.option("generate", least=3), given.option("p"), given.option("h")
    if option is None or not option.value:
        raise DataProblem("option generate() required", 198)
    column = session.there[name]
    rows = used & ~np.isnan(column.numbers)
    x = np.sort(column.numbers[rows])
    h = int(float(count.value or 0)) if count else int(float(share.value or 0) * len(x)) if share else 0
    low, high = (x[h], x[len(x) - 1 - h]) if len(x) > 2 * h else (np.nan, np.nan)
    low = -np.inf if given.has("highonly") else low
    high = np.inf if given.has("lowonly") else high
    out = np.where(rows, np.clip(column.numbers, low, high), np.nan)
    session.set_columns({option.value: Column(stored(out, "float"), "float", doubts=column.doubts)})


@command("center", by_groups=True)
def center(session: Session, given: Command) -> None:
    """`center x z [, prefix(c_) generate(stub) inplace standardize]`: less the mean, over the standard deviation."""
    names, used, weights = session.names(given.about), session.used(given), weights_of(session, given)
    if weights is not None:
        raise NotRun("center with weights is not known here")
    prefix, made = given.option("prefix"), given.option("generate")
    called = (
        (made.value or "").split() if made else [f"{prefix.value if prefix and prefix.value else 'c_'}{n}" for n in names]
    )
    targets = names if given.has("inplace") else called
    if len(targets) != len(names):
        raise DataProblem("as many new names as variables are needed", 198)
    number = session.context().within.number
    new = {}
    for name, target in zip(names, targets, strict=True):
        if target != name and not given.has("replace"):
            check_new(session, target)
        x = session.there[name].numbers
        out = x.copy() if target == name else np.full(len(x), np.nan)
        for group in np.unique(number) if len(number) else ():
            rows = used & (number == group) & ~np.isnan(x)
            if rows.any():
                away = x[rows] - x[rows].mean()
                with np.errstate(all="ignore"):
                    out[rows] = away / np.std(x[rows], ddof=1) if given.has("standardize") and len(away) > 1 else away
        kind = "double" if given.has("double") or session.there[name].kind == "double" else "float"
        new[target] = Column(stored(out, kind), kind, doubts=session.there[name].doubts)
    session.set_columns(new)
