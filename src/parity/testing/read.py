"""What a test may hand over as an estimate -> named numbers.

Objects are told by what they offer, never by an import: pyfixest's, linearmodels' and statsmodels' results, data frames,
matrices of coefficients from R by rpy2, parity's own `Estimate`, dictionaries, plain numbers.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from parity.base.quantities import OF_TERMS, PRINTED
from parity.results.estimate import Accuracy, Estimate
from parity.sample.design import INTERCEPT
from parity.testing.labels import COLUMNS, SHORT, columns_of, plain, unknown

#: What packages call the intercept.
INTERCEPTS = ("Intercept", "const", "_cons", "cons", "(intercept)", "intercept")


@dataclass
class Given:
    """One side of an assertion.

    numbers   (quantity, term) -> value, "(Intercept)" for the intercept; the term is "" for a plain number
    counts    nobs, df_t, df_resid, clusters where the object knows them
    """

    name: str
    numbers: dict[tuple[str, str], float] = field(default_factory=dict)
    counts: dict[str, float] = field(default_factory=dict)
    accuracy: Accuracy = "exact"

    @property
    def terms(self) -> list[str]:
        return list(dict.fromkeys(term for quantity, term in self.numbers if quantity in OF_TERMS))

    def column(self, quantity: str) -> dict[str, float]:
        return {term: value for (q, term), value in self.numbers.items() if q == quantity}


def read(thing: Any, role: str, names: Mapping[str, str] | None = None, ignore: Collection[str] = ()) -> Given:
    """Raises `TypeError` for what is no estimate, and for numbers under names that aren't known.

    names: the object's names -> the spec's terms. ignore: columns and keys of the object that are meant to be left out.
    """
    given = _read(thing, role, ignore)
    rename = {**dict.fromkeys(INTERCEPTS, INTERCEPT), **(names or {})}
    renamed = {t: _renamed(t, rename) for t in given.terms}
    twice = next((t for t in renamed.values() if list(renamed.values()).count(t) > 1), None)
    if twice is not None:
        raise TypeError(
            f"two terms of the {role} are called `{twice}`: {', '.join(t for t in renamed if renamed[t] == twice)}"
        )
    given.numbers = {(q, _renamed(t, rename)): v for (q, t), v in given.numbers.items()}
    return given


def _renamed(term: str, rename: Mapping[str, str]) -> str:
    if term in rename:
        return rename[term]
    pair = term.split(" x ")
    return " x ".join(sorted(rename.get(t, t) for t in pair)) if len(pair) == 2 else term


def _read(thing: Any, role: str, ignore: Collection[str]) -> Given:
    if isinstance(thing, bool | str) or thing is None:
        raise TypeError(f"the {role} is no estimate: {thing!r}")
    if isinstance(thing, int | float | np.floating | np.integer):
        return Given(role, {("value", ""): float(real(thing))})
    if isinstance(thing, Estimate):
        return _estimate(thing)
    if isinstance(thing, Mapping):
        return _mapping({k: v for k, v in thing.items() if k not in ignore}, role, ignore)
    if hasattr(thing, "rclass"):
        return _from_r(thing, role, ignore)
    if hasattr(thing, "columns") and hasattr(thing, "index"):
        return _frame(thing, role, ignore)
    if callable(getattr(thing, "coef", None)) and callable(getattr(thing, "se", None)):
        return _pyfixest(thing)
    if hasattr(thing, "params") and hasattr(thing, "std_errors"):
        return _linearmodels(thing)
    if hasattr(thing, "params") and hasattr(thing, "bse"):
        return _statsmodels(thing)
    if hasattr(thing, "to_frame") and hasattr(thing, "index"):
        raise TypeError(f"the {role} is a Series, of which quantity? Give .to_frame('coef'), or a dict(...) of coefficients")
    known = "pyfixest, linearmodels, statsmodels results, a data frame, an R table, a dict, a parity Estimate or a number"
    raise TypeError(f"the {role} is a {type(thing).__name__}, and not one of: {known}")


def real(values: Any) -> Any:
    """The values, unless any is complex: its imaginary part would go uncompared. Raises `TypeError`."""
    if np.iscomplexobj(values):
        raise TypeError("an estimate of complex numbers is compared with nothing: give real ones")
    return values


def _columns(terms: list[str], columns: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    twice = next((t for t in terms if terms.count(t) > 1), None)
    if twice is not None:
        raise TypeError(f"two terms of the estimate are called `{twice}`, so one of them would go uncompared")
    return {
        (quantity, term): float(value)
        for quantity, values in columns.items()
        for term, value in zip(terms, np.asarray(real(values), dtype=float), strict=True)
    }


def _covariance(terms: list[str], matrix: Any) -> dict[tuple[str, str], float]:
    matrix = np.asarray(matrix, dtype=float)
    return {
        ("vcov", " x ".join(sorted((terms[i], terms[j])))): float(matrix[i, j])
        for i in range(len(terms))
        for j in range(i + 1)
    }


def _estimate(estimate: Estimate) -> Given:
    """As it stands: the engine's own inference, or the plain covariance of an uncorrected one."""
    sign = [-1.0 if p.cluster and len(p.cluster) % 2 == 0 else 1.0 for p in estimate.parts]
    matrix = sum(s * np.array(p.matrix) for s, p in zip(sign, estimate.parts, strict=True))
    terms = list(estimate.terms)
    columns: dict[str, Any] = {"coef": estimate.coef, "se": np.sqrt(np.diag(matrix))}
    for quantity, key in PRINTED.items():
        own = [getattr(estimate.printed.get(t), key, None) for t in terms]
        if None not in own:
            columns[quantity] = own
    counts = {"nobs": estimate.reported.nobs, "df_t": estimate.df_t, "df_resid": estimate.reported.df_resid}
    numbers = _columns(terms, columns) | _covariance(terms, matrix)
    return Given(estimate.engine, numbers, _known(counts), estimate.accuracy)


