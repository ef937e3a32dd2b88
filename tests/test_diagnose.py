"""Causes are complete and applicable, estimates are explained from either side, and what no cause makes is not named."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from conftest import FIXTURES
from parity import fit
from parity.conventions import PROFILES
from parity.data import load_frame
from parity.design import build_design
from parity.diagnose import TargetNumber, explain_estimate, explain_targets, words
from parity.diagnose.bench import Bench
from parity.diagnose.catalogue import BY_ID, CAUSES
from parity.diagnose.cause import GROUPS
from parity.diagnose.observed import from_numbers
from parity.diagnose.search import Search
from parity.diagnose.world import World
from parity.estimate import Estimate, Part, Reported
from parity.study import Spec, load_study
from parity.tolerance import ITERATIVE

STUDY = load_study(FIXTURES / "grunfeld")
FRAME = load_frame(STUDY)
BENCH = Bench(STUDY, FRAME)
SPEC = Spec(
    id="two_way", formula="inv ~ value + capital | firm + year", vcov={"cluster": ["firm"]}, convention="reghdfe"
)  # fmt: skip


def shipped(world: World, engine: str = "other") -> Estimate:
    """What an engine that lives in this world answers, with its own convention applied."""
    n = BENCH.numbers(world)
    return Estimate(
        engine=engine, terms=n.terms, coef=tuple(n.coef.tolist()), parts=(Part(matrix=n.vcov.tolist()),), basis="as shipped",
        df_t=n.df, reported=Reported(nobs=n.nobs),
    )  # fmt: skip


def explained(candidate: Estimate, spec: Spec = SPEC, reference: Estimate | None = None):
    return explain_estimate(STUDY, spec, FRAME, reference or shipped(World(spec)), candidate, bench=BENCH)


def test_every_cause_is_whole():
    for cause in CAUSES:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cause.id)
        assert cause.group in GROUPS and cause.sentence.endswith(".") and cause.source


@pytest.mark.parametrize("cause", CAUSES, ids=lambda c: c.id)
def test_what_gives_a_cause_is_no_remedy(cause):
    for engine, text in cause.how.items():
        assert not re.search(r"\bfor\b|instead|leave out|leaves it", text), text
        assert text != cause.avoids.get(engine)


@pytest.mark.parametrize(
    ("one", "other"),
    [("singletons-kept", "singletons-dropped"), ("iid-without-degrees-of-freedom", "iid-with-degrees-of-freedom"),
     ("counts-nested-effects", "leaves-nested-effects-out"), ("cr0", "cr1"), ("large-sample-iv", "small-sample-iv"),
     ("variance-components-exact", "variance-components-harmonic"), ("frequency-for-analytic", "analytic-for-frequency"),
     ("robust-for-iid", "iid-for-robust"), ("trimmed-for-winsorised", "winsorised-for-trimmed")],
)  # fmt: skip
def test_what_gives_a_cause_avoids_its_opposite(one, other):
    a, b = BY_ID[one], BY_ID[other]
    shared = [e for e in a.how if e in b.avoids]
    assert shared and any(a.how[e] == b.avoids[e] for e in shared)
    assert all(a.how[e] != b.how[e] for e in a.how if e in b.how)


@pytest.mark.parametrize("kind", ["HC2", "HC3", "HC4", "CR0", "CR2", "CR3"])
def test_what_gives_another_covariance_names_its_kind(kind):
    cause = BY_ID[kind.lower()]
    typed = [text for text in cause.how.values() if "type = " in text]
    assert typed and all(f'"{kind}"' in text for text in typed if "vcovHC" not in text or kind != "CR0")
    assert not any(f'"{kind}"' in text for text in cause.avoids.values())


@pytest.mark.parametrize("cause", CAUSES, ids=lambda c: c.id)
def test_every_template_is_filled(cause):
    for spec in STUDY.specs:
        for step in list(cause.steps(World(spec), BENCH))[:2]:
            for template in (cause.sentence, cause.formula, *cause.how.values(), *cause.avoids.values()):
                assert "{" not in words.filled(template, step, World(spec), BENCH)


def test_equal_estimates_agree():
    assert explained(shipped(World(SPEC))).verdict == "agree"


def test_an_uncorrected_estimate_agrees_with_what_it_says_it_is():
    answer = fit.estimate(SPEC, build_design(STUDY, SPEC, FRAME))
    assert explained(answer, reference=answer).verdict == "agree"


@pytest.mark.parametrize("profile", ["areg", "lm", "lfe", "linearmodels", "statsmodels"])
def test_the_default_of_another_package_is_named_by_its_parts(profile):
    convention = PROFILES[profile].model_copy(update={"singletons": SPEC.convention.singletons})
    answer = explained(shipped(World(SPEC.model_copy(update={"convention": convention}))))
    assert answer.verdict == "explained"
    assert all(s.residual < 1e-9 for s in answer.causes)


def test_the_side_that_departs_is_named():
    other = shipped(World(SPEC.model_copy(update={"convention": PROFILES["areg"]})))
    answer = explained(shipped(World(SPEC)), reference=other)
    assert answer.verdict == "explained" and answer.causes[0].side == "reference"
    assert answer.causes[0].ids == ("counts-nested-effects",)
    assert "10 of firm and 20 of year" in answer.causes[0].causes[0].sentence
    assert "K = 31 instead of 22" in answer.causes[0].causes[0].formula


def test_a_typed_table_of_a_pooled_regression():
    n = BENCH.numbers(World(SPEC.model_copy(update={"formula": Spec(id="p", formula="inv ~ value + capital").formula})))
    i = n.terms.index("capital")
    targets = [TargetNumber("coef", "capital", f"{n.coef[i]:.4f}"), TargetNumber("se", "capital", f"{n.se[i]:.4f}")]
    answer = explain_targets(STUDY, SPEC, FRAME, targets, bench=BENCH)
    assert ("pooled-for-within",) in [s.ids for s in answer.causes]


def test_few_digits_fit_more_causes_than_many():
    spec = SPEC.model_copy(update={"formula": Spec(id="c", formula="inv ~ capital | firm + year").formula})

    def ids(text: str) -> set:
        answer = explain_targets(STUDY, spec, FRAME, [TargetNumber("se", "capital", text)], bench=BENCH)
        return {s.ids for s in (*answer.causes, *answer.possible)}

    assert ids(".0649347850") < ids(".065")


def test_noise_is_not_named():
    answer = shipped(World(SPEC))
    rng = np.random.default_rng(0)
    off = answer.model_copy(update={"coef": tuple(b * (1 + 1e-6 * rng.standard_normal()) for b in answer.coef)})
    found = explained(off)
    assert found.verdict == "disagree" and found.nearest is not None


def test_a_factor_on_top_of_leverage_counts_as_that_of_clusters():
    """pyfixest 0.60.0 gives CR3 the factor of CR1, under some hash seeds with the nested flag on the wrong effect too."""
    spec = Spec(id="cr3", formula="inv ~ value + capital | firm + year", vcov={"cluster": ["firm"], "type": "CR3"},
                convention="reghdfe")  # fmt: skip
    for other, id in (("lfe", "drops-all-effects-when-nested"), ("full", "counts-nested-effects")):
        world = replace(World(spec), scaling=("leverage-factor",)).with_convention(count_fixef=other)
        answer = explained(shipped(world), spec)
        assert ("leverage-kind-with-factor", id) in {s.ids for s in answer.causes}, [s.ids for s in answer.causes]


def test_numbers_that_are_not_round_were_not_rounded():
    """Off by about what rounding to six digits moves: an explanation only where the other side's numbers are round."""
    right = BENCH.numbers(World(SPEC))
    rounded = np.array([float(f"{c:.6g}") for c in right.coef])
    found = []
    for coef in (rounded, rounded * (1 + 2e-8)):
        observed = from_numbers(replace(right, coef=coef), ITERATIVE, ("coef", "se"))
        assert observed.failing(right).any()
        found.append(Search(BENCH, observed, World(SPEC), CAUSES).run().solutions)
    assert {s.path.steps[0].cause.id for s in found[0]} == {"rounded"}
    assert not found[1], [[s.cause.id for s in f.path.steps] for f in found[1]]
