"""Recorded Stata output of estimatr's and linearmodels' test suites, from copies of their sources to the JSON beside this.

    python tests/recorded/convert.py estimatr/tests/testthat linearmodels/linearmodels/tests

Only numbers, names and commands are taken, as they are printed. What each block is, README.md says.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
#: Statistics of a block that parity reports under the name on the right.
KNOWN = {"N": "nobs", "df_r": "df_t", "r2": "r2", "r2_a": "r2_a", "r2_w": "r2_within", "F": "f", "chi2": "chi2", "J": "j"}
#: The same of k-class estimators, whose kappa 2SLS prints as 1.
OF_LIML = {"kappa": "kappa"}


def blocks(text: str) -> dict[str, list[list[str]]]:
    """Block's name, between exclamation marks, -> its lines as fields."""
    found: dict[str, list[list[str]]] = {}
    for line in filter(str.strip, text.splitlines()):
        if "###" in line and "!" in line:
            current = found.setdefault(line.split("!")[1], [])
        else:
            current.append([field.strip() for field in line.strip().split("\t")])
    return found


def block(lines: list[list[str]], known: dict[str, str] = KNOWN) -> dict:
    """Coefficients, t, p, statistics and the lower triangle of V of one block of `estout`."""
    cut = next(i for i, line in enumerate(lines) if line[0].startswith("****"))
    under = next(line[0] for line in lines if line[0].startswith("b/t")).split("/")[1:]
    start = next(i for i, line in enumerate(lines) if line[0].startswith("b/t")) + 1
    out: dict = {"b": {}, **{name: {} for name in under}, "stats": {}, "V": {}}
    for i, line in enumerate(lines[start:cut], start):
        is_coefficient = len(line) == 2 and i + 1 < cut and len(lines[i + 1]) == 1 and _number(lines[i + 1][0])
        if is_coefficient:
            out["b"][line[0]] = line[1]
            for place, name in enumerate(under, 1):
                out[name][line[0]] = lines[i + place][0]
        elif len(line) == 2 and line[0] in known:
            out["stats"][known[line[0]]] = line[1]
    names = lines[cut + 2]
    for i, line in enumerate(lines[cut + 3 : cut + 3 + len(names)]):
        out["V"] |= {f"{line[0]} {names[j]}": line[1 + j] for j in range(i + 1)}
    return out


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def linearmodels(folder: Path) -> None:
    import pandas as pd

    panel = blocks((folder / "panel/results/stata-panel-simulated-results.txt").read_text())
    _write("linearmodels_panel.json", {name: block(lines) for name, lines in panel.items()})
    iv = blocks((folder / "iv/results/stata-iv-simulated-results.txt").read_text())
    chosen = {name: lines for name, lines in iv.items() if name.startswith("2sls")}
    _write("linearmodels_iv.json", {name: block(lines) for name, lines in chosen.items()})
    for method, known in (("liml", KNOWN | OF_LIML), ("gmm", KNOWN)):
        of = {name: block(lines, known) for name, lines in iv.items() if name.startswith(method)}
        _write(f"linearmodels_{method}.json", of)
    data = pd.read_stata(folder / "iv/results/simulated-data.dta")
    columns = [c for c in data if c[0] in "yxz"] + ["weights"]
    whole = data[["time", "cluster_id"]].astype(int).join(data[columns])
    whole.to_csv(HERE / "linearmodels_iv.csv", index=False, lineterminator="\n")


#: What `run-stata-models.do`, `run-stata-areg-models.do` and `run-stata-iv-models.do` write of each model.
WRITTEN = {
    "stata-ests.txt": ("V hp", "V _cons", "df_t", "f"),
    "stata-fe-ests.txt": ("V hp", "f"),
    "stata-iv-ests.txt": ("V hp", "V am", "V _cons", "f", "r2", "r2_a", "rmse"),
}


def estimatr(folder: Path) -> None:
    found = {}
    for file, names in WRITTEN.items():
        program = file.replace("stata-", "run-stata-").replace("-ests.txt", "-models.do").replace("-fe-", "-areg-")
        program = (folder / program.replace("ests.txt", "models.do")).read_text()
        told = re.findall(r"^((?:areg|reg|ivregress) .*)$", program, re.M)
        rows = [line.split("\t") for line in (folder / file).read_text().splitlines() if line.strip()]
        for (name, *numbers), command in zip(rows, told, strict=False):
            found[f"{file}: {name}"] = {"command": command, **dict(zip(names, numbers, strict=True))}
    _write("estimatr.json", found)


def _write(name: str, body: dict) -> None:
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in body.items()]
    (HERE / name).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    estimatr(Path(sys.argv[1]))
    linearmodels(Path(sys.argv[2]))
