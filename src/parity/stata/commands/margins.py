"""margins: average responses and marginal effects, over e(sample) or at means, by the delta method. [R] margins."""

from __future__ import annotations

import math
import re

import numpy as np

from parity.algebra.margins import Margin, delta_method
from parity.algebra.outcomes import OfOutcome, of_outcome
from parity.base.terms import SIGMA
from parity.stata import sample_now
from parity.stata.commands import command
from parity.stata.commands.after import active, post
from parity.stata.commands.at_places import places
from parity.stata.commands.margin_points import Points
from parity.stata.commands.predicted import outcome_of
from parity.stata.estimates.categorical import Categorical
from parity.stata.estimates.inference import row
from parity.stata.results import Matrix, Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Dataset
from parity.stata_language.descriptive import OF_VARIABLES
from parity.stata_language.systems import SYSTEMS
from parity.stata_language.vce import JOINT, LIKELIHOODS, SERIES

_EFFECTS = ("dydx", "eyex", "dyex", "eydx")
_OPTIONS = frozenset({
    *_EFFECTS, "over", "at", "post", "level", "noestimcheck", "vsquish", "predict", "atmeans", "nose", "vce", "nolegend",
    "force", "nopvalues", "noci", "nofvlabel", "fvwrap", "fvwrapon", "cformat", "pformat", "sformat", "nolstretch",
    "expression",
})  # fmt: skip
#: `noatlegend`, abbreviated or not: the legend alone.
_NO_LEGEND = re.compile(r"noatl(?:e(?:g(?:e(?:nd?)?)?)?)?")
#: The base of a factor among its effects: a zero of r(b) that no window shows.
_BASE = re.compile(r"(?:^|#)-?\d+b\.")
#: What predict() may say after each model: the response that is the default, or the index.
_RESPONSES = {"logit": ("pr", "p"), "probit": ("pr", "p"), "poisson": ("n", "ir"), "": ("xb",)}


@command("margins", changes_data=False)
def margins(session: Session, given: Command) -> None:
    """`margins, dydx(x z)`, averages of the response (the linear prediction, a probability, a count's mean), and
    `margins a b a#b`, those averages with every row at each level of a factor, or of several; effects there, too.

    Derivatives by a factor are differences from its base. eyex(), dyex() and eydx() are effects on the logarithm of the
    response, by that of the variable, or both. over(): of the rows of each group; means are then the group's.
    at() with numbers, lists, statistics of the rows and expressions is known; (asbalanced), (base) and the like are not.
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
    several = False
    spots: dict[str, dict[str, float]] = {}
    for there in places(session, given):
        for group, rows in _groups(session, given):
            for outcome, of in _outcomes(session, given):
                at = Points(
                    session,
                    given,
                    names,
                    b,
                    model,
                    there.fixed,
                    rows,
                    wanted.name if wanted else "dydx",
                    of,
                    there.statistics,
                )
                spots.setdefault(there.label, at.spot())
                several |= spots[there.label] != at.spot()
                for label, margin in (
                    at.responses(given.about) if wanted is None else at.effects(given.about, wanted.value or "")
                ):
                    parts = [p for p in (outcome, there.label, group, label) if p]
                    labels.append("#".join(parts[:-1] if label == "_cons" and len(parts) > 1 else parts))
                    found.append(margin)
    values = np.array([m.value for m in found])
    covariance = delta_method(np.array([m.gradient for m in found]), v)
    shown = [i for i, label in enumerate(labels) if not _BASE.search(label)]
    option = given.option("over")
    over = list(session.names(re.sub(r"\bi\.", "", option.value or ""))) if option else []
    told = {
        "effect": wanted.name if wanted else "", "over": over, "response": model, "at": given.has("at", "atmeans"),
        "factors": bool(given.about.strip()), "expression": given.has("expression"), "normal": not math.isfinite(df),
    }  # fmt: skip
    n, cmd = _observations(session, given), session.e.texts.get("cmd", "")
    of = {name: session.e.texts.get(name, "") for name in ("depvar", "vce", "vcetype")}
    session.r = Results(
        numbers={"N": n},
        matrices={
            "b": Matrix(values[None, :], ("r1",), tuple(labels)),
            "V": Matrix(covariance, tuple(labels), tuple(labels)),
        },
    )
    # the legend: of one place its values, of several each place's behind its number; groups have their own
    spot = {} if several else {f"{place}: {n}" if place else n: x for place, of in spots.items() for n, x in of.items()}
    labels, values, covariance = [labels[i] for i in shown], values[shown], covariance[np.ix_(shown, shown)]
    for label, value, variance in zip(labels, values, np.diag(covariance), strict=True):
        se = math.sqrt(max(float(variance), 0.0))
        t, p, low, high = row(float(value), se, df, float(level.value) if level and level.value else 95.0)
        said = {"estimate": float(value), "se": se, "t": t, "p": p, "lb": low, "ub": high, "N": n}
        session.show(
            "margins", told=told, term=label, called=_called(label, session.there), after=cmd, of=of, at=spot, **said
        )
    if given.has("post"):
        post(session, labels, values, covariance, "margins", df)


def _called(label: str, data: Dataset) -> str:
    """A row's label with the value labels of its levels, as windows have them: `college.wc` for `1.wc`."""
    out = []
    for piece in label.split("#"):
        level, _, variable = piece.rpartition(".")
        known = data.labels_of(variable) if level and variable in data.columns and level[:1].isdigit() else {}
        said = known.get(float(level)) if known else None
        out.append(piece if said is None else f"{said}.{variable}")
    return "#".join(out)


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
    wrong = [o.name for o in given.options if o.name not in _OPTIONS and not _NO_LEGEND.fullmatch(o.name)]
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
    if (asked := given.option("expression")) and (
        isinstance(session.e.estimated, Categorical) or given.has("predict") or any(given.option(n) for n in _EFFECTS)
    ):
        raise DataProblem(f"margins, expression({asked.value}) is not computed here", 198)
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
