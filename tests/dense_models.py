"""Likelihoods, k-class estimators and GMM by dense algebra with dummies: oracles that share no line with parity's estimator.

Formulas: [R] logit, probit, poisson; [R] ivregress, Methods and formulas; Davidson and MacKinnon (1993), section 18.5.
"""

from __future__ import annotations

import numpy as np

from dense_series import dense_series
from parity.conventions.facts import combine, subsets
from parity.sample.design import Design
from parity.study.models import CATEGORICAL, CENSORED, JOINT, K_CLASS, LIKELIHOODS, SERIES
from parity.study.spec import Spec

KINDS = ("iid", "HC0", "HC1", "CR0", "CR1")
Parts = dict[tuple[str, ...], np.ndarray]


def known(spec: Spec) -> bool:
    """Whether its estimate and covariance are written out here."""
    if spec.model in LIKELIHOODS:
        return spec.vcov.kind in KINDS and spec.convention.newton == "maximum"
    if spec.model in K_CLASS:
        return spec.vcov.kind in KINDS
    plain = spec.model == "gmm" and spec.moment_steps != "iterated" and spec.convention.centred == "no"
    return plain and spec.vcov.kind in KINDS and spec.moment_weight in ("iid", "robust", "cluster")


def dense_model(spec: Spec, design: Design) -> tuple[np.ndarray, Parts]:
    """Coefficients of the design's terms and their covariances without factor, by subset of the cluster variables."""
    if spec.model in CATEGORICAL:
        return _categories(spec, design)
    if spec.model in CENSORED:
        return _censored(spec, design)
    if spec.model in JOINT:
        return _joint(spec, design)
    if spec.model in SERIES:
        b, scores, inverse = dense_series(spec, design)
        return b, _parts(design, spec.vcov.kind, scores, inverse, inverse)
    return _likelihood(spec, design) if spec.model in LIKELIHOODS else _instrumented(spec, design)


# ---------------------------------------------------------------- sandwiches


def _parts(design: Design, kind: str, scores: np.ndarray, bread: np.ndarray, whole: np.ndarray) -> Parts:
    """scores (n, k) times weights; whole: the covariance without heteroskedasticity."""
    if kind == "iid":
        return {(): whole}
    if not design.clusters:
        copies = np.sqrt(design.weights) if design.weight_kind == "frequency" else np.ones(design.nobs)
        own = scores / copies[:, None]  # a row of weight w is w rows
        return {(): bread @ own.T @ own @ bread}
    parts = {}
    for subset in subsets(tuple(design.clusters)):
        code = combine([design.clusters[c] for c in subset])
        sums = np.zeros((int(code.max()) + 1, scores.shape[1]))
        np.add.at(sums, code, scores)
        parts[subset] = bread @ sums.T @ sums @ bread
    return parts


def _dummies(design: Design) -> np.ndarray:
    """(n, l) of full rank: dummies of every fixed effect, less those that earlier ones make."""
    columns = [np.eye(int(c.max()) + 1)[c] for c in design.effects.values()]
    if not columns:
        return np.ones((design.nobs, 1)) if design.intercept else np.empty((design.nobs, 0))
    from scipy import linalg

    every = np.hstack(columns)
    _, triangle, order = linalg.qr(every, mode="economic", pivoting=True)
    size = np.abs(np.diag(triangle))
    return every[:, np.sort(order[: int((size > 1e-9 * size[0]).sum())])]


# ---------------------------------------------------------------- likelihoods


