"""How strong selection on unobserved variables must be to explain an estimate (Oster 2019, JBES 37).

With b and R for the treatment alone (b0, R0) and beside the controls (b1, R1), s_y and s_x the variances of outcome and
treatment, t that of the treatment net of the controls, and v = b1 - beta the bias that is left, her proposition 3 says

  delta = v t S1 / (S_x S2),  S1 = (R1 - R0) s_y - v^2 t + (b0 - b1 + v)^2 s_x,
                              S2 = (Rmax - R1) s_y + v^2 t,  S_x = s_x (b0 - b1) + v (s_x - t)

S1 and S2 are the variances of the indices of observed and unobserved variables, S_x the covariance of the observed one with
the treatment. Given beta it is delta; given delta a cubic in v, whose real roots are all found. Everything is net of the
fixed effects and of controls that are unrelated to the selection, which stand in every regression (`mcontrols` of psacalc).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from parity.audit.sensitivity.partialled import Partialled, residual
from parity.base.tolerance import REAL_ROOT
from parity.results.audit_sensitivity import OsterBound

#: Rmax as a multiple of R1, where none is given (Oster 2019, section 4.3).
RMAX = 1.3


def oster(
    net: Partialled, *, rmax: float | None = None, at: float = 1.0, beta: float = 0.0, unrelated: Sequence[str] = ()
) -> OsterBound:  # fmt: skip
    """rmax: R2 were everything observed, by default the smaller of 1 and `RMAX` times R1; at: the delta to bound with.

    delta       how much more selection on unobserved than on observed variables gives `beta`; NaN if no amount does
    bounded     the coefficient at selection of `at`; NaN where the cubic has no admissible root
    roots       all real roots, the admissible one nearest to the controlled coefficient being `bounded`
    uncontrolled, controlled, r2_uncontrolled, r2_controlled, rmax   b0, b1, R0, R1 and Rmax: shares of the variance of the
                outcome net of effects and unrelated controls

    Raises `ValueError` where there is no related control, or rmax is below R1.
    """
    related = [name not in unrelated for name in net.names]
    if not any(related):
        raise ValueError("without a control there is nothing that selection on observed variables could be read from")
    always, controls = net.controls[:, ~np.array(related)], net.controls[:, related]
    y, x, *rest = residual(np.column_stack([net.outcome, net.treatment, controls]), always).T
    w = np.array(rest).T
    s_y, s_x = float(y @ y), float(x @ x)  # the common divisor of all variances cancels
    left = residual(x[:, None], w)[:, 0]
    t = float(left @ left)
    b0, b1 = float(x @ y) / s_x, float(left @ y) / t
    r0 = b0**2 * s_x / s_y
    full = residual(y[:, None], np.column_stack([x, w]))[:, 0]
    r1 = 1 - float(full @ full) / s_y
    top = min(1.0, RMAX * r1) if rmax is None else rmax
    if not r1 <= top <= 1:
        raise ValueError(f"rmax is {top:.4g}, and must lie between R2 with the controls, {r1:.4g}, and 1")
    gap, shift, explained = (top - r1) * s_y, b0 - b1, (r1 - r0) * s_y
    v = b1 - beta
    above = v * t * (explained - v**2 * t + (shift + v) ** 2 * s_x)
    below = (s_x * shift + v * (s_x - t)) * (gap + v**2 * t)
    cubic = [
        (at - 1) * t * (s_x - t),
        (at - 2) * t * s_x * shift,
        at * gap * (s_x - t) - t * explained - t * s_x * shift**2,
        at * gap * s_x * shift,
    ]
    biases = _real_roots(cubic)
    # her assumption 3: the bias doesn't turn the sign of the covariance of treatment and observed index
    fits = [r for r in biases if (s_x * shift + r * (s_x - t)) * shift > 0]
    bounded = b1 - min(fits, key=abs) if fits else float("nan")
    return OsterBound(
        delta=above / below if below else float("nan"), beta=beta, at=at, bounded=bounded,
        roots=tuple(sorted(b1 - r for r in biases)), uncontrolled=b0, controlled=b1, r2_uncontrolled=r0, r2_controlled=r1,
        rmax=top,
    )  # fmt: skip


def _real_roots(cubic: Sequence[float]) -> list[float]:
    """Of a polynomial whose leading coefficients may vanish, scaled so that its roots are of order one."""
    a = np.array(cubic)
    if not a.any():
        return []
    roots = np.roots(np.trim_zeros(a, "f"))
    real = roots[np.abs(roots.imag) <= REAL_ROOT * np.abs(roots)].real
    return [float(r) for r in real]
