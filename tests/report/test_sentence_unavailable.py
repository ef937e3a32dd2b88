"""The first sentence says what was compared with nothing."""

from __future__ import annotations

from parity.report.sentence import _unavailable_clause
from parity.results.record import Record


class _Report:
    def __init__(self, *found: tuple[str, str, str]):
        self.records = [Record.model_construct(study="s", spec=n, kind=k, verdict=v) for n, k, v in found]


def test_an_analysis_that_nobody_could_compare_is_said_first():
    agreed = ("main", "estimate", "agree")
    assert _unavailable_clause(_Report(agreed, ("mediation.a", "mediation", "agree"))) == ""
    assert _unavailable_clause(_Report(agreed, ("main", "estimate", "unavailable"))) == ""
    one = ("mediation.a", "mediation", "unavailable")
    assert _unavailable_clause(_Report(agreed, one)) == "; s/mediation.a was compared with nothing"
    two = _Report(agreed, one, ("mediation.b", "mediation", "unavailable"))
    assert _unavailable_clause(two) == "; 2 analyses were compared with nothing"
