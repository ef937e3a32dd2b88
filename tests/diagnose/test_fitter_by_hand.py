"""Scenarios turned into numbers: what is known at sight, what needs a fit, what there is not; and numbers asked about."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from parity.base.errors import InputError
from parity.diagnose.catalogue import BY_ID, from_elsewhere
from parity.diagnose.catalogue import edits as e
from parity.diagnose.catalogue.weights import Powered
from parity.diagnose.fitter import Fitter
from parity.diagnose.left_out import LeftOut
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import Observed, Target
from parity.diagnose.questions import index as of_index
from parity.diagnose.questions.index_search import Target as IndexTarget
from parity.diagnose.scenario import LevelAgain, RowAgain, Scenario, WithoutLevel
from parity.diagnose.slips import Slips
from parity.study.spec import Vcov
from small_panel import fitter_of


@pytest.fixture(scope="module")
def fitter() -> Fitter:
    return fitter_of()


def scenario(fitter: Fitter, spec: str, **changes) -> Scenario:
    one = Scenario(fitter.study.spec(spec))
    return one.with_spec(**changes) if changes else one


def clustered(fitter: Fitter, spec: str, *columns: str, kind: str = "CR1") -> Scenario:
    return scenario(fitter, spec, vcov=Vcov(kind=kind, cluster=columns))


# ---------------------------------------------------------------- N


def test_n_at_sight(fitter):
    fe, times = scenario(fitter, "fe"), scenario(fitter, "times")
    counts = fitter.original["times"].to_numpy()
    assert fitter.nobs_at_sight(fe) is None
    assert fitter.nobs_at_sight(fe.edited(WithoutLevel("unit", 6, True))) == 25
    assert fitter.nobs_at_sight(fe.edited(WithoutLevel("unit", 1, True))) == 24
    assert fitter.nobs_at_sight(fe.edited(WithoutLevel("year", 2003, True))) == 24
    assert fitter.nobs_at_sight(fe.edited(WithoutLevel("unit", 99, True))) is None
    assert (
        fitter.nobs_at_sight(fe.edited(RowAgain(3))) == 30 and fitter.nobs_at_sight(fe.edited(LevelAgain("unit", 6))) == 33
    )
    assert fitter.nobs_at_sight(fe.edited(LevelAgain("unit", 99))) is None
    assert fitter.nobs_at_sight(times.edited(RowAgain(0))) == counts.sum() + counts[0]
    assert fitter.nobs_at_sight(fe.edited(RowAgain(3)).edited(RowAgain(4))) is None  # of two edits nobody knows


def test_coefficients_at_sight_are_those_of_a_fit(fitter):
    fe = scenario(fitter, "fe")
    for edit in (WithoutLevel("unit", 2, True), WithoutLevel("year", 2004, True), RowAgain(7), LevelAgain("year", 2001)):
        core, slow = fitter.core(fe.edited(edit)), fitter._refitted(fe.edited(edit))
        assert core.coef == pytest.approx(slow.coef, rel=1e-9) and core.nobs == slow.nobs
        assert core.facts.nobs == slow.facts.nobs and fitter.facts(fe.edited(edit)).nobs == slow.facts.nobs
    iv = scenario(fitter, "iv")
    assert (
        fitter._without_refit(iv.edited(RowAgain(1)))
        is None
        is fitter._without_refit(iv.edited(WithoutLevel("unit", 1, True)))
    )
    assert fitter.core(iv.edited(RowAgain(1))).nobs == 30


def test_which_row_twice_gives_these_numbers(fitter):
    fe = scenario(fitter, "fe")
    coef = fitter.core(fe.edited(RowAgain(11))).coef
    targets = [Target("coef", t, float(b), 1e-9, 1.0) for t, b in zip(("x", "c"), coef, strict=True)]
    shown = Observed((*targets, Target("nobs", "", 30.0, 0.0, 30.0)), complete=False)
    assert fitter.rows_twice(fe, shown) == {11}
    renamed = Observed((replace(targets[0], term="z"), targets[1], shown.targets[2]), complete=False)
    assert fitter.rows_twice(fe.renamed("x", "z"), renamed) == {11}


# ---------------------------------------------------------------- what there is not


def test_scenarios_without_numbers(fitter):
    nothing = scenario(fitter, "plain").edited(WithoutLevel("unit", 1, False))
    for unit in range(2, 7):
        nothing = nothing.edited(WithoutLevel("unit", unit, False))
    assert fitter.core(nothing) is None is fitter.facts(nothing) and fitter.numbers(nothing) is None
    assert fitter.rules(nothing) is None is fitter.parts(nothing) and fitter.unprinted(nothing) is None
    one_state = clustered(fitter, "some", "state")
    assert fitter.numbers(scenario(fitter, "some")) is not None and fitter.numbers(one_state) is None  # one cluster
    halves = scenario(fitter, "weighted").edited(Powered("pop", 0.5))
    assert fitter.numbers(halves).nobs == 29 and fitter.frame(halves)["pop"][0] == fitter.original["pop"][0] ** 0.5


def test_clusters_that_miss_values_cost_rows(fitter):
    plain, by_h = scenario(fitter, "plain"), clustered(fitter, "plain", "h")
    assert not fitter.same_rows(plain, by_h) and fitter.core(by_h).nobs == 26
    by_state = clustered(fitter, "plain", "state")
    assert fitter.same_rows(plain, by_state) and fitter.core(by_state).nobs == 29
    assert fitter.facts(by_state).clusters == {("state",): 3} and fitter.facts(plain).clusters == {}
    both = clustered(fitter, "plain", "state", "year")
    assert fitter.facts(both).clusters == {("state",): 3, ("year",): 5, ("state", "year"): 15}


def test_a_covariance_is_at_hand_once_it_was_computed():
    fitter = fitter_of()
    hc1 = scenario(fitter, "plain")
    assert not fitter.at_hand(hc1)
    fitter.numbers(hc1)
    assert fitter.at_hand(hc1) and fitter.at_hand(scenario(fitter, "plain", vcov=Vcov(kind="HC0")))  # but for a factor
    assert not fitter.at_hand(scenario(fitter, "plain", vcov=Vcov(kind="HC2")))
    assert not fitter.at_hand(scenario(fitter, "fe"))


def test_covariances_by_hand(fitter):
    """HC1 of least squares; its variances with another scalar; the sum of two ways less their meeting."""
    frame = fitter.original
    x = np.column_stack([np.ones(29), frame["x"], frame["c"]])
    b = np.linalg.lstsq(x, frame["y"].to_numpy(), rcond=None)[0]
    inverse, scores = np.linalg.inv(x.T @ x), x * (frame["y"].to_numpy() - x @ b)[:, None]

    def meat(code: np.ndarray) -> np.ndarray:
        sums = np.array([scores[code == level].sum(0) for level in np.unique(code)])
        return inverse @ (sums.T @ sums) @ inverse

    hc1 = fitter.numbers(scenario(fitter, "plain"))
    assert hc1.coef == pytest.approx(b) and hc1.vcov == pytest.approx(meat(np.arange(29)) * 29 / 26) and hc1.df == 26
    two = clustered(fitter, "plain", "unit", "year")
    unit, year = frame["unit"].to_numpy(), frame["year"].to_numpy()
    parts = fitter.parts(two)
    assert parts[("unit",)] == pytest.approx(meat(unit)) and parts[("unit", "year")] == pytest.approx(meat(np.arange(29)))
    rules = fitter.rules(two)[0]
    wanted = rules[("unit",)] * meat(unit) + rules[("year",)] * meat(year) - rules[("unit", "year")] * meat(np.arange(29))
    assert fitter.numbers(two).vcov == pytest.approx(wanted)
    repaired = np.linalg.eigvalsh(fitter.numbers(replace(two, scaling=("psd",))).vcov)
    assert repaired.min() >= -1e-15


def test_degrees_of_freedom_of_each_coefficient(fitter):
    own = replace(scenario(fitter, "fe"), scaling=("satterthwaite",))
    numbers = fitter.numbers(own)
    assert numbers.df.shape == (2,) and (numbers.df > 1).all() and (numbers.df < 6).all()
    assert fitter.numbers(scenario(fitter, "fe")).df == 5 and not fitter.own_df_is_costly(own)
    assert numbers.vcov == pytest.approx(fitter.numbers(scenario(fitter, "fe")).vcov)


def test_raw_numbers_have_no_factor(fitter):
    fe = scenario(fitter, "fe")
    raw = fitter.numbers(replace(fe, raw=True))
    assert raw.df == math.inf and raw.vcov == pytest.approx(fitter.parts(fe)[("unit",)])


def test_stars_and_edits_of_the_page(fitter):
    plain = replace(scenario(fitter, "plain"), stars=(0.999999,))
    assert fitter.numbers(plain).cuts == (0.999999,)
    flipped = plain.printed(e.SignFlipped("x"))
    assert fitter.numbers(flipped).coef[1] == -fitter.numbers(plain).coef[1]
    assert fitter.unprinted(flipped).coef[1] == fitter.numbers(plain).coef[1]
    assert fitter.numbers(plain.renamed("x", "z")).terms == ("(Intercept)", "z", "c")


def test_edited_frames_keep_what_they_do_not_touch():
    fitter = fitter_of()
    tails = BY_ID["winsorised"]
    fitter.numbers(scenario(fitter, "plain"))
    for step in list(tails.steps(scenario(fitter, "plain"), fitter))[::7]:
        fresh = fitter_of()
        assert fitter.numbers(step.scenario).coef == pytest.approx(fresh.numbers(step.scenario).coef, rel=1e-12)
        assert fitter.frame(step.scenario) is not fitter.original
    assert fitter.frame(scenario(fitter, "plain")) is fitter.original


def test_columns_behind_what_was_evaluated(fitter):
    from parity.study.formula import Column

    behind = fitter._frames.columns_behind
    assert behind(("time",)) == {"year"} and behind(("codes", ("unit", "state"))) == {"unit", "state"}
    assert behind(("item", Column("x"), None, True)) == {"x", "unit", "year"}


# ---------------------------------------------------------------- what an edit moves


def test_which_edits_move_the_estimate():
    """The table follows from coefficients, covariance and level; what overwrites it comes after them."""
    known = [*vars(e).values(), *vars(from_elsewhere).values()]
    moving = {c for c in known if isinstance(c, type) and getattr(c, "moves_estimate", False)}
    assert moving == {e.Rescaled, e.SignFlipped, e.Level, from_elsewhere.RowsSwapped}


def test_slips_of_the_point_are_no_slips_of_digits():
    shown = Observed((Target("coef", "a", 1.25, 0.005, 1.25, 2), Target("coef", "b", 2.5, 1e-9, 2.5)), complete=False)
    edits = [e.Slip("coef", "a", 2, "point", 1), e.Slip("coef", "a", 2, "swap", 0), e.Slip("se", "a", 2, "swap", 0),
             e.Slip("coef", "a", 3, "swap", 0), e.Slip("coef", "b", 2, "digit", 1, "9"), e.SignFlipped("a")]  # fmt: skip
    assert Slips(edits, shown).target.tolist() == [-1, 0, -1, -1, -1, -1]
    loose = Observed((Target("coef", "a", 1.25, 0.0075, 1.25, 2),), complete=False)
    found = Slips(edits, loose)
    assert found.target.tolist() == [-1, 0, -1, -1, -1, -1]  # also where it isn't known to the last digit
    for value, fits in ((2.15, True), (2.16, False), (1.25, False), (-2.15, False)):
        numbers = Numbers(("a",), np.array([value]), np.eye(1), math.inf, 9.0)
        assert found.fit(numbers).tolist() == [True, fits, True, True, True, True], value


def test_no_fit_leaves_no_groups():
    left = LeftOut(None, np.array([1, 2, 3]), True)
    assert left.group == {} and left.nobs == {} and left.coef(0) is None


# ---------------------------------------------------------------- numbers of an index that are typed


def test_numbers_of_an_index():
    def typed(text: str) -> tuple:
        name, target = of_index._typed("--target-weight", text, "indicator=.1234")
        return name, target.value, target.half_unit

    assert typed("x=.1234") == ("x", 0.1234, pytest.approx(0.00005)) and typed(" a=b = .5") == (
        "a=b",
        0.5,
        pytest.approx(0.05),
    )
    assert typed("x=12.34%") == ("x", pytest.approx(0.1234), pytest.approx(0.00005))
    for text in ("x", "=.5", "x=", "x=abc", "x=5%%"):
        with pytest.raises(InputError, match=r"is not indicator=\.1234"):
            of_index._typed("--target-weight", text, "indicator=.1234")


def test_rows_of_an_index():
    rows = {"u:2011": 0, "北京:2011": 1, "v": 2}
    assert of_index._row(rows, "u:2011") == 0 and of_index._row(rows, "v") == 2
    assert of_index._row(rows, "北京市:2011") == 1
    with pytest.raises(InputError, match=r"there is no row `u:2012`"):
        of_index._row(rows, "u:2012")
    with pytest.raises(InputError, match=r"rows are such as `u:2011`"):
        of_index._row(rows, "quite another")


def test_scores_of_a_file(tmp_path):
    study = SimpleNamespace(header=SimpleNamespace(unit="unit", time="year", encoding="utf-8"))
    rows = {"a:2011": 4, "a:2012": 7}

    def read(text: str, name: str = "s.csv") -> dict:
        (tmp_path / name).write_text(text)
        return of_index._of_file(study, "own", rows, str(tmp_path / name))

    assert read("unit,year,score\na,2011,.5\na,2012,.25\n") == {4: IndexTarget(0.5), 7: IndexTarget(0.25)}
    assert read("unit,year,own\na,2011,.5\na,2012,\n") == {4: IndexTarget(0.5)}
    wrong = {
        "unit,year,x\na,2011,1\n": "no column `score` or `own`", "unit,score\na,1\n": "no column `year`",
        "unit,year,score\na,2011,much\n": "holds text", "unit,year,score\nb,2011,1\n": "no row `b:2011`",
    }  # fmt: skip
    for text, said in wrong.items():
        with pytest.raises(InputError, match=said):
            read(text)
    with pytest.raises(InputError, match="no file of the forms"):
        of_index._of_file(study, "own", rows, str(tmp_path / "none.csv"))
    with pytest.raises(InputError, match="no file of the forms"):
        read("x", "s.doc")
