"""What windows of dynamic panels print of their moments: tests of autocorrelation and of instruments, under the names that
`parity.logs.dynamic_tests` gives them."""

from __future__ import annotations

from collections.abc import Mapping

from scipy import special

from parity.base.tolerance import P_SHOWN_ALIKE

#: In the lines below xtabond2 -> in e().
_BELOW = {
    "AR(1) z": "ar1", "AR(1) p": "ar1p", "AR(2) z": "ar2", "AR(2) p": "ar2p", "Sargan chi2": "sargan", "Sargan df": "sar_df",
    "Sargan p": "sarganp", "Hansen chi2": "hansen", "Hansen df": "hansen_df", "Hansen p": "hansenp", "p": "chi2p",
    "j_p": "hansenp",
}  # fmt: skip


def of_xtabond2(numbers: Mapping[str, float]) -> dict[str, float]:
    """Of its e(). Whether Wald's test without a constant has a degree of freedom less isn't known: its p is given where that
    is no matter."""
    out = {label: numbers[name] for label, name in _BELOW.items() if name in numbers}
    if "p" not in out and {"chi2", "rank"} <= set(numbers):
        more, less = (float(special.chdtrc(max(numbers["rank"] - lost, 1), numbers["chi2"])) for lost in (0, 1))
        out |= {"p": more} if abs(more - less) < P_SHOWN_ALIKE else {}
    return out
