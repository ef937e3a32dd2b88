"""gmm of a residual that is linear in its parameters: what `ivregress gmm` estimates. [R] gmm, ivregress: methods.

`gmm (y - {xb: x1 x2 _cons}), instruments(z1 z2)`: two steps, the first by (Z'Z)^-1, a robust weight, errors as it has them.
"""

from __future__ import annotations

import re
from dataclasses import replace

from parity.stata_language.command import Command, Option
from parity.stata_language.dataset import DataProblem, Panel
from parity.stata_language.estimators import moments_of_ivregress, no_added_moments
from parity.stata_language.options import check_options
from parity.stata_language.request import Declined, Request
from parity.stata_language.varlist import Resolver, Term, terms, words
from parity.stata_language.vce import covariance

_NAME = r"[A-Za-z_]\w*+"
#: `y - {xb: x1 x2}`, with `- {b0}` behind it, or `y - ({xb: x1 x2} + {b0})`.
_LINEAR = re.compile(
    rf"\s*+(?P<y>[\w.]++)\s*+-\s*+(?P<open>\(?)\s*+\{{\s*+{_NAME}\s*+:(?P<x>[^{{}}:=]*+)\}}"
    rf"\s*+(?:(?P<sign>[-+])\s*+\{{\s*+{_NAME}\s*+(?:=[^{{}}]*+)?\}})?\s*+(?P<close>\)?)\s*+"
)
_OTHER = "moment conditions other than of y - {xb: x1 x2 _cons} have no engine here"


def linear(command: Command, resolver: Resolver, panel: Panel) -> Request:
    """Raises `Declined` for what isn't linear, or has moments that no engine weighs; `DataProblem` as Stata would."""
    check_options(command)  # an option that isn't known may bring instruments
    outcome, x, constant = _residual(command.about, resolver)
    z, z_constant = _instruments(command.option("instruments", least=4), resolver)
    if constant != z_constant:
        raise Declined("a constant among the parameters or the instruments alone has no engine here")
    if sum(command.has(name) for name in ("onestep", "twostep", "igmm")) > 1:
        raise DataProblem("options onestep, twostep and igmm may not be combined", 198)
    initial = command.option("winitial", least=4)
    if initial is not None and not re.fullmatch(r"un\w*+(?:\s*+,\s*+indep\w*+)?", (initial.value or "").strip()):
        raise Declined(f"winitial({initial.value}) has no engine here")
    exogenous = tuple(t for t in x if t in z)
    endogenous, excluded = tuple(t for t in x if t not in z), tuple(t for t in z if t not in x)
    if len(excluded) < len(endogenous) and not any(f.kind == "factor" for t in excluded for f in t.factors):
        raise DataProblem("equation not identified; fewer instruments than parameters", 481)
    found = Request(command.name, outcome, exogenous, (), endogenous, excluded, intercept=constant, profile="ivregress")
    if command.has("onestep"):  # 2SLS: (Z'Z)^-1 is its weight
        if command.option("wmatrix", least=4) is not None:
            raise DataProblem("options onestep and wmatrix() may not be combined", 198)
        if excluded and not endogenous:
            no_added_moments("gmm", endogenous, excluded)
        option = command.option("vce")
        kind, _, traps = covariance(command) if option is not None else ("HC1", (), ())
        _check_kind(kind)
        return replace(found, kind=kind, traps=traps)
    no_added_moments("gmm", endogenous, excluded)
    kind, _, traps, keys, lags = moments_of_ivregress(command, covariance)
    _check_kind(kind)
    if not endogenous:  # as many moments as parameters: least squares, whatever the weight
        return replace(found, kind=kind, traps=traps)
    return replace(found, model="gmm", keys=keys, kind=kind, lags=lags, traps=traps)


def _check_kind(kind: str) -> None:
    """Raises `Declined` for clusters and lags, of which its manual says less than ivregress's."""
    if kind == "CR1":
        raise Declined("how gmm counts clusters isn't known here: ivregress gmm is")
    if kind not in ("iid", "HC1"):
        raise Declined("how gmm weighs lags isn't known here: ivregress gmm is")


def _residual(text: str, resolver: Resolver) -> tuple[Term, tuple[Term, ...], bool]:
    """Outcome, regressors, whether there is a constant; of the one equation in parentheses."""
    body = text.strip()
    if not (body.startswith("(") and body.endswith(")")):
        raise Declined(_OTHER)
    found = _LINEAR.fullmatch(body[1:-1])
    if found is None or bool(found["open"]) != bool(found["close"]):
        raise Declined(_OTHER)
    if found["sign"] and (found["sign"] == "+") != bool(found["open"]):  # its parameter has the other sign
        raise Declined(_OTHER)
    named = words(found["x"])
    x = terms(" ".join(w for w in named if w != "_cons"), resolver) if named != ["_cons"] else ()
    outcome = terms(found["y"], resolver)
    if len(outcome) != 1 or len(outcome[0].factors) > 1 or outcome[0].factors[0].kind == "factor":
        raise Declined(_OTHER)
    if "_cons" in named and found["sign"]:
        raise Declined("two constants in one equation have no engine here")
    return outcome[0], x, "_cons" in named or bool(found["sign"])


def _instruments(option: Option | None, resolver: Resolver) -> tuple[tuple[Term, ...], bool]:
    """Of `instruments(z1 z2, noconstant)`; without the option a constant alone."""
    text, _, how = ((option.value or "") if option is not None else "").partition(",")
    if ":" in text:
        raise Declined("instruments of several equations have no engine here")
    said = how.split()
    if any(not (len(word) >= 4 and "noconstant".startswith(word)) for word in said):
        raise Declined(f"instruments(, {how.strip()}) has no engine here")
    return (tuple(dict.fromkeys(terms(text, resolver))) if text.strip() else ()), not said
