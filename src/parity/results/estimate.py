"""What an engine answers: an `Estimate`, or why there is none (`Declined`, `Failed`, `Unavailable`). All are values."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from parity.base.values import Value

Matrix = tuple[tuple[float, ...], ...]


Accuracy = Literal["exact", "normal-equations", "iterative"]


class Part(Value):
    """One covariance matrix, and the cluster variables it was clustered by (none for iid, HC, kernel).

    A multiway covariance is the signed sum of one part per non-empty subset of its cluster variables (Cameron,
    Gelbach and Miller 2011), so that a convention which gives each component its own factor can be applied.
    """

    cluster: tuple[str, ...] = ()
    matrix: Matrix


class Printed(Value):
    """Inference for one term as the engine itself reports it."""

    se: float | None = None
    t: float | None = None
    p: float | None = None
    low: float | None = None
    high: float | None = None
    df: float | None = None  # of t, where each coefficient has its own


class Reported(Value):
    """Counts an engine reports by itself. None where it doesn't; parity's own counts must agree where it does."""

    nobs: float | None = None
    df_resid: float | None = None
    levels: dict[str, int] = {}
    clusters: dict[str, int] = {}  # joined by "^" for combinations
    dropped: tuple[str, ...] = ()


class Estimate(Value):
    """One engine's answer for one spec, in canonical names.

    terms, coef     k names and k numbers, intercept `(Intercept)` first where there is one
    parts           k x k covariances, see `Part`
    basis           what the parts carry: "uncorrected" (iid: SSR/N times the bread; else the plain sandwich),
                    or the name of a convention profile whose factor the engine applied itself
    printed         inference as reported by the engine, only where its own convention is the declared one
    df_t            degrees of freedom the engine used for `printed`; infinite for the normal
    stats           r2, r2_within, hausman ...: declared in `parity.results.quantities`
    accuracy        "exact" (orthogonal closed form), "normal-equations" (which square the condition number), or
                    "iterative" (fixed effects absorbed to a tolerance)
    avoids          of an answer as shipped that was asked again: the cause that it does without
                    (`parity.runs.shipped.explain`)
    command         what was run, for a person to read; warnings: what the engine said while it ran
    """

    kind: Literal["estimate"] = "estimate"
    engine: str
    terms: tuple[str, ...]
    coef: tuple[float, ...]
    parts: tuple[Part, ...]
    basis: str
    printed: dict[str, Printed] = {}
    df_t: float | None = None
    stats: dict[str, float] = {}
    reported: Reported = Reported()
    accuracy: Accuracy = "exact"
    avoids: str = ""
    versions: dict[str, str] = {}
    command: str = ""
    warnings: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _shapes(self) -> Estimate:
        k = len(self.terms)
        if len(set(self.terms)) != k:
            raise ValueError("a term is named twice")
        if len(self.coef) != k:
            raise ValueError(f"{k} terms but {len(self.coef)} coefficients")
        if not self.parts:
            raise ValueError("no covariance")
        for part in self.parts:
            if len(part.matrix) != k or any(len(row) != k for row in part.matrix):
                raise ValueError(f"a covariance that is not {k} x {k}")
        return self


class Declined(Value):
    """The engine can't do this spec. `gap` in ibis's words: never (it can't by design), notyet (a later version of
    the package may), notimpl (the package can, parity's adaptor doesn't ask it yet). for_now: of this machine's memory
    as it is, so that the answer isn't kept."""

    kind: Literal["declined"] = "declined"
    engine: str
    gap: Literal["never", "notyet", "notimpl"]
    reason: str
    for_now: bool = False


class Unavailable(Value):
    """Not installed here and nothing frozen; `remedy` says how to get it."""

    kind: Literal["unavailable"] = "unavailable"
    engine: str
    reason: str
    remedy: str = ""


class Failed(Value):
    """The engine was asked and gave no usable answer: error, timeout, crash, or garbage."""

    kind: Literal["failed"] = "failed"
    engine: str
    reason: str
    warnings: tuple[str, ...] = ()


Answer = Annotated[Estimate | Declined | Unavailable | Failed, Field(discriminator="kind")]
