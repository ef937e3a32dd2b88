"""What analyses and derived columns take for granted where nothing is said."""

from __future__ import annotations

from defaults import said_otherwise

PACKAGES = (
    "parity.analyses.replicates", "parity.analyses.resampling", "parity.analyses.instruments",
    "parity.analyses.index", "parity.data.derive",
)  # fmt: skip


def test_who_says_nothing_of_an_analysis_gets_nothing_but_for_these():
    """Counts are zero and flags are off; else the default is a convention, which stands here."""
    assert said_otherwise(*PACKAGES) == {
        "statistics.anderson_rubin_set.level": 0.95, "intervals.summarise.level": 0.95, "wild.confidence_set.level": 0.95,
        "histogram.middle.level": 0.95,
        # the null is imposed, as boottest has it; a model has a constant; rows have their periods
        "wild.wild_bootstrap.restricted": True, "wild.confidence_set.restricted": True,
        "refitting.refit_rows.intercept": True, "refitting._samples.intercept": True, "index.rows_of.timed": True,
        # R is asked only what has a value on our side
        "analysis.Instruments.found_first": True,
    }  # fmt: skip
