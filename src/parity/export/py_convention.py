"""The part of a Python script that applies the declared convention: the counts, the factor, the degrees of freedom.

Written apart from `parity.conventions.formulas`, whose numbers it must reproduce: the script counts levels, nesting and
components itself.
"""

from __future__ import annotations

from parity.conventions.profiles import CLUSTERED
from parity.export.py_columns import Columns
from parity.export.py_model import frequency, repeats_rows
from parity.export.py_shared import Fitted
from parity.export.py_text import py_list, py_string
from parity.export.r_convention import OF_NESTING, df_rule, factor_text
from parity.study.spec import Spec


def convention(spec: Spec, columns: Columns, fitted: Fitted) -> list[str]:
    """From `se` (or `parts`) to `se` and `df` under the declared convention."""
    chosen = spec.convention
    large = not chosen.small or (spec.iv and not chosen.iv_small)
    rule = "normal" if large else df_rule(spec)
    scale = "" if large or fitted.scaled else factor_text(spec)
    lines = _counts(spec, columns, "K" in (scale + fitted.unwanted), scale, rule, fitted)
    return [*lines, *_scaled(spec, fitted, scale), _df(spec, rule, lines)]


def _scaled(spec: Spec, fitted: Fitted, scale: str) -> list[str]:
    if fitted.parts:
        signs = "(-1) ** (len(s) - 1)"
        if scale and spec.convention.cluster_groups == "each":
            own = scale.replace("G / (G - 1)", "groups(s) / (groups(s) - 1)")
            return [
                "# each part with its own number of clusters",
                f"variance = sum({signs} * {own} * v for s, v in zip(sets, parts))",
                "se = np.sqrt(variance)",
            ]
        lines = [f"variance = sum({signs} * v for s, v in zip(sets, parts))"]
        return [*lines, f"se = np.sqrt({f'{scale} * ' if scale else ''}variance)"]
    lines = []
    if fitted.unwanted:
        lines.append(f"se = np.sqrt(1 / ({fitted.unwanted})) * se  # the package's own factor, which no option turns off")
    if scale:
        lines.append(f"se = np.sqrt({scale}) * se  # the small-sample factor")
    return lines


def _counts(spec: Spec, columns: Columns, scale_k: bool, scale: str, rule: str, fitted: Fitted) -> list[str]:
    effects, clustered = columns.effects, spec.vcov.kind in CLUSTERED
    weighted = frequency(spec) and not repeats_rows(spec)
    lines = [f"N = int(d[{py_string(columns.weight)}].sum())" if weighted else "N = len(d)"]
    wants_k = scale_k or rule in ("min", "lfe")
    wants_all = rule in ("resid", "slopes", "lfe", "min periods")
    checks = bool(effects) and clustered and spec.convention.count_fixef == "panel"
    if checks and not (wants_k or wants_all):
        lines.append(f"effects = {py_list(effects)}")
    if effects and (wants_k or wants_all):
        lines += [
            "k = len(b)  # coefficients"
            if spec.convention.constant != "extra"
            else "k = len(b) + 1  # coefficients, and a constant beside the fixed effects",
            f"effects = {py_list(effects)}",
            "L = [d[f].nunique() for f in effects]  # levels",
        ]
    if "periods" in scale or rule in ("periods", "min periods"):
        lines.append(f"periods = d[{py_string(columns.time)}].nunique()")
    if spec.vcov.kind == "DK" and spec.vcov.lags and spec.convention.kraay_gaps == "kept":
        lines += [
            f"years = np.sort(d[{py_string(columns.time)}].unique())",
            'assert (np.diff(years) == 1).all(), "a period is missing: no package here counts lags in units of time"',
        ]
    if clustered and ("G" in scale or rule in ("groups", "min", "lfe")):
        lines.append(_groups(spec, columns))
        if "G" in scale and fitted.parts and spec.convention.cluster_groups == "each":
            lines.append("groups = lambda s: d.groupby(s).ngroups  # clusters of a part")
    reads = spec.convention.count_fixef in OF_NESTING
    if effects and clustered and (rule in ("min", "lfe") or (wants_k and reads) or checks):
        lines += _inside(spec, columns)
    if checks:
        lines.append('assert inside[0], "panels are not nested within clusters: xtreg refuses"')
    if not effects:
        return [*lines, "K = len(b)  # coefficients"] if wants_k or wants_all else lines
    if wants_k:
        lines += _k(spec)
    if wants_all and (f"K = {_full(spec)}" not in lines or "if any(inside):" in lines):
        lines.append(f"K_all = {_full(spec)}  # coefficients and every fixed effect")
    return lines


