"""Public do-files against what is read, run and estimated here: `PYTHONPATH=tests python -m corpus FOLDER`.

FOLDER holds a folder for each package. Every do-file of a package is run on its package, those that no other one calls
first; what those reached is not run again. A statement is counted once, by its file and line, with the worst that became
of it:

parsed      its text is a command in Stata's syntax (macros expanded where it was reached, else kept as names)
run         executed, or harmless here (graphs, logs)
finding     said with file and line: not known, never run, or an error
lost        its data aren't in the package, or its variables, in a file that goes on with what another left in memory

Of commands of linear and instrumental-variables models, `spec` counts those that became one; on data that aren't there,
those whose text could be read into a request. Nothing of a package is written, fetched or executed but Stata's own language.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections import Counter, defaultdict
from functools import partial
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

#: Begins the reason of a command whose text can't be read into a request, and whose data aren't there.
WITHOUT_DATA = "without its data: "
#: Stands in a finding that names a variable which isn't there.
ABSENT = re.compile(r"variable \S+ not found; r\(111\)")
#: Commands that put data in memory.
LOADING = frozenset({"use", "import", "insheet", "infile", "input", "set", "sysuse", "webuse", "append", "merge"})
RANK = {"run": 0, "lost": 1, "finding": 2}
#: Seconds of the processor that a do-file may take, and a package; beyond, every further file has two.
SECONDS, BUDGET = 30.0, 100.0


def do_files(package: Path) -> list[Path]:
    return sorted(p for p in package.rglob("*") if p.suffix.lower() == ".do" and p.is_file())


def roots_first(files: list[Path]) -> list[Path]:
    """Those that no other file calls, longest list of calls first; then the rest."""
    from parity.stata.files import decoded

    called: Counter[str] = Counter()
    calls: dict[Path, int] = {}
    for file in files:
        names = re.findall(r"^\s*(?:qui\w*\s+|cap\w*\s+|noi\w*\s+)*(?:do|run|include)\s+(.+?)\s*(?:,.*)?$",
                           decoded(file.read_bytes()), re.MULTILINE)  # fmt: skip
        stems = {re.split(r"[/\\]", n.strip().strip("`\"'"))[-1].lower().removesuffix(".do") for n in names}
        calls[file] = len(stems)
        called.update(stems - {file.stem.lower()})
    return sorted(files, key=lambda f: (called[f.stem.lower()] > 0, -calls[f], str(f)))


def parsed(text: str) -> bool:
    """Whether a statement that was not reached has Stata's syntax, macros standing for names."""
    from parity.stata_language.command import SyntaxProblem, read

    plain = text
    for _ in range(8):
        shorter = re.sub(r"`[^`'\"]*'|\$\{[^{}]*\}|\$\w+", "macro1", plain)
        if shorter == plain:
            break
        plain = shorter
    try:
        read(plain.replace("macro1macro1", "macro1"))
    except SyntaxProblem:
        return False
    return True


def statements_of(nodes):
    from parity.stata.blocks import Block, Branch, Foreign, Loop, Program

    for node in nodes:
        match node:
            case Loop(body=body) | Block(body=body) | Program(body=body):
                yield from statements_of(body)
            case Branch(arms=arms):
                for _, _, body in arms:
                    yield from statements_of(body)
            case Foreign():
                pass
            case _:
                yield node


def measured(package: Path, seconds: float = SECONDS, budget: float = BUDGET) -> dict:
    """`measure`, with the time that it took; what went wrong as a value."""
    started = time.process_time()
    try:
        return measure(package, seconds, budget) | {"seconds": time.process_time() - started}
    except Exception as error:
        return {"package": package.name, "failed": f"{type(error).__name__}: {error}"}


