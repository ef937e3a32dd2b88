"""The part of a script in Python for logit, probit and Poisson: statsmodels, fixed effects as dummies."""

from __future__ import annotations

from parity.conventions.profiles import CLUSTERED
from parity.export.py_columns import Columns
from parity.export.py_model import frequency
from parity.export.py_shared import Fitted, of_d, regressors, sets_of
from parity.export.py_text import call, py_list, py_string
from parity.export.r_sample import drops_singletons
from parity.study.spec import Spec

_MODELS = {"logit": "Logit", "probit": "Probit", "poisson": "Poisson"}
_FAMILIES = {
    "logit": "sm.families.Binomial()", "probit": "sm.families.Binomial(sm.families.links.Probit())",
    "poisson": "sm.families.Poisson()",
}  # fmt: skip


def usable_rows(spec: Spec, columns: Columns) -> list[str]:
    """From the rows that have every value to those that the likelihood can use, without singletons where they go."""
    counts = spec.model == "poisson"
    if counts and not columns.effects:
        return []
    x = f"[{', '.join(i if not i.startswith('*') else f'{i}.columns' for i in columns.x)}]"
    kept = "above_zero" if counts else "usable"
    used = call(f"d = {kept}(", ["d", py_string(columns.outcome), *([] if counts else [x]), py_list(columns.effects)], ")")
    if not drops_singletons(spec):
        return used
    count = f", {py_string(columns.weight)}" if frequency(spec) else ""
    return [
        "n = 0",
        "while len(d) != n:  # without a row that stood alone, the rest of a level may be predicted",
        *(f"    {line}" for line in used),
        "    n = len(d)",
        f"    d = not_alone(d, {py_list(columns.effects)}{count})",
    ]


def likelihood_fit(spec: Spec, columns: Columns) -> Fitted:
    """Scores and second derivatives are the package's own; the sandwich of them is written out."""
    expected = spec.model == "probit" and spec.convention.information == "expected"
    lines = [
        *regressors(spec, columns, "statsmodels"),
        "size = X.abs().max()  # columns are brought to one size, and coefficients back: products would lose digits",
        "X = X / size",
    ]
    beside = [f"offset={of_d(columns.offset)}"] if columns.offset else []
    if spec.weights or expected:
        kind = "freq_weights" if frequency(spec) else "var_weights"
        beside = [*([f"{kind}={of_d(columns.weight)}"] if columns.weight else []), *beside]
        lines += call("model = sm.GLM(", [of_d(columns.outcome), "X", f"family={_FAMILIES[spec.model]}", *beside], ")")
        lines.append('fit = model.fit(tol=1e-15, tol_criterion="params", maxiter=500)')
        seen = f", observed={not expected}"
    else:
        lines += call(f"model = sm.{_MODELS[spec.model]}(", [of_d(columns.outcome), "X", *beside], ")")
        lines.append('fit = model.fit(method="newton", tol=1e-10, maxiter=100, disp=0)')
        seen = ""
    said = "  # a probit's observed one" if spec.model == "probit" and not expected else ""
    lines += [
        "at = fit.params.to_numpy()",
        f"bread = np.linalg.inv(-model.hessian(at{seen}))  # the inverse information{said and said.removeprefix('  #')}",
    ]
    pick = "[own]" if columns.effects else ""
    if pick:
        lines.append("own = [isinstance(name, str) for name in X]  # not the dummies")
    ends = [f"b = (fit.params / size){pick}"]
    if spec.vcov.kind == "iid":
        return Fitted((*lines, *ends, f"se = (np.sqrt(np.diag(bread)) / size){pick}"))
    lines.append("scores = model.score_obs(at)")
    if spec.vcov.kind not in CLUSTERED:
        if frequency(spec):
            lines.append(
                f"scores = scores / np.sqrt({of_d(columns.weight)}.to_numpy())[:, None]  # a row of weight w is w rows"
            )
        return Fitted((*lines, "V = bread @ scores.T @ scores @ bread", *ends, f"se = (np.sqrt(np.diag(V)) / size){pick}"))
    summed = "sums = pd.DataFrame(scores).groupby(d.groupby({}).ngroup().to_numpy()).sum().to_numpy()"
    if len(columns.clusters) == 1:
        lines.append(summed.format(f"[{py_string(columns.clusters[0])}]"))
        return Fitted((*lines, "V = bread @ sums.T @ sums @ bread", *ends, f"se = (np.sqrt(np.diag(V)) / size){pick}"))
    loop = [f"    {summed.format('s')}", f"    parts.append((np.diag(bread @ sums.T @ sums @ bread) / size**2){pick})"]
    return Fitted((*lines, *sets_of(columns.clusters), *loop, *ends), parts=True)
