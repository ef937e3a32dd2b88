"""Printed numbers of analyses: mediation, indices, diagnostics, resampling; each compared by what its last digit can say."""

from __future__ import annotations

import pytest

from conftest import FIXTURES
from parity.base.errors import InputError
from parity.report.badge import to_badge
from parity.report.in_print import next_question
from parity.report.words import last_line
from parity.results.record import Number, Record, Report, summarise
from parity.runs.judge_analyses import numbers_of, printed_records
from parity.study.load import load_study, parse_study
from parity.study.published import Published

STUDY = load_study(FIXTURES / "digital_trade")
IV = next(s.id for s in STUDY.specs if s.diagnostics)
#: analysis, quantity, term
NUMBERS = [
    ("mediation.nqp", "effect", "indirect nqp"), ("mediation.nqp", "p by sobel", "nqp"), ("mediation.regions.1", "nobs", ""),
    ("index.dt", "weight", "telecom_volume"), ("index.dt", "score", "北京:2015"), ("index.dt.range", "rank", "北京:2016"),
    (f"diagnostics.{IV}", "first_stage", "dt"), (f"diagnostics.{IV}", "weak_f", ""),
    (f"diagnostics.{IV}", "underidentified p", ""),
    ("difference.era", "p permutation", ""), ("wild.baseline", "t", ""), ("bootstrap.iv_both", "estimate", "dt"),
]  # fmt: skip
HELD: dict = {}


def found(analysis: str):
    if analysis not in HELD:
        HELD[analysis] = numbers_of(STUDY, analysis)
    return HELD[analysis]


def judged(*entries: Published) -> tuple[Record, ...]:
    """Records from numbers that the analyses' own records keep, as in a run."""
    kept = [
        Record(study=STUDY.id, spec=a, kind="index", reference="", candidate="", verdict="agree",
               numbers=tuple(Number(quantity=q, term=t, value=v) for (q, t), v in found(a).items()))
        for a in dict.fromkeys(e.analysis for e in entries)
    ]  # fmt: skip
    return printed_records(STUDY.model_copy(update={"published": entries}), kept)


def entry(analysis: str, term: str = "", **given) -> Published:
    return Published(analysis=analysis, term=term, source="table 1", **given)


@pytest.mark.parametrize(("analysis", "quantity", "term"), NUMBERS, ids=[f"{a} {q}" for a, q, _ in NUMBERS])
def test_a_right_number_agrees_and_a_wrong_one_does_not(analysis, quantity, term):
    value = found(analysis)[quantity, term]
    right, wrong = f"{value:.4f}", f"{value + 0.0002:.4f}"
    records = judged(*(entry(analysis, term, statistic={quantity: text}) for text in (right, wrong)))
    assert [r.verdict for r in records] == ["agree", "disagree"]
    assert {(r.spec, r.kind, r.checked, r.reference) for r in records} == {(analysis, "printed", 1, "published")}
    assert records[1].differences[0].candidate == pytest.approx(value)


def test_numbers_that_no_record_keeps_are_made():
    value = found("index.dt")["weight", "gdp"]
    given = entry("index.dt", "gdp", statistic={"weight": f"{value:.3f}"})
    (record,) = printed_records(STUDY.model_copy(update={"published": (given,)}), ())
    assert record.verdict == "agree"


def test_what_ivreg2_calls_the_diagnostics():
    (record,) = judged(entry(f"diagnostics.{IV}", statistic={"kp_f": f"{found(f'diagnostics.{IV}')['weak_f', '']:.2f}"}))
    assert record.verdict == "agree"


def test_stars_follow_from_the_p_value_of_the_same_name():
    held = found(f"diagnostics.{IV}")
    text, p = f"{held['underidentified', '']:.2f}", held["underidentified p", ""]
    right = sum(p < cut for cut in (0.1, 0.05, 0.01))
    records = judged(*(
        entry(f"diagnostics.{IV}", statistic={"underidentified": text + "*" * n}, stars=(0.1, 0.05, 0.01)) for n in (1, 2, 3)
    ))  # fmt: skip
    assert [r.verdict for r in records] == ["agree" if n == right else "disagree" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("analysis", "term", "quantity", "says"),
    [
        ("index.dt", "gpd", "weight", "did you mean `gdp`"),
        ("index.dt", "gdp", "wieght", "did you mean `weight`"),
        ("index.dt", "", "weight", "a `weight` without a term"),
        ("mediation.nqp", "indirect", "p by sobel", "terms: nqp"),
        ("wild.baseline", "dt", "p", "has no `p` of `dt`"),
    ],
)
def test_unknown_names_are_said_with_those_that_are_there(analysis, term, quantity, says):
    (record,) = judged(entry(analysis, term, statistic={quantity: "0.1"}))
    assert record.verdict == "disagree" and says in record.note and record.differences[0].candidate is None


