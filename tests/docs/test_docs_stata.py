"""docs/stata.md: sixty commands give the same in Stata's language, Python and R, and the pages are what the file says."""

from __future__ import annotations

import importlib.util

from conftest import ROOT

PAGE = importlib.util.spec_from_file_location("build_stata", ROOT / "docs" / "build_stata.py")
build = importlib.util.module_from_spec(PAGE)
PAGE.loader.exec_module(build)


def test_every_line_is_executed_and_gives_the_same():
    assert build.compared() == []


def test_the_pages_are_those_of_the_file():
    assert len(build.entries()) >= 60
    assert (ROOT / "docs/stata.md").read_text(encoding="utf-8") == build.page(chinese=False)
    assert (ROOT / "docs/stata.zh.md").read_text(encoding="utf-8") == build.page(chinese=True)


def test_a_wrong_line_is_seen(monkeypatch):
    entries = build.entries()
    wrong = [
        {**e, "python": e["python"].replace("np.log", "np.log10")} if "np.log(" in e["python"] else e for e in entries[:3]
    ]
    monkeypatch.setattr(build, "entries", lambda: wrong)
    assert any("gen lv" in line and "Python" in line for line in build.compared())
