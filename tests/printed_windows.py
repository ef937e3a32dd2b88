"""What one command printed in a log against what it prints here: windows of data, rows listed, lines that data steps say.

`held(turn, shown, lost)` yields (name, line, status, numbers printed, numbers compared, what differs) for each result.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from parity.package.lookups import KINDS, LOOKUPS
from parity.package.said_lines import said_lines
from parity.package.values import _bases
from parity.stata.do import SAID

Held = tuple[str, int, str, int, int, str]
NUMBER = r"-?[\d,]*\.?\d+(?:e[-+]?\d+)?"


def held(turn: Any, shown: Sequence[Any], lost: bool, doubts: Sequence[str] = ()) -> Iterator[Held]:
    """lost: the command, or one inside its loop, was not run: nothing that is missing here is a difference.

    doubts: of the data set behind the command, for what it should have said and didn't
    """
    yield from _lines(turn, [s for s in shown if s.kind == SAID], lost, doubts)
    yield from _listed(turn, [s for s in shown if s.kind == "list"], lost)
    yield from _described(turn, [s for s in shown if s.kind == "describe"], lost)
    yield from _displayed(turn, [s for s in shown if s.kind == "display"])
    yield from _windows(turn, [s for s in shown if s.kind not in (SAID, "list", "describe", "display")], lost)


def _judged(name: str, line: int, cells: int, known: int, bad: Sequence[str], doubts: Sequence[str]) -> Held:
    if not bad:
        return name, line, "alike", cells, known, ""
    return name, line, "named" if doubts else "differs", cells, known, f"{doubts[0] if doubts else ''} {'; '.join(bad[:3])}"


def _doubts(said: Sequence[Any]) -> list[str]:
    return sorted({d for s in said for d in s.doubts})


# ---------------------------------------------------------------- lines


#: What older versions of Stata don't say.
NOT_SAID_BEFORE = ("import",)


def _shortened(one: tuple | None, other: tuple | None) -> bool:
    """destring cuts long names in what it says."""
    if one is None or other is None or one[0] != "destring" or other[0] != "destring":
        return False
    return one[1][1] == other[1][1] and len(one[1][0]) >= 28 and other[1][0].startswith(one[1][0])


def _lines(turn: Any, ours: Sequence[Any], lost: bool, of_data: Sequence[str]) -> Iterator[Held]:
    theirs = said_lines([line.text for line in turn.lines])
    mine = [(m, s) for s in ours for m in said_lines([s.values["text"]])]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, theirs, [m for m, _ in mine], autojunk=False).get_opcodes():
        doubts = _doubts([s for _, s in mine[j1:j2]] or ours) or list(of_data)
        for k in range(max(i2 - i1, j2 - j1)):
            one = theirs[i1 + k] if i1 + k < i2 else None
            other = mine[j1 + k][0] if j1 + k < j2 else None
            name = (one or other or ("",))[0]
            if one is None and name in NOT_SAID_BEFORE:
                continue
            if tag == "equal" or _shortened(one, other):
                yield name, turn.line, "alike", 1, 1, ""
            elif lost:
                if one is not None:
                    yield name, turn.line, "no data", 1, 0, ""
            else:
                yield _judged(name, turn.line, 1, 1, [f"{turn.text[:80]!r}: {one}, here {other}"], doubts)


# ---------------------------------------------------------------- list, describe, display


_ROW = re.compile(r"\s*([\d,]+)\. *\|(.*)\|\s*")
_MORE = re.compile(r"\s*\|(.*)\|\s*")
_BARE = re.compile(r"\s*([\d,]+)\.(?!\d) +(.*)")


def listed_rows(texts: Sequence[str]) -> dict[int, list[str]]:
    """Number of a row -> its words as `list` prints them."""
    rows: dict[int, list[str]] = {}
    for text in texts:
        if match := _ROW.fullmatch(text) or _BARE.fullmatch(text):
            rows.setdefault(int(match[1].replace(",", "")), []).extend(_words(match[2]))
    return rows


def _words(text: str) -> list[str]:
    return text.replace("|", " ").split()


def _listed(turn: Any, ours: Sequence[Any], lost: bool) -> Iterator[Held]:
    """Rows of `list`, word by word; a wide list that breaks its rows into several lines isn't read."""
    texts = [line.text for line in turn.lines]
    if not any(_ROW.fullmatch(t) for t in texts) or not ours:
        if lost and any(_ROW.fullmatch(t) for t in texts):
            yield "list", turn.line, "no data", 0, 0, ""
        return
    if len(ours) != 1 or any(len(v) > 1 for v in _blocks(texts)):
        yield "list", turn.line, "unread", 0, 0, ""
        return
    theirs, v = listed_rows(texts), ours[0].values
    mine = {n: [w for cell in row for w in str(cell).split()] for n, row in zip(v["numbers"], v["rows"], strict=True)}
    bad = [f"row {n}: {' '.join(words)}, here {' '.join(mine.get(n, ['no row']))}" for n, words in theirs.items()
           if not _same_words(words, mine.get(n, []))]  # fmt: skip
    whole = not any("--Break--" in t for t in texts)  # its reader had seen enough
    bad += [f"{len(theirs)} rows, here {v['all']}"] if len(theirs) != v["all"] and whole else []
    doubts = _doubts(ours) + (["unstable-sort"] if v["tied"] else [])
    cells = sum(map(len, theirs.values()))
    yield _judged("list", turn.line, cells, cells, [f"{turn.text[:60]!r} {b}" for b in bad], doubts)


