"""margins: average responses and marginal effects, over e(sample) or at means, by the delta method. [R] margins."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from parity.algebra.margins import Margin, delta_method, mean_difference, mean_response, mean_slope
from parity.algebra.outcomes import OfOutcome, of_outcome
from parity.base.terms import SIGMA
from parity.stata import sample_now
from parity.stata.commands import command
from parity.stata.commands.after import active, post
from parity.stata.commands.predicted import outcome_of
from parity.stata.estimates.categorical import Categorical
from parity.stata.estimates.columns import value_of
from parity.stata.estimates.inference import row
from parity.stata.results import Matrix, Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Dataset
from parity.stata_language.descriptive import OF_VARIABLES
from parity.stata_language.systems import SYSTEMS
from parity.stata_language.vce import JOINT, LIKELIHOODS, SERIES

#: One variable of `at()` and its values.
_AT = r"(?<![\w.])([\w.]++)\s*+=\s*+(\([^()]*\)|[-\d.]+)"
_EFFECTS = ("dydx", "eyex", "dyex", "eydx")
_OPTIONS = frozenset({
    *_EFFECTS, "over", "at", "post", "level", "noestimcheck", "vsquish", "predict", "atmeans", "nose", "vce", "nolegend",
    "force",
})  # fmt: skip
#: What predict() may say after each model: the response that is the default, or the index.
_RESPONSES = {"logit": ("pr", "p"), "probit": ("pr", "p"), "poisson": ("n", "ir"), "": ("xb",)}


@command("margins", changes_data=False)
def margins(session: Session, given: Command) -> None:
    """`margins, dydx(x z)`, averages of the response (the linear prediction, a probability, a count's mean), and
    `margins a b a#b`, those averages with every row at each level of a factor, or of several; effects there, too.

    Derivatives by a factor are differences from its base. eyex(), dyex() and eydx() are effects on the logarithm of the
    response, by that of the variable, or both. over(): of the rows of each group; means are then the group's.
    at() with numbers is known; other forms are not.
    """
    b, v, df, names = active(session)
    if isinstance(e := session.e.estimated, Categorical):
        b, v, names = e.b, e.V, e.columns
    elif SIGMA in names:
        b, v, names = b[:-1], v[:-1, :-1], names[:-1]
    model = _model(session, given)
    wanted = given.option(*_EFFECTS)
    level = given.option("level")
    labels: list[str] = []
    found: list[Margin] = []
    spots: list[dict[str, float]] = []
    for place, fixed in _places(given):
        for group, rows in _groups(session, given):
            for outcome, of in _outcomes(session, given):
                at = _Points(session, given, names, b, model, fixed, rows, wanted.name if wanted else "dydx", of)
                spots.append(at.spot())
                for label, margin in (
                    at.responses(given.about) if wanted is None else at.effects(given.about, wanted.value or "")
                ):
                    parts = [p for p in (outcome, place, group, label) if p]
                    labels.append("#".join(parts[:-1] if label == "_cons" and len(parts) > 1 else parts))
                    found.append(margin)
    values = np.array([m.value for m in found])
    covariance = delta_method(np.array([m.gradient for m in found]), v)
    n, cmd = _observations(session, given), session.e.texts.get("cmd", "")
    of = {name: session.e.texts.get(name, "") for name in ("depvar", "vce", "vcetype")}
    session.r = Results(
        numbers={"N": n},
        matrices={
            "b": Matrix(values[None, :], ("r1",), tuple(labels)),
            "V": Matrix(covariance, tuple(labels), tuple(labels)),
        },
    )
    spot = spots[0] if spots and all(s == spots[0] for s in spots) else {}
    for label, value, variance in zip(labels, values, np.diag(covariance), strict=True):
        se = math.sqrt(max(float(variance), 0.0))
        t, p, low, high = row(float(value), se, df, float(level.value) if level and level.value else 95.0)
        said = {"estimate": float(value), "se": se, "t": t, "p": p, "lb": low, "ub": high, "N": n}
        session.show("margins", term=label, after=cmd, of=of, at=spot, **said)
    if given.has("post"):
        post(session, labels, values, covariance, "margins", df)


def _observations(session: Session, given: Command) -> float:
    """Number of observations: those of the estimation, or of them those that `if` and `in` leave."""
    n = float(session.e.numbers.get("N", math.nan))
    held = sample_now.sample(session.there, session.e)
    if held is None:
        return n
    used = session.used(given)[held]
    return n if used.all() else float(np.count_nonzero(used))


def _model(session: Session, given: Command) -> str:
    """Whose response is averaged; "" for the index. Raises `DataProblem` for what is not computed here."""
    wrong = [o.name for o in given.options if o.name not in _OPTIONS]
    if wrong or "##" in given.about or sum(o.name in _EFFECTS for o in given.options) > 1:
        said = wrong[0] if wrong else given.about.strip() or "of several kinds of effects"
        raise DataProblem(f"margins {said} is not computed here", 198)
    if given.weight is not None:
        raise DataProblem("margins with weights of its own is not computed here", 198)
    if (vce := given.option("vce")) and vce.value not in ("delta", "", None):
        raise DataProblem(f"margins, vce({vce.value}) is not computed here", 198)
    if offset := session.e.texts.get("offset"):
        raise DataProblem(f"margins beside the offset {offset} is not computed here", 198)
    said = _said(given)
    if isinstance(e := session.e.estimated, Categorical):
        if said not in ("", "pr", "p"):
            raise DataProblem(f"margins, predict({said}) is not computed here", 198)
        if any(given.option(name) for name in _EFFECTS[1:]):
            raise DataProblem(f"elasticities after {session.e.texts['cmd']} are not computed here", 198)
        return e.model
    cmd = session.e.texts.get("cmd", "")
    if cmd in SYSTEMS:
        raise DataProblem(f"margins after {cmd} is not computed here", 198)
    if cmd in OF_VARIABLES:
        raise DataProblem(f"margins is not allowed after {cmd}", 321)
    if cmd in (*JOINT, *SERIES):
        raise DataProblem(f"margins after {cmd} is not computed here", 198)
    model = LIKELIHOODS.get(cmd, "")
    if said == "xb":
        return ""
    if said and said not in _RESPONSES[model]:
        raise DataProblem(f"margins, predict({said}) is not computed here", 198)
    return model


#: `outcome(2)` in predict().
_OUTCOME = r"\bo(?:u(?:t(?:c(?:o(?:m(?:e)?)?)?)?)?)?\(([^()]*+)\)"


def _said(given: Command) -> str:
    """What predict() asks for, without the outcome that it is of."""
    chosen = given.option("predict")
    return re.sub(_OUTCOME, "", (chosen.value or "")).strip(", ") if chosen else ""


def _outcomes(session: Session, given: Command) -> list[tuple[str, OfOutcome | None]]:
    """Of a model of several outcomes those whose probability is asked for, each with its label: all where none is named."""
    e = session.e.estimated
    if not isinstance(e, Categorical):
        return [("", None)]
    chosen = given.option("predict")
    named = re.search(_OUTCOME, (chosen.value or "") if chosen else "")
    places = [outcome_of(session, named[1])] if named else list(range(len(e.outcomes)))
    labels = [""] if named else [f"{place + 1}._predict" for place in places]
    return [
        (label, of_outcome(e.model, len(e.outcomes), e.base, place)) for label, place in zip(labels, places, strict=True)
    ]


def _places(given: Command) -> list[tuple[str, dict[str, float]]]:
    from itertools import product

    from parity.stata_language.varlist import numbers

    places: list[tuple[str, dict[str, float]]] = []
    for option in given.options:
        if option.name != "at" or not option.value:
            continue
        named = re.findall(_AT, option.value)
        if not named or re.sub(_AT, "", option.value).strip():
            raise DataProblem(f"margins, at({option.value}) is not computed here", 198)
        lists = [(n.removeprefix("i.").removeprefix("c."), numbers(values.strip("()"))) for n, values in named]
        places += [("", dict(zip([n for n, _ in lists], point, strict=True))) for point in product(*(ns for _, ns in lists))]
    if len(places) > 1:
        places = [(f"{i}._at", fixed) for i, (_, fixed) in enumerate(places, 1)]
    return places or [("", {})]


def _groups(session: Session, given: Command) -> list[tuple[str, np.ndarray]]:
    """(label, rows) of each group of over() that has rows; all rows where there is none."""
    data = session.there
    groups = [("", np.ones(data.rows, dtype=bool))]
    over = given.option("over")
    sample = sample_now.sample(data, session.e)
    if over is None or sample is None:
        return groups
    for name in session.names(re.sub(r"\bi\.", "", over.value or "")):
        values = data[name].values
        if values.dtype == object:
            raise DataProblem(f"margins, over({name}) of text is not computed here", 109)
        levels = np.unique(values[sample & session.used(given) & np.isfinite(values)]).tolist()
        groups = [
            (f"{label}#{x:g}.{name}" if label else f"{x:g}.{name}", rows & (values == x))
            for label, rows in groups
            for x in levels
        ]
    held = sample & session.used(given)
    return [(label, rows) for label, rows in groups if (rows & held).any()]


@dataclass
class _Points:
    """The rows at which responses are averaged: those of e(sample) that `if` leaves, or one of their means.

    fixed: variables that at() sets to a number. rows: those of a group of over(). effect: which of `_EFFECTS`
    outcome: whose probability is the response of a model of several
    """

    session: Session
    given: Command
    names: Sequence[str]
    b: np.ndarray
    model: str
    fixed: Mapping[str, float]
    rows: np.ndarray
    effect: str
    outcome: OfOutcome | None = None

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
        self.means = self.given.has("atmeans")
        self.data = _moved(data, self.fixed)
        self.log, self.by_log = self.effect.startswith("ey"), self.effect.endswith("ex")
        # the mean of a linear index is the index of mean columns: one row holds all
        self.linear = not self.model and not self.log and not self.by_log
        self.shares = np.ones(1) if self.linear or self.means else self.weights

    @cached_property
    def x(self) -> np.ndarray:
        return _rows([self._column(n, self.data) for n in self.names])

    def spot(self) -> dict[str, float]:
        """What at() and atmeans set: a variable's value or mean, a factor's shares, by the names that Stata's legend has."""
        out: dict[str, float] = dict(self.fixed)
        for variable in self.variables if self.means else ():
            values = self.session.there[variable].values[self.sample]
            if variable in self.fixed:
                continue
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
        return value_of(piece, data.columns, data)[self.sample]

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


def _moved(data: Dataset, fixed: Mapping[str, float]) -> Dataset:
    moved = {n: replace(data[n], values=np.full(data.rows, x), kind="double") for n, x in fixed.items()}
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
