"""The space of an audit: its choices in order, and the specification that each combination of them is.

A choice is a list of options, of which the first is what the audited spec has; a control that may be left out is a choice
with the options out and in. A combination is one place (an option's number) a choice; specifications are numbered as in C
order, the last choice fastest. Choices stand in an order that the solver uses: first those that change rows or columns,
then the controls, then the covariance and the convention.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from parity.audit.common import Common, common
from parity.audit.same import Choice, Role, Rows, digest, moot, told_apart
from parity.audit.trees import joined, renamed
from parity.base.errors import InputError, Unestimable, unknown_column
from parity.base.values import name_of
from parity.conventions.profiles import PROFILES
from parity.data.evaluate import Panel
from parity.data.load import load
from parity.study.audit import AuditSettings, IndexChoices, problem_of
from parity.study.derived import KEYS, Step
from parity.study.formula import (
    Call,
    Column,
    Constant,
    Effect,
    Expr,
    Formula,
    Item,
    Operation,
    columns_of,
)  # fmt: skip
from parity.study.index import Index, IndexSettings
from parity.study.parts import for_spec, left_out_variant, only
from parity.study.spec import Spec, Vcov
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

#: Roles whose choices change neither rows nor columns of a sample, but for the controls.
INNER = ("control", "vcov", "convention")
OUT, IN = "out", "in"


@dataclass(frozen=True)
class Space:
    """study    with the columns that the choices need; frame: its data
    spec, term  what is audited
    fixed       controls that are never left out, in the spec's order
    said        sentences of options that are left out, as they are another option on these data
    common      where every specification is on the same rows: those; spec is then on them too
    """

    name: str
    settings: AuditSettings
    study: Study
    frame: pd.DataFrame
    spec: Spec
    term: Item
    choices: tuple[Choice, ...]
    fixed: tuple[Item, ...]
    said: tuple[str, ...] = ()
    common: Common | None = None

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        return tuple(len(c.options) for c in self.choices)

    @property
    def product(self) -> int:
        """Combinations, those that are no specification of their own included."""
        return math.prod(self.sizes)

    @cached_property
    def outer(self) -> int:
        """How many choices stand before the controls."""
        return sum(c.role not in INNER for c in self.choices)

    @cached_property
    def controls(self) -> range:
        """Places of the controls among the choices."""
        return range(self.outer, self.outer + sum(c.role == "control" for c in self.choices))

    @property
    def base(self) -> tuple[int, ...]:
        """The combination that is the audited spec."""
        return tuple(c.base for c in self.choices)

    def named(self, outer: Sequence[int]) -> dict[str, str]:
        """Columns that choices before the controls exchange -> what stands in their place."""
        return {c.of: c.values[i] for c, i in zip(self.choices, outer, strict=False) if c.role == "column" and i != c.base}

    def free(self, outer: Sequence[int]) -> tuple[tuple[Item, ...], ...]:
        """The items of each control that may be left out, as a combination of the choices before has them."""
        named = self.named(outer)
        return tuple(tuple(renamed(i, named) for i in self.choices[j].of) for j in self.controls)

    def needs(self, outer: Sequence[int]) -> tuple[frozenset[int], ...] | None:
        """Of each set one control at least must be in, or a choice is made about a column that has no place: then the
        specification is there already, without it. None where it is there already whichever controls are in."""
        changed = [c.of for c, at in zip(self.choices, outer, strict=False) if c.role == "column" and at != c.base]
        if len(set(changed)) < len(changed):
            return None
        always = frozenset(c for tree in self._always(outer) for c in columns_of(tree))
        read = [[c for item in self.choices[j].of for c in columns_of(item)] for j in self.controls]
        return moot(changed, always, read)

    def _always(self, outer: Sequence[int]) -> list[Any]:
        """What every specification of these options reads but for the controls that may be left out, as it is written."""
        picked = self._picked(outer)
        trees = [picked.get("outcome", self.spec.formula.outcome), picked.get("treatment", self.term), *self.fixed]
        trees += [i for i in self.spec.formula.endog if i != self.term]
        return [*trees, *picked.get("instruments", self.spec.formula.instruments)]

    def _picked(self, at: Sequence[int]) -> dict[str, Any]:
        """Role -> value, for roles that have one choice."""
        return {c.role: c.values[i] for c, i in zip(self.choices, at, strict=False) if c.role not in ("control", "column")}

    def specification(self, at: Sequence[int], name: str = "") -> Spec:
        """The spec of a combination. Raises `Unestimable` where the choices don't go together."""
        picked = self._picked(at)
        formula, named = self.spec.formula, self.named(at)
        wheres = [self.spec.where] if self.spec.where is not None else []
        controls: list[Item] = list(self.fixed)
        for choice, i in zip(self.choices, at, strict=True):
            if choice.role == "where" and choice.values[i] is not None:
                wheres.append(choice.values[i])
            if choice.role == "control" and choice.values[i]:
                controls += choice.of
        treatment = picked.get("treatment", self.term)
        exogenous = self.term in formula.exog
        # the spec's own order, as the later of two collinear columns goes; what it has not comes after
        order = {item: i for i, item in enumerate(formula.exog)}
        controls.sort(key=lambda item: order.get(item, len(order)))
        place = sum(order.get(item, len(order)) < order.get(self.term, -1) for item in controls)
        exog = (*controls[:place], treatment, *controls[place:]) if exogenous else tuple(controls)
        endog = formula.endog if exogenous else tuple(treatment if i == self.term else i for i in formula.endog)
        effects = picked.get("absorb", formula.effects)
        changed = Formula(
            outcome=renamed(picked.get("outcome", formula.outcome), named),
            exog=tuple(renamed(i, named) for i in exog),
            intercept=not effects and (formula.intercept or bool(formula.effects)),
            effects=effects,
            endog=tuple(renamed(i, named) for i in endog),
            instruments=tuple(renamed(i, named) for i in picked.get("instruments", formula.instruments)),
        )
        try:
            return Spec.model_validate({
                "id": name or self.spec.id, "data": self.spec.data, "formula": changed, "model": self.spec.model,
                "where": joined(wheres), "weights": picked.get("weights", self.spec.weights),
                "vcov": picked.get("vcov", self.spec.vcov), "convention": picked.get("convention", self.spec.convention),
                "reference": self.spec.reference,
            })  # fmt: skip
        except ValidationError as error:
            said = error.errors()[0]
            raise Unestimable(str(said.get("ctx", {}).get("error", said["msg"]))) from None

    def term_in(self, at: Sequence[int]) -> str:
        """The name of the audited coefficient in a combination."""
        return str(renamed(self._picked(at).get("treatment", self.term), self.named(at)))

    def outers(self) -> Iterator[tuple[int, ...]]:
        """Combinations of the choices before the controls, those left out that are another one's specifications."""
        wheres = [j for j, c in enumerate(self.choices) if c.role == "where"]
        rows = Rows(self.frame, Panel.of(self.study), self.spec.where)
        repeated: dict[bytes, frozenset[tuple[int, ...]]] = {}
        complete: dict[tuple[int, ...], bytes] = {}
        for at in itertools.product(*(range(n) for n in self.sizes[: self.outer])):
            if self.needs(at) is None:
                continue
            rest = tuple(i for j, i in enumerate(at) if j not in wheres)
            if wheres and rest not in complete:
                held = self._complete(rows, at)
                complete[rest] = digest(held)
                if complete[rest] not in repeated:
                    repeated[complete[rest]] = rows.repeated([self.choices[j] for j in wheres], held)
            if not wheres or tuple(at[j] for j in wheres) not in repeated[complete[rest]]:
                yield at

    def _complete(self, rows: Rows, outer: Sequence[int]) -> np.ndarray:
        """(n,) rows that miss nothing that every specification of these options reads."""
        named, picked = self.named(outer), self._picked(outer)
        items = [renamed(tree, named) for tree in self._always(outer)]
        weights = picked.get("weights", self.spec.weights)
        return rows.complete(items, picked.get("absorb", self.spec.formula.effects), weights)


