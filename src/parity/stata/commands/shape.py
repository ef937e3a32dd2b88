"""collapse, contract, reshape, fillin, stack, xpose: other rows for the same data. [D]"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from parity.stata.bounds import check_cells, check_rows
from parity.stata.commands import command
from parity.stata.commands.gtools_statistics import OF_GTOOLS, extra, type_of
from parity.stata.commands.output import moments, statistic, weights_of
from parity.stata.commands.rows import sorted_data
from parity.stata.formats import macro_text
from parity.stata.groups import order, ranked, runs_of
from parity.stata.mishaps import NotRun, OptionNotRead
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, Dataset, text_kind
from parity.stata_language.values import smallest, stored

_STATISTICS = ("mean", "median", "sd", "semean", "sebinomial", "sepoisson", "sum", "rawsum", "count", "percent", "max",
"min", "iqr",
               "first", "last", "firstnm", "lastnm")  # fmt: skip


@command("collapse")
def collapse(session: Session, given: Command) -> None:
    """`collapse (mean) a b (sum) c=d [weight], by(x y)`: everything else goes. Means are doubles. [D] collapse."""
    data, weights = session.there, weights_of(session, given)
    if given.has("merge"):
        raise NotRun("gcollapse, merge is not known here: it adds its columns to the data")
    by = given.option("by")
    names = session.names(by.value or "") if by else ()
    used = session.used(given)
    if given.has("cw"):
        for _, _, source in _asked(session, given):
            column = data[source]
            used &= (column.values != "") if column.text else ~np.isnan(column.values)
    inside = data.taken(used)
    held = sorted_data(replace(inside, sorted_by=()), names) if names else inside
    w = None
    if weights is not None:
        positions = order(inside, names)[0] if names else np.arange(inside.rows)
        w = weights[used][positions]
    groups = runs_of([held[n] for n in names], held.rows)
    starts = np.flatnonzero(groups.position == 0)
    columns = {name: held[name].taken(starts) for name in names}
    for what, new, source in _asked(session, given):
        if new in columns:
            raise DataProblem(f"{new} is named twice", 110)
        columns[new] = _collapsed(held[source], what, starts, groups.size[starts], w, given, source)
        if given.typed == "gcollapse" and not columns[new].text and what not in ("first", "last", "firstnm", "lastnm"):
            columns[new] = _of_gtools(session, columns[new], what, held[source].kind, given)
        columns[new] = replace(columns[new], doubts=held[source].doubts)
    panel = (
        data.panel if {data.panel.unit, data.panel.time} - {""} <= set(columns) else replace(data.panel, unit="", time="")
    )
    if data.tied and any(what in ("first", "last", "firstnm", "lastnm") for what, _, _ in _asked(session, given)):
        session.note("unstable-sort", "collapse takes the first or last row of an order that Stata draws anew at every sort")
    session.data = Dataset(
        columns, len(starts), data.value_labels, tuple(names), False, panel, data.label, data.path, data.doubts
    )


def _of_gtools(session: Session, column: Column, what: str, source: str, given: Command) -> Column:
    """With the storage type that gcollapse gives it."""
    default = session.settings.get("type", "float")
    kind = "double" if given.has("double") and what not in ("max", "min") else type_of(
        what, source if source in ("byte", "int", "long", "float") else "double", default,
        weighted=given.weight is not None, collapsing=True,
    )  # fmt: skip
    return replace(column, values=stored(column.values, kind), kind=kind) if kind else column


def _asked(session: Session, given: Command) -> list[tuple[str, str, str]]:
    """(statistic, new name, variable) in their order."""
    out, what = [], "mean"
    for piece in re.findall(r"\([^()]*\)|[^\s()=]+\s*=\s*[^\s()]+|[^\s()]+", given.about):
        if piece.startswith("("):
            what = piece.strip("() ")
            if what not in _STATISTICS and not re.fullmatch(r"p\d+(\.\d+)?", what):
                more = OF_GTOOLS if given.typed == "gcollapse" else ()
                full = next((s for s in (*_STATISTICS, *more) if s.startswith(what)), None)
                if full is None:
                    raise DataProblem(f"collapse knows no ({what})", 198)
                what = full
            continue
        new, sign, source = (p.strip() for p in piece.partition("="))
        if sign:
            out.append((what, new, session.name(source)))
        else:
            out += [(what, n, n) for n in session.names(piece)]
    return out


def _collapsed(column: Column, what: str, starts: np.ndarray, sizes: np.ndarray, w: np.ndarray | None, given: Command,
               source: str) -> Column:  # fmt: skip
    label = f"({what}) {source}"
    if what in ("first", "last", "firstnm", "lastnm"):
        return replace(column.taken(_end_rows(column, what, starts, sizes)))
    if column.text:
        if what in ("count", "nmissing"):
            asked = (column.values != "") if what == "count" else (column.values == "")
            counts = np.add.reduceat(asked.astype(float), starts) if len(starts) else np.zeros(0)
            return Column(counts, "long", label=label)
        if what == "nunique":
            groups = np.split(column.values, starts[1:]) if len(starts) else []
            return Column(np.array([float(len(set(texts) - {""})) for texts in groups]), "long", label=label)
        raise DataProblem("type mismatch", 109)
    x = column.values
    lost = np.isnan(x)
    if w is None and what in ("mean", "sum", "count", "max", "min", "rawsum"):
        return _quick(x, lost, what, starts, column, label)
    out = np.full(len(starts), np.nan)
    kind = given.weight.kind if given.weight else ""
    percent = float((~lost).sum()) if w is None else float(w[~lost].sum())
    for i, (start, size) in enumerate(zip(starts.tolist(), sizes.tolist(), strict=True)):
        rows = slice(start, start + size)
        kept = ~lost[rows] if w is None else ~lost[rows] & (w[rows] > 0)
        inner, weight = x[rows][kept], None if w is None else w[rows][kept]
        if what == "nmissing":
            out[i] = float(lost[rows].sum() if w is None else w[rows][lost[rows]].sum())
            continue
        out[i] = statistic_of(inner, weight, kind, what, percent)
    stored_as = "double" if what not in ("max", "min", "count") else column.kind if what != "count" else "long"
    return Column(out if what != "count" else np.where(np.isnan(out), 0, out), stored_as, column.format, label)


def statistic_of(x: np.ndarray, w: np.ndarray | None, kind: str, what: str, whole: float) -> float:
    if what in ("sum", "rawsum"):
        if what == "rawsum" or w is None:
            return float(x.sum())
        return float((w * x).sum() * (len(x) / w.sum() if kind in ("aweight", "weight") and len(x) else 1))
    if what == "count":
        return float(len(x)) if w is None or kind in ("aweight", "weight") else float(w.sum())
    if what == "percent":
        return 100 * (len(x) if w is None else float(w.sum())) / whole if whole else float("nan")
    if what in OF_GTOOLS:
        if w is not None and what != "nunique":
            raise NotRun(f"gcollapse's ({what}) with weights is not known here")
        return extra(what, x)
    if not len(x):
        return float("nan")
    found = moments(x, w, kind or "", detail=what in ("median", "iqr") or what[0] == "p")
    if what == "sebinomial":
        return float(np.sqrt(found["mean"] * (1 - found["mean"]) / found["N"]))
    if what == "sepoisson":
        return float(np.sqrt(found["mean"] / found["N"]))
    if what[0] == "p" and what[1:].replace(".", "").isdigit():
        from parity.stata.percentiles import percentile

        return percentile(x, float(what[1:]), w)
    return statistic(found, what)


def _quick(x: np.ndarray, lost: np.ndarray, what: str, starts: np.ndarray, column: Column, label: str) -> Column:
    if not len(starts):
        return Column(np.zeros(0), "double", column.format, label)
    counts = np.add.reduceat((~lost).astype(float), starts)
    if what == "count":
        return Column(counts, "long", label=label)
    if what in ("max", "min"):
        filled = np.where(lost, -np.inf if what == "max" else np.inf, x)
        found = (np.maximum if what == "max" else np.minimum).reduceat(filled, starts)
        return Column(np.where(counts > 0, found, np.nan), column.kind, column.format, label)
    sums = np.add.reduceat(np.where(lost, 0.0, x), starts)
    if what in ("sum", "rawsum"):
        return Column(sums, "double", column.format, label)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Column(sums / np.where(counts > 0, counts, np.nan), "double", column.format, label)


def _end_rows(column: Column, what: str, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    if what == "first":
        return starts
    if what == "last":
        return starts + sizes - 1
    there = (column.values != "") if column.text else ~np.isnan(column.values)
    out = starts.copy()
    for i, (start, size) in enumerate(zip(starts.tolist(), sizes.tolist(), strict=True)):
        rows = np.flatnonzero(there[start : start + size])
        if len(rows):
            out[i] = start + (rows[0] if what == "firstnm" else rows[-1])
    return out


@command("contract")
def contract(session: Session, given: Command) -> None:
    """Distinct combinations and how often each occurs."""
    used, weights = session.used(given), weights_of(session, given)
    data = session.there.taken(used)
    names = session.names(given.about) if given.about else tuple(data.columns)
    times = np.ones(data.rows) if weights is None else weights[used]
    if given.has("nomiss"):
        lost = [(data[n].values == "") if data[n].text else np.isnan(data[n].values) for n in names]
        there = ~np.any(lost, axis=0)
        data, times = data.taken(there), times[there]
    data, times = data.taken(times > 0), times[times > 0]
    times = times[order(data, names)[0]]
    held = sorted_data(replace(data, sorted_by=()), names)
    groups = runs_of([held[n] for n in names], held.rows)
    starts = np.flatnonzero(groups.position == 0)
    option = given.option("freq", least=1)
    counts = np.add.reduceat(times, starts) if len(starts) else times
    columns = {n: held[n].taken(starts) for n in names}
    columns[(option.value if option and option.value else "_freq")] = Column(counts, smallest(counts))
    session.data = Dataset(columns, len(starts), data.value_labels, tuple(names), doubts=data.doubts)


@command("fillin")
def fillin(session: Session, given: Command) -> None:
    """All combinations of the variables' values; `_fillin` marks the rows made."""
    from parity.stata.commands.rows import lengthened

    data, names = session.there, session.names(given.about)
    ranks = [ranked(data[n]) for n in names]
    shape = [int(r.max()) + 1 for r in ranks]
    present = np.ravel_multi_index(ranks, shape)
    check_rows(float(np.prod(shape, dtype=float)))
    lacking = np.setdiff1d(np.arange(np.prod(shape)), present)
    values = []
    for name, rank in zip(names, ranks, strict=True):
        _, first = np.unique(rank, return_index=True)
        values.append(data[name].values[first])
    at = np.unravel_index(lacking, shape)
    longer = lengthened(data, data.rows + len(lacking))
    new = {
        n: replace(longer[n], values=np.concatenate([data[n].values, v[i]]))
        for n, v, i in zip(names, values, at, strict=True)
    }
    mark = np.concatenate([np.zeros(data.rows), np.ones(len(lacking))])
    session.data = sorted_data(longer.with_columns({**new, "_fillin": Column(mark, "byte")}), names)


