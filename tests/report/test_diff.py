"""What changed between two runs, and when that fails."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from parity.cli import main
from parity.compare.changes import RecordChange, compare_reports
from parity.report.diff import diff_text
from parity.report.json import to_json
from parity.results.analysis_page import AnalysisDetail, IndexDetail, Rank, UnitRanks, Weight
from parity.results.record import Number, Record, Report, summarise
from parity.results.spec_page import EngineDetail, SpecDetail

KEYS = (("coef", "x"), ("se", "x"), ("t", "x"), ("p", "x"), ("nobs", ""))
VALUES = (2.0, 0.5, 4.0, 0.001, 100.0)
CAUSE = {"text": "", "residual": 0.0}


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


def test_what_got_worse_stands_first_the_gravest_before_the_others():
    """Of those what is gone comes last; then what got better."""
    changes = {"a": ("stale", "explained"), "b": ("agree", "declined"), "c": ("agree", "failed"), "e": ("agree", None),
               "d": ("failed", "disagree")}  # fmt: skip
    old = report(*(record(name, was) for name, (was, _) in changes.items()))
    new = report(*(record(name, now) for name, (_, now) in changes.items() if now is not None))
    diff = compare_reports(old, new)
    assert [(c.candidate, c.worse) for c in diff.verdicts] == [
        ("c", True), ("b", True), ("e", True), ("d", False), ("a", False),
    ]  # fmt: skip
    assert diff.worse == 3 and diff.exit_code == 1


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


def test_a_run_that_keeps_no_numbers_any_more_says_so():
    diff = compare_reports(report(record("two")), report(record("two"), details=False))
    assert (diff.numbers_compared, diff.not_compared) == (None, ("estimates",))


def test_what_one_run_alone_has_numbers_of_moved_by_none():
    """A bootstrap that has no numbers in one of the runs, and an index that one of them lacks."""
    with_numbers, without = report(analysis("wild", p=0.04)), report(analysis("wild"))
    for old, new in ((with_numbers, without), (without, with_numbers)):
        diff = compare_reports(old, new)
        assert diff.numbers == () and diff.numbers_compared == len(VALUES)
    index = IndexDetail(labels=("",), weights=(), period="2015", units=1,
                        ranks=(Rank(unit="Hebei", reference=3, candidate=3),))  # fmt: skip
    beside = AnalysisDetail(study="s", spec="index.d", reference="base-r", candidate="python")
    plain = report(record("python", spec="index.d", kind="index", reference="base-r"))
    made, bare, none = (
        plain.model_copy(update={"analyses": a}) for a in ((beside.model_copy(update={"index": index}),), (beside,), ())
    )
    for old, new, compared in ((made, made, 2), (made, bare, 0), (bare, made, 0), (none, made, 0), (made, none, 0)):
        assert compare_reports(old, new).numbers_compared == len(VALUES) + compared


def test_numbers_that_are_not_those_of_their_names_are_no_numbers():
    """Of a report that was edited: a place too few would shift every number after it."""
    with pytest.raises(ValueError):
        compare_reports(report(record("two")), report(record("two"), values=VALUES[:-1]))


def test_a_number_with_nothing_beside_it_is_judged_on_itself():
    """A coefficient without a standard error, of an engine that no comparison names; a difference without any error."""
    bare = (1e-4, None, None, None, 100.0)
    moved = (1e-4 + 4e-13, *bare[1:])
    for by in ("two", "three"):
        diff = compare_reports(report(record(by), values=bare), report(record(by), values=moved))
        assert [c.quantity for c in diff.numbers] == ["coef"], by
    alone = compare_reports(report(analysis("wild", difference=0.01)), report(analysis("wild", difference=0.01 + 6e-11)))
    assert [c.quantity for c in alone.numbers] == ["difference"]
    two = {"difference": 0.01, "se_iid": 0.1, "se_suest": 0.5}
    later = two | {"difference": 0.01 + 4e-10}  # within the larger of its errors
    assert compare_reports(report(analysis("wild", **two)), report(analysis("wild", **later))).numbers == ()


def analysis(kind: str, **numbers: float) -> Record:
    found = tuple(Number(quantity=q.replace("_", " "), value=v) for q, v in numbers.items())
    return record("python", spec=f"{kind}.region", kind=kind, reference="base-r", numbers=found)


FOUND = {"difference": 0.5178526929765883, "se_suest": 0.1278941906963568, "p_permutation": 0.04, "draws": 100.0}


@pytest.mark.parametrize(
    ("quantity", "new", "moved"),
    [
        ("difference", 0.5289, True), ("difference", 0.5178526929765893, False), ("se_suest", 0.128, True),
        ("p_permutation", 0.01, True), ("p_permutation", 0.04 + 1e-12, False), ("draws", 101.0, True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["difference", "wild", "bootstrap", "mediation", "diagnostics"])
def test_numbers_of_an_analysis_are_compared(kind, quantity, new, moved):
    diff = compare_reports(report(analysis(kind, **FOUND)), report(analysis(kind, **FOUND | {quantity: new})))
    name = quantity.replace("_", " ")
    assert [(c.spec, c.engine, c.quantity, c.new) for c in diff.numbers] == [(f"{kind}.region", "python", name, new)] * moved
    assert diff.numbers_compared == len(VALUES) + len(FOUND)
    text = " ".join(diff_text(diff).split())
    assert (f"s/{kind}.region, python: {name}: " in text) is moved and f"{int(moved)} of 9 numbers moved" in text
    assert json.loads(diff.model_dump_json(by_alias=True))["numbers_compared"] == 9


def test_a_number_that_an_analysis_has_no_longer_is_one_that_moved():
    less = {k: v for k, v in FOUND.items() if k != "difference"}
    diff = compare_reports(report(analysis("wild", **FOUND)), report(analysis("wild", **less)))
    assert [(c.quantity, c.new) for c in diff.numbers] == [("difference", None)]


def test_numbers_of_analyses_are_compared_where_those_of_estimates_are_not():
    old, new = (report(record("two"), analysis("wild", p=p), details=False) for p in (0.04, 0.01))
    diff = compare_reports(old, new)
    assert diff.numbers_compared == 1 and diff.not_compared == ("estimates",)
    assert "1 of 1 numbers moved, those of estimates not compared" in " ".join(diff_text(diff).split())


def test_weights_and_ranks_of_an_index_are_compared():
    def made(weight: float, place: int) -> Report:
        weights = Weight(indicator="broadband", direction="+", reference=(0.4,), candidate=(weight,), digits=12.0)
        index = IndexDetail(labels=("2015",), weights=(weights,), period="2015", units=1,
                            ranks=(Rank(unit="Hebei", reference=3, candidate=place),))  # fmt: skip
        beside = AnalysisDetail(study="s", spec="index.d", reference="base-r", candidate="python", index=index)
        plain = report(record("python", spec="index.d", kind="index", reference="base-r"))
        return plain.model_copy(update={"analyses": (beside,)})

    same = compare_reports(made(0.4, 3), made(0.4 + 1e-14, 3))
    assert same.numbers == () and same.numbers_compared == len(VALUES) + 4
    diff = compare_reports(made(0.4, 3), made(0.41, 4))
    assert [(c.engine, c.quantity, c.term) for c in diff.numbers] == [
        ("python", "weight", "broadband 2015"), ("python", "rank", "Hebei 2015"),
    ]  # fmt: skip


@pytest.mark.parametrize(("weight", "by", "moved"), [(0.4, 0.7e-12, 0), (0.4, 1.2e-12, 1), (5.0, 4e-12, 0), (5.0, 6e-12, 1)])
def test_weights_are_judged_on_themselves_and_on_one_at_least(weight, by, moved):
    def made(value: float) -> Report:
        weights = Weight(indicator="x", direction="+", reference=(weight,), candidate=(value,), digits=12.0)
        index = IndexDetail(labels=("",), weights=(weights,), period="2015", units=1, ranks=())
        beside = AnalysisDetail(study="s", spec="index.d", reference="base-r", candidate="python", index=index)
        plain = report(record("python", spec="index.d", kind="index", reference="base-r"))
        return plain.model_copy(update={"analyses": (beside,)})

    assert len(compare_reports(made(weight), made(weight + by)).numbers) == moved


def test_a_change_is_no_worse_unless_that_is_said():
    change = RecordChange(study="s", spec="a", mode="", kind="estimate", candidate="e", reference="r", old="agree", new=None)
    assert not change.worse and change.note == "" and change.old_digits is None is change.new_digits


def test_another_verdict_comes_with_its_note():
    """What was compared or caused before says nothing of it."""
    before = record("two", "explained", checked=3, note="old", causes=[{"id": "hc2", **CAUSE}])
    (change,) = compare_reports(report(before), report(record("two", "failed", note="it broke"))).verdicts
    assert (change.old, change.new, change.note) == ("explained", "failed", "it broke")


def test_the_command(tmp_path):
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(to_json(report(record("two"), details=False)), encoding="utf-8")
    new.write_text(to_json(report(record("two", "disagree"), details=False)), encoding="utf-8")
    done = CliRunner().invoke(main, ["diff", str(old), str(new)])
    assert done.exit_code == 1 and "s/a, two against one: agree -> disagree" in done.output
    done = CliRunner().invoke(main, ["diff", str(old), str(new), "--json", "-"])
    assert done.exit_code == 1 and json.loads(done.output)["schema"] == "parity-diff/1"
    assert CliRunner().invoke(main, ["diff", str(old), str(old)]).exit_code == 0


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


def test_each_number_moves_by_no_more_than_an_error_of_its_size():
    """A coefficient on its standard error, p on t squared of itself, an analysis's numbers on the errors beside them."""
    still = (2.0 + 1.9e-9, 0.5 + 0.4e-9, 4.0 + 3.9e-9, 0.001 * (1 + 15e-9), 100.0)
    assert compare_reports(report(record("two")), report(record("two"), values=still)).numbers == ()
    for place, by in enumerate((2.1e-9, 0.6e-9, 4.1e-9, 0.001 * 17e-9, 1e-9)):
        values = tuple(v + by * (i == place) for i, v in enumerate(VALUES))
        moved = compare_reports(report(record("two")), report(record("two"), values=values)).numbers
        assert [c.quantity for c in moved] == [KEYS[place][0]]
    small = (1e-4, 0.5, 4.0, 0.001, 100.0)  # judged on its standard error
    other = (1e-4 + 0.4e-9, *small[1:])
    assert compare_reports(report(record("two"), values=small), report(record("two"), values=other)).numbers == ()


