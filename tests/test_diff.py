"""What changed between two runs, and when that fails."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from parity.cli import main
from parity.detail import EngineDetail, SpecDetail
from parity.differing import compare_reports
from parity.record import Record, Report, summarise
from parity.report.diff import diff_text
from parity.report.json import to_json

KEYS = (("coef", "x"), ("se", "x"), ("t", "x"), ("p", "x"), ("nobs", ""))
VALUES = (2.0, 0.5, 4.0, 0.001, 100.0)


def record(candidate: str, verdict: str = "agree", digits: float = 14.0, **more) -> Record:
    return Record(**{
        "study": "s", "spec": "a", "kind": "estimate", "reference": "one", "candidate": candidate, "verdict": verdict,
        "checked": 5 if verdict in ("agree", "disagree") else 0, "digits": digits, **more,
    })  # fmt: skip


def report(*records: Record, values=VALUES, version="1.0", details=True) -> Report:
    engine = EngineDetail(engine="two", transport="live", how="native", accuracy="exact", values=values)
    detail = SpecDetail(study="s", spec="a", formula="y ~ x", model="ols", vcov="iid", convention="lm", terms=("x",),
                        quantities=KEYS, engines=(engine,))  # fmt: skip
    return Report(versions={"pkg": version}, records=records, summary=summarise(records),
                  details=(detail,) if details else None)  # fmt: skip


def test_the_same_run_twice_changes_nothing():
    diff = compare_reports(report(record("two")), report(record("two")))
    assert (diff.exit_code, diff.unchanged, diff.numbers_compared) == (0, 1, 5)
    assert diff_text(diff) == "0 of 1 comparisons changed, none got worse; 0 of 5 numbers moved.\n"


@pytest.mark.parametrize(
    "old, new, worse",
    [
        ("agree", "disagree", True), ("disagree", "agree", False), ("agree", "unavailable", True),
        ("failed", "stale", False), ("declined", "agree", False), ("explained", "disagree", True),
    ],
)  # fmt: skip
def test_a_worse_verdict_fails(old, new, worse):
    diff = compare_reports(report(record("two", old)), report(record("two", new)))
    assert diff.exit_code == int(worse)
    assert [(c.old, c.new, c.worse) for c in diff.verdicts] == [(old, new, worse)]


def test_a_comparison_that_is_gone_fails_and_a_new_good_one_does_not():
    two, three = report(record("two"), record("three")), report(record("two"))
    assert compare_reports(two, three).exit_code == 1
    assert compare_reports(three, two).exit_code == 0
    assert compare_reports(three, report(record("two"), record("three", "disagree"))).exit_code == 1


def test_printed_entries_of_one_source_are_told_apart():
    entries = [record("two", kind="printed", note="table 2"), record("two", "disagree", kind="printed", note="table 2")]
    assert compare_reports(report(*entries), report(*entries)).verdicts == ()
    assert compare_reports(report(*entries), report(entries[1], entries[1])).worse == 1


def test_numbers_that_moved_beyond_their_accuracy():
    moved = (2.0 + 1e-12, 0.5 * (1 + 1e-6), 4.0, 0.001, 101.0)
    diff = compare_reports(report(record("two")), report(record("two", digits=6.0), values=moved, version="1.1"))
    assert [(c.quantity, round(c.digits, 1)) for c in diff.numbers] == [("se", 6.0), ("nobs", 2.0)]
    assert diff.exit_code == 0
    text = diff_text(diff)
    assert "pkg: 1.0 -> 1.1" in text and "14.0 -> 6.0" in text and "2 of 5 numbers moved" in text
    gone = compare_reports(report(record("two")), report(record("two"), values=(None, *VALUES[1:])))
    assert [(c.quantity, c.new) for c in gone.numbers] == [("coef", None)]


def test_numbers_are_not_called_equal_where_there_are_none():
    diff = compare_reports(report(record("two"), details=False), report(record("two")))
    assert diff.numbers_compared is None and "numbers not compared" in diff_text(diff)


def test_the_command(tmp_path):
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(to_json(report(record("two"))), encoding="utf-8")
    new.write_text(to_json(report(record("two", "disagree"))), encoding="utf-8")
    done = CliRunner().invoke(main, ["diff", str(old), str(new)])
    assert done.exit_code == 1 and "s/a, two against one: agree -> disagree" in done.output
    done = CliRunner().invoke(main, ["diff", str(old), str(new), "--json", "-"])
    assert done.exit_code == 1 and json.loads(done.output)["schema"] == "parity-diff/1"
    assert CliRunner().invoke(main, ["diff", str(old), str(old)]).exit_code == 0


CAUSE = {"text": "", "residual": 0.0}


@pytest.mark.parametrize(
    "old, new, worse, said",
    [
        ({"verdict": "explained", "expected": True}, {"verdict": "explained"}, 1, "expects it no longer"),
        ({"verdict": "explained"}, {"verdict": "explained", "expected": True}, 0, "expects it now"),
        ({"verdict": "explained", "causes": [{"id": "hc2", **CAUSE}]},
         {"verdict": "explained", "causes": [{"id": "hc3", **CAUSE}]}, 0, "the causes were hc2, and are hc3"),
        ({"checked": 5}, {"checked": 1}, 1, "5 quantities were compared, and 1 are"),
    ],
)  # fmt: skip
def test_what_changes_under_one_verdict_is_no_secret(old, new, worse, said):
    diff = compare_reports(report(record("two", **old)), report(record("two", **new)))
    assert diff.exit_code == worse
    assert said in " ".join(diff_text(diff).split())
