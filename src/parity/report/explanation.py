"""An explanation as text for a terminal of 80 columns."""

from __future__ import annotations

import wcwidth

from parity.diagnose.explanation import Explanation, Solution

WIDTH = 80
#: Solutions printed in full; the rest are named.
SHOWN = 3


def explanation_text(explanation: Explanation) -> str:
    """The verdict first, then each solution with its formula, source, and how to ask for the other behaviour."""
    if explanation.verdict == "agree":
        return "The numbers are what the declared convention gives: nothing to explain.\n"
    lines: list[str] = []
    if explanation.causes:
        alike = len(explanation.causes)
        head = "EXPLAINED" if alike == 1 else f"EXPLAINED by {alike} causes that these numbers cannot tell apart"
        lines += [head + ":"]
        for solution in explanation.causes[:SHOWN]:
            lines += _solution(solution)
        if alike > SHOWN:
            rest = ", ".join(" + ".join(s.ids) for s in explanation.causes[SHOWN:])
            lines += ["", *_wrap(f"as well as: {rest}")]
    else:
        lines += ["NOT EXPLAINED: no cause, alone or with others, reproduces these numbers."]
        if explanation.nearest:
            miss = explanation.nearest
            lines += _wrap(f"nearest miss: {miss.id}, which leaves {miss.residual:.2g} (relative)")
        lines += _wrap(f"ruled out: {', '.join(sorted(explanation.ruled_out))}")
    if explanation.possible:
        names = ", ".join(" + ".join(s.ids) for s in explanation.possible[:8])
        lines += ["", *_wrap(f"Possible too, but of families so large that chance may fit one: {names}")]
    if explanation.untried:
        lines += ["", *_wrap(f"Not tried, too costly on this many rows: {', '.join(explanation.untried)}")]
    return "\n".join(lines) + "\n"


def _solution(solution: Solution) -> list[str]:
    lines: list[str] = []
    for cause in solution.causes:
        lines += ["", *_wrap(cause.sentence, "  ")]
        lines += _wrap(cause.formula, "    ") if cause.formula else []
        lines += _wrap(f"source: {cause.source}", "    ")
        lines += [line for who, what in cause.how.items() for line in _wrap(f"{who}: {what}", "    ")]
        lines += [f"    cause: {cause.id}"]
    if solution.profile:
        lines += _wrap(f"together: what {solution.profile} does by default", "  ")
    return [*lines, f"  what is left: {solution.residual:.1e} (relative)"]


def _wrap(text: str, indent: str = "") -> list[str]:
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return wcwidth.wrap(clean, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)