def _pyfixest(fit: Any) -> Given:
    coef, low_high = fit.coef(), np.asarray(fit.confint())
    terms = list(map(str, coef.index))
    columns = {
        "coef": coef,
        "se": fit.se(),
        "t": fit.tstat(),
        "p": fit.pvalue(),
        "ci_low": low_high[:, 0],
        "ci_high": low_high[:, 1],
    }
    counts = {"nobs": getattr(fit, "_N", None), "df_t": getattr(fit, "_df_t", None)}
    groups = getattr(fit, "_G", None)
    if groups is not None and len(groups):
        counts["clusters"] = min(groups)
    covariance = _covariance(terms, fit._vcov) if hasattr(fit, "_vcov") else {}
    absorbs = bool(getattr(fit, "_has_fixef", False))
    return Given(
        "pyfixest", _columns(terms, columns) | covariance, _known(counts), "iterative" if absorbs else "normal-equations"
    )


def _linearmodels(fit: Any) -> Given:
    terms, low_high = list(map(str, fit.params.index)), np.asarray(fit.conf_int())
    columns = {
        "coef": fit.params,
        "se": fit.std_errors,
        "t": fit.tstats,
        "p": fit.pvalues,
        "ci_low": low_high[:, 0],
        "ci_high": low_high[:, 1],
    }
    counts = {"nobs": fit.nobs, "df_resid": getattr(fit, "df_resid", None)}
    return Given("linearmodels", _columns(terms, columns) | _covariance(terms, fit.cov), _known(counts), "normal-equations")


def _statsmodels(fit: Any) -> Given:
    names = getattr(fit.params, "index", None)
    terms = list(map(str, names if names is not None else fit.model.exog_names))
    low_high = np.asarray(fit.conf_int())
    columns = {
        "coef": fit.params,
        "se": fit.bse,
        "t": fit.tvalues,
        "p": fit.pvalues,
        "ci_low": low_high[:, 0],
        "ci_high": low_high[:, 1],
    }
    counts = {
        "nobs": getattr(fit, "nobs", None),
        "df_resid": getattr(fit, "df_resid", None),
        "clusters": getattr(fit, "n_groups", None),
    }
    return Given("statsmodels", _columns(terms, columns) | _covariance(terms, fit.cov_params()), _known(counts))


def _known(counts: Mapping[str, Any]) -> dict[str, float]:
    out = {}
    for name, value in counts.items():
        if value is not None and np.ndim(value) == 0 and not math.isnan(float(value)):
            out[name] = float(value)
    return out


# ---------------------------------------------------------------- tables


