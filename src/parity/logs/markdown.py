"""Markdown tables: rows between bars, with or without a rule below the heading; grid tables of pandoc."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parity.logs.exhibit import Place
from parity.logs.sheet import Grid, Item, Sheet
from parity.printed.grids import RULE, unmarked

_CAPTION = re.compile(r"(?:Table)?: +(.*?)(?<!\s)(?:\s*+\{#[^{}]*+\})?\s*+$|#+ +(.*)|\*\*(.*)\*\*")


def sheets(text: str, file: str) -> Iterator[Sheet]:
    """Every block of two lines or more that begin with a bar. Raises `TooLarge`."""
    lines = text.split("\n")
    at = behind = 0
    while at < len(lines):
        if not _bar(lines[at]) or at + 1 >= len(lines) or not _bar(lines[at + 1]):
            at += 1
            continue
        start, grid = at, Grid()
        while at < len(lines) and _bar(lines[at]):
            if not RULE.fullmatch(lines[at]):
                grid.add(Item(cell, Place(file, at + 1)) for cell in cells(lines[at]))
            at += 1
        above = [
            Item(unmarked(line), Place(file, i + 1)) for i, line in enumerate(lines[behind:start], behind) if line.strip()
        ]
        below, end = _below(lines, at, file)
        raw = [line.strip() for line in lines[behind:start] if line.strip()]
        title = next((found for line in reversed(raw[-2:]) if (found := _title(line))), "")
        yield Sheet(grid.done(), "md", Place(file, start + 1), title, tuple(above[-3:]), tuple(below))
        behind = at = end


def _bar(line: str) -> bool:
    return bool(re.match(r"\s{0,8}(?:\||\+[-=+:]+\+\s*$)", line))


def cells(line: str) -> list[str]:
    r"""Cells of a row: parted at bars that aren't written `\|`."""
    bare = line.strip().removeprefix("|")
    bare = bare if bare.endswith("\\|") else bare.removesuffix("|")
    return [_of_index(unmarked(cell)) for cell in re.split(r"(?<!\\)\|", bare)]


def _of_index(cell: str) -> str:
    """`('coef', 'value')`, a row of a pandas index that pyfixest prints, is `value`; `('inv', '(1)')` is `inv (1)`."""
    found = re.fullmatch(r"\('(coef|fe|stats|[^']*)', '([^']*)'\)", cell.strip())
    if not found:
        return cell
    return found[2] if found[1] in ("coef", "fe", "stats") else f"{found[1]} {found[2]}"


def _below(lines: list[str], at: int, file: str) -> tuple[list[Item], int]:
    """Lines behind a table up to the next heading, table, or two paragraphs on."""
    below: list[Item] = []
    blanks = 0
    while at < len(lines) and not _bar(lines[at]) and not lines[at].startswith("#") and blanks < 3:
        if lines[at].strip():
            below.append(Item(unmarked(lines[at]), Place(file, at + 1)))
        else:
            blanks += 1
        at += 1
    return below, at


def _title(text: str) -> str:
    found = _CAPTION.fullmatch(text.strip())
    return next((part for part in found.groups() if part), "") if found else ""
