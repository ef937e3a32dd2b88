"""predict and margins, dydx() of linear models. [R] predict, margins; [XT] xtreg postestimation; reghdfe's help."""

from __future__ import annotations

import math
import re

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.after import active, post
from parity.stata.estimates.columns import value_of
from parity.stata.estimates.inference import row
from parity.stata.results import Matrix, Results
from parity.stata.session import Lost, Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import NO_DOUBTS, Column, DataProblem
from parity.stata_language.reading import LIKELIHOODS
from parity.stata_language.values import stored

#: Commands whose predictions of residuals and effects need the option `residuals`: reghdfe's help.
SAVING = ("reghdfe", "ivreghdfe")
#: One variable of `at()` and its values.
_AT = r"(?<![\w.])([\w.]++)\s*+=\s*+(\([^()]*\)|[-\d.]+)"

#: predict's options by command; names may be cut to two letters, but for those of one.
_STATISTICS = {
    "xb": "xb", "residuals": "residuals", "residual": "residuals", "resid": "residuals", "res": "residuals",
    "r": "residuals", "re": "residuals", "stdp": "stdp", "e": "e", "u": "u", "ue": "ue", "xbu": "xbu", "d": "d",
    "xbd": "xbd", "dr": "dr", "dresiduals": "dr", "p": "pr", "pr": "pr", "n": "n", "ir": "n",
}  # fmt: skip


@command("predict")
def predict(session: Session, given: Command) -> None:
    """`predict new [if] [, xb residuals stdp e u ue xbu d xbd]`, from the active estimates."""
    from parity.stata.commands.create import check_new, say_missing, typed

    kind, name = typed(given.about)
    name = name.strip()
    check_new(session, name)
    try:
        values = _predicted(session, given)
    except (DataProblem, Lost) as error:
        said = str(error) or "the estimation before has no numbers here"
        finding = session.note("prediction", f"`{name}` holds predictions that are not made here: {said}", taints=True)
        missing = Column(np.full(session.there.rows, np.nan), kind or "float", doubts=frozenset({finding.doubt}))
        session.set_columns({name: missing})
        return
    values = np.where(session.used(given), values, np.nan)
    doubts = _doubts(session)
    kind = kind or session.settings.get("type", "float")
    session.set_columns({name: Column(stored(values, kind), kind, doubts=doubts)})
    say_missing(session, session.there[name])


def _doubts(session: Session) -> frozenset[str]:
    from parity.stata.commands.stored import active_fit

    at = active_fit(session)
    return NO_DOUBTS if at is None else session.fits[at].doubts


def statistic_of(given: Command, cmd: str) -> str:
    """What is predicted. Raises `DataProblem` for what isn't known here."""
    for option in given.options:
        known = _STATISTICS.get(option.name)
        if known:
            return known
        if option.name not in ("double", "float"):
            raise DataProblem(f"predict, {option.name} is not computed here", 198)
    return {"poisson": "n"}.get(cmd, "pr") if cmd in LIKELIHOODS else "xb"


def _predicted(session: Session, given: Command) -> np.ndarray:
    b, v, _, names = active(session)
    e = session.e
    wanted = statistic_of(given, e.texts.get("cmd", ""))
    if wanted == "xb" and any(":" in n for n in names):
        raise DataProblem("equations of suest have no single prediction here", 198)
    data = session.there
    columns = [value_of(name, data.columns, data) for name in names]
    fitted = np.sum([coefficient * column for coefficient, column in zip(b, columns, strict=True)], axis=0)
    if wanted == "xb":
        return fitted
    if wanted == "n":
        if e.texts.get("cmd") != "poisson":
            raise DataProblem("predict, n needs a model of counts", 198)
        return np.exp(fitted)
    if wanted == "pr":
        return probability(fitted, e.texts.get("cmd", ""))
    if wanted == "stdp":
        x = np.array(columns).T
        known = ~np.isnan(x).any(axis=1)
        out = np.full(len(x), np.nan)
        out[known] = np.sqrt(np.einsum("ij,jk,ik->i", x[known], v, x[known]))
        return out
    if e.texts.get("cmd") in LIKELIHOODS:
        raise DataProblem(f"predict, {wanted} after {e.texts['cmd']} is not computed here", 198)
    outcome = data[e.texts["depvar"]].values
    absorbing = e.estimated is not None and bool(e.estimated.solved.design.effects)
    if not absorbing:
        if wanted not in ("residuals", "e", "ue"):
            raise DataProblem(f"predict, {wanted} needs absorbed effects", 198)
        if e.texts.get("cmd") == "xtreg" and wanted == "e":
            raise DataProblem("predict, e after random effects is not computed here", 198)
        return outcome - fitted
    if e.texts.get("cmd") == "xtreg" and wanted == "ue":
        return outcome - fitted
    if e.texts.get("cmd") in SAVING and not _saved_residuals(session):
        raise DataProblem(f"{e.texts['cmd']} kept no residuals: it needs its option `residuals` before this prediction", 111)
    resid = _residuals(session)
    match wanted:
        case "residuals" | "e":
            return resid
        case "d" | "u":
            return outcome - fitted - resid
        case "xbd" | "xbu":
            return outcome - resid
        case "dr":
            return outcome - fitted
    raise DataProblem(f"predict, {wanted} is not computed here", 198)


