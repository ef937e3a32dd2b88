"""expression() of margins: a function of the index or of the response, averaged like a response. [R] margins."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from parity.algebra.margins import RESPONSES, Margin
from parity.stata_language.dataset import Column, DataProblem, Dataset

#: What stands for the index, and for the response of the model.
_INDEX = re.compile(r"\bxb\([ \t]{0,9}\)|\bpredict\([ \t]{0,9}xb[ \t]{0,9}\)")
_RESPONSE = re.compile(r"\bpredict\([ \t]{0,9}(?:pr?|n|ir|mu)?[ \t]{0,9}\)")
#: Functions of one number; with any other name the expression is of more than the index.
_KNOWN = frozenset(
    {"exp", "ln", "log", "log10", "sqrt", "abs", "invlogit", "logit", "normal", "normalden", "invnormal", "_pi"}
)
#: Steps of the derivative, relative to the index where that is large.
_STEP = 1e-5


@dataclass(frozen=True)
class Expressed:
    """of: index (n) -> what the expression is there (n)."""

    of: Callable[[np.ndarray], np.ndarray]

    def average(self, b: np.ndarray, x: np.ndarray, shares: np.ndarray) -> Margin:
        """Over rows x (n, k), with its gradient: by the chain rule, the derivative by the index taken in steps both ways."""
        index = x @ b
        step = _STEP * np.maximum(1.0, np.abs(index))
        slope = (self.of(index + step) - self.of(index - step)) / (2 * step)
        return Margin(float(shares @ self.of(index)), (shares * slope) @ x)


def expressed(text: str, model: str) -> Expressed:
    """model: "logit", "probit", "poisson" or "". Raises `DataProblem` for what is of more than the index."""
    from parity.stata.evaluate import Context, rows
    from parity.stata_language.expression import parse

    plain = _RESPONSE.sub("response_", _INDEX.sub("index_", text))
    names = set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", plain))
    if unknown := sorted(names - _KNOWN - {"index_", "response_"}) or not names & {"index_", "response_"}:
        said = unknown[0] if isinstance(unknown, list) else text
        raise DataProblem(f"margins, expression({text}) is not computed here: {said}", 198)
    parsed = parse(plain)

    def of(index: np.ndarray) -> np.ndarray:
        columns = {"index_": Column(index, "double"), "response_": Column(RESPONSES[model](index).value, "double")}
        data = Dataset(columns, len(index))
        return np.asarray(rows(parsed, Context(data, lambda name: name)), dtype=float)

    return Expressed(of)
