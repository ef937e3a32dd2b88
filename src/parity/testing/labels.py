"""Headings of tables of coefficients -> quantities; a heading that isn't known is an error, never left uncompared."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any

import numpy as np

from parity.base.quantities import OF_TERMS

#: Column of a table of coefficients, in lower case without blanks and signs -> quantity.
COLUMNS = {
    "coef": "coef", "coefficient": "coef", "coefficients": "coef", "estimate": "coef", "b": "coef", "beta": "coef",
    "parameter": "coef", "params": "coef",
    "se": "se", "stderr": "se", "stderror": "se", "standarderror": "se", "bse": "se", "stderrors": "se",
    "standarderrors": "se",
    "t": "t", "tvalue": "t", "tstat": "t", "statistic": "t", "z": "t", "zvalue": "t", "tvalues": "t", "tstats": "t",
    "zstat": "t",
    "p": "p", "pvalue": "p", "prt": "p", "prz": "p", "pt": "p", "pz": "p", "pvalues": "p",
    "low": "ci_low", "conflow": "ci_low", "cilow": "ci_low", "25": "ci_low", "0025": "ci_low", "lower": "ci_low",
    "lowerci": "ci_low", "cilower": "ci_low", "ll": "ci_low",
    "high": "ci_high", "confhigh": "ci_high", "cihigh": "ci_high", "975": "ci_high", "0975": "ci_high", "upper": "ci_high",
    "upperci": "ci_high", "ciupper": "ci_high", "ul": "ci_high",
}  # fmt: skip
#: Words for quantities that may as well be the names of variables.
SHORT = ("b", "beta", "t", "z", "p", "pt", "pz", "prt", "prz", "low", "high", "lower", "upper", "parameter", "statistic",
         "ll", "ul")  # fmt: skip
#: Degrees of freedom of t, a column in which every term has the same.
_DF = ("df", "dft")
_TERM_COLUMNS = ("term", "variable", "name", "coefficient", "regressor")


def plain(label: object) -> str:
    return "".join(c for c in str(label).lower() if c.isalnum())


def columns_of(
    labels: Iterable[Any], columns: Iterable[Any], role: str, ignore: Collection[str] = ()
) -> tuple[dict[str, int], int | None, float | None]:
    """Quantity -> position of its column, the position of the column of names, and the degrees of freedom of t.

    ignore: headings that are meant to be left out. Raises `TypeError` where numbers would go uncompared.
    """
    labels, columns = list(labels), list(columns)
    found: dict[str, int] = {}
    names, df = None, None
    for i, (label, column) in enumerate(zip(labels, columns, strict=True)):
        word, numeric = plain(label), is_numeric(column)
        if word in _TERM_COLUMNS and not numeric:
            names = i if names is None else names
        elif str(label) in ignore:
            continue
        elif word in COLUMNS:
            if not numeric:
                raise TypeError(f"the column `{label}` of the {role} holds something else than numbers")
            quantity = COLUMNS[word]
            if quantity in found:
                raise TypeError(f"the {role} has two columns for {quantity}: `{labels[found[quantity]]}` and `{label}`")
            found[quantity] = i
        elif word in _DF and numeric and len({float(v) for v in column}) == 1:
            df = float(next(iter(column)))
        elif numeric or any(map(_like_number, column)):
            raise TypeError(unknown(label, "column", role, found))
    if not found:
        raise TypeError(f"the {role} has no column coef, se, t or p: {', '.join(map(str, labels))[:80]}")
    return found, names, df


def unknown(label: object, what: str, role: str, found: Collection[str] = ()) -> str:
    """The message on a name of which parity doesn't know what it is. found: quantities that other columns are."""
    words = re.findall(r"[a-z]+", str(label).lower())
    inside = next((COLUMNS[w] for w in words if w in COLUMNS), None)
    inside = inside or next((q for k, q in COLUMNS.items() if len(k) > 4 and k in plain(label)), None)
    inside = inside or next(
        (COLUMNS[k] for k in get_close_matches(plain(label), [k for k in COLUMNS if k not in SHORT], n=1)), None
    )
    near = f": is it `{inside}`?" if inside else ""
    near += f" There is a `{inside}` already." if inside in found else ""
    return (
        f"the {role} has a {what} `{label}`, which is no quantity known here, so its numbers would be compared with "
        f"nothing{near or '.'} Known: {', '.join(OF_TERMS)}, and the packages' names of them. "
        f'Rename it, or leave it out on purpose: ignore=["{label}"]'
    )


def is_numeric(column: Any) -> bool:
    """Whether every value is a number, whatever type the column has: one of mixed type must not go uncompared."""
    values = np.asarray(column)
    if np.issubdtype(values.dtype, np.bool_):
        return False
    if np.issubdtype(values.dtype, np.number):
        return True
    return all(isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in column)


def _like_number(value: Any) -> bool:
    """`0.12***` and `(0.05)` are numbers as text; `***` and `firm` are words."""
    if isinstance(value, bool | np.bool_) or value is None:
        return False
    text = re.sub(r"[\s()\[\]*†‡,]", "", str(value)).replace("−", "-")
    try:
        return float(text) == float(text)
    except ValueError:
        return False
