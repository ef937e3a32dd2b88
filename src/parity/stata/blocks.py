"""Statements as a tree: loops, branches, programs and texts in other languages, which end at a brace or at `end`.

[P] foreach, forvalues, while, if, program, mata. Heads keep their macros: they are expanded when they are run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from parity.stata.source import Statement


@dataclass(frozen=True)
class Loop:
    """`foreach`, `forvalues` or `while`: head without its brace, and what is repeated."""

    kind: str
    head: Statement
    body: tuple[Node, ...]


@dataclass(frozen=True)
class Branch:
    """`if CONDITION {...} else if ... else {...}`; the text of each condition, "" for the last else."""

    arms: tuple[tuple[Statement, str, tuple[Node, ...]], ...]


@dataclass(frozen=True)
class Block:
    """A braced group behind a prefix such as `quietly {` or `capture noisily {`."""

    head: Statement
    body: tuple[Node, ...]


@dataclass(frozen=True)
class Program:
    """`program define NAME ... end`. file: that it was read from, once it is defined"""

    name: str
    head: Statement
    body: tuple[Node, ...]
    file: str = ""

    @property
    def rclass(self) -> bool:
        """Whether what it returns takes the place of r() at its end."""
        return "rclass" in self.head.text.partition(",")[2].replace(",", " ").split()


@dataclass(frozen=True)
class Foreign:
    """Text that is no Stata: mata, python or java up to its `end`; lines of `input`."""

    language: str
    head: Statement
    lines: tuple[Statement, ...]


Node = Statement | Loop | Branch | Block | Program | Foreign


class Unbalanced(Exception):
    """A block that never ends, or an end without a block. `line` counts from 1."""

    def __init__(self, message: str, line: int):
        super().__init__(message)
        self.line = line


_LOOP = re.compile(r"(?:(?:qui|quie|quiet|quietl|quietly|cap|capt|captu|captur|capture|n|no|noi|nois|noisi|noisil|noisily)"
                   r"(?:\s++|\s*+:\s++))*(foreach|forv(?:a|al|alu|alue|alues)?|while)\b")  # fmt: skip
_CAPTURES = re.compile(r"(?:(?:qui|quie|quiet|quietl|quietly|n|no|noi|nois|noisi|noisil|noisily)(?:\s++|\s*+:\s++))*"
                       r"(?:cap|capt|captu|captur|capture)\b")  # fmt: skip
_IF = re.compile(r"if(?=[\s(`!\"$])\s*")
_ELSE = re.compile(r"\}?\s*else\b\s*")
_PROGRAM = re.compile(
    r"pr(?:o|og|ogr|ogra|ogram)?\s+(?!drop\b|dir\b|list\b|di\b|l\b)(?:(?:de|def|defi|defin|define)\s+)?(\w+)"
)
_FOREIGN = re.compile(r"(mata|python|java)\s*+:?\s*+$|(input)\b(?!.*\bend$)")


def captures(head: str) -> bool:
    """Whether a loop's head stands behind `capture`."""
    return _CAPTURES.match(head.lstrip()) is not None


def blocks(statements: Sequence[Statement]) -> tuple[Node, ...]:
    """The tree of a do-file. Raises `Unbalanced`."""
    found, wrong = blocks_until(statements)
    if wrong is not None:
        raise wrong
    return found


def blocks_until(statements: Sequence[Statement]) -> tuple[tuple[Node, ...], Unbalanced | None]:
    """The tree up to the first block that never ends, and what is wrong with that: Stata too runs what stands before."""
    reader, found = _Reader(statements), []
    while reader.more():
        try:
            statement = reader.next()
            if statement.text.startswith("}"):
                raise Unbalanced("a } that closes nothing", statement.line)
            found.append(reader.node(statement))
        except Unbalanced as error:
            return tuple(found), error
    return tuple(found), None


#: Blocks inside blocks.
MOST_DEPTH = 100


