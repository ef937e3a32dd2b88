"""What the numbers of one spec in a kept report must be to each other, or they were edited.

t is the coefficient over its standard error, p and the interval follow from it and the degrees of freedom, engines that
agree have the same numbers, and differences are those of the numbers that stand here. Pure: values in, sentences out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from parity.base.quantities import ALWAYS, magnitude_of, scale_of, share_of
from parity.base.tolerance import BY_ACCURACY, MOST_CONDITION, allowed
from parity.compare.agree import hold
from parity.conventions.formulas import critical_value, p_value
from parity.results.record import Difference, Record
from parity.results.spec_page import EngineDetail, SpecDetail

Key = tuple[str, str]
Values = Mapping[Key, float]
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
        if name not in sides and len(engines) > 1:  # one alone has nothing to be compared with
            yield at[name], f"{name} was compared with nothing, and numbers of it stand here"
    for name in dict.fromkeys(n for r in good if r.verdict == "agree" for n in (r.reference, r.candidate) if n in engines):
        yield from ((at[name], f"{name}: {s}") for s in _within(values[name], SLACK * allowed(engines[name].accuracy)))
    for r in compared:
        missing = next((n for n in (r.reference, r.candidate) if n not in engines), None)
        if missing is not None:
            yield "engines", f"{missing} was compared, and no number of it stands here"
        elif r.reference != detail.engines[0].engine:
            yield "engines.0", f"the reference is {r.reference}, and {detail.engines[0].engine} stands in its place"
        else:
            pair = (values[r.reference], values[r.candidate])
            yield from ((at[r.candidate], s) for s in _between(r, engines, *pair))
            yield from ((at[r.candidate], s) for s in _beside(r, engines, values))
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


def _scale(key: Key, values: Values) -> float:
    """On what a number is judged, as when the engines were compared: see `parity.compare.harmonise`."""
    quantity, term = key
    lost = MOST_CONDITION if quantity == "f" else 1.0
    se, t = values.get(("se", term), 0.0), values.get(("t", term), 0.0)
    size = magnitude_of(quantity, values[key], {name: v for (name, of), v in values.items() if not of})
    return scale_of(quantity, term, size, se=abs(se), t=t, lost=lost)


# ---------------------------------------------------------------- one engine


def _within(values: Values, share: float) -> Iterator[str]:
    """The numbers of an engine whose answer agrees."""
    common_df = values.get(("df_t", ""), math.nan)
    for quantity, term in values:
        if quantity != "coef":
            continue
        b, se = values["coef", term], values.get(("se", term), math.nan)
        if not se > 0 or not math.isfinite(se):
            continue
        t, follows = b / se, {"t": b / se}
        df = values.get(("df_t", term), common_df)
        if df > 0:
            half = _critical(df) * se
            follows |= {"p": p_value(t, df), "ci_low": b - half, "ci_high": b + half}
        for name, expected in follows.items():
            found = values.get((name, term))
            scale = _scale((name, term), {**values, (name, term): expected, ("t", term): t})
            if found is not None and not hold(found, expected, share * scale, scale).agree:
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
    base = max(r.floor, allowed(*(engines[name].accuracy for name in (r.reference, r.candidate))))
    shared = [key for key in reference if key in candidate]
    if r.checked < len(shared):
        yield f"{r.candidate}: {r.checked} quantities were compared, and {len(shared)} stand here"
    differing = {(d.quantity, d.term): d for d in r.differences}
    for key in (reference.keys() ^ candidate.keys()) - differing.keys():
        if key[0] in ALWAYS:
            yield f"{_named(key)} stands here of one of {r.reference} and {r.candidate}, which is said to be no difference"
    for key in shared:
        yield from _held(key, r.reference, r.candidate, reference, candidate, base, differing.get(key))


def _held(
    key: Key, first: str, second: str, ours: Values, theirs: Values, base: float, said: Difference | None
) -> Iterator[str]:
    """One number of two engines, which differs as is said, or not at all."""
    a, b = ours[key], theirs[key]
    if said is not None:
        if (said.reference, said.candidate) != (a, b):
            otherwise = f"{said.reference} and {said.candidate} differed, and here stand {a:.6g} and {b:.6g}"
            yield f"{second}: {_named(key)}: {otherwise}"
        return
    limit = SLACK * share_of(*key, base) * min(_scale(key, ours), _scale(key, theirs))
    if not hold(a, b, limit, 1.0).agree:
        yield f"{_named(key)} is {a:.6g} in {first} and {b:.6g} in {second}, which is said to be no difference"


def _beside(r: Record, engines: Mapping[str, EngineDetail], values: Mapping[str, Values]) -> Iterator[str]:
    """What the candidate has and the reference hasn't, held against the first engine that has it."""
    differing = {(d.quantity, d.term): d for d in r.differences}
    ours, alone = values[r.candidate], {(u.quantity, u.term) for u in r.uncompared}
    having = {key: [name for name in engines if key in values[name]] for key in {*ours, *alone}}
    for key, names in having.items():
        if key in alone and len(names) > 1:
            yield f"{_named(key)} stands here of {names[0]} and {names[1]}, and is said to be compared with nothing"
        if key not in ours or key in values[r.reference] or key[0] in ALWAYS or names[0] == r.candidate:
            continue
        said = differing.get(key)
        if said is not None and said.against != names[0]:  # that engine's is no number, so it doesn't stand here
            continue
        base = allowed(*(engines[name].accuracy for name in (names[0], r.candidate)))
        yield from _held(key, names[0], r.candidate, values[names[0]], ours, base, said)
