"""Printed numbers: what their last digit says, and nothing more."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from parity.compare.harmonise import Harmonised, Quantity
from parity.compare.printed import compare_printed, read_number, stars_of_nothing, stated, uncompared_stars
from parity.results.record import Comparison
from parity.study.published import Published


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("0.352***", 0.352, 0.0005),
        ("(0.048)", 0.048, 0.0005),
        ("[0.048]", 0.048, 0.0005),
        ("-.64", -0.64, 0.005),
        ("−.64", -0.64, 0.005),
        ("1.2e-3", 0.0012, 0.00005),
        ("1.2e3", 1200, 50),
        ("1.2e−3", 0.0012, 0.00005),
        ("200", 200, 0.5),
        ("0.00", 0, 0.005),
        ("+3.10", 3.1, 0.005),
        (" 0.352 *** ", 0.352, 0.0005),
        ("(0.048)**", 0.048, 0.0005),
        ("0.352†", 0.352, 0.0005),
        ("5.", 5, 0.5),
    ],
)
def test_reading(text, value, half):
    Published(spec="s", term="t", estimate=text, source="table 1")
    number = read_number(text)
    assert number.value == value
    assert number.half_unit == pytest.approx(half, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "***",
        "()",
        "0.352 0.1",
        "1,234.5",
        "0.3-0.4",
        "nan",
        "inf",
        "--1",
        "1e",
        "1e400",
        "0e400",
        "1e-400",
        "0e9",
        "(0.00E12)***",
        "0x1F",
        "٣.٥",
        "1_000",
        ".",
    ],
)
def test_what_is_no_number_is_refused(text):
    for key in ("estimate", "parentheses", "variance"):
        with pytest.raises(ValidationError):
            Published(spec="s", term="t", **{key: text}, source="table 1")
    with pytest.raises(ValidationError):
        Published(spec="s", statistic={"f": text}, source="table 1")


@pytest.mark.parametrize(
    "entry",
    [
        {"term": "t"},
        {"estimate": "1"},
        {"term": "t", "estimate": "1", "kind": "p"},
        {"term": "t", "estimate": "1", "engine": "x"},
    ],
)
def test_an_entry_that_says_nothing_is_refused(entry):
    with pytest.raises(ValidationError):
        Published(spec="s", source="table 1", **entry)


def candidate(**values: float) -> Harmonised:
    """Quantities of the term `x`, and `f` of the model."""
    keys = {name: (name, "" if name == "f" else "x x x" if name == "vcov" else "x") for name in values}
    return Harmonised("e", "exact", "native", {keys[n]: Quantity(v, abs(v)) for n, v in values.items()}, frozenset())


def published(**given) -> Published:
    return Published(**{"spec": "s", "term": "x", "source": "table 1"} | given)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (0.352, "agree"), (0.3515, "agree"), (0.3525, "agree"), (0.35149, "disagree"), (0.35251, "disagree"),
        (0.3525001, "disagree"), (-0.352, "disagree"), (math.nan, "disagree"), (math.inf, "disagree"), (0.0, "disagree"),
    ],
)  # fmt: skip
def test_the_interval_of_a_printed_estimate(value, verdict):
    result = compare_printed(published(estimate="0.352***"), candidate(coef=value))
    assert (result.verdict, result.checked) == (verdict, 1)


@settings(max_examples=300, deadline=None)
@given(
    st.decimals(-1000, 1000, places=3, allow_nan=False),
    st.integers(0, 6),
    st.floats(-0.999, 0.999),
    st.sampled_from([1, -1]),
)
def test_just_inside_agrees_and_just_outside_does_not(number, places, share, sign):
    text = f"{number:.{places}f}"
    half = float(Decimal(5).scaleb(-places - 1))
    inside = float(Decimal(text) + Decimal(share) * Decimal(half))
    outside = float(Decimal(text)) + sign * max(half, read_number(text).allowed) * (1 + 1e-6)
    entry = published(estimate=text)
    assert compare_printed(entry, candidate(coef=inside)).verdict == "agree"
    assert compare_printed(entry, candidate(coef=outside)).verdict == "disagree"


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e4, 1e4, allow_subnormal=False), st.integers(0, 8))
def test_whatever_is_printed_from_a_value_agrees_with_it(value, places):
    assert compare_printed(published(estimate=f"{value:.{places}f}"), candidate(coef=value)).verdict == "agree"


def test_parentheses_hold_what_the_entry_says():
    both = candidate(coef=0.352, se=0.0481, t=-7.32)
    assert compare_printed(published(estimate="0.352", parentheses="(0.048)"), both).verdict == "agree"
    assert compare_printed(published(parentheses="(7.32)", kind="t"), both).verdict == "agree"
    assert compare_printed(published(parentheses="(-7.32)", kind="t"), both).verdict == "agree"
    assert compare_printed(published(parentheses="(7.32)"), both).verdict == "disagree"
    assert compare_printed(published(parentheses="(-7.32)", kind="t"), candidate(t=7.32)).verdict == "disagree"
    assert compare_printed(published(parentheses="(0.049)"), both).verdict == "disagree"


def test_variances_and_statistics():
    both = candidate(vcov=0.0023, f=51.594)
    assert compare_printed(published(variance="0.0023"), both).verdict == "agree"
    assert compare_printed(published(term="", statistic={"f": "51.59"}), both).verdict == "agree"
    assert compare_printed(published(term="", statistic={"f": "51.58"}), both).verdict == "disagree"


@pytest.mark.parametrize(
    "entry",
    [
        {"term": "no_such_term", "estimate": "0"},
        {"parentheses": "0"},
        {"variance": "0"},
        {"term": "", "statistic": {"no_such_statistic": "0"}},
    ],
)
def test_a_number_without_counterpart_is_a_difference(entry):
    result = compare_printed(published(**entry), candidate(coef=0.0))
    assert (result.verdict, result.checked, result.digits) == ("disagree", 1, 0)
    assert result.differences[0].candidate is None


def test_every_number_of_an_entry_counts():
    entry = published(estimate="0.352", parentheses="(0.048)", variance="0.0023", statistic={"f": "51.59", "r2": "0.9"})
    assert len(stated(entry)) == compare_printed(entry, candidate(coef=0.352)).checked == 5
    assert {d.quantity for d in compare_printed(entry, candidate(coef=0.352)).differences} == {"se", "vcov", "f", "r2"}


# ---------------------------------------------------------------- stars

CUTS = (0.1, 0.05, 0.01)


@pytest.mark.parametrize(
    ("given", "agrees"),
    [
        ({"estimate": "0.352**"}, True),
        ({"estimate": "0.352***"}, False),
        ({"estimate": "0.352"}, False),
        ({"parentheses": "(0.048)**"}, True),
        ({"parentheses": "(0.048)***"}, False),
        ({"parentheses": "(0.048**)"}, True),
        ({"parentheses": "(2.20)*", "kind": "t"}, False),
        ({"parentheses": "(2.20)**", "kind": "t"}, True),
        ({"estimate": "0.352", "parentheses": "(2.20)**", "kind": "t"}, True),
        ({"estimate": "0.352", "parentheses": "(2.20)***", "kind": "t"}, False),
        ({"estimate": "0.352**", "parentheses": "(2.20)", "kind": "t"}, True),
        ({"variance": "0.0023*"}, False),
        ({"parentheses": "(0.048)"}, True),  # it says nothing of stars
    ],
)
def test_stars_are_compared_wherever_they_stand(given, agrees):
    both = candidate(coef=0.352, se=0.0481, t=2.2, p=0.03, vcov=0.0023)
    result = compare_printed(published(stars=CUTS, **given), both)
    assert result.verdict == ("agree" if agrees else "disagree")
    assert {d.quantity for d in result.differences} == (set() if agrees else {"stars"})


def test_stars_of_statistics_follow_from_their_p_values():
    keys = {("f", ""): 4.0, ("df_t", ""): 20.0, ("coef", "x"): 1.0, ("coef", "z"): 1.0, ("coef", "(Intercept)"): 1.0,
            ("hausman", ""): 5.0, ("hausman_p", ""): 0.08, ("r2", ""): 0.9}  # fmt: skip
    side = Harmonised("e", "exact", "native", {k: Quantity(v, 1.0) for k, v in keys.items()}, frozenset())

    def differing(**statistic: str) -> list[str]:
        entry = published(term="", stars=CUTS, statistic=statistic)
        return [d.quantity for d in compare_printed(entry, side).differences]

    assert differing(f="4.00**", hausman="5.0*") == []  # p of F(2, 20) at 4 is 0.0345
    assert differing(f="4.00***") == ["stars"] and differing(f="4.00") == []
    assert differing(hausman="5.0**") == ["stars"]
    normal = Harmonised("e", "exact", "native", side.quantities | {("df_t", ""): Quantity(math.inf, 1.0)}, frozenset())
    assert not compare_printed(published(term="", stars=CUTS, statistic={"f": "4.00**"}), normal).differences  # p = 0.0183
    (off,) = compare_printed(entry := published(term="", stars=CUTS, statistic={"r2": "0.9**"}), side).differences
    assert off.candidate is None and "`r2` has no p-value" in stars_of_nothing(entry, Comparison(
        checked=1, digits=0, differences=(off,)))  # fmt: skip


def test_stars_that_contradict_each_other_are_refused():
    with pytest.raises(ValidationError, match="estimate has 2, parentheses has 3"):
        published(estimate="0.352**", parentheses="(2.20)***", kind="t")


def test_stars_without_levels_are_said_to_be_uncompared():
    assert "the stars of x are not compared" in uncompared_stars(published(parentheses="(2.20)**", kind="t"))
    assert "the stars of f" in uncompared_stars(published(term="", statistic={"f": "4.00**", "r2": "0.9"}))
    assert not uncompared_stars(published(estimate="0.352**", stars=CUTS))
    assert not uncompared_stars(published(estimate="0.4"))


@pytest.mark.parametrize(("text", "decimals"), [("0.352", 3), ("12", 0), ("1.2e3", 0), (".05", 2), ("1.2e-3", 4), ("5.", 0)])
def test_decimals_of_a_printed_number(text, decimals):
    assert read_number(text).decimals == decimals


def test_a_number_of_stars_has_no_decimals():
    (_, stars) = stated(published(estimate="0.352**", stars=(0.1, 0.05))).values()
    assert (stars.value, stars.half_unit, stars.decimals) == (2.0, 0.0, 0)


def test_p_at_a_level_is_not_below_it():
    for p, text in ((0.05, "0.352*"), (0.0499, "0.352**"), (0.1, "0.352"), (0.01, "0.352**")):
        entry = published(estimate=text, stars=(0.1, 0.05, 0.01))
        assert compare_printed(entry, candidate(coef=0.352, p=p)).verdict == "agree", (p, text)


def test_a_printed_nought_is_judged_on_what_its_digits_hide():
    """0.00 stands for up to 0.005; 0.055 is off by ten half units beyond that."""
    (difference,) = compare_printed(published(estimate="0.00"), candidate(coef=0.055)).differences
    assert difference.digits == 0.0 and difference.allowed == 0.005
    assert compare_printed(published(estimate="0.00"), candidate(coef=0.004)).verdict == "agree"


def test_stars_that_are_other_ones_have_a_p_value():
    """Only stars that nothing follows from are no stars; a wrong count, or another number that is missing, is none of it."""
    entry = Published(spec="s", source="t", statistic={"hausman": "9.00**", "r2": "0.5"}, stars=(0.1, 0.05, 0.01))

    def found(**values: float) -> Harmonised:
        quantities = {(name, ""): Quantity(v, 1.0) for name, v in values.items()}
        return Harmonised("e", "exact", "native", quantities, frozenset())

    wrong = compare_printed(entry, found(hausman=9.0, hausman_p=0.001, r2=0.5))
    assert [(d.quantity, d.candidate) for d in wrong.differences] == [("stars", 3.0)] and stars_of_nothing(
        entry, wrong
    ) == ""
    absent = compare_printed(entry, found(hausman=9.0, hausman_p=0.04))
    assert [d.quantity for d in absent.differences] == ["r2"] and stars_of_nothing(entry, absent) == ""
    nothing = compare_printed(entry, found(hausman=9.0, r2=0.5))
    assert stars_of_nothing(entry, nothing).startswith("`hausman` has no p-value")