# ---------------------------------------------------------------- making one


def space_of(study: Study, name: str, raw: pd.DataFrame | None = None) -> Space:
    """The space of `[audit.NAME]`. raw: the data file, where it was read already. Raises `InputError`."""
    settings, where = study.audits[name], str(study.file)
    one = for_spec(only(study, specs=[settings.spec]), settings.spec)
    problem = problem_of(settings, {s.id: s for s in one.specs}, study.index)
    if problem:
        raise InputError.at(where, f"audit.{name}.{problem.split(': ')[0]}", problem.split(": ", 1)[1])
    spec, term = one.spec(settings.spec), settings.term_of(one.spec(settings.spec))
    one = one.model_copy(update={"index": study.index, "derive": study.derive}) if not study.data else one
    made, columns, frame, unmade = _loaded(one, settings, name, raw)
    _check_columns(settings, list(map(str, frame.columns)), where, name)
    fixed, controls = _controls(spec, term, settings)
    choices = [
        *_exchanged(spec, term, settings), *columns, *_rows(spec, settings, frame), *controls,
        *_errors(spec, settings),
    ]  # fmt: skip
    panel, shared = Panel.of(made), None
    if settings.common_sample:
        shared = common(spec, fixed, choices, Rows(frame, panel, spec.where))
        conditions = [c for c in (spec.where, shared.condition) if c is not None]
        spec = spec.model_copy(update={"where": joined(conditions)})
    apart, said = told_apart(choices, Rows(frame, panel, spec.where))
    said = (*unmade, *said) if shared is None else (shared.said(), *unmade, *said)
    return Space(name, settings, made, frame, spec, term, apart, fixed, said, shared)


