"""What is printed: display, summarize, tabulate, tabstat, correlate, levelsof; their results are kept in r()."""

from __future__ import annotations

import re

import numpy as np

from parity.stata.commands import command
from parity.stata.formats import macro_text, shown, spellings
from parity.stata.groups import ranked
from parity.stata.mishaps import OptionNotRead
from parity.stata.percentiles import percentile
from parity.stata.results import Matrix, Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column
from parity.stata_language.expression import ExpressionError, parse, unquoted


@command("display", changes_data=False)
def display(session: Session, given: Command) -> None:
    session.show("display", text=displayed(session, given.about))


#: What says how `display` prints and prints nothing itself: styles, `in green` of older versions, places. [P] display
_DIRECTIVE = re.compile(
    r"(?:as|in)\s+\w+|as|txt|text|res|result|err|error|inp|input|in|smcl|_continue|_c|_n(?:ewline)?(?:\(\d+\))?|"
    r"_s(?:kip)?\(\d+\)|_col(?:umn)?\(.*\)|_dup\(\d+\)|_request\(.*\)|,"
)


def displayed(session: Session, text: str) -> str:
    """The text that `display` prints: quoted texts, expressions, formats before them."""
    out, form = [], ""
    for piece in _pieces(text):
        if re.fullmatch(r"%\S+", piece):
            form = piece
        elif _DIRECTIVE.fullmatch(piece):
            continue
        elif piece.startswith(('"', '`"')):
            out.append(unquoted(piece))
        else:
            value = session.value(piece)
            out.append(value if isinstance(value, str) else shown(value, form or "%10.0g"))
            form = ""
    return "".join(out)


def _pieces(text: str) -> list[str]:
    """Quoted texts, formats and directives apart; the rest are expressions."""
    found, held, depth, i = [], "", 0, 0
    quoted = re.compile(r'`"(?:[^"\']|"(?!\')|\')*"\'|"[^"]*"')
    word = re.compile(r"%-?0?[\d.]+[gfeshx]c?|%-?\d*(?:t[dwmqhycC]|d)\S*|"
                      r"\b(?:(?:as|in)\s+)?(?:txt|text|res|result|err|error|inp|input|smcl)\b|"
                      r"\bin\s+\w+\b|"
                      r"_c(?:ontinue)?\b|_n(?:ewline)?\(\d+\)|_newline\b|_s(?:kip)?\(\d+\)|"
                      r"_col(?:umn)?\([^)]*\)|_dup\(\d+\)")  # fmt: skip
    while i < len(text):
        match = quoted.match(text, i)
        if match and depth == 0 and not re.search(r"[+=(,]\s*$", held):
            found += [held] * bool(held.strip())
            held = ""
            after = text[match.end() :].lstrip()
            if after[:1] == "+" or after[:2] in ("==", "!="):  # a quoted text inside an expression
                held, i = match.group(), match.end()
                continue
            found.append(match.group())
            i = match.end()
            continue
        if match:
            held, i = held + match.group(), match.end()
            continue
        directive = (
            word.match(text, i) if depth == 0 and (i == 0 or not (text[i - 1].isalnum() or text[i - 1] == "_")) else None
        )
        if directive:
            found += [held] * bool(held.strip())
            found.append(directive.group())
            held, i = "", directive.end()
            continue
        depth += (text[i] == "(") - (text[i] == ")")
        held, i = held + text[i], i + 1
    return [q for p in [*found, held] if p.strip() and p.strip() != "," for q in _apart(p.strip())]


def _apart(piece: str) -> list[str]:
    """`a b` is two expressions: where an operand ends and another begins behind a blank."""
    if piece.startswith(('"', '`"', "%")) or _DIRECTIVE.fullmatch(piece) or not re.search(r"[\w)\]]\s+[\w(_]", piece):
        return [piece]
    try:
        parse(piece)
    except ExpressionError:
        at = next((m.start(1) for m in re.finditer(r"[\w)\]\"](\s+)(?=[\w_\"])", piece)
                   if piece[: m.start(1)].count("(") == piece[: m.start(1)].count(")")), None)  # fmt: skip
        if at is not None:
            return [piece[:at].strip(), *_apart(piece[at:].strip())]
    return [piece]


def weights_of(session: Session, given: Command) -> np.ndarray | None:
    """A command's weights, missing ones and zeros as zero."""
    if given.weight is None:
        return None
    values = session.numbers(given.weight.expression)
    return np.where(np.isnan(values) | (values < 0), 0.0, values)


@command("summarize", changes_data=False)
def summarize(session: Session, given: Command) -> None:
    """`summarize [varlist] [if] [weight] [, detail]`: r() of the last variable. [R] summarize."""
    data, used, weights = session.there, session.used(given), weights_of(session, given)
    names = session.names(given.about) if given.about else tuple(data.columns)
    for name in names:
        column = data[name]
        if column.text:
            session.show("summarize", variable=name, N=0)
            session.r = Results(numbers={"N": 0.0, "sum_w": 0.0, "sum": 0.0})
            continue
        rows = used & ~np.isnan(column.values)
        if weights is not None:
            rows &= weights > 0
        found = moments(column.values[rows], None if weights is None else weights[rows],
        given.weight.kind if given.weight else "",
                        detail=given.has("detail", least=1))  # fmt: skip
        if given.has("meanonly"):
            found = {k: v for k, v in found.items() if k not in ("Var", "sd")}
        session.r = Results(numbers=found)
        told = {"headed": (name, column.label)}
        session.show(
            "summarize", variable=name, told=told, **found, **(extremes(column.values[rows]) if "p50" in found else {})
        )


