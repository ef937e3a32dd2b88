"""predict after linear models and likelihoods. [R] predict; [XT] xtreg postestimation; reghdfe's help."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import numpy as np

from parity.algebra.censored import expected
from parity.base.terms import SIGMA
from parity.stata import sample_now
from parity.stata.commands import command
from parity.stata.commands.after import active
from parity.stata.estimates.categorical import Categorical
from parity.stata.estimates.columns import value_of
from parity.stata.session import Lost, Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import NO_DOUBTS, Column, DataProblem, Dataset
from parity.stata_language.descriptive import OF_VARIABLES
from parity.stata_language.systems import SYSTEMS
from parity.stata_language.values import stored
from parity.stata_language.vce import CENSORED, JOINT, LIKELIHOODS, SERIES

#: Commands whose predictions of residuals and effects need the option `residuals`: reghdfe's help.
SAVING = ("reghdfe", "ivreghdfe")

#: predict's options by command; names may be cut to two letters, but for those of one.
_STATISTICS = {
    "xb": "xb", "residuals": "residuals", "residual": "residuals", "resid": "residuals", "res": "residuals",
    "r": "residuals", "re": "residuals", "stdp": "stdp", "e": "e", "u": "u", "ue": "ue", "xbu": "xbu", "d": "d",
    "xbd": "xbd", "dr": "dr", "dresiduals": "dr", "p": "pr", "pr": "pr", "n": "n", "ir": "n",
}  # fmt: skip


@command("predict")
def predict(session: Session, given: Command) -> None:
    """`predict new [if] [, xb residuals stdp e u ue xbu d xbd]`, from the active estimates."""
    from parity.stata.commands.create import check_new, typed

    kind, name = typed(given.about)
    if isinstance(session.e.filled().estimated, Categorical):
        _of_outcomes(session, given, kind, name.split())
        return
    name = name.strip()
    check_new(session, name)
    try:
        values = _predicted(session, given)
    except (DataProblem, Lost) as error:
        said = str(error) or "the estimation before has no numbers here"
        _not_made(session, name, kind, said)
        return
    _made(session, given, kind, {name: values})


def _not_made(session: Session, name: str, kind: str, said: str) -> None:
    finding = session.note("prediction", f"`{name}` holds predictions that are not made here: {said}", taints=True)
    missing = Column(np.full(session.there.rows, np.nan), kind or "float", doubts=frozenset({finding.doubt}))
    session.set_columns({name: missing})


def _made(session: Session, given: Command, kind: str, made: Mapping[str, np.ndarray]) -> None:
    from parity.stata.commands.create import say_missing

    used, doubts = session.used(given), _doubts(session)
    kind = kind or session.settings.get("type", "float")
    columns = {n: Column(stored(np.where(used, v, np.nan), kind), kind, doubts=doubts) for n, v in made.items()}
    session.set_columns(columns)
    for name in columns:
        say_missing(session, session.there[name])


def _of_outcomes(session: Session, given: Command, kind: str, names: list[str]) -> None:
    """`predict p1 p2 p3` or `predict p*`: a probability of each outcome; `predict p, outcome(2)`, `predict xb, xb`: one.

    Of one name without outcome() it is the first outcome's. [R] mlogit postestimation, ologit postestimation
    """
    from parity.stata.commands.create import check_new

    e: Categorical = session.e.estimated
    if len(names) == 1 and names[0].endswith("*"):
        names = [f"{names[0][:-1]}{i}" for i in range(1, len(e.outcomes) + 1)]
    elif len(names) == 1 and (span := re.fullmatch(r"([A-Za-z_]\w*?)(\d{1,4})-\1(\d{1,4})", names[0])):  # p1-p7
        names = [f"{span[1]}{i}" for i in range(int(span[2]), int(span[3]) + 1)]
    for name in names:
        check_new(session, name)
    try:
        wanted = statistic_of(given, "", among=("outcome", "equation"))
        if wanted == "xb" and any(o.name == "xb" for o in given.options):
            found = [_index(session, e, given)]
        elif wanted not in ("xb", "pr") or len(names) not in (1, len(e.outcomes)):
            raise DataProblem(f"predict, {wanted} of {len(names)} variables is not computed here", 198)
        else:
            places = [outcome_of(session, _outcome(given))] if len(names) == 1 else list(range(len(e.outcomes)))
            found = [_probability(session, e, place) for place in places]
    except (DataProblem, Lost) as error:
        for name in names:
            _not_made(session, name, kind, str(error) or "the estimation before has no numbers here")
        return
    _made(session, given, kind, dict(zip(names, found, strict=True)))


def outcome_of(session: Session, said: str) -> int:
    """The place of the outcome that `outcome()` names: by its value, its label or `#2`; the first where it is "".

    Raises `DataProblem`.
    """
    e: Categorical = session.e.estimated
    said = said.strip().strip('"')
    if not said:
        return 0
    labels = session.there.labels_of(session.e.texts["depvar"])
    for place, value in enumerate(e.outcomes):
        if said in (f"#{place + 1}", f"{value:.15g}", labels.get(value, "")):
            return place
    raise DataProblem(f"outcome {said} not found", 111)


def _outcome(given: Command) -> str:
    option = given.option("outcome", least=1)
    return (option.value or "") if option is not None else ""


def _matrix(session: Session, e: Categorical) -> np.ndarray:
    data = session.there
    return np.array([value_of(name, data.columns, data) for name in e.columns]).T.reshape(data.rows, len(e.columns))


def _probability(session: Session, e: Categorical, place: int) -> np.ndarray:
    from parity.algebra.outcomes import Multinomial, of_outcome

    at = of_outcome(e.model, len(e.outcomes), e.base, place)
    found = at.probabilities(e.b, _matrix(session, e))
    return found[:, place] if isinstance(at, Multinomial) else found


def _index(session: Session, e: Categorical, given: Command) -> np.ndarray:
    """x'b, of a multinomial model in the equation of outcome()."""
    x = _matrix(session, e)
    if e.base < 0:
        return x @ e.b[: x.shape[1]]
    if given.has("equation", least=2):
        raise DataProblem("predict, equation() is not computed here", 198)
    places, wanted = [j for j in range(len(e.outcomes)) if j != e.base], outcome_of(session, _outcome(given))
    if wanted == e.base:
        return np.where(np.isnan(x).any(axis=1), np.nan, 0.0)
    return x @ e.b.reshape(len(places), -1)[places.index(wanted)]


