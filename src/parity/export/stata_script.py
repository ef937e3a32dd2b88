"""One do-file for one spec: import, variables, sample, the command of its convention, the result in full precision."""

from __future__ import annotations

import codecs
from pathlib import Path

from parity.base.errors import InputError
from parity.export.columns_read import (
    columns_in_order,
    compared_columns,
    derived_columns,
    numbers_of,
    numeric_columns,
)
from parity.export.place import data_parts, run_from
from parity.export.py_text import Fresh
from parity.export.r_script import heading
from parity.export.stata_command import Terms, command
from parity.export.stata_text import Words, is_stata_name, long_command, stata_comment, stata_string
from parity.sample.columns import needs_panel
from parity.study.data_formats import FORMATS
from parity.study.formula import SHIFTS, Call, Column, Dummies, Expr, Interaction, Item, Operation, columns_of
from parity.study.spec import Spec
from parity.study.study import Study

#: Commands that Stata doesn't ship -> what to install from SSC for them, in this order.
FROM_SSC = {
    "reghdfe": ("ftools", "reghdfe"),
    "ivreghdfe": ("ftools", "reghdfe", "ranktest", "ivreg2", "ivreghdfe"),
    "ivreg2": ("ranktest", "ivreg2"),
}

RESULT = [
    "matrix b = e(b)",
    "matrix V = e(V)",
    "local names : colfullnames b",
    "forvalues j = 1/`=colsof(b)' {",
    "    local name : word `j' of `names'",
    "    scalar se = sqrt(V[`j', `j'])",
    "    scalar t = b[1, `j'] / se",
    "    scalar p = cond(missing(e(df_r)), 2 * normal(-abs(t)), 2 * ttail(e(df_r), abs(t)))",
    "    display \"`name'\" _tab %20.0g b[1, `j'] _tab %20.0g se _tab %20.0g t _tab %20.0g p",
    "}",
    'display "N" _tab %20.0g e(N) _newline "df" _tab %20.0g e(df_r)',
]


def do_file(study: Study, spec: Spec, engine: str | None = None) -> str:
    """The text of the do-file. Raises `InputError` for what Stata can't read or say."""
    return _Writer(study, spec).text()


