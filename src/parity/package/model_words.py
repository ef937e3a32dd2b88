"""What headings, titles and notes say of a column's model, its weights, its standard errors: `2SLS`, `Probit estimates`.

Only what no reading of the words allows is found. What a note says of some columns, in words, is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parity.package.effects import any_effects
from parity.package.estimates import Estimated
from parity.package.fit import Fit
from parity.package.notes import Note, panel_of
from parity.package.printed import Column, Printed
from parity.stata_language.estimators import OF_MOMENTS
from parity.stata_language.vce import CATEGORICAL, CENSORED, JOINT, LIKELIHOODS, SERIES
from parity.study.models import OF_DYNAMIC

#: Model -> how a heading spells it; a column of this model may stand below another heading only if that is none of these.
_HEADS = {
    "ols": r"ols|lpm|ordinary least squares|linear probability(?: model)?|最小二乘(?:法)?",
    "iv": r"iv|2sls|tsls|2-sls|iv[ -/](?:2sls|tsls|gmm)|2sls[ -/]iv|two[ -]stage(?: least squares)?|instrumental variables?|"
          r"工具变量(?:法)?",
    "liml": r"liml|limited information maximum likelihood", "between": r"be|between(?:[ -]effects?| estimators?)?",
    "gmm": r"(?:iv[ -]|2-?step |two-step |system[ -]|difference[ -]|sys-|diff-)?gmm",
    "first_differences": r"fd|first[ -]differenc(?:es?|ing)|一阶差分",
    "logit": r"logit|logistic(?: regression)?", "probit": r"probit", "poisson": r"poisson|ppml",
    "random_effects": r"re|random[ -]effects?|随机效应(?:模型)?",
    "fixed_effects": r"fe|fixed[ -]effects?|within|固定效应(?:模型)?",
    "ivprobit": r"iv[ -]?probit|probit[ -/]iv|probit with endogenous regressors?",
    "arima": r"ari?ma(?: ?\([\d, ]{1,12}\))?(?: model)?",
    "tobit": r"tobit(?: model| regression)?", "heckman": r"heckman(?: selection| model| two[ -]step)?|heckit",
    "quantile": r"(?:quantile|median)[ -]regressions?|qreg|lad", "gls": r"f?gls|wls",
    "negative_binomial": r"neg(?:ative)?\.?[ -]bin(?:omial)?(?: regression)?|nbreg",
    "ordered": r"ordered (?:logit|probit)|ologit|oprobit", "cox": r"cox(?: ph| proportional hazards?)?",
    "multinomial": r"multinomial logit|mlogit",
}  # fmt: skip
_HEAD = {model: re.compile(rf"(?:\(\d{{1,2}}\) ?)?(?:{words})", re.IGNORECASE) for model, words in _HEADS.items()}
_NOUN = (
    r"(?: ?\(?(?:2sls|iv|ols)\)?)? (?:estimates|estimations?|regressions?|results|models?|coefficients|specifications?)\b"
)
#: The same in a title or a note.
_PROSE = {
    "ols": re.compile(
        rf"\b(?:ols|ordinary least squares|linear probability){_NOUN}|\b(?:by|using|with) ols\b", re.IGNORECASE
    ),
    "iv": re.compile(
        rf"(?<!table )(?<!panel )(?<!part )\b(?:iv|2sls|tsls|two[ -]stage least squares|instrumental[ -]variables?){_NOUN}|"
        r"\b(?:by|using|with) (?:2sls|tsls|two[ -]stage least squares)\b",
        re.IGNORECASE,
    ),
    "logit": re.compile(rf"\b(?:logit|logistic){_NOUN}", re.IGNORECASE),
    "probit": re.compile(rf"\bprobit{_NOUN}", re.IGNORECASE),
    "poisson": re.compile(rf"\b(?:poisson|ppml){_NOUN}|\b(?:by|using|with) ppml\b", re.IGNORECASE),
    "random_effects": re.compile(rf"\brandom[ -]effects?{_NOUN}", re.IGNORECASE),
    "fixed_effects": re.compile(rf"\b(?:fixed[ -]effects?|within){_NOUN}", re.IGNORECASE),
    "first_differences": re.compile(rf"\bfirst[ -]differenced?{_NOUN}", re.IGNORECASE),
    "gmm": re.compile(rf"\bgmm{_NOUN}|\b(?:by|using|with) gmm\b", re.IGNORECASE),
    "tobit": re.compile(rf"\btobit{_NOUN}", re.IGNORECASE),
    "quantile": re.compile(rf"\b(?:quantile|median)[ -]regressions?(?:{_NOUN})?", re.IGNORECASE),
    "negative_binomial": re.compile(rf"\bnegative[ -]binomial{_NOUN}", re.IGNORECASE),
    "ordered": re.compile(rf"\bordered (?:logit|probit){_NOUN}", re.IGNORECASE),
}
_SPELLED = {
    "ols": "least squares", "iv": "instrumental variables", "random_effects": "random effects",
    "fixed_effects": "fixed effects", "between": "the between estimator", "gls": "generalised least squares",
    "quantile": "quantile regression", "negative_binomial": "the negative binomial", "heckman": "Heckman's selection",
    "liml": "LIML", "gmm": "GMM", "first_differences": "first differences",
    "ordered": "an ordered model", "cox": "Cox's model", "multinomial": "a multinomial model",
}  # fmt: skip
#: Columns that were predicted: a second stage by hand is least squares of them.
_PREDICTED = re.compile(r"hat|pred|fitted|resid|xb", re.IGNORECASE)
#: What a note says of one column it says of no other.
OF_SOME = re.compile(
    r"\b(?:columns?|cols?\.|models?|specifications?) ?\(?\d|\b(?:except|unless|some|odd|even|first|second|last|panel)\b|"
    r"第 ?\d{1,2} ?列",
    re.IGNORECASE,
)
_WEIGHTED = re.compile(
    r"\b(?:regressions?|estimates|observations|specifications|models|columns|results) (?:are|is) (?:all )?weighted\b|"
    r"^\s?weighted by\b|\bweighted (?:least squares|regressions?)\b",
    re.IGNORECASE,
)
_UNWEIGHTED = re.compile(
    r"\b(?:regressions?|estimates|observations) (?:are|is) (?:unweighted|not weighted)\b", re.IGNORECASE
)
_OF_ERRORS = r"(?: and \w+)? (?:standard[ -]errors?|s\.?e\.?s?\b|errors)"
#: Covariances of other kinds than the commands ask for, by their words; parity's name of the kind that has them.
_ERRORS = (
    ("bootstrapped", "", re.compile(rf"\bbootstrap(?:ped)?{_OF_ERRORS}|\berrors? (?:are|were) bootstrapped", re.IGNORECASE)),
    ("jackknife", "", re.compile(rf"\bjack-?knifed?{_OF_ERRORS}", re.IGNORECASE)),
    ("Newey-West", "NW", re.compile(rf"\b(?:newey[ -]west|hac){_OF_ERRORS}", re.IGNORECASE)),
    ("Driscoll-Kraay", "DK", re.compile(rf"\bdriscoll[ -](?:and )?kraay{_OF_ERRORS}", re.IGNORECASE)),
    *((kind, kind, re.compile(rf"\b{kind}(?: robust)?{_OF_ERRORS}", re.IGNORECASE)) for kind in ("HC0", "HC2", "HC3")),
    ("classical", "iid", re.compile(
        rf"\b(?:classical|conventional|homosk?c?edastic(?:ity[ -]only)?|non-?robust|unadjusted|i\.?i\.?d\.?){_OF_ERRORS}|"
        r"普通标准误|非稳健标准误",
        re.IGNORECASE,
    )),
    ("Conley", "conley", re.compile(rf"\b(?:conley|spatial(?:ly)?[\w -]{{0,20}}?){_OF_ERRORS}", re.IGNORECASE)),
)  # fmt: skip


def of_models(exhibit: Printed, fits: Sequence[Fit | None], place: int) -> list[Note]:
    """fits: None where a column's command isn't certain."""
    known = [
        (c, f.estimate) for c, f in zip(exhibit.columns, fits, strict=True)
        if f is not None and f.estimate.source is not None and f.estimate.source.request is not None
    ]  # fmt: skip
    if exhibit.origin != "table" or not known:
        return []
    out = [n for c, e in known for n in _of_heads(exhibit, c, e)]
    if len(known) < len(fits):
        return out
    estimates = [e for _, e in known]
    lines = [line for line in exhibit.notes.lines if not OF_SOME.search(line)]
    out += _of_prose(exhibit, lines, estimates, place)
    out += _of_weights(lines, estimates, place)
    return [*out, *_of_errors(lines, estimates, place)]


#: Models with the numbers of others: GMM and LIML of as many instruments as are needed are 2SLS, random effects without
#: variance least squares, differences of two periods fixed effects. Only a call says which command a column is of.
_TWINS = ("gmm", "liml", "random_effects", "first_differences")


def model_of(e: Estimated) -> str:
    """`ols`, `iv`, `logit`, `probit`, `poisson`, `random_effects`, `between`."""
    request = e.source.request
    if request.model in (*JOINT, *SERIES):
        return request.model
    if request.endogenous:
        return "iv"
    if request.model in CATEGORICAL:
        return "multinomial" if request.model == "mlogit" else "ordered"
    if request.model in (*LIKELIHOODS.values(), *CENSORED, *OF_DYNAMIC, "random_effects", "between"):
        return request.model
    return "ols"


def _may_be(said: str, e: Estimated, called: bool) -> bool:
    """Whether a word for a model may be said of a command. called: whether a call puts it there, not its numbers alone."""
    model, request = model_of(e), e.source.request
    if said in _TWINS and not called and not (said == "random_effects" and request.absorb):
        return True
    if said == "fixed_effects":
        return model not in ("random_effects", "between") and any_effects(e)
    if said == "first_differences":
        return model == "difference_gmm" or _differenced(e)
    if said == "liml":
        return request.model in ("liml", "fuller", "kclass")
    if said == "gmm":
        return request.model in (*OF_MOMENTS, *OF_DYNAMIC)
    if said == "random_effects":
        return model == said or (model != "ols" and e.name.startswith("xt") and not request.absorb)
    if said == "iv" and model == "ols":
        names = [f.name for t in request.regressors for f in t.factors]
        labels = [column.label for n in names if (column := e.source.data.columns.get(n)) is not None]
        return any(_PREDICTED.search(n) for n in names) or any(n.startswith(("Fitted", "Linear pred")) for n in labels)
    if said in ("logit", "probit") and model in ("ordered", "multinomial"):  # for short
        return request.model.endswith(said)
    if said == "gls":
        return model in ("random_effects", "between") or request.weight is not None
    if said == "ols":
        return model in ("ols", "random_effects", "between")
    return model == said


#: How names and labels of variables say that they are differences.
_OF_CHANGE = re.compile(r"^d\d?[._]?|_d\d?$|diff|delta|[Δ∆]|chang|growth|increase|chg|fd", re.IGNORECASE)


def _differenced(e: Estimated) -> bool:
    """Whether the outcome may be a difference: by its operator, its name or its label."""
    (factor,) = e.source.request.outcome.factors[:1]
    column = e.source.data.columns.get(factor.name)
    texts = (factor.name, column.label if column is not None else "")
    return factor.operator[:1].upper() in ("D", "S") or any(_OF_CHANGE.search(t) for t in texts if t)


def model_denied(text: str, e: Estimated, called: bool) -> str:
    """Why a cell of a row such as `Estimator`, which names a model, is wrong; "" where it isn't, or names none."""
    said = _said(text)
    return f"its command is of {_spelled(model_of(e))}" if said and not any(_may_be(s, e, called) for s in said) else ""