def _loaded(
    study: Study, settings: AuditSettings, name: str, raw: pd.DataFrame | None
) -> tuple[Study, list[Choice], pd.DataFrame, list[str]]:
    """The study with what the choices need, the choices of columns, its data, and a sentence of each part of an index
    without which it can't be built. Raises `InputError`."""
    unmade: dict[str, str] = {}
    while True:
        made, columns = _columns(study, settings, unmade)
        try:
            return made, columns, load(made, raw).frame, list(unmade.values())
        except InputError as error:
            left = [left_out_variant(made, p.key) for p in error.problems]
            asked = {c for names in _read(settings).values() for c in names}
            if any(one is None or one.readers or one.column in asked for one in left):
                # a line that the audit made stands nowhere under [derive]
                lines = {f"derive.{line_name(one)}": c for c, options in settings.transform.items() for one in options}
                raise InputError([
                    replace(p, key=f"audit.{name}.transform.{lines[p.key]}") if p.key in lines else p for p in error.problems
                ]) from None  # fmt: skip
            for one, problem in zip(left, error.problems, strict=True):
                said = f"`index.{one.index}`: `{one.variant}` can't be built: {problem.message}"
                unmade[problem.key] = f"{said}; it is no option."


def _read(settings: AuditSettings) -> dict[str, Sequence[str]]:
    """Key -> columns that its choices name."""
    controls = settings.controls
    items = () if controls is None else (*controls.always, *(() if controls.free == "all" else controls.free))
    read = {
        "controls": items, "absorb": [e for option in settings.absorb for e in option], "where": settings.where,
        "outcome": settings.outcome, "treatment": settings.treatment,
        "instruments": [i for option in settings.instruments for i in option],
    }  # fmt: skip
    named = {key: [c for tree in trees for c in columns_of(tree)] for key, trees in read.items()}
    return named | {
        "cluster": [c for option in settings.cluster for c in option],
        "vcov": [c for vcov in settings.vcov for c in vcov.cluster],
        "weights": [w.column for w in settings.weights if w is not None], "leave_out": settings.leave_out,
        "transform": list(settings.transform),
    }  # fmt: skip


def _check_columns(settings: AuditSettings, known: list[str], where: str, name: str) -> None:
    """Every column that the choices read must be there. Raises `InputError` with all that are not."""
    problems = [
        unknown_column(where, f"audit.{name}.{key}", column, known)
        for key, columns in _read(settings).items() for column in dict.fromkeys(columns) if column not in known
    ]  # fmt: skip
    if problems:
        raise InputError(problems)


def _exchanged(spec: Spec, term: Item, settings: AuditSettings) -> Iterator[Choice]:
    formula = spec.formula
    if settings.outcome:
        yield _beside("outcome", "outcome", formula.outcome, settings.outcome)
    if settings.treatment:
        yield _beside("treatment", "treatment", term, settings.treatment)
    if settings.instruments:
        yield _beside("instruments", "instruments", formula.instruments, settings.instruments, _plus)


def _plus(items: Sequence[Item | Effect]) -> str:
    return " + ".join(map(str, items)) or "none"


def _beside(name: str, role: Role, own: Any, others: Sequence[Any], label: Any = str) -> Choice:
    """What the spec has, then each other value."""
    values = (own, *(v for v in dict.fromkeys(others) if v != own))
    return Choice(name, role, tuple(map(label, values)), values)


def _columns(study: Study, settings: AuditSettings, unmade: Collection[str] = ()) -> tuple[Study, list[Choice]]:
    """The study with the columns that transformations and indices make, and a choice for each column that they exchange,
    without the variants whose keys are `unmade`."""
    derive, index, choices = dict(study.derive), dict(study.index), []
    for column, lines in settings.transform.items():
        names = {line_name(line): line for line in lines}
        derive |= names
        choices.append(Choice(f"transform.{column}", "column", ("as it is", *names), (column, *names), of=column))
    for name, wanted in settings.index.items():
        variants = tuple(index[name].variants) if wanted.variants == "all" else wanted.variants
        more = dict(without_parts(index[name], wanted))
        index[name] = index[name].model_copy(update={"variants": index[name].variants | more})
        labels = [label for label in (*variants, *more) if f"index.{name}.variants.{label}" not in unmade]
        values = (name, *(f"{name}.{label}" for label in labels))
        choices.append(Choice(f"index.{name}", "column", ("as it is", *labels), values, of=name))
    made = study.model_copy(update={"derive": derive, "index": index})
    for key in unmade:
        made = one.study if (one := left_out_variant(made, key)) else made
    return made, choices


