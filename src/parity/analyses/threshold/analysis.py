"""Threshold regressions of a study (`[threshold.NAME]`), held against R's fits of the same draws: one record each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.analyses.conventions import Convention, Shown, other_values
from parity.analyses.in_parts import Found
from parity.analyses.of_columns import Numbers, compare_scaled, largest
from parity.analyses.of_section import OfSection
from parity.results.record import Comparison
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from parity.analyses.threshold.hansen import Thresholds
    from parity.analyses.threshold.sample import Sample

#: Critical values that are shown -> the share of draws below them.
LEVELS = {"critical 10%": 0.9, "critical 5%": 0.95, "critical 1%": 0.99}
#: Counted, or values of the data: right or wrong.
EXACTLY = ("threshold", "low", "high", "rows")


_CLOSED = {
    "lower": ("The lower regime holds the threshold itself, by <= threshold.", "Hansen (1999), equation 1"),
    "upper": ("The upper regime holds the threshold itself, by < threshold below it.", "Hansen's program, and R's pdR"),
}
_APART = {
    "rows": ("Every regime keeps a share of the rows.", ""),
    "quantiles": ("Later thresholds lie a share of the grid away from the others.", "Hansen's program"),
}
_LAST = {
    "kept": ("All rows are in the sums of squares.", "Hansen (1999), equation 6; Stata's xthreg"),
    "dropped": ("Every unit's last row, net of its effect, is in no sum.", "Hansen's program, and R's pdR"),
}
_TRIMS = {share: (f"{share:.0%} of the values at either end are not searched.", "") for share in (0.01, 0.05, 0.1, 0.15)}
_GRIDS = {n: (f"The grid has {n} quantiles.", source) for n, source in
          ((100, ""), (300, "Stata, xthreg's default"), (400, "Hansen's program"))}  # fmt: skip


class ThresholdRegressions(OfSection):
    section = "threshold"

    def part(self, study: Study, frame: pd.DataFrame, settings: Any) -> Sample:
        from parity.analyses.threshold.sample import sample_of

        return sample_of(study, frame, settings)

    def conventions(self, study: Study, name: str) -> Iterator[Convention]:
        s = self.settings(study, name)
        for key, said in (
            ("closed", _CLOSED),
            ("apart", _APART),
            ("trim", _TRIMS),
            ("grid", _GRIDS),
            ("last_period", _LAST),
        ):
            yield from other_values(s, key, said)
        text = "F divides the sum of squares by N T rows, not by N (T - 1)."
        yield Convention("f-of-all-rows", text, "F T/(T - 1)", edit=_of_all_rows)
        text = "F divides the sum of squares by T (N - 1), not by N (T - 1)."
        source = "Stata's xthreg: F and MSE in Wang (2015), Stata Journal 15(1), pages 130 and 131"
        yield Convention("f-of-xthreg", text, "F T (N - 1)/(N (T - 1))", source, edit=_of_xthreg)

    def find(self, part: Sample) -> Found:
        from parity.analyses.threshold.hansen import hansen

        found = hansen(part)
        shown = printed(found)
        draws = f"{part.settings.draws:,} draws of whole units' residuals; N (T - 1) = {part.factor:,.0f}"
        return Found(shown | replicates(found), shown, (draws,))

    def ask_r(self, part: Sample, folder: Path) -> dict[str, Any]:
        from parity.analyses.threshold.r import threshold_in_r

        return threshold_in_r(part, folder)

    def compare(self, part: Sample, answer: Mapping[str, Any], found: Found) -> Comparison:
        return compare_thresholds(answer, found.own)


def _of_all_rows(of: Shown) -> Shown:
    """F and its critical values times N T/(N (T - 1))."""
    moved = {"f", *LEVELS}
    return {k: v * of["rows", "all"] / of["factor", ""] if k[0] in moved else v for k, v in of.items()}


def _of_xthreg(of: Shown) -> Shown:
    """F and its critical values times T (N - 1)/(N (T - 1))."""
    rows, factor = of["rows", "all"], of["factor", ""]
    counted = rows - rows / (rows - factor)  # N T - T, for N is N T - N (T - 1)
    moved = {"f", *LEVELS}
    return {k: v * counted / factor if k[0] in moved else v for k, v in of.items()}


def printed(found: Thresholds) -> dict[str, dict[str, float]]:
    """threshold, low, high, f, p, critical values by model; coef, se by regime and control; rows by regime."""
    out: dict[str, dict[str, float]] = {
        "threshold": {name: one.best for name, one in found.searched.items()},
        "low": {name: one.low for name, one in found.searched.items()},
        "high": {name: one.high for name, one in found.searched.items()},
        "f": {name: one.f for name, one in found.tests.items()},
        "p": {name: one.p for name, one in found.tests.items()},
    }
    out |= {q: {name: one.critical(level) for name, one in found.tests.items()} for q, level in LEVELS.items()}
    out["squares"] = {name: one.least for name, one in found.searched.items()}
    rows = {f"regime {i + 1}": float(n) for i, n in enumerate(found.rows)} | {"all": float(sum(found.rows))}
    return out | {"coef": dict(found.coef), "se": dict(found.se), "rows": rows, "factor": {"": found.factor}}


def replicates(found: Thresholds) -> dict[str, dict[str, float]]:
    """Every draw's F, and every candidate's sum of squares."""
    drawn = {f"{name}, draw {i + 1}": float(f) for name, one in found.tests.items() for i, f in enumerate(one.replicates)}
    tried = {f"{name}, {value:.17g}": float(square) for name, one in found.searched.items()
             for value, square in zip(one.values, one.squares, strict=True)}  # fmt: skip
    return {"replicate": drawn, "tried": tried}


def compare_thresholds(answer: Numbers, found: Numbers) -> Comparison:
    """Thresholds are values of the data, p a count of draws: exact. F is a difference of sums of squares, on N (T - 1)."""

    def scale(quantity: str) -> float:
        if quantity in EXACTLY:
            return 0.0
        return max(1.0, largest(found, quantity))

    return compare_scaled(answer, found, scale)


ANALYSIS = ThresholdRegressions()
