"""`[audit.NAME]` of a study: every defensible choice behind one coefficient, as data. Types only."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, field_validator, model_validator

from parity.base.errors import suggest
from parity.base.values import Value
from parity.conventions.profiles import PROFILES, family_of
from parity.study.derived import Derived
from parity.study.formula import Effect, FormulaError, Item
from parity.study.grammar import parse_formula
from parity.study.problems import shown
from parity.study.spec import ExprText, Spec, Vcov, Weights

#: How a choice is written that leaves something out: no effects, no weights.
NONE = "none"
#: Key -> what stands there, as a message ends.
FORMS = {"audit": "a table, [audit.NAME], with spec"}


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _items(value: Any) -> tuple[Item, ...]:
    """Terms of a formula, "x1 + log(x2)". Raises `ValueError`."""
    return _part(value, "y ~ {}", "exog")


def _effects(value: Any) -> tuple[Effect, ...]:
    return () if value in (NONE, "") else _part(value, "y ~ 1 | {}", "effects")


def _part(value: Any, pattern: str, of: str) -> Any:
    if isinstance(value, tuple) and not any(isinstance(v, str) for v in value):
        return value
    if not isinstance(value, str):
        raise ValueError(f"a text in quotes is needed, not {shown(value)}")
    try:
        return getattr(parse_formula(pattern.format(value)), of)
    except FormulaError as error:
        raise ValueError(str(error)) from None


def _item(value: Any) -> Item:
    found = _items(value) if isinstance(value, str) else (value,)
    if len(found) != 1:
        raise ValueError(f"one term is needed, not {shown(value)}")
    return found[0]


def _written(value: Any) -> str:
    return " + ".join(map(str, value)) or NONE


_TEXT = WithJsonSchema({"type": "string"})
ItemText = Annotated[Item, BeforeValidator(_item), PlainSerializer(str, return_type=str), _TEXT]
ItemsText = Annotated[tuple[Item, ...], BeforeValidator(_items), PlainSerializer(_written, return_type=str), _TEXT]
EffectsText = Annotated[tuple[Effect, ...], BeforeValidator(_effects), PlainSerializer(_written, return_type=str), _TEXT]


def _weights(value: Any) -> Any:
    return None if value == NONE else value


def _profiles(value: Any) -> Any:
    return tuple(family_of("fixest")) if value == "all" else _listed(value)


class Controls(Value):
    """Which controls may be left out. A list stands for `free`; `"all"`: every regressor of the spec but the term.

    free       each in and out by itself; those that the spec has not are added to it
    always     never left out, though the spec or `free` has them
    never      left out everywhere
    together   lists of controls that are in or out as one
    at_most, at_least   how many of the free ones may be in
    """

    free: Literal["all"] | tuple[ItemText, ...] = "all"
    always: tuple[ItemText, ...] = ()
    never: tuple[ItemText, ...] = ()
    together: tuple[tuple[ItemText, ...], ...] = ()
    at_most: int | None = Field(default=None, strict=True, ge=0)
    at_least: int = Field(default=0, strict=True, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"free": value}

    @model_validator(mode="after")
    def _one_place(self) -> Controls:
        places = [*self.always, *self.never, *(() if self.free == "all" else self.free)]
        twice = next((item for item in places if places.count(item) > 1), None)
        if twice is not None:
            raise ValueError(f"`{twice}` is named twice among free, always and never")
        if self.at_most is not None and self.at_most < self.at_least:
            raise ValueError("at_most is below at_least")
        return self


class IndexChoices(Value):
    """Other ways of making an index: its variants, and the index without one of its indicators or dimensions.

    A list stands for `variants`, and so does `"all"`.
    """

    variants: Literal["all"] | tuple[str, ...] = ()
    leave_out: tuple[Literal["indicators", "dimensions"], ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"variants": value}

    _one = field_validator("leave_out", mode="before")(_listed)


class AuditSettings(Value):
    """Every combination of the choices is a specification. Each list stands beside what the spec has, which comes first.

    spec, term    what is audited; the term is a regressor of the spec, by default its first
    controls      see `Controls`; left out: the spec's controls stay as they are
    absorb        fixed effects in place of the spec's, "firm + year"; "none"
    vcov          covariances in place of the spec's; cluster: cluster variables, short for `vcov = { cluster = ... }`
    convention    profiles, or "all"
    where         conditions that are joined to the spec's own
    leave_out     columns: every value of each is left out in turn
    outcome, treatment   in place of the spec's outcome and of the term
    transform     column -> lines as in [derive], each in place of the column wherever the spec has it
    index         index -> see `IndexChoices`
    weights       as in a spec; "none"
    instruments   excluded instruments in place of the spec's, "z1 + z2"
    common_sample   every specification on the rows that miss nothing that any of them reads
    most          above so many combinations, as many are drawn at random, by `seed`
    levels        of significance
    """

    spec: str
    term: ItemText | None = None
    controls: Controls | None = None
    absorb: tuple[EffectsText, ...] = ()
    vcov: tuple[Vcov, ...] = ()
    cluster: tuple[tuple[str, ...], ...] = ()
    convention: Annotated[tuple[str, ...], BeforeValidator(_profiles)] = ()
    where: tuple[ExprText, ...] = ()
    leave_out: tuple[str, ...] = ()
    outcome: tuple[ExprText, ...] = ()
    treatment: tuple[ItemText, ...] = ()
    transform: dict[str, tuple[Derived, ...]] = {}
    index: dict[str, IndexChoices] = {}
    weights: tuple[Annotated[Weights | None, BeforeValidator(_weights)], ...] = ()
    instruments: tuple[ItemsText, ...] = ()
    common_sample: bool = Field(default=False, strict=True)
    most: int = Field(default=1_000_000, strict=True, ge=2)
    seed: int = Field(default=1, strict=True, ge=0)
    levels: tuple[float, ...] = (0.1, 0.05, 0.01)

    _several = field_validator(
        "absorb", "vcov", "where", "leave_out", "outcome", "treatment", "weights", "instruments", mode="before"
    )(_listed)

    @field_validator("cluster", mode="before")
    @classmethod
    def _clusters(cls, value: Any) -> Any:
        return [_listed(v) for v in _listed(value)]

    @field_validator("transform", mode="before")
    @classmethod
    def _lines(cls, value: Any) -> Any:
        return {k: _listed(v) for k, v in value.items()} if isinstance(value, dict) else value

    @field_validator("convention")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in PROFILES:
                raise ValueError(f"there is no profile `{name}`{suggest(name, PROFILES)}; known: all, {', '.join(PROFILES)}")
        return value

    @field_validator("levels")
    @classmethod
    def _levels(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if not value or not all(0 < level < 1 for level in value):
            raise ValueError("levels of significance such as [0.1, 0.05, 0.01]")
        return tuple(sorted(set(value), reverse=True))

    def term_of(self, spec: Spec) -> Item:
        """The term whose coefficient is audited. Raises `ValueError` where the spec has none such."""
        known = (*spec.formula.endog, *spec.formula.exog)
        if self.term is None:
            if not known:
                raise ValueError(f"spec `{spec.id}` has no regressor to audit")
            return known[0]
        if self.term not in known:
            names = [str(item) for item in known]
            near = suggest(str(self.term), names) or f"; it has {', '.join(names)}"
            raise ValueError(f"`{self.term}` is no regressor of spec `{spec.id}`{near}")
        return self.term


def problem_of(audit: AuditSettings, specs: dict[str, Spec], indices: Any) -> str:
    """What is wrong with an audit in its study, as `key: message`; empty if nothing is."""
    if audit.spec not in specs:
        return f"spec: there is no spec `{audit.spec}`{suggest(audit.spec, specs) or '; known: ' + ', '.join(specs)}"
    spec = specs[audit.spec]
    if not spec.additive:
        return f"spec: `{spec.id}` is a {spec.model}; audits are of least squares and 2SLS"
    try:
        term = audit.term_of(spec)
    except ValueError as error:
        return f"term: {error}"
    controls = audit.controls
    if controls is not None:
        groups = [*controls.always, *controls.never, *(c for group in controls.together for c in group)]
        named = [*groups, *(() if controls.free == "all" else controls.free)]
        if term in named:
            return f"controls: `{term}` is the term that is audited, and no control"
        free = spec.formula.exog if controls.free == "all" else controls.free
        for group in controls.together:
            for item in group:
                if item not in free or item in controls.always or item in controls.never:
                    return f"controls.together: `{item}` is not among the free controls"
    if audit.instruments and not spec.iv:
        return f"instruments: spec `{spec.id}` has no endogenous column to instrument"
    for name, choices in audit.index.items():
        if name not in indices:
            return (
                f"index: there is no index `{name}`{suggest(name, indices) or '; known: ' + (', '.join(indices) or 'none')}"
            )
        known = indices[name].variants
        for variant in () if choices.variants == "all" else choices.variants:
            if variant not in known:
                near = suggest(variant, known) or "; known: " + (", ".join(known) or "none")
                return f"index.{name}: there is no variant `{variant}`{near}"
    return ""
