"""A package on a terminal: 80 columns, what differs first."""

from __future__ import annotations

from collections.abc import Iterator

import wcwidth

from parity.base.printing import printing
from parity.package.document import ExhibitOf, Package
from parity.report.package.words import command_of, findings, first_line, number, place, reasons

WIDTH = 80
#: Most rows of a kind that are listed; the JSON and the page have all.
MOST = 20


def package_text(package: Package, *, verbose: bool = False) -> str:
    """verbose: every row."""
    most = 10**9 if verbose else MOST
    blocks = [[first_line(package)], [f"{package.package}: {package.classification} ({package.classification_why})"]]
    blocks.append(list(package.said))
    blocks.append(list(_table(package, most)))
    blocks.append(list(_differing(package, most)))
    blocks.append(list(_explained(package, most)))
    blocks.append([f"not verified: {n} {'number' if n == 1 else 'numbers'}: {r}" for r, n in reasons(package)[:most]])
    blocks.append(_more([_unread(n) for n in package.not_verified], most, "not read"))
    blocks.append(_more([str(f) for f in findings(package)], most, "findings"))
    blocks.append(list(_engines(package)))
    p = package.programs
    if p.statements:
        files = f"{len(p.do_files)} do-file{'s' * (len(p.do_files) != 1)}"
        ran = f"{p.statements:,} statements: {p.run:,} run, {p.failed} not, {p.lost} without their data"
        blocks.append([f"{files}, {ran}; {p.estimated} of {p.estimations} estimations estimated."])
    out = []
    for block in blocks:
        lines = [line for text in block for line in (wrapped(text) if not isinstance(text, _Row) else [text])]
        if lines:
            out.append("\n".join(lines))
    return "\n\n".join(out) + "\n"


class _Row(str):
    """A line that is laid out already."""


def wrapped(text: str) -> list[str]:
    clean = printing(text, keep="")
    return wcwidth.wrap(clean, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _more(rows: list[str], most: int, what: str) -> list[str]:
    return rows[:most] + ([f"... and {len(rows) - most} more {what}; --verbose lists all"] if len(rows) > most else [])


def _table(package: Package, most: int) -> Iterator[str]:
    """A line an exhibit, those with something to say first."""
    if not package.exhibits:
        return
    order = {"differs": 0, "not verified": 1, "explained": 2, "reproduced": 3}
    rows = sorted(package.exhibits, key=lambda e: order[e.worst])
    yield _Row(f"{'exhibit':<44}{'numbers':>8}{'=':>6}{'~':>6}{'x':>6}{'?':>6}")
    yield _Row("-" * 76)
    for exhibit in rows[:most]:
        yield _Row(_line(exhibit))
    if len(rows) > most:
        rest = rows[most:]
        yield _Row(_counts(f"... {len(rest)} others", rest))
    yield _Row("=  reproduced   ~  explained   x  differs   ?  not verified")


def _line(exhibit: ExhibitOf) -> str:
    return _counts(exhibit.id, [exhibit])


def _counts(name: str, exhibits: list[ExhibitOf]) -> str:
    name = name if wcwidth.width(name) <= 43 else "..." + _tail(name, 40)
    name += " " * (44 - wcwidth.width(name))
    cells = sum(len(e.cells) for e in exhibits)
    counts = [sum(e.count(v) for e in exhibits) for v in ("reproduced", "explained", "differs", "not verified")]
    return f"{name}{cells:>8}" + "".join(f"{n or '':>6}" for n in counts)


def _tail(text: str, width: int) -> str:
    while wcwidth.width(text) > width:
        text = text[1:]
    return text


def _differing(package: Package, most: int) -> Iterator[str]:
    rows: list[str] = []
    for exhibit in package.exhibits:
        for cell in exhibit.cells:
            if cell.verdict == "differs":
                why = cell.reason or f"printed {cell.printed}, estimated {number(cell.estimated)}"
                rows.append(f"DIFFERS {place(exhibit, cell)}: {why} [{command_of(exhibit, cell.column)[:70]}]")
    yield from _more(rows, most, "that differ")


def _explained(package: Package, most: int) -> Iterator[str]:
    """Each cause once for all the numbers that it explains."""
    rows: dict[tuple, int] = {}
    for exhibit in package.exhibits:
        for cell in exhibit.cells:
            if cell.verdict == "explained":
                where = exhibit.id + (f", column {cell.column}" if len(exhibit.columns) > 1 else "")
                key = (where, tuple((c.id, c.text) for c in cell.causes), command_of(exhibit, cell.column))
                rows[key] = rows.get(key, 0) + 1
    texts = [
        f"EXPLAINED {where}, {n} number{'s' * (n > 1)}: " + "; ".join(f"{i}: {t}" for i, t in causes) + f" [{command[:70]}]"
        for (where, causes, command), n in rows.items()
    ]
    yield from _more(texts, most, "that are explained")


def _engines(package: Package) -> Iterator[str]:
    """How many commands every engine agrees on, and the others."""
    asked = {(c.command.file, c.command.line, c.command.text): c.engines
             for e in package.exhibits for c in e.columns if c.engines and c.command is not None}  # fmt: skip
    if not asked:
        return
    agree = [key for key, text in asked.items() if "engines agree" in text and not text.startswith("not all")]
    yield f"{len(agree)} of {len(asked)} commands: all engines that can estimate them agree."
    for (file, line, _), text in asked.items():
        if (file, line, _) not in agree:
            yield f"{file}:{line}: {text}"


def _unread(n) -> str:
    where = f"{n.file}:{n.line}" if n.line else n.file
    return f"NOT READ {where}: {n.reason}" + (f": {n.text.strip()[:60]}" if n.text else "")
