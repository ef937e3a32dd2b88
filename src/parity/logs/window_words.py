"""What the words around a window of estimates say: its title, groups, effects, instruments, the heads of its columns.

Nothing is judged here; numbers among the words are statistics, which are read elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parity.printed.lines import Line

#: What the head says -> the command that prints it. The first that fits.
TITLES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("reghdfe", r"HDFE Linear regression"), ("ppmlhdfe", r"HDFE PPML"), ("ivreghdfe", r"Absorbing \d+ HDFE|"
            r"IV \(2SLS\).{0,120}HDFE"),
        ("areg", r"Linear regression, absorbing indicators"),
        ("xtreg, fe", r"Fixed-effects \(within\) regression"), ("xtreg, re", r"Random-effects GLS|Random-effects ML"),
        ("xtreg, be", r"Between regression"), ("xtivreg", r"Fixed-effects \(within\) IV|E?C?G?2SLS random|"
            r"First-differenced IV"),
        ("ivregress", r"Instrumental[ -]variables (?:2SLS|LIML|GMM)|Instrumental variables \(2SLS\)"),
        ("ivreg2", r"(?:IV \(2SLS\)|OLS|LIML|2-Step GMM|CUE) estimation|Two-step GMM"),
        ("gmm", r"(?:^|\n)GMM estimation"),
        ("newey", r"^[^|]*Newey[-–]West"), ("ologit", r"Ordered logi"), ("oprobit", r"Ordered probit"),
        ("mlogit", r"Multinomial (?:logi|regression)"), ("logit", r"Logistic regression|Logit (?:estimates|regression)"),
        ("ivprobit", r"Probit model with endogenous regressors"),
        ("arima", r"ARIMA regression"),
        ("xtabond2", r"[Dd]ynamic panel-data estimation, (?:one|two)-step"),
        ("xtabond", r"Arellano[-–]Bond dynamic panel"), ("xtdpdsys", r"System dynamic panel"),
        ("xtdpd", r"Dynamic panel-data estimation"),
        ("var", r"Vector autoregression"),
        ("probit", r"Probit regression|Probit estimates"), ("xtlogit", r"Conditional.{0,120}logistic"), 
        ("poisson", r"Poisson regression"),
        ("nbreg", r"Negative binomial"), ("tobit", r"Tobit (?:regression|estimates)"), ("heckman", r"Heckman selection"),
        ("qreg", r"Median regression|Quantile regression"), ("stcox", r"Cox"), ("margins", r"[Mm]argins|[Mm]arginal effects|"
         r"Adjusted predictions|Contrasts of|Pairwise comparisons"), ("mean", r"Mean estimation"), 
        ("total", r"Total estimation"),
        ("proportion", r"Proportion estimation"), ("ratio", r"Ratio estimation"), ("sureg", r"Seemingly unrelated"),
        ("reg3", r"Three-stage least"), ("regress", r"Source \||Linear regression|Regression with robust"),
    )
)  # fmt: skip
#: Any other title: words alone, of which one says so.
_TITLE = re.compile(r"(?=.{0,70}\b(?:regressions?|estimation|estimates|autoregression|regressors|model|estimator)\b)"
                    r"[A-Z][A-Za-z0-9 ()/,.–-]{3,70}")  # fmt: skip
_HEADED = re.compile(r"[A-Z][A-Za-z0-9 ()/,.–-]{3,70}")
_NOBS = re.compile(r"(?:Number|No\.) of obs\b")
_NO_TITLE = re.compile(r"First-stage|Stage |Step |Summary|.{0,60}\b(?:efficient|robust to|with respect)\b")
_PARTED = re.compile(r" {3,}")
_STEPS = re.compile(r"(?:One|Two)-step results")
#: Below a window of xtabond2: which equation, whose instruments follow; `FOD.(w k)`; `L(1/8).L.n`.
_TRANSFORMED = re.compile(r"Instruments for (first differences|orthogonal deviations) equation")
_STANDARD = re.compile(r" {4}(?:FOD|D)\.\(?([\w. ]{1,400}?)\)? *")
_MOMENTS = re.compile(r" {4}L(?:\((?P<first>\d{1,3})/(?:\d{1,3}|\.)\)|(?P<one>\d{0,3}))\."
                      r"\(?(?P<names>[\w. ]{1,400}?)\)?(?: collapsed)? *")  # fmt: skip
_CLUSTERED = re.compile(r"\s*SE clustered by ([^\W\d]\w*(?: and [^\W\d]\w*)?)\s*")
#: `Sample:  1937 - 1954`, of periods that are plain numbers.
_SAMPLE = re.compile(r"\s*Sample: {1,4}(\d{1,6} {0,2}(?:-|thru|to) {0,2}\d{1,6})(?= {2,}|,|$)")
_CLUSTERING = re.compile(r"adjusted for clustering on (\S+?)\)")
#: `Domestic: foreign = 0`, above means of groups.
_GROUP = re.compile(r" *(?P<label>[^\s:=|][^:=|]{0,40}): (?P<name>[^\W\d]\w{0,40}) = (?P<text>[^=|]{1,80})")
#: `Group variable: firm`, `Time variable (t): year`, `Absorbed variable: firm`; abbreviated as `abc~xyz`.
_NAMED = re.compile(
    r"(?<![^\s|])(?P<what>Group|Panel|Time|Absorbed) variable(?: ?\([it]\))? {0,4}: {0,6}(?P<name>[^\W\d][\w~]*)",
    re.IGNORECASE,
)
_MATRIX = re.compile(r"GMM weight matrix: *(?P<kind>\w++)", re.IGNORECASE)
#: Limits of a censored outcome that are none: `Limits: Lower = -inf`.
_LIMIT = re.compile(r"(?<![^\s:])(?P<end>Lower|Upper) {0,6}= {0,12}(?P<at>[-+]inf|[-+]?\d[\d.e+-]{0,30})(?!\S)")
_WEIGHTS = re.compile(r"\(?sum of wgt is", re.IGNORECASE)
#: Below the title of reghdfe and ivreghdfe: no title itself.
_ABSORBING = re.compile(r"\s*Absorbing \d")
#: Roles of variables in the foot of instrumental variables, as ivregress, xtivreg and ivreg2 call them.
_ROLES = {
    "instrumented": "endogenous", "endogenous": "endogenous", "instruments": "instruments", "exogenous": "instruments",
    "instruments for equation 1": "instruments", "included instruments": "included", "excluded instruments": "excluded",
}  # fmt: skip
_ROLE = re.compile(
    r"(?P<role>Instrumented|Endogenous|Instruments|Exogenous|Instruments for equation 1|"
    r"Included instruments|Excluded instruments)"
    r"(?: variables)?: ?(?P<names>.*)",
    re.IGNORECASE,
)
_VARIABLES = re.compile(r"[\w.#~]+(?: +[\w.#~]+)*")
#: Lags that are instruments below a window of xtabond.
_LAGGED = re.compile(r"\s*GMM-type: (L\(\d{1,3}/(?:\.|\d{1,3})\)\.[^\W\d]\w{0,40})\s*")
_CONSTRAINT = re.compile(r" *\( *\d+\) +(\S.*)")
_DISTRIBUTION = re.compile(r"(?<!\S)(?:(?P<letter>[tz])|P ?> ?\|(?P<p>[tz])\|)(?!\S)")

_ERRORS = re.compile(r"\bstd\. ?(?:err|dev)\.", re.IGNORECASE)
_ITERATION = re.compile(
    r"Iteration (\d{1,4}): {1,4}[Ll]og (?:pseudo)?likelihood ?= {0,12}(-?[\d.,]{1,20}(?:e[+-]?\d{1,3})?)(.{0,60})"
)
_LEGEND = re.compile(r"(?P<what>Model VCE|Expression|[de][yx]/[de][yx] w\.?r\.?t\.?) {0,4}: {1,4}(?P<text>\S.*)")
#: `at : x = 1`, in the lines behind the names.
_SET = re.compile(r"=|^[aA]t {0,12}:")


@dataclass(frozen=True)
class Said:
    """Words around a window's table that say what it is of: name "group variable", text "firm"."""

    name: str
    text: str
    line: int = 0