def test_a_group_that_is_not_there_fails():
    given = entry("mediation.regions.9", statistic={"nobs": "1"})
    (record,) = printed_records(STUDY.model_copy(update={"published": (given,)}), ())
    assert record.verdict == "failed" and "there is no analysis `mediation.regions.9`" in record.note


TOML = (FIXTURES / "digital_trade" / "study.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('analysis = "index.td"\nstatistic = { weight = "0.1" }', "did you mean `index.dt`"),
        ('analysis = "diagnostics.baseline"\nstatistic = { weak_f = "1" }', "there is no analysis `diagnostics.baseline`"),
        ('analysis = "index.dt"\nspec = "baseline"\nstatistic = { weight = "0.1" }', "one of them"),
        ('statistic = { weight = "0.1" }', "one of them"),
        ('analysis = "index.dt"\nterm = "gdp"\nestimate = "0.1"', "in place of estimate"),
        ('analysis = "index.dt"\nterm = "gdp"', "nothing to compare"),
    ],
)
def test_entries_that_cannot_be_meant_are_refused(lines, says):
    with pytest.raises(InputError) as error:
        parse_study(f'{TOML}\n[[published]]\nsource = "table 1"\n{lines}\n', FIXTURES / "digital_trade" / "study.toml")
    assert any(says in str(problem) for problem in error.value.problems), error.value.problems


def test_a_printed_number_of_an_analysis_counts_as_no_specification():
    records = judged(
        entry("index.dt", "gdp", statistic={"weight": "0.9999"}), entry("wild.baseline", statistic={"t": "22.15"})
    )
    report = Report(versions={}, transports={}, records=records, summary=summarise(records))
    assert all(r.about_analysis for r in records) and report.exit_code == 1
    assert last_line(report) == "1 of 2 printed entries about analyses agree (2 quantities compared)."
    badge = to_badge(report)
    assert "0 of 0 agree, 1 other not" in badge


def test_what_to_ask_next_of_an_index():
    (record,) = judged(entry("index.dt", "gdp", statistic={"weight": "0.9999"}))
    assert next_question(record) == "parity explain digital_trade dt --target-weight gdp=0.9999"
    (record,) = judged(entry("wild.baseline", statistic={"t": "0.9999"}))
    assert next_question(record) == ""


def test_what_an_entry_prints_is_expanded_once():
    """Comparison and pages name every number alike, a statistic of an analysis by its term."""
    from parity.compare.printed import stated
    from parity.study.published import Published

    entry = Published(spec="one", term="x", estimate="1.5**", parentheses="(0.2)", variance="0.04", kind="t",
                      statistic={"nobs": "20"}, source="here")  # fmt: skip
    named = [("coef", "x"), ("t", "x"), ("vcov", "x x x"), ("nobs", "")]
    assert [(q, t) for q, t, _ in entry.numbers()] == named == list(stated(entry))
    assert [text for *_, text in entry.numbers()] == ["1.5**", "(0.2)", "0.04", "20"]
    of_analysis = Published(analysis="mediation.one", term="m", statistic={"effect": "0.1"}, source="here")
    assert of_analysis.numbers() == (("effect", "m", "0.1"),)


def test_the_registry_is_the_only_list_of_analyses():
    from parity.analyses.registry import analyses
    from parity.results.record import SIDES

    kinds = [kind for one in analyses().values() for kind in one.kinds]
    assert len(set(kinds)) == len(kinds) and set(kinds) == set(SIDES) - {"estimate", "reading"}
    from parity.report.words import other_kinds

    assert all(other_kinds()[kind] for kind in kinds)
    assert "names start with" in str(numbers_of(STUDY, "magic.trick"))
