"""The part of a script that computes the covariance without any small-sample factor: V, or one part per cluster set."""

from __future__ import annotations

from parity.base.r_text import r_element
from parity.conventions.kinds import CONLEY, ROW_LEVERAGE
from parity.export.r_clusters import clustered
from parity.export.r_model import by_clubsandwich, has_dummies, weighted
from parity.export.r_places import conley
from parity.export.r_sample import frequency
from parity.study.models import OF_INSTRUMENTS
from parity.study.spec import Spec
from parity.study.study import Study

_SANDWICH = "bread(fit) %*% crossprod(scores) %*% bread(fit) / length(y)^2"


def packages(spec: Spec) -> list[str]:
    """Packages that the fit and the covariance need."""
    if spec.model in OF_INSTRUMENTS or spec.categorical:
        return []
    if spec.likelihood:
        return ["sandwich"] if spec.vcov.kind != "iid" else []
    return (
        (["AER"] if spec.iv else [])
        + (["clubSandwich"] if by_clubsandwich(spec) else [])
        + (["sandwich"] if spec.vcov.kind != "CR2" else [])
    )


def covariance(study: Study, spec: Spec) -> list[str]:
    """Uncorrected covariance of the coefficients."""
    kind = spec.vcov.kind
    if kind in ("CR2", "CR3"):
        lines = _cr2(spec) if kind == "CR2" else _cr3(spec)
    elif spec.vcov.cluster:
        lines = clustered(spec.vcov.cluster, lambda g: f'vcovCL(fit, cluster = {g}, type = "HC0", cadjust = FALSE)')
    elif kind == "iid":
        squares = "w * residuals(fit)^2" if weighted(spec) or spec.weights else "residuals(fit)^2"
        lines = [f"V <- sum({squares}) / N * bread(fit) / length(y)"]
    elif kind in ("HC0", "HC1") and not frequency(spec):
        lines = ["V <- sandwich(fit)"]
    elif kind in ("HC0", "HC1"):
        lines = ["scores <- estfun(fit) / sqrt(w)  # a row of weight w is w rows", f"V <- {_SANDWICH}"]
    elif kind in ROW_LEVERAGE:
        lines = _leverage(spec)
    elif kind == CONLEY:
        lines = conley(spec)
    else:
        lines = _driscoll_kraay(study, spec) if kind == "DK" else _newey_west(study, spec)
    lines += _satterthwaite(spec) if by_clubsandwich(spec) and spec.own_df else []
    if not has_dummies(spec):
        return [*lines, *(["V <- unclass(V)"] if spec.own_df and spec.vcov.kind == "CR2" else []), *_resized(spec)]
    if len(spec.vcov.cluster) > 1:
        return [*lines, "parts <- lapply(parts, function(V) V[own, own, drop = FALSE])"]
    return [*lines, "V <- V[own, own, drop = FALSE]", *_resized(spec)]


def _resized(spec: Spec) -> list[str]:
    """Undo the scaling that `r_model` applied for CR2."""
    if not by_clubsandwich(spec):
        return []
    kept = "size[own]" if spec.iv and has_dummies(spec) else "size" if spec.iv else "size[terms]"
    return [f"size <- {kept}", "b <- b / size", "V <- V / tcrossprod(size)"]


def _satterthwaite(spec: Spec) -> list[str]:
    """clubSandwich's degrees of freedom, of which no scalar of the covariance is part."""
    cluster, kind = r_element("clusters", spec.vcov.cluster[0]), spec.vcov.kind.replace("CR1", "CR0")
    of = "V" if kind == "CR2" else "of"
    made = "" if kind == "CR2" else f'of <- vcovCR(fit, cluster = {cluster}, type = "{kind}")'
    dummies = "[own]" if has_dummies(spec) else ""
    return [*filter(None, [made]), f'df <- coef_test(fit, vcov = {of}, test = "Satterthwaite")$df_Satt{dummies}']


def _cr2(spec: Spec) -> list[str]:
    cluster = r_element("clusters", spec.vcov.cluster[0])
    made = f'vcovCR(fit, cluster = {cluster}, type = "CR2")'
    return [f"V <- {made}" if spec.own_df else f"V <- unclass({made})"]


def _cr3(spec: Spec) -> list[str]:
    """By hand: clubSandwich stops where a cluster's rows fit a fixed effect of their own, since I - H has no inverse."""
    root = "sqrt(w) * " if weighted(spec) else ""
    projected = ', component = "projected"' if spec.iv else ""
    kept = "" if spec.iv else "[, kept, drop = FALSE]"
    return [
        "# CR3: residuals of a cluster times (I - H)^-1, without the directions that the cluster's own columns fit exactly",
        f"W <- {root}model.matrix(fit{projected}){kept}",
        f"e <- {root}residuals(fit)",
        "Q <- qr.Q(qr(W, tol = 1e-9))",
        f"cluster <- {r_element('clusters', spec.vcov.cluster[0])}",
        *(["pull <- t(backsolve(qr.R(qr(W, tol = 1e-9)), t(Q)))", "size <- moved <- NULL"] if spec.own_df else []),
        "for (i in split(seq_along(e), cluster)) {",
        "  s <- svd(Q[i, , drop = FALSE], nv = 0)",
        "  left <- 1 - s$d^2",
        "  e[i] <- e[i] + s$u %*% ((ifelse(left > 1e-10, 1 / left, 0) - 1) * crossprod(s$u, e[i]))",
        *_moved(spec),
        "}",
        *_by_hand_df(spec),
        "scores <- rowsum(W * e, cluster)",
        f"V <- {_SANDWICH}",
    ]


