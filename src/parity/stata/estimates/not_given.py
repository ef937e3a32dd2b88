"""Numbers in e() that a command leaves and nobody computes here: who reads one is lost, and doesn't read a missing value.

[R], [TS] and [XT] manuals, Stored results; `help ivreg2`, `help ivreghdfe`, `help reghdfe`; cluster2.ado.
"""

from __future__ import annotations

from collections.abc import Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_IV2 = _names(
    "F Fp Fdf1 Fdf2 r2u r2c yy yyc rankxx rankzz rankS rankV estat estatp estatdf cstat cstatp cstatdf redstat redp reddf "
    "iddf idstat idp widstat cdf rkf archi2 archi2p ardf ardf_r arf arfp sstat sstatp sstatdf arubin arubinp arubindf "
    "arubin_lin arubin_linp arubin_lindf sargan sarganp sargandf j jp jdf ll lambda fuller kclass bw tau condzz inexog_ct "
    "exexog_ct endog_ct collin_ct dups_ct partial_ct"
)
_REGHDFE = _names("df_a_nested df_a_redundant df_a_initial df_a_levels mobility M report_constant ic rss0 F_absorb")
#: Command -> names.
_LEFT: Mapping[str, frozenset[str]] = {
    "areg": _names("k_absorb F_absorb p_absorb"),
    "xtreg": _names("Tbar Tcon rmse theta thta_min thta_5 thta_50 thta_95 thta_max"),
    "ivregress": _names("J Q kappa iterations"),
    "gmm": _names("J J_df Q rank k n_moments n_eq converged"),
    "ivreg2": _IV2,
    "ivreghdfe": _IV2 | _REGHDFE,
    "xtivreg2": _IV2 | _names("singleton g_min g_max g_avg"),
    "reghdfe": _REGHDFE,
    "newey": _names("lag"),
    "xtscc": _names("lag r2_w"),
    "cluster2": _names("F"),
    "jive": _names("F1 df_m_F1 df_r_F1 r2_1"),
    "xtivreg": _names(
        "sigma sigma_u sigma_e r2_w r2_o r2_b rho theta m_rho N_g g_min g_avg g_max Tcon Tbar F F_f F_fp df_rz df_a "
        "chi2_p corr N_clust rss mss tss"
    ),
    "var": _names(
        "ll ll_dfk aic hqic sbic fpe detsig detsig_ml T tmin tmax mlag tparms df_eq df_r rank neqs k_aux eqs N_gaps "
        "rmse_1 r2_1 ll_1 chi2_1 df_m1 obs_1 k_1 rmse_2 r2_2 ll_2 chi2_2 df_m2 obs_2 k_2"
    ),
    "sureg": _names(
        "ll ic dfk_adj df_r rank rss_1 r2_1 rmse_1 df_m_1 chi2_1 p_1 mss_1 rss_2 r2_2 rmse_2 df_m_2 chi2_2 p_2 mss_2"
    ),
    **dict.fromkeys(("logit", "logistic", "probit", "poisson"), _names("N_cdf N_cds ic k_eq k_dv crit")),
}
#: newey leaves N, df_m, df_r, F, lag and rank alone, gmm what it weighs; cluster2's F is of the part by cells.
_NEVER: Mapping[str, frozenset[str]] = {
    "x_ols": _names("chi2 p df_r F"),
    "newey": _names("ll ll_0 mss r2 r2_a rmse rss tss p"),
    "gmm": _names("ll ll_0 mss r2 r2_a rmse rss tss p F chi2 df_m df_r"),
    "jive": _names("ll ll_0 p rank rss mss tss"),
    "xtivreg": _names("F ll ll_0 mss r2 r2_a rmse rss tss df_a"),
    "cluster2": _names("F p N_clust N_clust1 N_clust2 rank tss"),
}


def unknown(command: str, numbers: Mapping[str, float]) -> frozenset[str]:
    """Of e() after a command, what isn't in its numbers and would be in Stata."""
    return _LEFT.get(command, frozenset()) - numbers.keys()


def left(command: str, numbers: Mapping[str, float]) -> dict[str, float]:
    """The numbers without those that the command doesn't leave."""
    return {name: value for name, value in numbers.items() if name not in _NEVER.get(command, frozenset())}