def _doubts(session: Session) -> frozenset[str]:
    from parity.stata.commands.stored import active_fit

    at = active_fit(session)
    return NO_DOUBTS if at is None else session.fits[at].doubts


def statistic_of(given: Command, cmd: str, among: tuple[str, ...] = ()) -> str:
    """What is predicted. among: options beside. Raises `DataProblem` for what isn't known here."""
    for option in given.options:
        known = _STATISTICS.get(option.name)
        if known:
            return known
        if option.name == "ystar" and option.value and cmd in CENSORED:
            return "ystar"
        if option.name not in ("double", "float") and not any(each.startswith(option.name) for each in among):
            raise DataProblem(f"predict, {option.name} is not computed here", 198)
    return {"poisson": "n"}.get(cmd, "pr") if cmd in LIKELIHOODS else "xb"


def _predicted(session: Session, given: Command) -> np.ndarray:
    b, v, _, names = active(session, covariance=given.has("stdp"))
    e = session.e
    wanted = statistic_of(given, e.texts.get("cmd", ""))
    if e.texts.get("cmd") in SYSTEMS:
        raise DataProblem(f"predict after {e.texts['cmd']} is not computed here", 198)
    if e.texts.get("cmd") in OF_VARIABLES:
        raise DataProblem(f"predict is not allowed after {e.texts['cmd']}", 321)
    if e.texts.get("cmd") in SERIES:  # its xb has the process, too
        raise DataProblem(f"predict after {e.texts['cmd']} is not computed here", 198)
    if e.texts.get("cmd") in JOINT:
        if wanted not in ("xb", "stdp"):
            raise DataProblem(f"predict, {wanted} after {e.texts['cmd']} is not computed here", 198)
        own = next(i for i, n in enumerate(names) if ":" in n)
        b, v, names = b[:own], v[:own, :own], names[:own]
    if wanted == "xb" and any(":" in n for n in names):
        raise DataProblem("equations of suest have no single prediction here", 198)
    data = session.there
    between, sigma = None, 0.0
    if SIGMA in names:
        between, sigma = _between(given), float(b[-1])
        b, v, names = b[:-1], v[:-1, :-1], names[:-1]
    columns = [value_of(name, data.columns, data) for name in names]
    fitted = np.sum([coefficient * column for coefficient, column in zip(b, columns, strict=True)], axis=0)
    if (offset := e.texts.get("offset", "")) and not any(option.name == "ir" for option in given.options):
        fitted = fitted + _beside(offset, data)
    if between is not None:
        return expected(between[0], fitted, sigma, *between[1:])
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
    if e.texts.get("cmd") in (*LIKELIHOODS, *CENSORED):
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
    resid = kept_residuals(session)
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