def _moved(spec: Spec) -> list[str]:
    if not spec.own_df:
        return []
    return [
        "  p <- pull[i, , drop = FALSE]",
        "  a <- p + s$u %*% ((ifelse(left > 1e-10, 1 / left, 0) - 1) * crossprod(s$u, p))",
        "  size <- rbind(size, colSums(a^2))",
        "  moved <- c(moved, list(crossprod(Q[i, , drop = FALSE], a)))",
    ]


def _by_hand_df(spec: Spec) -> list[str]:
    if not spec.own_df:
        return []
    own = "[own]" if has_dummies(spec) else ""
    return [
        "# Satterthwaite (Pustejovsky and Tipton 2018): (tr P)^2 / tr(P P), P_gh = a_g'(I - H)_gh a_h",
        "df <- sapply(seq_len(ncol(pull)), function(j) {",
        "  P <- diag(size[, j]) - crossprod(sapply(moved, function(m) m[, j]))",
        "  sum(diag(P))^2 / sum(P^2)",
        f"}}){own}",
    ]


def _leverage(spec: Spec) -> list[str]:
    hat = "hatvalues(fit)"
    if spec.iv:
        root = "sqrt(w) * " if spec.weights else ""
        hat = f'rowSums(qr.Q(qr({root}model.matrix(fit, component = "projected")))^2)'
    power = {"HC2": "sqrt(1 - h)", "HC3": "(1 - h)", "HC4": "(1 - h)^(pmin(4, h / mean(h)) / 2)"}[spec.vcov.kind]
    each = ""
    if frequency(spec):
        hat, each = f"{hat} / w", " / sqrt(w)"
        power = power.replace("mean(h)", "weighted.mean(h, w)")
    said = "  # of one of the w rows that a row stands for" if each else ""
    if spec.weights and not each and spec.convention.leverage_weights != "in":
        out = spec.convention.leverage_weights == "out"
        hat = f"{hat} / w * mean(w)" if out else f"{hat} / w"
        said = "  # without the row's own weight" + (
            ", as Stata has it: weights of mean one" if out else ", as feols has it"
        )
    return [
        f"h <- {hat}{said}",
        f"scores <- estfun(fit) / {power}{each}",
        "scores[1 - h < 1e-10, ] <- 0  # a row that is fitted exactly says nothing about the variance",
        f"V <- {_SANDWICH}",
    ]


def _driscoll_kraay(study: Study, spec: Spec) -> list[str]:
    if not study.header.time:
        return ['stop("Driscoll-Kraay needs the column of time")']
    lags = spec.vcov.lags
    if spec.convention.kraay_gaps == "kept":
        unit, most = "unit of time", "diff(range(time))"
        pairs = [
            "  early <- match(sort(unique(time)) - lag, sort(unique(time)))",
            "  late <- which(!is.na(early))",
            "  products <- crossprod(scores[late, , drop = FALSE], scores[early[late], , drop = FALSE])",
        ]
    else:
        unit, most = "observed period", "periods - 1"
        pairs = [
            "  late <- scores[-seq_len(lag), , drop = FALSE]",
            "  products <- crossprod(late, scores[seq_len(periods - lag), , drop = FALSE])",
        ]
    return [
        f"# Driscoll and Kraay (1998): scores summed by period, Bartlett weights; a lag is one {unit}",
        "scores <- rowsum(estfun(fit), time)",
        "periods <- nrow(scores)",
        "meat <- crossprod(scores)",
        f"for (lag in seq_len(min({lags}, {most}))) {{",
        *pairs,
        f"  meat <- meat + (1 - lag / ({lags} + 1)) * (products + t(products))",
        "}",
        f"V <- {_SANDWICH.replace('crossprod(scores)', 'meat')}",
    ]


def _newey_west(study: Study, spec: Spec) -> list[str]:
    if not study.header.time:
        return ['stop("Newey-West needs the column of time")']
    if frequency(spec):
        return ['stop("Newey-West takes no frequency weights: equal rows have no order in time")']
    lags = spec.vcov.lags
    key = ["key <- paste(unit, time)"] if study.header.unit else ['time <- rank(time, ties.method = "first")', "key <- time"]
    earlier = "paste(unit, time - lag)" if study.header.unit else "time - lag"
    closed = {
        "closed": ["time <- match(time, sort(unique(time)))  # periods that no row has are passed over"],
        "rows": ["time <- ave(time, unit, FUN = rank)  # a unit's rows follow one another"] if study.header.unit else [],
    }.get(spec.convention.kernel_gaps, [])
    return [
        *closed,
        "# Newey and West (1987) within units, Bartlett weights; rows `lag` periods apart are paired, gaps are respected",
        "scores <- estfun(fit)",
        *key,
        "meat <- crossprod(scores)",
        f"for (lag in seq_len({lags})) {{",
        f"  early <- match({earlier}, key)",
        "  late <- which(!is.na(early))",
        "  products <- crossprod(scores[late, , drop = FALSE], scores[early[late], , drop = FALSE])",
        f"  meat <- meat + (1 - lag / ({lags} + 1)) * (products + t(products))",
        "}",
        f"V <- {_SANDWICH.replace('crossprod(scores)', 'meat')}",
    ]