class _Writer:
    def __init__(self, study: Study, spec: Spec):
        self.study, self.spec = study, spec
        used = dict.fromkeys([*columns_in_order(study, spec), *filter(None, (study.header.unit, study.header.time))])
        self.fresh = Fresh({*used, *study.derive})
        self.names = {name: name if is_stata_name(name) else self.fresh.name(name)[:32] for name in [*used, *study.derive]}
        self.columns = [name for name in used if name not in study.derive]
        self.words = Words(self.names)
        self.lines: list[str] = []
        self.made: dict[str, str] = {}
        self.shifts = False

    def text(self) -> str:
        spec, study = self.spec, self.study
        for name, expr in derived_columns(study, spec).items():
            self.lines.append(f"generate double {self.names[name]} = {self.words.value(self._without_shifts(expr))}")
        terms = self._terms()
        chosen = command(spec, terms)
        panel = chosen.needs_panel or self.shifts
        sections = [
            ("data", self._reading()),
            ("variables", [*(self._panel(terms, chosen.profile) if panel else []), *self.lines]),
            ("sample", self._sample(terms)),
            (f"estimate: {chosen.profile}", [*(n for note in chosen.notes for n in stata_comment(note)),
                                             *long_command(list(chosen.parts))]),
            ("result: term, coefficient, standard error, t, p", RESULT),
        ]  # fmt: skip
        head = ["*" + line[1:] for line in heading(study, spec)]
        place = "/".join(data_parts(study))
        head += [
            "*",
            *stata_comment(f"Run from {run_from(study)}. Data: {place}. Written by parity export; not run by its tests."),
        ]
        head += [f"* Once, if it isn't there: ssc install {name}" for name in FROM_SSC.get(chosen.parts[0].split()[0], ())]
        body = ["\n".join([f"* ---- {title}", *lines]) for title, lines in sections if lines]
        return "\n\n".join(["\n".join(_defused(head)), "version 16\nclear all\nset more off", *body]) + "\n"

    # ---------------------------------------------------------------- data

    def _reading(self) -> list[str]:
        header = self.study.header
        path = stata_path("/".join(data_parts(self.study)))
        suffix = Path(header.data).suffix.lower()
        form = FORMATS[suffix]
        if form.refused:
            raise InputError.at("--to", "", form.refused)
        lines = [form.stata.replace("{encoding}", _encoding(header.encoding)).replace("{path}", path)]
        if strange := [name for name in self.columns if self.names[name] != name]:
            lines.append("* names that Stata can't hold: import keeps them as labels")
            lines += [
                # Mata compares the labels as they are: a macro in their place would be expanded, whatever they hold
                f"mata: for (i = 1; i <= st_nvar(); i++) "
                f'if (st_varlabel(i) == {stata_string(name[:LABEL])}) st_varrename(i, "{self.names[name]}")'
                for name in strange
            ]
        numbers = [self.names[name] for name in self.columns if name in self._numbers()]
        if numbers and suffix != ".dta":
            lines += [
                '* cells such as "NA" or "True" make text of a column of numbers',
                *long_command([f"foreach v in {numbers[0]}", *numbers[1:], "{"]),
                "    capture confirm string variable `v'",
                "    if !_rc {",
                '        replace `v\' = "1" if inlist(`v\', "True", "TRUE", "true")',
                '        replace `v\' = "0" if inlist(`v\', "False", "FALSE", "false")',
                "        destring `v', replace force",
                "    }",
                "}",
            ]
        groups = [self.names[n] for n in self.columns if n in self._groups()]
        if groups:
            lines += [
                "* effects, clusters and panels need numbers, so text becomes 1, 2, ...",
                *long_command([f"foreach v in {groups[0]}", *groups[1:], "{"]),
                "    capture confirm string variable `v'",
                "    if !_rc {",
                "        egen long code = group(`v')",
                "        drop `v'",
                "        rename code `v'",
                "    }",
                "}",
            ]
        return lines

    def _numbers(self) -> set[str]:
        formula = self.spec.formula
        found = numeric_columns(formula.outcome) | {e.name for e in (formula.outcome,) if isinstance(e, Column)}
        for item in (*formula.exog, *formula.endog, *formula.instruments):
            found |= numbers_of(item)
        found |= {self.spec.offset.name} if isinstance(self.spec.offset, Column) else set()
        for expr in (*derived_columns(self.study, self.spec).values(), self.spec.where, self.spec.offset):
            found |= numeric_columns(expr) | compared_columns(expr)
        return found | ({self.spec.weights.column} if self.spec.weights else set())

    def _groups(self) -> set[str]:
        """Columns whose values are names of groups; not those that a condition compares with text."""
        spec, header = self.spec, self.study.header
        found = {c for e in spec.formula.effects for c in e.columns} | set(spec.vcov.cluster)
        for item in (*spec.formula.exog, *spec.formula.endog, *spec.formula.instruments):
            found |= {d.group.name for d in _dummies_in(item)}
        found |= {header.unit} if header.unit else set()
        compared = set(columns_of(spec.where)) | {
            c for e in derived_columns(self.study, spec).values() for c in columns_of(e)
        }
        return found - compared - self._numbers()

    # ---------------------------------------------------------------- variables

    def _panel(self, terms: Terms, profile: str) -> list[str]:
        spec, header = self.spec, self.study.header
        unit = self.names[header.unit] if header.unit else ""
        time = self.names[header.time] if header.time else ""
        if profile == "xtreg" and spec.formula.effects and terms.effects[0] != unit:
            return [f"xtset {terms.effects[0]}  // the absorbed effect is the panel"]
        return [f"xtset {unit} {time}".rstrip()] if unit else [f"tsset {time}"]

    def _without_shifts(self, expr: Expr) -> Expr:
        """Lags, leads and differences as variables of their own: Stata's operators take a variable."""
        match expr:
            case Call(function, args) if function in SHIFTS:
                key = str(expr)
                if key not in self.made:
                    self.shifts = True
                    source = self.words.value(self._without_shifts(args[0]))
                    if not isinstance(args[0], Column):
                        source = self._variable(args[0])
                    # S10. is the change over ten periods; D10. would be the tenth difference
                    operator = {"l": "L", "f": "F", "d": "S"}[function]
                    self.made[key] = name = self.fresh.name(key)[:32]
                    self.lines.append(f"generate double {name} = {operator}{int(args[1].value)}.{source}")  # type: ignore[union-attr]
                return Column(self.made[key])
            case Call(function, args):
                return Call(function, (self._without_shifts(args[0]), *args[1:]))
            case Operation(op, args):
                return Operation(op, tuple(self._without_shifts(a) for a in args))
        return expr

    def _variable(self, expr: Expr) -> str:
        if isinstance(expr, Column):
            return self.words.name(expr.name)
        key = str(expr)
        if key not in self.made:
            inner = self._without_shifts(expr)
            if isinstance(inner, Column):
                return inner.name
            self.made[key] = name = self.fresh.name(key)[:32]
            self.lines.append(f"generate double {name} = {self.words.value(inner)}")
        return self.made[key]

    def _item(self, item: Item) -> str:
        match item:
            case Dummies(group, by, ref):
                name = self.words.name(group.name)
                if ref is not None and not isinstance(ref.value, int):
                    raise InputError.at("--to", "", f"`{item}`: a base level that is no whole number has no do-file")
                if by is not None:
                    out = f"o{ref.value}" if ref is not None else ""
                    return f"i{out}.{name}#c.{self.words.name(by.name)}"
                if not (self.spec.formula.intercept or self.spec.formula.effects):
                    return f"ibn.{name}"
                return f"ib{ref.value}.{name}" if ref is not None else f"i.{name}"
            case Interaction(factors) if any(isinstance(f, Dummies) for f in factors):
                raise InputError.at("--to", "", f"`{item}`, a product with dummies, has no do-file")
            case Interaction(factors):
                expr: Expr = factors[0]  # type: ignore[assignment]
                for factor in factors[1:]:
                    expr = Operation("*", (expr, factor))  # type: ignore[arg-type]
                return self._variable(expr)
        return self._variable(item)

    def _terms(self) -> Terms:
        formula, spec, header = self.spec.formula, self.spec, self.study.header
        return Terms(
            outcome=self._variable(formula.outcome),
            x=" ".join(map(self._item, formula.exog)),
            endog=" ".join(map(self._item, formula.endog)),
            z=" ".join(map(self._item, formula.instruments)),
            effects=tuple(self._effect(e.columns) for e in formula.effects),
            clusters=tuple(map(self.words.name, spec.vcov.cluster)),
            weight=self.words.name(spec.weights.column) if spec.weights else "",
            unit=self.words.name(header.unit) if header.unit else "",
            time=self.words.name(header.time) if header.time else "",
            offset="" if spec.offset is None else self._variable(spec.offset),
        )

    def _effect(self, columns: tuple[str, ...]) -> str:
        names = [self.words.name(c) for c in columns]
        if len(names) == 1:
            return names[0]
        key = "^".join(names)
        if key not in self.made:
            self.made[key] = self.fresh.name("_".join(names))[:32]
            self.lines.append(f"egen long {self.made[key]} = group({' '.join(names)})")
        return self.made[key]

    # ---------------------------------------------------------------- sample

    def _sample(self, terms: Terms) -> list[str]:
        """Rows that certainly fulfil `where` and have all their values; commands drop the missing ones themselves."""
        lines = []
        if self.spec.where is not None:
            lines.append(f"keep if {self.words.condition(self._without_shifts(self.spec.where))}")
        panel = (terms.unit, terms.time) if needs_panel(self.spec) else ()
        needed = dict.fromkeys(filter(None, (*terms.clusters, *terms.effects, *panel)))
        if needed:
            lines.append(f"drop if missing({', '.join(needed)})")
        return lines


