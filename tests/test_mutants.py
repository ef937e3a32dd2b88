"""The operators that make wrong changes, and the choice of tests; the trials themselves are run by command."""

from __future__ import annotations

import ast
import os

import pytest

from conftest import ROOT
from mutants.__main__ import drawn, equivalent
from mutants.sites import Site, sites
from mutants.trial import Trial, attempt, reaching


def write(folder, source: str) -> list[Site]:
    (folder / "m.py").write_text(source, encoding="utf-8")
    return sites(folder, "m.py")


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("x = a < b", {"x = (a <= b)"}),
        ("x = a and b == 1", {"x = (a or b == 1)", "x = (a)", "x = a and (b != 1)", "x = a and b == (2)"}),
        ("x = 城市 - 1", {"x = (城市 + 1)", "x = 城市 - (2)"}),
        ("x = min(a, b)", {"x = (max(a, b))"}),
        ("x = np.floor(a)", {"x = (np.ceil(a))"}),
        ("x = a if b else c", {"x = (c if b else a)"}),
        ("x = not a", {"x = (a)"}),
        ('x = "a" + b', set()),
        ('raise ValueError(f"{n + 1} of them")', set()),
    ],
)
def test_every_change_of_an_expression(tmp_path, source, wanted):
    assert {site.applied(source) for site in write(tmp_path, source)} == wanted


def test_every_mutant_of_the_core_can_be_parsed():
    for file in ("src/parity/conventions/formulas.py", "src/parity/compare/numbers.py"):
        source = (ROOT / file).read_text(encoding="utf-8")
        found = sites(ROOT, file)
        assert len(found) > 20
        for site in found:
            changed = site.applied(source)
            ast.parse(changed)
            assert changed != source


def test_a_seed_draws_the_same_mutants_from_every_part():
    first = drawn(3, 40)
    assert first == drawn(3, 40) != drawn(4, 40)
    assert len(first) == 40 and len({s.file for s in first}) > 9


def test_what_is_called_equivalent_is_still_there():
    every = {(s.file, s.function, s.before, s.after) for file in {k[0] for k in equivalent()} for s in sites(ROOT, file)}
    assert set(equivalent()) <= every, "equivalent.toml names mutants that no longer exist: take them out"


def test_tests_are_those_that_run_the_line_the_modules_own_first():
    site = Site("src/parity/conventions/facts.py", "f", 5, 6, 0, 1, "1", "2")
    reach = {
        "seconds": {"tests/test_a.py::t": 0.1, "tests/test_facts.py::t": 0.5, "tests/test_html.py::t": 0.1},
        "lines": {
            "src/parity/conventions/facts.py": {
                "6": ["tests/test_a.py::t", "tests/test_facts.py::t", "tests/test_html.py::t"]
            }
        },
    }
    assert reaching(reach, site, 9) == ("tests/test_facts.py::t", "tests/test_a.py::t")


def test_a_mutant_is_killed_by_a_failing_test_and_taken_back(tmp_path):
    (tmp_path / "src").mkdir()
    source = "def two():\n    return 1 + 1\n"
    (tmp_path / "src" / "m.py").write_text(source)
    (tmp_path / "test_m.py").write_text("from m import two\n\ndef test_two():\n    assert two() == 2\n")
    (tmp_path / "test_n.py").write_text("def test_nothing():\n    assert True\n")
    site = next(s for s in sites(tmp_path, "src/m.py") if s.after == "1 - 1")
    killed = attempt(tmp_path, site, ["test_m.py"], 60, os.environ["PATH"])
    survived = attempt(tmp_path, site, ["test_n.py"], 60, os.environ["PATH"])
    assert (killed.outcome, survived.outcome) == ("killed", "survived")
    assert "test_two" in killed.by and (tmp_path / "src" / "m.py").read_text() == source
    assert attempt(tmp_path, site, [], 60, "") == Trial(site, "no test runs it")
