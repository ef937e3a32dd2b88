"""How strong an unobserved confounder must be to change a conclusion (Cinelli and Hazlett 2020, J. R. Statist. Soc. B 82).

A confounder's strength is two partial R2: with the treatment given the controls, and with the outcome given both. All
follows from the coefficient's homoskedastic t and its degrees of freedom; a clustered standard error changes none of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from parity.audit.sensitivity.partialled import Partialled, residual
from parity.conventions.formulas import critical_value
from parity.results.audit_sensitivity import Confounder, Confounding


def partial_r2(t: float, df: float) -> float:
    """t^2 / (t^2 + df)."""
    return t**2 / (t**2 + df)


def robustness_value(t: float, df: float, level: float | None = None, share: float = 1.0) -> float:
    """RV_q, or RV_{q,alpha} at a level of significance (equations 17 to 20): q the share of the estimate to take away.

    Where a confounder that explains nothing of the treatment would do already, the extreme of the outcome alone holds.
    """
    f = share * abs(t) / math.sqrt(df)
    critical = 0.0 if level is None else critical_value(df - 1, 1 - level) / math.sqrt(df - 1)
    net = f - critical
    if net <= 0:
        return 0.0
    if critical and f > 1 / critical:
        return (f**2 - critical**2) / (1 + f**2)
    return (math.sqrt(net**4 + 4 * net**2) - net**2) / 2


def adjusted(coef: float, se: float, df: float, r2_treatment: float, r2_outcome: float) -> tuple[float, float]:
    """Coefficient and standard error beside a confounder of this strength that works towards zero (equations 9 and 12)."""
    bias = se * math.sqrt(df) * math.sqrt(r2_outcome * r2_treatment / (1 - r2_treatment))
    return (
        math.copysign(1.0, coef) * (abs(coef) - bias),
        se * math.sqrt((1 - r2_outcome) / (1 - r2_treatment)) * math.sqrt(df / (df - 1)),
    )


def bounds(r2_treatment: float, r2_outcome: float, times: float) -> tuple[float, float] | None:
    """Both partial R2 of a confounder so many times as strong as a control with these (section 4.4); None if impossible."""
    own = times * r2_treatment / (1 - r2_treatment)
    between = (
        times * r2_treatment**2 / ((1 - times * r2_treatment) * (1 - r2_treatment)) if times * r2_treatment < 1 else 1.0
    )
    if own >= 1 or between >= 1:
        return None
    eta = (math.sqrt(times) + math.sqrt(between)) / math.sqrt(1 - between)
    return own, min(1.0, eta**2 * r2_outcome / (1 - r2_outcome))


def omitted(
    net: Partialled, benchmarks: Mapping[str, Sequence[str]] | None = None, times: Sequence[float] = (1.0, 2.0, 3.0),
    level: float = 0.05,
) -> Confounding:  # fmt: skip
    """benchmarks: name -> the controls that it stands for together; by default each control by itself.

    coef, se, t, df   homoskedastic
    partial_r2        of treatment with outcome: a confounder that explains all the rest of the outcome must explain so much
                      of the treatment to bring the estimate to zero
    robustness        RV: explaining so much of both brings it to zero; robustness_significant: to insignificance at `level`
    bounds            by control and multiple, adjusted at the worst; a multiple that no confounder can have is left out.
                      r2_treatment, r2_outcome: its partial R2 with the treatment, and at most with the outcome
    """
    left = residual(net.treatment[:, None], net.controls)[:, 0]
    size = float(left @ left)
    coef = float(left @ net.outcome) / size
    rest = residual(net.outcome[:, None], np.column_stack([net.treatment, net.controls]))[:, 0]
    ssr = float(rest @ rest)
    se = math.sqrt(ssr / net.df / size)
    t = coef / se
    found = []
    for name, controls in (benchmarks or {c: (c,) for c in net.names}).items():
        others = net.controls[:, [c not in controls for c in net.names]]
        before = residual(net.treatment[:, None], others)[:, 0]
        without = residual(net.outcome[:, None], np.column_stack([net.treatment, others]))[:, 0]
        of_treatment, of_outcome = 1 - size / float(before @ before), 1 - ssr / float(without @ without)
        for multiple in times:
            strength = bounds(max(of_treatment, 0.0), max(of_outcome, 0.0), multiple)
            if strength is None:
                continue
            b, s = adjusted(coef, se, net.df, *strength)
            half = critical_value(net.df, 1 - level) * s
            found.append(Confounder(
                control=name, times=multiple, r2_treatment=strength[0], r2_outcome=strength[1], coef=b, se=s,
                t=b / s if s else math.nan, low=b - half, high=b + half,
            ))  # fmt: skip
    return Confounding(
        coef=coef, se=se, t=t, df=net.df, level=level, partial_r2=partial_r2(t, net.df),
        robustness=robustness_value(t, net.df), robustness_significant=robustness_value(t, net.df, level),
        bounds=tuple(found),
    )  # fmt: skip
