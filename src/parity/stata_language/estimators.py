"""Which estimator an instrumental-variables command asks for, beside 2SLS: [R] ivregress; ivreg2 4.1, its help file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem
from parity.stata_language.request import Declined, Request
from parity.stata_language.varlist import Term

#: Models of moment conditions, whose weight takes one cluster variable.
OF_MOMENTS = ("gmm", "cue")
#: kind, cluster variables as typed, traps: of vce() and its like.
Covariance = tuple[str, tuple[str, ...], tuple[str, ...]]


def estimator_of_ivreg2(command: Command) -> tuple[str, dict[str, object]]:
    """Model, and the keys that belong to it. Raises `Declined`, `DataProblem`."""
    said = [name for name in ("liml", "fuller", "kclass", "gmm2s", "cue") if command.has(name)]
    if not said:
        return "ols", {}
    if len(said) > 1 and set(said) != {"liml", "fuller"}:
        raise DataProblem(f"options {said[0]} and {said[1]} may not be combined", 198)
    name = "fuller" if "fuller" in said else said[0]
    if name not in ("fuller", "kclass"):
        return {"gmm2s": "gmm"}.get(name, name), {}
    option = command.option(name)
    try:
        value = float(option.value or "") if option is not None else 0.0
    except ValueError:
        raise DataProblem(f"option {name}() takes a number", 198) from None
    return name, {"fuller" if name == "fuller" else "kappa": value}


def no_added_moments(model: str, endog: Sequence[Term], z: Sequence[Term]) -> None:
    """`(= z)`: with more moments than regressors, all of them exogenous, GMM is not least squares. Raises `Declined`."""
    if model in OF_MOMENTS and z and not endog:
        raise Declined(f"{model} with moments added by (= instruments) and nothing endogenous has no engine here")


def each_instrument_once(found: Request) -> Request:
    """An instrument that is a regressor too, or is named twice, is one column: Stata leaves the other out.

    [R] ivregress; ivreg2's help, "duplicates". Raises `DataProblem` 481 where none is left.
    """
    kept = tuple(dict.fromkeys(term for term in found.instruments if term not in found.regressors))
    if kept == found.instruments:
        return found
    if len(kept) < len(found.endogenous):
        raise DataProblem("equation not identified; must have at least as many instruments not in the regression", 481)
    said = "an instrument that is a regressor too, or is named twice, counts once"
    return replace(found, instruments=kept, traps=(*found.traps, said))


def moments_of_ivregress(
    command: Command, covariance: Callable[[Command], Covariance]
) -> tuple[str, tuple[str, ...], tuple[str, ...], dict[str, object], int | None]:
    """Of ivregress gmm: kind, clusters as typed, traps, `moments`, lags. Without vce() errors are as wmatrix() has them.

    Raises `Declined`, `DataProblem`.
    """
    option = command.option("wmatrix", least=4)
    word, _, rest = ((option.value or "") if option is not None else "robust").strip().partition(" ")
    word, lags = word.lower(), None
    if word and "robust".startswith(word):
        weight: Covariance = ("HC1", (), ())
    elif len(word) >= 2 and "cluster".startswith(word):
        weight = ("CR1", tuple(rest.split()), ())
    elif len(word) >= 2 and "unadjusted".startswith(word):
        weight = ("iid", (), ())
    elif word == "hac" and len(rest.split()) == 2 and "bartlett".startswith(rest.split()[0][:3].lower()):
        if not rest.split()[1].isdigit():
            raise Declined("a number of lags that the data choose has no engine here")
        weight, lags = ("NW", (), ()), int(rest.split()[1])
    else:
        raise Declined(f"wmatrix({word} {rest}".rstrip() + ") has no engine here")
    if len(weight[1]) > 1:
        raise Declined("a weight by several cluster variables has no engine here")
    said = command.option("vce") is not None or command.has("robust", least=1) or command.option("cluster", least=2)
    own = covariance(command) if said else weight
    if own[:2] != weight[:2]:
        if own[0] == "iid":
            raise Declined("vce(unadjusted) beside another wmatrix() takes the weight for efficient: no engine has that")
        if weight[0] in ("CR1", "NW"):
            raise Declined("clusters or lags of wmatrix() that vce() hasn't have no engine here")
    named = {"HC1": "robust", "CR1": "cluster", "iid": "iid", "NW": "newey_west"}[weight[0]]
    moments: dict[str, object] = {"weight": named} if own[:2] != weight[:2] else {}
    moments |= {"steps": "iterated"} if command.has("igmm") else {}
    return *own, {"moments": moments} if moments else {}, lags
