"""What is asked of the diagnosis, by values made by hand: tables, records, engines that differ, indices."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import parity.diagnose
from parity.base.errors import InputError
from parity.base.tolerance import CERTAIN_CHANCE, INDEX
from parity.base.watching import Stopped
from parity.data.derive.index import IndexScores, Rows
from parity.data.derive.problem import DeriveProblem
from parity.data.derive.variants import Variant
from parity.diagnose import TargetNumber
from parity.diagnose.explanation import Explanation, NamedCause, Solution
from parity.diagnose.questions import engines, index_search, records, tables, typed
from parity.diagnose.questions.answer import Answer, Reading
from parity.diagnose.questions.index_search import Match, Target, Targets, explain_index
from parity.diagnose.questions.published import columns
from parity.diagnose.questions.typed import Declared, explain_numbers
from parity.printed.cells import Number
from parity.printed.matching import Line
from parity.printed.printed_table import STATISTIC, Leftover, PrintedTable, Row
from parity.results.estimate import Estimate, Part
from parity.results.record import Cause, Difference, Record
from parity.study.published import Published
from parity.study.spec import Spec
from scenarios_by_hand import SPEC, TERMS, Toy

# ---------------------------------------------------------------- engines that differ


def solution(*ids: str, chance: float = 0.0) -> Solution:
    causes = tuple(NamedCause(id=i, group="counting", sentence=f"{i}.", formula="", source="") for i in ids)
    return Solution(causes=causes, residual=0.0, reproduced=(), chance=chance)


def difference(quantity: str = "se", term: str = "a", candidate: float | None = 0.2, reference: float = 0.22) -> Difference:
    return Difference(quantity=quantity, term=term, reference=reference, candidate=candidate, digits=1.0, allowed=1e-9)


def record(candidate: str = "b", **more) -> Record:
    given = {"study": "s", "spec": "s", "kind": "estimate", "reference": "a", "candidate": candidate, "verdict": "disagree",
             "differences": (difference(),)}  # fmt: skip
    return Record(**(given | more))


def answer(engine: str) -> Estimate:
    return Estimate(engine=engine, terms=("a",), coef=(1.0,), parts=(Part(matrix=[[1.0]]),), basis="as shipped")


@pytest.fixture
def asked(monkeypatch):
    """Questions that were put to the diagnosis; what it answers stands in `.found`."""
    calls = SimpleNamespace(put=[], found=Explanation(verdict="disagree", worlds=7))

    def explained(study, spec, frame, reference, candidate):
        calls.put.append((frame, reference.engine, candidate.engine))
        return calls.found

    monkeypatch.setattr(parity.diagnose, "explain_estimate", explained)
    return calls


def test_engines_that_differ_are_traced(asked):
    loaded = []
    answers = [answer(e) for e in "abcd"]
    solutions = (solution("x", "y", chance=0.25), solution("z"), solution("v", "w"))
    asked.found = Explanation(verdict="explained", causes=solutions, worlds=9)
    others = [
        record(verdict="agree", differences=()), record(kind="printed"), record(differences=()), record("unknown"),
        record(reference="unknown"), record("c", causes=(Cause(id="x", text="", residual=0.0),)),
    ]  # fmt: skip
    assert engines.trace(None, None, lambda: loaded.append(1), others, answers) == () and not loaded and not asked.put
    found = engines.trace(None, None, lambda: "data", [*others, record("b"), record("d")], answers)
    assert asked.put == [("data", "a", "b"), ("data", "a", "d")]
    one = found[0]
    assert (one.kind, one.reference, one.candidate, one.worlds, one.chance) == ("estimate", "a", "b", 9, 0.25)
    assert [c.id for c in one.causes] == ["x", "y"] and one.others == ("z", "v + w")
    asked.found = Explanation(verdict="disagree", worlds=7)
    (none,) = engines.trace(None, None, lambda: None, [record("b")], answers)
    assert (none.causes, none.others, none.chance, none.worlds) == ((), (), 0.0, 7)


@pytest.mark.parametrize(("most", "traced"), [(2, 2), (1, 1), (0, 0), (-1, 0), (12, 3)])
def test_so_many_are_traced(asked, most, traced):
    answers = [answer(e) for e in "abcd"]
    assert len(engines.trace(None, None, lambda: None, [record(e) for e in "bcd"], answers, most)) == traced


# ---------------------------------------------------------------- printed numbers of a run


class Known(SimpleNamespace):
    terms = TERMS


@pytest.fixture
def told(monkeypatch):
    """Targets of each question, with its catalogue; `.found` answers it: a function of the targets."""
    calls = SimpleNamespace(put=[], found=lambda targets: ())

    def explained(study, spec, frame, targets, **more):
        calls.put.append((targets, more))
        return Explanation(verdict="explained", causes=tuple(calls.found([(t.quantity, t.term) for t in targets])))

    known = Known(study=None, spec=SPEC, fitter=SimpleNamespace(original=None))
    monkeypatch.setattr(parity.diagnose, "explain_targets", explained)
    monkeypatch.setattr(typed, "declared", lambda study, spec_id: known)
    return calls


def entry(term: str = "a", estimate: str | None = "2.5", **more) -> Published:
    return Published(**({"spec": "s", "source": "table 1", "term": term, "estimate": estimate} | more))


def off(*differences: Difference, verdict: str = "disagree") -> Record:
    return record("own", kind="printed", reference="published", verdict=verdict, differences=differences)


def caused(
    told, *pairs: tuple[Published, Record], others: tuple[Record, ...] = ()
) -> list[tuple[str, list[tuple[str, int]]]]:
    study = SimpleNamespace(published=tuple(e for e, _ in pairs))
    found = records.with_causes(study, [*others, *(r for _, r in pairs)])
    return [(r.verdict, [(c.id, c.alternative) for c in r.causes]) for r in found]


RIGHT = (entry("b", "-4.0"), off(verdict="agree"))
WRONG = (entry(), off(difference("coef", "a", 2.0, 2.5)))


def test_a_cause_of_the_whole_column_is_each_record_s(told):
    told.found = lambda targets: (solution("x", "y"), solution("z"))
    assert caused(told, RIGHT, WRONG) == [("agree", []), ("explained", [("x", 0), ("y", 0), ("z", 1)])]
    (targets, more) = told.put[0]
    assert [(t.quantity, t.term, t.text) for t in targets] == [("coef", "b", "-4.0"), ("coef", "a", "2.5")]
    assert (
        len(told.put) == 1 and more["most"] == 1 and more["printed_by"] == "published" and more["stars"] == (0.1, 0.05, 0.01)
    )
    assert {c.layer for c in more["catalogue"]} == {"design", "covariance", "convention", "printing"}
    assert any(c.one_number for c in more["catalogue"])


def test_one_record_at_a_time_where_nothing_gives_the_column(told):
    two = (entry("(Intercept)", "1.5"), off(difference("coef", "(Intercept)", 1.0, 1.5)))
    told.found = lambda targets: (solution("slip"),) if ("coef", "(Intercept)") not in targets else ()
    assert caused(told, RIGHT, WRONG, two) == [("agree", []), ("explained", [("slip", 0)]), ("disagree", [])]
    # the whole column; then each wrong record beside those that are right, the page alone at fault
    assert [len(targets) for targets, _ in told.put] == [3, 2, 2]
    assert {c.layer for c in told.put[1][1]["catalogue"]} == {"printing"}
    assert any(c.one_number for c in told.put[1][1]["catalogue"])


def test_many_wrong_numbers_are_no_slips(told):
    wrong = [(entry(t, "2.5"), off(difference("coef", t, 2.0), difference("se", t))) for t in ("a", "(Intercept)")]
    assert [v for v, _ in caused(told, RIGHT, *wrong)] == ["agree", "disagree", "disagree"]
    assert not any(c.one_number for c in told.put[1][1]["catalogue"]) and any(
        c.one_number for c in told.put[0][1]["catalogue"]
    )
    told.put.clear()
    wrong[1] = (wrong[1][0], off(difference("coef", "(Intercept)", 1.0)))
    caused(told, RIGHT, *wrong)  # three numbers may each be misprinted
    assert any(c.one_number for c in told.put[1][1]["catalogue"])


def test_each_column_is_asked_about_alone(told):
    told.found = lambda targets: (solution("x"),)
    elsewhere = (entry(source="table 2"), off(difference("coef", "a", 2.0, 2.5)))
    assert caused(told, RIGHT, elsewhere) == [("agree", []), ("explained", [("x", 0)])]
    assert [[t.term for t in targets] for targets, _ in told.put] == [["a"]]
    told.put.clear()
    caused(told, RIGHT, WRONG, elsewhere)
    assert [[t.term for t in targets] for targets, _ in told.put] == [["b", "a"], ["a"]]


def test_a_number_that_the_spec_lacks_is_explained_by_nothing(told):
    told.found = lambda targets: (solution("x"),)
    nothing = (entry(), off(difference("coef", "a", None), difference("se", "a")))
    assert caused(told, RIGHT, nothing)[1] == ("disagree", [])


def test_a_statistic_by_slips_of_its_own_digits(told):
    r2 = {"statistic": {"r2": "0.465"}}
    swapped = (entry("", None, **r2), off(difference("r2", "", 0.456, 0.465)))
    (verdict, causes), _ = caused(told, swapped, RIGHT)
    assert verdict == "explained" and causes == [("digits-transposed", 0)]
    far = (entry("", None, **r2), off(difference("r2", "", 0.123, 0.465)))
    assert caused(told, far, RIGHT)[0] == ("disagree", [])
    # a term that nothing explains beside it keeps both unexplained
    both = (entry("a", "2.5", **r2), off(difference("coef", "a", 2.0, 2.5), difference("r2", "", 0.456, 0.465)))
    assert caused(told, both, RIGHT)[0] == ("disagree", [])
    told.found = lambda targets: (solution("x"), solution("y"))
    assert caused(told, both, RIGHT)[0] == (
        "explained", [("x", 0), ("digits-transposed", 0), ("y", 1), ("digits-transposed", 1)],
    )  # fmt: skip


def test_records_that_do_not_match_their_entries_are_left_alone(told):
    told.found = lambda targets: (solution("x"),)
    more = off(difference("coef", "b", 1.0))
    assert all(v != "explained" for v, _ in caused(told, WRONG, others=(more,)))
    told.put.clear()
    assert caused(told, RIGHT) == [("agree", [])] and told.put == []


def test_a_spec_that_cannot_be_estimated_keeps_its_verdicts(told, monkeypatch):
    def refused(study, spec_id):
        raise InputError.at("study.toml", "", "no")

    monkeypatch.setattr(typed, "declared", refused)
    assert caused(told, WRONG) == [("disagree", [])]


def test_terms_that_the_spec_lacks_are_not_asked_about(told):
    assert (
        records._explained(Known(study=None, spec=SPEC, fitter=None), columns([entry("q")])[0], [(off(), entry("q"))]) == []
    )


# ---------------------------------------------------------------- columns of entries


def test_a_number_printed_twice_stands_in_two_columns():
    a, again, other = entry("a"), entry("a", "2.6"), entry("b")
    found = columns([a, again, other])
    assert [[e.term for e in c.entries] for c in found] == [["a", "b"], ["a"]]
    elsewhere, engine = entry("b", source="table 2"), entry("b", engine="stata")
    assert [len(c.entries) for c in columns([a, elsewhere, engine])] == [1, 1, 1]


def test_stars_mean_one_thing_in_a_column():
    three, two = entry("a", "2.5*", stars=(0.1, 0.05, 0.01)), entry("b", "1.0*", stars=(0.05, 0.01))
    assert [c.stars for c in columns([three, two])] == [(0.1, 0.05, 0.01), (0.05, 0.01)]
    below = entry("b", "1.0", stars=(0.1, 0.05, 0.01))
    assert len(columns([three, below])) == 1 and columns([entry("a")])[0].stars == ()
    count = entry("", None, statistic={"nobs": "50"})
    assert [t.quantity for t in columns([three, count])[0].targets] == ["coef", "nobs"]


# ---------------------------------------------------------------- typed numbers beside the declared ones


@pytest.fixture
def known() -> Declared:
    return Declared(SimpleNamespace(), SPEC, Toy(), TERMS)


def test_a_number_of_the_declared_spec(known):
    assert known.number("se", "a") == pytest.approx(0.2) and known.number("coef", "b") == -4.0
    assert known.number("nobs", "") == 100.0 and known.number("se", "q") is None
    nothing = replace(known, fitter=SimpleNamespace(numbers=lambda scenario: None))
    assert nothing.number("se", "a") is None
    flat = Toy()
    flat.rules = lambda scenario: ({(): 0.0}, 10.0)
    assert replace(known, fitter=flat).number("t", "a") is None  # two over nothing


def test_every_number_stands_beside_its_declared_one(known):
    targets = [TargetNumber("coef", "a", "2.0*"), TargetNumber("se", "b", ".5"), TargetNumber("nobs", "", "100")]
    found = typed._asked(known, targets, (0.1, 0.05, 0.01))
    assert [(x.quantity, x.term, x.text, x.agrees, x.declared) for x in found] == [
        ("coef", "a", "2.0*", True, 2.0), ("stars", "a", "2.0*", False, 3.0),
        ("se", "b", ".5", False, pytest.approx(0.4)), ("nobs", "", "100", True, 100.0),
    ]  # fmt: skip
    assert typed._asked(replace(known, fitter=SimpleNamespace(numbers=lambda scenario: None)), targets, ()) == []


def test_profiles_that_give_every_number(known):
    """The toy's numbers are every profile's, so that all are named but the spec's own."""
    right = [TargetNumber("se", "a", "0.2")]
    names = list(typed._defaults(known, right, (0.1,)))
    assert "regress" not in names and {"reghdfe", "areg"} <= set(names)
    assert list(typed._defaults(known, [TargetNumber("se", "a", "0.3")], (0.1,))) == []


