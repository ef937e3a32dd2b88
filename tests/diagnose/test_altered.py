"""Altered pages: alterations are real, the judge can fail, and on a slice of them the diagnosis is right.

All of them: `PYTHONPATH=tests python -m altered`, whose output is in docs/evidence/altered.md.
"""

from __future__ import annotations

import random

import pytest

import altered
from parity.compare.printed import read_number
from parity.diagnose import Explanation, NamedCause, Solution


def test_one_digit_changes_one_digit():
    rng = random.Random(0)
    for text in (".352", "-12.50**", "7.7545e-05", "(0.05)"):
        for _ in range(50):
            other = altered.one_digit(rng, text)
            assert sum(a != b for a, b in zip(text, other, strict=True)) == 1
            assert read_number(other).half_unit == read_number(text).half_unit


def test_transposing_needs_two_digits_that_differ():
    rng = random.Random(0)
    assert altered.transposed(rng, "0.00") is None and altered.transposed(rng, "5e-12") is None
    for text in ("0.352", "12.5*", "(0.05)"):
        other = altered.transposed(rng, text)
        assert other != text and sorted(other) == sorted(text)


def test_an_error_that_cannot_be_seen_is_no_error():
    assert altered.hidden("0.4138018346", "0.4138") and altered.hidden("0.352***", "0.352*")
    assert not altered.hidden("0.352", "0.353") and not altered.hidden("0.4138", "0.4139018")


def explanation(*ids: str, possible: tuple[str, ...] = ()) -> Explanation:
    def solution(id: str) -> Solution:
        cause = NamedCause(id=id, group="printing", sentence="", formula="", source="")
        return Solution(causes=(cause,), residual=0.0, reproduced=())

    return Explanation(
        verdict="explained" if ids else "disagree",
        causes=tuple(map(solution, ids)), possible=tuple(map(solution, possible)),
    )  # fmt: skip


def test_the_judge_can_fail():
    case = altered.Case("s", "b", "one digit", "digit-misprinted", (), ())
    right = altered.Case("s", "b", "unaltered", "", (), ())
    agree = Explanation(verdict="agree")
    assert altered.result(case, agree) == "missed" and altered.result(right, agree) == "right"
    assert altered.result(case, explanation("cr2")) == "other" == altered.result(right, explanation("cr2"))
    assert altered.result(case, explanation("cr2", "digit-misprinted")) == "right"
    assert altered.result(case, explanation("cr2", possible=("digit-misprinted",))) == "possible"
    assert altered.result(case, explanation()) == "other"


@pytest.mark.parametrize(("study", "spec"), [("mtcars", "areg"), ("cigarettes", "table_1"), ("grunfeld", "xtreg")])
def test_a_slice(study, spec):
    outcomes, _ = altered.of_spec(study, spec, seed=1, kinds=(), most=2)
    kinds = {o.case.kind for o in outcomes}
    assert {"unaltered", "one digit", "digits transposed"} < kinds
    assert not [o for o in outcomes if not o.case.cause and o.result != "right"]
    # "-1.20" and "(0.20)" of another spec are few digits: chance may do as much, so it is offered and not named
    few = [(o.case.kind, o.case.what, o.result) for o in outcomes if o.result != "right"]
    assert few in ([], [("neighbouring column, a row", "row d(log(rprice), 10)", "possible")])
    assert not [o for o in outcomes if o.certain and o.result != "right"]
