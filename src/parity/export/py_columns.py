"""Which columns a Python script makes and reads: names in its data frame, the labels they are printed under."""

from __future__ import annotations

from dataclasses import dataclass, field

from parity.base.errors import InputError
from parity.export.columns_read import Panel, columns_in_order, derived_columns, numbers_of, numeric_columns
from parity.export.py_expression import column, py_expression
from parity.export.py_text import Fresh, is_plain, py_number, py_string, strings
from parity.export.r_sample import weighs_units
from parity.sample.columns import needs_panel
from parity.study.formula import Column, Constant, Dummies, Expr, Interaction, Item, Operation
from parity.study.spec import Spec
from parity.study.study import Study


@dataclass
class Columns:
    """The columns of the frame `d`, by role, as the script names them.

    x, endog, z   sources of list items: `"value"` in quotes, or `*year` for the columns of a block of dummies
    lines         assignments to `data`, and blocks of dummies
    blocks        names of the variables that hold dummies
    label         column -> term as it is printed, where they differ
    numbers       columns of the data that must be numbers
    renamed       data column -> name that a formula can read
    """

    outcome: str = ""
    x: list[str] = field(default_factory=list)
    endog: list[str] = field(default_factory=list)
    z: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    clusters: list[str] = field(default_factory=list)
    weight: str = ""
    offset: str = ""
    unit: str = ""
    time: str = ""
    lines: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    label: dict[str, str] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)

    def names(self) -> list[str]:
        """All columns of `d` but the dummies, once each, in order."""
        plain = [item[1:-1] for item in (*self.x, *self.endog, *self.z) if not item.startswith("*")]
        roles = [self.outcome, *plain, *self.effects, *self.clusters, self.weight, self.offset, self.unit, self.time]
        return list(dict.fromkeys(name for name in roles if name))


def columns_for(study: Study, spec: Spec, *, in_formula: bool) -> Columns:
    """The columns of a spec. in_formula: every name must be one that a formula reads as a single column.

    Raises `InputError` where an interaction of dummies has no script.
    """
    return _Planner(study, spec, in_formula).columns()


class _Planner:
    def __init__(self, study: Study, spec: Spec, in_formula: bool):
        self.study, self.spec, self.in_formula = study, spec, in_formula
        self.panel = Panel(study.header.unit, study.header.time)
        panel = {c for c in (study.header.unit, study.header.time) if c}
        self.fresh = Fresh(
            {*spec.columns(), *study.derive, *panel, "d", "data", "b", "se", "x", "z", "const", "path", "rows"}
        )
        self.made: dict[str, str] = {}
        self.out = Columns()

    def columns(self) -> Columns:
        out, spec, formula = self.out, self.spec, self.spec.formula
        out.outcome = self._static(formula.outcome, str(formula.outcome))
        keep_all = not (formula.intercept or formula.effects)
        out.x = [self._item(item, keep_all) for item in formula.exog]
        out.endog = [self._item(item, False) for item in formula.endog]
        out.z = [self._item(item, False) for item in formula.instruments]
        out.effects = [self._effect(e.columns) for e in formula.effects]
        out.clusters = [self._named(c) for c in spec.vcov.cluster]
        out.weight = self._named(spec.weights.column) if spec.weights else ""
        if spec.offset is not None:
            out.offset = self._static(spec.offset, str(spec.offset))
        if weighs_units(spec):
            out.weight = self.fresh.name("rows_of_unit")
            out.lines.append(f"{column(out.weight)} = 1.0")
        if needs_panel(spec):
            out.unit = self._named(self.panel.unit) if self.panel.unit else ""
            out.time = self._named(self.panel.time) if self.panel.time else ""
        derived = set(self.study.derive)
        numbers = {n for item in (*formula.exog, *formula.endog, *formula.instruments) for n in numbers_of(item)}
        numbers |= numeric_columns(formula.outcome) | ({spec.weights.column} if spec.weights else set())
        numbers |= {formula.outcome.name} if isinstance(formula.outcome, Column) else set()
        if spec.offset is not None:
            numbers |= numeric_columns(spec.offset) | {e.name for e in (spec.offset,) if isinstance(e, Column)}
        for name, expr in derived_columns(self.study, spec).items():
            numbers |= numeric_columns(expr) if not isinstance(expr, Column) or name in numbers else set()
        out.numbers = [n for n in columns_in_order(self.study, spec) if n in numbers - derived]
        return out

    def _named(self, name: str) -> str:
        """A column of the data: its own name, or one that a formula reads."""
        if not self.in_formula or is_plain(name):
            return name
        if name not in self.out.renamed:
            self.out.renamed[name] = self.fresh.name(name)
        return self.out.renamed[name]

    def _static(self, expr: Expr, label: str) -> str:
        if isinstance(expr, Column):
            name = self._named(expr.name)
        else:
            if label not in self.made:
                self.made[label] = self.fresh.name(label)
                self.out.lines.append(f"{column(self.made[label])} = {py_expression(expr, self.panel)}")
            name = self.made[label]
        if name != label:
            self.out.label[name] = label
        return name

    def _item(self, item: Item, keep_all: bool) -> str:
        match item:
            case Dummies(group, by, ref):
                return "*" + self._dummies(str(item), group, by, ref, keep_all)
            case Interaction(factors) if any(isinstance(f, Dummies) for f in factors):
                return "*" + self._interacted(item)
            case Interaction(factors):
                expr: Expr = factors[0]  # type: ignore[assignment]
                for factor in factors[1:]:
                    expr = Operation("*", (expr, factor))  # type: ignore[arg-type]
                return py_string(self._static(expr, str(item)))
        return py_string(self._static(item, str(item)))

    def _interacted(self, item: Interaction) -> str:
        first, *rest = item.factors
        if not isinstance(first, Dummies) or first.by is not None or len(rest) != 1 or isinstance(rest[0], Dummies):
            message = f"`{item}` has no script in Python: write the dummies first, times one column; or use --to r"
            raise InputError.at("--to", "", message)
        by = rest[0]
        expr = Operation("*", by.factors) if isinstance(by, Interaction) else by  # type: ignore[arg-type]
        return self._dummies(str(item), first.group, expr, first.ref, False, leaves_out=True)

    def _dummies(self, text: str, group: Column, by: Expr | None, ref: Constant | None, keep_all: bool, *,
                 leaves_out: bool = False) -> str:  # fmt: skip
        prefix = self.fresh.name(group.name)
        args = [column(group.name), py_string(str(group)), "rows", py_string(prefix)]
        if by is not None:
            args += [f"by={py_expression(by, self.panel)}", f"suffix={py_string(f':{by}')}"]
        if ref is not None:
            args.append(f"leave_out={py_string(ref.value) if isinstance(ref.value, str) else py_number(ref.value)}")
        elif (by is not None and not leaves_out) or keep_all:
            args.append("leave_out=None")
        self.out.lines.append(f"{prefix} = dummies({', '.join(args)})")
        self.out.blocks.append(prefix)
        return prefix

    def _effect(self, names: tuple[str, ...]) -> str:
        if len(names) == 1:
            return self._named(names[0])
        key = "^".join(names)
        if key not in self.made:
            self.made[key] = self.fresh.name("_".join(names))
            parts = ", ".join(strings(names))
            self.out.lines.append(f"{column(self.made[key])} = data.groupby([{parts}]).ngroup()  # a level per combination")
        return self.made[key]
