"""estat abond and sargan: tests of autocorrelation and of overidentification after xtabond, xtdpdsys and xtdpd.

[XT] xtabond postestimation: Methods and formulas, Stored results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.stata.commands.after import active
from parity.stata.mishaps import NotRun
from parity.stata.results import Matrix, Results
from parity.stata_language.dataset import DataProblem

if TYPE_CHECKING:
    from parity.stata.session import Session
    from parity.stata_language.command import Command

_COMMANDS = ("xtabond", "xtdpdsys", "xtdpd")


def _estimated(session: Session, word: str):
    active(session)
    e = session.e.filled()
    if e.texts.get("cmd") not in _COMMANDS:
        raise DataProblem(f"estat {word} not valid", 321)
    return e


def abond(session: Session, given: Command) -> None:
    """z and p of the first two orders; more are not computed here."""
    import numpy as np

    e = _estimated(session, "abond")
    if given.options:
        raise NotRun("estat abond: orders beyond the second are not computed here")
    from scipy import special

    numbers = {}
    for order in (1, 2):
        if (z := e.numbers.get(f"arm{order}")) is not None:
            numbers |= {f"ar{order}": z, f"ar{order}_p": float(2 * special.ndtr(-abs(z)))}
    orders = [order for order in (1, 2) if f"ar{order}" in numbers]
    rows = [[float(order), numbers[f"ar{order}"], numbers[f"ar{order}_p"]] for order in orders]
    arm = Matrix(np.array(rows).reshape(-1, 3), tuple(map(str, orders)), ("order", "z", "prob"))
    session.r = Results(matrices={"arm": arm})
    session.show("abond", **numbers)


def sargan(session: Session, given: Command) -> None:
    """chi2 of the moments under their weights; none after one step with robust errors."""
    from scipy import special

    e = _estimated(session, "sargan")
    two = e.estimated.resolved.spec.dynamic.steps == 2
    if not two and e.estimated.resolved.spec.vcov.kind != "iid":
        raise DataProblem("cannot calculate Sargan test with vce(robust)", 198)
    chi2, df = e.numbers.get("sargan"), e.numbers["zrank"] - e.numbers["rank"]
    if chi2 is None or df < 1:
        raise DataProblem("no overidentifying restrictions", 498)
    numbers = {"chi2": chi2, "df": df, "p": float(special.chdtrc(df, chi2))}
    session.r = Results(numbers={"chi2": chi2, "chi2_df": df})
    session.show("sargan", **numbers)


#: Word of estat -> the fewest letters that it may be cut to, and what runs it.
OF_ESTAT = {"abond": (4, abond), "sargan": (4, sargan)}
