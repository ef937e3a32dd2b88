"""Every choice behind a composite index, as a named setting with its default and the reason for it.

`[index.NAME]` in `study.toml`; `[index.NAME.variants]` names tables of settings that differ from it. The default is what
most papers of provincial panels do: min-max to [0, 1], entropy weights over all rows at once, one level.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from parity.base.errors import suggest
from parity.base.values import Value

#: Key -> what stands there, as a message ends.
FORMS = {
    "index": 'a table, [index.NAME], with indicators = [{ column = "...", direction = "+" }, ...]',
    "indicators": 'a list of tables, [{ column = "...", direction = "+" }, ...]',
    "direction": '"+" (more is better) or "-" (less is better)',
    "variants": "a table of tables, NAME = { setting = value }",
}
_SIGNS = {"+": "+", "-": "-", "\N{MINUS SIGN}": "-", "positive": "+", "negative": "-", "正": "+", "负": "-",
          "正向": "+", "负向": "-"}  # fmt: skip


def _sign(value: Any) -> Any:
    if not isinstance(value, str) or value not in _SIGNS:
        raise ValueError(f'direction is "+" (more is better) or "-" (less is better), not `{value}`')
    return _SIGNS[value]


class Indicator(Value):
    """One column of an index. unit: what a table says it is measured in; it is no setting, and moves no number."""

    column: str
    direction: Annotated[Literal["+", "-"], BeforeValidator(_sign)]
    dimension: str | None = None
    unit: str = Field(default="", exclude=True)


def _number(default: float, description: str, **limits: float) -> Any:
    return Field(default=default, description=description, strict=False, allow_inf_nan=False, **limits)


class IndexSettings(Value):
    """One way of making an index from its indicators."""

    indicators: tuple[Indicator, ...] = Field(min_length=1)

    method: Literal["entropy", "pca", "critic", "cv", "equal", "given"] = Field(
        default="entropy", description="how indicators are weighted; entropy is what nearly every paper of the family uses"
    )
    weights: dict[str, float] | None = Field(default=None, description='column -> weight, for method = "given"')
    aggregate: Literal["sum", "topsis"] = Field(
        default="sum", description="weighted sum, or closeness to the ideal row (TOPSIS); a sum is what readers expect"
    )

    scaling: Literal["minmax", "ratio", "vector", "zscore", "none"] = Field(
        default="minmax",
        description="(x - min)/(max - min); x/max and min/x; x/root of sum of squares; (x - mean)/sd; x itself. "
        "Min-max, since it alone takes any unit and sign",
    )
    range: tuple[float, float] = Field(
        default=(0.0, 1.0), description="what min-max maps to; [0.0001, 0.9999] keeps logs finite, [0, 1] needs no excuse"
    )
    shift: float = _number(0.0, "added to every scaled value (0.0001, 0.001, 0.01 are met); none, since 0 ln 0 = 0", ge=0)
    scaled_floor: float = _number(0.0, "scaled values below it are raised to it (0.002 is met); none", ge=0)
    negatives: Literal["refuse", "shift"] = Field(
        default="refuse",
        description="scaled values below zero where shares are needed: refuse, or move the column up by its minimum. "
        "Refused, because the move changes every weight",
    )

    entropy_k: Literal["rows", "periods", "units"] = Field(
        default="rows",
        description="entropy is divided by the log of the number of rows it sums over, so that 1 means no dispersion; "
        "ln T or ln N with pooled sums are met, and let entropy exceed 1",
    )
    add_in_log: float = _number(0.0, "p ln(p + this): 1e-10 is met; none, since the limit 0 ln 0 = 0 needs none", ge=0)
    share_floor: float = _number(0.0, "shares below it are raised to it (1e-100, 0.002 are met); none", ge=0)

    over: Literal["pooled", "year", "base"] = Field(
        default="pooled", description="rows that fix minimum, maximum and weights: all, each year's, or the base year's. "
        "All, so that scores compare over time"
    )  # fmt: skip
    base: float | None = Field(default=None, description='the base year, for over = "base"', allow_inf_nan=False)
    weigh_over: Literal["pooled", "year", "base"] | None = Field(
        default=None, description="rows that fix the weights, where it isn't those of `over`"
    )

    levels: Literal["one", "two"] = Field(
        default="one", description="weights over all indicators at once, or within dimensions and then between them"
    )
    between: Literal["same", "equal"] = Field(
        default="same", description="weights of dimensions in two levels: by the same method, or equal"
    )
    times: float = _number(1.0, "scores are multiplied by it; 100 is met", gt=0)

    missing: Literal["refuse", "drop", "interpolate"] = Field(
        default="refuse", description="missing indicators: refuse, no score for the row, or linear within unit over time. "
        "Refused, because each of the others is a decision of the author"
    )  # fmt: skip
    interpolate: Literal["indicators", "scores"] = Field(
        default="indicators",
        description="what is interpolated: indicators before scaling, or scores of incomplete rows after",
    )
    edges: Literal["missing", "nearest", "extrapolate"] = Field(
        default="nearest", description="before the first and after the last known year: left missing (Stata's ipolate), the "
        "nearest value, or the line through the two nearest (ipolate, epolate). Nearest never leaves the observed range"
    )  # fmt: skip
    constant: Literal["zero", "refuse"] = Field(
        default="zero", description="a column without variation: weight 0, said aloud, or refused"
    )

    ddof: Literal[0, 1] = Field(default=1, description="standard deviations divide by n - ddof; 1 as in Stata and R")
    dispersion_of: Literal["scaled", "raw"] = Field(
        default="scaled", description='what method = "cv" divides sd by mean of; scaled, so that direction counts'
    )
    critic_correlation: Literal["signed", "absolute"] = Field(
        default="signed", description="conflict is the sum of 1 - r (Diakoulaki 1995), or of 1 - |r|"
    )

    pca_matrix: Literal["correlation", "covariance"] = Field(
        default="correlation", description="of the scaled indicators; correlation as Stata's pca and SPSS"
    )
    pca_keep: Literal["kaiser", "share", "all", "first"] = Field(
        default="kaiser",
        description="components kept: eigenvalue above the mean eigenvalue, as many as reach pca_share, all, "
        "the first alone (Stata's pca and predict)",
    )
    pca_share: float = _number(0.8, "cumulated share of variance to reach; 0.8 and 0.85 are met", gt=0, le=1)
    pca_shares_of: Literal["kept", "total"] = Field(
        default="kept", description="a component weighs its eigenvalue over the sum of those kept, or of all"
    )
    pca_sign: Literal["sum", "largest", "first"] = Field(
        default="sum", description="a component points where its loadings' sum, largest or first loading is positive; "
        "eigenvectors have no sign of their own, so one rule must be stated"
    )  # fmt: skip
    pca_scores: Literal["eigenvector", "standardised"] = Field(
        default="eigenvector",
        description="component scores of variance equal to the eigenvalue (Stata's predict), or one (SPSS)",
    )
    pca_form: Literal["scores", "weights"] = Field(
        default="scores", description="eigenvalue-weighted sum of component scores, or its coefficients' absolute values, "
        "scaled to sum 1, as weights of the scaled indicators"
    )  # fmt: skip
    topsis_weights: Literal["values", "distances"] = Field(
        default="values", description="weights multiply the values (Hwang and Yoon 1981) or the squared distances"
    )

    @model_validator(mode="before")
    @classmethod
    def _names_of_methods(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("method") in ("topsis", "entropy-topsis"):
            return {**value, "method": "entropy", "aggregate": "topsis"}
        return value

    @field_validator("range")
    @classmethod
    def _rising(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not (math.isfinite(value[0]) and math.isfinite(value[1]) and 0 <= value[0] < value[1]):
            raise ValueError("range is [low, high] with 0 <= low < high")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> IndexSettings:
        columns = [i.column for i in self.indicators]
        double = sorted({c for c in columns if columns.count(c) > 1})
        if double:
            raise ValueError(f"the column `{double[0]}` stands twice among the indicators")
        if (self.method == "given") != (self.weights is not None):
            raise ValueError('method = "given" and weights = { column = number } go together')
        for column in self.weights or {}:
            if column not in columns:
                raise ValueError(f"weights: `{column}` is no indicator{suggest(column, columns)}")
        lacking = [c for c in columns if self.weights is not None and c not in self.weights]
        if lacking:
            raise ValueError(f"weights: there is none for `{lacking[0]}`")
        if self.weights and (min(self.weights.values()) < 0 or not 0 < sum(self.weights.values()) < math.inf):
            raise ValueError("weights are not negative, and not all zero")
        if ("base" in (self.over, self.weigh_over)) != (self.base is not None):
            raise ValueError('over = "base" and base = YEAR go together')
        undimensioned = [i.column for i in self.indicators if i.dimension is None]
        if self.levels == "two" and undimensioned:
            raise ValueError(f'levels = "two" needs the dimension of every indicator; `{undimensioned[0]}` has none')
        if self.range != (0.0, 1.0) and self.scaling != "minmax":
            raise ValueError('range belongs to scaling = "minmax"')
        if self.method == "pca" and self.aggregate == "topsis" and self.pca_form == "scores":
            raise ValueError('TOPSIS of a pca index needs pca_form = "weights"')
        return self

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions, in order of appearance."""
        return tuple(dict.fromkeys(i.dimension for i in self.indicators if i.dimension is not None))


