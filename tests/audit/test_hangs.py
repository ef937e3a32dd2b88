"""What a claim hangs on is named: the choice, or the group, whatever else moves a little."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from made_outcomes import made
from parity.audit.hangs import Wilds, hangs
from parity.results.audit_sensitivity import AuditEstimate, FewestRemoved


def removal(kind: str = "firm", p: float = 0.6, fewest: int = 1, rows: int = 10) -> FewestRemoved:
    after = AuditEstimate(coef=0.1, se=0.2, p=p, df=30.0, nobs=90.0)
    return FewestRemoved(
        aim="ends", rows=rows, level=0.05, kind=kind, groups=30, fewest=fewest, removed=("firm 7",), after=after
    )


def test_a_choice_that_carries_the_star_is_named_with_the_option_that_takes_it():
    """The coefficient hangs on another choice; the claim doesn't."""
    of = made((2, 3, 2), lambda c: 1.0 + 5.0 * c[:, 0], p=[0.001, 0.001, 0.2, 0.001, 0.001, 0.3] * 2)
    found = hangs(of, 0.05)
    assert (found.claim, found.axis, found.worst, found.kept) == ("star", "a1", "o1", 8)
    assert [(o.option, o.kept, o.of) for o in found.options] == [("o0", 4, 4), ("o1", 2, 4), ("o2", 2, 4)]


def test_a_star_of_the_other_sign_is_lost_too():
    of = made((2, 2), lambda c: 1.0 - 2.0 * c[:, 1], p=0.001)
    assert (hangs(of, 0.05).axis, hangs(of, 0.05).kept) == ("a1", 2)


def test_without_a_star_the_claim_is_that_there_is_none():
    of = made((2, 2), lambda c: np.ones(len(c)), p=[0.5, 0.4, 0.001, 0.02])
    found = hangs(of, 0.05)
    assert (found.claim, found.axis, found.worst) == ("no star", "a0", "o1")


def test_where_it_holds_in_all_only_the_size_hangs_on_something():
    found = hangs(made((2, 2), lambda c: 1.0 + c[:, 1], p=0.01), 0.05)
    assert (found.claim, found.kept, found.axis) == ("star", 4, "a1") and found.share == pytest.approx(1.0)
    assert hangs(made((2, 2), lambda c: np.ones(len(c)), p=0.01), 0.05).axis == ""
    assert hangs(made((2, 2), lambda c: np.full(len(c), np.nan)), 0.05) is None
    elsewhere = made((2, 2), lambda c: c[:, 0] + 1.0, np.array([1, 2, 3]), p=0.01)
    assert (hangs(elsewhere, 0.05).claim, hangs(elsewhere, 0.05).axis) == ("size", "a0")


def test_one_group_is_named_where_no_choice_goes_as_far():
    calm = made((2, 2), lambda c: 1.0 + c[:, 1], p=0.001)
    found = hangs(calm, 0.05, [removal("year", fewest=3), removal("row", p=0.1), removal()])
    assert (found.kind, found.group, found.p, found.axis) == ("firm", "firm 7", 0.6, "")
    assert hangs(calm, 0.05, [removal(fewest=2)]).group == ""
    assert hangs(calm, 0.05, [removal("year", rows=45)]).group == ""  # a third of the rows is no one among many
    at_the_line = made((2, 2), lambda c: 1.0 + c[:, 1], p=0.04)
    assert hangs(at_the_line, 0.05, [removal(p=0.08)]).group == "firm 7"  # nothing else takes the star
    moved = made((2, 2), lambda c: 1.0 + c[:, 1], p=[0.001, 0.9, 0.001, 0.9])
    assert hangs(moved, 0.05, [removal()]).axis == "a1"  # further than the group goes
    barely = made((2, 2), lambda c: 1.0 + c[:, 1], p=[0.001, 0.06, 0.001, 0.06])
    assert hangs(barely, 0.05, [removal()]).group == "firm 7"


def test_a_group_that_is_a_choice_already_is_that_choice():
    of = made((3, 2), lambda c: np.ones(len(c)), p=[0.001, 0.001, 0.3, 0.3, 0.001, 0.001])
    named = dataclasses.replace(of, axes=(dataclasses.replace(of.axes[0], name="leave_out.firm"), of.axes[1]))
    assert hangs(named, 0.05, [removal()]).axis == "leave_out.firm"


