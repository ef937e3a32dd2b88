"""Engines of other packages that can't be loaded, or that fall over before they are asked for an estimate."""

from __future__ import annotations

import json
import sys

import pytest
from click.testing import CliRunner

from parity import engines
from parity.cli import main
from parity.results.estimate import Failed

STUDY = '[study]\ntitle = "t"\n[spec.b]\nformula = "inv ~ value"\n'
MODULE = """
from parity.engines.base import EngineInfo
class Class:
    info = EngineInfo("other", "python", (), "t", {})
    def declines(self, spec, unit, time): raise RuntimeError("thrown\\nover two lines")
    def estimate(self, spec, design): raise RuntimeError("no")
    def availability(self): raise KeyError("where am I")
    def versions(self): raise KeyError("what am I")
OTHER = Class()
class Odd(Class):
    info = EngineInfo("odd", "python", (), "t", {})
    def availability(self): return None
ODD = Odd()
class Half:
    info = EngineInfo("half", "python", (), "t", {})
HALF = Half()
"""
#: Entry point -> part of the reason that stands for the engine.
BROKEN = {
    "no-module = nowhere_at_all:ENGINE": "can't be loaded: ModuleNotFoundError: No module named 'nowhere_at_all'",
    "no-name = foreign_one:NOTHING": "can't be loaded: AttributeError",
    "falls = foreign_falls:ENGINE": "can't be loaded: RuntimeError: over two lines",
    "exits = foreign_exits:ENGINE": "can't be loaded: SystemExit",
    "class = foreign_one:Class": "it is the class Class, not an instance of it",
    "half = foreign_one:HALF": "it has no method `declines`",
    "misnamed = foreign_one:OTHER": "it calls itself `other`",
    "number = foreign_one:MODULE_NUMBER": "no engine: it has no `info` that is an EngineInfo",
    "other = foreign_one:OTHER": "it can't say whether it is available: KeyError: 'where am I'",
}


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """installed(entry points ...): a package with these is there, beside parity."""

    def install(*points: str) -> None:
        meta = tmp_path / "site" / "foreign_one-1.0.dist-info"
        meta.mkdir(parents=True)
        (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: foreign-one\nVersion: 1.0\n")
        (meta / "entry_points.txt").write_text("\n".join(["[parity.engines]", *points, ""]))
        (meta.parent / "foreign_one.py").write_text(MODULE + "MODULE_NUMBER = 3\n")
        (meta.parent / "foreign_falls.py").write_text("raise RuntimeError('over\\ntwo lines')\n")
        (meta.parent / "foreign_exits.py").write_text("raise SystemExit(3)\n")
        monkeypatch.syspath_prepend(str(meta.parent))
        engines.registry.cache_clear()

    yield install
    engines.registry.cache_clear()
    for name in [n for n in sys.modules if n.startswith("foreign_")]:
        del sys.modules[name]


@pytest.mark.parametrize("point", list(BROKEN), ids=lambda p: p.split(" ")[0])
def test_it_is_unavailable_and_says_why_in_one_line(installed, point):
    installed(point)
    name = point.split(" ")[0]
    assert "py-moments" in engines.registry()
    missing = engines.availability(engines.engine(name))
    assert missing is not None and BROKEN[point] in missing.reason and "\n" not in missing.reason
    assert engines.versions(engines.engine(name)) == {}


def test_every_verb_goes_on(installed, make_study):
    installed(*BROKEN, "odd = foreign_one:ODD")
    listed = CliRunner().invoke(main, ["engines"])
    assert listed.exit_code == 0 and "nowhere_at_all" in listed.output
    assert CliRunner().invoke(main, ["engines", "--gaps"]).exit_code == 0
    folder = str(make_study(STUDY))
    run = CliRunner().invoke(main, ["run", folder, "--json", "-", "--no-cache", "--frozen"])
    records = {r["candidate"]: r for r in json.loads(run.stdout)["records"] if r["kind"] == "estimate"}
    assert records["no-module"]["verdict"] == "unavailable" and "No module named" in records["no-module"]["note"]
    assert records["py-moments"]["verdict"] == "agree"
    assert records["odd"]["verdict"] == "failed" and "thrown over two lines" in records["odd"]["note"]
    assert run.exit_code == 1  # the one that fell over failed


def test_named_as_an_engine(installed, make_study):
    installed("no-module = nowhere_at_all:ENGINE")
    folder = str(make_study(STUDY + 'reference = "py-statsmodels"\n'))
    run = CliRunner().invoke(main, ["run", folder, "--engine", "no-module", "--engine", "py-moments", "--no-cache"])
    assert run.exit_code == 0 and "no-module unavailable: its entry point" in " ".join(run.stdout.split()), run.output
    frozen = CliRunner().invoke(main, ["freeze", folder, "--engine", "no-module"])
    assert frozen.exit_code == 2 and "No module named" in frozen.output and "Traceback" not in frozen.output


def test_what_it_declines_by_must_be_declined(installed):
    installed("odd = foreign_one:ODD")
    assert isinstance(engines.declines(engines.engine("odd"), None, None, None), Failed)
