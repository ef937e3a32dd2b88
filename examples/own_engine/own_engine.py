"""An engine of one's own: least squares by `numpy.linalg.lstsq`, with the covariances that are sums of scores.

It keeps to what parity asks of every engine: it answers `declines` from the spec alone, estimates on all rows of the
design, returns coefficients under the design's names, and the covariance without any small-sample factor. parity brings
it to the declared convention and compares it with the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from parity.engines.base import EngineInfo, declined_by_gaps
from parity.estimate import Declined, Estimate, Part, Reported

NOT_HERE = ("notimpl", "this example has least squares without fixed effects or instruments only")
INFO = EngineInfo(
    id="own-lstsq",
    language="python",
    packages=("own-engine",),
    title="own-engine: numpy.linalg.lstsq",
    gaps=dict.fromkeys(
        ("fe1", "fe2", "fe3", "iv", "iv_fe", "first_difference", "random_effects", "weights_analytic", "weights_frequency",
         "HC2", "HC3", "HC4", "CR2", "CR3", "multiway", "DK", "NW"),
        NOT_HERE,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Lstsq:
    """See `parity.engines.base.Engine`."""

    info: EngineInfo = INFO

    def declines(self, spec, unit, time) -> Declined | None:
        return declined_by_gaps(self.info, spec, unit, time)

    def estimate(self, spec, design) -> Estimate:
        x = np.column_stack([np.ones((design.nobs, int(design.intercept))), design.x])
        size = np.abs(x).max(axis=0)  # columns of one size, so that none is drowned
        coef, *_ = np.linalg.lstsq(x / size, design.y, rcond=None)
        resid = design.y - x / size @ coef
        q, r = np.linalg.qr(x / size)
        pull = np.linalg.solve(r, q.T).T  # rows (X'X)^-1 x_i
        scores = pull * resid[:, None]
        if spec.vcov.kind == "iid":
            inverse = np.linalg.inv(r)
            covariance = inverse @ inverse.T * (resid @ resid) / design.nobs
        else:
            if spec.vcov.cluster:
                (codes,) = design.clusters.values()
                sums = np.zeros((codes.max() + 1, x.shape[1]))
                np.add.at(sums, codes, scores)
                scores = sums
            covariance = scores.T @ scores
        return Estimate(
            engine=INFO.id,
            terms=design.terms,
            coef=tuple((coef / size).tolist()),
            parts=(Part(cluster=spec.vcov.cluster, matrix=(covariance / np.outer(size, size)).tolist()),),
            basis="uncorrected",
            reported=Reported(nobs=float(design.nobs)),
            versions={"own-engine": version("own-engine")},
            command="numpy.linalg.lstsq(x, y)",
        )


ENGINE = Lstsq()