def test_what_overturns_it_by_itself_comes_before_what_does_so_with_others():
    """One of eight options does by itself; the other choice only together with others, and in far more specifications."""
    p = np.full((8, 2, 2), 0.001)
    p[5] = 0.3
    p[1:, 1, :] = np.where(np.arange(7)[:, None] < 6, 0.2, 0.001)
    found = hangs(made((8, 2, 2), lambda c: np.ones(len(c)), p=p.ravel()), 0.05)
    assert (found.axis, found.worst) == ("a0", "o5")


def test_of_two_that_do_the_one_under_which_it_holds_least():
    p = np.array([[[0.001, 0.06], [0.3, 0.3]], [[0.001, 0.001], [0.3, 0.3]]])
    found = hangs(made((2, 2, 2), lambda c: np.ones(len(c)), p=p.ravel()), 0.05)
    assert (found.axis, found.worst) == ("a1", "o1")


def test_a_choice_near_the_line_is_named_before_a_firm_that_does_so_too():
    """Far enough to overturn it, not so far that most of the evidence is gone; it is told beside the choice."""
    near = made((2, 2), lambda c: np.ones(len(c)), p=[0.02, 0.06, 0.02, 0.06])
    found = hangs(near, 0.05, [removal(p=0.11)])
    assert (found.axis, found.worst, found.group, found.p) == ("a1", "o1", "firm 7", 0.11)


def test_what_the_wild_bootstrap_contradicts_is_not_named():
    """By t the second option and firm 7 take the star; by the bootstrap neither does, but the third option."""
    of = made((2, 3), lambda c: np.ones(len(c)), p=[0.001, 0.3, 0.06, 0.001, 0.3, 0.001])
    found = hangs(of, 0.05, [removal()], wilds=Wilds({1: 0.04, 2: 0.2}.get, lambda removed: 0.01))
    assert (found.axis, found.worst, found.wild, found.group) == ("a1", "o2", 0.2, "")
    assert (found.contradicted.axis, found.contradicted.option, found.contradicted.wild) == ("a1", "o1", 0.04)
    by_t = hangs(of, 0.05, [removal(p=0.9)])
    assert (by_t.kind, by_t.group, by_t.contradicted) == ("firm", "firm 7", None)
    kept = hangs(of, 0.05, [removal(p=0.9)], wilds=Wilds(lambda spec: 0.04, lambda removed: 0.2))
    assert (kept.group, kept.axis, kept.wild) == ("firm 7", "", 0.2)


def test_the_other_sign_and_a_convention_are_judged_by_t():
    """A bootstrap's p has no sign, and knows no convention."""
    other = made((2, 2), lambda c: 1.0 - 2.0 * c[:, 1], p=0.001)
    assert hangs(other, 0.05, wilds=Wilds(lambda spec: 0.001)).worst == "o1"
    of = made((2, 2), lambda c: np.ones(len(c)), p=[0.04, 0.06, 0.04, 0.06])
    named = dataclasses.replace(of, axes=(of.axes[0], dataclasses.replace(of.axes[1], name="convention")))
    assert hangs(named, 0.05, wilds=Wilds(lambda spec: 0.03)).contradicted is None


def test_a_star_that_appears_by_t_alone_is_none():
    of = made((3,), lambda c: np.ones(len(c)), p=[0.5, 0.001, 0.02])
    found = hangs(of, 0.05, wilds=Wilds({1: 0.2, 2: 0.03}.get))
    assert (found.claim, found.worst, found.contradicted.option) == ("no star", "o2", "o1")


def test_what_is_named_was_asked():
    """Of 150 options each of which ends the star by t, none does by the bootstrap: none is named by itself, and the fifty
    that weren't asked are counted. A convention needs no bootstrap, and is found behind them."""
    p = np.full(151, 0.2)
    p[0] = 0.01
    of, asked = made((151,), lambda c: np.ones(len(c)), p=p), []
    found = hangs(of, 0.05, wilds=Wilds(lambda spec: asked.append(spec) or 0.01))
    assert (len(asked), found.unasked, found.enough) == (100, 50, False) and found.contradicted.option == "o1"
    two = made((151, 2), lambda c: np.ones(len(c)), p=np.where(np.arange(302) == 0, 0.01, 0.2))
    two = dataclasses.replace(two, axes=(two.axes[0], dataclasses.replace(two.axes[1], name="convention")))
    found = hangs(two, 0.05, wilds=Wilds(lambda spec: 0.01))
    assert (found.axis, found.worst, found.enough) == ("convention", "o1", True)