def extremes(x: np.ndarray) -> dict[str, float]:
    """The four smallest and the four largest values, by the percentile beside which `detail` prints each. x: (n,)"""
    if len(x) < 4:
        return {}
    ends = np.concatenate([np.sort(np.partition(x, 3)[:4]), np.sort(np.partition(x, -4)[-4:])])
    return {f"extreme{p}": float(value) for p, value in zip((1, 5, 10, 25, 75, 90, 95, 99), ends, strict=True)}


def moments(x: np.ndarray, w: np.ndarray | None = None, kind: str = "", *, detail: bool = False) -> dict[str, float]:
    """N, mean, Var, sd, min, max, sum; with detail skewness, kurtosis and percentiles. aweights are scaled to N."""
    n = len(x)
    if n == 0:
        return {"N": 0.0, "sum_w": 0.0, "sum": 0.0}
    if w is None:
        w = np.ones(n)
    if kind in ("aweight", "weight"):
        scaled, count = w * n / w.sum(), float(n)
    else:
        scaled, count = w, float(w.sum())
    mean = float(np.sum(scaled * x) / scaled.sum())
    deviation = x - mean
    second = float(np.sum(scaled * deviation**2))
    variance = second / (count - 1) if count > 1 else float("nan")
    out = {
        "N": count, "sum_w": float(w.sum()), "mean": mean, "Var": variance,
        "sd": float(np.sqrt(variance)) if count > 1 else float("nan"),
        "min": float(x.min()), "max": float(x.max()), "sum": float(np.sum(w * x)),
    }  # fmt: skip
    if detail:
        m2, m3, m4 = (float(np.sum(scaled * deviation**p) / scaled.sum()) for p in (2, 3, 4))
        out |= {"skewness": m3 / m2**1.5 if m2 else float("nan"), "kurtosis": m4 / m2**2 if m2 else float("nan")}
        out |= {f"p{p}": percentile(x, p, None if kind == "" else w) for p in (1, 5, 10, 25, 50, 75, 90, 95, 99)}
    return out


def values_of(column: Column, used: np.ndarray, missing: bool) -> tuple[np.ndarray, np.ndarray]:
    """Rows that are counted, and their distinct values in order."""
    lost = (column.values == "") if column.text else np.isnan(column.values)
    rows = used & (np.ones_like(lost) if missing else ~lost)
    return rows, distinct(column, rows)


def distinct(column: Column, rows: np.ndarray) -> np.ndarray:
    """The values of some rows, in order."""
    _, first = np.unique(ranked(column)[rows], return_index=True)
    return column.values[rows][first]


@command("levelsof", changes_data=False)
def levelsof(session: Session, given: Command) -> None:
    """`levelsof x [, local(name) clean]`: distinct values in order."""
    name = session.name(given.about)
    column = session.there[name]
    rows, values = values_of(column, session.used(given), given.has("missing", least=1))
    option = given.option("separate", least=1)
    between = unquoted(option.value) if option and option.value else " "
    if column.text:
        said = [v if given.has("clean", least=1) else f'`"{v}"\'' for v in values.tolist()]
    else:
        said = [macro_text(v) for v in values.tolist()]
    session.r = Results(texts={"levels": between.join(said)}, numbers={"N": float(rows.sum()), "r": float(len(values))})
    if (option := given.option("local", least=1)) and option.value:
        session.macros.locals[option.value] = between.join(said)


@command("tabstat", changes_data=False)
def tabstat(session: Session, given: Command) -> None:
    """`tabstat varlist [, statistics(...) by(x) save]`: with `save` r(StatTotal), r(Stat1) ... of the groups."""
    data, used, weights = session.there, session.used(given), weights_of(session, given)
    option = given.option("statistics", "stats", least=1)
    wanted = list(dict.fromkeys((option.value if option and option.value else "mean").replace(",", " ").split()))
    by = given.option("by")
    groups = [("", used)]
    if by and by.value:
        column = data[session.name(by.value)]
        inside, values = values_of(column, used, given.has("missing", least=1))
        rank = ranked(column)
        groups = [(v, inside & (rank == r)) for v, r in zip(values.tolist(), np.unique(rank[inside]), strict=True)] + groups
    names, kept_matrices = session.names(given.about), {}
    if given.has("casewise"):
        there = ~np.any([np.isnan(data[n].numbers) for n in names], axis=0)
        groups = [(value, rows & there) for value, rows in groups]
    total = len(groups)
    if given.has("nototal") and by:
        groups, total = groups[:-1], 0
    of = session.name(by.value) if by and by.value else ""
    called = {value: spellings(data, of, value) if of and rows is not used else ("Total",) for value, rows in groups}
    told = {"by": of, "statistics": list(wanted), "variables": list(names)}
    for i, (value, rows) in enumerate(groups, 1):
        cells = np.empty((len(wanted), len(names)))
        for j, name in enumerate(names):
            x = data[name].numbers
            kept = rows & ~np.isnan(x)
            kind = given.weight.kind if given.weight else ""
            found = moments(x[kept], None if weights is None else weights[kept], kind, detail=True)
            values = {s: statistic(found, s) for s in wanted}
            cells[:, j] = list(values.values())
            session.show("tabstat", variable=name, group=value, told=told | {"group": called[value]}, **values)
        kept_matrices["StatTotal" if i == total else f"Stat{i}"] = Matrix(cells, tuple(wanted), names)
    session.r = Results(matrices=kept_matrices if given.has("save") else {})


