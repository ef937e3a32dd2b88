"""Covariances that no package has for every model, in numpy: HC2, HC3, HC4, CR2, CR3, Newey-West across gaps."""

from __future__ import annotations

from parity.conventions.profiles import ROW_LEVERAGE
from parity.export.py_columns import Columns
from parity.export.py_shared import of_d
from parity.export.py_text import py_string
from parity.study.spec import Spec


def by_hand(spec: Spec, columns: Columns, exog: str, resid: str, pick: str) -> list[str]:
    """From the whole design and the residuals to `se`."""
    kind = spec.vcov.kind
    lines = [
        f"M, e = {exog}, np.array({resid})",
        "Q, R = np.linalg.qr(M)",
        "pull = solve_triangular(R, Q.T).T  # how far each residual pulls each coefficient",
    ]
    if kind in ROW_LEVERAGE:
        power = {"HC2": "np.sqrt(1 - h)", "HC3": "(1 - h)", "HC4": "(1 - h) ** (np.minimum(4, h / h.mean()) / 2)"}[kind]
        return [
            *lines,
            "h = (Q**2).sum(axis=1)  # leverage in the whole design",
            *_without_weights(spec, columns),
            f"e = np.where(1 - h > 1e-10, e / {power}, 0)  # a row that is fitted exactly says nothing of the variance",
            *_summed("pull * e[:, None]", pick),
        ]
    if kind == "NW":
        return [*lines, *_newey_west(spec, columns), f"se = np.sqrt(np.diag(V)){pick}"]
    name, root = ("CR2", "-0.5") if kind == "CR2" else ("CR3", "-1.0")
    own_df = spec.own_df
    return [
        *lines,
        *(["squares, moved = [], []  # of (I - H)^root times pull: their squares, and products with Q"] if own_df else []),
        f"# {name}: residuals of a cluster times (I - H)^{root}, without the directions that its own columns fit exactly",
        f"cluster = pd.factorize({of_d(columns.clusters[0])})[0]",
        "for g in np.unique(cluster):",
        "    rows = cluster == g",
        "    u, s, _ = np.linalg.svd(Q[rows], full_matrices=False)",
        "    left = 1 - s**2",
        f"    factor = np.where(left > 1e-10, np.where(left > 1e-10, left, 1) ** {root}, 0)",
        "    e[rows] = e[rows] + u @ ((factor - 1) * (u.T @ e[rows]))",
        *(_moved() if own_df else []),
        *_summed("pd.DataFrame(pull * e[:, None]).groupby(cluster).sum()", pick),
        *(_satterthwaite(pick) if own_df else []),
    ]


def _moved() -> list[str]:
    return [
        "    a = pull[rows] + u @ ((factor - 1)[:, None] * (u.T @ pull[rows]))",
        "    squares.append((a**2).sum(axis=0))",
        "    moved.append(Q[rows].T @ a)",
    ]


def _satterthwaite(pick: str) -> list[str]:
    return [
        "# Satterthwaite (Pustejovsky and Tipton 2018): (tr P)^2 / tr(P P), P_gh = a_g'(I - H)_gh a_h",
        "squares, moved = np.array(squares), np.array(moved)",
        "P = np.einsum('grk,hrk->kgh', moved, moved)",
        "P = np.eye(len(squares)) * squares.T[:, None, :] - P",
        f"df = (np.trace(P, axis1=1, axis2=2) ** 2 / (P**2).sum(axis=(1, 2))){pick}",
    ]


def _without_weights(spec: Spec, columns: Columns) -> list[str]:
    """Stata's leverage, or feols', which lacks the row's own weight."""
    if not (spec.weights and spec.weights.analytic) or spec.convention.leverage_weights == "in":
        return []
    out = spec.convention.leverage_weights == "out"
    w = f"{of_d(columns.weight)}.to_numpy()"
    scale = f"{w}.mean() / {w}  # without the row's weight, weights of mean one, as Stata has it" if out else f"1 / {w}"
    return [f"h = h * {scale}"]


def _summed(scores: str, pick: str) -> list[str]:
    return [
        f"scores = {scores}",
        f"se = np.sqrt((scores**2).sum(axis=0)){'.to_numpy()' if 'groupby' in scores else ''}{pick}",
    ]


def _newey_west(spec: Spec, columns: Columns) -> list[str]:
    lags, unit = spec.vcov.lags, columns.unit
    place = {
        "closed": f'{of_d(columns.time)}.rank(method="dense")  # periods that no row has are passed over',
        "rows": f"d.groupby({py_string(unit)})[{py_string(columns.time)}].rank()  # a unit's rows follow one another",
    }.get(spec.convention.kernel_gaps, "")
    key = ["0 * place", "place"] if not unit else [of_d(unit), "place" if place else of_d(columns.time)]
    first = (
        ([f"place = {place}"] if place else [])
        if unit
        else [f'place = {of_d(columns.time)}.rank(method="first")  # one series: a lag is a row in order of time']
    )
    return [
        "# Newey and West (1987) within units, Bartlett weights; rows `lag` periods apart are paired, gaps are respected",
        *first,
        f"key = pd.MultiIndex.from_arrays([{', '.join(key)}])",
        "scores = pull * e[:, None]",
        "V = scores.T @ scores",
        f"for lag in range(1, {lags} + 1):",
        f"    early = key.get_indexer(pd.MultiIndex.from_arrays([{key[0]}, {key[1]} - lag]))",
        "    products = scores[early >= 0].T @ scores[early[early >= 0]]",
        f"    V = V + (1 - lag / ({lags} + 1)) * (products + products.T)",
    ]
