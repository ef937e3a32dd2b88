"""The part of a script that fits the model: fixed effects, collinear columns, lm() or ivreg(), random effects."""

from __future__ import annotations

from parity.conventions.kinds import LEVERAGE
from parity.export.r_sample import as_rows, frequency, has_constant_column, weighs_units
from parity.study.spec import Spec

LEVERAGE = LEVERAGE


def whole_design(spec: Spec) -> bool:
    """Whether all fixed effects must be dummies of the fit: leverage, Satterthwaite's degrees of freedom, and
    likelihoods, read them."""
    return spec.vcov.kind in LEVERAGE or spec.own_df or spec.likelihood


def by_clubsandwich(spec: Spec) -> bool:
    """Whether clubSandwich has a part in the covariance or its degrees of freedom."""
    return spec.vcov.kind == "CR2" or (spec.own_df and spec.vcov.kind != "CR3")


def weighted(spec: Spec) -> bool:
    """Whether the fit takes weights."""
    return (spec.weights is not None and not as_rows(spec)) or weighs_units(spec)


def has_dummies(spec: Spec) -> bool:
    """Whether dummies D of fixed effects stand in the fit: of all but the one that is demeaned, or of all for leverage."""
    return len(spec.formula.effects) > 1 or (bool(spec.formula.effects) and whole_design(spec))


def has_exogenous(spec: Spec) -> bool:
    """Whether there is an object X."""
    return bool(spec.formula.exog) or spec.formula.intercept or has_constant_column(spec)


def fitting(spec: Spec) -> list[str]:
    """From y, X (E, Z) to `fit`, `terms`, `b` and N."""
    counts = frequency(spec) and not as_rows(spec)
    lines = ["N <- sum(w)  # a row of frequency weight 3 is three observations" if counts else "N <- length(y)"]
    if spec.model == "random_effects":
        lines += _random_effects(spec)
    elif spec.formula.effects:
        lines += absorbed(spec)
    return lines + (_instrumented(spec) if spec.iv else _least_squares(spec))


def absorbed(spec: Spec) -> list[str]:
    """y, X, E and Z net of one effect, and dummies D of the others net of it, too; or dummies of all."""
    if whole_design(spec):
        why = "leverage is" if spec.vcov.kind in LEVERAGE else "degrees of freedom are"
        named = ['colnames(D) <- paste("dummy", seq_len(ncol(D)))'] if by_clubsandwich(spec) and spec.own_df else []
        return [
            f"# all fixed effects as dummies: {why} that of the whole design".replace("are that", "are those"),
            f"D <- {_indicators('effects')}",
            *named,
        ]
    w = ", w)" if weighted(spec) else ")"
    blocks = [name for name, held in (("X", has_exogenous(spec)), ("E", spec.iv), ("Z", spec.iv)) if held]
    if len(spec.formula.effects) == 1:
        lines = ["g <- effects[[1]]  # within transformation"]
    else:
        lines = [
            "# Frisch, Waugh and Lovell: means of the effect with most levels are taken out, the others stay as dummies",
            "most <- which.max(sapply(effects, max))",
            "g <- effects[[most]]",
            f"D <- {_indicators('effects[-most]')}",
            f"D <- demean(D, g{w}",
        ]
    return [*lines, f"y <- drop(demean(cbind(y), g{w})", *(f"{name} <- demean({name}, g{w}" for name in blocks)]


def _indicators(effects: str) -> str:
    return f'do.call(cbind, lapply({effects}, function(g) 1 * outer(g, seq_len(max(g)), "==")))'


def _lm_weights(spec: Spec) -> str:
    return ", weights = w" if weighted(spec) else ""


