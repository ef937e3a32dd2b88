"""Text that a user wrote as Python source: strings, numbers, names. Nothing that passes here can become code."""

from __future__ import annotations

import keyword
import re

from parity.base.r_text import WIDTH, escaped

#: Words that a formula of pyfixest reads as something else, or that the script itself uses.
_RESERVED = frozenset({"Intercept", "i", "sw", "sw0", "csw", "csw0", "mvsw", "C", "Q", "I"})


def py_string(text: str) -> str:
    """A string constant in double quotes, every character that doesn't print escaped."""
    return '"' + "".join(map(escaped, text)) + '"'


def py_number(value: float | int) -> str:
    """A numeric constant that Python reads back as the same number."""
    text = repr(value)
    return {"inf": "np.inf", "-inf": "-np.inf", "nan": "np.nan"}.get(text, text)


def strings(names: list[str] | tuple[str, ...]) -> list[str]:
    return [py_string(name) for name in names]


def py_list(names: list[str] | tuple[str, ...]) -> str:
    return f"[{', '.join(strings(names))}]"


def is_plain(name: str) -> bool:
    """Whether a formula reads the name as one column in every locale."""
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name)) and name not in _RESERVED and not keyword.iskeyword(name)


class Fresh:
    """Hands out readable column names that no one else has."""

    def __init__(self, taken: set[str]):
        self._taken = set(taken)

    def name(self, text: str) -> str:
        """`log(rprice)` becomes `log_rprice`; text without a Latin letter becomes `column`."""
        base = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")
        base = base if is_plain(base) else f"column_{base}".rstrip("_")
        name, number = base, 1
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name


def call(before: str, args: list[str], after: str) -> list[str]:
    """`before` args `after` on one line, or the arguments filled into indented lines where that is too long."""
    line = before + ", ".join(args) + after
    if len(line) <= WIDTH:
        return [line]
    lines, current = [before], "   "
    for arg in args:
        if current.strip() and len(current) + len(arg) + 2 > WIDTH:
            lines.append(current)
            current = "   "
        current += f" {arg},"
    return [*lines, current, after]


def narrow(lines: list[str]) -> list[str]:
    """A comment at the end of a line that is too long stands above it."""
    out: list[str] = []
    for line in lines:
        code, mark, said = line.rpartition("  # ")
        if len(line) > WIDTH and mark and code.strip():
            out += [f"{' ' * (len(code) - len(code.lstrip()))}# {said}", code]
        else:
            out.append(line)
    return out
