"""Spatial models of a study (`[spatial.NAME]`), held against R's: one record each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.analyses.conventions import Convention, Shown, other_values
from parity.analyses.in_parts import Found, Nothing
from parity.analyses.of_section import OfSection
from parity.base.errors import Unestimable
from parity.base.tolerance import EXACT, P_SCALE, WALD
from parity.compare.agree import Numbers, by_term
from parity.results.record import Comparison
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from parity.analyses.spatial.sample import Sample

_STANDARDISE = {
    "row": ("Each row of W sums to one.", 'spdep, nb2listw(style = "W")'),
    "spectral": ("W is divided by its largest eigenvalue.", "Stata, spmatrix create's default"),
    "none": ("W is taken as it is, not standardised.", ""),
}
_DIAGONAL = {
    "ones": ("W has ones on its diagonal: every unit is a neighbour of itself.", "distances of zero, turned into weights"),
    "dropped": ("The diagonal of W is set to zero.", ""),
}
_EFFECTS = {
    "none": ("No fixed effects are removed.", ""),
    "unit": ("Fixed effects of units alone are removed.", ""),
    "time": ("Fixed effects of periods alone are removed.", ""),
    "both": ("Fixed effects of units and of periods are removed.", ""),
}
_TRANSFORMATION = {
    "within": ("The likelihood has all N T demeaned rows.", "Elhorst (2003); R's splm"),
    "orthonormal": (
        "The likelihood has the rows that the effects leave, by an orthonormal transformation.",
        "Lee and Yu (2010); Stata's spxtregress and xsmle, type(ind, leeyu)",
    ),
}
_INFORMATION = {
    "expected": ("Standard errors are of the expected information.", "splm; Elhorst's programs"),
    "observed": ("Standard errors are of the Hessian at the maximum.", "Stata's xsmle; optimisers' BFGS Hessian"),
}
_MORAN = {
    "randomisation": ("The variance of Moran's I is under randomisation.", "spdep, moran.test's default"),
    "normality": ("The variance of Moran's I is under normality.", "spdep, randomisation = FALSE; esda, z_norm"),
}
_LOCAL = {
    "conditional": ("Local moments are conditional on the unit's own value.", "Sokal, Oden and Thomson (1998); spdep"),
    "total": ("Local moments are over all units.", "Anselin (1995); spdep, conditional = FALSE"),
}  # fmt: skip
_SETTINGS = {
    "standardise": _STANDARDISE, "diagonal": _DIAGONAL, "effects": _EFFECTS, "transformation": _TRANSFORMATION,
    "information": _INFORMATION, "moran": _MORAN, "local": _LOCAL,
}  # fmt: skip
#: Quantities whose numbers are judged on the larger of themselves and their standard errors.
_WITH_SE = {"coef": "se", "direct": "direct se", "indirect": "indirect se", "total": "total se"}
EFFECTS = ("direct", "indirect", "total")


class SpatialModels(OfSection):
    section = "spatial"

    def part(self, study: Study, frame: pd.DataFrame, settings: Any) -> Sample:
        from parity.analyses.spatial.sample import sample_of

        return sample_of(study, frame, settings)

    def conventions(self, study: Study, name: str) -> Iterator[Convention]:
        given = self.settings(study, name)
        part = next((p for n, p in self.parts(study) if n == name and not isinstance(p, Nothing)), None)
        s = given if part is None else given.model_copy(update={"effects": part.effects})
        for key, said in _SETTINGS.items():
            yield from other_values(s, key, said)
        yield _ONE_SIDED
        text = "The local I_i divide by the variance with N - 1."
        yield Convention("local-over-n-1", text, "I_i (N - 1)/N", "Python's esda, Moran_Local", edit=_of_n_less_one)

    def find(self, part: Sample) -> Found:
        from parity.analyses.spatial.about import in_a_line, in_words
        from parity.analyses.spatial.likelihood import ends

        found = spatial(part)
        return Found(found, found, (*part.notes, in_a_line(part)), about=in_words(part, ends(part.w)[1:]))

    def ask_r(self, part: Sample, folder: Path) -> dict[str, Any]:
        from parity.analyses.spatial.r import spatial_in_r

        return spatial_in_r(part)

    def compare(self, part: Sample, answer: Mapping[str, Any], found: Found) -> Comparison:
        return compare_spatial(answer, found.own)


def _of_n_less_one(of: Shown) -> Shown:
    units = of["rows", "units"]
    return {k: v * (units - 1.0) / units if k[0] == "local" else v for k, v in of.items()}


def _one_sided(of: Shown) -> Shown:
    """P of Moran's I against the greater alone, from its z."""
    from scipy.special import ndtr

    sided = {"moran p": "moran z", "local p": "local z"}
    return {k: float(ndtr(-of[sided[k[0]], k[1]])) if k[0] in sided else v for k, v in of.items()}


