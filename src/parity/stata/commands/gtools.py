"""gegen and gquantiles of gtools, and what its other commands do otherwise than Stata's own, under whose names they are run.

gtools 1.11: gegen.ado (`parse_target_type`), gcollapse.ado (`parse_ok_astarget`), docs/usage. Its functions keep the digits
of their source: sums are doubles, means of doubles too, extremes have the type of the variable, counts and groups are long.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.create import check_new, say_missing, typed
from parity.stata.commands.egen import CALL, RowsOf, egen
from parity.stata.commands.gtools_statistics import EXTREMES, OF_GTOOLS, OTHERS, SUMS, extra, type_of
from parity.stata.commands.output import summarize, tabstat, weights_of
from parity.stata.commands.quantiles import winsor2, xtile
from parity.stata.commands.shape import statistic_of
from parity.stata.mishaps import NotRun
from parity.stata.results import Results
from parity.stata.session import Session
from parity.stata_language.command import Command, Option
from parity.stata_language.dataset import Column, DataProblem
from parity.stata_language.values import stored

#: Functions whose weights gegen ignores.
_UNWEIGHTED = ("tag", "group", "nunique", "max", "min", "first", "last", "firstnm", "lastnm")
#: Functions of one variable or expression; of several variables gegen pools the rows.
_OF_ONE = (*SUMS, *EXTREMES, "range", "count", "nunique", "nmissing", *OTHERS)
_TRANSFORMS = ("standardize", "normalize", "demean", "demedian")


@command("gegen", by_groups=True)
def gegen(session: Session, given: Command) -> None:
    """`gegen [type] new = fcn(arguments) [if] [weight] [, by() replace]`: egen's functions, with types of their own."""
    kind, name = typed(given.about)
    name, match = name.strip(), CALL.match(given.assigned or "")
    if match is None:
        raise DataProblem(f"gegen: `{given.assigned}` calls no function", 198)
    what, inside = match.group(1), match.group(2).strip()
    if given.has("replace"):
        _replaced(session, given, f"{kind} {name}".strip(), name)
        return
    check_new(session, name)
    if what == "xtile":
        xtile(session, replace(given, name="xtile", about=f"{name}={inside}", assigned=None))
        return
    columns = session.there.columns
    source = columns[inside].kind if inside in columns and not columns[inside].text else "double"
    text = inside in columns and columns[inside].text
    if what in _OF_ONE and " " in inside and _is_varlist(session, inside):
        raise NotRun(f"gegen's {what}() of several variables, pooled by rows, is not known here")
    default = session.settings.get("type", "float")
    weighted = given.weight is not None and what not in _UNWEIGHTED
    kind = kind or ("" if text and what in EXTREMES else type_of(what, source, default, weighted=weighted))
    if weighted or what in OF_GTOOLS or what in _TRANSFORMS:
        _own(session, given, kind or default, name, what, inside, weighted=weighted)
        return
    egen(session, replace(given, name="egen", about=f"{kind} {name}".strip(), weight=None))


def _is_varlist(session: Session, text: str) -> bool:
    return all(word in session.there.columns for word in text.split())


def _replaced(session: Session, given: Command, about: str, name: str) -> None:
    """With `replace`: the variable is made anew, and keeps its place."""
    without = tuple(o for o in given.options if o.name != "replace")
    if name not in session.there.columns:
        gegen(session, replace(given, options=without))
        return
    if given.condition or given.rows:
        raise NotRun("gegen's replace with `if` or `in` is not known here")
    temporary = "__gegen"
    gegen(session, replace(given, about=f"{about.rpartition(name)[0]}{temporary}", options=without))
    made = session.there[temporary]
    session.data = session.there.without([temporary]).with_columns({name: made})


