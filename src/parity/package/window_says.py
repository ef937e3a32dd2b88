"""What a window of a log says beside its numbers, held against the command that gives them.

Its title (`Random-effects GLS regression`), the groups and effects it names, what it calls instrumented, weights, kinds of
standard errors, whether its statistics are t or z, the restrictions that it tests. Only what is certain is found: a command
whose windows aren't known here is asked for nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from parity.base.tolerance import EXACT, WRITTEN_HYPOTHESIS
from parity.logs.window_words import title_of
from parity.package.by_groups import of_rows
from parity.package.estimate_phrases import of_phrases
from parity.package.estimates import VARIANCE, Estimated
from parity.package.likelihood_words import of_steps
from parity.package.notes import Note
from parity.package.printed import Printed
from parity.package.row_labels import spells
from parity.package.window_estimator import of_estimator
from parity.stata_language.vce import CENSORED

if TYPE_CHECKING:
    from parity.package.values import Group
    from parity.stata_language.varlist import Term

#: Command -> titles of its windows; ivreg has the table of sums of squares too.
_TITLES = {
    "regress": ("regress",), "areg": ("areg",), "reghdfe": ("reghdfe",), "newey": ("newey",), "cluster2": ("regress",),
    "logit": ("logit",), "logistic": ("logit",), "probit": ("probit",), "poisson": ("poisson",), "xtivreg": ("xtivreg",),
    "ivregress": ("ivregress",), "ivreg": ("ivregress", "regress"), "ivreg2": ("ivreg2",), "ppmlhdfe": ("ppmlhdfe",),
    "mean": ("mean",), "total": ("total",), "mlogit": ("mlogit",), "ologit": ("ologit",), "oprobit": ("oprobit",),
    "tobit": ("tobit",), "ivprobit": ("ivprobit",), "arima": ("arima",), "gmm": ("gmm",), "var": ("var",),
    "sureg": ("sureg",), "xtabond": ("xtabond",), "xtdpdsys": ("xtdpdsys",), "xtdpd": ("xtdpd",),
    "xtabond2": ("xtabond2", "xtdpd"),
}  # fmt: skip
_OF_XTREG = {"ols": "xtreg, fe", "random_effects": "xtreg, re", "between": "xtreg, be"}
#: Estimators of instrumental variables, as titles name them and as commands do.
_METHODS = {"2SLS": "2sls", "LIML": "liml", "GMM": "gmm"}
#: Weights of moments, as a command's covariance or its own option has them -> as windows call them.
_MATRICES = {
    "iid": ("unadjusted",), "HC1": ("robust",), "robust": ("robust",), "CR1": ("cluster",), "cluster": ("cluster",),
    "NW": ("hac",), "newey_west": ("hac",),
}  # fmt: skip
#: Commands whose list of instruments has the exogenous regressors, too.
_LISTING = ("xtivreg", "ivprobit", "ivregress")
#: Kinds of standard errors above their column -> parity's kinds that have them.
_ERRORS = {"hc2": ("HC2",), "hc3": ("HC3",), "newey-west": ("NW",), "drisc/kraay": ("DK",), "robust": ("HC", "CR")}


def of_words(exhibit: Printed, e: Estimated) -> list[Note]:
    """What the words around a window deny of its command, each once."""
    if e.source is None or e.source.request is None or exhibit.kind != "estimates":
        return []
    found = [
        *of_steps(exhibit, e),
        *of_estimator(exhibit, e),
        *_of_censoring(exhibit, e),
        *_of_title(exhibit, e),
        *_of_groups(exhibit, e),
        *_of_roles(exhibit, e),
        *_of_inference(exhibit, e),
        *of_phrases(exhibit, e),
        *of_rows(exhibit, e),
    ]
    return [Note("note-window", line or exhibit.line, f"{text} ({e.place})") for line, text in dict.fromkeys(found)]


def _said(exhibit: Printed, name: str) -> list[tuple[int, str]]:
    return [(s.line, s.text) for s in exhibit.words if s.name == name]


# ---------------------------------------------------------------- the head


def titles_of(e: Estimated) -> tuple[str, ...]:
    """What windows of a command are headed by; () where that isn't known."""
    request = e.source.request
    if e.name == "xtreg":
        return (_OF_XTREG[request.model],) if request.model in _OF_XTREG else ()
    return _TITLES.get(e.name, ())