def measure(package: Path, seconds: float, budget: float) -> dict:
    """Counts of one package, as plain values."""
    from parity.stata.blocks import blocks_until
    from parity.stata.do import run_do
    from parity.stata.files import decoded
    from parity.stata.source import statements
    from parity.stata_language.command import SyntaxProblem, read
    from parity.stata_language.dataset import DataProblem, Panel
    from parity.stata_language.names import canonical
    from parity.stata_language.reading import READERS, request
    from parity.stata_language.request import Declined
    from parity.stata_language.varlist import Unresolved

    worst: dict[tuple[str, int], tuple[str, str]] = {}
    specs: dict[tuple[str, int], str] = {}
    reasons: Counter[str] = Counter()
    seen: set[str] = set()
    findings, deadline = 0, time.process_time() + budget
    for file in roots_first(do_files(package)):
        name = str(file.relative_to(package))
        if name in seen:
            continue
        found = run_do(file, package, seconds=min(seconds, max(2.0, deadline - time.process_time())))
        findings += len(found.findings)
        said = {(f.file, f.line): f"{f.id}: {f.text}" for f in found.findings if f.id not in ("trap", "undefined-macro")}
        texts: dict[tuple[str, int], str] = {}
        loaded = False
        for done in found.statements:
            loading = done.name in LOADING and (done.name != "set" or "obs" in done.text)
            loaded = loaded or (done.status == "run" and loading)
            if not loaded:  # it goes on with what another do-file left in memory
                texts[done.file, done.line] = done.text
            key = (done.file, done.line)
            seen.add(done.file)
            left = not loaded and done.status == "finding" and ABSENT.search(said.get(key, ""))
            status = "lost" if left else done.status
            if key not in worst or RANK[status] > RANK[worst[key][1]]:
                worst[key] = (done.name, status)
                if status == "finding" and key in said:
                    reasons[f"{done.name} | {said[key]} | {done.text[:90]}"] += 1
            if done.name in READERS and done.status == "lost":
                became = _unread(done.text, read, request, Unresolved, Panel, (SyntaxProblem, Declined, DataProblem))
                if became:
                    specs.setdefault(key, became)
        for estimation in found.estimations:
            if estimation.name in READERS:
                key = (estimation.file, estimation.line)
                try:
                    estimation.resolved  # noqa: B018
                    specs[key] = "spec"
                except Declined as error:
                    if estimation.request is not None and estimation.doubts:  # its data aren't what Stata would have
                        specs[key] = "request"
                        continue
                    specs[key] = f"declined: {error}" if estimation.request is None else f"no spec: {error}"
        for (at, line), reason in said.items():
            done_ = worst.get((at, line))
            gone = (at, line) in texts and done_ and done_[1] == "lost"
            asked = done_ and done_[0] in READERS and (done_[1] == "finding" or gone)
            if asked and "last estimates not found" not in reason:
                absent = ABSENT.search(reason) and (at, line) in texts
                errors = (SyntaxProblem, Declined, DataProblem)
                specs.setdefault(
                    (at, line), _unread(texts[at, line], read, request, Unresolved, Panel, errors) if absent else reason
                )
    total = unparsed = 0
    unread: list[str] = []
    for file in do_files(package):
        nodes, _ = blocks_until(statements(decoded(file.read_bytes())))
        name = str(file.relative_to(package))
        for statement in statements_of(nodes):
            total += 1
            reached = worst.get((name, statement.line))
            bad = reached[1] == "finding" and reached[0] == "" if reached else not parsed(statement.text)
            if bad:
                unparsed += 1
                unread.append(f"{name}:{statement.line}: {statement.text[:100]}")
            elif not reached:
                worst.setdefault((name, statement.line), (canonical(re.split(r"[\s,:]", statement.text)[0]), "unreached"))
    return {
        "package": package.name, "files": len(do_files(package)), "statements": total, "unparsed": unparsed,
        "by_command": [[n, s] for n, s in worst.values()], "specs": list(specs.values()), "reasons": reasons.most_common(),
        "unread": unread, "findings": findings,
    }  # fmt: skip


def _unread(text: str, read, request, unresolved, panel, errors) -> str:
    """What came of a command whose data are lost; "" for one that shows its estimates again, which is no estimation."""
    try:
        command = read(text)
        if not command.about.strip():
            return ""
        request(command, unresolved(), panel("unit", "time"))
    except errors as error:  # names of which only the data know are no fault of the reading
        return "request" if "only the data know" in str(error) else f"{WITHOUT_DATA}{error}"
    return "request"


def data_steps() -> set[str]:
    """Commands that are data steps: known here, and neither estimation nor what follows one."""
    from parity.stata import commands
    from parity.stata_language.reading import OTHER_MODELS, READERS

    commands.known("")
    rooms = ("estimation", "stored", "after", "predicted", "margins", "comparing", "estat")
    after = {n for n, k in commands._REGISTRY.items() if k.run.__module__.rpartition(".")[2] in rooms}
    return {n for n in commands._REGISTRY if n not in after and n not in READERS and n not in OTHER_MODELS}


