"""The house keeps its plan: imports point one way, nothing evaluates text, numbers and schemas have one home."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from conftest import ROOT

SOURCE = ROOT / "src" / "parity"
ESTIMATION = {"pyfixest", "linearmodels", "statsmodels", "rpy2", "sklearn", "patsy", "formulaic", "pysat"}
CORE = [
    "study", "spec", "wording", "formula", "grammar", "columns", "design", "collinear", "absorb", "absorb_iterative",
    "facts", "conventions", "harmonise", "compare", "record", "judge", "tolerance", "errors", "values", "estimate", "data",
]  # fmt: skip
ENGINE_IDS = r"\b(?:r|py)-(?:stata|lm|fixest|plm|estimatr|ivreg|statsmodels|linearmodels|pyfixest|moments)\b"


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


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


def module(path: Path) -> str:
    return ".".join(("parity", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")


@pytest.mark.parametrize("name", CORE)
def test_the_core_imports_no_estimation_package_and_no_r(name):
    found = imported(SOURCE / f"{name}.py")
    assert not {n.split(".")[0] for n in found} & ESTIMATION
    assert not [n for n in found if n.startswith(("parity.r.", "parity.cli", "parity.runner", "parity.report"))]


@pytest.mark.parametrize("name", ["formula", "grammar", "errors", "values", "facts", "conventions", "record", "tolerance"])
def test_the_innermost_modules_know_no_study_and_no_engine(name):
    found = imported(SOURCE / f"{name}.py")
    outer = (
        "parity.study",
        "parity.design",
        "parity.engines",
        "parity.compare",
        "parity.judge",
        "parity.data",
        "parity.work",
    )
    assert not [n for n in found if n.startswith(outer)]


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
    for path in (SOURCE / "report").glob("*.py"):
        assert not [n for n in imported(path) if n.startswith(("parity.runner", "parity.pool", "parity.work"))], path


def test_imports_have_no_cycle():
    graph = {module(p): imported(p, top_level=True) for p in sources()}
    state: dict[str, int] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert state.get(name) != 1, " -> ".join((*trail, name))
        if state.get(name) == 2:
            return
        state[name] = 1
        for other in graph[name]:
            # a package's __init__ is imported with its modules; it is no import of its own
            if other in graph and other != name and not name.startswith(f"{other}."):
                visit(other, (*trail, name))
        state[name] = 2

    for name in graph:
        visit(name, ())


def test_comparing_judging_and_reporting_name_no_engine():
    files = [SOURCE / f"{n}.py" for n in ("compare", "judge", "harmonise", "record", "tolerance", "facts", "design")]
    for path in [*files, *(SOURCE / "report").glob("*.py")]:
        assert not re.search(ENGINE_IDS, path.read_text(encoding="utf-8")), path


FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}


def test_no_text_is_evaluated_in_python():
    for path in sources():
        for node in ast.walk(tree(path)):
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
    inside = re.compile(r"(?<![\w.])\d+(?:\.\d*)?e-\d+", re.IGNORECASE)
    for name in ("compare", "judge", "record", "study", "design", "facts", "conventions", "runner", "plan"):
        lines = (SOURCE / f"{name}.py").read_text(encoding="utf-8").splitlines()
        code = [line.split("#")[0] for line in lines if '"' not in line]
        assert not [line for line in code if inside.search(line)], name
    for path in [*(SOURCE / "report").glob("*.py"), *(SOURCE / "references").glob("*.py")]:
        code = [line.split("#")[0] for line in path.read_text(encoding="utf-8").splitlines() if '"' not in line]
        assert not [line for line in code if inside.search(line) and "`" not in line], path


def test_every_tolerance_states_its_reason():
    lines = (SOURCE / "tolerance.py").read_text(encoding="utf-8").splitlines()
    for i, line in enumerate(lines):
        if re.match(r"[A-Z_]+ = ", line):
            assert lines[i - 1].startswith("#:"), line


def test_schemas_are_those_of_the_types():
    from parity.schemas import schemas, text

    made = {f"{name}.json": text(schema) for name, schema in schemas().items()}
    kept = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "schemas").glob("*.json")}
    assert kept == made, "run `make schemas`"


HEAVY = ["pandas", "pyfixest", "linearmodels", "statsmodels", "rpy2", "scipy.stats", "pyarrow"]


@pytest.mark.parametrize("name", ["parity", "parity.cli", "parity.study", "parity.engines"])
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


def test_no_test_file_hides_a_module_of_the_standard_library():
    names = {p.stem for p in (ROOT / "tests").glob("*.py")}
    assert not names & set(sys.stdlib_module_names)