def _blocks(texts: Sequence[str]) -> list[list[int]]:
    """For each numbered row, the lines that belong to it."""
    found: list[list[int]] = []
    names = True
    for i, text in enumerate(texts):
        if _ROW.fullmatch(text):
            found.append([i])
            names = False
        elif _MORE.fullmatch(text) and not re.fullmatch(r"\s*\|[-+]+\|\s*", text) and not names and found:
            found[-1].append(i)
        elif re.fullmatch(r"\s*\+-+\+\s*", text):
            names = True
    return found


def _same_words(theirs: Sequence[str], mine: Sequence[str]) -> bool:
    """Word by word; `abc..` and `a~z` are shortened words, and a shortened text may have lost whole words."""
    if list(theirs) == list(mine):
        return True
    shortened = any(".." in w for w in theirs)
    if len(theirs) != len(mine):
        return shortened
    return all(a == b or (a.endswith("..") and b.startswith(a[:-2])) for a, b in zip(theirs, mine, strict=True))


_STORED = re.compile(r"(\S+)?\s+(byte|int|long|float|double|str[\dL]+)\s+(%\S+)(?:\s.*)?")
_SIZE = re.compile(r"\s*(?:obs|observations|vars|variables):\s+([\d,]+)(?:\s.*)?", re.IGNORECASE)


def _described(turn: Any, ours: Sequence[Any], lost: bool) -> Iterator[Held]:
    """Names, storage types and formats of `describe`, and how many rows and columns."""
    rows, sizes, before = [], [], ""
    for line in turn.lines:
        if match := _STORED.fullmatch(line.text):
            rows.append((match[1] or before.strip(), match[2], match[3]))
        elif match := _SIZE.fullmatch(line.text):
            sizes.append(int(match[1].replace(",", "")))
        before = line.text
    if not rows and not sizes:
        return
    if len(ours) != 1:
        yield "describe", turn.line, "no data" if lost else "unread", len(rows) + len(sizes), 0, ""
        return
    v = ours[0].values
    mine = [(n, kind, form) for n, (kind, form, _, _) in v["columns"].items()]
    bad = [f"{a}, here {b}" for a, b in zip(rows, mine, strict=False) if not (_spelled(a[0], b[0]) and a[1:] == b[1:])]
    bad += [f"{len(rows)} variables, here {len(mine)}"] if rows and len(rows) != len(mine) else []
    bad += [f"{a} in all, here {b}" for a, b in zip(sizes, (v["N"], v["k"]), strict=False) if a != b]
    cells = 3 * len(rows) + len(sizes)
    yield _judged("describe", turn.line, cells, cells, bad, _doubts(ours))


def _spelled(label: str, name: str) -> bool:
    head, tilde, tail = label.partition("~")
    return name.startswith(head) and name.endswith(tail) if tilde else label == name


def _displayed(turn: Any, ours: Sequence[Any]) -> Iterator[Held]:
    """Texts of `display` with a number in them, in their order, whatever blanks are in them."""
    printed, at = "".join("".join(line.text.split()) for line in turn.lines), 0
    for s in ours:
        text = "".join(re.sub(r"\{[^}]*\}", "", s.values["text"]).split())
        if not re.search(r"\d", text):
            continue
        found = printed.find(text, at)
        at = found + len(text) if found >= 0 else at
        bad = [] if found >= 0 else [f"{turn.text[:80]!r}: {printed[at : at + 60]}, here {text[:60]}"]
        yield _judged("display", turn.line, 1, 1, bad, _doubts([s]))


# ---------------------------------------------------------------- windows


def _groups(shown: Sequence[Any]) -> Iterator[list[Any]]:
    """What one run of a command printed, together; `summarize, detail` prints a window for each variable."""
    held_: list[Any] = []
    seen: set[Any] = set()
    for s in shown:
        key = (
            str(s.values.get("variable", s.values.get("name", ""))),
            str(s.values.get("group", s.values.get("value", ""))),
        )
        same = held_ and (held_[0].kind, held_[0].file, held_[0].line, held_[0].turn) == (s.kind, s.file, s.line, s.turn)
        alone = s.kind == "summarize" and "p50" in s.values
        if held_ and (not same or key in seen or alone):
            yield held_
            held_, seen = [], set()
        held_.append(s)
        seen.add(key)
    if held_:
        yield held_


#: A window that is too wide is broken into several.
BROKEN = ("tabstat", "correlate", "pwcorr", "estpost")
#: Windows of data steps; others are of estimates.
DATA = ("summarize", "tabulate", "tabstat", "correlate", "pwcorr", "count", "ttest", "merge", "xtsum", "codebook", "table",
        "duplicates", "matrix", "matlist", "mean", "inspect")  # fmt: skip


