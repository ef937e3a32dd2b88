"""Every variant of the catalogue by a number from elsewhere: formulas written here, with the constants that the texts say.

The oracle shares no line with `parity.data.derive`, and what a text promises is held to the id: swapped, they are seen.
"""

from __future__ import annotations

import numpy as np
import pytest

from parity.data.derive.index import Rows, index_scores
from parity.data.derive.variants import VARIANTS, changed
from parity.diagnose.questions.index_search import Target, Targets, explain_index
from parity.study.index import IndexSettings

UNITS, YEARS = 6, 5
UNIT, YEAR = np.repeat(np.arange(UNITS), YEARS), np.tile(np.arange(2011.0, 2011 + YEARS), UNITS)
DOWN = np.array([False, True, False, False])
DIMENSION = "aabb"
#: Drawn so that Kaiser's rule, 80 % and 85 % keep other components, and the rules of signs disagree.
_RNG = np.random.default_rng(752)
X = np.exp(_RNG.normal(size=(UNITS * YEARS, 4)) * [0.4, 0.3, 0.7, 0.2] + 0.25 * _RNG.normal(size=(UNITS * YEARS, 1)) + 1)
GAPS = ((7, 2), (12, 0), (20, 3), (29, 2))  # (row, indicator): inside, and at either end of a unit's years


def gapped() -> np.ndarray:
    x = X.copy()
    for row, j in GAPS:
        x[row, j] = np.nan
    return x


# ---------------------------------------------------------------- by hand


def minmax(x, low=None, high=None):
    low, high = (x.min(0), x.max(0)) if low is None else (low, high)
    return np.where(DOWN, (high - x) / (high - low), (x - low) / (high - low))


def entropy(z, count=None, inside=0.0, floor=0.0):
    p = np.maximum(z / z.sum(0), floor)
    with np.errstate(divide="ignore", invalid="ignore"):
        e = -np.nansum(p * np.log(p + inside), axis=0) / np.log(count or len(z))
    return (1 - e) / (1 - e).sum()


def weighted(z, w=None):
    return z @ (entropy(z) if w is None else w)


def filled(x, edges):
    out = x.copy()
    for unit in range(UNITS):
        rows = np.flatnonzero(unit == UNIT)
        for j in range(out.shape[1]):
            known = [r for r in rows if not np.isnan(x[r, j])]
            for r in rows:
                if np.isnan(x[r, j]):
                    t, y = YEAR[known], x[known, j]
                    a, b = (0, 1) if YEAR[r] < t[0] else (-2, -1)
                    line = y[a] + (YEAR[r] - t[a]) * (y[b] - y[a]) / (t[b] - t[a])
                    within = t[0] < YEAR[r] < t[-1]
                    out[r, j] = np.interp(YEAR[r], t, y) if within or edges == "nearest" else line
    return out


def topsis(z, w, on_distances=False):
    v = z if on_distances else z * w
    by = w if on_distances else 1.0
    best, worst = (np.sqrt((by * (v - end) ** 2).sum(1)) for end in (v.max(0), v.min(0)))
    return worst / (best + worst)


def components(z, *, keep="kaiser", reach=0.0, of_all=False, sign="sum", divide=False, covariance=False, weights=False):
    unit = z - z.mean(0) if covariance else (z - z.mean(0)) / z.std(0, ddof=1)
    # by singular values: `eig` of a matrix that is symmetric but for its last bit may answer in complex numbers
    _, roots, rows = np.linalg.svd(unit, full_matrices=False)
    values, vectors = roots**2 / (len(z) - 1), rows.T
    n = {"kaiser": int((values > values.mean()).sum()), "first": 1,
         "share": int(np.argmax(np.cumsum(values) / values.sum() >= reach)) + 1}[keep]  # fmt: skip
    coefficients = np.zeros(z.shape[1])
    for value, v in zip(values[:n], vectors.T[:n], strict=True):
        points = {"sum": v.sum(), "largest": v[np.argmax(np.abs(v))], "first": v[0]}[sign]
        share = value / (values.sum() if of_all else values[:n].sum())
        coefficients += share * v * np.sign(points) / (np.sqrt(value) if divide else 1)
    if weights:
        return z @ (np.abs(coefficients) / np.abs(coefficients).sum())
    return unit @ coefficients


def critic(z, absolute=False):
    r = np.corrcoef(z.T)
    information = z.std(0, ddof=1) * (1 - (np.abs(r) if absolute else r)).sum(1)
    return information / information.sum()


def variation(x):
    ratio = x.std(0, ddof=1) / x.mean(0)
    return ratio / ratio.sum()


