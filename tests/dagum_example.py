"""Dagum's decomposition of 279 Chinese cities in 15 years: parity's numbers beside those that an author's program kept.

    PYTHONPATH=tests python -m dagum_example FOLDER

FOLDER is r/Gini of github.com/ZHULOO/mac (May 2022): gini.dta has an index of 279 cities from 2005 to 2019 with their
regions, Dagum.csv what the R program beside it, dagum_self.r, wrote of them: for each year Gini's coefficient of all cities,
of each region and of each two, and the parts within, net between and of transvariation by Dagum (1997), Empirical Economics
22(4), 515-531, with fifteen digits. They have no licence and are not part of parity.
"""

from __future__ import annotations

import csv
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from parity.analyses.distribution.analysis import ANALYSIS, distribution
from parity.analyses.distribution.r import distribution_in_r
from parity.study.load import load_study

#: All of its digits: it sums differences in another order than parity does.
RTOL = 1e-12
STUDY = """
[study]
title = "Cities"
data = "gini.dta"
unit = "_ID"
time = "year"

[spec.s]
formula = "index ~ year"

[distribution.index]
of = "index"
groups = "area"
"""
#: A head of Dagum.csv -> the quantity.
HEADS = {
    "G": "gini", "Gw": "gini within", "Gnb": "gini between", "Gt": "gini transvariation",
    "东部地区": "gini of Eastern", "中部地区": "gini of Central", "西部地区": "gini of Western",
    "东西": "gini of Eastern and Western", "东中": "gini of Central and Eastern", "中西": "gini of Central and Western",
}  # fmt: skip


def off(lines: Sequence[Mapping[str, str]], found: Mapping[str, Mapping[str, float]]) -> dict[tuple[str, str], float]:
    """(quantity, year) -> relative difference."""
    return {
        (quantity, line["年份"]): abs(found[quantity][line["年份"]] / float(line[head]) - 1.0)
        for line in lines
        for head, quantity in HEADS.items()
    }


def main(source: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(source / "gini.dta", folder)
        (Path(folder) / "study.toml").write_text(STUDY, encoding="utf-8")
        ((_, part),) = ANALYSIS.parts(load_study(Path(folder)))
    with (source / "Dagum.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    wrong = 0
    for language, found in (("Python", distribution(part)[0]), ("R", distribution_in_r(part))):
        apart = off(lines, found)
        same = sum(d <= RTOL for d in apart.values())
        print(f"{language}: {same} of {len(apart)} numbers within {RTOL:g}, the farthest {max(apart.values()):.1e}")
        for key in (k for k, d in apart.items() if not d <= RTOL):
            print(f"  {' in '.join(key)}: {apart[key]:.1e} apart")
        wrong += len(apart) - same
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
