"""The part of a Python script that reads the data, makes the columns of the model, and chooses the rows."""

from __future__ import annotations

from pathlib import Path

from parity.export.columns_read import Panel, derived_columns
from parity.export.place import data_parts
from parity.export.py_columns import Columns
from parity.export.py_expression import column, py_condition, py_expression
from parity.export.py_likelihood import usable_rows
from parity.export.py_text import call, py_list, py_string, strings
from parity.export.r_sample import drops_singletons, uses_dummies
from parity.study.data_formats import FORMATS
from parity.study.spec import Spec
from parity.study.study import Study


def reading(study: Study, spec: Spec, columns: Columns) -> list[str]:
    """Path, data frame, numbers as numbers, derived columns, columns of the formula."""
    header, panel = study.header, Panel(study.header.unit, study.header.time)
    place = py_string("/".join(data_parts(study)))
    lines = [f"path = sys.argv[1] if len(sys.argv) > 1 else {place}"]
    encoding = "" if header.encoding.lower() in ("utf-8", "utf8") else f", encoding={py_string(header.encoding)}"
    missing = f"keep_default_na=False, na_values=[{', '.join(map(py_string, ('', *header.missing)))}]"
    reader = FORMATS[Path(header.data).suffix.lower()].python
    lines.append(f"data = {reader.replace('{encoding}', encoding).replace('{missing}', missing)}")
    if spec.needs_order and header.time:
        lines.append(f"assert (data[{py_string(header.time)}].dropna() % 1 == 0).all()  # periods: whole numbers, one apart")
    if columns.numbers:
        numbers = call("numbers = [", strings(columns.numbers), "]")
        lines += [*numbers, "data[numbers] = data[numbers].astype(float)  # True counts as 1"]
    lines += [f"{column(name)} = {py_expression(expr, panel)}" for name, expr in derived_columns(study, spec).items()]
    if uses_dummies(spec) or columns.label:
        labels = [f"{py_string(name)}: {py_string(term)}" for name, term in columns.label.items() if name != columns.outcome]
        lines += (
            call("label = {", labels, "}  # how terms are printed") if labels else ["label = {}  # how terms are printed"]
        )
    if uses_dummies(spec):
        lines.append(f"rows = {_chosen(spec, panel)}")
    return lines + columns.lines


def _chosen(spec: Spec, panel: Panel) -> str:
    return "pd.Series(True, index=data.index)" if spec.where is None else py_condition(spec.where, panel)


def rows(study: Study, spec: Spec, columns: Columns) -> list[str]:
    """The frame `d` of the estimation sample, in parity's order: `where`, missing values, weight zero, singletons."""
    panel = Panel(study.header.unit, study.header.time)
    chosen = "rows" if uses_dummies(spec) else _chosen(spec, panel) if spec.where else ""
    wanted = columns.names()
    lines = call("d = data[[", [py_string(_back(columns, n)) for n in wanted], "]]")
    if columns.blocks:
        lines.append(
            f"d = d.join([{', '.join(columns.blocks)}])" if len(columns.blocks) > 1 else f"d = d.join({columns.blocks[0]})"
        )
    lines.append(f"d = d[{chosen}].dropna()" if chosen else "d = d.dropna()")
    if columns.renamed:
        pairs = [f"{py_string(old)}: {py_string(new)}" for old, new in columns.renamed.items() if new in wanted]
        lines += call("d = d.rename(columns={", pairs, "})  # names that a formula can hold")
    if columns.weight:
        lines.append(f"d = d[d[{py_string(columns.weight)}] > 0]")
    if spec.likelihood and not spec.categorical:
        lines += usable_rows(spec, columns)
    elif drops_singletons(spec):
        counted = spec.weights is not None and spec.weights.frequency is not None
        count = f", {py_string(columns.weight)}" if counted else ""
        lines.append(f"d = not_alone(d, {py_list(columns.effects)}{count})")
    if spec.model == "first_difference":
        lines += _differences(columns)
    if spec.model == "between":
        lines += _means_of_units(columns)
    return lines


def _means_of_units(columns: Columns) -> list[str]:
    added = [f"d[{py_string(columns.weight)}] = of_unit[{py_string(columns.weight)}].sum().to_numpy()"]
    return [
        "# a row a unit: the means of its rows",
        f"of_unit = d.groupby({py_string(columns.unit)})",
        f"measured = [{', '.join([py_string(columns.outcome), *columns.x])}]",
        "d = of_unit.head(1).sort_values(" + py_string(columns.unit) + ").reset_index(drop=True)",
        "d[measured] = of_unit[measured].mean().to_numpy()",
        *(added if columns.weight else []),
    ]


def _back(columns: Columns, name: str) -> str:
    return next((old for old, new in columns.renamed.items() if new == name), name)


def _differences(columns: Columns) -> list[str]:
    unit, time = py_string(columns.unit), py_string(columns.time)
    changed = ", ".join([py_string(columns.outcome), *columns.x])
    return [
        "# first differences within units over one period; rows without the period before are left out",
        f"d = d.sort_values([{unit}, {time}])",
        f"follows = (d[{unit}] == d[{unit}].shift()) & (d[{time}].diff() == 1)",
        f"changed = [{changed}]",
        "d[changed] = d[changed].diff()",
        "d = d[follows]",
    ]
