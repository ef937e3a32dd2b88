"""The words that stand around a window: its title, hypotheses, legend, notes; lines of its tables aside.

Pieces of a line that blanks part are apart: `Likelihood-ratio test      LR chi2(1) = 3.5` holds a title and a statistic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from parity.logs.bars import CROSSED, RULE
from parity.logs.exhibit import Window
from parity.logs.window_words import Said
from parity.printed.lines import Line

#: What such a piece is called among a window's words.
PIECE = "piece"
#: What a number of a two-way table is, in the box above it.
_KEY = re.compile(r"\| +(frequency|(?:row|column|cell) percentage) +\|")
#: A line of a table: its first bar stands behind a blank.
_OF_TABLE = re.compile(r"[^|]*(?:^| )\|")
_LETTER = re.compile(r"[^\W\d_]")
_PARTED = re.compile(r"(?<=[^ :]) {2,}")
#: Windows whose lines are other things: data shown.
_WITHOUT = ("list", "describe", "display", "matrix", "merge")


def with_lines(windows: Sequence[Window], lines: Sequence[Line]) -> list[Window]:
    """Each with the lines between the window above and its own last; the last window has those below it, too."""
    out: list[Window] = []
    behind = 0
    for i, window in enumerate(windows):
        last = window.last if i + 1 < len(windows) else lines[-1].number
        if window.kind not in _WITHOUT:
            mine = [line for line in lines if behind < line.number <= last]
            window = replace(window, words=(*window.words, *_pieces(mine)))
        out.append(window)
        behind = window.last
    return out


def _pieces(lines: Sequence[Line]) -> Iterator[Said]:
    for line in lines:
        if key := _KEY.fullmatch(line.text.strip()):
            yield Said("key", key[1], line.number)
        if RULE.fullmatch(line.text) or CROSSED.fullmatch(line.text) or _OF_TABLE.match(line.text):
            continue
        pieces = _PARTED.split(line.text.strip())
        for piece, after in zip(pieces, [*pieces[1:], ""], strict=True):
            if _LETTER.search(piece) and not after.startswith("="):  # a statistic's name
                yield Said(PIECE, piece, line.number)
