"""The estimator by chunks beside packages for large data: seconds and peak memory on the same file, in one run.

    python benchmarks/streamed_beside.py [--units 20000 100000] [--periods 50] [--workers 2] [--unbalanced] [--python OTHER]

Two-way effects, three regressors, errors clustered by unit, data as `streamed.py` makes them. Each runs in a process of its
own on one thread: parity on one process and on Dask's workers, hdfe-stream, pyfixest (the file read whole) and duckreg (its
Mundlak regression, whose clustered errors are a bootstrap that is left out). OTHER is an interpreter that has the packages;
those that it has not are named. Seconds are of the whole process, imports included; in brackets the processor's, which other
work on the machine doesn't lengthen.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from audit_million import watched
from audit_speed import THREADS
from streamed import made

FORMULA = '"y ~ x1 + x2 + x3 | unit + year"'
#: Name -> a program of (data, folder for its own files, where it writes [coefficient, standard error] of x1).
PROGRAMS = {
    "hdfe-stream": f"""
import sys, json
from hdfe_stream import feols_stream
data, folder, out = sys.argv[1:]
fit = feols_stream({FORMULA}, data, workdir=folder, vcov={{"CRV1": "unit"}})
json.dump([float(fit.beta[0]), float(fit.se[0])], open(out, "w"))
""",
    "pyfixest": f"""
import sys, json
import pandas as pd
import pyfixest as pf
data, folder, out = sys.argv[1:]
fit = pf.feols({FORMULA}, pd.read_parquet(data), vcov={{"CRV1": "unit"}})
json.dump([float(fit.coef()["x1"]), float(fit.se()["x1"])], open(out, "w"))
""",
    "duckreg": """
import sys, json
import duckdb
from duckreg import DuckMundlak
data, folder, out = sys.argv[1:]
base = duckdb.connect(folder + "/data.db")
base.execute(f"create view data as select * from '{data}'")
base.close()
fit = DuckMundlak(db_name=folder + "/data.db", table_name="data", outcome_var="y", covariates=["x1", "x2", "x3"], seed=1,
                  unit_col="unit", time_col="year", n_bootstraps=0)
fit.fit()
json.dump([float(fit.point_estimate.ravel()[1]), None], open(out, "w"))
""",
}
MODULES = {"hdfe-stream": "hdfe_stream", "pyfixest": "pyfixest", "duckreg": "duckreg"}
OWN = """
import sys, json
from pathlib import Path
from contextlib import nullcontext
from parity.base.cluster import Wanted, cluster
from parity.compare.harmonise import harmonise
from parity.engines.own.streamed import estimate
from parity.study.load import load_study
data, workers, out = sys.argv[1:]
if __name__ == "__main__":
    study = load_study(Path(data).parent)
    with cluster(Wanted("local", int(workers))) if int(workers) else nullcontext() as those:
        both = estimate(study, study.specs[0], study.data_path, those)
    found = harmonise(both.estimate, both.facts, study.specs[0]).quantities
    json.dump([found["coef", "x1"].value, found["se", "x1"].value], open(out, "w"))
"""


def there(python: str) -> list[str]:
    """Packages that the interpreter has."""
    found = []
    for name, module in MODULES.items():
        code = f"import importlib.metadata as m, {module}; print(m.version('{name}'))"
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
        print(f"{name}: {done.stdout.strip() or 'not here'}", flush=True)
        found += [name] if not done.returncode else []
    return found


def line(name: str, command: list[str], out: Path, first: list[float] | None) -> list[float] | None:
    """One row of the table; what it found."""
    out.unlink(missing_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        seconds, peaks = watched(command)
    except SystemExit as error:
        print(f"  {name:22} {str(error).rsplit(': ', 1)[-1]}", flush=True)
        return None
    found = json.loads(out.read_text(encoding="utf-8"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    most, whole = max(peaks.values()), sum(sorted(peaks.values())[-3:])
    far = ""
    if first is not None:
        shares = [abs(a - b) / abs(b) for a, b in zip(found, first, strict=True) if a is not None]
        far = f"; from parity {' and '.join(f'{s:.0e}' for s in shares)}"
    print(
        f"  {name:22} {seconds:7.1f} s ({worked:6.1f})  largest process {most:7,.0f} MB, all {whole:7,.0f} MB{far}",
        flush=True,
    )
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--periods", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--unbalanced", action="store_true")
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has the other packages")
    given = parser.parse_args()
    os.environ |= dict.fromkeys(THREADS, "1") | {"POLARS_MAX_THREADS": "1"}
    packages = there(given.python)
    for units in given.units:
        with tempfile.TemporaryDirectory(prefix="parity-beside-") as name:
            folder, out = Path(name) / "study", Path(name) / "found.json"
            made(units, given.periods, given.unbalanced, folder)
            data = folder / "data.parquet"
            print(f"{pq.ParquetFile(data).metadata.num_rows:,} rows, {data.stat().st_size / 1e6:,.0f} MB", flush=True)
            own = Path(name) / "own.py"
            own.write_text(OWN, encoding="utf-8")
            first = line("parity, one process", [sys.executable, str(own), str(data), "0", str(out)], out, None)
            workers = [sys.executable, str(own), str(data), str(given.workers), str(out)]
            line(f"parity, {given.workers} workers", workers, out, first)
            for package in packages:
                scratch = Path(name) / package
                scratch.mkdir()
                line(package, [given.python, "-c", PROGRAMS[package], str(data), str(scratch), str(out)], out, first)


if __name__ == "__main__":
    main()
