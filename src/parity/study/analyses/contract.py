"""An analysis as a study asks for it: the one declaration that reading, checks, records, reports and tables take it from.

A new kind is a module beside this one with the type of its section and `ASKED`, which `parity.study.analyses.registry`
finds, and a folder in `parity/analyses` that answers it. No list elsewhere names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from parity.base.errors import suggest
from parity.base.values import Value
from parity.study.formula import Expr
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.words_of_tables import LABELS_ZH


class AnalysisSettings(Value):
    """The base of the sections of analyses."""

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Data columns it names itself, by key."""
        return {}

    def expressions(self) -> Iterator[Expr]:
        """Every expression in it, one by one."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            yield from (e for e in (value if isinstance(value, tuple) else (value,)) if isinstance(e, Expr))


def nothing_wrong(settings: Any, spec: Spec | None, header: Header) -> str:
    """Of a kind whose sections are right wherever their own type says so."""
    return ""


def not_least_squares(spec: Spec) -> str:
    """What is wrong with a spec that isn't plain least squares, as "key: message", or ""."""
    if spec.model != "ols" or spec.iv or spec.weights:
        return f"spec: `{spec.id}` must be ordinary least squares, without instruments and weights"
    return ""


@dataclass(frozen=True)
class Asked:
    """kind        of its records, whose names are KIND.NAME; also the section of study.toml, [KIND.NAME], where it has one
    called      what the last line of a run calls its records, in the plural
    place       in schemas, messages and reports, from the first; a new kind comes last
    settings    type of the section; None where keys of specs or of tables ask for it
    needs       keys that the section must have, as a message ends: "spec and weights"
    names       of a study, those that are asked for; default those of the section
    of          whose data it reads: its "spec"'s, or "columns" of [study]'s own file
    alone       whether a study may have it and no spec
    problem     (settings, its spec or of columns None, header) -> what is wrong with it, as "key: message", or ""
    conditions  keys of expressions that hold values of columns, which the data must have
    codes       keys of columns whose values are names of groups
    controls    keys of lists in which $NAME may stand for a list of [controls]
    files       keys of files beside study.toml, and how their names may end
    specs       keys that name another spec of the study, or are empty
    forms       key -> what stands there, as a message ends, where that isn't plain from its type
    heads       quantity -> head of its column in a table of `kind = "analysis"`; none if no such table shows it
    named       the same of quantities that such a table has only where it names them
    numbered    whether columns of such a table are also those quantities that are numbers, under themselves as heads
    chinese     the heads and rows that `parity.study.words_of_tables` doesn't have, in Chinese
    """

    kind: str
    called: str
    place: int
    settings: type[AnalysisSettings] | None = None
    needs: str = ""
    names: Callable[[Any], Iterable[str]] | None = None
    of: Literal["spec", "columns"] = "spec"
    alone: bool = False
    problem: Callable[[Any, Spec | None, Header], str] = nothing_wrong
    conditions: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    specs: tuple[str, ...] = ()
    forms: Mapping[str, str] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    numbered: bool = False
    chinese: Mapping[str, str] = field(default_factory=dict)

    def asked(self, study: Any) -> tuple[str, ...]:
        """NAME of each that a study asks for."""
        return tuple(self.names(study) if self.names else getattr(study, self.kind))

    def specs_of(self, settings: Any) -> tuple[str, ...]:
        """Ids of all specs that a section reads."""
        return tuple(name for key in ("spec", *self.specs) if (name := getattr(settings, key, "")))

    def problem_in(self, settings: Any, specs: Mapping[str, Spec], header: Header) -> str:
        """What is wrong with a section in its study, as "key: message", or ""; first that its spec isn't there."""
        if self.of == "columns":
            return self.problem(settings, None, header)
        for key in ("spec", *self.specs):
            name = getattr(settings, key)
            if name not in specs and (name or key == "spec"):
                return f"{key}: there is no spec `{name}`{suggest(name, specs)}"
            if name and specs[name].data != specs[settings.spec].data:
                return f"{key}: `{name}` is of other data than `{settings.spec}`"
        return self.problem(settings, specs[settings.spec], header)


def lacking(asked: Asked) -> Iterator[str]:
    """What a declaration forgot, and what to write."""
    where = f"Asked({asked.kind!r})"
    if not asked.called:
        yield f"{where}: say in `called` what the last line of a run calls its records, in the plural"
    for head in dict.fromkeys([*asked.heads.values(), *asked.named.values()]):
        if head not in LABELS_ZH and head not in asked.chinese:
            yield f"{where}: the head `{head}` has no Chinese; give it in `chinese`"
    if asked.settings is None:
        if asked.names is None:
            yield f"{where}: give `settings`, the type of [{asked.kind}.NAME], or `names`, a function of the study"
        return
    fields = asked.settings.model_fields
    required = [key for key, one in fields.items() if one.is_required()]
    unsaid = [key for key in required if key not in asked.needs]
    if unsaid or not asked.needs:
        yield f"{where}: say in `needs` which keys [{asked.kind}.NAME] must have: {', '.join(required)}"
    if asked.of == "spec" and "spec" not in fields:
        yield f'{where}: its section has no key `spec`; add one, or say of = "columns"'
    for said in ("conditions", "codes", "controls", "files", "specs", "forms"):
        for key in getattr(asked, said):
            if key not in fields:
                yield f"{where}: `{said}` names `{key}`, which is no key of [{asked.kind}.NAME]: {', '.join(fields)}"