def _defused(lines: list[str]) -> list[str]:
    """Comment lines in which nothing is expanded or continued."""
    for text, harmless in (("/*", "/ *"), ("*/", "* /"), ("///", "/ / /"), ("`", "'"), ("$", "S")):
        lines = [line.replace(text, harmless) for line in lines]
    return lines


#: Characters that a variable's label holds.
LABEL = 80


def stata_path(path: str) -> str:
    """A file name in quotes. Raises `InputError` where it holds what Stata would expand."""
    if set(path) & set("`\"$'\\") or not path.isprintable():
        raise InputError.at("--to", "", f"the file name `{path}` holds characters that Stata expands; rename the file")
    return f'"{path}"'


def _encoding(name: str) -> str:
    known = {"utf-8": "UTF-8", "utf8": "UTF-8", "utf-8-sig": "UTF-8"}.get(name.lower())
    try:
        return known or codecs.lookup(name).name  # Python reads `latin-1"` as latin-1; a do-file must not
    except LookupError:
        raise InputError.at("--to", "", f"there is no encoding `{name}`") from None


def _dummies_in(item: Item) -> list[Dummies]:
    if isinstance(item, Dummies):
        return [item]
    return [f for f in item.factors if isinstance(f, Dummies)] if isinstance(item, Interaction) else []
