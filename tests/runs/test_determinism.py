"""What moves though nothing may move it: planted defects are seen and named, sound engines raise no alarm."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from importlib.metadata import version

import numpy as np
import pytest
from click.testing import CliRunner

from conftest import ROOT
from miniatures import right
from parity.cli import main
from parity.compare.harmonise import Harmonised, Quantity
from parity.conventions.formulas import df_t, factor
from parity.conventions.profiles import PROFILES
from parity.engines import engine
from parity.engines.base import EngineInfo
from parity.report.determinism import determinism_text
from parity.results.estimate import Declined, Estimate
from parity.results.record import Report, summarise
from parity.runs import determinism
from parity.runs.determinism.moves import compare_settings, distinct
from parity.runs.determinism.settings import ORDERS, SEEDS, in_words, reordered
from parity.sample.design import Design
from parity.study.load import load_study
from parity.study.spec import Spec

STUDY = """
[study]
title = "Grunfeld, two specifications"
unit = "firm"
time = "year"

[spec.two_effects]
formula = "inv ~ value + capital | firm + year"
vcov = { cluster = ["firm"] }
convention = "areg"

[spec.pooled]
formula = "inv ~ value + capital"
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moves")
    (folder / "study.toml").write_text(STUDY)
    (folder / "data.csv").write_bytes((ROOT / "fixtures" / "grunfeld" / "data.csv").read_bytes())
    return load_study(folder)


# ---------------------------------------------------------------- miniature engines


@dataclass(frozen=True)
class Moody:
    """A sound engine with the defaults of the profile `fixest`, but for what `mood` does to it."""

    name: str
    mood: str = ""

    @property
    def info(self) -> EngineInfo:
        return EngineInfo(id=self.name, language="python", packages=(), title=self.name, gaps={})

    def declines(self, spec: Spec, unit: str | None, time: str | None) -> Declined | None:
        return None

    def estimate(self, spec: Spec, design: Design) -> Estimate:
        return right(self.name, spec, design)

    def shipped(self, spec: Spec, design: Design, tight: bool = False) -> Estimate:
        answer, facts, convention = right(self.name, spec, design), design.facts, PROFILES["fixest"]
        if self.mood == "fails" and list({"f1", "f2"}) == ["f2", "f1"]:
            raise ValueError("in a bad mood")
        if self.mood == "flag" and list({"f1", "f2"}) == ["f2", "f1"]:
            facts = replace(facts, absorbed=tuple(replace(a, nested_in=spec.vcov.cluster) for a in facts.absorbed))
        kind, cluster = spec.vcov.kind, spec.vcov.cluster
        scale = factor(facts, convention, kind, cluster, cluster, False) * self._drift(design)
        part = answer.parts[0].model_copy(update={"matrix": (scale * np.array(answer.parts[0].matrix)).tolist()})
        df = df_t(facts, convention, kind, cluster, iv=False, random=False)
        return answer.model_copy(update={"parts": (part,), "basis": "as-shipped", "df_t": df})

    def _drift(self, design: Design) -> float:
        match self.mood:
            case "rows":
                return 1 + 1e-6 * (design.y[0] > design.y[-1])
            case "columns":
                return 1 + 1e-6 * (design.x_names[0] == "value")
            case "threads":
                return 1 + 1e-6 * (os.environ["OMP_NUM_THREADS"] != "1")
            case "noise":
                return 1 + 1e-12 * (design.y[0] > design.y[-1])
        return 1.0


MOODS = ("", "flag", "rows", "columns", "threads", "noise", "fails")


#: Installed packages, which are asked in the same interpreters: to start them is most of what a check takes.
INSTALLED = ("py-pyfixest", "py-linearmodels", "py-statsmodels")


@pytest.fixture(scope="module")
def of_all(study):
    engines = [*(Moody(f"moody-{m or 'sound'}", m) for m in MOODS), *map(engine, INSTALLED)]
    return determinism.check([study], engines=engines, jobs=2)


def of(report, names) -> Report:
    """The report as it is of these engines alone."""
    chosen = tuple(r for r in report.records if r.candidate in names)
    return report.model_copy(update={"records": chosen, "summary": summarise(chosen)})


@pytest.fixture(scope="module")
def report(of_all):
    return of(of_all, [f"moody-{m or 'sound'}" for m in MOODS])


def records(report, mood: str, face: str = "as shipped") -> dict:
    return {r.spec: r for r in report.records if r.candidate == f"moody-{mood}" and r.how == face}


@pytest.mark.parametrize("mood", ["sound", "noise"])
def test_nothing_is_said_of_a_sound_engine(report, mood):
    found = records(report, mood)
    assert {r.verdict for r in found.values()} == {"agree"}
    assert all(r.checked >= 15 and r.mode == "determinism" and not r.moves for r in found.values())


def test_harmonised_nothing_moves(report):
    harmonised = [r for r in report.records if r.how == "harmonised"]
    assert len(harmonised) == 2 * len(MOODS)
    assert {r.verdict for r in harmonised} == {"agree"}


