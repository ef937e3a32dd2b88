"""The catalogue of causes: a file a group, in the order of plausibility; and the edits that causes make.

`rows` are edits of a sample, `edits` of finished numbers, `remade` of derived columns and scores.
"""

from __future__ import annotations

from collections.abc import Mapping

from parity.diagnose.catalogue import (
    arithmetic,
    clusters,
    conley,
    counting,
    covariance,
    derived,
    distribution,
    dynamic,
    indices,
    instrumented,
    iv,
    joint_and_series,
    likelihood,
    model,
    printing,
    quotients,
    sample,
    transformation,
    weights,
)
from parity.diagnose.cause import Cause

CAUSES: tuple[Cause, ...] = (
    *counting.CAUSES, *clusters.CAUSES, *distribution.CAUSES, *covariance.CAUSES, *conley.CAUSES, *likelihood.CAUSES,
    *joint_and_series.CAUSES, *iv.CAUSES, *instrumented.CAUSES, *dynamic.CAUSES,
    *weights.CAUSES, *sample.CAUSES, *model.CAUSES, *transformation.CAUSES, *derived.CAUSES, *indices.CAUSES,
    *quotients.CAUSES, *printing.CAUSES,
    *arithmetic.CAUSES,
)  # fmt: skip

BY_ID: Mapping[str, Cause] = {cause.id: cause for cause in CAUSES}
assert len(BY_ID) == len(CAUSES), "two causes share an id"