def _windows(turn: Any, shown: Sequence[Any], lost: bool) -> Iterator[Held]:
    groups = list(_groups(shown))
    taken: Counter[str] = Counter()
    crossed = _Crossed()
    for window in turn.windows:
        kind = window.kind
        if kind in ("estimates", "list", "describe", "display"):
            continue
        if kind not in LOOKUPS and kind != "merge":
            yield kind, window.line, "unread", window.cells, 0, ""
            continue
        mine = [g for g in groups if g[0].kind in (*KINDS.get(kind, (kind,)), "tabulate_summarize" * (kind == "tabulate"))]
        mine = [g for g in mine if not (g[0].kind == "tabulate" and any(
            h[0].kind == "tabulate_summarize" and h[0].turn == g[0].turn for h in groups))]  # fmt: skip
        i = min(taken[kind], len(mine) - 1) if kind in BROKEN else taken[kind]
        if i >= len(mine) or i < 0:
            status = "no data" if lost or not mine else "differs"
            yield kind, window.line, status, window.cells, 0, f"{len(mine)} here, {turn.text[:80]!r}"
            taken[kind] += 1
            continue
        group = mine[i]
        if group[0].kind == "tabulate2":
            look, ended = crossed.look(group[0], window, turn.text)
            taken[kind] += ended
        else:
            taken[kind] += 1
            look = OWN[group[0].kind](group) if group[0].kind in OWN else LOOKUPS[kind](group)
        cells = known = 0
        bad = []
        for base, row, name in _bases(window):
            cells += 1
            value = look(row, base.label, name)
            if value is None:
                continue
            known += 1
            if not (math.isfinite(value) and base.cell.holds(value)):
                bad.append(f"{base.label} {name}: {base.cell.text}, here {value:.10g}")
        if known:
            yield _judged(kind, window.line, cells, known, [f"{turn.text[:60]!r} {b}" for b in bad], _doubts(group))
        else:
            yield kind, window.line, "unread", cells, 0, turn.text[:80]


class _Crossed:
    """Windows of `tabulate a b`, one after the other where the columns don't fit beside each other."""

    def __init__(self) -> None:
        self.done = 0

    def look(self, said: Any, window: Any, text: str) -> tuple[Callable[[int | None, str, str], float | None], bool]:
        counts = [list(map(float, row)) for row in said.values["counts"]]
        full = [[*row, sum(row)] for row in counts]
        full.append([sum(column) for column in zip(*full, strict=True)])
        rows = window.columns[0].rows
        width = max((len(r.cells) for r in rows if r.note != "continued"), default=0)
        offset, total = self.done, full[-1][-1]
        ended = offset + width >= len(full[0])
        self.done = 0 if ended else offset + width
        options = text.partition(",")[2].split()
        parts = [p for p in ("row", "column", "cell") if any(p.startswith(o) and len(o) >= 2 for o in options)]
        frequencies = "nofreq" not in options and "nof" not in options
        named = {"chi2": said.values.get("chi2"), "pr": said.values.get("p")}
        place = -1
        values: dict[tuple[int, int], float] = {}
        below = 0
        for j, row in enumerate(rows):
            below = below + 1 if row.note == "continued" else 0
            place += not below
            kinds = ["freq"] * frequencies + parts
            if place >= len(full) or below >= len(kinds):
                continue
            for k in range(len(row.cells)):
                if offset + k >= len(full[0]):
                    continue
                at = full[place][offset + k]
                against = {"freq": 100.0, "row": full[place][-1], "column": full[-1][offset + k], "cell": total}[
                    kinds[below]
                ]
                values[j, k] = at if kinds[below] == "freq" else 100 * at / against if against else math.nan
        order = iter(
            [values.get((j, k)) for j, row in enumerate(rows) for k, c in enumerate(row.cells) if c.number is not None]
        )

        def look(row: int | None, label: str, name: str) -> float | None:
            if row is None:
                return named["pr"] if name.startswith(("Pr", "p")) else named["chi2"] if "chi2" in name else None
            return next(order)

        return look, ended


def _merged(said: Sequence[Any]) -> Callable[[int | None, str, str], float | None]:
    c = said[-1].values["counts"]
    due = {"not matched": c[1] + c[2], "from master": c[1], "from using": c[2], "matched": c[3] + c[4] + c[5],
           "not updated": c[3], "missing updated": c[4], "nonmissing conflict": c[5]}  # fmt: skip
    return lambda row, label, name: due.get(label.lower().strip())


def _means(said: Sequence[Any]) -> Callable[[int | None, str, str], float | None]:
    """`tabulate x, summarize(y)`: mean, standard deviation and count of each value."""

    def look(row: int | None, label: str, name: str) -> float | None:
        if row is None or row >= len(said):
            return None
        v = said[row].numbers
        return {"Mean": v.get("mean"), "Std. Dev.": v.get("sd"), "Std. dev.": v.get("sd"), "Freq.": v.get("N"),
                "Obs.": v.get("N")}.get(name)  # fmt: skip

    return look


OWN = {"merge": _merged, "tabulate_summarize": _means}
