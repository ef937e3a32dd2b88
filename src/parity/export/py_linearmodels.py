"""The fit section of a script with linearmodels: IV2SLS, RandomEffects, PanelOLS."""

from __future__ import annotations

from parity.conventions.profiles import CLUSTERED
from parity.export.py_by_hand import by_hand
from parity.export.py_columns import Columns
from parity.export.py_instruments import beyond_2sls
from parity.export.py_model import BY_HAND, has_dummies, repeats_rows
from parity.export.py_shared import CLUSTER_FACTOR, KN, Fitted, codes, frame, of_d, regressors, sets_of
from parity.export.py_text import call, py_string
from parity.export.r_convention import factor_text
from parity.study.models import OF_INSTRUMENTS
from parity.study.spec import Spec
from parity.study.study import Study


def linearmodels_fit(study: Study, spec: Spec, columns: Columns) -> Fitted:
    if spec.model in OF_INSTRUMENTS:
        return beyond_2sls(spec, columns)
    if spec.iv:
        return _instruments(spec, columns)
    return _random(spec, columns) if spec.model == "random_effects" else _panel(study, spec, columns)


def _asked(spec: Spec, columns: Columns, small: str) -> str:
    """Keyword arguments of `fit` in linearmodels."""
    kind = spec.vcov.kind
    cov = {"iid": "unadjusted", "HC0": "robust", "HC1": "robust"}.get(kind, "clustered")
    clusters = f", clusters={codes(columns.clusters)}" if kind in CLUSTERED else ""
    return f'cov_type="{cov}"{clusters}{small}'


def _instruments(spec: Spec, columns: Columns) -> Fitted:
    x = regressors(spec, columns, "linearmodels")
    z = frame(columns.z)
    lines = list(x)
    if x:
        lines += [f"Z = {z}", "Z = independent(pd.concat([X, Z], axis=1)).drop(columns=X.columns)"]
    else:
        lines.append(f"Z = independent({z})")
    weights = f", weights={of_d(columns.weight)}" if columns.weight and not repeats_rows(spec) else ""
    model = f"IV2SLS({of_d(columns.outcome)}, {'X' if x else 'None'}, {frame(columns.endog)}, Z{weights})"
    own = has_dummies(spec, "linearmodels")
    if own:
        lines += ['X.columns = [n if isinstance(n, str) else f"dummy {n}" for n in X]', "Z.columns = list(Z.columns)"]
        lines.append(f'shown = [n for n in X if not n.startswith("dummy ")] + list({frame(columns.endog)})')
    pick = "[shown]" if own else ""
    kind, scale, clusters = spec.vcov.kind, factor_text(spec), columns.clusters
    ends = [f"b = fit.params{pick}", f"se = fit.std_errors{pick}"]
    small = spec.convention.small and spec.convention.iv_small
    if kind in BY_HAND:
        before = "np.column_stack([X, Z])" if x else "Z.to_numpy()"
        columns_of_both = f"np.column_stack([X, {frame(columns.endog)}])" if x else f"{frame(columns.endog)}.to_numpy()"
        root = f"np.sqrt({of_d(columns.weight)}.to_numpy())" if weights else ""
        hand = [
            "# the regressors as the instruments predict them",
            f"P = {f'{root}[:, None] * ' if root else ''}{before}",
            f"projected = P @ np.linalg.lstsq(P, {f'{root}[:, None] * ' if root else ''}{columns_of_both})[0]",
        ]
        resid = f"{root} * fit.resids" if root else "fit.resids"
        order = ["names = [*X, *fit.model.endog.cols]" if x else "names = fit.model.endog.cols"] if own else []
        chosen = "[[n in shown for n in names]]" if own else ""
        return Fitted(
            (*lines, f"fit = {model}.fit()", f"b = fit.params{pick}", *hand, *order,
             *by_hand(spec, columns, "projected", resid, chosen)), scaled=kind != "NW",
        )  # fmt: skip

    def fitted(debiased: bool, **how) -> Fitted:
        asked = _asked(spec, columns, ", debiased=True" if debiased else "")
        return Fitted((*lines, *call(f"fit = {model}.fit(", [asked], ")"), *ends), **how)

    if not small or not scale:
        return fitted(False, scaled=True)
    if kind in ("iid", "HC1") and scale == KN and not spec.formula.effects:
        return fitted(True, scaled=True)
    if len(clusters) < 2:
        native = not spec.formula.effects and scale == CLUSTER_FACTOR
        return fitted(native, scaled=native)
    loop = [
        "    groups = d.groupby(s).ngroup()",
        f'    fit = {model}.fit(cov_type="clustered", clusters=groups)',
        f"    parts.append(fit.std_errors{pick} ** 2)",
    ]
    return Fitted((*lines, *sets_of(clusters), *loop, f"b = fit.params{pick}"), parts=True)


