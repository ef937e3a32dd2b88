"""One page per cause of the catalogue, and their index: `PYTHONPATH=tests python docs/build_causes.py [ID ...]`.

Texts come from `parity.diagnose.catalogue`. The example is computed here: the first spec of a bundled study in which the
cause moves a number, both sides of it, and what the diagnosis says when it is shown the other side's numbers alone.
Those numbers come from dense algebra with dummies where the covariance allows, not from the estimator of the diagnosis.
"""

from __future__ import annotations

import itertools
import math
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from parity.base.tolerance import EXACT
from parity.compare import other_statistics
from parity.diagnose import sentences
from parity.diagnose.catalogue import BY_ID, CAUSES, dynamic
from parity.diagnose.cause import GROUPS, Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import TargetNumber, from_numbers, from_text
from parity.diagnose.scenario import Scenario
from parity.diagnose.search import Found, Search
from parity.sample.design import INTERCEPT
from parity.study.spec import Spec
from planted import FULL, fitter_of, independent

PAGES = Path(__file__).resolve().parent / "causes"
#: Causes that no search finds, but a comparison: id -> its page.
BESIDE = {
    other_statistics.ID: f"""\
# {other_statistics.ID}

The number entered under the name of one statistic is another of the same model.

It was entered under the wrong name, or the table calls it so: the within or the adjusted R-squared as R-squared, Wald's
chi-squared for that of the likelihood ratio, F with the factor of small samples or without, a deviance for a log likelihood.

Source: {other_statistics.SOURCE}.

## What avoids it

Enter the number under the name that the sentence gives; what each name means stands in [quantities](../quantities.md).

[All causes](README.md)
""",
}
#: Where an example is looked for, in this order; a cause that none of them shows has no example.
STUDIES = (
    "grunfeld", "mroz", "cigarettes", "fatalities", "mtcars", "hard_cases", "petersen", "card",
    "wage_panel", "digital_trade",
)  # fmt: skip
#: Rows of the table of an example.
SHOWN = {
    "coef": "coefficient", "se": "standard error", "t": "t", "p": "p", "ci_low": "95 % interval, from", "ci_high": "to",
    "stars": "stars", "df_t": "df of t", "nobs": "N",
}  # fmt: skip
OF_THE_MODEL = ("df_t", "nobs")
#: Those whose ratio says something.
RATIOS = ("coef", "se", "nobs")
#: Causes with a hundred variants, each of which makes an index.
OF_INDICES = (
    "index-made-otherwise", "indicator-added", "indicator-left-out", "indicator-reversed", "indicators-winsorised",
    "outcome-in-index", "unit-missing-before-derived", "period-missing-before-derived",
)  # fmt: skip
#: A number moves visibly when it moves by this share of itself.
VISIBLE = 1e-8
#: Examples tried before one is taken whose numbers other causes give too.
TRIES = 4
#: Specs that are diagnosed for an example, and variants of the cause that are looked at in one of them.
SPECS, STEPS = 24, 12


@dataclass(frozen=True)
class Example:
    """A cause at work: a step from a declared spec, the numbers on both sides, what the blind diagnosis found.

    certain: more than what would fit by chance
    """

    fitter: Fitter
    base: Scenario
    step: Step
    before: Numbers
    after: Numbers
    found: tuple[Found, ...]
    certain: bool

    @property
    def alone(self) -> bool:
        return self.certain and len(self.found) == 1

    @property
    def others(self) -> list[str]:
        named = ("+".join(s.cause.id for s in f.path.steps) for f in self.found)
        return [id for id in dict.fromkeys(named) if id != self.step.cause.id]

    @property
    def residual(self) -> float:
        return min(f.residual for f in self.found if self.step.cause.id in {s.cause.id for s in f.path.steps})


# ---------------------------------------------------------------- examples


