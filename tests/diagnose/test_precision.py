"""How many digits are typed, how they are written and in which units must not decide which cause is named."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from conftest import FIXTURES
from parity.compare.harmonise import harmonise
from parity.data.load import load_frame
from parity.diagnose import TargetNumber, explain_targets
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.engines.own.fit import estimate, with_own_df
from parity.sample.build import build_design
from parity.study.load import load_study
from parity.study.spec import Spec

TOML = """
[study]
title = "Grunfeld, in three units of measurement"
unit = "firm"
time = "year"

[derive]
inv_tiny = "inv * 1e-12"
inv_huge = "inv * 1e12"
value_tiny = "value * 1e-12"

[spec.plain]
formula = "inv ~ value + capital | firm"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.tiny]
formula = "inv_tiny ~ value + capital | firm"
vcov = { cluster = ["firm"] }
convention = "reghdfe"

[spec.huge]
formula = "inv_huge ~ value_tiny + capital | firm"
vcov = { cluster = ["firm"] }
convention = "reghdfe"
"""
#: What was printed in place of the declared spec -> the cause that is it, by id.
PRINTED: dict[str, tuple[dict, str]] = {
    "robust": ({"vcov": {"kind": "HC1"}}, "robust-for-cluster"),
    "iid": ({"vcov": {"kind": "iid"}}, "iid-for-cluster"),
    "hc4": ({"vcov": {"kind": "HC4"}}, "hc4"),
    "cr2": ({"vcov": {"kind": "CR2", "cluster": ["firm"]}}, "cr2"),
    "pooled": ({"formula": "inv ~ value + capital"}, "pooled-for-within"),
    "two_way": ({"formula": "inv ~ value + capital | firm + year"}, "year-effects-added"),
    "control": ({"formula": "inv ~ value | firm"}, "control-left-out"),
    "nested": ({"convention": {"profile": "areg"}}, "counts-nested-effects"),
    "by_year": ({"vcov": {"kind": "CR1", "cluster": ["year"]}}, "cluster-other-variable"),
    "normal": ({"convention": {"profile": "reghdfe", "t_cluster": "normal"}}, "normal-distribution"),
}
DIGITS = (4, 6, 10, 14)


@pytest.fixture(scope="module")
def fitter(tmp_path_factory) -> Fitter:
    folder = tmp_path_factory.mktemp("precision")
    shutil.copy(FIXTURES / "grunfeld" / "data.csv", folder / "data.csv")
    (folder / "study.toml").write_text(TOML)
    study = load_study(folder)
    return Fitter(study, load_frame(study))


def printed(fitter: Fitter, spec_id: str, changes: dict) -> dict[tuple[str, str], float]:
    """Coefficients, standard errors and p of the slopes, of the spec with what was printed in its place."""
    declared = fitter.study.spec(spec_id)
    swap = {"inv": str(declared.formula.outcome), "value": next(str(x) for x in declared.formula.exog)}
    formula = changes.get("formula", str(declared.formula))
    if "formula" in changes:
        formula = " ".join(swap.get(word, word) for word in formula.split(" "))
    body = {"id": "p", "formula": formula, "vcov": declared.vcov, "convention": declared.convention}
    there = Spec.model_validate(body | {k: v for k, v in changes.items() if k != "formula"})
    design = build_design(fitter.study, there, fitter.original)
    side = harmonise(estimate(there, design), with_own_df(design, there), there)
    return {key: q.value for key, q in side.quantities.items() if key[0] in ("coef", "se", "p") and key[1] != "(Intercept)"}


def named(fitter: Fitter, spec_id: str, numbers: dict[tuple[str, str], float], style: str) -> list[tuple[str, ...]]:
    targets = [TargetNumber(quantity, term, style.format(value)) for (quantity, term), value in numbers.items()]
    found = explain_targets(fitter.study, fitter.study.spec(spec_id), fitter.original, targets, fitter=fitter)
    return [s.ids for s in found.causes]


@pytest.mark.parametrize("spec_id", ["plain", "tiny", "huge"])
@pytest.mark.parametrize("case", PRINTED)
def test_the_name_is_the_same_at_every_number_of_digits(fitter, spec_id, case):
    changes, cause = PRINTED[case]
    numbers = printed(fitter, spec_id, changes)
    if case == "normal":
        numbers = {k: v for k, v in numbers.items() if k[0] != "coef"}
    digits = DIGITS if spec_id == "plain" else (DIGITS[0], DIGITS[-1])  # another unit, at both ends
    found = {n: named(fitter, spec_id, numbers, f"{{:.{n}g}}") for n in digits}
    assert all(causes and causes[0] == (cause,) for causes in found.values()), found


@pytest.mark.parametrize("style", ["{:.6e}", "{:.9e}", "{:.13e}", "{:.6E}"])
@pytest.mark.parametrize("case", ["robust", "pooled", "nested"])
def test_scientific_notation_is_the_same(fitter, case, style):
    changes, cause = PRINTED[case]
    assert named(fitter, "plain", printed(fitter, "plain", changes), style)[0] == (cause,)


@pytest.mark.parametrize("digits", [9, 10, 12, 14, 17])
@pytest.mark.parametrize("spec_id", ["plain", "tiny", "huge"])
def test_right_numbers_are_right_at_every_precision(fitter, spec_id, digits):
    """Another closed-form solution agrees to nine digits, however many are printed."""
    spec = fitter.study.spec(spec_id)
    right = fitter.numbers(Scenario(spec))
    rng = np.random.default_rng(digits)
    targets = [
        TargetNumber(quantity, term, f"{value * (1 + 5e-10 * rng.uniform(-1, 1)):.{digits}g}")
        for quantity in ("coef", "se", "t", "p", "ci_low", "ci_high")
        for term, value in zip(right.terms, getattr(right, quantity), strict=True)
    ]
    assert explain_targets(fitter.study, spec, fitter.original, targets, fitter=fitter).verdict == "agree"


@pytest.mark.parametrize("digits", DIGITS)
def test_one_number_alone_is_named_alike(fitter, digits):
    """hc4 at 14 digits was ruled out and the nearest miss at once."""
    value = printed(fitter, "plain", PRINTED["hc4"][0])["se", "capital"]
    found = explain_targets(
        fitter.study,
        fitter.study.spec("plain"),
        fitter.original,
        [TargetNumber("se", "capital", f"{value:.{digits}g}")],
        fitter=fitter,
    )
    assert "hc4" in {s.ids[0] for s in (*found.causes, *found.possible)}
    assert "hc4" not in found.ruled_out and (found.nearest is None or found.nearest.id != "hc4")
