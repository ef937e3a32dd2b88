"""Executes docs/stata.toml in Stata's language (parity's own), Python and, where it is there, R; writes the two pages of it.

    python docs/build_stata.py          writes the pages
    python docs/build_stata.py --check  only compares what the three give; exits 1 where they differ
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
DATA = HERE / "examples" / "do_file" / "data.csv"
HEAD = "import delimited data.csv, asdouble\negen id = group(firm)\nxtset id year\n"
PY_HEAD = """
import json, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd, statsmodels.formula.api as smf
from scipy import stats
from linearmodels import IV2SLS, PanelOLS, RandomEffects
base = pd.read_csv("data.csv")
base["firm"] = base["firm"].astype(str)
base["id"] = base["firm"].astype(float).astype(int)
found = {}
"""
R_HEAD = """
suppressWarnings(suppressMessages({
base <- read.csv("data.csv"); base$id <- as.integer(base$firm); base$firm <- as.character(base$firm)
found <- list()
"""
#: Stata's float has 24 bits.
CLOSE = 2e-6


def entries() -> list[dict]:
    return tomllib.loads((HERE / "stata.toml").read_text(encoding="utf-8"))["command"]


def in_stata(all_: list[dict], folder: Path) -> list[float]:
    from parity.stata.do import run_do

    out = []
    for entry in all_:
        source = HEAD + "tostring firm, replace\n" + entry["stata"] + "\n" + entry.get("after", "") + "\n"
        if "number" in entry:
            source += f"scalar shown = {entry['number'][0]}\n"
        result = run_do(source, folder)
        wrong = [f for f in result.findings if f.taints or f.id == "stata-error"]
        if wrong:
            raise SystemExit(f"{entry['stata']}: {wrong[0].text}")
        if "number" in entry:
            out.append(float(result.session.scalars["shown"]))
        else:
            values = result.data[entry["see"]].values
            out.append(_sum(values[~(values != values)]))
    return out


def _sum(values) -> float:
    return float(math.fsum(values))


def in_python(all_: list[dict], folder: Path) -> list[float]:
    lines = [PY_HEAD]
    for i, entry in enumerate(all_):
        lines += ["d = base.copy()"]
        if "number" in entry:
            lines += [entry["python"], "d = base.copy()", f"found[{i}] = float({entry['number'][2]})"]
        else:
            lines += [entry["python"], f"found[{i}] = float(d[{_column(entry)!r}].sum())"]
    lines.append("print(json.dumps([found[i] for i in range(len(found))]))")
    return _run([sys.executable, "-"], "\n".join(lines), folder)


def _column(entry: dict) -> str:
    return entry["see"]


def in_r(all_: list[dict], folder: Path) -> list[float] | None:
    if shutil.which("Rscript") is None:
        return None
    lines = [R_HEAD]
    for i, entry in enumerate(all_, 1):
        if "number" in entry:
            lines.append(f"local({{ d <- base; {entry['r']} }})")
            lines.append(f"found[[{i}]] <- local({{ d <- base; as.numeric({{ {entry['number'][1]} }}) }})")
        else:
            seen = f"sum(d[[{json.dumps(entry['see'])}]], na.rm = TRUE)"
            lines.append(f"found[[{i}]] <- local({{ d <- base; {entry['r']}; {seen} }})")
    lines.append("})); cat('[', paste(sprintf('%.17g', unlist(found)), collapse = ', '), ']', sep = '')")
    with tempfile.NamedTemporaryFile("w", suffix=".R", encoding="utf-8") as file:
        file.write("\n".join(lines))
        file.flush()
        return _run(["Rscript", "--vanilla", file.name], "", folder)


def _run(command: list[str], text: str, folder: Path) -> list[float]:
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=folder, timeout=300)
    if done.returncode:
        raise SystemExit(f"{command[0]}: {done.stderr[-800:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def compared() -> list[str]:
    """What differs between the three, a line each."""
    all_ = entries()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(DATA, folder / "data.csv")
        stata = in_stata(all_, folder)
        others = {"Python": in_python(all_, folder), "R": in_r(all_, folder)}
    wrong = []
    for language, numbers in others.items():
        for entry, ours, theirs in zip(all_, stata, numbers or stata, strict=True):
            if not math.isclose(ours, theirs, rel_tol=CLOSE, abs_tol=1e-3):
                wrong.append(f"{entry['stata']!r}: Stata {ours!r}, {language} {theirs!r}")
    return wrong


def page(chinese: bool) -> str:
    """The Markdown of one language."""
    if chinese:
        lines = ["# 从 Stata 到 R 和 Python", "",
                 "六十条日常命令。每一行都在 Grunfeld 数据上用三种语言运行过，所得数值相同（Stata 的 float 到第 7 位）。",
                 "标准误的约定见 [phrasebook](phrasebook.md)。", ""]  # fmt: skip
    else:
        lines = [
            "# From Stata to R and Python", "",
            "Sixty commands of every day. Each line is executed in all three languages on Grunfeld's data when this page is",
            "built, and what they give is the same (to the seventh digit where Stata stores a float). Which convention a",
            "standard error carries: [phrasebook](phrasebook.md). A whole do-file:",
            "[from a do-file to a study](do-files.md).", "",
        ]  # fmt: skip
    for entry in entries():
        said = entry["stata"].splitlines()
        named = ("merge", "append", "test", "nlcom", "predict", "tsfill")
        title = next((line for line in said if line.startswith(named)), said[0])
        lines += [f"## `{title}`", "", "```stata", entry["stata"], "```", "", "```r", entry["r"], "```", "",
                  "```python", entry["python"], "```", "", entry["zh"] if chinese else entry["trap"], ""]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    wrong = compared()
    for line in wrong:
        print(line)
    if "--check" not in sys.argv and not wrong:
        (HERE / "stata.md").write_text(page(chinese=False), encoding="utf-8")
        (HERE / "stata.zh.md").write_text(page(chinese=True), encoding="utf-8")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
