"""The part of a script that reads the data, makes the columns of the model, and chooses the rows."""

from __future__ import annotations

from pathlib import Path

from parity.base.r_text import call, r_element, r_name, r_string
from parity.export.columns_read import Panel, derived_columns, is_logical
from parity.export.place import data_parts
from parity.export.r_expression import item_argument, r_condition, r_expression, whole_arithmetic
from parity.sample.columns import needs_panel
from parity.sample.design import INTERCEPT
from parity.study.data_formats import FORMATS
from parity.study.formula import Call, Dummies, Expr, Interaction, Item, Member, Operation
from parity.study.models import OF_PANELS
from parity.study.spec import Spec
from parity.study.study import Study

#: Python's names of encodings where R's differ; a byte order mark is skipped.
_ENCODINGS = {"utf-8": "UTF-8-BOM", "utf8": "UTF-8-BOM", "utf-8-sig": "UTF-8-BOM", "latin-1": "latin1"}


def panel_of(study: Study) -> Panel:
    return Panel(study.header.unit, study.header.time)


def reading(study: Study, spec: Spec) -> list[str]:
    """Path, data frame, derived columns."""
    header, panel = study.header, panel_of(study)
    parts = ", ".join(r_string(p) for p in data_parts(study))
    lines = [
        f"path <- c(commandArgs(trailingOnly = TRUE), file.path({parts}))[1]",
    ]
    missing = f"c({', '.join(map(r_string, ('', *header.missing)))})"
    encoding = r_string(_ENCODINGS.get(header.encoding.lower(), header.encoding))
    name, _, options = FORMATS[Path(header.data).suffix.lower()].r.partition("(")
    filled = [o.replace("{encoding}", encoding).replace("{missing}", missing) for o in options.removesuffix(")").split(", ")]
    lines += call(f"data <- {name}(", filled, ")")
    derived = derived_columns(study, spec)
    trees = [*derived.values(), spec.where, spec.offset, spec.formula.outcome, *spec.formula.exog, *spec.formula.endog]
    if any(whole_arithmetic(tree) for tree in (*trees, *spec.formula.instruments)):
        lines.append("data[] <- lapply(data, function(x) if (is.integer(x)) as.double(x) else x)  # integers overflow in R")
    for name, expr in derived.items():
        lines.append(f"{r_element('data', name)} <- with(data, {r_expression(expr, panel)})")
    return lines


def columns(study: Study, spec: Spec) -> list[str]:
    """y, X (E, Z), effects, clusters, w, unit, time for every row of the data."""
    formula, panel = spec.formula, panel_of(study)
    absorbs = formula.intercept or bool(formula.effects)
    outcome = r_expression(formula.outcome, panel)
    lines = []
    if uses_dummies(spec):
        lines.append(f"chosen <- {_chosen(spec, panel)}")
    lines.append(f"y <- with(data, {f'as.numeric({outcome})' if is_logical(formula.outcome) else outcome})")
    constant = has_constant_column(spec)
    absorbed = bool(formula.effects) or spec.model in OF_PANELS
    lines += _matrix("X", formula.exog, panel, intercept=constant, absorbed=absorbed, keep_all=not absorbs)
    lines += _matrix("E", formula.endog, panel, intercept=False, absorbed=absorbed or constant)
    lines += _matrix("Z", formula.instruments, panel, intercept=False, absorbed=absorbed or constant)
    if formula.effects:
        groups = [f"{_tag(e.name)} = {_group(e.columns)}" for e in formula.effects]
        lines += call("effects <- with(data, list2DF(list(", groups, ")))")
    if spec.vcov.cluster:
        groups = [f"{_tag(c)} = group({r_name(c)})" for c in spec.vcov.cluster]
        lines += call("clusters <- with(data, list2DF(list(", groups, ")))")
    if spec.weights:
        lines.append(f"w <- with(data, {r_name(spec.weights.column)})")
    if spec.offset is not None:
        lines.append(f"o <- with(data, {r_expression(spec.offset, panel)})  # the offset")
    if spec.vcov.coordinates:
        lines.append(f"places <- with(data, cbind({', '.join(map(r_name, spec.vcov.coordinates))}))")
    if needs_panel(spec) and panel.unit:
        lines.append(f"unit <- with(data, group({r_name(panel.unit)}))")
    if needs_panel(spec) and panel.time:
        lines.append(f"time <- with(data, {'period' if spec.needs_order else 'group'}({r_name(panel.time)}))")
    return lines