def example(cause: Cause) -> Example | None:
    """The first bundled spec that shows the cause alone; else the first of a few in which others give the same numbers."""
    worked = (_worked(*moving) for moving in itertools.islice(_moving(cause), SPECS))
    tried = list(itertools.islice(_until_alone(e for e in worked if e is not None), TRIES))
    return next((e for e in tried if e.alone), tried[0] if tried else None)


def _until_alone(examples: Iterable[Example]) -> Iterator[Example]:
    for shown in examples:
        yield shown
        if shown.alone:
            return


def _moving(cause: Cause) -> Iterator[tuple[Fitter, Scenario, Step]]:
    """Of each bundled spec, the first step of this cause, if it moves a number: from the declared convention, else from
    the opposite one."""
    for bases in (_declared, _opposite):
        for study in STUDIES:
            fitter = fitter_of(study)
            for spec in sorted(fitter.study.specs, key=_length):
                for base in bases(fitter, Scenario(spec), cause):
                    steps = itertools.islice(cause.steps(base, fitter), STEPS)
                    moving = (s for s in steps if _moved(fitter.numbers(base), fitter.numbers(s.scenario)))
                    step = next(moving, None)
                    if step is not None:
                        yield fitter, base, step


def _length(spec: Spec) -> int:
    """Specs with few columns make readable examples."""
    return sum(9 if "i(" in str(item) else 1 for item in spec.formula.exog)


def _declared(fitter: Fitter, scenario: Scenario, cause: Cause) -> Iterator[Scenario]:
    printed = _printed(fitter, scenario) if cause.layer == "printing" else None
    if printed is not None:
        yield printed
    yield scenario


def _opposite(fitter: Fitter, scenario: Scenario, cause: Cause) -> Iterator[Scenario]:
    """What another cause of the slot makes of a spec: nobody declares what this cause departs from."""
    if cause.layer == "convention":
        others = (other for other in CAUSES if other.slot == cause.slot and other is not cause)
        yield from (s.scenario for other in others for s in other.steps(scenario, fitter))


@cache
def _printed(fitter: Fitter, scenario: Scenario) -> Scenario | None:
    """The declared numbers as a table prints them: four digits of each standard error, stars, and N."""
    numbers = fitter.numbers(scenario)
    if numbers is None or not np.isfinite(numbers.se).all() or not (numbers.se > 0).all():
        return None
    decimals = []
    for term, se in zip(numbers.terms[:4], numbers.se, strict=False):
        places = max(0, 3 - math.floor(math.log10(se)))
        decimals += [((q, term), places) for q in ("coef", "se")] + [(("stars", term), 0)]
    return replace(scenario, decimals=(*decimals, (("nobs", ""), 0)))


def _worked(fitter: Fitter, base: Scenario, step: Step) -> Example | None:
    """Both sides in numbers, and the diagnosis of the other one; None where it doesn't name the cause."""
    before, after = fitter.numbers(base), independent(fitter, step.scenario)
    observed = from_text(_targets(base, after)) if base.decimals else from_numbers(after, EXACT, _compared(after))
    # hundreds of ways to make an index are tried only where that is the question: each takes as long as all other causes
    asked = tuple(c for c in CAUSES if c.id not in OF_INDICES or c is step.cause)
    result = Search(fitter, observed, base, asked).run(step.cause.cost)
    for found in (result.solutions, result.possible):
        if step.cause in {s.cause for f in found for s in f.path.steps}:
            return Example(fitter, base, step, before, after, tuple(found), found is result.solutions)
    return None


def _compared(numbers: Numbers) -> list[str]:
    """All quantities; Satterthwaite's degrees of freedom are many, and show in p and the interval."""
    return [q for q in FULL if q != "df_t" or np.ndim(numbers.df) == 0]


def _targets(base: Scenario, numbers: Numbers) -> list[TargetNumber]:
    """The numbers as the page of the base prints them, coefficients with their stars."""
    targets = []
    for (quantity, term), places in base.decimals:
        if quantity != "stars" and (not term or term in numbers.terms):
            stars = "*" * int(_value(numbers, "stars", term)) if quantity == "coef" else ""
            targets.append(TargetNumber(quantity, term, f"{_value(numbers, quantity, term):.{places}f}{stars}"))
    return targets


