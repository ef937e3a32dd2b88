"""Threshold regressions after Hansen (1999): by refitting, in R, and engines that get a formula subtly wrong."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from conftest import FIXTURES
from parity.analyses.in_parts import Nothing
from parity.analyses.run import records_of
from parity.analyses.threshold import hansen as module
from parity.analyses.threshold.analysis import ANALYSIS, compare_thresholds, printed, replicates
from parity.analyses.threshold.hansen import Space, fewest_rows, hansen, rows_of
from parity.base.errors import InputError
from parity.r.session import missing_r
from parity.study.load import load_study, parse_study
from parity.table.formats import grid_of
from parity.table.verified import Verified

needs_r = pytest.mark.skipif(missing_r() is not None, reason="needs R")
TOML = """
[study]
title = "Grunfeld"
unit = "firm"
time = "year"

[spec.one_way]
formula = "inv ~ value + capital | firm"

[spec.two_way]
formula = "inv ~ capital + value | firm + year"

[threshold.three]
spec = "one_way"
by = "capital"
thresholds = 3
trim = 0.05
draws = 99

[threshold.two]
spec = "two_way"
by = "log(value)"
thresholds = 2
trim = 0.1
draws = 50
grid = 60
closed = "upper"
apart = "quantiles"

[threshold.null]
spec = "two_way"
term = "value"
by = "value"
residuals = "null"
draws = 50

[threshold.program]
spec = "one_way"
by = "capital"
thresholds = 2
trim = 0.05
draws = 20
closed = "upper"
last_period = "dropped"
"""


def study(text: str = TOML):
    return parse_study(text, FIXTURES / "grunfeld" / "study.toml")


def samples():
    return {name: part for name, part in ANALYSIS.parts(study()) if not isinstance(part, Nothing)}


def dense(s, y, thresholds):
    """Sum of squares with dummies and a column a regime, fitted as a whole."""
    side = "left" if s.settings.closed == "lower" else "right"
    regime = np.searchsorted(np.sort(thresholds), s.q, side=side) if len(thresholds) else np.zeros(len(s.q), dtype=int)
    columns = [s.x * (regime == r) for r in range(len(thresholds) + 1)]
    dummies = [np.eye(c.max() + 1)[c] for c in s.effects.values()]
    x = np.column_stack([*columns, *s.controls.values(), *dummies])
    b = np.linalg.lstsq(x, y, rcond=None)[0]
    return float(np.sum((y - x @ b) ** 2)), b, y - x @ b


def test_thresholds_by_refitting_every_candidate():
    s = samples()["threshold.three"]
    found = hansen(s)
    values = np.unique(s.q)
    fewest = math.ceil(0.05 * len(s.y))
    given: list[float] = []
    for name in ("single", "double"):
        may = [v for v in values if v not in given and min(rows_of(s, [*given, v])) >= fewest]
        may = [v for v in may if v in s.candidates()]
        squares = {v: dense(s, s.y, [*given, v])[0] for v in may}
        best = min(squares, key=squares.__getitem__)
        assert found.searched[name].best == best and found.searched[name].least == pytest.approx(squares[best], rel=1e-10)
        before = dense(s, s.y, given)[0]
        assert found.tests[name].f == pytest.approx(190 * (before - squares[best]) / squares[best], rel=1e-8)
        ratio = {v: 190 * (square - squares[best]) / squares[best] for v, square in squares.items()}
        inside = [v for v in may if ratio[v] <= 7.352276694155739]  # Hansen's critical value at 5 %, page 351: 7.35
        assert (found.searched[name].low, found.searched[name].high) == (inside[0], inside[-1])
        given.append(best)
    again = {v: dense(s, s.y, [given[1], v])[0] for v in found.searched["double, first again"].values}
    assert found.searched["double, first again"].best == min(again, key=again.__getitem__)
    _, b, _ = dense(s, s.y, sorted(found.thresholds))
    assert list(found.coef.values()) == pytest.approx(b[:5], rel=1e-8)
    assert sum(found.rows) == 200 and list(found.coef)[-1] == "capital"


@pytest.mark.parametrize("closed", ["lower", "upper"])
def test_the_smallest_regime_of_all_candidates_at_once(closed):
    s = samples()["threshold.three"]
    s = replace(s, settings=s.settings.model_copy(update={"closed": closed}))
    values = np.unique(s.q)  # also those that leave a regime empty, and the one that is given
    for given in ((), (float(values[9]),), (float(values[150]), float(values[40]))):
        assert fewest_rows(s, given, values).tolist() == [min(rows_of(s, [*given, v])) for v in values]


def test_a_draw_by_hand():
    s = samples()["threshold.two"]
    found = hansen(s)
    first, second = found.searched["single"].best, found.searched["double"].best
    _, _, left = dense(s, s.y, [first])
    _, _, e = dense(s, s.y, [first, second])
    blocks = {(u, p): e[i] for i, (u, p) in enumerate(zip(s.unit, s.period, strict=True))}
    for draw in (0, 7):
        units = s.draws().values[draw]
        y = s.y - left + np.array([blocks[units[u], p] for u, p in zip(s.unit, s.period, strict=True)])
        least = min(dense(s, y, [first, v])[0] for v in found.searched["double"].values)
        f = 190 * (dense(s, y, [first])[0] - least) / least
        assert found.tests["double"].replicates[draw] == pytest.approx(f, rel=1e-8)
    test = found.tests["double"]
    assert test.p == np.mean(test.replicates >= test.f) and test.critical(0.9) == np.sort(test.replicates)[44]


def test_hansens_program_leaves_every_units_last_row_out():
    """Its sums are of rows net of units' means, without each unit's last; so are its draws, which it doesn't demean."""
    s = samples()["threshold.three"]
    unit = {"firm": s.unit}
    s = replace(s, effects=unit, absorbed=10, settings=s.settings.model_copy(update={"last_period": "dropped"}))
    found, kept = hansen(s), s.period < 19
    demeaned = np.eye(200) - np.equal.outer(s.unit, s.unit) / 20

    def columns(thresholds):
        at = np.searchsorted(np.sort(thresholds), s.q, side="left")
        of = np.column_stack([*(s.x * (at == r) for r in range(len(thresholds) + 1)), *s.controls.values()])
        return (demeaned @ of)[kept]

    def square(y, thresholds):
        b = np.linalg.lstsq(columns(thresholds), y, rcond=None)[0]
        return np.sum((y - columns(thresholds) @ b) ** 2), b, y - columns(thresholds) @ b

    y = (demeaned @ s.y)[kept]
    first = found.searched["single"]
    squares = [square(y, [v])[0] for v in first.values]
    assert first.squares == pytest.approx(squares, rel=1e-8) and first.best == first.values[np.argmin(squares)]
    assert found.tests["single"].f == pytest.approx(190 * (square(y, [])[0] - min(squares)) / min(squares), rel=1e-8)
    _, b, e = square(y, found.thresholds)
    assert list(found.coef.values()) == pytest.approx(b, rel=1e-8)
    variance = np.linalg.inv(columns(found.thresholds).T @ columns(found.thresholds)) * (e @ e) / (190 - 10 - len(b))
    assert list(found.se.values()) == pytest.approx(np.sqrt(np.diag(variance)), rel=1e-8)
    _, _, left = square(y, [])
    _, _, e = square(y, [first.best])
    rows = list(zip(s.unit[kept], s.period[kept], strict=True))
    block, units = dict(zip(rows, e, strict=True)), s.draws().values[3]
    drawn = y - left + np.array([block[units[u], p] for u, p in rows])
    least = min(square(drawn, [v])[0] for v in first.values)
    assert found.tests["single"].replicates[3] == pytest.approx(190 * (square(drawn, [])[0] - least) / least, rel=1e-8)