_ONE_SIDED = Convention(
    "moran-one-sided", "The p of Moran's I are against the greater alone.", "p = 1 - Phi(z)",
    "spdep, moran.test's default alternative", edit=_one_sided,
)  # fmt: skip


def spatial(s: Sample) -> dict[str, dict[str, float]]:
    """Every number of the analysis: quantity -> term -> number. Raises `Unestimable`.

    coef, se, z, p   of regressors, `W x`, rho or lambda, sigma2 (no z and p)
    direct ...       of regressors, in lag and Durbin models, with se, z and p
    likelihood, rows of the model; lm of the one without W; wald, lr of a Durbin model; moran and local of a column
    """
    from parity.analyses.spatial.effects import effects
    from parity.analyses.spatial.information import covariance
    from parity.analyses.spatial.likelihood import maximised, space_of
    from parity.analyses.spatial.moran import moran
    from parity.analyses.spatial.tests import multipliers, of_one, restrictions

    durbin = s.settings.model == "durbin"
    space = space_of(s, durbin=durbin)
    plain = space.of_own() if durbin else space
    fit = maximised(space, "error" if s.settings.model == "error" else "lag")
    cov = covariance(fit)
    own = "lambda" if fit.kind == "error" else "rho"
    at = slice(len(fit.b) - len(space.names), None)
    terms = [*space.names, own, "sigma2"]
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(np.diag(cov)[at])
    if not np.isfinite(errors).all():
        raise Unestimable("the information at the maximum is not positive definite: there are no standard errors")
    coef = dict(zip(terms, [*fit.own.tolist(), fit.p, fit.s2], strict=True))
    se = dict(zip(terms, errors.tolist(), strict=True))
    out = {"coef": coef, "se": se} | _tested(coef, se, "", terms[:-1])
    if fit.kind == "lag":
        found = effects(fit, cov)
        for i, of in enumerate(EFFECTS):
            out[of] = {x: v[i] for x, v in found.estimate.items()}
            out[f"{of} se"] = {x: v[i] for x, v in found.se.items()}
            out |= _tested(out[of], out[f"{of} se"], f"{of} ", list(out[of]))
    out["likelihood"] = {"": fit.likelihood}
    out["rows"] = {"rows": float(len(s.y)), "counted": float(space.n), "units": float(len(s.units)),
                   "periods": float(len(s.periods))}  # fmt: skip
    lm = multipliers(plain)
    out |= {"lm": lm, "lm p": of_one(lm)}
    if durbin:
        out |= restrictions(fit, cov, plain)
    return out | moran(s)


def _tested(
    coef: Mapping[str, float], se: Mapping[str, float], of: str, terms: Sequence[str]
) -> dict[str, dict[str, float]]:
    from scipy.special import ndtr

    z = np.array([coef[t] / se[t] for t in terms])
    return {
        f"{of}{name}": dict(zip(terms, values.tolist(), strict=True))
        for name, values in (("z", z), ("p", 2.0 * ndtr(-np.abs(z))))
    }


def compare_spatial(answer: Numbers, found: Numbers) -> Comparison:
    """An estimate on the larger of itself and its standard error, a likelihood on its rows, a statistic on at least one."""
    counted = max((v for v in found.get("rows", {}).values() if v is not None), default=1.0)

    def size(quantity: str, term: str, ours: float | None) -> float:
        if quantity == "rows":
            return 0.0
        if quantity == "likelihood":
            return max(abs(ours or 0.0), counted)
        if quantity in _WITH_SE:
            return max(abs(ours or 0.0), abs(found[_WITH_SE[quantity]].get(term) or 0.0))
        if quantity == "se" or quantity.endswith(" se"):
            return abs(ours or 0.0)
        if quantity == "p" or quantity.endswith(" p"):
            # an error of z moves p by z times as much of itself, one of chi² by half
            tested = quantity.removesuffix("p")
            at = found.get(f"{tested}z", found.get(tested.strip(), {})).get(term) or 0.0
            by = at * at if f"{tested}z" in found else abs(at)
            return max((ours or 0.0) * max(1.0, by), P_SCALE)
        return max(1.0, abs(ours or 0.0))

    return by_term(answer, found, size, lambda quantity: WALD if quantity in ("wald", "wald p") else EXACT)


ANALYSIS = SpatialModels()
