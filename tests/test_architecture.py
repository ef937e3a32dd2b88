"""The house keeps its plan: imports point down the floors, nothing evaluates text, numbers and schemas have one home."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tokenize
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import structure
from conftest import ROOT, TESTS
from structure import SOURCE, module, nodes, sources, tree

#: The whole rule: a folder imports what is on the floors below it; on its own floor only what stands behind its name.
#: Imports inside functions count, and those for types.
FLOORS: structure.Floors = (
    {"base": ()},
    {"conventions": (), "algebra": ("conventions",), "r": (), "stata_language": ()},
    {"study": (), "results": ("study",)},
    {"data": (), "sample": ("data",)},
    {"engines": (), "compare": ("engines",), "printed": ("compare",), "logs": ("compare", "printed"),
     "analyses": ("engines", "compare"), "export": (), "stata": ("engines", "compare", "analyses"),
     "translate": ("stata", "export")},
    {"diagnose": ()},
    {"runs": (), "package": ("runs",)},
    {"report": (), "table": ("report",), "audit": ()},
    {"new": (), "testing": (), "cli": ("new",)},
)  # fmt: skip

ESTIMATION = {"pyfixest", "linearmodels", "statsmodels", "rpy2", "sklearn", "patsy", "formulaic", "pysat"}
ENGINE_IDS = r"\b(?:r|py)-(?:stata|lm|fixest|plm|estimatr|ivreg|statsmodels|linearmodels|pyfixest|moments)\b"


@cache
def graph() -> structure.Graph:
    return structure.modules()


def imported(path: Path, *, top_level: bool = False) -> set[str]:
    """Dotted names of all modules a file imports; type-checking imports are left out."""
    found: set[str] = set()

    def visit(nodes) -> None:
        for node in nodes:
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
                continue
            if isinstance(node, ast.Import):
                found.update(a.name for a in node.names)
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
                found.update(f"{node.module}.{a.name}" for a in node.names)
            if not (top_level and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
                visit(ast.iter_child_nodes(node))

    visit(tree(path).body)
    return found


def in_folders(*names: str) -> list[Path]:
    return [path for name in names for path in sorted((SOURCE / name).rglob("*.py"))]


# ---------------------------------------------------------------- floors


def test_every_folder_stands_on_one_floor():
    folders = {p.parent.relative_to(SOURCE).parts[0] for p in sources() if p.parent != SOURCE}
    named = [name for floor in FLOORS for name in floor]
    assert sorted(named) == sorted(folders), "a new folder gets its place in FLOORS, and its line in docs/architecture.md"


def test_imports_point_down_the_floors():
    wrong = [
        line for pair, lines in structure.between(graph()).items() if not structure.allowed(FLOORS, *pair) for line in lines
    ]
    assert not wrong, "what both need belongs on the lower floor, or is handed over as an argument"


def test_no_modules_and_no_folders_import_each_other_in_a_circle():
    assert structure.circles(graph()) == []
    assert structure.circles_of_folders(graph()) == []


def test_lines_that_went_are_counted_by_commit(monkeypatch):
    one, two = "3\t10\tsrc/parity/a.py\n1\t2\tsrc/parity/b.py\n", "5\t1\tsrc/parity/a.py\n"
    log = f"\0aaa Two are one\n\n{one}\0bbb More\n\n{two}\0ccc A move\n"
    monkeypatch.setattr(structure, "_git", lambda *arguments: log)
    assert structure.fewer_lines("x") == [
        "lines since x: -4 in 3 commits; 1 of them took away 8",
        "      -8 aaa Two are one",
    ]


def test_imports_inside_functions_and_for_types_are_counted():
    assert "parity.runs.worker" in graph()["parity.runs.runner"]  # at the top
    assert "parity.runs.shipped" in graph()["parity.runs.runner"]  # inside a function, and for types
    assert "parity.sample.design" in graph()["parity.engines.memory"]  # for types alone


def test_a_circle_is_found_by_whatever_way_it_goes():
    assert structure.circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [["a", "b", "c"]]
    assert structure.circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_a_folder_imports_beside_itself_only_what_the_table_says():
    assert structure.allowed(FLOORS, "sample", "data") and not structure.allowed(FLOORS, "data", "sample")
    assert structure.allowed(FLOORS, "runs", "base") and not structure.allowed(FLOORS, "base", "runs")
    assert not structure.allowed(FLOORS, "runs", "unknown")


#: Modules beside the folders: the package, its command, and what engines of other packages import.
BESIDE = {"__init__.py", "__main__.py", "estimate.py"}


def test_no_module_stands_beside_the_folders():
    assert {p.name for p in SOURCE.glob("*.py")} == BESIDE


def test_every_folder_says_what_lives_there():
    for folder in sorted({p.parent for p in sources()} - {SOURCE}):
        said = (ast.get_docstring(tree(folder / "__init__.py")) or "").splitlines()
        assert said and said[0].strip(), folder
        if folder.parent == SOURCE:
            assert 2 <= len([line for line in said if line.strip()]) <= 8, folder


def test_engines_of_other_packages_find_what_they_import():
    """Three modules are promised to them."""
    from parity.engines.base import Engine, EngineInfo, declined_by_gaps, features  # noqa: F401
    from parity.engines.safe import canonical_names, columns  # noqa: F401
    from parity.estimate import Declined, Estimate, Failed, Part, Printed, Reported, Unavailable  # noqa: F401
    from parity.results import estimate

    assert Estimate is estimate.Estimate


# ---------------------------------------------------------------- docs/architecture.md

MAP = ROOT / "docs" / "architecture.md"


def test_the_map_has_a_line_for_every_folder_on_its_floor():
    rows = re.findall(r"^\| (\d+) \| `([a-z_]+)/` \|", MAP.read_text(encoding="utf-8"), re.M)
    assert sorted(rows) == sorted((str(i), name) for i, floor in enumerate(FLOORS, start=1) for name in floor)


def test_the_drawing_of_the_floors_is_that_of_the_table():
    sys.path.insert(0, str(ROOT / "docs"))
    from build_floors import PAGE, drawing

    assert PAGE.read_text(encoding="utf-8") == drawing(FLOORS), "run PYTHONPATH=tests python docs/build_floors.py"
    assert PAGE.name in MAP.read_text(encoding="utf-8")


def test_the_map_fits_two_screens():
    assert len(MAP.read_text(encoding="utf-8").splitlines()) <= 100


def walks() -> dict[str, list[tuple[str, str]]]:
    """Heading -> (file, function) in the order of the page."""
    parts = re.split(r"^### (The walk of .*)$", MAP.read_text(encoding="utf-8"), flags=re.M)
    return {
        head: re.findall(r"^\d+\. `([a-z_/0-9]+\.py):([\w.]+)`", body.split("\n## ")[0], re.M)
        for head, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_two_walks_are_told():
    assert len(walks()) == 2 and all(len(steps) >= 8 for steps in walks().values())


@pytest.mark.parametrize("head", sorted(walks()))
def test_a_walk_names_functions_that_exist_and_never_returns_to_a_room(head):
    rooms: list[str] = []
    for file, function in walks()[head]:
        names = {n.name for n in ast.walk(tree(SOURCE / file)) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        assert set(function.split(".")) <= names, f"{file} has no {function}"
        room = structure.folder("parity." + file.removesuffix(".py").replace("/", "."))
        if not rooms or rooms[-1] != room:
            assert room not in rooms, f"back to {room}"
            rooms.append(room)
    floor = {name: i for i, names in enumerate(FLOORS) for name in names}
    assert [floor[r] for r in rooms] == sorted(floor[r] for r in rooms)


# ---------------------------------------------------------------- what each folder leaves alone


def test_only_engines_and_the_bridge_import_estimation_packages():
    allowed = ("parity.engines.", "parity.r.", "parity.r", "parity.audit", "parity.export")
    wrong = [
        (module(p), n)
        for p in sources()
        for n in imported(p)
        if n.split(".")[0] in ESTIMATION and not module(p).startswith(allowed)
    ]
    assert not wrong


def test_no_estimation_package_is_imported_at_the_top_of_a_module():
    wrong = [(module(p), n) for p in sources() for n in imported(p, top_level=True) if n.split(".")[0] in ESTIMATION]
    assert not wrong


def test_nothing_imports_the_command_line_and_reports_import_no_engine_run():
    for path in sources():
        if not module(path).startswith("parity.cli") and module(path) != "parity.__main__":
            assert not [n for n in imported(path) if n.startswith("parity.cli")], path
    for path in in_folders("report"):
        assert not [
            n for n in imported(path) if n.startswith(("parity.runs.runner", "parity.base.pool", "parity.runs.worker"))
        ], path


def test_comparing_judging_and_reporting_name_no_engine():
    files = in_folders("base", "conventions", "results", "sample", "compare", "report")
    for path in [*files, SOURCE / "runs" / "judge.py"]:
        assert not re.search(ENGINE_IDS, path.read_text(encoding="utf-8")), path


FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}


def test_no_text_is_evaluated_in_python():
    for path in sources():
        for node in nodes(path):
            if isinstance(node, ast.Call):
                called = node.func
                assert not (isinstance(called, ast.Name) and called.id in FORBIDDEN_CALLS), (path, node.lineno)
                attribute = called.attr if isinstance(called, ast.Attribute) else ""
                assert attribute not in ("eval", "query", "read_pickle", "system", "popen"), (path, node.lineno)
                assert not any(k.arg == "shell" for k in node.keywords), (path, node.lineno)
        assert not {n.split(".")[0] for n in imported(path)} & {"pickle", "marshal", "shelve", "dill", "cloudpickle"}, path


EVALUATES = re.compile(r"\bparse\s*\(\s*text\s*=|\bstr2lang\b|\bstr2expression\b|\bsystem2?\s*\(|\bshell\s*\(")


def test_no_text_is_evaluated_in_r():
    for path in [*(ROOT / "r_scripts").rglob("*.R"), *sources()]:
        if "studies" in path.parts:
            continue
        text = "\n".join(line.split("#")[0] for line in path.read_text(encoding="utf-8").splitlines())
        assert not EVALUATES.search(text), path


def test_tolerances_live_in_one_file():
    """A small float written in powers of ten anywhere in the comparing path is a tolerance without a reason."""
    files = in_folders("conventions", "results", "study", "sample", "compare", "printed", "report")
    files.remove(SOURCE / "report" / "r_summary.py")  # R prints a p below 2.2e-16 as that
    for path in [*files, *(SOURCE / "runs" / f"{name}.py" for name in ("judge", "runner", "plan"))]:
        with path.open("rb") as file:
            small = [t for t in tokenize.tokenize(file.readline) if t.type == tokenize.NUMBER and "e-" in t.string.lower()]
        assert not small, (path, small)


def test_every_tolerance_states_its_reason():
    lines = (SOURCE / "base" / "tolerance.py").read_text(encoding="utf-8").splitlines()
    for i, line in enumerate(lines):
        if re.match(r"[A-Z_]+ = ", line):
            assert lines[i - 1].startswith("#:"), line


def test_test_files_have_names_of_their_own():
    """pytest imports them by name alone, so two of one name stop the whole suite from being collected."""
    names = Counter(p.name for p in (ROOT / "tests").rglob("test_*.py"))
    assert not [name for name, count in names.items() if count > 1]


def test_schemas_are_those_of_the_types():
    from parity.new.schemas import schemas, text

    made = {f"{name}.json": text(schema) for name, schema in schemas().items()}
    kept = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "schemas").glob("*.json")}
    assert kept == made, "run `make schemas`"


HEAVY = ["pandas", "pyfixest", "linearmodels", "statsmodels", "rpy2", "scipy.stats", "pyarrow"]


@pytest.mark.parametrize("name", ["parity", "parity.cli", "parity.study.load", "parity.engines"])
def test_importing_is_light(name):
    heavy = [h for h in HEAVY if h not in ("pandas", "pyarrow") or name != "parity.engines"]
    code = f"import {name}, sys; print([h for h in {heavy!r} if h in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_help_and_version_need_no_engine():
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom parity.cli import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        f"print([h for h in {HEAVY!r} if h in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


#: What a start must not load: half a second of processor each, for numbers that nobody asked for yet.
NOT_YET = [*HEAVY, "scipy", "pydantic", "parity.study.study", "parity.engines", "parity.runs"]
STARTS = {
    "--version": NOT_YET,
    "translate 'areg inv value, absorb(firm) vce(cluster firm)'": NOT_YET,
    "translate 'ivregress 2sls y (x = z) if y > 0, robust'": NOT_YET,
    "translate steps.do": [h for h in NOT_YET if h not in ("pydantic", "parity.study.study")],
}


@pytest.mark.parametrize("line", STARTS)
def test_a_start_loads_what_it_needs_alone(line, tmp_path):
    (tmp_path / "steps.do").write_text("set obs 5\ngen x = _n\nreplace x = 2 * x if x > 3\ncount if x > 2\n")
    code = (
        "import shlex, sys\nfrom click.testing import CliRunner\nfrom parity.cli import main\n"
        f"done = CliRunner().invoke(main, shlex.split({line!r}))\nassert done.exit_code == 0, done.output\n"
        f"print([h for h in {STARTS[line]!r} if h in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"


#: Tests of the repository itself.
OF_THE_WHOLE = {"architecture", "installed", "makefile", "marks", "mutants"}


def test_tests_stand_in_folders_named_as_those_of_their_subject():
    folders = {name for floor in FLOORS for name in floor} | {"docs", "fixtures"}
    for path in sorted(TESTS.rglob("test_*.py")):
        first, *below = path.relative_to(TESTS).parts
        if below:
            assert first in folders, f"{path}: tests of src/parity/x stand in tests/x; else there are docs and fixtures"
        else:
            assert path.stem.removeprefix("test_") in OF_THE_WHOLE, f"{path}: move it to the folder of what it tests"


def test_no_test_file_hides_a_module_of_the_standard_library():
    names = {p.stem for p in TESTS.rglob("*.py")}
    assert not names & set(sys.stdlib_module_names)


def test_no_function_of_r_is_defined_twice():
    """All files of R's side are read into one environment, where the later one would take the other's name."""
    places: dict[str, list[str]] = {}
    for folder in ("lib", "sample", "engines"):
        for path in sorted((ROOT / "r_scripts" / folder).glob("*.R")):
            for name in re.findall(r"^([\w.]+) <- function", path.read_text(encoding="utf-8"), re.M):
                places.setdefault(name, []).append(path.name)
    assert len(places) > 300 and {name: files for name, files in places.items() if len(files) > 1} == {}
