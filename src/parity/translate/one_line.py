"""One Stata command on a data file, as a study: what `parity run --stata` runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from parity.base.errors import InputError, suggest
from parity.stata import dta
from parity.stata.files import Files
from parity.stata.interpreter import Interpreter
from parity.stata.session import Session
from parity.stata_language.command import SyntaxProblem, read
from parity.stata_language.dataset import Column, Dataset, Panel, text_kind
from parity.stata_language.other_models import OTHER_MODELS, without_engine
from parity.stata_language.reading import READERS
from parity.study.load import load_study
from parity.study.study import Study
from parity.translate.dofile import specs_of

#: What its problems are reported at.
WHERE = "--stata"


def one_line(
    text: str, data: Path, into: Path, unit: str = "", time: str = "", warn: Callable[[str], None] = lambda text: None
) -> Study:
    """The study of one command, written below `into`, a folder of its own. Raises `InputError` in Stata's words.

    Names may be abbreviated, and wildcards and factor variables used, since the data are there. The data are linked; they
    are written anew where the command needs columns that they haven't. warn: is told of names that were taken for others
    and of what surprises in the command.
    """
    frame_data = dataset_of(data)
    for name, option in ((unit, "--panel"), (time, "--time")):
        if name and name not in frame_data.columns:
            raise InputError.at(option, "", f"variable {name} not found{suggest(name, frame_data.columns)}; r(111)")
    _check_command(text)
    if not unit and not time and data.suffix.lower() == ".dta":
        kept = dta.read(data).panel
        unit, time = kept.unit, kept.time if kept.delta == 1.0 else ""  # a study's lags go one period back
        if kept.unit and ("xt" in text.split()[0] or "." in text):
            warn(f"the panel is the one that {data.name} was saved with: {' '.join(filter(None, (unit, time)))}")
    frame_data = Dataset(frame_data.columns, frame_data.rows, panel=Panel(unit, time))
    scratch = into / "scratch"
    scratch.mkdir(parents=True)
    session = Session(Files(scratch, scratch), data=frame_data)
    Interpreter(session, seconds=60).run_text(text, WHERE)
    wrong = [f for f in session.findings if f.id not in ("trap", "abbreviated-name")]
    if wrong or not session.fits:
        said = "; ".join(dict.fromkeys(f.text for f in wrong)) or "nothing in it is estimated"
        raise InputError.at(WHERE, text[:60], _hinted(said, unit))
    for text_of in dict.fromkeys(f.text for f in session.findings):
        warn(text_of)
    held = specs_of(session.fits)
    folder = into / (data.stem or "data")
    folder.mkdir(parents=True)
    made = {n: c for n, c in held.columns.items() if c is not None}
    name = data.name
    if made:
        kept = {n: frame_data[n] for n in (*(n for n in (unit, time) if n), *(n for n in held.columns if n not in made))}
        name = "data.dta"
        dta.write(Dataset({**kept, **made}, frame_data.rows), folder / name)
    else:
        _linked(data, folder / name)
    if not any(line.startswith("[spec.") for line in held.lines):
        reason = next((line.removeprefix("# no spec: ") for line in held.lines if line.startswith("# no spec")), "no spec")
        raise InputError.at(WHERE, text[:60], reason)
    (folder / "study.toml").write_text(held.toml(_title(text), name, Panel(unit, time)), encoding="utf-8")
    return load_study(folder)


def _title(text: str) -> str:
    return " ".join(text.split())[:100].replace("\\", "/").replace('"', "'")


def _check_command(text: str) -> None:
    if "`" in text or "$" in text:
        raise InputError.at(WHERE, text[:60], "a command without macros is needed; `parity translate FILE.do` expands them")
    try:
        name = read(text).name
    except SyntaxProblem as error:
        raise InputError.at(WHERE, text[:60], f"{error}; r(198)") from None
    if name in OTHER_MODELS:
        raise InputError.at(WHERE, text[:60], f"{without_engine(name)}; known: {', '.join(READERS)}")
    if name not in READERS:
        near = suggest(name, READERS)
        raise InputError.at(WHERE, text[:60], f"command {name} is unrecognized as an estimation{near}; r(199)")


def _hinted(said: str, unit: str) -> str:
    if "panel variable not set" in said and not unit:
        return f"{said}: give --panel UNIT and --time TIME"
    if "time variable not set" in said:
        return f"{said}: give --time TIME"
    return said


def dataset_of(path: Path) -> Dataset:
    """A data file that parity reads, as Stata would hold it with doubles. Raises `InputError`."""
    from parity.data.load import read_frame
    from parity.study.header import DATA_FORMATS

    if not path.is_file():
        raise InputError.at("--data", "", f"file {path} not found; r(601)")
    if path.suffix.lower() not in DATA_FORMATS:
        raise InputError.at("--data", "", f"`{path.name}` is none of {', '.join(DATA_FORMATS)}")
    frame = read_frame(path)
    columns = {}
    for name in frame.columns:
        series = frame[name]
        if series.dtype.kind in "biuf":
            columns[str(name)] = Column(series.to_numpy(dtype=float, na_value=np.nan), "double")
        else:
            texts = np.array(["" if v is None or v != v else str(v) for v in series.astype(object)], dtype=object)
            columns[str(name)] = Column(texts, text_kind(texts))
    return Dataset(columns, len(frame))


def _linked(source: Path, target: Path) -> None:
    """The same file under another name; a copy where the two stand on different disks. A study reads no symbolic link."""
    try:
        os.link(os.path.realpath(source), target)
    except OSError:
        shutil.copyfile(source, target)