@pytest.mark.parametrize(
    ("quantity", "by", "moved"),
    [("difference", 4e-10, False), ("difference", 6e-10, True), ("se_suest", 4e-10, False), ("se_suest", 6e-10, True),
     ("p_permutation", 4e-11, False), ("p_permutation", 6e-11, True), ("z_suest", 4e-12, False), ("z_suest", 6e-11, True)],
)  # fmt: skip
def test_numbers_of_an_analysis_are_judged_on_the_errors_beside_them_alone(quantity, by, moved):
    """A difference of .01 beside a standard error of .5: on the error. z and p are judged on themselves."""
    found = {"difference": 0.01, "se_suest": 0.5, "z_suest": 0.02, "p_permutation": 0.05, "nobs_first": 900.0}
    later = found | {quantity: found[quantity] + by}
    diff = compare_reports(report(analysis("difference", **found)), report(analysis("difference", **later)))
    assert bool(diff.numbers) is moved


def test_a_number_that_moved_by_all_of_itself_shares_no_digit_without_a_sign():
    diff = compare_reports(report(record("two")), report(record("two"), values=(4.0, *VALUES[1:])))
    other = compare_reports(report(record("two")), report(record("two"), values=(-2.0, *VALUES[1:])))
    assert [c.digits for c in (*diff.numbers, *other.numbers)] == [pytest.approx(0.30103, abs=1e-5), 0.0]
    gone = compare_reports(report(record("two")), report(record("two"), values=(None, *VALUES[1:])))
    assert gone.numbers[0].digits == 0.0
    whole = compare_reports(report(analysis("wild", nobs=1.0)), report(analysis("wild", nobs=2.0)))
    assert '"digits":0.0' in whole.model_dump_json() and '"digits":-0.0' not in whole.model_dump_json()


