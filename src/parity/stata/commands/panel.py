"""xtset, tsset and what needs them: tsfill, tsappend, xtsum, xtdescribe. [XT] xtset, [TS] tsset."""

from __future__ import annotations

from dataclasses import replace
from string import ascii_letters

import numpy as np

from parity.stata.bounds import check_rows
from parity.stata.commands import command
from parity.stata.commands.rows import lengthened, sorted_data
from parity.stata.formats import shown
from parity.stata.groups import runs_of
from parity.stata.mishaps import OptionNotRead
from parity.stata.results import Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, Dataset, Panel


@command("xtset")
def xtset(session: Session, given: Command) -> None:
    """`xtset unit [time] [, delta(n)]`, `tsset [unit] time`. Raises `DataProblem` 451 for repeated times in a unit."""
    if given.has("clear"):
        session.data = replace(session.there, panel=Panel())
        return
    names = session.names(given.about)
    if not names:
        panel = session.there.panel
        if not (panel.unit or panel.time):
            raise DataProblem("panel variable not set; use xtset varname ...", 459)
        _say(session, panel)
        return
    if len(names) == 1:
        unit, time = ("", names[0]) if given.typed == "tsset" else (names[0], "")
    else:
        unit, time = names[:2]
    data = session.there
    if unit and data[unit].text:
        raise DataProblem(f"varlist: {unit}: string variable not allowed", 109)
    if time and data[time].text:
        raise DataProblem(f"varlist: {time}: string variable not allowed", 109)
    delta = _delta(session, given, data[time].format if time else "")
    panel = Panel(unit, time, delta)
    if time:
        keys = [n for n in (unit, time) if n]
        data = sorted_data(data, tuple(keys))
        known = ~np.isnan(data[time].numbers)
        inside = data.taken(known)
        groups = runs_of([inside[n] for n in keys], inside.rows)
        if inside.rows and (groups.size > 1).any():
            raise DataProblem("repeated time values within panel" if unit else "repeated time values in sample", 451)
        _check_steps(inside[time].numbers, runs_of([inside[unit]] if unit else [], inside.rows).start, delta)
    session.data = replace(data, panel=panel)
    _say(session, panel)


def _check_steps(time: np.ndarray, start: np.ndarray, delta: float) -> None:
    """Raises where a unit's rows, in order, are less than delta apart, which Stata refuses, or no multiples of it."""
    steps = (time - time[start]) / delta
    between = np.diff(steps)[start[1:] == start[:-1]] if len(time) else np.zeros(0)
    if (between < 1 - 1e-9).any():
        raise DataProblem("time values with periods less than delta() found", 451)
    if (np.abs(steps - np.rint(steps)) > 1e-9).any():
        raise OptionNotRead(f"xtset's delta({delta:g}) of times that are no multiples of it apart is not read here")


#: Units of `delta()` in milliseconds, by the letters that tell them apart.
_UNITS = {"sec": 1e3, "min": 6e4, "h": 3.6e6, "d": 8.64e7, "w": 6.048e8}


def _delta(session: Session, given: Command, form: str) -> float:
    """`delta(2)`, or with a unit of clocks, `delta(15 minutes)`, `delta((28*24) hours)`, or days and weeks."""
    option = given.option("delta")
    if option is None or not option.value:
        return 1.0
    number, unit = option.value.strip(), ""
    before = number.rstrip(ascii_letters)
    if before and not (before[-1].isalnum() or before[-1] == "_"):
        number, unit = before.rstrip(), number[len(before) :]
    size = next((ms for word, ms in _UNITS.items() if unit.lower().startswith(word)), 0.0)
    scale = {"%tc": 1.0, "%td": 8.64e7}.get(form[:3])
    if unit and (not size or scale is None or size < scale):
        raise OptionNotRead(f"xtset's delta({option.value}) of a variable shown as {form or 'a number'} is not read here")
    return float(session.value(number)) * (size / scale if unit and scale else 1.0)


def _say(session: Session, panel: Panel) -> None:
    numbers, texts = {"tdelta": panel.delta}, {"panelvar": panel.unit, "timevar": panel.time}
    for letter, name in (("i", panel.unit), ("t", panel.time)):
        values = session.there[name].numbers if name else np.empty(0)
        if len(values := values[~np.isnan(values)]):
            numbers |= {f"{letter}min": float(values.min()), f"{letter}max": float(values.max())}
    if panel.unit and panel.time:
        texts["balanced"] = balance(session.there, panel)
    session.r = Results(texts=texts, numbers=numbers)
    if panel.unit:
        session.say(f"Panel variable: {panel.unit} ({texts.get('balanced', 'balanced')})")
    if panel.time and "tmin" in numbers:
        ends = [shown(numbers[end], session.there[panel.time].format) for end in ("tmin", "tmax")]
        session.say(f"Time variable: {panel.time}, {' to '.join(ends)}")
    session.settings["xtset"] = f"{panel.unit} {panel.time}".strip()


