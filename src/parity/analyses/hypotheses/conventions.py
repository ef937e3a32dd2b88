"""Other ways to test coefficients that papers and programs have: what printed tests are held against in turn."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from parity.analyses.conventions import Convention, Shown, other_values
from parity.analyses.hypotheses.found import p_of_wald
from parity.conventions.formulas import critical_value
from parity.study.analyses.hypotheses import HypothesisSettings, is_linear
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.vcov import Vcov

_DF = {
    "convention": ("t or F has the degrees of freedom of the spec's convention.", "Stata: test, lincom"),
    "resid": ("t or F has N - K degrees of freedom.", "Stata: regress without clusters; R: car::linearHypothesis"),
    "groups": ("t or F has G - 1 degrees of freedom.", "Stata: test, lincom after vce(cluster)"),
    "normal": ("p is of the normal distribution, or of chi-squared, not of t or F.",
               "Stata: nlcom; test after ivregress or xtreg, re; R: multcomp, deltaMethod; statsmodels: use_t=False"),
}  # fmt: skip
_FORM = {
    "full": ("Each covariance has its own error variance.", "Stata: hausman; R: plm::phtest"),
    "sigmamore": ("Both covariances have the error variance of the efficient estimate.", "Stata: hausman, sigmamore"),
    "sigmaless": ("Both covariances have the error variance of the consistent estimate.", "Stata: hausman, sigmaless"),
}  # fmt: skip
_CONSTANT = {
    True: ("The constant is tested, too.", "Stata: hausman, constant"),
    False: ("The constant is not tested.", "Stata: hausman"),
}  # fmt: skip


def conventions_of(settings: HypothesisSettings, spec: Spec, header: Header) -> Iterator[Convention]:
    """One at a time; of Hausman's test form and constant at once, too."""
    yield from _covariances(settings, spec, header)
    if settings.hausman:
        yield from _of_hausman(settings)
        return
    now = settings.model_copy(update={"df": settings.df_rule})
    yield from other_values(now, "df", _DF)
    if settings.test:
        yield from _of_tests(settings, spec)
        return
    yield Convention(
        "one-sided", "p is of one side.", "p / 2", "a test against one alternative", edit=_of_p(lambda p: p / 2)
    )
    for level in (0.9, 0.99):
        yield Convention(f"interval-{100 * level:g}", f"The interval is one of {100 * level:g} %, not of 95 %.",
                         f"t({0.5 + level / 2:g})", f"Stata: level({100 * level:g})", edit=_interval(level))  # fmt: skip


def _covariances(settings: HypothesisSettings, spec: Spec, header: Header) -> Iterator[Convention]:
    """Homoskedastic, robust, clustered by unit or by one of the spec's variables, in place of the covariance asked for."""
    now = settings.vcov or spec.vcov
    by = dict.fromkeys((*spec.vcov.cluster, *filter(None, (header.unit, header.time))))
    others = [spec.vcov, Vcov(kind="iid"), Vcov(kind="HC1"), *(Vcov(kind="CR1", cluster=(name,)) for name in by)]
    for other in dict.fromkeys(others):
        if other != now:
            name = f"covariance-{other.kind}-{'-'.join(other.cluster)}".lower().rstrip("-")
            whose = "Both covariances are" if settings.hausman else "The covariance is"
            yield Convention(name, f"{whose} {_called(other)}, not {_called(now)}.", f"V: {other}", "",
                             settings.model_copy(update={"vcov": other}))  # fmt: skip


def _called(vcov: Vcov) -> str:
    named = {"iid": "homoskedastic", "HC1": "robust (HC1)"}.get(vcov.kind, vcov.kind)
    return f"clustered by {' and '.join(vcov.cluster)}" if vcov.kind == "CR1" else named


# ---------------------------------------------------------------- of tests


def _of_tests(settings: HypothesisSettings, spec: Spec) -> Iterator[Convention]:
    yield Convention("chi2-for-f", "What is printed as F is chi-squared, F times its restrictions.", "W = q F",
                     "R: aod::wald.test; statsmodels: wald_test", edit=_exchanged)  # fmt: skip
    plain = spec.model == "ols" and not spec.iv and (settings.vcov or spec.vcov).kind == "iid"
    terms = tuple(map(str, spec.formula.exog))
    if not plain or not all(is_linear(tree, terms) for tree in settings.functions.values()):
        return
    said = (
        ("lagrange-multiplier", "The error variance is the restricted model's: Lagrange multiplier, not Wald.",
         "N (SSR_r - SSR) / SSR_r", lambda n, a: n * a / (1 + a)),
        ("likelihood-ratio", "It is the likelihood ratio of both models, not Wald's statistic.", "N log(SSR_r / SSR)",
         lambda n, a: n * math.log1p(a)),
        ("variance-without-k", "The error variance is SSR/N, not SSR/(N - K).", "N (SSR_r - SSR) / SSR", lambda n, a: n * a),
    )  # fmt: skip
    for name, text, formula, of in said:
        yield Convention(
            name, text, formula, "Engle (1984), Handbook of Econometrics 2, chapter 13", edit=_of_restricted(of)
        )