def main() -> int:
    parser = argparse.ArgumentParser(prog="corpus", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", help="packages whose name holds this")
    parser.add_argument("--reasons", type=int, default=0, metavar="N", help="the N most frequent findings")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of the processor, that a do-file may take")
    parser.add_argument("--budget", type=float, default=BUDGET, help="of the processor, that a package may take")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--kept", action="store_true", help="print what --json holds, and run nothing")
    given = parser.parse_args()
    if given.kept:
        show(sorted(json.loads(given.json.read_text()), key=lambda p: p["package"]), given.reasons)
        return 0
    of_each = partial(measured, seconds=given.seconds, budget=given.budget)
    packages = [p for p in sorted(given.folder.iterdir()) if p.is_dir() and do_files(p)]
    packages = [p for p in packages if not given.only or given.only in p.name]
    found, failed = [], 0
    with Pool(given.jobs, maxtasksperchild=1) as pool:  # a process of its own for each: memory goes back with it
        for one in pool.imap_unordered(of_each, packages):
            if "failed" in one:
                failed += 1
                print(f"FAILED {one['package']}: {one['failed']}", file=sys.stderr)
                continue
            found.append(one)
            print(f"{one['package']}: {one['statements']} statements, {one['seconds']:.0f} s", file=sys.stderr, flush=True)
            if given.json:
                given.json.write_text(json.dumps(found, indent=1))
    show(sorted(found, key=lambda p: p["package"]), given.reasons)
    return 1 if failed else 0


#: Estimations of users' commands that leave variables behind, so that what follows is in doubt: unknown, and counted.
UNKNOWN_ESTIMATORS = frozenset({
    "prodest", "levpet", "acfest", "opreg", "conleyreg", "asreg", "synth",
    "xtbreak", "poi2hdfe", "cluster2", "xt2treatments", "itsa", "tseboot", "bstat", "felsdvreg", "fuzzydid",
    "did_multiplegt_dyn", "drdid", "jwdid", "fect",
})  # fmt: skip


def other_models(found: list[dict]) -> Counter[str]:
    """Estimations that were reached, by commands that are read as no spec, known by name or not."""
    from parity.stata_language.reading import OTHER_MODELS, READERS

    reached = (name for p in found for name, status in p["by_command"] if status != "unreached")
    return Counter(name for name in reached if name in {*OTHER_MODELS, *UNKNOWN_ESTIMATORS} - {*READERS})


def show(found: list[dict], reasons: int) -> None:
    steps = data_steps()
    by: dict[str, Counter[str]] = defaultdict(Counter)
    for package in found:
        for name, status in package["by_command"]:
            by[name or "(not read)"][status] += 1
    total, unparsed = (sum(p[k] for p in found) for k in ("statements", "unparsed"))
    print(f"{len(found)} packages, {sum(p['files'] for p in found)} do-files, {total:,} statements, "
          f"{sum(p['findings'] for p in found):,} findings")  # fmt: skip
    print(f"parsed: {total - unparsed:,} of {total:,} ({share(total - unparsed, total)})")
    run, wrong = (sum(c[s] for n, c in by.items() if n in steps) for s in ("run", "finding"))
    print(f"data steps executed where the data are there: {run:,} of {run + wrong:,} ({share(run, run + wrong)})")
    specs = Counter("spec" if s == "spec" else "request" if s == "request" else "none" for p in found for s in p["specs"])
    whole = sum(specs.values())
    print(f"linear and IV estimations: {whole:,}; specs {specs['spec']:,}, read without their data {specs['request']:,}, "
          f"neither {specs['none']:,} ({share(specs['spec'] + specs['request'], whole)} are)")  # fmt: skip
    absent = sum(s.startswith(WITHOUT_DATA) for p in found for s in p["specs"])
    there = specs["spec"] + specs["none"] - absent
    print(f"of those whose data are there: {specs['spec']:,} of {there:,} become specs ({share(specs['spec'], there)}); "
          f"of those without: {specs['request']:,} of {specs['request'] + absent:,} are read")  # fmt: skip
    others = other_models(found)
    of_all = whole + sum(others.values())
    print(f"estimations of all models: {of_all:,}; specs or read {specs['spec'] + specs['request']:,} "
          f"({share(specs['spec'] + specs['request'], of_all)}), by commands without an engine {sum(others.values()):,}: "
          + ", ".join(f"{name} {n}" for name, n in others.most_common()))  # fmt: skip
    print(f"\n{'command':<22}{'run':>8}{'finding':>9}{'lost':>8}{'unreached':>11}")
    for name, counts in sorted(by.items(), key=lambda item: -sum(item[1].values()))[:120]:
        print(f"{name[:21]:<22}{counts['run']:>8}{counts['finding']:>9}{counts['lost']:>8}{counts['unreached']:>11}")
    if reasons:
        print("\nno specs:")
        for text, n in Counter(s[:110] for p in found for s in p["specs"] if s not in ("spec", "request")).most_common(
            reasons
        ):
            print(f"{n:>6}  {text}")
        print("\nfindings:")
        every: Counter[str] = Counter()
        for package in found:
            for text, n in package["reasons"]:
                every[text] += n
        for text, n in every.most_common(reasons):
            print(f"{n:>6}  {text[:260]}")
        print("\nnot parsed:")
        for text in [t for p in found for t in p["unread"]][:reasons]:
            print(f"        {text}")


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "none"


if __name__ == "__main__":
    sys.exit(main())