def _value(numbers: Numbers, quantity: str, term: str) -> float:
    values = getattr(numbers, quantity)
    return float(values if quantity in OF_THE_MODEL else values[numbers.terms.index(term)])


def _moved(before: Numbers | None, after: Numbers | None) -> list[str]:
    """Terms of which a number moves visibly, slopes first; none where a side has no standard errors."""
    if before is None or after is None or not (after.se > 0).all():
        return []
    shared = [t for t in before.terms if t in after.terms]
    moved = [t for t in shared if any(_apart(_value(before, q, t), _value(after, q, t)) for q in SHOWN)]
    return sorted(moved, key=lambda t: t == INTERCEPT)


def _apart(a: float, b: float) -> bool:
    return not math.isnan(b) and a != b and not abs(a - b) <= VISIBLE * max(abs(a), abs(b))


# ---------------------------------------------------------------- pages


def page(cause: Cause, shown: Example | None) -> str:
    """The Markdown page of a cause."""
    parts = [f"# {cause.id}", _general(cause.sentence), f"Group: {cause.group}. What it moves: {MOVES[cause.layer]}."]
    if cause.unstable:
        parts.append("This is a defect, not a convention: it comes and goes from run to run.")
    if cause.formula:
        parts.append(f"Formula: {_general(cause.formula)}.")
    parts += [f"Source: {cause.source}.", _how(cause)]
    parts.append(_example(shown) if shown else _OF_PANELS if cause in dynamic.CAUSES else _NO_EXAMPLE)
    parts.append("[All causes](README.md)")
    return "\n\n".join(parts) + "\n"


_NO_EXAMPLE = "## Example\n\nNone: in no bundled study does this cause move the numbers of a term that both sides have."
#: Dynamic panels have a study of their own, `employment`, whose search takes minutes.
_OF_PANELS = (
    "## Example\n\nNone: examples are not of dynamic panels. Numbers of Stata, plm and linearmodels that it gives are in "
    "`tests/diagnose/test_dynamic_causes.py`."
)

MOVES = {
    "design": "the sample or the model, so coefficients and all that follows",
    "covariance": "the covariance; coefficients stay",
    "convention": "the factor of the covariance or the distribution of t; coefficients stay",
    "printing": "the printed numbers only",
}


def _general(template: str) -> str:
    """A template of the catalogue with words in angle quotes for the numbers of a spec."""
    return re.sub(r"\{(\w+?)(_before)?\}", lambda m: f"‹{m[1].replace('_', ' ')}{' as declared' if m[2] else ''}›", template)


def _how(cause: Cause) -> str:
    if not cause.how and not cause.avoids:
        return "No option of a package gives or avoids this: it is a choice or a slip of whoever made the table."
    tables = []
    for title, commands in {"What gives this": cause.how, "What avoids it": cause.avoids}.items():
        rows = [f"| {who} | {_typed(_general(what))} |" for who, what in commands.items()]
        tables += ["\n".join([f"## {title}", "", "| in | |", "|---|---|", *rows])] if rows else []
    return "\n\n".join(tables)


