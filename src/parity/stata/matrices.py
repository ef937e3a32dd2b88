"""Matrices: literals, stored ones, their arithmetic. [P] matrix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from parity.base.patterns import BLANKS
from parity.stata.bounds import check_matrix
from parity.stata_language.dataset import DataProblem

if TYPE_CHECKING:
    from parity.stata.results import Matrix
    from parity.stata.session import Session


def assign(session: Session, about: str) -> None:
    """`A = expression`, `rownames A = ...`, `colnames A = ...`, `list A`, `drop A`. Raises `DataProblem`."""
    from parity.stata.results import Matrix

    about = re.sub(r"^(define|def|input)\s+", "", about.strip())
    word, _, rest = about.partition(" ")
    if word in ("list", "dir", "l", "li", "lis", "drop", "score", "glsaccum", "accum", "vecaccum"):
        if word in ("score", "glsaccum", "accum", "vecaccum"):
            raise DataProblem(f"matrix {word} is not known here", 198)
        if word == "drop":
            for name in rest.split():
                session.matrices.pop(name, None)
        return
    if word in ("rownames", "rown", "colnames", "coln", "roweq", "coleq"):
        name, _, names = rest.partition("=")
        old = _held(session, name.strip())
        new = tuple(names.split())
        side = "rows" if word.startswith("row") else "columns"
        if len(new) == len(getattr(old, side)):
            fields = {"values": old.values, "rows": old.rows, "columns": old.columns, side: new}
            session.matrices[name.strip()] = Matrix(**fields)
        return
    name, sign, text = about.partition("=")
    if not sign:
        raise DataProblem(f"`matrix {about[:40]}` is not known here", 198)
    if element := re.fullmatch(r"\s*(\w+)\s*\[([^,\]]+),([^\]]+)\]\s*", name):
        _set_element(session, *element.groups(), text.strip())
        return
    found = evaluate(session, text.strip())
    session.unknown.discard(name.strip())
    session.matrices[name.strip()] = found


def _set_element(session: Session, name: str, row: str, column: str, text: str) -> None:
    """`A[i, j] = exp`, `A[1, 1] = B`: a number, or a block that begins there."""
    from parity.stata.results import Matrix

    held = _held(session, name)
    i, j = (int(_number(session, place, axis)) - 1 for place, axis in ((row, held.rows), (column, held.columns)))
    try:
        block = evaluate(session, text).values
    except DataProblem:
        value = session.value(text)
        if isinstance(value, str):
            raise DataProblem("type mismatch", 109) from None
        block = np.array([[value]])
    if not (0 <= i <= held.values.shape[0] - block.shape[0] and 0 <= j <= held.values.shape[1] - block.shape[1]):
        raise DataProblem("conformability error", 503)
    values = held.values.copy()
    values[i : i + block.shape[0], j : j + block.shape[1]] = block
    session.matrices[name] = Matrix(values, held.rows, held.columns)


def _number(session: Session, text: str, names: tuple[str, ...]) -> float:
    text = text.strip()
    if text.strip('"') in names:
        return names.index(text.strip('"')) + 1.0
    value = session.value(text)
    if isinstance(value, str) or np.isnan(value):
        raise DataProblem(f"`{text}` is no place in a matrix", 503)
    return value


def _held(session: Session, name: str) -> Matrix:
    if match := re.fullmatch(r"([er])\((\w+)\)", name):
        found = session.matrix(match.group(1), match.group(2))
    else:
        found = session.matrix("", name)
    if found is None:
        raise DataProblem(f"matrix {name} not found", 111)
    return found


_TOKEN = re.compile(
    BLANKS + r"([er]\(\w+\)|_(?:b|se)\[[^\[\]]*\]|scalar\(\w+\)|[A-Za-z_]\w*\(|[A-Za-z_]\w*|\"[^\"]*\""
    r"|\d+(?:\.\d+|\.(?!\.))?(?:e[-+]?\d+)?|\.\.\.?"
    r"|\.\d+|\.[a-z]?|[-+*/'#\\,()\[\]])"
)


def evaluate(session: Session, text: str) -> Matrix:
    """A matrix expression: + - * ' \\ , literals, inv(), J(), I(), diag(), vecdiag(), rowsof ... Raises `DataProblem`."""
    from parity.stata.results import Matrix

    tokens = _TOKEN.findall(text)
    if re.sub(r"\s", "", text) != "".join(tokens):
        raise DataProblem(f"`{text[:40]}` is no matrix expression that is known here", 198)
    reader = _Reader(session, tokens)
    found = reader.rows()
    if reader.at != len(tokens):
        raise DataProblem(f"`{text[:40]}` is no matrix expression that is known here", 198)
    if isinstance(found, Matrix):
        return found
    return plain(np.atleast_2d(found))


def plain(values: np.ndarray) -> Matrix:
    """With the names r1 ... and c1 ..."""
    from parity.stata.results import Matrix

    rows = tuple(f"r{i}" for i in range(1, values.shape[0] + 1))
    return Matrix(values, rows, tuple(f"c{j}" for j in range(1, values.shape[1] + 1)))


