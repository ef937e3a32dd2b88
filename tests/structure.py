"""What the folders of src/parity import of each other: `PYTHONPATH=tests python -m structure [COMMIT]` prints it.

With a commit also how the lines have moved since: in all, and by the commits that left fewer of them than they found.

Every import counts, also those inside functions and those for types alone. The rule is `FLOORS` in test_architecture.py.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "parity"

#: A floor: its folders, and which of them may import which on the same floor.
Floors = tuple[Mapping[str, tuple[str, ...]], ...]
Graph = dict[str, set[str]]


def sources() -> list[Path]:
    """Every module's file."""
    return sorted(SOURCE.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    """Every node of a file's tree, which is walked once for all who ask."""
    return walked(tree(path))


def walked(node: ast.AST) -> list[ast.AST]:
    """`ast.walk`, without a generator for each of a million nodes."""
    found = [node]
    for each in found:  # grows as it is read
        for name in each._fields:
            value = getattr(each, name, None)
            if isinstance(value, ast.AST):
                found.append(value)
            elif isinstance(value, list):
                found += [one for one in value if isinstance(one, ast.AST)]
    return found


def module(path: Path) -> str:
    """src/parity/study/spec.py -> parity.study.spec"""
    return ".".join(("parity", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")


def modules() -> Graph:
    """Module -> the modules that it imports, wherever the import stands. A package's `__init__` stands for itself."""
    known = {module(path): path for path in sources()}
    graph: Graph = {name: set() for name in known}
    for name, path in known.items():
        for node in nodes(path):
            if isinstance(node, ast.Import):
                graph[name] |= {a.name for a in node.names} & known.keys()
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                for a in node.names:
                    whole = f"{node.module}.{a.name}"
                    graph[name] |= {whole if whole in known else node.module or ""} & known.keys()
        graph[name].discard(name)
    return graph


def folder(name: str) -> str:
    """parity.study.spec -> study; of parity itself and of modules beside the folders, nothing."""
    path = SOURCE.joinpath(*name.split(".")[1:])
    parts = name.split(".")[1:] if path.is_dir() else name.split(".")[1:-1]
    return parts[0] if parts else ""


def between(graph: Graph) -> dict[tuple[str, str], list[str]]:
    """(folder, folder it imports) -> "module -> module"."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, others in graph.items():
        for other in sorted(others):
            pair = folder(name), folder(other)
            if all(pair) and pair[0] != pair[1]:
                found.setdefault(pair, []).append(f"{name} -> {other}")
    return found


def within(graph: Graph) -> dict[str, Graph]:
    """Folder -> its folders -> those beside them that they import: circles of folders further in."""
    found: dict[str, Graph] = {}
    for name, others in graph.items():
        for other in others:
            a, b = _folders(name), _folders(other)
            n = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
            if n < len(a) and n < len(b):
                found.setdefault("/".join(a[:n]), {}).setdefault(a[n], set()).add(b[n])
    return found


def _folders(name: str) -> list[str]:
    parts = name.split(".")[1:]
    return parts if SOURCE.joinpath(*parts).is_dir() else parts[:-1]


def allowed(floors: Floors, one: str, other: str) -> bool:
    """Whether the table lets a folder import another."""
    place = {name: i for i, floor in enumerate(floors) for name in floor}
    if one not in place or other not in place:
        return False
    return place[other] < place[one] or (place[other] == place[one] and other in floors[place[one]][one])


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Groups of names that all import each other, by whatever way (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in graph.get(name, ()):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    sys.setrecursionlimit(10_000)
    for name in graph:
        if name not in index:
            visit(name)
    return found


def circles_of_folders(graph: Graph) -> list[list[str]]:
    """Circles among the folders of parity, and among the folders of each folder."""
    return [[f"{above}/{name}".strip("/") for name in group] for above, g in within(graph).items() for group in circles(g)]


def fewer_lines(commit: str, most: int = 20) -> list[str]:
    """Lines of src added and taken away since a commit, and the commits since that took away most."""
    log = _git("log", "--format=%x00%h %s", "--numstat", "-M", f"{commit}..HEAD", "--", "src/parity/*.py")
    moved = []
    for entry in log.split("\0")[1:]:
        subject, *files = filter(None, entry.splitlines())
        counts = [line.split("\t")[:2] for line in files]
        moved.append((sum(int(added) - int(gone) for added, gone in counts), subject))
    fewer = sorted(one for one in moved if one[0] < 0)
    return [
        f"lines since {commit}: {sum(n for n, _ in moved):+,} in {len(moved)} commits; "
        f"{len(fewer)} of them took away {-sum(n for n, _ in fewer):,}",
        *(f"  {n:+6,} {subject}" for n, subject in fewer[:most]),
    ]


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main() -> None:
    from test_architecture import FLOORS

    graph = modules()
    imports = between(graph)
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    against = [pair for pair in imports if not allowed(FLOORS, *pair)]
    for number, floor in reversed(list(enumerate(FLOORS, start=1))):
        for name in floor:
            own = {path: n for path, n in lines.items() if folder(module(path)) == name}
            below = sorted({other for one, other in imports if one == name})
            size = f"{len(own):3} files {sum(own.values()):6,} lines"
            print(f"{number}  {name:12} {size}   imports {', '.join(below) or 'nothing'}")
    largest = max(lines, key=lines.__getitem__)
    print(f"{sum(map(len, FLOORS))} folders on {len(FLOORS)} floors, {len(lines)} modules, {sum(lines.values()):,} lines")
    arrows = sum(map(len, imports.values()))
    print(f"imports between folders: {arrows:,}, of {len(imports)} pairs; {len(against)} against the table")
    for pair in against:
        print("  " + "\n  ".join(imports[pair]))
    for what, found in (("modules", circles(graph)), ("folders", circles_of_folders(graph))):
        print(f"circles of {what}: {len(found)}")
        for group in found:
            print("  " + ", ".join(group))
    print(f"largest file: {largest.relative_to(ROOT)}, {lines[largest]} lines")
    for commit in sys.argv[1:]:
        print("\n".join(fewer_lines(commit)))


if __name__ == "__main__":
    main()