def _typed(text: str) -> str:
    """What is to be typed as code; an explanation, which has marks of its own or neither brackets nor =, as it is."""
    prose = "`" in text or (" " in text and not re.search(r"[(=|]", text))
    return (text if prose else f"`{text}`").replace("|", "\\|")


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _example(e: Example) -> str:
    fitter, base, step = e.fitter, e.base, e.step
    study, spec = fitter.study.folder.name, base.spec
    term = _moved(e.before, e.after)[0]
    sides = [_table_values(n, term) for n in (e.before, e.after)]
    rows = [f"| {SHOWN[q]} | {_digits(a)} | {_digits(b)} | {_digits(b / a) if q in RATIOS and a and _apart(a, b) else ''} |"
            for q, a, b in ((q, *(s[q] for s in sides)) for q in SHOWN if all(q in s for s in sides))]  # fmt: skip
    left = f"what is left is {_bound(e.residual)}, relative"
    if base.decimals:
        left = "nothing is left within the printed digits"
    verb = "names" if e.certain else "finds, among so many that one may fit by chance,"
    said = (
        f"Shown only the numbers of the right column, the diagnosis {verb} `{step.cause.id}`{'' if e.alone else _alike(e)}"
    )
    return "\n".join(
        [
            "## Example",
            "",
            f"`{study}/{spec.id}`: {_code(str(spec.formula))}, {spec.model.replace('_', ' ')}, covariance {spec.vcov}, "
            f"convention `{spec.convention.profile}`{_changed(e)}.",
            "",
            *(f"> {sentences.filled(text, step, base, fitter)}  " for text in (step.cause.sentence, step.cause.formula) if text),
            "",
            f"| {_code(term)} | declared | with this cause | ratio |",
            "|---|---:|---:|---:|",
            *rows,
            "",
            f"{said}; {left}.",
        ]
    )


def _changed(e: Example) -> str:
    """What the example's base has of its convention that the study doesn't declare."""
    declared = e.fitter.study.spec(e.base.spec.id).convention.model_dump()
    now = [f"`{k} = {v}`" for k, v in e.base.spec.convention.model_dump().items() if v != declared[k]]
    other = [*now, *(f"`{rule}`" for rule in e.base.scaling)]
    return f", changed to {' and '.join(other)}" if other else ""


def _alike(e: Example) -> str:
    if not e.others:
        return f", in {len(e.found)} variants that give the same numbers"
    links = ", ".join(" + ".join(f"[{i}]({i}.md)" for i in name.split("+")) for name in e.others[:6])
    return (
        f" or, which these data can't tell from it, {links}{f' and {len(e.others) - 6} more' if len(e.others) > 6 else ''}"
    )


def _table_values(numbers: Numbers, term: str) -> dict[str, float]:
    return {q: v for q in SHOWN for v in [_value(numbers, q, term)] if not math.isnan(v)}


def _digits(value: float) -> str:
    if math.isinf(value):
        return "infinite"
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e9 else f"{value:.9g}"


def _bound(residual: float) -> str:
    """The next power of ten, from 1e-12 on: what lies below differs from machine to machine."""
    return "at most 1e-12" if residual <= 1e-12 else f"at most 1e{math.ceil(math.log10(residual))}"


def index() -> str:
    """The table of all causes, by group in the order of plausibility."""
    lines = ["# Causes", "", _INTRODUCTION, ""]
    for group in GROUPS:
        lines += [f"## {group.capitalize()}", "", "| cause | in words |", "|---|---|"]
        lines += [f"| [{c.id}]({c.id}.md) | {_general(c.sentence)} |" for c in CAUSES if c.group == group]
        lines.append("")
    lines += ["## Found beside the catalogue", "", "| cause | in words |", "|---|---|"]
    lines += [f"| [{name}]({name}.md) | {text.split(chr(10))[2]} |" for name, text in BESIDE.items()]
    return "\n".join([*lines, ""])


_INTRODUCTION = f"""\
The {len(CAUSES)} causes that `parity explain` and every record know: conventions of packages, and slips on the way to a
printed table. A record names a cause by its id, and the page has the same name. Words in ‹› stand for what differs from
spec to spec. Made by `PYTHONPATH=tests python docs/build_causes.py`."""


def main(ids: list[str]) -> None:
    chosen = [BY_ID[i] for i in ids] or CAUSES
    for cause in chosen:
        (PAGES / f"{cause.id}.md").write_text(page(cause, example(cause)), encoding="utf-8")
    for name, text in BESIDE.items():
        (PAGES / f"{name}.md").write_text(text, encoding="utf-8")
    (PAGES / "README.md").write_text(index(), encoding="utf-8")
    for stray in {p.stem for p in PAGES.glob("*.md")} - {*BY_ID, *BESIDE, "README"}:
        (PAGES / f"{stray}.md").unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
