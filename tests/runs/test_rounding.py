"""What double precision, or an absorber's tolerance, leaves: typed numbers, an engine against itself, two reports."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from parity.base.tolerance import MOST_FLOOR, most_floor
from parity.cli import main
from parity.compare.changed_numbers import moved_numbers
from parity.compare.floor import Floor
from parity.compare.harmonise import harmonise
from parity.compare.numbers import compare
from parity.data.load import load_frame
from parity.diagnose import TargetNumber, explain_targets
from parity.diagnose.fitter import Fitter
from parity.diagnose.rounding import reaches
from parity.diagnose.scenario import Scenario
from parity.engines.own.fit import estimate
from parity.runs.determinism.moves import compare_settings
from parity.sample.build import build_design
from parity.study.load import load_study

TOML = """
[study]
title = "Made: years that aren't centred, workers and firms"
made = true
unit = "unit"
time = "year"

[spec.far]
formula = "y ~ x + year"
vcov = "HC1"
convention = "regress"

[spec.centred]
formula = "y ~ x + since"
vcov = "HC1"
convention = "regress"

[spec.square]
formula = "y ~ x + year + year2"
vcov = "HC1"
convention = "regress"

[spec.movers]
formula = "y ~ x | firm + worker"
vcov = { cluster = ["unit"] }
convention = "reghdfe"

[spec.balanced]
formula = "y ~ x | unit + year"
vcov = { cluster = ["unit"] }
convention = "reghdfe"
"""
RNG = np.random.default_rng(5)
UNIT, YEAR = np.repeat(np.arange(40), 10), np.tile(np.arange(1990, 2000), 40)
FIRM = RNG.integers(0, 30, 400)
WORKER = (FIRM + RNG.integers(0, 2, 400) + (np.arange(400) % 3 == 0)) % 60
X = RNG.normal(size=400) + 0.2 * FIRM
Y = 0.5 * X + 0.03 * YEAR + RNG.normal(size=400) + 0.1 * FIRM
DATA = pd.DataFrame({
    "unit": UNIT, "year": YEAR, "since": YEAR - 1995, "year2": YEAR**2, "firm": FIRM, "worker": WORKER, "x": X, "y": Y,
})  # fmt: skip


@pytest.fixture(scope="module")
def fitter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rounding")
    DATA.to_csv(folder / "data.csv", index=False, float_format="%.17g")
    (folder / "study.toml").write_text(TOML)
    study = load_study(folder)
    return Fitter(study, load_frame(study))


def normal_equations(*names: str) -> dict[str, tuple[float, float]]:
    """Coefficient and HC1 standard error by the inverse of X'X, columns as they stand."""
    x = np.column_stack([*(DATA[name] for name in names), np.ones(400)])
    inverse = np.linalg.inv(x.T @ x)
    b = inverse @ (x.T @ Y)
    v = inverse @ ((x * (Y - x @ b)[:, None] ** 2).T @ x) @ inverse * 400 / (400 - x.shape[1])
    return dict(zip(names, zip(b, np.sqrt(np.diag(v)), strict=True), strict=False))


def explained(fitter, spec: str, *targets: TargetNumber):
    return explain_targets(fitter.study, fitter.study.spec(spec), fitter.original, targets, fitter=fitter)


def targets_of(numbers: dict[str, tuple[float, float]], digits: int) -> list[TargetNumber]:
    shown = [("coef", term, b) for term, (b, _) in numbers.items()] + [("se", term, se) for term, (_, se) in numbers.items()]
    return [TargetNumber(quantity, term, f"{value:.{digits}g}") for quantity, term, value in shown]


def test_years_far_from_zero_cost_digits_and_are_named(fitter):
    found = explained(fitter, "far", *targets_of(normal_equations("x", "year"), 13))
    assert found.certain and found.causes[0].ids == ("ill-conditioned-columns",)
    (cause,) = found.causes[0].causes
    assert "`year` is far from zero" in cause.sentence and 1e-10 < found.causes[0].residual < 1e-7


