"""docs/quantities.md, everything that is compared, and what tables can show of it: `python docs/build_quantities.py`."""

from __future__ import annotations

import re
from pathlib import Path

from parity.base.quantities import QUANTITIES, Declared
from parity.study.table import OF_INSTRUMENTS, OF_SPECS, OF_WILD

PAGE = Path(__file__).resolve().parent / "quantities.md"
TABLES = PAGE.with_name("tables.md")
HEAD = """\
# Quantities

What parity compares, by the names that records, `parity diff` and `assert_parity` have for it. Differences are
judged relative to a scale: of an *estimate* the number itself or its standard error, whichever is more; its *own* magnitude;
of a *statistic* the same, at least one; of a *probability* p times t², at least 1e-6; a *unit* is one. A *count* is right or
wrong. How much may differ is in `src/parity/base/tolerance.py`. A statistic is compared among the engines that report it.
Made by `python docs/build_quantities.py` from `src/parity/base/quantities.py`.
"""
PARTS = {
    "Of a coefficient": ("term", "pair"), "Of the whole model": ("model", "effect", "cluster"),
    "Diagnostics of instruments": ("instruments",),
}  # fmt: skip


def page() -> str:
    out = [HEAD]
    for title, of in PARTS.items():
        rows = [_row(q) for q in QUANTITIES if q.of in of]
        head = ["| name | | what it is | judged as | in tables |", "|---|---|---|---|---|"]
        out.append("\n".join([f"## {title}", "", *head, *rows, ""]))
    return "\n".join(out)


def _row(q: Declared) -> str:
    judged = "count" if q.exact else q.scale
    table = f'`"{q.table}"`' if q.table else ""
    return f"| `{q.name}` | {q.label.rstrip(',')} | {q.definition} | {judged} | {table} |"


def with_statistics(text: str) -> str:
    """docs/tables.md with the names that a table's `statistics` may have."""
    specs, instruments = (", ".join(f"`{name}`" for name in names) for names in ((*OF_SPECS, *OF_WILD), OF_INSTRUMENTS))
    said = f"of specs: {specs}; of specs with `diagnostics = true`: {instruments}; of mediation"
    return re.sub(r"of specs: .*; of specs with `diagnostics = true`: .*; of mediation", lambda _: said, text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    TABLES.write_text(with_statistics(TABLES.read_text(encoding="utf-8")), encoding="utf-8")
