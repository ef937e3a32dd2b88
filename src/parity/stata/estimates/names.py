"""Which coefficient a name means: `x`, `2.region`, `1.a#c.x`, `L1.x`, `_cons`, in any spelling that Stata takes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity.stata_language.dataset import DataProblem

_LEVEL = re.compile(r"(?<!\d)\d++\.")
_PIECE = re.compile(r"(?:(.+)\.)?([^.]+)\Z")


def spelled(term: str, variable=lambda name: name) -> str:
    """As coefficients are named here: operators in capitals, level bases off, numbers of an interaction last.

    variable: a name as typed -> in full
    """
    levels, numbers = [], []
    pieces = [p.strip() for p in term.strip().split("#")]
    for piece in pieces:
        match = _PIECE.match(piece)
        operator, name = (match.group(1) or "", match.group(2)) if match else ("", piece)
        if name != "_cons":
            name = variable(name)
        operator = operator.replace("(", "").replace(")", "")
        if operator[:1].isdigit():
            levels.append(f"{int(float(operator.rstrip('bno')))}.{name}")
        elif operator.lower().startswith("i") and operator[1:2].isdigit():
            levels.append(f"{int(operator[1:].rstrip('bno'))}.{name}")
        else:
            numbers.append((operator, name))
    crossed = len(pieces) > 1
    return "#".join([*levels, *(_number(operator, name, crossed) for operator, name in numbers)])


def _number(operator: str, name: str, crossed: bool) -> str:
    series = operator.removeprefix("c").removeprefix("o").removeprefix(".").upper()
    series = "" if series in ("L0", "F0") else re.sub(r"^([LFDS])1$", r"\1", series)
    if crossed:
        return f"c{series}.{name}"
    return f"{series}.{name}" if series else name


def found(term: str, names: Sequence[str], omitted: Sequence[str] = (), variable=lambda name: name) -> int | None:
    """The place of a term among names; None for one that was left out, or is a base. Raises `DataProblem` 111."""
    for wanted in dict.fromkeys((term.strip(), spelled(term), spelled(term, variable))):
        if wanted in names:
            return list(names).index(wanted)
        if wanted in omitted:
            return None
        alike = [i for i, name in enumerate(names) if "#" in name and set(name.split("#")) == set(wanted.split("#"))]
        if alike:
            return alike[0]
    # a level that has no column of its own: the base, or one that collinearity took
    last = spelled(term, variable)
    stem = _LEVEL.sub("", last)
    if _LEVEL.search(last) and any(_LEVEL.sub("", n) == stem for n in (*names, *omitted)):
        return None
    raise DataProblem(f"[{term.strip()}] not found", 111)


def within(
    equation: str, term: str, names: Sequence[str], omitted: Sequence[str] = (), variable=lambda name: name
) -> int | None:
    """`found` in an equation: that of `[eq]x`, `eq:x`, or the first of several; cuts as `[cut1]_cons` and `/cut1` too."""
    equation = equation.strip()
    if ":" in term and not equation:
        equation, _, term = term.partition(":")
    cut = f"/{equation.removeprefix('/') or term.removeprefix('/')}"
    if cut in names:
        return list(names).index(cut)
    equation = equation or (names[0].partition(":")[0] if all(":" in n for n in names) else "")
    if equation and any(n.startswith(f"{equation}:") for n in names):
        inside = [n.removeprefix(f"{equation}:") if n.startswith(f"{equation}:") else "" for n in names]
        return found(term, inside, [o.removeprefix(f"{equation}:") for o in omitted], variable)
    return found(term, names, omitted, variable)
