"""The fit section of a script with statsmodels: OLS and WLS, fixed effects as dummies."""

from __future__ import annotations

from parity.conventions.profiles import CLUSTERED
from parity.export.py_by_hand import by_hand
from parity.export.py_columns import Columns
from parity.export.py_likelihood import likelihood_fit
from parity.export.py_model import BY_HAND, has_dummies, repeats_rows
from parity.export.py_outcomes import outcomes_fit
from parity.export.py_shared import CLUSTER_FACTOR, KN, Fitted, codes, of_d, regressors, sets_of
from parity.export.py_text import call
from parity.export.r_convention import factor_text
from parity.study.spec import Spec


def statsmodels_fit(spec: Spec, columns: Columns) -> Fitted:
    if spec.categorical:
        return outcomes_fit(spec, columns)
    if spec.likelihood:
        return likelihood_fit(spec, columns)
    weights = f", weights={of_d(columns.weight)}" if columns.weight and not repeats_rows(spec) else ""
    model = f"sm.{'WLS' if weights else 'OLS'}({of_d(columns.outcome)}, X{weights})"
    start = [
        *regressors(spec, columns, "statsmodels"),
        "size = X.abs().max()  # columns are brought to one size, and coefficients back: X'X would lose digits",
        "X = X / size",
    ]
    own = ["own = [isinstance(name, str) for name in X]  # not the dummies"] if has_dummies(spec, "statsmodels") else []
    pick = "[own]" if own else ""
    kind, clusters = spec.vcov.kind, columns.clusters
    scale, counted = factor_text(spec) if spec.convention.small else "", _counts_dummies(spec)
    back = f"b = (fit.params / size){pick}"
    ends = [*own, back, f"se = (fit.bse / size){pick}"]

    def fitted(asked: str, **how) -> Fitted:
        return Fitted((*start, *call(f"fit = {model}.fit(", [asked] if asked else [], ")"), *ends), **how)

    if kind in BY_HAND and (kind in ("HC4", "NW", "CR2", "CR3") or spec.formula.effects or weights):
        lines = [*start, f"fit = {model}.fit()", *own, back]
        root = f"np.sqrt({of_d(columns.weight)}.to_numpy())" if weights else ""
        exog = f"{root}[:, None] * X.to_numpy()" if weights else "X.to_numpy()"
        resid = f"{root} * fit.resid" if weights else "fit.resid"
        hand = [*by_hand(spec, columns, exog, resid, ""), f"se = (se / size){pick}"]
        hand += [f"df = df{pick}"] if spec.own_df and pick else []
        return Fitted((*lines, *hand), scaled=kind != "NW")
    if kind == "iid":
        native = scale == KN and counted
        return fitted("", scaled=native, unwanted="" if native else "N / fit.df_resid")
    if kind in ("HC0", "HC1", "HC2", "HC3"):
        native = kind != "HC1" or (scale == KN and counted)
        return fitted(f'cov_type="{kind if native else "HC0"}"', scaled=native)
    if kind == "DK":
        time = f"pd.factorize({of_d(columns.time)}, sort=True)[0]"
        kwds = f'cov_kwds={{"time": {time}, "maxlags": {spec.vcov.lags}, "use_correction": False}}'
        return fitted(f'cov_type="hac-groupsum", {kwds}')
    groups = codes(clusters)
    if len(clusters) == 2:
        start.append(f"groups = {groups}")
        groups = "groups"
    each = len(clusters) == 1 or spec.convention.cluster_groups == "each"
    if len(clusters) <= 2 and (kind == "CR0" or (scale == CLUSTER_FACTOR and each and counted)):
        correct = "" if kind == "CR1" else ', "use_correction": False'
        return fitted(f'cov_type="cluster", cov_kwds={{"groups": {groups}{correct}}}', scaled=True)
    if len(clusters) == 1 or (len(clusters) == 2 and not each):
        return fitted(f'cov_type="cluster", cov_kwds={{"groups": {groups}, "use_correction": False}}')
    loop = ['    groups = {"groups": d.groupby(s).ngroup(), "use_correction": False}',
            f'    fit = {model}.fit(cov_type="cluster", cov_kwds=groups)',
            f"    parts.append((fit.bse / size){pick} ** 2)"]  # fmt: skip
    return Fitted((*start, *own, *sets_of(clusters), *loop, back), parts=True)


def _counts_dummies(spec: Spec) -> bool:
    """Whether the declared K is the rank of all columns, dummies among them: statsmodels knows no other."""
    chosen, effects = spec.convention, len(spec.formula.effects)
    if not effects:
        return True
    kept = chosen.count_fixef if spec.vcov.kind in CLUSTERED else chosen.count_robust if spec.vcov.kind == "HC1" else "full"
    return kept == "full" and chosen.constant != "extra" and (effects == 1 or chosen.redundant == "exact")
