"""What a report knows of one spec beside its verdicts: the optional section `details` of `parity-report/1`.

Everything a rendered page shows comes from here and from the records, so a report kept as JSON renders again without
running anything.
"""

from __future__ import annotations

from pydantic import Field

from parity.base.values import Value
from parity.results.cause import Cause, certain


class Sample(Value):
    """What was counted from the estimation sample; see `parity.conventions.facts.Facts`."""

    nobs: int
    nobs_weighted: float
    missing: int = 0
    zero_weight: int = 0
    singletons: int = 0
    dropped: tuple[str, ...] = ()
    levels: dict[str, int] = Field(default={}, description="fixed effect -> levels")
    nested: dict[str, tuple[str, ...]] = Field(default={}, description="fixed effect -> cluster variables it is nested in")
    clusters: dict[str, int] = Field(default={}, description="cluster variables joined by ^ -> clusters")
    periods: int = 0


class EngineDetail(Value):
    """One engine's answer, brought to what was compared.

    values   one number per entry of `SpecDetail.quantities`; null where this engine has none
    how      "native": its own covariance; "by factor": brought to the convention by the exact factor
    """

    engine: str
    transport: str
    how: str
    accuracy: str
    values: tuple[float | None, ...]
    versions: dict[str, str] = {}
    command: str = ""
    warnings: tuple[str, ...] = ()


class Outcome(Value):
    """The same estimates under one convention, and the profiles that give these very numbers.

    k         coefficients counted in the small-sample factor
    factors   what multiplies the uncorrected variance, by component of the clustering ("" where there is one only)
    df        degrees of freedom of t; infinite for the normal distribution, NaN where each coefficient has its own: own_df
    se        engine -> one standard error per term; an engine that is missing can't be brought here without a refit
    """

    profiles: tuple[str, ...]
    declared: bool = False
    k: int
    factors: dict[str, float]
    df: float
    own_df: dict[str, float] = {}
    se: dict[str, tuple[float | None, ...]] = {}


class PrintedDetail(Value):
    """A printed number of this spec, as printed. entry: numbers of one entry of the study share one record."""

    entry: int
    quantity: str
    term: str = ""
    text: str
    source: str
    kind: str = "published"


class Traced(Value):
    """What the search for the cause of one disagreement found. The record is named by its kind and its two sides.

    causes  together they reproduce the numbers; empty where nothing does
    others  further solutions that these numbers can't tell apart from the first, as ids joined by +
    chance  expected number of combinations that random numbers of this precision would fit
    worlds  how many combinations of causes were tried
    """

    kind: str
    reference: str
    candidate: str
    causes: tuple[Cause, ...] = ()
    others: tuple[str, ...] = ()
    chance: float = 0.0
    worlds: int = 0

    @property
    def proven(self) -> bool:
        """Whether chance is no explanation, see `parity.diagnose.chance`."""
        return bool(self.causes) and certain(self.chance)


class SpecDetail(Value):
    """One spec: what was asked, of which sample, what every engine answered, and what other conventions would give.

    model        the spec's, or "iv" where its formula has instruments
    quantities   (quantity, term) pairs; the entries of the covariance are compared too, but not listed
    outcomes     the declared convention first, then those that give other numbers
    refused      profile -> why its command would refuse this spec
    refit        profile -> why its numbers take an estimate of their own: another sample, other variance components
    scripts      language -> standalone script
    """

    study: str
    spec: str
    mode: str = "harmonised"
    study_title: str = ""
    title: str = ""
    formula: str
    model: str
    where: str = ""
    offset: str = ""
    weights: str = ""
    vcov: str
    convention: str = Field(description="profile, and the settings that differ from it")
    settings: dict[str, str | bool] = Field(default={}, description="every setting of the declared convention")
    sample: Sample | None = None
    terms: tuple[str, ...] = ()
    quantities: tuple[tuple[str, str], ...] = ()
    engines: tuple[EngineDetail, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    refused: dict[str, str] = {}
    refit: dict[str, str] = {}
    published: tuple[PrintedDetail, ...] = ()
    traced: tuple[Traced, ...] = ()
    scripts: dict[str, str] = {}
    data_hash: str = ""
    spec_hash: str = ""
