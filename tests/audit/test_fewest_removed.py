"""The fewest rows or groups that overturn a claim: planted ones are found, small samples against all subsets."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from brute import made_design
from parity.audit.sensitivity.refit import of_design, without
from parity.audit.sensitivity.removal import aims, fails, removal
from parity.audit.single import Estimated
from parity.study.spec import Spec


def panel(seed: int, units: int = 12, periods: int = 4, effect: float = 0.5, driver: int | None = None):
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), periods)
    x = rng.normal(size=(units * periods, 1))
    y = effect * x[:, 0] + rng.normal(size=len(unit))
    if driver is not None:
        y = y - 1.2 * effect * x[:, 0] + np.where(unit == driver, 30 * effect * x[:, 0], 0)
    design = made_design({"y": y, "x": x, "effects": {"unit": unit}, "unit": unit, "clusters": {"unit": unit}})
    return Spec(id="a", formula="y ~ x0 | unit", vcov={"cluster": ["unit"]}), design, unit


def by_search(spec, design, aim, base, code, most) -> int | None:
    """Over all subsets of groups."""
    for k in range(1, most + 1):
        for out in itertools.combinations(range(int(code.max()) + 1), k):
            if fails(aim, base, without(spec, design, np.isin(code, out), "x0"), 0.05):
                return k
    return None


@pytest.mark.parametrize("seed", range(4))
def test_the_fewest_units_are_those_of_a_search_over_all_subsets(seed):
    spec, design, unit = panel(seed, units=8, effect=0.35)
    base = of_design(spec, design, "x0")
    for aim in aims(base):
        found = removal(spec, design, "x0", aim, base, kind="unit", code=unit)
        least = by_search(spec, design, aim, base, unit, 3)
        assert found.fewest == least or (least is None and (found.fewest or 9) > 3)
        assert found.certain == (found.fewest is not None)  # of eight units all sets can be tried
        if found.fewest:
            out = np.isin(unit, [int(u) for u in found.removed])
            again = without(spec, design, out, "x0")
            assert again == found.after and fails(aim, base, again, 0.05) and out.sum() == found.rows


@pytest.mark.parametrize("seed", range(10))
def test_a_planted_unit_is_the_one_that_flips_the_sign(seed):
    spec, design, unit = panel(seed, units=20, effect=1.0, driver=7)
    base = of_design(spec, design, "x0")
    found = removal(spec, design, "x0", "sign", base, kind="unit", code=unit, names=[f"u{i}" for i in range(20)])
    assert (found.fewest, found.removed, found.certain) == (1, ("u7",), True)


def test_rows_are_named_by_their_number_in_the_file_and_the_approximation_is_beside_the_truth():
    spec, design, _ = panel(4, units=40, effect=0.3)
    base = of_design(spec, design, "x0")
    found = removal(spec, design, "x0", "sign", base)
    assert found.kind == "row" and found.groups == 160 and 1 < found.fewest < 40
    dummies = np.eye(40)[design.effects["unit"]]
    q = np.linalg.qr(dummies)[0]
    x, y = (v - q @ (q.T @ v) for v in (design.x[:, 0], design.y))
    first_order = np.sort(x * (y - base.coef * x) / (x @ x))[::-1].cumsum()
    assert found.predicted == np.argmax(first_order >= base.coef) + 1 and not found.certain
    out = [int(r) - 1 for r in found.removed]
    assert without(spec, design, np.array(out), "x0").coef <= 0 < base.coef
    assert without(spec, design, np.array(out[:-1]), "x0").coef > 0


def test_significance_ends_and_is_created():
    spec, design, unit = panel(1, units=15, effect=0.45)
    base = of_design(spec, design, "x0")
    assert base.p < 0.05 and aims(base) == ("sign", "ends", "reverses")
    ends = removal(spec, design, "x0", "ends", base, kind="unit", code=unit)
    sign = removal(spec, design, "x0", "sign", base, kind="unit", code=unit)
    assert ends.after.p >= 0.05 and ends.fewest <= sign.fewest
    spec, design, unit = panel(2, units=15, effect=0.15)
    base = of_design(spec, design, "x0")
    assert base.p >= 0.05 and aims(base) == ("sign", "creates")
    assert removal(spec, design, "x0", "creates", base, kind="unit", code=unit).after.p < 0.05


def test_a_claim_that_stands_whatever_half_is_left_out():
    spec, design, unit = panel(5, units=6, effect=50.0)
    found = removal(spec, design, "x0", "sign", of_design(spec, design, "x0"), kind="unit", code=unit)
    assert (found.fewest, found.removed, found.after) == (None, (), None)


def test_an_estimate_without_a_p_overturns_no_significance():
    base, lost = Estimated(1.0, 0.3, 0.01, 9.0, 40.0), Estimated(0.9, float("nan"), float("nan"), 9.0, 40.0)
    assert not any(fails(aim, base, lost, 0.05) for aim in ("sign", "ends", "creates", "reverses"))
    assert fails("ends", base, Estimated(0.9, 0.5, 0.05, 9.0, 40.0), 0.05)


def test_what_one_aim_tried_another_does_not_estimate_again(monkeypatch):
    from parity.audit.sensitivity import removal as module

    spec, design, unit = panel(2, units=12, effect=0.4)
    base, tried = of_design(spec, design, "x0"), []
    monkeypatch.setattr(module, "without", lambda *given: tried.append(given[2].tobytes()) or without(*given))
    each = [removal(spec, design, "x0", aim, base, kind="unit", code=unit) for aim in aims(base)]
    alone, known = len(tried), {}
    tried.clear()
    assert each == [removal(spec, design, "x0", aim, base, kind="unit", code=unit, known=known) for aim in aims(base)]
    found = sum(r.fewest is not None for r in each)  # what is found is estimated once more, to be reported
    assert len(known) <= len(tried) <= len(known) + found < alone


def test_of_several_that_are_each_enough_the_one_that_moves_it_furthest_is_named():
    several = 0
    for seed in range(16):
        spec, design, unit = panel(seed, units=12, effect=0.42)
        base = of_design(spec, design, "x0")
        (aim,) = {"ends", "creates"} & set(aims(base))
        found = removal(spec, design, "x0", aim, base, kind="unit", code=unit)
        each = [without(spec, design, unit == u, "x0") for u in range(12)]
        enough = [u for u, now in enumerate(each) if fails(aim, base, now, 0.05)]
        if enough:
            furthest = max(enough, key=lambda u: each[u].p if aim == "ends" else -each[u].p)
            assert (found.fewest, found.removed, found.alone) == (1, (str(furthest),), len(enough))
            several += len(enough) > 1
    assert several > 1
