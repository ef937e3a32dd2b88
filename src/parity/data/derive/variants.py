"""The catalogue of index variants met in public code, each as changes to an index's settings.

`parity explain` searches it; the tests compare every entry with R. Ids are short and stable.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from parity.study.index import IndexSettings


@dataclass(frozen=True)
class Variant:
    """settings: what it changes. text: as a half-sentence, after "scores agree with ..." """

    id: str
    settings: dict[str, Any]
    text: str


def _v(id: str, text: str, **settings: Any) -> Variant:
    return Variant(id, settings, text)


SCALING = (
    _v("minmax", "min-max to [0, 1], nothing added", range=(0.0, 1.0), scaling="minmax", shift=0.0, scaled_floor=0.0),
    _v("range_0001", "min-max to [0.0001, 0.9999]", range=(0.0001, 0.9999)),
    _v("shift_0001", "min-max plus 0.0001", shift=0.0001),
    _v("shift_001", "min-max plus 0.001", shift=0.001),
    _v("shift_01", "min-max plus 0.01", shift=0.01),
    _v("scaled_floor_002", "scaled values of less than 0.002 set to 0.002", scaled_floor=0.002),
    _v("ratio", "x/max and min/x in place of min-max", scaling="ratio", range=(0.0, 1.0)),
    _v("vector", "x over the root of its sum of squares in place of min-max", scaling="vector", range=(0.0, 1.0)),
    _v(
        "zscore",
        "z-scores moved up by their minimum in place of min-max",
        scaling="zscore",
        negatives="shift",
        range=(0.0, 1.0),
    ),
)
LOGS = (
    _v("limit", "0 ln 0 = 0, nothing added in the log", add_in_log=0.0, share_floor=0.0),
    _v("add_in_log_1e-10", "p + 1e-10 in the log", add_in_log=1e-10),
    _v("share_floor_1e-100", "shares of less than 1e-100 set to it", share_floor=1e-100),
    _v("share_floor_002", "shares of less than 0.002 set to 0.002", share_floor=0.002),
    _v("k_rows", "k = 1/ln of the rows summed over", entropy_k="rows"),
    _v("k_periods", "k = 1/ln(T) with pooled sums", entropy_k="periods"),
    _v("k_units", "k = 1/ln(N) with pooled sums", entropy_k="units"),
)
ROWS = (
    _v("pooled", "all rows together", over="pooled", weigh_over=None),
    _v("by_year", "scaled and weighted separately in each year", over="year", weigh_over=None),
    _v("weights_by_year", "pooled minimum and maximum, weights of each year", over="pooled", weigh_over="year"),
    _v("scaled_by_year", "minimum and maximum of each year, pooled weights", over="year", weigh_over="pooled"),
    _v("base_year", "minimum, maximum and weights of the first year", over="base", weigh_over=None),
    _v("weights_of_base_year", "pooled minimum and maximum, weights of the first year", over="pooled", weigh_over="base"),
)
LEVELS = (
    _v("one_level", "one level", levels="one"),
    _v("two_levels", "two levels: within dimensions, then between them", levels="two", between="same"),
    _v("two_levels_equal", "two levels, dimensions weighted equally", levels="two", between="equal"),
)
METHODS = (
    _v("entropy", "entropy weights", method="entropy", aggregate="sum"),
    _v("topsis", "entropy weights and TOPSIS", method="entropy", aggregate="topsis"),
    _v("topsis_distances", "entropy weights and TOPSIS, weights on squared distances", method="entropy", aggregate="topsis",
       topsis_weights="distances"),
    _v("pca", "principal components, Kaiser's rule", method="pca", aggregate="sum"),
    _v("pca_80", "components up to 80 % of variance", method="pca", aggregate="sum", pca_keep="share"),
    _v("pca_85", "components up to 85 % of variance", method="pca", aggregate="sum", pca_keep="share", pca_share=0.85),
    _v("pca_one", "the first principal component alone", method="pca", aggregate="sum", pca_keep="first"),
    _v("pca_total", "principal components, eigenvalues over the sum of all", method="pca", aggregate="sum",
       pca_shares_of="total"),
    _v("pca_standardised", "principal components of variance one", method="pca", aggregate="sum", pca_scores="standardised"),
    _v("pca_largest", "principal components, sign by the largest one", method="pca", aggregate="sum", pca_sign="largest"),
    _v("pca_first", "principal components, sign by the first loading", method="pca", aggregate="sum", pca_sign="first"),
    _v("pca_covariance", "principal components of the covariance matrix", method="pca", aggregate="sum",
       pca_matrix="covariance"),
    _v("pca_weights", "weights from principal components on scaled indicators", method="pca", aggregate="sum",
       pca_form="weights"),
    _v("critic", "CRITIC weights", method="critic", aggregate="sum"),
    _v("critic_absolute", "CRITIC weights from 1 - |r|", method="critic", aggregate="sum", critic_correlation="absolute"),
    _v("cv", "coefficient-of-variation weights", method="cv", aggregate="sum"),
    _v("cv_raw", "coefficient-of-variation weights from raw indicators", method="cv", aggregate="sum", dispersion_of="raw"),
    _v("equal", "equal weights", method="equal", aggregate="sum"),
)  # fmt: skip
REPORTING = (
    _v("times_1", "scores as they are", times=1.0),
    _v("times_100", "scores times 100", times=100.0),
)
GAPS = (
    _v("interpolated_before", "gaps interpolated before scaling", missing="interpolate", interpolate="indicators"),
    _v("interpolated_after", "scores of incomplete rows interpolated", missing="interpolate", interpolate="scores"),
    _v("gaps_extrapolated", "gaps interpolated, ends on the outer line", missing="interpolate", interpolate="indicators",
       edges="extrapolate"),
    _v("gaps_dropped", "rows with a gap left out", missing="drop"),
)  # fmt: skip
#: By what they change; two of one family exclude each other.
FAMILIES = (METHODS, SCALING, LOGS, ROWS, LEVELS, GAPS, REPORTING)
VARIANTS = tuple(v for family in FAMILIES for v in family)


def changed(main: IndexSettings, *variants: Variant, first_year: float) -> IndexSettings | None:
    """The settings with the variants applied, or None where they can't be: no dimensions for two levels, say."""
    fields = {k: v for k, v in main.model_dump(exclude={"variants"}).items()}
    for variant in variants:
        fields |= variant.settings
    if fields["method"] != "given":
        fields["weights"] = None
    fields["base"] = (main.base if main.base is not None else first_year) if "base" in (
        fields["over"], fields["weigh_over"]) else None  # fmt: skip
    if fields["scaling"] != "minmax":
        fields["range"] = (0.0, 1.0)
    try:
        return IndexSettings.model_validate(fields)
    except ValidationError:
        return None


def in_words(main: IndexSettings, other: IndexSettings) -> str:
    """What another form of an index changes: as the catalogue says it, else its settings."""
    own, its = main.model_dump(exclude={"indicators"}), other.model_dump(exclude={"indicators"})
    changes = {k: v for k, v in its.items() if v != own[k]}
    for variant in VARIANTS:
        if {k: v for k, v in variant.settings.items() if v != own[k]} == {k: v for k, v in changes.items() if k != "base"}:
            return variant.text.replace("the first year", f"{other.base:g}") if other.base is not None else variant.text
    return ", ".join(f"{k} = {v}" for k, v in changes.items())


def single_changes(main: IndexSettings, first_year: float) -> Iterator[tuple[Variant, IndexSettings]]:
    """Every variant that differs from the settings at hand."""
    for variant in VARIANTS:
        new = changed(main, variant, first_year=first_year)
        if new is not None and new != main:
            yield variant, new