def _said(*texts: str) -> list[str]:
    """Models whose names one of these texts is, and nothing else."""
    bare = [" ".join(t.replace(".", "").split()) for t in texts]
    return [model for model, pattern in _HEAD.items() if any(pattern.fullmatch(t) for t in bare)]


def _of_heads(exhibit: Printed, column: Column, e: Estimated) -> Iterator[Note]:
    """A heading that is a model's name, and nothing else. `estimates table` has the names that the code stores under."""
    if exhibit.writer == "estimates table" and set(column.heads) <= set(e.names):
        return
    heads = (*column.heads, *panel_of(column))
    said = _said(*heads)
    if said and not any(_may_be(s, e, bool(exhibit.places)) for s in said):
        named = next(h for h in heads if said[0] in _said(h))
        number = f"{column.panel}:{column.number}".removeprefix(":")
        text = f"column {number} is headed `{named}`; its command is of {_spelled(model_of(e))} ({e.place})"
        yield Note("note-model", exhibit.line, text)


def _of_prose(exhibit: Printed, lines: Sequence[str], estimates: Sequence[Estimated], place: int) -> Iterator[Note]:
    """The one model that a title and the notes name, where no column is of it."""
    said = {model for model, pattern in _PROSE.items() for text in (exhibit.title, *lines) if pattern.search(text)}
    if len(said) != 1:
        return
    (model,) = said
    if any(_may_be(model, e, bool(exhibit.places)) for e in estimates):
        return
    titled = bool(_PROSE[model].search(exhibit.title))
    others = " and ".join(dict.fromkeys(_spelled(model_of(e)) for e in estimates))
    where = "the title" if titled else "the note"
    text = f"{where} says {_spelled(model)}; its commands are of {others} ({estimates[0].place})"
    yield Note("note-model", exhibit.line if titled else place, text)