def title_of(text: str) -> str:
    """The command whose title a line holds, "" for none: `xtreg, fe`, `ivregress`."""
    return next((name for name, pattern in TITLES if pattern.search(text)), "")


def titles_above(lines: Sequence[Line]) -> Iterator[Said]:
    """The last title in lines above the head of a window: a line of its own that says what is estimated."""
    for line in reversed(lines):
        if _reads_as_title(line.text.strip()) and not line.text.startswith("  "):
            yield Said("title", line.text.strip(), line.number)
            return


def _reads_as_title(text: str) -> bool:
    return bool(_TITLE.fullmatch(text)) and not _NO_TITLE.match(text)


def head_words(head: Sequence[Line]) -> Iterator[Said]:
    """Titles, names of groups and weights above a table."""
    first = next((line for line in head if line.text.strip()), None)
    for line in head:
        left = _PARTED.split(line.text.strip(), maxsplit=1)[0]
        known = title_of(line.text) and not _ABSORBING.match(line.text)
        beside = _NOBS.search(line.text) and _HEADED.fullmatch(left) and not _NOBS.match(left)
        if known or (line is first and (_reads_as_title(left) or beside)):
            yield Said("title", left, line.number)
        if _STEPS.match(line.text.strip()):
            yield Said("steps", left, line.number)
        if found := _SAMPLE.match(line.text):
            yield Said("sample", found[1], line.number)
        if found := _CLUSTERING.search(line.text):
            yield Said("clustering", found[1], line.number)
        if found := _GROUP.fullmatch(line.text.rstrip()):
            yield Said("group of means", f"{found['label'].strip()}: {found['name']} = {found['text'].strip()}", line.number)
        for found in _NAMED.finditer(line.text):
            what = "group" if found["what"].lower() == "panel" else found["what"].lower()
            yield Said(f"{what} variable", found["name"], line.number)
        if found := _MATRIX.search(line.text):
            yield Said("weight matrix", found["kind"], line.number)
        for found in _LIMIT.finditer(line.text):
            yield Said(f"{found['end'].lower()} limit", found["at"], line.number)
        if _WEIGHTS.search(line.text):
            yield Said("weights", line.text.strip(), line.number)


