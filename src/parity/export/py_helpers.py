"""The small functions that a Python script may need, as source. A script holds those that it calls, and no others."""

from __future__ import annotations

import re

from parity.export.py_outcomes import HELPERS as OF_OUTCOMES

#: Name -> source.
HELPERS: dict[str, str] = OF_OUTCOMES | {
    "finite": '''\
def finite(x):
    """What is not finite is missing, as in Stata: the log of zero, a division by zero."""
    return x.where(np.isfinite(x))''',
    "truth": '''\
def truth(yes, no):
    """1 where something is certainly true, 0 where it is certainly false, else missing."""
    return yes.astype(float).where(yes | no)''',
    "single_precision": '''\
def single_precision(x):
    """Rounded to 4 bytes, Stata's storage type float."""
    return x.astype("float32").astype(float)''',
    "lag": '''\
def lag(x, unit, time, periods):
    """Value of the same unit `periods` earlier (negative: later); missing across a gap in time."""
    known = unit.notna() & time.notna()
    at = pd.Series(np.asarray(x)[known], index=pd.MultiIndex.from_arrays([unit[known], time[known]]))
    return pd.Series(at.reindex(pd.MultiIndex.from_arrays([unit, time - periods])).to_numpy(), index=unit.index)''',
    "difference": """\
def difference(x, unit, time, periods):
    return x - lag(x, unit, time, periods)""",
    "dummies": '''\
def dummies(x, name, rows, prefix, by=1.0, suffix="", leave_out="first"):
    """A column per value that x takes in the chosen rows, except the one left out (None: none is)."""
    values = sorted(x[rows].dropna().unique())
    reference = values[0] if leave_out == "first" else leave_out
    columns = {}
    for value in values:
        if leave_out is None or value != reference:
            column = f"{prefix}_{len(columns) + 1}"
            columns[column] = ((x == value) * 1.0).where(x.notna()) * by
            label[column] = f"{name}::{value if isinstance(value, str) else format(float(value), '.17g')}{suffix}"
    return pd.DataFrame(columns, index=x.index)''',
    "not_alone": '''\
def not_alone(d, effects, count=None):
    """Rows left when those alone in a level of a fixed effect are dropped, again and again (Correia 2015)."""
    while True:
        n = pd.Series(1, index=d.index) if count is None else d[count]
        alone = np.any([n.groupby(d[f]).transform("sum") == 1 for f in effects], axis=0)
        if not alone.any():
            return d
        d = d[~alone]''',
    "above_zero": '''\
def above_zero(d, y, effects):
    """Rows that a Poisson can use: no level of a fixed effect has zeros alone."""
    while True:
        n = len(d)
        for f in effects:
            d = d[d.groupby(f)[y].transform("max") > 0]
        if len(d) == n:
            return d''',
    "usable": '''\
def usable(d, y, x, effects):
    """Rows that a likelihood can use: no level of an effect has one outcome alone, and no rows of that value of a
    two-valued regressor which has one outcome alone stay ([R] logit, Model identification)."""
    while True:
        n = len(d)
        for f in effects:
            d = d[d.groupby(f)[y].transform("nunique") > 1]
        for name in x:
            alike = d.groupby(name)[y].nunique() == 1
            if len(alike) == 2 and alike.sum() == 1:
                d = d[d[name] != alike.idxmax()]
        if len(d) == n:
            return d''',
    "independent": '''\
def independent(M):
    """The columns that those before them do not determine."""
    Q, kept = np.empty(M.shape, order="F"), []
    for name in M:
        v = M[name].to_numpy(float)
        left = v
        for _ in range(2):  # twice, or rounding would be left
            left = left - Q[:, : len(kept)] @ (Q[:, : len(kept)].T @ left)
        if np.linalg.norm(left) > 1e-9 * np.linalg.norm(v):
            Q[:, len(kept)] = left / np.linalg.norm(left)
            kept.append(name)
    return M[kept]''',
    "net": '''\
def net(M, D, w=1.0):
    """Columns less what the dummies D give of them, weighted; zero where they give all, up to rounding."""
    root = np.sqrt(np.broadcast_to(w, len(M)))[:, None]
    left = M - D.to_numpy() @ np.linalg.lstsq(root * D.to_numpy(), root * M.to_numpy(), rcond=None)[0]
    return left.where((left**2).sum() > 1e-18 * (M**2).sum(), 0.0, axis=1)''',
    "indicators": '''\
def indicators(d, effects):
    """A column per level of every fixed effect; numbered, so that they can't be taken for regressors."""
    D = pd.concat([pd.get_dummies(d[f], dtype=float) for f in effects], axis=1)
    return D.set_axis(range(D.shape[1]), axis=1)''',
    "components": '''\
def components(a, b):
    """Connected components of the graph in which every row joins its level of a to its level of b."""
    a, b = pd.factorize(a)[0], pd.factorize(b)[0]
    n = a.max() + 1
    graph = coo_array((np.ones(len(a)), (a, n + b)), shape=(n + b.max() + 1,) * 2)
    return connected_components(graph, directed=False)[0]''',
    "redundant": '''\
def redundant(effects):
    """Coefficients lost among fixed effects: each loses as many as it forms components with an earlier one."""
    return sum(max(components(d[f], d[g]) for g in effects[:j]) for j, f in enumerate(effects) if j)''',
    "redundant_pair": '''\
def redundant_pair(effects):
    """Coefficients lost among fixed effects: the components of the first two, and one for each further one."""
    return components(d[effects[0]], d[effects[1]]) + len(effects) - 2 if len(effects) > 1 else 0''',
    "inside_clusters": '''\
def inside_clusters(effect, cluster):
    """Whether each level of the effect lies in one cluster."""
    return d.groupby(effect)[cluster].nunique().max() == 1''',
}
#: What a script's text must hold for an import to be needed.
_IMPORTS = [
    (r"\bstats\.", "from scipy import stats"),
    (r"\bsolve_triangular\(", "from scipy.linalg import solve_triangular"),
    (r"\bcoo_array\(", "from scipy.sparse import coo_array"),
    (r"\bconnected_components\(", "from scipy.sparse.csgraph import connected_components"),
    (r"\bpf\.", "import pyfixest as pf"),
    (r"\bsm\.", "import statsmodels.api as sm"),
    (r"\bIV2SLS\(", "from linearmodels.iv import IV2SLS"),
    (r"\bIVLIML\(", "from linearmodels.iv import IVLIML"),
    (r"\bIVGMM\(", "from linearmodels.iv import IVGMM"),
    (r"\bPanelOLS\(", "from linearmodels.panel import PanelOLS"),
    (r"\bRandomEffects\(", "from linearmodels.panel import RandomEffects"),
]


def helpers_of(body: str) -> list[str]:
    """Sources of the helpers that a script's body calls, and of those that these call."""
    needed: set[str] = set()
    texts = [body]
    while texts:
        text = texts.pop()
        for name in HELPERS.keys() - needed:
            if re.search(rf"\b{name}\(", text):
                needed.add(name)
                texts.append(HELPERS[name])
    return [source for name, source in HELPERS.items() if name in needed]


def imports_of(text: str) -> list[str]:
    """Import lines: the standard library's, then what the text uses."""
    third = sorted(
        ["import numpy as np", "import pandas as pd", *(line for pattern, line in _IMPORTS if re.search(pattern, text))],
        key=lambda line: (line.split()[1].split(".")[0], line),
    )
    return ["import sys", "", *third]
