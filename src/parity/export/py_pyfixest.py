"""The fit section of a script with pyfixest: feols, with its own factor where it has the declared one."""

from __future__ import annotations

import textwrap

from parity.conventions.profiles import CLUSTERED, PROFILES
from parity.export.py_columns import Columns
from parity.export.py_model import frequency
from parity.export.py_shared import CLUSTER_FACTOR, KN, Fitted, sets_of
from parity.export.py_text import call
from parity.export.r_convention import factor_text
from parity.study.spec import Spec


def pyfixest_fit(spec: Spec, columns: Columns) -> Fitted:
    scaled, ssc = _ssc(spec)
    kind, clusters = spec.vcov.kind, columns.clusters
    varies = any(i.startswith("*") for i in (*columns.x, *columns.endog, *columns.z))
    lines: list[str] = []

    def plus(items: list[str]) -> str:
        if not any(i.startswith("*") for i in items):
            return " + ".join(i[1:-1] for i in items)
        return f"{{' + '.join([{', '.join(i.replace(chr(34), chr(39)) for i in items)}])}}"

    parts = [f"{columns.outcome} ~ {plus(columns.x) or '1'}", *([" + ".join(columns.effects)] if columns.effects else [])]
    if spec.iv:
        parts.append(f"{plus(columns.endog)} ~ {plus(columns.z)}")
    text = " | ".join(parts)
    formula = f'{"f" if varies else ""}"{text}"'
    if len(text) > 100 and not varies:
        lines += ["formula = (", *(f'    "{part}"' for part in _broken(text)), ")"]
        formula = "formula"
    options = (
        [f'weights="{columns.weight}", weights_type="{"fweights" if frequency(spec) else "aweights"}"']
        if columns.weight
        else []
    )
    if not spec.formula.intercept and not columns.effects:
        options.append("drop_intercept=True")
    if columns.effects:
        if spec.convention.singletons == "keep":
            options.append('fixef_rm="none"')
        # pyfixest's first stage fails with a preconditioner where a singleton is kept
        off = ', preconditioner="off"' if spec.iv else ""
        lines.append(f"tight = pf.LsmrDemeaner(fixef_atol=1e-12, fixef_btol=1e-12, fixef_maxiter=100_000{off})")
        options.append("demeaner=tight")
    asked = _vcov(spec, columns)
    ends = ["b = fit.coef()", "se = fit.se()"]
    several = kind in CLUSTERED and len(clusters) > 1
    if several and not (scaled and len(clusters) == 2):
        ssc = "ssc=pf.ssc(k_adj=False, G_adj=False)"
        note, sets, _ = sets_of(clusters)
        lines += [
            note,
            sets.replace("sets, parts", "sets").removesuffix(", []"),
            "for j, s in enumerate(sets):",
            '    d[f"cluster_{j}"] = d.groupby(s).ngroup()',
            *call("fit = pf.feols(", [formula, "data=d", *options, ssc], ")"),
            "b = fit.coef()",
            'parts = [fit.vcov({"CRV1": f"cluster_{j}"}).se() ** 2 for j in range(len(sets))]',
        ]
        return Fitted(tuple(lines), parts=True)
    options += [*([] if kind == "DK" else [asked]), *([ssc] if ssc else [])]
    if kind == "DK":  # asked for after the fit: a first stage doesn't take its arguments
        rows = f'pd.factorize(d["{columns.unit}"])[0]' if columns.unit else "range(len(d))"
        lines.append(f'd["panel_code"] = {rows}  # pyfixest takes numbers here')
        lines.append(f'd["time_code"] = pd.factorize(d["{columns.time}"], sort=True)[0]')
        ends = [f"fit.vcov({asked})", *ends]
    lines += [*call("fit = pf.feols(", [formula, "data=d", *options], ")"), *ends]
    unwanted = "N / (N - 1)" if kind == "iid" and not scaled else ""  # pyfixest divides by N - 1 without its factor
    return Fitted(tuple(lines), scaled=scaled, unwanted=unwanted)


def _broken(text: str) -> list[str]:
    """A formula in pieces of one line each; joined they are the formula."""
    pieces = textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False)
    return [piece + (" " if i < len(pieces) - 1 else "") for i, piece in enumerate(pieces)]


def _vcov(spec: Spec, columns: Columns) -> str:
    kind = spec.vcov.kind
    if kind in CLUSTERED:
        return f'vcov={{"CRV1": "{" + ".join(columns.clusters)}"}}'
    if kind == "DK":
        return f'"DK", vcov_kwargs={{"time_id": "time_code", "panel_id": "panel_code", "lag": {spec.vcov.lags}}}'
    return f'vcov="{"HC1" if kind in ("HC0", "HC1") else kind}"'


def _ssc(spec: Spec) -> tuple[bool, str]:
    """Whether pyfixest can apply the declared factor itself, and the argument that asks for it (empty: its default)."""
    chosen, kind, scale = spec.convention, spec.vcov.kind, factor_text(spec)
    effects, off = len(spec.formula.effects), "ssc=pf.ssc(k_adj=False, G_adj=False)"
    large = not chosen.small or (spec.iv and not chosen.iv_small)
    if large or not scale:
        return kind != "iid", off
    if effects and chosen.constant == "extra":  # no option counts one more
        return False, off
    if kind in ("iid", "HC1"):
        counted = kind == "iid" or chosen.count_robust == "full"
        native = scale == KN and counted and (effects < 2 or chosen.redundant == "levels")
        return (True, "" if chosen.count_fixef == "nonnested" else 'ssc=pf.ssc(k_fixef="full")') if native else (False, off)
    if kind == "DK":
        native = chosen == PROFILES["fixest"]
        return (True, "") if native else (False, off)
    # beside two fixed effects pyfixest's count depends on the order of a set of strings (up to 0.60), so it isn't asked
    if effects > 1 or scale != CLUSTER_FACTOR or chosen.count_fixef == "linearmodels":
        return False, off
    count = {"full": "full", "none": "none"}.get(chosen.count_fixef, "nonnested")
    groups = "min" if chosen.cluster_groups == "min" or len(spec.vcov.cluster) == 1 else "conventional"
    given = [f'k_fixef="{count}"'] if effects and count != "nonnested" else []
    given += ['G_df="conventional"'] if groups == "conventional" else []
    return True, f"ssc=pf.ssc({', '.join(given)})" if given else ""
