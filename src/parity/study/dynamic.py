"""Instruments and steps of a dynamic panel's GMM, as study.toml writes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, StrictBool, field_validator

from parity.base.values import Value
from parity.study.formula import Column, Expr, Item, columns_of
from parity.study.grammar import FormulaError, parse_expression, parse_formula

Steps = Annotated[Literal[1, 2], PlainSerializer(lambda steps: steps)]


class Dynamic(Value):
    """What instruments the equations of a dynamic panel have, and in how many steps its moments are weighted.

    gmm       column -> [first, last] lags of its levels that are instruments of the differences, or [first] for all there
              are; of a system its difference first - 1 periods ago is one of the levels. Default: the outcome's from 2 on;
              {} is none
    collapse  one instrument a lag, in place of one a lag and period: of all columns, or of those named
    standard  regressors, as they are called among the coefficients, that are instruments of themselves; by default all
              that are made of no column of `gmm`
    instruments  terms that are instruments and no regressors, "i(year)"
    equation  column of `gmm`, or name of a standard instrument -> where alone it is one: in the "difference" or the "level"
              equations. Of the levels a column of `gmm` then has its differences at all its lags
    transform what takes the effects out: first "differences", or forward "orthogonal" deviations
    weight    of the first step, the inverse of Z'HZ: H of differenced independent errors and, of levels, the identity
              ("differences": xtabond, xtdpdsys, xtdpd), with what both share ("joint": xtabond2, pgmm), or "identity"
    levels    where standard instruments of a system's levels stand: "none" (xtdpdsys), in one column with those of the
              differences ("both": xtabond2), or beside them ("separate": pgmm)
    variance  of errors: half the squared differences over their number, "n" (xtabond2), or that less the coefficients;
              the squared deviations of the "orthogonal" ones, and under weight "identity" of the last equation's rows
    steps     1: under the weights that independent errors of one variance have; 2: once more with the first one's residuals
    """

    gmm: dict[str, tuple[int, ...]] | None = Field(default=None, description="column -> [first, last] lags, or [first]")
    collapse: StrictBool | tuple[str, ...] = False
    standard: tuple[str, ...] | None = None
    instruments: tuple[str, ...] = ()
    equation: dict[str, Literal["difference", "level", "both"]] = Field(default={}, description="name -> equation")
    transform: Literal["differences", "orthogonal"] = "differences"
    weight: Literal["differences", "joint", "identity"] = "differences"
    levels: Literal["none", "both", "separate"] = "none"
    variance: Literal["n-k", "n"] = "n-k"
    steps: Steps = Field(default=1, description="1 or 2")

    @field_validator("gmm", mode="before")
    @classmethod
    def _lagged(cls, gmm: Any) -> Any:
        if gmm is None:
            return gmm
        if not isinstance(gmm, dict):
            raise ValueError(f"a table of columns, {{ n = [2, 4] }}, is needed, not `{gmm}`")
        for column, lags in gmm.items():
            whole = isinstance(lags, list | tuple) and all(type(lag) is int for lag in lags)
            if not whole or not 1 <= len(lags) <= 2 or lags[0] < 1 or lags[-1] < lags[0]:
                said = list(lags) if isinstance(lags, tuple) else lags
                raise ValueError(f"`{column} = [first]` or `[first, last]`, lags from 1 on, is needed, not `{said}`")
        return gmm

    @field_validator("instruments")
    @classmethod
    def _terms(cls, terms: tuple[str, ...]) -> tuple[str, ...]:
        for term in terms:
            try:
                items_of(term)
            except FormulaError as error:
                raise ValueError(f"instruments: `{term}`: {error}") from None
        return terms

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that its instruments are made of."""
        lagged = (c for name in self.gmm or () for c in columns_of(source_of(name)))
        return tuple(dict.fromkeys([*lagged, *(c for term in self.instruments for c in columns_of(items_of(term)))]))

    def collapsed(self, column: str) -> bool:
        """Whether the lags of a column of `gmm` are an instrument each."""
        return self.collapse if isinstance(self.collapse, bool) else column in self.collapse

    @field_validator("steps", mode="before")
    @classmethod
    def _counted(cls, value: Any) -> Any:
        if value in (1, 2) and not isinstance(value, bool):
            return value
        raise ValueError(f"steps = 1 or 2, not `{value}`")


def source_of(name: str) -> Expr:
    """What a key of `gmm` is: an expression, or a column under a name that is none."""
    try:
        return parse_expression(name)
    except FormulaError:
        return Column(name)


def items_of(term: str) -> tuple[Item, ...]:
    """A standard instrument as terms of a formula. Raises `FormulaError`."""
    return parse_formula(f"y ~ {term}").exog
