"""A Parquet file larger than memory, estimated by its row groups on two workers: seconds and peak memory of each process.

    python benchmarks/streamed.py [--units 1000000] [--periods 50] [--workers 2] [--unbalanced] [--kill]
        [--folder DIR]

The data are made and written by row groups: two-way effects, three regressors, errors clustered by unit; --unbalanced leaves
out a tenth of the rows. A tenth of the units is estimated by chunks and in memory, and the largest relative distance of any
coefficient, standard error or p printed. --kill estimates the whole once more and kills a worker (SIGKILL) in the middle:
every number must be the same to its last digit. The file is deleted at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from audit_million import Workers, watched
from audit_speed import THREADS

#: Rows of a row group.
GROUP = 500_000
STUDY = """[study]
title = "Made: units by periods"
made = true
data = "data.parquet"
unit = "unit"
time = "year"
[spec.main]
formula = "y ~ x1 + x2 + x3 | unit + year"
vcov = { cluster = ["unit"] }
convention = "reghdfe"
"""


def made(units: int, periods: int, unbalanced: bool, folder: Path) -> None:
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    rng = np.random.default_rng(1)
    years, step = rng.normal(size=periods), max(1, GROUP // periods)
    names = ("unit", "year", "y", "x1", "x2", "x3")
    schema = pa.schema([(n, pa.int32()) for n in names[:2]] + [(n, pa.float64()) for n in names[2:]])
    with pq.ParquetWriter(folder / "data.parquet", schema) as writer:
        for first in range(0, units, step):
            of = np.arange(first, min(first + step, units))
            unit, year = np.repeat(of, periods), np.tile(np.arange(periods), len(of))
            a = np.repeat(rng.normal(size=len(of)), periods)
            x = rng.normal(size=(3, len(unit))) + a + 0.5 * years[year]
            error = rng.normal(size=len(unit)) + np.repeat(rng.normal(size=len(of)), periods)
            y = 0.5 * x[0] - 0.2 * x[1] + a + years[year] + error
            kept = rng.random(len(unit)) < 0.9 if unbalanced else np.ones(len(unit), dtype=bool)
            columns = [unit.astype(np.int32), (year + 1970).astype(np.int32), y, *x]
            writer.write_table(pa.table([pa.array(c[kept]) for c in columns], schema=schema), row_group_size=GROUP)


def estimated(folder: Path, how: str, workers: int) -> None:
    """In a process of its own: quantities under the convention, as JSON beside the data."""
    from parity.compare.harmonise import harmonise
    from parity.study.load import load_study

    study = load_study(folder)
    spec = study.specs[0]
    if how == "memory":
        from parity.data.load import load_frame
        from parity.engines import engine
        from parity.sample.build import build_design

        design = build_design(study, spec, load_frame(study))
        found, facts = engine("py-moments").estimate(spec, design), design.facts
    else:
        from parity.base.cluster import Wanted, cluster
        from parity.engines.own.streamed import estimate

        with cluster(Wanted("local", workers)) as those:
            both = estimate(study, spec, study.data_path, those)
        found, facts = both.estimate, both.facts
    said = {" ".join(key): q.value for key, q in harmonise(found, facts, spec).quantities.items()}
    (folder / f"{how}.json").write_text(json.dumps(said | {"command": found.command}), encoding="utf-8")


def run(folder: Path, how: str, workers: int, seen: Workers | None = None) -> dict:
    seconds, peaks = watched([sys.executable, __file__, "--estimate", str(folder), how, "--workers", str(workers)], seen)
    own, *others = peaks.values()
    said = json.loads((folder / f"{how}.json").read_text(encoding="utf-8"))
    beside = f", workers {', '.join(f'{p:,.0f}' for p in sorted(others)[-workers:])} MB" if others else ""
    print(f"{how:9} {seconds:7.1f} s; peak memory: program {own:,.0f} MB{beside}  ({said.pop('command')[:70]})", flush=True)
    return said


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("units", 1_000_000), ("periods", 50), ("workers", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--unbalanced", action="store_true")
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--folder", type=Path, help="where the data are made; default the folder of temporary files")
    parser.add_argument("--estimate", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.estimate:
        estimated(Path(given.estimate[0]), given.estimate[1], given.workers)
        return
    os.environ |= dict.fromkeys(THREADS, "1")
    with tempfile.TemporaryDirectory(prefix="parity-streamed-", dir=given.folder) as name:
        whole, tenth = Path(name) / "whole", Path(name) / "tenth"
        made(max(given.units // 10, 2), given.periods, given.unbalanced, tenth)
        print(f"a tenth: {pq.ParquetFile(tenth / 'data.parquet').metadata.num_rows:,} rows")
        chunks, memory = run(tenth, "chunks", given.workers), run(tenth, "memory", given.workers)
        assert set(chunks) == set(memory)
        far = max(abs(chunks[k] - memory[k]) / max(abs(memory[k]), 1e-6) for k in memory)
        print(f"largest relative distance of {len(memory)} quantities: {far:.1e}", flush=True)
        made(given.units, given.periods, given.unbalanced, whole)
        size = (whole / "data.parquet").stat().st_size / 1e9
        print(f"{pq.ParquetFile(whole / 'data.parquet').metadata.num_rows:,} rows, {size:.1f} GB")
        said = run(whole, "chunks", given.workers, watch := Workers())
        if given.kill:
            killer = Workers(watch.worked / 2)
            again = run(whole, "chunks", given.workers, killer)
            assert killer.killed and again == said, "a worker that is killed changes nothing"
            print(f"a worker was killed after {killer.kill_after:.1f} s of work: the same {len(said)} numbers", flush=True)


if __name__ == "__main__":
    main()