def _beside(offset: str, data: Dataset) -> np.ndarray:
    """What e(offset) names: a variable, or `ln(exposure)`. predict, ir is without it ([R] poisson postestimation)."""
    name = offset.removeprefix("ln(").removesuffix(")") if offset.startswith("ln(") else offset
    values = data[name].values.astype(float)
    with np.errstate(all="ignore"):
        return np.log(values) if name != offset else values


_LIMITS = re.compile(r"\s*+([-+]?+[\d.]++(?:e[-+]?+\d++)?+)\s*+,\s*+([-+]?+[\d.]++(?:e[-+]?+\d++)?+)\s*+")


def _between(given: Command) -> tuple[str, float, float] | None:
    """pr(a,b), e(a,b) or ystar(a,b) of predict after tobit: which, and its limits, `.` for none. Raises `DataProblem`."""
    option = next((o for o in given.options if o.name in ("pr", "e", "ystar") and o.value), None)
    if option is None:
        return None
    found = _LIMITS.fullmatch(option.value)
    try:
        low, high = (math.nan if text == "." else float(text) for text in found.groups() if text) if found else ()
    except ValueError:
        raise DataProblem(f"predict, {option.name}({option.value}) has limits that are not computed here", 198) from None
    low, high = -math.inf if math.isnan(low) else low, math.inf if math.isnan(high) else high
    if not low < high:
        raise DataProblem(f"predict, {option.name}({option.value}) has nothing between its limits", 198)
    return option.name, low, high


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


def kept_residuals(session: Session) -> np.ndarray:
    """Residuals with the effects taken out; those of rows that were used, and only while the data are those rows."""
    e = session.e
    data = session.there
    at = sample_now.places(data, e)
    if at is None:
        raise DataProblem("the data are others than those of the estimation", 459)
    then = np.full(len(e.sample), np.nan)
    then[e.estimated.resolved.rows] = e.estimated.residuals
    out, used = sample_now.carried(then, at, absent=np.nan), sample_now.carried(e.sample, at, absent=False)
    if np.isnan(data[e.texts["depvar"]].numbers[used]).any():
        raise DataProblem("the data are others than those of the estimation", 459)
    return out


def kept_effect(session: Session) -> np.ndarray:
    """The absorbed effect of each row of the sample: y - xb - e. Raises `DataProblem`."""
    b, _, _, names = active(session, covariance=False)
    data = session.there
    fitted = np.sum([c * value_of(n, data.columns, data) for c, n in zip(b, names, strict=True)], axis=0)
    return data[session.e.texts["depvar"]].values - fitted - kept_residuals(session)