def balance(data: Dataset, panel: Panel) -> str:
    """ "strongly balanced": every unit has the same periods; "weakly balanced": as many; else "unbalanced". [XT] xtset"""
    unit, time = data[panel.unit].numbers, data[panel.time].numbers
    there = ~np.isnan(unit) & ~np.isnan(time)
    _, i = np.unique(unit[there], return_inverse=True)
    periods = len(np.unique(time[there]))
    sizes = np.bincount(i) if len(i) else np.zeros(1, dtype=int)
    if (sizes == periods).all():
        return "strongly balanced"
    return "weakly balanced" if (sizes == sizes[0]).all() else "unbalanced"


@command("tsfill")
def tsfill(session: Session, given: Command) -> None:
    """Rows for the periods that a unit lacks between its first and last; `full`: between those of all."""
    data, panel = session.there, session.there.panel
    if not panel.time:
        raise DataProblem("time variable not set", 111)
    time = data[panel.time].values
    unit = data[panel.unit].values if panel.unit else np.zeros(data.rows)
    known = ~np.isnan(time) & ~np.isnan(unit)
    wanted_units, wanted_times, made = [], [], 0.0
    for one in np.unique(unit[known]):
        held = time[known & (unit == one)]
        span = time[known] if given.has("full") else held
        made += float((span.max() - span.min()) / panel.delta)
        check_rows(made)
        every = np.arange(span.min(), span.max() + panel.delta / 2, panel.delta)
        lacking = every[~np.isin(every, held)]
        wanted_times.append(lacking)
        wanted_units.append(np.full(len(lacking), one))
    times, units = np.concatenate(wanted_times), np.concatenate(wanted_units)
    longer = lengthened(data, data.rows + len(times))
    new = {panel.time: replace(longer[panel.time], values=np.concatenate([time, times]))}
    if panel.unit:
        new[panel.unit] = replace(longer[panel.unit], values=np.concatenate([unit, units]))
    keys = tuple(n for n in (panel.unit, panel.time) if n)
    session.data = sorted_data(longer.with_columns(new), keys)


@command("xtsum", "xtdescribe", changes_data=False)
def xtsum(session: Session, given: Command) -> None:
    """Overall, between and within standard deviations of each variable. [XT] xtsum."""
    data, panel = session.there, session.there.panel
    if given.name == "xtdescribe" or not panel.unit:
        return
    used = session.used(given)
    for name in session.names(given.about) if given.about else data.columns:
        column = data[name]
        if column.text:
            continue
        rows = used & ~np.isnan(column.values)
        values, units = column.values[rows], data[panel.unit].values[rows]
        if not len(values):
            continue
        _, at = np.unique(units, return_inverse=True)
        means = np.bincount(at, values) / np.bincount(at)
        within = values - means[at] + values.mean()
        session.show("xtsum", variable=name, N=len(values), n=len(means), mean=values.mean(), sd=_sd(values),
        sd_b=_sd(means),
                     sd_w=_sd(within), min=values.min(), max=values.max())  # fmt: skip


def _sd(values: np.ndarray) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


@command("carryforward", by_groups=True)
def carryforward(session: Session, given: Command) -> None:
    """`carryforward x, gen(y)|replace`: the last value before a missing one, in the present order."""
    option = given.option("generate", "gen", least=3)
    if (option is None) != given.has("replace"):
        raise DataProblem("either gen() or replace is required, not both", 198)
    for name in session.names(given.about):
        column = session.there[name]
        groups = session.context().within
        lost = (column.values == "") if column.text else np.isnan(column.values)
        row = np.where(lost, -1, np.arange(len(lost)))
        last = np.maximum.accumulate(row) if len(row) else row
        last = np.where(last >= groups.start, last, -1)
        filled = np.where(last >= 0, column.values[np.where(last >= 0, last, 0)], column.values)
        filled = np.where(session.used(given), filled, column.values)
        session.set_columns({(option.value if option else name): replace(column, values=filled)})


@command("ipolate", by_groups=True)
def ipolate(session: Session, given: Command) -> None:
    """`ipolate y x, generate(new) [epolate]` by groups: straight lines between known points, y averaged where x repeats."""
    y, x = session.names(given.about)
    option = given.option("generate", least=1)
    if option is None:
        raise DataProblem("option generate() required", 198)
    data, used = session.there, session.used(given)
    groups = session.context().within
    out = np.full(data.rows, np.nan)
    number = groups.number
    for group in np.unique(number) if data.rows else ():
        rows = np.flatnonzero((number == group) & used & ~np.isnan(data[x].numbers))
        known = rows[~np.isnan(data[y].numbers[rows])]
        if not len(known):
            continue
        at, inverse = np.unique(data[x].values[known], return_inverse=True)
        mean = np.bincount(inverse, data[y].values[known]) / np.bincount(inverse)
        wanted = data[x].values[rows]
        found = np.interp(wanted, at, mean, left=np.nan, right=np.nan)
        if given.has("epolate", least=1) and len(at) > 1:
            low, high = wanted < at[0], wanted > at[-1]
            found[low] = mean[0] + (wanted[low] - at[0]) * (mean[1] - mean[0]) / (at[1] - at[0])
            found[high] = mean[-1] + (wanted[high] - at[-1]) * (mean[-1] - mean[-2]) / (at[-1] - at[-2])
        out[rows] = found
    from parity.stata_language.values import stored

    doubts = data[x].doubts | data[y].doubts
    session.set_columns({option.value or "": Column(stored(out, "float"), "float", doubts=doubts)})