def _exchanged(numbers: Shown) -> Shown:
    """F and chi-squared each under the other's name, with the p of what is printed as F."""
    f, chi2, q = (numbers.get((name, "")) for name in ("f", "chi2", "df"))
    if f is None or chi2 is None or q is None:
        return numbers
    return {**numbers, ("f", ""): chi2, ("chi2", ""): f, ("p", ""): p_of_wald(chi2, q, math.inf)}


def _of_restricted(of: Callable[[float, float], float]) -> Callable[[Shown], Shown]:
    """of: N and (SSR_r - SSR) / SSR -> the statistic, which is chi-squared."""

    def edit(numbers: Shown) -> Shown:
        chi2, q, df, n = (numbers.get((name, "")) for name in ("chi2", "df", "df_r", "nobs"))
        if chi2 is None or q is None or df is None or n is None:
            return numbers
        made = of(n, chi2 / df)
        return {**numbers, ("chi2", ""): made, ("f", ""): made / q, ("p", ""): p_of_wald(made, q, math.inf)}

    return edit


# ---------------------------------------------------------------- of single numbers


def _of_p(change: Callable[[float], float]) -> Callable[[Shown], Shown]:
    return lambda numbers: {key: change(v) if key[0] == "p" else v for key, v in numbers.items()}


def _interval(level: float) -> Callable[[Shown], Shown]:
    def edit(numbers: Shown) -> Shown:
        out = dict(numbers)
        for (quantity, term), se in numbers.items():
            if quantity == "se":
                half = critical_value(numbers.get(("df_r", term), math.inf), level)
                out["ci_low", term] = numbers["estimate", term] - half * se
                out["ci_high", term] = numbers["estimate", term] + half * se
        return out

    return edit


# ---------------------------------------------------------------- of Hausman's


def _of_hausman(settings: HypothesisSettings) -> Iterator[Convention]:
    forms, constants = list(other_values(settings, "form", _FORM)), list(other_values(settings, "constant", _CONSTANT))
    yield from (*forms, *constants)
    for form in forms:
        for constant in constants:
            both = form.settings.model_copy(update={"constant": constant.settings.constant})
            yield Convention(f"{form.id}-{constant.id}", f"{form.text} {constant.text}",
                             f"{form.formula}, {constant.formula}", f"{form.source}; {constant.source}", both)  # fmt: skip
    yield Convention("efficient-first", "The efficient estimate stands first, so that chi-squared has the other sign.",
                     "(B - b)' [V_B - V_b]^-1 (B - b)", "Stata: hausman random fixed", edit=_turned)  # fmt: skip
    yield Convention("absolute", "A negative chi-squared is printed without its sign.", "|H|", "R: plm::phtest",
                     edit=_of_chi2(lambda h, q, terms: (abs(h), q)))  # fmt: skip
    yield Convention("all-coefficients", "Its degrees of freedom are all coefficients compared, not the rank of V_b - V_B.",
                     "df = coefficients", "R: plm::phtest", edit=_of_chi2(lambda h, q, terms: (h, terms)))  # fmt: skip


def _turned(numbers: Shown) -> Shown:
    return {k: -v if k[0] in ("chi2", "difference") else v for k, v in numbers.items() if k[0] != "p"}


def _of_chi2(change: Callable[[float, float, float], tuple[float, float]]) -> Callable[[Shown], Shown]:
    """change: chi-squared, degrees of freedom and number of coefficients -> chi-squared and degrees of freedom."""

    def edit(numbers: Shown) -> Shown:
        terms = sum(quantity == "difference" for quantity, _ in numbers)
        chi2, df = change(numbers["chi2", ""], numbers["df", ""], float(terms))
        p = {("p", ""): p_of_wald(chi2, df, math.inf)} if chi2 >= 0 else {}
        return {**numbers, ("chi2", ""): chi2, ("df", ""): df, **p}

    return edit
