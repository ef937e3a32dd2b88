"""The part of a script in Python for an outcome of several categories: both log likelihoods and their maximum, in numpy.

statsmodels has no weights and no covariance but the inverse information for them, that of ordered outcomes by differences.
"""

from __future__ import annotations

from parity.conventions.profiles import CLUSTERED
from parity.export.py_columns import Columns
from parity.export.py_model import frequency
from parity.export.py_shared import Fitted, of_d, regressors, sets_of
from parity.export.py_text import py_string
from parity.export.r_sample import uses_dummies
from parity.study.spec import Spec

#: Name -> source.
HELPERS: dict[str, str] = {
    "steps": '''\
def steps(of, b, w):
    """Newton's steps from b until they change nothing; of(b): log p and scores of rows, minus the second derivatives."""
    for _ in range(100):
        logs, scores, information = of(b)
        step = np.linalg.solve(information, w @ scores)
        size = 1.0
        while not w @ of(b + size * step)[0] >= w @ logs * (1 + 1e-14):
            size /= 2
        b = b + size * step
        if np.max(np.abs(size * step)) < 1e-13 * max(1, np.max(np.abs(b))):
            break
    return b, *of(b)[1:]''',
    "orthogonal": '''\
def orthogonal(M):
    """Orthogonal columns of mean square one, and what takes their coefficients to those of M."""
    size, n = np.sqrt((M**2).sum(axis=0)), np.sqrt(len(M))
    Q, R = np.linalg.qr(M / size)
    return Q * n, np.linalg.inv(R) / size[:, None] * n''',
    "multinomial": '''\
def multinomial(y, x, others, w):
    """Log likelihood of an index of every outcome but the base, at the coefficients of one after the other."""
    chosen, j = (y[:, None] == np.array(others)) * 1.0, range(len(others))

    def of(b):
        index = x @ b.reshape(len(others), -1).T
        top = np.maximum(index.max(axis=1), 0)
        total = top + np.log(np.exp(-top) + np.exp(index - top[:, None]).sum(axis=1))
        p = np.exp(index - total[:, None])
        scores = ((chosen - p)[:, :, None] * x[:, None, :]).reshape(len(y), -1)
        blocks = [[x.T @ (x * (w * p[:, k] * ((k == m) - p[:, m]))[:, None]) for m in j] for k in j]
        return (chosen * index).sum(axis=1) - total, scores, np.block(blocks)

    return of''',
    "ordered": '''\
def ordered(y, x, w, many, cdf, pdf, slope):
    """Log likelihood of one index and a cut between each two neighbouring outcomes, which y counts from 0."""
    def of(b, y=y):
        index, cuts = x @ b[: x.shape[1]], b[x.shape[1] :]
        if (np.diff(cuts) <= 0).any():
            return np.full(len(x), np.nan), None, None
        ends = np.r_[-1e30, cuts, 1e30]
        low, high = ends[y] - index, ends[y + 1] - index
        p = np.where(low > 0, cdf(-low) - cdf(-high), cdf(high) - cdf(low))
        def moves(end):  # by which parameters an end moves
            cuts = (np.reshape(end, (-1, 1)) == np.arange(1, many)) * np.ones((len(x), 1))
            return np.hstack([-x * cuts.sum(axis=1, keepdims=True), cuts])
        lower, upper = moves(y), moves(y + 1)
        scores = upper * (pdf(high) / p)[:, None] - lower * (pdf(low) / p)[:, None]
        curved = (upper.T * (w * slope(high) / p)) @ upper - (lower.T * (w * slope(low) / p)) @ lower
        return np.log(p), scores, (scores.T * w) @ scores - curved
    return of''',
}


