"""Spec: one specification of a study as a frozen, validated value, with its covariance and weights."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from parity.base.errors import suggest
from parity.base.values import Value
from parity.conventions.formulas import has_own_df
from parity.conventions.kinds import CONLEY, ROW_LEVERAGE
from parity.conventions.profiles import OF_DYNAMIC_PANELS, OF_LIKELIHOODS, PROFILES, family_of
from parity.conventions.settings import SETTINGS, Convention
from parity.study import hints
from parity.study.dynamic import Dynamic
from parity.study.formula import Column, Expr, Formula, FormulaError, columns_of
from parity.study.grammar import parse_expression, parse_formula
from parity.study.likelihood_rules import of_joint, of_series
from parity.study.models import (
    CATEGORICAL,
    CENSORED,
    JOINT,
    K_CLASS,
    LIKELIHOODS,
    OF_DYNAMIC,
    OF_INSTRUMENTS,
    OF_MOMENTS,
    OF_ONE_INDEX,
    OF_PANELS,
    ORDERED,
    SERIES,
    WEIGHT_OF,
    Model,
)
from parity.study.moments import Moments
from parity.study.problems import shown
from parity.study.vcov import Vcov, Weights


def _parsed(parse, tree):
    def validate(value: Any) -> Any:
        if isinstance(value, tree):
            return value
        if not isinstance(value, str):
            raise ValueError(f"a text in quotes is needed, not {shown(value)}")
        try:
            return parse(value)
        except FormulaError as error:
            raise ValueError(str(error)) from None

    return BeforeValidator(validate)


#: A spec's id names files (scripts, reports), so it may hold no path and no control character.
_ID = re.compile(r"\w[\w .+()-]{0,99}")
_ID_RULE = "a name is made of letters, digits, spaces and . _ - + ( ), at most 100, a letter or digit first"

_AS_TEXT = PlainSerializer(str, return_type=str)
FormulaText = Annotated[Formula, _parsed(parse_formula, Formula), _AS_TEXT, WithJsonSchema({"type": "string"})]
ExprText = Annotated[Expr, _parsed(parse_expression, Expr), _AS_TEXT, WithJsonSchema({"type": "string"})]


def _convention(value: Any) -> Any:
    if isinstance(value, Convention):
        return value
    given = {"profile": value} if isinstance(value, str) else value
    if not isinstance(given, dict):
        raise ValueError('a profile name, or { profile = "...", setting = ... }')
    name = given.get("profile")
    if name is None:
        raise ValueError(f'profile = "..." is missing; known: {", ".join(PROFILES)}')
    if not isinstance(name, str) or name not in PROFILES:
        habit = hints.in_convention(str(name))  # another command's name is no slip of the pen
        near = f": {habit}" if habit else suggest(str(name), PROFILES)
        raise ValueError(f"there is no profile `{name}`{near}; known: {', '.join(PROFILES)}")
    unknown = [key for key in given if key not in Convention.model_fields]
    if unknown:
        near = hints.in_setting(unknown[0], given[unknown[0]]) or suggest(unknown[0], Convention.model_fields)
        raise ValueError(f"there is no setting `{unknown[0]}`{near}; known: {', '.join(Convention.model_fields)}")
    for key in ("small", "iv_small"):
        if not isinstance(given.get(key, True), bool):
            raise ValueError(f"{key} is true or false, not `{given[key]}`")
    return PROFILES[name].model_dump() | given


#: Covariances that every model has.
PLAIN = ("iid", "HC0", "HC1", "CR0", "CR1")


class Spec(Value):
    """One specification: model, sample, covariance, convention. Its id is unique within its study."""

    id: str
    title: str = ""
    data: str | None = Field(default=None, description="the name of a [data.NAME]; by default the file of [study]")
    formula: FormulaText
    model: Model = "ols"
    kappa: float | None = Field(default=None, description='of model = "kclass": 0 is OLS, 1 is 2SLS')
    fuller: float | None = Field(default=None, description='of model = "fuller": what LIML\'s kappa is lessened by; 1')
    moments: Moments | None = Field(default=None, description='of model = "gmm" or "cue": { weight = "...", steps = 2 }')
    base: float | None = Field(default=None, description='of model = "mlogit": the outcome that others are held against')
    lower: float | Literal["min"] | None = Field(
        default=None, description='of model = "tobit": outcomes at or below it are censored; "min": the smallest one'
    )
    upper: float | Literal["max"] | None = Field(
        default=None, description='of model = "tobit": outcomes at or above it are censored; "max": the largest one'
    )
    arma: tuple[int, int] | None = Field(
        default=None, description='of model = "arima": how many terms of their past and of past innovations errors have'
    )
    dynamic: Dynamic | None = Field(
        default=None, description='of model = "difference_gmm" or "system_gmm": { gmm = { y = [2] }, steps = 2 }'
    )
    where: ExprText | None = None
    offset: ExprText | None = Field(
        default=None, description='of model = "poisson", "logit" or "probit": what the index has beside x\'b, coefficient 1'
    )
    weights: Weights | None = None
    vcov: Vcov = Vcov(kind="iid")
    convention: Annotated[Convention, BeforeValidator(_convention)] = PROFILES["fixest"]
    reference: str = "r-stata"
    diagnostics: bool = Field(
        default=False, strict=True, exclude=True, description="compare the diagnostics of its instruments too"
    )

    @model_validator(mode="before")
    @classmethod
    def _convention_of_likelihoods(cls, value: Any) -> Any:
        """A likelihood, and a dynamic panel, whose convention isn't said has Stata's."""
        if isinstance(value, dict) and value.get("model") in LIKELIHOODS and "convention" not in value:
            return value | {"convention": PROFILES[OF_LIKELIHOODS[0]]}
        if isinstance(value, dict) and value.get("model") in OF_DYNAMIC and "convention" not in value:
            return value | {"convention": PROFILES[OF_DYNAMIC_PANELS[0]]}
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Spec:
        if self.likelihood != (self.convention.profile in OF_LIKELIHOODS):
            raise ValueError(self._other_family())
        if (self.model in OF_DYNAMIC) != (self.convention.profile in OF_DYNAMIC_PANELS):
            raise ValueError(self._other_family())
        if self.likelihood and self.iv:
            raise ValueError(f'model = "{self.model}" takes no instruments in the formula')
        if self.likelihood and self.weights and self.weights.analytic and self.vcov.kind == "iid":
            raise ValueError(
                f'model = "{self.model}" takes frequency weights, or pweight with robust or clustered errors: '
                "an analytic weight is the variance of a residual, and it has none"
            )
        self._check_offset()
        self._check_outcomes()
        self._check_limits()
        if wrong := of_joint(self) or of_series(self):
            raise ValueError(wrong)
        self._check_instruments()
        self._check_dynamic()
        if self.model in OF_PANELS and (self.formula.effects or self.formula.endog):
            raise ValueError(f'model = "{self.model}" takes neither fixed effects nor instruments in the formula')
        if self.model != "ols" and self.vcov.kind not in (*PLAIN, *(("NW",) if self.model in OF_INSTRUMENTS else ())):
            raise ValueError(f'model = "{self.model}" takes iid, HC0, HC1 or cluster covariances')
        self.vcov.check_distance(self.convention.conley_distance)
        if self.model in ("random_effects", "between") and self.weights:
            raise ValueError("random effects take no weights" if self.model != "between" else "unit means take no weights")
        if self.weights and self.weights.sampling and self.vcov.kind == "iid":
            raise ValueError('pweight means robust errors: write vcov = "HC1", or clusters (aweight takes any)')
        if len(self.vcov.cluster) > 1 and self.own_df:
            raise ValueError('t_cluster = "satterthwaite" is for one cluster variable, and these are several')
        if self.model == "random_effects" and self.own_df:
            raise ValueError('t_cluster = "satterthwaite" is not for random effects: their working model is another')
        if self.convention.profile == "xtreg" and self.vcov.kind in ("HC0", "HC1", *ROW_LEVERAGE):
            raise ValueError(
                "xtreg's vce(robust) is vce(cluster panelvar): write vcov = { cluster = [...] }, the unit in it"
            )
        if not self.formula.exog and not self.formula.endog and not self.formula.intercept:
            raise ValueError("the formula has no regressor")
        if self.diagnostics and not self.iv:
            why = f'model = "{self.model}" has a likelihood' if self.formula.endog else "the formula has none"
            raise ValueError(f"diagnostics = true is about instruments, and {why}")
        if not _ID.fullmatch(self.id):
            raise ValueError(_ID_RULE)
        return self

    def _check_offset(self) -> None:
        """What has an offset. Raises `ValueError`."""
        if self.offset is None:
            return
        if self.model not in OF_ONE_INDEX:
            known = ", ".join(f'"{model}"' for model in OF_ONE_INDEX)
            raise ValueError(f'an offset or exposure is for model = {known}, and this is model = "{self.model}"')
        if not columns_of(self.offset):
            raise ValueError(f"the offset `{self.offset}` reads no column")

    def _check_outcomes(self) -> None:
        """What models of several outcomes take. Raises `ValueError`."""
        if self.base is not None and self.model != "mlogit":
            raise ValueError(f'base belongs to model = "mlogit", and this is model = "{self.model}"')
        if self.model in CATEGORICAL and self.formula.effects:
            raise ValueError(f'model = "{self.model}" takes no absorbed effects: write i(column) among the regressors')
        if self.model in ORDERED and not self.formula.intercept:
            raise ValueError(f'model = "{self.model}" has cuts in place of a constant: leave out `0 +`')

    def _check_limits(self) -> None:
        """What a censored regression takes. Raises `ValueError`."""
        named = [key for key in ("lower", "upper") if getattr(self, key) is not None]
        if self.model not in CENSORED:
            if named:
                raise ValueError(f'{named[0]} belongs to model = "tobit", and this is model = "{self.model}"')
            return
        if not named:
            raise ValueError('model = "tobit" needs the limit of its outcome: lower = 0, upper = 100, or both')
        for key in named:
            if not isinstance(limit := getattr(self, key), str) and not math.isfinite(limit):
                raise ValueError(f"{key} = {limit:g} is no limit: leave {key} out, or write a number")
        if isinstance(self.lower, float) and isinstance(self.upper, float) and self.lower >= self.upper:
            raise ValueError(f"lower = {self.lower:.15g} is not below upper = {self.upper:.15g}")
        if self.formula.effects:
            raise ValueError('model = "tobit" takes no absorbed effects: write i(column) among the regressors')
        if not self.formula.intercept:
            raise ValueError('model = "tobit" has a constant here: leave out `0 +`')
        if self.convention.information != "observed" or self.convention.newton != "maximum":
            raise ValueError('model = "tobit" has the observed information at the maximum here: convention = "ml"')

    def _check_dynamic(self) -> None:
        """What a dynamic panel takes. Raises `ValueError`."""
        if self.model not in OF_DYNAMIC:
            if self.dynamic is not None:
                raise ValueError(f'dynamic belongs to model = "{OF_DYNAMIC[0]}", and this is model = "{self.model}"')
            return
        if self.weights:
            raise ValueError(f'model = "{self.model}" takes no weights')
        if self.vcov.kind not in ("iid", "CR0", "CR1") or len(self.vcov.cluster) > 1:
            raise ValueError(f'model = "{self.model}" takes vcov = "iid", or {{ cluster = [...] }} by the unit alone')
        if not self.formula.exog:
            raise ValueError("the formula has no regressor")
        if (self.dynamic is None or self.dynamic.gmm is None) and not isinstance(self.formula.outcome, Column):
            raise ValueError("dynamic = { gmm = { COLUMN = [2] } } is needed: the outcome is no column")

    def _check_instruments(self) -> None:
        """What k-class estimators and GMM take. Raises `ValueError`."""
        of = {"kappa": ("kclass",), "fuller": ("fuller",), "moments": OF_MOMENTS}
        for key, models in of.items():
            if getattr(self, key) is not None and self.model not in models:
                raise ValueError(f'{key} belongs to model = "{models[0]}", and this is model = "{self.model}"')
        if self.model not in OF_INSTRUMENTS:
            return
        if not self.formula.endog:
            raise ValueError(f'model = "{self.model}" needs instruments: write y ~ x | 0 | endogenous ~ instruments')
        if self.model == "kclass" and self.kappa is None:
            raise ValueError('model = "kclass" needs kappa: 0 is OLS, 1 is 2SLS; model = "liml" finds its own')
        if self.model in K_CLASS:
            return
        if len(self.vcov.cluster) > 1:
            raise ValueError(f'model = "{self.model}" takes one cluster variable: its moments are weighted by it')
        weight = self.moment_weight
        if weight == "cluster" and not self.vcov.cluster:
            raise ValueError('moments = { weight = "cluster" } needs vcov = { cluster = [...] }, which names the variable')
        if weight == "newey_west" and (self.vcov.kind != "NW" or self.model == "cue"):
            raise ValueError('moments = { weight = "newey_west" } is for model = "gmm" with vcov = { newey_west = LAGS }')
        if self.model == "cue" and self.moments and self.moments.steps != 2:
            raise ValueError('model = "cue" has no steps: its weight matrix moves with the coefficients')

    def _other_family(self) -> str:
        first = OF_LIKELIHOODS[0] if self.likelihood else OF_DYNAMIC_PANELS[0] if self.model in OF_DYNAMIC else "fixest"
        profiles = family_of(first)
        what = "a likelihood" if self.likelihood else "a dynamic panel" if self.model in OF_DYNAMIC else "least squares"
        return (
            f'convention = "{self.convention.profile}" is not for model = "{self.model}", which is {what}; '
            f"write one of {', '.join(profiles)}"
        )

    @property
    def iv(self) -> bool:
        """Whether its estimator is one of instrumental variables; a likelihood has equations in their place."""
        return bool(self.formula.endog) and self.model not in JOINT

    @property
    def likelihood(self) -> bool:
        """Whether its estimate is the maximum of a likelihood."""
        return self.model in LIKELIHOODS

    @property
    def categorical(self) -> bool:
        """Whether its outcome has several categories, ordered or not."""
        return self.model in CATEGORICAL

    @property
    def additive(self) -> bool:
        """Whether its estimate is least squares or 2SLS on rows of the data, so that rows can be taken out of its sums."""
        return not self.likelihood and self.model not in (*OF_INSTRUMENTS, *OF_DYNAMIC, "between")

    @property
    def gmm(self) -> dict[str, tuple[int, int | None]]:
        """Column -> first and last lag of it that are instruments of a dynamic panel's differences; None: all."""
        said = self.dynamic.gmm if self.dynamic else None
        if said is None:
            said = {self.formula.outcome.name: (2,)} if isinstance(self.formula.outcome, Column) else {}
        return {column: (lags[0], lags[1] if len(lags) > 1 else None) for column, lags in said.items()}

    @property
    def row_instruments(self) -> tuple[str, ...]:
        """Terms without which a row of a dynamic panel has no equation; one of a single equation of two takes none away."""
        if self.dynamic is None:
            return ()
        every = self.model == "difference_gmm"
        return tuple(t for t in self.dynamic.instruments if every or self.dynamic.equation.get(t, "both") == "both")

    @property
    def fuller_alpha(self) -> float:
        """What LIML's kappa is lessened by, times N less the exogenous columns; nothing for LIML itself."""
        return (1.0 if self.fuller is None else self.fuller) if self.model == "fuller" else 0.0

    @property
    def moment_weight(self) -> str:
        """What the moments of a GMM are weighted by: "iid", "robust", "cluster" or "newey_west"."""
        said = self.moments.weight if self.moments else None
        return said or WEIGHT_OF.get(self.vcov.kind, "robust")

    @property
    def moment_steps(self) -> int | str:
        """1, 2 or "iterated"."""
        return self.moments.steps if self.moments else 2

    @property
    def efficient(self) -> bool:
        """Whether a GMM's covariance is that of its weight: the convention has it so, and both are of the same errors."""
        stepped = self.model == "cue" or (self.model == "gmm" and self.moment_steps != 1)
        return (
            stepped and self.convention.gmm_covariance == "efficient" and WEIGHT_OF.get(self.vcov.kind) == self.moment_weight
        )

    @property
    def own_df(self) -> bool:
        """Whether t of each coefficient has degrees of freedom of its own (Satterthwaite)."""
        return has_own_df(self.convention, self.vcov.kind, iv=self.iv, random=self.model == "random_effects")

    @property
    def needs_order(self) -> bool:
        """Whether its model or covariance reads which period follows which."""
        return self.model in ("first_difference", *OF_DYNAMIC, *SERIES) or self.vcov.in_time

    def panel_columns(self) -> tuple[str, ...]:
        """Which of the study's unit and time the model or the covariance can't do without."""
        if self.model in OF_PANELS:
            return ("unit", "time")
        if self.vcov.kind == CONLEY and self.vcov.lags:
            return ("unit", "time")
        return ("time",) if self.vcov.in_time or self.model in SERIES else ()

    def of_numbers(self) -> dict[str, Any]:
        """What decides the spec's numbers, for a hash. Settings of a convention that came after the first frozen answers
        (`Setting.hashed`) are left out where they don't bear on this spec, are at their default, or are the profile's own,
        which is in the hash: so no such answer turns stale by them."""
        body = self.model_dump(mode="json", exclude={"title", "reference", "id"})
        for key in ("data", "kappa", "fuller", "moments", "base", "lower", "upper", "offset", "dynamic", "arma"):
            if body[key] is None:
                del body[key]
        if self.dynamic is not None:  # what came after the first frozen answers, where it is at its default
            body["dynamic"] = {k: v for k, v in body["dynamic"].items() if v or k not in ("instruments", "equation")}
            body["dynamic"]["gmm"] = body["dynamic"]["gmm"] or ({} if self.dynamic.gmm is None else "none")
            if self.dynamic.transform == "differences":
                del body["dynamic"]["transform"]
        body["vcov"] = {k: v for k, v in body["vcov"].items() if v or k not in ("coordinates", "cutoff")}
        bears = {
            "leverage_weights": self.vcov.kind in ROW_LEVERAGE and bool(self.weights and self.weights.analytic),
            "constant": bool(self.formula.effects),
            "kernel_gaps": self.vcov.kind == "NW",
            "kraay_gaps": self.vcov.kind == "DK",
            **dict.fromkeys(("conley_distance", "conley_kernel", "conley_factor"), self.vcov.kind == CONLEY),
            "between_weights": self.model == "between",
            "centred": self.model in OF_MOMENTS,
            "gmm_covariance": self.model in OF_MOMENTS,
            "base_outcome": self.model == "mlogit",
        }
        for name, setting in SETTINGS.items():
            usual = {
                "always": None, "default": Convention.model_fields[name].default,
                "profile": getattr(PROFILES[self.convention.profile], name),
            }[setting.hashed]  # fmt: skip
            if not bears.get(name, True) or getattr(self.convention, name) == usual:
                del body["convention"][name]
        return body

    def columns(self) -> tuple[str, ...]:
        """Every data column the spec reads, derived ones included."""
        names = [*columns_of(self.formula), *columns_of(self.where), *columns_of(self.offset), *self.vcov.columns]
        names += [self.weights.column] if self.weights else []
        if self.model in OF_DYNAMIC:
            names += self.gmm if self.dynamic is None or self.dynamic.gmm is None else ()
            names += self.dynamic.columns if self.dynamic else ()
        return tuple(dict.fromkeys(names))