def _groups(spec: Spec, columns: Columns) -> str:
    if len(columns.clusters) == 1:
        return f"G = d[{py_string(columns.clusters[0])}].nunique()  # clusters"
    return f"G = min(d[g].nunique() for g in {py_list(columns.clusters)})  # clusters of the variable that has fewest"


def _inside(spec: Spec, columns: Columns) -> list[str]:
    rule = "all" if spec.convention.count_fixef == "linearmodels" else "any"
    if len(columns.clusters) == 1:
        test = f"inside_clusters(f, {py_string(columns.clusters[0])})"
    else:
        test = f"{rule}(inside_clusters(f, g) for g in {py_list(columns.clusters)})"
    return [f"inside = [{test} for f in effects]  # nested in the clusters"]


def _full(spec: Spec) -> str:
    """K with every fixed effect, less the coefficients that are redundant among them."""
    effects, rule = spec.formula.effects, spec.convention.redundant
    if len(effects) == 1:
        return "k + L[0]"
    if rule == "levels":
        return f"k + sum(L) - {len(effects) - 1}"
    if len(effects) == 2:
        return "k + sum(L) - components(d[effects[0]], d[effects[1]])"
    if rule == "exact":
        return "k + np.linalg.matrix_rank(indicators(d, effects))"
    return f"k + sum(L) - {_redundant(spec)}(effects)"


def _redundant(spec: Spec) -> str:
    return "redundant_pair" if spec.convention.redundant == "first_pair" else "redundant"


def _k(spec: Spec) -> list[str]:
    chosen, full = spec.convention, _full(spec)
    if spec.vcov.kind not in CLUSTERED:
        if spec.vcov.kind == "iid" or chosen.count_robust == "full":
            return [f"K = {full}"]
        return ["K = k  # the fixed effects are not counted"]
    one = len(spec.formula.effects) == 1
    match chosen.count_fixef:
        case "none":
            return ["K = k  # the fixed effects are not counted"]
        case "full":
            return ["# fixed effects count, nested or not", f"K = {full}"]
        case "nonnested":
            return ["# nested fixed effects do not count; the constant does", *_nonnested(spec, full)]
        case "lfe":
            return [
                "# no fixed effect counts once one is nested; the constant does",
                f"K = k + 1 if any(inside) else {full}",
            ]
        case "linearmodels":
            return ["# a nested fixed effect does not count", f"K = k if inside[0] else {full}"] if one else [f"K = {full}"]
    return [
        "# the panels do not count; the constant and other effects, which are dummies, do",
        f"K = {full} - L[0] + 1",
    ]


def _nonnested(spec: Spec, full: str) -> list[str]:
    n = len(spec.formula.effects)
    if n == 1:
        return [f"K = k + 1 if inside[0] else {full}"]
    free = "free = [f for f, nested in zip(effects, inside) if not nested]"
    levels = "sum(d[f].nunique() for f in free)"
    if spec.convention.constant == "at_least_one":
        lost = " - max(len(free) - 1, 0)" if spec.convention.redundant == "levels" else f" - {_redundant(spec)}(free)"
        lost = "" if n == 2 else lost
        return [f"K = {full}", "if any(inside):", f"    {free}", f"    K = k + max(1, {levels}{lost} - 1)"]
    if spec.convention.redundant == "levels":
        return [free, f"K = k + max(1, {levels} - max(len(free) - 1, 0))"]
    lost = "" if n == 2 else f" - {_redundant(spec)}(free)"
    return [f"K = {full}", "if any(inside):", f"    {free}", f"    K = k + max(1, {levels}{lost})"]


def _df(spec: Spec, rule: str, counted: list[str]) -> str:
    effects = bool(spec.formula.effects)
    everything = "K_all" if any(line.startswith("K_all = ") for line in counted) else "K"
    least = "min(G - 1, N - (K - any(inside)))" if effects else "min(G - 1, N - K)"
    match rule:
        case "satterthwaite":
            return "# t of each coefficient has the degrees of freedom found above"
        case "normal":
            return "df = np.inf  # normal distribution"
        case "resid":
            return f"df = N - {everything}"
        case "slopes":
            constant = spec.formula.intercept and not effects
            return f"df = N - {everything}" + (" + 1  # the constant is not counted" if constant else "")
        case "groups":
            return "df = G - 1"
        case "min":
            return f"df = {least}" + ("  # the constant is not counted here" if effects else "")
        case "lfe":
            return f"df = {least} if any(inside) else N - {everything}"
        case "min periods":
            return f"df = min(periods - 1, N - {everything})"
    return "df = periods - 1"
