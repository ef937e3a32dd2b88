"""The part of a script that applies the declared convention: the counts, the factor of V, the degrees of freedom.

Written apart from `parity.conventions.formulas`, whose numbers it must reproduce: the script counts levels, nesting and
components itself.
"""

from __future__ import annotations

from parity.base.r_text import one_line
from parity.conventions.kinds import CLUSTERED, CONLEY, UNSCALED
from parity.export.r_model import whole_design
from parity.study.spec import Spec

#: Values of `count_fixef` that ask whether an effect is nested in the clusters.
OF_NESTING = ("nonnested", "lfe", "linearmodels", "panel")


def convention(spec: Spec) -> list[str]:
    """From V (or its parts) without factor to V and df under the declared convention."""
    chosen, many = spec.convention, len(spec.vcov.cluster) > 1
    summed = ["V <- Reduce(`+`, Map(`*`, sign, parts))"] if many else []
    if not chosen.small or (spec.iv and not chosen.iv_small):
        return [*summed, "df <- Inf  # large-sample inference: no small-sample factor, normal distribution"]
    scale, rule = factor_text(spec), df_rule(spec)
    counted = _counts(spec, scale, rule)
    return [*counted, *(_scaled(spec, scale) if scale else summed), _df(spec, rule, counted)]


def shown_counts(lines: list[str]) -> str:
    """A line that prints those of N, K, G and df that the script has counted."""
    named = [name for name in ("N", "K", "G", "periods", "df") if name == "N" or any(_sets(name, line) for line in lines)]
    return "cat(" + ", ".join(f'"{"" if n == "N" else " "}{n} =", {n}' for n in named) + ', "\\n")'


def _sets(name: str, line: str) -> bool:
    return line.startswith(f"{name} <- ")


def _has_k(scale: str) -> bool:
    return "K" in scale


def factor_text(spec: Spec) -> str:
    """The factor as R source; empty where it is one. N, K, G, periods are counted in the script."""
    kind, chosen = spec.vcov.kind, spec.convention
    if kind in UNSCALED:
        return ""
    of_effects = "N / (N - (K - k))" if spec.formula.effects else ""
    if kind == "iid":
        return {"none": "", "n/(n-k)": "N / (N - K)", "(n-1)/(n-k)": "(N - 1) / (N - K)", "n/(n-a)": of_effects}[chosen.iid]
    if kind == "HC1":
        return {"none": "", "n/(n-k)": "N / (N - K)", "n/(n-1)": "N / (N - 1)", "n/(n-a)": of_effects}[chosen.robust]
    if kind in ("DK", "NW"):
        kernels = {"none": "", "n/(n-k)": "N / (N - K)"}
        return kernels.get(chosen.kernel, "periods / (periods - 1) * (N - 1) / (N - K)")
    shares = {"none": "", "n/(n-k)": "N / (N - K)", "(n-1)/(n-k)": "(N - 1) / (N - K)"}
    if kind == CONLEY:
        return shares[chosen.conley_factor]
    share = shares[chosen.cluster_scale]
    groups = "" if chosen.cluster_groups == "none" else "G / (G - 1)"
    return " * ".join(filter(None, (groups, share)))


def df_rule(spec: Spec) -> str:
    """Which degrees of freedom: normal, resid, groups, min, lfe, periods, min periods."""
    kind, chosen = spec.vcov.kind, spec.convention
    if spec.model == "random_effects" and chosen.t_random == "normal":
        return "normal"
    if kind in CLUSTERED:
        no_effects = chosen.t_cluster == "lfe" and not spec.formula.effects
        return "resid" if no_effects else chosen.t_cluster
    if kind in ("DK", "NW"):
        return "min periods" if chosen.t_kernel == "min" else chosen.t_kernel
    return chosen.t_iid if kind == "iid" else chosen.t_robust


# ---------------------------------------------------------------- counts


def _counts(spec: Spec, scale: str, rule: str) -> list[str]:
    """k, L, G, inside (nested effects), K and K_all, as far as factor and df need them."""
    effects, clustered = spec.formula.effects, spec.vcov.kind in CLUSTERED
    wants_k = _has_k(scale) or rule in ("min", "lfe")
    wants_all = rule in ("resid", "slopes", "lfe", "min periods")
    lines = []
    if effects and (wants_k or wants_all):
        levels = "levels of " + one_line(", ".join(str(e) for e in effects))
        lines += [
            "k <- length(b)  # coefficients"
            if spec.convention.constant != "extra"
            else "k <- length(b) + 1  # coefficients, and a constant beside the fixed effects",
            f"L <- sapply(effects, max)  # {levels if len(levels) < 80 else 'levels of each fixed effect'}",
        ]
    if "periods" in scale:
        lines.append("periods <- length(unique(time))")
    if clustered and ("G" in scale or rule in ("groups", "min", "lfe")):
        lines += _groups(spec, scale)
    if effects and clustered and (rule in ("min", "lfe") or (_has_k(scale) and spec.convention.count_fixef in OF_NESTING)):
        lines += _inside(spec)
    if not effects:
        return [*lines, "K <- length(b)  # coefficients"] if wants_k or wants_all else lines
    if wants_k:
        lines += _k(spec)
    if wants_all and f"K <- {_full(spec)}" not in lines:
        lines.append(f"K_all <- {_full(spec)}  # coefficients and every fixed effect")
    return lines


