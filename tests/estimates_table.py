"""The estimates of a small do-file as esttab's table, to be altered and held against the do-file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from parity.stata.do import Estimation, run_do

#: Reads `data_into`'s file; what a do-file's table is written by.
READ, WRITE = "import delimited d.csv, clear\n", "esttab using t.csv, replace se star(* 0.10 ** 0.05 *** 0.01)\n"
LEVELS = (0.1, 0.05, 0.01)


def data_into(folder: Path, rows: int = 200) -> None:
    """y of x and w, v of x and z, in twenty groups g, four groups h."""
    rng = np.random.default_rng(8)
    x, w, z = (rng.normal(size=rows) for _ in range(3))
    y = x * 0.5 - 0.4 * w + rng.normal(size=rows) + rng.normal(size=20)[np.arange(rows) % 20] * 0.5
    v = 0.3 * x + 0.2 * z + rng.normal(size=rows)
    lines = [
        ",".join([*(f"{a:.8f}" for a in row), str(i % 20), str(4 * i // rows)])
        for i, row in enumerate(zip(y, x, w, z, v, strict=True))
    ]
    (folder / "d.csv").write_text("\n".join(["y,x,w,z,v,g,h", *lines]) + "\n")
    (folder / "README.md").write_text("Needs estout.\n")


def esttab(folder: Path, code: str, below: str = "se", levels: tuple[float, ...] = LEVELS, note: bool = True) -> str:
    """Three decimals, N below. below: "se" or "t" in parentheses; note: whether it says so, and the levels of its stars"""
    estimates = run_do(code, folder).estimations
    lines = [_line("", [f"({i + 1})" for i in range(len(estimates))]), _line("", [outcome(e) for e in estimates])]
    for term in dict.fromkeys(c.term for e in estimates for c in e.coefficients):
        held = [next((c for c in e.coefficients if c.term == term), None) for e in estimates]
        lines.append(_line(term, [f"{c.b:.3f}{'*' * sum(c.p < cut for cut in levels)}" if c else "" for c in held]))
        lines.append(_line("", [f"({getattr(c, below):.3f})" if c else "" for c in held]))
    lines.append(_line("N", [f"{e.estimated.numbers['N']:.0f}" for e in estimates]))
    said = {"se": "Standard errors", "t": "t statistics"}[below]
    marks = ", ".join(f"{'*' * (i + 1)} p<{cut:g}" for i, cut in enumerate(levels))
    return "\n".join([*lines, *([f'"{said} in parentheses"', f'"{marks}"'] if note else [])]) + "\n"


def outcome(e: Estimation) -> str:
    return e.fit.request.outcome.factors[0].name


def _line(label: str, texts: list[str]) -> str:
    return ",".join(f'"{text}"' for text in (label, *texts))