def outcomes_fit(spec: Spec, columns: Columns) -> Fitted:
    """Coefficients, the inverse information and its sandwich, written out."""
    weight = f"{of_d(columns.weight)}.to_numpy(float)" if columns.weight else "np.ones(len(d))"
    lines = [*regressors(spec, columns, "statsmodels"), f"y, w = {of_d(columns.outcome)}.to_numpy(float), {weight}"]
    lines += _multinomial(spec, columns) if spec.model == "mlogit" else _ordered(spec, columns)
    lines += [
        "b = pd.Series(back @ found, index=terms)",
        "bread = back @ np.linalg.inv(information) @ back.T  # the inverse information",
    ]
    if spec.vcov.kind == "iid":
        return Fitted((*lines, "se = np.sqrt(np.diag(bread))"))
    root = "np.sqrt(w)" if frequency(spec) and spec.vcov.kind not in CLUSTERED else "w"
    lines.append(f"scores = {root}[:, None] * scores @ np.linalg.inv(back)")
    if spec.vcov.kind not in CLUSTERED:
        return Fitted((*lines, "V = bread @ scores.T @ scores @ bread", "se = np.sqrt(np.diag(V))"))
    summed = "sums = pd.DataFrame(scores).groupby(d.groupby({}).ngroup().to_numpy()).sum().to_numpy()"
    if len(columns.clusters) == 1:
        lines.append(summed.format(f"[{py_string(columns.clusters[0])}]"))
        return Fitted((*lines, "V = bread @ sums.T @ sums @ bread", "se = np.sqrt(np.diag(V))"))
    loop = [f"    {summed.format('s')}", "    parts.append(np.diag(bread @ sums.T @ sums @ bread))"]
    return Fitted((*lines, *sets_of(columns.clusters), *loop), parts=True)


def _names(spec: Spec, columns: Columns) -> str:
    """What a column n of X is called in the formula."""
    labelled = bool(columns.label) or uses_dummies(spec)
    return '"(Intercept)" if n == "const" else ' + ("label.get(n, n)" if labelled else "n")


def _multinomial(spec: Spec, columns: Columns) -> list[str]:
    if spec.base is not None:
        base = f"base = {spec.base:.15g}"
    elif spec.convention.base_outcome == "frequent":
        counted = "pd.Series(w).groupby(y).sum()" if frequency(spec) else "pd.Series(y).value_counts().sort_index()"
        base = f"base = {counted}.idxmax()  # the most frequent outcome"
    else:
        base = f"base = y.{'min' if spec.convention.base_outcome == 'first' else 'max'}()"
    return [
        base,
        "others = sorted(set(y) - {base})",
        "x, back = orthogonal(X.to_numpy(float))",
        "likelihood, back = multinomial(y, x, others, w), np.kron(np.eye(len(others)), back)",
        "found, scores, information = steps(likelihood, np.zeros(len(back)), w)",
        f'terms = [f"{{v:.15g}}:" + ({_names(spec, columns)}) for v in others for n in X]',
    ]


def _ordered(spec: Spec, columns: Columns) -> list[str]:
    law = "stats.logistic" if spec.model == "ologit" else "stats.norm"
    slope = "lambda z: -law.pdf(z) * np.tanh(z / 2)" if spec.model == "ologit" else "lambda z: -z * law.pdf(z)"
    lines = [
        'y, X = np.unique(y, return_inverse=True)[1], X.drop(columns="const", errors="ignore")  # cuts are in its place',
        f"many, law = y.max() + 1, {law}",
        "x, back = orthogonal(X.to_numpy(float) - (centre := w @ X.to_numpy(float) / w.sum()))",
        f"likelihood = ordered(y, x, w, many, law.cdf, law.pdf, {slope})",
        "start = np.r_[np.zeros(x.shape[1]), law.ppf(np.cumsum(np.bincount(y, w))[:-1] / w.sum())]",
        "found, scores, information = steps(likelihood, start, w)",
    ]
    if spec.convention.information == "expected":
        lines += [
            "information = 0  # the expected one",
            "for j in range(many):",
            "    logs, of_j, _ = likelihood(found, np.full(len(y), j))",
            "    information = information + of_j.T @ (of_j * (w * np.exp(logs))[:, None])",
        ]
    return [
        *lines,
        "zero, same = np.zeros((len(back), many - 1)), np.tile(centre @ back, (many - 1, 1))",
        "back = np.block([[back, zero], [same, np.eye(many - 1)]])",
        f'terms = [*({_names(spec, columns)} for n in X), *(f"/cut{{j}}" for j in range(1, many))]',
    ]