def _group(names: tuple[str, ...]) -> str:
    """Codes of one column, or of the combinations of several."""
    code = f"group({r_name(names[0])})"
    for name in names[1:]:
        code = f"group({code} + 1e9 * group({r_name(name)}))"
    return code


def uses_dummies(spec: Spec) -> bool:
    """Whether some columns are made from the values in the sample."""
    formula = spec.formula
    items = (*formula.exog, *formula.endog, *formula.instruments)
    return any(
        isinstance(f, Dummies) for item in items for f in (item.factors if isinstance(item, Interaction) else (item,))
    )


def has_constant_column(spec: Spec) -> bool:
    """First differences get their constant after differencing."""
    return spec.formula.intercept and spec.model != "first_difference"


def _tag(name: str) -> str:
    return r_string(name) if r_name(name) != name else name


def _matrix(
    name: str, items: tuple[Item, ...], panel: Panel, *, intercept: bool, absorbed: bool = False, keep_all: bool = False
) -> list[str]:
    """cbind() of the items' columns; `+ 0` makes numbers of TRUE and FALSE where nothing else does."""
    args = [item_argument(item, panel, keep_all=keep_all) for item in items]
    if intercept:
        args.insert(0, f"{r_string(INTERCEPT)} = {'1' if args else 'rep(1, nrow(data))'}")
    return call(f"{name} <- with(data, cbind(", args, f")){'' if intercept or absorbed else ' + 0'}") if args else []


def _chosen(spec: Spec, panel: Panel) -> str:
    if spec.where is None:
        return "rep(TRUE, nrow(data))"
    text = f"with(data, {r_condition(spec.where, panel)})"
    return text if _never_missing(spec.where) else f"{text} %in% TRUE"


def _never_missing(expr: Expr) -> bool:
    match expr:
        case Member(_, _, negated):
            return not negated
        case Call("is_missing"):
            return True
        case Operation("and" | "or", args):
            return all(isinstance(a, Call) and a.function == "is_missing" for a in args)
    return False


# ---------------------------------------------------------------- rows


def rows(study: Study, spec: Spec) -> list[str]:
    """Choose rows in parity's order: `where`, missing values, weight zero, singletons; then take them."""
    panel = panel_of(study)
    held = held_objects(study, spec)
    complete = f"complete.cases({', '.join(held)})"
    chosen = "chosen & " if uses_dummies(spec) else f"{_chosen(spec, panel)} & " if spec.where else ""
    lines = [f"rows <- which({chosen}{complete})"]
    if spec.weights:
        lines.append("rows <- rows[w[rows] > 0]")
    if as_rows(spec):
        lines.append("rows <- rep(rows, w[rows])  # a row of frequency weight 3 is three rows")
    if spec.likelihood and not spec.categorical:
        lines += _usable(spec)
    elif drops_singletons(spec):
        counts = ", w[rows]" if frequency(spec) and not as_rows(spec) else ""
        lines.append(f"rows <- rows[not_alone(effects[rows, , drop = FALSE]{counts})]")
    if spec.model == "first_difference":
        return lines + _differences(study, spec, held)
    lines += [_taken(name, "rows") for name in held if not (name == "w" and as_rows(spec))]
    return lines + (_means_of_units(spec, held) if spec.model == "between" else [])


def weighs_units(spec: Spec) -> bool:
    """Whether a between estimator weights means of units by how many rows they have."""
    return spec.model == "between" and spec.convention.between_weights == "rows"


