"""The part of a script in R for Conley's spatial covariance: every pair of rows in one matrix."""

from __future__ import annotations

from parity.base.r_text import r_name
from parity.study.spec import Spec


def conley(spec: Spec) -> list[str]:
    """V without the factor that `conley_factor` says, of `fit`, and of the objects places, rows, unit and time."""
    of, chosen = spec.vcov, spec.convention
    reach = [f"with(data, {r_name(c)})[rows][1]" if isinstance(c, str) else f"{c:.17g}" for c in of.cutoff]
    uniform = chosen.conley_kernel == "uniform"
    body = "(distance <= cutoff * (1 + 1e-12)) + 0" if uniform else "pmax(1 - distance / cutoff, 0)"
    lines = [
        f"# Conley (1999): products of scores of rows that are near each other, {chosen.conley_kernel} kernel",
        f"kernel <- function(distance, cutoff) {body}",
        'apart <- function(v) abs(outer(v, v, "-"))',
    ]
    if chosen.conley_distance == "axes":
        reach = reach * len(of.coordinates) if len(reach) == 1 else reach
        each = (f"kernel(apart(places[, {j + 1}]), {c})" for j, c in enumerate(reach))
        lines.append(f"near <- {' * '.join(each)}")
    else:
        lines += [*_KILOMETRES[chosen.conley_distance], f"near <- kernel(km, {reach[0]})", "near <- (near + t(near)) / 2"]
    if of.lags is not None:
        lines.append("near <- near * (apart(time) == 0)  # rows of one period")
    if of.lags:
        lagged = f'lagged <- outer(unit, unit, "==") & apart(time) > 0 & apart(time) <= {of.lags}'
        lines.append(f"{lagged}  # and a unit's own lags")
        lines.append(f"near <- near + lagged * (1 - apart(time) / ({of.lags} + 1))")
    return [
        *lines,
        "scores <- estfun(fit)",
        "V <- bread(fit) %*% t(scores) %*% near %*% scores %*% bread(fit) / length(y)^2",
    ]


_HALF = "sin(apart(places[, 1]) * pi / 360)^2 + outer(cosine, cosine) * sin(apart(places[, 2]) * pi / 360)^2"
_FLAT = "km <- 111 * sqrt(apart(places[, 1])^2 + (cosine * apart(places[, 2]))^2)"
_KILOMETRES = {
    "haversine": ["cosine <- cos(places[, 1] * pi / 180)", f"km <- 2 * 6371 * asin(sqrt(pmin({_HALF}, 1)))"],
    "own_latitude": ["cosine <- cos(places[, 1] * pi / 180)", _FLAT],
    "mean_latitude": [
        'cosine <- cos(outer(places[, 1], places[, 1], "+") / 2 * pi / 180)',
        "around <- pmin(apart(places[, 2]), 360 - apart(places[, 2]))  # across the date line",
        "km <- 111 * sqrt(apart(places[, 1])^2 + (cosine * around)^2)",
    ],
}
