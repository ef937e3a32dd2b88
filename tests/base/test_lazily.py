"""A module imported lazily runs when it is looked at, is the same then, and is missing where it isn't installed."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from parity.base.lazily import lazily


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """An estimator that imports a library for its plots alone, and says what ran."""
    (tmp_path / "made_plots.py").write_text("import made_ran\nmade_ran.ALL.append('plots')\ncolour = 'red'\n")
    (tmp_path / "made_ran.py").write_text("ALL = []\n")
    text = "import made_plots as plots\ndef estimate(): return 1\ndef plot(): return plots.colour\n"
    (tmp_path / "made_estimator.py").write_text(text)
    (tmp_path / "made_eager.py").write_text("from made_plots import colour\n")
    (tmp_path / "made_broken.py").write_text("import made_nowhere\n")
    (tmp_path / "made_library").mkdir()
    (tmp_path / "made_library" / "__init__.py").write_text("import made_ran\nmade_ran.ALL.append('library')\n")
    (tmp_path / "made_library" / "small.py").write_text("size = 1\n")
    (tmp_path / "made_library" / "drawing.py").write_text("import made_ran\nmade_ran.ALL.append('drawing')\ninch = 72\n")
    for name in ("made_first", "made_second"):
        (tmp_path / f"{name}.py").write_text("import made_library.drawing as drawing\ndef draw(): return drawing.inch\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in [name for name in sys.modules if name.startswith("made_")]:
        del sys.modules[name]


def test_it_runs_when_it_is_looked_at(packages):
    ran = import_module("made_ran").ALL
    with lazily("made_plots"):
        estimator = import_module("made_estimator")
    assert estimator.estimate() == 1 and ran == []
    assert estimator.plot() == "red" == estimator.plot() and ran == ["plots"]


def test_neither_a_second_importer_nor_a_module_inside_runs_it(packages):
    ran = import_module("made_ran").ALL
    with lazily("made_library", "made_library.drawing"):
        first, second = import_module("made_first"), import_module("made_second")
        assert import_module("made_library.small").size == 1 and ran == []
    assert second.draw() == 72 == first.draw() and ran == ["drawing"]
    assert "made_ran" in vars(sys.modules["made_library"]) and ran == ["drawing", "library"]


def test_a_name_taken_from_it_runs_it_at_once(packages):
    with lazily("made_plots"):
        assert import_module("made_eager").colour == "red"
    assert import_module("made_ran").ALL == ["plots"]


def test_outside_and_of_what_is_missing_nothing_changes(packages):
    with lazily("made_nowhere"), pytest.raises(ModuleNotFoundError, match="made_nowhere"):
        import_module("made_broken")
    import_module("made_estimator")
    assert import_module("made_ran").ALL == ["plots"]
