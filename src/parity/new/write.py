"""Write the folder of a new study: the data, `study.toml` with comments, the schema for editors."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from parity.base.errors import InputError, Problem
from parity.base.printing import printing
from parity.data.marks import marks_of
from parity.data.yearbook import read_sheets
from parity.new.checks import Finding, check_panel, check_table
from parity.new.guess import Panel, first_spec, guess_panel
from parity.new.reading import Source, frame_of, read_source
from parity.report.chinese import told_in
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study
from parity.study.words_of_tables import Language

SCHEMA = "study.schema.json"


@dataclass(frozen=True)
class Written:
    """What was made: the folder, what was found in the data, what was converted."""

    folder: Path
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def new_study(name: str, data: Path, unit: str | None = None, time: str | None = None, language: Language = "en") -> Written:
    """Make the folder `name` from a data file; language: of its comments, and of its tables. Nothing is left behind where
    that fails. Raises `InputError`."""
    folder = Path(name)
    if not folder.name.strip(". "):
        raise InputError.at(name, "", "a study needs the name of a new folder")
    if folder.exists():
        raise InputError.at(name, "", "there is a file or folder of this name already; choose another name")
    source = read_source(data)
    parent = folder.parent
    if not parent.is_dir():
        raise InputError.at(str(parent), "", "there is no such folder to make the study in")
    made = Path(tempfile.mkdtemp(prefix=".parity-", dir=parent))
    try:
        made.chmod(0o755)
        (made / source.name).write_bytes(source.content)
        findings, text = _described(made, folder.name, data, source, (unit, time), language)
        (made / "study.toml").write_text(text, encoding="utf-8")
        _write_schema(made)
        made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return Written(folder, tuple(findings), source.notes)


def _described(
    made: Path, name: str, data: Path, source: Source, columns: tuple[str | None, str | None], language: Language
) -> tuple[list[Finding], str]:
    said: list[str] = []
    unit, time = columns
    try:
        if source.layout == "sheets":
            unit, time = unit or "地区", time or "年份"
            frame, report = read_sheets(made / source.name, unit, time)
            said = report.lines()
        else:
            frame = frame_of(source, made)
    except InputError as error:  # the copy's name means nothing to the user
        raise InputError([Problem(str(data), p.key if source.layout == "sheets" else "", p.message)
                          for p in error.problems[: None if source.layout == "sheets" else 1]]) from None  # fmt: skip
    for key, column in (("--unit", unit), ("--time", time)):
        if column is not None and column not in frame:
            raise InputError.at(key, "", f"there is no column `{column}`; columns: {', '.join(map(str, list(frame)[:12]))}")
    panel = guess_panel(frame, unit, time)
    if unit and time:
        wrong = [f.text for f in check_panel(frame, unit, time) if f.level == "wrong"]
        if wrong:
            raise InputError.at(str(data), f"{unit}, {time}", wrong[0])
    findings = [*check_table(frame), *check_panel(frame, panel.unit, panel.time)]
    findings += [Finding("note", note) for note in (*said, *marks_of(frame).notes)]
    if panel.repeated:
        repeated = [f.text for f in check_panel(frame, *panel.repeated) if f.level == "wrong"]
        findings += [Finding("note", f"{text}, so no panel is declared") for text in repeated]
    header = Header(
        title=name,
        data=source.name,
        unit=panel.unit,
        time=panel.time,
        encoding=source.encoding,
        layout=source.layout,
        language=language,
    )
    study = Study(folder=made, header=header, derive={}, specs=(), published=())
    spec = first_spec(study, frame)
    if spec is None:
        raise InputError.at(str(data), "", _why_none(frame))
    return findings, _toml(study, spec, panel, [f.text for f in findings], data.name)


def _why_none(frame) -> str:
    import pandas as pd

    numbers = [c for c in frame if pd.api.types.is_numeric_dtype(frame[c])]
    if len(frame.columns) == 1:
        return f"one column only, `{frame.columns[0]}`; a regression needs two"
    if len(numbers) < 2:
        had = f"only `{numbers[0]}` holds numbers" if numbers else "no column holds numbers"
        return f"{had}; a regression needs an outcome and a regressor"
    return f"no regression among {len(numbers)} columns of numbers can be estimated on {len(frame):,} rows"


def _write_schema(folder: Path) -> None:
    from parity.new.schemas import schemas, text

    (folder / SCHEMA).write_text(text(schemas()["study"]), encoding="utf-8")


def _quoted(text: str) -> str:
    """A TOML string; JSON's escapes are TOML's, but for the one character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(study: Study, spec: Spec, panel: Panel, found: list[str], origin: str) -> str:
    header = study.header
    told = told_in(header.language)

    def note(text: str) -> str:
        return f"# {_comment(told(text))}"

    lines = [
        f"#:schema ./{SCHEMA}",
        note(f"Made by `parity new` from {_comment(origin)}. What it found:"),
        *(f"#   {_comment(told(text))}" for text in found),
        note("Every guess below is yours to change; the format is described in docs/adding-a-study.md."),
        "",
        "[study]",
        f"title = {_quoted(header.title)}",
        f"data = {_quoted(header.data)}",
    ]
    if header.language != "en":
        lines.append(f'language = "{header.language}"   {note("of the words in tables")}')
    if header.encoding != "utf-8":
        lines.append(f"encoding = {_quoted(header.encoding)}")
    if header.layout != "rows":
        lines.append(f'layout = "{header.layout}"                 {note("a sheet an indicator, or a year")}')
        lines += [
            f"unit = {_quoted(str(panel.unit))}   {note('a name of yours: the sheets have none')}",
            f"time = {_quoted(str(panel.time))}",
        ]
    elif panel.unit and panel.time:
        lines += [f"unit = {_quoted(panel.unit)}   {note('guessed: with time it names each row once')}",
                  f"time = {_quoted(panel.time)}"]  # fmt: skip
    else:
        pair = panel.repeated or ("firm", "year")
        why = "some rows share both" if panel.repeated else "no pair of columns names each row once"
        lines += [f"# unit = {_quoted(pair[0])}   {note(f'not declared: {why}')}", f"# time = {_quoted(pair[1])}"]
    lines += [
        "",
        f"# [derive]                       {note('columns of your own')}",
        '# log_y = "log(y)"',
        "",
        f"[spec.{spec.id}]",
        f"title = {_quoted(told('A first regression, to see the engines agree; put yours here'))}",
        "formula = " + _quoted(str(spec.formula)),
        f"vcov = {_vcov(spec)}   {note(_other_vcov(spec))}",
        f'convention = "{spec.convention.profile}"   {note(_PROFILES)}',
        "",
        f"# [[published]]                  {note('a printed number to hold the estimate against')}",
        f'# spec = "{spec.id}"',
        f"# term = {_quoted(str(spec.formula.exog[0]))}",
        '# estimate = "0.352***"',
        '# parentheses = "(0.048)"',
        f"# source = {_quoted(told('table 2, column 4'))}",
    ]
    return "\n".join(lines) + "\n"


_PROFILES = "whose small-sample rules: fixest, reghdfe, xtreg, areg, plm, ..."


def _vcov(spec: Spec) -> str:
    if not spec.vcov.cluster:
        return f'"{spec.vcov.kind}"'
    return f"{{ cluster = [{', '.join(map(_quoted, spec.vcov.cluster))}] }}"


def _other_vcov(spec: Spec) -> str:
    return 'or "HC1", "iid"' if spec.vcov.cluster else "or { cluster = [...] }"


def _comment(text: str) -> str:
    return printing(text, keep="")