def floored(floor: float, **more) -> Record:
    return record("two", floor=floor, **more)


def test_what_rounding_leaves_on_these_columns_moves_nothing():
    """The least floor of the comparisons that an engine took part in, of either run; others' say nothing of it."""
    moved = (2.0 + 1e-6, *VALUES[1:])
    quiet = record("three", floor=0.0)

    def numbers(*records: Record) -> int:
        return len(compare_reports(report(*records), report(*records, values=moved)).numbers)

    assert numbers(floored(1e-5)) == 0 and numbers(floored(1e-7)) == 1 and numbers(record("two")) == 1
    assert numbers(floored(1e-5), quiet) == 0
    assert numbers(floored(1e-5), record("one", reference="two", floor=1e-8)) == 1
    assert numbers(floored(1e-5), floored(0.0, verdict="declined")) == 0  # nothing was compared there
    later = report(floored(1e-5), values=moved)
    assert compare_reports(report(record("two")), later).numbers == ()


def test_what_a_change_says():
    """The note of a comparison that is new or changed is the new one's; digits are of what was compared."""
    gone = compare_reports(report(record("two"), record("three")), report(record("two")))
    (change,) = gone.verdicts
    assert (change.candidate, change.old, change.new, change.note, change.worse) == ("three", "agree", None, "", True)
    assert (change.old_digits, change.new_digits) == (14.0, None)
    silent = compare_reports(report(record("two"), record("three", "declined")), report(record("two")))
    assert silent.exit_code == 0 and [(c.old, c.new, c.old_digits) for c in silent.verdicts] == [("declined", None, None)]
    new = compare_reports(report(record("two")), report(record("two"), record("three", "failed", note="it broke")))
    assert [(c.new, c.note, c.worse, c.new_digits) for c in new.verdicts] == [("failed", "it broke", True, None)]
    fewer = compare_reports(report(record("two")), report(record("two", checked=6)))
    assert [(c.note, c.worse) for c in fewer.verdicts] == [("5 quantities were compared, and 6 are", False)]


