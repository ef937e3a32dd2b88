"""Settings of a convention and kinds of covariance are declared once; who forgets a part of one is told which."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from itertools import product

import pytest

from conftest import ROOT
from parity.base.errors import InputError
from parity.conventions.facts import Absorbed, Facts
from parity.conventions.formulas import Refused, df_t, factor
from parity.conventions.kinds import EVERY_KIND, KERNELS, KINDS, OF_ESTIMATES, OF_ROWS, SPELLED
from parity.conventions.profiles import PROFILES, profiles_with
from parity.conventions.settings import KNOWN_OUTSIDE, PROGRAMS, SETTINGS, Convention, unknown_outside
from parity.study.spec import Spec, Vcov
from setting_values import values_of

HERE = "src/parity/conventions"
EFFECTS = (Absorbed("f", 9, ("g",)), Absorbed("y", 12), Absorbed("z", 7))
WITH = Facts(nobs=100, nobs_weighted=100.0, n_slopes=3, intercept=False, absorbed=EFFECTS, absorbed_rank=24, periods=12,
             components={(0, 1): 2, (0, 2): 1, (1, 2): 3}, clusters={("g",): 9, ("h",): 14, ("g", "h"): 60})  # fmt: skip


def test_every_setting_and_value_has_its_words():
    fields = [name for name in Convention.model_fields if name != "profile"]
    bare = [name for name in fields if name not in SETTINGS]
    assert not bare, f"{HERE}/settings.py: {bare} is a field without Setting(...): what it means, and what to type"
    for name, setting in SETTINGS.items():
        assert tuple(setting.values) == values_of(name), f"{HERE}/settings.py: `{name}` has words for values not of its type"
        assert setting.meaning.endswith("."), name
        assert all(says and set(typed) <= set(PROGRAMS) for says, typed in setting.values.values()), name


#: Profile -> setting -> the profile with each other value of that setting.
OTHERWISE = {
    name: {
        setting: [
            profile.model_copy(update={setting: value})
            for value in ({"True": True, "False": False}.get(word, word) for word in values_of(setting))
            if value != getattr(profile, setting)
        ]
        for setting in SETTINGS
    }
    for name, profile in PROFILES.items()
}


def moving(kind) -> set[str]:
    """Settings of which some value gives a kind another factor, or other degrees of freedom, than the own one of a profile:
    under any profile, for any model of some samples."""
    found: set[str] = set()
    for clusters, effects in product((1, 2), (0, 1, 2, 3)):
        cluster = ("g", "h")[:clusters] if kind.errors == "clusters" else ()
        subsets = {s: n for s, n in WITH.clusters.items() if set(s) <= set(cluster)}
        absorbed = tuple(replace(e, nested_in=tuple(n for n in e.nested_in if n in cluster)) for e in EFFECTS[:effects])
        facts = replace(WITH, absorbed=absorbed, absorbed_rank=(0, 9, 19, 24)[effects], clusters=subsets)
        for name, iv, random in product(PROFILES, (False, True), (False, True)):
            own = outcome(kind, PROFILES[name], facts, cluster, iv, random)
            found |= {
                setting
                for setting, others in OTHERWISE[name].items()
                if setting not in found and any(outcome(kind, o, facts, cluster, iv, random) != own for o in others)
            }
    return found


def outcome(kind, convention, facts: Facts, cluster: tuple[str, ...], iv: bool, random: bool) -> tuple:
    """Factors by subset of the clusters, and degrees of freedom."""
    try:
        scales = tuple(factor(facts, convention, kind.name, cluster, subset, iv) for subset in facts.clusters or {(): 0})
        return scales, str(df_t(facts, convention, kind.name, cluster, iv=iv, random=random))
    except Refused:
        return ("refused",)


def test_every_setting_does_something_and_bears_on_the_kinds_that_are_declared():
    """By the formulas themselves: nothing but what is declared moves a kind, and all of that does."""
    named = {name for kind in KINDS for name in (kind.t, *kind.settings)} | {*EVERY_KIND, *OF_ESTIMATES}
    assert named <= SETTINGS.keys(), f"{HERE}/settings.py: declare {named - SETTINGS.keys()}, which kinds.py names"
    for kind in KINDS:
        declared = {kind.t, *kind.settings, *EVERY_KIND}
        found = moving(kind)
        assert found <= declared, f"{HERE}/kinds.py: {kind.name} is moved by {found - declared}: name it in its `settings`"
        idle = declared - found - set(OF_ROWS)
        assert not idle, f"{HERE}/formulas.py: {idle} is declared of {kind.name} in kinds.py, and moves nothing"
    lost = SETTINGS.keys() - named
    assert not lost, f"{HERE}/kinds.py: name the kinds that {lost} bears on in their `settings`, or OF_ESTIMATES"


def test_a_setting_that_comes_later_turns_no_frozen_answer_stale():
    """Answers were frozen before it was there: their hash is without it wherever it is what the profile has."""
    old = {name for name, setting in SETTINGS.items() if setting.hashed == "always"}
    spec = Spec(id="s", formula="y ~ x | f", vcov={"cluster": ["g"]}, convention="fixest")
    held = set(spec.of_numbers()["convention"]) - {"profile"}
    assert held == old, f"{HERE}/settings.py: leave `hashed` of a new setting at its default: {held ^ old}"


def test_settings_known_outside_are_read_there():
    r = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "r_scripts").rglob("*.R"))
    scripts = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "src/parity/export").glob("*.py"))
    assert SETTINGS.keys() >= KNOWN_OUTSIDE
    beyond = {name: beyond for name, profile in PROFILES.items() if (beyond := unknown_outside(profile))}
    assert not beyond, (
        f"{HERE}/profiles.py: {beyond} are no defaults, so R's engines leave these profiles to factors and no script "
        "has them. Teach r_scripts/engines and src/parity/export the setting, or its models; then name it in KNOWN_OUTSIDE"
    )
    # of models without a script
    no_script = {"information", "newton", "base_outcome", "between_weights", "centred", "gmm_covariance"}
    for name in sorted(KNOWN_OUTSIDE - {"newton"}):  # R's likelihoods go to the maximum
        assert re.search(rf"\b{name}\b", r), f"r_scripts: {name} is in KNOWN_OUTSIDE of {HERE}/settings.py, and R has none"
        assert name in no_script or re.search(rf"\.{name}\b", scripts), (
            f"src/parity/export: {name} is in KNOWN_OUTSIDE, and no script has it"
        )


def test_a_setting_that_only_the_formulas_know_has_no_script(monkeypatch):
    from parity.conventions import settings
    from parity.export import export_study
    from parity.study.load import load_study

    study = load_study(ROOT / "fixtures" / "petersen")
    spec = next(s for s in study.specs if s.vcov.kind == "CR1" and not s.likelihood)
    changed = spec.model_copy(update={"convention": spec.convention.model_copy(update={"cluster_scale": "none"})})
    assert export_study(study, [changed], "r") and export_study(study, [changed], "python")
    monkeypatch.setattr(settings, "KNOWN_OUTSIDE", settings.KNOWN_OUTSIDE - {"cluster_scale"})
    for language in ("r", "python"):
        with pytest.raises(InputError, match="no script in this language has the setting cluster_scale yet"):
            export_study(study, [changed], language)
    assert export_study(study, [changed], "stata")


def test_an_engine_of_r_that_takes_its_own_under_such_a_setting_fails(monkeypatch):
    from parity.conventions import settings
    from parity.engines import engine, r_common
    from parity.results.estimate import Estimate

    spec = Spec(id="s", formula="y ~ x", vcov={"cluster": ["g"]}, convention={"profile": "lm", "cluster_scale": "none"})
    answer = {"basis": "lm"}
    monkeypatch.setattr(r_common.REngine, "_asked", lambda *_, **__: Estimate.model_construct(**answer))
    asked = engine("r-lm")
    assert asked.estimate(spec, None).basis == "lm"
    monkeypatch.setattr(settings, "KNOWN_OUTSIDE", settings.KNOWN_OUTSIDE - {"cluster_scale"})
    with pytest.raises(RuntimeError, match="took its own covariance for the declared one, and R has no cluster_scale"):
        asked.estimate(spec, None)
    answer["basis"] = "uncorrected"
    assert asked.estimate(spec, None).basis == "uncorrected"


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
def test_a_kind_is_whole(kind):
    assert kind.label and kind.meaning and kind.typed, f"{HERE}/kinds.py: {kind.name} lacks words"
    assert set(kind.typed) <= set(SPELLED)
    places = {"coordinates": ["lat", "lon"]} if kind.errors == "places" else {}
    given = (
        {kind.key: 2, **places}
        if kind.key
        else {"cluster": ["g"], "type": kind.name}
        if kind.errors == "clusters"
        else kind.name
    )
    assert Vcov.model_validate(given).kind == kind.name
    assert bool(kind.key) == (kind.errors in ("periods", "places"))
    assert (kind.errors == "periods") == (kind.name in KERNELS.values())


def test_spellings_of_kinds_are_those_of_the_shipped_engines():
    """Two of them call their packages by these very words."""
    from parity.engines.linearmodels.shipped import COV_TYPE

    by_name = {kind.name: kind for kind in KINDS}
    for name in ("iid", "HC0", "HC1", "NW"):
        assert f'"{COV_TYPE[name]}"' in by_name[name].typed["linearmodels"], name
    for name in ("HC0", "HC1", "HC2", "HC3"):
        assert f'cov_type="{name}"' == by_name[name].typed["statsmodels"], name


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_s_own_spelling_is_in_the_table(program):
    known = {"fixest": "K.fixef", "plm": '"sss"', "lfe": "exactDOF", "clubSandwich": '"CR1S"', "Stata": "dfadj"}
    assert any(known[program] in typed.get(program, "") for s in SETTINGS.values() for _, typed in s.values.values())


def test_the_pages_are_what_is_declared():
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        from build_settings import FOUND, PAGE, page, with_profiles
    finally:
        sys.path.pop(0)
    assert PAGE.read_text(encoding="utf-8") == page(), "run python docs/build_settings.py"
    found = FOUND.read_text(encoding="utf-8")
    assert found == with_profiles(found), "run python docs/build_settings.py"
    assert profiles_with("count_fixef", "nonnested") == ["fixest", "reghdfe", "ivreghdfe", "feglm"]
