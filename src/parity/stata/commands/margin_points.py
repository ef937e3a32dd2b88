"""Where margins averages: rows of e(sample) or one of their means, moved to what at() fixes; responses and effects there."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from parity.algebra.margins import Margin, mean_difference, mean_response, mean_slope
from parity.algebra.outcomes import OfOutcome
from parity.stata import sample_now
from parity.stata.commands.at_places import GROUPS
from parity.stata.commands.margin_expression import expressed
from parity.stata.estimates.columns import value_of
from parity.stata.percentiles import percentile
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Dataset


@dataclass
class Points:
    """The rows at which responses are averaged: those of e(sample) that `if` leaves, or one of their means.

    fixed: variables that at() sets to a number, or to one in every row. rows: those of a group of over()
    effect: which of `_EFFECTS`. outcome: whose probability is the response of a model of several
    statistics: those that at() asks for, with their covariates; `fixed` goes before them, the later ones before the others
    """

    session: Session
    given: Command
    names: Sequence[str]
    b: np.ndarray
    model: str
    fixed: Mapping[str, float | np.ndarray]
    rows: np.ndarray
    effect: str
    outcome: OfOutcome | None = None
    statistics: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __post_init__(self) -> None:
        data, e = self.session.there, self.session.e
        if (used := sample_now.sample(data, e)) is None:
            raise DataProblem("the data are others than those of the estimation", 459)
        if unknown := [n for n in self.fixed if n not in data.columns]:
            raise DataProblem(f"variable {unknown[0]} not found", 111)
        self.sample = np.flatnonzero(used & self.session.used(self.given) & self.rows)
        if not len(self.sample):
            raise DataProblem("no observations", 2000)
        self.weights = _weights_of(self.session, self.sample)
        self.averaged = self._settle()
        # one row of values and means holds all that every row would
        self.means = bool(self.averaged or self.fixed) and all(
            n in self.averaged or np.ndim(self.fixed.get(n, self.rows)) == 0 for n in self.variables
        )
        self.data = _moved(data, self.fixed)
        asked = self.given.option("expression")
        self.expressed = expressed(asked.value or "", self.model) if asked else None
        self.log, self.by_log = self.effect.startswith("ey"), self.effect.endswith("ex")
        # the mean of a linear index is the index of mean columns: one row holds all
        self.linear = not self.model and not self.log and not self.by_log and self.expressed is None
        self.shares = np.ones(1) if self.linear or self.means else self.weights

    def _settle(self) -> set[str]:
        """Covariates that stand at their means; other statistics become values."""
        averaged = set(self.variables) if self.given.has("atmeans") else set()
        fixed: dict[str, float | np.ndarray] = {}
        for statistic, named in self.statistics:
            for name in self._named(named):
                averaged.discard(name)
                fixed.pop(name, None)
                if statistic == "mean":
                    averaged.add(name)
                elif statistic != "asobserved":
                    fixed[name] = self._statistic(statistic, name)
        self.fixed = {**fixed, **self.fixed}
        return averaged - set(self.fixed)

    def _named(self, words: Sequence[str]) -> list[str]:
        """Covariates by name, or all, those with levels or those without."""
        out: list[str] = []
        for word in words:
            if word in GROUPS:
                kind = {"_factor": True, "_continuous": False}.get(word)
                out += [v for v in self.variables if kind is None or bool(self._levels(v)) == kind]
            else:
                out += _variables(self.session, word, self.variables)
        return out

    def _statistic(self, statistic: str, name: str) -> float:
        if statistic == "zero":
            return 0.0
        if self._levels(name) or np.ptp(self.weights) > 0:
            what = "a factor" if self._levels(name) else "weighted rows"
            raise DataProblem(f"margins, at(({statistic}) {name}) of {what} is not computed here", 198)
        values = self.session.there[name].values[self.sample]
        at = {"median": 50.0, "min": 0.0, "max": 100.0}.get(statistic)
        return percentile(values, float(statistic[1:]) if at is None else at)

    @cached_property
    def x(self) -> np.ndarray:
        return _rows([self._column(n, self.data) for n in self.names])

    def spot(self) -> dict[str, float]:
        """What at() and atmeans set: a variable's value or mean, a factor's shares, by the names that Stata's legend has."""
        out: dict[str, float] = {name: float(x) for name, x in self.fixed.items() if np.ndim(x) == 0}
        for variable in (v for v in self.variables if v in self.averaged):
            values = self.session.there[variable].values[self.sample]
            if self._levels(variable):
                out |= {f"{x:g}.{variable}": float(self.weights @ (values == x)) for x in np.unique(values).tolist()}
            else:
                out[variable] = float(self.weights @ values)
        return out

    @property
    def variables(self) -> list[str]:
        return list(dict.fromkeys(_pieces(p)[1] for n in self.names if n != "_cons" for p in n.split("#")))

    def responses(self, about: str) -> list[tuple[str, Margin]]:
        """Of the rows as they are, or with each factor that is named at each of its levels in turn."""
        if not about.strip():
            return [("_cons", self._response(self.x))]
        return [(label, self._response(self._where(there))) for label, there in self._spots(about)]

    def _response(self, x: np.ndarray) -> Margin:
        if self.outcome is not None:
            return self.outcome.response(self.b, x, self.shares)
        if self.expressed is not None:
            return self.expressed.average(self.b, x, self.shares)
        return mean_response(self.model, self.b, x, self.shares)

    def _spots(self, about: str) -> list[tuple[str, dict[str, float]]]:
        """`a b` is each level of a, then of b; `a#b` each of a with each of b."""
        from itertools import product

        factors = [v for v in self.variables if self._levels(v)]
        spots = []
        for term in about.split():
            names = [name for piece in term.split("#") for name in _variables(self.session, piece, factors)]
            levels = [np.unique(self.session.there[name].values[self.sample]).tolist() for name in names]
            if "#" not in term:
                spots += [(f"{x:g}.{name}", {name: x}) for name, own in zip(names, levels, strict=True) for x in own]
                continue
            for chosen in product(*levels):
                label = "#".join(f"{x:g}.{name}" for name, x in zip(names, chosen, strict=True))
                spots.append((label, dict(zip(names, chosen, strict=True))))
        return spots

    def _levels(self, variable: str) -> list[str]:
        """Those that have a coefficient; none of a number."""
        pieces = (_pieces(p) for n in self.names for p in n.split("#"))
        return sorted({o for o, v in pieces if v == variable and o[:1].isdigit()}, key=float)

    def effects(self, about: str, wanted: str) -> list[tuple[str, Margin]]:
        """Where the rows are, or with every row at each level of a factor."""
        if not about.strip():
            return self._effects(wanted)
        return [
            (f"{label}#{effect}", margin)
            for label, there in self._spots(about)
            for effect, margin in replace(self, fixed={**self.fixed, **there})._effects(wanted)
        ]

    def _effects(self, wanted: str) -> list[tuple[str, Margin]]:
        session, out = self.session, list[tuple[str, Margin]]()
        chosen = self.variables if wanted.strip() in ("*", "_all") else _variables(session, wanted, self.variables)
        for variable in chosen:
            levels = self._levels(variable)
            if not levels:
                z = _rows([self._derivative(n, variable) for n in self.names])
                if self.by_log:
                    z = z * self._product([variable], self.data)[:, None]
                if self.outcome is not None:
                    out.append((variable, self.outcome.slope(self.b, self.x, z, self.shares)))
                else:
                    out.append((variable, mean_slope(self.model, self.b, self.x, z, self.shares, self.log)))
                continue
            if self.by_log:
                raise DataProblem(
                    f"margins, {self.effect}({variable}): a factor has no logarithm; it is not computed here", 198
                )
            present = np.unique(self.session.there[variable].values[self.sample])
            base = next((x for x in present.tolist() if f"{x:g}" not in levels), 0.0)
            at_base = self._where({variable: base})
            nothing = self._response(at_base)
            out.append((f"{base:g}b.{variable}", nothing.less(nothing)))
            for level in levels:
                there = self._where({variable: float(level)})
                if self.outcome is not None:
                    change = self._response(there).less(self._response(at_base))
                else:
                    change = mean_difference(self.model, self.b, there, at_base, self.shares, self.log)
                out.append((f"{level}.{variable}", change))
        return out

    def _where(self, there: Mapping[str, float]) -> np.ndarray:
        """The rows with variables at one value each: only the columns that they are in are others."""
        data = _moved(self.data, there)
        moved = (any(_pieces(p)[1] in there for p in n.split("#")) for n in self.names)
        return _rows([self._column(n, data) if m else old for n, m, old in zip(self.names, moved, self.x.T, strict=True)])

    def _column(self, name: str, data: Dataset) -> np.ndarray:
        return self._product([] if name == "_cons" else name.split("#"), data)

    def _product(self, pieces: Sequence[str], data: Dataset, times: float = 1.0) -> np.ndarray:
        """A product of columns: of each row, its mean, or the product of their means."""
        if self.means:
            each = [float(self.weights @ self._values(p, data)) for p in pieces]
            return np.full(1, times * math.prod(each))
        value = np.full(len(self.sample), times)
        for piece in pieces:
            value = value * self._values(piece, data)
        return np.full(1, float(np.sum(self.weights * value))) if self.linear else value

    def _values(self, piece: str, data: Dataset) -> np.ndarray:
        values = value_of(piece, data.columns, data)[self.sample]
        return np.full(len(values), self.weights @ values) if _pieces(piece)[1] in self.averaged else values

    def _derivative(self, name: str, variable: str) -> np.ndarray:
        """Of one column by a continuous variable: x is 1, c.x#c.x is 2x, 2.a#c.x is 2.a."""
        pieces = [] if name == "_cons" else name.split("#")
        own = [p for p in pieces if _pieces(p)[1] == variable]
        if not own:
            return np.zeros(len(self.shares))
        if any(_pieces(p)[0].removeprefix("c") for p in own):
            raise DataProblem(f"margins by {own[0]} is not computed here", 198)
        rest = [p for p in pieces if p not in own]
        return self._product([*rest, *own[1:]], self.data, float(len(own)))


def _rows(columns: Sequence[np.ndarray]) -> np.ndarray:
    return np.array(columns).T


def _pieces(piece: str) -> tuple[str, str]:
    """Operator and variable of one factor of a term: `2.region`, `c.x`, `L.x`, `x`."""
    operator, _, variable = piece.rpartition(".")
    return operator, variable


def _moved(data: Dataset, fixed: Mapping[str, float | np.ndarray]) -> Dataset:
    moved = {n: replace(data[n], values=np.full(data.rows, x, dtype=float), kind="double") for n, x in fixed.items()}
    return data.with_columns(moved)


def _variables(session: Session, text: str, known: list[str]) -> list[str]:
    found = []
    for word in re.sub(r"\b[ci]\.", "", text).split():
        for name in session.names(word):
            if name not in known:
                raise DataProblem(f"{name} is not a covariate of the estimation", 322)
            found.append(name)
    return found


def _weights_of(session: Session, sample: np.ndarray) -> np.ndarray:
    """Weights of rows of e(sample), summing to one: those of the estimation."""
    from parity.stata.commands.stored import active_fit

    at = active_fit(session)
    weights = None if at is None else session.fits[at].weights
    w = np.ones(len(sample)) if weights is None else weights[sample]
    return w / w.sum()