def test_the_last_row_is_dropped_beside_effects_of_units_alone():
    text = TOML.replace('by = "value"\nresiduals = "null"', 'by = "value"\nlast_period = "dropped"')
    (nothing,) = [part for name, part in ANALYSIS.parts(study(text)) if isinstance(part, Nothing)]
    assert 'last_period = "dropped" needs the effects of units, and no others' in nothing.note


def test_f_is_xthregs_in_its_own_count():
    """It prints 24.97 and 6.20 of Hansen's 565 firms in 14 years, with sums of squares of 17.7818, 17.7258 and 17.7119: the
    share by which they fall times T (N - 1) = 7896, and not times N (T - 1) = 7345."""
    (xthreg,) = [c for c in ANALYSIS.conventions(study(), "threshold.three") if c.id == "f-of-xthreg"]
    squares = (17.7818, 17.7258, 17.7119)
    fall = dict(zip(("double", "triple"), ((a - b) / b for a, b in pairwise(squares)), strict=True))
    counts = {("rows", "all"): 7910.0, ("factor", ""): 7345.0}
    moved = xthreg.edit({("f", name): 7345 * share for name, share in fall.items()} | counts)
    of_rounding = 7896 * 1e-4 / 17.7
    assert moved["f", "double"] == pytest.approx(24.97, abs=of_rounding)
    assert moved["f", "triple"] == pytest.approx(6.20, abs=of_rounding)
    assert moved["rows", "all"] == 7910.0


def test_a_threshold_that_is_there_is_found():
    s = samples()["threshold.three"]
    rng = np.random.default_rng(3)
    s = replace(s, settings=s.settings.model_copy(update={"thresholds": 1}))
    at = float(np.sort(np.unique(s.q))[90])
    y = np.where(s.q <= at, 0.5, 1.5) * s.x / s.x.std() + s.unit + rng.normal(0, 0.05, len(s.y))
    found = hansen(replace(s, y=y))
    assert found.searched["single"].best == at and found.tests["single"].p < 0.05
    assert found.searched["single"].low <= at <= found.searched["single"].high
    nothing = hansen(replace(s, y=s.x / s.x.std() + s.unit + rng.normal(0, 0.5, len(s.y))))
    assert nothing.tests["single"].p > 0.05


