"""What is written of each cause: the pages of docs/causes/, which are in the package too, whole or their example alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from parity.base.cache import PACKAGE

#: In a wheel, and beside the package in a checkout.
PLACES = (PACKAGE / "_docs" / "causes", PACKAGE.parent.parent / "docs" / "causes")


@dataclass(frozen=True)
class Block:
    """A piece of an example: kind is "quote", "table" or "text"; rows: its lines, of a table the cells of its rows."""

    kind: str
    rows: tuple[tuple[str, ...], ...]


@cache
def pages() -> Mapping[str, Path]:
    """Cause -> its page, by name; empty where the installation has none."""
    for folder in PLACES:
        found = {p.stem: p for p in sorted(folder.glob("*.md"), key=lambda p: p.stem) if p.name != "README.md"}
        if found:
            return found
    return {}


@cache
def page_text(cause: str) -> str:
    """The page of a cause in Markdown, without links to other pages; empty where there is none."""
    file = pages().get(cause)
    if file is None:
        return ""
    return file.read_text(encoding="utf-8").split("\n[All causes](README.md)")[0].rstrip("\n") + "\n"


def first_sentence(cause: str) -> str:
    """What its page says the cause is."""
    blocks = page_text(cause).split("\n\n")
    return blocks[1].strip() if len(blocks) > 1 else ""


def example(cause: str) -> tuple[Block, ...]:
    """The worked example on the page of a cause; empty where it has none."""
    _, _, after = page_text(cause).partition("\n## Example\n")
    return tuple(_block(text.strip()) for text in after.split("\n## ")[0].split("\n\n") if text.strip())


def _block(text: str) -> Block:
    lines = text.splitlines()
    if all(line.startswith("|") for line in lines):
        cells = [tuple(cell.strip() for cell in line.strip().strip("|").split("|")) for line in lines]
        return Block("table", tuple(row for row in cells if any(c.strip(":-") for c in row) or not any(row)))
    if all(line.startswith(">") for line in lines):
        return Block("quote", tuple((line[1:].strip(),) for line in lines))
    return Block("text", tuple((line,) for line in lines))