def test_an_answer_that_agrees_needs_no_profiles(known, monkeypatch):
    monkeypatch.setattr(parity.diagnose, "explain_targets", lambda *a, **more: Explanation(verdict="agree"))
    found = explain_numbers(known, [TargetNumber("se", "a", "0.2")], read=("as told",))
    assert found.defaults == () and found.read == ("as told",) and found.clean and len(found.asked) == 1
    seen = {}

    def explained(*args, **more):
        seen.update(more)
        return Explanation(verdict="disagree")

    monkeypatch.setattr(parity.diagnose, "explain_targets", explained)
    other = explain_numbers(known, [TargetNumber("se", "a", "0.2")], (0.05,), printed_by="stata")
    assert other.defaults and not other.clean and seen["stars"] == (0.05,) and seen["printed_by"] == "stata"
    explain_numbers(known, [TargetNumber("se", "a", "0.2")])
    assert seen["stars"] == (0.1, 0.05, 0.01)


def test_a_clean_answer_has_lost_nothing():
    reading = Reading(table=4, columns=1, column=1, seen=4, read=4, compared=4)
    assert Answer(verdict="agree", reading=reading).clean and Answer(verdict="explained").clean
    assert not Answer(verdict="agree", reading=reading.model_copy(update={"lost": ("row",)})).clean


