"""Which variant of an index gives printed numbers, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from parity.report.chinese import Told, as_it_is
from parity.results.cause import certain

if TYPE_CHECKING:
    from parity.diagnose.questions.index_search import IndexExplanation, Match


def index_explanation_text(name: str, found: IndexExplanation, told: Told = as_it_is) -> str:
    """One line per variant that meets every number; the nearest one where none does. told: in which language."""
    return "\n".join(map(told, _said(name, found))) + "\n"


def _said(name: str, found: IndexExplanation) -> list[str]:
    n = f"{found.checked} number{'s' if found.checked > 1 else ''}"
    if not found.matches:
        near = f"; nearest: {found.nearest.text}, {found.met} of {n} met" if found.nearest else ""
        head = f"{name}: stopped before all was tried ({found.stopped}); none" if found.stopped else f"{name}: no variant"
        lines = [f"{head} gives the {n}{near} (largest difference {_left(found.nearest)})"]
        if found.by_chance:
            some = f"{len(found.by_chance)} pairs of variants do, as about {found.chance:.2g} would of any numbers"
            lines.append(f"{some} of so few digits; type more numbers, or more digits")
        return lines
    lines = [f"{name}: {found.matches[0].text}: all {n} to their printed digits, {_left(found.matches[0])} left"]
    if not certain(found.chance):
        some = f"of all variants tried about {found.chance:.2g} would give any numbers of so few digits"
        lines.append(f"Not for certain: {some}.")
    if len(found.matches) > 1:
        lines.append("These numbers can't tell it from:")
        lines += [f"  {match.text} ({_left(match)} left)" for match in found.matches[1:]]
    return lines


def _left(match: Match | None) -> str:
    return "" if match is None else f"{match.residual:.2g}"


def index_explanation_json(name: str, found: IndexExplanation) -> str:
    body = {
        "index": name, "checked": found.checked,
        "matches": [_plain(m) for m in found.matches],
        "nearest": _plain(found.nearest) if found.nearest else None, "met": found.met,
        "by_chance": [_plain(m) for m in found.by_chance], "chance": found.chance, "stopped": found.stopped,
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _plain(match: Match) -> dict:
    settings = {k: v for variant in match.variants for k, v in variant.settings.items()}
    return {"variants": [v.id for v in match.variants], "text": match.text, "settings": settings, "residual": match.residual}
