"""What of a design can be estimated: columns that others determine go, and what is left must have an estimate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from parity.algebra.collinear import Independence
from parity.base.errors import Unestimable
from parity.base.tolerance import COLLINEAR
from parity.sample.partialled_out import PartialledOut, partial_out

if TYPE_CHECKING:
    from parity.sample.design import Design


def identified(design: Design, outcome: str) -> tuple[Design, PartialledOut, tuple[str, ...], str]:
    """Leave out regressors that the fixed effects, the intercept or earlier regressors determine.

    Returns the design and its columns net of effects or intercept, what was left out, and how the outcome is determined
    exactly ("" if it isn't).
    """
    partialled, (n_x, n_endog) = partial_out(design), (design.x.shape[1], design.endog.shape[1])
    independence = Independence(partialled.columns, partialled.before)
    x, endog, z = np.split(np.arange(1, partialled.columns.shape[1]), [n_x, n_x + n_endog])
    keep_x, keep_endog = np.split(independence.of([*x, *endog]), [n_x])
    # an instrument may be a sum of endogenous columns (age, of schooling and experience): only regressors rule it out
    keep_z = independence.of([*x, *z])[n_x:]
    mask = np.concatenate([keep_x, keep_endog, keep_z])
    names = np.array(design.x_names + design.endog_names + design.z_names, dtype=object)
    dropped = tuple(names[~mask])
    if not keep_endog.all():
        lost = np.array(design.endog_names, dtype=object)[~keep_endog]
        raise Unestimable(f"the endogenous `{lost[0]}` is collinear with the fixed effects or regressors")
    if design.endog.shape[1] > keep_z.sum():
        raise Unestimable(f"{keep_z.sum()} instruments are left for {design.endog.shape[1]} endogenous columns")
    if not keep_x.any() and not design.endog.shape[1] and not design.intercept:
        raise Unestimable(f"every regressor is absorbed or collinear: {', '.join(map(str, dropped))}")
    determined = _determined(design, outcome, independence, [*x[keep_x], *endog, 0])
    partialled = partialled.keep(mask)
    if n_endog:
        _check_identified(partialled.columns[:, 1:], int(keep_x.sum()), n_endog)
    if mask.all():
        return design, partialled, dropped, determined
    x_names = tuple(n for n, k in zip(design.x_names, keep_x, strict=True) if k)
    z_names = tuple(n for n, k in zip(design.z_names, keep_z, strict=True) if k)
    kept = replace(design, x=design.x.T[keep_x].T, x_names=x_names, z=design.z.T[keep_z].T, z_names=z_names)
    return kept, partialled, dropped, determined


def _determined(design: Design, name: str, independence: Independence, at: list[int]) -> str:
    """Where nothing is left to explain, every standard error is rounding noise and no two engines could agree on it.

    at: places of x, endog and y among the columns, the fixed effects or the intercept taken out
    """
    if not independence.of(at[-1:])[0]:
        return f"the outcome `{name}` is constant" + (" within the fixed effects" if design.effects else "")
    if not independence.of(at)[-1]:
        return f"the regressors determine the outcome `{name}` exactly: no residual is left"
    return ""


def _check_identified(left: np.ndarray, n_x: int, n_endog: int) -> None:
    """The instruments must move the endogenous columns: what they explain of them has full rank.

    left: independent columns of x, endog and z, the fixed effects or the intercept taken out.
    """
    unit = left / np.linalg.norm(left, axis=0)
    x, endog, z = unit[:, :n_x], unit[:, n_x : n_x + n_endog], unit[:, n_x + n_endog :]
    basis = np.linalg.qr(np.hstack([x, z]))[0][:, n_x:]
    if np.linalg.svd(basis.T @ endog, compute_uv=False)[-1] <= COLLINEAR:
        raise Unestimable("the instruments are uncorrelated with the endogenous columns: nothing is identified")