# ---------------------------------------------------------------- tables


def numbers(*texts: str) -> tuple[Number, ...]:
    kinds = {"(": "(", "[": "["}
    return tuple(Number(kinds.get(t[0], "coef"), t) for t in texts)


def table(*rows: tuple[str, list[tuple[str, ...]]], heads=None, nobs=None, **more) -> PrintedTable:
    width = len(rows[0][1])
    return PrintedTable(
        tuple(heads or [""] * width), tuple(Row(label, tuple(numbers(*c) for c in cells)) for label, cells in rows),
        tuple(nobs or [""] * width), **more,
    )  # fmt: skip


ONE = [("a", [("2.0", "(0.2)")]), ("b", [("-4.0", "(0.4)")])]


def test_statistics_of_a_whole_column_have_a_label():
    left = (
        Leftover("R2", (("0.5",),), STATISTIC),
        Leftover("", (("0.6",),), STATISTIC),
        Leftover("note", (("1",),), "other"),
    )
    assert table(*ONE, leftovers=(*left, left[0])).statistics == ("R2",)


def test_a_table_of_one_column_and_one_that_is_wanted(known):
    place, lines, why = tables._column(table(*ONE), known, {}, None)
    assert (place, [line.term for line in lines], why) == (0, ["a", "b"], [])
    two = table(("a", [("9.0",), ("2.0",)]), heads=("one", "two"))
    assert tables._column(two, known, {}, "two")[0] == 1 and tables._column(two, known, {}, "1")[2] == []
    with pytest.raises(InputError, match="column 1 has no number of a term"):
        tables._column(table(("a", [()])), known, {}, None)
    with pytest.raises(InputError, match="row `q` is no term"):
        tables._column(table(("q", [("1.0",)])), known, {}, None)


