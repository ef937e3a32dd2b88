"""What the labels of an exported table mean: heads of columns, rows about whole columns, words for yes and no, panels."""

from __future__ import annotations

import re

from parity.logs.statistic_names import statistic_name
from parity.printed.table import HEADS

#: Columns of a table of means.
VALUES = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("nobs", r"n|obs\.?|observations?|count|no\.? of obs.*|样本量|观测值"), 
        ("mean", r"means?|average|avg\.?|均值|平均值"),
        ("sd", r"s\.?d\.?|std\.? ?dev\.?|st\.? ?dev\.?|standard dev(iation)?s?|标准差"), ("min", r"min(imum)?\.?|最小值"),
        ("max", r"max(imum)?\.?|最大值"), ("p50", r"median|p50|50%|p\(50\)|中位数"), ("p25", r"p25|25%|pctl\(25\)|p\(25\)"),
        ("p75", r"p75|75%|pctl\(75\)|p\(75\)"), ("diff", r"diff(erence)?s?\.?"), ("p", r"p-?values?|p"), 
        ("t", r"t-?(stat|value).*|t"),
    )
)  # fmt: skip
_PANEL = re.compile(
    r"(?:panel|part|面板)\s*[A-Z\dIVX]+\b.*|[A-H][.:)]\s+\S.*|\([A-H]\)\s+\S.*|[IVX]+[.:]\s+\S.*", re.IGNORECASE
)
_WORDS = re.compile(
    r"(?:yes|no|y|n|x|✓|✔|✗|✘|√|×|●|•|none|some|all|full|是|否|controls?|included?|excluded?|-|–|—)\.?", re.IGNORECASE
)
_MODEL = re.compile(
    r"(?:ols|iv|2sls|tsls|gmm|fe|re|wls|gls|fgls|probit|logit|poisson|ppml|tobit|qreg|did|rdd?|lpm|nls|mle|liml|felm|feols|"
    r"fixed effects?|random effects?|within|between|pooled(?: ols)?|first[- ]stage|second[- ]stage|reduced[- ]form|"
    r"first differences?|"
    r"panel linear|linear|negative binomial|logistic|instrumental variable|diff-?gmm|sys(?:tem)?-?gmm|heckman|baseline)"
    r"(?:[-\s/,&+]+\w[\w.]*){0,4}\.?", re.IGNORECASE,
)  # fmt: skip
_OUTCOME = re.compile(r".*\b(?:dep(?:endent)?\.?|outcome|variables?|y)\b.*|被解释变量|因变量|变量", re.IGNORECASE)
_OUTCOME_IS = re.compile(
    r"(?:dep(?:endent)?\.?(?: ?var(?:iable)?s?\.?)?|outcome(?: variable)?s?)(?: is)?\s*[:=]\s*(\S.*)", re.IGNORECASE
)
_MODEL_HINT = re.compile(r"(?:model|method|estimator|estimation|specification|sample|column|spec)s?\s*:?.*", re.IGNORECASE)
#: Names that are a statistic's whatever stands below.
SURE = (
    "nobs",
    "r2",
    "r2_a",
    "r2_within",
    "r2_pseudo",
    "f",
    "f_first",
    "chi2",
    "j",
    "j_p",
    "p",
    "ll",
    "aic",
    "bic",
    "rmse",
    "clusters",
)
_STATISTIC = re.compile(
    r".*\b(?:f[- ]stat\w*|p[- ]?val(?:ue)?s?|kleibergen|cragg|hansen|sargan|wald|hausman|anderson|rk|lm test|test)\b.*|"
    r".*\b(?:number of|no\. of|# of|num\.)\b.*|.*\b(?:mean|sd|s\.d\.) (?:of|in|dep|y)\b.*|.*\b(?:dep|"
    r"outcome)\w*\.? (?:var\w*\.? )?mean.*|"
    r"(?:mean|std\. ?dev\.?|sd|s\.d\.).*|bandwidth.*|adj\w*\.? .*|ar\(\d\).*|"
    r"within .*|between|overall|sigma.*|rho|theta|lambda|df.*|.*likelihood.*|.*criterion.*|n[_ ]\w+|r2\w*|样本.*|"
    r".*均值", re.IGNORECASE,
)  # fmt: skip


def head_kind(text: str) -> str:
    """What a column holds by its name, "coef", "se", "t", "p", "ci", "ci_low", "ci_high"; "" for any other."""
    return next((kind for kind, pattern in HEADS.items() if re.fullmatch(pattern, text.strip(), re.IGNORECASE)), "")


def value_kind(text: str) -> str:
    """What a column of a table of means holds, "mean", "sd", "nobs", ...; "" for any other."""
    return next((kind for kind, pattern in VALUES if pattern.fullmatch(text.strip())), "")


def is_panel(text: str) -> bool:
    return bool(_PANEL.fullmatch(text.strip()))


def is_yes_no(text: str) -> bool:
    return bool(_WORDS.fullmatch(text.strip()))


#: What stands alone above rows of words that are about effects.
_EFFECTS = re.compile(
    r"(?:(?:other |additional )?fixed[ -]?effects?(?: included| for)?|f\.?e\.?s?|dumm(?:y|ies)(?: variables?)?|"
    r"effects included|控制固定效应|固定效应|虚拟变量)\s?[:：.]?",
    re.IGNORECASE,
)


def heads_effects(text: str) -> bool:
    """`Fixed effects:` alone in its row: the rows below it name them."""
    return bool(_EFFECTS.fullmatch(text.strip()))


def is_outcome_head(text: str) -> bool:
    """`Dependent variable:` over columns whose outcomes stand below it."""
    return bool(
        re.fullmatch(
            r"(?:dep(?:endent)?\.? ?var(?:iable)?s?|outcomes?|被解释变量|因变量)\.?\s*:?", text.strip(), re.IGNORECASE
        )
    )


def is_model(text: str) -> bool:
    return bool(_MODEL.fullmatch(text.strip()))


def outcome_in(text: str) -> str:
    """`Dependent variable: log wage` -> `log wage`, "" for other texts."""
    found = _OUTCOME_IS.fullmatch(text.strip())
    return found[1].strip() if found else ""


def hint_of(text: str) -> str:
    """What a row of heads holds by what stands at its left: "outcome", "model" or ""."""
    bare = text.strip(" :")
    if _MODEL_HINT.fullmatch(bare):
        return "model"
    return "outcome" if bare and len(bare) < 60 and _OUTCOME.fullmatch(bare) else ""


def row_statistic(label: str) -> tuple[str, bool]:
    """(name, whether it is about whole columns) of a row by its label."""
    name = statistic_name(label)
    return name, bool(name or _STATISTIC.fullmatch(label.strip()))
