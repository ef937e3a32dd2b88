"""The fit section of a script with linearmodels beyond IV2SLS: IVLIML (LIML, Fuller, k-class) and IVGMM."""

from __future__ import annotations

from dataclasses import replace

from parity.conventions.profiles import CLUSTERED
from parity.export.py_columns import Columns
from parity.export.py_model import repeats_rows
from parity.export.py_shared import Fitted, codes, frame, of_d, regressors, sets_of
from parity.export.py_text import call, py_string
from parity.study.models import K_CLASS
from parity.study.spec import Spec

#: linearmodels' names of what moments are weighted by.
_WEIGHTS = {"iid": "unadjusted", "robust": "robust", "cluster": "clustered"}


def _without_effects(spec: Spec) -> Spec:
    return spec.model_copy(update={"formula": replace(spec.formula, effects=())})


def beyond_2sls(spec: Spec, columns: Columns) -> Fitted:
    """Asked without its own factor: `debiased=False`."""
    x = regressors(_without_effects(spec), columns, "linearmodels")
    lines = [*x, f"E = {frame(columns.endog)}", f"Z = {frame(columns.z)}"]
    y = of_d(columns.outcome)
    if columns.effects:
        weight = f", {of_d(columns.weight)}" if columns.weight and not repeats_rows(spec) else ""
        lines += [
            f"D = indicators(d, [{', '.join(map(py_string, columns.effects))}])  # columns net of the fixed effects",
            *(f"{n} = net({n}, D{weight})" for n in (["X", "E", "Z"] if x else ["E", "Z"])),
            f"y = net({y}.to_frame(), D{weight}).iloc[:, 0]",
            *(["X = independent(X)"] if x else []),
        ]
        y = "y"
    both = "independent(pd.concat([X, Z], axis=1)).drop(columns=X.columns)" if x else "independent(Z)"
    lines += [f"Z = {both}", "# columns are brought to one size, and coefficients back: products would lose digits"]
    lines.append(f"size = {'pd.concat([X, E], axis=1)' if x else 'E'}.abs().max()")
    lines += ["X = X / X.abs().max()"] if x else []
    lines.append("E, Z = E / E.abs().max(), Z / Z.abs().max()")
    given = [y, "X" if x else "None", "E", "Z"]
    given += [f"weights={of_d(columns.weight)}"] if columns.weight and not repeats_rows(spec) else []
    asked = "debiased=False"
    if spec.model in K_CLASS:
        name = "IVLIML"
        given.append(f"kappa={spec.kappa!r}" if spec.model == "kclass" else f"fuller={spec.fuller_alpha!r}")
    else:
        name = "IVGMM"
        given.append(f'weight_type="{_WEIGHTS[spec.moment_weight]}"')
        given += ["center=True"] if spec.convention.centred == "yes" else []
        if spec.moment_weight == "cluster":
            given.append(f"clusters={codes(columns.clusters)}")
        steps = 2_000 if spec.moment_steps == "iterated" else spec.moment_steps
        asked = f"iter_limit={steps}, tol=1e-22, {asked}"
    lines += call(f"model = {name}(", given, ")")
    kind = spec.vcov.kind
    ends = ["b = fit.params / size", "se = fit.std_errors / size"]
    if kind not in CLUSTERED:
        cov = "unadjusted" if kind == "iid" else "robust"
        return Fitted((*lines, *call("fit = model.fit(", [f'cov_type="{cov}"', asked], ")"), *ends))
    if len(columns.clusters) == 1:
        clusters = f'cov_type="clustered", clusters={codes(columns.clusters)}'
        return Fitted((*lines, *call("fit = model.fit(", [clusters, asked], ")"), *ends))
    loop = [
        f'    fit = model.fit(cov_type="clustered", clusters=d.groupby(s).ngroup(), {asked})',
        "    parts.append((fit.std_errors / size) ** 2)",
    ]
    return Fitted((*lines, *sets_of(columns.clusters), *loop, ends[0]), parts=True)
