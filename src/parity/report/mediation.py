"""A mediation analysis as text: coefficients, tests of the products, effects with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from parity.analyses.mediation.effects import Mediation
from parity.report.text import printable, wrapped


def mediation_text(name: str, found: Mediation, setting: str) -> str:
    """One analysis. setting: how it was estimated, for the reader."""
    model = found.model
    through = ", ".join(model.mediators)
    sections = [
        wrapped(f"{name}: {model.outcome} on {model.treatment}, through {through}"),
        wrapped(f"{found.nobs:,} rows{f', {found.clusters} clusters' if found.clusters else ''}. {setting}"),
        _table(("coefficient", "estimate", "se", "t", "p"), [
            (_label(n), c.estimate, c.se, c.t, c.p) for n, c in found.coefficients.items()
        ]),
        _table(("effect", "by", "se", "z", "p"), [
            *((f"indirect {m}", test, t.se, t.z, t.p) for m, tests in found.tests.items() for test, t in tests.items()),
            ("total", "delta method", found.delta.se, found.delta.z, found.delta.p),
        ]),
        _effects(found),
    ]  # fmt: skip
    if found.monte_carlo:
        rows = [(f"indirect {m}", low, high) for m, (low, high) in found.monte_carlo.items()]
        sections.append(_table(("Monte Carlo", "low", "high"), rows))
    sections += [wrapped(note) for note in found.notes]
    return printable("\n\n".join(sections)) + "\n"


#: Coefficients, as the literature letters them.
_LETTERS = {"total": "total (c)", "direct": "direct (c')"}


def _label(name: str) -> str:
    letter = {"first": " (a)", "second": " (b)"}.get(name.split(" ")[0], "")
    return _LETTERS.get(name, f"{name}{letter}")


def _effects(found: Mediation) -> str:
    shown = [n for n in found.effects if not n.startswith(("first ", "second "))]
    if not found.summaries:
        return _table(("effect", "estimate"), [(n, found.effects[n]) for n in shown])
    methods = [i.method for i in found.summaries["indirect"].intervals]
    plain = [(n, found.effects[n], found.summaries[n].se, _ends(found, n, methods[:1])) for n in shown]
    corrected = [(n, *(_ends(found, n, [m]) for m in methods[1:])) for n in shown]
    used = found.summaries["indirect"].used
    return "\n\n".join([
        f"{used:,} bootstrap draws of {'whole clusters' if found.clusters else 'single rows'}:",
        _table(("effect", "estimate", "se", *methods[:1]), plain),
        _table(("effect", *methods[1:]), corrected),
    ])  # fmt: skip


def _ends(found: Mediation, effect: str, methods: Sequence[str]) -> str:
    intervals = [i for i in found.summaries[effect].intervals if i.method in methods]
    return ", ".join(f"[{i.low:.5g}, {i.high:.5g}]" for i in intervals) or "none"


def _table(headers: Sequence[str], rows: Sequence[tuple]) -> str:
    body = [tuple(f"{cell:.5g}" if isinstance(cell, float) else cell for cell in row) for row in rows]
    return tabulate(body, headers=headers, tablefmt="simple", disable_numparse=True,
                    colalign=("left", *("right" if isinstance(c, float) else "left" for c in rows[0][1:])))  # fmt: skip