def _saved_residuals(session: Session) -> bool:
    """Whether the active estimation was told to keep its residuals."""
    from parity.stata.commands.stored import active_fit

    at = active_fit(session)
    return at is None or session.fits[at].command.has("residuals", least=3)


def probability(index: np.ndarray, cmd: str) -> np.ndarray:
    """Of a positive outcome. Raises `DataProblem` after a model that has none."""
    from scipy import special

    if cmd not in LIKELIHOODS or cmd == "poisson":
        raise DataProblem("predict, pr needs a model of probabilities", 198)
    return special.ndtr(index) if cmd == "probit" else special.expit(index)


def _residuals(session: Session) -> np.ndarray:
    """Residuals with the effects taken out; those of rows that were used, and only while the data are those rows."""
    e = session.e
    data = session.there
    if e.sample is None or len(e.sample) != data.rows:
        raise DataProblem("the data are others than those of the estimation", 459)
    out = np.full(data.rows, np.nan)
    frame = e.estimated.resolved.rows
    out[frame] = e.estimated.residuals
    if not np.array_equal(np.isnan(data[e.texts["depvar"]].numbers[e.sample]), np.zeros(e.sample.sum(), dtype=bool)):
        raise DataProblem("the data are others than those of the estimation", 459)
    return out


# ---------------------------------------------------------------- margins


@command("margins", changes_data=False)
def margins(session: Session, given: Command) -> None:
    """`margins, dydx(x z)` and plain averages of a linear prediction, over e(sample), by the delta method.

    Derivatives by a factor are differences from its base. at() with numbers is known; other forms are not.
    """
    b, v, df, names = active(session)
    if (cmd := session.e.texts.get("cmd", "")) in LIKELIHOODS:
        raise DataProblem(f"margins after {cmd} is not computed here", 198)
    option = given.option("dydx", "eyex", "dyex", "eydx")
    if option is not None and option.name != "dydx":
        raise DataProblem(f"margins, {option.name}() is not computed here", 198)
    allowed = {"dydx", "at", "post", "level", "noestimcheck", "vsquish", "predict", "atmeans", "nose"}
    wrong = [o.name for o in given.options if o.name not in allowed]
    if wrong or given.about.strip():
        raise DataProblem(f"margins {wrong[0] if wrong else given.about.strip()} is not computed here", 198)
    if (chosen := given.option("predict")) and chosen.value not in ("xb", "", None):
        raise DataProblem(f"margins, predict({chosen.value}) is not computed here", 198)
    if given.has("atmeans") and any("#" in name for name in names):  # the mean of a product is none of means
        raise DataProblem("margins, atmeans with products is not computed here", 198)
    level = given.option("level")
    labels, rows = [], []
    for place, fixed in _places(given):
        for label, weights in _margin(session, names, option.value if option else None, fixed):
            labels.append(f"{place}{label}")
            rows.append(weights)
    weights = np.array(rows)
    found, covariance = weights @ b, weights @ v @ weights.T
    table = Matrix(found[None, :], ("r1",), tuple(labels))
    session.r = Results(
        numbers={"N": float(session.e.numbers.get("N", math.nan))},
        matrices={"b": table, "V": Matrix(covariance, tuple(labels), tuple(labels))},
    )  # fmt: skip
    for label, value, variance in zip(labels, found, np.diag(covariance), strict=True):
        se = math.sqrt(max(float(variance), 0.0))
        t, p, low, high = row(float(value), se, df, float(level.value) if level and level.value else 95.0)
        session.show("margins", term=label, estimate=float(value), se=se, t=t, p=p, lb=low, ub=high)
    if given.has("post"):
        post(session, labels, found, covariance, "margins", df)


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
        places = [(f"{i}._at#", fixed) for i, (_, fixed) in enumerate(places, 1)]
    return places or [("", {})]


