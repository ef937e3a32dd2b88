"""Coefficients by their terms, whatever Stata, R, pyfixest, linearmodels or statsmodels call them."""

from __future__ import annotations

import re
from collections import Counter

Term = frozenset[tuple[str, str]]


def of_stata(name: str) -> Term:
    """`1.late#c.value` -> {(late, 1), (value, "")}; a lag is a name of its own, `L.x` -> L_x, and so is a power, x^2."""
    out = []
    for part in (re.sub(r"^co?(?=[LFDS]\d*\.)", "", part) for part in name.split("#")):
        level, dot, variable = part.partition(".")
        if not dot or level in ("c", "co"):
            out.append((variable if dot else part, ""))
        elif digits := re.fullmatch(r"(-?\d+)[bno]*", level):
            out.append((variable, digits[1]))
        else:
            out.append((f"{level.upper()}_{variable}".replace("L1_", "L_"), ""))
    times = Counter(out)
    return frozenset((f"{name}^{n}", "") if n > 1 and not level else (name, level) for (name, level), n in times.items())


def of_lines(name: str) -> Term:
    """Of a coefficient in R, pyfixest, linearmodels or statsmodels."""
    if name in ("(Intercept)", "Intercept", "const"):
        return frozenset({("_cons", "")})
    out = set()
    for part in re.split(r"(?<!:):(?!:)", name.replace("::", "\0")):
        part = part.replace("`", "").strip().removeprefix("fit_")  # fixest's, of what is instrumented
        if lag := re.fullmatch(r"([lfd])\((.+), (\d+)\)", part):  # fixest's
            part = f"{lag[1].upper()}{lag[3]}_{lag[2]}".replace("1_", "_", lag[3] == "1")
        if cells := re.fullmatch(r"interaction\((.+?)\)(.+)", part):  # of R, whose levels stand with dots between
            out |= set(zip(cells[1].split(", "), cells[2].split("."), strict=False))
            continue
        if cells := re.fullmatch(r"C\((.+?)\)\[T\.\((.+?)\)\]", part):  # of tuples, under their names joined
            values = [v.removesuffix(".0") for v in cells[2].split(", ")]
            out |= set(zip(_split(cells[1].strip("`"), len(values)), values, strict=True))
            continue
        if power := re.fullmatch(r"I\((.+?) ?(?:\^|\*\*) ?(\d+)\)", part):
            part = f"{power[1]}^{power[2]}"
        for pattern in (
            r"(?:relevel\()?factor\((.+?)\)(?:, ref = \"[^\"]*\"\))?(.+)", r"C\(([^,)]+)[^)]*\)*\[(?:T\.)?([^\]]+)\]",
            r"(.+?)\0(.+)",
        ):  # fmt: skip
            if found := re.fullmatch(pattern, part):
                level = found[2].strip()
                out.add((found[1].strip(), level.removesuffix(".0")))
                break
        else:
            out.add((part, ""))
    return frozenset(out)


def _split(joined: str, n: int) -> list[str]:
    """`a_b` -> a, b where there are as many parts; else the first ones are kept together."""
    parts = joined.split("_")
    return parts if len(parts) == n else ["_".join(parts[: len(parts) - n + 1]), *parts[len(parts) - n + 1 :]]


def label(term: Term) -> str:
    return "#".join(f"{level}.{name}" if level else name for name, level in sorted(term))
