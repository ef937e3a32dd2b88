"""A do-file of 200 data steps on a million rows against the same written by hand in pandas, in one run.

    python benchmarks/do_speed.py [ROWS]

Prints seconds of both and their ratio, by the clock and of the processor; exits 1 where the do-file takes more than twice as
much of the processor: a machine that others use shares the clock between the two as it likes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from parity.stata.dta import write
from parity.stata.files import Files
from parity.stata.interpreter import Interpreter
from parity.stata.session import Session
from parity.stata_language.dataset import Column, Dataset

MOST = 2.0
ROUNDS = 18


def made(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame({
        "id": np.repeat(np.arange(rows // 10), 10), "year": np.tile(np.arange(2000, 2010), rows // 10),
        "x": rng.normal(size=rows // 10 * 10), "g": rng.integers(0, 200, rows // 10 * 10),
    })  # fmt: skip


def do_file() -> str:
    """200 steps: eleven in each of eighteen rounds, and two at the ends."""
    lines = ["use start"]
    for i in range(ROUNDS):
        lines += [
            f"gen a{i} = x * {i + 1} + year", f"gen double b{i} = exp(x / {i + 2})",
            f"replace a{i} = 0 if x > 1.5 & year >= 2003", f"egen m{i} = mean(x), by(g)",
            f"egen double s{i} = total(b{i}), by(id)", f"bysort id (year): gen d{i} = a{i} - a{i}[_n-1]",
            "merge m:1 g using groups, keepusing(w) nogenerate", f"gen byte h{i} = w > 0.5 if w < .", "sort g id year",
            f"drop w a{i} b{i}", f"recode h{i} (0 = 2) (1 = 3)",
        ]  # fmt: skip
    return "\n".join([*lines, "collapse (mean) x m0 (sum) s0 (count) n = year, by(g year)"]) + "\n"


def by_hand(d: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """The same, as a person writes it who knows pandas and keeps to Stata's types and order."""
    for i in range(ROUNDS):
        d[f"a{i}"] = (d["x"] * (i + 1) + d["year"]).astype("float32")
        d[f"b{i}"] = np.exp(d["x"] / (i + 2))
        d.loc[((d["x"] > 1.5) | d["x"].isna()) & (d["year"] >= 2003), f"a{i}"] = 0
        d[f"m{i}"] = d.groupby("g")["x"].transform("mean").astype("float32")
        d[f"s{i}"] = d.groupby("id")[f"b{i}"].transform("sum")
        d = d.sort_values(["id", "year"], kind="stable")
        d[f"d{i}"] = (d[f"a{i}"] - d.groupby("id")[f"a{i}"].shift()).astype("float32")
        d = d.merge(groups, on="g", how="outer", validate="m:1")
        d[f"h{i}"] = (d["w"] > 0.5).astype(float).where(d["w"].notna())
        d = d.sort_values(["g", "id", "year"], kind="stable")
        d = d.drop(columns=["w", f"a{i}", f"b{i}"])
        d[f"h{i}"] = d[f"h{i}"].map({0.0: 2.0, 1.0: 3.0})
    found = d.groupby(["g", "year"]).agg(x=("x", "mean"), m0=("m0", "mean"), s0=("s0", "sum"), n=("year", "count"))
    return found.reset_index()


class Taken:
    """Seconds from its making to its end, by the clock and of the processor."""

    def __init__(self) -> None:
        self.clock, self.processor = time.perf_counter(), time.process_time()

    def ended(self) -> None:
        self.clock, self.processor = time.perf_counter() - self.clock, time.process_time() - self.processor


def main(rows: int) -> int:
    frame = made(rows)
    groups = pd.DataFrame({"g": np.arange(200), "w": np.random.default_rng(2).uniform(size=200)})
    with tempfile.TemporaryDirectory() as folder:
        for name, table in (("start", frame), ("groups", groups)):
            kinds = {n: "double" if table[n].dtype.kind == "f" else "long" for n in table}
            columns = {n: Column(table[n].to_numpy(float), kind) for n, kind in kinds.items()}
            write(Dataset(columns, len(table)), Path(folder) / f"{name}.dta")
        scratch = Path(folder) / "scratch"
        scratch.mkdir()
        session = Session(Files(Path(folder), scratch))
        for name in ("start", "groups"):  # reading files is no data step: pandas holds its frames in memory too
            Interpreter(session).run_text(f"use {name}\n", "read.do")
        source, interpreter = do_file(), Interpreter(session)
        ours = Taken()
        interpreter.run_text(source, "speed.do")
        ours.ended()
    theirs = Taken()
    wanted = by_hand(frame, groups)
    theirs.ended()
    if session.findings:
        print(session.findings[:3])
        return 1
    for name in ("x", "m0", "s0", "n"):
        np.testing.assert_allclose(session.data[name].values, wanted[name].to_numpy(float), rtol=1e-5)
    steps = source.count("\n")
    for name, a, b in (("by the clock", ours.clock, theirs.clock), ("of the processor", ours.processor, theirs.processor)):
        print(f"{rows:,} rows, {steps} steps: do-file {a:.1f} s, pandas by hand {b:.1f} s {name}, ratio {a / b:.2f}")
    return int(ours.processor > MOST * theirs.processor)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