def _random(spec: Spec, columns: Columns) -> Fitted:
    exact = spec.convention.swamy_arora == "exact"
    which = (
        "exact quadratic forms (Baltagi and Chang 1994), as plm"
        if exact
        else "with the harmonic mean of the periods, as Stata's xtreg, re"
    )
    index = f"[{py_string(columns.unit)}, {py_string(columns.time)}]"
    clusters = f", clusters=X[[]].assign({', '.join(f'g{i}={codes([c])}' for i, c in enumerate(columns.clusters))})"
    cov = '"unadjusted"' if spec.vcov.kind == "iid" else '"robust"' if spec.vcov.kind in ("HC0", "HC1") else '"clustered"'
    asked = [f"cov_type={cov}{clusters if columns.clusters else ''}", f"small_sample={exact}", "debiased=False"]
    return Fitted((
        f"d = d.set_index({index}, drop=False)",
        *regressors(spec, columns, "linearmodels"),
        f"# Swamy and Arora (1972); unbalanced panels {which}",
        *call(f"fit = RandomEffects({of_d(columns.outcome)}, X).fit(", asked, ")"),
        "b = fit.params",
        "se = fit.std_errors",
    ))  # fmt: skip


def _panel(study: Study, spec: Spec, columns: Columns) -> Fitted:
    """PanelOLS under its own convention."""
    unit, time = study.header.unit, study.header.time
    names = [e.name for e in spec.formula.effects]
    of_panel = bool(unit and time) and set(names) <= {unit, time}
    if of_panel:
        of_rows = ", ".join(f"data.loc[d.index, {py_string(name)}]" for name in (unit, time))
        index = f"d.index = pd.MultiIndex.from_arrays([{of_rows}])"
        effects = [{unit: "entity_effects=True", time: "time_effects=True"}[n] for n in names]
        options = ["low_memory=False"] if len(names) == 2 else []
    else:
        index = "d.index = pd.MultiIndex.from_product([range(len(d)), [0]])  # no panel: every row is a unit"
        given = ", ".join(f"f{i}=pd.factorize({of_d(e)})[0]" for i, e in enumerate(columns.effects))
        effects, options = [f"other_effects=d[[]].assign({given})"], ["use_lsdv=True"] if len(names) == 2 else []
    kind = spec.vcov.kind
    cov = {"iid": "unadjusted", "HC1": "robust"}.get(kind, "clustered")
    clusters = [f"clusters=d[[]].assign({', '.join(f'g{i}={codes([c])}' for i, c in enumerate(columns.clusters))})"]
    weights = [f"weights={of_d(columns.weight)}"] if columns.weight else []
    return Fitted((
        index,
        *call("model = PanelOLS(", [of_d(columns.outcome), frame(columns.x), *effects, *weights, "drop_absorbed=True"], ")"),
        *call("fit = model.fit(", [f'cov_type="{cov}"', *(clusters if columns.clusters else []), *options], ")"),
        "b = fit.params",
        "se = fit.std_errors",
    ), scaled=True)  # fmt: skip