class _Reader:
    """Recursive descent over tokens; values are arrays, names survive only where a matrix is copied."""

    def __init__(self, session: Session, tokens: list[str]):
        self.session, self.tokens, self.at = session, tokens, 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        token = self.peek()
        if wanted and token not in wanted:
            raise DataProblem(f"`{token or 'the end'}` is not expected in a matrix", 198)
        self.at += 1
        return token

    def rows(self):
        held = self.columns()
        while self.peek() == "\\":
            self.take()
            held = _joined(held, self.columns(), 0)
        return held

    def columns(self):
        held = self.sum()
        while self.peek() == ",":
            self.take()
            held = _joined(held, self.sum(), 1)
        return held

    def sum(self):
        held = self.product()
        while self.peek() in ("+", "-"):
            sign, other = self.take(), self.product()
            held = _array(held) + _array(other) if sign == "+" else _array(held) - _array(other)
        return held

    def product(self):
        held = self.unary()
        while self.peek() in ("*", "/", "#"):
            sign, other = self.take(), self.unary()
            a, b = _array(held), _array(other)
            if sign == "#":
                check_matrix(float(a.shape[0]) * b.shape[0], float(a.shape[1]) * b.shape[1])
                held = np.kron(a, b)
            elif sign == "/":
                held = a / b
            else:
                held = a * b if 1 in (a.size, b.size) else _product(a, b)
        return held

    def unary(self):
        if self.peek() == "-":
            self.take()
            return -_array(self.unary())
        held = self.atom()
        while self.peek() == "'":
            self.take()
            held = _transposed(held)
        return held

    def atom(self):
        token = self.take()
        if token in ("(", "["):
            held = self.rows()
            self.take(")" if token == "(" else "]")
            return held
        if token.startswith('"'):
            return token.strip('"')
        if token.endswith("(") and len(token) > 1:
            return self.call(token[:-1])
        if re.match(r"[\d.]", token):
            return np.array([[float("nan") if token[0] == "." and not token[1:].isdigit() else float(token)]])
        if token in self.session.scalars and self.session.matrix("", token) is None:
            return np.array([[float(self.session.scalars[token])]])
        if (match := re.fullmatch(r"([er])\((\w+)\)", token)) and self.session.matrix(*match.groups()) is None:
            value = self.session.result(*match.groups())
            if isinstance(value, int | float):
                return np.array([[float(value)]])
        if token.startswith(("_b[", "_se[", "scalar(")) or token == "_N":
            return np.array([[float(self.session.value(token.removeprefix("scalar(").rstrip(")")))]])
        held = _held(self.session, token)
        if self.peek() == "[":
            return self.part(held)
        return held

    def part(self, held: Matrix):
        self.take("[")
        rows = self.span(held.values.shape[0], held.rows)
        columns = slice(None)
        if self.peek() == ",":
            self.take()
            columns = self.span(held.values.shape[1], held.columns)
        self.take("]")
        return np.atleast_2d(held.values[rows, :][:, columns])

    def span(self, n: int, names: tuple[str, ...]):
        if self.peek() in names:
            i = names.index(self.take())
            return slice(i, i + 1)
        first = int(_array(self.sum()).item())
        if self.peek() in ("..", "."):
            while self.peek().startswith("."):
                self.take()
            last = n if self.peek() in (",", "]") else int(_array(self.sum()).item())
            return slice(first - 1, last)
        return slice(first - 1, first)

    def call(self, name: str):
        if name == "nullmat":  # no matrix where there is none yet
            wanted = self.take()
            self.take(")")
            found = self.session.matrix("", wanted)
            return found if found is not None else np.empty((0, 0))
        given, texts, named = [], [], []
        while self.peek() != ")":
            held = self.sum()
            if isinstance(held, str):
                texts.append(held)
            else:
                named.append(held)
                given.append(_array(held))
            if self.peek() == ",":
                self.take()
        self.take(")")
        one = [float(g.item()) for g in given if g.size == 1]
        match name:
            case "J":
                check_matrix(*one[:2])
                return np.full((int(one[0]), int(one[1])), one[2])
            case "I":
                check_matrix(one[0], one[0])
                return np.eye(int(one[0]))
            case "inv" | "invsym" | "syminv":
                check_matrix(*given[0].shape, work=PSEUDOINVERSE * float(given[0].shape[0]) ** 3)
                return np.linalg.pinv(given[0])
            case "diag":
                check_matrix(given[0].size, given[0].size)
                return np.diag(given[0].ravel())
            case "vecdiag":
                return np.diag(given[0])[None, :]
            case "rownumb" | "colnumb":
                names = getattr(named[0], "rows" if name == "rownumb" else "columns", ())
                return np.array([[float(names.index(texts[0]) + 1) if texts and texts[0] in names else np.nan]])
            case "trace":
                return np.array([[np.trace(given[0])]])
            case "det":
                check_matrix(*given[0].shape, work=float(given[0].shape[0]) ** 3)
                return np.array([[np.linalg.det(given[0])]])
            case "rowsof" | "colsof":
                return np.array([[float(given[0].shape[name == "colsof"])]])
            case "el":
                return np.array([[given[0][int(one[-2]) - 1, int(one[-1]) - 1]]])
            case "sqrt" | "abs" | "exp" | "ln":
                return {"sqrt": np.sqrt, "abs": np.abs, "exp": np.exp, "ln": np.log}[name](given[0])
        raise DataProblem(f"the matrix function {name}() is not known here", 133)


#: Multiplications of a pseudoinverse, by singular values, for each cell and row.
PSEUDOINVERSE = 25.0


def _array(held) -> np.ndarray:
    return held if isinstance(held, np.ndarray) else held.values


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if a.shape[1] != b.shape[0]:
        raise DataProblem("conformability error", 503)
    check_matrix(a.shape[0], b.shape[1], work=float(a.shape[0]) * a.shape[1] * b.shape[1])
    return a @ b


def _joined(a, b, axis: int) -> np.ndarray:
    a, b = _array(a), _array(b)
    if not a.size or not b.size:
        return b if not a.size else a
    if a.shape[1 - axis] != b.shape[1 - axis]:
        raise DataProblem("conformability error", 503)
    return np.concatenate([a, b], axis=axis)


def _transposed(held):
    from parity.stata.results import Matrix

    if isinstance(held, Matrix):
        return Matrix(held.values.T, held.columns, held.rows)
    return held.T
