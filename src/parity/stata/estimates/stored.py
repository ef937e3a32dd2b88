"""The numbers of e() that a linear fit leaves behind.

Definitions: Stored results of [R] regress, areg, ivregress, gmm, of [XT] xtreg, xtdpd, and of the help of reghdfe, ivreg2,
xtabond2.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from parity.stata.estimates import panel
from parity.stata.estimates.inference import wald
from parity.stata.estimates.instruments import instruments
from parity.stata_language.descriptive import OF_VARIABLES
from parity.stata_language.request import EACH_ROW, Request
from parity.study.models import OF_DYNAMIC, OF_INSTRUMENTS


def kraay_of_random(request: Request) -> bool:
    """Whether Driscoll and Kraay's errors are of random effects, which xtscc has and no spec."""
    return request.kind == "DK" and request.model == "random_effects"


def numbers_of(request: Request, spec, solved, design, names, b, v, df: float) -> dict[str, float]:
    """Those of e() that are known. design: as it is before random effects are taken out; b, v, names: as they are shown."""
    if request.command in OF_VARIABLES:
        return _of_variables(request, design.facts, names, df)
    slopes = [i for i, name in enumerate(names) if name != "_cons"]
    out = _of_fit(request, solved, design, slopes, df) | _clusters(design.facts)
    out |= _test_of_slopes(request, spec, design, slopes, b, v, df)
    if spec.weights is None:
        out |= _likelihoods(out, design.facts)
    if request.command == "xtscc" and design.unit is not None:
        out["N_g"] = panel.sizes(design.unit)["N_g"]
    if design.facts.absorbed:
        out |= _absorbed(request, solved, design.facts, out)
    if request.model == "random_effects":
        out = {k: v for k, v in out.items() if k not in NOT_OF_RANDOM} | _random(request, solved, design)
    if request.model == "between":
        out |= {"N": float(design.levels.nobs), "N_g": float(design.nobs), "r2_b": out["r2"], "df_b": float(len(slopes))}
    if spec.model in OF_INSTRUMENTS:
        out |= _beyond(request, solved)
    if spec.model in OF_DYNAMIC:
        out |= _of_dynamic(request, solved, design, b, v)
    if request.command == "gmm":
        moments = len(names) + (design.z.shape[1] - design.endog.shape[1] if spec.iv else 0)
        out |= {"k": float(len(names)), "n_moments": float(moments)}
    if spec.iv:
        out = _instrumented(request, spec, design, out)
    return {key: value for key, value in out.items() if not math.isnan(value)}


def _of_variables(request: Request, facts, names, df: float) -> dict[str, float]:
    """mean, total and their kin, whose rows are those of all variables, one after another."""
    clustered = facts.clusters and EACH_ROW not in request.cluster
    groups = {"N_clust": float(facts.min_clusters)} if clustered else {}
    n = float(facts.nobs_weighted) / (1 + len(request.outcomes))
    return {"N": n, "N_over": float(max(len(names), 1) if request.regressors else 1), "df_r": df, **groups}


def _of_fit(request: Request, solved, design, slopes: list[int], df: float) -> dict[str, float]:
    """Counts, sums of squares and what is made of them."""
    facts, scale = design.facts, _rescaled(design)
    n, rank = float(facts.nobs_weighted), facts.rank
    rss, tss = float(solved.ssr) * scale, float(solved.tss) * scale
    r2, free = 1 - rss / tss if tss else math.nan, n - rank
    large = request.profile in ("ivregress", "ivreg2") and not request.settings.get("small")
    about_mean = facts.intercept or bool(facts.absorbed)
    out = {
        "N": n, "rank": float(rank), "df_m": float(len(slopes)), "rss": rss, "tss": tss, "mss": tss - rss, "r2": r2,
        "rmse": math.sqrt(rss / (n if large else free)) if free > 0 else math.nan,  # ivregress, ivreg2: Stored results
        "r2_a": 1 - (1 - r2) * (n - about_mean) / free if free > 0 else math.nan,
    }  # fmt: skip
    return out | ({"df_r": df} if math.isfinite(df) else {})


def _clusters(facts) -> dict[str, float]:
    groups = [g for subset, g in facts.clusters.items() if len(subset) == 1]
    out = {"N_clust": float(min(groups))} if groups else {}
    return out | ({f"N_clust{i}": float(g) for i, g in enumerate(groups, 1)} if len(groups) > 1 else {})


