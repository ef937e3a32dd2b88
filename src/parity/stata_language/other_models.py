"""Estimation commands that no engine has, and what they estimate."""

#: Commands that are estimations but no linear model: known by name, declined with the reason.
OTHER_MODELS = {
    "dprobit": "probit's marginal effects", "ppmlhdfe": "Poisson with effects", "ppml": "Poisson",
    "nbreg": "negative binomial", "zip": "zero-inflated Poisson", "zinb": "zero-inflated negative binomial",
    "glm": "a generalised linear model", "nl": "a nonlinear model", "heckman": "a selection model",
    "treatreg": "a treatment model", "ivtobit": "IV tobit", "qreg": "quantile regression",
    "reg3": "three-stage least squares", "cnsreg": "constrained regression",
    "xtlogit": "panel logit",
    "stcox": "a survival model", "streg": "a survival model",
    "rdrobust": "regression discontinuity", "did_imputation": "an imputation estimator",
    "sdid": "synthetic differences", "csdid": "group-time effects",
    "eventstudyinteract": "interaction-weighted effects", "did2s": "differences in two stages",
    "lpdid": "local projections", "xtevent": "an event study", "did_multiplegt": "fuzzy differences",
    "did_multiplegt_dyn": "fuzzy differences",
    "xt2treatments": "an event study of two treatments",
    "psmatch2": "matching", "teffects": "treatment effects", "lasso": "lasso", "xtqreg": "panel quantiles",
    "leebounds": "Lee bounds", "spregress": "a spatial model", "spxtregress": "a spatial model",
    "xsmle": "a spatial model", "xthreg": "a threshold model", "factor": "factor analysis", "mixed": "a mixed model",
    "xtgls": "feasible GLS", "xtpcse": "panel-corrected standard errors", "prais": "Prais-Winsten",
    "rreg": "robust regression", "anova": "analysis of variance",
    "mvreg": "multivariate regression", "cloglog": "complementary log-log", "clogit": "conditional logit",
    "asclogit": "alternative-specific logit", "biprobit": "bivariate probit", "fracreg": "fractional regression",
    "betareg": "beta regression", "churdle": "hurdle", "tpm": "two parts", "bayes": "Bayesian models",
    "xtdpdgmm": "dynamic-panel GMM",
    "xthtaylor": "the Hausman-Taylor estimator", "xtregar": "a panel with AR(1) errors", "xtrc": "random coefficients",
    "xtgee": "population-averaged models", "xtprobit": "panel probit", "xtcloglog": "panel complementary log-log",
    "xtpoisson": "panel Poisson", "xtnbreg": "panel negative binomial", "xttobit": "panel tobit",
    "xtintreg": "panel intervals", "xtologit": "panel ordered logit", "xtoprobit": "panel ordered probit",
    "xtstreg": "a panel survival model", "xtfrontier": "a stochastic frontier", "frontier": "a stochastic frontier",
    "sfpanel": "a stochastic frontier", "xtheckman": "a panel selection model", "xteregress": "an extended regression",
    "xtpmg": "pooled mean groups", "xtdcce2": "common correlated effects", "xtmg": "mean groups",
    "xtlsdvc": "a corrected dynamic panel", "sem": "structural equations", "gsem": "structural equations",
    "proportion": "proportions", "ratio": "ratios", "mprobit": "multinomial probit",
    "scobit": "skewed logit", "slogit": "stereotype logit", "nlogit": "nested logit", "rologit": "rank-ordered logit",
    "asmprobit": "alternative-specific probit", "cmclogit": "conditional logit", "cmmixlogit": "mixed logit",
    "mixlogit": "mixed logit", "gologit2": "generalised ordered logit", "hetprobit": "heteroskedastic probit",
    "hetprob": "heteroskedastic probit", "hetregress": "heteroskedastic regression",
    "heckprobit": "probit with selection", "heckprob": "probit with selection",
    "heckoprobit": "ordered probit with selection", "heckpoisson": "Poisson with selection",
    "etregress": "a treatment model", "etpoisson": "a treatment model", "eteffects": "treatment effects",
    "stteffects": "treatment effects", "eregress": "an extended regression", "eprobit": "an extended probit",
    "eoprobit": "an extended probit", "eintreg": "an extended regression", "truncreg": "truncated regression",
    "intreg": "interval regression", "ivpoisson": "IV Poisson", "ivqregress": "IV quantiles",
    "iqreg": "quantile regression", "sqreg": "quantile regression", "bsqreg": "quantile regression",
    "tpoisson": "truncated Poisson", "tnbreg": "truncated negative binomial", "gnbreg": "negative binomial",
    "ztp": "truncated Poisson", "ztnb": "truncated negative binomial", "cpoisson": "censored Poisson",
    "exlogistic": "exact logistic regression", "firthlogit": "penalised logit", "boxcox": "Box-Cox regression",
    "vwls": "variance-weighted least squares", "eivreg": "errors in variables", "npregress": "nonparametric regression",
    "manova": "multivariate analysis of variance", "arch": "ARCH", "arfima": "ARFIMA", "vec": "a VECM",
    "svar": "a structural VAR", "ucm": "unobserved components", "sspace": "a state-space model",
    "mswitch": "Markov switching", "threshold": "a threshold model", "mgarch": "multivariate GARCH",
    "dfactor": "dynamic factors", "stcrreg": "competing risks", "stintreg": "a survival model",
    "xtmixed": "a mixed model", "menl": "a mixed model", "meglm": "a mixed model", "melogit": "a mixed logit",
    "meprobit": "a mixed probit", "meologit": "a mixed ordered logit", "meoprobit": "a mixed ordered probit",
    "mepoisson": "a mixed Poisson", "menbreg": "a mixed negative binomial", "metobit": "a mixed tobit",
    "xtmelogit": "a mixed logit", "xtmepoisson": "a mixed Poisson", "gllamm": "a mixed model",
    "didregress": "differences", "xtdidregress": "differences", "hdidregress": "group-time effects",
    "xthdidregress": "group-time effects", "elasticnet": "elastic net", "sqrtlasso": "lasso", "dsregress": "lasso",
    "poregress": "lasso", "xporegress": "lasso", "poivregress": "lasso", "pdslasso": "lasso", "fmm": "finite mixtures",
    "spreg": "a spatial model", "spivreg": "a spatial model",
    "suregr": "seemingly unrelated regressions", "cmp": "mixed processes",
    "oglm": "ordered models with heteroskedasticity", "cgmreg": "regression by two clusters",
    "reg2hdfe": "effects of two ways, of an older command",
}  # fmt: skip
#: Of these the section of a study that estimates them; a do-file alone doesn't say when whose treatment starts.
IN_A_STUDY = {
    "csdid": "callaway_santanna", "eventstudyinteract": "sun_abraham", "did_imputation": "imputation", "did2s": "did2s",
    "lpdid": "local_projections", "xtevent": "twfe",
}  # fmt: skip
#: Likewise, of other sections.
SECTIONS = {"qreg": "quantile", "xthreg": "threshold", "xsmle": "spatial", "spxtregress": "spatial"}
#: Official estimators that are ado-files and have an engine: a program of such a name is that program. A community command's
#: file that a package brings along is the command itself.
OFFICIAL = frozenset({
    "arima", "gmm", "ivprobit", "ivregress", "logistic", "logit", "mean", "mlogit", "newey", "ologit", "oprobit", "poisson",
    "probit", "sureg", "tobit", "total", "var", "xtabond", "xtdpd", "xtdpdsys", "xtivreg", "xtreg",
})  # fmt: skip

#: Why there is none, where a regression beside it may be taken for one.
_WHY = {
    "teffects": "its errors are those of all its steps together, or of matches, which no regression beside it has",
    "rdrobust": "its bandwidth and its robust interval are chosen from the data, as no spec says them",
    "did_multiplegt": "effects of switchers are compared by pairs of periods, and their errors are drawn",
    "did_multiplegt_dyn": "effects of switchers are compared with those that haven't switched yet, group by group",
    "xt2treatments": "it holds one treatment against another, which no event study here does",
    "spreg": "its moments are of a weights matrix that another command made; by likelihood, [spatial.NAME] of a study has W",
}


def without_engine(name: str) -> str:
    """Why a command is no spec, and what to write in its place where there is something."""
    text = f"{OTHER_MODELS.get(name, name)} has no engine here"
    if name in IN_A_STUDY:
        return f'{text} as a spec; write it in the study, [event_study.NAME] with method = "{IN_A_STUDY[name]}"'
    if name in SECTIONS:
        return f"{text} as a spec; write it in the study, [{SECTIONS[name]}.NAME]"
    return f"{text}: {_WHY[name]}" if name in _WHY else text
