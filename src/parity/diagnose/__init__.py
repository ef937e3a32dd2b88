"""Diagnosis: which convention turns one side's numbers into the other's, proven by reproducing them.

explanation = explain_targets(study, spec, frame, [TargetNumber("se", "capital", ".0617571323")])
explanation.causes[0].ids

Imports `data`, `sample`, `compare`, `printed`, parity's own estimator and below. Runs no other engine, prints nothing.
"""

from parity.diagnose.explain import explain_estimate, explain_targets
from parity.diagnose.explanation import Explanation, Miss, NamedCause, Solution
from parity.diagnose.observed import TargetNumber

__all__ = [
    "Explanation", "Miss", "NamedCause", "Solution", "TargetNumber", "explain_estimate", "explain_targets",
]  # fmt: skip
