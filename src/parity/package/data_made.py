"""Data that the run takes from the package though code of it would make them: an altered copy may lie there.

Where nothing calls the do-file that makes them it is run last, and what it makes is compared.
A line that isn't reached is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from parity.package.document import FindingOf
from parity.stata.do import DoResult
from parity.stata.source import statements
from parity.stata_language.dataset import Dataset

_SAVES = re.compile(
    r"""(?:(?:qui|cap|noi)\w*+\s++)*+(?:save|saveold|export\s++delimited\s++(?:using\s++)?|outsheet\s++using)\s++"?([^",]++)"""
)
#: Shares of themselves by which values of two storage types may differ.
_ALIKE = 1e-6


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
            said = ""
            if (path, line) not in ran:
                said = f"it would make {data}, which the run takes as the package has it: the run doesn't reach this line"
            elif not own and (other := _differing(folder, data, done)):
                said = f"it makes {data} with other values of {other} than the package has, which the run took before"
            if said:
                yield FindingOf(id="data-not-made", file=path, line=line, text=said)


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
    off = [n for n in a.columns if n in b.columns and not _alike(a, b, n)]
    return ", ".join(off[:4]) + ", ..." * (len(off) > 4)


def _alike(a: Dataset, b: Dataset, name: str) -> bool:
    """Whether a column has the same values, in whatever order its rows are."""
    x, y = a[name], b[name]
    if x.text or y.text:
        return x.text == y.text and sorted(map(str, x.values)) == sorted(map(str, y.values))
    return bool(np.allclose(np.sort(x.values), np.sort(y.values), rtol=_ALIKE, atol=0.0, equal_nan=True))
