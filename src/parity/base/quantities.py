"""Every quantity that is compared, declared once: what it is, what it is called, on which scale it is judged.

Comparator, diagnosis, records, pages, tables, the schema of `study.toml` and docs/quantities.md read it here. A new one is
a line of `QUANTITIES`, and whatever reports it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from parity.base.tolerance import AUTOCORRELATION, COUNT, HAUSMAN, OVERIDENTIFIED, P_SCALE, VARIANCE_COMPONENT

#: What a term of it names: a coefficient, two of them, a fixed effect, cluster variables; nothing, of the whole model.
Of = Literal["term", "pair", "effect", "cluster", "model", "instruments"]
#: On what a difference is judged; `scale_of` says how.
Scale = Literal["estimate", "own", "statistic", "probability", "unit"]
#: What moves it: the sample and its columns, the covariance beside, or the distribution of t as well.
MovedBy = Literal["design", "covariance", "distribution", ""]


@dataclass(frozen=True)
class Declared:
    """label     as a sentence has it; short: in a narrow column, where that is another word than its name
    scale     see `Scale`; exact: a count, right or wrong
    beside    a quantity from which it is taken: its magnitude counts as well
    share     relative difference that its own arithmetic takes, where the engines' accuracy allows less
    always    whether every answer has it, so that one which lacks it differs
    answers   whether an engine may report it among the `stats` of its estimate
    field     of `parity.results.estimate.Printed`
    window    how a window of `parity show` calls it
    table     its name among the `statistics` of a table, where it has a row there
    row       what stands at that row; of diagnostics for homoskedastic errors, for others, and where both stand abreast
    aliases   what commands and papers call it
    """

    name: str
    label: str
    definition: str
    of: Of = "model"
    scale: Scale = "statistic"
    exact: bool = False
    beside: str = ""
    share: float = 0.0
    always: bool = False
    answers: bool = False
    moved_by: MovedBy = ""
    field: str = ""
    short: str = ""
    window: str = ""
    table: str = ""
    row: str | tuple[str, str, str] = ""
    aliases: tuple[str, ...] = ()


_HAUSMAN = "of the Hausman test, within against random effects, on their homoskedastic covariances"
_MORE = "the same with the error variance of random effects in both covariances (Stata's option)"
#: In the order of a table: coefficients and what follows from them, then the whole model.
QUANTITIES: tuple[Declared, ...] = (
    Declared("coef", "coefficient", "a coefficient", "term", "estimate", always=True, moved_by="design"),
    Declared("se", "standard error", "root of its variance under the declared convention", "term", "own", always=True,
             moved_by="covariance", field="se"),
    Declared("t", "t statistic", "coefficient over standard error", "term", always=True, moved_by="covariance", field="t"),
    Declared("p", "p-value", "two-sided, that the coefficient is zero", "term", "probability", always=True,
             moved_by="distribution", field="p"),
    Declared("ci_low", "lower end of the interval", "of 95 %: the coefficient less the critical value times se", "term",
             "estimate", always=True, moved_by="distribution", field="low"),
    Declared("ci_high", "upper end of the interval", "of 95 %: the coefficient and the critical value times se", "term",
             "estimate", always=True, moved_by="distribution", field="high"),
    Declared("vcov", "covariance", "of two coefficients; judged on the product of their standard errors", "pair", "own",
             moved_by="covariance"),
    Declared("vcov (transposed)", "vcov (transposed)", "the other triangle, which must be the same", "pair", "own"),
    Declared("nobs", "number of observations", "rows, or the sum of frequency weights", scale="unit", exact=True,
             always=True, moved_by="design", short="N", window="Number of obs", table="nobs", row="Observations"),
    Declared("clusters", "number of clusters", "by cluster variable, and of combinations", "cluster", "unit", exact=True,
             table="clusters", row="Clusters"),
    Declared("levels", "number of levels", "of a fixed effect", "effect", "unit", exact=True),
    Declared("f", "F statistic", "Wald F that all slopes are zero, with the declared covariance", moved_by="covariance",
             answers=True, window="F", table="f", row="F"),
    Declared("r2", "R²", "1 - SSR/TSS; TSS (weighted) about the mean where the model has an intercept or fixed effects, "
             "else about zero", scale="unit", answers=True, window="R-squared", table="r2", row="R²"),
    Declared("r2_within", "within R²", "1 - SSR/TSS of the outcome after all fixed effects are absorbed", scale="unit",
             answers=True, window="Within R-sq.", table="r2_within", row="Within R²"),
    Declared("r2_a", "adjusted R²", "1 - (1 - r2) (N - 1)/(N - rank), rank with every fixed effect; N for N - 1 where r2's "
             "TSS is about zero", scale="unit", table="r2_a", row="Adjusted R²"),
    Declared("kappa", "kappa", "of a k-class estimator: 0 is OLS, 1 is 2SLS; LIML's own, and what Fuller takes off it",
             answers=True, window="kappa", table="kappa", row="kappa"),
    Declared("j", "Hansen J", "of a GMM at its estimate, under the weight that it was found with", answers=True,
             share=OVERIDENTIFIED, window="Hansen J", table="gmm_j", row="Hansen J"),
    Declared("j_df", "degrees of freedom of J", "instruments less endogenous columns", answers=True),
    Declared("j_p", "p-value of J", "of chi-squared", scale="probability", share=OVERIDENTIFIED, answers=True),
    Declared("sargan", "Sargan", "of a dynamic panel: moments under the first step's weights, over the variance of errors",
             answers=True, share=OVERIDENTIFIED, window="Sargan", table="gmm_sargan", row="Sargan"),
    Declared("sargan_p", "p-value of Sargan", "of chi-squared, with the degrees of freedom of J", scale="probability",
             share=OVERIDENTIFIED, answers=True),
    Declared("n_instruments", "number of instruments", "of a dynamic panel, without those that others make", scale="unit",
             exact=True, answers=True, window="Number of instruments", table="n_instruments", row="Instruments"),
    Declared("ar1", "test of AR(1)", "Arellano and Bond's: products of differenced residuals one period apart, normal",
             answers=True, share=AUTOCORRELATION, window="AR(1)", table="ar1", row="AR(1), z"),
    Declared("ar1_p", "p-value of AR(1)", "two-sided", scale="probability", answers=True, share=AUTOCORRELATION,
             table="ar1_p", row="AR(1), p"),
    Declared("ar2", "test of AR(2)", "the same two periods apart", answers=True, share=AUTOCORRELATION, window="AR(2)",
             table="ar2", row="AR(2), z"),
    Declared("ar2_p", "p-value of AR(2)", "two-sided", scale="probability", answers=True, share=AUTOCORRELATION,
             table="ar2_p", row="AR(2), p"),
    Declared("ll", "log likelihood", "of the sample at its maximum, weighted", answers=True, window="Log likelihood",
             table="ll", row="Log likelihood"),
    Declared("ll_0", "log likelihood of the constant", "the same with the constant alone", answers=True,
             window="of the constant"),
    Declared("r2_p", "pseudo R²", "McFadden's: 1 - ll/ll_0", scale="unit", window="Pseudo R2", table="r2_p",
             row="Pseudo R²"),
    Declared("chi2", "chi-squared statistic", "that all slopes are zero: of the likelihood ratio, 2 (ll - ll_0), where "
             "errors are homoskedastic and no effect is absorbed, else, and of a dynamic panel, Wald's with the declared "
             "covariance", window="chi2",
             table="chi2", row="chi²"),
    Declared("chi2_exog", "test of exogeneity", "of an outcome together with its endogenous column, Wald's: that their "
             "errors are uncorrelated, on atanh of the correlation", moved_by="covariance", window="chi2 of exogeneity",
             table="chi2_exog", row="Exogeneity, chi²"),
    Declared("df_resid", "residual degrees of freedom", "N less the rank", scale="unit", exact=True, window="Residual df",
             table="df_resid", row="Residual degrees of freedom"),
    Declared("df_t", "degrees of freedom", "of t under the declared convention; of one coefficient's own, no whole number",
             exact=True, always=True, moved_by="distribution", window="df of t"),
    Declared("sigma_u2", "variance of unit effects", "variance of the unit effects (Swamy-Arora)", scale="own",
             beside="sigma_e2", share=VARIANCE_COMPONENT, answers=True, window="Var. of effects"),
    Declared("sigma_e2", "variance of the error", "variance of the idiosyncratic error (Swamy-Arora)", scale="own",
             answers=True, window="Var. of error"),
    Declared("theta", "theta", "share of the unit mean taken off in a balanced random-effects model",
             share=VARIANCE_COMPONENT, answers=True, window="theta"),
    Declared("hausman", "Hausman statistic", f"chi-squared {_HAUSMAN}", share=HAUSMAN, answers=True,
             table="hausman", row="Hausman chi²"),
    Declared("hausman_df", "Hausman degrees of freedom", "its degrees of freedom: the rank of the difference of covariances",
             share=HAUSMAN, answers=True),
    Declared("hausman_p", "Hausman p-value", "its p-value", share=HAUSMAN, answers=True),
    Declared("hausman_sigmamore", "Hausman, sigmamore", _MORE, share=HAUSMAN, answers=True),
    Declared("hausman_sigmamore_df", "Hausman degrees of freedom, sigmamore", "its degrees of freedom", share=HAUSMAN,
             answers=True),
    Declared("hausman_sigmamore_p", "Hausman p-value, sigmamore", "its p-value", share=HAUSMAN, answers=True),
    Declared("variance", "variance", "of a coefficient, as some tables print it", "term", "own", moved_by="covariance"),
    Declared("stars", "stars", "how many levels p is below", "term", "unit", exact=True, moved_by="distribution"),
    # of a model with instruments: see `parity.analyses.instruments.statistics`
    Declared("first_stage", "First stage F,", "F of the excluded instruments in a first stage", "instruments",
             table="first_stage_f", row="First-stage F", aliases=("first_stage_f",)),
    Declared("underidentified", "Anderson LM or Kleibergen-Paap rk LM", "that the instruments miss the rank condition",
             "instruments", table="underidentification",
             row=("Anderson LM", "Kleibergen-Paap rk LM", "Underidentification LM"),
             aliases=("kleibergen_paap_lm", "kp_lm", "anderson_lm")),
    Declared("rank_wald", "Cragg-Donald or Kleibergen-Paap rk Wald", "the same as a Wald statistic", "instruments"),
    Declared("weak_f", "Kleibergen-Paap rk Wald F (Cragg-Donald F under iid)", "weak identification, as the errors are",
             "instruments", table="weak_f",
             row=("Cragg-Donald Wald F", "Kleibergen-Paap rk Wald F", "Weak identification F"),
             aliases=("kleibergen_paap_f", "kp_f")),
    Declared("cragg_donald_f", "Cragg-Donald F", "weak identification, homoskedastic", "instruments",
             table="cragg_donald_f", row="Cragg-Donald F", aliases=("cragg_donald",)),
    Declared("stock_yogo", "Stock-Yogo critical value,", "of the Cragg-Donald F", "instruments", table="stock_yogo",
             row="Stock-Yogo, 10% size"),
    Declared("overidentified", "Sargan or Hansen J", "that the instruments are exogenous", "instruments",
             table="overidentification", row=("Sargan", "Hansen J", "Overidentification"),
             aliases=("hansen_j", "j", "sargan")),
    Declared("anderson_rubin_f", "Anderson-Rubin F", "that the endogenous coefficients are zero, whatever the instruments",
             "instruments", table="anderson_rubin", row="Anderson-Rubin F"),
    Declared("anderson_rubin_chi2", "Anderson-Rubin chi2", "the same as a chi-squared", "instruments"),
    Declared("endogeneity", "Endogeneity test", "that the regressors are exogenous", "instruments", table="endogeneity",
             row="Endogeneity chi²", aliases=("durbin_wu_hausman",)),
    Declared("wu_hausman", "Wu-Hausman F", "the same from the first stages' residuals", "instruments"),
)  # fmt: skip

BY_NAME = {q.name: q for q in QUANTITIES}
#: Every quantity of a coefficient that answers have, in the order of a table.
OF_TERMS = tuple(q.name for q in QUANTITIES if q.of == "term" and q.always)
OF_PAIRS = tuple(q.name for q in QUANTITIES if q.of == "pair")
#: Every answer has them.
ALWAYS = tuple(q.name for q in QUANTITIES if q.always)
#: Quantity -> what `parity.results.estimate.Printed` calls it.
PRINTED = {q.name: q.field for q in QUANTITIES if q.field}
#: Quantities that no covariance and no convention moves, and those that the distribution of t moves.
OF_THE_DESIGN = tuple(q.name for q in QUANTITIES if q.moved_by == "design")
OF_THE_DISTRIBUTION = tuple(q.name for q in QUANTITIES if q.moved_by == "distribution")
#: What a reader looks for first.
FIRST = ("nobs", "coef", "se", "df_t", "t", "p")


def declared(name: str) -> Declared:
    """What is declared of a quantity; of one that isn't, such as another package's engine may report, its name alone."""
    return BY_NAME.get(name) or Declared(name, name, "")


def short_name(name: str) -> str:
    """In a narrow column."""
    return declared(name).short or name


def place(name: str) -> int:
    """Where it stands among differences: `FIRST`, then all others alike."""
    return FIRST.index(name) if name in FIRST else len(FIRST)


def in_tables(of: Of | None = None) -> Iterator[Declared]:
    """Those that have a row in a table: of diagnostics of instruments, or all others."""
    return (q for q in QUANTITIES if q.table and (q.of == "instruments") == (of == "instruments"))


def named(name: str) -> str:
    """A diagnostic by any of its names."""
    return next((q.name for q in QUANTITIES if name in q.aliases), name)


def is_count(name: str, term: str = "") -> bool:
    """Whether it is right or wrong; degrees of freedom of one coefficient's own are no whole number."""
    return declared(name).exact and not (name == "df_t" and term)


def scale_of(name: str, term: str, value: float, *, se: float = 0.0, t: float = 0.0, lost: float = 1.0) -> float:
    """On what a difference of it is judged; of a count it is one.

    estimate     its magnitude or its standard error `se`, whichever is more
    own          its magnitude
    statistic    its magnitude, at least one
    probability  a relative error e of t moves p by about t^2 e of itself; at least `tolerance.P_SCALE`
    unit         one
    lost: by how much its arithmetic magnifies what its inputs are off by.
    """
    match "unit" if is_count(name, term) else declared(name).scale:
        case "estimate":
            return max(abs(value), se)
        case "own":
            return abs(value)
        case "probability":
            return max(value * max(1.0, t * t), P_SCALE)
        case "unit":
            return lost
    return max(1.0, abs(value)) * lost


def magnitude_of(name: str, value: float, others: Mapping[str, float]) -> float:
    """Its magnitude, and that of what it is taken from, which `others` has by name."""
    return abs(value) + abs(others.get(declared(name).beside, 0.0))


def share_of(name: str, term: str, allowed: float) -> float:
    """Relative difference allowed for it, given what its two engines' accuracies allow."""
    return COUNT if is_count(name, term) else max(allowed, declared(name).share)