def test_the_column_that_is_meant(known):
    rows = [("a", [("9.0", "(0.2)"), ("2.0", "(0.2)"), ("2.0", "(0.9)")])]
    place, (why,) = tables._matching_column(table(*rows, heads=("x", "y", "z")), known, {})
    assert (place, why) == (1, "column 2 `y`: 100% of its numbers are this spec's, more than of any other")
    assert tables._matching_column(table(*rows), known, {})[1][0].startswith("column 2: 100%")
    place, (why,) = tables._matching_column(table(*rows, heads=("x", "y", "model s")), known, {})
    assert (place, why) == (2, "column 3: headed `s`")
    # two headed by it, or as many numbers in two: not clear
    assert tables._matching_column(table(*rows, heads=("s", "y", "s")), known, {})[0] == 1
    same = table(("a", [("2.0",), ("2.0",)]))
    with pytest.raises(InputError, match="which column is `s`"):
        tables._matching_column(same, known, {})
    with pytest.raises(InputError, match="which column is `s`"):
        tables._matching_column(table(("a", [("7.0",), ("8.0",)])), known, {})
    with pytest.raises(InputError, match="row `q` is no term"):
        tables._matching_column(table(("q", [("7.0",), ("8.0",)])), known, {})


def test_the_share_of_numbers_that_are_the_spec_s(known):
    def share(*texts: str, nobs: str = "") -> float:
        return tables._share([Line("a", "a", numbers(*texts))], nobs, known)

    assert share("2.0") == 1.0 and share("2.1") == 0.0 and share("2.0", "(0.3)") == 0.5
    assert share("2.0", nobs="100") == 1.0 and share("2.0", nobs="99") == 0.5
    # parentheses of any kind: a standard error, t, p
    assert share("2.0", "(0.2)") == share("2.0", "(10.0)") == share("2.0", "[0.000]") == 1.0


