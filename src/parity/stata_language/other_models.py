"""Estimation commands that no engine has, and what they estimate."""

#: Commands that are estimations but no linear model: known by name, declined with the reason.
OTHER_MODELS = {
    "dprobit": "probit's marginal effects",
    "ppmlhdfe": "Poisson with effects", "ppml": "Poisson",
    "nbreg": "negative binomial",
    "zip": "zero-inflated Poisson", "zinb": "zero-inflated negative binomial", "glm": "a generalised linear model",
    "gmm": "GMM", "nl": "a nonlinear model",
    "heckman": "a selection model", "treatreg": "a treatment model", "ivprobit": "IV probit", "ivtobit": "IV tobit",
    "qreg": "quantile regression",
    "sureg": "seemingly unrelated regressions", "reg3": "three-stage least squares", "cnsreg": "constrained regression",
    "xtlogit": "panel logit",
    "xtabond": "dynamic-panel GMM", "xtabond2": "dynamic-panel GMM", "stcox": "a survival model",
    "streg": "a survival model", "var": "a VAR",
    "arima": "ARIMA", "rdrobust": "regression discontinuity", "did_imputation": "an imputation estimator",
    "sdid": "synthetic differences",
    "csdid": "group-time effects", "eventstudyinteract": "interaction-weighted effects",
    "did2s": "differences in two stages", "lpdid": "local projections", "xtevent": "an event study",
    "did_multiplegt": "fuzzy differences", "psmatch2": "matching",
    "teffects": "treatment effects", "lasso": "lasso", "xtqreg": "panel quantiles", "leebounds": "Lee bounds",
    "spregress": "a spatial model",
    "spxtregress": "a spatial model", "xsmle": "a spatial model", "xthreg": "a threshold model",
    "factor": "factor analysis", "mixed": "a mixed model",
    "xtgls": "feasible GLS", "xtpcse": "panel-corrected standard errors", "prais": "Prais-Winsten",
    "rreg": "robust regression",
    "xtivreg": "xtivreg's own covariance", "anova": "analysis of variance",
    "mvreg": "multivariate regression",
    "cloglog": "complementary log-log", "clogit": "conditional logit", "asclogit": "alternative-specific logit",
    "biprobit": "bivariate probit",
    "fracreg": "fractional regression", "betareg": "beta regression", "churdle": "hurdle", "tpm": "two parts",
    "bayes": "Bayesian models",
}  # fmt: skip
#: Of these the section of a study that estimates them; a do-file alone doesn't say when whose treatment starts.
IN_A_STUDY = {
    "csdid": "callaway_santanna", "eventstudyinteract": "sun_abraham", "did_imputation": "imputation", "did2s": "did2s",
    "lpdid": "local_projections", "xtevent": "twfe",
}  # fmt: skip


def without_engine(name: str) -> str:
    """Why a command is no spec, and what to write in its place where there is something."""
    text = f"{OTHER_MODELS.get(name, name)} has no engine here"
    if name in IN_A_STUDY:
        return f'{text} as a spec; write it in the study, [event_study.NAME] with method = "{IN_A_STUDY[name]}"'
    return text