def _means_of_units(spec: Spec, held: list[str]) -> list[str]:
    lines = [
        "# a row a unit: the means of its rows",
        "rows_of <- tabulate(unit)",
        "y <- drop(rowsum(y, unit)) / rows_of",
        "X <- rowsum(X, unit) / rows_of",
    ]
    if "clusters" in held:
        lines.append("clusters <- list2DF(lapply(clusters[match(seq_along(rows_of), unit), , drop = FALSE], group))")
    return [*lines, "w <- rows_of"] if weighs_units(spec) else lines


def _usable(spec: Spec) -> list[str]:
    """From the rows that have every value to those that the likelihood can use, without singletons where they go."""
    effects = "effects[rows, , drop = FALSE]"
    if spec.model != "poisson":
        held = effects if spec.formula.effects else "list()"
        used = f"rows <- rows[usable(y[rows], X[rows, , drop = FALSE], {held})]"
    elif spec.formula.effects:
        used = f"rows <- rows[counted(y[rows], {effects})]"
    else:
        return []
    if not drops_singletons(spec):
        return [used]
    weighed = ", w[rows]" if frequency(spec) else ""
    return [
        "repeat {  # without a row that stood alone, the rest of a level may be predicted",
        f"  {used}",
        f"  company <- not_alone({effects}{weighed})",
        "  rows <- rows[company]",
        "  if (all(company)) break",
        "}",
    ]


def frequency(spec: Spec) -> bool:
    return spec.weights is not None and spec.weights.frequency is not None


def as_rows(spec: Spec) -> bool:
    """Whether rows are repeated by their frequency weight: clubSandwich knows analytic weights only."""
    return frequency(spec) and (spec.vcov.kind == "CR2" or spec.own_df)


def drops_singletons(spec: Spec) -> bool:
    return spec.convention.singletons == "drop" and bool(spec.formula.effects) and (spec.model == "ols" or spec.likelihood)


def held_objects(study: Study, spec: Spec) -> list[str]:
    """The R objects that have one entry per row."""
    formula = spec.formula
    has = {
        "y": True,
        "X": bool(formula.exog) or has_constant_column(spec),
        "E": spec.iv,
        "Z": spec.iv,
        "effects": bool(formula.effects),
        "clusters": bool(spec.vcov.cluster),
        "w": spec.weights is not None,
        "o": spec.offset is not None,
        "places": bool(spec.vcov.coordinates),
        "unit": needs_panel(spec) and study.header.unit is not None,
        "time": needs_panel(spec) and study.header.time is not None,
    }
    return [name for name, held in has.items() if held]


def _taken(name: str, index: str) -> str:
    match name:
        case "X" | "E" | "Z" | "places":
            return f"{name} <- {name}[{index}, , drop = FALSE]"
        case "effects" | "clusters":
            return f"{name} <- list2DF(lapply({name}[{index}, , drop = FALSE], group))"
        case "unit":
            return f"unit <- group(unit[{index}])"
    return f"{name} <- {name}[{index}]"


def _differences(study: Study, spec: Spec, held: list[str]) -> list[str]:
    if not (study.header.unit and study.header.time):
        return ['stop("first differences need the columns of unit and time")']
    lines = [
        "# first differences within units over one period; rows without the period before are left out",
        "rows <- rows[order(unit[rows], time[rows])]",
        "follows <- which(diff(unit[rows]) == 0 & diff(time[rows]) == 1)",
        "before <- rows[follows]",
        "rows <- rows[follows + 1]",
    ]
    lines.append("y <- y[rows] - y[before]")
    if "X" in held:
        moved = "X[rows, , drop = FALSE] - X[before, , drop = FALSE]"
        lines.append(f'X <- cbind("{INTERCEPT}" = 1, {moved})' if spec.formula.intercept else f"X <- {moved}")
    elif spec.formula.intercept:
        lines.append(f'X <- cbind("{INTERCEPT}" = rep(1, length(y)))')
    return lines + [_taken(name, "rows") for name in held if name in ("clusters", "w")]
