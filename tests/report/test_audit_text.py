"""An audit as text: the sentence says what is true, and no line is wider than a terminal."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import wcwidth

from made_outcomes import bounds_by_hand, left_out, made
from parity.audit.document import document, extreme, joint_inference, sensitivity
from parity.audit.hangs import Wilds
from parity.audit.joint import joint
from parity.audit.sensitivity.influence import Influence
from parity.audit.sensitivity.removal import Removal
from parity.audit.single import Estimated
from parity.audit.wild import Wild
from parity.report.audit_first import caveat, plain_sentence
from parity.report.audit_json import audit_json
from parity.report.audit_sentence import audit_sentence
from parity.report.audit_text import audit_text
from parity.report.audit_words import changed
from parity.results.audit import Audit, AuditChange
from parity.results.audit_sensitivity import AuditEstimate, FewestRemoved


def full(seed: int):
    rng = np.random.default_rng(seed)
    coef = rng.normal(1.0, 0.8, 48)
    coef[rng.random(48) < 0.1] = np.nan
    coef[0], coef[3] = 1.2, np.nan
    of = made((2, 3, 2, 4), lambda c: coef, p=np.r_[0.01, rng.random(47) ** 3], notes={3: "the outcome is constant"})
    t = rng.normal(size=(40, 48))
    influence = Influence("firm", 11, np.ones(11), ("an exceedingly long name of a firm (anonymised)", 0.2), ("b", 1.4),
                          0, 1, (left_out(1.4),))  # fmt: skip
    extra = sensitivity(
        *bounds_by_hand(),
        [influence],
        [Removal("sign", 0.05, "firm", 11, 3, 2, ("a", "b"), 8, Estimated(-0.1, 0.2, 0.6, 17.0, 72.0), True),
         Removal("reverses", 0.05, "row", 1_100, None, None, (), 0, None, False)],
        ["Newey-West has no bounds."],
    )  # fmt: skip
    found = joint_inference(of, joint(of, [(t, t)]), "rows")
    return document(
        of, name="wide", spec="main", term="log_value_added_per_worker", joint=found,
        sensitivity=extra, extremes=[extreme(of, "audited", 0, "agree", 7, 13.2)], notes=["A note."], drawn_of=1_000_000,
        wild=[Wild("audited", 0, 9, 512, 0.0625), Wild("smallest p", 5, 9, 512, float(of.p[5]))],
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_no_line_is_wider_than_a_terminal_and_every_part_is_there(seed):
    text = audit_text(full(seed))
    assert max(wcwidth.wcswidth(line) for line in text.splitlines()) <= 80
    for part in ("Coefficients from", "what moves it", "no estimate of their own", "Stouffer's z", "Oster's delta",
                 "A confounder", "Leaving out one firm of 11", "(a, b)", "1,100 rows", "estimated again",
                 "specification clusters p wild p", "audited 9 0.01 0.0625", "audited one loses its 5 % star",
                 "A note.", "drawn of 1,000,000",
                 "the outcome is constant", "Newey-West has no bounds."):  # fmt: skip
        assert part in " ".join(text.split()), part


@pytest.mark.parametrize(
    ("axis", "before", "after", "said"),
    [
        ("leave_out.firm", "none", "1", "without firm 1"), ("where", "all", "year > 1985", "only year > 1985"),
        ("transform.inv", "as it is", "log(inv)", "log(inv) for inv"),
        ("index.dt", "as it is", "by_year", "dt built by_year"),
        ("capital", "in", "out", "without capital"),
        ("absorb", "firm + year", "none", "absorb: none instead of firm + year"),
        ("index.dt", "by_year", "pca", "index.dt: pca instead of by_year"),
    ],
)  # fmt: skip
def test_a_change_is_said_as_people_say_it(axis, before, after, said):
    assert changed([AuditChange(axis=axis, before=before, after=after)]) == said


def test_the_sentence_counts_signs_stars_and_names_the_choice():
    of = made((2, 2, 2), lambda c: 1.0 - 0.9 * c[:, 1] + 0.1 * c[:, 0], p=[0.01, 0.2, 0.3, 0.4, 0.01, 0.04, 0.06, 0.7])
    assert audit_sentence(document(of, name="n", spec="s", term="x")) == (
        "`x` keeps its sign in 8 of 8 specifications. Its 5 % star (p below 0.05, by t) is there in 3, and 5 have none. "
        "What moves the coefficient most is `a1` (99 % of its variance)."
    )


def test_a_star_of_the_other_sign_is_none_that_was_kept():
    of = made((3,), lambda c: np.array([1.0, -1.0, -2.0]), p=[0.01, 0.01, 0.5])
    text = audit_text(document(of, name="n", spec="s", term="x"))
    assert "\n\n`x` keeps its sign in 1 of 3 specifications. Its 5 % star (p below" in text
    assert "0.05, by t) is there in 1, 1 has a star of the other sign, and 1 has none." in " ".join(text.split())
    assert "Any one of 2 single changes is enough to overturn the sign (the other sign in 2\n  of 3 in all):" in text
    assert "a0: o2 instead of o0" in text


def test_without_a_star_or_without_the_audited_specification():
    none = made((2,), lambda c: np.array([1.0, 2.0]), p=[0.2, 0.01])
    assert (
        "There is no 5 % star (p below 0.05, by t) in the audited one alone; 1 has one with its sign, 0 with the other sign."
    ) in audit_sentence(document(none, name="n", spec="s", term="x"))
    elsewhere = made((2, 2), lambda c: np.array([1.0, -2.0, 3.0]), np.array([1, 2, 3]), p=0.01)
    said = audit_sentence(document(elsewhere, name="n", spec="s", term="x"))
    assert said.startswith("`x` is positive in 2 of 3 specifications and negative in 1; 3 have a 5 % star")
    nothing = made((2,), lambda c: np.full(2, np.nan))
    assert audit_text(document(nothing, name="n", spec="s", term="x")).startswith("None of 2 specifications of `x`")
    same = document(made((2,), lambda c: np.ones(2), p=0.01), name="n", spec="s", term="x")
    assert audit_sentence(same).endswith(
        "Its 5 % star (p below 0.05, by t) is there in 2, and 0 have none. No choice moves the coefficient."
    )
    assert "No specification overturns the sign." in audit_text(same)


def test_long_names_of_choices_are_cut_to_the_terminal():
    import dataclasses

    from parity.audit.outcomes import Axis

    of = made((2, 2), lambda c: 1.0 - 2.0 * c[:, 0] - 0.1 * c[:, 1])
    axes = tuple(Axis(f"{'一个很长的名字 ' * 9}{j}", ("out", "in" * 60), 0) for j in range(2))
    text = audit_text(document(dataclasses.replace(of, axes=axes), name="n", spec="s", term="x"))
    assert max(wcwidth.wcswidth(line) for line in text.splitlines()) <= 80 and "…" in text


def test_the_first_sentence_says_what_it_hangs_on_in_words():
    import dataclasses

    from parity.audit.outcomes import Axis

    of = made((2, 2), lambda c: 1.0 - 0.9 * c[:, 1], p=[0.01, 0.2, 0.01, 0.3])

    def said(axis: Axis, more=None) -> str:
        named = dataclasses.replace(of, axes=(of.axes[0], axis))
        return plain_sentence(document(named, name="n", spec="s", term="x", sensitivity=more))

    first = "`x` is positive and significant at 5 % in 2 of 4 ways to estimate it. In the other 2 it is not significant. "
    first += "Option by option it is positive and significant in 2 of 2 "
    cases = {
        Axis("w", ("out", "in"), 0): ("the control `w`", "without that control", "with that control"),
        Axis("leave_out.firm", ("none", "7"), 0): ("leaving out one firm", "with no `firm` left out", "without firm 7"),
        Axis("where", ("all", "year > 3"), 0): ("the sample (`where`)", "on all rows", "where `year > 3`"),
        Axis("transform.y", ("as it is", "log(y)"), 0):
            ("how `y` enters", "with `y` unchanged", "with its logarithm in its place (`log(y)`)"),
        Axis("convention", ("fixest", "areg"), 0): ("the package whose defaults are used (`convention`)",
            "as R's fixest counts (`fixest`)", "as Stata's areg counts (`areg`)"),
    }  # fmt: skip
    for axis, (choice, own, other) in cases.items():
        assert said(axis) == (
            f"Hangs on one choice: {choice}. {first}{own}, as audited; in 0 of 2 {other}. The audited estimate is 1 "
            f"(p 0.01); {other}, and all else as audited, it is 0.1 (p 0.2)."
        )
    after = AuditEstimate(coef=0.1, se=0.2, p=0.999, df=30.0, nobs=90.0)
    one = FewestRemoved(aim="ends", level=0.05, kind="firm", groups=30, fewest=1, removed=("7",), after=after)
    assert said(Axis("w", ("out", "in"), 0), sensitivity(removals=[one])) == (
        "Hangs on one firm of 30: without firm 7, `x` is no longer positive and significant at 5 %. The audited estimate is "
        "1 (p 0.01); without firm 7 it is 0.1 (p 0.999). `x` is positive and significant at 5 % in 2 of 4 ways to estimate "
        "it. In the other 2 it is not significant."
    )
    none = made((2, 2), lambda c: np.ones(len(c)), p=[0.5, 0.4, 0.001, 0.01])
    assert plain_sentence(document(none, name="n", spec="s", term="x")) == (
        "Hangs on one choice: `a0`. `x` (positive as audited) is not significant at 5 % in 2 of 4 ways to estimate it. In "
        "the other 2 it is positive and significant. Option by option it is not significant in 2 of 2 with `o0`, as "
        "audited; in 0 of 2 with `o1`. The audited estimate is 1 (p 0.5); with `o1`, and all else as audited, it is "
        "1 (p 0.001)."
    )
    calm = made((2,), lambda c: np.array([1.0, 2.0]), p=0.01)
    assert plain_sentence(document(calm, name="n", spec="s", term="x")) == (
        "Holds: `x` is positive and significant at 5 % in all 2 ways to estimate it. Only its size, from 1 to 2, hangs on a "
        "choice, and most on `a0`. With all else unchanged it is 1 (p 0.01) with `o0`, as audited; 2 (p 0.01) with `o1`."
    )


def test_the_first_sentence_tells_of_what_does_so_too_and_of_the_other_sign():
    of = made((3,), lambda c: np.array([1.0, 1.0, -1.0]), p=[0.01, 0.2, 0.03])
    after = AuditEstimate(coef=0.4, se=0.25, p=0.11, df=30.0, nobs=290.0)
    one = FewestRemoved(aim="ends", level=0.05, kind="firm", groups=30, fewest=1, removed=("7",), rows=10, after=after)

    def said(outcomes, **given):
        return plain_sentence(document(outcomes, name="n", spec="s", term="x", **given))

    assert said(of, sensitivity=sensitivity(removals=[one])) == (
        "Hangs on one choice: `a0`. `x` is positive and significant at 5 % in 1 of 3 ways to estimate it. In the other 2 it "
        "is not significant (1) or negative and significant (1). Option by option it is positive and significant in 1 of 1 "
        "with `o0`, as audited; in 0 of 1 with `o2`; in 0 of 1 with `o1`. The audited estimate is 1 (p 0.01); with `o2`, "
        "and all else as audited, it is −1 (p 0.03). Leaving out firm 7 by itself ends it too."
    )
    text = audit_text(document(of, name="n", spec="s", term="x", sensitivity=sensitivity(removals=[one])))
    assert "Without 1 of 30 firms (firm 7) it is 0.4 (p 0.11)" in text
    turned = made((2, 2), lambda c: 1.0 - 2.0 * c[:, 0] * c[:, 1] - 0.1 * c[:, 0], p=[0.5, 0.4, 0.001, 0.01])
    assert "In the other 2 it is negative and significant (1) or positive and significant (1)." in said(turned)
    some = one.model_copy(update={"alone": 12})
    calm = made((2,), lambda c: np.array([1.0, 2.0]), p=0.04)
    assert said(calm, sensitivity=sensitivity(removals=[some])).startswith(
        "Hangs on a single firm: without any one of 12 of 30 firms, such as firm 7, `x` is no longer positive and "
        "significant at 5 %. The audited estimate is 1 (p 0.04); without firm 7 it is 0.4 (p 0.11). `x` is positive"
    )


@pytest.mark.parametrize("options", [2, 3, 4, 5, 40])
def test_the_counts_of_a_sentence_add_up_to_all_ways(options):
    """Those in which the claim holds and the others; and those under each option, the ones told together included."""
    rng = np.random.default_rng(options)
    of = made((options, 3, 4), lambda c: rng.normal(0.5, 1, len(c)), p=np.r_[0.01, rng.random(12 * options - 1) ** 4])
    found = document(of, name="n", spec="s", term="x")
    text = plain_sentence(found)
    kept, ways = (int(n) for n in re.search(r"in (\d+) of (\d+) ways", text).groups())
    rest = re.search(r"In the other (\d+) it is ([^.]*)\.", text)
    assert kept + int(rest[1]) == ways == 12 * options
    parts = [int(n) for n in re.findall(r"\((\d+)\)", rest[2])]
    assert not parts or sum(parts) == int(rest[1])
    told = [(int(k), int(n)) for k, n in re.findall(r"in (\d+) of (\d+) ", text[rest.end() :])]
    assert len(told) == min(len(found.hangs.options), 3 if len(found.hangs.options) > 4 else 4)
    assert (sum(k for k, _ in told), sum(n for _, n in told)) == (kept, ways)


def test_many_options_of_the_choice_that_is_named_stand_in_a_table():
    of = made((12, 2), lambda c: 1.0 + c[:, 0], p=[0.01] * 22 + [0.2, 0.3])
    text = " ".join(audit_text(document(of, name="n", spec="s", term="x")).split())
    assert "in 2 of 2 with `o0`, as audited; in 0 of 2 with `o11`; in 20 of 20 with the 10 others." in text
    assert "option ways estimate p ------" in text and " o11 0 of 2 12 0.2 " in text and " 4 others 8 of 8 " in text


def test_where_t_and_the_wild_bootstrap_part_the_first_lines_say_so():
    calm = made((2,), lambda c: np.array([1.0, 2.0]), p=[0.01, 0.08])
    wilds = Wilds(of=lambda spec: 0.03)
    picked = [Wild("audited", 0, 9, 512, 0.07)]
    found = document(calm, name="n", spec="s", term="x", wild=picked, wilds=wilds)
    less = "the one to trust where there are few clusters"
    assert caveat(found) == (
        f"By a wild bootstrap, {less}, the audited one itself is not significant at 5 % (p 0.07). With one choice changed, "
        "with `o1`, the audited estimate is no longer significant at 5 % by the usual t test (it is then 2, p 0.08), "
        f"but still is by a wild bootstrap (p 0.03), {less}. There are 9 clusters."
    )
    none = made((2,), lambda c: np.array([1.0, 2.0]), p=[0.08, 0.01])
    found = document(none, name="n", spec="s", term="x", wilds=Wilds(of=lambda spec: 0.3))
    assert caveat(found) == (
        "With one choice changed, with `o1`, the audited estimate becomes significant at 5 % by the usual t test "
        f"(it is then 2, p 0.01), but not by a wild bootstrap (p 0.3), {less}."
    )


def test_where_no_choice_by_itself_overturns_it_the_sentence_says_so():
    """Two together do; where a bootstrap contradicts t, where some were drawn or not asked, nothing is known of each."""
    both = made((2, 2), lambda c: np.ones(len(c)), p=[0.01, 0.02, 0.03, 0.2])
    start = "Unsettled: `x` is positive and significant at 5 % in 3 of 4 ways to estimate it"
    other, none = ". In the other one it is not significant.", " No one choice by itself changes that."
    other += " The audited estimate is 1 (p 0.01)."
    rest = (
        " Whether it is significant depends most on `a0`: it is positive and significant in 2 of 2 with `o0`, as audited; "
        "in 1 of 2 with `o1`."
    )
    found = document(both, name="n", spec="s", term="x")
    assert plain_sentence(found) == start + other + none + rest
    assert plain_sentence(found.model_copy(update={"drawn_of": 99})) == f"{start} that were drawn of 99{other}{rest}"
    unasked = found.hangs.model_copy(update={"unasked": 2})
    found = found.model_copy(update={"hangs": unasked})
    assert plain_sentence(found) == start + other + rest
    assert caveat(found) == "By the t test 2 more choices do so; no wild bootstrap was made of these."
    by_t = made((2,), lambda c: np.ones(len(c)), p=[0.01, 0.2])
    asked = document(by_t, name="n", spec="s", term="x", wilds=Wilds(of=lambda spec: 0.01))
    assert plain_sentence(asked).startswith(
        "Unsettled: `x` is positive and significant at 5 % in 1 of 2 ways to estimate it. In the other one it is not "
        "significant. The audited estimate is 1 (p 0.01). Whether"
    )
    none = made((2, 2), lambda c: np.ones(len(c)), p=[0.1, 0.2, 0.3, 0.02])
    assert plain_sentence(document(none, name="n", spec="s", term="x")) == (
        "Unsettled: `x` (positive as audited) is not significant at 5 % in 3 of 4 ways to estimate it. In the other one it "
        "is positive and significant. The audited estimate is 1 (p 0.1). No one choice by itself changes that. Whether it "
        "is significant depends most on `a0`: "
        "it is not significant in 2 of 2 with `o0`, as audited; in 1 of 2 with `o1`."
    )


def test_of_many_ways_the_share_is_said_too():
    many = made((100, 2), lambda c: np.ones(len(c)), p=[0.01] * 199 + [0.2])
    assert "in 199 of 200 ways to estimate it (99.5 %). In the other one" in plain_sentence(
        document(many, name="n", spec="s", term="x")
    )


def test_terminal_and_json_begin_with_the_same_sentence():
    found = full(0)
    kept = json.loads(audit_json(found))
    assert list(kept)[:4] == ["schema", "verdict", "sentence", "caveat"] and kept["verdict"] == "fragile"
    assert kept["sentence"].startswith("Fragile: two ways to have the p of the audited estimate disagree. ")
    assert " ".join(audit_text(found).split()).startswith(f"{kept['sentence']} {kept['caveat']}".strip())
    assert Audit.model_validate(kept).sentence == plain_sentence(found)


def test_no_draw_of_many_is_no_p_of_zero():
    of = made((2,), lambda c: np.array([1.0, 2.0]), p=[0.01, 0.08])
    found = document(of, name="n", spec="s", term="x", wild=[Wild("audited", 0, 31, 1_999, 0.0)])
    assert "audited 31 0.01 <0.0005" in " ".join(audit_text(found).split())


def test_weak_instruments_are_said_first_and_counted():
    import dataclasses

    from parity.audit.outcomes import Axis

    of = made((3, 2), lambda c: 1.0 + c[:, 0], p=[0.01, 0.2, 0.3, 0.4, 0.02, 0.6])
    axes = (Axis("instruments", ("z", "w", "z + w"), 0), of.axes[1])
    first = np.array([9.5, 40.0, 12.0, np.nan, 3.0, 4.0])
    found = document(dataclasses.replace(of, axes=axes, first_stage=first), name="n", spec="s", term="x")
    assert caveat(found) == "In 3 of 5 ways the instruments are weak (first-stage F below 10), as audited (F 9.5)."
    text = " ".join(audit_text(found).split())
    assert "F is from 3 to 40, median 9.5, and below 10 in 3 of 5 specifications (60 %)" in text
    assert "1 more has no such F" in text and "z + w 2 of 2 3 3.5 4" in text
    assert [s.first_stage for o in found.overturned for s in o.sets if o.claim == "ends"] == [12.0, 40.0]
    assert "coefficient std. error p F" in text
    assert found.summary.first_stage.below == 3 and json.loads(audit_json(found))["summary"]["first_stage"]["specs"] == 5
    strong = dataclasses.replace(of, first_stage=np.full(6, 10.0))
    assert caveat(document(strong, name="n", spec="s", term="x")) == ""