@command("reshape")
def reshape(session: Session, given: Command) -> None:
    """`reshape long stubs, i(id) j(time) [string]`, `reshape wide vars, i() j()`, and back without more. [D] reshape."""
    verb, _, rest = given.about.partition(" ")
    i, j = given.option("i"), given.option("j")
    kept = session.settings.get("reshape", "")
    if i is None and kept:  # reshape back
        stubs, ids, time, text = kept.split("|")
        rest = rest or stubs
    elif i is None or j is None:
        raise DataProblem("options i() and j() are required", 198)
    else:
        ids, time = i.value or "", (j.value or "").split()[0]
        text = "string" * given.has("string", least=1)
        if len((j.value or "").split()) > 1:
            raise OptionNotRead(f"reshape's j({j.value}) with values is not read here, and may change the data")
    rows, columns = session.there.rows, len(session.there.columns)
    if verb == "long":
        if time in session.there.columns:
            raise DataProblem(f"variable {time} already defined", 110)
        _long(session, rest.split(), session.names(ids), time, bool(text))
    elif verb == "wide":
        text = text or "string" * session.there[session.name(time)].text
        _wide(session, list(session.names(rest)), session.names(ids), session.name(time))
    else:
        raise DataProblem(f"reshape {verb} is not known here", 198)
    session.settings["reshape"] = f"{rest}|{ids}|{time}|{text}"
    session.show("reshape", rows=(rows, session.there.rows), columns=(columns, len(session.there.columns)))