@dataclass
class _Reader:
    statements: Sequence[Statement]
    position: int = 0
    depth: int = 0
    pushed: list[Statement] = field(default_factory=list)

    def more(self) -> bool:
        return bool(self.pushed) or self.position < len(self.statements)

    def next(self) -> Statement:
        if self.pushed:
            return self.pushed.pop()
        self.position += 1
        return self.statements[self.position - 1]

    def peek(self) -> Statement:
        return self.pushed[-1] if self.pushed else self.statements[self.position]

    def body(self, opened: Statement | None) -> tuple[Node, ...]:
        """Nodes up to the closing brace of `opened`, which is taken; to the end where nothing was opened."""
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise Unbalanced(
                f"blocks stand more than {MOST_DEPTH} deep in each other", self.peek().line if self.more() else 0
            )
        try:
            return self._body(opened)
        finally:
            self.depth -= 1

    def _body(self, opened: Statement | None) -> tuple[Node, ...]:
        found: list[Node] = []
        while self.more():
            statement = self.next()
            text = statement.text
            if text.startswith("}"):
                if opened is None:
                    self.pushed.append(statement)
                    return tuple(found)
                self._rest(statement, text[1:].strip())
                return tuple(found)
            found.append(self.node(statement))
        if opened is not None:
            raise Unbalanced(f"`{opened.text[:60]}` is never closed", opened.line)
        return tuple(found)

    def _rest(self, statement: Statement, text: str) -> None:
        if text:
            self.pushed.append(Statement(text, statement.line, statement.last_line))

    def node(self, statement: Statement) -> Node:
        text = statement.text
        if match := _PROGRAM.match(text):
            return Program(match.group(1), statement, tuple(blocks(self.until_end(statement))))
        if match := _FOREIGN.match(text):
            return Foreign(match.group(1) or match.group(2), statement, tuple(self.until_end(statement)))
        if _IF.match(text):
            return self.branch(statement)
        if match := _LOOP.match(text):
            kind = match.group(1)
            return Loop("forvalues" if kind.startswith("forv") else kind, *self.braced(statement))
        if text.endswith("{") and not text.endswith("${"):
            return Block(*self.braced(statement))
        return statement

    def until_end(self, opened: Statement) -> list[Statement]:
        held = []
        while self.more():
            statement = self.next()
            if statement.text == "end":
                return held
            held.append(statement)
        raise Unbalanced(f"`{opened.text[:60]}` has no `end`", opened.line)

    def braced(self, statement: Statement) -> tuple[Statement, tuple[Node, ...]]:
        """Head without its brace, and the body; a body on the same line stands between the braces."""
        cut = _brace(statement.text)
        if cut is None:  # the brace on a line of its own
            if not self.more() or not self.peek().text.startswith("{"):
                raise Unbalanced(f"`{statement.text[:60]}` opens no {{", statement.line)
            opener = self.next()
            self._rest(opener, opener.text[1:].strip())
            return statement, self.body(statement)
        head = Statement(statement.text[:cut].strip(), statement.line, statement.last_line)
        inside = statement.text[cut + 1 :].strip()
        if inside.endswith("}") and _balanced(inside[:-1]):
            only = Statement(inside[:-1].strip(), statement.line, statement.last_line)
            return head, (self.node(only),) if only.text else ()
        self._rest(statement, inside)
        return head, self.body(statement)

    def branch(self, statement: Statement) -> Branch:
        arms = []
        while True:
            text = statement.text
            condition = _IF.match(text)
            start = condition.end() if condition else 0
            rest = text[start:]
            cut = _brace(rest)
            if condition and cut is None and not self._brace_next():  # `if CONDITION command`
                said, command = _condition(rest)
                inner = Statement(command, statement.line, statement.last_line)
                arms.append((statement, said, (self.node(inner),) if command else ()))
            elif not condition and cut is None and not self._brace_next():
                arms.append((statement, "", (self.node(statement),)))
            else:
                plain = Statement(rest or "{", statement.line, statement.last_line)
                head, body = self.braced(plain)
                arms.append((statement, head.text, body))
            if not self.more():
                break
            following = _ELSE.match(self.peek().text)
            if following is None:
                break
            taken = self.next()
            statement = Statement(taken.text[following.end() :], taken.line, taken.last_line)
            if not _IF.match(statement.text) and condition is None:
                raise Unbalanced("an else behind the last else", taken.line)
        return Branch(tuple(arms))

    def _brace_next(self) -> bool:
        return self.more() and self.peek().text.startswith("{")


def _brace(text: str) -> int | None:
    """Where the block's brace is: the first `{` outside quotes that begins no `${macro}` and no regular expression."""
    quoted = False
    for i, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif char == "{" and not quoted and text[i - 1 : i] != "$":
            return i
    return None


def _balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0


def _condition(text: str) -> tuple[str, str]:
    """`CONDITION command` on one line: the condition ends at the first blank at which a name follows an operand."""
    depth, quoted = 0, False
    for i, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif not quoted:
            depth += (char == "(") - (char == ")")
            if depth == 0 and char in " \t" and _operand_ends(text[:i]) and re.match(r"\s*[A-Za-z_`$]", text[i:]):
                return text[:i].strip(), text[i:].strip()
    return text.strip(), ""


def _operand_ends(before: str) -> bool:
    return bool(re.search(r"[\w.)\]'\"]\s*$", before))
