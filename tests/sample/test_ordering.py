"""The same sample reaches every engine as the same arrays, bit by bit, however its file was sorted and its units named."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundled import studies
from conftest import ROOT
from parity.base.errors import Unestimable
from parity.conventions.facts import Facts
from parity.data.load import load_frame
from parity.sample.build import build_design
from parity.sample.design import Design, Places, Sources
from parity.sample.order import from_zero, ordered
from parity.study.load import load_study

STUDIES = sorted(name for name, study in studies().items() if study.specs)


def assert_identical(a: Any, b: Any) -> None:
    """Every array of two designs, bit by bit; `rows` (numbers in the file) may differ."""
    for name in (f.name for f in fields(a)):
        left, right = getattr(a, name), getattr(b, name)
        if name in ("effects", "clusters"):
            assert left.keys() == right.keys()
            for key in left:
                np.testing.assert_array_equal(left[key], right[key], err_msg=f"{name} {key}")
        elif isinstance(left, np.ndarray):
            if name != "rows":
                np.testing.assert_array_equal(left, right, err_msg=name)
        elif isinstance(left, Design | Sources | Places):  # its levels, and what instruments are lags of
            assert_identical(left, right)
        else:
            assert left == right, name


def built(study, spec, frame) -> Design | str:
    try:
        return build_design(study, spec, frame)
    except Unestimable as why:
        return str(why)


@pytest.mark.parametrize("name", STUDIES)
def test_order_of_rows_and_columns(name):
    study = load_study(ROOT / "fixtures" / name)
    frame, rng = load_frame(study), np.random.default_rng(11)
    shuffled = frame.iloc[rng.permutation(len(frame)), rng.permutation(frame.shape[1])].reset_index(drop=True)
    for spec in study.specs:
        before, after = built(study, spec, frame), built(study, spec, shuffled)
        if isinstance(before, str):
            assert isinstance(after, str)
        else:
            assert_identical(before, after)


@pytest.mark.parametrize("name", [n for n in STUDIES if studies()[n].header.unit])
def test_names_of_units(name):
    """Where a unit is only a label (not a number in the formula), another label in another order changes no array."""
    study = load_study(ROOT / "fixtures" / name)
    unit, frame, rng = study.header.unit, load_frame(study), np.random.default_rng(5)
    labels = pd.unique(frame[unit].dropna())
    renamed = frame.assign(
        **{unit: frame[unit].map(dict(zip(labels, rng.permutation([f"u{i}" for i in range(len(labels))]), strict=True)))}
    )
    seen = 0
    for spec in study.specs:
        used = " ".join(map(str, (spec.formula.outcome, *spec.formula.exog, *spec.formula.instruments, spec.where or "")))
        before = built(study, spec, frame)
        if unit in used or isinstance(before, str):
            continue
        assert_identical(before, built(study, spec, renamed))
        seen += 1
    assert seen


def tied(values: list[int], groups: list[int], other: list[int]) -> Design:
    n, empty = len(values), np.empty((len(values), 0))
    effects = {"a": np.array(groups), "b": np.array(other)}
    return Design(
        np.array(values, dtype=float), empty, (), False, empty, (), empty, (), effects, {"a": np.array(groups)}, None, None,
        None, None, np.arange(n), Facts(n, float(n), 0, False),
    )  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=14), st.randoms())
def test_ties_are_broken_by_the_groups(rows, random):
    """Rows with equal values: their groups decide, and groups are told apart by what they hold, not by their codes."""
    design = ordered(tied(*map(list, zip(*rows, strict=True))))
    names_a, names_b = random.sample(range(9), 4), random.sample(range(9), 3)
    again = [(v, names_a[a], names_b[b]) for v, a, b in random.sample(rows, len(rows))]
    other = ordered(tied(*map(list, zip(*again, strict=True))))
    np.testing.assert_array_equal(design.y, other.y)
    for effect in ("a", "b"):  # sizes of the groups in their order, and the values each holds
        assert profile(design, effect) == profile(other, effect)


def profile(design: Design, effect: str) -> list[list[float]]:
    code = design.effects[effect]
    return [sorted(design.y[code == level]) for level in range(int(code.max()) + 1)]


def test_codes_follow_appearance():
    np.testing.assert_array_equal(from_zero(np.array([7, 7, -1, 3, 7, 3])), [0, 0, 1, 2, 0, 2])


def test_rows_of_a_panel_stand_by_unit_and_time():
    study = load_study(ROOT / "fixtures" / "grunfeld")
    design = build_design(study, study.specs[0], load_frame(study))
    assert (np.diff(design.unit) >= 0).all()
    assert (np.diff(design.time)[np.diff(design.unit) == 0] > 0).all()
