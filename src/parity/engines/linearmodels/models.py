"""Design -> a model of linearmodels, not yet fitted: the class that fits the spec, and how its `fit` is to be asked.

Data without a panel get an index of their own, every row a unit, so that the panel models and their conventions apply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.engines import python_common as common
from parity.engines import safe
from parity.results.estimate import Accuracy
from parity.sample.design import INTERCEPT, Design
from parity.study.spec import Spec

if TYPE_CHECKING:
    import pandas as pd

#: LSMR of AbsorbingLS: the smallest tolerance that it reaches, and no limit on the condition number, which
#: would end it early because redundant dummies make the matrix singular.
LSMR = {"atol": 1e-14, "btol": 1e-14, "conlim": 0.0, "maxiter": 100_000}


@dataclass(frozen=True)
class Model:
    """An unfitted model of linearmodels.

    options    what its `fit` is given besides the covariance, and what only an uncorrected covariance needs
    clusters   code vector -> the keyword arguments that make it the cluster variable
    defaults   what `fit` does by itself is the convention "linearmodels"
    """

    unfitted: Any
    shown: str
    clusters: Callable[[np.ndarray], dict[str, Any]]
    options: dict[str, Any] = field(default_factory=dict)
    uncorrected: dict[str, Any] = field(default_factory=lambda: {"debiased": False})
    defaults: bool = True
    #: every covariance inverts X'X, which costs digits where columns aren't centred
    accuracy: Accuracy = "normal-equations"


def table(fit: Any) -> dict[str, np.ndarray]:
    low, high = fit.conf_int().to_numpy().T
    return {"se": fit.std_errors, "t": fit.tstats, "p": fit.pvalues, "low": low, "high": high}


def build_model(spec: Spec, design: Design) -> Model:
    """The model of a spec; fixed effects decide which one where the spec does not."""
    if spec.model == "first_difference":
        return _first_difference(design)
    if spec.model == "between":
        return _between(spec, design)
    if spec.iv:
        return _instruments(design)
    two_of_the_panel = set(design.effects) == {design.unit_name, design.time_name}
    kernel = spec.vcov.in_time
    if len(design.effects) > 2 or (
        len(design.effects) == 2 and not two_of_the_panel and not kernel and common.too_wide(design)
    ):
        return _absorbing(design)
    return _panel(spec, design)


def _index(design: Design) -> pd.MultiIndex:
    """Units and periods; every row a unit of its own where they are missing or don't name the rows."""
    import pandas as pd

    unit, time = design.unit, design.time
    if unit is None or time is None or len(np.unique(np.column_stack([unit, time]), axis=0)) < design.nobs:
        # one time series is one unit; else rows are units, and a kernel over time still needs their period
        series = unit is None and time is not None and len(np.unique(time)) == design.nobs
        unit = np.zeros(design.nobs, dtype=np.int64) if series else np.arange(design.nobs)
        time = np.zeros(design.nobs, dtype=np.int64) if time is None else time
    return pd.MultiIndex.from_arrays([unit, time], names=["unit", "time"])


def _regressors(design: Design, index: Any = None) -> pd.DataFrame:
    import pandas as pd

    columns = {INTERCEPT: np.ones(len(design.y))} if design.intercept else {}
    columns |= dict(zip(safe.numbered("x", len(design.x_names)), design.x.T, strict=True))
    return pd.DataFrame(columns, index=index if index is not None else pd.RangeIndex(len(design.y)))


def _panel(spec: Spec, design: Design) -> Model:
    """PooledOLS, PanelOLS with up to two effects, or RandomEffects."""
    import pandas as pd
    from linearmodels.panel import PanelOLS, PooledOLS, RandomEffects

    index = _index(design)
    y, x = pd.DataFrame({"y": design.y}, index=index), _regressors(design, index)
    weights = None if design.weights is None else pd.DataFrame({"w": design.weights}, index=index)

    def clusters(codes: np.ndarray) -> dict[str, Any]:
        return {"clusters": pd.DataFrame(codes, index=index)}

    if spec.model == "random_effects":
        options = {"small_sample": spec.convention.swamy_arora == "exact"}  # Baltagi and Chang's
        return Model(RandomEffects(y, x), "RandomEffects(y, x)", clusters, options)
    if not design.effects:
        return Model(PooledOLS(y, x, weights=weights), "PooledOLS(y, x)", clusters)
    effects, options, accuracy = _effects(design, index)
    shown = ", ".join(f"{name}={'...' if name == 'other_effects' else value}" for name, value in effects.items())
    unfitted = PanelOLS(y, x, weights=weights, drop_absorbed=False, **effects)
    plain = {"debiased": False, "auto_df": False, "count_effects": False}
    return Model(unfitted, f"PanelOLS(y, x, {shown})", clusters, options, plain, accuracy=accuracy)


