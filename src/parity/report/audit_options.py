"""A choice of an audit and its options as people say them: no name that only the study's file or a manual explains."""

from __future__ import annotations

import re

from parity.results.audit import Audit, AuditAxis

#: Whose counting a profile is.
WHOSE = {
    "fixest": "R's fixest", "reghdfe": "Stata's reghdfe", "ivreghdfe": "Stata's ivreghdfe", "xtreg": "Stata's xtreg",
    "areg": "Stata's areg", "regress": "Stata's regress", "ivregress": "Stata's ivregress", "ivreg2": "Stata's ivreg2",
    "plm": "R's plm", "lm": "R's lm with sandwich", "lfe": "R's lfe", "statsmodels": "Python's statsmodels",
    "linearmodels": "Python's linearmodels", "ml": "Stata's maximum likelihood", "glm": "R's glm",
    "feglm": "R's feglm", "xtabond": "Stata's xtabond",
}  # fmt: skip
_CHOICES = {
    "absorb": "the fixed effects", "vcov": "the standard errors", "convention": "the package whose defaults are used",
    "where": "the sample", "outcome": "the outcome", "treatment": "how the term is measured", "weights": "the weights",
    "instruments": "the instruments",
}  # fmt: skip
_ERRORS = {"iid": "taken as independent and alike"} | dict.fromkeys(
    ("HC0", "HC1", "HC2", "HC3"), "robust to unequal variances"
)  # fmt: skip
#: Of a column, what a line in its place is.
_LINES = {
    "log": "its logarithm", "log1p": "the logarithm of 1 + it", "lag": "its value a period before",
    "lead": "its value a period later", "difference": "its change", "growth": "its growth",
    "standardise": "its standardised values",
}  # fmt: skip
_CUTS = re.compile(r"(winsorise|trim)\(.*, ([\d.]+), ([\d.]+)\)")


def named(kind: str, name: str) -> str:
    """`firm 7`; a name that says so already stays as it is."""
    return name if name.lower().startswith(kind.lower()) else f"{kind} {name}"


def tick(name: str) -> str:
    """A choice in the marks of code; a name with blanks or quotes has them already."""
    return name if name.startswith("`") and name.endswith("`") else f"`{name}`"


def plural(word: str, n: int) -> str:
    """A column's name that isn't in Latin letters has no plural with an s."""
    return word if n == 1 or not word[-1:].isascii() or not word[-1:].isalpha() else f"{word}s"


def axis_of(audit: Audit, name: str) -> AuditAxis | None:
    return next((a for a in audit.axes if a.name == name), None)


def choice(audit: Audit, name: str) -> str:
    """`how the index `dt` is built`, `the sample (`where`)`."""
    kind, _, of = name.partition(".")
    if name in _CHOICES:
        return f"{_CHOICES[name]} (`{name}`)"
    own = axis_of(audit, name)
    if of and kind in ("leave_out", "transform", "index"):
        return {
            "leave_out": f"leaving out one {of}",
            "transform": f"how `{of}` enters",
            "index": f"how the index `{of}` is built",
        }[kind]
    return f"{_control(name)} {tick(name)}" if own and {"in", "out"} >= set(own.options) else tick(name)


def _control(name: str) -> str:
    return "the controls" if " + " in name else "the control"


def under(audit: Audit, name: str, option: str) -> str:
    """`with `capital` left out`, `where `year > 1940``: after a count, or after "with that alone changed,"."""
    kind, _, of = name.partition(".")
    if kind == "leave_out" and of:
        return f"with no `{of}` left out" if option == "none" else f"without {named(of, option)}"
    if option in ("in", "out"):
        which = "these controls" if " + " in name else "that control"
        return f"with {which}" if option == "in" else f"without {which}"
    if option == "as it is" and of:
        return f"with `{of}` unchanged"
    if of and kind in ("index", "transform"):
        if kind == "transform":
            return _line(of, option)
        said = f" ({said})" if (said := _words(audit, name, option)) else ""
        return f"with it built {option}" if option.startswith("without ") else f"with it built `{option}`{said}"
    said = _words(audit, name, option)
    return (_said(name, option) or f"with `{option}`") + (f" ({said})" if said else "")


def _said(name: str, option: str) -> str:
    several, more = " + " in option, option != "none"
    if name == "where":
        return "on all rows" if option == "all" else f"where `{option}`"
    if name == "convention" and option in WHOSE:
        return f"as {WHOSE[option]} counts (`{option}`)"
    if name == "absorb":
        return f"with fixed effects of `{option}`" if more else "without fixed effects"
    if name == "instruments":
        return f"with the instrument{'s' if several else ''} `{option}`" if more else "without instruments"
    if name == "weights":
        return f"weighted by `{option.rpartition(' ')[2]}`" if more else "without weights"
    if name == "vcov":
        kind, _, clusters = option.partition(" by ")
        if clusters:
            return f"with errors clustered by {clusters}{'' if kind == 'CR1' else f' ({kind})'}"
        return f"with errors {_ERRORS[kind]} (`{kind}`)" if kind in _ERRORS else ""
    return {"outcome": f"with the outcome `{option}`", "treatment": f"measured as `{option}`"}.get(name, "")


def _words(audit: Audit, name: str, option: str) -> str:
    own = axis_of(audit, name)
    return own.words[own.options.index(option)] if own is not None and own.words and option in own.options else ""


def _line(of: str, option: str) -> str:
    """What a transformation does, where its name is one that is known."""
    if cut := _CUTS.fullmatch(option):
        low, high = f"{float(cut[2]):g} %", f"{100 - float(cut[3]):g} %"
        done = f"set to percentiles {float(cut[2]):g} and {float(cut[3]):g}" if cut[1] == "winsorise" else "left out"
        return f"with its lowest {low} and its highest {high} {done} (`{option}`)"
    does = next((words for line, words in _LINES.items() if option == f"{line}({of})"), "")
    return f"with {does} in its place (`{option}`)" if does else f"with `{option}` in its place"