def _long(session: Session, stubs: list[str], ids: tuple[str, ...], time: str, string: bool) -> None:
    data = session.there
    suffixes: dict[str, dict[str, str]] = {}
    for stub in stubs:
        before, _, after = stub.partition("@")
        pattern = re.compile(rf"{re.escape(before)}({'.+' if string else '[0-9]+'}){re.escape(after)}\Z")
        found = {m.group(1): n for n in data.columns if n not in ids and (m := pattern.match(n))}
        if not found:
            raise DataProblem(f"no {stub} variables found for reshape", 111)
        suffixes[stub] = found
    _, tied = order(data, ids)
    if tied:
        raise DataProblem(f"variable id does not uniquely identify the observations: {' '.join(ids)}", 9)
    values = sorted({s for found in suffixes.values() for s in found}, key=(lambda s: s) if string else float)
    gone = {n for found in suffixes.values() for n in found.values()}
    for stub in stubs:
        if (name := stub.replace("@", "")) in data.columns and name not in gone:
            raise DataProblem(f"variable {name} already defined", 110)
    n, k = data.rows, len(values)
    check_cells(n * k, len(stubs) + len(data.columns) - len(gone))
    rows = np.repeat(np.arange(n), k)
    numbers = np.zeros(0) if string else np.tile(np.array([float(v) for v in values]), n)
    texts = np.array(values * n if string else [], dtype=object)
    made = {time: Column(texts, text_kind(texts)) if string else Column(numbers, smallest(numbers))}
    for stub, found in suffixes.items():
        parts = [data[found[v]] if v in found else None for v in values]
        first = next(p for p in parts if p is not None)
        filled = [
            p.values if p is not None else np.full(n, "" if first.text else np.nan, dtype=first.values.dtype) for p in parts
        ]
        from parity.stata.commands.combine import wider

        kind = first.kind
        doubts = frozenset().union(*(p.doubts for p in parts if p is not None))
        for part in parts:
            kind = wider(kind, part.kind) if part is not None else kind
        made[stub.replace("@", "")] = Column(np.column_stack(filled).ravel() if k else filled[0], kind, first.format, "",
                                                first.value_label, doubts)  # fmt: skip
    # reshape.ado, Long: i and j first; what is made stands where its variable of the last j stood, else at the end
    last = {found[values[-1]]: stub.replace("@", "") for stub, found in suffixes.items() if values[-1] in found}
    kept = [last.get(name, name) for name in data.columns if name not in gone or name in last]
    columns = {n: made[n] if n in made else data[n].taken(rows) for n in dict.fromkeys([*ids, time, *kept, *made])}
    session.data = sorted_data(Dataset(columns, n * k, data.value_labels, (), False, data.panel, data.label, data.path,
    data.doubts),
                               (*ids, time))  # fmt: skip