def _rows(model: str, index: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each row: slope of its log likelihood by the index, minus its second derivative, and that one's expectation."""
    if model == "poisson":
        mean = np.exp(index)
        return y - mean, mean, mean
    if model == "logit":
        p = 1 / (1 + np.exp(-index))
        return y - p, p * (1 - p), p * (1 - p)
    from scipy import stats  # here, as each worker that dies is followed by one that imports anew

    sign, density = 2 * y - 1, stats.norm.pdf(index)
    ratio = np.exp(stats.norm.logpdf(index) - stats.norm.logcdf(sign * index))
    expected = density**2 / (stats.norm.cdf(index) * stats.norm.cdf(-index))
    return sign * ratio, ratio * (ratio + sign * index), expected


def _likelihood(spec: Spec, design: Design) -> tuple[np.ndarray, Parts]:
    w = np.ones(design.nobs) if design.weights is None else design.weights
    dummies = _dummies(design)
    size = np.linalg.norm(design.x, axis=0)
    constant = int(design.intercept)
    x = np.hstack([dummies, design.x / size])
    b = np.zeros(x.shape[1])
    if spec.model == "poisson":
        index = np.log(np.maximum(design.y, 0.1))
        b = np.linalg.lstsq(x, index, rcond=None)[0]
    for _ in range(200):
        slope, observed, _ = _rows(spec.model, x @ b, design.y)
        step = np.linalg.solve((x * (w * observed)[:, None]).T @ x, x.T @ (w * slope))
        while spec.model == "poisson" and np.max(np.abs(x @ step)) > 5:
            step /= 2
        b = b + step
        if np.max(np.abs(x @ step)) < 1e-12:
            break
    slope, observed, expected = _rows(spec.model, x @ b, design.y)
    curvature = w * (expected if spec.convention.information == "expected" else observed)
    keep = slice(0 if constant else dummies.shape[1], None)
    back = np.concatenate([np.ones(dummies.shape[1]), 1 / size])
    inverse = np.linalg.inv((x * curvature[:, None]).T @ x)
    parts = _parts(design, spec.vcov.kind, x * (w * slope)[:, None], inverse, inverse)
    scaled = {s: (m * np.outer(back, back))[keep, keep] for s, m in parts.items()}
    return (b * back)[keep], scaled


# ---------------------------------------------------------------- several outcomes


def _probabilities(model: str, x: np.ndarray, theta: np.ndarray, base: int, outcomes: int) -> tuple[np.ndarray, np.ndarray]:
    """(n, J) of every outcome, and (n, J, p) their slopes by the parameters. [R] mlogit, ologit, oprobit."""
    n, k = x.shape
    if model == "mlogit":
        gamma = np.insert(theta.reshape(outcomes - 1, k), base, 0.0, axis=0)
        odds = np.exp(x @ gamma.T)
        p = odds / odds.sum(1, keepdims=True)
        slopes = p[:, :, None] * (np.eye(outcomes)[None] - p[:, None, :])  # of p_j by the index of l
        slopes = np.delete(slopes, base, axis=2)
        return p, np.einsum("njl,nk->njlk", slopes, x).reshape(n, outcomes, -1)
    law = _law(model)
    ends = theta[k:][None, :] - (x @ theta[:k])[:, None]
    below, dense = np.pad(law.cdf(ends), ((0, 0), (1, 1)), constant_values=(0, 1)), np.pad(law.pdf(ends), ((0, 0), (1, 1)))
    moves = np.zeros((n, outcomes + 1, len(theta)))  # of each end's place by the parameters
    moves[:, :, :k] = -x[:, None, :]
    moves[:, np.arange(1, outcomes), k + np.arange(outcomes - 1)] = 1.0
    return np.diff(below, axis=1), np.diff(dense[:, :, None] * moves, axis=1)


def _law(model: str):
    from scipy import stats

    return stats.logistic if model == "ologit" else stats.norm


def _categories(spec: Spec, design: Design) -> tuple[np.ndarray, Parts]:
    """Scoring by the expected information; the observed one by differences of the scores."""
    w = np.ones(design.nobs) if design.weights is None else design.weights
    values, y = np.unique(design.y, return_inverse=True)
    size, outcomes = np.abs(design.x).max(axis=0), len(values)
    x = design.x / size
    if spec.model == "mlogit":
        x = np.hstack([np.ones((design.nobs, int(design.intercept))), x])
        theta = np.zeros(x.shape[1] * (outcomes - 1))
        back = np.tile(np.r_[np.ones(int(design.intercept)), 1 / size], outcomes - 1)
    else:
        law = _law(spec.model)
        theta = np.r_[np.zeros(x.shape[1]), law.ppf(np.cumsum(np.bincount(y, w))[:-1] / w.sum())]
        back = np.r_[1 / size, np.ones(outcomes - 1)]

    def scores(at: np.ndarray) -> np.ndarray:
        p, slopes = _probabilities(spec.model, x, at, design.base, outcomes)
        return slopes[np.arange(len(y)), y] / p[np.arange(len(y)), y][:, None]

    def expected(at: np.ndarray) -> np.ndarray:
        p, slopes = _probabilities(spec.model, x, at, design.base, outcomes)
        return np.einsum("n,njp,njq->pq", w, slopes / p[:, :, None], slopes)

    for _ in range(500):
        step = np.linalg.solve(expected(theta), w @ scores(theta))
        theta = theta + step
        if np.max(np.abs(step)) < 1e-13 * max(1.0, np.max(np.abs(theta))):
            break
    information = expected(theta)
    if spec.convention.information == "observed" and spec.model != "mlogit":
        h = 1e-5
        columns = [w @ (scores(theta + h * e) - scores(theta - h * e)) / (2 * h) for e in np.eye(len(theta))]
        information = -(np.array(columns) + np.array(columns).T) / 2
    inverse = np.linalg.inv(information)
    parts = _parts(design, spec.vcov.kind, scores(theta) * w[:, None], inverse, inverse)
    return theta * back, {s: m * np.outer(back, back) for s, m in parts.items()}


# ---------------------------------------------------------------- a censored outcome


def _censored(spec: Spec, design: Design) -> tuple[np.ndarray, Parts]:
    """By b and sigma, second derivatives by differences of the scores. [R] tobit."""
    from scipy import stats

    w = np.ones(design.nobs) if design.weights is None else design.weights
    lower, upper = design.limits
    unit, size = design.y.std(), np.linalg.norm(design.x, axis=0)
    x = np.hstack([np.ones((design.nobs, 1)), design.x / size])
    y, below, above = np.clip(design.y, lower, upper) / unit, design.y <= lower, design.y >= upper

    def scores(theta: np.ndarray) -> np.ndarray:
        e = (y - x @ theta[:-1]) / theta[-1]
        density = stats.norm.logpdf(e)
        low, high = np.exp(density - stats.norm.logcdf(e)), np.exp(density - stats.norm.logsf(e))
        by_mean = np.select([below, above], [-low, high], e) / theta[-1]
        return np.column_stack([by_mean[:, None] * x, by_mean * e - ~(below | above) / theta[-1]])

    def hessian(theta: np.ndarray, h: float = 1e-5) -> np.ndarray:
        columns = [w @ (scores(theta + h * e) - scores(theta - h * e)) / (2 * h) for e in np.eye(len(theta))]
        return (np.array(columns) + np.array(columns).T) / 2

    b = np.linalg.lstsq(x, y, rcond=None)[0]
    theta = np.r_[b, np.std(y - x @ b)]
    for _ in range(200):
        step = np.linalg.solve(-hessian(theta), w @ scores(theta))
        while theta[-1] + step[-1] < theta[-1] / 2:
            step /= 2
        theta = theta + step
        if np.max(np.abs(step)) < 1e-13:
            break
    inverse = np.linalg.inv(-hessian(theta))
    back = unit * np.r_[1.0, 1 / size, 1.0]
    parts = _parts(design, spec.vcov.kind, scores(theta) * w[:, None], inverse, inverse)
    return theta * back, {s: m * np.outer(back, back) for s, m in parts.items()}


# ---------------------------------------------------------------- an outcome with its endogenous column


def _joint(spec: Spec, design: Design) -> tuple[np.ndarray, Parts]:
    """By b, the first stage, atanh(rho) and log(sigma) themselves, second derivatives by differences. [R] ivprobit."""
    from scipy import stats

    w = np.ones(design.nobs) if design.weights is None else design.weights
    unit, (one, d) = design.endog[:, 0].std(), (np.ones((design.nobs, 1)), design.endog)
    of_x, of_z = np.linalg.norm(design.x, axis=0), np.linalg.norm(design.z, axis=0)
    outer = np.hstack([one, design.x / of_x, design.z / of_z])
    inner, d = np.hstack([outer[:, : 1 + len(of_x)], d / unit]), d[:, 0] / unit
    k, sign = inner.shape[1], 2 * design.y - 1

    def rows(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        b, p, (a, log_s) = theta[:k], theta[k:-2], theta[-2:]
        v = (d - outer @ p) * np.exp(-log_s)
        up = sign * (np.cosh(a) * (inner @ b) + np.sinh(a) * v)
        slope = sign * np.exp(stats.norm.logpdf(up) - stats.norm.logcdf(up))
        by_v = np.sinh(a) * slope - v
        scores = [np.cosh(a) * slope[:, None] * inner, -by_v[:, None] * np.exp(-log_s) * outer,
                  slope * (np.sinh(a) * (inner @ b) + np.cosh(a) * v), -by_v * v - 1]  # fmt: skip
        return stats.norm.logcdf(up) + stats.norm.logpdf(v) - log_s, np.column_stack(scores)

    def hessian(theta: np.ndarray, h: float = 1e-5) -> np.ndarray:
        columns = [w @ (rows(theta + h * e)[1] - rows(theta - h * e)[1]) / (2 * h) for e in np.eye(len(theta))]
        return (np.array(columns) + np.array(columns).T) / 2

    theta = np.r_[np.zeros(k), np.linalg.lstsq(outer, d, rcond=None)[0], 0.0, np.log(d.std())]
    for i in range(300):
        ll, scores = rows(theta)
        curved = -hessian(theta) if i > 20 else (scores.T * w) @ scores  # uphill first, then fast
        step = np.linalg.solve(curved, w @ scores)
        while i <= 20 and not w @ rows(theta + step)[0] >= w @ ll and np.max(np.abs(step)) > 1e-9:
            step /= 2
        theta = theta + step
        if i > 20 and np.max(np.abs(step)) < 1e-12:
            break
    inverse = np.linalg.inv(-hessian(theta))
    back = np.r_[1.0, 1 / of_x, 1 / unit, unit, unit / of_x, unit / of_z, 1.0, 1.0]
    parts = _parts(design, spec.vcov.kind, rows(theta)[1] * w[:, None], inverse, inverse)
    return np.r_[theta[:-1] * back[:-1], theta[-1] + np.log(unit)], {s: m * np.outer(back, back) for s, m in parts.items()}


# ---------------------------------------------------------------- instruments


def _instrumented(spec: Spec, design: Design) -> tuple[np.ndarray, Parts]:
    root = np.ones(design.nobs) if design.weights is None else np.sqrt(design.weights)
    weighed = root[:, None]
    absorbed = _dummies(design) * weighed if design.effects else np.empty((design.nobs, 0))
    constant = root[:, None] if design.intercept else np.empty((design.nobs, 0))

    def net(columns: np.ndarray) -> np.ndarray:
        return columns - absorbed @ np.linalg.lstsq(absorbed, columns, rcond=None)[0] if absorbed.shape[1] else columns

    y = net(design.y * root)
    x, d, z = net(np.hstack([constant, design.x * weighed])), net(design.endog * weighed), net(design.z * weighed)
    size = np.linalg.norm(np.hstack([x, d]), axis=0)
    both, instruments = np.hstack([x, d]) / size, np.linalg.qr(np.hstack([x, z]))[0]
    nobs = float(design.weights.sum()) if design.weight_kind == "frequency" else float(design.nobs)
    if spec.model in K_CLASS:
        b, bread, pull, e = _k_class(spec, design, y, both, x, d, instruments, nobs - absorbed.shape[1])
        whole = bread * float(e @ e) / nobs
        parts = _parts(design, spec.vcov.kind, pull * e[:, None], bread, whole)
    else:
        b, parts = _gmm(spec, design, y, both, instruments, root, nobs)
    return b / size, {s: m / np.outer(size, size) for s, m in parts.items()}


def _k_class(spec, design, y, both, x, d, instruments, nobs):
    def left(a: np.ndarray, q: np.ndarray) -> np.ndarray:
        return a - q @ (q.T @ a)

    kappa = spec.kappa
    if kappa is None:
        from scipy import linalg

        w = np.column_stack([y, d])
        of_x = left(w, np.linalg.qr(x)[0]) if x.shape[1] else w
        kappa = float(linalg.eigvalsh(of_x.T @ of_x, left(w, instruments).T @ left(w, instruments))[0])
        kappa -= spec.fuller_alpha / (nobs - instruments.shape[1])
    rest = left(both, instruments)
    bread = np.linalg.inv(both.T @ both - kappa * rest.T @ rest)
    b = bread @ (both.T @ y - kappa * rest.T @ y)
    return b, bread, both - rest, y - both @ b


def _gmm(spec, design, y, both, q, root, nobs):
    def about_mean(e: np.ndarray) -> float:
        about = e if spec.convention.gmm_covariance == "efficient" else e - root * (root @ e / (root @ root))
        return float(about @ about)

    def spread(kind: str, e: np.ndarray) -> np.ndarray:
        if kind == "iid":
            return np.eye(q.shape[1]) * about_mean(e) / nobs
        held = q * (e * (1.0 if kind == "cluster" else _copies(design)))[:, None]
        if kind == "cluster":
            code = design.clusters[spec.vcov.cluster[0]]
            sums = np.zeros((int(code.max()) + 1, q.shape[1]))
            np.add.at(sums, code, held)
            held = sums
        return held.T @ held

    def solved(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        cross = q.T @ both
        bread = np.linalg.inv(cross.T @ weight @ cross)
        return bread, bread @ cross.T @ weight @ (q.T @ y)

    weight = np.eye(q.shape[1])
    bread, b = solved(weight)
    for _ in range(int(spec.moment_steps) - 1):
        weight = np.linalg.inv(spread(spec.moment_weight, y - both @ b))
        bread, b = solved(weight)
    if spec.efficient:
        return b, {spec.vcov.cluster: bread}
    e = y - both @ b
    pull = q @ (weight @ (q.T @ both))
    if spec.vcov.kind == "iid":
        return b, {(): bread @ (pull.T @ pull) @ bread * about_mean(e) / nobs}
    return b, _parts(design, spec.vcov.kind, pull * e[:, None], bread, bread)


def _copies(design: Design) -> np.ndarray:
    """What a row's residual is over where it is as many equal rows, squared in sum."""
    return 1 / np.sqrt(design.weights) if design.weight_kind == "frequency" else np.ones(design.nobs)