def _effects(design: Design, index: Any) -> tuple[dict[str, Any], dict[str, Any], Accuracy]:
    """PanelOLS's effects, the options of `fit` that absorb them most exactly, and how exact that is."""
    import pandas as pd

    own = (design.unit, design.time)
    is_index = [codes is not None and np.array_equal(codes, index.get_level_values(i)) for i, codes in enumerate(own)]
    as_unit = design.unit_name if is_index[0] else None
    as_time = design.time_name if is_index[1] else None
    effects: dict[str, Any] = {}
    other = {}
    for short, name in safe.effect_names(design).items():
        if name == as_unit:
            effects["entity_effects"] = True
        elif name == as_time:
            effects["time_effects"] = True
        else:
            other[short] = design.effects[name]
    if other:
        effects["other_effects"] = pd.DataFrame(other, index=index)
    if len(design.effects) == 1:
        return effects, {}, "exact"  # group means
    # units and periods: dummies of whichever has fewer levels; others: dummies of all. Without dummies PanelOLS iterates
    # to a tolerance of 1e-8, which is also its default for other effects
    wide = common.too_wide(design, None if other else min(a.levels for a in design.facts.absorbed))
    options = {"use_lsdv": not wide} if other else {"low_memory": wide}
    return effects, options, "iterative" if wide else "exact"


def _absorbing(design: Design) -> Model:
    """AbsorbingLS, for three and more effects or many levels. By default it corrects nothing: another convention."""
    import pandas as pd
    from linearmodels.iv import AbsorbingLS

    absorb = pd.DataFrame({k: pd.Categorical(design.effects[v]) for k, v in safe.effect_names(design).items()})
    unfitted = AbsorbingLS(pd.Series(design.y, name="y"), _regressors(design), absorb=absorb, weights=design.weights)
    options = {"method": "lsmr", "absorb_options": LSMR, "use_cache": False}
    return Model(
        unfitted,
        "AbsorbingLS(y, x, absorb=...)",
        lambda codes: {"clusters": codes},
        options,
        defaults=False,
        accuracy="iterative",
    )


def columns_of_instruments(design: Design) -> tuple[Any, ...]:
    """Outcome, exogenous columns with dummies for fixed effects among them (or None), endogenous ones, instruments."""
    import pandas as pd

    exog = _regressors(design)
    dummies = common.dummies(design)
    exog = pd.concat([exog, pd.DataFrame(dummies, columns=safe.numbered("effect", dummies.shape[1]))], axis=1)
    endog = pd.DataFrame(design.endog, columns=safe.numbered("d", design.endog.shape[1]))
    z = pd.DataFrame(design.z, columns=safe.numbered("z", design.z.shape[1]))
    return pd.Series(design.y, name="y"), exog if exog.shape[1] else None, endog, z


def _instruments(design: Design) -> Model:
    from linearmodels.iv import IV2SLS

    unfitted = IV2SLS(*columns_of_instruments(design), weights=design.weights)
    text = "IV2SLS(y, x and dummies, d, z)" if design.effects else "IV2SLS(y, x, d, z)"
    return Model(unfitted, text, lambda codes: {"clusters": codes})


def _between(spec: Spec, design: Design) -> Model:
    import pandas as pd
    from linearmodels.panel import BetweenOLS

    levels = design.levels
    time = np.zeros(levels.nobs, dtype=np.int64)
    order = np.argsort(levels.unit, kind="stable")
    start = np.r_[True, np.diff(levels.unit[order]) != 0]
    place = np.arange(levels.nobs)
    time[order] = place - np.maximum.accumulate(np.where(start, place, 0))
    index = pd.MultiIndex.from_arrays([levels.unit, time], names=["unit", "time"])
    unfitted = BetweenOLS(pd.DataFrame({"y": levels.y}, index=index), _regressors(levels, index))
    clusters = lambda codes: {"clusters": pd.DataFrame(codes, index=index)}  # noqa: E731
    reweight = {"reweight": True} if spec.convention.between_weights == "rows" else {}
    return Model(unfitted, "BetweenOLS(y, x)", clusters, reweight, defaults=False)


def _first_difference(design: Design) -> Model:
    import pandas as pd
    from linearmodels.panel import FirstDifferenceOLS

    levels = design.levels
    index = _index(levels)
    unfitted = FirstDifferenceOLS(pd.DataFrame({"y": levels.y}, index=index), _regressors(levels, index))
    clusters = lambda codes: {"clusters": pd.DataFrame(codes, index=index)}  # noqa: E731
    return Model(unfitted, "FirstDifferenceOLS(y, x)", clusters, accuracy="exact")