def each_year(make):
    out = np.zeros(len(X))
    for year in np.unique(YEAR):
        rows = year == YEAR
        out[rows] = make(rows)
    return out


def two_levels(equal=False):
    z = minmax(X)
    parts = [[j for j in range(4) if DIMENSION[j] == d] for d in "ab"]
    scores = np.column_stack([weighted(z[:, m]) for m in parts])
    w = np.array([0.5, 0.5]) if equal else entropy((scores - scores.min(0)) / (scores.max(0) - scores.min(0)))
    return scores @ w


def standard_scores():
    z = np.where(DOWN, -1, 1) * (X - X.mean(0)) / X.std(0, ddof=1)
    return weighted(z - z.min(0))


def vector():
    turned = np.where(DOWN, X.max(0) - X, X)
    return weighted(turned / np.sqrt((turned**2).sum(0)))


FIRST = YEAR == 2011
BASE_LOW, BASE_HIGH = X[FIRST].min(0), X[FIRST].max(0)
Z = minmax(X)

#: id -> (what its text must say, scores by hand)
BY_HAND = {
    "minmax": ("min-max to [0, 1]", lambda: weighted(Z)),
    "range_0001": ("[0.0001, 0.9999]", lambda: weighted(0.0001 + 0.9998 * Z)),
    "shift_0001": ("plus 0.0001", lambda: weighted(Z + 0.0001)),
    "shift_001": ("plus 0.001", lambda: weighted(Z + 0.001)),
    "shift_01": ("plus 0.01", lambda: weighted(Z + 0.01)),
    "scaled_floor_002": ("less than 0.002 set to 0.002", lambda: weighted(np.maximum(Z, 0.002))),
    "ratio": ("x/max and min/x", lambda: weighted(np.where(DOWN, X.min(0) / X, X / X.max(0)))),
    "vector": ("root of its sum of squares", vector),
    "zscore": ("z-scores", standard_scores),
    "limit": ("0 ln 0 = 0", lambda: weighted(Z)),
    "add_in_log_1e-10": ("p + 1e-10", lambda: Z @ entropy(Z, inside=1e-10)),
    "share_floor_1e-100": ("1e-100", lambda: Z @ entropy(Z, floor=1e-100)),
    "share_floor_002": ("shares of less than 0.002", lambda: Z @ entropy(Z, floor=0.002)),
    "k_rows": ("rows summed over", lambda: Z @ entropy(Z, 30)),
    "k_periods": ("ln(T)", lambda: Z @ entropy(Z, 5)),
    "k_units": ("ln(N)", lambda: Z @ entropy(Z, 6)),
    "pooled": ("all rows together", lambda: weighted(Z)),
    "by_year": ("separately in each year", lambda: each_year(lambda rows: weighted(minmax(X[rows])))),
    "weights_by_year": (
        "pooled minimum and maximum, weights of each year",
        lambda: each_year(lambda rows: weighted(Z[rows])),
    ),
    "scaled_by_year": (
        "minimum and maximum of each year, pooled weights",
        lambda: weighted(np.column_stack([each_year(lambda rows, j=j: minmax(X[rows])[:, j]) for j in range(4)])),
    ),
    "base_year": (
        "minimum, maximum and weights of the first year",
        lambda: minmax(X, BASE_LOW, BASE_HIGH) @ entropy(minmax(X, BASE_LOW, BASE_HIGH)[FIRST]),
    ),
    "weights_of_base_year": ("pooled minimum and maximum, weights of the first year", lambda: Z @ entropy(Z[FIRST])),
    "one_level": ("one level", lambda: weighted(Z)),
    "two_levels": ("within dimensions, then between", two_levels),
    "two_levels_equal": ("dimensions weighted equally", lambda: two_levels(equal=True)),
    "entropy": ("entropy weights", lambda: weighted(Z)),
    "topsis": ("entropy weights and TOPSIS", lambda: topsis(Z, entropy(Z))),
    "topsis_distances": ("on squared distances", lambda: topsis(Z, entropy(Z), on_distances=True)),
    "pca": ("Kaiser's rule", lambda: components(Z)),
    "pca_80": ("80 %", lambda: components(Z, keep="share", reach=0.80)),
    "pca_85": ("85 %", lambda: components(Z, keep="share", reach=0.85)),
    "pca_one": ("first principal component alone", lambda: components(Z, keep="first")),
    "pca_total": ("over the sum of all", lambda: components(Z, of_all=True)),
    "pca_standardised": ("variance one", lambda: components(Z, divide=True)),
    "pca_largest": ("sign by the largest one", lambda: components(Z, sign="largest")),
    "pca_first": ("sign by the first loading", lambda: components(Z, sign="first")),
    "pca_covariance": ("covariance matrix", lambda: components(Z, covariance=True)),
    "pca_weights": ("weights from principal components", lambda: components(Z, weights=True)),
    "critic": ("CRITIC weights", lambda: Z @ critic(Z)),
    "critic_absolute": ("1 - |r|", lambda: Z @ critic(Z, absolute=True)),
    "cv": ("coefficient-of-variation weights", lambda: Z @ variation(Z)),
    "cv_raw": ("raw indicators", lambda: Z @ variation(X)),
    "equal": ("equal weights", lambda: Z.mean(1)),
    "times_1": ("as they are", lambda: weighted(Z)),
    "times_100": ("times 100", lambda: 100 * weighted(Z)),
    "interpolated_before": ("interpolated before scaling", lambda: weighted(minmax(filled(gapped(), "nearest")))),
    "gaps_extrapolated": ("ends on the outer line", lambda: weighted(minmax(filled(gapped(), "line")))),
    "gaps_dropped": ("left out", lambda: _whole_rows(fill=False)),
    "interpolated_after": ("scores of incomplete rows interpolated", lambda: _whole_rows(fill=True)),
}