def test_digits_that_fell_far_are_listed_and_near_ones_are_not():
    far = compare_reports(report(record("two", digits=14.0)), report(record("two", digits=13.0)))
    near = compare_reports(report(record("two", digits=14.0)), report(record("two", digits=13.1)))
    assert (len(far.digits), far.unchanged, len(near.digits), near.unchanged) == (1, 0, 0, 1)
    assert far.exit_code == 0


def test_ranks_of_every_period_are_compared_with_the_side_that_has_them():
    def made(reference, candidate) -> Report:
        weights = Weight(indicator="x", direction="+", reference=(0.4,), candidate=(0.4,), digits=12.0)
        over = (UnitRanks(unit="Hebei", reference=reference, candidate=candidate),)
        index = IndexDetail(labels=("",), weights=(weights,), period="2016", units=1, periods=("2015", "2016"), over=over,
                            ranks=(Rank(unit="Hebei", reference=3, candidate=3),))  # fmt: skip
        beside = AnalysisDetail(study="s", spec="index.d", reference="base-r", candidate="python", index=index)
        plain = report(record("python", spec="index.d", kind="index", reference="base-r"))
        return plain.model_copy(update={"analyses": (beside,)})

    assert compare_reports(made((2, 3), None), made((2, 3), None)).numbers == ()
    both = compare_reports(made((2, 3), None), made((1, 3), None)).numbers  # the candidate's are the reference's
    assert [(c.engine, c.term, c.old, c.new) for c in both] == [
        ("base-r", "Hebei 2015", 2, 1),
        ("python", "Hebei 2015", 2, 1),
    ]
    one = compare_reports(made((2, 3), (2, 3)), made((2, 3), (4, 3))).numbers
    assert [(c.engine, c.term, c.new) for c in one] == [("python", "Hebei 2015", 4)]
