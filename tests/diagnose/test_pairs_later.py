"""Steps that there are only after another one, and when pairs may have two free parameters."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from parity.diagnose import chance, pairs
from parity.diagnose.cause import Cause, Step
from parity.diagnose.combinations import Path
from parity.diagnose.observed import Observed, Target
from parity.diagnose.search import Search
from scenarios_by_hand import COEF, DECLARED, SE, Move, Toy, factor, moves, page

MODEL = moves("model", Move((1.0, 1.5, 1.0)))


def later(id: str = "rule", steps: int = 2, **more) -> Cause:
    """A cause that has steps once some move of the sample has gone before."""

    def variants(cause, scenario, fitter):
        if scenario.edits:
            for n in range(steps):
                yield Step(cause, scenario.edited(Move(se=1.0 + n)), (("variant", n),))

    return replace(moves(id), variants=variants, **more)


def after(*causes: Cause, before: tuple[Cause, ...] = (MODEL,)) -> list[tuple[str, ...]]:
    toy = Toy()
    singles = [Path(DECLARED).then(s) for c in before for s in c.steps(DECLARED, toy)]
    found = pairs._only_after(singles, (*before, *causes), toy)
    return [tuple(f"{s.cause.id}{dict(s.parameters)['variant']}" for s in p.steps) for p in found]


def test_what_there_is_only_after_another_step_stands_behind_it():
    assert after(later()) == [("model0", "rule0"), ("model0", "rule1")]
    two = (MODEL, moves("other", Move(), Move()))
    assert after(later(), before=two) == [
        (first, rule) for first in ("model0", "other0", "other1") for rule in ("rule0", "rule1")
    ]
    assert after(later("p", 1), later("q", 1)) == [("model0", "p0"), ("model0", "q0")]


def test_of_so_many_steps_the_first_are_tried():
    assert pairs.MOST_NEW == 12
    assert after(later(steps=20)) == [("model0", f"rule{n}") for n in range(12)]


def test_behind_what_nothing_stands():
    assert after(later(slot="model")) == []  # one slot
    assert after(later(cost=2)) == [] and after(later(many=True)) == []
    assert after(later(), before=(replace(MODEL, parametrised=True),)) == []
    assert after(later(), before=(replace(MODEL, cost=2),)) == []
    assert after(moves("known", Move()), before=(MODEL, moves("known", Move()))) == []  # the declared scenario has it


def test_they_come_before_all_other_pairs():
    toy = Toy()
    other = moves("other", Move((1.0, 1.0, 1.2)))
    singles = [Path(DECLARED).then(s) for c in (MODEL, other) for s in c.steps(DECLARED, toy)]
    found = pairs.pairs(DECLARED, singles, (MODEL, other, later(steps=1)), page(coef=(3.0, -4.8)), toy,
                        lambda *of: None, free=False)  # fmt: skip
    assert [[s.cause.id for s in p.steps] for p in found] == [["model", "rule"], ["other", "rule"], ["model", "other"]]


def test_a_rule_after_a_model_is_found():
    """The slope times one and a half, and standard errors doubled by what only the other model has."""
    rule = replace(later(), layer="design")
    shown = page(coef=(3.0, -4.0), se=SE[1:] * 2)
    found = Search(Toy(), shown, DECLARED, (MODEL, rule, factor("f", 1.21))).run()
    assert [tuple(s.cause.id for s in f.path.steps) for f in found.solutions] == [("model", "rule")]


# ---------------------------------------------------------------- two free parameters


def tells(observed: Observed, n: int) -> bool:
    one = Search(Toy(), observed, DECLARED, ())
    return one._tells_families([Path(DECLARED)] * n)


@pytest.mark.parametrize(("relative", "most"), [(1e-4, 5), (1e-5, 14), (1e-6, 45)])
def test_so_many_pairs_leave_less_than_a_chance(relative, most):
    """A number of these digits is hit by 2 r of a fifth; n steps make n (n - 1) / 2 pairs."""
    share = 2 * relative / math.log(1.1 / 0.9)
    assert share * math.comb(most, 2) <= chance.LIMIT < share * math.comb(most + 1, 2)
    observed = page(relative, coef=(3.0, None), se=(None, None))
    assert tells(observed, most) and not tells(observed, most + 1)


def test_a_whole_table_tells_any_pair():
    observed = page(1e-2, coef=(3.0, None), se=(None, None))
    assert not tells(observed, 10) and tells(replace(observed, complete=True), 1000)


def test_standard_errors_that_move_apart_tell_more():
    digits = 1e-3
    ses = Observed((Target("se", "a", 0.3, 0.3 * digits, 0.3), Target("se", "b", 0.45, 0.45 * digits, 0.45)), complete=False)
    one = Search(Toy(), ses, DECLARED, ())
    first = 2 * digits / math.log(1.1 / 0.9)
    assert one.one_scenario[2] == pytest.approx(first) and one._of_factors < 0.02
    most = int(math.sqrt(2 * chance.LIMIT / (first * one._of_factors)))
    assert tells(ses, most) and not tells(ses, most + 2) and math.comb(most, 2) * first > chance.LIMIT


def test_pairs_of_two_families_are_tried_where_they_are_told():
    """Both have a free parameter: with nine digits they are named, with four they are not tried."""
    assert np.allclose(COEF, (1.0, 2.0, -4.0))
    families = [moves("p", Move((1.0, 1.5, 1.0)), Move((1.0, 1.7, 1.0)), parametrised=True),
                moves("q", Move((1.0, 1.0, 1.2)), Move((1.0, 1.0, 1.3)), parametrised=True)]  # fmt: skip

    def named(relative: float) -> list:
        found = Search(Toy(), page(relative, coef=(3.0, -4.8)), DECLARED, tuple(families)).run()
        return [tuple(s.cause.id for s in f.path.steps) for f in (*found.solutions, *found.possible)]

    assert named(1e-9) == [("p", "q")] and named(6e-3) == []