def _margin(session: Session, names, wanted: str | None, fixed: dict[str, float]) -> list[tuple[str, np.ndarray]]:
    """(label, weights of the coefficients) of each margin."""
    from dataclasses import replace

    data, e = session.there, session.e
    if e.sample is None or len(e.sample) != data.rows:
        raise DataProblem("the data are others than those of the estimation", 459)
    unknown = [n for n in fixed if n not in data.columns]
    if unknown:
        raise DataProblem(f"variable {unknown[0]} not found", 111)
    moved = {n: replace(data[n], values=np.full(data.rows, x), kind="double") for n, x in fixed.items()}
    data = data.with_columns(moved)
    sample = np.flatnonzero(e.sample)
    means = _weights_of(session, sample)
    variables = list(dict.fromkeys(p.rpartition(".")[2] for n in names if n != "_cons" for p in n.split("#")))

    def average(columns) -> np.ndarray:
        return np.array([np.sum(means * value_of(n, columns.columns, columns)[sample]) for n in names])

    if wanted is None:
        return [("_cons", average(data))]
    out = []
    chosen = variables if wanted.strip() in ("*", "_all") else _variables(session, wanted, variables)
    for variable in chosen:
        levels = sorted({p.rpartition(".")[0] for n in names for p in n.split("#")
                         if p.rpartition(".")[2] == variable and p[:1].isdigit()}, key=float)  # fmt: skip
        if not levels:
            slopes = [_slope(n, variable, data, sample, means) for n in names]
            out.append((variable, np.array(slopes)))
            continue
        present = np.unique(data[variable].values[sample])
        base = next((x for x in present.tolist() if f"{x:g}" not in levels), None)
        at_base = average(data.with_columns({variable: replace(data[variable], values=np.full(data.rows, base or 0.0))}))
        for level in levels:
            there = data.with_columns({variable: replace(data[variable], values=np.full(data.rows, float(level)))})
            out.append((f"{level}.{variable}", average(there) - at_base))
    return out


def _variables(session: Session, text: str, known: list[str]) -> list[str]:
    found = []
    for word in re.sub(r"\b[ci]\.", "", text).split():
        for name in session.names(word):
            if name not in known:
                raise DataProblem(f"{name} is not a covariate of the estimation", 322)
            found.append(name)
    return found


def _slope(name: str, variable: str, data, sample, means) -> float:
    """Mean of the derivative of one column by a continuous variable: x is 1, c.x#c.x is 2x, 2.a#c.x is 2.a."""
    pieces = name.split("#")
    own = [p for p in pieces if p.rpartition(".")[2] == variable]
    if not own:
        return 0.0
    if any(p.rpartition(".")[0].removeprefix("c") for p in own):
        raise DataProblem(f"margins by {own[0]} is not computed here", 198)
    rest = [p for p in pieces if p not in own]
    value = np.full(data.rows, float(len(own)))
    for piece in [*rest, *own[1:]]:
        value = value * value_of(piece, data.columns, data)
    return float(np.sum(means * value[sample]))


def _weights_of(session: Session, sample: np.ndarray) -> np.ndarray:
    """Weights of the rows of e(sample), summing to one: those of the estimation."""
    from parity.stata.commands.stored import active_fit

    at = active_fit(session)
    weights = None if at is None else session.fits[at].weights
    w = np.ones(len(sample)) if weights is None else weights[sample]
    return w / w.sum()
