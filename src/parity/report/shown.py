"""One spec's estimates as a reader of Stata or R expects to see them: what both styles share.

Numbers are those that were compared, under the declared convention; where an engine answers with one of its own options
they are its own. Names are the study's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import wcwidth

from parity.base.printing import printing
from parity.base.quantities import OF_TERMS, QUANTITIES, short_name
from parity.report.figures import COMPARED, short
from parity.report.sentence import between_engines, quantity_name
from parity.results.record import Record
from parity.results.spec_page import SpecDetail
from parity.sample.design import INTERCEPT

WIDTH = 80
#: Conventions whose numbers are read as R prints them; the others are commands of Stata.
IN_R = ("fixest", "plm", "lm", "lfe", "statsmodels", "linearmodels", "glm", "feglm")
MODELS = {
    "ols": "Least squares", "iv": "Two-stage least squares", "first_difference": "First differences",
    "random_effects": "Random effects (GLS)", "logit": "Logistic regression", "probit": "Probit regression",
    "poisson": "Poisson regression", "between": "Between regression (of unit means)", "liml": "LIML",
    "fuller": "Fuller's modified LIML", "kclass": "k-class estimator", "gmm": "GMM", "cue": "Continuously updated GMM",
    "difference_gmm": "Dynamic panel, GMM of differences", "system_gmm": "Dynamic panel, GMM of differences and levels",
}  # fmt: skip
#: Quantities of the whole model and how windows call them; what is not here is called as everywhere else.
OF_MODEL = {q.name: q.window for q in QUANTITIES if q.window}


@dataclass(frozen=True)
class Shown:
    """One engine's answer to one spec; `row` has coef, se, t, p and both ends of the 95 % interval."""

    detail: SpecDetail
    engine: str
    values: dict[tuple[str, str], float | None]

    def row(self, term: str) -> tuple[float | None, ...]:
        return tuple(self.values.get((q, term)) for q in OF_TERMS)

    @property
    def outcome(self) -> str:
        return self.detail.formula.split("~")[0].strip()

    @property
    def normal(self) -> bool:
        """Whether p and the interval are those of the normal distribution."""
        return self.values.get(("df_t", "")) == float("inf")

    @property
    def of_model(self) -> list[tuple[str, float]]:
        """Numbers of the whole model by their name, N first; what the engine doesn't report is another's."""
        # what this engine doesn't report is that of the first that does: it was compared among all of those
        position = {key: i for i, key in enumerate(self.detail.quantities) if not key[1]}
        every = [self.values, *({k: e.values[i] for k, i in position.items()} for e in self.detail.engines)]
        found = {k[0]: v for k in position if (v := next((x[k] for x in every if x[k] is not None), None)) is not None}
        ordered = [*(q for q in OF_MODEL if q in found), *(q for q in found if q not in OF_MODEL)]
        return [(OF_MODEL.get(q, quantity_name(q)), found[q]) for q in ordered]


def chosen(detail: SpecDetail, engine: str = "") -> Shown | None:
    """The answer of an engine, by default of the spec's reference or of the first that has one. None: nobody has."""
    found = next((e for e in detail.engines if not engine or e.engine == engine), None)
    if found is None:
        return None
    return Shown(detail, found.engine, dict(zip(detail.quantities, found.values, strict=True)))


def style_of(detail: SpecDetail) -> str:
    """`r` or `stata`, by the declared convention."""
    return "r" if detail.convention.split(",")[0] in IN_R else "stata"


def about(shown: Shown) -> list[str]:
    """What was estimated, a line each: model, effects, sample, covariance, convention."""
    d, sample = shown.detail, shown.detail.sample
    lines = [d.formula, MODELS.get(d.model, d.model)]
    lines += [f"Where: {d.where}"] if d.where else []
    lines += [f"Offset: {d.offset}"] if d.offset else []
    lines += [f"Weights: {d.weights}"] if d.weights else []
    if sample and sample.levels:
        lines.append("Fixed effects: " + ", ".join(f"{name} ({n:,})" for name, n in sample.levels.items()))
    if sample and sample.dropped:
        lines.append(f"Left out as collinear: {', '.join(sample.dropped)}")
    clusters = {name: n for name, n in (sample.clusters if sample else {}).items() if "^" not in name}
    counted = "".join(f", {n:,} clusters in {name}" for name, n in clusters.items())
    return [*lines, f"Standard errors: {d.vcov}{counted}", f"Convention: {d.convention}"]


def agreement(shown: Shown, records: Sequence[Record]) -> str:
    """Whose numbers these are, and whether the other engines have the same."""
    own = [r for r in records if between_engines(r) and r.checked]
    others = len({e for r in own for e in (r.reference, r.candidate)} - {shown.engine})
    bad = sorted({r.candidate for r in records if between_engines(r) and not r.harmless})
    said = f"{shown.engine} under the declared convention"
    if not others:
        return f"{said}; no other engine was held against it."
    if bad:
        return f"{said}. NOT ALL AGREE: {', '.join(bad)}; `parity run` says where."
    digits = min((r.digits for r in own if r.digits is not None), default=0.0)
    return f"{said}; {others} other engine{'s agree' if others > 1 else ' agrees'} with it to at least {digits:.1f} digits."


def columns(detail: SpecDetail, names: Sequence[str], records: Sequence[Record]) -> str:
    """Each engine's numbers to ten digits, as many engines abreast as 80 columns hold."""
    engines = [e for e in detail.engines if not names or e.engine in names]
    agree = {r.candidate: r.digits for r in records if between_engines(r) and r.checked}
    wanted = [key for key in detail.quantities if key[0] in ("coef", "se", "t", "p") or not key[1]]
    blocks = []
    for start in range(0, len(engines), ABREAST):
        part = engines[start : start + ABREAST]
        lines = [_line("", [e.engine for e in part]), _line("", [e.transport for e in part])]
        last = ""
        for i, (quantity, term) in enumerate(detail.quantities):
            if (quantity, term) not in wanted:
                continue
            lines += wrapped(term) if term and term != last else [""] if last and not term else []
            last = term
            name = f"  {quantity}" if term else short_name(quantity)
            lines.append(_line(name, [short(e.values[i], COMPARED) for e in part]))
        lines += ["", _line("digits agreed", [_digits(agree.get(e.engine)) for e in part])]
        blocks.append("\n".join(line.rstrip() for line in lines))
    return "\n\n".join(blocks)


ABREAST, NAME, COLUMN = 4, 16, 16


def _digits(digits: float | None) -> str:
    return "reference" if digits is None else f"{digits:.1f}"


def _line(name: str, cells: Sequence[str]) -> str:
    return pad(name, NAME) + "".join(pad(cell, COLUMN, right=True) for cell in cells)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """To a display width: a Chinese character takes two columns. Longer texts stay as they are."""
    blanks = " " * max(0, width - wcwidth.width(text))
    return blanks + text if right else text + blanks


def wrapped(text: str, indent: str = "") -> list[str]:
    """Lines of at most 80 columns; text from data can't move a terminal."""
    clean = printing(text, keep="")
    return wcwidth.wrap(clean, WIDTH - 2, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)


def named_rows(
    terms: Sequence[str], width: int, row: Callable[[str, str], str], *, constant: str, right: bool = False
) -> list[str]:
    """A line for each term; a name that is too wide stands above its numbers, whole: cut short it could be another's."""
    lines: list[str] = []
    for term in terms:
        clean = printing(constant if term == INTERCEPT else term, keep="")
        fits = wcwidth.width(clean) <= width
        lines += [] if fits else wrapped(clean)
        lines.append(row(term, pad(clean if fits else "", width, right=right)))
    return lines