def test_what_stands_in_a_bracket(known):
    lines = [Line("a", "a", numbers("2.0", "(0.2)", "[10.0]")), Line("b", "b", numbers("-4.0", "(0.4)"))]
    plain = table(*ONE)
    kinds, said = tables._kinds(plain, lines, known, None, (0.1,))
    assert kinds == {"(": "se", "[": "t"}
    assert said == ["in parentheses: standard errors (2 of 2 are this spec's; else say --parentheses)",
                    "in brackets: t statistics (1 of 1 are this spec's)"]  # fmt: skip
    kinds, said = tables._kinds(plain, lines, known, "p", (0.1,))
    assert kinds == {"(": "p", "[": "t"} and said[0] == "in parentheses: p-values (as told)"
    kinds, said = tables._kinds(replace(plain, announced={"(": "t"}), lines, known, None, (0.1,))
    assert kinds["("] == "t" and said[0] == "in parentheses: t statistics (as the table says)"
    assert tables._kinds(plain, [Line("a", "a", numbers("2.0"))], known, None, ()) == ({}, [])


def test_numbers_of_a_column_as_targets():
    loose = Number("", "7")
    lines = [Line("a", "x", (*numbers("2.0*", "(0.2)"), loose)), Line("b", "b", numbers("1"))]
    found = tables._targets(lines, {"(": "se"}, "100")
    assert [(t.quantity, t.term, t.text) for t in found] == [
        ("coef", "a", "2.0*"), ("se", "a", "(0.2)"), ("coef", "b", "1"), ("nobs", "", "100"),
    ]  # fmt: skip
    assert [t.quantity for t in tables._targets(lines, {"(": "t"}, "")] == ["coef", "t", "coef"]