def iterations(lines: Sequence[Line]) -> list[Said]:
    """Steps that stand above a head without other lines between: `Iteration 2:   log likelihood = -12.894607`, the number
    and what the log likelihood was, with what Stata says of the step."""
    out: list[Said] = []
    for line in reversed(lines):
        found = _ITERATION.fullmatch(line.text.rstrip())
        if found:
            out.append(Said("iteration", " ".join(g.strip() for g in found.groups() if g.strip()), line.number))
        elif line.text.strip() and (out or not line.text.startswith(" ")):
            break
    return out[::-1]


def margins_words(head: Sequence[Line]) -> Iterator[Said]:
    """What the legend of margins says: the covariance, whose response it is of, and by which variables; names may go on."""
    names = None
    for line in head:
        found = _LEGEND.match(line.text)
        if names is not None and (found or not line.text.startswith("   ") or _SET.search(line.text)):
            yield names
            names = None
        elif names is not None:
            names = Said(names.name, f"{names.text} {' '.join(line.text.split())}", names.line)
        if found:
            what = Said(found["what"].lower().replace(".", ""), " ".join(found["text"].split()), line.number)
            if what.name.endswith("wrt"):
                names = what
            else:
                yield what
    if names is not None:
        yield names


def column_heads(line: Line) -> Iterator[Said]:
    """What the heads of columns call standard errors; the distribution that they name, `t` or `z`, also in `P>|t|`."""
    heads = line.text.partition("|")[2]
    if found := _ERRORS.search(heads):
        yield Said("errors", found[0], line.number)
    for found in _DISTRIBUTION.finditer(heads):
        yield Said("distribution", found["letter"] or found["p"], line.number)


def foot_words(lines: Sequence[Line]) -> Iterator[Said]:
    """Which variables are instrumented and by which, below a table; names go on in lines without a role."""
    role, names, first = "", "", 0
    for line in lines:
        text = line.text.strip()
        if lagged := _LAGGED.fullmatch(line.text):
            yield Said("lagged instruments", lagged[1], line.number)
        if equation := _TRANSFORMED.match(text):
            yield Said("transform", equation[1], line.number)
        yield from _moments(line)
        if clustered := _CLUSTERED.fullmatch(line.text):
            yield Said("clustering", clustered[1], line.number)
        found = _ROLE.fullmatch(text)
        more = bool(role) and line.text.startswith("      ") and _VARIABLES.fullmatch(text)
        if more:
            names += f" {text}"
            continue
        if role:
            yield Said(role, " ".join(names.split()), first)
        role, names, first = "", "", line.number
        if found and (not found["names"].strip() or _VARIABLES.fullmatch(found["names"].strip())):
            role, names = _ROLES[found["role"].lower()], found["names"]
    if role:
        yield Said(role, " ".join(names.split()), first)


def _moments(line: Line) -> Iterator[Said]:
    """Instruments of xtabond2's transformed equation: as they are, or lags, the first one's number before them."""
    if lags := _MOMENTS.fullmatch(line.text):
        yield Said("moments", f"{lags['first'] or lags['one'] or 1} {lags['names']}", line.number)
    elif standard := _STANDARD.fullmatch(line.text):
        yield Said("standard instruments", " ".join(standard[1].split()), line.number)


def constraints(lines: Sequence[Line]) -> Iterator[Said]:
    """`( 1)  educ - exper = 0`, its number taken off."""
    for line in lines:
        if found := _CONSTRAINT.fullmatch(line.text):
            yield Said("constraint", found[1].strip(), line.number)
