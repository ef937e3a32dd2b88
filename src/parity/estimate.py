"""What engines of other packages import: see `parity.results.estimate`."""

from parity.results.estimate import (
    Accuracy,
    Answer,
    Declined,
    Estimate,
    Failed,
    Matrix,
    Part,
    Printed,
    Reported,
    Unavailable,
)

__all__ = [
    "Accuracy", "Answer", "Declined", "Estimate", "Failed", "Matrix", "Part", "Printed", "Reported", "Unavailable",
]  # fmt: skip