def _own(session: Session, given: Command, kind: str, name: str, what: str, inside: str, *, weighted: bool) -> None:
    """Functions that egen has not, and those with weights: once a group."""
    context = session.context()
    used = session.used(given)
    weights = weights_of(session, given) if weighted else None
    option, share = given.option("by"), given.option("p")
    groups = RowsOf.of(session, option.value if option else None)
    asked = {"pctile": f"p{share.value if share and share.value else '50'}", "total": "sum"}.get(what, what)
    values = session.values(inside, context)
    if values.dtype == object:
        if what not in ("nunique", "nmissing"):
            raise DataProblem("type mismatch", 109)
        _, code = np.unique(values, return_inverse=True)
        values = np.where(values == "", np.nan, code.astype(float))
    out = np.full(session.there.rows, np.nan)
    whole = float((~np.isnan(values[used])).sum() if weights is None else weights[used & ~np.isnan(values)].sum())
    for rows in groups.each(used):
        present = rows[~np.isnan(values[rows])] if weights is None else rows[~np.isnan(values[rows]) & (weights[rows] > 0)]
        x = values[present]
        if what in _TRANSFORMS:
            out[rows] = _transformed(what, values[rows], x)
        elif what == "nmissing":
            out[rows] = float(len(rows) - len(x))
        elif what in OF_GTOOLS and weights is None:
            out[rows] = extra(what, x)
        elif what in OF_GTOOLS:
            raise NotRun(f"gegen's {what}() with weights is not known here")
        else:
            w = None if weights is None else weights[present]
            out[rows] = statistic_of(x, w, given.weight.kind if given.weight else "", asked, whole)
    column = Column(stored(out, kind), kind, doubts=frozenset(context.doubts))
    session.set_columns({name: column})
    say_missing(session, column)


def _transformed(what: str, values: np.ndarray, x: np.ndarray) -> np.ndarray:
    if not len(x):
        return np.full(len(values), np.nan)
    away = values - (np.median(x) if what == "demedian" else np.mean(x))
    if what in ("demean", "demedian"):
        return away
    with np.errstate(all="ignore"):
        return away / np.std(x, ddof=1) if len(x) > 1 else np.full(len(values), np.nan)


@command("gquantiles", by_groups=True)
def gquantiles(session: Session, given: Command) -> None:
    """`gquantiles [new =] exp, xtile|pctile|_pctile [nquantiles() cutpoints() percentiles() altdef by()]`."""
    asked = [name for name in ("xtile", "pctile", "_pctile") if given.has(name)]
    if len(asked) != 1 or any(o.name == asked[0] and o.value for o in given.options):
        raise NotRun("gquantiles is known here with one of xtile, pctile, _pctile")
    if asked == ["pctile"] and given.has("by"):
        raise NotRun("gquantiles, pctile by() is not known here")
    xtile(session, replace(given, name=asked[0], options=tuple(o for o in given.options if o.name != asked[0])))


#: What gstats computes -> what has these numbers here, and the options that it takes.
_GSTATS = {
    "winsor": (winsor2, ("cuts", "suffix", "trim", "replace", "by")),
    "summarize": (summarize, ("detail", "meanonly", "nodetail")),
    "tabstat": (tabstat, ("statistics", "stats", "by", "columns", "format", "missing")),
}


@command("gstats", by_groups=True)
def gstats(session: Session, given: Command) -> None:
    """`gstats winsor|sum|tab varlist [if] [, ...]`: winsor2, summarize, with its detail unless told, and tabstat."""
    word, _, about = given.about.strip().partition(" ")
    name = next((full for full in _GSTATS if len(word) >= 3 and full.startswith(word)), "")
    if not name or given.weight is not None:
        raise NotRun(f"gstats {word} {'with weights ' if name else ''}is not known here")
    how, known = _GSTATS[name]
    names = session.names(about)
    if odd := next((o.name for o in given.options if not any(full.startswith(o.name) for full in known)), ""):
        raise NotRun(f"the option {odd} of gstats {word} is not known here")
    if name == "winsor" and any(session.there[n].kind not in ("float", "double") for n in names):
        raise NotRun("gstats winsor of whole numbers is not known here")
    options = tuple(o for o in given.options if o.name != "nodetail")
    if name == "summarize" and not any(given.has(o) for o in ("meanonly", "nodetail", "detail")):
        options = (*options, Option("detail"))
    how(session, replace(given, name=how.__name__, about=about, options=options))
    if name != "winsor" and (len(names) > 1 or name == "tabstat"):
        session.r = Results(texts={"parity_unknown": f"what gstats {word} leaves of several variables is not known here"})
