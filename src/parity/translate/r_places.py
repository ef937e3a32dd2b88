"""Lines in R for Conley's spatial errors: every pair of rows in one matrix, by lm() and sandwich."""

from __future__ import annotations

from functools import partial

from parity.stata_language.request import Declined, Request
from parity.translate.names import r_name
from parity.translate.r_terms import base_term, kept_rows, lag_columns, right_side


def conley_lines(request: Request, panel) -> list[str]:
    """Raises `Declined`."""
    if request.absorb or request.endogenous or request.weight:
        raise Declined(f"{request.command}'s effects, instruments or weights have no short form in R beside spatial errors")
    lagged, made = lag_columns(request, panel)
    plain = partial(base_term, made=made)
    return [
        "library(sandwich); library(lmtest)", *lagged,
        f"m <- lm({plain(request.outcome)} ~ {right_side(request, plain)}, {kept_rows(request)})",
        "at <- d[rownames(model.frame(m)), ]", "apart <- function(v) abs(outer(v, v, `-`))", *_near(request),
        "s <- estfun(m) %*% bread(m) / nobs(m)", "coeftest(m, vcov. = t(s) %*% near %*% s, df = Inf)",
    ]  # fmt: skip


def _near(request: Request) -> list[str]:
    """Weights of pairs."""
    places = [f"at${r_name(name)}" for name in request.places]
    if request.settings.get("conley_distance") != "own_latitude":
        reach = [f"at${r_name(c)}[1]" if isinstance(c, str) else f"{c:.15g}" for c in request.cutoffs]
        each = (f"pmax(1 - apart({p}) / {c}, 0)" for p, c in zip(places, reach, strict=True))
        return [f"near <- {' * '.join(each)}"]
    lines = [f"km <- 111 * sqrt(apart({places[0]})^2 + (cos({places[0]} * pi / 180) * apart({places[1]}))^2)"]
    cutoff = f"{request.cutoffs[0]:.15g}"
    uniform = request.settings.get("conley_kernel") == "uniform"
    lines.append(f"near <- (km <= {cutoff}) + 0" if uniform else f"near <- pmax(1 - km / {cutoff}, 0)")
    lines.append("near <- (near + t(near)) / 2")
    if request.lags is None:
        return lines
    time = f"at${r_name(request.time)}"
    lines.append(f"near <- near * (apart({time}) == 0)")
    if request.lags:
        unit, last = f"at${r_name(request.unit)}", request.lags
        lines.append(f"own <- outer({unit}, {unit}, `==`) & apart({time}) > 0 & apart({time}) <= {last}")
        lines.append(f"near <- near + own * (1 - apart({time}) / {last + 1})")
    return lines
