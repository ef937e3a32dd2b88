"""What likelihoods of two equations and of series take of a spec: each says what is wrong with it, or "".

`parity.study.spec.Spec` asks these of itself.
"""

from __future__ import annotations

from typing import Any

from parity.study.models import JOINT, SERIES

#: Terms of an ARMA process: more make its state too large to go through by complex steps.
MOST_LAGS = 12


def of_joint(spec: Any) -> str:
    """An outcome together with its endogenous column."""
    if spec.model not in JOINT:
        return ""
    if not spec.formula.endog:
        return f'model = "{spec.model}" needs instruments: write y ~ x | 0 | endogenous ~ instruments'
    if len(spec.formula.endog) > 1:
        return f'model = "{spec.model}" takes one endogenous column: of several no engine has the likelihood'
    if spec.formula.effects:
        return f'model = "{spec.model}" takes no absorbed effects: write i(column) among the regressors'
    if not spec.formula.intercept:
        return f'model = "{spec.model}" has a constant here: leave out `0 +`'
    if spec.convention.information != "observed" or spec.convention.newton != "maximum":
        return f'model = "{spec.model}" has the observed information at the maximum here: convention = "ml"'
    return ""


def of_series(spec: Any) -> str:
    """A regression with ARMA errors; and keys of it that another model has."""
    if spec.model not in SERIES:
        if spec.arma is not None:
            return f'arma belongs to model = "{SERIES[0]}", and this is model = "{spec.model}"'
        if spec.convention.information == "outer":
            return f'information = "outer" is for model = "{SERIES[0]}", and this is model = "{spec.model}"'
        return ""
    if spec.arma is None:
        return f'model = "{spec.model}" needs the terms of its process: arma = [1, 0], say'
    if min(spec.arma) < 0 or max(spec.arma) > MOST_LAGS:
        return f"arma takes two numbers from 0 to {MOST_LAGS}"
    if spec.formula.effects or spec.weights:
        return f'model = "{spec.model}" takes neither fixed effects nor weights'
    if spec.vcov.kind not in ("iid", "HC0", "HC1"):
        return f'model = "{spec.model}" takes vcov = "iid", "HC0" or "HC1"'
    if spec.convention.information == "expected" or spec.convention.newton != "maximum":
        return f'model = "{spec.model}" has the information "observed" or "outer" at the maximum here: convention = "ml"'
    return ""