def _spelled(model: str) -> str:
    return _SPELLED.get(model, model)


def _of_weights(lines: Sequence[str], estimates: Sequence[Estimated], place: int) -> Iterator[Note]:
    weighted = [e for e in estimates if e.source.request.weight is not None]
    if any(_WEIGHTED.search(line) for line in lines) and not weighted:
        yield Note("note-weights", place, f"the note says weighted; its commands have no weights ({estimates[0].place})")
    if any(_UNWEIGHTED.search(line) for line in lines) and weighted:
        e = weighted[0]
        said = f"the note says unweighted; a command has the weight {e.source.request.weight.expression} ({e.place})"
        yield Note("note-weights", place, said)


def _of_errors(lines: Sequence[str], estimates: Sequence[Estimated], place: int) -> Iterator[Note]:
    """Standard errors of a kind that no command of the table asks for, though they are the commands' own."""
    kinds = {e.source.request.kind for e in estimates}
    for name, kind, pattern in _ERRORS:
        if any(pattern.search(line) and "p-val" not in line.lower() for line in lines) and not (kind and kind in kinds):
            asked = " and ".join(sorted({_asked(e) for e in estimates}))
            yield Note("note-errors", place, f"the note says {name} standard errors; its commands ask for {asked} ones "
                       f"({estimates[0].place})")  # fmt: skip


def _asked(e: Estimated) -> str:
    kind = e.source.request.kind
    named = {"iid": "classical", "NW": "Newey-West", "DK": "Driscoll-Kraay", "conley": "Conley"}
    return "clustered" if e.source.request.cluster else named.get(kind, "robust" if kind.startswith("HC") else kind)