def _whole_rows(fill: bool) -> np.ndarray:
    """Scores of the rows without a gap; those of the others missing, or on the line between them."""
    x, out = gapped(), np.full(len(X), np.nan)
    whole = ~np.isnan(x).any(axis=1)
    out[whole] = weighted(minmax(x[whole]))
    return filled(out[:, None], "nearest")[:, 0] if fill else out


#: What stands against a variant that is the main form as it stands.
DEPARTED = {
    "minmax": {"shift": 0.01}, "limit": {"add_in_log": 0.001}, "k_rows": {"entropy_k": "units"}, "pooled": {"over": "year"},
    "one_level": {"levels": "two"}, "entropy": {"method": "critic"}, "times_1": {"times": 7.0},
    "interpolated_before": {"missing": "drop"},
}  # fmt: skip
ROWS = Rows(UNIT, YEAR, tuple(f"{u} {t:g}" for u, t in zip(UNIT, YEAR, strict=True)))


def settings(**changes) -> IndexSettings:
    parts = [{"column": f"x{j}", "direction": "-" if DOWN[j] else "+", "dimension": DIMENSION[j]} for j in range(4)]
    return IndexSettings(**{"indicators": parts, "missing": "interpolate"} | changes)


def columns(gaps: bool) -> dict[str, np.ndarray]:
    return {f"x{j}": column for j, column in enumerate((gapped() if gaps else X).T)}


def has_gaps(id: str) -> bool:
    return "gap" in id or "interpolated" in id


def test_every_variant_has_its_number():
    assert list(BY_HAND) and set(BY_HAND) == {v.id for v in VARIANTS}


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.id)
def test_a_variant_is_what_its_text_says(variant):
    said, by_hand = BY_HAND[variant.id]
    assert said in variant.text
    form = changed(settings(**DEPARTED.get(variant.id, {})), variant, first_year=2011.0)
    made = index_scores(form, columns(has_gaps(variant.id)), ROWS).scores
    np.testing.assert_allclose(made, by_hand(), rtol=1e-9, atol=1e-12)


def test_variants_tell_apart():
    """The numbers by hand differ pairwise but for those that say the same of the main form, so a swap is seen."""
    same = {"minmax", "limit", "k_rows", "pooled", "one_level", "entropy", "times_1", "share_floor_1e-100"}
    made = {id: by_hand() for id, (_, by_hand) in BY_HAND.items() if id not in same}
    ids = list(made)
    alike = {
        (a, b) for i, a in enumerate(ids) for b in ids[i + 1 :]
        if np.allclose(made[a], made[b], rtol=1e-9, atol=1e-12, equal_nan=True)
    }  # fmt: skip
    assert not alike


@pytest.mark.parametrize("id", ["shift_0001", "shift_001", "shift_01", "base_year", "weights_of_base_year", "pca_80", "cv"])
def test_scores_from_elsewhere_name_their_variant(id):
    targets = Targets({}, {i: Target(float(s)) for i, s in enumerate(BY_HAND[id][1]())})
    found = explain_index(settings(), columns(has_gaps(id)), ROWS, targets)
    assert id in {v.id for match in found.matches if len(match.variants) == 1 for v in match.variants}
    said = {match.text for match in found.matches}
    assert any(BY_HAND[id][0] in text for text in said)