def _wide(session: Session, names: list[str], ids: tuple[str, ...], time: str) -> None:
    data = session.there
    held = sorted_data(replace(data, sorted_by=()), (*ids, time))
    both = runs_of([held[n] for n in (*ids, time)], held.rows)
    if held.rows and (both.size > 1).any():
        raise DataProblem(f"values of variable {time} not unique within {' '.join(ids)}", 9)
    groups = runs_of([held[n] for n in ids], held.rows)
    starts, number = np.flatnonzero(groups.position == 0), groups.number
    for name, column in held.columns.items():
        if name not in (*names, *ids, time):
            values = column.values
            same = values == values[groups.start]
            if not column.text:
                same |= np.isnan(values) & np.isnan(values[groups.start])
            if not same.all():
                raise DataProblem(f"variable {name} not constant within {' '.join(ids)}", 9)
    if any(v == "" for v in held[time].values.tolist()) if held[time].text else np.isnan(held[time].values).any():
        raise DataProblem(f"variable {time} contains missing values", 498)
    rank = ranked(held[time])
    levels, first = np.unique(rank, return_index=True)
    said = [v if isinstance(v, str) else macro_text(v) for v in held[time].values[first].tolist()]
    check_cells(len(starts), len(names) * len(levels))
    # reshape.ado, Wide: i first, then by j what is made of each variable, then the others
    columns = {name: held[name].taken(starts) for name in held.columns if name in ids}
    for level, suffix in zip(levels, said, strict=True):
        rows = rank == level
        for name, column in held.columns.items():
            if name not in names:
                continue
            values = np.full(len(starts), "" if column.text else np.nan, dtype=column.values.dtype)
            values[number[rows]] = column.values[rows]
            columns[name.replace("@", suffix) if "@" in name else f"{name}{suffix}"] = replace(
                column, values=values, label=f"{suffix} {name}"
            )
    columns |= {n: c.taken(starts) for n, c in held.columns.items() if n not in (*ids, *names, time)}
    session.data = Dataset(columns, len(starts), data.value_labels, tuple(ids), False, replace(data.panel, unit="",
    time=""), data.label,
                           data.path, data.doubts)  # fmt: skip


@command("xpose")
def xpose(session: Session, given: Command) -> None:
    """`xpose, clear [varname promote]`: variables become rows, rows v1, v2, ..., or what `_varname` calls them. Texts are
    missing. [D] xpose."""
    if not given.has("clear"):
        raise DataProblem("option clear required", 198)
    data = session.there
    named = data.columns.get("_varname")
    names = [n for n in data.columns if n != "_varname"]
    held = np.array([np.full(data.rows, np.nan) if data[n].text else data[n].numbers for n in names])
    called = [f"v{i + 1}" for i in range(data.rows)] if named is None else [str(t) for t in named.values.tolist()]
    doubts = data.doubts.union(*(column.doubts for column in data.columns.values()))
    columns = {}
    for i, name in enumerate(called):
        values = held[:, i] if len(names) else np.zeros(0)
        kind = smallest(values, most="double") if given.has("promote") else "float"
        columns[name] = Column(stored(np.ascontiguousarray(values), kind), kind, doubts=doubts)
    if given.has("varname"):
        columns["_varname"] = Column(np.array(names, dtype=object), text_kind(np.array(names, dtype=object)))
    session.data = Dataset(columns, len(names), doubts=doubts)