def _of_title(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    allowed = titles_of(e)
    for line, text in _said(exhibit, "title"):
        if allowed and title_of(text) not in allowed:
            yield line, f"the window is headed `{text[:60]}`; its command is `{e.command[:60]}`"
            continue
        method = next((m for m in _METHODS if re.search(rf"\b{m}\b", text)), "")
        asked = [m for m, word in _METHODS.items() if re.search(rf"\b{word}\b", e.command)]
        if e.name == "xtreg" and re.search(r"\bML\b", text) and not re.search(r"\bmle\b", e.command):
            yield line, f"the window is headed `{text[:60]}`; its command is `{e.command[:60]}`"
        if e.name == "ivregress" and method and len(asked) == 1 and method not in asked:
            yield line, f"the window is headed `{text[:60]}`; its command asks for {asked[0]}"
    for line, text in _said(exhibit, "weight matrix"):
        kind = e.source.request.keys.get("moments", {}).get("weight") or e.source.request.kind
        if e.source.request.model == "gmm" and text.lower() not in _MATRICES.get(kind, (text.lower(),)):
            yield line, f"the window says `GMM weight matrix: {text}`; its command asks for {_MATRICES[kind][0]}"
    for line, _ in _said(exhibit, "weights"):
        if e.source.request.weight is None:
            yield line, "the window has a sum of weights; its command has no weights"


def _of_groups(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """`Group variable: firm` of a command whose panel is another's, `Time variable`, `Absorbed variable` likewise."""
    panel, request = e.source.panel, e.source.request
    absorbed = [f.name for t in request.absorb for f in t.factors]
    typed = re.findall(r"[^\W\d]\w*", e.command)
    for what, own in (("group", [panel.unit, *absorbed]), ("time", [panel.time]), ("absorbed", absorbed)):
        held = [name for name in own if name]
        for line, text in _said(exhibit, f"{what} variable"):
            if held and not any(spells(text, name) for name in (*held, *typed)):
                yield line, f"the window says {what} variable `{text}`; its command's is `{held[0]}`"


def _of_roles(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """Variables that a window calls instrumented, or instruments, and its command doesn't."""
    request = e.source.request
    if not request.endogenous:
        return
    endogenous, outside = _variables(request.endogenous), _variables(request.instruments)
    own = _variables((*request.regressors, *request.partialled, *request.absorb))
    told: set[str] = set()
    said = {s.name for s in exhibit.words} & {"endogenous", "excluded", "included", "instruments"}
    if said and "endogenous" not in said and e.name in ("ivregress", "ivreg2", "xtivreg"):
        yield exhibit.line, "the window doesn't say which variables are instrumented, though by which"
    roles = {"endogenous": endogenous, "excluded": outside, "included": own, "instruments": (*own, *outside)}
    for role, known in roles.items():
        for line, text in _said(exhibit, role):
            names = [part.rpartition(".")[2] for word in text.split() for part in word.split("#")]
            strange = [n for n in names if n != "_cons" and not any(spells(n, k) for k in known)]
            what = {"endogenous": "instrumented", "instruments": "an instrument"}.get(role, f"an {role} instrument")
            if strange:
                yield line, f"the window calls `{strange[0]}` {what}; its command doesn't"
            listed = (*outside, *_variables(request.regressors)) if e.name in _LISTING else outside
            due = {"endogenous": endogenous, "instruments": listed, "excluded": outside}.get(role, ())
            left = {part.rpartition(".")[2] for name in e.omitted for part in name.split("#")}
            lacks = [k for k in due if k not in left and k not in told and not any(spells(n, k) for n in names)]
            told.update(strange)
            if lacks and not strange:
                yield line, f"the window doesn't call `{lacks[0]}` {what}; its command does"


def _of_censoring(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """Limits of a tobit that its command has and its window hasn't, or the other way round; another outcome's variance.
    Two limits that both have are two numbers, and held as such."""
    if e.source.request.model not in CENSORED:
        return
    for end, option in (("lower", "ll"), ("upper", "ul")):
        for line, text in _said(exhibit, f"{end} limit"):
            none, typed = text.endswith("inf"), end in e.source.request.keys
            if none and typed:
                yield line, f"the window says that there is no {end} limit; its command has {option}()"
            elif not none and not typed:
                yield line, f"the window says {end} limit `{text}`; its command has no {option}()"
    for row in exhibit.columns[0].rows if exhibit.columns else ():
        label = (row.equation if row.equation.startswith(VARIANCE) else row.label).removeprefix("/")
        name = label.removeprefix(VARIANCE).removesuffix(")")
        if name != label and not spells(name, e.outcome):
            yield exhibit.line, f"the window has the variance of `{name}`; its command's outcome is `{e.outcome}`"


def _variables(terms: Sequence[Term]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f.name for t in terms for f in t.factors))


def _of_inference(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """`z` above statistics that are t, or the other way round; another kind of standard errors than the command's."""
    due = "t" if math.isfinite(e.df) else "z"
    for line, text in _said(exhibit, "distribution"):
        if text != due:
            yield line, f"the window's columns say `{text}`; its command gives {due}"
    kind = e.source.request.kind
    if e.drawn:
        return
    for word in exhibit.vcov.lower().replace("–", "-").split():
        kinds = _ERRORS.get(word)
        if word != "robust" and kinds and not kind.startswith(kinds):
            yield exhibit.line, f"the window says `{exhibit.vcov}` above its standard errors; its command asks for {kind}"


# ---------------------------------------------------------------- tests of coefficients

_PIECE = re.compile(r"(?:(?P<times>\d++(?:\.\d*+)?+|\.\d++)\*)?+(?:\[(?P<equation>[^\[\]]*)\])?(?P<name>[^\s\[\]*]+)")
_BASE = re.compile(r"(?<=\d)[bno]+(?=\.)")


def of_constraints(exhibit: Printed, group: Group | None) -> list[Note]:
    """Restrictions that a window states and its command doesn't test: `( 2)  exper = 0` of `test educ union`."""
    shown = [(line, stated(text)) for line, text in _said(exhibit, "constraint")]
    due = [restriction for said in group.said[-1:] for restriction in said.values.get("constraints", ())] if group else []
    if not shown or not due or any(form is None for _, form in shown):
        return []
    at = f"({group.file}:{group.line})" if group else ""
    if len(shown) != len(due):
        return [
            Note(
                "note-window",
                exhibit.line,
                f"the window states {len(shown)} restriction{'s' * (len(shown) > 1)}; its command has {len(due)} {at}",
            )
        ]
    with_constants = exhibit.kind == "test"  # lincom states a sum as zero, whatever is added to it, or with it
    return [
        Note("note-window", line, f"the window states `{_spelled(form)}`; its command has `{_spelled(own)}` {at}")
        for (line, form), own in zip(shown, due, strict=True)
        if form is not None and not _alike(form, own, with_constants)
    ]  # fmt: skip


def stated(text: str) -> dict[str, float] | None:
    """A linear restriction as printed: name -> coefficient, "=" -> what they sum to; None for any other text."""
    left, equals, right = text.rpartition("=")
    try:
        out = {"=": float(right.strip().rstrip("."))}
    except ValueError:
        return None
    parts = re.split(r" ([+-]) ", " ".join(left.split()))
    sign = 1.0
    for part in parts:
        if part in ("+", "-"):
            sign = 1.0 if part == "+" else -1.0
            continue
        turned = part.startswith("-")
        found = _PIECE.fullmatch(part.lstrip("- "))
        if found is None:
            return None
        name = f"{found['equation']}:{found['name']}" if found["equation"] else found["name"]
        out[name] = sign * (-1.0 if turned else 1.0) * float(found["times"] or 1)
    return out if equals and len(out) > 1 else None


def _alike(form: Mapping[str, float], own: Mapping[str, float], with_constants: bool) -> bool:
    due = (own["="],) if with_constants else (own["="], -own["="], 0.0)
    if len(form) != len(own) or not any(
        math.isclose(form["="], value, rel_tol=WRITTEN_HYPOTHESIS, abs_tol=EXACT) for value in due
    ):
        return False
    single = not any(":" in name for name in own)
    left = {n: c for n, c in own.items() if n != "="}
    for name, coefficient in form.items():
        if name == "=":
            continue
        bare = name.partition(":")[2] if single and ":" in name else name
        found = next((n for n in left if _spells(bare, n)), None)
        if found is None or not math.isclose(coefficient, left.pop(found), rel_tol=WRITTEN_HYPOTHESIS):
            return False
    return True


def _spells(shown: str, name: str) -> bool:
    shown, name = (_BASE.sub("", text).replace("c.", "").replace("co.", "") for text in (shown, name))
    pieces = list(zip(shown.split("#"), name.split("#"), strict=False))
    return shown.count("#") == name.count("#") and all(s == n or ("~" in s and spells(s, n)) for s, n in pieces)


def _spelled(form: Mapping[str, float]) -> str:
    terms = [(f"{abs(c):g}*" * (abs(c) != 1) + name, c < 0) for name, c in form.items() if name != "="]
    said = " ".join(f"{'-' if below else '+'} {term}" for term, below in terms)
    return f"{said.removeprefix('+ ')} = {form['=']:g}"