def _frame(frame: Any, role: str, ignore: Collection[str]) -> Given:
    found, names, df = columns_of(frame.columns, (frame.iloc[:, i] for i in range(frame.shape[1])), role, ignore)
    terms = list(map(str, frame.index if names is None else frame.iloc[:, names]))
    repeated = next((t for t in terms if terms.count(t) > 1), None)
    if repeated is not None:
        raise TypeError(f"the {role} names the term `{repeated}` twice")
    columns = {quantity: real(frame.iloc[:, i]).astype(float) for quantity, i in found.items()}
    return Given(role, _columns(terms, columns), _known({"df_t": df}))


def _mapping(given: Mapping, role: str, ignore: Collection[str]) -> Given:
    """`{"x": 1.2}`, `{"x": (1.2, 0.3)}`, `{"x": {"coef": 1.2, "se": 0.3}}`, or `{"coef": {"x": 1.2}, "se": {"x": 0.3}}`."""
    found: list[tuple[str, str, Any]] = []
    by_quantity = _by_quantity(given, role)
    for key, value in given.items():
        if by_quantity and plain(key) not in COLUMNS:
            raise TypeError(unknown(key, "key", role))
        if by_quantity:
            found += [(COLUMNS[plain(key)], str(term), v) for term, v in value.items()]
        elif isinstance(value, Mapping):
            value = {k: v for k, v in value.items() if k not in ignore}
            strange = next((k for k in value if plain(k) not in COLUMNS), None)
            if strange is not None:
                raise TypeError(unknown(strange, "quantity", role))
            found += [(COLUMNS[plain(k)], str(key), v) for k, v in value.items()]
        elif isinstance(value, tuple | list):
            if len(value) != 2:
                raise TypeError(f"the {role} gives {len(value)} numbers for `{key}`, where (coef, se) are two")
            found += [(q, str(key), v) for q, v in zip(("coef", "se"), value, strict=True)]
        else:
            found.append(("coef", str(key), value))
    if not found:
        raise TypeError(f"the {role} is empty")
    numbers: dict[tuple[str, str], float] = {}
    for quantity, term, value in found:
        if (quantity, term) in numbers:
            raise TypeError(f"the {role} gives {quantity} of `{term}` twice, under two keys: one would go uncompared")
        numbers[quantity, term] = float(real(value))
    return Given(role, numbers)


def _by_quantity(given: Mapping, role: str) -> bool:
    """Whether the outer keys are quantities and the inner ones terms. Raises `TypeError` where it can't be told."""
    if not given or not all(isinstance(v, Mapping) and v for v in given.values()):
        return False
    outer, inner = {plain(k) for k in given}, {plain(k) for value in given.values() for k in value}
    if not outer <= set(COLUMNS):  # a quantity that isn't known stands among those that are
        return bool(outer & (set(COLUMNS) - set(SHORT))) and not inner & set(COLUMNS)
    if not inner <= set(COLUMNS):
        return True
    sure = bool(outer - set(SHORT)), bool(inner - set(SHORT))  # a term may be called t; none is called coef
    if sure[0] == sure[1]:
        keys = ", ".join(f"`{k}`" for k in given)
        raise TypeError(f"the {role} can be read in two ways: {keys} may be quantities or terms; give a data frame instead")
    return sure[0]


def _from_r(thing: Any, role: str, ignore: Collection[str]) -> Given:
    """A table of coefficients as `summary()` or fixest's `coeftable()` have it, or a fit that R can summarise."""
    classes = set(map(str, thing.rclass))
    if not classes & {"matrix", "data.frame"}:
        r = sys.modules["rpy2.robjects"].r  # loaded, or there would be no such object
        made = thing if any(c.startswith("summary") for c in classes) else r["summary"](thing)
        parts = list(made.names)
        table = next((n for n in ("coefficients", "coeftable") if n in parts and hasattr(made.rx2(n), "colnames")), None)
        if table is None:
            raise TypeError(
                f"the {role} is an R object of class {', '.join(sorted(classes))} without a table of coefficients"
            )
        thing = made.rx2(table)
    matrix = "matrix" in set(map(str, thing.rclass))
    values = list(np.array(thing).T) if matrix else [np.array(column) for column in thing]
    found, names, df = columns_of(thing.colnames, values, role, ignore)
    terms = list(map(str, thing.rownames if names is None else values[names]))
    columns = {quantity: values[i] for quantity, i in found.items()}
    return Given(role, _columns(terms, columns), _known({"df_t": df}))
