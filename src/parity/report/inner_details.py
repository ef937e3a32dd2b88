"""What the numbers of one spec in a kept report must be to each other, or they were edited.

t is the coefficient over its standard error, p and the interval follow from it and the degrees of freedom, engines that
agree have the same numbers, and differences are those of the numbers that stand here. Pure: values in, sentences out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from parity.conventions import critical_value, p_value
from parity.detail import EngineDetail, SpecDetail
from parity.record import Record
from parity.tolerance import BY_ACCURACY, MOST_CONDITION, P_SCALE, allowed, for_quantity

Key = tuple[str, str]
Values = Mapping[Key, float]
#: Counts, which are compared exactly.
COUNTS = ("df_t", "nobs", "df_resid", "levels", "clusters")
#: What both of two engines have, or it is a difference.
ALWAYS = ("coef", "se", "t", "p", "ci_low", "ci_high", "df_t", "nobs")
#: Of two rounding errors, one of each number.
SLACK = 4.0

_critical = cache(critical_value)


def contradictions_of(detail: SpecDetail, records: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """Place below the detail and sentence. records: of its spec, in which two engines were compared."""
    shape = _shape(detail)
    if shape:
        yield "", shape
        return
    engines = {e.engine: e for e in detail.engines}
    values = {name: _values(detail, engine) for name, engine in engines.items()}
    at = {e.engine: f"engines.{i}" for i, e in enumerate(detail.engines)}
    compared = [r for r in records if r.checked]
    good = [r for r in compared if r.harmless]
    sides = {name for r in records for name in (r.reference, r.candidate)}
    for name in engines:
        if name not in sides:
            yield at[name], f"{name} was compared with nothing, and numbers of it stand here"
    for name in dict.fromkeys(n for r in good if r.verdict == "agree" for n in (r.reference, r.candidate) if n in engines):
        yield from ((at[name], f"{name}: {s}") for s in _within(values[name], _share(engines[name].accuracy)))
    for r in compared:
        missing = next((n for n in (r.reference, r.candidate) if n not in engines), None)
        if missing is not None:
            yield "engines", f"{missing} was compared, and no number of it stands here"
        elif r.reference != detail.engines[0].engine:
            yield "engines.0", f"the reference is {r.reference}, and {detail.engines[0].engine} stands in its place"
        else:
            pair = (values[r.reference], values[r.candidate])
            yield from ((at[r.candidate], s) for s in _between(r, engines, *pair))
    if good and good[0].reference in engines:
        yield from (("sample", s) for s in _counts(detail, values[good[0].reference]))


def _shape(detail: SpecDetail) -> str:
    names = [e.engine for e in detail.engines]
    if len(set(names)) < len(names) or len(set(detail.quantities)) < len(detail.quantities):
        return "an engine or a quantity stands twice"
    if any(len(e.values) != len(detail.quantities) for e in detail.engines):
        return f"an engine has not one number for each of the {len(detail.quantities)} quantities"
    unknown = next((e.accuracy for e in detail.engines if e.accuracy not in BY_ACCURACY), None)
    return "" if unknown is None else f"there is no accuracy `{unknown}`"


def _values(detail: SpecDetail, engine: EngineDetail) -> dict[Key, float]:
    return {key: v for key, v in zip(detail.quantities, engine.values, strict=True) if v is not None}


def _share(*accuracies: str) -> float:
    return SLACK * allowed(*accuracies)


def _scale(key: Key, values: Values) -> float:
    """On what a number is judged, as when the engines were compared: see `parity.harmonise`."""
    quantity, term = key
    value, se = abs(values[key]), abs(values.get(("se", term), 0.0))
    if quantity in ("coef", "ci_low", "ci_high"):
        return max(value, se)
    if quantity == "se":
        return value
    if quantity == "p":
        return max(value * max(1.0, values.get(("t", term), 0.0) ** 2), P_SCALE)
    if quantity.startswith("r2"):
        return 1.0
    return max(1.0, value) * (MOST_CONDITION if quantity == "f" else 1.0)


# ---------------------------------------------------------------- one engine


def _within(values: Values, share: float) -> Iterator[str]:
    """The numbers of an engine whose answer agrees."""
    df = values.get(("df_t", ""), math.nan)
    for quantity, term in values:
        if quantity != "coef":
            continue
        b, se = values["coef", term], values.get(("se", term), math.nan)
        if not se > 0 or not math.isfinite(se):
            continue
        t, follows = b / se, {"t": b / se}
        if df > 0:
            half = _critical(df) * se
            follows |= {"p": p_value(t, df), "ci_low": b - half, "ci_high": b + half}
        for name, expected in follows.items():
            found = values.get((name, term))
            scale = _scale((name, term), {**values, (name, term): expected, ("t", term): t})
            if found is not None and not abs(found - expected) <= share * scale:
                yield (
                    f"{name} of `{term}` is {found:.6g}, but coefficient {b:.6g}, standard error {se:.6g} and "
                    f"{df:g} degrees of freedom make it {expected:.6g}"
                )


def _counts(detail: SpecDetail, values: Values) -> Iterator[str]:
    """What was counted of the sample, and its terms. values: the reference's."""
    estimated = {term for quantity, term in values if quantity == "coef"}
    if set(detail.terms) != estimated:
        yield f"it has the terms {', '.join(sorted(detail.terms))}, and coefficients of {', '.join(sorted(estimated))}"
    sample = detail.sample
    if sample is None:
        return
    counted: dict[Key, float] = {("nobs", ""): sample.nobs_weighted}
    counted |= {("levels", name): n for name, n in sample.levels.items()}
    counted |= {("clusters", name): n for name, n in sample.clusters.items()}
    for key, n in counted.items():
        if key in values and values[key] != n:
            yield f"{' '.join(filter(None, key))}: {n:g} were counted, and the estimate has {values[key]:g}"


# ---------------------------------------------------------------- two engines


def _named(key: Key) -> str:
    return f"{key[0]} of `{key[1]}`" if key[1] else key[0]


def _between(r: Record, engines: Mapping[str, EngineDetail], reference: Values, candidate: Values) -> Iterator[str]:
    base = allowed(*(engines[name].accuracy for name in (r.reference, r.candidate)))
    shared = [key for key in reference if key in candidate]
    if r.checked < len(shared):
        yield f"{r.candidate}: {r.checked} quantities were compared, and {len(shared)} stand here"
    differing = {(d.quantity, d.term): d for d in r.differences}
    for key in (reference.keys() ^ candidate.keys()) - differing.keys():
        if key[0] in ALWAYS:
            yield f"{_named(key)} stands here of one of {r.reference} and {r.candidate}, which is said to be no difference"
    for key in shared:
        a, b = reference[key], candidate[key]
        if key in differing:
            d = differing[key]
            if (d.reference, d.candidate) != (a, b):
                said = f"{d.reference} and {d.candidate} differed, and here stand {a:.6g} and {b:.6g}"
                yield f"{r.candidate}: {_named(key)}: {said}"
            continue
        exact = key[0] in COUNTS
        scale = min(_scale(key, reference), _scale(key, candidate))
        limit = SLACK * for_quantity(key[0], base, exact=exact) * scale
        if not (a == b or abs(a - b) <= limit):
            said = f"{a:.6g} in {r.reference} and {b:.6g} in {r.candidate}"
            yield f"{_named(key)} is {said}, which is said to be no difference"
