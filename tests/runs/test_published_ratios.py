"""`printed = "odds_ratio"` and `"irr"`: exp(b) in print, held against the coefficients of a spec, and its causes."""

from __future__ import annotations

import math

import pytest

from conftest import FIXTURES
from parity.base.errors import InputError
from parity.data.load import load_frame
from parity.diagnose.questions.records import with_causes
from parity.engines import engine
from parity.engines.own import fit
from parity.runs.judge import judge_spec
from parity.runs.pages import _published
from parity.runs.plan import Entry
from parity.runs.worker import SpecFacts
from parity.sample.build import build_design
from parity.study.load import load_study, parse_study

LOGIT = ("swiss_labor", "logit", "odds_ratio", "foreign")
POISSON = ("recreation", "poisson_robust", "irr", "ski")


def numbers(place, **changes):
    """b and se of the term, of the spec or of a changed one."""
    folder, name, _, term = place
    study = load_study(FIXTURES / folder)
    spec = study.spec(name).model_copy(update=changes)
    _, side = judged(study.model_copy(update={"published": ()}), spec)
    return side.quantities["coef", term].value, side.quantities["se", term].value


def judged(study, spec):
    from parity.compare.harmonise import harmonise

    design = build_design(study, spec, load_frame(study))
    estimate = fit.estimate(spec, design)
    answer = (Entry(spec, engine("py-moments"), transport="live"), estimate)
    counted = SpecFacts(design.facts)
    records = judge_spec(study.id, spec, counted, [answer], study.published)
    return [r for r in records if r.kind == "printed"], harmonise(estimate, design.facts, spec)


def record(place, form=None, causes=True, **printed):
    """The record of one entry, with its causes or as it was judged before they were looked for."""
    folder, name, own, term = place
    text = (FIXTURES / folder / "study.toml").read_text(encoding="utf-8")
    text = text[: text.index("# -----")] if "# -----" in text else text
    text = text.split("[[published]]")[0]
    keys = "".join(f'{key} = "{value}"\n' for key, value in printed.items())
    text += f'\n[[published]]\nspec = "{name}"\nterm = "{term}"\nsource = "table 1"\nprinted = "{form or own}"\n{keys}'
    study = parse_study(text, FIXTURES / folder / "study.toml")
    records, _ = judged(study, study.spec(name))
    (found,) = with_causes(study, records) if causes else records
    return found


def ratio(b: float, se: float, digits: int = 6) -> dict[str, str]:
    return {"estimate": f"{math.exp(b):.{digits}f}", "parentheses": f"{math.exp(b) * se:.{digits}f}"}


@pytest.mark.parametrize("place", [LOGIT, POISSON])
def test_ratios_and_their_standard_errors_agree_to_their_digits(place):
    b, se = numbers(place)
    found = record(place, **ratio(b, se))
    assert (found.verdict, found.checked) == ("agree", 2)
    assert found.note == f"table 1; {'odds ratios' if place is LOGIT else 'incidence-rate ratios'}"
    t = {"estimate": f"{math.exp(b):.3f}", "parentheses": f"{b / se:.3f}", "kind": "t"}
    assert record(place, **t).verdict == "agree"  # of the coefficient, not of the ratio
    assert record(place, estimate=f"{math.exp(b):.5f}", variance=f"{(math.exp(b) * se) ** 2:.5f}").verdict == "agree"
    off = record(place, causes=False, **ratio(b, se) | {"estimate": f"{math.exp(b) * 1.00001:.6f}"})
    assert [(d.quantity, d.candidate) for d in off.differences] == [("coef", pytest.approx(math.exp(b)))]


@pytest.mark.parametrize("place", [LOGIT, POISSON])
def test_standard_errors_of_the_coefficient_beside_a_ratio_differ(place):
    b, se = numbers(place)
    found = record(place, **ratio(b, se) | {"parentheses": f"{se:.6f}"})
    assert found.verdict == "disagree" and [d.quantity for d in found.differences] == ["se"]


@pytest.mark.parametrize("place", [LOGIT, POISSON])
def test_coefficients_under_the_name_of_ratios_are_called_so(place):
    b, se = numbers(place)
    found = record(place, estimate=f"{b:.6f}", parentheses=f"{se:.6f}")
    assert found.verdict == "disagree" and found.note.endswith("but what is printed is the coefficients themselves")


@pytest.mark.parametrize(("place", "changes", "cause"), [
    (LOGIT, {"vcov": {"kind": "HC1"}}, "robust-for-iid"),
    (POISSON, {"vcov": {"kind": "iid"}}, "iid-for-robust"),
])  # fmt: skip
def test_the_convention_behind_a_ratios_standard_error_is_named(place, changes, cause):
    from parity.study.vcov import Vcov

    b, se = numbers(place, vcov=Vcov(**changes["vcov"]))
    found = record(place, **ratio(b, se, 8))
    assert found.verdict == "explained" and cause in {c.id for c in found.causes}, found


def test_the_model_behind_a_ratio_is_named():
    """A probit has no odds ratios, but exp of its coefficients may stand in print all the same."""
    b, se = numbers(LOGIT, model="probit")
    found = record(LOGIT, **ratio(b, se, 8))
    assert found.verdict == "explained" and {c.id for c in found.causes} == {"probit-for-logit"}, found


def test_a_ratio_of_another_model_is_refused():
    with pytest.raises(InputError, match=r'"irr" is exp\(b\) of a spec with model = "poisson", and spec `logit` is'):
        record(LOGIT, form="irr", estimate="1.2")


def test_a_page_calls_them_by_their_name():
    study = load_study(FIXTURES / "swiss_labor")
    entry = study.published[1].model_copy(update={"printed": "odds_ratio"})
    assert [p.quantity for p in _published([entry])] == ["odds ratio", "standard error of the odds ratio"]
