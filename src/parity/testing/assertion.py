"""`assert_parity`: hold an estimate against another with parity's comparator, and fail with the cause."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.base.errors import InputError, suggest
from parity.base.quantities import OF_TERMS
from parity.base.tolerance import BY_ACCURACY, ITERATIVE, P_SCALE
from parity.compare.harmonise import Harmonised, Quantity
from parity.compare.numbers import compare
from parity.report.words import difference_lines
from parity.results.estimate import Accuracy, Estimate
from parity.results.record import Record
from parity.study.header import Header
from parity.study.load import load_readable
from parity.study.spec import Spec
from parity.study.study import Study
from parity.testing.failures import MOST, cause_text
from parity.testing.read import Given, read
from parity.testing.without_data import pattern

if TYPE_CHECKING:
    import pandas as pd

    from parity.diagnose.explanation import Explanation
    from parity.sample.design import Design

#: Digits to which numbers are handed to the diagnosis, by the accuracy of the side they come from.
DIGITS = {"exact": 10, "normal-equations": 8, "iterative": 7}
COUNTS = ("nobs", "df_t")


@dataclass(frozen=True)
class _Known:
    """The specification behind the numbers."""

    study: Study
    spec: Spec
    frame: pd.DataFrame


def assert_parity(
    candidate: Any,
    reference: Any = None,
    *,
    study: Study | str | Path | None = None,
    spec: str | None = None,
    data: pd.DataFrame | None = None,
    formula: str | None = None,
    vcov: Any = "iid",
    convention: Any = "fixest",
    model: str = "ols",
    where: str | None = None,
    weights: Mapping[str, str] | None = None,
    unit: str | None = None,
    time: str | None = None,
    terms: Sequence[str] | None = None,
    ignore: str | Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    accuracy: Accuracy | None = None,
) -> None:
    """Raise `AssertionError` where two estimates of one specification disagree; its text names the cause.

        assert_parity(my_fit, pyfixest_fit)
        assert_parity(my_fit, study="fixtures/grunfeld", spec="one_reghdfe")
        assert_parity(my_fit, "r-fixest", study="fixtures/grunfeld", spec="one_reghdfe")
        assert_parity({"x": (1.2, 0.3)}, data=df, formula="y ~ x | firm", vcov={"cluster": ["firm"]}, convention="reghdfe")

    candidate, reference: a result of pyfixest, linearmodels or statsmodels; a data frame with columns coef, se, ...; an
    R fit or coefficient table (rpy2); a parity `Estimate`; a dict; a number. reference may also be the id of an engine,
    or None for parity's own closed form, where the specification is known.
    study, spec, or data, formula, ...: the specification, as in `study.toml`. With it the diagnosis can name the cause;
    without, it tells what the numbers say by themselves.
    terms, ignore: terms to compare, and quantities, terms, columns or keys to leave out: a column of numbers whose
    heading isn't known is an error. names: the objects' names -> the spec's terms.
    accuracy: "exact" (1e-9), "normal-equations" (1e-8) or "iterative" (1e-7), where the objects don't say it.

    What only one side has is a difference: a term always, a quantity (t, p, ...) only if the other side reports it for
    some term. Raises `TypeError` for what is no estimate, for numbers under names that aren't known, or for terms that
    neither side has, `InputError` where the specification is wrong.
    """
    known = _specification(study, spec, data, dict(
        formula=formula, vcov=vcov, convention=convention, model=model, where=where, weights=weights,
    ), unit, time)  # fmt: skip
    ignore = (ignore,) if isinstance(ignore, str) else tuple(ignore)
    ours = _reference(reference, known, names, ignore)
    theirs = _candidate(candidate, known, names, ignore)
    _check_choice(ours, theirs, terms, accuracy)
    left, right = _sides(ours, theirs, terms, ignore, accuracy)
    result = compare(left, right)
    if not any(term or quantity not in COUNTS for quantity, term in set(left.quantities) & set(right.quantities)):
        raise AssertionError("assert_parity: the two sides have no number in common, so nothing was compared")
    if not result.differences:
        return
    lines = [f"{len(result.differences)} of {result.checked or len(right.quantities)} quantities differ "
             f"({ours.name} and {theirs.name}):"]  # fmt: skip
    record = Record(
        study="", spec=known.spec.id if known else "", kind="estimate", reference=ours.name, candidate=theirs.name,
        verdict="disagree", checked=result.checked, differences=result.differences,
    )  # fmt: skip
    lines += [f"    {line}" for line in difference_lines(record, most=MOST)]
    why = cause_text(lambda: _diagnosed(known, ours, theirs)) if known else ""
    said = pattern(theirs, ours) if not why or why.startswith(("NOT EXPLAINED", "No diagnosis", "The numbers are")) else ""
    raise AssertionError("\n".join([*lines, *(["", said] if said else []), *(["", why] if why else [])]))


# ---------------------------------------------------------------- the specification


def _specification(study, spec: str | None, data, given: dict, unit: str | None, time: str | None) -> _Known | None:
    """Raises `InputError`, or `TypeError` for a call that names it half."""
    if study is not None:
        from parity.data.load import load_frame
        from parity.study.parts import for_spec, part_of

        loaded, wrong = (study, {}) if isinstance(study, Study) else load_readable(study)
        if spec in wrong:
            raise InputError(wrong[spec])
        if spec is None and len(loaded.specs) > 1:
            raise TypeError(f"which spec of the study? spec= one of {', '.join(s.id for s in loaded.specs)}")
        chosen = loaded.spec(spec) if spec else loaded.specs[0]
        part = part_of(loaded, chosen.id)
        return _Known(part, chosen, load_frame(for_spec(loaded, chosen.id)))
    if data is None and given["formula"] is None:
        return None
    if data is None or given["formula"] is None:
        raise TypeError("data= and formula= go together")
    from pydantic import ValidationError

    from parity.data.load import check_columns
    from parity.study.problems import problems

    try:
        made = Spec.model_validate({"id": "given", **{k: v for k, v in given.items() if v is not None}})
    except ValidationError as error:
        raise InputError(problems("assert_parity", error, {}, {})) from None
    header = Header(title="given", unit=unit, time=time)
    whole = Study(folder=Path(tempfile.gettempdir()), header=header, derive={}, specs=(made,), published=())
    check_columns(whole, list(data.columns))
    return _Known(whole, made, data)


def _reference(reference: Any, known: _Known | None, names: Mapping[str, str] | None, ignore: Sequence[str]) -> Given:
    if reference is not None and not isinstance(reference, str):
        return _candidate(reference, known, names, ignore, "reference")
    if known is None:
        raise TypeError("a reference is needed: an estimate, or a specification (study= or data= and formula=)")
    from parity import engines
    from parity.base.errors import Unestimable
    from parity.engines.own import fit
    from parity.sample.build import build_design

    try:
        design = build_design(known.study, known.spec, known.frame)
        if reference is None:
            return _harmonised(fit.estimate(known.spec, design), known, design)
    except Unestimable as error:
        raise InputError.at("assert_parity", known.spec.id, str(error)) from None
    engine, header = engines.engine(reference), known.study.header
    answer = engines.availability(engine) or engines.declines(engine, known.spec, header.unit, header.time)
    answer = answer or engine.estimate(known.spec, design)
    if not isinstance(answer, Estimate):
        raise InputError.at("assert_parity", reference, f"{answer.kind}: {answer.reason}")
    return _harmonised(answer, known, design)


def _candidate(
    thing: Any, known: _Known | None, names: Mapping[str, str] | None, ignore: Sequence[str], role: str = "candidate"
) -> Given:
    if isinstance(thing, Estimate) and known is not None:
        from parity.sample.build import build_design

        return _harmonised(thing, known, build_design(known.study, known.spec, known.frame))
    return read(thing, role, names, ignore)


def _harmonised(estimate: Estimate, known: _Known, design: Design) -> Given:
    """An estimate under the declared convention."""
    from parity.compare.harmonise import harmonise
    from parity.engines.own.fit import with_own_df
    from parity.sample.conditioning import conditioning
    from parity.sample.partialled_out import partial_out

    facts = with_own_df(design, known.spec)
    side = harmonise(estimate, facts, known.spec, dict(conditioning(design, partial_out(design)).spread))
    numbers = {key: q.value for key, q in side.quantities.items() if key[0] in (*OF_TERMS, "vcov")}
    counts = {name: side.quantities[name, ""].value for name in (*COUNTS, "df_resid") if (name, "") in side.quantities}
    if facts.clusters:
        counts["clusters"] = facts.min_clusters
    return Given("parity" if estimate.engine == "parity" else estimate.engine, numbers, counts, side.accuracy)


# ---------------------------------------------------------------- the comparison


def _check_choice(ours: Given, theirs: Given, terms: Sequence[str] | None, accuracy: str | None) -> None:
    """Raises `TypeError`: a misspelt term would leave what was meant uncompared, and the test would pass."""
    known = dict.fromkeys([*ours.terms, *theirs.terms])
    unknown = [t for t in terms or () if t not in known]
    if unknown:
        raise TypeError(f"neither side has the term `{unknown[0]}`{suggest(unknown[0], known)}")
    if accuracy is not None and accuracy not in BY_ACCURACY:
        raise TypeError(f"accuracy is one of {', '.join(BY_ACCURACY)}, not {accuracy!r}")


def _sides(
    ours: Given, theirs: Given, terms: Sequence[str] | None, ignore: Sequence[str], accuracy: Accuracy | None
) -> tuple[Harmonised, Harmonised]:
    """Both sides as the comparator takes them: the quantities that both report, of every term that either has."""
    reported = [{q for q, _ in side.numbers} | set(side.counts) for side in (ours, theirs)]
    kinds = (reported[0] & reported[1]) - set(ignore) - {"df_resid", "clusters"}

    def wanted(quantity: str, term: str) -> bool:
        parts = term.split(" x ") if quantity == "vcov" else [term]
        return quantity in kinds and not set(parts) & set(ignore) and (terms is None or not term or set(parts) <= set(terms))

    def side(given: Given) -> Harmonised:
        se = given.column("se")
        quantities = {(q, t): Quantity(v, _scale(q, t, v, given, se)) for (q, t), v in given.numbers.items() if wanted(q, t)}
        quantities |= {
            (n, ""): Quantity(given.counts[n], 1.0, exact=True) for n in COUNTS if n in given.counts and n in kinds
        }
        return Harmonised(given.name, accuracy or given.accuracy, "native", quantities, frozenset(quantities))

    return side(ours), side(theirs)


def _scale(quantity: str, term: str, value: float, given: Given, se: Mapping[str, float]) -> float:
    """The scale on which a difference is judged, as `parity.compare.harmonise` has it."""
    own = se.get(term, 0.0)
    match quantity:
        case "t":
            return max(1.0, abs(value))
        case "p":
            t = given.numbers.get(("t", term), 1.0)
            return max(value * max(1.0, t * t), P_SCALE)
        case "vcov":
            a, b = term.split(" x ")
            return se.get(a, 0.0) * se.get(b, 0.0) or abs(value)
    return max(abs(value), own)


def _diagnosed(known: _Known | None, ours: Given, theirs: Given) -> Explanation | None:
    """Which cause gives the candidate's numbers; where they are the declared ones, the reference's."""
    from parity.diagnose import TargetNumber, explain_targets
    from parity.sample.build import build_design

    assert known is not None
    inside = build_design(known.study, known.spec, known.frame).terms
    explanation = None
    for side in (theirs, ours):
        digits = DIGITS[side.accuracy]
        quantities = ("coef", "se") if not _only_inference(ours, theirs) else ("coef", "se", "t", "p")
        targets = [
            TargetNumber(q, t, f"{v:.{digits}g}")  # type: ignore[arg-type]
            for (q, t), v in side.numbers.items()
            if q in quantities and t in inside and v == v and abs(v) < 1e100
        ]
        if "nobs" in side.counts:
            targets.append(TargetNumber("nobs", "", f"{side.counts['nobs']:.0f}"))
        if not targets:
            continue
        explanation = explain_targets(known.study, known.spec, known.frame, targets)
        if explanation.verdict != "agree":
            return explanation
    return explanation


def _only_inference(ours: Given, theirs: Given) -> bool:
    """Whether coefficients and standard errors agree, so that the cause lies in the distribution."""
    a, b = ours.column("se"), theirs.column("se")
    return bool(a) and all(t in b and abs(a[t] - b[t]) <= ITERATIVE * abs(a[t]) for t in a)