def _test_of_slopes(request: Request, spec, design, slopes: list[int], b, v, df: float) -> dict[str, float]:
    """F, or chi-squared, of all slopes, where the command shows one."""
    from scipy import special

    chi2, q = wald(b[slopes], v[np.ix_(slopes, slopes)])
    if request.kind == "DK" and len(np.unique(design.time)) <= len(slopes):
        q = 0  # no rank to test so many
    if not q or (q < len(slopes) and design.facts.clusters):
        return {}
    if kraay_of_random(request):  # F times e(df_m) of the regression within units, whatever was tested: xtscc.ado 1.4
        within = panel.varying(design)
        return {"df_m": float(within), "chi2": chi2 / q * within, "p": float(special.chdtrc(within, chi2 / q * within))}
    if math.isfinite(df):
        return {"F": chi2 / q, "p": float(special.fdtrc(q, df, chi2 / q)) if df > 0 else math.nan}
    if request.profile == "ivreg2":  # F of small samples, with or without `small`
        return _large_f(spec, design.facts, chi2 / q, q)
    if request.command == "xtivreg" and request.absorb:  # Stata counts its slopes, and tests the constant with them
        chi2, _ = wald(b, v)
    return {"chi2": chi2, "p": float(special.chdtrc(q, chi2))}


def _likelihoods(out: dict[str, float], facts) -> dict[str, float]:
    """Of normal errors, with the regressors and without."""

    def log_likelihood(squares: float) -> float:
        return -out["N"] / 2 * (math.log(2 * math.pi) + math.log(squares / out["N"]) + 1)

    if out["rss"] <= 0:
        return {}
    null = {"ll_0": log_likelihood(out["tss"])} if (facts.intercept or facts.absorbed) and out["tss"] > 0 else {}
    return {"ll": log_likelihood(out["rss"]), **null}


#: What a regression of quasi-demeaned columns has and the command of random effects doesn't show.
NOT_OF_RANDOM = ("r2", "r2_a", "ll", "ll_0", "mss", "tss", "F", "rmse", "rss")


def _random(request: Request, solved, design) -> dict[str, float]:
    u2, e2 = solved.random["sigma_u2"], solved.random["sigma_e2"]
    out = {"sigma_u": math.sqrt(u2), "sigma_e": math.sqrt(e2), "rho": u2 / (u2 + e2)}
    out |= panel.sizes(solved.design.unit) | panel.random(design, solved.terms, solved.coef)
    return out | ({"r2": out.get("r2_o", math.nan)} if request.command == "xtscc" else {})


def _of_dynamic(request: Request, solved, design, b, v) -> dict[str, float]:
    of_levels = request.command == "xtdpd" and request.intercept and design.levels is not None  # the constant is of them
    rows = {"N": float(design.levels.nobs), **panel.sizes(design.levels.unit)} if of_levels else panel.sizes(design.unit)
    return rows | (_xtabond2(solved, request, b, v) if request.command == "xtabond2" else _dynamic(solved, request))


def _instrumented(request: Request, spec, design, out: dict[str, float]) -> dict[str, float]:
    """With the tests of the instruments, and without what no command of them shows."""
    out = out | {k: v for k, v in instruments(request, design).items() if k not in OF_2SLS or spec.additive}
    negative = ("r2", "r2_a") if out["r2"] < 0 and request.profile == "ivregress" else ()
    return {key: value for key, value in out.items() if key not in ("ll", "ll_0", *negative)}


#: What ivreg2 says of overidentification, from residuals of 2SLS.
OF_2SLS = ("j", "jp", "sargan", "sarganp")


def _beyond(request: Request, solved) -> dict[str, float]:
    """kappa, or J under the names of the command."""
    said = solved.reported
    if "kappa" in said:
        return {"kappa": said["kappa"]} | ({"lambda": said["kappa"]} if request.command != "ivregress" else {})
    if request.command in ("ivregress", "gmm"):
        return ({"J": said["j"]} | ({"J_df": said["j_df"]} if request.command == "gmm" else {})) if said else {}
    return {"j": said["j"], "jdf": said["j_df"]} | ({"jp": said["j_p"]} if "j_p" in said else {})


