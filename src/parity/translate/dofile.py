"""A do-file read whole: what it runs, its estimations in every language, what was found; and as folders of studies."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from textwrap import wrap
from typing import Any

from parity.base.printing import one_line
from parity.stata import dta
from parity.stata.do import run_do
from parity.stata.estimates.resolved import told
from parity.stata.results import Fit
from parity.stata.session import Session
from parity.stata_language import drawn
from parity.stata_language.dataset import Column, DataProblem, Dataset, Panel
from parity.stata_language.request import Declined, Request
from parity.stata_language.spec import written
from parity.stata_language.transformed import why_made
from parity.translate import after
from parity.translate.digits import loses_digits
from parity.translate.nested import without_redundant
from parity.translate.page import Translation, toml, toml_lines, translation


@dataclass(frozen=True)
class Read:
    """What came of a do-file."""

    session: Session
    translations: tuple[Translation, ...]

    @property
    def counts(self) -> Counter:
        """Statements by what became of them: run, finding, lost."""
        return Counter(done.status for done in self.session.done)


def read(text: str, file: str, folder: Path, *, seconds: float = 600.0) -> Read:
    """Run a do-file's data steps on the data of `folder`; nothing outside it is read, nothing inside is written."""
    session = run_do(text, folder, file=file, seconds=seconds).session
    found = [
        translation(
            fit.command.text,
            fit.line,
            fit.request,
            fit.data.panel,
            fit.declined,
            short=without_redundant(fit),
            exact=loses_digits(fit),
        )
        for fit in session.fits
    ]
    return Read(session, tuple(found))


def write_studies(fits: list[Fit], folder: Path, title: str) -> list[Path]:
    """A study for each data set that the fits use: its columns as .dta, a spec a fit. Returns the folders written."""
    by_data: dict[int, list[Fit]] = {}
    for fit in fits:
        if fit.request is not None:
            by_data.setdefault(id(fit.data.columns), []).append(fit)
    written_folders = []
    names = _folder_names([group[0].data for group in by_data.values()])
    for name, group in zip(names, by_data.values(), strict=True):
        target = folder if len(by_data) == 1 else folder / name
        target.mkdir(parents=True, exist_ok=True)
        held = specs_of(group)
        if not held.columns:
            continue
        data = group[0].data
        panel = data.panel
        kept = {n: data[n] for n in dict.fromkeys([*(n for n in (panel.unit, panel.time) if n), *held.columns])
                if n in data.columns}  # fmt: skip
        made = {n: c for n, c in held.columns.items() if c is not None}
        dta.write(Dataset({**kept, **made}, data.rows), target / "data.dta")
        (target / "study.toml").write_text(held.toml(title, "data.dta", panel), encoding="utf-8")
        written_folders.append(target)
    return written_folders


def _folder_names(data: list[Dataset]) -> list[str]:
    """A name for each data set: that of the file it began with; `_2` behind it where others are of the same."""
    out: list[str] = []
    for one in data:
        stem = re.sub(r"\W+", "_", PurePosixPath(one.path.replace("\\", "/")).stem).strip("_") or "data"
        n = sum(name == stem or (name.startswith(f"{stem}_") and name[len(stem) + 1 :].isdigit()) for name in out)
        out.append(f"{stem}_{n + 1}" if n else stem)
    return out


@dataclass
class Specs:
    """Fits as specs of one study. columns: those they need, with their values where they must be made; labels: what a made
    column is in Stata's words."""

    lines: list[str] = field(default_factory=list)
    columns: dict[str, Column | None] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def name(self, stata: str) -> str:
        """A name for a made column that a .dta can hold: `2.region#c.x` -> `_2_region_c_x`."""
        plain = re.sub(r"\W+", "_", stata).strip("_")[:28]
        plain = plain if not plain[:1].isdigit() else f"_{plain}"
        name, n = plain, 1
        while self.labels.get(name, stata) != stata:
            n += 1
            name = f"{plain}_{n}"
        return name

    def toml(self, title: str, data: str, panel: Panel) -> str:
        """The whole study.toml."""
        head = ["[study]", f"title = {toml(title)}", f"data = {toml(data)}"]
        head += [f"unit = {toml(panel.unit)}"] if panel.unit else []
        head += [f"time = {toml(panel.time)}"] if panel.time else []
        labels = [f"{toml(name)} = {toml(said)}" for name, said in self.labels.items()]
        return "\n".join([*head, "", *(["[labels]", *labels, ""] if labels else []), *self.lines]) + "\n"


def specs_of(fits: list[Fit]) -> Specs:
    """Lines of the specs, and the columns they need; what the grammar lacks becomes a column."""
    held = Specs()
    for i, fit in enumerate(fits, 1):
        try:
            keys = _keys(fit, i, held)
        except (Declined, DataProblem) as error:
            said = one_line(fit.command.text[:100])
            held.lines += [f"# line {fit.line}: {said}", f"# no spec: {one_line(str(error))}", ""]
            continue
        held.lines += [f"# in doubt: {one_line(doubt)}" for doubt in sorted(fit.doubts)]
        said = fit.command.text[:100].replace("\\", "/").replace('"', "'")
        if fit.request.drawn:
            held.lines.append(f"# {drawn.said(fit.request.command)}")
            own = f"the standard errors are {fit.request.command}'s without the {fit.request.drawn}"
            said = f"{said} (its coefficients; {own})"
        held.lines += [*toml_lines(_name(fit, i, fits), {"title": said, **keys}), ""]
    return held


