"""Model: another set of effects or regressors, another estimator, another column of the table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from parity.diagnose.catalogue.common import convention
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.diagnose.substitute import distinct, found, with_items
from parity.study.formula import Call, Column, Constant, Dummies, Effect, Formula, Interaction, columns_of
from parity.study.models import OF_PANELS
from parity.study.spec import Spec

#: Levels of a factor, each of which is tried as its base.
MOST_LEVELS = 24
#: Columns tried as a control that was added.
MOST_CONTROLS = 40


def _random(scenario: Scenario) -> bool:
    return scenario.spec.model == "random_effects"


def _effects(scenario: Scenario, effects: tuple[Effect, ...]) -> Scenario:
    """Other fixed effects; the intercept comes back where none is left."""
    f = scenario.spec.formula
    had = f.intercept or bool(f.effects)
    return scenario.with_spec(formula=replace(f, effects=effects, intercept=had and not effects))


def _left_out(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    effects = scenario.spec.formula.effects
    if len(effects) > 1:
        for effect in effects:
            if effect.columns != (fitter.study.header.time,):
                yield Step(cause, _effects(scenario, tuple(e for e in effects if e != effect)), (("effect", effect.name),))


def _pooled(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if scenario.spec.formula.effects:
        yield Step(cause, _effects(scenario, ()))


def _years_left_out(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    time, f = fitter.study.header.time, scenario.spec.formula
    if time is None:
        return
    rest = tuple(e for e in f.effects if e.columns != (time,))
    if rest != f.effects:
        yield Step(cause, _effects(scenario, rest), (("time", time),))
    exog = tuple(i for i in f.exog if not (isinstance(i, Dummies) and i.group == Column(time) and i.by is None))
    if exog != f.exog:
        yield Step(cause, scenario.with_spec(formula=replace(f, exog=exog)), (("time", time),))


def _added_effect(which: str):
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        column, f = getattr(fitter.study.header, which), scenario.spec.formula
        if column is None or scenario.spec.model in OF_PANELS or any(column in e.columns for e in f.effects):
            return
        if not any(isinstance(i, Dummies) and i.group == Column(column) for i in f.exog):
            yield Step(cause, _effects(scenario, (*f.effects, Effect((column,)))), (("effect", column),))

    return variants


def _control_left_out(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    f = scenario.spec.formula
    facts = None if scenario.edits else fitter.facts(scenario)
    for item in f.exog:
        rest = tuple(i for i in f.exog if i != item)
        if rest or f.endog or f.intercept:
            step = scenario.with_spec(formula=replace(f, exog=rest))
            if facts is not None and facts.dropped and _rank(fitter, step) == facts.n_slopes:
                continue  # another of the collinear columns takes its place: `_other_dropped`
            yield Step(cause, step, (("control", str(item)),))


def _rank(fitter: Fitter, scenario: Scenario) -> int | None:
    facts = fitter.facts(scenario)
    return None if facts is None else facts.n_slopes


def _control_added(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    f = scenario.spec.formula
    used = set(columns_of(f))
    panel = {fitter.study.header.unit, fitter.study.header.time}
    elsewhere = [i for s in fitter.study.specs for i in s.formula.exog if i not in f.exog and i not in f.instruments]
    columns = [Column(c) for c in fitter.columns.numeric if c not in used and c not in panel]
    for item in list(dict.fromkeys([*elsewhere, *columns]))[:MOST_CONTROLS]:
        grown = replace(f, exog=(*f.exog, item))
        if distinct(grown):
            yield Step(cause, scenario.with_spec(formula=grown), (("control", str(item)),))


def _other_dropped(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """A column that was left out comes first, so that the last of those collinear with it goes.

    Where it is a single one, as of dummies that sum to the constant, each other comes last, too, so that this one goes."""
    core, f = None if scenario.edits else fitter.core(scenario), scenario.spec.formula
    dropped = [i for i in f.exog if core is not None and str(i) in core.facts.dropped]
    for item in dropped:
        first = replace(f, exog=(item, *(i for i in f.exog if i != item)))
        yield Step(cause, scenario.with_spec(formula=first), (("column", str(item)),))
    if len(dropped) == 1 and len(f.exog) <= MOST_CONTROLS:
        for last in f.exog:
            if last not in dropped:
                rest = (i for i in f.exog if i not in (last, *dropped))
                moved = replace(f, exog=(*dropped, *rest, last))
                yield Step(cause, scenario.with_spec(formula=moved), (("column", str(dropped[0])),))


def _interaction_left_out(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    f = scenario.spec.formula
    rest = tuple(i for i in f.exog if not isinstance(i, Interaction))
    if rest != f.exog and (rest or f.intercept):
        yield Step(cause, scenario.with_spec(formula=replace(f, exog=rest)))


def _other_model(model: str):
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        spec, header, f = scenario.spec, fitter.study.header, scenario.spec.formula
        within = header.unit and header.time and (header.unit,) in [e.columns for e in f.effects]
        if spec.model != "ols" or f.endog or not within:
            return
        time = [Dummies(Column(e.columns[0])) for e in f.effects if e.columns == (header.time,)]
        plain = Formula(f.outcome, (*f.exog, *time), intercept=model == "random_effects")
        yield Step(cause, scenario.with_spec(formula=plain, model=model, weights=None))

    return variants


def _within_for_random(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    f, unit = scenario.spec.formula, fitter.study.header.unit
    if scenario.spec.model == "random_effects" and unit:
        yield Step(cause, scenario.with_spec(model="ols", formula=replace(f, effects=(Effect((unit,)),), intercept=False)))


def _pooled_for_panel(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if scenario.spec.model in OF_PANELS:
        yield Step(cause, scenario.with_spec(model="ols"))


def _lag_for_level(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if fitter.study.header.time is None:
        return
    for item in scenario.spec.formula.exog:
        if isinstance(item, Column) and item.name in fitter.columns.numeric and item.name != fitter.study.header.time:
            lagged = Call("l", (item, Constant(1)))
            yield Step(cause, with_items(scenario, _swap(item, lagged)), (("column", str(item)),))


def _level_for_lag(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    for call in found(scenario, lambda n: isinstance(n, Call) and n.function in ("l", "f")):
        changed = with_items(scenario, _swap(call, call.args[0]))
        if changed is not scenario:
            yield Step(cause, changed, (("lag", str(call)),))


def _swap(old: Any, new: Any):
    def change(node: Any) -> Any:
        return new if node == old and type(node) is type(old) else node

    return change


def _another_column(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    for other in fitter.study.specs:
        if other_model(other, scenario.spec):
            yield Step(cause, replace(scenario, spec=other), (("column", other.id),))


def other_model(other: Spec, spec: Spec) -> bool:
    """Whether two specs differ in more than covariance and convention."""
    return (other.formula, other.where, other.weights, other.model) != (spec.formula, spec.where, spec.weights, spec.model)


def _another_base(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """The dummies of another level left out, of factors of few levels."""
    f = scenario.spec.formula
    for item in f.exog:
        if not isinstance(item, Dummies) or item.by is not None:
            continue
        levels = fitter.columns.levels(item.group.name)
        now = item.ref.value if item.ref else levels[0] if levels and f.intercept else None
        for level in levels if len(levels) <= MOST_LEVELS else ():
            if level != now:
                exog = tuple(replace(i, ref=Constant(level)) if i is item else i for i in f.exog)
                shown = f"{level:.15g}" if isinstance(level, float) else str(level)
                step = scenario.with_spec(formula=replace(f, exog=exog))
                yield Step(cause, step, (("base", f"{item.group} {shown}"),))


def _no_intercept(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    f = scenario.spec.formula
    if f.intercept and (f.exog or f.endog):
        yield Step(cause, scenario.with_spec(formula=replace(f, intercept=False)))


_SPEC = "the equation as it is written"

CAUSES = (
    Cause(
        "year-effects-left-out", "model", "design", "years", "The effects of `{time}` are left out.",
        "y_it = x_it b + a_i + e_it",
        _SPEC, {}, _years_left_out,
        avoids={"Stata": "i.{time}", "fixest": "| ... + {time}"},
    ),
    Cause(
        "pooled-for-within", "model", "design", "effects", "It is pooled: all fixed effects are left out.",
        "y_it = x_it b + e_it",
        "common in mediation steps: sgmediation is pooled", {"Stata": "regress"}, _pooled,
        avoids={"Stata": "xtreg, fe or reghdfe"},
    ),
    Cause(
        "fixed-effect-left-out", "model", "design", "effects", "The fixed effect `{effect}` is left out.",
        "K = {K} instead of {K_before}",
        _SPEC, {}, _left_out,
        avoids={"fixest": "| ... + {effect}", "Stata": "absorb(... {effect})"},
    ),
    Cause(
        "unit-effects-added", "model", "design", "effects", "It has fixed effects of `{effect}`.",
        "K = {K} instead of {K_before}",
        _SPEC, {"fixest": "| ... + {effect}", "Stata": "absorb(... {effect})"}, _added_effect("unit"),
        avoids={"fixest": "leave {effect} out after |"},
    ),
    Cause(
        "year-effects-added", "model", "design", "years", "It has fixed effects of `{effect}`.",
        "K = {K} instead of {K_before}",
        _SPEC, {"fixest": "| ... + {effect}", "Stata": "absorb(... {effect})"}, _added_effect("time"),
        avoids={"fixest": "leave {effect} out after |"},
    ),
    Cause(
        "intercept-left-out", "model", "design", "intercept", "It has no intercept.", "y = x b + e",
        "statsmodels OLS adds no constant",
        {"statsmodels": "OLS(y, x), which adds no constant", "Stata": "noconstant"}, _no_intercept,
        avoids={"statsmodels": "sm.add_constant(x)", "linearmodels": "1 + x"},
    ),
    Cause(
        "random-for-within", "model", "design", "effects", "It is the random-effects estimator.", "theta between 0 and 1",
        "Stata [XT] xtreg: re is the default", {"Stata": "xtreg, re, its default", "plm": 'model = "random"'},
        _other_model("random_effects"),
        avoids={"Stata": "xtreg, fe", "plm": 'model = "within"'},
    ),
    Cause(
        "first-differences-for-within", "model", "design", "effects", "It is estimated in first differences.",
        "dy = dx b + de",
        "Wooldridge (2010), section 10.6", {"plm": 'model = "fd"', "Stata": "regress D.y D.x"},
        _other_model("first_difference"),
        avoids={"plm": 'model = "within"'},
    ),
    Cause(
        "within-for-random", "model", "design", "effects", "It is the within estimator, not random effects.", "theta = 1",
        "plm: within is the default", {"Stata": "xtreg, fe", "plm": 'model = "within", its default'}, _within_for_random,
        avoids={"Stata": "xtreg, re", "plm": 'model = "random"'},
    ),
    Cause(
        "pooled-for-panel-model", "model", "design", "effects", "It is pooled OLS.", "theta = 0", _SPEC,
        {"Stata": "regress", "plm": 'model = "pooling"'}, _pooled_for_panel,
        avoids={"Stata": "xtreg", "plm": 'model = "random" or "fd"'},
    ),
    Cause(
        "other-collinear-column-dropped", "model", "design", "controls",
        "Of collinear columns it keeps `{column}` and drops one that stands before it.", "the same fit, other terms",
        "R's lm and fixest drop the later one; Stata's _rmcoll by its own order", {"Stata": "the order of the varlist"},
        _other_dropped,
    ),
    Cause(
        "interactions-left-out", "model", "design", "controls", "The interactions are left out.",
        "K = {K} instead of {K_before}", _SPEC,
        {}, _interaction_left_out,
    ),
    Cause(
        "level-for-lag", "model", "design", "lags", "`{lag}` enters without its lag.", "x_t instead of x_(t-1)", _SPEC,
        {}, _level_for_lag,
        avoids={"Stata": "L.x", "fixest": "l(x, 1)"},
    ),
    Cause(
        "lag-for-level", "model", "design", "lags", "`{column}` enters with a lag of one period.", "x_(t-1) instead of x_t",
        _SPEC,
        {"Stata": "L.{column}"}, _lag_for_level, parametrised=True,
        avoids={"Stata": "{column}"},
    ),
    Cause(
        "control-left-out", "model", "design", "controls", "`{control}` is left out.", "K = {K} instead of {K_before}",
        _SPEC, {},
        _control_left_out, parametrised=True,
    ),
    Cause(
        "control-added", "model", "design", "controls", "`{control}` is added.", "K = {K} instead of {K_before}", _SPEC, {},
        _control_added, parametrised=True,
    ),
    Cause(
        "another-base-level", "model", "design", "controls",
        "Of the dummies of a factor it leaves out another level: `{base}` is the base.", "the same fit, other terms", _SPEC,
        {"Stata": "ib#.x, fvset base", "R": "relevel()"}, _another_base,
    ),
    Cause(
        "another-column", "model", "design", "spec", "The numbers are those of the specification `{column}`.", "",
        "the table", {},
        _another_column, parametrised=True, cost=2,
    ),
    Cause(
        "variance-components-harmonic", "model", "design", "components",
        "Its variance of the unit effects takes the unweighted between regression and the harmonic mean of the periods.",
        "s_u^2 = SSR_between/(n - K) - s_e^2/T", "Stata [XT] xtreg, re; linearmodels 7, RandomEffects, small_sample=False",
        {"Stata": "xtreg, re", "linearmodels": "RandomEffects.fit(small_sample=False)"},
        convention("harmonic", "swamy_arora", when=_random),
        avoids={"Stata": "xtreg, re sa", "linearmodels": "RandomEffects.fit(small_sample=True)"},
    ),
    Cause(
        "variance-components-exact", "model", "design", "components",
        "Its variance of the unit effects is Baltagi and Chang's, from the between regression weighted by the periods.",
        "s_u^2 = (SSR_between - (n - K) s_e^2)/(N - tr)", "Baltagi and Chang (1994); plm 2.6, ercomp; Stata xtreg, re sa",
        {"Stata": "xtreg, re sa", "linearmodels": "RandomEffects.fit(small_sample=True)"},
        convention("exact", "swamy_arora", when=_random),
        avoids={"Stata": "xtreg, re", "linearmodels": "RandomEffects.fit(small_sample=False)"},
    ),
)  # fmt: skip