def _inside(spec: Spec) -> list[str]:
    one = len(spec.vcov.cluster) == 1
    which = "all" if spec.convention.count_fixef == "linearmodels" else "any"  # in every cluster variable, or in one
    within = "nrow(unique(cbind(g, {}))) == max(g)"
    whether = within.format("clusters[[1]]") if one else f"{which}(sapply(clusters, function(h) {within.format('h')}))"
    return [
        "# whether an effect is nested in clusters: each of its levels lies in one cluster",
        f"inside <- sapply(effects, function(g) {whether})",
    ]


def _groups(spec: Spec, scale: str) -> list[str]:
    if len(spec.vcov.cluster) == 1:
        return ["G <- max(clusters[[1]])  # clusters"]
    if spec.convention.cluster_groups == "each" and "G" in scale:
        return ["G <- sapply(sets, max)  # clusters of each part"]
    return ["G <- min(sapply(clusters, max))  # clusters of the variable that has fewest"]


def _full(spec: Spec) -> str:
    """K with every fixed effect, less the coefficients that are redundant among them."""
    effects, rule = spec.formula.effects, spec.convention.redundant
    if len(effects) == 1:
        return "k + L[[1]]"
    if rule == "levels":
        return f"k + sum(L) - {len(effects) - 1}"
    if rule == "exact" or len(effects) == 2:
        return f"k + {_rank(spec)}"
    return f"k + sum(L) - {_redundant(spec)}(effects)"


def _redundant(spec: Spec) -> str:
    return "redundant_pair" if spec.convention.redundant == "first_pair" else "redundant"


def _rank(spec: Spec) -> str:
    """Rank of all dummies together, read off the fit."""
    return "sum(!own)" if whole_design(spec) else "max(L) + sum(!own)"


def _k(spec: Spec) -> list[str]:
    effects, chosen, full = spec.formula.effects, spec.convention, _full(spec)
    if spec.vcov.kind not in CLUSTERED:
        if spec.vcov.kind == "iid" or chosen.count_robust == "full":
            return [f"K <- {full}"]
        return ["K <- k  # the fixed effects are not counted"]
    match chosen.count_fixef:
        case "none":
            return ["K <- k  # the fixed effects are not counted"]
        case "full":
            return ["# fixed effects count, nested or not", f"K <- {full}"]
        case "nonnested":
            constant = "counts only where nothing else does" if chosen.constant == "at_least_one" else "does"
            return [f"# nested fixed effects do not count; the constant {constant}", f"K <- {_nonnested(spec, full)}"]
        case "lfe":
            return [
                "# no fixed effect counts once one is nested; the constant does",
                f"K <- if (any(inside)) k + 1 else {full}",
            ]
        case "linearmodels":
            if len(effects) == 1:
                return ["# a nested fixed effect does not count", f"K <- if (inside) k else {full}"]
            return [f"K <- {full}"]
    return [
        'if (!inside[1]) stop("panels are not nested within clusters: xtreg refuses")',
        "# the panels do not count; the constant and other effects, which are dummies, do",
        f"K <- {full} - L[[1]] + 1",
    ]


def _nonnested(spec: Spec, full: str) -> str:
    """Nested effects leave one coefficient, the constant; the rest count less their redundant ones."""
    if len(spec.formula.effects) == 1:
        return f"if (inside) k + 1 else {full}"
    if spec.convention.constant == "at_least_one":
        lost = "(sum(!inside) - 1)" if spec.convention.redundant == "levels" else f"{_redundant(spec)}(effects[!inside])"
        rest = "sum(L[!inside])" + ("" if len(spec.formula.effects) == 2 else f" - {lost}")
        return f"if (any(inside)) k + max(1, {rest} - 1) else {full}"
    if spec.convention.redundant == "levels":
        return "k + max(1, sum(L[!inside]) - (sum(!inside) - 1))"
    if len(spec.formula.effects) == 2:
        return f"if (any(inside)) k + max(1, L[!inside]) else {full}"
    return f"if (any(inside)) k + max(1, sum(L[!inside]) - {_redundant(spec)}(effects[!inside])) else {full}"


# ---------------------------------------------------------------- factor and degrees of freedom


def _scaled(spec: Spec, scale: str) -> list[str]:
    if len(spec.vcov.cluster) < 2:
        return [f"V <- {scale} * V"]
    if spec.convention.cluster_groups == "each":
        return [f"V <- Reduce(`+`, Map(`*`, sign * {scale}, parts))  # each part with its own number of clusters"]
    return [f"V <- {scale} * Reduce(`+`, Map(`*`, sign, parts))"]


def _df(spec: Spec, rule: str, counted: list[str]) -> str:
    effects = bool(spec.formula.effects)
    everything = "K_all" if any(_sets("K_all", line) for line in counted) else "K"
    smallest = "min(sapply(clusters, max)) - 1" if len(spec.vcov.cluster) > 1 else "G - 1"
    # reghdfe's df leaves out the constant that its factor counts beside nested effects
    least = f"min({smallest}, N - (K - any(inside)))" if effects else f"min({smallest}, N - K)"
    match rule:
        case "satterthwaite":
            return "# t of each coefficient has the degrees of freedom found above"
        case "normal":
            return "df <- Inf  # normal distribution"
        case "resid":
            return f"df <- N - {everything}"
        case "slopes":
            constant = spec.formula.intercept and not effects
            return f"df <- N - {everything}" + (" + 1  # the constant is not counted" if constant else "")
        case "groups":
            return f"df <- {smallest}"
        case "min":
            return f"df <- {least}" + ("  # the constant is not counted here" if effects else "")
        case "lfe":
            return f"df <- if (any(inside)) {least} else N - {everything}"
        case "min periods":
            return f"df <- min(length(unique(time)) - 1, N - {everything})"
    return "df <- length(unique(time)) - 1  # periods less one"
