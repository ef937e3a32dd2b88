"""Why a convention moves a number: nothing that moves one is passed over in silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parity.conventions.facts import Absorbed, Facts
from parity.conventions.formulas import count_k, df_t, factor
from parity.conventions.kinds import KINDS
from parity.conventions.profiles import PROFILES, family_of
from parity.conventions.settings import Convention
from parity.report.why import reasons
from parity.results.spec_page import Outcome, SpecDetail

FACTS = Facts(nobs=100, nobs_weighted=100.0, n_slopes=3, intercept=True, periods=12, clusters={("g",): 9})
EFFECTS = replace(FACTS, intercept=False, absorbed=(Absorbed("f", 9, ("g",)),), absorbed_rank=9)


def outcome(facts: Facts, convention: Convention, kind: str, declared: bool = False) -> Outcome:
    cluster = ("g",) if kind.startswith("CR") else ()
    facts = (
        facts if cluster else replace(facts, clusters={}, absorbed=tuple(replace(e, nested_in=()) for e in facts.absorbed))
    )
    return Outcome(
        profiles=(convention.profile,), declared=declared, k=count_k(facts, convention, kind, cluster),
        factors={"": factor(facts, convention, kind, cluster, cluster, False)},
        df=df_t(facts, convention, kind, cluster, iv=False, random=False),
    )  # fmt: skip


def said(facts: Facts, theirs: str, ours: str, kind: str) -> tuple[tuple[str, ...], bool]:
    """The reasons, and whether factor or distribution moves."""
    there, here = (outcome(facts, PROFILES[name], kind, name == ours) for name in (theirs, ours))
    detail = SpecDetail.model_construct(vcov=kind, settings=PROFILES[ours].model_dump())
    return reasons(there, here, detail), (there.factors, there.df) != (here.factors, here.df)


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS if kind.name not in ("CR2", "CR3")])
def test_every_number_that_moves_has_a_reason(kind):
    for facts in (FACTS, EFFECTS):
        for ours in PROFILES:
            for theirs in family_of(ours):
                if "xtreg" in (ours, theirs) and not (facts.absorbed and kind.startswith("CR")):
                    continue  # xtreg refuses
                why, moves = said(facts, theirs, ours, kind) if theirs != ours else ((), False)
                assert bool(why) == moves, (theirs, ours, why)


def test_factors_of_likelihoods_are_said():
    assert said(FACTS, "ml", "feglm", "HC1")[0] == ("factor of HC1: N/(N - 1)",)
    first, second = said(FACTS, "feglm", "ml", "iid")[0]
    assert first == "a small-sample factor is applied" and second.endswith("inverse information: (N - 1)/(N - K)")