def statistic(found: dict[str, float], name: str) -> float:
    """A statistic by the names that tabstat and collapse know."""
    nan = float("nan")
    match name:
        case "n" | "count" | "N":
            return found["N"]
        case "variance" | "var" | "v":
            return found.get("Var", nan)
        case "median" | "med" | "q":
            return found.get("p50", nan)
        case "range" | "r":
            return found.get("max", nan) - found.get("min", nan)
        case "iqr":
            return found.get("p75", nan) - found.get("p25", nan)
        case "cv":
            return found.get("sd", nan) / found.get("mean", nan)
        case "semean" | "sem":
            return found.get("sd", nan) / np.sqrt(found["N"])
        case "me" | "mea":
            return found.get("mean", nan)
    return found.get(name, nan)


@command("correlate", "pwcorr", changes_data=False)
def correlate(session: Session, given: Command) -> None:
    """Correlations of complete rows (`correlate`) or of each pair (`pwcorr`); r(C), r(rho)."""
    data, used, weights = session.there, session.used(given), weights_of(session, given)
    names = session.names(given.about) if given.about else tuple(n for n, c in data.columns.items() if not c.text)
    columns = [data[n].numbers for n in names]
    complete = used & ~np.any([np.isnan(c) for c in columns], axis=0)
    listwise = given.name == "correlate" or given.has("listwise") or given.has("casewise")
    k = len(names)
    out, counts = np.eye(k), np.zeros((k, k))
    for i in range(k):
        for j in range(i + 1):
            rows = complete if listwise else used & ~np.isnan(columns[i]) & ~np.isnan(columns[j])
            counts[i, j] = counts[j, i] = rows.sum()
            w = np.ones(rows.sum()) if weights is None else weights[rows]
            out[i, j] = out[j, i] = _correlation(columns[i][rows], columns[j][rows], w, given.has("covariance", least=1))
    session.r = Results(
        matrices={"C": Matrix(out, names, names)},
        numbers={"N": float(counts[0, 0]), "rho": float(out[1, 0]) if k > 1 else 1.0},
    )
    if given.has("covariance") and k > 1:
        cov, var_1, var_2 = float(out[1, 0]), float(out[0, 0]), float(out[1, 1])
        rho = cov / float(np.sqrt(var_1 * var_2)) if var_1 > 0 and var_2 > 0 else float("nan")
        session.r.numbers |= {"cov_12": cov, "Var_1": var_1, "Var_2": var_2, "rho": rho}
    session.show("correlate", variables=names, rho=out.tolist(), N=counts.tolist())


def _correlation(x: np.ndarray, y: np.ndarray, w: np.ndarray, covariance: bool) -> float:
    if len(x) < 2:
        return float("nan")
    a, b = x - np.average(x, weights=w), y - np.average(y, weights=w)
    if covariance:
        n = len(x)
        return float(np.sum(w * a * b) / w.sum() * n / (n - 1))
    scale = np.sqrt(np.sum(w * a * a) * np.sum(w * b * b))
    return float(np.sum(w * a * b) / scale) if scale else float("nan")


@command("ds", changes_data=False)
def ds(session: Session, given: Command) -> None:
    """`ds [varlist] [, has(type numeric)] [not()]`: r(varlist)."""
    data = session.there
    names = session.names(given.about) if given.about else tuple(data.columns)
    if any(o.name == "not" and o.value is None for o in given.options):
        names = tuple(n for n in data.columns if n not in names)
    for option, kept in ((given.option("has"), True), (given.option("not"), False)):
        if option and option.value:
            word, *kinds = option.value.split()
            if word not in ("t", "ty", "typ", "type") or not kinds:
                raise OptionNotRead(f"ds's {option.name}({option.value}) is not read here")
            names = tuple(n for n in names if any(_of_type(data[n].kind, kind) for kind in kinds) == kept)
    session.r = Results(texts={"varlist": " ".join(names)})


def _of_type(kind: str, wanted: str) -> bool:
    """Whether a storage type is one that ds has asked for: `numeric`, `string`, or one by its name."""
    if wanted == "numeric":
        return not kind.startswith("str")
    return kind.startswith("str") if wanted == "string" else kind == wanted
