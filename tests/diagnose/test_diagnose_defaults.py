"""What a diagnosis takes for granted where nothing is said."""

from __future__ import annotations

from defaults import said_otherwise


def test_who_says_nothing_of_a_cause_gets_nothing_but_for_these():
    """Counts are zero and flags are off; else the default is a convention, which stands here."""
    assert said_otherwise("parity.diagnose") == {
        # what is printed otherwise is mostly no other estimate
        "edits.Rescaled.moves_estimate": True, "edits.SignFlipped.moves_estimate": True, "edits.Level.moves_estimate": True,
        "from_elsewhere.RowsSwapped.moves_estimate": True,
        # changes of columns mostly have something to choose; a cause is one cause
        "indices._cause.parametrised": True, "quotients._cause.parametrised": True, "cause.Cause.cost": 1,
        "chance.of_one_scenario.causes": 1, "search.Search._of_one_scenario.causes": 1, "search.Search.run.most": 3,
        "explain.explain_targets.most": 3, "explain._explained.most": 3, "records._explained.slips": True,
        "frames.kept.most": 12, "engines.trace.most": 12,
        "numbers.Numbers.level": 0.95, "numbers.Shown.level": 0.95,
        # only ivreg2 prints an F that isn't that of its covariance
        "numbers.Numbers.of_f": 1.0, "numbers.Shown.of_f": 1.0,
    }  # fmt: skip
