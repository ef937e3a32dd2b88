"""Kinds of covariance, each declared once: what it is, what to type for it, which settings of a convention bear on it.

Specs, schemas, engines' features, the diagnosis and docs/settings.md read them here. A new one is a line of `KINDS`, its
formula in `parity.algebra.covariance` and in `parity.engines.own`; other engines decline it until they have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

#: What errors may share: nothing, a variance of each row's own, a cluster, neighbouring periods, or near places.
Errors = Literal["alike", "rows", "clusters", "periods", "places"]
#: Programs whose spellings are declared.
SPELLED = ("fixest", "plm", "lfe, sandwich", "clubSandwich", "Stata", "linearmodels", "statsmodels", "pyfixest")


@dataclass(frozen=True)
class Covariance:
    """label     in tables of what engines can do
    settings  of a convention that bear on it, beside `t` and those of `EVERY_KIND`
    t         which of them says the distribution of t
    scaled    whether it takes the small-sample factor of the convention; if not, its name says that it has none
    leverage  whether squared residuals are divided by powers of one less a leverage
    key       of `vcov` in study.toml, where that is no name
    typed     program of `SPELLED` -> what to type; none where the program hasn't got it
    """

    name: str
    label: str
    meaning: str
    errors: Errors
    t: str
    settings: tuple[str, ...] = ()
    scaled: bool = False
    leverage: bool = False
    key: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


def _typed(*spellings: str) -> dict[str, str]:
    return {program: said for program, said in zip(SPELLED, spellings, strict=True) if said}


KINDS: tuple[Covariance, ...] = (
    Covariance("iid", "homoskedastic covariance", "one variance of all errors", "alike", "t_iid", ("iid",),
               scaled=True, typed=_typed(
        'vcov = "iid"', "vcov()", "vcov()", "", "the default", 'cov_type="unadjusted"', "the default", 'vcov="iid"')),
    Covariance("HC0", "HC0", "a variance of each row's own: its squared residual", "rows", "t_robust",
               typed=_typed(
        'vcov = "hetero", ssc(K.adj = FALSE)', 'vcovHC(method = "white1", type = "HC0")', 'vcovHC(type = "HC0")', "",
        "ivregress, vce(robust)", 'cov_type="robust", debiased=False', 'cov_type="HC0"', 'vcov="hetero", ssc(k_adj=False)')),
    Covariance("HC1", "HC1", "the same with the factor of the convention, N/(N - K)", "rows", "t_robust",
               ("robust", "count_robust"), scaled=True, typed=_typed(
        'vcov = "hetero"', 'vcovHC(method = "white1", type = "HC1")', 'vcovHC(type = "HC1"); summary(robust = TRUE)', "",
        "vce(robust)", 'cov_type="robust", debiased=True', 'cov_type="HC1"', 'vcov="hetero"')),
    Covariance("HC2", "HC2 (leverage)", "squared residuals over one less the leverage", "rows", "t_robust",
               ("leverage_weights",), leverage=True, typed=_typed(
        'vcov = "HC2"', 'vcovHC(method = "white1", type = "HC2")', 'vcovHC(type = "HC2")', "", "vce(hc2)", "",
        'cov_type="HC2"', 'vcov="HC2", ssc(k_adj=False)')),
    Covariance("HC3", "HC3 (leverage)", "squared residuals over the square of one less the leverage", "rows", "t_robust",
               ("leverage_weights",), leverage=True, typed=_typed(
        'vcov = "HC3"', 'vcovHC(method = "white1", type = "HC3")', 'vcovHC(type = "HC3")', "", "vce(hc3)", "",
        'cov_type="HC3"', 'vcov="HC3", ssc(k_adj=False)')),
    Covariance("HC4", "HC4 (leverage)", "the power grows with the leverage, min(4, h N/K)", "rows", "t_robust",
               ("leverage_weights",), leverage=True, typed=_typed(
        "", 'vcovHC(method = "white1", type = "HC4")', 'vcovHC(type = "HC4")', "", "", "", "", "")),
    Covariance("CR0", "clustered covariance without factor", "any covariance within a cluster", "clusters", "t_cluster",
               ("psd",), typed=_typed(
        "cluster = ~g, ssc(K.adj = FALSE, G.adj = FALSE)", 'vcovHC(type = "HC0"), the default',
        'vcovCL(type = "HC0", cadjust = FALSE)', 'vcovCR(type = "CR0")', "ivregress, vce(cluster g)",
        'cov_type="clustered", debiased=False', 'cov_type="cluster", cov_kwds={"use_correction": False}',
        'vcov={"CRV1": "g"}, ssc(k_adj=False, G_adj=False)')),
    Covariance("CR1", "clustered covariance", "the same with the factor of the convention", "clusters", "t_cluster",
               ("cluster_scale", "cluster_groups", "count_fixef", "psd"), scaled=True, typed=_typed(
        "cluster = ~g", 'vcovHC(type = "sss")', 'felm(y ~ x | f | 0 | g); vcovCL(type = "HC1")', 'vcovCR(type = "CR1S")',
        "vce(cluster g)", 'cov_type="clustered", group_debias=True', 'cov_type="cluster"', 'vcov={"CRV1": "g"}')),
    Covariance("CR2", "CR2 (Bell and McCaffrey)", "residuals of a cluster times the inverse root of one less its leverage",
               "clusters", "t_cluster", leverage=True, typed=_typed(
        "", "", "", 'vcovCR(type = "CR2")', "vce(hc2 g)", "", "", "")),
    Covariance("CR3", "CR3 (jackknife-like)", "the same times the inverse: what leaving each cluster out gives", "clusters",
               "t_cluster", leverage=True, typed=_typed(
        "", "", "", 'vcovCR(type = "CR3")', "vce(hc3 g)", "", 'cov_type="cluster-crv3"', 'vcov={"CRV3": "g"}')),
    Covariance("DK", "Driscoll-Kraay", "any covariance within a period, and of periods up to L lags apart (Bartlett)",
               "periods", "t_kernel", ("kraay_gaps", "kernel", "count_robust"), scaled=True, key="driscoll_kraay",
               typed=_typed(
        "vcov = DK(L) ~ time", "vcovSCC(maxlag = L)", "vcovPL(lag = L, aggregate = TRUE)", "",
        "xtscc, lag(L); ivreg2, dkraay(L + 1)", 'cov_type="driscoll-kraay", bandwidth=L', 'cov_type="hac-groupsum"',
        'vcov="DK", vcov_kwargs={"lag": L}')),
    Covariance("NW", "Newey-West", "of one unit's periods up to L lags apart (Bartlett)", "periods", "t_kernel",
               ("kernel_gaps", "kernel", "count_robust"), scaled=True, key="newey_west", typed=_typed(
        "vcov = NW(L) ~ unit + time", "vcovNW(maxlag = L)", "NeweyWest(lag = L, prewhite = FALSE)", "", "newey, lag(L)",
        'cov_type="autocorrelated", bandwidth=L', 'cov_type="hac-panel"', 'vcov="NW", vcov_kwargs={"lag": L}')),
    Covariance("conley", "Conley's spatial covariance", "any covariance of rows whose places are less than a cutoff apart",
               "places", "t_robust", ("conley_distance", "conley_kernel", "conley_factor", "count_robust"), scaled=True,
               key="conley", typed=_typed(
        "vcov = conley(CUTOFF) ~ lat + lon", "", "", "", "x_ols; ols_spatial_HAC; acreg", "", "", "")),
)  # fmt: skip

#: Settings of a convention that bear on every kind: what effects count in K, large samples, and models of their own.
EVERY_KIND = ("redundant", "constant", "small", "iv_small", "t_random")
#: Settings of sample and estimate, and settings that no count of the sample decides but its rows.
OF_ESTIMATES = (
    "singletons", "swamy_arora", "information", "newton", "base_outcome", "between_weights", "centred", "gmm_covariance",
)  # fmt: skip
OF_ROWS = ("leverage_weights", "kernel_gaps", "kraay_gaps", "conley_distance", "conley_kernel", "psd")

BY_NAME = {kind.name: kind for kind in KINDS}
Kind = Literal[*BY_NAME]


def _named(*, errors: tuple[Errors, ...] | None = None, scaled: bool | None = None, leverage: bool | None = None):
    return tuple(
        kind.name for kind in KINDS
        if (errors is None or kind.errors in errors)
        and (scaled is None or kind.scaled == scaled)
        and (leverage is None or kind.leverage == leverage)
    )  # fmt: skip


#: Those whose name says that no small-sample factor is applied, whatever the convention.
UNSCALED = _named(scaled=False)
CLUSTERED = _named(errors=("clusters",))
#: Those that sum over neighbouring periods, and the key of each in study.toml.
IN_TIME = _named(errors=("periods",))
KERNELS = {kind.key: kind.name for kind in KINDS if kind.errors == "periods"}
#: The one that sums over near places.
CONLEY = "conley"
LEVERAGE = _named(leverage=True)
#: Those that divide each squared residual by a power of one less the row's leverage.
ROW_LEVERAGE = _named(errors=("rows",), leverage=True)
SANDWICHES = _named(errors=("rows", "clusters", "periods", "places"))
#: Sandwiches of more than single rows.
BEYOND_ROWS = _named(errors=("clusters", "periods", "places"))