def line_name(line: Expr | Step) -> str:
    """The name of the column that a line makes: the line in short, `winsorise(y, 1, 99)`."""
    if not isinstance(line, Step):
        return str(line)
    key = KEYS[type(line)]
    settings = line.model_dump(exclude_defaults=True, exclude={key})
    parts = [", ".join(line.reads()) if key == "interact" else str(getattr(line, key))]
    if hasattr(line, "cuts"):
        settings["cuts"] = line.cuts
    for name, value in settings.items():
        values = value if isinstance(value, list | tuple) else [value]
        text = ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in values)
        parts.append(text if name == "cuts" else f"{name} = {text}")
    return f"{key}({', '.join(parts)})"


def without_parts(index: Index, wanted: IndexChoices) -> Iterator[tuple[str, IndexSettings]]:
    """Name -> the index without one of its indicators or dimensions."""
    main = index.forms()[""]
    for part in wanted.leave_out:
        of = {"indicators": "column", "dimensions": "dimension"}[part]
        for name in dict.fromkeys(getattr(i, of) for i in main.indicators):
            left = tuple(i for i in main.indicators if getattr(i, of) != name)
            if name is not None and left:
                weights = None if main.weights is None else {i.column: main.weights[i.column] for i in left}
                yield f"without {name}", main.model_copy(update={"indicators": left, "weights": weights})


def _rows(spec: Spec, settings: AuditSettings, frame: pd.DataFrame) -> Iterator[Choice]:
    if settings.where:
        yield Choice("where", "where", ("all", *map(_without_brackets, settings.where)), (None, *settings.where))
    for column in dict.fromkeys(settings.leave_out):
        levels = [v.item() if hasattr(v, "item") else v for v in frame[column].dropna().unique()]
        levels = sorted(levels, key=lambda v: (isinstance(v, str), v))
        values = [
            Operation("!=", (Column(column), Constant(v if isinstance(v, str | float | int) else str(v)))) for v in levels
        ]
        if frame[column].isna().any():  # a missing value is of no group, and no comparison keeps it
            values = [Operation("or", (value, Call("is_missing", (Column(column),)))) for value in values]
        yield Choice(f"leave_out.{column}", "where", ("none", *map(name_of, levels)), (None, *values))
    if settings.weights:
        kind = lambda w: "pweight" if w.sampling else "aweight" if w.analytic else "fweight"  # noqa: E731
        label = lambda w: "none" if w is None else f"{kind(w)} {w.column}"  # noqa: E731
        yield _beside("weights", "weights", spec.weights, settings.weights, label)
    if settings.absorb:
        yield _beside("absorb", "absorb", spec.formula.effects, settings.absorb, _plus)


def _without_brackets(condition: Expr) -> str:
    """A condition as people write it: `year > 1940`, with no brackets around single names and numbers."""
    return re.sub(r"(?<![\w`])\(([\w.]+|`[^`]*`|'[^']*')\)", r"\1", str(condition))


def _controls(spec: Spec, term: Item, settings: AuditSettings) -> tuple[tuple[Item, ...], list[Choice]]:
    """The controls that are never left out, and a choice for each of the others."""
    own = tuple(i for i in spec.formula.exog if i != term)
    wanted = settings.controls
    if wanted is None:
        return own, []
    kept = [i for i in (*own, *(() if wanted.free == "all" else wanted.free)) if i not in wanted.never]
    free = [i for i in dict.fromkeys(kept) if i not in wanted.always and (wanted.free == "all" or i in wanted.free)]
    fixed = tuple(dict.fromkeys(i for i in (*own, *wanted.always) if i not in free and i not in wanted.never))
    groups, grouped = [], {i for group in wanted.together for i in group}
    for item in free:
        if item not in grouped:
            groups.append((item,))
        elif all(item not in g for g in groups):
            groups.append(next(g for g in wanted.together if item in g))
    return fixed, [
        Choice(_plus(g), "control", (OUT, IN), (False, True), base=int(all(i in own for i in g)), of=g) for g in groups
    ]


def _errors(spec: Spec, settings: AuditSettings) -> Iterator[Choice]:
    vcovs = (*settings.vcov, *(Vcov(kind="CR1", cluster=c) for c in settings.cluster))
    if vcovs:
        yield _beside("vcov", "vcov", spec.vcov, vcovs)
    if settings.convention:
        profiles = [PROFILES[name] for name in settings.convention]
        yield _beside("convention", "convention", spec.convention, profiles, lambda c: c.profile)
