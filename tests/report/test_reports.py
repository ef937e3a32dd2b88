"""Every format tells the same story; the terminal stays within 80 columns; text from data is escaped."""

from __future__ import annotations

import json
import unicodedata
from xml.etree import ElementTree

import pytest

from parity.base.errors import InputError
from parity.report.json import read_report, to_json
from parity.report.junit import to_junit
from parity.report.sentence import main_sentence
from parity.report.terminal import to_terminal
from parity.report.text import WIDTH
from parity.results.record import Cause, Difference, Record, Report, summarise

DIFFERENCE = Difference(
    quantity="se", term="capital", reference=0.0632812941, candidate=0.0617571323, digits=1.6, allowed=6e-11
)


def record(**fields) -> Record:
    base = {"study": "s", "spec": "a", "kind": "estimate", "reference": "r-stata", "candidate": "e", "verdict": "agree"}
    return Record(**(base | {"checked": 17, "digits": 12.5, "accuracy": "exact"} | fields))


def report(*records: Record, **fields) -> Report:
    return Report(versions={}, transports={"e": "live"}, records=records, summary=summarise(records), **fields)


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.mark.parametrize("name", ["short", "a" * 200, "新质生产力视角下数字贸易对区域经济韧性的影响研究" * 3])
def test_terminal_fits_eighty_columns(name):
    bad = record(
        study=name, candidate="py-linearmodels", verdict="disagree",
        differences=(DIFFERENCE, DIFFERENCE.model_copy(update={"term": name, "candidate": None})),
        warnings=("a warning " * 30,), note="note " * 40,
    )  # fmt: skip
    text = to_terminal(
        report(bad, record(spec="b"), record(spec="c", verdict="vacuous", checked=0, digits=None)), verbose=True
    )
    for line in text.splitlines():
        assert columns(line) <= WIDTH or " " not in line.strip(), line


def test_worst_first_and_each_disagreement_shows_both_numbers():
    text = to_terminal(report(record(spec="fine"), record(spec="bad", verdict="disagree", differences=(DIFFERENCE,))))
    assert text.index("s/bad") < text.index("s/fine")
    assert "0.0632812941" in text and "0.0617571323" in text and "1.6 digits" in text


def test_last_line_of_a_green_run():
    text = to_terminal(report(record(), record(candidate="f")))
    assert "\n1 of 1 specification agrees in 3 engines (34 quantities compared, exact engines\n" in text


def test_last_line_of_analyses_alone_speaks_of_no_specification():
    text = to_terminal(report(record(kind="index", spec="index.nqp")))
    assert text.startswith("1 of 1 indices and derived columns agree in Python and R (17 quantities\n")
    assert text.count("indices and derived columns agree") == 1


def test_the_sentence_that_matters_comes_first():
    cause = Cause(id="normal-distribution", text="P-values are of the normal distribution.", residual=0.0)
    made = report(record(), record(spec="bad", verdict="explained", causes=(cause,)))
    assert to_terminal(made).replace("\n  ", " ").startswith(main_sentence(made))
    assert "differs for a reason that is known (s/bad), because P-values are of the" in main_sentence(made)


def test_last_line_never_claims_agreement_of_what_was_not_compared():
    nothing = record(verdict="vacuous", checked=0, digits=None, kind="spec", reference="", candidate="")
    text = to_terminal(report(nothing))
    assert "NOTHING WAS COMPARED" in text
    text = to_terminal(report(record(), nothing.model_copy(update={"spec": "b"})))
    assert "1 of 2 specifications agree" in text


def test_unavailable_and_declined_do_not_fail():
    assert report(record(), record(verdict="declined", checked=0), record(verdict="unavailable", checked=0)).exit_code == 0


@pytest.mark.parametrize("verdict", ["disagree", "explained", "failed", "vacuous", "stale"])
def test_every_other_verdict_fails(verdict):
    assert report(record(), record(verdict=verdict)).exit_code == 1


def test_an_empty_report_fails():
    assert report().exit_code == 1


def test_junit_counts_and_escapes():
    evil = '<script>alert("1")</script>\x00\x08'
    r = report(
        record(), record(study=evil, spec=evil, verdict="disagree", differences=(DIFFERENCE,)), record(verdict="declined")
    )
    root = ElementTree.fromstring(to_junit(r).encode())
    suites = {s.get("name"): s for s in root}
    assert suites["s"].get("tests") == "2" and suites["s"].get("skipped") == "1"
    assert [s.get("failures") for s in root] == ["0", "1"]
    assert "<script>" not in to_junit(r)


def test_made_data_are_said():
    assert "Made data" in to_terminal(report(record(), made=("hard_cases",)))


def test_no_control_sequence_reaches_the_terminal():
    text = to_terminal(report(record(study="\x1b[31mred", verdict="failed", note="\x1b]0;title\x07 \r gone")))
    assert not [c for c in text if c != "\n" and not c.isprintable()]


DIFFERENT = {"quantity": "coef", "term": "x", "reference": 1.0, "candidate": 2.0, "digits": 0.0, "allowed": 0.0}


@pytest.mark.parametrize(
    "edit, told",
    [
        ({"verdict": "agree", "checked": 0}, "it says agree with 0 quantities compared"),
        ({"verdict": "agree", "differences": [DIFFERENT]}, "it says agree with 5 quantities compared and 1 different"),
        ({"checked": -5}, "-5 quantities compared"),
        ({"digits": "NaN"}, "to nan digits"),
        ({"verdict": "explained", "expected": True}, "names no cause"),
        ({"verdict": "failed"}, "it doesn't count the records"),
        (None, "it doesn't count the records"),
    ],
)
def test_a_kept_report_that_contradicts_itself_is_refused(tmp_path, edit, told):
    kept = json.loads(to_json(report(record(verdict="agree", checked=5, digits=9.0))))
    file = tmp_path / "kept.json"
    file.write_text(json.dumps(kept))
    assert read_report(file).exit_code == 0
    kept["records"] = [{**kept["records"][0], **edit}] if edit else []
    file.write_text(json.dumps(kept))
    with pytest.raises(InputError, match=told):
        read_report(file)
