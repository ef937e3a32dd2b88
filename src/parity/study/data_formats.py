"""Forms that a data file may come in, each declared once: its ending, how scripts read it, and what reads it again in R.

A new one is a line of `FORMATS` and a function in `parity.data.read`; where R reads it again, a function in
`r_scripts/sample/read.R`, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DataFormat:
    """ending   of the file's name, in lower case
    python, r, stata   what a script types to read `path`; {missing} and {encoding} stand for the study's options
    cells    whether values are cells of text below a header, some of whose words are taken for missing; else they are typed
    again    R's package that reads it a second time, "R" for R itself; empty where nothing does
    refused  why a script in Stata can't read it
    """

    ending: str
    python: str
    r: str
    stata: str
    cells: bool = False
    again: str = ""
    refused: str = ""


FORMATS: dict[str, DataFormat] = {
    form.ending: form
    for form in (
        DataFormat(".csv", "pd.read_csv(path, {missing}{encoding})",
                   "read.csv(path, fileEncoding = {encoding}, check.names = FALSE, na.strings = {missing})",
                   'import delimited {path}, clear varnames(1) case(preserve) asdouble encoding("{encoding}")',
                   cells=True, again="R"),
        DataFormat(".parquet", "pd.read_parquet(path)", "as.data.frame(arrow::read_parquet(path))", "",
                   refused="Stata reads no Parquet; save the data as CSV or .dta first"),
        DataFormat(".dta", "pd.read_stata(path, convert_categoricals=False)",
                   "as.data.frame(haven::zap_formats(haven::zap_labels(haven::read_dta(path))))", "use {path}, clear",
                   again="haven"),
        DataFormat(".xlsx", "pd.read_excel(path, {missing})",
                   "as.data.frame(readxl::read_excel(path, na = {missing}))", "import excel {path}, firstrow clear",
                   cells=True, again="readxl"),
    )
}  # fmt: skip


def parquet_files(path: Path) -> list[Path]:
    """Files of a folder of Parquet, in the order of their names; those that begin with `.` or `_`, or are in a folder that
    does, are copies, checkpoints or lists of others, as readers of such folders have it. A file is its own."""
    if not path.is_dir():
        return [path]
    found = ((file, file.relative_to(path).parts) for file in path.rglob("*.parquet"))
    return sorted(file for file, parts in found if not any(part.startswith((".", "_")) for part in parts))
