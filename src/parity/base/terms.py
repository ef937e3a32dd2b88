"""Names of coefficients: of one equation, of several (`2:age`, the outcome before it), and of cuts (`/cut1`)."""

from __future__ import annotations

#: The constant of an equation.
INTERCEPT = "(Intercept)"
#: The standard deviation of a censored outcome's errors.
SIGMA = "/sigma"
#: Of two equations together: atanh of the correlation of their errors, and the log of the deviation of the second's.
ATHRHO, LNSIGMA = "/athrho", "/lnsigma"
#: What stands between an equation and a term of it, and before a parameter that belongs to no column.
EQUATION, BESIDE = ":", "/"

#: The equation of an ARMA process: `ARMA:ar1`, `ARMA:ma2`.
ARMA = "ARMA"


def of_process(ar: int, ma: int) -> tuple[str, ...]:
    """Names of the coefficients of an ARMA process, and of the deviation of its innovations."""
    names = (f"{name}{i}" for name, many in (("ar", ar), ("ma", ma)) for i in range(1, many + 1))
    return (*(of_equation(ARMA, name) for name in names), SIGMA)


def constant(term: str) -> bool:
    """Whether a term is no slope: the constant, that of an equation, or a parameter beside the columns."""
    return term == INTERCEPT or term.endswith(f"{EQUATION}{INTERCEPT}") or term.startswith(BESIDE)


def of_equation(equation: str, term: str) -> str:
    """The name of a term in one of several equations."""
    return f"{equation}{EQUATION}{term}"
