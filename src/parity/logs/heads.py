"""The heads of a table: which columns are models, and what stands above each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.logs.exhibit import Column
from parity.logs.labels import head_kind, hint_of, is_model, is_outcome_head, outcome_in, value_kind

if TYPE_CHECKING:
    from parity.logs.row import Line

_NUMBER = re.compile(r"\(?\[?(?:col(?:umn)?\.? ?|model ?|m)?(\d{1,3})\]?\)?|\((\d{1,3})\) .*", re.IGNORECASE)


@dataclass(frozen=True)
class Heads:
    """groups: positions of each column of the table; kinds: of each position, "" if its head says nothing;
    wide: whether every quantity has a position of its own"""

    columns: tuple[Column, ...]
    groups: list[list[int]]
    kinds: list[str]
    wide: bool


def heads_of(head: Sequence[Line], body: Sequence[Line]) -> Heads:
    """head: rows above the first with a name and a number; body: the others."""
    width = len(body[0].cells)
    above = [_covered(line, width) for line in head]
    kinds = _kinds(above, width)
    wide = kinds.count("coef") >= 1 and any(kind not in ("coef", "") for kind in kinds)
    groups = _wide_groups(kinds) if wide else _tall_groups(body, width)
    if not wide:
        kinds = [""] * width
    columns = tuple(_column(group, head, above, groups, wide) for group in groups)
    return Heads(columns, groups, kinds, wide)


def _covered(line: Line, width: int) -> list[tuple[str, int]]:
    """The text above each position and how many positions it covers."""
    out: list[tuple[str, int]] = [("", 1)] * width
    j = 0
    for j, content in enumerate(line.cells):
        if content.text:
            span = max(1, content.span)
            for i in range(j, min(width, j + span)):
                out[i] = (content.text, span)
    return out


def _kinds(above: Sequence[Sequence[tuple[str, int]]], width: int) -> list[str]:
    """What each position holds, by the row of heads that says most."""
    best: list[str] = [""] * width
    for row in above:
        kinds = [head_kind(text) for text, _ in row]
        for j in range(1, width):
            over = row[j][1] > 1 and row[j] == row[j - 1]
            if kinds[j] != "ci" and over:  # a cell that is wider than those of other rows
                kinds[j] = ""
            if kinds[j - 1] == "ci" and (not row[j][0] or re.fullmatch(r"interval ?\]?", row[j][0], re.IGNORECASE)):
                kinds[j] = "ci"  # one heading over the two ends of an interval, or in two parts
        if len(set(kinds) - {""}) > len(set(best) - {""}):
            best = kinds
    return best


def _wide_groups(kinds: Sequence[str]) -> list[list[int]]:
    """A model begins at each coefficient."""
    groups: list[list[int]] = []
    for j, kind in enumerate(kinds):
        if kind == "coef" or not groups:
            groups.append([j])
        else:
            groups[-1].append(j)
    return groups


def _tall_groups(body: Sequence[Line], width: int) -> list[list[int]]:
    """Positions of each column: that of its coefficients, and those of brackets or stars beside them."""
    groups: list[list[int]] = []
    for j in range(width):
        if not any(line.cells[j].text for line in body):
            continue  # a blank column that only sets others apart
        mine = [line.cells[j] for line in body if line.label and line.cells[j].text]
        found = [t for content in mine for t in content.tokens]
        any_number = bool(found) or any(line.cells[j].tokens for line in body)
        beside = (bool(found) and all(t.bracket for t in found)) or (
            not any_number and all(c.stars or not c.text for c in mine)
        )
        pairs = (
            any(line.cells[j - 1].tokens and not line.cells[j - 1].tokens[0].bracket for line in body if line.label)
            if j
            else False
        )
        if groups and beside and (pairs or not any_number):
            groups[-1].append(j)
        else:
            groups.append([j])
    return groups


def _column(
    group: Sequence[int],
    head: Sequence[Line],
    above: Sequence[Sequence[tuple[str, int]]],
    groups: Sequence[Sequence[int]],
    wide: bool,
) -> Column:
    width = sum(map(len, groups))
    heads: list[str] = []
    number, outcome, model, over, kind = 0, "", "", "", ""
    hint = ""
    for line, row in zip(head, above, strict=True):
        text, span = next(((t, s) for j in group for t, s in [row[j]] if t), ("", 1))
        said = hint_of(line.label) if line.label else ""
        if any(is_outcome_head(t) for t, _ in row):
            hint = "outcome"
            heads += [text] if text else []
            continue
        if not text:
            hint = said or hint
            continue
        if not heads or heads[-1] != text:
            heads.append(text)
        if wide:
            heads += [t for t in dict.fromkeys(row[j][0] for j in group) if t and t not in heads]
        if tail := re.fullmatch(r"(\S.*) \((\d{1,3})\)", text):
            outcome, number = outcome or tail[1], number or int(tail[2])
        elif found := _NUMBER.fullmatch(text):
            number = number or int(found[1] or found[2])
        elif named := outcome_in(text):
            outcome = outcome or named
        elif said == "outcome" or (hint == "outcome" and not is_model(text)):
            outcome = outcome or text
        elif said == "model" or is_model(text):
            model = model or text
        elif span >= width > 1 and not outcome:
            outcome = text
        elif span > len(group) and span < width:
            over = over or text
        elif wide and head_kind(text):
            pass
        elif not model:
            model = text
        hint = said or ("" if outcome else hint)
    if not wide and not number:
        kind = next((k for text in reversed(heads) if (k := value_kind(text))), "")
    return Column(tuple(heads), number, outcome, model, over, kind)
