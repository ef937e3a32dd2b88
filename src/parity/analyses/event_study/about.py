"""An event study in words: what was estimated, of how many units treated when."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from parity.analyses.event_study.estimated import number
from parity.analyses.event_study.sample import Panel

_METHODS = {
    "twfe": "two-way fixed effects",
    "sun_abraham": "Sun and Abraham's interaction-weighted estimator",
    "callaway_santanna": "Callaway and Sant'Anna's ATT(g, t)",
    "imputation": "imputation (Borusyak, Jaravel and Spiess)",
    "did2s": "two stages (Gardner)",
    "local_projections": "local projections",
    "bacon": "Goodman-Bacon's decomposition",
}
_AGGREGATED = {"dynamic": "by event time", "group": "by cohort", "calendar": "by period", "simple": "one effect"}


def sample_in_words(nobs: Mapping[str, float], clusters: Mapping[str, float]) -> str:
    """How many rows and clusters effects are of, of each horizon where they differ."""

    def ends(of: Mapping[str, float]) -> str:
        low, high = min(of.values()), max(of.values())
        return f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"

    return f"{ends(nobs)} rows" + (f" in {ends(clusters)} clusters" if clusters else "")


def in_a_line(panel: Panel) -> str:
    """Below a table."""
    s = panel.settings
    cohorts, never = _counts(panel)
    return f"{_METHODS[s.method]}, {_AGGREGATED[s.aggregation or '']}; {len(cohorts)} cohorts, {never} never treated"


def _counts(panel: Panel) -> tuple[dict[str, int], int]:
    of_unit = np.full(len(panel.names), np.inf)
    of_unit[panel.unit] = panel.first
    return {number(g): int((of_unit == g).sum()) for g in panel.cohorts}, int(np.isinf(of_unit).sum())


def in_words(panel: Panel, shown: dict[str, dict[str, float]]) -> dict[str, str]:
    """What a page says: name -> text."""
    s = panel.settings
    cohorts, never = _counts(panel)
    window = f"{'all' if s.leads is None else s.leads} leads, {'all' if s.lags is None else s.lags} lags"
    said = {
        "Method": f"{_METHODS[s.method]}, {_AGGREGATED[s.aggregation or '']}",
        "Cohorts": ", ".join(f"{g}: {n} units" for g, n in cohorts.items()) + f"; never treated: {never} units",
        "Sample": sample_in_words(shown["nobs"], shown.get("clusters", {})),
        "Window": f"{window}; anticipation {s.anticipation}",
        "Standard errors": f"clustered by {s.cluster or 'unit'}, {s.convention}'s small-sample factor",
    }
    if s.convention == "none":
        said["Standard errors"] = f"clustered by {s.cluster or 'unit'}, without small-sample factor, normal distribution"
    return said
