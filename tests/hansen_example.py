"""Hansen's own example of a threshold regression: parity's numbers beside those that he and his program printed.

    PYTHONPATH=tests python -m hansen_example invest.dat

The file is of the replication material of Hansen (1999), Journal of Econometrics 93(2), 345-368: 565 firms in 15 years, four
columns (investment, Tobin's Q, cash flow, debt, all over assets). It has no licence and is not part of parity. PROGRAM holds
what his program's own output, thresh.out, has; ARTICLE tables 2, 3 and 5; XTHREG what Wang (2015), Stata Journal 15(1),
121-134, prints of one threshold with the same data, page 130: its grid has another value for a threshold, at which parity's
numbers are taken. Its data are stored as floats, so that a seventh digit may differ. F's p and critical values are of random
draws. The third threshold is left out: it has a trim of its own, which parity doesn't have.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from parity.analyses.threshold.analysis import ANALYSIS, printed
from parity.analyses.threshold.hansen import Space, coefficients, hansen
from parity.analyses.threshold.sample import Sample
from parity.study.load import load_study

FIRMS, YEARS = 565, 15
STUDY = """
[study]
title = "Investment and cash flow"
data = "invest.csv"
unit = "firm"
time = "year"

[derive]
q2 = "q^2 / 1000"
q3 = "q^3 / 1000000"
qd = "q * d"

[spec.investment]
formula = "i ~ cash + q + q2 + q3 + d + qd | firm"

[threshold.program]
spec = "investment"
by = "d"
thresholds = 2
closed = "upper"
apart = "quantiles"
last_period = "dropped"
draws = 10

[threshold.all_rows]
spec = "investment"
by = "d"
closed = "upper"
grid = 5000
draws = 10
"""
#: (quantity, term) -> as printed, with ten digits by his program.
PROGRAM = {
    ("threshold", "single"): "0.015700000",
    ("low", "single"): "0.013920000",
    ("high", "single"): "0.018060000",
    ("f", "single"): "32.649894",
    ("threshold", "double"): "0.53616000",
    ("low", "double"): "0.53049000",
    ("high", "double"): "0.56287000",
    ("f", "double"): "25.799434",
    ("threshold", "double, first again"): "0.015700000",
    ("low", "double, first again"): "0.013920000",
    ("high", "double, first again"): "0.018060000",
    ("coef", "q"): "0.010285143",
    ("coef", "q2"): "-0.19753392",
    ("coef", "q3"): "1.0466549",
    ("coef", "d"): "-0.016489208",
    ("coef", "qd"): "0.0014806529",
    ("coef", "cash, regime 1"): "0.063153741",
    ("coef", "cash, regime 2"): "0.097725900",
    ("coef", "cash, regime 3"): "0.039209296",
    ("se", "q"): "0.00094105141",
    ("se", "q2"): "0.026344140",
    ("se", "q3"): "0.19864905",
    ("se", "d"): "0.0050965786",
    ("se", "qd"): "0.0014724173",
    ("se", "cash, regime 1"): "0.0056733464",
    ("se", "cash, regime 2"): "0.0056858777",
    ("se", "cash, regime 3"): "0.011847125",
}
ARTICLE = {
    ("f", "single"): "32.6",
    ("f", "double"): "25.8",
    ("threshold", "single"): "0.0157",
    ("threshold", "double"): "0.5362",
    ("low", "single"): "0.0139",
    ("high", "single"): "0.0181",
    ("low", "double"): "0.5305",
    ("high", "double"): "0.5629",
    ("coef", "q"): "0.010",
    ("coef", "q2"): "-0.198",
    ("coef", "q3"): "1.047",
    ("coef", "d"): "-0.016",
    ("coef", "qd"): "0.001",
    ("coef", "cash, regime 1"): "0.063",
    ("coef", "cash, regime 2"): "0.098",
    ("coef", "cash, regime 3"): "0.039",
}
#: At its threshold, 0.0154.
XTHREG = {
    ("rss", ""): "17.7818",
    ("f", ""): "35.20",
    ("coef", "cash, regime 1"): ".0552454",
    ("coef", "cash, regime 2"): ".0862498",
    ("coef", "q"): ".0105555",
    ("coef", "q3"): ".0010785",
    ("coef", "d"): "-.0229482",
    ("coef", "qd"): ".0007392",
    ("se", "cash, regime 1"): ".0053343",
    ("se", "cash, regime 2"): ".0052022",
    ("se", "q"): ".0008917",
    ("se", "d"): ".0042381",
    ("se", "qd"): ".0014278",
}
NEXT_TO_IT = 0.01542  # the value of the data that it must be


def of_xthreg(part: Sample) -> dict[tuple[str, str], float]:
    """All rows, the lower regime by < threshold; F times T (N - 1) over the sum of squares."""
    space = Space.of(part)
    bases = [space.base(given) for given in ((), (NEXT_TO_IT,))]
    before, after = (float(np.sum((space.y - q @ (q.T @ space.y)) ** 2)) for q in bases)
    coef, se, _ = coefficients(space, [NEXT_TO_IT])
    found = {("rss", ""): after, ("f", ""): (YEARS - 1) * (FIRMS - 1) * (before - after) / after}
    found |= {("coef", name): value for name, value in coef.items()} | {("se", name): value for name, value in se.items()}
    return found | {("coef", "q3"): coef["q3"] / 1000}  # its q3 is q^3 over 1000


def write_data(source: Path, folder: Path) -> None:
    """The article's rows, 1974 to 1987: investment, and last year's other three."""
    values = np.loadtxt(source).reshape(FIRMS, YEARS, 4)
    lines = ["firm,year,i,q,cash,d"]
    for firm in range(FIRMS):
        for t in range(1, YEARS):
            row = (values[firm, t, 0], *values[firm, t - 1, 1:])
            lines.append(f"f{firm + 1},{1973 + t}," + ",".join(repr(float(v)) for v in row))
    (folder / "invest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")


def within_the_print(value: float, text: str) -> bool:
    return abs(value - float(text)) <= 0.5001 * 10.0 ** -len(text.partition(".")[2])


def said(title: str, printed: Mapping[tuple[str, ...], str], found: Mapping[tuple[str, ...], float]) -> None:
    same = {key: within_the_print(found[key], text) for key, text in printed.items()}
    print(f"{title}: {sum(same.values())} of {len(same)} numbers to the last digit printed")
    for key in (k for k, ok in same.items() if not ok):
        print(f"  {' of '.join(k for k in key if k)}: {printed[key]} printed, {found[key]:.8g} here")


def main(source: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        write_data(source, Path(folder))
        parts = {name.split(".")[1]: part for name, part in ANALYSIS.parts(load_study(Path(folder)))}
        shown = printed(hansen(parts["program"]))
        found = {(quantity, term): v for quantity, terms in shown.items() for term, v in terms.items()}
        said("his program", PROGRAM, found)
        said("the article", ARTICLE, found)
        said("xthreg, at its threshold", XTHREG, of_xthreg(parts["all_rows"]))
    return int(not all(within_the_print(found[key], text) for key, text in {**PROGRAM, **ARTICLE}.items()))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
