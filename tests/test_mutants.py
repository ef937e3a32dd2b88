"""The operators that make wrong changes, and the choice of tests; the trials themselves are run by command."""

from __future__ import annotations

import ast
import json
from collections import Counter
from dataclasses import replace

import pytest

from conftest import ROOT
from mutants.__main__ import drawn, located
from mutants.page import DRAWS, Draw, counts, equivalent, key, page, why
from mutants.parts import PARTS, modules
from mutants.reach import Reach
from mutants.server import Runner
from mutants.sites import Site, sites
from mutants.swap import ELSEWHERE, ENDLESS, FAILED, PASSED, Swapper
from mutants.trial import BROKEN, HANGS, Trial, attempt, swap, unfit


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
    for some in (first[:10], first[-10:]):  # of a draw that is not tried to its end, every part may be met
        assert len({s.file.split("/")[2] for s in some}) > 3


def test_a_kept_site_is_found_where_it_stands_now():
    site = next(s for s in drawn(3, 20) if [key(one) for one in sites(ROOT, s.file)].count(key(s)) == 1)
    assert located([replace(site, line=site.line + 90, end_line=site.end_line + 90)]) == ([site], [])
    gone = [replace(site, before="1 + 1 + 1"), replace(site, file="src/parity/gone.py")]
    assert located([gone[0], site, gone[1]]) == ([site], gone)


def test_every_part_is_where_it_is_looked_for(monkeypatch):
    assert all(modules(part) for part in PARTS)
    files = {file.removeprefix("src/parity/") for part in PARTS for file in modules(part)}
    assert {"conventions/facts.py", "runs/judge.py", "diagnose/catalogue/model.py", "engines/frozen.py"} <= files
    monkeypatch.setitem(PARTS, "facts", ("conventions/facts.py", "conventions/counts.py"))
    with pytest.raises(LookupError, match=r"no file is src/parity/conventions/counts\.py .*'facts'"):
        drawn(1, 20)


def test_what_is_called_equivalent_is_one_place_that_is_still_there():
    """Another that reads alike in the same function is another question."""
    every = Counter((key(s), s.column) for file in {k[0] for k, _ in equivalent()} for s in sites(ROOT, file))
    assert {k: every[k] for k in equivalent()} == dict.fromkeys(equivalent(), 1), "equivalent.toml names these so often"


def test_a_sister_that_reads_alike_has_no_reason():
    site = Site("src/m.py", "f", 5, 5, 8, 9, "1", "2")
    reasons = {(key(site), 8): "it is a shape"}
    assert why(site, reasons) == "it is a shape"
    assert why(replace(site, column=12), reasons) is None


def test_tests_are_those_that_run_the_line_the_modules_own_first():
    site = Site("src/parity/conventions/facts.py", "f", 5, 6, 0, 1, "1", "2")
    seconds = {
        "tests/test_a.py::slow": 5.0,
        "tests/test_a.py::t": 0.1,
        "tests/sample/test_facts.py::t": 0.5,
        "tests/test_b.py::t": 1,
    }
    reach = Reach(seconds, {"src/parity/conventions/facts.py": {6: [0, 1, 2], 9: [3]}})
    own, quick, slow, other = (
        "tests/sample/test_facts.py::t",
        "tests/test_a.py::t",
        "tests/test_a.py::slow",
        "tests/test_b.py::t",
    )
    assert [[t for t, _ in batch] for batch in reach.reaching(site, 9)] == [[own, quick, slow], [other]]
    assert [[t for t, _ in batch] for batch in reach.reaching(site, 0.9)] == [[own, quick]]
    at_import = Site("src/parity/conventions/facts.py", "", 6, 6, 0, 1, "1", "2")
    assert [[t for t, _ in batch] for batch in reach.reaching(at_import, 9)] == [[own, other, quick, slow]]


