"""Why a convention moves a number, in words: what its rules count, and what the declared ones do."""

from __future__ import annotations

import math
from collections.abc import Sequence

from parity.conventions.kinds import BY_NAME, OF_ROWS
from parity.conventions.profiles import CLUSTERED, PROFILES, UNSCALED
from parity.conventions.settings import SETTINGS
from parity.report.figures import short
from parity.results.spec_page import Outcome, SpecDetail

_COUNT = {
    "full": "all fixed effects count",
    "nonnested": "fixed effects nested in a cluster don't count",
    "none": "no fixed effect counts",
    "lfe": "none counts once one is nested in a cluster",
    "linearmodels": "all count, unless the only one is nested in every cluster variable",
    "panel": "all count but the panel variable",
}
_GROUPS = {
    "min": "G/(G−1) is that of the smallest cluster variable",
    "each": "each component has its own G/(G−1)",
    "none": "there is no G/(G−1)",
}
_SCALE = {"none": "there is no factor for K", "n/(n-k)": "N/(N−K)", "(n-1)/(n-k)": "(N−1)/(N−K)"}
_WORDED = ("count_fixef", "count_robust", "cluster_groups", "cluster_scale", "kernel")
_KERNEL = {"none": "no factor", "n/(n-k)": "N/(N−K)", "t/(t-1)*(n-1)/(n-k)": "T/(T−1) · (N−1)/(N−K)"}


def distribution(df: float) -> str:
    if math.isnan(df):
        return "t with degrees of freedom of each coefficient's own"
    return "the normal distribution" if math.isinf(df) else f"t with {df:,.0f} degrees of freedom"


def rules(outcome: Outcome, detail: SpecDetail) -> str:
    """`K = 21, variance × 1.23526, t with 9 degrees of freedom`"""
    named = [f"variance × {short(f)}" + (f" ({name})" if len(outcome.factors) > 1 else "")
             for name, f in outcome.factors.items()]  # fmt: skip
    k = [] if _kind(detail) in UNSCALED else [f"K = {outcome.k}"]
    return ", ".join([*k, *named, distribution(outcome.df)])


def reasons(outcome: Outcome, declared: Outcome, detail: SpecDetail) -> tuple[str, ...]:
    """What this outcome's rules do otherwise than the declared ones; empty for the declared convention itself."""
    if outcome.declared or not outcome.profiles:
        return ()
    theirs = PROFILES[outcome.profiles[0]].model_dump()
    ours = detail.settings or PROFILES["regress"].model_dump()
    return tuple([*_factors(outcome, declared, detail, theirs, ours), *_distribution(outcome, declared)])


def _kind(detail: SpecDetail) -> str:
    return detail.vcov.split(" ")[0].split("(")[0]


def _factors(outcome: Outcome, declared: Outcome, detail: SpecDetail, theirs: dict, ours: dict) -> list[str]:
    if outcome.factors == declared.factors:
        return []
    kind, said = _kind(detail), []
    if all(f == 1 for f in outcome.factors.values()):
        return ["no small-sample factor is applied"]
    if all(f == 1 for f in declared.factors.values()):
        said.append("a small-sample factor is applied")
    if outcome.k != declared.k:
        rule = theirs["count_fixef"] if kind in CLUSTERED else ("full" if kind == "iid" else theirs["count_robust"])
        said.append(f"K = {outcome.k} instead of {declared.k}: {_COUNT[rule]}")
    if kind in CLUSTERED:
        if theirs["cluster_scale"] != ours["cluster_scale"]:
            scale = _SCALE[theirs["cluster_scale"]]
            said.append(scale if " " in scale else f"the variance is scaled by {scale}")
        if theirs["cluster_groups"] != ours["cluster_groups"]:
            said.append(_GROUPS[theirs["cluster_groups"]])
    elif kind in ("DK", "NW") and theirs["kernel"] != ours["kernel"]:
        said.append(f"the variance is scaled by {_KERNEL[theirs['kernel']]}")
    return [*said, *_others(kind, theirs, ours)]


def _others(kind: str, theirs: dict, ours: dict) -> list[str]:
    """Settings without words of their own here, by those of their declaration: `factor of HC1: N/(N - 1)`."""
    factors = [name for name in BY_NAME[kind].settings if name not in (*_WORDED, *OF_ROWS)]
    changed = [name for name in factors if theirs[name] != ours.get(name, theirs[name])]
    return [f"{_uncapped(SETTINGS[n].meaning).rstrip('.')}: {SETTINGS[n].values[str(theirs[n])][0]}" for n in changed]


def _uncapped(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _distribution(outcome: Outcome, declared: Outcome) -> list[str]:
    if outcome.df == declared.df or (math.isnan(outcome.df) and math.isnan(declared.df)):
        return []
    if math.isfinite(outcome.df) and math.isfinite(declared.df):
        return [f"t has {outcome.df:,.0f} degrees of freedom instead of {declared.df:,.0f}"]
    return [f"inference is by {distribution(outcome.df)} instead of {distribution(declared.df)}"]


def listed(words: Sequence[str], last: str = "and") -> str:
    """`a, b and c`"""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""
