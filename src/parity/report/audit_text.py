"""An audit as text for a terminal of 80 columns: the verdict, what the claim hangs on, then short tables."""

from __future__ import annotations

from collections.abc import Sequence

import wcwidth
from tabulate import tabulate

from parity.report.audit_block import Block
from parity.report.audit_first import caveats, sentences
from parity.report.audit_sentence import audit_sentence
from parity.report.audit_words import ABOUT, blocks
from parity.report.chinese import Told, as_it_is
from parity.report.text import WIDTH, printable, wrapped
from parity.results.audit import Audit

NO_BREAK = "\N{NO-BREAK SPACE}%"


def audit_text(audit: Audit, told: Told = as_it_is) -> str:
    """The whole audit. told: in which language its first lines are."""
    every = blocks(audit)
    new = [i == 0 or every[i - 1].part != block.part for i, block in enumerate(every)]
    sections = [_block(block, ABOUT.get(block.part, "") if first else "") for block, first in zip(every, new, strict=True)]
    first, *more = map(told, sentences(audit) or ("",))
    space = " " if told is as_it_is else ""
    lines = (first, space.join(more), space.join(map(told, caveats(audit))), audit_sentence(audit))
    parts = [*map(_said, lines), *sections]
    return printable("\n\n".join(p for p in parts if p)) + "\n"


def _block(block: Block, about: str) -> str:
    """about: what the section is about, where the block is its first."""
    table = [_table(block.heads, block.rows)] if block.rows else []
    head = [_said(about)] if about else []
    return "\n".join([*head, *map(_said, block.before), *table, *map(_said, block.after)])


def _said(text: str) -> str:
    """Lines of a terminal; a number stays beside its percent sign."""
    return wrapped(text.replace(" %", NO_BREAK)).replace(NO_BREAK, " %")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """As wide as a terminal at most: the first column is cut for it."""
    columns = zip(*(r[1:] for r in rows), strict=True)
    # tabulate leaves two columns beside a heading
    beside = [max(len(h) + 2, *map(wcwidth.wcswidth, column)) for h, column in zip(heads[1:], columns, strict=True)]
    room = WIDTH - sum(beside) - 2 * len(beside)
    cut = [(_cut(first, room), *rest) for first, *rest in rows]
    return tabulate(cut, heads, colalign=("left", *("right" for _ in heads[1:])), disable_numparse=True)


def _cut(text: str, most: int) -> str:
    """To so many columns of a terminal."""
    text = printable(text)
    if wcwidth.wcswidth(text) <= most:
        return text
    while text and wcwidth.wcswidth(text) >= most:
        text = text[:-1]
    return text + "…"