def _dynamic(solved, request: Request) -> dict[str, float]:
    """[XT] xtdpd, Stored results: e(sargan) is of one step without robust errors, or of two."""
    said, names = solved.reported, {"n_instruments": "zrank", "ar1": "arm1", "ar2": "arm2"}
    sargan = said.get("j" if request.keys["dynamic"].get("steps") == 2 else "sargan", math.nan)  # type: ignore[attr-defined]
    return {theirs: said.get(ours, math.nan) for ours, theirs in names.items()} | {"sargan": sargan}


def _xtabond2(solved, request: Request, b: NDArray, v: NDArray) -> dict[str, float]:
    """xtabond2.ado 3.7.2: results. Its test of fit is of all coefficients, the constant too, which its df_m leaves out.

    Without a constant df_m is one less where regressors make one, and that isn't counted here.
    """
    from scipy import special

    said = solved.reported
    names = {"n_instruments": "j", "sargan": "sargan", "sargan_p": "sarganp", "j": "hansen", "j_p": "hansenp",
             "ar1": "ar1", "ar1_p": "ar1p", "ar2": "ar2", "ar2_p": "ar2p"}  # fmt: skip
    found = {theirs: said.get(ours, math.nan) for ours, theirs in names.items()}
    found |= {"sar_df": said["j_df"], "hansen_df": said["j_df"] if "j" in said else math.nan}
    if request.keys["dynamic"].get("steps") != 2 and request.kind == "iid":  # type: ignore[attr-defined]
        found |= dict.fromkeys(("hansen", "hansen_df", "hansenp"), math.nan)
    fit, q = wald(b, v)
    found |= dict.fromkeys(("chi2", "p", "df_m", "N_clust", "rss", "tss", "mss", "r2", "r2_a", "rmse"), math.nan)
    if not request.intercept:
        return found | {"chi2": fit}
    found["df_m"] = df = float(q - 1)
    return found | ({"chi2": fit, "chi2p": float(special.chdtrc(df, fit))} if df else {})


def _rescaled(design) -> float:
    """By what sums of squares are multiplied: weights that are no counts sum to the number of rows. [U] 20.24.2"""
    if design.weights is None or design.weight_kind == "frequency":
        return 1.0
    return design.nobs / float(design.weights.sum())


def _absorbed(request: Request, solved, facts, out: dict[str, float]) -> dict[str, float]:
    """What commands with absorbed effects add, and what they call R-squared."""
    within = 1 - solved.ssr / solved.tss_within if solved.tss_within else math.nan
    levels = [a.levels for a in facts.absorbed]
    more = {"df_a": float(sum(levels) - (len(levels) if request.command == "xtreg" else 0))}
    n, free = out["N"], out["N"] - out["rank"]
    if request.command in ("reghdfe", "ivreghdfe"):
        more |= {"r2_within": within, "N_hdfe": float(len(levels)), "num_singletons": float(facts.n_singletons)}
        more["r2_a_within"] = 1 - (1 - within) * (n - facts.absorbed_rank) / free if free > 0 else math.nan
        more["N_full"] = n + facts.n_singletons
    if request.command in ("xtreg", "xtscc"):
        unit = next(iter(solved.design.effects.values()))
        more |= {"r2": within, "r2_w": within, "sigma_e": out["rmse"], **panel.sizes(unit), **panel.fixed(solved, out)}
        more["r2_a"] = 1 - (1 - within) * (n - 1) / free if free > 0 and not facts.clusters else math.nan
        more["mss"] = (solved.tss_within - solved.ssr) * _rescaled(solved.design)
    elif request.command == "xtivreg":
        more |= panel.instrumented(solved, out)
    elif request.command == "xtivreg2":  # ivreg2 on demeaned columns
        more |= {"r2": within, "N_g": float(levels[0])}
    elif request.command in ("areg", "regress"):
        more |= panel.joint(solved, out)
    return more


def _large_f(spec, facts, f: float, q: int) -> dict[str, float]:
    """F of ivreg2 without `small`, and its p by F(q, N - K), under clusters F(q, G - 1)."""
    from scipy import special

    from parity.conventions.formulas import df_t, f_scale

    small = spec.convention.model_copy(update={"small": True, "t_iid": "resid", "t_robust": "resid", "t_cluster": "groups"})
    of = (spec.vcov.kind, spec.vcov.cluster)
    f *= f_scale(facts, spec.convention, *of, spec.iv)
    df = df_t(facts, small, *of, iv=spec.iv, random=False)
    return {"F": f, "p": float(special.fdtrc(q, df, f)) if df > 0 else math.nan}
