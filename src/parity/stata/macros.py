"""Macros: what `` `name' `` and `$name` stand for, and how they are expanded. [U] 18.3, [P] macro.

An undefined macro is empty, as in Stata; unlike Stata, it is noted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from parity.base.errors import suggest_same_digits

#: Characters that one statement may grow to: macros that hold themselves would never end.
MOST_CHARACTERS = 2_000_000
#: Characters that are gone through to expand one statement: macros of macros, though all be empty, take for ever.
MOST_WORK = 8_000_000
#: Macros inside macros.
MOST_DEPTH = 60

#: Globals that Stata itself sets; what they hold is of the machine, and nothing that counts. [P] macro, System macros.
SYSTEM = frozenset({"S_DATE", "S_TIME", "S_FN", "S_FNDATE", "S_ADO", "S_OS", "S_OSDTL", "S_MACH", "S_FLAVOR", "S_CONSOLE",
                    "S_MODE", "S_NLS", "S_StataMP", "S_StataSE", "S_level"})  # fmt: skip

_GLOBAL = re.compile(r"\$(?:\{([^{}]*)\}|([A-Za-z_]\w*))")
_RESULT = re.compile(r"[rsec]\(\w+\)\Z")
_NAME = re.compile(r"\w+\Z")
_STEP = re.compile(r"(\+\+|--)(\w+)\Z|(\w+)(\+\+|--)\Z")


class Unknown(Exception):
    """A macro whose value could not be known: its statement was lost or failed."""


class MacroError(Exception):
    """A macro that can't be expanded; the message says why."""


