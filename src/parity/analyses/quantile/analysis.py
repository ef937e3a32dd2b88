"""Quantile regressions of a study (`[quantile.NAME]`), held against R's: one record each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.analyses.conventions import Convention, Shown, other_values
from parity.analyses.in_parts import Found
from parity.analyses.of_columns import Numbers
from parity.analyses.of_section import OfSection
from parity.base.tolerance import EXACT, ITERATIVE, P_SCALE
from parity.compare.agree import comparison, hold, known
from parity.results.record import Comparison
from parity.study.analyses.quantile import quartiles_of
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from parity.analyses.quantile.sample import Sample

_BANDWIDTHS = {
    "hall-sheather": ("The bandwidth is Hall's and Sheather's.", "quantreg, Stata and statsmodels by default"),
    "bofinger": ("The bandwidth is Bofinger's, with phi(z).", "quantreg, hs = FALSE"),
    "bofinger-stata": ("The bandwidth is Bofinger's, with phi(2 z) for phi(z).", "Stata and statsmodels, bofinger"),
    "chamberlain": ("The bandwidth is Chamberlain's.", "Stata and statsmodels, chamberlain"),
}
_QUARTILES = {
    "linear": ("The kernel's width has R's quartiles.", "quantreg and statsmodels"),
    "averaged": ("The kernel's width has Stata's quartiles.", "Stata, qreg, vce(, kernel)"),
}
#: Settings that programs have together: id -> settings, text, whose.
_PROGRAMS: Mapping[str, tuple[dict[str, str], str, str]] = {
    "quantile-iid": ({"errors": "iid", "density": "fitted"},
                     "Errors are iid, with a density by fitted values.", "Stata, qreg by default"),
    "quantile-iid-residuals": ({"errors": "iid", "density": "residuals"},
                               "Errors are iid, with a density by quantiles of residuals.",
                               "Stata, qreg, vce(iid, residual)"),
    "quantile-iid-kernel": ({"errors": "iid", "density": "kernel", "kernel": "epanechnikov"},
                            "Errors are iid, with a density by a kernel.", "Stata, qreg, vce(iid, kernel)"),
    "quantile-nid": ({"errors": "robust", "density": "fitted"},
                     "Errors are robust, with densities by fitted values.",
                     "quantreg, se = \"nid\"; Stata, qreg, vce(robust)"),
    "quantile-ker": ({"errors": "robust", "density": "kernel", "kernel": "gaussian"},
                     "Errors are robust, with densities by a Gaussian kernel (Powell).", "quantreg, se = \"ker\""),
    "quantile-robust-epanechnikov": ({"errors": "robust", "density": "kernel", "kernel": "epanechnikov"},
                                     "Errors are robust, with densities by Epanechnikov's kernel.",
                                     "Stata, qreg, vce(robust, kernel)"),
    "quantile-cluster": ({"errors": "cluster"}, "Errors are clustered.", "Parente and Santos Silva (2016)"),
}  # fmt: skip
_METHODS = {
    "canay": ("Fixed effects are taken out beforehand, as least squares finds them.", "Canay (2011)"),
    "moments": ("Fixed effects are of location and of scale.", "Machado and Santos Silva (2019); Stata, xtqreg, mmqreg"),
}


class QuantileRegressions(OfSection):
    section = "quantile"

    def part(self, study: Study, frame: pd.DataFrame, settings: Any) -> Sample:
        from parity.analyses.quantile.sample import sample_of

        return sample_of(study, frame, settings)

    def conventions(self, study: Study, name: str) -> Iterator[Convention]:
        """Other bandwidths, densities and kinds of errors; another way with the effects, and none at all."""
        s = self.settings(study, name)
        spec = study.spec(s.spec)
        for id, (change, text, source) in _PROGRAMS.items():
            other = s.model_copy(update=change)
            iid_of_moments = s.method == "moments" and change["errors"] == "iid"
            clusters = len(spec.vcov.cluster) != 1 and change["errors"] == "cluster"
            if other != s and not iid_of_moments and not clusters:
                yield Convention(id, text, ", ".join(f"{k} = {v!r}" for k, v in change.items()), source, settings=other)
        yield from other_values(s, "bandwidth", _BANDWIDTHS)
        if s.density == "kernel":
            yield from other_values(s.model_copy(update={"quartiles": quartiles_of(s)}), "quartiles", _QUARTILES)
        if spec.formula.effects:
            yield from other_values(s, "method", _METHODS)
        yield _NORMAL

    def find(self, part: Sample) -> Found:
        from parity.analyses.quantile.found import quantiles

        found = quantiles(part)
        return Found(found, found.numbers, (*part.notes, *found.notes))

    def ask_r(self, part: Sample, folder: Path) -> dict[str, Any]:
        from parity.analyses.quantile.found import quantiles
        from parity.analyses.quantile.r import quantile_in_r

        return quantile_in_r(part, quantiles(part), folder)

    def compare(self, part: Sample, answer: Mapping[str, Any], found: Found) -> Comparison:
        return compare_quantiles(answer, found.own.numbers)


def _normal(of: Shown) -> Shown:
    """P by the normal distribution, from t."""
    from scipy.special import ndtr

    def one(quantity: str, term: str, value: float) -> float:
        t = of.get((f"{quantity.removesuffix('p')}t", term)) if quantity.endswith(" p") else None
        return value if t is None else float(2.0 * ndtr(-abs(t)))

    return {k: one(*k, v) for k, v in of.items()}


_NORMAL = Convention("quantile-normal", "p is by the normal distribution.", "p = 2 Phi(-|t|)", edit=_normal)


def compare_quantiles(answer: Numbers, found: Numbers) -> Comparison:
    """A coefficient on the larger of itself and its standard error; a standard error, whose densities are differences of two
    fits, and what is made of it, to two digits fewer."""
    rows = []
    for quantity in dict.fromkeys([*found, *answer]):
        ours, theirs = found.get(quantity, {}), answer.get(quantity, {})
        of, _, what = quantity.rpartition(" ")
        for term in dict.fromkeys([*ours, *theirs]):
            a, b = known(theirs.get(term)), known(ours.get(term))
            size = abs(b or 0.0)
            if f"{quantity} se" in found:
                size = max(size, found[f"{quantity} se"].get(term) or 0.0)
            elif what in ("t", "z") or quantity in ("q", "pseudo r2"):
                size = max(size, 1.0)
            elif what == "p":
                t = found.get(f"{of} t", found.get(f"{of} z", {})).get(term) or 0.0
                size = max(size * max(1.0, t * t), P_SCALE)
            limit = ITERATIVE if what in ("se", "t", "z", "p") or quantity == "density" else EXACT
            rows.append((quantity, term, a, b, hold(a, b, limit * size, size, infinite=False)))
    return comparison(rows)


ANALYSIS = QuantileRegressions()
