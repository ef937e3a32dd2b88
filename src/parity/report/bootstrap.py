"""A cluster bootstrap as text: coefficients, their standard errors and intervals."""

from __future__ import annotations

from tabulate import tabulate

from parity.analyses.resampling.bootstrap import METHODS, Bootstrap
from parity.report.text import printable, wrapped


def bootstrap_text(name: str, found: Bootstrap, setting: str) -> str:
    """One analysis. setting: what was drawn and how it was estimated, for the reader."""
    plain = [(term, f"{b:.5g}", f"{found.summaries[term].se:.5g}", _ends(found, term, METHODS[0]))
             for term, b in found.estimates.items()]  # fmt: skip
    corrected = [(term, *(_ends(found, term, method) for method in METHODS[1:])) for term in found.estimates]
    sections = [
        wrapped(f"{name}: {setting}"),
        _table(("coefficient", "estimate", "bootstrap se", METHODS[0]), plain),
        _table(("coefficient", *METHODS[1:]), corrected),
        *map(wrapped, found.notes),
        *(wrapped(f"NOT TO BE RELIED ON: {doubt}") for doubt in found.doubts),
    ]
    return printable("\n\n".join(sections)) + "\n"


def _ends(found: Bootstrap, term: str, method: str) -> str:
    ends = [i for i in found.summaries[term].intervals if i.method == method]
    return ", ".join(f"[{i.low:.5g}, {i.high:.5g}]" for i in ends) or "none"


def _table(headers: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    sides = ("left", *("right" if h in ("estimate", "bootstrap se") else "left" for h in headers[1:]))
    return tabulate(rows, headers=headers, tablefmt="simple", disable_numparse=True, colalign=sides)
