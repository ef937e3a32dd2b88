"""Threshold regressions of a study (`[threshold.NAME]`), held against R's fits of the same draws: one record each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.analyses.conventions import Convention, Shown, other_values
from parity.analyses.in_parts import Found, InParts, Nothing
from parity.analyses.of_columns import Numbers, compare_scaled, largest
from parity.base.errors import Unestimable
from parity.results.record import Comparison, Kind
from parity.study.study import Study
from parity.study.table import TableSettings

if TYPE_CHECKING:
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
_TRIMS = {share: (f"{share:.0%} of the values at either end are not searched.", "") for share in (0.01, 0.05, 0.1, 0.15)}
_GRIDS = {n: (f"The grid has {n} quantiles.", source) for n, source in
          ((100, ""), (300, "Stata, xthreg's default"), (400, "Hansen's program"))}  # fmt: skip


class ThresholdRegressions(InParts):
    name = "threshold"
    kinds = {"threshold": "threshold regressions"}
    counted = "threshold regressions"
    columns = {
        "threshold": "Threshold", "low": "Lower end", "high": "Upper end", "f": "F", "p": "p",
        "critical 10%": "10% critical value", "critical 5%": "5% critical value", "critical 1%": "1% critical value",
    }  # fmt: skip

    def asked(self, study: Study) -> bool:
        return bool(study.threshold)

    def names(self, study: Study) -> Sequence[str]:
        return [f"threshold.{name}" for name in study.threshold]

    def content(self, study: Study) -> str:
        settings = study.model_dump_json(include={"threshold"})
        specs = [f"{t.spec} {study.spec_hash(study.spec(t.spec))}" for t in study.threshold.values()]
        return hashlib.sha256("\n".join([study.data_hash(), settings, *specs]).encode()).hexdigest()

    def in_tables(self, study: Study, tables: Sequence[TableSettings]) -> bool:
        return any(table.analysis.startswith("threshold.") for table in tables)

    def kind(self, name: str) -> Kind:
        return "threshold"

    def parts(self, study: Study) -> Iterator[tuple[str, Sample | Nothing]]:
        from parity.analyses.threshold.sample import sample_of
        from parity.data.load import load_frame

        frame = load_frame(study)
        for name, settings in study.threshold.items():
            try:
                yield f"threshold.{name}", sample_of(study, frame, settings)
            except Unestimable as error:
                yield f"threshold.{name}", Nothing(str(error))

    def conventions(self, study: Study, name: str) -> Iterator[Convention]:
        s = study.threshold[name.split(".", 1)[1]]
        for key, said in (("closed", _CLOSED), ("apart", _APART), ("trim", _TRIMS), ("grid", _GRIDS)):
            yield from other_values(s, key, said)
        text = "F divides the sum of squares by N T rows, not by N (T - 1)."
        yield Convention("f-of-all-rows", text, "F T/(T - 1)", edit=_of_all_rows)

    def find(self, part: Sample) -> Found:
        from parity.analyses.threshold.hansen import hansen

        found = hansen(part)
        shown = printed(found)
        draws = f"{part.settings.draws:,} draws of whole units' residuals; N (T - 1) = {part.factor:,.0f}"
        return Found(shown | replicates(found), shown, (draws,))

    def ask_r(self, part: Sample, folder: Path) -> dict[str, Any]:
        from parity.analyses.threshold.hansen import hansen
        from parity.analyses.threshold.r import threshold_in_r

        hansen(part)  # what has no value is no question: `Unestimable`
        return threshold_in_r(part, folder)

    def compare(self, part: Sample, answer: Mapping[str, Any], found: Found) -> Comparison:
        return compare_thresholds(answer, found.own)


def _of_all_rows(of: Shown) -> Shown:
    """F and its critical values times N T/(N (T - 1))."""
    moved = {"f", *LEVELS}
    return {k: v * of["rows", "all"] / of["factor", ""] if k[0] in moved else v for k, v in of.items()}


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
