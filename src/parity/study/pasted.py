"""A whole command of Stata, R or Python where a formula is expected: which of its parts stands where here."""

from __future__ import annotations

import re

#: Commands of Stata -> the convention of that name here; None where parity has no convention of its own for it.
LINEAR = {
    "reg": "regress", "regr": "regress", "regre": "regress", "regres": "regress", "regress": "regress", "areg": "areg",
    "xtreg": "xtreg", "reghdfe": "reghdfe", "ivregress": "ivregress", "ivreg2": "ivreg2", "ivreghdfe": "ivreghdfe",
    "ivreg": "ivregress", "xtivreg": None, "xtivreg2": None, "newey": None, "newey2": None, "xtscc": None, "cnsreg": None,
    "ivreg28": "ivreg2", "ivreg29": "ivreg2", "reg2hdfe": None, "felsdvreg": None, "xtregar": None, "xtgls": None,
}  # fmt: skip
#: Commands of Stata for what parity doesn't estimate.
OTHER = (
    "logit", "logistic", "probit", "oprobit", "ologit", "mlogit", "clogit", "xtlogit", "xtprobit", "tobit", "xttobit",
    "poisson", "ppml", "ppmlhdfe", "xtpoisson", "nbreg", "glm", "qreg", "sqreg", "xtqreg", "heckman", "gmm", "xtabond",
    "xtabond2", "xtdpdsys", "sureg", "reg3", "var", "stcox", "mixed", "psmatch2", "teffects", "didregress", "xtdidregress",
    "csdid", "rdrobust", "synth", "sgmediation", "sem", "bootstrap", "simulate", "ttest", "tabstat", "summarize", "sum",
)  # fmt: skip
#: Prefixes that stand before a command of Stata.
_PREFIX = re.compile(
    r"(?:xi\s*:|eststo(?:\s+\w+)?\s*(?:,[^:]*)?:|(?:by|bys|byso|bysor|bysort)\s[^:]*:|(?:stepwise|svy|bootstrap)[^:]*:|"
    r"qui(?:e(?:t(?:ly?)?)?)?:?|noi(?:s(?:i(?:ly?)?)?)?:?|cap(?:t(?:u(?:re?)?)?)?:?)\s*"
)
#: Calls of R and Python whose first argument is a formula.
_CALL = re.compile(
    r"(?:[\w.]+\s*(?:<-|=))?\s*(?:[\w.]+(?:\.|:::?))?(feols|fepois|feglm|felm|lm|glm|plm|pgmm|lm_robust|iv_robust|ivreg|"
    r"ols|wls|gls|OLS|PanelOLS|IV2SLS|from_formula|didreg|lfe|quantreg|rq|summary|coeftest|etable)\s*\("
)
_NAME = r"[^\W\d]\w*"


def in_pasted(text: str) -> str:
    """The hint for a whole command; empty if it is none that is known."""
    bare = text.strip().lstrip(".").strip()
    while found := _PREFIX.match(bare):
        bare = bare[found.end() :]
    word = re.match(rf"({_NAME})(?:\s|,|$)", bare)
    # one word alone, or one before an operator, is a column
    if word and re.match(r"\s*(?:[\w(]|$)", bare[word.end() :]) and "~" not in bare.partition(",")[0]:
        if word[1] in LINEAR:
            return _stata(word[1], bare[word.end() :])
        if word[1] in OTHER:
            return f"`{word[1]}` is a Stata command, and none that parity estimates: linear models by least squares and 2SLS"
    if call := _CALL.match(bare):
        return _call(call[1], bare[call.end() :])
    return ""


def is_command(name: str) -> bool:
    """Whether it is a command of Stata."""
    return name.lower() in LINEAR or name.lower() in OTHER


def _stata(command: str, rest: str) -> str:
    body, _, options = rest.partition(",")
    body, where = re.split(r"\sif\s", f"{body} ", maxsplit=1) if re.search(r"\sif\s", body) else (body, "")
    weights = re.search(r"\[\s*(\w)\w*\s*=\s*(\w+)\s*\]", rest)
    body = re.sub(r"\[[^\[\]]*\]", " ", body)
    instruments = re.search(r"\(([^=()]*)=([^()]*)\)", body)
    names = re.sub(r"\([^()]*\)", " ", body).split()
    names = names[1:] if command == "ivregress" and names else names
    effects = _option(options, r"a|ab|absorb").split()
    effects = effects or (["firm"] if re.search(r"\bfe\b", options) else [])
    clusters = _option(options, "cluster|cl").split() or re.sub(r"^cl\w*", "", _clustered(options)).split()
    plain = all(re.fullmatch(_NAME, n) for n in (*names, *effects))
    if plain and names:
        text = f"{names[0]} ~ {' + '.join(names[1:]) or '1'}"
        if effects or instruments:
            text += f" | {' + '.join(effects) or '0'}"
        if instruments:
            text += f" | {' + '.join(instruments[1].split())} ~ {' + '.join(instruments[2].split())}"
    else:
        text = "y ~ x1 + x2 | firm + year" if effects else "y ~ x1 + x2"
    parts = [f'formula = "{text}"']
    if clusters:
        parts.append("vcov = { cluster = [" + ", ".join(f'"{c}"' for c in clusters) + "] }")
    elif re.search(r"\b(?:r|ro|rob\w*)\b", options):
        parts.append('vcov = "HC1"')
    parts += [f'where = "{" ".join(where.split())}"'] if where.strip() else []
    if weights:
        kind = "frequency" if weights[1] == "f" else "analytic"
        parts.append(f'weights = {{ {kind} = "{weights[2]}" }}')
    parts += [f'convention = "{LINEAR[command]}"'] if LINEAR[command] else []
    return f"`{command}` is a Stata command, whose parts are keys of their own here: {', '.join(parts)}"


def _option(options: str, names: str) -> str:
    found = re.search(rf"(?<!\w)(?:{names})\s*\(([^()]*)\)", options)
    return found[1] if found else ""


def _clustered(options: str) -> str:
    inside = _option(options, "vce")
    return inside.strip() if inside.strip().startswith("cl") else ""


def _call(name: str, rest: str) -> str:
    before, tilde, after = rest.partition("~")
    left = re.match(r"[\w.:()+*^ -]*", before[::-1])  # backwards from the tilde: each character is looked at once
    right = re.split(r"[,\"']", after, maxsplit=1)[0]
    text = f"{left[0][::-1] if left else ''}~{right}".strip() if tilde else "y ~ x | firm"
    text = text[:-1] if text.count(")") > text.count("(") else text
    return (
        f'`{name}()` is a call, and a formula stands alone: "{text}"; clusters, covariance and sample are keys of their '
        'own: vcov = { cluster = ["firm"] }, where = "..."'
    )
