"""A million specifications: seconds and peak memory of each process, on Dask's workers of this machine.

    python benchmarks/audit_million.py [--controls 20] [--workers 2] [--draws 0] [--units 200] [--periods 10] [--kill]

A made panel, every subset of the controls, two-way fixed effects, errors clustered by unit. The run is `parity audit` with
--dask local. Peak memory is what the kernel counted for each process at its end, or when last looked at (every half
second). It is run on a sixteenth of the specifications too, so that flat memory shows. --kill runs each again and kills a
worker (SIGKILL) in the middle: what comes of it must be the same bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from audit_speed import THREADS, made, space

MB = 1e6


def peak(process: psutil.Process) -> float:
    """MB of resident memory at its largest so far, as the kernel counts."""
    status = Path(f"/proc/{process.pid}/status")
    try:
        lines = status.read_text().splitlines()
        return next((int(line.split()[1]) * 1024 / MB for line in lines if line.startswith("VmHWM")), 0.0)
    except (OSError, psutil.Error):
        return 0.0


@dataclass
class Workers:
    """Looks at a program's workers, and kills one of them once when it has worked for so many seconds of a processor.

    worked: the most that any of them has had so far
    """

    kill_after: float | None = None
    killed: int = 0
    worked: float = 0.0

    def __call__(self, program: psutil.Process) -> None:
        for one in program.children(recursive=True):
            if "spawn_main" not in " ".join(one.cmdline()):
                continue
            had = sum(one.cpu_times()[:2])
            self.worked = max(self.worked, had)
            if self.kill_after is not None and not self.killed and had >= self.kill_after:
                self.killed = one.pid
                os.kill(one.pid, signal.SIGKILL)


def watched(command: list[str], seen: Workers | None = None) -> tuple[float, dict[int, float]]:
    """Seconds, and peak memory by process, the program first. seen: is told of it now and again.

    Raises `SystemExit` where it fails.
    """
    start = time.perf_counter()
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peaks: dict[int, float] = {program.pid: 0.0}
    of = psutil.Process(program.pid)
    while program.poll() is None:
        try:
            for one in (of, *of.children(recursive=True)):
                peaks[one.pid] = max(peaks.get(one.pid, 0.0), peak(one))
            if seen is not None:
                seen(of)
        except psutil.Error:
            pass
        time.sleep(0.5)
    if program.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {program.returncode}")
    return time.perf_counter() - start, peaks


def audited(folder: Path, workers: int, draws: int, seen: Workers | None = None) -> tuple[bytes, float, dict[int, float]]:
    """What the audit said, seconds, and peak memory by process, the program first."""
    kept = folder / "audit.json"
    command = [sys.executable, "-m", "parity", "audit", str(folder), "--no-engines", "--json", str(kept)]
    seconds, peaks = watched([*command, "--draws", str(draws), "--dask", "local", "--workers", str(workers)], seen)
    return kept.read_bytes(), seconds, peaks


def report(controls: int, given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="parity-million-") as name:
        folder = Path(name)
        space(made(given.units, given.periods, controls), controls, folder)
        text = (folder / "study.toml").read_text(encoding="utf-8")
        (folder / "study.toml").write_text(f"{text}most = {2**controls}\n", encoding="utf-8")
        whole, seconds, peaks = audited(folder, given.workers, given.draws, watch := Workers())
        said, killer = json.loads(whole), Workers(watch.worked / 2)
        again = audited(folder, given.workers, given.draws, killer) if given.kill else None
    own, *others = peaks.values()
    specs = said["summary"]["specs"]
    large = sorted(others)[-given.workers :]
    rate, beside = specs / seconds, ", ".join(f"{one:.0f}" for one in large)
    print(f"{specs:>9,} specifications in {seconds:6.1f} s, {rate:8,.0f} a second", end="; ")
    print(f"peak memory: program {own:5.0f} MB, workers {beside} MB", flush=True)
    if again is not None:
        assert killer.killed and again[0] == whole, "a worker that is killed changes nothing"
        told = f"a worker killed after {killer.kill_after:.1f} s of work: the same {len(whole):,} bytes"
        print(f"{'':9} {told} in {again[1]:.1f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("controls", 20), ("workers", 2), ("draws", 0), ("units", 200), ("periods", 10)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--kill", action="store_true")
    given = parser.parse_args()
    os.environ |= dict.fromkeys(THREADS, "1")
    print(f"{given.units} x {given.periods}, clustered by unit, {given.draws} draws, {given.workers} workers")
    for controls in (given.controls - 4, given.controls):
        report(controls, given)


if __name__ == "__main__":
    main()