def test_files_whose_tests_run_the_line_most_often_come_first():
    seconds = {f"tests/test_{name}.py::{n}": 0.1 for name in "abcde" for n in range(9)}
    lines = {5: [i for i in range(45) if i % 9 < 1 + 2 * (i // 9)]}  # a: one of nine, e: all of them
    site = Site("src/parity/conventions/facts.py", "f", 5, 5, 0, 1, "1", "2")
    first, rest = Reach(seconds, {"src/parity/conventions/facts.py": lines}).reaching(site, 99)
    assert list(dict.fromkeys(t[11] for t, _ in first)) == ["e", "d", "c", "b"] and {t[11] for t, _ in rest} == {"a"}


def test_a_change_in_a_function_is_tried_on_what_runs_it_alone():
    file = "src/parity/conventions/facts.py"
    reach = Reach({"t::slow": 5.0, "t::quick": 0.1, "t::other": 0.01, "t::mid": 0.5}, {file: {5: [0, 3], 6: [1], 9: [2]}})

    def chosen(line, *bounds):
        return [t for t, _ in reach.running(Site(file, "f", line, line + 1, 0, 1, "1", "2"), *bounds)]

    assert chosen(5, 99) == ["t::quick", "t::mid", "t::slow"]
    assert chosen(5, 1) == chosen(5, 99, 1) == ["t::quick", "t::mid"]
    assert chosen(7, 99) == ["t::quick"]  # part of a constant: no line of its own


def test_several_runs_are_one_reach_and_the_later_one_stands(tmp_path):
    kept = (
        {"seconds": {"t::a": 1.0, "t::b": 2.0}, "lines": {"m.py": {"1": [0, 1], "2": [1]}}},
        {"seconds": {"tests/docs/test_docs.py::page": 9.0, "t::c": 3.0, "t::b": 4.0},  # a page is no witness
         "lines": {"m.py": {"2": [1], "5": [0, 2]}, "n.py": {"1": [0, 2]}}},
    )  # fmt: skip
    paths = [tmp_path / name for name in ("first.json", "second.json")]
    for path, body in zip(paths, kept, strict=True):
        path.write_text(json.dumps(body))
    alone, both = Reach.read(paths[0]), Reach.read(*paths)
    assert alone.lines == {"m.py": {1: [0, 1], 2: [1]}} and alone.seconds == {"t::a": 1.0, "t::b": 2.0}
    assert both.seconds == {"t::a": 1.0, "t::b": 4.0, "t::c": 3.0}
    names = list(both.seconds)
    found = {f: {n: sorted(names[i] for i in tests) for n, tests in by.items()} for f, by in both.lines.items()}
    assert found == {"m.py": {1: ["t::a"], 2: ["t::c"], 5: ["t::b"]}, "n.py": {1: ["t::b"]}}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    (folder / "src").mkdir()
    (folder / "src" / "m.py").write_text("def two():\n    return 1 + 1\n")
    (folder / "test_m.py").write_text("from m import two\n\ndef test_two():\n    assert two() == 2\n")
    (folder / "test_n.py").write_text("def test_nothing():\n    assert True\n\ndef test_broken():\n    assert False\n")
    (folder / "test_i.py").write_text("from m import two\n\nassert two() == 2\n\ndef test_two():\n    pass\n")
    (folder / "test_w.py").write_text("from m import two\n\ndef test_end():\n    while two() != 2:\n        pass\n")
    return folder


@pytest.fixture(scope="module")
def runner(project):
    with Runner(project, {"PYTHONPATH": str(project / "src")}) as server:
        yield server


def tried(project, runner, *tests: str, after: str = "1 - 1") -> Trial:
    source = (project / "src" / "m.py").read_text()
    site = next(s for s in sites(project, "src/m.py") if s.after == after)
    trial = attempt(project, runner, site, [[(test, 0.1)] for test in tests])
    assert (project / "src" / "m.py").read_text() == source
    return trial


def test_a_mutant_is_killed_by_a_failing_test_and_taken_back(project, runner):
    killed = tried(project, runner, "test_n.py::test_nothing", "test_m.py::test_two")
    assert (killed.outcome, killed.by, killed.tests) == ("killed", "test_m.py::test_two", 2)
    assert tried(project, runner, "test_n.py::test_nothing").outcome == "survived"
    assert tried(project, runner).outcome == "no test runs it"
    assert tried(project, runner, "test_i.py::test_two").by == BROKEN


def test_what_does_not_end_is_stopped(project, runner):
    assert runner.run(["test_w.py"], 60)[0] == 0
    (project / "src" / "m.py").write_text("def two():\n    return 3\n")
    try:
        assert runner.run(["test_w.py"], 2)[0] is None
    finally:
        (project / "src" / "m.py").write_text("def two():\n    return 1 + 1\n")


SWAPPED = """
TWO = 2
made = [lambda: 2, lambda: 3]

def two(more=2 - 2):
    return sum(1 for _ in range(
        1 + 1)) + more

class Pair:
    size = 1 + 1

    def half(self):
        return lambda: self.size - 1

half = Pair().half()
"""


@pytest.fixture(scope="module")
def swapper(tmp_path_factory):
    folder = tmp_path_factory.mktemp("swapped")
    (folder / "src").mkdir()
    (folder / "src" / "s.py").write_text(SWAPPED)
    (folder / "test_s.py").write_text("""
import s
from s import two

def test_nothing(): assert True
def test_two(): assert two() == s.TWO == s.Pair.size == s.made[0]()
def test_half(tmp_path): assert s.half() == 1 and s.Pair().half()() == 1
def test_three(): assert s.made[1]() == 3
def test_end():
    while two() != 2: pass
def test_broken(): assert False
""")
    with Swapper(folder, ["test_s.py"], {"PYTHONPATH": f"{folder / 'src'}:{ROOT / 'tests'}"}, ["src/s.py"]) as server:
        yield folder, server


def test_a_change_is_put_into_functions_that_are_imported_already(swapper):
    folder, server = swapper
    everything = ["test_s.py::test_nothing", "test_s.py::test_two", "test_s.py::test_half", "test_s.py::test_three"]
    said = {(s.line, s.before, s.after): server.run(s, everything, 60) for s in sites(folder, "src/s.py")}
    two, half = (FAILED, "test_s.py::test_two"), (FAILED, "test_s.py::test_half")
    assert said[7, "1 + 1", "1 - 1"] == said[7, "1", "2"] == said[6, "1", "2"] == two
    assert said[13, "self.size - 1", "self.size + 1"] == half  # one closure was made before, the other in the test
    for at_import in ((2, "2", "3"), (5, "2 - 2", "2 + 2"), (10, "1 + 1", "1 - 1")):
        assert said[at_import] == (ELSEWHERE, "")
    assert said[3, "2", "3"] == said[3, "3", "4"] == (ELSEWHERE, "")  # two of one name on a line: which one was meant?
    assert server.run(None, everything, 60) == (PASSED, "")  # no change outlives its fork


def test_a_change_that_does_not_end_is_no_failure(swapper):
    folder, server = swapper
    site = next(s for s in sites(folder, "src/s.py") if (s.line, s.before, s.after) == (7, "1 + 1", "1 - 1"))
    assert server.run(site, ["test_s.py::test_end"], 1) == (ENDLESS, "")
    assert server.run(None, ["test_s.py::test_end"], 60) == (PASSED, "")
    asked = []

    class Slow:
        def run(self, site, tests, seconds):
            asked.append(seconds)
            return ENDLESS, ""

    found = swap(Slow(), site, [("test_s.py::test_end", 2.0)])
    assert asked == [20, 60] and found.hung and found.outcome != "killed"


def test_a_swapped_trial_says_what_killed(swapper):
    folder, server = swapper
    by = {(s.line, s.after): s for s in sites(folder, "src/s.py")}
    killed = swap(server, by[7, "1 - 1"], [("test_s.py::test_nothing", 0.1), ("test_s.py::test_two", 0.1)])
    assert (killed.outcome, killed.by) == ("killed", "test_s.py::test_two")
    assert swap(server, by[7, "1 - 1"], [("test_s.py::test_nothing", 0.1)]).outcome == "survived"
    assert swap(server, by[7, "1 - 1"], []).outcome == "no test runs it"
    assert swap(server, by[2, "3"], [("test_s.py::test_nothing", 0.1)]) is None


def test_what_fails_without_the_change_is_no_witness(project, runner):
    assert unfit(runner, {"test_n.py::test_broken", "test_m.py::test_two"}) == {"test_n.py::test_broken"}
    with pytest.raises(RuntimeError, match=BROKEN):
        unfit(runner, {"test_m.py::test_three"})


def of(outcome: str, line: int) -> Trial:
    return Trial(Site("src/parity/conventions/facts.py", "f", line, line, 0, 1, "a < b", f"a <= {line}"), outcome, "t")


def test_shares_leave_out_what_changes_nothing_and_survived():
    trials = (of("killed", 1), of("killed", 2), of("survived", 3), of("no test runs it", 4), of("survived", 5))
    reasons = {(("src/parity/conventions/facts.py", "f", "a < b", f"a <= {n}"), 0): "they are whole" for n in (2, 5)}
    found = counts(trials, reasons)
    assert (found.drawn, found.killed, found.missed, found.same, found.share) == (5, 2, 2, 1, "50.0 %")
    text = page([Draw(7, "before", trials)], reasons)
    assert (
        "| 7 | before | 5 | 5 | all | 1 | 2 | 2 | 0 | 50.0 % |" in text
        and "`conventions/facts.py` f: `a < b` to `a <= 3`\n" in text
    )
    assert "`a <= 4`: no test runs it" in text and "`a <= 5`. they are whole" in text and "`a <= 1`" not in text


def test_what_did_not_end_is_apart_and_not_noticed():
    trials = (of("killed", 1), replace(of("killed", 2), by=HANGS), of("did not end", 3), of("did not end", 4))
    found = counts(trials, {(key(trials[3].site), 0): "it is a matter of time"})
    assert (found.killed, found.missed, found.hung, found.same, found.share) == (1, 0, 2, 1, "33.3 %")
    assert "`a <= 3`: did not end" in page([Draw(7, "before", trials)], {})


def test_a_draw_is_read_as_it_was_kept(tmp_path):
    draw = Draw(7, "after", (of("killed", 1), of("survived", 2)), drawn=9, most=5)
    (tmp_path / "7.json").write_text(draw.text(), encoding="utf-8")
    assert Draw.read(tmp_path / "7.json") == draw


def test_the_page_is_that_of_the_kept_draws():
    draws = sorted((Draw.read(p) for p in DRAWS.glob("*.json")), key=lambda d: (d.seed, d.tests != "before"))
    assert draws
    assert (ROOT / "docs" / "evidence" / "mutants.md").read_text(encoding="utf-8") == page(draws, equivalent())