def test_a_window_s_f_is_of_all_slopes(known):
    def f(count: int = 2, **more):
        return tables._f(table(*ONE, f=(("51.2", count),)), 0, replace(known, **more))

    assert f() == [TargetNumber("f", "", "51.2")] and f(1) == [] and f(3) == []
    assert tables._f(table(*ONE), 0, known) == [] == tables._f(table(*ONE, f=(None,)), 0, known)
    iv = Spec(id="s", formula="y ~ a | u | b ~ z", vcov="HC1", convention="regress")
    assert f(spec=iv) == [] == f(spec=SPEC.model_copy(update={"model": "random_effects"})) == []
    assert f(fitter=SimpleNamespace(numbers=lambda scenario: None)) == []


def test_stars_of_a_table():
    starred = table(("a", [("2.0*",)]))
    assert tables._cuts(table(*ONE), None) == ((0.1, 0.05, 0.01), []) and tables._cuts(table(*ONE), (0.05,)) == ((0.05,), [])
    assert tables._cuts(starred, (0.05,)) == ((0.05,), ["stars: p below 0.05 (as told)"])
    assert tables._cuts(replace(starred, stars=(0.05, 0.01)), None) == (
        (0.05, 0.01), ["stars: p below 0.05, 0.01 (as the table says)"],
    )  # fmt: skip
    assert tables._cuts(starred, None)[1] == ["stars: p below 0.1, 0.05, 0.01 (for want of a note; else say --stars)"]


def test_levels_of_an_absorbed_effect_are_no_terms(known):
    spec = Spec(id="s", formula="y ~ a + b | year", vcov="HC1", convention="regress")
    rows = table(*(("1936.year", [("1.0",)]), ("1936.firm", [("1.0",)]), ("a", [("2.0",)]), ("year", [("2.0",)])))
    assert tables._absorbed(rows, replace(known, spec=spec)) == {"1936.year": ""} and tables._absorbed(rows, known) == {}


# ---------------------------------------------------------------- which variant of an index

ROWS = Rows(np.array([0, 0]), np.array([1.0, 2.0]), ("u:1", "u:2"))
A, B = Variant("a", {}, "an a"), Variant("b", {}, "a b")


@pytest.fixture
def forms(monkeypatch):
    """Forms are named; what each gives stands in `made`: weights of x and y by year, and two scores."""
    made: dict[str, IndexScores] = {}
    lists = SimpleNamespace(
        indicators=[], rows=[], singles=[((), "main"), ((A,), "a"), ((B,), "b")], pairs=[((A, B), "ab")], made=made
    )

    def scores(form, columns, rows):
        if form not in made:
            raise DeriveProblem("cannot be made")
        return made[form]

    monkeypatch.setattr(index_search, "index_scores", scores)
    monkeypatch.setattr(index_search, "_singles", lambda main, rows: iter(lists.singles))
    monkeypatch.setattr(index_search, "_pairs", lambda main, rows: iter(lists.pairs))
    monkeypatch.setattr(index_search, "of_other_indicators", lambda main, columns, beside: iter(lists.indicators))
    monkeypatch.setattr(index_search, "of_other_rows", lambda main, beside: iter(lists.rows))
    return lists


