"""A package of 40 regressions on 5,000 rows and a log of 5 MB, each against what can't be done without, in one run.

    python benchmarks/package_speed.py

Prints seconds of the processor: of `parity package DIR`, first and again; of the do-file and its estimates alone; of a
start; of reading the log, and of its lines through one regular expression. And their ratios, which don't hang on the
machine. Exits 1 where the first run takes three times the estimates, the second twelve times a start, the log a hundred
times its lines, or a number is not reproduced.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from parity.logs.log import read_log
from parity.stata.do import run_do
from parity.stata.dta import write
from parity.stata_language.dataset import Column, Dataset

ROWS, TABLES = 5_000, 10
COLUMNS = (
    "regress {y} x1 x2, vce(cluster firm)", "areg {y} x1 x2, absorb(firm) vce(cluster firm)",
    "reghdfe {y} x1 x2, absorb(firm year) vce(cluster firm)", "ivregress 2sls {y} x2 (x1 = z), vce(robust)",
)  # fmt: skip
MOST_FIRST, MOST_AGAIN, MOST_READ = 3.0, 12.0, 100.0
LOG = Path(__file__).parent.parent / "tests" / "logs" / "commands.log"


def made(folder: Path) -> None:
    """Data, a do-file of ten tables of four columns, and the tables that its estimates give."""
    rng = np.random.default_rng(1)
    firm, year = np.repeat(np.arange(ROWS // 10), 10), np.tile(np.arange(2000, 2010), ROWS // 10)
    z, x2 = rng.normal(size=(2, ROWS))
    x1 = z + rng.normal(size=ROWS)
    held = {"firm": firm, "year": year, "z": z, "x1": x1, "x2": x2}
    held |= {f"y{i}": x1 * i + x2 + firm / 100 + rng.normal(size=ROWS) for i in range(TABLES)}
    write(Dataset({n: Column(np.asarray(v, dtype=float), "double") for n, v in held.items()}, ROWS), folder / "d.dta")
    lines = ["use d.dta, clear"]
    for i in range(TABLES):
        lines += ["eststo clear", *(f"eststo: {c.format(y=f'y{i}')}" for c in COLUMNS),
                  f'esttab using "table{i}.csv", replace se b(5) se(5) nostar']  # fmt: skip
    (folder / "main.do").write_text("\n".join(lines) + "\n")
    estimations = run_do(folder / "main.do", folder).estimations
    for i in range(TABLES):
        four = [{c.term: c for c in e.coefficients} for e in estimations[4 * i : 4 * i + 4]]
        rows = ['"",' + ",".join(f'"({j})"' for j in range(1, 5)), '"",' + ",".join([f'"y{i}"'] * 4)]
        for term in ("x1", "x2", "_cons"):
            cells = [(f"{c[term].b:.5f}", f"({c[term].se:.5f})") if term in c else ("", "") for c in four]
            rows += [f'"{term}",' + ",".join(f'"{b}"' for b, _ in cells), '"",' + ",".join(f'"{se}"' for _, se in cells)]
        rows += [f'"N",{",".join(f"{ROWS}" for _ in four)}', '"Standard errors in parentheses"']
        (folder / f"table{i}.csv").write_text("\n".join(rows) + "\n")


def processor(command: list[str], folder: Path) -> float:
    """Seconds of the processor that a command takes, with its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=False, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "package"
        folder.mkdir()
        made(folder)
        parity = str(Path(sys.executable).parent / "parity")
        report = Path(scratch) / "r.json"
        start = processor([parity, "--version"], Path(scratch))
        first = processor([parity, "package", str(folder), "--json", str(report)], Path(scratch))
        again = processor([parity, "package", str(folder)], Path(scratch))
        code = "import sys; from pathlib import Path; from parity.stata.do import run_do; p = Path(sys.argv[1]);"
        code += " [e.coefficients for e in run_do(p / 'main.do', p).estimations]"
        bare = processor([sys.executable, "-c", code, str(folder)], Path(scratch))
        summary = json.loads(report.read_text())["summary"]
    text = LOG.read_text(encoding="utf-8")
    large = (text * (5 * 2**20 // len(text) + 1)).encode()
    began = time.process_time()
    windows = len(read_log(large, "a").windows)
    read = time.process_time() - began
    began = time.process_time()
    words = re.compile(r"^(\S*)\s*(?:[|=])?\s*(.*?)\s*$")
    for line in large.decode().splitlines():
        words.match(line)
    lines = time.process_time() - began
    print(f"40 regressions on {ROWS:,} rows: {summary['reproduced']} of {summary['cells']} numbers reproduced")
    print(f"first {first:.1f} s, its do-file and estimates alone {bare:.1f} s: {first / bare:.1f} times")
    print(f"again {again:.1f} s, a start {start:.1f} s: {again / start:.1f} times")
    size = len(large) / 2**20
    print(f"a log of {size:.1f} MB, {windows:,} windows: {read:.1f} s, {read / lines:.0f} times its lines matched once")
    slow = first > MOST_FIRST * bare or again > MOST_AGAIN * start or read > MOST_READ * lines
    if slow or summary["reproduced"] != summary["cells"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
