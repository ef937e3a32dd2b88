"""Data that the run takes from the package though code of it would make them: an altered copy may lie there.

Where nothing calls the do-file that makes them it is run last, and what it makes is compared.
A line that isn't reached is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from parity.base.tolerance import MADE_OF_FLOATS
from parity.package.document import FindingOf
from parity.stata.do import DoResult
from parity.stata.source import statements
from parity.stata_language.dataset import Column, Dataset
from parity.stata_language.values import alike

_SAVES = re.compile(
    r"""(?:(?:qui|cap|noi)\w*+\s++)*+(?:save|saveold|export\s++delimited\s++(?:using\s++)?|outsheet\s++using)\s++"?([^",]++)"""
)


#: No run with it is green: the numbers are of data that the package's own code doesn't give.
OTHERWISE = "data-made-otherwise"


def data_not_made(folder: Path, texts: Mapping[str, str], done: DoResult) -> Iterator[FindingOf]:
    """A finding a line that makes data otherwise than the package has them, or that isn't reached."""
    ran = {(s.file, s.line) for s in done.statements}
    names = {path.rsplit("/", 1)[-1].lower(): path for path in done.read.values()}
    for path, text in texts.items():
        held = [(s.line, s.text.strip()) for s in statements(text)]
        for line, statement in held:
            match = _SAVES.match(statement)
            name = match[1].replace("\\", "/").rsplit("/", 1)[-1].strip().lower() if match else ""
            data = names.get(name) or names.get(f"{name}.dta") if name else None
            if data is None:
                continue
            own = any(re.search(rf"\b{re.escape(name.removesuffix('.dta'))}\b", s.lower()) for n, s in held if n != line)
            said, id = "", "data-not-made"
            if (path, line) not in ran:
                said = f"it would make {data}, which the run takes as the package has it: the run doesn't reach this line"
            elif not own and (other := _differing(folder, data, done)):
                id = OTHERWISE
                said = f"it makes {data} with other values of {other} than the package has, which the run took before"
            if said:
                yield FindingOf(id=id, file=path, line=line, text=said)


def _differing(folder: Path, path: str, done: DoResult) -> str:
    """Columns in which the package's data set isn't what the run itself saved under its name; "" where none, or in doubt."""
    saved = {Path(k).resolve(): v for k, v in done.session.saved.items()}
    here, name = (folder / path).resolve(), Path(path).name
    made = [v for k, v in saved.items() if k.name == name and folder.resolve() not in k.parents]
    if here not in saved or len(made) != 1 or made[0].doubts or saved[here].doubts:
        return ""
    a, b = saved[here], made[0]
    if a.rows != b.rows:
        return f"all columns ({a.rows} rows, {b.rows} made)"
    shared = [n for n in a.columns if n in b.columns and not (a[n].doubts or b[n].doubts)]
    off = [n for n in shared if not alike(*(_sorted(d[n]) for d in (a, b)))]
    if not off:
        off = _elsewhere(a, b, shared)
    return ", ".join(off[:4]) + ", ..." * (len(off) > 4)


def _elsewhere(a: Dataset, b: Dataset, names: Sequence[str]) -> list[str]:
    """Columns with the same values in other rows: beside a column that tells all rows apart, of which the one that leaves
    the fewest; none where no column does."""
    found: list[list[str]] = []
    for key in names:
        if not _apart(_sorted(a[key])):
            continue
        orders = [np.argsort(d[key].values, kind="stable") for d in (a, b)]
        found.append([n for n in names if not alike(*(d[n].values[o] for d, o in zip((a, b), orders, strict=True)))])
        if not found[-1]:
            break
    return min(found, key=len, default=[])


def _sorted(column: Column) -> np.ndarray:
    return np.sort(column.values)


def _apart(values: np.ndarray) -> bool:
    """Whether values in order are all there, and further apart than two storage types take them."""
    if values.dtype == object:
        return "" not in values and len(np.unique(values)) == len(values)
    return bool(np.all(np.diff(values) > 10 * MADE_OF_FLOATS * np.abs(values[1:])) and np.isfinite(values).all())
