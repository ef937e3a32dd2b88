"""The study of the whole pipeline: its data are what the generator makes, its truth is recovered, both layouts are one."""

from __future__ import annotations

import importlib.util
import json
from functools import cache

import numpy as np

from conftest import FIXTURES
from parity.compare.harmonise import harmonise
from parity.data.load import load_frame, read_frame
from parity.engines import engine
from parity.sample.build import build_design
from parity.study.load import load_study

FOLDER = FIXTURES / "digital_trade"


@cache
def study():
    return load_study(FOLDER)


@cache
def frame():
    return load_frame(study())


@cache
def truth() -> dict:
    return json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))


def script(name: str):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def estimated(spec_id: str) -> dict[str, tuple[float, float, float]]:
    """term -> coefficient and the ends of its 95 % interval, under the spec's convention."""
    spec = study().spec(spec_id)
    design = build_design(study(), spec, frame())
    found = harmonise(engine("py-linearmodels").estimate(spec, design), design.facts, spec).quantities
    return {t: tuple(found[q, t].value for q in ("coef", "ci_low", "ci_high")) for q, t in found if q == "coef"}


def test_the_generator_makes_the_committed_data():
    for name, text in script("make_data").files().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, name


def test_it_says_that_the_data_are_made():
    assert "MADE" in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()[0]
    assert "MADE" in (FOLDER / "study.toml").read_text(encoding="utf-8").splitlines()[0]
    assert study().header.made


def test_its_size():
    assert len(frame()) == 31 * 9
    assert frame()["province"].nunique() == frame()["省份"].nunique() == 31
    assert frame()["region"].value_counts().to_dict() == {"西部": 12 * 9, "东部": 11 * 9, "中部": 8 * 9}
    assert len(study().specs) >= 60
    assert set(study().index) == {"dt", "nqp", "resilience"}
    assert all(len(index.variants) >= 12 for index in study().index.values())


TERMS = {"resilience on": "truth", "labourers": "truth_labourers", "objects": "truth_objects", "means": "truth_means"}


def test_the_true_effects_lie_within_their_intervals():
    effects = {("truth", term): value for term, value in truth()["resilience on"].items()}
    for dim, of in truth()["nqp on dt"].items():
        for side in ("east", "others"):
            term = f"l(dt_{side}, 1)" if of["lag"] else f"dt_{side}"
            effects[f"truth_{dim}", term] = of[side]
    assert len(effects) == 12
    found = {spec: estimated(spec) for spec in dict.fromkeys(spec for spec, _ in effects)}
    outside = {
        k: (v, found[k[0]][k[1]]) for k, v in effects.items() if not found[k[0]][k[1]][1] <= v <= found[k[0]][k[1]][2]
    }
    assert not outside
    # and an effect twice as large does not, but for the small ones of the East
    large = {k: v for k, v in effects.items() if v > 0.06}
    assert len(large) == 9
    assert all(2 * v > found[k[0]][k[1]][2] for k, v in large.items())


def test_the_story_of_the_abstract_can_be_read_off():
    assert estimated("baseline_0")["dt"][1] > 0
    assert estimated("baseline_6")["dt"][1] > 0
    assert estimated("since_2018")["dt_since_2018"][1] > 0
    assert estimated("weak_strong")["dt_weak_base"][1] > 0
    assert estimated("med_m")["dt"][1] > 0
    east, others = (estimated(f"med_m_{side}")["dt"] for side in ("east", "others"))
    assert others[0] > 3 * abs(east[0])
    assert estimated("iv_posts")["dt"][1] > 0


def test_both_layouts_give_the_same_columns(tmp_path):
    text = (FOLDER / "study.toml").read_text(encoding="utf-8")
    book = text.replace('data = "data.csv"', 'data = "data.xlsx"\nlayout = "sheets"')
    (tmp_path / "study.toml").write_text(book, encoding="utf-8")
    script("make_sheets").write(tmp_path / "data.xlsx")
    other = load_frame(load_study(tmp_path))
    assert set(other.columns) == set(frame().columns)
    for name in frame().columns:
        ours, theirs = frame()[name], other[name]
        if ours.dtype.kind in "fi":
            np.testing.assert_array_equal(theirs.to_numpy(dtype=float), ours.to_numpy(dtype=float), err_msg=name)
        else:
            assert theirs.tolist() == ours.tolist(), name


def test_columns_that_scripts_read_are_the_committed_ones():
    held = read_frame(FOLDER / "derived.csv")
    wanted = {c for spec in study().specs for c in spec.columns()}
    assert wanted <= set(held.columns)
    for name in held.columns:
        if held[name].dtype.kind in "fi":
            ours = frame()[name].to_numpy(dtype=float)
            np.testing.assert_allclose(held[name].to_numpy(dtype=float), ours, rtol=0, atol=1e-13 * np.nanmax(np.abs(ours)))
        else:
            assert held[name].tolist() == frame()[name].tolist()
