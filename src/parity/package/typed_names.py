"""Names in labels of rows that somebody typed: `State-year FE` and the variables of the data that it may be about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parity.package.effects import Groups, alike, codes, within
from parity.package.estimates import Estimated, plain

#: Words for the unit of a panel and for its periods, whatever their variables are called.
UNITS = frozenset((
    "firm", "company", "enterprise", "individual", "person", "unit", "entity", "panel", "household", "group", "subject",
    "id", "企业", "公司", "个体", "个人", "单位",
))  # fmt: skip
PERIODS = frozenset(("time", "year", "period", "date", "时间", "年份", "年度", "年", "期间"))
#: What follows a variable's own word in its name: `firm_id`.
_TAILS = frozenset(("", "id", "code", "num", "no", "fips", "name", "n", "cat", "group"))
_EFFECTS = re.compile(
    r"(?P<fixed>\bfixed[ -]?effects?|\bf\.?e\.?s?|固定效应)$|(?:\beffects|\bdummies|\bindicators|效应|虚拟变量)$"
)
_BEFORE = re.compile(r"^(?:fixed[ -]?effects?|f\.?e\.?s?)\s?[:(–-]\s?")
_AROUND = " \t.:?()*†‡"
_LISTED = re.compile(r" and |[&,/+;]|和|与|、")
_CROSSED = re.compile(r"[×*#]| x |-by-| by |\\times")
_NOT_GROUPS = ("random", "marginal", "treatment", "interaction")


@dataclass(frozen=True)
class Claimed:
    """Effects that a label is about. names: of each, the words for variables that are crossed; fixed: said to be fixed"""

    names: tuple[tuple[str, ...], ...]
    fixed: bool


def effects_named(label: str) -> Claimed | None:
    """`Firm and year FE` -> firm, year; `State × year dummies` -> state and year, crossed. None for other labels."""
    text = " ".join(label.lower().split()).strip(_AROUND)
    before = _BEFORE.match(text)
    after = None if before else _EFFECTS.search(text)
    if before is None and after is None:
        return None
    what = text[before.end() :] if before is not None else text[: after.start()]  # type: ignore[union-attr]
    fixed = before is not None or bool(after and after["fixed"])
    what = what.strip(_AROUND + "-–")
    if not what or what.endswith(_NOT_GROUPS) or "trend" in what or "slope" in what:
        return None
    names = tuple(
        crossed for one in _LISTED.split(what)
        if (crossed := tuple(p for part in _CROSSED.split(one) if (p := part.strip(_AROUND + "-–"))))
    )  # fmt: skip
    return Claimed(names, fixed) if names else None


@dataclass(frozen=True)
class Meant:
    """Variables that a word may mean. sure: it is their name or label, but for `_id` and the like; wide: it is in them, or
    they are short for it"""

    sure: tuple[str, ...]
    wide: tuple[str, ...]


def meant(word: str, e: Estimated) -> Meant:
    key = plain(word)
    single = key[:-3] + "y" if key.endswith("ies") else key.removesuffix("s")
    panel = e.source.data.panel
    sure, wide = [], []
    for name, column in e.source.data.columns.items():
        spelled = [plain(name), plain(column.label)] if column.label else [plain(name)]
        if any(s in (key, single) or _with_tail(s, (key, single)) for s in spelled):
            sure.append(name)
        elif any(len(single) >= 3 and single in s for s in spelled) or _short_for(plain(name), single):
            wide.append(name)
    if panel.unit and single in UNITS:
        wide.append(panel.unit)
    if panel.time and single in PERIODS:
        wide.append(panel.time)
    return Meant(tuple(sure), tuple(dict.fromkeys(wide)))


def _with_tail(spelled: str, keys: Sequence[str]) -> bool:
    return any(len(k) >= 2 and spelled.startswith(k) and spelled[len(k) :] in _TAILS for k in keys)


def _short_for(name: str, word: str) -> bool:
    """`st` for state, `yr` for year, `g` for group: its letters, in order, the first one the same."""
    letters = iter(word)
    return len(name) < len(word) and name[:1] == word[:1] and all(c in letters for c in name)


def may_be(word: str, effect: Groups, e: Estimated) -> bool:
    """Whether a word whose variables the command has no effects of may be another name of an effect that it has.

    Not of one that is crossed with its variable: no firm is a year. Words for units aren't periods.
    """
    panel, key = e.source.data.panel, plain(word).removesuffix("s")
    if len(effect) > 1:
        return False
    if (key in PERIODS and effect == (panel.unit,)) or (key in UNITS and effect == (panel.time,)):
        return False
    found = meant(word, e)
    code = codes(effect, e)
    near = found.sure or tuple(n for n in found.wide if n not in (panel.unit, panel.time))
    return not near or any(within(codes([n], e), code) for n in near)


def same_effect(words: Sequence[str], effect: Groups, e: Estimated) -> bool:
    """Whether words, crossed, surely mean an effect of the command: they are its variables, or part the rows as these do."""
    if len(words) == 1 and len(effect) == 1:
        (word,), (name,), panel = words, effect, e.source.data.panel
        found, key = meant(word, e), plain(word).removesuffix("s")
        if name in found.sure or (key in UNITS and name == panel.unit) or (key in PERIODS and name == panel.time):
            return True
        return any(alike(codes([n], e), codes(effect, e)) for n in found.sure)
    sure = [meant(w, e).sure for w in words]
    return len(words) == len(effect) and all(sure) and alike(codes([s[0] for s in sure], e), codes(effect, e))
