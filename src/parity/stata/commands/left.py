"""Variables that estimations leave in the data: residuals and effects of reghdfe, and those of commands without an engine.

reghdfe 6.13, its help file and src/reghdfe.mata (`save_variable`: doubles, missing outside the sample).
"""

from __future__ import annotations

import re

import numpy as np

from parity.stata.commands.predicted import SAVING, kept_effect, kept_residuals
from parity.stata.results import Fit, Matrix
from parity.stata.session import Lost, Session
from parity.stata_language.command import Command, Option
from parity.stata_language.dataset import Column, DataProblem
from parity.stata_language.request import Declined

#: Variables that commands leave behind, and options that name some.
LEAVES = {
    "x_ols": ("epsilon", "window", "dis1", "dis2"),
    "psmatch2": ("_pscore", "_treated", "_support", "_weight", "_id", "_n1", "_nn", "_pdif"),
}
NAMING = (
    "generate",
    "gen",
    "pscore",
    "predict",
    "residuals",
    "resid",
    "fitted",
    "blockid",
    "genpscore",
    "weight",
    "groupvar",
)


def unknown(session: Session, given: Command, doubt: str) -> None:
    """What a command that isn't estimated here would have left among the variables: unknown, and so in doubt."""
    names = list(LEAVES.get(given.name, ()))
    for option in given.options:
        if option.name in NAMING and re.fullmatch(r"[A-Za-z_]\w*", option.value or ""):
            names.append(option.value or "")
    _set_unknown(session, [name for name in names if name not in session.there.columns], doubt)


def check_new(session: Session, given: Command) -> None:
    """Raises `DataProblem` 110 for a variable to be kept that is there already; reghdfe's own names are written over."""
    if given.name == "x_ols" and (kept := [n for n in ("epsilon", "window") if n in session.there.columns]):
        raise DataProblem(f"variable {kept[0]} already defined", 110)
    if given.name not in SAVING:
        return
    residuals, absorb = given.option("residuals", least=3), given.option("absorb", least=1)
    groups = given.option("groupvar", least=6)
    replaced = absorb is not None and "replace" in (absorb.value or "").partition(",")[2].split()
    named = [option.value for option in (residuals, groups) if option is not None and option.value]
    named += [] if replaced else [name for name in _effects(absorb) if not name.startswith("__hdfe")]
    for name in named:
        if name in session.there.columns:
            raise DataProblem(f"variable {name} already defined", 110)


def of_effects(session: Session, given: Command, fit: Fit) -> None:
    """`residuals(new)`, `residuals` (_reghdfe_resid), `absorb(new=id)`, `savefe` (__hdfe1__ ...), `groupvar(new)`.

    Several effects are known up to constants alone, and groups have numbers of the command's own: these are in doubt.
    """
    if given.name not in SAVING:
        return
    residuals, groups = given.option("residuals", least=3), given.option("groupvar", least=6)
    if residuals is not None:
        _set(session, residuals.value or "_reghdfe_resid", fit, kept_residuals)
    kept = _effects(given.option("absorb", least=1))
    if len(kept) == 1 and fit.request is not None and len(fit.request.absorb) == 1:
        _set(session, kept.pop(), fit, kept_effect)
    if groups is not None and groups.value:
        kept.append(groups.value)
    if kept:
        why = "constants between several effects, and numbers of groups, are the command's own and not known here"
        finding = session.note("effects-kept", f"{given.name} leaves {', '.join(kept)}: {why}")
        _set_unknown(session, kept, finding.doubt)


def of_x_ols(session: Session, given: Command, fit: Fit) -> None:
    """x_ols.ado, 1999: the variables epsilon, window and dis1.. stay, and the matrix cov_dep is its covariance."""
    if given.name != "x_ols" or fit.request is None:
        return
    _set(session, "epsilon", fit, kept_residuals)
    finding = session.note("effects-kept", "x_ols leaves window and dis1.., of its last row of the data: not made here")
    _set_unknown(session, ["window", *(f"dis{i + 1}" for i in range(len(fit.request.places)))], finding.doubt)
    held = session.e.filled()
    if (found := held.estimated) is not None:
        session.matrices["cov_dep"] = Matrix(found.V, found.names, found.names)


def _effects(option: Option | None) -> list[str]:
    """Names under which absorbed effects are kept."""
    terms, _, how = (option.value or "").partition(",") if option is not None else ("", "", "")
    named = re.findall(r"(?<!\w)([A-Za-z_]\w*+)\s*+=", terms)
    if not named and any(len(word) >= 4 and "savefe".startswith(word) for word in how.split()):
        named = [f"__hdfe{i}__" for i, _ in enumerate(terms.split(), 1)]
    return named


def _set(session: Session, name: str, fit: Fit, made) -> None:
    try:
        values = made(session)
    except (DataProblem, Declined, Lost) as error:
        said = str(error) or "the estimation has no numbers here"
        finding = session.note("prediction", f"`{name}` is not made here: {said}", taints=True)
        _set_unknown(session, [name], finding.doubt)
        return
    session.set_columns({name: Column(values, "double", doubts=fit.doubts)})


def _set_unknown(session: Session, names: list[str], doubt: str) -> None:
    column = Column(np.full(session.there.rows, np.nan), "double", doubts=frozenset({doubt}))
    session.set_columns(dict.fromkeys(names, column))
