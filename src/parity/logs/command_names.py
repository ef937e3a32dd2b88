"""The canonical name of a command as it was typed: prefixes taken off, abbreviations spelled out."""

from __future__ import annotations

import re

_PREFIX = re.compile(
    r"(?:(?:qui(?:e(?:t(?:l(?:y)?)?)?)?|n(?:o(?:i(?:s(?:i(?:l(?:y)?)?)?)?)?)?|cap(?:t(?:u(?:r(?:e)?)?)?)?|xi|"
    r"capture)\b\s*:?|"
    r"(?:eststo|bootstrap|jackknife|svy|by|bys|bysort|statsby|permute|mi est\w*|rolling|simulate|xi|collect|"
    r"version [\d.]+|frame "
    r"\w+)\b(?:\"[^\"]*+\"|[^:\"])*+:(?!:))\s*"
)
#: Shortest abbreviation, the rest of the name; longest first where one begins another.
_NAMES = tuple(
    (re.compile(rf"{short}(?:{'|'.join(rest[:i] for i in range(len(rest), 0, -1)) or '(?!)'})?"), short + rest)
    for short, rest in (
        ("su", "mmarize"), ("tabstat", ""), ("tab1", ""), ("tab2", ""), ("ta", "bulate"), ("table", ""), ("reg", "ress"),
        ("cor", "relate"), ("pwcorr", ""), ("cou", "nt"), ("d", "escribe"), ("l", "ist"), ("di", "splay"), ("te", "st"),
        ("testparm", ""), ("lincom", ""), ("nlcom", ""), ("margins", ""), ("ttest", ""), ("xtsum", ""), ("esta", "t"),
        ("est", "imates"), ("pois", "son"), ("prob", "it"), ("logit", ""), ("logistic", ""), ("codebook", ""),
        ("inspect", ""),
        ("merge", ""), ("mat", "rix"), ("ret", "urn"), ("eret", "urn"), ("sca", "lar"), ("inp", "ut"), ("g", "enerate"),
        ("dis", "play"), ("des", "cribe"), ("sum", "marize"), ("tab", "ulate"),
    )
)  # fmt: skip
#: Commands whose windows are tables of coefficients.
_ESTIMATION = re.compile(
    r"regress|areg|xtreg|reghdfe|ivregress|ivreg2?|ivreghdfe|ppmlhdfe|xtivreg2?|logit|logistic|probit|poisson|newey2?|"
    r"tobit|nbreg|"
    r"ologit|oprobit|mlogit|mprobit|clogit|xtlogit|xtprobit|xtpoisson|xtnbreg|xttobit|qreg|sqreg|heckman|heckprob|"
    r"biprobit|ivprobit|"
    r"ivtobit|sureg|reg3|gmm|glm|gee|xtgee|xtabond2?|xtdpdsys|xtscc|cnsreg|rreg|intreg|truncreg|stcox|streg|mixed|"
    r"xtmixed|meglm|"
    r"melogit|fracreg|betareg|cloglog|dprobit|dlogit2|rdrobust|did_imputation|csdid|sdid|eventstudyinteract|lasso\w*|nl|"
    r"mean|total|"
    r"proportion|ratio|teffects|psmatch2|eteffects|etregress|treatreg|arima|arch|var|vec|prais|xtgls|xtpcse|xtfmb|asreg|"
    r"acreg|"
    r"reg2hdfe|felsdvreg|gpreg|cgmreg|cluster2|xtlsdvc|boottest|ritest|bootstrap|jackknife|sem|gsem|factor|pca|eivreg|vwls|scobit|"
    r"hetprob\w*"
)


def command_name(text: str) -> str:
    """`qui eststo m1: reg y x, r` -> "regress"; the word as it stands where it isn't known; "" where there is none."""
    found = re.match(r"[A-Za-z_]\w*", command_text(text))
    if found is None:
        return ""
    return next((name for pattern, name in _NAMES if pattern.fullmatch(found[0])), found[0])


def command_text(text: str) -> str:
    """The command without its prefixes: `qui eststo m1: reg y x, r` -> `reg y x, r`."""
    for _ in range(6):
        found = _PREFIX.match(text)
        bare = text[found.end() :] if found else text
        if bare == text:
            break
        text = bare
    return text


def estimates_by(name: str) -> bool:
    return bool(_ESTIMATION.fullmatch(name))