def test_the_same_distance_is_no_rounding_where_columns_are_centred(fitter):
    right = fitter.numbers(Scenario(fitter.study.spec("centred")))
    off = float(right.coef[right.terms.index("x")]) * (1 + 1.5e-9)
    found = explained(fitter, "centred", TargetNumber("coef", "x", f"{off:.13g}"))
    assert "ill-conditioned-columns" not in {i for s in (*found.causes, *found.possible) for i in s.ids}


def test_what_passes_the_cap_is_possible_and_not_certain(fitter):
    found = explained(fitter, "square", *targets_of(normal_equations("x", "year", "year2"), 12))
    assert found.verdict == "disagree" and not found.certain
    assert "ill-conditioned-columns" in {i for s in found.possible for i in s.ids}


def test_a_convention_is_no_rounding(fitter):
    """HC0 for HC1 is a share of 4e-3, beyond any floor: the convention is named alone."""
    one = fitter.study.spec("far")
    right = fitter.numbers(Scenario(one))
    i = right.terms.index("x")
    hc0 = float(right.se[i]) * np.sqrt(397 / 400)
    found = explained(fitter, "far", TargetNumber("se", "x", f"{hc0:.10g}"))
    assert "hc0-for-hc1" in {s.ids[0] for s in found.causes}
    assert "ill-conditioned-columns" not in {i for s in (*found.causes, *found.possible) for i in s.ids}


def swept(stops: float) -> float:
    """The coefficient of x after plain sweeps over firms and workers that stop at a tolerance; weights none."""
    columns, spread = np.column_stack([Y, X]), np.std([Y, X], axis=1)
    while True:
        before = columns.copy()
        for code in (WORKER, FIRM):
            sums = np.column_stack([np.bincount(code, weights=c) for c in columns.T])
            columns = columns - (sums / np.maximum(np.bincount(code), 1)[:, None])[code]
        if np.max(np.abs(columns - before) / spread) < stops:
            return float(columns[:, 1] @ columns[:, 0] / (columns[:, 1] @ columns[:, 1]))


@pytest.mark.parametrize(("stops", "certain"), [(1e-4, False), (1e-6, True)])
def test_an_absorber_s_tolerance_is_named(fitter, stops, certain):
    right = fitter.numbers(Scenario(fitter.study.spec("movers")))
    value = swept(stops)
    assert abs(value / right.coef[0] - 1) > 1e-9
    found = explained(fitter, "movers", TargetNumber("coef", "x", f"{value:.12g}"))
    held = found.causes if certain else found.possible
    assert [s.ids for s in held if s.ids == ("absorption-tolerance",)] and found.certain == certain


def test_no_tolerance_is_seen_where_one_sweep_is_exact(fitter):
    ids = {r.cause for r in reaches(fitter, Scenario(fitter.study.spec("balanced")))}
    assert "absorption-tolerance" not in ids
    assert "absorption-tolerance" in {r.cause for r in reaches(fitter, Scenario(fitter.study.spec("movers")))}
    assert all(r.most == most_floor(400) <= MOST_FLOOR for r in reaches(fitter, Scenario(fitter.study.spec("movers"))))


@pytest.mark.parametrize("digits", [11, 13, 15])
def test_a_table_is_explained_as_its_numbers_are(fitter, tmp_path, digits):
    numbers = normal_equations("x", "year")
    rows = "".join(f"| {t} | {b:.{digits}g} |\n| | ({se:.{digits}g}) |\n" for t, (b, se) in numbers.items())
    (tmp_path / "t.md").write_text(f"| | (1) |\n|---|---|\n{rows}| N | 400 |\n\nStandard errors in parentheses.\n")
    result = CliRunner().invoke(
        main, ["explain", str(fitter.study.folder), "far", "--table", str(tmp_path / "t.md"), "--json"]
    )
    assert result.exit_code == 0, result.output
    assert [c["id"] for s in json.loads(result.output)["causes"] for c in s["causes"]] == ["ill-conditioned-columns"]


