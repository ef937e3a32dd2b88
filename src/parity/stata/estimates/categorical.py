"""mlogit, ologit, oprobit: parity's own estimate of the spec, under Stata's names, and e() as the commands keep it.

Definitions: [R] mlogit, ologit, oprobit: Stored results, Methods and formulas. A multinomial logit has an equation of every
outcome, called by its value label or its number; that of the base is zero. An ordered model's cuts stand behind its slopes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.algebra.categorical import maximise
from parity.stata.estimates.drawn import without_draws
from parity.stata.estimates.fitted import check_steps, fitted
from parity.stata.estimates.resolved import Resolved, resolve
from parity.stata_language.dataset import Dataset
from parity.stata_language.request import Declined, Request

#: Characters that the name of an equation has at most. [P] matrix rownames
LONGEST = 32


@dataclass(frozen=True)
class Categorical:
    """names: of the p coefficients that are estimated, `Prepaid:age` or `age` and `/cut1`, in Stata's order.

    b (p,), V (p, p): theirs.

    outcomes: values of the outcome in order; equations: what each is called; base: place of the one without coefficients,
    -1 of an ordered model. columns: of one equation, the constant last. omitted: terms left out, and those of the base.
    rows, numbers, texts: as of `parity.stata.estimates.likelihoods.Likelihood`
    """

    names: tuple[str, ...]
    b: NDArray[np.float64]
    V: NDArray[np.float64]
    omitted: tuple[str, ...]
    rows: NDArray[np.int64]
    numbers: Mapping[str, float]
    texts: Mapping[str, str]
    model: str
    outcomes: tuple[float, ...]
    equations: tuple[str, ...]
    base: int
    columns: tuple[str, ...]
    df: float = math.inf

    @property
    def kept(self) -> tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64]]:
        """Names, e(b) and e(V) with the columns of the base, which are zero: `Indemnity:o.age`."""
        if self.base < 0:
            return self.names, self.b, self.V
        k, at = len(self.columns), self.base * len(self.columns)
        names = list(self.names)
        names[at:at] = [f"{self.equations[self.base]}:{_omitted(c)}" for c in self.columns]
        there = np.r_[0:at, at + k : len(names)]
        b, v = np.zeros(len(names)), np.zeros((len(names), len(names)))
        b[there] = self.b
        v[np.ix_(there, there)] = self.V
        return tuple(names), b, v


def estimate(request: Request, data: Dataset, used: NDArray[np.bool_], weights: NDArray | None = None) -> Categorical:
    """Raises `Declined`, `DataProblem`."""
    from parity.sample.design import INTERCEPT

    resolved = resolve(request, data, used, weights)
    design, found, covariance, said = fitted(resolved)
    if request.steps is not None and not design.intercept and design.base >= 0:
        raise Declined("the steps of a likelihood without a constant, which iterate() counts, are not followed here")
    x = np.column_stack([np.ones(design.nobs), design.x]) if design.base >= 0 else design.x
    check_steps(request, lambda limit: maximise(
        request.model, x, design.places, max(design.base, 0), design.weights, early=True, limit=limit))  # fmt: skip
    last = (INTERCEPT,) if design.intercept and design.base >= 0 else ()
    terms = (*design.x_names, *last)
    columns = tuple(_name(t, resolved) for t in terms)
    outcomes = tuple(design.outcomes)
    equations = equations_of(outcomes, data.labels_of(request.outcome.factors[0].name))
    if design.base >= 0 and len(set(equations)) < len(equations):
        raise Declined("labels of two outcomes give their equations one name")
    if design.base >= 0:
        each = [j for j in range(len(outcomes)) if j != design.base]
        own_terms = [f"{e}:{t}" for e in design.equations for t in terms]
        names = tuple(f"{equations[j]}:{c}" for j in each for c in columns)
    else:
        own_terms = [*terms, *design.cuts]
        names = (*columns, *design.cuts)
    order = [found.terms.index(t) for t in own_terms]
    dropped = tuple(_name(t, resolved) for t in design.facts.dropped)
    if design.base >= 0:
        of_base = tuple(f"{equations[design.base]}:{c}" for c in columns)
        dropped = (*(f"{e}:{t}" for e in equations for t in dropped), *of_base)
    texts = {
        "cmd": request.command, "properties": "b V", "vce": {"iid": "oim", "HC1": "robust", "CR1": "cluster"}[request.kind],
    }  # fmt: skip
    texts |= {"vcetype": "Robust"} if request.kind != "iid" else {}
    texts |= {"clustvar": " ".join(request.cluster)} if request.cluster else {}
    texts |= {"eqnames": " ".join(equations), "baselab": equations[design.base]} if design.base >= 0 else {}
    made = Categorical(
        names, np.array(found.coef)[order], covariance[np.ix_(order, order)], dropped,
        resolved.frame.index.to_numpy()[design.rows], _numbers(request, design, said, len(order)), texts, request.model,
        outcomes, equations, design.base, columns,
    )  # fmt: skip
    return without_draws(made, request)


def _omitted(name: str) -> str:
    """`o.age`, `2o.region#co.x`: a column that is left out."""
    pieces = (piece.rpartition(".") for piece in name.split("#"))
    return "#".join(f"{operator}o.{variable}" for operator, _, variable in pieces)


def _name(term: str, resolved: Resolved) -> str:
    from parity.sample.design import INTERCEPT

    return "_cons" if term == INTERCEPT else resolved.names.get(term, term)


def equations_of(outcomes: Sequence[float], labels: Mapping[float, str]) -> tuple[str, ...]:
    """What the outcomes' equations are called: by their labels, in which blanks are `_` and dots `,`, or their numbers."""
    named = (re.sub(r"\s", "_", labels.get(v, "")).replace(".", ",").replace(":", "")[:LONGEST] for v in outcomes)
    return tuple(name or f"{v:g}" for name, v in zip(named, outcomes, strict=True))


def _numbers(request: Request, design, said: Mapping, p: int) -> dict[str, float]:
    """e() of the model; as Stata has it, chi2 with fewer clusters than slopes is not there."""
    from scipy import special

    slopes = len(design.x_names) * (len(design.outcomes) - 1 if design.base >= 0 else 1)
    out = {"N": float(design.facts.nobs_weighted), "k": float(p), "rank": float(p), "df_m": float(slopes)}
    out |= {key: float(said[key, ""].value) for key in ("ll", "ll_0", "chi2") if (key, "") in said}
    out["r2_p"] = 1 - out["ll"] / out["ll_0"]
    groups = [g for subset, g in design.facts.clusters.items() if len(subset) == 1]
    if groups:
        out["N_clust"] = float(min(groups))
    if groups and min(groups) - 1 < slopes:
        out.pop("chi2", None)
    if "chi2" in out and slopes:
        out["p"] = float(special.chdtrc(slopes, max(out["chi2"], 0.0)))
    out["k_cat" if design.base < 0 else "k_out"] = float(len(design.outcomes))
    if design.base >= 0:
        out |= {"baseout": float(design.outcomes[design.base]), "ibaseout": float(design.base + 1)}
    return {key: value for key, value in out.items() if not math.isnan(value)}
