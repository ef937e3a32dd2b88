"""What is about a whole column or window, by the names that programs print: parity's own name of each.

Data, in order: the first pattern that a whole label fits names it. Sources: windows of Stata 12 to 19 and their manuals;
labels of esttab, outreg2, stargazer, modelsummary and etable.
"""

from __future__ import annotations

import re
from functools import lru_cache

_NAMES: tuple[tuple[str, str], ...] = (
    ("nobs", r"n|obs\.?|observations?|no\.? ?(of )?obs(\.|ervations)?|num(ber|\.)? ?(of )?obs(\.|ervations)?|n\.? ?obs\.?|"
             r"sample size|n ?\(obs(ervations)?\)|样本量|样本数|观测值|观测数|观测值数|样本容量"
             r"|number of observations?|\$?n\$?"),
    ("r2_a_within", r"adj(usted|\.)? ?r-? ?(squared|sq\.?|\^? ?2|²) ?\(?within\)?|r2_a_within|"
                    r"within adj.* r-?(squared|2|²)"),
    ("r2_within", r"(with?in|r-?(squared|sq|2)|r²|r2)[ _(-]*(r-?(squared|sq\.?|2)|r²|r2|within)\)?\.?|within|r2_w|"
                  r"within r2"),
    ("r2_between", r"between|.*r-?(squared|sq|2)\W*between\W*|r2_b"),
    ("r2_overall", r"overall|.*r-?(squared|sq|2)\W*overall\W*|r2_o"),
    ("r2_a", r"adj(usted|\.)? ?(r-? ?(squared|sq\.?|2)|r²)|r-?(squared|2|²)[ _]?\(?adj(usted|\.)?\)?|r2_a|ar2|r2 adj\.?|"
             r".*调整.*r.*|adj\. r2|a-r2"),
    ("r2_pseudo", r"pseudo[ -]?r-? ?(squared|sq\.?|2|²)|r2_p|mcfadden.*r2.*|pseudo r²"),
    ("r2", r"(centered |overall )?r-? ?(squared|sq\.?|2)|r²|r2|r-?平方|拟合优度|r-square|centered r2"
           r"|multiple r-squared|r \^? ?2"),
    ("j_p", r"(?!.*(diff|exclu|\bc[- ]stat|endog|orthog))(?=.*(\b|_)(hansen|sargan|overid\w*|j)(\b|_))"
            r"(?=.*\bp([- ]?val\w*)?\b).*|(hansen_?)?jp|sarganp"),
    ("f_first", r".*excluded instruments.*|.*(first[- ]stage|kleibergen|cragg|weak id).*\bf\b.*|"
                r".*\bf\b.*first[- ]stage.*|(kp|cd)[ -]?f.*|"
                r"first[- ]stage f.*|"
                r".*(kleibergen-paap|cragg-donald).*wald.*"),
    ("clusters", r"(number of |no\.? of |n\.?( of)? ?|num\. ?|#\s*(of )?)?clusters?( \(.*\)| in .*)?|n_clust\d?|n clusters"),
    ("groups", r"(number of |no\.? of |n\.? ?|#\s*(of )?)?(groups?|firms|units|individuals|countries|states|panels|id|"
               r"ids)|n_g"),
    ("f", r"f(\( *\d[\d., ]*\))?|f[- ]?(stat(istics?|\.)?|test|value|statistic)|f值|f统计量|model f"),
    ("p", r"prob ?>? ?[=>]? ?(f|chi-?2|χ2)|prob\.? ?> ?(f|chi-?2)|p[- ]?value( of .*)?|prob \(f-statistic\)|p"),
    ("chi2", r"(wald |lr )?chi-?2?(-?squared?)?2?(\( *\d+\))?|χ2|.*chi2\(\d+\)|wald chi-?2.*"),
    ("ll", r"log[- ]?(pseudo-?)?likelihood|ll|log-?lik\.?( \(.*\))?"),
    ("aic", r"aic|akaike.*"), ("bic", r"bic|schwarz.*|bayesian.*"),
    ("rmse", r"root mse|rmse|residual std\. ?error|s\.e\. of regression|std\. error of regression"),
    ("df", r"df|df_[mr]|degrees of freedom|residual df|dof"),
    ("j", r".*(hansen|sargan|overid).*"),
    ("mean", r"(.*\b)?mean( of)?( the)?( dep(endent)?\.?( var(iable)?\.?)?| y| outcome| control.*)?|.*(mean|avg\.?) (dep|"
             r"y|outcome).*|"
             r"control (group )?mean.*|mean .*|y-?mean|ymean|dep\.? var\.? mean|.* mean"),
    ("sd", r"(.*\b)?(sd|s\.d\.|std\.? ?dev\.?)( of)?.*(dep|outcome|y|var).*|ysd"),
    ("sigma_u", r"sigma_u"), ("sigma_e", r"sigma_e"), ("rho", r"rho"),
    ("k", r"number of parameters"), ("n_moments", r"number of moments"),
    ("replications", r"replications|reps"),
)  # fmt: skip
_PATTERNS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _NAMES)


#: A longer label, marks and all, is of no statistic.
_LONGEST = 300


@lru_cache(maxsize=20_000)
def statistic_name(label: str) -> str:
    """`Adj. R-squared` -> "r2_a"; "" for a label of no statistic that is known."""
    if len(label) > _LONGEST:
        return ""
    bare = re.sub(r"<sup>(.*?)</sup>", r"\1", label).strip(" :.$")
    bare = " ".join(re.sub(r"[${}^\\]|_(?=\{)", "", bare).split())
    if not bare or len(bare) > 90:
        return ""
    return next((name for name, pattern in _PATTERNS if pattern.fullmatch(bare)), "")