def test_the_flag_on_the_wrong_effect_is_named(report):
    record = records(report, "flag")["two_effects"]
    assert record.verdict == "explained"
    assert [c.id for c in record.causes] == ["nested-flag-on-wrong-effect"]
    assert record.causes[0].residual < 1e-12
    assert "K = 3 instead of 22" in record.causes[0].formula
    move = next(m for m in record.moves if (m.quantity, m.term) == ("se", "capital"))
    assert [s for seen in move.values for s in seen.settings if "hash seed 0" in seen.settings] == [
        "hash seed 0", "rows reversed", "rows shuffled", "columns reversed",
    ]  # fmt: skip
    right_one, wrong_one = (seen.value for seen in move.values)
    assert wrong_one / right_one == pytest.approx(np.sqrt((200 - 22) / (200 - 3)), rel=1e-12)
    assert records(report, "flag")["pooled"].verdict == "agree"


@pytest.mark.parametrize("mood, setting", [("rows", "rows"), ("columns", "columns"), ("threads", "2 threads")])
def test_other_movements_are_seen_and_not_misnamed(report, mood, setting):
    for record in records(report, mood).values():
        assert record.verdict == "disagree"
        assert not record.causes
        se = [m for m in record.moves if m.quantity == "se"]
        assert se and se[0].relative == pytest.approx(5e-7, rel=0.01)
        minority = min(se[0].values, key=lambda seen: len(seen.settings))
        assert all(setting in s or setting.split()[-1] in s for s in minority.settings)


def test_an_engine_that_fails_under_some_seeds_is_no_sound_engine(report):
    record = records(report, "fails")["pooled"]
    assert record.verdict == "disagree"
    assert "in a bad mood" in record.note and "hash seed 1" in record.note


def test_what_moves_fails_the_run(report):
    assert report.exit_code == 1
    assert of(report, ["moody-sound"]).exit_code == 0


# ---------------------------------------------------------------- the installed packages


def test_the_installed_packages(of_all):
    """pyfixest 0.50 to 0.60.0 has the defect; of a version without it the same check says nothing."""
    report = of(of_all, INSTALLED)
    shipped = next(r for r in report.records if (r.candidate, r.spec, r.how) == (INSTALLED[0], "two_effects", "as shipped"))
    others = [r for r in report.records if r is not shipped]
    assert {r.candidate for r in others} == set(INSTALLED)
    assert {r.verdict for r in others} == {"agree"}
    if tuple(map(int, version("pyfixest").split(".")[:3])) <= (0, 60, 0):
        assert report.exit_code == 1
        assert [c.id for c in shipped.causes] == ["nested-flag-on-wrong-effect"]
        assert shipped.causes[0].residual < 1e-9
        said = determinism_text(report, in_words())
        assert "cause: nested-flag-on-wrong-effect" in said
        assert "doesn't move" in said
    else:
        assert (report.exit_code == 0) == (shipped.verdict == "agree")


# ---------------------------------------------------------------- the parts


def test_seeds_put_names_in_every_order():
    code = (
        "n = ['f1', 'f2', 'f3']; print(*[list({a, b, 'f3'}).index(a) < list({a, b, 'f3'}).index(b) for a in n for b in n])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-S", "-c", code], env={"PYTHONHASHSEED": str(s)}, capture_output=True, text=True
        ).stdout
        for s in SEEDS
    ]
    orders = np.array([[word == "True" for word in line.split()] for line in said]).reshape(len(SEEDS), 3, 3)
    for a in range(3):
        for b in range(a):
            assert len(set(orders[:, a, b])) == 2, (a, b)


def held(**values: float) -> dict[str, Harmonised]:
    nobs = Quantity(9.0, 1.0, exact=True)
    return {
        name: Harmonised("e", "exact", "native", {("se", "x"): Quantity(v, 1.0), ("nobs", ""): nobs}, frozenset())
        for name, v in values.items()
    }


def test_values_are_grouped_by_what_rounding_allows():
    compared = compare_settings(held(a=1.0, b=1.0 + 1e-12, c=1.25, d=1.25))
    (move,) = compared.moves
    assert [(v.value, v.settings) for v in move.values] == [(1.0, ("a", "b")), (1.25, ("c", "d"))]
    assert move.relative == 0.25
    assert distinct(compared.moves) == ("a", "c")
    assert not compare_settings(held(a=1.0, b=1.0 + 1e-12)).moves


def test_a_number_that_is_none_has_moved():
    assert len(compare_settings(held(a=1.0, b=float("nan"))).moves) == 1
    assert not compare_settings(held(a=float("nan"), b=float("nan"))).moves
    short = held(a=1.0, b=1.0)
    short["b"] = replace(short["b"], quantities={("se", "x"): Quantity(1.0, 1.0)})
    assert [m.quantity for m in compare_settings(short).moves] == ["nobs"]


def test_orders_keep_the_sample(study):
    from parity.data.load import load_frame
    from parity.sample.build import build_design

    design = build_design(study, study.spec("two_effects"), load_frame(study))
    for rows, columns in ORDERS:
        other = reordered(design, rows, columns)
        table = {n: other.x[np.argsort(other.rows), i] for i, n in enumerate(other.x_names)}
        for i, name in enumerate(design.x_names):
            assert np.array_equal(table[name], design.x[np.argsort(design.rows), i])
        assert (rows == "as given") == np.array_equal(other.y, design.y)
        assert (columns == "as given") == (other.x_names == design.x_names)


def test_a_frozen_answer_cannot_move(study):
    done = CliRunner().invoke(main, ["run", str(study.folder), "--determinism", "--frozen"])
    assert done.exit_code == 2
    assert "a frozen answer can't move" in done.output