def _least_squares(spec: Spec) -> list[str]:
    columns = "cbind(D, X)" if has_dummies(spec) else "X"
    lines = _sized("X") if by_clubsandwich(spec) else []
    lines += [
        f"fit <- lm(y ~ 0 + {columns}{_lm_weights(spec)}, tol = 1e-9)",
        "kept <- !is.na(coef(fit))  # of collinear columns lm() leaves out the later ones",
    ]
    if has_dummies(spec):
        return [
            *lines,
            "own <- which(kept) > ncol(D)  # of the coefficients those of X",
            "b <- coef(fit)[kept][own]",
            "terms <- colnames(X)[kept[-seq_len(ncol(D))]]",
        ]
    return [*lines, "b <- coef(fit)[kept]", "terms <- colnames(X)[kept]"]


def _sized(name: str) -> list[str]:
    """clubSandwich inverts X'X; between columns of very different size it would lose the digits that leverage needs."""
    return [
        "# columns of one size, or X'X could not be inverted to enough digits",
        f"size <- pmax(sqrt(colSums({name}^2)), 1e-300)",
        f'{name} <- sweep({name}, 2, size, "/")',
    ]


def _instrumented(spec: Spec) -> list[str]:
    """Two-stage least squares. Columns that earlier ones determine go; instruments are held against exogenous ones only."""
    before = (["D"] if has_dummies(spec) else []) + (["X"] if has_exogenous(spec) else [])
    w = ", w)" if weighted(spec) else ")"
    lines = []
    if before:
        lines.append(f"X <- independent({_bound(before)}{w}")
    lines += [
        f"Z <- independent({_bound(['X'] if before else [], 'Z')}{w}",
        f"regressors <- {_bound(['X'] if before else [], 'E')}",
        *(_sized("regressors") if by_clubsandwich(spec) else []),
        f"fit <- ivreg(y ~ 0 + regressors | 0 + Z{_lm_weights(spec)})",
    ]
    if has_dummies(spec):
        own = (
            "!colnames(regressors) %in% colnames(D)"
            if spec.own_df and by_clubsandwich(spec)
            else 'colnames(regressors) != ""'
        )
        return [*lines, f"own <- {own}", "b <- coef(fit)[own]", "terms <- colnames(regressors)[own]"]
    return [*lines, "b <- coef(fit)", "terms <- colnames(regressors)"]


def _bound(*names: list[str] | str) -> str:
    flat = [n for name in names for n in ([name] if isinstance(name, str) else name)]
    return f"cbind({', '.join(flat)})" if len(flat) > 1 else flat[0]


def _random_effects(spec: Spec) -> list[str]:
    exact = spec.convention.swamy_arora == "exact"
    which = (
        "in the form of Baltagi and Chang (1994), as in plm"
        if exact
        else "with the harmonic mean of T, as Stata's xtreg, re"
    )
    lines = [
        f"# Swamy and Arora (1972); for unbalanced panels {which}",
        "rows_of <- tabulate(unit)",
        "n <- length(rows_of)",
        "both <- cbind(y, X)",
        "means <- rowsum(both, unit) / rows_of",
        "within <- demean(both, unit)",
        "q <- qr(within[, -1, drop = FALSE], tol = 1e-9)",
        "s2_e <- sum(qr.resid(q, within[, 1])^2) / (N - n - q$rank)",
    ]
    if exact:
        lines += [
            "between <- sqrt(rows_of) * means",
            "q <- qr(between[, -1, drop = FALSE], tol = 1e-9)",
            "trace <- sum(rows_of * qr.Q(q)[, seq_len(q$rank)]^2)",
            "s2_u <- max(0, (sum(qr.resid(q, between[, 1])^2) - (n - q$rank) * s2_e) / (N - trace))",
        ]
    else:
        lines += [
            "q <- qr(means[, -1, drop = FALSE], tol = 1e-9)",
            "s2_u <- max(0, sum(qr.resid(q, means[, 1])^2) / (n - q$rank) - s2_e * mean(1 / rows_of))",
        ]
    return [
        *lines,
        "theta <- 1 - sqrt(s2_e / (rows_of * s2_u + s2_e))",
        "both <- both - (theta * means)[unit, , drop = FALSE]",
        "y <- both[, 1]",
        "X <- both[, -1, drop = FALSE]",
    ]
