"""The conventions that a page offers are those that only rescale: others take an estimate of their own, and are named."""

from __future__ import annotations

import pytest

from conftest import FIXTURES
from parity.compare.other_profiles import outcomes
from parity.conventions.profiles import family_of
from parity.data.load import load_frame
from parity.sample.build import build_design
from parity.study.load import load_study

HARD, GRUNFELD = load_study(FIXTURES / "hard_cases"), load_study(FIXTURES / "grunfeld")


def offered(study, spec_id: str, **changes) -> tuple[set[str], dict[str, str]]:
    """Profiles offered for a spec, and those that take another fit."""
    spec = study.spec(spec_id).model_copy(update=changes)
    found, refused, refit = outcomes(spec, build_design(study, spec, load_frame(study)).facts, (), ())
    shown = {name for outcome in found for name in outcome.profiles}
    assert shown | set(refused) | set(refit) == set(family_of("fixest")) and not shown & set(refit)
    return shown, refit


def test_other_variance_components_take_a_fit_of_their_own():
    shown, refit = offered(HARD, "unbalanced_random")
    declared = HARD.spec("unbalanced_random").convention.swamy_arora
    assert set(refit) == {name for name, profile in family_of("fixest").items() if profile.swamy_arora != declared}
    assert shown and "variance components" in refit[min(refit)]


def test_on_a_balanced_panel_they_are_the_same():
    assert not offered(GRUNFELD, "random_clustered")[1]


@pytest.mark.parametrize("kept", ["keep", "drop"])
def test_another_sample_takes_a_fit_of_its_own(kept):
    convention = HARD.spec("cascade").convention.model_copy(update={"singletons": kept})
    shown, refit = offered(HARD, "cascade", convention=convention)
    assert set(refit) == {name for name, profile in family_of("fixest").items() if profile.singletons != kept}
    assert shown


def test_without_singletons_there_is_one_sample():
    assert not offered(GRUNFELD, "xtreg")[1]