class Index(IndexSettings):
    """An index of a study: its main form, and named variants of it. Each gives columns a spec may read.

    `NAME` holds the scores, `NAME.DIMENSION` those of a dimension, `NAME.VARIANT` those of a variant.
    """

    variants: dict[str, IndexSettings] = {}

    @model_validator(mode="before")
    @classmethod
    def _complete_variants(cls, value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("variants"), dict):
            return value
        main = {k: v for k, v in value.items() if k != "variants"}
        try:
            IndexSettings.model_validate(main)
        except ValidationError:  # said once, for the main form
            return main
        return {**main, "variants": {k: _changed(main, v) if isinstance(v, dict) else v
                                     for k, v in value["variants"].items()}}  # fmt: skip

    @model_validator(mode="after")
    def _distinct(self) -> Index:
        both = [name for name in self.variants if name in self.dimensions]
        if both:
            raise ValueError(f"`{both[0]}` is the name of a dimension and of a variant")
        return self

    def forms(self) -> dict[str, IndexSettings]:
        """ "" for the main form, then each variant by name."""
        known = {name: getattr(self, name) for name in IndexSettings.model_fields}
        return {"": IndexSettings.model_construct(**known), **self.variants}  # it was validated with the index

    def columns(self, name: str) -> tuple[str, ...]:
        """The columns that the index `name` makes."""
        return (name, *(f"{name}.{d}" for d in self.dimensions), *(f"{name}.{v}" for v in self.variants))


def _changed(main: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A variant in full. One that names a method of its own takes leave of the main form's weights and aggregation."""
    kept = {k: v for k, v in main.items() if not ("method" in changes and k in ("weights", "aggregate"))}
    if changes.get("over") in ("pooled", "year") and "base" not in changes:
        kept.pop("base", None)
    return {**kept, **changes}
