"""What the Python scripts of all packages share: regressors, cluster sets, and what a fit section promises."""

from __future__ import annotations

from dataclasses import dataclass

from parity.conventions.facts import subsets
from parity.export.py_columns import Columns
from parity.export.py_model import has_dummies
from parity.export.py_text import call, py_string
from parity.study.spec import Spec

#: Factors that packages apply by themselves, as `r_convention.factor_text` writes them.
CLUSTER_FACTOR = "G / (G - 1) * (N - 1) / (N - K)"
KN = "N / (N - K)"


@dataclass(frozen=True)
class Fitted:
    """lines       of the script's section
    scaled      the package applied the declared factor itself
    unwanted    what the package multiplied the variance by and no option turns off
    parts       the variance comes as `parts`, one per set of cluster variables
    """

    lines: tuple[str, ...]
    scaled: bool = False
    unwanted: str = ""
    parts: bool = False


def of_d(name: str) -> str:
    return f"d[{py_string(name)}]"


def frame(items: list[str]) -> str:
    """A frame of columns: `d[["value", "capital"]]`, with the columns of blocks of dummies."""
    return f"d[[{', '.join(i if not i.startswith('*') else f'{i}.columns' for i in items)}]]"


def regressors(spec: Spec, columns: Columns, package: str) -> list[str]:
    """X: the constant where there is one, the exogenous columns, fixed effects as dummies before them."""
    constant = spec.formula.intercept and not spec.formula.effects
    if columns.x:
        lines = call("x = [", [i if not i.startswith("*") else f"{i}.columns" for i in columns.x], "]")
        x = 'sm.add_constant(d[x], has_constant="add")' if constant else "d[x]"
        if constant and package == "linearmodels":
            x = 'd.assign(const=1.0)[["const", *x]]'
        lines.append(f"X = {x}")
    elif constant:
        lines = ['X = pd.DataFrame({"const": 1.0}, index=d.index)']
    else:
        lines = []
    if has_dummies(spec, package):
        both = "pd.concat([indicators(d, effects), X], axis=1)" if lines else "indicators(d, effects)"
        lines += [f"effects = [{', '.join(map(py_string, columns.effects))}]", f"X = {both}"]
    return [*lines, "X = independent(X)  # of columns that determine each other the later ones go"] if lines else lines


def codes(names: list[str]) -> str:
    one = [f"pd.factorize({of_d(name)})[0]" for name in names]
    return one[0] if len(one) == 1 else f"np.column_stack([{', '.join(one)}])"


def sets_of(clusters: list[str]) -> list[str]:
    every = ", ".join(f"[{', '.join(map(py_string, s))}]" for s in subsets(tuple(clusters)))
    return [
        "# several cluster variables: single ones are added, pairs subtracted ... (Cameron, Gelbach and Miller 2011)",
        f"sets, parts = [{every}], []",
        "for s in sets:",
    ]
