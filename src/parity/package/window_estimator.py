"""What a window says of its estimator, and its command denies: steps, moments, fixed or random effects, what its likelihood
and chi-squared are called, what heads its estimates and standard errors, which lags and groups it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from parity.package.mapping import OF_RATIOS
from parity.package.window_labels import is_group, spelled
from parity.printed.window_head import COEFFICIENT
from parity.stata_language.descriptive import OF_VARIABLES
from parity.stata_language.request import EACH_ROW
from parity.stata_language.vce import CATEGORICAL, CENSORED, JOINT, LIKELIHOODS, SERIES

if TYPE_CHECKING:
    from parity.package.estimates import Estimated
    from parity.package.printed import Printed

_OF_DYNAMIC = ("difference_gmm", "system_gmm")
#: What a title or a line of its own says -> of which models, and the test of a command.
_SAYS = (
    (r"\b[Oo]ne-step\b", _OF_DYNAMIC, lambda e: _steps(e) == 1),
    (r"\b[Tt]wo-step\b", _OF_DYNAMIC, lambda e: _steps(e) == 2),
    (r"\bsystem GMM\b", _OF_DYNAMIC, lambda e: e.source.request.model == "system_gmm"),
    (r"\bdifference GMM\b", _OF_DYNAMIC, lambda e: e.source.request.model == "difference_gmm"),
)
#: Titles of xtivreg, with fe and without.
_WITHIN, _RANDOM = "Fixed-effects (within) IV", "G2SLS random-effects IV"
#: Words above standard errors that a robust or clustered covariance has.
_ROBUST = ("robust", "wc-robust", "corrected", "semirobust")
_LAGGED = re.compile(r"L\((?P<first>\d+)/(?P<last>\.|\d+)\)\.(?P<name>\w+)")
_OF_MEANS = re.compile(r"(?P<label>[^:]+): (?P<name>\w+) = (?P<text>.+)")
_CHI2 = re.compile(r"(?P<kind>Wald|LR) chi2\(\d+\)")


def of_estimator(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    yield from _of_title(exhibit, e)
    yield from _of_likelihood(exhibit, e)
    yield from _of_heads(exhibit, e)
    yield from _of_errors(exhibit, e)
    yield from _of_moments(exhibit, e)
    yield from _of_xtabond2(exhibit, e)
    yield from _of_means(exhibit, e)
    yield from _of_sample(exhibit, e)


def _said(exhibit: Printed, *names: str) -> list[tuple[int, str]]:
    return [(s.line, s.text) for s in exhibit.words if s.name in names]


def _steps(e: Estimated) -> int:
    return int(e.source.request.keys.get("dynamic", {}).get("steps", 1))


def _of_title(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    request = e.source.request
    for line, text in _said(exhibit, "title", "steps"):
        denied = any(request.model in models and re.search(pattern, text) and not test(e) for pattern, models, test in _SAYS)
        if e.name == "xtivreg" and " IV regression" in text:
            denied = denied or not text.startswith(_WITHIN if request.absorb else _RANDOM)
        if denied:
            yield line, f"the window says `{text[:60]}`; its command is `{e.command[:60]}`"


def _of_likelihood(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """`Log pseudolikelihood` of a robust covariance alone; `LR chi2` where nothing but the likelihood gives it."""
    request = e.source.request
    known = (*LIKELIHOODS.values(), *CATEGORICAL, *CENSORED, *JOINT, *SERIES)
    if request.model not in known or not exhibit.columns:
        return
    robust = request.kind[:2] in ("HC", "CR") or bool(e.drawn)
    for s in exhibit.columns[0].statistics:
        line = s.cell.place.line
        if s.name == "ll" and "likelihood" in s.label.lower() and ("pseudo" in s.label.lower()) != robust:
            yield line, f"the window says `{s.label}`; its command's standard errors are{' not' * (not robust)} robust"
        found = _CHI2.fullmatch(s.label)
        wald = robust or request.model in (*JOINT, *SERIES)
        if found and found["kind"] == "LR" and wald:
            yield line, f"the window says `{s.label}`; its command gives a Wald test"
        if found and found["kind"] == "Wald" and not wald and request.intercept and not request.offset:
            yield line, f"the window says `{s.label}`; its command gives a likelihood ratio"


def _of_heads(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """What the first column is called: of mean and total their name, else a coefficient or a ratio."""
    heads = {c.name for column in exhibit.columns for row in column.rows for c in row.cells if c.kind == "coef" and c.name}
    for head in sorted(heads):
        if e.name in OF_VARIABLES:
            fits = head.lower() == e.name
        else:
            fits = bool(COEFFICIENT.fullmatch(head)) or head.lower().startswith(OF_RATIOS)
        if not fits:
            yield exhibit.line, f"the window's first column is headed `{head}`; its command is `{e.command[:60]}`"


def _of_errors(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """Words above standard errors that need an option or a prefix of their own."""
    word = exhibit.vcov.lower().replace("–", "-")
    if e.drawn or not word:
        return
    request, typed = e.source.request, f"{e.command} {e.raw}".lower()
    needs = {"bootstrap": r"boot|\bbs\b", "jackknife": r"jack|jknife|\bjk", "linearized": r"svy|\[p|\[i", "opg": r"\bopg",
             "oim": r"\boim"}  # fmt: skip
    why = ""
    if word in needs and request.model not in SERIES and not re.search(needs[word], typed):
        why = "its command doesn't ask for that"
    elif word == "wc-robust" and not (request.model in _OF_DYNAMIC and _steps(e) == 2):
        why = "its command isn't of two steps"
    elif word in _ROBUST and (EACH_ROW in request.cluster or (word != "robust" and request.kind == "iid")):
        why = "its command asks for no robust ones"
    elif e.name == "xtabond2" and word in _ROBUST and word != ("corrected" if _steps(e) == 2 else "robust"):
        why = f"its command gives {'Corrected' if _steps(e) == 2 else 'Robust'}"
    if why:
        yield exhibit.line, f"the window says `{exhibit.vcov}` above its standard errors; {why}"


def _of_moments(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """Clusters and lags of a dynamic panel, which its window names."""
    request = e.source.request
    for line, text in _said(exhibit, "clustering"):
        named = text.split(" and ")
        if request.cluster and not all(any(spelled(part, name) for name in request.cluster) for part in named):
            yield line, f"the window says clustering on `{text}`; its command clusters by {', '.join(request.cluster)}"
    held = request.keys.get("dynamic", {}).get("gmm", {})
    for line, text in _said(exhibit, "lagged instruments"):
        found = _LAGGED.fullmatch(text)
        due = next((lags for name, lags in held.items() if found and spelled(found["name"], name)), None)
        if not found or not held:
            continue
        shown = [int(found["first"]), *([] if found["last"] == "." else [int(found["last"])])]
        if due is None or shown != list(due):
            own = ", ".join(f"L({lags[0]}/{lags[1] if len(lags) > 1 else '.'}).{name}" for name, lags in held.items())
            yield line, f"the window says `{text}` are instruments; its command has {own}"


def _of_xtabond2(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """Its transformation, and instruments of the transformed equation: names, and the first lag."""
    request = e.source.request
    if e.name != "xtabond2" or any(
        f.kind == "factor" or len(m.term.factors) > 1 for m in request.moments for f in m.term.factors
    ):
        return
    due = "orthogonal deviations" if request.keys.get("dynamic", {}).get("transform") else "first differences"
    for line, text in _said(exhibit, "transform"):
        if text != due:
            yield line, f"the window says instruments for the equation in {text}; its command's is in {due}"
    moments = [(m, ".".join(filter(None, (m.term.factors[0].operator, m.term.factors[0].name)))) for m in request.moments]
    moments = [(m, name) for m, name in moments if m.equation != "level"]
    for line, text in _said(exhibit, "moments"):
        first, *names = text.split()
        strange = [n for n in names if not any(m.lags[:1] == (int(first),) and spelled(n, name) for m, name in moments)]
        if strange:
            yield (
                line,
                f"the window says that lags of `{strange[0]}` from {first} on; its command has others",
            )
    own = {name for m, name in moments if not m.lags}
    for line, text in _said(exhibit, "standard instruments"):
        if set(text.split()) != own and not e.omitted:
            yield line, f"the window says instruments `{text[:60]}`; its command's are `{' '.join(sorted(own))[:60]}`"


def _of_means(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """Groups that the legend of a mean names otherwise than its command and data do."""
    groups = [t.partition("@")[2] for t in e.terms if "@" in t]
    for line, text in _said(exhibit, "group of means") if groups else ():
        found = _OF_MEANS.fullmatch(text)
        if found and not any(is_group(found["label"], found["name"], found["text"], group, e) for group in groups):
            yield line, f"the window's legend says `{text}`; none of its command's groups is that"


def _of_sample(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """The first and last period of a series, where periods are plain numbers."""
    time = e.source.data.columns.get(e.source.panel.time or "")
    for line, text in _said(exhibit, "sample") if time is not None and not time.text else ():
        periods = time.values[e.source.estimated.rows]
        shown = [float(word) for word in re.findall(r"\d+", text)]
        if len(periods) and shown != [periods.min(), periods.max()] and max(shown) > 0:
            yield line, f"the window's sample is {text}; its command's is {periods.min():g} to {periods.max():g}"
