"""Storage types and statistics that gtools has otherwise than collapse and egen. gtools 1.11: gegen.ado, gcollapse.ado."""

from __future__ import annotations

import re

import numpy as np

_WIDER = {"byte": "int", "int": "long", "long": "double", "float": "double", "double": "double"}
SUMS = ("total", "sum", "nansum", "rawsum", "rawnansum")
EXTREMES = ("max", "min", "first", "last", "firstnm", "lastnm")
COUNTS = ("count", "nunique", "nmissing", "group", "freq")
OTHERS = ("mean", "sd", "variance", "cv", "median", "iqr", "percent", "semean", "sebinomial", "sepoisson", "pctile",
          "skewness", "kurtosis")  # fmt: skip
#: Statistics of one group that collapse has not.
OF_GTOOLS = ("nunique", "nmissing", "variance", "cv", "range", "nansum")


def type_of(what: str, source: str, default: str, *, weighted: bool = False, collapsing: bool = False) -> str:
    """The storage type of a result whose type isn't typed; "" for what gtools leaves to egen.

    source: the type of its variable, double for an expression; default: `set type`. collapsing: gcollapse makes doubles of
    long variables too.
    """
    if what in SUMS:
        return "double"
    if what in EXTREMES:
        return source
    if what == "range":
        return _WIDER[source]
    if what in COUNTS:
        return "double" if weighted and what != "nunique" else "long"
    if what in OTHERS or (collapsing and re.fullmatch(r"p\d+(\.\d+)?", what)):
        return "double" if source == "double" or (collapsing and source == "long") else default
    return ""


def extra(what: str, x: np.ndarray) -> float:
    """nunique, variance, cv, range, nansum of the values of a group that aren't missing."""
    if what == "nunique":
        return float(len(np.unique(x)))
    if not len(x) or (what in ("variance", "cv") and len(x) < 2):
        return float("nan")
    match what:
        case "variance":
            return float(np.var(x, ddof=1))
        case "cv":
            return float(np.std(x, ddof=1) / np.mean(x)) if np.mean(x) != 0 else float("nan")
        case "range":
            return float(np.max(x) - np.min(x))
        case _:
            return float(np.sum(x))
