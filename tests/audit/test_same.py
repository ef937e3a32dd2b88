"""What is one specification is counted once, however many combinations of choices make it."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from made_outcomes import made
from parity.audit import document
from parity.audit.plan import plan_of
from parity.audit.run import outcomes
from parity.audit.same import TWIN, counted_once
from parity.audit.space import space_of
from parity.audit.whole import Wanted, audited
from parity.report.audit_text import audit_text
from parity.study.load import parse_study

SPEC = '[spec.main]\nformula = "y ~ x + c1 + c2 | firm + year"\nvcov = { cluster = ["firm"] }\nconvention = "reghdfe"\n'


def frame(firms: int = 12, years: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    firm, year = (a.ravel() for a in np.indices((firms, years)))
    n = len(firm)
    made = pd.DataFrame({"firm": [f"f{i:02d}" for i in firm], "year": 2001 + year, "x": rng.normal(size=n)})
    for name in ("c1", "c2", "w"):
        made[name] = rng.normal(size=n)
    made["half"] = np.where(made["year"] > 2003, "late", "early")
    return made.assign(y=0.5 * made["x"] + made["c1"] + rng.normal(size=n), size=rng.uniform(1, 2, n))


def study_of(folder, choices: str, data: pd.DataFrame | None = None, spec: str = SPEC):
    (frame() if data is None else data).to_csv(folder / "data.csv", index=False)
    return parse_study(text_of(choices, spec), folder / "study.toml")


def text_of(choices: str, spec: str = SPEC) -> str:
    head = '[study]\ntitle = "Made"\nmade = true\ndata = "data.csv"\nunit = "firm"\ntime = "year"\n'
    return f'{head}{spec}[audit.a]\nspec = "main"\nterm = "x"\n{choices}\n'


def numbers(of) -> list[tuple]:
    found = outcomes(of, plan_of(of))
    every = zip(found.coef, found.se, found.p, found.df, found.nobs, strict=True)
    return [one for one in every if np.isfinite(one).all()]


@pytest.fixture
def without_removals(monkeypatch):
    """Whose rows would overturn the claim is no question here, and takes seconds."""
    monkeypatch.setattr("parity.audit.whole._sensitivity", lambda space: document.sensitivity())


@pytest.mark.parametrize(
    ("choices", "specs", "same", "said"),
    [
        ('where = ["year > 2003", "year >= 2004", "half != \'early\'"]', 2, 0, "2 options (`year >= 2004`, "),
        ('where = ["year > 1900"]', 1, 0, "`where`: `year > 1900` is the same as `all`"),
        ('absorb = ["year + firm", "firm"]', 2, 0, "`absorb`: `year + firm` is the same as `firm + year`"),
        ('cluster = [["firm", "year"], ["year", "firm"]]', 2, 0, "`vcov`: `CR1 by year and firm` is the same as"),
        ('transform.x = ["x * 1", { winsorise = "x", cuts = [0, 100] }]', 1, 0, "`transform.x`: 2 options"),
        ('outcome = ["y + 0", "y + w"]', 2, 0, "`outcome`: `(y) + (0)` is the same as `y`"),
        ('treatment = ["w", "float(x)"]', 3, 0, ""),
        ('weights = [{ aweight = "size" }, { pweight = "size" }]', 2, 0, "`weights`: `pweight size` is the same as"),
        # the later half has no year 2001 to leave out, and a year that is left out twice is left out
        ('where = ["year > 2003"]\nleave_out = "year"', 7 + 4, 3, ""),
        ('where = ["year != 2006"]\nleave_out = "year"', 7 + 5, 2, ""),
        # a control that is out enters in no way
        ('controls = ["c1", "c2"]\ntransform.c1 = "exp(c1)"', 4 + 2, 2, ""),
        ('controls = ["c1", "c2"]\ntransform.c1 = "exp(c1)"\ntransform.c2 = "exp(c2)"', 9, 7, ""),
        ('treatment = "w"\ntransform.x = "exp(x)"', 3, 1, ""),
    ],
)  # fmt: skip
def test_one_specification_is_counted_once(tmp_path, choices, specs, same, said):
    of = space_of(study_of(tmp_path, choices), "a")
    plan = plan_of(of)
    assert (plan.count, plan.same) == (specs, same)
    found = numbers(of)
    assert len(found) == len(set(found)) == specs
    assert said in " ".join(of.said) and bool(of.said) == bool(said)


def test_controls_too_many_to_list_are_counted_as_if_they_were_listed(tmp_path, monkeypatch):
    choices = 'controls = { free = ["c1", "c2", "w", "size"], at_most = 3 }\nmost = 40\n'
    choices += 'transform.c1 = "exp(c1)"\ntransform.w = "exp(w)"\nabsorb = "firm"'
    of = space_of(study_of(tmp_path, choices), "a")
    listed = plan_of(of)
    monkeypatch.setattr("parity.audit.plan.MOST_LISTED", 1)
    drawn = plan_of(of)
    assert listed.drawn_of == drawn.drawn_of > 40 and listed.same == drawn.same > 0
    for plan in (listed, drawn):
        found = outcomes(of, plan)
        assert len({tuple(c) for c in found.choices.tolist()}) == 40 and found.base is not None
        place = {c.name: j for j, c in enumerate(of.choices)}
        for control in ("c1", "w"):
            moved = found.choices[:, place[f"transform.{control}"]] == 1
            assert moved.any() and found.choices[moved, place[control]].all()


def test_an_audited_set_beyond_the_limits_is_drawn_with_every_other_choice(tmp_path, monkeypatch):
    """All that may be drawn is, or drawing would never end."""
    of = space_of(study_of(tmp_path, 'controls = { free = ["c1", "c2", "w"], at_most = 1 }\nabsorb = ["firm", "year"]'), "a")
    monkeypatch.setattr("parity.audit.plan.MOST_LISTED", 1)
    assert plan_of(of).count == 3 * (1 + 3 + 1)


def test_rows_that_were_left_out_anyway_are_no_other_sample(tmp_path, without_removals):
    """Firm f00 has one row, a singleton; the firms f01 and f02 miss a control, which may be out."""
    data = frame()
    data = data[(data["firm"] != "f00") | (data["year"] == 2001)]
    data.loc[data["firm"].isin(["f01", "f02"]), "w"] = np.nan
    study = study_of(tmp_path, 'controls = ["w"]\nleave_out = "firm"', data)
    of = space_of(study, "a")
    found = outcomes(of, plan_of(of))
    once = counted_once(found, [j for j, c in enumerate(of.choices) if c.role == "where"])
    assert found.estimable.sum() == 2 * 13 and once.estimable.sum() == 12 + 10
    assert once.base is not None and once.estimable[once.base] and set(once.notes.values()) == {TWIN}
    said = audit_text(audited(study, "a", Wanted(draws=0, again=False)).said)
    assert f"4 of 26 have no estimate of their own (4: {TWIN})" in " ".join(said.split())


def test_what_isnt_counted_twice_is_said(tmp_path, without_removals):
    study = study_of(tmp_path, 'where = ["year > 2003", "year >= 2004"]\nleave_out = "year"')
    said = " ".join(audit_text(audited(study, "a", Wanted(draws=0, again=False)).said).split())
    assert "3 more combinations are the same specification as another, which is counted once." in said
    assert "`where`: `year >= 2004` is the same as `year > 2003` on these data, and is not counted beside it." in said


def test_numbers_that_differ_are_never_one(tmp_path):
    of = space_of(study_of(tmp_path, 'where = ["year > 2001"]\nleave_out = ["firm"]\ncontrols = "all"'), "a")
    found = outcomes(of, plan_of(of))
    assert counted_once(found, [j for j, c in enumerate(of.choices) if c.role == "where"]) is found
    assert len(found) == len(list(itertools.product(range(2), range(13), range(4))))


def test_twins_of_many_axes_are_found_in_little_memory():
    """32,768 specifications of 15 choices, of which the first moves nothing but what rounding leaves."""
    found = made((2,) * 15, lambda c: 1 + c[:, 1:] @ np.sqrt(np.arange(2.0, 16.0)) + 1e-13 * c[:, 0])
    numbers = sum(a.nbytes for a in (found.choices, found.coef, found.se, found.p, found.df, found.nobs))
    tracemalloc.start()
    once = counted_once(found, [0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.array_equal(once.estimable, found.choices[:, 0] == 0)  # those with fewer changes stay
    assert set(once.notes.values()) == {TWIN} and peak < 3 * numbers