def index(x: float, *scores: float, year: str = "") -> IndexScores:
    return IndexScores(np.array(scores or (0.1, 0.9)), {}, {year: {"x": x, "y": 1 - x}})


def ask(targets: Targets, watch=None, columns: int = 2):
    more = {} if watch is None else {"watch": watch}
    return explain_index(None, dict.fromkeys("xyzw"[:columns]), ROWS, targets, **more)


def test_the_variant_whose_numbers_they_are(forms):
    forms.made |= {"main": index(0.5), "a": index(0.61), "b": index(0.6001)}
    found = ask(Targets({"x": Target(0.6, 0.005)}, {}))
    assert [m.variants for m in found.matches] == [(B,)] and found.checked == 1 and found.nearest is None and found.met == 0
    assert found.matches[0].residual == pytest.approx(1e-4) and found.matches[0].text == "a b" and found.by_chance == ()
    # three were tried, each hits with a hundredth of four tenths of .6
    assert found.chance == pytest.approx(3 * 2 * 0.005 / (0.4 * 0.6), rel=1e-3)


def test_the_index_as_it_stands_comes_first(forms):
    forms.made |= {"main": index(0.602), "a": index(0.6), "b": index(0.7)}
    found = ask(Targets({"x": Target(0.6, 0.005)}, {}))
    assert [m.variants for m in found.matches] == [(), (A,)] and found.chance == 0.0
    assert found.matches[0].text == "as the study says"
    forms.made["main"] = index(0.602, year="2011")
    assert ask(Targets({"x": Target(0.6, 0.005)}, {})).matches[0].text == "as the study says (weights of 2011)"


def test_two_variants_at_once_where_no_single_one_fits(forms):
    forms.made |= {"main": index(0.5), "a": index(0.55), "b": index(0.58), "ab": index(0.6)}
    found = ask(Targets({"x": Target(0.6, 1e-5)}, {}))
    assert [m.variants for m in found.matches] == [(A, B)] and found.matches[0].text == "an a and a b"
    assert found.chance == pytest.approx(2 * (1e-5 + INDEX) / (0.4 * 0.6), rel=1e-4) and found.chance < CERTAIN_CHANCE
    few = ask(Targets({"x": Target(0.6, 1e-3)}, {}))
    assert few.matches == () and [m.variants for m in few.by_chance] == [(A, B)] and few.chance >= CERTAIN_CHANCE
    assert few.nearest.variants == (B,) and few.met == 0
    both = ask(Targets({"x": Target(0.6, 1e-3), "y": Target(0.4, 1e-3)}, {}))
    assert [m.variants for m in both.matches] == [(A, B)]  # of two indicators two numbers count


def test_the_nearest_where_none_fits(forms):
    forms.made |= {"main": index(0.5), "a": index(0.6, 0.1, 0.8), "b": index(0.65), "ab": index(0.9)}
    targets = Targets({"x": Target(0.6, 1e-6)}, {1: Target(0.9, 1e-6)})
    found = ask(targets)
    assert found.matches == () == found.by_chance and found.checked == 2 and found.chance == 0.0
    assert (found.nearest.variants, found.met) == ((B,), 1) and found.nearest.residual == pytest.approx(0.05)
    assert ask(Targets({"x": Target(0.3, 1e-6)}, {})).nearest.variants == ()


def test_a_score_that_is_missing_meets_nothing(forms):
    forms.made |= {"main": index(0.6, math.nan, 0.9)}
    assert ask(Targets({}, {0: Target(0.1, 0.01)})).nearest is None
    assert [m.variants for m in ask(Targets({}, {1: Target(0.9, 0.01)})).matches] == [()]