# ---------------------------------------------------------------- an engine against itself, a report against another


def two(fitter, spec: str, by: float):
    """The declared numbers, and the same with coefficients that moved by a share."""
    one = fitter.study.spec(spec)
    design = build_design(fitter.study, one, fitter.original)
    answer = estimate(one, design)
    moved = answer.model_copy(update={"coef": tuple(b * (1 + by) for b in answer.coef)})
    return harmonise(answer, design.facts, one), harmonise(moved, design.facts, one)


def test_an_engine_moves_beyond_rounding_only(fitter):
    floor = Floor(3e-7, 3e-7, MOST_FLOOR)
    near, far = two(fitter, "far", 1e-7), two(fitter, "far", 1e-5)
    assert compare_settings(dict(zip("ab", near, strict=True))).moves
    assert not compare_settings(dict(zip("ab", near, strict=True)), floor.capped).moves
    assert compare_settings(dict(zip("ab", far, strict=True)), floor.capped).moves


def test_determinism_says_the_columns(fitter, monkeypatch):
    """Numbers that move with the order of rows, within what the columns leave: beyond the cap a cause, below it a note."""
    from parity.engines import engine
    from parity.runs.determinism import trials as determinism
    from parity.runs.determinism.child import Question

    study = fitter.study

    def judged(name: str, by: float):
        spec = study.spec(name)
        answer = estimate(spec, build_design(study, spec, fitter.original))
        (part,) = answer.parts
        larger = part.model_copy(update={"matrix": tuple(tuple(v * (1 + by) ** 2 for v in row) for row in part.matrix)})
        moved = answer.model_copy(update={"parts": (larger,)})
        monkeypatch.setattr(determinism, "_named", lambda *_: ())
        question = Question(spec, engine("py-linearmodels"), "harmonised")
        return determinism._record(study, question, fitter.original, study.data_hash(), {"a": answer, "b": moved})

    within = judged("far", 3e-9)
    assert within.verdict == "agree" and "far from zero" in within.note and within.floor > 6e-9
    beyond = judged("square", 3e-6)
    assert [c.id for c in beyond.causes] == ["ill-conditioned-columns"] and beyond.verdict == "explained"
    assert judged("centred", 3e-9).verdict == "disagree"


def test_two_reports_differ_beyond_rounding_only(fitter, tmp_path):
    from parity.engines import engine
    from parity.runs import runner

    engines = [engine(name) for name in ("py-statsmodels", "py-linearmodels", "py-moments")]
    report = runner.run([fitter.study], engines=engines, specs=("far", "centred"), jobs=1, details=True)
    floors = {r.spec: max(x.floor for x in report.records if x.spec == r.spec) for r in report.records}
    assert floors["far"] > 5e-8 and floors["centred"] == 0, floors

    def changed(by: float) -> set[tuple[str, str]]:
        details = []
        for detail in report.details:
            place = detail.quantities.index(("coef", "x"))
            sides = [replace_value(e, place, e.values[place] * (1 + by)) for e in detail.engines]
            details.append(detail.model_copy(update={"engines": tuple(sides)}))
        found, _, _ = moved_numbers(report, report.model_copy(update={"details": tuple(details)}), ())
        return {(f.spec, f.engine) for f in found}

    def replace_value(e, place: int, value: float):
        return e.model_copy(update={"values": (*e.values[:place], value, *e.values[place + 1 :])})

    every = {(spec, e.info.id) for spec in ("far", "centred") for e in engines}
    # of these engines linearmodels alone multiplies columns that stand beside a constant
    assert changed(2e-8) == every - {("far", "py-linearmodels")} and changed(1e-4) == every and not changed(1e-10)


def test_two_engines_are_explained_with_the_floor(fitter):
    near = two(fitter, "far", 1e-7)
    floor = Floor(3e-7, 3e-7, MOST_FLOOR)
    assert compare(*near).differences and not compare(*near, floor.capped).differences
    assert not replace(floor, most=1e-9).tells