@needs_r
def test_r_finds_the_same():
    records = {r.spec: r for r in records_of(ANALYSIS, study(), "live")}
    assert {r.verdict for r in records.values()} == {"agree"} and all(r.digits > 10 for r in records.values())
    assert records["threshold.three"].checked > 3 * 99 + 400


def test_units_of_a_paper_take_less_than_two_seconds():
    (part,) = (p for _, p in ANALYSIS.parts(load_study(FIXTURES / "digital_trade")))
    assert len(part.y) == 279 and part.settings.draws == 300
    hansen(part)
    start = time.process_time()
    hansen(part)
    assert time.process_time() - start < 2.0


#: What a program may get wrong: attribute of `hansen` -> the function in its place, given the right one.
WRONG = {
    "a regime that leaves its threshold out": ("rows_of", lambda true: lambda s, t: true(s, np.asarray(t) - 1e-9)),
    "an absorption that stops early": ("net", lambda true: lambda s, c: true(s, c) + 1e-4 * (c - true(s, c))),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_engine_that_is_subtly_wrong_turns_it_red(name, monkeypatch):
    s = samples()["threshold.three"]
    right = hansen(s)
    place, wrong = WRONG[name]
    monkeypatch.setattr(module, place, wrong(getattr(module, place)))
    held(right, hansen(s))


def held(right, off) -> None:
    def all_of(one):
        return printed(one) | replicates(one)

    assert compare_thresholds(all_of(right), all_of(right)).verdict == "agree"
    assert compare_thresholds(all_of(right), all_of(off)).verdict == "disagree"


@pytest.mark.parametrize(
    "changes",
    [
        {"residuals": "null"},
        {"seed": 2},
        {"trim": 0.06},
        {"level": 0.9},
        {"grid": 20},
        {"closed": "upper"},
        {"apart": "quantiles"},
        {"last_period": "dropped"},
    ],
    ids=lambda c: next(iter(c)),
)
def test_another_convention_is_another_answer(changes):
    s = samples()["threshold.three"]
    held(hansen(s), hansen(replace(s, settings=s.settings.model_copy(update=changes))))


def test_the_upper_regime_at_its_threshold_and_rows_drawn_one_by_one_are_seen(monkeypatch):
    s = samples()["threshold.three"]
    right = hansen(s)

    class Above(Space):
        @classmethod
        def of(cls, sample):
            space = Space.of(sample)
            candidates = sample.candidates()
            lower = np.where(sample.q[:, None] < candidates[None, :], sample.x[:, None], 0.0)
            return replace(space, lower=module.net(sample, lower))

    monkeypatch.setattr(module, "Space", Above)
    held(right, hansen(s))
    monkeypatch.undo()
    rng = np.random.default_rng(1)
    shuffled = replace(s, period=np.array([rng.permutation(20) for _ in range(10)])[s.unit, s.period])
    held(right, hansen(shuffled))


def test_a_division_by_another_factor_is_seen(monkeypatch):
    s = samples()["threshold.three"]
    right = hansen(s)
    monkeypatch.setattr(type(s), "factor", property(lambda self: float(len(self.y))))
    held(right, hansen(s))


def test_a_table_of_it():
    from parity.results.record import Record, named

    text = TOML + '\n[table.t]\nkind = "analysis"\nanalysis = "threshold.three"\n'
    found = printed(hansen(samples()["threshold.three"]))
    record = Record(study="grunfeld", spec="threshold.three", kind="threshold", reference="base-r", candidate="python",
                    verdict="agree", checked=9, numbers=named(found))  # fmt: skip
    table = study(text).tables["t"]
    grid = grid_of("t", table, Verified(study(text), (), (record,)))
    assert [r.label for r in grid.body] == ["single", "double", "double, first again", "triple"]
    assert [c.text for c in grid.body[2].cells[3:]] == [""] * 5 and grid.body[0].cells[
        4
    ].text == f"{found['p']['single']:.3f}"
    more = grid_of("t", table.model_copy(update={"quantities": ("coef", "se")}), Verified(study(text), (), (record,)))
    assert next(r.label for r in more.body) == "value, regime 1"


def test_what_has_no_threshold_says_why():
    def of(text):
        (why,) = (p.note for n, p in ANALYSIS.parts(study(text)) if n == "threshold.three")
        return why

    unbalanced = TOML.replace('formula = "inv ~ value + capital | firm"', 'formula = "inv ~ value + capital | firm"\n'
                              'where = "year > 1936 or firm > 1"')  # fmt: skip
    assert "isn't balanced" in of(unbalanced)
    assert "no value of" in of(TOML.replace('by = "capital"', 'by = "l(capital, 1)"'))
    for old, new, said in (
        ('spec = "one_way"', 'spec = "three_way"', "there is no spec"), ('by = "capital"\n', "", "by"),
        ('term = "value"', 'term = "size"', "no regressor `size`"), ("thresholds = 3", "thresholds = 4", "thresholds"),
        ('by = "capital"', 'by = "capitals"', "threshold.three.by"),
    ):  # fmt: skip
        with pytest.raises(InputError) as error:
            from parity.data.load import load_frame

            load_frame(study(TOML.replace(old, new)))
        assert said in str(error.value)