def test_other_indicators_and_other_rows_are_single_variants(forms, monkeypatch):
    """Of some rows alone the others have no score; what is asked of them is met by nothing."""
    given = []

    def scores(form, columns, rows):
        given.append((form, {k: v.tolist() for k, v in columns.items()}, rows.names))
        return index(0.6, *[0.25] * len(rows.names))

    monkeypatch.setattr(index_search, "index_scores", scores)
    x = np.array([1.0, 2.0])
    made = index_search._made("f", {"x": x, "y": x}, ROWS, {"x": 2 * x}, None)
    assert given == [("f", {"x": [2.0, 4.0], "y": [1.0, 2.0]}, ("u:1", "u:2"))] and made.scores.tolist() == [0.25, 0.25]
    some = index_search._made("f", {"x": x}, ROWS, None, np.array([False, True]))
    assert given[1] == ("f", {"x": [2.0]}, ("u:2",)) and np.isnan(some.scores[0]) and some.scores[1] == 0.25
    forms.singles, forms.pairs = [], []
    forms.indicators, forms.rows = [((A,), "f", {"x": x})], [((B,), "g", None, np.array([True, False]))]
    found = explain_index(None, {"x": x}, ROWS, Targets({}, {0: Target(0.25, 0.01)}))
    assert [m.variants for m in found.matches] == [(A,), (B,)]
    assert [m.variants for m in explain_index(None, {"x": x}, ROWS, Targets({}, {1: Target(0.25, 0.01)})).matches] == [(A,)]


def test_weights_of_each_year_are_told_by_year(forms):
    each = IndexScores(np.array([0.1, 0.9]), {}, {"2011": {"x": 0.2}, "2012": {"x": 0.6}})
    forms.made |= {"main": each}
    found = ask(Targets({"x": Target(0.6, 0.001)}, {}))
    assert [m.where for m in found.matches] == ["2012"]
    assert [m.where for m in ask(Targets({}, {0: Target(0.1, 0.001)})).matches] == [""]  # scores once, whatever the weights


def test_a_search_of_an_index_that_is_stopped(forms):
    forms.made |= {"main": index(0.5), "a": index(0.6), "b": index(0.6)}
    seen = []

    def watch(at_once: int, weighed: int) -> None:
        seen.append((at_once, weighed))
        if weighed == 3:
            raise Stopped("time is up")

    found = ask(Targets({"x": Target(0.6, 0.001)}, {}), watch)
    assert found.stopped == "time is up" and [m.variants for m in found.matches] == [(A,)]
    assert seen == [(1, 1), (1, 2), (1, 3)]
    forms.made.clear()
    seen.clear()
    assert ask(Targets({"x": Target(0.6, 0.001)}, {}), lambda a, w: seen.append((a, w))).matches == ()
    assert seen == [(1, 1), (1, 2), (1, 3), (2, 4)]


def test_how_precise_a_number_of_an_index_is():
    assert index_search._allowed(Target(0.5)) == INDEX and index_search._allowed(Target(-50.0)) == 50 * INDEX
    assert index_search._allowed(Target(0.5, 0.005)) == pytest.approx(0.005 + INDEX, rel=1e-6)
    assert index_search._allowed(Target(0.0, 1e6)) == pytest.approx(1e6 + 1.0 + INDEX, abs=1e-6)  # how a half unit is stored
    targets = Targets({"x": Target(0.5, 0.001), "y": Target(0.0, 0.001)}, {0: Target(0.25, 0.001), 1: Target(0.001, 1.0)})
    allowed = np.array([0.001, 0.001, 0.001, 1.0])
    shares = [0.002 / (0.4 * 0.5), 0.002 / (0.4 * 0.25), 1.0, 1.0]  # the most precise first; none is more than sure
    for indicators in (1, 2, 3, 5):
        assert index_search._of_one(targets, allowed, indicators) == pytest.approx(math.prod(shares[:indicators]))
    assert len(targets) == 4 and Match((A,), 0.0).text == "an a"