@dataclass
class Macros:
    """Locals of the running program, globals of the run.

    evaluate: text of an expression -> its value as text; extended: text behind `:` -> its text
    undefined: names that were asked for and aren't there, since the last look
    empty: names whose text was asked for and is "", in the statement at hand; globals with their $
    lost: names, globals with their $, whose values could not be known
    work: characters gone through in the statement at hand
    doubts: name, globals with their $ -> those of what its text was made of; gathered: of the macros that were expanded
    typed: name, globals with their $ -> its text, where the do-file itself gives it as a number
    """

    evaluate: Callable[[str], str]
    extended: Callable[[str], str] = lambda text: ""
    globals: dict[str, str] = field(default_factory=dict)
    scopes: list[dict[str, str]] = field(default_factory=lambda: [{}])
    undefined: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    doubts: dict[str, frozenset[str]] = field(default_factory=dict)
    gathered: set[str] = field(default_factory=set)
    typed: dict[str, str] = field(default_factory=dict)
    work: int = 0

    @property
    def locals(self) -> dict[str, str]:
        return self.scopes[-1]

    def taken(self) -> set[str]:
        """Doubts of the macros that were expanded since the last look."""
        found, self.gathered = self.gathered, set()
        return found

    def inherit(self, name: str, doubts: set[str]) -> None:
        """What a macro was made of, known as a global by its $."""
        if doubts:
            self.doubts[name] = frozenset(doubts)
        else:
            self.doubts.pop(name, None)

    def shift(self, n: int) -> None:
        """The arguments `1', `2' ... move down by n; the first n are no more."""
        held = sorted(int(name) for name in self.locals if name.isdigit() and name != "0")
        values = [self.locals.pop(str(i)) for i in held][n:]
        self.locals.update({str(i): text for i, text in enumerate(values, 1)})
        if "*" in self.locals:
            self.locals["*"] = " ".join(values)

    def absent(self) -> list[str]:
        """A sentence for each that was asked for and isn't there since the last look; of arguments of a program none."""
        names = [name for name in self.undefined if name != "0" and not name.isdigit()]
        self.undefined.clear()
        return [self._absent(name) for name in names]

    def _absent(self, name: str) -> str:
        if name.startswith("$"):
            meant = suggest_same_digits(name, [f"${known}" for known in self.globals])
            return f"the global {name} is not defined anywhere before: it is empty{meant}"
        return f"the local `{name}' is not defined: it is empty{suggest_same_digits(name, self.locals)}"

    def expand(self, text: str, depth: int = 0) -> str:
        """Every macro replaced, inner ones first, and those inside what they stand for. Raises `MacroError`."""
        self.work = (self.work if depth else 0) + len(text) + 20
        if self.work > MOST_WORK:
            raise MacroError("it takes too long: macros hold macros that hold macros")
        if "`" not in text and "$" not in text and "\\" not in text:
            return text
        if depth > MOST_DEPTH:
            raise MacroError("macros hold each other without end")
        out: list[str] = []
        length, position = 0, 0
        while position < len(text):
            char, following = text[position], text[position + 1 : position + 2]
            if char == "\\" and following and following in "`$":
                piece, position = following, position + 2
            elif char == "`" and following != '"':
                end = _closing(text, position)
                if end is None:
                    piece, position = char, position + 1
                else:
                    piece, position = self._local(text[position + 1 : end], depth), end + 1
            elif char == "$":
                piece, position = self._global(text, position, depth)
            else:
                piece, position = char, position + 1
            out.append(piece)
            length += len(piece)
            if length > MOST_CHARACTERS:
                raise MacroError(f"it grows beyond {MOST_CHARACTERS:,} characters by its macros")
        return "".join(out)

    def _local(self, inside: str, depth: int) -> str:
        name = self.expand(inside, depth + 1)
        if name.startswith("="):
            return self.evaluate(name[1:])
        if name.startswith(":"):
            return self.extended(name[1:].strip())
        if step := _STEP.match(name):
            return self._step(step)
        if name.startswith("macval(") and name.endswith(")"):
            return self.locals.get(name[7:-1], "")
        if _RESULT.match(name):  # `r(mean)', `e(N)', `c(pwd)'
            text = self.evaluate(name)
            return "" if text == "." else text
        if name == "*" and name not in self.locals:  # all arguments, whatever shift and tokenize made of them
            held = sorted(int(n) for n in self.locals if n.isdigit() and n != "0")
            return " ".join(self.expand(self.locals[str(n)], depth + 1) for n in held)
        if name not in self.locals:
            if name in self.lost:
                raise Unknown(name)
            if _NAME.match(name):
                self.undefined.append(name)
                self.empty.append(name)
            return ""
        return self._said(name, self.expand(self.locals[name], depth + 1))

    def _step(self, step: re.Match) -> str:
        before, name = step.group(1), step.group(2) or step.group(3)
        by = 1 if "+" in (before or step.group(4)) else -1
        try:
            old = float(self.locals.get(name, "0") or 0)
        except ValueError:
            raise MacroError(f"`{name}` holds no number to step") from None
        self.locals[name] = _plain(old + by)
        return self.locals[name] if before else _plain(old)

    def _global(self, text: str, position: int, depth: int) -> tuple[str, int]:
        if text[position + 1 : position + 2] == "{":
            end = text.find("}", position)
            if end < 0:
                return "$", position + 1
            name = self.expand(text[position + 2 : end], depth + 1)
            return self._held(name, depth), end + 1
        if text[position + 1 : position + 2] == "`":  # $`name': a global whose name a local holds
            end = _closing(text, position + 1)
            if end is not None:
                return self._held(self.expand(text[position + 1 : end + 1], depth + 1), depth), end + 1
        match = _GLOBAL.match(text, position)
        if match is None:
            return "$", position + 1
        return self._held(match.group(2), depth), match.end()

    def _held(self, name: str, depth: int) -> str:
        if name not in self.globals:
            if f"${name}" in self.lost:
                raise Unknown(f"${name}")
            if name not in SYSTEM:
                self.undefined.append(f"${name}")
                self.empty.append(f"${name}")
            return ""
        return self._said(f"${name}", self.expand(self.globals[name], depth + 1))

    def _said(self, name: str, text: str) -> str:
        if name in self.doubts:
            self.gathered |= self.doubts[name]
        if not text.strip():
            self.empty.append(name)
        return text


def _closing(text: str, position: int) -> int | None:
    """Where the local that begins at `position` ends, with those inside it."""
    depth = 0
    for i in range(position, len(text)):
        if text[i] == "`" and text[i + 1 : i + 2] != '"':
            depth += 1
        elif (text[i] == "'" and text[i - 1 : i] != '"') or (
            text[i] == "'" and depth and not _in_compound(text, position, i)
        ):
            depth -= 1
            if depth == 0:
                return i
    return None


def _in_compound(text: str, start: int, end: int) -> bool:
    """Whether the `"'` that ends at `end` closes a compound quote opened behind `start`."""
    inside = text[start:end]
    return inside.count('`"') > inside.count("\"'")


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
