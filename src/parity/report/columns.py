"""What a study's data hold and what is made of them: text for a terminal, CSV for scripts."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from parity.data.derive.index import IndexScores

#: Sets of weights shown; an index by year has one for each.
MOST_SETS = 1


def columns_text(study: Study) -> str:
    """Names matched in a workbook, rows and columns, missing values, each index with its weights and notes."""
    from parity.data.derive.study_columns import add_columns
    from parity.data.load import load, read_study_frame

    raw = read_study_frame(study)
    made = add_columns(study, raw.copy())
    said = load(study, raw.copy()).notes
    lines = [f"{study.header.data}: {len(raw)} rows, {len(raw.columns)} columns"]
    if study.header.made:
        lines.append("The data are made, not observed.")
    if study.header.layout == "sheets":
        from parity.data.yearbook import read_sheets

        lines += read_sheets(study.data_path, str(study.header.unit), str(study.header.time))[1].lines()
    lines += [note for note in said if note not in lines]
    lines += _missing(raw, list(raw.columns), "of the data")
    lines += _missing(made.frame, list(study.derive), "derived")
    for name, index in study.index.items():
        lines += ["", *_index(name, made.indices[name, ""])]
        for variant in index.variants:
            new = [n for n in made.indices[name, variant].notes if n not in made.indices[name, ""].notes]
            lines += [f"  {variant}: {note}" for note in new]
    return "\n".join(lines) + "\n"


def _missing(frame: pd.DataFrame, names: list[str], what: str) -> list[str]:
    lost = {name: int(frame[name].isna().sum()) for name in names if frame[name].isna().any()}
    return [f"missing values in columns {what}: " + ", ".join(f"{n} {k}" for n, k in lost.items())] if lost else []


def _index(name: str, made: IndexScores) -> list[str]:
    known = made.scores[made.scores == made.scores]
    lines = [f"{name}: {len(known)} scores from {known.min():.4f} to {known.max():.4f}"]
    for label, weights in list(made.weights.items())[:MOST_SETS]:
        entropies = made.entropies.get(label, {})
        rows = [(n, f"{w:.4f}", f"{entropies[n]:.4f}" if n in entropies else "") for n, w in weights.items()]
        head = ("indicator", f"weight{f' of {label}' if label else ''}", "entropy")
        lines += tabulate(rows, headers=head, disable_numparse=True, colalign=("left", "right", "right")).splitlines()
    return lines + [f"  {note}" for note in made.notes]


def columns_csv(study: Study, *, everything: bool = False) -> str:
    """The columns that specs read (or all), derived ones and scores among them, every digit."""
    from parity.data.load import load_frame

    frame = load_frame(study)
    keys = [k for k in (study.header.unit, study.header.time) if k]
    read = {c for spec in study.specs for c in spec.columns()}
    names = [c for c in frame.columns if everything or c in keys or c in read]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    columns = [frame[name].tolist() for name in names]
    writer.writerows([_cell(v) for v in row] for row in zip(*columns, strict=True))
    return out.getvalue()


def _cell(value: Any) -> Any:
    if value is None or value != value:
        return ""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