def _keys(fit: Fit, i: int, held: Specs) -> dict[str, Any]:
    """In the grammar's words where it has them. Raises `Declined`, `DataProblem`."""
    asked: Request = fit.request
    stepped = fit.data.panel.delta != 1
    if stepped and asked.kind in ("NW", "DK"):
        raise Declined(f"autocovariances over periods of {fit.data.panel.delta:g} need [study] time_step")
    if stepped and _operated(asked):
        return _in_columns(fit, i, held)
    try:
        spec = written(asked)
    except Declined as error:
        why = str(error)
    else:
        held.columns |= dict.fromkeys(spec.columns)
        if asked.condition:
            held.columns |= dict.fromkeys(_named(asked.condition, fit.data))
        return spec.keys
    try:
        spec = written(replace(asked, condition=None, rows=None))
        keys = dict(spec.keys)
        held.columns |= dict.fromkeys(spec.columns)
    except Declined:
        keys = _in_columns(fit, i, held)
    else:
        keys = _sampled(keys, fit, i, held)
    held.lines.append(f"# in columns made for it: {one_line(why)}")
    return keys


def _operated(asked: Request) -> bool:
    """Whether a request looks at other periods; what a lag is hangs on the step between periods, which no spec says."""
    terms = (asked.outcome, *asked.regressors, *asked.endogenous, *asked.instruments)
    return any(f.operator for t in terms for f in t.factors) or bool(
        re.search(r"\b[LFDS]\d*\.", asked.condition or "", re.I)
    )


def _in_columns(fit: Fit, i: int, held: Specs) -> dict[str, Any]:
    """Every coefficient a column. Raises `Declined`, `DataProblem`."""
    assert fit.request is not None
    # columns that hang on the sample are others for each command
    own = fit.request.command == "total" or bool(why_made(fit.request))
    told_ = told(fit.request, fit.data, fit.used, fit.weights, lambda name: held.name(f"{name}, {i}" if own else name))
    if told_.blocks > 1:
        raise Declined("several variables one below the other are no columns of these rows: write a command for each")
    for name, values in told_.columns.items():
        held.columns[name] = Column(values, "double") if name in told_.made else held.columns.get(name)
    held.labels |= told_.made
    return _sampled(dict(told_.keys), fit, i, held)


def _sampled(keys: dict[str, Any], fit: Fit, i: int, held: Specs) -> dict[str, Any]:
    if not fit.used.all():
        name = f"sample_{i}"
        held.columns[name] = Column(fit.used.astype(float), "byte")
        keys["where"] = f"{name} == 1"
    return keys


def _name(fit: Fit, i: int, fits: list[Fit]) -> str:
    """The name it was stored under, where no other fit has it; else its line."""
    alone = [f.name for f in fits].count(fit.name) == 1
    return fit.name if fit.name and alone else f"line_{fit.line}_{i}"


def _named(condition: str, data: Dataset) -> list[str]:
    return [w for w in re.findall(r"[^\W\d]\w*", condition) if w in data.columns]


#: Statements without their data that a summary names.
_LOST = 12


#: Findings that taint no data but say that an estimation isn't what its line asks for, or isn't there.
_OF_ESTIMATIONS = ("undefined-macro", "not-estimated")


def untrusted(found: Read) -> bool:
    """Whether something can't be trusted: data, or an estimation whose macro is empty or that has no estimate."""
    lines = {(fit.file, fit.line) for fit in found.session.fits}
    return any(f.taints or (f.id in _OF_ESTIMATIONS and (f.file, f.line) in lines) for f in found.session.findings)


def summary(found: Read) -> str:
    """What was run and found, in a few lines."""
    session, counts = found.session, found.counts
    declined = sum(1 for fit in session.fits if fit.request is None)
    out = [
        f"{sum(counts.values())} statements: {counts['run']} run, {counts['finding']} not, "
        f"{counts['lost']} without their data.",
        f"{len(session.fits)} estimations, {len(session.fits) - declined} of them specs or columns of specs.",
    ]  # fmt: skip
    if session.findings:
        out += ["", "found:"]
        said = (f"{f.file}:{f.line} {f.id}: {f.text}" for f in session.findings)
        out += [line for text in said for line in wrap(text, 80, initial_indent="  ", subsequent_indent="    ")]
    if windows := list(after.lines(session)):
        out += ["", "after the estimations:", *windows]
    lost = list(dict.fromkeys(f"{d.file}:{d.line} {d.text or d.name}" for d in session.done if d.status == "lost"))
    if lost:
        out += ["", "without their data:"]
        out += [line for text in lost[:_LOST] for line in wrap(text, 80, initial_indent="  ", subsequent_indent="    ")]
        if len(lost) > _LOST:
            out.append(f"  and {len(lost) - _LOST:,} more")
    return "\n".join(out) + "\n"
