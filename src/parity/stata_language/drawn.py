"""Standard errors that are drawn: `bootstrap: regress y x`, `regress y x, vce(bootstrap)`. [R] bootstrap, vce_option.

The coefficients, N and R-squared are the command's own, on all rows; what is of the draws no other program repeats.
"""

from __future__ import annotations

from dataclasses import replace

from parity.base.errors import suggest
from parity.stata_language.command import Command, Option, Prefix
from parity.stata_language.request import Declined

#: Options of the prefix, which say how it draws, what it keeps and what it shows.
_OPTIONS = (
    "reps", "strata", "size", "cluster", "idcluster", "bca", "ties", "mse", "saving", "level", "notable", "noheader",
    "nolegend", "verbose", "nodots", "dots", "noisily", "trace", "title", "nodrop", "nowarn", "force", "reject", "seed",
    "group", "jackknifeopts", "eform", "nocoefs", "coeflegend", "cformat", "pformat", "sformat", "nolstretch",
)  # fmt: skip
#: Commands that have vce(bootstrap) of their own.
_OWN = frozenset({"regress", "areg", "xtreg", "ivregress", "logit", "logistic", "probit", "poisson"})


def undrawn(command: Command) -> tuple[Command, str]:
    """The command without what draws its standard errors, and what that is: "bootstrap", or "".

    Raises `Declined` for a bootstrap of anything but the coefficients, and for one whose options aren't known.
    """
    prefix = command.prefix("bootstrap")
    if prefix is not None:
        _check(prefix, command)
        return replace(command, prefixes=tuple(p for p in command.prefixes if p is not prefix)), "bootstrap"
    option = command.option("vce")
    if option is None or command.name not in _OWN or command.has("robust", "cluster"):
        return command, ""
    word = (option.value or "").partition(",")[0].strip().lower()
    if len(word) < 4 or not "bootstrap".startswith(word):
        return command, ""
    if command.weight is not None:
        raise Declined("vce(bootstrap) takes no weights")
    return replace(command, options=tuple(o for o in command.options if o is not option)), "bootstrap"


def _check(prefix: Prefix, command: Command) -> None:
    if prefix.text not in ("", "_b"):
        raise Declined(f"the prefix bootstrap of `{prefix.text[:40]}` is of other numbers than the coefficients")
    if command.weight is not None:
        raise Declined("the prefix bootstrap takes no weights")
    for option in prefix.options:
        if not _known(option):
            raise Declined(f"the option {option.name} of bootstrap is not known here{suggest(option.name, _OPTIONS)}")


def _known(option: Option) -> bool:
    return any(full.startswith(option.name) and len(option.name) >= min(3, len(full)) for full in _OPTIONS)


def said(command: str) -> str:
    """The sentence that stands wherever such a command does."""
    return (
        f"its standard errors are drawn by a bootstrap, and with them t, p and intervals: not reproducible here; "
        f"coefficients, N and R-squared are {command}'s, and a spec has the standard errors that {command} has without it"
    )
