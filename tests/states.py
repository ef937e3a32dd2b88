"""Data sets that public suites keep after commands, against ours: `PYTHONPATH=tests python -m states FOLDER`.

A do-file that saves a .dta which stands in the package is run; each saved data set is compared with the recorded one: rows,
order of columns, and of every column its storage type and its values. Where ties leave the order of rows open, both sides
are sorted by all columns first. Files that a translation into R wrote (they have a column stata2r...) are no record of
Stata's. Prints what differs, and counts. Nothing of the recorded files is kept.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import numpy as np


def recorded(package: Path, saved: str, scratch: str) -> Path | None:
    """The recorded file that a saved one would be: the longest tail of its path that is there."""
    parts = Path(saved).relative_to(scratch).parts
    for i in range(len(parts)):
        found = package.joinpath(*parts[i:])
        if found.is_file():
            return found
    return None


def rows_of(data) -> np.ndarray:
    """A structured key a row, to sort by where the order is open."""
    keys = [c.values if c.text else np.where(np.isnan(c.values), np.inf, c.values) for c in data.columns.values()]
    return np.lexsort([np.unique(k, return_inverse=True)[1] for k in keys[::-1]]) if keys else np.arange(data.rows)


def differences(ours, theirs, counts) -> dict[str, str]:
    """Column -> what differs, "" where nothing does; under "(rows)" and "(columns)" what the data sets differ in."""
    found = {"(rows)": "" if ours.rows == theirs.rows else f"{ours.rows} rows, recorded {theirs.rows}"}
    same = list(ours.columns) == list(theirs.columns)
    found["(columns)"] = "" if same else f"{list(ours.columns)}, recorded {list(theirs.columns)}"
    if found["(rows)"]:
        return found
    a, b = ours, theirs
    names = [n for n in b.columns if n in a.columns and "random" not in a[n].doubts]
    if set(a.columns) == set(b.columns) and not all(equal(a[n], b[n]) for n in names):
        one, other = (type(a)({n: d.columns[n] for n in names}, d.rows) for d in (a, b))
        one, other = (d.taken(rows_of(d), ordered=False) for d in (one, other))
        if all(equal(one[n], other[n]) for n in names):
            a, b = one, other
    for name, column in b.columns.items():
        if name not in a.columns:
            continue
        mine = a.columns[name]
        if "random" in mine.doubts:  # draws are not reproducible here, and said so
            counts["drawn"] += 1
            continue
        if mine.kind != column.kind:
            found[name] = f"type {mine.kind}, recorded {column.kind}"
        elif not equal(mine, column):
            found[name] = "values differ"
        else:
            found[name] = ""
    return found


def equal(a, b) -> bool:
    if a.text != b.text:
        return False
    if a.text:
        return bool(np.array_equal(a.values, b.values))
    return bool(np.array_equal(a.values, b.values, equal_nan=True))


def main() -> int:
    from corpus import do_files
    from parity.stata import dta
    from parity.stata.do import run_do
    from parity.stata_language.dataset import DataProblem

    parser = argparse.ArgumentParser(prog="states", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="list every difference")
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for file in do_files(given.folder):
        package = file.parent
        text = file.read_bytes()
        if b"save" not in text and b"sa " not in text:
            continue
        result = run_do(file, package, seconds=60)
        session = result.session
        for saved, data in session.saved.items():
            if not saved.startswith(str(session.files.scratch)):
                continue
            path = recorded(package, saved, str(session.files.scratch))
            if path is None:
                continue
            try:
                theirs = dta.read(path)
            except DataProblem:
                continue
            if any(name.startswith("stata2r") for name in theirs.columns):
                continue
            found = differences(data, theirs, counts)
            counts["states"] += 1
            counts["states alike"] += not any(found.values())
            for name, said in found.items():
                counts["compared"] += 1
                counts["alike"] += not said
                if said:
                    kinds[said.split(",")[0] if said.startswith(("type", "values")) else name] += 1
                    if given.all:
                        print(f"{path.relative_to(given.folder)}: {name}: {said}")
    print(f"{counts['drawn']} columns of draws are left out")
    print(f"{counts['states']} states, {counts['states alike']} alike in everything; "
          f"{counts['compared']:,} columns and shapes compared, {counts['alike']:,} alike "
          f"({100 * counts['alike'] / max(counts['compared'], 1):.1f} %)")  # fmt: skip
    for said, n in kinds.most_common(12):
        print(f"{n:>6}  {said}")
    return 0 if counts["states"] else 1


if __name__ == "__main__":
    sys.exit(main())
