"""parity new."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from parity.base.errors import InputError
from parity.cli.common import language_option, say, told, write


@click.command()
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--data", metavar="FILE", help="CSV, .tsv, Parquet, Stata .dta or Excel.")
@click.option("--unit", metavar="COLUMN", help="The panel's unit, if the guess is wrong.")
@click.option("--time", metavar="COLUMN", help="The panel's time, if the guess is wrong.")
@click.option("--audit", metavar="STUDY", help="Propose [audit.NAME] of the spec NAME of a study; default its first.")
@click.option("--without", multiple=True, metavar="KEY", help="A choice that stays out of the audit (repeatable).")
@click.option("--write", "append", is_flag=True, help="Append the audit to study.toml instead of printing it.")
@language_option
def new(name, data, unit, time, audit, without, append, language) -> None:
    """Make the folder NAME from a data file: checks, and a commented study.toml that runs.

    With --audit, propose the audit of a spec, each choice with its reason.
    """
    if audit is not None:
        if data or unit or time:
            raise InputError.at("--audit", "", "it goes with neither --data, --unit nor --time: the study has them")
        _audit(audit, name, without, append)
        return
    if without or append:
        raise InputError.at("--without" if without else "--write", "", "goes with --audit STUDY")
    if name is None or data is None:
        raise InputError.at("parity new", "", "give NAME and --data FILE, or --audit STUDY")
    from parity.new.write import new_study
    from parity.report.findings import finding_lines

    written = new_study(name, Path(data), unit, time, language)
    lines = [f"{written.folder}/study.toml"]
    lines += [f"  {told(note)}" for note in written.notes]
    say("\n".join([*lines, *finding_lines(written.findings, told)]))
    say("\n" + told(f"Next: parity run {shlex.quote(str(written.folder))}"))


def _audit(path: str, spec: str | None, without: tuple[str, ...], append: bool) -> None:
    from parity.cli.asked import one_study
    from parity.new.audit import propose

    study = one_study(path)
    text = study.file.read_text(encoding="utf-8-sig")
    proposed = propose(study, text, spec, without)
    if not append:
        say(proposed, nl=False)
        return
    write(str(study.file), f"{text.rstrip()}\n\n{proposed}")
    say(told(f"{study.file}: appended") + "\n\n" + told(f"Next: parity audit {shlex.quote(path)}"))
