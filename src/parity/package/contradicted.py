"""Which causes say that a printed number is of something else than what its command asks for.

A program's own arithmetic and counting, its small-sample factors, how digits are rounded: these explain a number of the
command. Another sample, other clusters, another command's column explain a number that the command doesn't give: what is
printed and what is handed in contradict each other, and a green run would hide it.
"""

from __future__ import annotations

from functools import cache

#: Causes that a package itself shows, and that leave the number its command's.
_OWN = ("float-storage", "digits-cut", "clusters-in-runs", "another-statistic")
#: Groups of the catalogue in which programs differ, whatever a command asks for.
_GROUPS = ("counting", "distribution", "arithmetic")
#: Of its other groups, those that are a program's way to do what the command asks for. Kinds of covariance (HC0 to HC4, CR0
#: to CR3) and how moments are weighted or centred aren't: a command names them (`vce()`, `wmatrix()`, `center`, `igmm`).
_OF_PROGRAMS = (
    "no-cluster-factor", "per-component-clusters", "smallest-cluster-factor", "psd-repair",
    "leverage-without-weights", "leverage-without-raw-weights", "leverage-with-weights", "leverage-loses-a-dummy",
    "leverage-kind-with-factor", "jackknife-factor", "expected-information", "observed-information",
    "newey-west-gaps-closed", "newey-west-by-rows", "newey-west-gaps-kept", "driscoll-kraay-gaps-kept",
    "driscoll-kraay-gaps-closed", "gmm-covariance-of-the-weight", "gmm-sandwich",
    "another-base-level", "other-collinear-column-dropped", "variance-components-harmonic", "variance-components-exact",
    "cut-not-rounded", "rounded-twice", "rounded", "single-precision-numbers", "single-precision-data",
    "large-sample-iv", "small-sample-iv", "large-sample", "small-sample", "between-by-rows", "between-alike",
    "singletons-kept", "singletons-dropped", "singletons-by-rows", "other-percentile-rule",
)  # fmt: skip


@cache
def conventional(id: str) -> bool:
    """Whether a cause leaves a number that of its command: only another program, or another version, prints it so."""
    from parity.diagnose.catalogue import BY_ID

    return id in _OWN or id in _OF_PROGRAMS or (id in BY_ID and BY_ID[id].group in _GROUPS)
