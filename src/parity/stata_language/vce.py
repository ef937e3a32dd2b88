"""`vce()`, `robust` and `cluster()` of an estimation -> the covariance in parity's words. [R] vce_option."""

from __future__ import annotations

from parity.base.errors import suggest
from parity.stata_language.command import Command, Option
from parity.stata_language.dataset import DataProblem
from parity.stata_language.request import Declined

#: Commands by maximum likelihood -> the model of a spec.
LIKELIHOODS = {"logit": "logit", "logistic": "logit", "probit": "probit", "poisson": "poisson"}
#: Commands of an outcome of several categories, which is a model of that name.
CATEGORICAL = ("mlogit", "ologit", "oprobit")
#: Of a censored outcome.
CENSORED = ("tobit",)
#: Of an outcome together with its endogenous regressor.
JOINT = ("ivprobit",)
#: Of a series.
SERIES = ("arima",)
#: Words of vce(), whether any engine has them or not; another one is a slip.
_VCE = ("cluster", "robust", "ols", "oim", "opg", "unadjusted", "conventional", "bootstrap", "jackknife", "hac", "dkraay",
        "hc2", "hc3", "unconditional", "delta")  # fmt: skip


def covariance(command: Command, unit: str = "") -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """kind, cluster variables as typed, traps. unit: what `robust` of xtreg clusters by."""
    option, cluster = command.option("vce"), command.option("cluster", least=2)
    _check_one_covariance(option, cluster, robust=command.has("robust", least=1))
    if cluster is not None and cluster.value:
        return "CR1", tuple(cluster.value.split()), ()
    robust = command.has("robust", least=1)
    if option is None or not option.value:
        if command.has("hc2"):
            return "HC2", (), ()
        if command.has("hc3"):
            return "HC3", (), ()
        if robust or (command.weight is not None and command.weight.kind == "pweight"):
            return _robust(unit)
        return "iid", (), ()
    text, _, inner = (part.strip() for part in option.value.partition(","))
    word, _, rest = text.partition(" ")
    word = word.lower()
    if inner and not (word == "hc2" and len(inner) >= 3 and "dfadjust".startswith(inner.lower())):
        raise Declined(f"vce({text}, {inner}) is computed in a way that no engine here has")
    if len(word) >= 2 and "cluster".startswith(word):
        if not rest.strip():
            raise DataProblem("vce(cluster) names no variable", 198)
        return "CR1", tuple(rest.replace("#", "#").split()), ()
    if word and "robust".startswith(word):
        return _robust(unit)
    likelihood = command.name in (*LIKELIHOODS, *CATEGORICAL, *CENSORED, *JOINT)
    if word in ("ols", "unadjusted", "conventional", "un", "conv") or (word == "oim" and likelihood):
        return "iid", (), ()
    if word == "dkraay" and command.name == "reghdfe":
        if not rest.strip().isdigit():
            raise Declined("a bandwidth that the data choose has no engine here")
        return "DK", (), ()
    if word in ("hc2", "hc3"):
        return (word.upper(), (), ()) if not rest else ("CR2" if word == "hc2" else "CR3", tuple(rest.split()), ())
    cut = len(word) >= 4 and any(full.startswith(word) for full in _VCE)
    if word not in _VCE and not cut and (meant := suggest(word, _VCE)):
        raise DataProblem(f"vcetype {word} not allowed{meant}", 198)
    raise Declined(f"vce({text}) is drawn or computed in a way that no engine here has")


def _check_one_covariance(option: Option | None, cluster: Option | None, *, robust: bool) -> None:
    """Raises `DataProblem` where vce() says another covariance than `cluster()` or `robust` beside it."""
    said = (option.value or "").partition(",")[0].split() if option is not None else []
    if not said:
        return
    clustered = len(said[0]) >= 2 and "cluster".startswith(said[0].lower())
    if cluster is not None and cluster.value and not (clustered and said[1:] == cluster.value.split()):
        raise DataProblem(f"options vce({' '.join(said)}) and cluster({cluster.value}) may not be combined", 198)
    if robust and not (clustered or "robust".startswith(said[0].lower())):
        raise DataProblem(f"options vce({' '.join(said)}) and robust may not be combined", 198)


def distribution(command: Command, kind: str) -> dict[str, object]:
    """What `vce(hc2 clusters, dfadjust)` of Stata 18 sets: Bell and McCaffrey's degrees of freedom."""
    option = command.option("vce")
    said = option.value.partition(",")[2].split() if option is not None and option.value else []
    if not any(len(word) >= 3 and "dfadjust".startswith(word.lower()) for word in said):
        return {}
    if kind != "CR2":
        raise Declined("vce(hc2, dfadjust) has degrees of freedom of each coefficient's own, here for clusters only")
    return {"t_cluster": "satterthwaite"}


def _robust(unit: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    if not unit:
        return "HC1", (), ()
    return "CR1", (unit,), (f"xtreg's robust standard errors are clustered by {unit}",)
