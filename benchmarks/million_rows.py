"""Two specifications on many rows, in every engine: verdicts, peak memory of each process, seconds beside the package alone.

    python benchmarks/million_rows.py [--rows 1000000]

Data are made: units of ten years, 20 columns, two-way fixed effects by least squares and by instruments. Each engine is
asked in a process of its own (`peak`, `seconds`), and the package alone is run on the same data without parity (`alone`;
parity's own engines are their own package). The run is `parity run` with one job.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

X = [f"x{i + 1}" for i in range(13)]
Z = ["z1", "z2", "z3"]
SPECS = {"twfe": f"y ~ {' + '.join(X)} + d | unit + year", "iv": f"y ~ {' + '.join(X)} | unit + year | d ~ {' + '.join(Z)}"}
STUDY = '[study]\ntitle = "Made: many rows"\nunit = "unit"\ntime = "year"\nmade = true\ndata = "data.parquet"\n' + "".join(
    f'\n[spec.{name}]\nformula = "{formula}"\nvcov = {{ cluster = ["unit"] }}\nconvention = "reghdfe"\n'
    for name, formula in SPECS.items()
)
#: R packages alone: what a person would type, on data read beforehand.
ALONE_R = """
library({package}, quietly = TRUE); d <- readRDS("{file}"); start <- proc.time()[["elapsed"]]; {call}
cat("\\nSECONDS", proc.time()[["elapsed"]] - start, "\\n")
"""
RIGHT = " + ".join(X)
PLM = "f <- plm::plm({}, d, index = c('unit', 'year'), model = 'within', effect = 'twoways'); v <- plm::vcovHC(f)"
ESTIMATR = "f <- estimatr::{}({}, d, clusters = unit, fixed_effects = ~ unit + year, se_type = 'CR0')"
CALLS = {
    ("twfe", "r-plm"): ("plm", PLM.format(f"y ~ {RIGHT} + d")),
    ("iv", "r-plm"): ("plm", PLM.format(f"y ~ {RIGHT} + d | {RIGHT} + {' + '.join(Z)}")),
    ("twfe", "r-estimatr"): ("estimatr", ESTIMATR.format("lm_robust", f"y ~ {RIGHT} + d")),
    ("iv", "r-estimatr"): ("estimatr", ESTIMATR.format("iv_robust", f"y ~ {RIGHT} + d | {RIGHT} + {' + '.join(Z)}")),
}


def made(rows: int, folder: Path) -> None:
    rng = np.random.default_rng(1)
    unit, year = np.repeat(np.arange(rows // 10), 10), np.tile(np.arange(2005, 2015), rows // 10)
    n, a, t = len(unit), rng.normal(size=rows // 10)[unit], rng.normal(size=10)[year - 2005]
    x, z, u = rng.normal(size=(n, 13)) + 0.3 * a[:, None], rng.normal(size=(n, 3)), rng.normal(size=n)
    d = 0.4 * z.sum(axis=1) + 0.5 * u + a + rng.normal(size=n)
    y = x @ np.linspace(0.1, 1, 13) + 0.7 * d + a + t + u
    columns = {"unit": unit, "year": year, "y": y, "d": d} | dict(zip(X + Z, [*x.T, *z.T], strict=True))
    pd.DataFrame(columns).to_parquet(folder / "data.parquet")
    (folder / "study.toml").write_text(STUDY)


def asked(folder: Path, spec_id: str, engine_id: str) -> None:
    """In a process of its own: one engine, through parity."""
    from parity.data.load import load_frame
    from parity.engines import engine
    from parity.engines.memory import declined_for_memory
    from parity.sample.build import build_design
    from parity.study.load import load_study

    study = load_study(folder)
    spec, one = study.spec(spec_id), engine(engine_id)
    no = one.declines(spec, "unit", "year")
    if no is None:
        design = build_design(study, spec, load_frame(study))
        start = time.perf_counter()
        no = declined_for_memory(one, design)
        answer = no or one.estimate(spec, design)
        no = answer if answer.kind == "declined" else None
    seconds = None if no else time.perf_counter() - start
    print("\nFOUND", json.dumps({"seconds": seconds, "reason": no.reason if no else ""}))


def alone(folder: Path, spec_id: str, engine_id: str) -> None:
    """In a process of its own: the package without parity, on the same data."""
    frame = pd.read_parquet(folder / "data.parquet")
    start = time.perf_counter()
    if engine_id == "py-pyfixest":
        import pyfixest as pf

        pf.feols(SPECS[spec_id], frame, vcov={"CRV1": "unit"})
    else:
        from linearmodels.panel import PanelOLS

        panel = frame.set_index(["unit", "year"])
        PanelOLS(panel["y"], panel[[*X, "d"]], entity_effects=True, time_effects=True).fit(
            cov_type="clustered", cluster_entity=True
        )
    print("\nSECONDS", time.perf_counter() - start)


def child(*arguments: str) -> tuple[str, float]:
    """What a child printed, and the peak of its resident memory and of its own children, in GB."""
    code = (
        "import resource, runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__');"
        "peak = max(resource.getrusage(w).ru_maxrss for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN));"
        "print('\\nPEAK', peak * 1024 / 1e9)"
    )
    done = subprocess.run([sys.executable, "-c", code, __file__, *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr[-300:], said(done.stdout, "PEAK") or float("nan")


def said(text: str, word: str) -> float | None:
    found = [line.split()[1] for line in text.splitlines() if line.startswith(word)]
    return float(found[-1]) if found else None


def alone_seconds(folder: Path, spec_id: str, engine_id: str) -> float | None:
    if engine_id in ("py-pyfixest", "py-linearmodels"):
        return said(child("--alone", str(folder), spec_id, engine_id)[0], "SECONDS")
    if (spec_id, engine_id) not in CALLS:
        return None
    package, call = CALLS[spec_id, engine_id]
    script = folder / "alone.R"
    script.write_text(ALONE_R.format(package=package, call=call, file=folder / "data.rds"))
    done = subprocess.run(["Rscript", "--vanilla", str(script)], capture_output=True, text=True, check=False)
    return said(done.stdout, "SECONDS")


def as_rds(folder: Path) -> None:
    from parity.r.frame import Column, Frame
    from parity.r.rds import dumps

    frame = pd.read_parquet(folder / "data.parquet")
    whole = {name: Column.whole(frame[name].to_numpy()) for name in ("unit", "year")}
    doubles = {name: Column.double(frame[name].to_numpy()) for name in frame if name not in whole}
    (folder / "data.rds").write_bytes(dumps(Frame(whole | doubles)))


def main(rows: int) -> None:
    from parity.engines import availability, registry

    with tempfile.TemporaryDirectory(prefix="parity-rows-") as name:
        folder = Path(name)
        made(rows, folder)
        as_rds(folder)
        start, report = time.perf_counter(), folder / "report.json"
        command = [sys.executable, "-m", "parity", "run", str(folder), "--jobs", "1", "--no-cache", "--timeout", "3600"]
        subprocess.run([*command, "--json", str(report)], capture_output=True, check=False)
        whole = time.perf_counter() - start
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9
        records = json.loads(report.read_text())["records"]
        print(f"{rows:,} rows x 20 columns, {rows // 10:,} units; effects of unit and year, errors clustered by unit\n")
        print(f"{'spec':6}{'engine':17}{'verdict':11}{'peak GB':>8}{'seconds':>9}{'alone':>8}{'ratio':>7}")
        total, notes = 0.0, []
        for spec_id in SPECS:
            for engine_id, one in registry().items():
                if availability(one) is not None:
                    continue
                mine = [r for r in records if r["spec"] == spec_id and r["kind"] == "estimate"]
                verdict = next((r["verdict"] for r in mine if r["candidate"] == engine_id), "")
                verdict = verdict or ("reference" if any(r["reference"] == engine_id for r in mine) else "?")
                text, peak = child("--asked", str(folder), spec_id, engine_id)
                found = [line for line in text.splitlines() if line.startswith("FOUND")]
                answer = json.loads(found[-1][6:]) if found else {"seconds": None, "reason": text[-200:]}
                seconds, own = answer["seconds"], None
                if seconds is not None:
                    own = alone_seconds(folder, spec_id, engine_id)
                    total += own if own is not None else seconds
                else:
                    notes.append(f"{spec_id} {engine_id}: {answer['reason']}")
                cells = [f"{v:.1f}" if v is not None else "-" for v in (seconds, own)]
                ratio = f"{seconds / own:.1f}" if seconds is not None and own else "-"
                shown = f"{peak:.1f}" if seconds is not None else "-"
                print(f"{spec_id:6}{engine_id:17}{verdict:11}{shown:>8}{cells[0]:>9}{cells[1]:>8}{ratio:>7}", flush=True)
        print(f"\nparity run: {whole:.0f} s, {whole / total:.1f} times the {total:.0f} s of the packages by themselves")
        print(f"largest process of the run: {largest:.1f} GB\n")
        print(*notes, sep="\n")


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in ("--asked", "--alone"):
        (asked if sys.argv[1] == "--asked" else alone)(Path(sys.argv[2]), *sys.argv[3:])
    else:
        parser = argparse.ArgumentParser()
        parser.add_argument("--rows", type=int, default=1_000_000)
        main(parser.parse_args().rows)
