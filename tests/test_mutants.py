"""The operators that make wrong changes, and the choice of tests; the trials themselves are run by command."""

from __future__ import annotations

import ast
import os

import pytest

from conftest import ROOT
from mutants import __main__ as mutants
from mutants.__main__ import PARTS, drawn, equivalent, modules
from mutants.reach import Reach
from mutants.sites import Site, sites
from mutants.trial import Clean, Trial, attempt


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


def test_every_part_is_where_it_is_looked_for(monkeypatch):
    assert all(modules(part) for part in PARTS)
    files = {file.removeprefix("src/parity/") for part in PARTS for file in modules(part)}
    assert {"conventions/facts.py", "runs/judge.py", "diagnose/catalogue/model.py", "engines/frozen.py"} <= files
    monkeypatch.setitem(mutants.PARTS, "facts", ("conventions/facts.py", "conventions/counts.py"))
    with pytest.raises(LookupError, match=r"no file is src/parity/conventions/counts\.py .*'facts'"):
        drawn(1, 20)


def test_what_is_called_equivalent_is_still_there():
    every = {(s.file, s.function, s.before, s.after) for file in {k[0] for k in equivalent()} for s in sites(ROOT, file)}
    assert set(equivalent()) <= every, "equivalent.toml names mutants that no longer exist: take them out"


def test_tests_are_those_that_run_the_line_the_modules_own_first():
    site = Site("src/parity/conventions/facts.py", "f", 5, 6, 0, 1, "1", "2")
    seconds = {
        "tests/test_a.py::slow": 5.0,
        "tests/test_a.py::t": 0.1,
        "tests/sample/test_facts.py::t": 0.5,
        "tests/test_b.py::t": 1,
    }
    reach = Reach(seconds, {"src/parity/conventions/facts.py": {6: [0, 1, 2], 9: [3]}})
    assert reach.reaching(site, 9) == (
        ("tests/sample/test_facts.py::t", 0.5), ("tests/test_a.py::t", 0.1), ("tests/test_a.py::slow", 5.0))  # fmt: skip
    assert [t for t, _ in reach.reaching(site, 1)] == ["tests/sample/test_facts.py::t", "tests/test_a.py::t"]
    at_import = Site("src/parity/conventions/facts.py", "", 1, 1, 0, 1, "1", "2")
    assert len(reach.reaching(at_import, 9)) == 4


@pytest.fixture
def project(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "m.py").write_text("def two():\n    return 1 + 1\n")
    (tmp_path / "test_m.py").write_text("from m import two\n\ndef test_two():\n    assert two() == 2\n")
    (tmp_path / "test_n.py").write_text("def test_nothing():\n    assert True\n\ndef test_broken():\n    assert False\n")
    return tmp_path


def tried(project, tests: dict[str, float], after: str = "1 - 1") -> Trial:
    source = (project / "src" / "m.py").read_text()
    site = next(s for s in sites(project, "src/m.py") if s.after == after)
    trial = attempt(project, site, list(tests.items()), os.environ["PATH"], Clean())
    assert (project / "src" / "m.py").read_text() == source
    return trial


def test_a_mutant_is_killed_by_a_failing_test_and_taken_back(project):
    killed = tried(project, {"test_n.py::test_nothing": 0.1, "test_m.py::test_two": 0.1})
    assert (killed.outcome, killed.by, killed.tests) == ("killed", "test_m.py::test_two", 2)
    assert tried(project, {"test_n.py::test_nothing": 0.1}).outcome == "survived"
    assert tried(project, {}).outcome == "no test runs it"


def test_what_fails_without_the_change_is_no_witness(project):
    assert tried(project, {"test_n.py::test_broken": 0.1}).outcome == "survived"
    assert tried(project, {"test_n.py::test_broken": 0.1, "test_m.py::test_two": 0.1}).by == "test_m.py::test_two"


def test_a_mutant_that_cannot_be_imported_is_killed_and_a_missing_test_is_an_error(project):
    (project / "src" / "m.py").write_text("two = lambda: 1 + 1\nassert two() == 2\n")
    assert tried(project, {"test_m.py::test_two": 0.1}).by == "it cannot be imported"
    with pytest.raises(RuntimeError, match="cannot be collected"):
        tried(project, {"test_m.py::test_three": 0.1})
