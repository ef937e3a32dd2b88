"""A proposed `[audit.NAME]` from a spec: each choice with its reason, and why others are not proposed.

What is proposed can be estimated: each option is tried by itself on the spec's data, and one that gives no estimate is not
in it. A proposal is to be read, and shortened: whoever defends a choice knows more than the data say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.audit.plan import plan_of
from parity.audit.single import of_spec
from parity.audit.space import Space, space_of
from parity.base.errors import InputError, Unestimable, suggest
from parity.base.tolerance import EXACT
from parity.conventions.profiles import PROFILES
from parity.sample.build import build_design
from parity.study.audit import AuditSettings
from parity.study.derived import Step
from parity.study.formula import Column, columns_of
from parity.study.load import parse_study
from parity.study.spec import Spec
from parity.study.study import Study
from parity.translate.page import key, toml

if TYPE_CHECKING:
    import pandas as pd

#: Beyond so many combinations a proposal draws so many.
MOST = 20_000
#: Fewest clusters of which a clustered covariance is proposed, and most values that are left out one by one.
FEWEST_CLUSTERS, MOST_LEFT_OUT = 10, 60
#: Interquartile ranges beyond the quartiles at which a value is far out.
FAR = 4.0
#: Periods that two halves need.
FEWEST_PERIODS = 6
#: Of the audited spec's rows, what a common sample may lose and still be proposed.
MOST_LOST = 0.2
KEYS = ("controls", "absorb", "cluster", "vcov", "convention", "where", "leave_out", "transform", "index", "weights",
        "instruments", "common_sample")  # fmt: skip


@dataclass(frozen=True)
class Proposed:
    """One key of the audit: its value, and its reason; without a value, why there is none."""

    key: str
    value: Any
    why: str


@dataclass
class _Seen:
    """study, spec, frame, space: what is proposed for; without: keys that were forbidden."""

    study: Study
    spec: Spec
    space: Space
    without: frozenset[str]
    memo: dict[tuple, Any] = field(default_factory=dict)

    @property
    def frame(self) -> pd.DataFrame:
        return self.space.frame

    def kin(self) -> list[Spec]:
        """Other specs of the same outcome and model that have the same term."""
        term = self.space.term
        mine = self.spec.formula.outcome, self.spec.model
        others = [s for s in self.study.specs if s.id != self.spec.id and (s.formula.outcome, s.model) == mine]
        return [s for s in others if term in (*s.formula.endog, *s.formula.exog)]

    def works(self, **changed: Any) -> tuple[float, float, float] | None:
        """Coefficient, standard error and p with something else in the spec; None where that has no estimate."""
        try:
            spec = Spec.model_validate({**{k: getattr(self.spec, k) for k in Spec.model_fields}, **changed})
            found = of_spec(self.space, spec, str(self.space.term), self.memo)
        except (Unestimable, InputError, ValueError):
            return None
        numbers = found.coef, found.se, found.p
        return numbers if all(map(np.isfinite, numbers)) else None


def propose(study: Study, text: str, spec_id: str | None = None, without: Sequence[str] = ()) -> str:
    """The table as it is written, ready to stand at the end of the study's file. text: of that file.

    without: keys that stay out, `transform.COLUMN`, `index.NAME` and `controls.NAME` among them. Raises `InputError` where
    there is no such spec or key, or the spec has no estimate.
    """
    where = str(study.file)
    if not study.specs:
        raise InputError.at(where, "spec", "it has no spec to audit")
    known = [s.id for s in study.specs]
    if spec_id is not None and spec_id not in known:
        raise InputError.at(where, "spec", f"there is no spec `{spec_id}`{suggest(spec_id, known)}")
    spec = study.spec(spec_id or known[0])
    if not (spec.formula.endog or spec.formula.exog):
        raise InputError.at(where, f"spec.{spec.id}", "it has no regressor to audit")
    name = _name(spec.id, study)
    bare = study.model_copy(update={"audits": {name: AuditSettings(spec=spec.id)}})
    seen = _Seen(study, spec, space_of(bare, name), frozenset(without))
    for forbidden in without:
        _check_key(where, forbidden, seen)
    if seen.works() is None:
        raise InputError.at(
            where, f"spec.{spec.id}", f"it gives no estimate of `{seen.space.term}`, so there is nothing to audit"
        )
    found = [p for p in _proposals(seen) if p.key not in without and p.key.split(".")[0] not in without]
    lines = [f"[audit.{key(name)}]", f"spec = {toml(spec.id)}", f"term = {toml(str(seen.space.term))}"]
    for one in found:
        lines += [f"# {one.why}", *([f"{_dotted(one.key)} = {toml(one.value)}"] if one.value is not None else [])]
    if "common_sample" not in without:
        lines += _common_sample(study, text, name, lines)
    lines += [f"# left out, as asked: {', '.join(without)}"] if without else []
    return _counted(study, text, name, lines)


def _name(spec: str, study: Study) -> str:
    names = [spec, *(f"{spec}_{i}" for i in range(2, len(study.audits) + 3))]
    return next(n for n in names if n not in study.audits)


def _dotted(name: str) -> str:
    head, _, rest = name.partition(".")
    return f"{head}.{key(rest)}" if rest else head


def _check_key(where: str, name: str, seen: _Seen) -> None:
    head, _, rest = name.partition(".")
    if head in KEYS and not rest:
        return
    named = {
        "controls": [str(i) for i in (*seen.spec.formula.exog, *_elsewhere(seen)) if i != seen.space.term],
        "transform": list(map(str, seen.frame.columns)), "index": list(seen.study.index),
    }  # fmt: skip
    if head in named and rest not in named[head]:
        raise InputError.at(where, f"--without {name}", f"there is no `{rest}`{suggest(rest, named[head])}")
    if head not in KEYS or (rest and head not in named):
        raise InputError.at(where, f"--without {name}", f"no such choice{suggest(head, KEYS)}; choices: {', '.join(KEYS)}")


def _common_sample(study: Study, text: str, name: str, lines: Sequence[str]) -> list[str]:
    """Where what is varied is missing in rows of the spec; as a comment alone where it would lose too many of them."""
    whole = parse_study("\n".join([text.rstrip("\n"), "", *lines, "common_sample = true", ""]), study.file)
    found = space_of(whole, name).common
    if found is None or not found.lost:
        return []
    missing = ", ".join(f"{of} in {count:,}" for of, count in found.why)
    why = f"{found.lost:,} of {found.rows + found.lost:,} rows of the spec miss what a choice reads ({missing})"
    if found.lost > MOST_LOST * (found.rows + found.lost):
        return [f"# common_sample: {why}, too many to leave out everywhere; specifications differ in rows too"]
    return [f"# {why}: on the same rows specifications differ by choice alone", "common_sample = true"]


def _counted(study: Study, text: str, name: str, lines: list[str]) -> str:
    """With the number of specifications; drawn where they are very many. What is returned has been read again."""

    def planned(extra: Sequence[str]):
        whole = parse_study("\n".join([text.rstrip("\n"), "", *lines, *extra, ""]), study.file)
        return plan_of(space_of(whole, name))

    count = planned([f"most = {MOST}"])
    drawn = count.drawn_of
    said = f"{drawn or count.count:,} combinations"
    head = ["# Proposed by `parity new --audit`: read each reason, and leave out what nobody would defend.",
            f"# {said}{f'; {MOST:,} of them are drawn' if drawn else ''}."]  # fmt: skip
    return "\n".join([*head, *lines, *([f"most = {MOST}"] if drawn else []), ""])


def _proposals(seen: _Seen) -> Iterator[Proposed]:
    yield from _controls(seen)
    yield from _absorb(seen)
    yield from _errors(seen)
    yield from _conventions(seen)
    yield from _rows(seen)
    yield from _columns(seen)
    yield from _indices(seen)
    if seen.spec.weights is not None and seen.works(weights=None):
        yield Proposed(
            "weights", ["none"], f"weights by `{seen.spec.weights.column}` are a choice; without them every row counts alike"
        )
    yield from _instruments(seen)


def _elsewhere(seen: _Seen) -> list[Any]:
    """Plain columns that other specs of this outcome and term control for, and this one doesn't.

    No mediator is a control, and nothing that is made of the outcome or the term.
    """
    own = (*seen.spec.formula.exog, *seen.spec.formula.endog, *seen.spec.formula.instruments)
    items = [i for s in seen.kin() for i in s.formula.exog if i not in own and isinstance(i, Column)]
    mediators = [e for m in seen.study.mediation.values() for e in m.mediators]
    trees = (seen.spec.formula.outcome, seen.space.term, *mediators)
    ends = {name.split(".")[0] for tree in trees for name in columns_of(tree)}
    return [i for i in dict.fromkeys(items) if not {name.split(".")[0] for name in _made_of(i.name, seen)} & ends]


def _made_of(name: str, seen: _Seen) -> set[str]:
    """A column, and all that its line under [derive] reads, and what that is made of."""
    found, left = set(), [name]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            line = seen.study.derive.get(one)
            left += [] if line is None else list(line.reads()) if isinstance(line, Step) else list(columns_of(line))
    return found


def _controls(seen: _Seen) -> Iterator[Proposed]:
    own = [i for i in seen.spec.formula.exog if i != seen.space.term]
    added = [i for i in _elsewhere(seen) if seen.works(formula=_with(seen.spec, exog=(*seen.spec.formula.exog, i)))]
    if not own and not added:
        return
    kept = [str(i) for i in own if f"controls.{i}" in seen.without]
    free = [str(i) for i in (*own, *added) if f"controls.{i}" not in seen.without]
    many = f"each of {len(own)} controls" if len(own) > 1 else "the one control"
    why = f"{many} in and out by itself" if own else "controls of other specs, in and out"
    why += f"; {', '.join(map(str, added))}: other specs of `{seen.spec.formula.outcome}` have them" if own and added else ""
    if not free:
        return
    if kept:
        yield Proposed("controls", {"free": free, "always": kept}, f"{why}; always in, as asked: {', '.join(kept)}")
    else:
        yield Proposed("controls", free if added else "all", why)


def _with(spec: Spec, **parts: Any):
    from dataclasses import replace

    return replace(spec.formula, **parts)


def _absorb(seen: _Seen) -> Iterator[Proposed]:
    formula, header = seen.spec.formula, seen.study.header
    if seen.spec.model != "ols" and not seen.spec.iv:
        return
    tried: dict[tuple, str] = {}
    for s in seen.kin():
        tried.setdefault(s.formula.effects, f"as spec {s.id} has it")
    if len(formula.effects) > 1:
        for effect in formula.effects:
            left = tuple(e for e in formula.effects if e != effect)
            tried.setdefault(left, f"without {effect}")
    elif formula.effects:
        tried.setdefault((), "pooled")
    panel = [c for c in (header.unit, header.time) if c]
    from parity.study.grammar import parse_formula

    for names in [panel] if len(panel) == 2 else []:
        effects = parse_formula("y ~ 1 | " + " + ".join(str(Column(n)) for n in names)).effects
        if {str(e) for e in formula.effects} < {str(e) for e in effects}:
            tried.setdefault(effects, "the panel's own two effects")
    tried.pop(formula.effects, None)
    good = {
        e: why for e, why in tried.items() if seen.works(formula=_with(seen.spec, effects=e, intercept=not e)) is not None
    }
    if good:
        value = [" + ".join(map(str, e)) or "none" for e in good]
        said = "; ".join(f"{v}: {why}" for v, why in zip(value, good.values(), strict=True))
        yield Proposed("absorb", value, f"what the term is compared within is a choice ({said})")


def _errors(seen: _Seen) -> Iterator[Proposed]:
    header, vcov, spec = seen.study.header, seen.spec.vcov, seen.spec
    candidates: dict[tuple[str, ...], str] = {}
    for s in seen.kin():
        if s.vcov.cluster:
            candidates.setdefault(s.vcov.cluster, f"as spec {s.id} has it")
    if header.unit:
        candidates.setdefault((header.unit,), "rows of one unit are not independent")
    if header.time and header.unit:
        candidates.setdefault((header.time,), "what hits all in one period")
        candidates.setdefault((header.unit, header.time), "both")
    candidates.pop(vcov.cluster, None)
    good, few = {}, []
    for names, why in candidates.items():
        least = min(int(seen.frame[c].nunique()) for c in names)
        if least < FEWEST_CLUSTERS:
            few += [f"{' and '.join(names)} ({least})"]
        elif seen.works(vcov={"cluster": list(names)}):
            good[names] = f"{' and '.join(names)}: {why}, {least} clusters"
    if good:
        value = [n[0] if len(n) == 1 else list(n) for n in good]
        yield Proposed("cluster", value, "; ".join(good.values()))
    if few:
        yield Proposed("cluster", None, f"cluster: not by {', '.join(few)}: too few clusters for the usual asymptotics")
    if header.unit:
        yield Proposed("vcov", None, "vcov: iid and HC1 are not proposed, as rows of one unit are not independent")
        return
    other = ["HC1"] if vcov.kind == "iid" else ["iid"] if vcov.kind in ("HC0", "HC1", "HC2", "HC3") else []
    if other and seen.works(vcov=other[0]) and spec.model != "random_effects":
        yield Proposed("vcov", other, "robust or not: rows of a cross-section")


def _conventions(seen: _Seen) -> Iterator[Proposed]:
    own = seen.works()
    numbers, same = {own: [seen.spec.convention.profile]}, []
    for name, profile in PROFILES.items():
        if name.startswith("iv") and not seen.spec.iv:
            continue
        if name != seen.spec.convention.profile and (found := seen.works(convention=profile)):
            near = next((k for k in numbers if k and np.allclose(k[1:], found[1:], rtol=EXACT, atol=0)), None)
            if near is None:
                numbers[found] = [name]
            else:
                numbers[near].append(name)
    same = [f"{', '.join(names[1:])} as {names[0]}" for names in numbers.values() if len(names) > 1]
    others = [names[0] for names in list(numbers.values())[1:]]
    if others:
        why = "the defaults of these packages give another standard error or p"
        yield Proposed(
            "convention",
            others,
            f"{why}{f'; the same: {chr(59).join(same)}' if same else ''}".replace(";", "; ").replace(";  ", "; "),
        )


def _rows(seen: _Seen) -> Iterator[Proposed]:
    header, frame = seen.study.header, seen.frame
    design = build_design(seen.space.study, seen.spec, frame)
    rows = frame.iloc[design.rows]
    if header.time:
        periods = sorted(rows[header.time].dropna().unique().tolist())
        numbers = all(isinstance(p, int | float) for p in periods)
        if len(periods) >= FEWEST_PERIODS and numbers:
            middle, time = periods[(len(periods) - 1) // 2], Column(header.time)
            halves = [f"{time} <= {middle:g}", f"{time} > {middle:g}"]
            from parity.study.grammar import parse_expression

            good = [h for h in halves if seen.works(where=_and(seen.spec.where, parse_expression(h)))]
            if good:
                yield Proposed("where", good, "does it hold in each half of the periods?")
    for column, what in ((header.unit, "unit"), (header.time, "period")):
        if column and (count := int(rows[column].nunique())) >= 3:
            if count <= MOST_LEFT_OUT:
                yield Proposed("leave_out", [column], f"does it hang on one {what} of {count}?")
                return
            yield Proposed(
                "leave_out",
                None,
                f"leave_out: not {column}, {count:,} values; single ones are left out anyway, of the audited spec",
            )


def _and(own: Any, condition: Any) -> Any:
    from parity.audit.space import joined

    return condition if own is None else joined([own, condition])


def _columns(seen: _Seen) -> Iterator[Proposed]:
    """Outcome and term, where they are columns of numbers with values far out."""
    import pandas as pd

    rows = seen.frame.iloc[build_design(seen.space.study, seen.spec, seen.frame).rows]
    for item, what in ((seen.spec.formula.outcome, "outcome"), (seen.space.term, "term")):
        if not isinstance(item, Column) or not pd.api.types.is_numeric_dtype(rows[item.name]):
            continue
        if item.name in seen.study.index or rows[item.name].nunique() < 20 or item.name in seen.study.derive:
            continue
        low, high = np.quantile(rows[item.name], [0.25, 0.75])
        far = max((rows[item.name].max() - high), (low - rows[item.name].min())) / (high - low) if high > low else np.inf
        if far > FAR:
            cut = [{"winsorise": item.name, "cuts": cuts} for cuts in ([1, 99], [5, 95])]
            yield Proposed(
                f"transform.{item.name}", cut, f"the {what} has a value {far:.0f} interquartile ranges beyond its quartiles"
            )


def _indices(seen: _Seen) -> Iterator[Proposed]:
    items = (seen.spec.formula.outcome, seen.space.term)
    for name in dict.fromkeys(i.name for i in items if isinstance(i, Column) and i.name in seen.study.index):
        index = seen.study.index[name]
        parts = {i.dimension for i in index.forms()[""].indicators if i.dimension}
        value: dict[str, Any] = {"variants": "all"} if index.variants else {}
        value |= {"leave_out": ["dimensions"]} if len(parts) > 1 else {}
        if value:
            why = [f"{len(index.variants)} other ways to build it stand in the study"] if index.variants else []
            why += [f"each of {len(parts)} dimensions left out"] if len(parts) > 1 else []
            yield Proposed(f"index.{name}", value, "; ".join(why))


def _instruments(seen: _Seen) -> Iterator[Proposed]:
    formula = seen.spec.formula
    if not seen.spec.iv:
        return
    tried = {s.formula.instruments: f"as spec {s.id} has it" for s in seen.kin() if s.formula.endog == formula.endog}
    if len(formula.instruments) > len(formula.endog):
        for one in formula.instruments:
            tried.setdefault(tuple(i for i in formula.instruments if i != one), f"without {one}")
    tried.pop(formula.instruments, None)
    good = {i: why for i, why in tried.items() if i and seen.works(formula=_with(seen.spec, instruments=i))}
    if good:
        value = [" + ".join(map(str, i)) for i in good]
        yield Proposed("instruments", value, "; ".join(f"{v}: {w}" for v, w in zip(value, good.values(), strict=True)))
