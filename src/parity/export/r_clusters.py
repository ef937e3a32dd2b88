"""The part of a clustered covariance in R: one for one cluster variable, else one for every intersection of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from parity.base.r_text import r_element
from parity.conventions.facts import subsets


def clustered(names: Sequence[str], part: Callable[[str], str]) -> list[str]:
    """Lines that make `V`, or `parts` and `sign`. part: R of one, by that of its clusters."""
    if len(names) == 1:
        return [f"V <- {part(r_element('clusters', names[0]))}"]
    sets = []
    for subset in subsets(names):
        columns = ", ".join(r_element("clusters", name) for name in subset)
        sets.append(columns if len(subset) == 1 else f"group(paste({columns}))")
    signs = ", ".join("1" if len(s) % 2 else "-1" for s in subsets(names))
    return [
        "# several cluster variables: single ones are added, pairs subtracted ... (Cameron, Gelbach and Miller 2011)",
        f"sets <- list({', '.join(sets)})",
        f"sign <- c({signs})",
        f"parts <- lapply(sets, function(g) {part('g')})",
    ]
