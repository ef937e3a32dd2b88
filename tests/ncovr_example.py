"""spreg's own example of spatial panels, homicides in 3,085 US counties: parity's numbers beside those that its tests hold.

    PYTHONPATH=tests python -m ncovr_example PySAL-1.14.4.post2.tar.gz

The archive is the source of PySAL 1.14.4 (BSD-3, Python's package `pysal`), whose examples have the counties (NAT.dbf) and
who borders on whom (nat_queen.gal); they are not part of parity. LAG and ERROR are what spreg's tests expect of
`Panel_FE_Lag` and `Panel_FE_Error` (spreg/tests/test_panel_fe.py) to a relative 1e-5, its own RTOL: homicide rates of 1970,
1980 and 1990 on RD and PS, with effects of counties. Their likelihood is left out: it is none of a panel's.
"""

from __future__ import annotations

import csv
import struct
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from parity.analyses.spatial.analysis import ANALYSIS, spatial
from parity.study.load import load_study

RTOL = 1e-5
YEARS = ("70", "80", "90")
STUDY = """
[study]
title = "Homicides"
data = "counties.csv"
unit = "county"
time = "year"

[spec.homicides]
formula = "HR ~ RD + PS | county"

[spatial.lag]
spec = "homicides"
weights = "neighbours.csv"
model = "lag"

[spatial.error]
spec = "homicides"
weights = "neighbours.csv"
model = "error"
"""
#: (quantity, term) -> as in the tests.
LAG = {
    ("coef", "RD"): 0.80058859,
    ("coef", "PS"): -2.60035236,
    ("coef", "rho"): 0.19030424,
    ("coef", "sigma2"): 14.93535335,
    ("se", "RD"): 0.16144743,
    ("se", "PS"): 0.49354863,
    ("se", "rho"): 0.01599908,
}
ERROR = {
    ("coef", "RD"): 0.86979232,
    ("coef", "PS"): -2.96606744,
    ("coef", "lambda"): 0.19434604,
    ("coef", "sigma2"): 14.92289858,
    ("se", "RD"): 0.17180294,
    ("se", "PS"): 0.54447834,
    ("se", "lambda"): 0.01602534,
}


def records(dbf: bytes) -> list[dict[str, str]]:
    """The rows of a dBASE file, as texts."""
    count, head, wide = struct.unpack("<IHH", dbf[4:12])
    fields = [
        (at[:11].split(b"\0")[0].decode("ascii"), at[16])
        for at in (dbf[start : start + 32] for start in range(32, head - 31, 32))
    ]
    rows = []
    for i in range(count):
        place, row = head + i * wide + 1, {}
        for name, size in fields:
            row[name] = dbf[place : place + size].decode("latin-1").strip()
            place += size
        rows.append(row)
    return rows


def write_study(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as of:
        names = {Path(name).name: name for name in of.getnames() if "/examples/nat/" in name}
        dbf, gal = (of.extractfile(names[name]).read() for name in ("NAT.dbf", "nat_queen.gal"))
    lines = [["county", "year", "HR", "RD", "PS"]]
    lines += [
        [row["FIPSNO"], f"19{year}", *(row[f"{x}{year}"] for x in ("HR", "RD", "PS"))]
        for row in records(dbf)
        for year in YEARS
    ]
    words = gal.decode("ascii").split("\n")[1:]
    pairs = [
        (head.split()[0], other) for head, others in zip(words[::2], words[1::2], strict=False) for other in others.split()
    ]
    for name, rows in (("counties.csv", lines), ("neighbours.csv", [("county", "neighbour"), *pairs])):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")


def off(held: Mapping[tuple[str, str], float], found: Mapping[str, Mapping[str, float]]) -> dict[tuple[str, str], float]:
    """Relative differences."""
    return {(q, term): abs(found[q][term] / value - 1.0) for (q, term), value in held.items()}


def main(archive: Path) -> int:
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        write_study(archive, Path(folder))
        for name, part in ANALYSIS.parts(load_study(Path(folder))):
            apart = off({"spatial.lag": LAG, "spatial.error": ERROR}[name], spatial(part))
            same = sum(d <= RTOL for d in apart.values())
            print(f"{name}: {len(part.units)} x {len(part.periods)}, {same} of {len(apart)} numbers within {RTOL:g},"
                  f" the farthest {max(apart.values()):.1e}", flush=True)  # fmt: skip
            wrong += len(apart) - same
            for key in (k for k, d in apart.items() if d > RTOL):
                print(f"  {' of '.join(key)}: {apart[key]:.1e} apart")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
